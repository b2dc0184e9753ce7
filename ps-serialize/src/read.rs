use std::io::Read;

use bytes::Bytes;

use crate::error::Result;
use crate::memory;
use crate::options::Options;

/// The number of bytes to read at first if the size is not known.
const UNKNOWN_SIZE: usize = 16 << 10;
/// The least room for further bytes when the buffer is doubled.
const SMALLEST: usize = 64;

/// Reads a frame to the end of a file, a socket or another reader, into memory that is aligned
/// to 64 bytes and, from 4 MiB on, in huge pages where the system has them.
///
/// With the right `size_hint` (a file's length, a `Content-Length`) this takes one allocation. A wrong hint costs time, not
/// memory, because memory is taken as bytes arrive. If strangers feed the reader, use
/// [`Options::read_frame`](crate::Options::read_frame), which stops at a limit.
///
/// ```
/// # let path = std::env::temp_dir().join("ps-serialize-read-frame-example");
/// # std::fs::write(&path, b"US\nhello")?;
/// let file = std::fs::File::open(&path)?;
/// let size = file.metadata()?.len();
/// let frame = ps_serialize::read_frame(file, usize::try_from(size).ok())?;
/// assert_eq!(ps_serialize::deserialize::<&str>(&frame)?, "hello");
/// # std::fs::remove_file(&path)?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`ErrorKind::Io`](crate::ErrorKind::Io) if the reader fails. The bytes of the frame are not checked.
pub fn read_frame(mut reader: impl Read, size_hint: Option<usize>) -> Result<Bytes> {
    let mut capacity = size_hint.unwrap_or(UNKNOWN_SIZE).max(SMALLEST);
    let mut buffer = memory::try_aligned(capacity).or_else(|_| {
        capacity = UNKNOWN_SIZE;
        memory::try_aligned(capacity)
    })?;
    let mut start = buffer.len();
    loop {
        let room = start + capacity - buffer.len();
        if reader.by_ref().take(room as u64).read_to_end(&mut buffer)? < room {
            break;
        }
        // The buffer is full, which at the right size means that the end is near: look before growing.
        let mut probe = Vec::with_capacity(SMALLEST);
        if reader.by_ref().take(SMALLEST as u64).read_to_end(&mut probe)? == 0 {
            break;
        }
        capacity = capacity.saturating_mul(2);
        let mut larger = memory::try_aligned(capacity)?;
        let larger_start = larger.len();
        larger.extend_from_slice(&buffer[start..]);
        larger.extend_from_slice(&probe);
        (buffer, start) = (larger, larger_start);
    }
    Ok(Bytes::from(buffer).slice(start..))
}

impl Options {
    /// Reads a frame, as [`read_frame`](crate::read_frame()) does, but at most one byte more than the size limit.
    ///
    /// ```
    /// let options = ps_serialize::Options::new().size_limit(100);
    /// let endless = std::io::repeat(b'x');
    /// assert!(options.read_frame(endless, None).is_err());
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::LimitExceeded`](crate::ErrorKind::LimitExceeded), [`ErrorKind::NotAllowed`](crate::ErrorKind::NotAllowed),
    /// and the errors of that function.
    pub fn read_frame(&self, reader: impl Read, size_hint: Option<usize>) -> Result<Bytes> {
        let limit = self.size_limit.unwrap_or(usize::MAX);
        let reader = reader.take((limit as u64).saturating_add(1));
        let frame = read_frame(reader, size_hint.map(|hint| hint.min(limit)))?;
        self.check(&frame)?;
        Ok(frame)
    }
}
