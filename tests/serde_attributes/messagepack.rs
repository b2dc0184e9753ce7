//! The codec with names: values that another value of the type does not vouch for, and fields that come and go.

#![allow(
    clippy::cast_sign_loss,
    clippy::needless_pass_by_value,
    clippy::unnecessary_wraps,
    clippy::zero_sized_map_values
)]

use std::collections::{BTreeMap, HashMap};
use std::fmt::Debug;
use std::net::IpAddr;

use ps_serialize::{Decode, Encode, MessagePack, Payload, deserialize, serialize, serializer};
use serde::de::DeserializeOwned;
use serde::ser::{SerializeMap, SerializeSeq, SerializeStruct, SerializeTuple};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::json;

macro_rules! types {
    ($($item:item)*) => {$(
        #[derive(Serialize, Deserialize, Debug, PartialEq, Clone)]
        $item
    )*};
}

fn write<T: Serialize + DeserializeOwned>(value: &T) -> ps_serialize::Result<Vec<u8>> {
    let mut payload = Vec::new();
    MessagePack::encode(value, &mut payload).map(|()| payload)
}

fn read<'a, T: Deserialize<'a>>(payload: &'a [u8]) -> ps_serialize::Result<T> {
    Payload::read(payload, MessagePack::decode)
}

/// Checks that a value is read as what it was, alone and beside others, and that `rmp_serde` writes the same bytes.
#[track_caller]
fn same<T: Serialize + DeserializeOwned + PartialEq + Debug + Clone>(value: T) {
    for _ in 0..2 {
        let payload = write(&value).unwrap_or_else(|error| panic!("{value:?}: {error:#}"));
        assert_eq!(read::<T>(&payload).unwrap(), value);
        let mut other =
            rmp_serde::Serializer::new(Vec::new()).with_struct_map().with_human_readable();
        value.serialize(&mut other).unwrap();
        assert_eq!(payload, other.into_inner(), "{value:?}");
        let beside = (Some(vec![value.clone(), value.clone()]), "after".to_owned());
        assert_eq!(read::<(Option<Vec<T>>, String)>(&write(&beside).unwrap()).unwrap(), beside);
    }
}

/// Checks that a value is refused, alone and beside others, and that the reason says this.
#[track_caller]
fn refused<T: Serialize + DeserializeOwned + Debug + Clone>(value: T, reason: &str) {
    for _ in 0..2 {
        for error in [write(&value).err(), write(&vec![(1_u8, value.clone())]).err()] {
            let text = format!("{:#}", error.unwrap_or_else(|| panic!("written: {value:?}")));
            assert!(text.contains(reason), "{value:?}: {text}");
        }
    }
}

const OTHER: &str = "it would be read as another value";
const UNREAD: &str = "it could not be read back";
const NIL: &str = "is written as nil, which is read as `None`";

types! {
    #[derive(Default)]
    struct Inner { a: u8, b: Option<String> }
    #[serde(untagged)]
    enum Untagged {
        Nothing,
        Small(u8),
        Large(u16),
        Text(String),
        List(Vec<Untagged>),
        Fewer { x: i64 },
        More { x: f64, y: u8 },
        Held(Inner),
        Address { address: IpAddr },
        Wide(u128),
    }
    #[serde(tag = "t")]
    enum Tagged {
        Empty,
        Fields { x: u8, bytes: Vec<u8>, address: IpAddr },
        Held(Inner),
        Map(BTreeMap<String, u8>),
    }
    struct Flat {
        id: u8,
        #[serde(flatten)]
        inner: Inner,
        #[serde(flatten)]
        more: BTreeMap<String, serde_json::Value>,
    }
    struct FlatNumbers {
        id: u8,
        #[serde(flatten)]
        more: HashMap<u32, u8>,
    }
    struct NoDefault {
        #[serde(skip_serializing_if = "Vec::is_empty")]
        list: Vec<u8>,
        #[serde(skip_serializing_if = "String::is_empty")]
        text: String,
    }
    enum NoDefaultInVariant {
        A {
            #[serde(skip_serializing_if = "String::is_empty")]
            text: String,
        },
    }
    struct NotRead {
        #[serde(skip_deserializing)]
        a: u8,
        b: u8,
    }
    #[serde(tag = "type")]
    struct TaggedStruct { a: u8 }
    struct Unit;
}

