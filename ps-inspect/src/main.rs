//! Shows what frames are. `ps-inspect --help` has the arguments; the module `ps_serialize::inspect` has the rest.

use std::process::ExitCode;

fn main() -> ExitCode {
    ps_serialize::inspect::main()
}
