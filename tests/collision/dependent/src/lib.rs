//! Depends on `cycle`, whose tests depend on it.

pub use cycle::Cycle;

/// A frame of that type, as this crate knows it.
pub fn frame() -> Vec<u8> {
    ps_serialize::serialize(&Cycle).unwrap().to_vec()
}
