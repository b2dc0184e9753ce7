//! Annotated types with frames in them: fields that are marked as `frame` or `frames`.
//!
//! The payload of such a type begins 64 bytes into its frame:
//!
//! ```text
//! u64            n, the number of frames inside
//! u64            r, the number of bytes of the other fields
//! n × u64        the length of each frame
//! r bytes        the other fields in their order, by the codec
//! n ×            zeros up to the next multiple of 64 bytes from the start of the whole frame, then a frame
//! ```
//!
//! All numbers are little-endian. The line of each frame inside is padded to 64 bytes, so its payload is aligned
//! whatever its kind. A field of frames has its number of frames, or its keys, among the other fields.

mod field;
mod frames;
mod read;
mod shape;
mod table;
mod write;

pub use self::field::{Field, Itself};
#[cfg(any(feature = "bincode", feature = "messagepack", feature = "pickle"))]
pub use self::field::{With, Written};
pub use self::frames::{FrameValue, Frames, OwnedFrames};
pub use self::read::RecordReader;
pub use self::shape::{
    FrameOf, Mark, OfRecord, Shape, TypeOf, Variant, check_fields, check_mark, check_variant,
    frames_between, has, variant,
};
#[cfg(feature = "inspect")]
pub(crate) use self::table::frames_of_record;
pub use self::table::{FramePlace, FrameTable};
pub use self::write::RecordWriter;

use std::fmt;

use crate::error::{CHANGED, Error, Result};
use crate::frame::ALIGNED;
use crate::payload::Payload;
use crate::serializer::Serializer;

/// An annotated type with marked fields. Only the attribute implements this trait.
///
/// [`FrameTable`] has an example.
pub trait Record: Serializer<Value = Self> + Sized {
    /// Reads the other fields, and names each frame by its field, and its key or index.
    #[doc(hidden)]
    fn locate(
        record: Payload<'_, '_>,
        found: &mut dyn FnMut(&'static str, String) -> Result<()>,
    ) -> Result<()>;
}

/// The bytes before the lengths of the frames.
const HEAD: usize = 16;

/// The zeros before a frame.
static ZEROS: [u8; ALIGNED] = [0; ALIGNED];

/// The number of zeros before a frame, after this many bytes of the payload.
#[inline]
fn padding(position: usize) -> usize {
    position.wrapping_neg() % ALIGNED
}

#[cold]
fn left_over(left: usize) -> Error {
    Error::custom(format!("the record has {left} frames more than its fields say{CHANGED}"))
}

/// The error of a field that holds a frame. A refusal keeps its kind.
#[cold]
pub(crate) fn in_field(error: Error, field: &'static str) -> Error {
    if error.is_refusal() {
        return error;
    }
    Error::custom(InField { field, error })
}

/// The error of one frame of many. The label is its index or its key; the one of an `Option` has none.
#[cold]
fn in_item(error: Error, label: String) -> Error {
    if label.is_empty() || error.is_refusal() {
        return error;
    }
    Error::custom(InItem { label, error })
}

#[derive(Debug)]
struct InItem {
    label: String,
    error: Error,
}

impl fmt::Display for InItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "in the frame at `{}`", self.label.escape_debug())
    }
}

impl std::error::Error for InItem {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.error)
    }
}

#[derive(Debug)]
struct InField {
    field: &'static str,
    error: Error,
}

impl fmt::Display for InField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "in the field `{}`", self.field)
    }
}

impl std::error::Error for InField {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.error)
    }
}
