use std::io::{ErrorKind, Read};

use bytes::Bytes;

use crate::buffer::Buffer;
use crate::error::Result;

/// What is read at first where no size is known.
const UNKNOWN_SIZE: usize = 16 << 10;

/// Reads a frame to the end of a file, a socket or another reader, into memory that is aligned
/// to 64 bytes and, from 4 MiB on, in huge pages where the system has them.
///
/// With the right `size_hint` (a file's length, a `Content-Length`) that is one allocation. A wrong
/// one costs time, not memory: memory is taken as bytes arrive. For readers that strangers feed
/// there is [`Options::read_frame`](crate::Options::read_frame), which stops at a limit.
///
/// ```
/// # let path = std::env::temp_dir().join("ps-serialize-read-frame-example");
/// # std::fs::write(&path, b"US\nhello")?;
/// let file = std::fs::File::open(&path)?;
/// let size = file.metadata()?.len();
/// let frame = ps_serialize::read_frame(file, usize::try_from(size).ok())?;
/// assert_eq!(ps_serialize::view::<&str>(&frame)?, "hello");
/// # std::fs::remove_file(&path)?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`ErrorKind::Io`](crate::ErrorKind::Io) if the reader fails. The frame is not looked at.
pub fn read_frame(mut reader: impl Read, size_hint: Option<usize>) -> Result<Bytes> {
    let mut buffer = Buffer::new(size_hint.unwrap_or(UNKNOWN_SIZE));
    while buffer.fill(&mut reader)? {
        // It is full, which at the right size means that the end is near: look before growing.
        let mut probe = [0; 32];
        let read = loop {
            match reader.read(&mut probe) {
                Ok(read) => break read,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        };
        if read == 0 {
            break;
        }
        buffer.grow()?;
        buffer.extend(&probe[..read]);
    }
    Ok(buffer.into_bytes())
}
