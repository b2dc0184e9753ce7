//! From what a pickle has built to values.

use std::cell::Cell;

use super::node::{Id, Node, Pickled};
use super::value::Value;
use crate::error::{Error, Result};
use crate::limits::{Budget, too_deep};
use crate::memory;

/// Makes values of what a pickle has built, each as often as it is referred to.
pub(crate) struct Reader<'n, 'p> {
    pub(crate) pickled: &'n Pickled<'p>,
    budget: &'n Budget<'n>,
    /// Whether something was nested too deep.
    too_deep: Cell<bool>,
}

impl<'n, 'p> Reader<'n, 'p> {
    pub(crate) fn new(pickled: &'n Pickled<'p>, budget: &'n Budget<'n>) -> Self {
        Self { pickled, budget, too_deep: Cell::new(false) }
    }

    /// The node, of which a value is to be made that has these bytes beside itself.
    pub(crate) fn enter(&self, id: Id) -> Result<&'n Node<'p>> {
        let node = self.pickled.node(id);
        let bytes = match node {
            Node::Text(text) => text.len(),
            Node::OldText(bytes) | Node::Bytes(bytes) | Node::ByteArray(bytes) => bytes.len(),
            Node::BigInt(integer) => usize::try_from(integer.bits() / 8).unwrap_or(usize::MAX),
            _ => 0,
        };
        self.charge(bytes)?;
        Ok(node)
    }

    pub(crate) fn charge(&self, bytes: usize) -> Result<()> {
        self.budget.charge(bytes.saturating_add(size_of::<Value>()))
    }

    pub(super) fn budget(&self) -> &'n Budget<'n> {
        self.budget
    }

    /// The depth that is left inside of a node.
    pub(crate) fn deeper(&self, depth: u32) -> Result<u32> {
        depth.checked_sub(1).ok_or_else(|| self.too_deep(too_deep()))
    }

    /// The error for a value that contains itself, which is nested without end.
    #[cold]
    pub(super) fn too_deep(&self, error: Error) -> Error {
        self.too_deep.set(true);
        if self.pickled.contains_itself() {
            Error::custom("a value of the pickle contains itself")
        } else {
            error
        }
    }

    pub(super) fn was_too_deep(&self) -> bool {
        self.too_deep.get()
    }

    pub(crate) fn value(&self, id: Id, depth: u32) -> Result<Value> {
        Ok(match self.enter(id)? {
            Node::None => Value::None,
            Node::Bool(bool) => Value::Bool(*bool),
            Node::Int(integer) => Value::Int(*integer),
            Node::BigInt(integer) => Value::BigInt(integer.clone()),
            Node::Float(float) => Value::Float(*float),
            Node::Complex(real, imaginary) => Value::Complex(*real, *imaginary),
            Node::Text(text) => Value::Str(text.clone().into_owned()),
            Node::OldText(bytes) => match self.pickled.text(id) {
                Some(text) => Value::Str(text.to_owned()),
                None => Value::Bytes(bytes.to_vec()),
            },
            Node::Bytes(bytes) => Value::Bytes(memory::copy(bytes)),
            Node::ByteArray(bytes) => Value::ByteArray(memory::copy(bytes)),
            Node::List(elements) => Value::List(self.values(elements, depth)?),
            Node::Tuple(elements) => Value::Tuple(self.values(elements, depth)?),
            Node::Set(elements) => Value::Set(self.values(elements, depth)?),
            Node::FrozenSet(elements) => Value::FrozenSet(self.values(elements, depth)?),
            Node::Dict(entries) => {
                let depth = self.deeper(depth)?;
                let mut values = self.room_for(entries.len() / 2)?;
                for [key, value] in entries.as_chunks().0 {
                    values.push((self.value(*key, depth)?, self.value(*value, depth)?));
                }
                Value::Dict(values)
            }
            #[cfg(feature = "ndarray")]
            Node::Call { .. } if super::numpy::is_array(self.pickled, id) => {
                let array = super::numpy::array(self, id)?;
                if super::numpy::is_scalar(self.pickled, id) {
                    Value::Scalar(super::Scalar::new(array)?)
                } else {
                    Value::Array(array.into_owned())
                }
            }
            Node::Global(_) | Node::Call { .. } | Node::Persistent(_) => {
                return Err(self.not_plain(id));
            }
        })
    }

    /// The keys of a dictionary.
    pub(super) fn keys(&self, id: Id, depth: u32) -> Result<Vec<Value>> {
        let Node::Dict(entries) = self.enter(id)? else { return Err(self.not_plain(id)) };
        let depth = self.deeper(depth)?;
        entries.as_chunks().0.iter().map(|[key, _]| self.value(*key, depth)).collect()
    }

    fn values(&self, ids: &[Id], depth: u32) -> Result<Vec<Value>> {
        let depth = self.deeper(depth)?;
        let mut values = self.room_for(ids.len())?;
        for id in ids {
            values.push(self.value(*id, depth)?);
        }
        Ok(values)
    }

    /// For that many values, each of which is charged once it is made.
    fn room_for<T>(&self, values: usize) -> Result<Vec<T>> {
        self.budget.check(values.saturating_mul(size_of::<T>()))?;
        let mut room = Vec::new();
        room.try_reserve_exact(values).map_err(Error::custom)?;
        Ok(room)
    }

    pub(crate) fn not_plain(&self, id: Id) -> Error {
        let global = match self.pickled.node(id) {
            Node::Call { global, .. } => *global,
            _ => id,
        };
        match self.pickled.global(global) {
            Some((module, name)) => {
                Error::custom(format!("the pickle has a `{module}.{name}` where a value should be"))
            }
            None => Error::custom("the pickle has a reference where a value should be"),
        }
    }
}

impl Pickled<'_> {
    /// Whether anything that can be reached from the root does.
    pub(crate) fn contains_itself(&self) -> bool {
        #[derive(Clone, Copy, PartialEq)]
        enum Seen {
            No,
            Inside,
            Done,
        }
        let mut seen = vec![Seen::No; self.len()];
        let mut way: Vec<(Id, usize)> = vec![(self.root, 0)];
        while let Some((id, next)) = way.last_mut() {
            let children = match self.node(*id) {
                Node::List(ids)
                | Node::Tuple(ids)
                | Node::Set(ids)
                | Node::FrozenSet(ids)
                | Node::Dict(ids) => &ids[..],
                _ => &[],
            };
            seen[*id as usize] = Seen::Inside;
            let Some(child) = children.get(*next) else {
                seen[*id as usize] = Seen::Done;
                way.pop();
                continue;
            };
            *next += 1;
            match seen[*child as usize] {
                Seen::Inside => return true,
                Seen::Done => {}
                Seen::No => way.push((*child, 0)),
            }
        }
        false
    }
}
