//! The rows of the table, and the check that each of them is true.

use std::fmt::Debug;

use ps_serialize::pickle::Pickle;
use ps_serialize::{
    Bincode, Decode, Encode, Error, MessagePack, Payload, Wincode, deserialize_with, serialize_with,
};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The expected outcome for a value.
pub(crate) enum Is<T> {
    /// The value is read as what it was.
    Same,
    /// The value is read as this one, as its attributes ask.
    Read(T),
    /// The value is not written, and this is part of the reason.
    Refused(&'static str),
    /// Serde itself can't say it in this format.
    Untold,
}
pub(crate) use Is::{Read, Refused, Same, Untold};

/// A value between other values, which a reader that loses its place reads wrongly. One type has all of these
/// places, because the compiler makes every verb anew for each type that holds a `T`.
#[derive(Serialize, Deserialize, Debug, PartialEq, Clone)]
pub(crate) struct Nest<T> {
    before: u16,
    held: Vec<Vec<T>>,
    perhaps: Option<T>,
    either: Either<T>,
    after: String,
}

#[derive(Serialize, Deserialize, Debug, PartialEq, Clone)]
pub(crate) enum Either<T> {
    Left,
    Pair(T, u8),
    Right { held: Box<T>, more: u64 },
}

pub(crate) trait Value: Serialize + DeserializeOwned + Debug + PartialEq + Clone {}
impl<T: Serialize + DeserializeOwned + Debug + PartialEq + Clone> Value for T {}

fn bincode<T: Value>(value: &T) -> Result<T, Error> {
    there_and_back(
        |out| Bincode::encode(value, out),
        |payload| Payload::read(payload, Bincode::decode),
    )
}

fn messagepack<T: Value>(value: &T) -> Result<T, Error> {
    there_and_back(
        |out| MessagePack::encode(value, out),
        |payload| Payload::read(payload, MessagePack::decode),
    )
}

/// A value behind pointers to the code that serde's derives made. So the compiler makes the code of pickles,
/// which is much for each type, for this type alone.
struct Erased<T>(T);

impl<T: Serialize> Serialize for Erased<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        erased_serde::serialize(&self.0, to)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Erased<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let mut from = <dyn erased_serde::Deserializer<'_>>::erase(from);
        erased_serde::deserialize(&mut from).map(Self).map_err(D::Error::custom)
    }
}

fn pickle<T: Value>(value: &T) -> Result<T, Error> {
    let frame = serialize_with::<Pickle<Erased<T>>>(&Erased(value.clone()))?;
    let read = deserialize_with::<Pickle<Erased<T>>>(&frame);
    Ok(read.expect("what is written can be read").0)
}

fn there_and_back<T>(
    write: impl FnOnce(&mut Vec<u8>) -> Result<(), Error>,
    read: impl FnOnce(&[u8]) -> Result<T, Error>,
) -> Result<T, Error> {
    let mut payload = Vec::new();
    write(&mut payload)?;
    Ok(read(&payload).expect("what is written can be read"))
}

/// Holds none of it.
fn none<T>() -> Nest<T> {
    Nest {
        before: 1,
        held: vec![vec![]],
        perhaps: None,
        either: Either::Left,
        after: String::new(),
    }
}

fn nest<T: Clone>(value: &T) -> Nest<T> {
    Nest {
        before: 7,
        held: vec![vec![], vec![value.clone(), value.clone()]],
        perhaps: Some(value.clone()),
        either: Either::Pair(value.clone(), 9),
        after: "after".to_owned(),
    }
}

fn right<T: Clone>(value: &T) -> Nest<T> {
    Nest { either: Either::Right { held: Box::new(value.clone()), more: 5 }, ..none() }
}

/// The value that was found, and whether it is the expected one.
struct Compared<'a> {
    same: bool,
    found: &'a dyn Debug,
}

fn holds<T: Debug + PartialEq>(
    row: &str,
    codec: &str,
    found: &Result<T, Error>,
    expected: Result<&T, &'static str>,
) {
    let same = matches!((found, expected), (Ok(found), Ok(expected)) if found == expected);
    let refused = found.as_ref().err();
    let expected: Result<&dyn Debug, _> = expected.map(|expected| expected as &dyn Debug);
    compared(row, codec, Compared { same, found }, refused, expected);
}