fn inner() -> Inner {
    Inner { a: 1, b: Some("b".to_owned()) }
}

#[test]
fn a_value_that_an_earlier_variant_takes_is_refused_and_no_other() {
    same(Untagged::Nothing);
    same(Untagged::Small(3));
    same(Untagged::Large(300));
    refused(Untagged::Large(3), OTHER);
    refused(Untagged::Large(255), OTHER);
    same(Untagged::Large(256));
    same(Untagged::Text("text".to_owned()));
    same(Untagged::List(vec![Untagged::Nothing, Untagged::List(vec![]), Untagged::Small(1)]));
    refused(Untagged::List(vec![Untagged::Small(1), Untagged::Large(2)]), OTHER);
    same(Untagged::Fewer { x: -5 });
    same(Untagged::More { x: 0.5, y: 1 });
    same(Untagged::Held(inner()));
    same(Untagged::Address { address: [127, 0, 0, 1].into() });
    refused(Untagged::Wide(5), OTHER);
    refused(Some(Untagged::Nothing), NIL);
}

#[test]
fn two_fields_of_one_name_are_refused() {
    same(Tagged::Empty);
    same(Tagged::Fields { x: 1, bytes: vec![1, 200], address: [0; 16].into() });
    same(Tagged::Held(inner()));
    same(Tagged::Map([("a".to_owned(), 1)].into()));
    refused(Tagged::Map([("t".to_owned(), 1)].into()), UNREAD);
    let flat = |key: &str| Flat {
        id: 7,
        inner: inner(),
        more: [(key.to_owned(), json!({"x": [1, -2, 0.5, null, "y", true, u64::MAX]}))].into(),
    };
    same(Flat { more: BTreeMap::new(), ..flat("") });
    same(flat("k"));
    refused(flat("id"), UNREAD);
    refused(flat("a"), UNREAD);
    refused(flat("b"), UNREAD);
    same(flat("c"));
    same(FlatNumbers { id: 7, more: HashMap::new() });
    same(FlatNumbers { id: 7, more: [(1, 2)].into() });
}

#[test]
fn a_field_that_is_left_out_must_have_a_default() {
    let value = |list: &[u8], text: &str| NoDefault { list: list.to_vec(), text: text.to_owned() };
    same(value(&[1], "t"));
    refused(value(&[], "t"), "missing field `list`");
    refused(value(&[1], ""), "missing field `text`");
    same(value(&[1, 2], "t"));
    same(NoDefaultInVariant::A { text: "t".to_owned() });
    refused(NoDefaultInVariant::A { text: String::new() }, "missing field `text`");
}

#[test]
fn a_field_that_is_left_out_must_be_as_its_default() {
    fn one() -> u8 {
        1
    }

    fn is_zero(number: &u8) -> bool {
        *number == 0
    }

    #[derive(Serialize, Deserialize, PartialEq, Debug, Clone)]
    struct OneForZero {
        #[serde(default = "one", skip_serializing_if = "is_zero")]
        x: u8,
    }

    #[derive(Serialize, Deserialize, PartialEq, Debug, Clone)]
    struct NoneForSome {
        #[serde(default, skip_serializing_if = "Option::is_some")]
        x: Option<u8>,
    }

    refused(OneForZero { x: 0 }, OTHER);
    same(OneForZero { x: 1 });
    same(OneForZero { x: 2 });
    refused(NoneForSome { x: Some(5) }, OTHER);
    same(NoneForSome { x: None });
}

#[test]
fn a_field_that_is_not_read_must_be_as_by_default() {
    same(NotRead { a: 0, b: 2 });
    refused(NotRead { a: 5, b: 2 }, OTHER);
    same(NotRead { a: 0, b: 3 });
    same(TaggedStruct { a: 1 });
}

