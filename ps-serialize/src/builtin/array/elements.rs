//! Elements as bytes, and bytes as elements.

use std::borrow::Cow;

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
            "the data is not at a multiple of {} bytes in memory; read the frame with `read_frame` if its identifier line is padded, or view it as `CowArray`, which copies then",
            align_of::<A>()
        )));
    }
    check::<A>(data)?;
    Ok(checked::cast_slice(data))
}

/// A copy of the elements.
pub(super) fn owned<A: Element>(data: &[u8], swapped: bool) -> Result<Vec<A>> {
    check::<A>(data)?;
    let mut elements = memory::with_capacity(data.len() / size_of::<A>());
    let each = data.chunks_exact(size_of::<A>()).map(checked::pod_read_unaligned::<A>);
    if swapped {
        elements.extend(each.map(A::with_swapped_bytes));
    } else if data.len() >= memory::LARGE {
        // SAFETY: they were checked above.
        #[allow(unsafe_code)]
        unsafe {
            memory::extend_backward(&mut elements, data);
        }
    } else if data.as_ptr().cast::<A>().is_aligned() {
        elements.extend_from_slice(checked::cast_slice(data));
    } else {
        elements.extend(each);
    }
    Ok(elements)
}

/// The bytes as an owner has them.
pub(super) fn into_owned(data: Cow<'_, [u8]>) -> Vec<u8> {
    match data {
        Cow::Owned(data) => data,
        Cow::Borrowed(data) => memory::copy(data),
    }
}

/// That each element is one: a `bool` is 0 or 1, and all else is any bytes.
fn check<A: Element>(data: &[u8]) -> Result<()> {
    if A::KIND != b'b' || data.iter().fold(0, |all, byte| all | byte) <= 1 {
        return Ok(());
    }
    let index = data.iter().position(|&byte| !bool::is_valid_bit_pattern(&byte)).unwrap_or(0);
    Err(Error::custom(format!("element {index} is the byte {}, which is no bool", data[index])))
}
