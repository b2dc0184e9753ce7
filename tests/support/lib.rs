//! What several test programs need: each of these exists once.

mod counted;
mod files;
mod hex;

pub use counted::Counted;
pub use files::checkpoint;
pub use hex::{from_hex, hex};
