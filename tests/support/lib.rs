//! Code that several test programs share.

mod counted;
mod files;
mod hex;
mod soon;

pub use counted::Counted;
pub use files::checkpoint;
pub use hex::{from_hex, hex};
pub use soon::assert_soon;
