//! Deep values of large parts. A reader has the parts on its stack, and a writer only refers to them. What is written can
//! be read nevertheless.

use std::collections::BTreeMap;

use ps_serialize::{
    Deserializable, ErrorKind, Serializable, deserialize, deserialize_any, serialize, serializer,
};
use serde::{Deserialize, Serialize};

/// 4 KiB.
type Page = [[u64; 32]; 16];

const PAGE: Page = [[7; 32]; 16];

#[serializer(id = b"s0")]
#[derive(Serialize, Deserialize, PartialEq, Debug)]
struct Before {
    page: Page,
    next: Option<Box<Before>>,
}

#[serializer(id = b"s1")]
#[derive(Serialize, Deserialize, PartialEq, Debug)]
struct After {
    next: Option<Box<After>>,
    page: Page,
}

/// Each field is small, and the struct is only in boxes.
#[serializer(id = b"s2")]
#[derive(Serialize, Deserialize, PartialEq, Debug)]
struct ManyFields {
    fields: Option<Box<Fields>>,
}

#[derive(Serialize, Deserialize, PartialEq, Debug)]
struct Fields {
    a: [[u64; 32]; 2],
    b: [[u64; 32]; 2],
    c: [[u64; 32]; 2],
    d: [[u64; 32]; 2],
    e: [[u64; 32]; 2],
    f: [[u64; 32]; 2],
    g: [[u64; 32]; 2],
    h: [[u64; 32]; 2],
    i: [[u64; 32]; 2],
    j: [[u64; 32]; 2],
    next: ManyFields,
}

#[serializer(id = b"s3")]
#[derive(Serialize, Deserialize, PartialEq, Debug)]
struct Tree {
    pages: [Page; 2],
    children: Vec<Tree>,
}

#[serializer(id = b"s4")]
#[derive(Serialize, Deserialize, PartialEq, Debug)]
struct Map {
    page: Page,
    children: BTreeMap<String, Map>,
}

#[serializer(id = b"s5")]
#[derive(Serialize, Deserialize, PartialEq, Debug)]
enum Variants {
    End,
    Tuple(Page, Box<Variants>),
    Struct { page: Page, next: Box<Variants> },
}

#[serializer(id = b"s6")]
#[derive(Serialize, Deserialize, PartialEq, Debug)]
struct Tuple(Option<Box<(Page, Tuple)>>);

/// A writer of it is a loop, which takes no stack.
#[serializer(id = b"s7")]
#[derive(Serialize, Deserialize, PartialEq, Debug)]
enum Chain {
    End,
    More(Box<Chain>),
}

/// 64 KiB, so that few levels are enough.
#[serializer(id = b"s8")]
#[derive(Serialize, Deserialize, PartialEq, Debug)]
struct Huge {
    pages: [Page; 16],
    next: Option<Box<Huge>>,
}

fn before(_: usize, next: Option<Before>) -> Before {
    Before { page: PAGE, next: next.map(Box::new) }
}

fn after(_: usize, next: Option<After>) -> After {
    After { next: next.map(Box::new), page: PAGE }
}

fn many_fields(_: usize, next: Option<ManyFields>) -> ManyFields {
    const PART: [[u64; 32]; 2] = [[7; 32]; 2];
    let fields = next.map(|next| {
        Box::new(Fields {
            a: PART,
            b: PART,
            c: PART,
            d: PART,
            e: PART,
            f: PART,
            g: PART,
            h: PART,
            i: PART,
            j: PART,
            next,
        })
    });
    ManyFields { fields }
}

fn tree(_: usize, next: Option<Tree>) -> Tree {
    Tree { pages: [PAGE; 2], children: next.into_iter().collect() }
}

fn map(_: usize, next: Option<Map>) -> Map {
    Map { page: PAGE, children: next.map(|next| ("next".to_owned(), next)).into_iter().collect() }
}

fn variants(depth: usize, next: Option<Variants>) -> Variants {
    match next.map(Box::new) {
        None => Variants::End,
        Some(next) if depth.is_multiple_of(2) => Variants::Tuple(PAGE, next),
        Some(next) => Variants::Struct { page: PAGE, next },
    }
}

