//! Every refusal of the macro and of the traits is one error, at the token that is wrong.
//!
//! The messages are rustc 1.95's; other compilers word them otherwise, and skip this out loud.

use std::io::{self, Write};

#[test]
fn ui() {
    let rustc = std::process::Command::new("rustc").arg("--version").output().unwrap();
    let version = String::from_utf8(rustc.stdout).unwrap();
    let cases = trybuild::TestCases::new();
    cases.pass("pass/*.rs");
    if version.starts_with("rustc 1.95.") {
        cases.compile_fail("fail/*.rs");
    } else {
        // What the print macros print is shown only of tests that fail.
        let _ = writeln!(
            io::stderr(),
            "SKIPPED: the messages in ui/fail are rustc 1.95's, and this is {version}"
        );
    }
}
