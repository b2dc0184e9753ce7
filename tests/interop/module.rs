//! The Python module of this repository, tested in Python: arrays of every layout through each of its functions, and
//! what it refuses.

use std::path::Path;

use crate::python::run_tests;

#[test]
fn the_tests_in_python_pass() {
    let module = Path::new(env!("CARGO_MANIFEST_DIR")).join("../python");
    run_tests(&module, &module.join("tests"));
}