fn compared(
    row: &str,
    codec: &str,
    Compared { same, found }: Compared<'_>,
    refused: Option<&Error>,
    expected: Result<&dyn Debug, &'static str>,
) {
    match (refused, expected) {
        (Some(error), Err(reason)) => {
            let text = format!("{error:#}");
            assert!(text.contains(reason), "{row}, {codec}: {text}");
        }
        (_, expected) => {
            assert!(same, "{row}, {codec}: found {found:?}, expected {expected:?}");
        }
    }
}

fn expected<T: Clone>(value: &T, is: &Is<T>) -> Result<T, &'static str> {
    match is {
        Same => Ok(value.clone()),
        Read(other) => Ok(other.clone()),
        Refused(reason) => Err(reason),
        Untold => unreachable!("left out"),
    }
}

/// A row: the value, alone and inside of another type, by the default codec and as plain data. One
/// that holds none of it comes first, so that nothing is known of it when it comes.
pub(crate) fn row<T: Value>(row: &str, value: &T, by_bincode: &Is<T>, by_pickle: &Is<T>) {
    holds(row, "Bincode, none", &bincode(&none::<T>()), Ok(&none()));
    for (codec, is) in [("Bincode", by_bincode), ("Pickle", by_pickle)] {
        if matches!(is, Untold) {
            continue;
        }
        let expected = expected(value, is);
        let (by, by_nest): (fn(&_) -> _, fn(&_) -> _) = match codec {
            "Bincode" => (bincode::<T>, bincode::<Nest<T>>),
            _ => (pickle::<T>, pickle::<Nest<T>>),
        };
        // Twice: what was met once is not to be trusted for it.
        for _ in 0..2 {
            for held in [nest, right] {
                let expected = expected.as_ref().map(held).map_err(|reason| *reason);
                holds(row, codec, &by_nest(&held(value)), expected.as_ref().map_err(|e| *e));
            }
            holds(row, codec, &by(value), expected.as_ref().map_err(|e| *e));
        }
    }
    by_messagepack(row, value, by_pickle);
}

/// MessagePack has names as pickles do, and is stricter: what would be read as another value is refused.
fn by_messagepack<T: Value>(row: &str, value: &T, by_pickle: &Is<T>) {
    holds(row, "MessagePack, none", &messagepack(&none::<T>()), Ok(&none()));
    for _ in 0..2 {
        let found = messagepack(value);
        let refused = found.is_err();
        match (by_pickle, found) {
            (Same, found) => holds(row, "MessagePack", &found, Ok(value)),
            (Refused(reason), found) => holds(row, "MessagePack", &found, Err(reason)),
            (Read(other), found @ Ok(_)) => holds(row, "MessagePack", &found, Ok(other)),
            // What is left out for the writer is not there to be told.
            (Untold, Ok(found)) => assert_eq!(messagepack(&found).unwrap(), found, "{row}"),
            (Read(_) | Untold, Err(error)) => {
                let text = format!("{error:#}");
                let told = ["it would be read as another value", "it could not be read back"];
                assert!(told.iter().any(|told| text.contains(told)), "{row}: {text}");
                assert!(text.contains("look for attributes of serde's"), "{row}: {text}");
            }
        }
        for held in [nest, right] {
            let held = messagepack(&held(value));
            assert_eq!(held.is_err(), refused, "{row}, inside of another type: {held:?}");
        }
    }
}

/// A type of wincode's derives, which do not know serde's attributes: the value is what it was, or
/// what wincode's own attributes say.
pub(crate) fn wincode_row<T>(row: &str, value: &T, expected: &T)
where
    T: Debug + PartialEq,
    Wincode: Encode<T> + for<'a> Decode<'a, T>,
{
    let found = there_and_back(
        |out| Wincode::encode(value, out),
        |payload| Payload::read(payload, Wincode::decode),
    );
    assert_eq!(&found.unwrap(), expected, "{row}, Wincode");
}
