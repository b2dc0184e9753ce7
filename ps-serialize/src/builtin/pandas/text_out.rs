//! Columns of text, as pandas takes them.

use bytes::Bytes;
use polars_arrow::bitmap::MutableBitmap;
use polars_core::prelude::Series;

use super::output::{NONE, Output};
use super::write::mask;
use crate::error::{Error, Result};

/// An array of Python objects.
pub(super) fn objects(output: &mut Output, series: &Series) -> Result<()> {
    const SEPARATORS: [u8; 3] = [b'\n', 0, 0x1f];
    let texts = series.str().map_err(Error::custom)?;
    let has = |byte: u8| texts.iter().flatten().any(|text| text.as_bytes().contains(&byte));
    // `split` makes a text of nothing.
    let separator = match series.len() {
        0 => None,
        _ => SEPARATORS.into_iter().find(|byte| !has(*byte)),
    };
    let has_mask = separator.is_some() && series.null_count() > 0;
    if has_mask {
        output.call("numpy", "where");
        mask(output, series);
        output.put(&[NONE]);
    }
    output.call("numpy", "array");
    if let Some(separator) = separator {
        // Python splits one text in less time than it makes as many from a pickle.
        output.call("builtins", "str.split");
        let all: Vec<&str> = texts.iter().map(Option::unwrap_or_default).collect();
        output.joined(&all, separator);
        output.text(&char::from(separator).to_string());
        output.end_call();
    } else {
        output.begin_list();
        for text in texts.iter() {
            match text {
                Some(text) => output.text(text),
                None => output.put(&[NONE]),
            }
        }
        output.end_list();
    }
    output.text("O");
    output.end_call();
    if has_mask {
        output.end_call();
    }
    Ok(())
}

/// An array of pyarrow, which pandas 3 takes as it is. `pandas.Index` lets its labels match any rows.
pub(super) fn arrow(output: &mut Output, series: &Series) -> Result<()> {
    let texts = series.str().map_err(Error::custom)?;
    let mut offsets = Vec::with_capacity(8 * (texts.len() + 1));
    let mut all = Vec::with_capacity(texts.iter().flatten().map(str::len).sum());
    offsets.extend(0_u64.to_le_bytes());
    for text in texts.iter() {
        all.extend(text.unwrap_or_default().as_bytes());
        offsets.extend((all.len() as u64).to_le_bytes());
    }
    output.call("pandas", "Index");
    output.call("pyarrow", "LargeStringArray.to_pandas");
    output.call("pyarrow", "LargeStringArray.from_buffers");
    output.length(texts.len());
    for buffer in [offsets, all] {
        output.py_buffer(Bytes::from(buffer));
    }
    if series.null_count() > 0 {
        let there: MutableBitmap = texts.iter().map(|text| text.is_some()).collect();
        output.py_buffer(Bytes::copy_from_slice(there.as_slice()));
    }
    for _call in 0..3 {
        output.end_call();
    }
    Ok(())
}
