//! Records in records: what is written can be read, in a thread's usual stack.

use std::collections::BTreeMap;
use std::fmt::Debug;

use ps_serialize::{
    Deserializable, Serializable, deserialize, deserialize_any, serialize, serializer,
};

/// How many levels can be written, of which each can be read.
fn levels<T>(innermost: T, deeper: fn(T) -> T) -> usize
where
    T: Serializable + for<'f> Deserializable<'f> + PartialEq + Debug + Send + 'static,
{
    let count = move || {
        let mut value = innermost;
        for levels in 0.. {
            let Ok(frame) = serialize(&value) else {
                let error = format!("{:#}", serialize(&value).unwrap_err());
                assert!(
                    error.contains(
                        "records inside of one another, in levels: the limit is 32, and this is 33"
                    ) || error.contains("nested too deep, in bytes of stack"),
                    "{error}"
                );
                return levels;
            };
            let back = deserialize::<T>(&frame).expect("what is written can be read");
            assert!(back == value, "{levels} levels");
            drop(back);
            assert!(deserialize_any(&frame[..]).is_ok(), "{levels} levels");
            value = deeper(value);
        }
        unreachable!()
    };
    // A thread has 2 MiB of stack.
    std::thread::spawn(count).join().unwrap()
}

#[serializer(id = b"rec deep")]
#[derive(Debug, PartialEq)]
struct Deep {
    id: u8,
    #[serializer(frames)]
    inner: Vec<Deep>,
}

