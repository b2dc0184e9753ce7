//! Records with the codec `MessagePack`: lengths that lie, nesting, and changes of single bytes.

use std::collections::{BTreeMap, HashMap, HashSet};

use ps_serialize::{MessagePack, deserialize, deserialize_any, registry, serialize, serializer};
use serde::{Deserialize, Serialize};

use crate::{ByteBuf, mutate, peak_memory};

macro_rules! records {
    ($($(#[$attribute:meta])* $id:literal $item:item)*) => {$(
        #[serializer(id = $id, codec = MessagePack)]
        #[derive(Serialize, Deserialize, Debug, PartialEq)]
        $item
    )*};
}

records! {
    b"hp" struct Mixed {
        text: String,
        bytes: ByteBuf,
        numbers: Vec<[u64; 4]>,
        map: HashMap<i8, Option<String>>,
        pair: (char, f32, u128),
        held: Vec<Held>,
        more: Json,
        tagged: Vec<Tagged>,
        flat: Flat,
    }
    b"hq" struct Tree { children: Vec<Tree> }
    b"hr" struct Optional(Option<Box<Optional>>);
    b"hs" enum List { End, More(u8, Box<List>), Named { next: Box<List> } }
    b"ht" struct Nested(BTreeMap<u8, Nested>);
    b"hu" struct Large(Vec<Option<[u128; 32]>>);
    b"hv" struct Units(Vec<()>, HashSet<()>);
    b"hC" struct Big { matrix: [[[f64; 32]; 16]; 2], next: Option<Box<Big>> }
    b"hD" struct Any(serde_json::Value);
}

#[derive(Serialize, Deserialize, Debug, PartialEq)]
enum Held {
    Unit,
    Newtype(Option<u8>),
    Tuple(u8, String),
    Struct { a: bool },
}

#[derive(Serialize, Deserialize, Debug, PartialEq)]
#[serde(untagged)]
enum Json {
    Null,
    Number(f64),
    Text(String),
    List(Vec<Json>),
    Map(BTreeMap<String, Json>),
}

#[derive(Serialize, Deserialize, Debug, PartialEq)]
#[serde(tag = "t")]
enum Tagged {
    A,
    B { next: Option<Box<Tagged>> },
}

#[derive(Serialize, Deserialize, Debug, PartialEq)]
struct Flat {
    a: u8,
    #[serde(flatten)]
    more: BTreeMap<String, u8>,
}

fn mixed() -> Mixed {
    Mixed {
        text: "µ\n".to_owned(),
        bytes: ByteBuf(vec![1, 2]),
        numbers: vec![[1, 2, 3, 400]],
        map: [(-1, None), (2, Some("x".to_owned()))].into(),
        pair: ('x', 0.5, 1),
        held: vec![
            Held::Unit,
            Held::Newtype(None),
            Held::Tuple(1, "y".to_owned()),
            Held::Struct { a: true },
        ],
        more: Json::List(vec![Json::Null, Json::Number(1.5), Json::Map(BTreeMap::new())]),
        tagged: vec![Tagged::A, Tagged::B { next: Some(Box::new(Tagged::A)) }],
        flat: Flat { a: 1, more: [("b".to_owned(), 2)].into() },
    }
}

#[test]
fn every_prefix_and_every_changed_byte_gives_a_value_or_an_error() {
    mutate(&mixed());
    mutate(&Tree { children: vec![Tree { children: vec![] }, Tree { children: vec![] }] });
    mutate(&Optional(None));
    mutate(&List::Named { next: Box::new(List::More(2, Box::new(List::End))) });
    mutate(&Nested([(1, Nested(BTreeMap::new()))].into()));
    mutate(&Units(vec![(); 3], HashSet::from([()])));
    mutate(&Any(serde_json::json!({"a": [1, null, "x", {"b": -1.5}]})));
}

#[test]
fn a_length_that_lies_costs_nothing() {
    assert!(registry().check().is_ok());
    let heads: &[&[u8]] = &[b"\xdd", b"\xdf", b"\xdb", b"\xc6", b"\xc9", b"\xde", b"\xdc"];
    for length in [10_u32, 70_000, 1 << 20, 1 << 31, u32::MAX] {
        for (id, before) in [
            ("hp", &b"\x81\xa4text"[..]),
            ("hp", b"\x81\xa5bytes"),
            ("hp", b"\x81\xa7numbers"),
            ("hp", b"\x81\xa3map"),
            ("hp", b"\x81\xa4more"),
            ("hp", b"\x81\xa6tagged"),
            ("hp", b"\x81\xa7ignored"),
            ("hq", b"\x81\xa8children"),
            ("hs", b""),
            ("ht", b""),
            ("hu", b""),
            ("hv", b"\x92"),
            ("hD", b""),
        ] {
            for head in heads {
                for more in [0, 1, 9] {
                    let mut frame = [id.as_bytes(), b"\n", before, head].concat();
                    frame.extend(length.to_be_bytes());
                    frame.extend(vec![1_u8; more]);
                    let mut read = None;
                    let peak = peak_memory(|| read = Some(deserialize_any(&frame).is_err()));
                    let limit = 8192 + frame.len() * size_of::<Option<[u128; 32]>>();
                    assert!(peak <= limit, "{id} claims {length}: {peak} bytes were in use");
                    assert_eq!(read, Some(true), "{}", frame.escape_ascii());
                }
            }
        }
    }
}

/// Each level claims as many elements as the rest of the payload has bytes.
#[test]
fn lengths_that_lie_at_each_level_cost_no_more_together() {
    for size in [1000_u32, 100_000] {
        for (id, level) in [("hq", &b"\x81\xa8children\xdd"[..]), ("hD", b"\xdd"), ("hD", b"\xdf")]
        {
            let mut frame = [id.as_bytes(), b"\n"].concat();
            for _ in 0..120 {
                frame.extend([level, &(size / 3).to_be_bytes()].concat());
            }
            frame.resize(frame.len() + size as usize, 0x90);
            let peak = peak_memory(|| assert!(deserialize_any(&frame).is_err()));
            assert!(peak <= 8192 + 100 * frame.len(), "{id}: {peak} bytes for {}", frame.len());
        }
    }
}

#[test]
fn nesting_a_million_deep_is_an_error_on_both_sides() {
    for (id, level, end) in [
        ("hq", &b"\x81\xa8children\x91"[..], &b"\x81\xa8children\x90"[..]),
        ("hs", b"\x81\xa4More\x92\x07", b"\xa3End"),
        ("hs", b"\x81\xa5Named\x81\xa4next", b"\xa3End"),
        ("ht", b"\x81\x07", b"\x80"),
        ("hD", b"\x91", b"\xc0"),
        ("hD", b"\x81\xa1a", b"\xc0"),
        ("hp", b"\x81\xa4more\x91", b"\xc0"),
    ] {
        let frame = |depth| [id.as_bytes(), b"\n", &level.repeat(depth), end].concat();
        if id != "hp" {
            assert!(deserialize_any(&frame(50)).is_ok(), "{id}");
        }
        for depth in [200, 1_000_000] {
            let frame = match id {
                "hp" => [&b"hp\n\x81\xa4more"[..], &b"\x91".repeat(depth), b"\xc0"].concat(),
                _ => frame(depth),
            };
            let error = deserialize_any(&frame).unwrap_err();
            let text = format!("{error:?}");
            assert!(text.contains("nested too deep, in levels: the limit is 128"), "{id}: {text}");
        }
    }
    // What nobody asks for may be nested however deep.
    let ignored = [&b"hq\n\x82\xa1x"[..], &b"\x91".repeat(1_000_000), b"\xc0\xa8children\x90"];
    assert!(deserialize_any(&ignored.concat()).is_ok());
    // Serde asks for ever what is inside of it.
    assert!(deserialize_any(b"hr\n\x01").is_err());
    assert!(deserialize::<Optional>(b"hr\n\xc0").is_ok());
    assert!(serialize(&Optional(Some(Box::new(Optional(None))))).is_err());
}

#[test]
fn what_is_written_deep_can_be_read() {
    fn grow<T>(end: T, next: fn(T) -> T) -> usize
    where
        T: ps_serialize::Serializable + for<'a> ps_serialize::Deserializable<'a>,
    {
        let mut value = end;
        for depth in 0..300 {
            match serialize(&value) {
                Ok(frame) => drop(deserialize::<T>(&frame).expect("what is written can be read")),
                Err(error) => {
                    assert!(format!("{error}").contains("nested too deep"), "{error}");
                    return depth;
                }
            }
            value = next(value);
        }
        300
    }
    assert_eq!(grow(List::End, |list| List::More(7, Box::new(list))), 129);
    let depth = grow(List::End, |list| List::Named { next: Box::new(list) });
    assert_eq!(depth, 129);
    assert_eq!(grow(Nested(BTreeMap::new()), |inner| Nested([(1, inner)].into())), 64);
    assert_eq!(grow(Tree { children: vec![] }, |tree| Tree { children: vec![tree] }), 64);
    let depth = grow(Any(serde_json::Value::Null), |Any(value)| Any(vec![value].into()));
    assert_eq!(depth, 128);
}

#[test]
fn large_levels_do_not_overflow_the_stack_of_a_thread() {
    let row = [&b"\xdc\0\x20"[..], &[0; 32]].concat();
    let plane = [&b"\xdc\0\x10"[..], &row.repeat(16)].concat();
    let level = [&b"\x82\xa6matrix\x92"[..], &plane.repeat(2), b"\xa4next"].concat();
    for depth in [1, 20, 60, 127, 200, 2000] {
        let frame = [b"hC\n", &level.repeat(depth)[..], b"\xc0"].concat();
        std::thread::spawn(move || drop(deserialize_any(&frame))).join().unwrap();
    }
    std::thread::spawn(|| {
        let mut value = Big { matrix: [[[0.0; 32]; 16]; 2], next: None };
        let mut depth = 0;
        while let Ok(frame) = serialize(&value) {
            deserialize::<Big>(&frame).expect("what is written can be read");
            value = Big { matrix: value.matrix, next: Some(Box::new(value)) };
            depth += 1;
        }
        assert!((2..128).contains(&depth), "{depth} levels");
    })
    .join()
    .unwrap();
}

#[test]
fn bytes_left_over_are_an_error() {
    let mut frame = serialize(&mixed()).unwrap().to_vec();
    frame.push(0xc0);
    let error = deserialize::<Mixed>(&frame).unwrap_err();
    assert!(format!("{error:?}").contains("1 bytes are left over"), "{error:?}");
}
