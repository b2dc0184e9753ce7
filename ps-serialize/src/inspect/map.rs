//! Files that are mapped into memory.

use std::fs::File;
use std::io;

use bytes::Bytes;
use memmap2::Mmap;

/// The bytes of a file. The system reads them from the file when they are used.
#[allow(unsafe_code)]
pub(super) fn map(file: &File) -> io::Result<Bytes> {
    // SAFETY: the memory must not change while the bytes are there. This program opens the file for reading only, and writes to no
    // file, so it does not change them. It can't keep other programs from writing to the file. The documentation of `inspect`, whose
    // `main` is the only caller, says that nothing may write or truncate a file while it is inspected.
    let map = unsafe { Mmap::map(file)? };
    Ok(Bytes::from_owner(map))
}
