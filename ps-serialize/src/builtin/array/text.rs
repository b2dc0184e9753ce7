//! NumPy's fixed-width text as strings.

use super::dtype::Scalar;
use super::npy::{Dtype, data_size};
use crate::error::{Error, Result};
use crate::limits::{exceeded, expanded};
use crate::memory;

/// The text of each element, in the order of the bytes.
pub(super) fn strings(dtype: &Dtype<'_>, shape: &[usize], data: &[u8]) -> Result<Vec<String>> {
    let Some(Scalar { kind: kind @ (b'S' | b'U'), size, swapped }) = dtype.scalar else {
        let found = dtype.descr[..dtype.descr.len().min(64)].escape_ascii();
        return Err(Error::custom(format!(
            "the elements are `{found}`, not text: use `to_array` or `as_view` for numbers and times, and `data` for the bytes"
        )));
    };
    let count = data_size(shape, 1)?;
    let mut strings = with_capacity(count, data.len())?;
    if size == 0 {
        strings.resize(count, String::new());
        return Ok(strings);
    }
    for (index, item) in data.chunks_exact(size).enumerate() {
        let string = if kind == b'U' { of_code_points(item, swapped) } else { of_utf8(item) };
        strings.push(string.map_err(|problem| {
            Error::custom(format!("element {index} is not text: {problem}; `data` has the bytes"))
        })?);
    }
    Ok(strings)
}

/// Makes room for the strings, if they are not too many. An empty text has no bytes, but its `String` takes memory.
fn with_capacity(count: usize, bytes: usize) -> Result<Vec<String>> {
    let size = count.saturating_mul(size_of::<String>());
    if size > expanded(bytes) {
        return Err(exceeded("memory for strings, in bytes", expanded(bytes), size));
    }
    Ok(memory::with_capacity(count))
}

fn of_utf8(item: &[u8]) -> std::result::Result<String, String> {
    let end = item.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    match simdutf8::compat::from_utf8(&item[..end]) {
        Ok(text) => Ok(text.to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

fn of_code_points(item: &[u8], swapped: bool) -> std::result::Result<String, String> {
    let code_points = item.as_chunks().0.iter().map(|bytes| {
        let code_point = u32::from_ne_bytes(*bytes);
        if swapped { code_point.swap_bytes() } else { code_point }
    });
    let mut string = String::new();
    let mut zeros = 0;
    for code_point in code_points {
        if code_point == 0 {
            zeros += 1;
            continue;
        }
        string.extend(std::iter::repeat_n('\0', std::mem::take(&mut zeros)));
        let character = char::from_u32(code_point);
        string.push(character.ok_or_else(|| format!("{code_point:#x} is not a character"))?);
    }
    Ok(string)
}
