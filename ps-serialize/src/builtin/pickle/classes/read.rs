//! From a pickle to instances.

use std::any::Any;

use bytes::Bytes;
use serde::de::{Deserialize, DeserializeOwned};

use super::super::node::{Id, Node, read_owned};
#[cfg(feature = "ndarray")]
use super::super::numpy;
use super::super::to_serde::NodeDeserializer;
use super::super::to_value::Reader;
use super::super::value::Value;
use super::{Object, Slot, found, own};
#[cfg(feature = "ndarray")]
use crate::builtin::array::DynArray;
use crate::class::Class;
use crate::codec::nesting::Nesting;
use crate::error::{Error, Result};
use crate::limits::{Budget, MAX_DEPTH, STACK, STACK_OF_CHECK};
use crate::options::DEFAULT;
use crate::payload::{Input, Payload};
use crate::record::in_field;
use crate::registry::registry;
use crate::serializer::{Deserializable, Serializer};

/// The function that makes a table in Python.
pub(in super::super) const READ_TABLE: (&str, &str) = ("polars", "read_ipc");

/// The class of tables in Python.
const TABLE: (&str, &str) = ("polars.dataframe.frame", "DataFrame");

/// An object of a pickle that is being read.
#[derive(Clone, Copy)]
pub struct ObjectReader<'n, 'p> {
    reader: &'n Reader<'n, 'p>,
    id: Id,
    nesting: Nesting,
}

/// Reads a whole payload.
///
/// # Errors
///
/// If it is no instance of the class, or a part of it can't be read.
pub fn read_object<S: Object>(payload: Payload<'_, '_>) -> Result<S::Value> {
    read_within::<S>(&payload, payload.owner(), payload.budget(), STACK)
}

/// Reads an instance of any class that a type is annotated with, and everything else as a [`Value`].
pub(crate) fn read_any(payload: Payload<'_, '_>) -> Result<Box<dyn Any + Send + Sync>> {
    let budget = payload.budget();
    read_owned(&payload, budget, |pickled| {
        let reader = Reader::new(pickled, budget).sharing(payload.owner());
        let id = pickled.root;
        if let Some(found) = found(pickled, id)
            && let Some(entry) = registry().of_class(&found.class().path())?
            && let Some(class) = entry.class()
        {
            let object = ObjectReader { reader: &reader, id, nesting: Nesting::outermost(STACK) };
            return (class.functions().read)(object);
        }
        Ok(Box::new(reader.value(id, MAX_DEPTH)?))
    })
}

fn read_within<S: Object>(
    payload: &[u8],
    owner: Option<&Bytes>,
    budget: &Budget<'_>,
    stack: usize,
) -> Result<S::Value> {
    read_owned(payload, budget, |pickled| {
        let reader = Reader::new(pickled, budget).sharing(owner);
        let nesting = Nesting::outermost(stack);
        S::take(ObjectReader { reader: &reader, id: pickled.root, nesting })
    })
}

/// Reads back what was just written.
#[cold]
#[inline(never)]
pub(super) fn check<S: Object>(payload: &[u8]) -> Result<()> {
    let budget = Budget::new(&DEFAULT, payload.len());
    read_within::<S>(payload, None, &budget, STACK_OF_CHECK).map(drop)
}

impl<'n, 'p> ObjectReader<'n, 'p> {
    fn node(self) -> &'n Node<'p> {
        self.reader.pickled.node(self.id)
    }

    fn inside(self, id: Id) -> Result<Self> {
        match self.nesting.deeper() {
            Ok(nesting) => Ok(Self { id, nesting, ..self }),
            Err(error) => Err(self.reader.too_deep(error)),
        }
    }

