//! What a row of the table says, and whether it is so.

use std::fmt::Debug;

use ps_serialize::pickle::Pickle;
use ps_serialize::{
    Bincode, Decode, Encode, Error, Payload, Wincode, deserialize_with, serialize_with,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// What comes of a value.
pub(crate) enum Is<T> {
    /// It is read as what it was.
    Same,
    /// It is read as this, as its attributes ask.
    Read(T),
    /// It is not written, and this is part of the reason.
    Refused(&'static str),
    /// Serde itself can't say it in this format.
    Untold,
}
pub(crate) use Is::{Read, Refused, Same, Untold};

/// In the midst of other things: a reader that loses its place meets them.
#[derive(Serialize, Deserialize, Debug, PartialEq, Clone)]
pub(crate) struct Nest<T> {
    before: u16,
    held: Vec<T>,
    perhaps: Option<T>,
    pair: (T, u8),
    after: String,
}

#[derive(Serialize, Deserialize, Debug, PartialEq, Clone)]
pub(crate) enum Either<T> {
    Left,
    Right { held: Box<T>, more: u64 },
}

pub(crate) trait Value: Serialize + DeserializeOwned + Debug + PartialEq + Clone {}
impl<T: Serialize + DeserializeOwned + Debug + PartialEq + Clone> Value for T {}

fn bincode<T: Value>(value: &T) -> Result<Option<T>, Error> {
    there_and_back(
        |out| Bincode::encode(value, out),
        |payload| Payload::read(payload, |payload| Bincode::decode(payload)),
    )
}

fn pickle<T: Value>(value: &T) -> Result<Option<T>, Error> {
    let frame = serialize_with::<Pickle<T>>(value)?;
    Ok(Some(deserialize_with::<Pickle<T>>(&frame).expect("what is written can be read")))
}

fn there_and_back<T>(
    write: impl FnOnce(&mut Vec<u8>) -> Result<(), Error>,
    read: impl FnOnce(&[u8]) -> Result<T, Error>,
) -> Result<Option<T>, Error> {
    let mut payload = Vec::new();
    write(&mut payload)?;
    Ok(Some(read(&payload).expect("what is written can be read")))
}

fn nest<T: Clone>(value: &T) -> Nest<T> {
    Nest {
        before: 7,
        held: vec![value.clone(), value.clone()],
        perhaps: Some(value.clone()),
        pair: (value.clone(), 9),
        after: "after".to_owned(),
    }
}

fn right<T: Clone>(value: &T) -> Either<T> {
    Either::Right { held: Box::new(value.clone()), more: 5 }
}

fn holds<T: Debug + PartialEq>(
    row: &str,
    codec: &str,
    found: Result<Option<T>, Error>,
    expected: Result<T, &'static str>,
) {
    match (found, expected) {
        (Ok(Some(found)), Ok(expected)) => assert_eq!(found, expected, "{row}, {codec}"),
        (Err(error), Err(reason)) => {
            let text = format!("{error:#}");
            assert!(text.contains(reason), "{row}, {codec}: {text}");
        }
        (found, expected) => panic!("{row}, {codec}: found {found:?}, expected {expected:?}"),
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

/// A row: the value, alone and inside of other types, by the default codec and as plain data. Types
/// that hold none of it come first, so that nothing is known of it when it comes.
pub(crate) fn row<T: Value>(row: &str, value: &T, by_bincode: &Is<T>, by_pickle: &Is<T>) {
    let none = Nest::<Vec<T>> {
        before: 1,
        held: vec![vec![]],
        perhaps: None,
        pair: (vec![], 3),
        after: String::new(),
    };
    holds(row, "Bincode, none", bincode(&none), Ok(none.clone()));
    holds(row, "Bincode, none", bincode(&Either::<T>::Left), Ok(Either::Left));
    for (codec, is) in [("Bincode", by_bincode), ("Pickle", by_pickle)] {
        if matches!(is, Untold) {
            continue;
        }
        let expected = expected(value, is);
        let (by, by_nest, by_right): (fn(&_) -> _, fn(&_) -> _, fn(&_) -> _) = match codec {
            "Bincode" => (bincode::<T>, bincode::<Nest<T>>, bincode::<Either<T>>),
            _ => (pickle::<T>, pickle::<Nest<T>>, pickle::<Either<T>>),
        };
        // Twice: what was met once is not to be trusted for it.
        for _ in 0..2 {
            holds(row, codec, by_nest(&nest(value)), expected.as_ref().map(nest).map_err(|e| *e));
            holds(
                row,
                codec,
                by_right(&right(value)),
                expected.as_ref().map(right).map_err(|e| *e),
            );
            holds(row, codec, by(value), expected.clone());
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
        |payload| Payload::read(payload, |payload| Wincode::decode(payload)),
    );
    assert_eq!(found.unwrap().as_ref(), Some(expected), "{row}, Wincode");
}