#[test]
fn there_is_one_nil() {
    same(());
    same(None::<()>);
    same(None::<Option<u8>>);
    same(Some(Some(3_u8)));
    same(Some(Unit));
    same(Unit);
    same(Some(vec![()]));
    same(Some((Some(1_u8), ())));
    same(vec![(), ()]);
    same(BTreeMap::from([((), None::<u8>)]));
    same(Ok::<(), ()>(()));
    same(Some(Err::<(), Option<()>>(None)));
    refused(Some(()), NIL);
    refused(Some(None::<u8>), NIL);
    refused(Some(Some(None::<u8>)), NIL);
    refused(Some(Box::new(())), NIL);
    refused(vec![None, Some(())], NIL);
    refused(BTreeMap::from([(Some(()), 1_u8)]), NIL);
    refused(Some(serde_json::Value::Null), NIL);
    types! { struct New<T>(T); struct Field { field: Option<New<Option<u8>>> } }
    refused(Some(New(())), NIL);
    same(Field { field: Some(New(Some(1))) });
    same(Field { field: None });
    refused(Field { field: Some(New(None)) }, NIL);
    same(Some((None::<u8>,)));
}

#[test]
fn all_numbers_texts_and_sizes_are_what_they_were() {
    for edge in [0_i64, 32, 127, 128, 255, 256, 32_767, 65_535, 65_536, i64::from(i32::MAX)] {
        for number in [edge, -edge, edge + 1, -edge - 1, i64::MAX - edge, i64::MIN + edge] {
            same(number);
            same(number.cast_unsigned());
            same(number as i32);
            same(number as u16);
            same(number as i8);
            same((i128::from(number), u128::MAX - u128::from(number.cast_unsigned())));
        }
    }
    for size in [0, 1, 15, 16, 31, 32, 255, 256, 65_535, 65_536, 70_000] {
        same("x".repeat(size));
        same(vec![200_u8; size]);
        same(vec![0.5; size]);
        same((0..size).map(|i| (i, ())).collect::<BTreeMap<_, _>>());
    }
    same((
        'x',
        '\u{10ffff}',
        true,
        f64::INFINITY,
        -0.0_f32,
        5e-324,
        [[1_u8, 2], [3, 4]],
        [0_u8; 0],
    ));
    same(HashMap::from([(vec![1_u8], BTreeMap::from([((1_i8, 'x'), Some(2.5_f32))]))]));
    same(json!({"": [], "a": {"b": null}, "c": -1.5e300}));
    let payload = write(&(f64::NAN, f32::NAN)).unwrap();
    let (double, single): (f64, f32) = read(&payload).unwrap();
    assert_eq!((double.to_bits(), single.to_bits()), (f64::NAN.to_bits(), f32::NAN.to_bits()));
}

/// Announces another number of elements than it has.
struct Announces(Option<usize>);

impl Serialize for Announces {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut outer = to.serialize_tuple(4)?;
        outer.serialize_element(&Sequence(self.0))?;
        outer.serialize_element(&Map(self.0))?;
        outer.serialize_element(&Struct(self.0.unwrap_or(7)))?;
        outer.end()
    }
}

struct Sequence(Option<usize>);
struct Map(Option<usize>);
struct Struct(usize);

impl Serialize for Sequence {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut to = to.serialize_seq(self.0)?;
        (0..20_u8).try_for_each(|i| to.serialize_element(&i))?;
        to.end()
    }
}

impl Serialize for Map {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut to = to.serialize_map(self.0)?;
        (0..3_u8).try_for_each(|i| to.serialize_entry(&i, &Sequence(self.0)))?;
        to.end()
    }
}

impl Serialize for Struct {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut to = to.serialize_struct("Struct", self.0)?;
        to.serialize_field("a", &1_u8)?;
        to.end()
    }
}

