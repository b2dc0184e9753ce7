//! NumPy's arrays of Python objects and of text of any length (`StringDType`): an `Object` whose items are its rows.

use std::sync::Arc;

use serde::de::{Deserializer, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;

use super::class::Class;
use super::node::{Id, Made, Node, Pickled};
use super::numpy::{lengths, not_an_array};
use super::object::{Object, Parts};
use super::to_serde::{NodeDeserializer, visit_all};
use super::to_value::Reader;
use super::value::Value;
use crate::error::{Error, Result};

/// The elements of an array, one after the other in C order, and its shape.
pub(super) struct Objects<'n> {
    elements: Elements<'n>,
    shape: Vec<usize>,
    dtype: Id,
    fortran_order: bool,
}

/// The elements are the nodes of a list, or the values of a list of numbers.
#[derive(Clone, Copy)]
enum Elements<'n> {
    Nodes(&'n [Id]),
    Numbers(Id, usize),
}

/// Whether it is the function that makes the type of text of any length.
pub(super) fn is_text_type(module: &str, name: &str) -> bool {
    (module, name) == TEXT_TYPE
}

impl<'n> Objects<'n> {
    /// The array, if it is one of objects or of such text.
    pub(super) fn of(pickled: &'n Pickled<'_>, id: Id) -> Result<Option<Self>> {
        let Node::Call { arguments, state: Some(state), .. } = pickled.node(id) else {
            return Ok(None);
        };
        let [_version, shape, dtype, fortran_order, data] = pickled.tuple(*state) else {
            return Ok(None);
        };
        let elements = match pickled.node(*data) {
            Node::List(ids) => Elements::Nodes(ids),
            Node::Numbers(packed) => Elements::Numbers(*data, packed.len()),
            _ => return Ok(None),
        };
        if !holds_objects(pickled, *dtype) {
            return Ok(None);
        }
        if pickled.tuple(*arguments).first().and_then(|class| pickled.global(*class))
            != Some(("numpy", "ndarray"))
        {
            return Err(not_an_array());
        }
        let shape = lengths(pickled, *shape)?;
        let count = shape.iter().try_fold(1, |count: usize, length| count.checked_mul(*length));
        if count != Some(elements.len()) {
            return Err(not_an_array());
        }
        let fortran_order = matches!(pickled.node(*fortran_order), Node::Bool(true) | Node::Int(1));
        Ok(Some(Self { elements, shape, dtype: *dtype, fortran_order }))
    }

    pub(super) fn value(self, reader: &Reader<'n, '_>, depth: u32) -> Result<Value> {
        let depth = reader.deeper(depth)?;
        let mut values = Vec::new();
        match self.elements {
            Elements::Nodes(ids) => {
                for id in ids {
                    values.push(reader.value(*id, depth)?);
                }
            }
            Elements::Numbers(list, _) => {
                let list = reader.value(list, depth)?;
                values.extend(list.as_list().unwrap_or_default().iter().cloned());
            }
        }
        let dtype = match reader.pickled.node(self.dtype) {
            // The arguments of the function that makes it.
            Node::Call { global, arguments, .. }
                if reader.pickled.global(*global) != Some(("numpy", "dtype")) =>
            {
                reader.value(*arguments, depth)?
            }
            _ => Value::from(OBJECT),
        };
        let shape = self.shape.iter().map(|length| Value::from(*length));
        let rows = nested(reader, &mut values.into_iter(), &self.shape, depth)?;
        reader.charge(Object::SIZE + size_of_val(&self.shape[..]) * 4)?;
        let class = Class { module: "numpy".into(), name: "ndarray".into() };
        Ok(Value::Object(Object::from_parts(Parts {
            arguments: vec![Value::Tuple(shape.collect()), dtype, Value::Bool(self.fortran_order)],
            items: match rows {
                Value::List(rows) if !self.shape.is_empty() => rows,
                element => vec![element],
            },
            ..Parts::of(Arc::new(class), Made::Filled)
        })))
    }
}

/// NumPy's name of the type of objects.
pub(super) const OBJECT: &str = "O";

/// The function that makes NumPy's type of text of any length.
pub(super) const TEXT_TYPE: (&str, &str) =
    ("numpy._core._internal", "_convert_to_stringdtype_kwargs");

impl Elements<'_> {
    fn len(self) -> usize {
        match self {
            Self::Nodes(ids) => ids.len(),
            Self::Numbers(_, length) => length,
        }
    }
}

/// Whether the type is one of objects: not a structured one, whose fields may be.
fn holds_objects(pickled: &Pickled<'_>, dtype: Id) -> bool {
    let Node::Call { global, arguments, .. } = pickled.node(dtype) else { return false };
    match pickled.global(*global) {
        Some(("numpy", "dtype")) => {
            let code = pickled.tuple(*arguments).first().and_then(|code| pickled.text(*code));
            matches!(code, Some("O" | "O4" | "O8" | "|O"))
        }
        Some((module, name)) => is_text_type(module, name),
        None => false,
    }
}

fn nested(
    reader: &Reader<'_, '_>,
    values: &mut impl Iterator<Item = Value>,
    shape: &[usize],
    depth: u32,
) -> Result<Value> {
    let [length, inner @ ..] = shape else { return values.next().ok_or_else(not_an_array) };
    let depth = reader.deeper(depth)?;
    // A million rows without elements take memory too.
    reader.charge(length.saturating_mul(size_of::<Value>()))?;
    (0..*length)
        .map(|_| nested(reader, values, inner, depth))
        .collect::<Result<_>>()
        .map(Value::List)
}

/// A part of an array, for serde.
#[derive(Clone)]
pub(super) struct Part<'s, 'r, 'n, 'p> {
    node: NodeDeserializer<'r, 'n, 'p>,
    ids: &'n [Id],
    shape: &'s [usize],
}

impl<'n> Objects<'n> {
    pub(super) fn visit<'p, V: Visitor<'p>>(
        self,
        node: NodeDeserializer<'_, 'n, 'p>,
        visitor: V,
    ) -> Result<V::Value> {
        match self.elements {
            Elements::Nodes(ids) => {
                let mut rows: usize = 1;
                for length in self.shape.iter().take_while(|length| **length > 0) {
                    node.charge(rows.saturating_mul(size_of::<Value>()))?;
                    rows = rows.saturating_mul(*length);
                }
                Part { node, ids, shape: &self.shape }.deserialize_any(visitor)
            }
            Elements::Numbers(list, _) if self.shape.len() == 1 => {
                node.at(list)?.deserialize_any(visitor)
            }
            Elements::Numbers(..) => Err(Error::custom(
                "serde reads no array of Python integers or floats as objects in several dimensions: ask for a `pickle::Value`",
            )),
        }
    }
}

impl<'de> IntoDeserializer<'de, Error> for Part<'_, '_, '_, 'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Part<'_, '_, '_, 'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        let inner = self.node.deeper()?;
        match self.shape {
            [] => inner.at(*self.ids.first().ok_or_else(not_an_array)?)?.deserialize_any(visitor),
            [_] => visit_all(inner.inner(self.ids)?, visitor),
            [length, shape @ ..] => {
                let size = self.ids.len() / (*length).max(1);
                let parts = (0..*length).map(|index| Part {
                    node: inner,
                    ids: &self.ids[index * size..(index + 1) * size],
                    shape,
                });
                visit_all(parts, visitor)
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_some(Self { node: self.node.deeper()?, ..self })
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value> {
        visitor.visit_newtype_struct(Self { node: self.node.deeper()?, ..self })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        seq tuple tuple_struct unit unit_struct map struct enum identifier ignored_any
    }
}
