//! The lock: every type is seen as it is, and every change is told.

mod changes;
mod exchange;
mod file;
mod kinds;
mod layout;
#[path = "../interop/python.rs"]
#[allow(dead_code, reason = "the program `interop` uses the rest")]
mod python;
mod random;
mod seen;

use std::path::PathBuf;

/// A file that is only this test's.
fn temporary(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("lock");
    std::fs::create_dir_all(&folder).unwrap();
    folder.join(format!("{name}-{}", std::process::id()))
}