impl<'de> Deserialize<'de> for Announces {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        type Read = (Vec<u8>, BTreeMap<u8, Vec<u8>>, HashMap<String, u8>);
        let (sequence, map, fields) = Read::deserialize(from)?;
        assert_eq!(sequence, (0..20).collect::<Vec<_>>());
        assert_eq!(map, (0..3).map(|i| (i, sequence.clone())).collect());
        assert_eq!(fields, [("a".to_owned(), 1)].into());
        Ok(Self(None))
    }
}

#[test]
fn the_number_of_elements_is_that_of_those_there_are() {
    for announced in [None, Some(0), Some(3), Some(20), Some(1000), Some(100_000)] {
        let payload = write(&Announces(announced)).unwrap();
        read::<Announces>(&payload).unwrap();
    }
    // As many as there can't be.
    let error = format!("{}", write(&Announces(Some(1 << 32))).unwrap_err());
    assert!(error.contains("the limit is 4294967295, and this is 4294967296 or more"), "{error}");
    assert!(write(&vec![(); 1 << 32]).is_err());
}

mod versions {
    use super::*;

    #[serializer(id = b"aP", codec = MessagePack)]
    #[derive(Serialize, Deserialize, Debug, PartialEq)]
    pub(super) struct Old {
        pub(super) id: u8,
        pub(super) gone: Vec<String>,
        pub(super) renamed: u16,
        pub(super) state: OldState,
    }

    #[derive(Serialize, Deserialize, Debug, PartialEq)]
    pub(super) enum OldState {
        On,
        Off { since: u8 },
    }

    #[serializer(id = b"aQ", codec = MessagePack)]
    #[derive(Serialize, Deserialize, Debug, PartialEq)]
    pub(super) struct New {
        #[serde(default)]
        pub(super) added: Option<Vec<u8>>,
        pub(super) state: NewState,
        #[serde(alias = "renamed")]
        pub(super) name: u32,
        pub(super) id: u64,
        #[serde(default = "seven")]
        pub(super) also: u8,
    }

    #[derive(Serialize, Deserialize, Debug, PartialEq)]
    pub(super) enum NewState {
        Unknown,
        Off {
            since: u8,
            #[serde(default)]
            until: Option<u8>,
        },
        On,
    }

    fn seven() -> u8 {
        7
    }
}

#[test]
fn fields_and_variants_come_and_go() {
    use versions::{New, NewState, Old, OldState};

    let old = |state| Old { id: 1, gone: vec!["x".to_owned()], renamed: 300, state };
    let as_new = |frame: &[u8]| deserialize::<New>(&[b"aQ", &frame[2..]].concat());
    let frame = serialize(&old(OldState::On)).unwrap();
    let new = New { added: None, state: NewState::On, name: 300, id: 1, also: 7 };
    assert_eq!(as_new(&frame).unwrap(), new);
    let frame = serialize(&old(OldState::Off { since: 3 })).unwrap();
    let off = NewState::Off { since: 3, until: None };
    assert_eq!(as_new(&frame).unwrap(), New { state: off, ..new });

    // And back: what is missing is an error that names it.
    let new = New { added: Some(vec![]), state: NewState::On, name: 5, id: 6, also: 8 };
    let frame = serialize(&new).unwrap();
    let error = deserialize::<Old>(&[b"aP", &frame[2..]].concat()).unwrap_err();
    assert!(format!("{error:#}").contains("missing field `gone`"), "{error:#}");
}

#[test]
fn text_and_bytes_are_borrowed() {
    #[derive(Deserialize, Debug)]
    struct View<'a> {
        text: &'a str,
        #[serde(borrow)]
        bytes: &'a [u8],
        #[serde(borrow)]
        map: BTreeMap<&'a str, &'a str>,
    }
    let payload = b"\x83\xa5bytes\xc4\x02\xff\0\xa4text\xa4text\xa3map\x81\xa1k\xa1v";
    let view: View = read(payload).unwrap();
    assert_eq!((view.text, view.bytes, view.map["k"]), ("text", &[255, 0][..], "v"));
    let range = payload.as_ptr_range();
    assert!(range.contains(&view.text.as_ptr()) && range.contains(&view.bytes.as_ptr()));
}

