//! String and binary views, checked by whole buffers.

use polars_arrow::array::View;
use polars_buffer::Buffer;

use super::columns::Allowance;
use crate::error::{Error, Result};

/// Checks that each view is inside of its buffer and has its prefix, and that text is UTF-8.
pub(super) fn check(
    views: &[View],
    buffers: &[Buffer<u8>],
    text: bool,
    allowance: &Allowance<'_>,
) -> Result<()> {
    // A cut of valid text at the boundaries of characters is valid too.
    let whole: Vec<bool> =
        buffers.iter().map(|buffer| text && simdutf8::basic::from_utf8(buffer).is_ok()).collect();
    for view in views {
        let ok = if view.length <= View::MAX_INLINE_SIZE {
            check_inline(view, text)
        } else {
            let index = view.buffer_idx as usize;
            let buffer = buffers.get(index).map(|buffer| &**buffer);
            if text && !whole.get(index).unwrap_or(&true) {
                // Each view of it is looked at, and they may overlap.
                allowance.charge(view.length as usize)?;
            }
            buffer.is_some_and(|buffer| check_in(buffer, view, text, whole[index]))
        };
        if !ok {
            return Err(Error::custom(format!("a string column has an invalid entry: {view:?}")));
        }
    }
    Ok(())
}

fn check_inline(view: &View, text: bool) -> bool {
    let bytes = view.as_u128().to_le_bytes();
    let (content, padding) = bytes[4..].split_at(view.length as usize);
    padding.iter().fold(0, |all, byte| all | byte) == 0
        && (!text || content.is_ascii() || simdutf8::basic::from_utf8(content).is_ok())
}

fn check_in(buffer: &[u8], view: &View, text: bool, whole: bool) -> bool {
    let (start, length) = (view.offset as usize, view.length as usize);
    let Some(content) = start.checked_add(length).and_then(|end| buffer.get(start..end)) else {
        return false;
    };
    let is_boundary = |at: usize| buffer.get(at).is_none_or(|byte| byte & 0xc0 != 0x80);
    content.starts_with(&view.prefix.to_le_bytes())
        && (!text
            || if whole {
                is_boundary(start) && is_boundary(start + length)
            } else {
                simdutf8::basic::from_utf8(content).is_ok()
            })
}
