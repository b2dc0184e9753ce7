use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::BuildHasher;

use super::{RecordReader, RecordWriter, in_field, in_item};
#[cfg(feature = "pickle")]
use crate::builtin::pickle::classes::{ObjectReader, Objects, Slot};
use crate::error::{Error, Result};
#[cfg(feature = "lock")]
use crate::lock::{Collection, Frame};
use crate::serializer::{Deserializable, Serializable};

/// The type of a field that is a frame: it has a serializer, and owns what it reads.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be a frame inside of a record",
    label = "no serializer is declared for this type",
    note = "`#[serializer(frame)]` goes on a field whose type has a serializer: an array, a table, tensors, bytes, text, or a type that is annotated with `#[serializer(id = b\"…\")]`",
    note = "`#[serializer(frames)]` goes on `Option<T>`, `Vec<T>` and maps from `String` to `T`, whose values are frames",
    note = "for a `Box<dyn Trait>`, write `#[serializer(dyn)]` on the trait; for a trait of another crate, on one of yours that has it as a supertrait",
    note = "a type of another crate may need the feature of `ps-serialize` named after that crate"
)]
pub trait FrameValue: Sized {
    /// Writes the value as a frame.
    ///
    /// # Errors
    ///
    /// If it can't be written.
    fn put<'v>(&'v self, frames: &mut RecordWriter<'v>) -> Result<()>;

    /// Reads the next frame.
    ///
    /// # Errors
    ///
    /// If it holds another kind of value, or can't be read.
    fn take(frames: &mut RecordReader<'_, '_>) -> Result<Self>;

    /// The kind of the frame.
    #[cfg(feature = "lock")]
    #[must_use]
    fn kind() -> Frame {
        Frame::object::<Self>()
    }

    /// Writes the value in a field of its own.
    ///
    /// # Errors
    ///
    /// The errors of [`put`](Self::put), with the name of the field.
    #[inline]
    fn put_field<'v>(&'v self, frames: &mut RecordWriter<'v>, field: &'static str) -> Result<()> {
        self.put(frames).map_err(|error| in_field(error, field))
    }

    /// Reads the value in a field of its own.
    ///
    /// # Errors
    ///
    /// The errors of [`take`](Self::take), with the name of the field.
    #[inline]
    fn take_field(frames: &mut RecordReader<'_, '_>, field: &'static str) -> Result<Self> {
        Self::take(frames).map_err(|error| in_field(error, field))
    }

    /// Writes the value as Python's own object.
    ///
    /// # Errors
    ///
    /// If it can't be written.
    #[cfg(feature = "pickle")]
    fn put_value<'v>(&'v self, _out: &mut Objects<'v>) -> Result<()> {
        Err(no_object())
    }

    /// Reads Python's own object.
    ///
    /// # Errors
    ///
    /// If it is another kind of object, or can't be read.
    #[cfg(feature = "pickle")]
    fn take_value(_object: ObjectReader<'_, '_>) -> Result<Self> {
        Err(no_object())
    }

    /// Writes a field that is Python's own object.
    ///
    /// # Errors
    ///
    /// If it can't be written.
    #[cfg(feature = "pickle")]
    fn put_object<'v>(&'v self, out: &mut Objects<'v>, field: &'static str) -> Result<()> {
        out.field(field, |out| self.put_value(out))
    }

    /// Reads such a field.
    ///
    /// # Errors
    ///
    /// If it is another kind of object, is missing, or can't be read.
    #[cfg(feature = "pickle")]
    fn take_object(object: ObjectReader<'_, '_>, slot: &Slot, field: &'static str) -> Result<Self> {
        object.field(slot, field, |object| match object {
            Some(object) => Self::take_value(object),
            None => Err(missing(field)),
        })
    }
}

#[diagnostic::do_not_recommend]
impl<T: Serializable + for<'a> Deserializable<'a>> FrameValue for T {
    #[inline]
    fn put<'v>(&'v self, frames: &mut RecordWriter<'v>) -> Result<()> {
        frames.frame(self)
    }

    #[inline]
    fn take(frames: &mut RecordReader<'_, '_>) -> Result<Self> {
        frames.frame()
    }

    #[cfg(feature = "lock")]
    fn kind() -> Frame {
        Frame::of::<<T as Serializable>::Serializer>()
    }

    #[cfg(feature = "pickle")]
    fn put_value<'v>(&'v self, out: &mut Objects<'v>) -> Result<()> {
        Serializable::put_object(self, out)
    }

    #[cfg(feature = "pickle")]
    fn take_value(object: ObjectReader<'_, '_>) -> Result<Self> {
        Deserializable::take_object(object)
    }
}

#[cfg(feature = "pickle")]
#[cold]
fn no_object() -> Error {
    Error::custom(
        "a trait object can't be in an instance of a Python class: give the field the type that is in the box, or `pickle::Value`, which holds any object of Python",
    )
}

#[cfg(feature = "pickle")]
#[cold]
fn missing(field: &'static str) -> Error {
    Error::custom(format!("missing field `{field}`"))
}

