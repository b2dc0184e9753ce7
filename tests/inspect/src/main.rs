//! The inspector of a service, as the documentation has it.

use std::process::ExitCode;

use inspected as _;

fn main() -> ExitCode {
    ps_serialize::inspect::main()
}
