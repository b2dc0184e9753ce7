//! A worker in Rust beside Python programs: work and answers go through stores of the real ProxyStore.
//!
//! The guide's page on workers shows lines of this folder. The tests run Python in the virtual environment of `interop`.

mod over_files;
mod over_redis;
#[path = "../interop/python.rs"]
#[allow(dead_code, reason = "the program `interop` uses the rest")]
mod python;
#[path = "../recipes/server.rs"]
mod server;
mod worker;

use std::path::Path;
use std::process::Command;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// A command that runs a script of this folder, with the Python packages and this repository's module.
fn python(script: &str) -> Command {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut command = Command::new(python::environment());
    command.arg("-B").arg(tests.join("worker").join(script));
    command.env("PYTHONPATH", tests.join("../python"));
    command
}

/// Python gets the classes of records from this file.
#[test]
fn no_layout_changes_unnoticed() {
    let lock = concat!(env!("CARGO_MANIFEST_DIR"), "/worker/ps-serialize.lock");
    ps_serialize::registry().lock(lock).unwrap();
}
