//! Arrays in files that are mapped into memory.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use bytes::Bytes;
use memmap2::Mmap;
use ndarray::{Array, ArrayView2};
use ps_serialize::{Serializable, deserialize, serialize_to};

use crate::Result;

/// Writes a file that has its name only when it is complete, and is not written again.
fn write<T: Serializable>(path: &Path, value: &T) -> Result<()> {
    let unfinished = path.with_extension("unfinished");
    serialize_to(value, File::create(&unfinished)?)?;
    fs::rename(unfinished, path)?;
    Ok(())
}

#[allow(unsafe_code)]
fn map(path: &Path) -> io::Result<Bytes> {
    let file = File::open(path)?;
    // SAFETY: the memory must not change: nothing writes or truncates a file that `write` has renamed.
    let map = unsafe { Mmap::map(&file)? };
    Ok(Bytes::from_owner(map))
}

/// Reads only the pages of the file that the row is in.
fn sum_of_row(path: &Path, row: usize) -> Result<u32> {
    let frame = map(path)?;
    let array: ArrayView2<u32> = deserialize(&frame)?;
    Ok(array.row(row).sum())
}

#[test]
fn an_array_is_read_where_it_is() -> Result<()> {
    let folder = std::env::temp_dir().join(format!("ps-serialize-mmap-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let path = folder.join("array.frame");
    let array = Array::from_iter(0..3000).into_shape_with_order((1000, 3))?;
    write(&path, &array)?;
    assert_eq!(sum_of_row(&path, 999)?, 2997 + 2998 + 2999);

    let frame = map(&path)?;
    let mapped: ArrayView2<u32> = deserialize(&frame)?;
    assert_eq!(mapped, array);
    assert!(frame.as_ptr_range().contains(&mapped.as_ptr().cast()));
    fs::remove_dir_all(folder)?;
    Ok(())
}