/// The type of a field that is a number of frames with keys of the type `K`, and owns what it reads.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be frames inside of a record",
    label = "not an `Option`, a `Vec` or a map from `String` of types that have a serializer",
    note = "`#[serializer(frames)]` goes on `Option<T>`, `Vec<T>`, `BTreeMap<String, T>` and `HashMap<String, T>`, where `T` has a serializer: an array, a table, tensors, bytes, text, or a type that is annotated with `#[serializer(id = b\"…\")]`",
    note = "for a value that is one frame, write `#[serializer(frame)]`",
    note = "for a `Box<dyn Trait>` as `T`, write `#[serializer(dyn)]` on the trait; for a trait of another crate, on one of yours that has it as a supertrait",
    note = "a type of another crate may need the feature of `ps-serialize` named after that crate"
)]
pub trait OwnedFrames<K>: Sized {
    /// Writes each value as a frame, and returns the keys.
    ///
    /// # Errors
    ///
    /// If a value can't be written.
    fn put<'v>(&'v self, frames: &mut RecordWriter<'v>, field: &'static str) -> Result<K>;

    /// Reads as many frames as the keys say.
    ///
    /// # Errors
    ///
    /// If there are fewer, and if one can't be read.
    fn take(frames: &mut RecordReader<'_, '_>, field: &'static str, keys: K) -> Result<Self>;

    /// Names each frame by the field and its label.
    ///
    /// # Errors
    ///
    /// The first error of `found`.
    fn name(
        keys: K,
        field: &'static str,
        found: &mut dyn FnMut(&'static str, String) -> Result<()>,
    ) -> Result<()>;

    /// The kind of the frames.
    #[cfg(feature = "lock")]
    #[must_use]
    fn kind() -> (Collection, Frame);

    /// Writes each value as Python's own object, and the collection as one.
    ///
    /// # Errors
    ///
    /// If a value can't be written.
    #[cfg(feature = "pickle")]
    fn put_object<'v>(&'v self, out: &mut Objects<'v>, field: &'static str) -> Result<()>;

    /// Reads a collection of Python's own objects.
    ///
    /// # Errors
    ///
    /// If it is another kind of object, is missing, or can't be read.
    #[cfg(feature = "pickle")]
    fn take_object(object: ObjectReader<'_, '_>, slot: &Slot, field: &'static str) -> Result<Self>;
}

#[diagnostic::do_not_recommend]
impl<F: Frames<Value: FrameValue>> OwnedFrames<F::Keys> for F {
    #[inline]
    fn put<'v>(&'v self, frames: &mut RecordWriter<'v>, field: &'static str) -> Result<F::Keys> {
        for (index, value) in self.values().enumerate() {
            value.put(frames).map_err(|error| {
                let label = F::labels(self.keys()).nth(index).unwrap_or_default();
                in_field(in_item(error, label), field)
            })?;
        }
        Ok(self.keys())
    }

    #[inline]
    fn take(frames: &mut RecordReader<'_, '_>, field: &'static str, keys: F::Keys) -> Result<Self> {
        frames.frames(field, keys, F::Value::take)
    }

    fn name(
        keys: F::Keys,
        field: &'static str,
        found: &mut dyn FnMut(&'static str, String) -> Result<()>,
    ) -> Result<()> {
        F::check(&keys)?;
        F::labels(keys).try_for_each(|label| found(field, label))
    }

    #[cfg(feature = "lock")]
    fn kind() -> (Collection, Frame) {
        (F::COLLECTION, F::Value::kind())
    }

    #[cfg(feature = "pickle")]
    fn put_object<'v>(&'v self, out: &mut Objects<'v>, field: &'static str) -> Result<()> {
        out.field(field, |out| self.put_objects(out))
    }

    #[cfg(feature = "pickle")]
    fn take_object(object: ObjectReader<'_, '_>, slot: &Slot, field: &'static str) -> Result<Self> {
        object.field(slot, field, |object| match object {
            Some(object) => F::take_objects(object),
            None => F::missing().ok_or_else(|| missing(field)),
        })
    }
}

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

    /// The kind of the collection.
    #[cfg(feature = "lock")]
    const COLLECTION: Collection;

    /// The keys, in the order of the values.
    fn keys(&self) -> Self::Keys;

    /// The values, in their order.
    fn values(&self) -> impl Iterator<Item = &Self::Value>;

    /// The number of frames that belong to these keys. The number may be of any size, because the keys may come from anyone.
    fn count(keys: &Self::Keys) -> u64;

    /// Checks that these are keys of such a collection.
    ///
    /// # Errors
    ///
    /// If they are not.
    fn check(keys: &Self::Keys) -> Result<()> {
        let _ = keys;
        Ok(())
    }

    /// The keys as text, or the indices.
    fn labels(keys: Self::Keys) -> impl Iterator<Item = String>;

    /// Makes the collection. There are as many frames as `count` says.
    ///
    /// # Errors
    ///
    /// The errors of `next`, and an error if the keys are not those of such a collection.
    fn collect(keys: Self::Keys, next: impl FnMut() -> Result<Self::Value>) -> Result<Self>;

    /// Writes the collection as Python's own: an object or `None`, a `list`, or a `dict`.
    ///
    /// # Errors
    ///
    /// If a value can't be written.
    #[cfg(feature = "pickle")]
    fn put_objects<'v>(&'v self, out: &mut Objects<'v>) -> Result<()>
    where
        Self::Value: FrameValue;

    /// Reads it.
    ///
    /// # Errors
    ///
    /// If it is another collection, or a value can't be read.
    #[cfg(feature = "pickle")]
    fn take_objects(object: ObjectReader<'_, '_>) -> Result<Self>
    where
        Self::Value: FrameValue;

    /// The value of a missing field, as in serde.
    #[cfg(feature = "pickle")]
    #[must_use]
    fn missing() -> Option<Self> {
        None
    }
}

