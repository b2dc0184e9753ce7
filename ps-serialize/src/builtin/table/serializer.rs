use polars_core::prelude::DataFrame;

use super::read::read;
use super::write::write;
use crate::error::Result;
use crate::frame::ALIGNED;
use crate::identifier::Identifier;
use crate::memory;
use crate::payload::Payload;
use crate::serializer::{Serializable, Serializer, owned};
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

    /// The columns share the payload's memory where it is aligned to 64 bytes. Memory of
    /// [`read_frame`](crate::read_frame()) is aligned if the identifier line is padded.
    fn deserialize(payload: Payload<'_, '_>) -> Result<Self> {
        let mut file = payload.share(..);
        if !file.as_ptr().addr().is_multiple_of(8) {
            file = memory::aligned_copy(&file);
        }
        read(&file, payload.budget())
    }
}

owned! {
    [] DataFrame;
}

impl Serializable for DataFrame {
    type Serializer = Self;

    fn serialize_payload<'a>(&'a self, out: &mut dyn Sink<'a>) -> Result<()> {
        write(self, out)
    }
}
