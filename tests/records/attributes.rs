//! What serde's attributes and conditions on the fields of a record do.

#![allow(clippy::trivially_copy_pass_by_ref)] // serde's functions take references

use std::collections::BTreeMap;

use ps_serialize::{FrameTable, deserialize, serialize, serializer};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Json, round_trip};

/// The other fields of a record, as this codec writes them.
fn json(frame: &[u8]) -> String {
    let text = String::from_utf8_lossy(frame);
    let start = text.find('{').unwrap();
    text[start..=text.rfind('}').unwrap()].to_owned()
}

/// Numbers as text.
mod as_text {
    use super::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(value: &u32, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&value.to_string())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A type without serde's traits.
#[derive(Debug, PartialEq, Default)]
struct Foreign(u32);

fn write_foreign<S: Serializer>(value: &Foreign, serializer: S) -> Result<S::Ok, S::Error> {
    as_text::serialize(&value.0, serializer)
}

fn read_foreign<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Foreign, D::Error> {
    as_text::deserialize(deserializer).map(Foreign)
}

fn read_doubled<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    u32::deserialize(deserializer).map(|number| 2 * number)
}

fn write_half<S: Serializer>(value: &u32, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u32(value / 2)
}

fn seven() -> u32 {
    7
}

/// Three types of the same fields: with serde's derives above, below, and with none.
macro_rules! attributed {
    ($($name:ident: $id:literal, [$($above:meta)?], [$($below:meta)?];)*) => {$(
        $(#[$above])?
        #[serializer(id = $id, codec = Json)]
        $(#[$below])?
        #[derive(Debug, PartialEq, Default)]
        struct $name {
            #[serde(rename = "called")]
            renamed: u8,
            #[serde(skip)]
            #[serializer(frame)]
            text: String,
            #[serde(default)]
            defaulted: u32,
            #[serde(default = "seven")]
            seven: u32,
            #[serde(with = "as_text")]
            with: u32,
            #[serde(serialize_with = "write_foreign", deserialize_with = "read_foreign")]
            foreign: Foreign,
            #[serde(default = "seven", deserialize_with = "read_doubled", serialize_with = "write_half")]
            halved: u32,
            #[serde(skip)]
            skipped: Foreign,
            #[serde(skip, default = "seven")]
            skipped_seven: u32,
            #[serde(skip)]
            #[serializer(frames)]
            list: Vec<String>,
            #[serde(skip_serializing_if = "Option::is_none", default)]
            left_out: Option<u8>,
            #[serde(alias = "other")]
            last: u8,
        }

        impl $name {
            fn example() -> Self {
                Self {
                    renamed: 1,
                    text: "text".to_owned(),
                    defaulted: 2,
                    seven: 3,
                    with: 4,
                    foreign: Foreign(5),
                    halved: 6,
                    skipped: Foreign(0),
                    skipped_seven: 7,
                    list: vec!["one".to_owned()],
                    left_out: None,
                    last: 8,
                }
            }
        }
    )*

    #[test]
    fn attributes_work_with_serdes_derives_above_and_below() {$({
        let value = $name::example();
        let frame = round_trip(&value);
        assert_eq!(
            json(&frame),
            r#"{"called":1,"defaulted":2,"seven":3,"with":"4","foreign":"5","halved":3,"list":1,"last":8}"#
        );
        let with_some = $name { left_out: Some(9), ..value };
        assert!(json(&round_trip(&with_some)).contains(r#""left_out":9"#));
        // What is skipped comes back as its default.
        let skipped = $name { skipped: Foreign(1), skipped_seven: 1, ..$name::example() };
        assert_eq!(deserialize::<$name>(&serialize(&skipped).unwrap()).unwrap(), $name::example());
        // Fields that are missing have their defaults.
        let read = |record: &str| {
            let mut payload = 1_u64.to_le_bytes().to_vec();
            payload.extend((record.len() as u64).to_le_bytes());
            payload.extend(68_u64.to_le_bytes());
            payload.extend(record.as_bytes());
            payload.resize(payload.len().next_multiple_of(64), 0);
            payload.extend(format!("{:63}\ntext", "US").as_bytes());
            let identifier = ps_serialize::Identifier::new($id);
            deserialize::<$name>(&ps_serialize::Frame::new(&identifier, &payload).to_aligned_bytes())
        };
        let missing = r#"{"called":1,"with":"4","foreign":"5","list":0,"other":8}"#;
        let expected = $name { defaulted: 0, seven: 7, halved: 7, list: vec![], ..$name::example() };
        assert_eq!(read(missing).unwrap(), expected);
        let error = format!("{:#}", read(&missing.replace("list", "none")).unwrap_err());
        assert!(error.contains("missing field `list`"), "{error}");
    })*}
    };
}

attributed! {
    Above: b"rec above", [derive(Serialize, Deserialize)], [];
    Below: b"rec below", [], [derive(Serialize, Deserialize)];
    Without: b"rec without", [], [];
}

#[test]
fn a_type_can_still_derive_serde_for_other_uses() {
    let text = serde_json::to_string(&Above::example()).unwrap();
    assert_eq!(
        text,
        r#"{"called":1,"defaulted":2,"seven":3,"with":"4","foreign":"5","halved":3,"last":8}"#
    );
    let back: Below = serde_json::from_str(&text).unwrap();
    assert_eq!(back, Below { text: String::new(), list: vec![], ..Below::example() });
}

#[test]
fn keys_of_frames_can_be_renamed_and_be_missing() {
    #[serializer(id = b"rec keys", codec = Json)]
    #[derive(Serialize, Deserialize, Debug, PartialEq)]
    #[serde(rename_all = "camelCase")]
    struct Keys {
        first_number: u8,
        #[serde(skip)]
        #[serde(rename = "texts", default)]
        #[serializer(frames)]
        list_of_texts: Vec<String>,
        #[serializer(frames)]
        by_name: BTreeMap<String, String>,
    }

    let value = Keys {
        first_number: 1,
        list_of_texts: vec!["a".to_owned()],
        by_name: [("k".to_owned(), "v".to_owned())].into(),
    };
    assert_eq!(json(&round_trip(&value)), r#"{"firstNumber":1,"texts":1,"byName":["k"]}"#);
}

#[test]
fn variants_have_their_attributes_too() {
    #[serializer(id = b"rec variants named", codec = Json)]
    #[derive(Debug, PartialEq)]
    #[serde(rename_all = "kebab-case", rename_all_fields = "UPPERCASE")]
    enum Event {
        #[serde(rename = "first")]
        One {
            name: u8,
            #[serializer(frame)]
            text: String,
        },
        TwoWords(#[serializer(frame)] String, #[serde(with = "as_text")] u32),
        NoFields,
        #[serde(rename_all = "UPPERCASE")]
        Own {
            #[serde(rename = "so")]
            a: u8,
            other: u8,
        },
    }

    let text = || "t".to_owned();
    for (value, written) in [
        (Event::One { name: 1, text: text() }, r#"{"first":{"NAME":1}}"#),
        (Event::TwoWords(text(), 2), r#"{"two-words":{"1":"2"}}"#),
        (Event::Own { a: 1, other: 2 }, r#"{"own":{"so":1,"OTHER":2}}"#),
    ] {
        assert_eq!(json(&round_trip(&value)), written);
    }
    assert!(round_trip(&Event::NoFields).ends_with(b"\"no-fields\""));
}

#[test]
fn the_default_codec_heeds_them_as_well() {
    #[serializer(id = b"rec heeds")]
    #[derive(Debug, PartialEq)]
    struct Heeds {
        #[serde(skip)]
        skipped: u64,
        #[serde(with = "as_text")]
        text: u32,
        #[serde(serialize_with = "write_foreign", deserialize_with = "read_foreign")]
        foreign: Foreign,
        #[serde(skip, default = "seven")]
        seven: u32,
        #[serializer(frame)]
        frame: String,
    }

    let value =
        Heeds { skipped: 0, text: 12, foreign: Foreign(345), seven: 7, frame: "frame".to_owned() };
    let frame = round_trip(&value);
    assert_eq!(frame[64 + 24..][..21], *b"\x02\0\0\0\0\0\0\x0012\x03\0\0\0\0\0\0\x00345");
}

#[test]
fn fields_may_have_conditions() {
    #[serializer(id = b"rec conditions")]
    #[derive(Debug, PartialEq)]
    struct Conditions {
        #[cfg(not(false))]
        there: u8,
        #[cfg(any())]
        absent: NoSuchType,
        #[cfg(not(false))]
        #[serializer(frame)]
        text: String,
        #[cfg(any())]
        #[serializer(frame)]
        absent_frame: NoSuchType,
        #[cfg(any())]
        #[serializer(frames)]
        absent_frames: NoSuchType,
        #[cfg(not(false))]
        #[serializer(frames)]
        list: Vec<String>,
    }

    #[serializer(id = b"rec conditions enum")]
    #[derive(Debug, PartialEq)]
    enum Variants {
        #[cfg(any())]
        Absent(NoSuchType, #[serializer(frame)] NoSuchType),
        There {
            #[cfg(any())]
            absent: NoSuchType,
            #[serializer(frame)]
            text: String,
            number: u8,
        },
        Last(#[serializer(frame)] String, #[cfg(any())] NoSuchType),
    }

    let value = Conditions { there: 7, text: "text".to_owned(), list: vec!["one".to_owned()] };
    let frame = round_trip(&value);
    assert_eq!(frame[64..72], [2, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(FrameTable::parse::<Conditions>(&frame).unwrap().iter().len(), 2);
    let frame = round_trip(&Variants::There { text: "text".to_owned(), number: 7 });
    assert_eq!(frame[64 + 24..][..5], [0, 0, 0, 0, 7]);
    round_trip(&Variants::Last("last".to_owned()));
}

#[test]
fn names_may_be_raw() {
    #[serializer(id = b"rec raw", codec = Json)]
    #[derive(Debug, PartialEq)]
    #[allow(non_camel_case_types)]
    struct r#struct {
        r#type: u8,
        #[serializer(frame)]
        r#match: String,
        #[serializer(frames)]
        r#fn: Vec<String>,
    }

    #[serializer(id = b"rec raw enum")]
    #[derive(Debug, PartialEq)]
    #[allow(non_camel_case_types)]
    enum Raw {
        r#enum(#[serializer(frame)] String),
        r#loop {
            #[serializer(frame)]
            r#ref: String,
            r#move: u8,
        },
    }

    let value = r#struct { r#type: 1, r#match: "match".to_owned(), r#fn: vec!["fn".to_owned()] };
    let frame = round_trip(&value);
    assert_eq!(json(&frame), r#"{"type":1,"fn":1}"#);
    let table = FrameTable::parse::<r#struct>(&frame).unwrap();
    assert!(table.find("match", "").is_some() && table.find("fn", "0").is_some());
    round_trip(&Raw::r#enum("text".to_owned()));
    round_trip(&Raw::r#loop { r#ref: "text".to_owned(), r#move: 2 });
}

#[test]
fn a_type_may_name_itself_by_self() {
    #[serializer(id = b"rec self")]
    #[derive(Debug, PartialEq, Serialize, Deserialize, Clone)]
    struct Node {
        name: String,
        #[serializer(frames)]
        children: Vec<Self>,
        plain: Option<Box<Self>>,
    }

    let leaf = |name: &str| Node { name: name.to_owned(), children: vec![], plain: None };
    round_trip(&Node {
        children: vec![leaf("a"), leaf("b")],
        plain: Some(Box::new(leaf("c"))),
        ..leaf("root")
    });
}

/// Fields beside frames and without, in each order; and no other fields at all.
#[test]
fn marks_may_stand_anywhere() {
    #[serializer(id = b"rec only")]
    #[derive(Debug, PartialEq)]
    struct Only(#[serializer(frame)] String);

    #[serializer(id = b"rec only named")]
    #[derive(Debug, PartialEq)]
    struct OnlyNamed {
        #[serializer(frames)]
        a: Option<String>,
    }

    #[serializer(id = b"rec last")]
    #[derive(Debug, PartialEq)]
    struct Last(u8, (), #[serializer(frame)] String);

    let frame = round_trip(&Only("text".to_owned()));
    assert_eq!(frame.len(), 64 + 64 + 64 + 4);
    round_trip(&OnlyNamed { a: None });
    round_trip(&OnlyNamed { a: Some("text".to_owned()) });
    round_trip(&Last(7, (), "text".to_owned()));
}
