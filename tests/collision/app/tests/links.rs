//! A test binary that links both.

use left as _;
use right as _;

#[test]
fn registry_is_sound() {
    ps_serialize::registry().check().unwrap();
}
