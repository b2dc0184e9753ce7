//! For any value: what is written is read back, both codecs write the same bytes, and any bytes
//! at all are an error or a value.

#[cfg(feature = "ndarray")]
#[path = "properties/arrays.rs"]
mod arrays;
#[cfg(feature = "polars")]
#[path = "properties/tables.rs"]
mod tables;
#[cfg(feature = "safetensors")]
#[path = "properties/tensors.rs"]
mod tensors;

use std::collections::{BTreeMap, HashMap};

use proptest::collection::{btree_map, hash_map, vec};
use proptest::prelude::*;
use ps_serialize::{
    Frame, Identifier, deserialize, deserialize_any, parts, serialize, serialize_into, serializer,
};

#[serializer(id = b"p0")]
#[cfg_attr(feature = "wincode", derive(::wincode::SchemaRead, ::wincode::SchemaWrite))]
#[derive(serde::Serialize, serde::Deserialize, Debug, PartialEq, Clone)]
struct Everything {
    small: (u8, i8, u16, i16, u32, i32, bool, char),
    large: (u64, i64, u128, i128),
    float: (f32, f64),
    text: String,
    bytes: Vec<u8>,
    option: Option<Vec<Option<u16>>>,
    map: HashMap<String, i64>,
    ordered: BTreeMap<u32, Vec<String>>,
    array: [f64; 3],
    boxed: Box<[u16]>,
    choices: Vec<Choice>,
    unit: (),
}

#[cfg_attr(feature = "wincode", derive(::wincode::SchemaRead, ::wincode::SchemaWrite))]
#[derive(serde::Serialize, serde::Deserialize, Debug, PartialEq, Clone)]
enum Choice {
    Unit,
    Newtype(u64),
    Tuple(String, i8),
    Struct { name: String, flags: Vec<bool> },
}

fn choice() -> impl Strategy<Value = Choice> {
    prop_oneof![
        Just(Choice::Unit),
        any::<u64>().prop_map(Choice::Newtype),
        any::<(String, i8)>().prop_map(|(text, number)| Choice::Tuple(text, number)),
        any::<(String, Vec<bool>)>().prop_map(|(name, flags)| Choice::Struct { name, flags }),
    ]
}

fn everything() -> impl Strategy<Value = Everything> {
    // Not NaN, which is unequal to itself; `floats_keep_their_bits` has those.
    let f64 = || prop::num::f64::ANY.prop_filter("NaN", |x| !x.is_nan());
    let f32 = prop::num::f32::ANY.prop_filter("NaN", |x| !x.is_nan());
    let numbers =
        (any::<(u8, i8, u16, i16, u32, i32, bool, char)>(), any::<(u64, i64, u128, i128)>());
    let texts = (any::<String>(), vec(any::<u8>(), 0..600), vec(any::<u16>(), 0..9));
    let collections = (
        any::<Option<Vec<Option<u16>>>>(),
        hash_map(any::<String>(), any::<i64>(), 0..5),
        btree_map(any::<u32>(), vec(any::<String>(), 0..4), 0..5),
        vec(choice(), 0..5),
    );
    (numbers, (f32, f64(), [f64(), f64(), f64()]), texts, collections).prop_map(
        |(
            (small, large),
            (single, double, array),
            (text, bytes, boxed),
            (option, map, ordered, choices),
        )| Everything {
            small,
            large,
            float: (single, double),
            text,
            bytes,
            option,
            map,
            ordered,
            array,
            boxed: boxed.into(),
            choices,
            unit: (),
        },
    )
}

