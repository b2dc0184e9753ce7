//! How what comes out of a decompressor becomes a frame.

use std::io::{self, Read};

use bytes::Bytes;

use super::shuffle::{self, unshuffle};
use crate::error::{Error, Result};
use crate::limits::within;
use crate::memory;

pub(super) struct Unpack {
    /// The name of the compressed format, for errors.
    pub(super) format: &'static str,
    width: usize,
    limit: usize,
}

impl Unpack {
    pub(super) fn new(format: &'static str, width: u8, limit: usize) -> Self {
        Self { format, width: width.into(), limit }
    }

    #[cfg(feature = "zstd")]
    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    /// Reads this many bytes and no more, aligned as by [`read_frame`](crate::read_frame).
    pub(super) fn read(&self, size: Option<u64>, mut decoder: impl Read) -> Result<Bytes> {
        let Some(found) = size else {
            return Err(Error::custom(format!(
                "the {} does not say how large its content is: its compressor must write the size at its start",
                self.format
            )));
        };
        let size = within("size of the decompressed frame in bytes", self.limit, found)?;
        let mut frame = memory::try_aligned(size)?;
        let start = frame.len();
        let mut block = vec![0; size.min(shuffle::BLOCK)];
        let mut left = size;
        while left > 0 {
            let block = &mut block[..left.min(shuffle::BLOCK)];
            decoder.read_exact(block).map_err(|error| self.failed(size, &error))?;
            unshuffle(block, self.width, &mut frame);
            left -= block.len();
        }
        // The decompressor has not seen its end yet.
        if decoder.read(&mut [0]).map_err(|error| self.failed(size, &error))? > 0 {
            return Err(self.wrong_size(size));
        }
        Ok(Bytes::from(frame).slice(start..))
    }

    /// Reads only the first block, of content that is larger than a block.
    #[cfg(feature = "inspect")]
    pub(super) fn start(&self, mut decoder: impl Read) -> Result<Vec<u8>> {
        let mut block = vec![0; shuffle::BLOCK];
        decoder.read_exact(&mut block).map_err(|error| self.unreadable(&error))?;
        let mut start = Vec::with_capacity(block.len());
        unshuffle(&block, self.width, &mut start);
        Ok(start)
    }

    #[cold]
    pub(super) fn no_frame(&self) -> Error {
        Error::custom(format!("no {}", self.format))
    }

    #[cold]
    pub(super) fn unreadable(&self, error: &io::Error) -> Error {
        Error::custom(format!("the {} can't be read: {error}", self.format))
    }

    #[cold]
    fn failed(&self, size: usize, error: &io::Error) -> Error {
        // LZ4's library compares the sizes by itself, and says so with this name.
        let is_size = error.to_string().contains("frameSize_wrong");
        if is_size || error.kind() == io::ErrorKind::UnexpectedEof {
            return self.wrong_size(size);
        }
        self.unreadable(error)
    }

    #[cold]
    fn wrong_size(&self, size: usize) -> Error {
        Error::custom(format!(
            "the {} says that its content has {size} bytes, and it has another size",
            self.format
        ))
    }
}
