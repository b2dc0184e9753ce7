//! Puts the elements of tensors with any strides into C order.

use crate::error::{Error, Result};
use crate::memory;

/// The places of the elements of a tensor in its storage, in bytes.
pub(super) struct Layout {
    /// The length and the stride of each dimension that is longer than 1.
    axes: Vec<(usize, usize)>,
    item: usize,
    /// The bytes of all elements.
    pub(super) bytes: usize,
    /// The bytes from the start of the first element to the end of the last.
    pub(super) span: usize,
}

impl Layout {
    /// The layout, or `None` if there is not one stride for each length, or if a size overflows.
    pub(super) fn new(shape: &[usize], strides: &[usize], item: usize) -> Option<Self> {
        if shape.len() != strides.len() {
            return None;
        }
        if shape.contains(&0) {
            return Some(Self { axes: vec![(0, 0)], item, bytes: 0, span: 0 });
        }
        let mut layout = Self { axes: Vec::new(), item, bytes: item, span: item };
        for (length, stride) in shape.iter().zip(strides).filter(|(length, _)| **length > 1) {
            let stride = stride.checked_mul(item)?;
            layout.bytes = layout.bytes.checked_mul(*length)?;
            layout.span = layout.span.checked_add(stride.checked_mul(length - 1)?)?;
            layout.axes.push((*length, stride));
        }
        Some(layout)
    }

    pub(super) fn is_contiguous(&self) -> bool {
        let mut next = self.item;
        self.axes.iter().rev().all(|(length, stride)| {
            let contiguous = *stride == next;
            next *= length;
            contiguous
        }) || self.bytes == 0
    }

    /// The elements in C order.
    pub(super) fn gather(&self, storage: &[u8]) -> Result<Vec<u8>> {
        // A dimension with a stride of 0 repeats elements, as often as the pickle says.
        let mut elements = memory::try_with_capacity(self.bytes).map_err(Error::custom)?;
        let (row, outer) = match self.axes.split_last() {
            Some((row, outer)) => (*row, outer),
            None => ((1, 0), &[][..]),
        };
        let mut index = vec![0; outer.len()];
        let mut start = 0;
        loop {
            let (length, stride) = row;
            if stride == self.item {
                elements.extend_from_slice(&storage[start..][..length * stride]);
            } else {
                for place in 0..length {
                    elements.extend_from_slice(&storage[start + place * stride..][..self.item]);
                }
            }
            // The next row: the last dimension that is not at its end moves on, and those after it start again.
            let mut axis = outer.len();
            loop {
                if axis == 0 {
                    return Ok(elements);
                }
                axis -= 1;
                let (length, stride) = outer[axis];
                index[axis] += 1;
                start += stride;
                if index[axis] < length {
                    break;
                }
                start -= stride * length;
                index[axis] = 0;
            }
        }
    }
}
