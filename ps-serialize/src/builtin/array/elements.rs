//! Elements as bytes, and bytes as elements.

use bytemuck::{CheckedBitPattern, checked};

use super::element::Element;
use crate::error::{Error, Result};
use crate::memory;

/// The elements where they are: in this machine's byte order, and aligned.
pub(super) fn borrowed<A: Element>(data: &[u8], swapped: bool) -> Result<&[A]> {
    if data.is_empty() {
        return Ok(&[]);
    }
    if swapped {
        return Err(Error::custom(
            "the numbers are in the other byte order; only `deserialize`, or a view as `CowArray`, can convert them",
        ));
    }
    if !data.as_ptr().cast::<A>().is_aligned() {
        return Err(Error::custom(format!(
            "the data is not at a multiple of {} bytes in memory; read the frame with `read_frame`, or copy it by `Frame::to_aligned_bytes`, or read it as a `CowArray`, which copies then",
            align_of::<A>()
        )));
    }
    if let Some(index) = no_bool::<A>(data) {
        return Err(Error::custom(format!(
            "element {index} is the byte {}, but a borrowed `bool` must be 0 or 1: use `deserialize` or a `CowArray`, which copy the elements and read every byte but 0 as `true`, as NumPy does, or `DynArray`, which keeps the bytes",
            data[index]
        )));
    }
    Ok(checked::cast_slice(data))
}

/// A copy of the elements.
pub(super) fn owned<A: Element>(data: &[u8], swapped: bool) -> Vec<A> {
    let mut elements = memory::with_capacity(data.len() / size_of::<A>());
    let each = data.chunks_exact(size_of::<A>()).map(checked::pod_read_unaligned::<A>);
    if no_bool::<A>(data).is_some() {
        let bytes = data.iter().map(|byte| [u8::from(*byte != 0)]);
        elements.extend(bytes.map(|byte| checked::pod_read_unaligned::<A>(&byte)));
    } else if swapped {
        elements.extend(each.map(A::with_swapped_bytes));
    } else if data.len() >= memory::LARGE {
        // SAFETY: `no_bool` found no element that is invalid.
        #[allow(unsafe_code)]
        unsafe {
            memory::extend_backward(&mut elements, data);
        }
    } else if data.as_ptr().cast::<A>().is_aligned() {
        elements.extend_from_slice(checked::cast_slice(data));
    } else {
        elements.extend(each);
    }
    elements
}

/// The index of the first byte that is not a valid `bool`. Elements of other types may be any bytes.
fn no_bool<A: Element>(data: &[u8]) -> Option<usize> {
    if A::KIND != b'b' || data.iter().fold(0, |all, byte| all | byte) <= 1 {
        return None;
    }
    data.iter().position(|byte| !bool::is_valid_bit_pattern(byte))
}