#[serializer(id = b"rec deep enum")]
#[derive(Debug, PartialEq)]
enum DeepEnum {
    End,
    List(#[serializer(frames)] Vec<DeepEnum>),
    Map {
        text: String,
        #[serializer(frames)]
        map: BTreeMap<String, DeepEnum>,
    },
}

#[test]
fn thirty_two_levels_are_written_and_one_more_is_refused() {
    assert_eq!(
        levels(Deep { id: 0, inner: vec![] }, |value| Deep { id: 1, inner: vec![value] }),
        32
    );
    assert_eq!(levels(DeepEnum::End, |value| DeepEnum::List(vec![value, DeepEnum::End])), 32);
    let map =
        |value| DeepEnum::Map { text: "text".to_owned(), map: [("k".to_owned(), value)].into() };
    assert_eq!(levels(DeepEnum::End, map), 32);
}

#[cfg(feature = "wincode")]
#[test]
fn the_codec_changes_nothing() {
    #[serializer(id = b"rec deep wincode", codec = ps_serialize::Wincode)]
    #[derive(Debug, PartialEq)]
    struct ByWincode(String, #[serializer(frames)] Vec<ByWincode>);

    let deeper = |value| ByWincode("text".to_owned(), vec![value]);
    assert_eq!(levels(ByWincode(String::new(), vec![]), deeper), 32);
}

macro_rules! large {
    ($($name:ident: $id:literal, $other:ty, $value:expr;)*) => {$(
        #[test]
        fn $name() {
            #[serializer(id = $id)]
            #[derive(Debug, PartialEq)]
            struct Large {
                other: $other,
                #[serializer(frames)]
                inner: Vec<Large>,
            }

            let deeper = |value| Large { other: $value, inner: vec![value] };
            let levels = levels(Large { other: $value, inner: vec![] }, deeper);
            assert!((1..=32).contains(&levels), "{levels}");
        }
    )*};
}

large! {
    levels_of_1_kib: b"rec large 1", [[u64; 32]; 4], [[1; 32]; 4];
    levels_of_3_kib: b"rec large 3", [[u64; 32]; 12], [[1; 32]; 12];
    levels_of_8_kib: b"rec large 8", [[[u64; 32]; 16]; 2], [[[1; 32]; 16]; 2];
    levels_of_16_kib: b"rec large 16", [[[u64; 32]; 16]; 4], [[[1; 32]; 16]; 4];
}

/// The innermost value may take as much stack as if it stood alone.
#[test]
fn a_deep_value_may_stand_in_deep_records() {
    #[serializer(id = b"rec deep list")]
    #[derive(serde::Serialize, serde::Deserialize, Debug, PartialEq)]
    enum List {
        End,
        More(u8, Box<List>),
    }

    #[serializer(id = b"rec deep holder")]
    #[derive(Debug, PartialEq)]
    struct Holder {
        #[serializer(frames)]
        list: Option<List>,
        #[serializer(frames)]
        inner: Vec<Holder>,
    }

    let list = (0..127).fold(List::End, |list, _| List::More(7, Box::new(list)));
    let innermost = Holder { list: Some(list), inner: vec![] };
    assert_eq!(levels(innermost, |value| Holder { list: None, inner: vec![value] }), 32);
}

/// Frames of two types in turn, with large fields in one of them.
#[test]
fn records_of_several_types_take_turns() {
    #[serializer(id = b"rec turn one")]
    #[derive(Debug, PartialEq)]
    struct One(u8, #[serializer(frames)] Vec<Other>);

    #[serializer(id = b"rec turn other")]
    #[derive(Debug, PartialEq)]
    struct Other([[[u64; 32]; 16]; 2], #[serializer(frames)] Option<One>);

    let other = || [[[1; 32]; 16]; 2];
    let levels =
        levels(One(0, vec![]), |value| One(1, vec![Other([[[1; 32]; 16]; 2], Some(value))]));
    assert!((1..=16).contains(&levels), "{levels}");
    let frame = serialize(&Other(other(), Some(One(7, vec![])))).unwrap();
    assert_eq!(deserialize::<Other>(&frame).unwrap(), Other(other(), Some(One(7, vec![]))));
}

/// A serializer that writes records by itself, one after the other, with bytes between.
mod in_a_row {
    use ps_serialize::{
        Error, Payload, Result, Serializer, Sink, parts, serialize, serialize_into, serializer,
    };

    #[serializer(id = b"rec point")]
    #[derive(serde::Serialize, serde::Deserialize)]
    struct Point(u16, u16);

    #[serializer(id = b"rec of a point")]
    struct OfPoint {
        #[serializer(frame)]
        point: Point,
    }

    struct InARow(Vec<OfPoint>);

    #[serializer(id = b"rec in a row")]
    impl Serializer for InARow {
        type Value = Self;

        fn serialize<'a>(value: &'a Self, out: &mut dyn Sink<'a>) -> Result<()> {
            for record in &value.0 {
                <OfPoint as Serializer>::serialize(record, out)?;
                out.put(b"between");
            }
            Ok(())
        }

        fn deserialize(_: Payload<'_, '_>) -> Result<Self> {
            Err(Error::custom("written only"))
        }
    }

    #[serializer(id = b"rec around a row")]
    struct Around(#[serializer(frame)] InARow);

    #[test]
    fn records_and_bytes_follow_one_another() {
        let row = |count| InARow((0..count).map(|at| OfPoint { point: Point(at, 7) }).collect());
        let one = serialize(&OfPoint { point: Point(0, 7) }).unwrap();
        for count in [1, 2, 40] {
            let frame = serialize(&row(count)).unwrap();
            assert_eq!(frame.len(), 13 + usize::from(count) * (one.len() - 64 + 7));
            assert_eq!(frame[13..][..one.len() - 64 + 7], [&one[64..], b"between"].concat());
            assert!(frame.ends_with(b"\x07\0between"));
            let row = row(count);
            {
                let pieces = parts(&row).unwrap();
                assert_eq!((pieces.len(), pieces.to_bytes()), (frame.len(), frame.clone()));
            }

            let around = Around(row);
            let joined = serialize(&around).unwrap();
            assert_eq!(joined[joined.len() - (frame.len() - 13)..], frame[13..]);
            assert_eq!(parts(&around).unwrap().to_bytes(), joined);
            let mut kept = Vec::new();
            serialize_into(&around, &mut kept).unwrap();
            assert_eq!(kept, joined);
        }
    }
}
