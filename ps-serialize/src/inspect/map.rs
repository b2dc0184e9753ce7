//! Files as memory.

use std::fs::File;
use std::io;

use bytes::Bytes;
use memmap2::Mmap;

/// The bytes of a file, which are read from it when they are looked at.
#[allow(unsafe_code)]
pub(super) fn map(file: &File) -> io::Result<Bytes> {
    // SAFETY: the memory must not change while the bytes are there. This program opens the file for reading only, and writes to no
    // file, so it does not change them. What other programs do to the file no program can prevent: `inspect::main`, the one
    // caller, says in its documentation that a file must not be written or truncated while it is inspected.
    let map = unsafe { Mmap::map(file)? };
    Ok(Bytes::from_owner(map))
}
