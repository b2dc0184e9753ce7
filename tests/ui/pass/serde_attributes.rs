//! What both sides agree on is no mistake, and neither is anything under a codec with names.

use std::borrow::Cow;
use std::marker::PhantomData;

use ps_serialize::{Decode, Encode, Payload, Result, Sink, deserialize, serialize, serializer};
use serde::{Deserialize, Serialize};

#[serializer(id = b"01")]
#[derive(Serialize, Deserialize, Debug, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Fields {
    #[serde(rename = "x", alias = "y", default)]
    first: u8,
    #[serde(skip)]
    second: u8,
    #[serde(skip_serializing, skip_deserializing)]
    third: &'static str,
    text: Cow<'static, str>,
    marker: PhantomData<&'static str>,
    #[serde(skip, skip_serializing_if = "Option::is_none")]
    fourth: Option<u8>,
}

#[derive(Serialize, Deserialize, Debug, PartialEq)]
#[serializer(id = b"02")]
enum Variants {
    A,
    #[serde(skip_serializing)]
    B,
    C(u8),
    #[serde(skip)]
    D,
    #[serde(skip)]
    E(u8),
}

struct Named;

impl<T> Encode<T> for Named {
    fn encode<'a>(_: &'a T, _: &mut dyn Sink<'a>) -> Result<()> {
        Ok(())
    }
}

impl<'a, T> Decode<'a, T> for Named {
    fn decode(_: Payload<'a, '_>) -> Result<T> {
        Err(ps_serialize::Error::custom("write only"))
    }
}

#[serializer(id = b"03", codec = Named)]
#[derive(Serialize)]
#[serde(tag = "type")]
enum OfAnotherCodec {
    #[serde(skip)]
    A,
    B {
        #[serde(skip_serializing)]
        b: u8,
        c: &'static str,
    },
}

#[serializer(id = b"04")]
#[derive(Serialize, Deserialize, Debug, PartialEq)]
#[serde(from = "u8", into = "u8", untagged)]
enum Converted {
    A,
    B,
}

impl From<u8> for Converted {
    fn from(number: u8) -> Self {
        if number == 0 { Self::A } else { Self::B }
    }
}

impl From<Converted> for u8 {
    fn from(value: Converted) -> u8 {
        u8::from(value == Converted::B)
    }
}

impl Clone for Converted {
    fn clone(&self) -> Self {
        u8::from(*self == Self::B).into()
    }
}

fn main() -> Result<()> {
    let fields = Fields {
        first: 1,
        second: 2,
        third: "third",
        text: "text".into(),
        marker: PhantomData,
        fourth: Some(4),
    };
    let read: Fields = deserialize(&serialize(&fields)?)?;
    assert_eq!(read, Fields { second: 0, third: "", fourth: None, ..fields });
    for value in [Variants::A, Variants::C(1)] {
        assert_eq!(deserialize::<Variants>(&serialize(&value)?)?, value);
    }
    for value in [Variants::B, Variants::D, Variants::E(1)] {
        assert!(serialize(&value).is_err());
    }
    assert!(serialize(&OfAnotherCodec::A).is_ok());
    assert!(serialize(&OfAnotherCodec::B { b: 1, c: "c" }).is_ok());
    assert_eq!(deserialize::<Converted>(&serialize(&Converted::B)?)?, Converted::B);
    Ok(())
}