#[test]
fn bytes_of_other_languages_are_a_list_of_numbers_too() {
    assert_eq!(read::<Vec<u8>>(b"\xc4\x03\x01\x02\xff").unwrap(), [1, 2, 255]);
    assert_eq!(read::<[u8; 3]>(b"\xc4\x03\x01\x02\xff").unwrap(), [1, 2, 255]);
    assert!(read::<[u8; 2]>(b"\xc4\x03\x01\x02\xff").is_err());
    assert!(read::<[u8; 4]>(b"\xc4\x03\x01\x02\xff").is_err());
    assert!(read::<String>(b"\xa2\xff\xfe").is_err());
}

#[test]
fn a_type_may_go_on_without_a_value_that_is_another() {
    fn if_it_fits<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<T>, D::Error> {
        Ok(T::deserialize(from).ok())
    }
    fn nothing<'de, D: Deserializer<'de>>(_: D) -> Result<u8, D::Error> {
        Ok(9)
    }
    #[derive(Deserialize, Debug, PartialEq)]
    struct Lenient {
        #[serde(deserialize_with = "if_it_fits")]
        a: Option<Vec<u8>>,
        #[serde(deserialize_with = "nothing")]
        b: u8,
        #[serde(deserialize_with = "if_it_fits")]
        c: Option<Inner>,
        #[serde(deserialize_with = "if_it_fits")]
        d: Option<Result<u8, u8>>,
        e: u8,
    }
    let payload = rmp_serde::to_vec_named(&json!({
        "a": [1, ["b", 2], {"e": 300}],
        "b": [1, 2, 3],
        "c": {"a": "e", "b": [{"e": 1}]},
        "d": {"Ok": {"e": 2}},
        "e": 4,
    }));
    let read = read::<Lenient>(&payload.unwrap()).unwrap();
    assert_eq!(read, Lenient { a: None, b: 9, c: None, d: None, e: 4 });
}

#[test]
fn what_is_not_such_a_value_is_told_in_a_sentence() {
    fn says<'a, T: Deserialize<'a> + Debug>(payload: &'a [u8], expected: &str) {
        let error = format!("{:#}", read::<T>(payload).unwrap_err());
        assert!(error.contains(expected), "{error}");
    }
    says::<Inner>(b"\x01", "invalid type: integer `1`, expected struct Inner");
    says::<Inner>(b"\x81\xa1a", "the payload ends inside of the value");
    says::<Inner>(b"", "the payload ends inside of the value");
    says::<Inner>(b"\x82\xa1a\x01\xa1a\x02", "duplicate field `a`");
    says::<Inner>(b"\x81\xa1a\xcd\x01\0", "invalid value: integer `256`, expected u8");
    says::<u8>(b"\x01\x02", "1 bytes are left over after the value");
    says::<u8>(b"\xc1", "a value can't begin with the byte 0xc1");
    says::<u8>(b"\xd4\x01\x02", "an extension of type 1 with 1 bytes");
    says::<(u8, u8)>(b"\x93\x01\x02\x03", "1 elements are left over: the type expects fewer");
    says::<Result<u8, u8>>(b"\x93\x01\x02\x03", "not a sequence of 3 elements");
    says::<Result<u8, u8>>(b"\x82\xa2Ok\x01\xa3Err\x01", "not a map of 2 entries");
    says::<Result<u8, u8>>(b"\xa1x", "unknown variant `x`, expected `Ok` or `Err`");
    says::<u128>(
        b"\xc4\x01\x01",
        "an integer of 128 bits is 16 bytes, or an integer that fits, not 1 bytes",
    );
    says::<u128>(b"\xff", "not the integer `-1`");
    says::<String>(b"\xa1\xff", "invalid utf-8");
    says::<bool>(b"\x01", "invalid type: integer `1`, expected a boolean");
    says::<char>(b"\xa2ab", "expected a character");
}
