//! A program that shows what frames are: feature `inspect`.
//!
//! The command `ps-inspect` shows frames of every built-in kind (`cargo install --path ps-inspect` in a checkout). A service makes an inspector of its own,
//! which also knows the service's types, in three lines. A type that has `Debug` is printed by it; of another type, the payload is shown:
//!
//! ```no_run
//! use std::process::ExitCode;
//! # mod my_types {}
//! use my_types as _; // the crate of the service's annotated types, which the linker leaves out if nothing names it
//!
//! fn main() -> ExitCode {
//!     ps_serialize::inspect::main()
//! }
//! ```
//!
//! ```sh
//! inspect orders.frame                # one file
//! inspect --json frames/ | jq         # all files in a folder, one JSON object for each frame
//! curl https://… | inspect -          # standard input
//! inspect --head frames/              # what each is, from its first 64 bytes
//! ```
//!
//! The exit status is 0 if everything was read, 1 if something can't be read, and 2 if the arguments are wrong.
//!
//! Only programs whose `ps-serialize` has the feature `inspect` contain the functions that print their types. Leave the feature out
//! of the service itself: give the inspector a package of its own, or a feature with `required-features` on its `[[bin]]`.
//!
//! # Memory
//!
//! Files are mapped into memory, and only the parts that are shown are read. Arrays, tensors, bytes and text are shown from the mapping. For
//! the rest there is a limit of 32 MiB: for the memory of a pickle, for a decompressed frame, for the payload of an annotated type, and
//! for what is read from a pipe. What is larger is no error: the part `not shown` has the limit and the size. The output of `Debug`
//! is cut while it is written.
//!
//! Two kinds of memory have another bound. [`Options::size_limit`] says how much memory the value of an annotated type may take. The
//! list of the files in a PyTorch checkpoint takes a few times as much memory as it has bytes in the checkpoint.
//!
//! # Files that change
//!
//! No other program may write to a file or truncate it while it is inspected. If another program truncates it, the system may end the inspector with a
//! signal (`SIGBUS`). If another program writes to it, what is printed may be wrong, and Rust's guarantees do not hold. Inspect a copy of
//! such a file, or give it as standard input, which is not mapped: `inspect - < file`.
//!
//! # Safety of the terminal
//!
//! Names and texts in frames are escaped, so that a frame can't send commands to the terminal. JSON is written in ASCII.
//!
//! [`Options::size_limit`]: crate::Options::size_limit

mod arguments;
#[cfg(feature = "ndarray")]
mod arrays;
// All of it is used only if both features are on.
#[cfg_attr(not(all(feature = "ndarray", feature = "safetensors")), allow(dead_code))]
mod bounded;
mod files;
#[cfg_attr(not(any(feature = "polars", feature = "safetensors")), allow(dead_code))]
mod list;
mod look;
mod map;
#[cfg(feature = "pickle")]
mod pickled;
mod report;
pub(crate) mod shown;
mod source;
mod tables;
#[cfg(feature = "safetensors")]
mod tensors;
mod values;

use std::env;
use std::ffi::OsStr;
use std::io::{self, BufWriter, Write};
use std::panic;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use self::arguments::{Asked, Inspect};
use self::look::Look;
use self::report::{Out, Place, printable};
use self::source::Source;
use crate::error::Error;

/// The largest amount of memory, in bytes, for what can't be shown from the mapped file.
const LIMIT: usize = 32 << 20;
/// The largest number of inner frames that are shown of one file.
const FRAMES: usize = 100;
/// The depth down to which frames inside of frames are shown.
const MAX_DEPTH: usize = 8;

/// Shows the frames that the arguments of the program name. The [module](self) has an example; the option `--help` prints the arguments.
#[must_use]
pub fn main() -> ExitCode {
    let mut arguments = env::args_os();
    let program = arguments.next().map(PathBuf::from);
    let program = program.as_deref().and_then(Path::file_stem).and_then(OsStr::to_str);
    let program = program.unwrap_or("inspect");
    let complain = |text: &str| {
        // If standard error is closed, the status still tells.
        let _ = writeln!(io::stderr(), "{}", printable(text));
    };
    // What a panic says can be text of a frame.
    panic::set_hook(Box::new(move |panic| complain(&panic.to_string())));
    let asked = match arguments::parse(arguments) {
        Ok(asked) => asked,
        Err(error) => {
            complain(&format!("{program}: {error} (`{program} --help` prints the usage)"));
            return ExitCode::from(2);
        }
    };
    // Not locked: the code of a type may print too, on another thread.
    let mut out = BufWriter::new(io::stdout());
    let mut is_error = false;
    let written = match asked {
        Asked::Help => out.write_all(arguments::help(program).as_bytes()),
        Asked::Version => {
            let version = env!("CARGO_PKG_VERSION");
            writeln!(out, "{program}, with ps-serialize {version}")
        }
        Asked::Inspect(asked) => inspect(asked, &mut out, &mut is_error),
    };
    match written.and_then(|()| out.flush()) {
        // A reader that closes the output has seen enough.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            complain(&format!("{program}: the output can't be written: {error}"));
            ExitCode::FAILURE
        }
        _ if is_error => ExitCode::FAILURE,
        _ => ExitCode::SUCCESS,
    }
}

/// Writes what the files are, and notes whether something can't be read. If the output can't be written, returns that error.
fn inspect(asked: Inspect, out: &mut impl Write, is_error: &mut bool) -> io::Result<()> {
    let Inspect { paths, is_json, is_head } = asked;
    let mut out = Out { out, is_json };
    for path in paths {
        let mut look = |path: &Path, source| {
            let mut look = Look::new(&mut out, is_head);
            let written = look.source(&Place { path, inside: Vec::new() }, source);
            *is_error |= look.is_error;
            written.and_then(|()| out.out.flush())
        };
        if path == Path::new("-") {
            look(
                &path,
                if is_head { Source::head_of_standard_input() } else { Source::standard_input() },
            )?;
            continue;
        }
        files::each(path, &mut |path, listed| {
            let open = if is_head { Source::open_head } else { Source::open };
            look(path, listed.map_err(Error::from).and_then(|()| open(path)))
        })?;
    }
    Ok(())
}
