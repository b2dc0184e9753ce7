//! The bytes of files, of pipes and of standard input.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::Path;

use bytes::Bytes;

use super::LIMIT;
use super::map::map;
use crate::error::Result;
use crate::frame::ALIGNED;
use crate::read::read_frame;

/// A frame, or its first bytes.
pub(super) struct Source {
    pub(super) bytes: Bytes,
    /// The number of bytes in all, if it is known.
    pub(super) size: Option<u64>,
}

impl Source {
    pub(super) fn is_whole(&self) -> bool {
        self.size == Some(self.bytes.len() as u64)
    }

    /// All bytes of a file, or the first of a pipe.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let file = File::open(path)?;
        let size = size(&file.metadata()?);
        // A file of size 0 can't be mapped. Some files of the system have this size although they have bytes.
        match size.filter(|size| *size > 0).map(|_| map(&file)) {
            Some(Ok(bytes)) => Ok(Self { size: Some(bytes.len() as u64), bytes }),
            // Some systems and file systems can't map files.
            _ => Self::read(file, LIMIT, size),
        }
    }

    pub(super) fn standard_input() -> Result<Self> {
        Self::read(standard_input()?, LIMIT, None)
    }

    /// The first bytes of a file, which tell what it is.
    pub(super) fn open_head(path: &Path) -> Result<Self> {
        let file = File::open(path)?;
        let size = size(&file.metadata()?).filter(|size| *size > 0);
        Self::head(file, size)
    }

    pub(super) fn head_of_standard_input() -> Result<Self> {
        Self::head(standard_input()?, None)
    }

    fn head(reader: impl Read, size: Option<u64>) -> Result<Self> {
        let mut bytes = Vec::with_capacity(ALIGNED);
        reader.take(ALIGNED as u64).read_to_end(&mut bytes)?;
        // Fewer bytes are the whole file.
        let size = if bytes.len() < ALIGNED { Some(bytes.len() as u64) } else { size };
        Ok(Self { bytes: bytes.into(), size })
    }

    /// Reads up to one byte more than the limit. One byte more tells that the rest was left out.
    fn read(reader: impl Read, limit: usize, size: Option<u64>) -> Result<Self> {
        let most = limit as u64 + 1;
        // Only as much of the memory is taken as is read.
        let hint = usize::try_from(size.filter(|size| *size > 0).unwrap_or(most).min(most));
        let bytes = read_frame(reader.take(most), hint.ok())?;
        if bytes.len() > limit {
            return Ok(Self {
                bytes: bytes.slice(..limit),
                size: size.filter(|size| *size >= most),
            });
        }
        Ok(Self { size: Some(bytes.len() as u64), bytes })
    }
}

/// Standard input without the buffer of the standard library, which would take more from a pipe than is asked for.
#[cfg(unix)]
fn standard_input() -> io::Result<File> {
    use std::os::fd::AsFd;

    Ok(io::stdin().as_fd().try_clone_to_owned()?.into())
}

#[cfg(not(unix))]
#[allow(clippy::unnecessary_wraps)] // the same signature as above
fn standard_input() -> io::Result<impl Read> {
    Ok(io::stdin().lock())
}

/// The size of a file. A pipe has none.
fn size(metadata: &Metadata) -> Option<u64> {
    metadata.is_file().then_some(metadata.len())
}
