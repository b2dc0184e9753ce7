//! Whatever is given to the library's `unsafe` code, it does what plain code would do: at every alignment
//! and size, and with what is malformed.
//!
//! Valgrind and AddressSanitizer see that it reads and writes nothing else. `.ci/run` runs this under
//! both, which is why inputs and outputs end where their allocations do.

use bytes::Bytes;

mod copies;
#[cfg(feature = "ndarray")]
mod elements;
#[cfg(feature = "wincode")]
mod lengths;
#[cfg(feature = "polars")]
mod tables;

/// From here on large pages are asked for, and copies go backward.
const LARGE: usize = 4 << 20;

/// Bytes that repeat at no power of two.
fn pattern(len: usize) -> Vec<u8> {
    let mut bytes: Vec<u8> = (0..=250).collect::<Vec<_>>().repeat(len / 251 + 1);
    bytes.truncate(len);
    bytes
}

/// The bytes `offset` bytes into an allocation, which ends where they do.
fn placed(bytes: &[u8], offset: usize) -> Bytes {
    let mut place = Vec::with_capacity(offset + bytes.len());
    place.resize(offset, 0xaa);
    place.extend_from_slice(bytes);
    Bytes::from(place.into_boxed_slice()).slice(offset..)
}

/// Buffers to append so many bytes to: a new one, some that hold something and have room for just that, for
/// one byte less, or for none.
fn buffers(additional: usize) -> [Vec<u8>; 5] {
    let holding = |held: usize, room: usize| {
        let mut buffer = Vec::with_capacity(held + room);
        buffer.resize(held, 0xbb);
        buffer
    };
    [
        Vec::new(),
        holding(0, additional),
        holding(7, additional),
        holding(64, additional.saturating_sub(1)),
        holding(1001, 0),
    ]
}

/// Checks that this was appended, and that what was there before is unchanged.
fn assert_appended(buffer: &[u8], before: usize, appended: &[u8]) {
    assert!(buffer[..before].iter().all(|byte| *byte == 0xbb));
    assert!(buffer[before..] == *appended, "{} bytes after {before}", appended.len());
}
