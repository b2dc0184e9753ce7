//! Opens a compressed frame.

use std::io::{self, Read};

use bytes::Bytes;

use super::shuffle::{self, unshuffle};
use crate::error::{Error, Result};
use crate::frame::Frame;
use crate::limits::{Budget, exceeded};
use crate::memory;
use crate::options::{DEFAULT, Options};

/// Opens a compressed frame and returns the frame inside, to borrow from it or to pass it on. A frame that is not compressed
/// comes back unchanged.
///
/// ```
/// use ps_serialize::{Compression, decompress, deserialize};
///
/// let text = "again and ".repeat(1000);
/// let frame = Compression::Lz4.serialize(&text)?;
/// assert!(deserialize::<&str>(&frame).is_err());
/// assert_eq!(deserialize::<&str>(&decompress(&frame)?)?, text);
/// # Ok::<_, ps_serialize::Error>(())
/// ```
///
/// # Errors
///
/// [`ErrorKind::LimitExceeded`](crate::ErrorKind::LimitExceeded) if the frame becomes larger than 256 times its size and 64 MiB, or
/// than [`Options::size_limit`], [`ErrorKind::Deserialize`](crate::ErrorKind::Deserialize) if it can't be read or is compressed
/// twice, and the errors of [`Frame::parse`].
pub fn decompress(frame: &Bytes) -> Result<Bytes> {
    DEFAULT.decompress(frame)
}

impl Options {
    /// Opens a compressed frame, as [`decompress`](crate::decompress) does, within the limits.
    ///
    /// ```
    /// let zeros = ps_serialize::Compression::Zstd(3).serialize(&[0; 1000])?;
    /// let options = ps_serialize::Options::new().size_limit(100);
    /// assert!(options.decompress(&zeros).is_err());
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::LimitExceeded`](crate::ErrorKind::LimitExceeded), [`ErrorKind::NotAllowed`](crate::ErrorKind::NotAllowed),
    /// and the errors of that function.
    pub fn decompress(&self, frame: &Bytes) -> Result<Bytes> {
        self.check(frame)?;
        let Some(inner) = open(Frame::parse(frame)?, &Budget::new(self, frame.len()))? else {
            return Ok(frame.clone());
        };
        self.check(&inner)?;
        Ok(inner)
    }
}

/// Whether this is a frame that [`open`] opens.
pub(crate) fn is_compressed(identifier: &[u8]) -> bool {
    decompressor(identifier).is_some()
}

type Decompressor = fn(&[u8], &Unpack) -> Result<Bytes>;

fn decompressor(identifier: &[u8]) -> Option<Decompressor> {
    match identifier {
        #[cfg(feature = "lz4")]
        b"LZ" => Some(super::lz4::decompress),
        #[cfg(feature = "zstd")]
        b"ZS" => Some(super::zstd::decompress),
        _ => None,
    }
}

/// The frame inside of a compressed one, if the frame is compressed. The frame of the call itself may become as large as the limit.
/// Compressed frames inside of its payload are charged to the budget, since there may be many.
#[cold]
pub(crate) fn open(frame: Frame<'_>, budget: &Budget<'_>) -> Result<Option<Bytes>> {
    let Some(decompressor) = decompressor(frame.identifier_bytes()) else { return Ok(None) };
    let limit = if budget.is_nested() { budget.left() } else { budget.limit() };
    let inner = unpack(frame.payload(), limit, decompressor)
        .map_err(|error| error.in_reading(frame.identifier(), "compressed frame"))?;
    if budget.is_nested() {
        budget.charge(inner.len())?;
    }
    Ok(Some(inner))
}

fn unpack(payload: &[u8], limit: usize, decompressor: Decompressor) -> Result<Bytes> {
    let Some((width, data)) = payload.split_first() else {
        return Err(Error::custom(
            "the payload is empty, and should begin with the shuffle's width",
        ));
    };
    let inner = decompressor(data, &Unpack { width: usize::from(*width), limit })?;
    // No writer compresses twice, and a hundredfold of a hundredfold is more than any limit.
    if is_compressed(Frame::parse(&inner)?.identifier_bytes()) {
        return Err(Error::custom("a compressed frame in a compressed frame"));
    }
    Ok(inner)
}

/// How what comes out of a decompressor becomes a frame.
pub(super) struct Unpack {
    width: usize,
    limit: usize,
}

impl Unpack {
    #[cfg(feature = "zstd")]
    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    /// Reads this many bytes and no more, aligned as by [`read_frame`](crate::read_frame).
    pub(super) fn read(&self, size: Option<u64>, mut decoder: impl Read) -> Result<Bytes> {
        let Some(found) = size else {
            return Err(Error::custom(
                "it does not say how large its content is, which its compressor is to write at its start",
            ));
        };
        let size = match usize::try_from(found) {
            Ok(size) if size <= self.limit => size,
            _ => {
                let found = usize::try_from(found).unwrap_or(usize::MAX);
                return Err(exceeded("size of the decompressed frame in bytes", self.limit, found));
            }
        };
        let mut frame = memory::try_aligned(size)?;
        let start = frame.len();
        let mut block = vec![0; size.min(shuffle::BLOCK)];
        let mut left = size;
        while left > 0 {
            let block = &mut block[..left.min(shuffle::BLOCK)];
            decoder.read_exact(block).map_err(|error| match error.kind() {
                io::ErrorKind::UnexpectedEof => Error::custom(format!(
                    "it says that its content has {size} bytes, and ends before"
                )),
                _ => Error::custom(format!(
                    "it says that its content has {size} bytes, and does not become that: {error}"
                )),
            })?;
            unshuffle(block, self.width, &mut frame);
            left -= block.len();
        }
        // The decompressor has not seen its end yet.
        if decoder.read(&mut [0]).map_err(Error::custom)? > 0 {
            let message = format!("it says that its content has {size} bytes, and has more");
            return Err(Error::custom(message));
        }
        Ok(Bytes::from(frame).slice(start..))
    }
}
