//! A frame in a frame: `LZ` and `ZS`.

#[cfg(any(feature = "lz4", feature = "zstd"))]
mod compress;
#[cfg(feature = "lz4")]
mod lz4;
#[cfg(not(any(feature = "lz4", feature = "zstd")))]
mod off;
#[cfg(any(feature = "lz4", feature = "zstd"))]
mod open;
#[cfg(any(feature = "lz4", feature = "zstd"))]
mod sample;
#[cfg(any(feature = "lz4", feature = "zstd"))]
mod scattered;
#[cfg(any(feature = "lz4", feature = "zstd"))]
mod shuffle;
#[cfg(any(feature = "lz4", feature = "zstd"))]
mod unpack;
#[cfg(feature = "zstd")]
mod zstd;

#[cfg(any(feature = "lz4", feature = "zstd"))]
pub use self::compress::Compression;
#[cfg(all(feature = "inspect", not(any(feature = "lz4", feature = "zstd"))))]
pub(crate) use self::off::start;
#[cfg(not(any(feature = "lz4", feature = "zstd")))]
pub(crate) use self::off::{is_compressed, open};
#[cfg(any(feature = "lz4", feature = "zstd"))]
pub use self::open::decompress;
#[cfg(all(feature = "inspect", any(feature = "lz4", feature = "zstd")))]
pub(crate) use self::open::start;
#[cfg(any(feature = "lz4", feature = "zstd"))]
pub(crate) use self::open::{is_compressed, open};
