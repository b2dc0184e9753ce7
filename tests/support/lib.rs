//! Code that several test programs share.

mod counted;
mod files;
mod hex;

pub use counted::Counted;
pub use files::checkpoint;
pub use hex::{from_hex, hex};