proptest! {
    #[test]
    fn records_are_read_back(value in everything()) {
        let frame = serialize(&value)?;
        prop_assert_eq!(&deserialize::<Everything>(&frame)?, &value);
        let any = deserialize_any(&frame)?;
        prop_assert_eq!(any.downcast_ref(), Some(&value));
        prop_assert_eq!(parts(&value)?.to_bytes(), &frame[..]);
        let mut buffer = Vec::new();
        serialize_into(&value, &mut buffer)?;
        prop_assert_eq!(&buffer, &frame[..]);
    }

    #[test]
    fn the_bytes_are_the_bincode_1_layout(value in everything()) {
        let expected = bincode_1::serialize(&value).unwrap();
        prop_assert_eq!(&serialize(&value)?[3..], &expected);
        prop_assert_eq!(&deserialize::<Everything>(&[b"p0\n", &expected[..]].concat())?, &value);
    }

    #[cfg(feature = "wincode")]
    #[test]
    fn wincode_writes_and_reads_the_same_bytes(value in everything()) {
        use ps_serialize::{Bincode, Decode, Encode, Payload, Wincode};

        let (mut by_bincode, mut by_wincode) = (Vec::new(), Vec::new());
        Bincode::encode(&value, &mut by_bincode)?;
        Wincode::encode(&value, &mut by_wincode)?;
        prop_assert_eq!(&by_wincode, &by_bincode);
        let read: Everything = Payload::read(&by_bincode, Wincode::decode).unwrap();
        prop_assert_eq!(&read, &value);
        let read: Everything = Payload::read(&by_wincode, Bincode::decode).unwrap();
        prop_assert_eq!(&read, &value);
    }

    #[cfg(feature = "pickle")]
    #[test]
    fn records_are_read_back_from_pickles(value in everything()) {
        use ps_serialize::pickle::{Pickle, Value};
        use ps_serialize::{deserialize_with, serialize_with};

        let frame = serialize_with::<Pickle<Everything>>(&value)?;
        prop_assert_eq!(&deserialize_with::<Pickle<Everything>>(&frame)?, &value);
        // Both writers write the same bytes, but for what only one of them has names for.
        let any: Value = deserialize(&frame)?;
        prop_assert_eq!(&serialize(&any)?, &frame);
        prop_assert_eq!(parts(&any)?.to_bytes(), &frame);
    }

    /// Bytes of opcodes, small numbers and digits are a pickle for a while.
    #[cfg(feature = "pickle")]
    #[test]
    fn any_opcodes_are_an_error_or_a_value(
        opcodes in vec(
            prop_oneof![
                4 => prop::sample::select(b"N()]}]}(tlduaesb.KMUC0212RQqhgp\n\x85\x86\x87\x88\x89\x8a\x8c\x8f\x90\x91\x93\x94\x95".to_vec()),
                1 => 0..4_u8,
            ],
            0..60,
        ),
    ) {
        use ps_serialize::deserialize_with;
        use ps_serialize::pickle::{Pickle, Value};

        let start = [b"PK\n", &b"c__builtin__\nset\nq\0]q\x01X\x01\0\0\0aq\x02"[..]].concat();
        let frame = [&start, &opcodes[..], b"."].concat();
        if let Ok(value) = deserialize::<Value>(&frame) {
            let again = serialize(&value)?;
            prop_assert_eq!(&serialize(&deserialize::<Value>(&again)?)?, &again);
        }
        let _ = deserialize_with::<Pickle<serde_json::Value>>(&frame);
    }

    #[test]
    fn text_is_read_back(text: String) {
        let frame = serialize(&text)?;
        let expected = ["US\n", &text].concat();
        prop_assert_eq!(&frame[..], expected.as_bytes());
        prop_assert_eq!(deserialize::<&str>(&frame)?, &text);
        prop_assert_eq!(deserialize::<String>(&frame)?, text);
    }

    #[test]
    fn bytes_are_read_back(value: Vec<u8>) {
        let frame = serialize(&value)?;
        prop_assert_eq!(&frame[..], [b"BS\n", &value[..]].concat());
        prop_assert_eq!(deserialize::<&[u8]>(&frame)?, &value[..]);
        prop_assert_eq!(deserialize::<bytes::Bytes>(&frame)?, &value[..]);
        prop_assert_eq!(deserialize::<Vec<u8>>(&frame)?, value);
    }

    #[test]
    fn floats_keep_their_bits(bits: u64) {
        #[serializer(id = b"p1")]
        #[derive(serde::Serialize, serde::Deserialize)]
        struct Float(f64);

        let frame = serialize(&Float(f64::from_bits(bits)))?;
        prop_assert_eq!(deserialize::<Float>(&frame)?.0.to_bits(), bits);
    }

    #[test]
    fn any_bytes_are_an_error_or_a_value(
        id in prop::sample::select(vec![&b"p0\n"[..], b"p1\n", b"US\n", b"BS\n", b"", b"PK"]),
        rest in vec(prop_oneof![3 => Just(0_u8), 1 => Just(1), 1 => any::<u8>()], 0..300),
    ) {
        let frame = [id, &rest].concat();
        let _ = deserialize_any(&frame);
        let _ = deserialize::<Everything>(&frame);
        let _ = deserialize::<&str>(&frame);
    }

    #[test]
    fn an_identifier_survives_every_line_around_it(
        id in vec(any::<u8>(), 1..=32), before in "[ \t\r\x0b\x0c]{0,10}", after in "[ \t\r\x0b\x0c]{0,10}", payload: Vec<u8>,
    ) {
        let Ok(identifier) = Identifier::try_from(&id[..]) else { return Ok(()) };
        let line = [before.as_bytes(), &id, after.as_bytes(), b"\n", &payload].concat();
        let frame = Frame::parse(&line)?;
        prop_assert_eq!(frame.identifier(), identifier);
        prop_assert_eq!(frame.payload(), &payload[..]);
    }
}
