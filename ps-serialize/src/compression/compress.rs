//! Compresses frames.

use bytes::Bytes;

#[cfg(feature = "lz4")]
use super::lz4;
use super::open::is_compressed;
use super::sample;
use super::scattered::Scattered;
#[cfg(feature = "zstd")]
use super::zstd;
use crate::error::Result;
use crate::frame::{Frame, Line};
use crate::identifier::Identifier;
use crate::parts::Parts;
use crate::serialize;
use crate::serializer::Serializable;

/// A way to compress frames.
///
/// The result is a frame that holds the whole original frame. Every reading verb opens it, but no value can borrow from it. A sample of
/// the frame is compressed first, unchanged and with the bytes of its elements shuffled. If the sample does not shrink, the frame comes
/// back unchanged, at next to no cost.
///
/// ```text
///      identifier   newline   width     LZ4 or Zstandard frame, with its content's size
///     ┌───────────┬─────────┬─────────┬───────────────────────────────────────────── ─ ─ ─
///     │ "LZ"      │ "\n"    │ "\x08"  │ of "NP … \n" and so on, shuffled by eight bytes
///     └───────────┴─────────┴─────────┴───────────────────────────────────────────── ─ ─ ─
/// ```
///
/// The width is 0 or 1 if nothing is shuffled. Otherwise the inner frame is shuffled in blocks of 256 KiB: first the first byte of every
/// element of `width` bytes in the block, then every second byte, and so on. Bytes at the end of the last block that fill no element stay
/// there.
///
/// ```
/// use ps_serialize::{Compression, deserialize, serialize};
///
/// let text = "again and ".repeat(1000);
/// let frame = Compression::Lz4.serialize(&text)?;
/// assert!(frame.starts_with(b"LZ\n") && frame.len() < 200);
/// assert_eq!(deserialize::<String>(&frame)?, text);
///
/// let frame = Compression::Zstd(3).serialize("short")?;
/// assert_eq!(frame, serialize("short")?);
/// # Ok::<_, ps_serialize::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Compression {
    /// LZ4, which is fast. The frames are `LZ`.
    #[cfg(feature = "lz4")]
    Lz4,
    /// Zstandard at a level, at most 22. The frames are `ZS`. Zstandard's default is 3; a level of 0 means the default, and levels
    /// below 0 are faster than 1.
    #[cfg(feature = "zstd")]
    Zstd(i32),
}

impl Compression {
    /// Writes a value as a frame, compressed if that makes it smaller. It makes no other copy of the value.
    ///
    /// ```
    /// # use ps_serialize::Compression;
    /// let zeros = vec![0_u8; 1 << 20];
    /// assert!(Compression::Zstd(1).serialize(&zeros)?.len() < 1 << 14);
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Serialize`](crate::ErrorKind::Serialize) if the value can't be written,
    /// [`ErrorKind::Io`](crate::ErrorKind::Io) if the compressor fails.
    pub fn serialize<T: Serializable + ?Sized>(self, value: &T) -> Result<Bytes> {
        let parts: Parts<'_> = serialize::parts(value)?;
        match self.compressed(&Scattered::of(parts.slices()))? {
            Some(frame) => Ok(frame),
            None => Ok(parts.to_bytes()),
        }
    }

    /// Compresses a frame that exists already, of any kind. A compressed frame comes back unchanged.
    ///
    /// ```
    /// # use ps_serialize::{Compression, serialize_any};
    /// let frame = serialize_any(&"again and ".repeat(1000))?;
    /// let small = Compression::Lz4.compress(&frame)?;
    /// assert!(small.len() < 200);
    /// assert_eq!(Compression::Zstd(3).compress(&small)?, small);
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of [`Frame::parse`], and [`ErrorKind::Io`](crate::ErrorKind::Io) if the compressor fails.
    pub fn compress(self, frame: &Bytes) -> Result<Bytes> {
        if is_compressed(Frame::parse(frame)?.identifier_bytes()) {
            return Ok(frame.clone());
        }
        let compressed = self.compressed(&Scattered::of(std::iter::once(&frame[..])))?;
        Ok(compressed.unwrap_or_else(|| frame.clone()))
    }

    #[cfg_attr(not(feature = "zstd"), allow(clippy::unnecessary_wraps))]
    fn compressed(self, frame: &Scattered<'_>) -> Result<Option<Bytes>> {
        let Some(width) = sample::width(frame, |sample| self.size_of(sample)) else {
            return Ok(None);
        };
        let mut out = Vec::new();
        out.extend_from_slice(self.line().as_bytes());
        out.push(width);
        match self {
            #[cfg(feature = "lz4")]
            Self::Lz4 => lz4::compress(frame, width.into(), &mut out),
            #[cfg(feature = "zstd")]
            Self::Zstd(level) => zstd::compress(frame, width.into(), level, &mut out)?,
        }
        Ok((out.len() < frame.len()).then(|| out.into()))
    }

    /// The size of these bytes when they are compressed.
    fn size_of(self, bytes: &[u8]) -> usize {
        match self {
            #[cfg(feature = "lz4")]
            Self::Lz4 => lz4::size_of(bytes),
            #[cfg(feature = "zstd")]
            Self::Zstd(level) => zstd::size_of(bytes, level),
        }
    }

    fn line(self) -> Line {
        let identifier = match self {
            #[cfg(feature = "lz4")]
            Self::Lz4 => Identifier::new(b"LZ"),
            #[cfg(feature = "zstd")]
            Self::Zstd(_) => Identifier::new(b"ZS"),
        };
        Line::new(&identifier, 1)
    }
}
