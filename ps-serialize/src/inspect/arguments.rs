//! What the command line asks for.

use std::ffi::OsString;
use std::path::PathBuf;

use lexopt::{Arg, Parser};

/// What to do.
pub(super) enum Asked {
    Help,
    Version,
    Inspect(Inspect),
}

pub(super) struct Inspect {
    pub(super) paths: Vec<PathBuf>,
    pub(super) is_json: bool,
    pub(super) is_head: bool,
}

pub(super) fn parse(arguments: impl Iterator<Item = OsString>) -> Result<Asked, lexopt::Error> {
    let mut parser = Parser::from_args(arguments);
    let mut asked = Inspect { paths: Vec::new(), is_json: false, is_head: false };
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Short('h') | Arg::Long("help") => return alone(&mut parser, Asked::Help),
            Arg::Short('V') | Arg::Long("version") => return alone(&mut parser, Asked::Version),
            Arg::Long("json") => asked.is_json = true,
            Arg::Long("head") => asked.is_head = true,
            Arg::Value(path) => asked.paths.push(path.into()),
            _ => return Err(argument.unexpected()),
        }
    }
    if asked.paths.is_empty() {
        return Err("name a file, a folder, or `-` for standard input".into());
    }
    Ok(Asked::Inspect(asked))
}

/// What an option without a value asks for. `--help=x` is an error, which the next step of the parser finds.
fn alone(parser: &mut Parser, asked: Asked) -> Result<Asked, lexopt::Error> {
    parser.next().map(|_| asked)
}

pub(super) fn help(program: &str) -> String {
    format!(
        "\
Shows what frames of ps-serialize are, whatever wrote them.

Usage: {program} [--json] [--head] PATH…

PATH is a file, a folder, or `-` for standard input. For a folder, all files in it and in the folders inside of it are
shown, in the order of their names. Links to files are followed. Links to folders, pipes and other special files in a
folder are left out.

Options:
      --json     Prints one JSON object for each frame, on a line of its own.
      --head     Reads only the first 64 bytes of each file, and shows what the file is.
  -h, --help     Prints this.
  -V, --version  Prints the version.

Status:
  0  Everything was read. What is too large to show is no error.
  1  Something can't be read. The part `error` says why.
  2  The arguments are wrong.
"
    )
}
