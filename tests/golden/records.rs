//! Annotated types, in the bincode 1 layout.

use std::collections::BTreeMap;

use ps_serialize::{Error, Payload, Result, Serializer, Sink, serializer};
use serde::{Deserialize, Serialize};

use super::Golden;

#[serializer(id = b"g0")]
#[derive(Serialize, Deserialize, Debug, PartialEq)]
struct Scalars {
    unsigned: (u8, u16, u32, u64, u128),
    signed: (i8, i16, i32, i64, i128),
    floats: (f32, f64),
    flags: [bool; 2],
    letters: [char; 4],
    unit: (),
}

#[serializer(id = b"g1")]
#[derive(Serialize, Deserialize, Debug, PartialEq)]
struct Collections {
    text: String,
    numbers: Vec<f64>,
    option: Option<Vec<Option<u16>>>,
    nothing: Option<u64>,
    map: BTreeMap<String, Vec<String>>,
    boxed: Box<[i16]>,
    nested: Vec<Inner>,
    empty: Vec<Inner>,
}

#[derive(Serialize, Deserialize, Debug, PartialEq)]
struct Inner {
    name: String,
    place: Place,
}

#[derive(Serialize, Deserialize, Debug, PartialEq)]
struct Place(i32, Option<Box<Place>>);

#[serializer(id = b"g2")]
#[derive(Serialize, Deserialize, Debug, PartialEq)]
enum Event {
    Unit,
    Newtype(u64),
    Tuple(String, i8),
    Struct { name: String, flags: Vec<bool> },
    Nested(Vec<Event>),
}

#[derive(Serialize, Deserialize, Debug, PartialEq)]
struct Pair<T>(T, T);

#[serializer(id = b"g3")]
type Floats = Pair<f64>;

#[serializer(id = b"g4")]
#[derive(Serialize, Deserialize, Debug, PartialEq)]
struct Nothing;

/// The same fields as [`Collections`] has, as far as wincode takes them.
#[cfg(feature = "wincode")]
#[serializer(id = b"g5", codec = ps_serialize::Wincode)]
#[derive(wincode::SchemaRead, wincode::SchemaWrite, Debug, PartialEq)]
struct ByWincode {
    text: String,
    numbers: Vec<f64>,
    option: Option<Vec<Option<u16>>>,
    nothing: Option<u64>,
    choice: Choice,
}

#[cfg(feature = "wincode")]
#[derive(wincode::SchemaRead, wincode::SchemaWrite, Debug, PartialEq)]
enum Choice {
    Unit,
    Struct { by: (i8, u32) },
}

/// Every kind of value, with names.
#[cfg(feature = "messagepack")]
#[serializer(id = b"gm", codec = ps_serialize::MessagePack)]
#[allow(clippy::option_option, clippy::zero_sized_map_values)] // kinds of values like others
#[derive(Serialize, Deserialize, Debug, PartialEq)]
struct ByMessagePack {
    #[serde(rename = "größe")]
    size: (u8, i64, u64, i128, u128),
    floats: (f32, f64),
    text: (char, String),
    bytes: Vec<u8>,
    option: Option<Option<u16>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nothing: Option<u8>,
    events: Vec<Event>,
    map: BTreeMap<u16, Nothing>,
    #[serde(flatten)]
    tagged: Tagged,
}

#[cfg(feature = "messagepack")]
#[derive(Serialize, Deserialize, Debug, PartialEq)]
#[serde(tag = "kind")]
enum Tagged {
    Address { address: std::net::IpAddr },
}

/// A format of its own, after a line that is padded.
struct Aligned;

#[serializer(id = b"g6", align = 16)]
impl Serializer for Aligned {
    type Value = u128;

    fn serialize<'a>(value: &'a u128, out: &mut dyn Sink<'a>) -> Result<()> {
        out.put(&value.to_le_bytes());
        Ok(())
    }

    fn deserialize(payload: Payload<'_, '_>) -> Result<u128> {
        Ok(u128::from_le_bytes(payload[..].try_into().map_err(Error::custom)?))
    }
}

#[serializer(id = b"the longest of all identifiers!!")]
#[derive(Serialize, Deserialize, Debug, PartialEq)]
struct LongIdentifier(u8);

pub(crate) fn all() -> Vec<Golden> {
    let scalars = Scalars {
        unsigned: (u8::MAX, 0x0102, 0x0102_0304, 0x0102_0304_0506_0708, u128::MAX - 1),
        signed: (i8::MIN, -2, 0x0102_0304, i64::MIN, i128::MIN + 1),
        floats: (-0.0, 0.1),
        flags: [true, false],
        letters: ['a', 'é', '世', '🌍'],
        unit: (),
    };
    let text = |text: &str| text.to_owned();
    let collections = Collections {
        text: text("größe\n"),
        numbers: vec![1.0, f64::NEG_INFINITY, 5e-324],
        option: Some(vec![None, Some(0x0102)]),
        nothing: None,
        map: [(text(""), vec![]), (text("key"), vec![text("a"), text("b")])].into(),
        boxed: Box::new([-1, 1]),
        nested: vec![Inner { name: text("x"), place: Place(-1, Some(Box::new(Place(2, None)))) }],
        empty: vec![],
    };
    let events = Event::Nested(vec![
        Event::Unit,
        Event::Newtype(7),
        Event::Tuple(text("two"), -2),
        Event::Struct { name: text("n"), flags: vec![true, false, true] },
        Event::Nested(vec![]),
    ]);
    #[cfg(feature = "messagepack")]
    let by_messagepack = ByMessagePack {
        size: (200, -300, u64::MAX, i128::MIN, 1),
        floats: (0.5, f64::NEG_INFINITY),
        text: ('世', text("größe\n")),
        bytes: vec![1, 200],
        option: Some(Some(0x0102)),
        nothing: None,
        events: vec![
            Event::Unit,
            Event::Newtype(7),
            Event::Tuple(text("two"), -2),
            Event::Struct { name: text("n"), flags: vec![true, false] },
        ],
        map: [(7, Nothing), (700, Nothing)].into(),
        tagged: Tagged::Address { address: [127, 0, 0, 1].into() },
    };
    vec![
        #[cfg(feature = "messagepack")]
        Golden::new("record-messagepack", by_messagepack),
        Golden::new("record-scalars", scalars),
        Golden::new("record-collections", collections),
        Golden::new("record-enum", events),
        Golden::new("record-enum-unit", Event::Unit),
        Golden::new("record-alias", Pair(0.5, -0.0) as Floats),
        Golden::new("record-unit", Nothing),
        Golden::with::<Aligned>("record-aligned", 0x0102_0304_0506_0708_090a_0b0c_0d0e_0f10),
        Golden::new("record-long-identifier", LongIdentifier(7)),
        #[cfg(feature = "wincode")]
        Golden::new(
            "record-wincode",
            ByWincode {
                text: text("größe\n"),
                numbers: vec![1.0, f64::NEG_INFINITY, 5e-324],
                option: Some(vec![None, Some(0x0102)]),
                nothing: None,
                choice: Choice::Struct { by: (-1, 0x0102_0304) },
            },
        ),
    ]
}
