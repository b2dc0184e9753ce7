use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasher;

use crate::error::{Error, Result};
use crate::serializer::{Deserializable, Serializable};

/// The type of a field that is a frame: it has a serializer, and owns what it reads.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be a frame inside of a record",
    label = "no serializer is declared for this type",
    note = "`#[serializer(frame)]` goes on a field whose type has a serializer: an array, a table, tensors, bytes, text, or a type that is annotated with `#[serializer(id = b\"…\")]`",
    note = "`#[serializer(frames)]` goes on `Option<T>`, `Vec<T>` and maps from `String` to `T`, whose values are frames",
    note = "a type of another crate may need the feature of `ps-serialize` named after that crate"
)]
pub trait FrameValue: Serializable + for<'a> Deserializable<'a> {}

#[diagnostic::do_not_recommend]
impl<T: Serializable + for<'a> Deserializable<'a>> FrameValue for T {}

/// The type of a field that is a number of frames.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a collection of frames",
    label = "not an `Option`, a `Vec` or a map from `String`",
    note = "`#[serializer(frames)]` goes on `Option<T>`, `Vec<T>`, `BTreeMap<String, T>` and `HashMap<String, T>`, where `T` has a serializer",
    note = "for a value that is one frame, write `#[serializer(frame)]`"
)]
pub trait Frames: Sized {
    /// Each value is one frame.
    type Value;

    /// Stands among the other fields: the number of the frames, or the keys of a map.
    type Keys;

    /// The keys, in the order of the values.
    fn keys(&self) -> Self::Keys;

    /// The values, in their order.
    fn values(&self) -> impl Iterator<Item = &Self::Value>;

    /// How many frames belong to these keys. It may be any number, since the keys may come from anyone.
    fn count(keys: &Self::Keys) -> u64;

    /// The keys as text, or the indices.
    fn labels(keys: Self::Keys) -> impl Iterator<Item = String>;

    /// Makes the collection. There are as many frames as `count` says.
    ///
    /// # Errors
    ///
    /// The errors of `next`, and an error if the keys are not those of such a collection.
    fn collect(keys: Self::Keys, next: impl FnMut() -> Result<Self::Value>) -> Result<Self>;
}

impl<T> Frames for Option<T> {
    type Value = T;
    type Keys = u64;

    fn keys(&self) -> u64 {
        u64::from(self.is_some())
    }

    fn values(&self) -> impl Iterator<Item = &T> {
        self.iter()
    }

    fn count(keys: &u64) -> u64 {
        *keys
    }

    fn labels(keys: u64) -> impl Iterator<Item = String> {
        (0..keys).map(|_| String::new())
    }

    fn collect(keys: u64, mut next: impl FnMut() -> Result<T>) -> Result<Self> {
        match keys {
            0 => Ok(None),
            1 => next().map(Some),
            more => {
                Err(Error::custom(format!("an `Option` has no frame or one, and this has {more}")))
            }
        }
    }
}

impl<T> Frames for Vec<T> {
    type Value = T;
    type Keys = u64;

    fn keys(&self) -> u64 {
        self.len() as u64
    }

    fn values(&self) -> impl Iterator<Item = &T> {
        self.iter()
    }

    fn count(keys: &u64) -> u64 {
        *keys
    }

    fn labels(keys: u64) -> impl Iterator<Item = String> {
        (0..keys).map(|index| index.to_string())
    }

    fn collect(keys: u64, mut next: impl FnMut() -> Result<T>) -> Result<Self> {
        (0..keys).map(|_| next()).collect()
    }
}

macro_rules! maps {
    ($([$($generics:tt)*] $map:ty;)*) => {$(
        impl<$($generics)*> Frames for $map {
            type Value = T;
            type Keys = Vec<String>;

            fn keys(&self) -> Vec<String> {
                self.keys().cloned().collect()
            }

            fn values(&self) -> impl Iterator<Item = &T> {
                self.values()
            }

            fn count(keys: &Vec<String>) -> u64 {
                keys.len() as u64
            }

            fn labels(keys: Vec<String>) -> impl Iterator<Item = String> {
                keys.into_iter()
            }

            fn collect(keys: Vec<String>, mut next: impl FnMut() -> Result<T>) -> Result<Self> {
                let mut map = Self::default();
                for key in keys {
                    if map.contains_key(&key) {
                        return Err(Error::custom(format!("the key {key:?} stands twice in a map of frames")));
                    }
                    map.insert(key, next()?);
                }
                Ok(map)
            }
        }
    )*};
}

maps! {
    [T] BTreeMap<String, T>;
    [T, S: BuildHasher + Default] HashMap<String, T, S>;
}