    fn deserialize<T: Deserialize<'p>>(self, class: Option<&'static Class>) -> Result<T> {
        let node = NodeDeserializer::new(self.reader, self.id, self.nesting);
        T::deserialize(node.of_class(class))
    }

    /// Reads an instance without frames inside.
    pub(super) fn plain<S: Object<Value: DeserializeOwned>>(self) -> Result<S::Value> {
        self.deserialize(own::<S>()?)
    }

    /// Reads the fields of an instance.
    ///
    /// # Errors
    ///
    /// If it is an instance of another class, or a field can't be read.
    pub fn fields<S: Object, F: DeserializeOwned>(self) -> Result<F> {
        self.deserialize(own::<S>()?)
    }

    /// Reads a field that is an object of its own.
    pub(crate) fn field<T>(
        self,
        slot: &Slot,
        field: &'static str,
        read: impl FnOnce(Option<Self>) -> Result<T>,
    ) -> Result<T> {
        let object = slot.0.map(|id| self.inside(id)).transpose()?;
        read(object).map_err(|error| in_field(error, field))
    }

    pub(crate) fn is_none(self) -> bool {
        matches!(self.node(), Node::None)
    }

    /// Any plain data.
    pub(in super::super) fn value(self) -> Result<Value> {
        self.reader.value(self.id, self.nesting.levels())
    }

    /// The elements of a list or a tuple.
    pub(crate) fn elements(self) -> Result<impl Iterator<Item = Result<Self>>> {
        let (Node::List(ids) | Node::Tuple(ids)) = self.node() else {
            return Err(self.is_not("a `list`"));
        };
        Ok(ids.iter().map(move |id| self.inside(*id)))
    }

    /// The entries of a dictionary.
    pub(crate) fn entries(self) -> Result<impl Iterator<Item = Result<(String, Self)>>> {
        let Node::Dict(ids) = self.node() else { return Err(self.is_not("a `dict`")) };
        Ok(ids.as_chunks().0.iter().map(move |[key, value]| {
            let text = self.reader.pickled.text(*key);
            let text =
                text.ok_or_else(|| Error::custom("a key of a `dict` of objects is not text"))?;
            Ok((text.to_owned(), self.inside(*value)?))
        }))
    }

    /// Reads a value that Python has an object of its own for.
    pub(crate) fn payload<T: Deserializable<'n>>(self) -> Result<T> {
        let pickled = self.reader.pickled;
        let bytes = match T::Serializer::IDENTIFIER.as_bytes() {
            b"BS" => pickled.bytes(self.id).ok_or_else(|| self.is_not("`bytes`"))?,
            b"US" => match self.node() {
                Node::Text(text) => text.as_bytes(),
                _ => return Err(self.is_not("a `str`")),
            },
            b"PL" => self.table().ok_or_else(|| {
                self.is_not("a table of polars, such as `polars.from_pandas` makes of pandas'")
            })?,
            _ => {
                return Err(Error::custom(format!(
                    "Python has no object for a frame of `{}`",
                    T::Serializer::IDENTIFIER
                )));
            }
        };
        self.reader.charge(bytes.len())?;
        let bytes = Input::from(bytes).part_of(self.reader.owner);
        T::deserialize_payload(bytes.within(self.reader.budget()))
    }

    /// The Arrow file of `polars.read_ipc(bytes)`, or the Arrow stream that Python's polars pickles.
    fn table(self) -> Option<&'n [u8]> {
        let pickled = self.reader.pickled;
        match self.node() {
            Node::Call { global, arguments, state: None } => {
                match (pickled.global(*global), pickled.tuple(*arguments)) {
                    (Some(READ_TABLE), [bytes]) => pickled.bytes(*bytes),
                    _ => None,
                }
            }
            Node::Instance(instance) if pickled.global(instance.class) == Some(TABLE) => {
                pickled.bytes(instance.state?)
            }
            _ => None,
        }
    }

    /// An array, whose elements stay where they are.
    #[cfg(feature = "ndarray")]
    pub(crate) fn array(self) -> Result<DynArray<'n>> {
        if numpy::is_array(self.reader.pickled, self.id) {
            numpy::array(self.reader, self.id)
        } else {
            Err(self.is_not("a NumPy array"))
        }
    }

    /// An array that shares the memory of the frame if that has an owner, and is a copy otherwise.
    #[cfg(feature = "ndarray")]
    pub(crate) fn shared_array(self) -> Result<DynArray<'static>> {
        let array = self.array()?;
        let data = Input::from(array.data()).part_of(self.reader.owner);
        let data = data.within(self.reader.budget()).share(..);
        Ok(array.in_memory_of(data))
    }

    #[cold]
    fn is_not(self, expected: &str) -> Error {
        let found = match self.node() {
            Node::None => "`None`".to_owned(),
            Node::Bool(_) => "a `bool`".to_owned(),
            Node::Int(_) | Node::BigInt(_) => "an `int`".to_owned(),
            Node::Float(_) => "a `float`".to_owned(),
            Node::Text(_) => "a `str`".to_owned(),
            Node::Bytes(_) => "`bytes`".to_owned(),
            Node::List(_) | Node::Numbers(_) => "a `list`".to_owned(),
            Node::Tuple(_) => "a `tuple`".to_owned(),
            Node::Dict(_) => "a `dict`".to_owned(),
            _ => match found(self.reader.pickled, self.id) {
                Some(found) => format!("an instance of `{}`", found.class().path()),
                None => "another object".to_owned(),
            },
        };
        Error::custom(format!("expected {expected}, and the pickle has {found}"))
    }
}