impl<T> Frames for Option<T> {
    type Value = T;
    type Keys = u64;
    #[cfg(feature = "lock")]
    const COLLECTION: Collection = Collection::Option;

    fn keys(&self) -> u64 {
        u64::from(self.is_some())
    }

    fn values(&self) -> impl Iterator<Item = &T> {
        self.iter()
    }

    fn count(keys: &u64) -> u64 {
        *keys
    }

    fn check(keys: &u64) -> Result<()> {
        if *keys > 1 {
            return Err(Error::custom(format!(
                "an `Option` has no frame or one, and this has {keys}"
            )));
        }
        Ok(())
    }

    fn labels(keys: u64) -> impl Iterator<Item = String> {
        (0..keys).map(|_| String::new())
    }

    fn collect(keys: u64, next: impl FnMut() -> Result<T>) -> Result<Self> {
        Self::check(&keys)?;
        (keys == 1).then(next).transpose()
    }

    #[cfg(feature = "pickle")]
    fn put_objects<'v>(&'v self, out: &mut Objects<'v>) -> Result<()>
    where
        T: FrameValue,
    {
        match self {
            Some(value) => value.put_value(out),
            None => out.none(),
        }
    }

    #[cfg(feature = "pickle")]
    fn take_objects(object: ObjectReader<'_, '_>) -> Result<Self>
    where
        T: FrameValue,
    {
        if object.is_none() { Ok(None) } else { T::take_value(object).map(Some) }
    }

    #[cfg(feature = "pickle")]
    fn missing() -> Option<Self> {
        Some(None)
    }
}

impl<T> Frames for Vec<T> {
    type Value = T;
    type Keys = u64;
    #[cfg(feature = "lock")]
    const COLLECTION: Collection = Collection::List;

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
        (0..keys).map(|index| next().map_err(|error| in_item(error, index.to_string()))).collect()
    }

    #[cfg(feature = "pickle")]
    fn put_objects<'v>(&'v self, out: &mut Objects<'v>) -> Result<()>
    where
        T: FrameValue,
    {
        out.list(self.iter())
    }

    #[cfg(feature = "pickle")]
    fn take_objects(object: ObjectReader<'_, '_>) -> Result<Self>
    where
        T: FrameValue,
    {
        object.elements()?.map(|element| T::take_value(element?)).collect()
    }
}

#[cold]
fn twice(key: &str) -> Error {
    Error::custom(format!("the key {key:?} occurs twice in a map of frames"))
}

macro_rules! maps {
    ($([$($generics:tt)*] $map:ty;)*) => {$(
        impl<$($generics)*> Frames for $map {
            type Value = T;
            type Keys = Vec<String>;
            #[cfg(feature = "lock")]
            const COLLECTION: Collection = Collection::Map;

            fn keys(&self) -> Vec<String> {
                self.keys().cloned().collect()
            }

            fn values(&self) -> impl Iterator<Item = &T> {
                self.values()
            }

            fn count(keys: &Vec<String>) -> u64 {
                keys.len() as u64
            }

            fn check(keys: &Vec<String>) -> Result<()> {
                let mut found = HashSet::with_capacity(keys.len());
                keys.iter().try_for_each(|key| if found.insert(key) { Ok(()) } else { Err(twice(key)) })
            }

            fn labels(keys: Vec<String>) -> impl Iterator<Item = String> {
                keys.into_iter()
            }

            fn collect(keys: Vec<String>, mut next: impl FnMut() -> Result<T>) -> Result<Self> {
                let mut map = Self::default();
                for key in keys {
                    if map.contains_key(&key) {
                        return Err(twice(&key));
                    }
                    let value = next().map_err(|error| in_item(error, key.clone()))?;
                    map.insert(key, value);
                }
                Ok(map)
            }

            #[cfg(feature = "pickle")]
            fn put_objects<'v>(&'v self, out: &mut Objects<'v>) -> Result<()>
            where
                T: FrameValue,
            {
                out.dict(self.iter(), T::put_value)
            }

            #[cfg(feature = "pickle")]
            fn take_objects(object: ObjectReader<'_, '_>) -> Result<Self>
            where
                T: FrameValue,
            {
                let entries = object.entries()?;
                entries.map(|entry| {
                    let (key, value) = entry?;
                    Ok((key, T::take_value(value)?))
                }).collect()
            }
        }
    )*};
}

maps! {
    [T] BTreeMap<String, T>;
    [T, S: BuildHasher + Default] HashMap<String, T, S>;
}
