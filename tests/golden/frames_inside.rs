//! Annotated types with frames inside.

use std::collections::BTreeMap;

use bytes::Bytes;
use ps_serialize::serializer;

use super::Golden;

#[serializer(id = b"g7")]
#[derive(Debug, PartialEq)]
struct Sample {
    id: u64,
    #[serializer(frame)]
    text: String,
    label: Option<String>,
    #[serializer(frame)]
    bytes: Bytes,
    #[serializer(frames)]
    some: Option<String>,
    #[serializer(frames)]
    none: Option<String>,
    #[serializer(frames)]
    list: Vec<Vec<u8>>,
    #[serializer(frames)]
    map: BTreeMap<String, String>,
    last: (i8, f64),
}

#[serializer(id = b"g8")]
#[derive(Debug, PartialEq)]
#[allow(clippy::large_enum_variant)]
enum Event {
    Nothing,
    Plain(u8, String),
    Text(#[serializer(frame)] String),
    Nested {
        name: String,
        #[serializer(frames)]
        events: Vec<Event>,
        #[serializer(frame)]
        sample: Sample,
    },
}

#[serializer(id = b"a record with a long identifier")]
#[derive(Debug, PartialEq)]
struct Only(#[serializer(frame)] String);

#[cfg(feature = "wincode")]
#[serializer(id = b"g9", codec = ps_serialize::Wincode)]
#[derive(Debug, PartialEq)]
struct ByWincode {
    id: u64,
    #[serializer(frame)]
    text: String,
    #[serializer(frames)]
    map: BTreeMap<String, String>,
    numbers: Vec<u16>,
}

#[cfg(feature = "ndarray")]
#[serializer(id = b"ga")]
#[derive(Debug, PartialEq)]
struct Arrays {
    name: String,
    #[serializer(frame)]
    image: ndarray::Array2<f64>,
    #[serializer(frames)]
    masks: BTreeMap<String, ndarray::Array1<u8>>,
}

fn text(text: &str) -> String {
    text.to_owned()
}

fn sample() -> Sample {
    Sample {
        id: 7,
        text: text("größe\n"),
        label: Some(text("label")),
        bytes: Bytes::from_static(b"\0\n\xff"),
        some: Some(text("some")),
        none: None,
        list: vec![vec![1; 70], vec![]],
        map: [(text(""), text("empty")), (text("key"), text(""))].into(),
        last: (-1, 0.1),
    }
}

pub(crate) fn all() -> Vec<Golden> {
    let events = vec![Event::Nothing, Event::Plain(7, text("plain")), Event::Text(text("text"))];
    vec![
        Golden::new("frames-struct", sample()),
        Golden::new("frames-enum", Event::Nested { name: text("n"), events, sample: sample() }),
        Golden::new("frames-enum-unit", Event::Nothing),
        Golden::new("frames-long-identifier", Only(text("only"))),
        #[cfg(feature = "wincode")]
        Golden::new(
            "frames-wincode",
            ByWincode {
                id: 7,
                text: text("text"),
                map: [(text("k"), text("v"))].into(),
                numbers: vec![1, 0x0102],
            },
        ),
        #[cfg(feature = "ndarray")]
        Golden {
            bytes: super::Promise::of_arrays(),
            ..Golden::new(
                "frames-arrays",
                Arrays {
                    name: text("arrays"),
                    image: ndarray::array![[1.0, -0.5], [f64::INFINITY, 5e-324]],
                    masks: [(text("m"), ndarray::array![1, 2, 3])].into(),
                },
            )
        },
    ]
}
