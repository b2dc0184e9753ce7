//! Memory for a frame that is being read: aligned, and in huge pages when it is large.

use std::io::{self, ErrorKind, Read};

use bytes::Bytes;
use memmap2::MmapMut;

use crate::frame::ALIGNED;

/// From here on, page faults cost more than the copy.
const MAPPED_FROM: usize = 4 << 20;

pub(crate) enum Buffer {
    /// The frame starts at the first aligned byte of the `Vec`, which is never reallocated.
    Heap { bytes: Vec<u8>, start: usize, capacity: usize },
    /// An anonymous map. Its pages are the system's until they are written to.
    Mapped { map: MmapMut, len: usize },
}

impl Buffer {
    /// A buffer of this capacity, or a small one if the system has no room for that.
    pub(crate) fn new(capacity: usize) -> Self {
        Self::of(capacity).unwrap_or_else(|_| Self::heap(MAPPED_FROM))
    }

    fn of(capacity: usize) -> io::Result<Self> {
        if capacity < MAPPED_FROM {
            return Ok(Self::heap(capacity));
        }
        let map = MmapMut::map_anon(capacity)?;
        advise_huge_pages(&map);
        Ok(Self::Mapped { map, len: 0 })
    }

    fn heap(capacity: usize) -> Self {
        let capacity = capacity.max(ALIGNED);
        let mut bytes: Vec<u8> = Vec::with_capacity(capacity + (ALIGNED - 1));
        let start = bytes.as_ptr().align_offset(ALIGNED).min(ALIGNED - 1);
        bytes.resize(start, 0);
        Self::Heap { bytes, start, capacity }
    }

    /// Reads until it is full (true) or the reader is at its end (false).
    pub(crate) fn fill(&mut self, reader: &mut impl Read) -> io::Result<bool> {
        match self {
            Self::Heap { bytes, start, capacity } => {
                let room = *start + *capacity - bytes.len();
                Ok(reader.take(room as u64).read_to_end(bytes)? == room)
            }
            Self::Mapped { map, len } => {
                while *len < map.len() {
                    match reader.read(&mut map[*len..]) {
                        Ok(0) => return Ok(false),
                        Ok(read) => *len += read,
                        Err(error) if error.kind() == ErrorKind::Interrupted => {}
                        Err(error) => return Err(error),
                    }
                }
                Ok(true)
            }
        }
    }

    /// Makes room for as much again.
    pub(crate) fn grow(&mut self) -> io::Result<()> {
        let mut larger = Self::of(self.filled().len().saturating_mul(2))?;
        larger.extend(self.filled());
        *self = larger;
        Ok(())
    }

    /// Adds bytes, for which there must be room.
    pub(crate) fn extend(&mut self, more: &[u8]) {
        match self {
            Self::Heap { bytes, .. } => bytes.extend_from_slice(more),
            Self::Mapped { map, len } => {
                map[*len..][..more.len()].copy_from_slice(more);
                *len += more.len();
            }
        }
    }

    fn filled(&self) -> &[u8] {
        match self {
            Self::Heap { bytes, start, .. } => &bytes[*start..],
            Self::Mapped { map, len } => &map[..*len],
        }
    }

    pub(crate) fn into_bytes(self) -> Bytes {
        match self {
            Self::Heap { bytes, start, .. } => Bytes::from(bytes).slice(start..),
            Self::Mapped { map, len } => Bytes::from_owner(map).slice(..len),
        }
    }
}

/// Advice only: a system that has no huge pages to give is no reason to fail.
#[cfg(target_os = "linux")]
fn advise_huge_pages(map: &MmapMut) {
    let _ = map.advise(memmap2::Advice::HugePage);
}

#[cfg(not(target_os = "linux"))]
fn advise_huge_pages(_map: &MmapMut) {}
