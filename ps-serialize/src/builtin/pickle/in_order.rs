//! The values of an instance that Python pickles without the names of the fields: those of a `NamedTuple`, a
//! `msgspec.Struct`, and a dataclass that is frozen and has slots.

use serde::de::{DeserializeSeed, IntoDeserializer, SeqAccess, Visitor};

use super::classes::{Found, option};
use crate::class::Class;
use crate::error::{Error, Result};

/// A class, and how many values without names an instance of it has.
#[derive(Clone, Copy)]
pub(super) struct Ordered {
    pub(super) class: &'static Class,
    pub(super) count: usize,
}

impl Ordered {
    /// Gives all values to a visitor, which must take them all and need no more.
    pub(super) fn visit<'de, I, V>(self, values: I, visitor: V) -> Result<V::Value>
    where
        I: Iterator<Item: IntoDeserializer<'de, Error>>,
        V: Visitor<'de>,
    {
        let mut access = Access { values, taken: 0, of: self };
        let value = visitor.visit_seq(&mut access)?;
        if access.taken == self.count { Ok(value) } else { Err(self.too_many(access.taken)) }
    }

    /// The error of a struct whose fields may stand in another order.
    #[cold]
    pub(super) fn without_names(self) -> Error {
        let Self { class, count } = self;
        Error::custom(format!(
            "Python pickled an instance of `{class}` as {} without names, so it can't be seen whether the fields stand in the same order in Rust: if they do, add `positional` to the annotation, as in `#[serializer({}, positional)]`",
            values(count),
            option(class.names())
        ))
    }

    #[cold]
    fn too_few(self) -> Error {
        let Self { class, count } = self;
        Error::custom(format!(
            "Python pickled an instance of `{class}` as {} without names, and the Rust type has more fields: give it the fields of the class, in their order",
            values(count)
        ))
    }

    #[cold]
    fn too_many(self, fields: usize) -> Error {
        let Self { class, count } = self;
        Error::custom(format!(
            "Python pickled an instance of `{class}` as {} without names, and the Rust type takes {fields}: give it the fields of the class, in their order",
            values(count)
        ))
    }
}

fn values(count: usize) -> String {
    format!("{count} {}", if count == 1 { "value" } else { "values" })
}

struct Access<I> {
    values: I,
    taken: usize,
    of: Ordered,
}

impl<'de, I: Iterator<Item: IntoDeserializer<'de, Error>>> SeqAccess<'de> for Access<I> {
    type Error = Error;

    // A field that is missing gets no default here, since the ones after it would get its value.
    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>> {
        let value = self.values.next().ok_or_else(|| self.of.too_few())?;
        self.taken += 1;
        seed.deserialize(value.into_deserializer()).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.of.count - self.taken)
    }
}

/// The error of values without names where a struct that is not annotated is asked for.
#[cold]
pub(super) fn of_a_struct(name: &str, found: Option<Found<'_>>) -> Error {
    let (class, option) = match &found {
        Some(found) => (found.class().path(), found.class().option()),
        None => <(String, String)>::default(),
    };
    Error::custom(format!(
        "Python pickled an instance of `{class}` without the names of its fields, so it can't be seen whether those of the struct `{name}` stand in the same order: if they do, annotate it with `#[serializer({option}, positional)]`; or read a tuple"
    ))
}

/// The error of a list or a tuple where an instance is asked for.
#[cold]
pub(super) fn not_an_instance(class: &Class) -> Error {
    Error::custom(format!(
        "the pickle has a list or a tuple here, and neither an instance of the Python class `{class}` nor a `dict` of its fields"
    ))
}
