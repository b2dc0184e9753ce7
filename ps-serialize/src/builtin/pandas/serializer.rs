use super::dialect::TABLES;
use super::frame;
use super::source::Source;
use super::table::Table;
use super::write;
use crate::builtin::pickle::Pickled;
use crate::builtin::table::read::without_panics;
use crate::error::Result;
use crate::frame::ALIGNED;
use crate::identifier::Identifier;
use crate::payload::Payload;
use crate::serializer::{Serializable, Serializer, owned};
use crate::sink::Sink;

/// `PD`: the payload is a pickle of a `pandas.DataFrame`.
impl Serializer for Table {
    type Value = Self;

    const IDENTIFIER: Identifier = Identifier::new(b"PD");
    const NAME: &'static str = "pandas table";
    const ALIGNMENT: usize = ALIGNED;

    fn serialize<'a>(value: &'a Self, out: &mut dyn Sink<'a>) -> Result<()> {
        value.serialize_payload(out)
    }

    /// Columns of numbers share the payload's memory where it is aligned, as in frames of this library. Others are copied once.
    fn deserialize(payload: Payload<'_, '_>) -> Result<Self> {
        without_panics(|| {
            let pickled = Pickled::load(&payload, &TABLES, payload.budget())?;
            frame::table(&Source::new(&pickled, payload.reborrow()), pickled.root)
        })
    }
}

owned! {
    [] Table;
}

impl Serializable for Table {
    type Serializer = Self;

    fn serialize_payload<'a>(&'a self, out: &mut dyn Sink<'a>) -> Result<()> {
        write::table(self, out)
    }
}
