//! Types that are instances of a Python class: `#[serializer(python = "module.Class")]`. Their frames are pickles that
//! call the class by keyword, so Python needs no code of this library; what Python pickles itself is read by the names
//! of the fields. Reading neither imports nor calls anything.

mod claims;
mod found;
mod frames;
mod globals;
mod read;
mod write;

use std::any::{Any, TypeId};
use std::sync::OnceLock;

use serde::Serialize;
use serde::de::{Deserialize, DeserializeOwned, Deserializer, Visitor};

use super::from_serde::{Pickler, Pickling};
use crate::class::Class;
use crate::error::Result;
use crate::serializer::Serializer;
use crate::sink::Sink;

pub(super) use self::claims::{are_none, is_claimed, of};
pub(super) use self::found::{Found, found, option};
pub(super) use self::globals::Globals;
pub(super) use self::write::{begin_instance, end_instance, member_of};

pub(super) use self::read::READ_TABLE;
pub(crate) use self::read::read_any;
pub use self::read::{ObjectReader, read_object};
pub use self::write::{Objects, write_object};

/// Finds the class that a type is annotated with. Two are an error.
pub(super) type ClassOf = fn() -> Result<Option<&'static Class>>;

/// A serializer whose values are instances of a Python class. Only the attribute implements this trait.
pub trait Object: Serializer {
    /// Writes the instance into a pickle.
    ///
    /// # Errors
    ///
    /// If a part of it can't be written.
    fn put<'v>(value: &'v Self::Value, out: &mut Objects<'v>) -> Result<()>;

    /// Reads the instance.
    ///
    /// # Errors
    ///
    /// If it is an instance of another class, or a part of it can't be read.
    fn take(object: ObjectReader<'_, '_>) -> Result<Self::Value>;

    /// The members of an enum that have a number.
    #[must_use]
    fn numbers() -> &'static [Member] {
        &[]
    }
}

/// The class of the values of a serializer.
#[allow(clippy::unnecessary_wraps)] // as a `ClassOf`
pub(super) fn own<S: Object>() -> Result<Option<&'static Class>> {
    Ok(const { &S::CLASS }.as_ref())
}

/// The functions for the values of a class of which only the name is known.
#[derive(Clone, Copy)]
pub(crate) struct Functions {
    read: fn(ObjectReader<'_, '_>) -> Result<Box<dyn Any + Send + Sync>>,
    types: fn() -> Vec<TypeId>,
    numbers: fn() -> &'static [Member],
}

impl Functions {
    pub(super) fn numbers(&self) -> &'static [Member] {
        (self.numbers)()
    }

    pub(crate) const fn of<S: Object<Value: Any + Send + Sync>>() -> Self {
        Self {
            read: |object| Ok(Box::new(S::take(object)?)),
            types: claims::types_of::<S::Value>,
            numbers: S::numbers,
        }
    }
}

/// The number of an enum's member, and the name that serde gives it.
pub type Member = (i128, Option<String>);

/// The members of an enum, made once.
pub type Members = OnceLock<Vec<Member>>;

/// The name that serde gives a variant without fields. One that is skipped has none.
pub fn member<T: Serialize>(variant: &T) -> Option<String> {
    let mut written = Vec::new();
    variant.serialize(Pickler::new(&mut Pickling::new(&mut written), || Ok(None))).ok()?;
    let name = super::emit::text_of(&written)?;
    Some(name.to_owned())
}

/// The type of a Python class that has no frames inside.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not have both of serde's traits",
    label = "serde's traits say what the fields of the Python class are",
    note = "add `#[derive(serde::Serialize, serde::Deserialize)]` to the type, with owned fields only",
    note = "mark a field that is an array, a table or bytes with `#[serializer(frame)]`"
)]
pub trait Plain: Sized {
    /// Writes a whole payload.
    ///
    /// # Errors
    ///
    /// If a part of the value can't be written.
    fn write<S: Object<Value = Self>>(&self, out: &mut dyn Sink<'_>) -> Result<()>;

    /// Writes the value into a pickle.
    ///
    /// # Errors
    ///
    /// If a part of it can't be written.
    fn put<S: Object<Value = Self>>(&self, out: &mut Objects<'_>) -> Result<()>;

    /// Reads the value.
    ///
    /// # Errors
    ///
    /// If it is an instance of another class, or a part of it can't be read.
    fn take<S: Object<Value = Self>>(object: ObjectReader<'_, '_>) -> Result<Self>;

    /// Looks at the type.
    #[cfg(feature = "lock")]
    #[must_use]
    fn look() -> crate::lock::Looked;
}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned> Plain for T {
    fn write<S: Object<Value = Self>>(&self, out: &mut dyn Sink<'_>) -> Result<()> {
        write::write_plain::<S>(self, out)
    }

    fn put<S: Object<Value = Self>>(&self, out: &mut Objects<'_>) -> Result<()> {
        out.plain::<S>(self)
    }

    fn take<S: Object<Value = Self>>(object: ObjectReader<'_, '_>) -> Result<Self> {
        object.plain::<S>()
    }

    #[cfg(feature = "lock")]
    fn look() -> crate::lock::Looked {
        crate::lock::Looked::class::<T>()
    }
}

/// Stands among the other fields for one that Python gets as an object of its own: an array, a table, an instance.
/// When it was read it is the place of the object.
#[derive(Default)]
pub struct Slot(Option<super::node::Id>);

impl Slot {
    /// Whether there was no such field.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        self.0.is_none()
    }
}

/// Whether a type is that of a slot, which is known when the program is compiled.
#[inline]
pub(super) fn is_slot<T: ?Sized>() -> bool {
    typeid::of::<T>() == TypeId::of::<Slot>()
}

/// Slots are never written: the pickler takes note of their names.
impl Serialize for Slot {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit()
    }
}

impl<'de> Deserialize<'de> for Slot {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Place;

        impl Visitor<'_> for Place {
            type Value = Slot;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            // The field is missing.
            fn visit_none<E>(self) -> Result<Slot, E> {
                Ok(Slot(None))
            }

            fn visit_u32<E>(self, id: u32) -> Result<Slot, E> {
                Ok(Slot(Some(id)))
            }
        }

        deserializer.deserialize_option(Place)
    }
}
