//! Opens a compressed frame.

use bytes::Bytes;

use super::unpack::Unpack;
use crate::error::{Error, Result};
use crate::frame::Frame;
use crate::limits::Budget;
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

/// The function that decompresses a payload, and the name of the format in errors.
type Decompressor = (fn(&[u8], &Unpack) -> Result<Bytes>, &'static str);

fn decompressor(identifier: &[u8]) -> Option<Decompressor> {
    match identifier {
        #[cfg(feature = "lz4")]
        b"LZ" => Some((super::lz4::decompress, "LZ4 frame")),
        #[cfg(feature = "zstd")]
        b"ZS" => Some((super::zstd::decompress, "Zstandard frame")),
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
    } else {
        budget.opened(inner.len());
    }
    Ok(Some(inner))
}

/// The first bytes of the frame inside of a compressed one, for a frame that is larger than the limit.
#[cfg(feature = "inspect")]
pub(crate) fn start(frame: Frame<'_>, limit: usize) -> Result<Vec<u8>> {
    let (width, data) = frame.payload().split_first().unwrap_or((&0, &[]));
    match frame.identifier_bytes() {
        #[cfg(feature = "lz4")]
        b"LZ" => super::lz4::start(data, &Unpack::new("LZ4 frame", *width, limit)),
        #[cfg(feature = "zstd")]
        b"ZS" => super::zstd::start(data, &Unpack::new("Zstandard frame", *width, limit)),
        _ => Ok(Vec::new()),
    }
}

fn unpack(payload: &[u8], limit: usize, (decompress, format): Decompressor) -> Result<Bytes> {
    let Some((width, data)) = payload.split_first() else {
        return Err(Error::custom(
            "the payload is empty, and should begin with the shuffle's width",
        ));
    };
    let inner = decompress(data, &Unpack::new(format, *width, limit))?;
    // No writer compresses twice, and a hundredfold of a hundredfold is more than any limit.
    if is_compressed(Frame::parse(&inner)?.identifier_bytes()) {
        return Err(Error::custom("a compressed frame in a compressed frame"));
    }
    Ok(inner)
}
