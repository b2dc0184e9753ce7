use bytes::Bytes;
use polars_core::prelude::DataFrame;

use super::read::read;
use super::write::write;
use crate::error::Result;
use crate::frame::ALIGNED;
use crate::identifier::Identifier;
use crate::memory;
use crate::serializer::{Serializable, Serializer};
use crate::shared::Shared;
use crate::sink::Sink;

/// `PL`: the payload is an Arrow IPC file.
impl Serializer for DataFrame {
    type Value = Self;

    const IDENTIFIER: Identifier = Identifier::new(b"PL");
    const NAME: &'static str = "table";
    const ALIGNMENT: usize = ALIGNED;

    fn serialize<'a>(value: &'a Self, out: &mut dyn Sink<'a>) -> Result<()> {
        value.serialize_payload(out)
    }

    /// Copies the payload once; the columns share that copy.
    fn deserialize(payload: &[u8]) -> Result<Self> {
        read(&memory::aligned_copy(payload))
    }
}

impl Serializable for DataFrame {
    type Serializer = Self;

    fn serialize_payload<'a>(&'a self, out: &mut dyn Sink<'a>) -> Result<()> {
        write(self, out)
    }
}

/// The columns share the frame's memory where it is aligned to 64 bytes, as that of
/// [`read_frame`](crate::read_frame) is if the identifier line is padded.
impl Shared for DataFrame {
    type Serializer = Self;

    fn share(payload: Bytes) -> Result<Self> {
        if payload.as_ptr().addr().is_multiple_of(8) {
            read(&payload)
        } else {
            Self::deserialize(&payload)
        }
    }
}
