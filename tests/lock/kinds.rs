//! Entries of every kind: codecs, blocks, frames inside, Python classes.

use std::collections::BTreeMap;

use ps_serialize::{MessagePack, Payload, Result, Serializer, Sink, Wincode, registry, serializer};
use serde::{Deserialize, Serialize};

#[serializer(dyn)]
trait Shape: std::any::Any + Send + Sync {}

impl Shape for Circle {}

#[serializer(id = b"k.circle", dyn = Shape)]
#[derive(Serialize, Deserialize)]
struct Circle {
    radius: f64,
}

#[serializer(id = b"k.record")]
struct Record {
    id: u64,
    #[serializer(frame)]
    image: Vec<u8>,
    #[serializer(frames)]
    notes: BTreeMap<String, String>,
    #[serde(rename = "inner value")]
    inner: Option<Circle>,
    #[serde(skip)]
    cache: u8,
    #[serializer(frames)]
    #[serde(rename = "others")]
    shapes: Vec<Box<dyn Shape>>,
    #[serializer(frames)]
    nested: Option<Enum>,
    last: bool,
}

#[serializer(id = b"k.enum")]
enum Enum {
    Unit,
    Tuple(u8, #[serializer(frame)] String),
    Struct {
        #[serializer(frame)]
        circle: Circle,
        x: i8,
    },
    Plain(u16),
}

#[serializer(id = b"k.tuple")]
struct Tuple(u8, #[serializer(frame)] String, u16);

#[serializer(id = b"k.messagepack", codec = MessagePack)]
#[derive(Serialize, Deserialize)]
struct Named {
    #[serde(alias = "A", alias = "z")]
    a: u8,
    #[serde(default)]
    b: Vec<String>,
    c: Option<Kind>,
    #[serde(flatten)]
    d: Flat,
}

#[serializer(id = b"k.messagepack plain", codec = MessagePack)]
#[derive(Serialize, Deserialize)]
struct Names {
    #[serde(alias = "A", alias = "z")]
    a: u8,
    #[serde(default)]
    b: Vec<String>,
    c: Option<Kind>,
    d: Kind,
    address: std::net::IpAddr,
    id: uuid::Uuid,
    inner: Option<Box<Names>>,
}

/// Variants with several names, and one that no frame has.
#[serializer(id = b"k.messagepack variants", codec = MessagePack)]
#[derive(Serialize, Deserialize)]
enum Event {
    #[serde(alias = "start")]
    Started,
    #[serde(skip)]
    #[allow(dead_code)]
    Gone,
    Low(u8),
    #[serde(alias = "a", alias = "Z")]
    High(f32),
    Nothing(Nothing, std::marker::PhantomData<u8>, ()),
}

#[derive(Serialize, Deserialize)]
struct Nothing;

#[serializer(id = b"k.messagepack other", codec = MessagePack)]
#[derive(Serialize, Deserialize)]
enum Other {
    #[serde(alias = "a")]
    A,
    #[serde(other)]
    B,
}

#[serializer(id = b"k.messagepack tagged", codec = MessagePack)]
#[derive(Serialize, Deserialize)]
#[serde(tag = "t", content = "c")]
enum Tagged {
    One(u8),
    Other(String),
    Nothing,
}

/// A field that can't be seen, before others.
#[serializer(id = b"k.messagepack beside", codec = MessagePack)]
#[derive(Serialize, Deserialize)]
struct Beside {
    tagged: Tagged,
    kind: Kind,
    #[serde(default)]
    last: u8,
}

mod twins {
    #[derive(serde::Serialize, serde::Deserialize)]
    pub(super) enum Twin {
        B,
    }
}

#[derive(Serialize, Deserialize)]
enum Twin {
    #[serde(alias = "B")]
    A,
    #[serde(skip_serializing)]
    C,
}

#[serializer(id = b"k.messagepack twins", codec = MessagePack)]
#[derive(Serialize, Deserialize)]
struct Twins {
    one: Twin,
    other: twins::Twin,
}

/// A struct that writes other names than it reads.
#[serializer(id = b"k.messagepack astray", codec = MessagePack)]
#[derive(Serialize, Deserialize)]
struct OtherNames {
    #[serde(rename(serialize = "b"), alias = "b")]
    a: u8,
}

#[derive(Serialize, Deserialize)]
struct Flat {
    e: u8,
}

#[derive(Serialize, Deserialize)]
enum Kind {
    #[serde(alias = "A")]
    Unit,
    New(u8),
    Tuple(u8, String),
    Struct {
        #[serde(default)]
        x: u8,
        y: u8,
    },
}

#[serializer(id = b"k.messagepack record", codec = MessagePack)]
struct NamedRecord {
    id: u64,
    #[serde(default)]
    tag: String,
    #[serializer(frame)]
    image: Vec<u8>,
    #[serializer(frames)]
    #[serde(default)]
    more: Option<String>,
}

#[serializer(id = b"k.wincode", codec = Wincode)]
#[derive(Serialize, Deserialize, wincode::SchemaWrite, wincode::SchemaRead)]
struct Both {
    a: u8,
    b: Vec<Option<String>>,
    c: BothEnum,
}

#[derive(Serialize, Deserialize, wincode::SchemaWrite, wincode::SchemaRead)]
enum BothEnum {
    A,
    B(u32),
}

#[serializer(id = b"k.wincode alone", codec = Wincode)]
#[derive(wincode::SchemaWrite, wincode::SchemaRead)]
struct Alone {
    a: u8,
}

/// Serde skips a field that wincode writes.
#[serializer(id = b"k.wincode astray", codec = Wincode)]
#[derive(Serialize, Deserialize, wincode::SchemaWrite, wincode::SchemaRead)]
struct Astray {
    a: u8,
    #[serde(skip)]
    b: u16,
}

struct Jpeg;

struct Pixels;

#[serializer(id = b"k.block", align = 16)]
impl Serializer for Jpeg {
    type Value = Pixels;

    fn serialize<'a>(_: &'a Self::Value, _: &mut dyn Sink<'a>) -> Result<()> {
        Ok(())
    }

    fn deserialize(_: Payload<'_, '_>) -> Result<Self::Value> {
        Ok(Pixels)
    }
}

#[serializer(python = "lock.Measured")]
#[derive(Serialize, Deserialize)]
struct Measured {
    mass: f64,
    #[serde(default)]
    charge: i8,
    label: Option<String>,
}

#[serializer(python = "lock.Pair", positional)]
#[derive(Serialize, Deserialize)]
struct Pair {
    x: f64,
    y: f64,
}

#[serializer(python = "lock.Color")]
#[derive(Serialize, Deserialize)]
enum Color {
    Red,
    Green,
}

#[serializer(python = "lock.Image")]
struct Image {
    label: String,
    #[serializer(frame)]
    pixels: Vec<u8>,
    #[serializer(frames)]
    parts: Vec<Measured>,
}

fn layout(identifier: &str) -> String {
    registry().find(identifier).unwrap().layout().unwrap()
}

fn class(name: &str) -> String {
    let mut entries = registry().iter();
    entries.find(|entry| entry.python_class() == Some(name)).unwrap().layout().unwrap()
}

#[test]
fn traits_are_named() {
    assert_eq!(
        layout("k.circle"),
        "b\"k.circle\"\n  codec: bincode\n  dyn: Shape\n  value: struct Circle\n    radius: f64\n"
    );
}

#[test]
fn frames_stand_in_the_order_of_the_fields() {
    assert_eq!(
        layout("k.record"),
        "b\"k.record\"\n  codec: bincode\n  value: struct Record\n    id: u64\n    image: frame b\"BS\"\n    notes: frames map of b\"US\"\n    \"inner value\": option of struct Circle\n      radius: f64\n    others: frames list of dyn Shape\n    nested: frames option of b\"k.enum\"\n    last: bool\n"
    );
    assert_eq!(
        layout("k.enum"),
        "b\"k.enum\"\n  codec: bincode\n  value: enum Enum\n    0 Unit\n    1 Tuple: struct\n      0: u8\n      1: frame b\"US\"\n    2 Struct: struct\n      circle: frame b\"k.circle\"\n      x: i8\n    3 Plain: struct\n      0: u16\n"
    );
    assert_eq!(
        layout("k.tuple"),
        "b\"k.tuple\"\n  codec: bincode\n  value: struct Tuple\n    0: u8\n    1: frame b\"US\"\n    2: u16\n"
    );
}

#[test]
fn codecs_with_names_say_what_is_optional() {
    assert_eq!(
        layout("k.messagepack plain"),
        "b\"k.messagepack plain\"\n  codec: messagepack\n  value: @1 = struct Names\n    a: u8\n    b?: list of text\n    c?: option of @2 = enum Kind\n      0 Unit\n      1 New: u8\n      2 Tuple: tuple\n        0: u8\n        1: text\n      3 Struct: struct\n        x?: u8\n        y: u8\n    d: @2\n    address: text\n    id: text\n    inner?: option of @1\n"
    );
    assert_eq!(
        layout("k.messagepack record"),
        "b\"k.messagepack record\"\n  codec: messagepack\n  value: struct NamedRecord\n    id: u64\n    tag?: text\n    image: frame b\"BS\"\n    more?: frames option of b\"US\"\n"
    );
}

#[test]
fn variants_have_the_names_that_are_written() {
    assert_eq!(
        layout("k.messagepack variants"),
        "b\"k.messagepack variants\"\n  codec: messagepack\n  value: enum Event\n    0 Started\n    1 Low: u8\n    2 High: f32\n    3 Nothing: tuple\n      0: tuple Nothing\n      1: tuple PhantomData\n      2: unit\n"
    );
    assert_eq!(
        layout("k.messagepack other"),
        "b\"k.messagepack other\"\n  codec: messagepack\n  value: enum Other\n    0 A\n    1 B\n"
    );
}

#[test]
fn what_depends_on_other_fields_is_not_said_to_be_seen() {
    assert_eq!(
        layout("k.messagepack tagged"),
        "b\"k.messagepack tagged\"\n  codec: messagepack\n  value: struct Tagged\n    t: enum Tagged\n      0 One\n      1 Other\n      2 Nothing\n    c: unseen Tagged \"it asks for different things at different times\"\n"
    );
}

#[test]
fn what_depends_on_other_fields_hides_what_is_beside_it() {
    let text = layout("k.messagepack beside");
    assert!(text.contains("\n    kind: unseen Kind "), "{text}");
    assert!(text.contains("\n    last?: u8\n"), "{text}");
}

#[test]
fn enums_of_one_name_do_not_take_each_others_names() {
    assert_eq!(
        layout("k.messagepack twins"),
        "b\"k.messagepack twins\"\n  codec: messagepack\n  value: struct Twins\n    one: unseen Twin \"it is unknown which of their names its variants are written with\"\n    other: enum Twin\n      0 B\n"
    );
}

#[test]
fn names_that_are_written_must_be_those_that_are_read() {
    assert_eq!(
        layout("k.messagepack astray"),
        "b\"k.messagepack astray\"\n  codec: messagepack\n  value: unseen OtherNames \"its bytes are not what serde's traits ask for\"\n"
    );
}

#[test]
fn flattened_fields_are_said_not_to_be_seen() {
    let text = layout("k.messagepack");
    assert!(text.contains("unseen"), "{text}");
}

#[test]
fn wincode_is_seen_by_serde_if_both_write_the_same() {
    assert_eq!(
        layout("k.wincode"),
        "b\"k.wincode\"\n  codec: wincode\n  value: struct Both\n    a: u8\n    b: list of option of text\n    c: enum BothEnum\n      0 A\n      1 B: u32\n"
    );
    assert_eq!(
        layout("k.wincode alone"),
        "b\"k.wincode alone\"\n  codec: wincode\n  value: unseen Alone \"it does not have both of serde's traits\"\n"
    );
    assert_eq!(
        layout("k.wincode astray"),
        "b\"k.wincode astray\"\n  codec: wincode\n  value: unseen Astray \"its bytes are not what serde's traits ask for\"\n"
    );
}

#[test]
fn blocks_have_their_alignment() {
    assert_eq!(
        layout("k.block"),
        "b\"k.block\"\n  codec: own\n  align: 16\n  value: unseen Pixels \"its serializer has a format of its own\"\n"
    );
}

#[test]
fn python_classes_have_their_fields() {
    assert_eq!(
        class("lock.Measured"),
        "\"lock.Measured\"\n  codec: pickle\n  value: struct Measured\n    mass: f64\n    charge?: i8\n    label?: option of text\n"
    );
    assert_eq!(
        class("lock.Color"),
        "\"lock.Color\"\n  codec: pickle\n  value: enum Color\n    0 Red\n    1 Green\n"
    );
    assert_eq!(
        class("lock.Image"),
        "\"lock.Image\"\n  codec: pickle\n  value: struct Image\n    label: text\n    pixels: frame b\"BS\"\n    parts: frames list of \"lock.Measured\"\n"
    );
}