fn tuple(_: usize, next: Option<Tuple>) -> Tuple {
    Tuple(next.map(|next| Box::new((PAGE, next))))
}

fn chain(_: usize, next: Option<Chain>) -> Chain {
    next.map_or(Chain::End, |next| Chain::More(Box::new(next)))
}

#[allow(clippy::large_stack_arrays)] // the stack is what this is about
fn huge(_: usize, next: Option<Huge>) -> Huge {
    Huge { pages: [PAGE; 16], next: next.map(Box::new) }
}

/// Writes values of each depth until one is refused, and reads each. There must be one of at least this depth.
fn round_trip<T>(make: fn(usize, Option<T>) -> T, at_least: usize)
where
    T: Serializable + for<'a> Deserializable<'a> + Serialize + for<'a> Deserialize<'a>,
    T: PartialEq + std::fmt::Debug + Send + Sync + 'static,
{
    // To make and to compare such values takes stack too.
    let thread = std::thread::Builder::new().stack_size(64 << 20);
    let thread = thread.spawn(move || {
        let mut value = make(0, None);
        let mut depth = 0;
        let (mut refused, mut refused_pickles) =
            (0, 3 * usize::from(cfg!(not(feature = "pickle"))));
        while depth < 140 && (refused < 3 || refused_pickles < 3) {
            let written = serialize(&value);
            if let Ok(frame) = &written {
                assert_eq!(refused, 0, "a deeper value than {depth} levels was refused before");
                let (typed, any) =
                    (deserialize::<T>(frame).unwrap(), deserialize_any(frame).unwrap());
                assert!(typed == value && *any.downcast::<T>().unwrap() == value, "{depth}");
            } else if let Err(error) = &written {
                refused += 1;
                let kind = error.kind();
                assert!(matches!(kind, ErrorKind::LimitExceeded { .. }), "{error:?}");
                assert!(depth >= at_least, "refused at {depth} levels");
            }
            #[cfg(feature = "messagepack")]
            by_names(&value, depth);
            #[cfg(feature = "pickle")]
            {
                use ps_serialize::pickle::Pickle;
                use ps_serialize::{deserialize_with, serialize_with};

                match serialize_with::<Pickle<T>>(&value) {
                    Ok(frame) => {
                        let read = deserialize_with::<Pickle<T>>(&frame).unwrap();
                        assert!(read == value, "{depth}");
                    }
                    Err(error) => {
                        refused_pickles += 1;
                        let kind = error.kind();
                        assert!(matches!(kind, ErrorKind::LimitExceeded { .. }), "{error:?}");
                    }
                }
            }
            depth += 1;
            value = make(depth, Some(value));
        }
        assert!(refused >= 3 && refused_pickles >= 3, "values of any depth were written");
    });
    thread.unwrap().join().unwrap();
}

/// What `MessagePack` writes, it reads.
#[cfg(feature = "messagepack")]
fn by_names<T>(value: &T, depth: usize)
where
    T: Serialize + for<'a> Deserialize<'a> + PartialEq,
{
    use ps_serialize::{Decode, Encode, MessagePack, Payload};

    let mut payload = Vec::new();
    match <MessagePack as Encode<T>>::encode(value, &mut payload) {
        Ok(()) => {
            let read = Payload::read(&payload, |payload| -> ps_serialize::Result<T> {
                MessagePack::decode(payload.reborrow())
            });
            assert!(read.unwrap() == *value, "{depth}");
        }
        Err(error) => {
            assert!(matches!(error.kind(), ErrorKind::LimitExceeded { .. }), "{error:?}");
            assert!(depth > 0, "a value without levels is refused");
        }
    }
}

#[test]
fn deep_values_of_large_parts_that_are_written_can_be_read() {
    round_trip(before, 3);
    round_trip(after, 3);
    round_trip(many_fields, 3);
    round_trip(tree, 2);
    round_trip(map, 2);
    round_trip(variants, 3);
    round_trip(tuple, 3);
    round_trip(huge, 0);
}

#[test]
fn deep_values_of_small_parts_are_refused_by_the_number_of_levels_alone() {
    round_trip(chain, 126);
}
