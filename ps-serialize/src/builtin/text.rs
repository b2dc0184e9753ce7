use crate::__private::register;
use crate::error::{Error, Result};
use crate::identifier::Identifier;
use crate::memory;
use crate::serializer::{Serializable, Serializer};
use crate::sink::Sink;
use crate::view::View;

/// `US`: the payload is UTF-8.
#[diagnostic::do_not_recommend]
impl Serializer for String {
    type Value = Self;

    const IDENTIFIER: Identifier = Identifier::new(b"US");
    const NAME: &'static str = "text";

    fn serialize<'a>(value: &'a Self, out: &mut dyn Sink<'a>) -> Result<()> {
        value.as_str().serialize_payload(out)
    }

    fn deserialize(payload: &[u8]) -> Result<Self> {
        Self::from_utf8(memory::copy(payload)).map_err(|error| Error::custom(error.utf8_error()))
    }
}

register!(String, also: [&'static str]);

impl Serializable for String {
    type Serializer = Self;

    fn serialize_payload<'a>(&'a self, out: &mut dyn Sink<'a>) -> Result<()> {
        self.as_str().serialize_payload(out)
    }
}

impl Serializable for str {
    type Serializer = String;

    fn serialize_payload<'a>(&'a self, out: &mut dyn Sink<'a>) -> Result<()> {
        out.borrow(self.as_bytes());
        Ok(())
    }
}

impl<'a> View<'a> for &'a str {
    type Serializer = String;

    fn view(payload: &'a [u8]) -> Result<Self> {
        std::str::from_utf8(payload).map_err(Error::custom)
    }
}
