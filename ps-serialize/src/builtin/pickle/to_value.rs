//! From what a pickle has built to values.

use std::cell::Cell;
use std::sync::Arc;

use bytes::Bytes;

use super::class::Class;
use super::node::{Global, Id, Instance, Node, Pickled};
use super::numbers::{Numbers, Packed};
use super::object::{Object, Parts};
use super::standard::Standard;
use super::value::Value;
use crate::error::{Error, Result};
use crate::limits::{Budget, MAX_DEPTH, too_deep};
use crate::memory;

/// Makes values of what a pickle has built, each as often as it is referred to.
pub(crate) struct Reader<'n, 'p> {
    pub(crate) pickled: &'n Pickled<'p>,
    budget: &'n Budget<'n>,
    /// The owner of the payload's memory.
    pub(super) owner: Option<&'n Bytes>,
    /// Whether something was nested too deep.
    too_deep: Cell<bool>,
}

impl<'n, 'p> Reader<'n, 'p> {
    pub(crate) fn new(pickled: &'n Pickled<'p>, budget: &'n Budget<'n>) -> Self {
        Self { pickled, budget, owner: None, too_deep: Cell::new(false) }
    }

    /// Lets values share the memory of the payload.
    pub(super) fn sharing(self, owner: Option<&'n Bytes>) -> Self {
        Self { owner, ..self }
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
            Node::Numbers(packed) => self.numbers(packed, depth)?,
            Node::Tuple(elements) => Value::Tuple(self.values(elements, depth)?),
            Node::Set(elements) => Value::Set(self.values(elements, depth)?),
            Node::FrozenSet(elements) => Value::FrozenSet(self.values(elements, depth)?),
            Node::Dict(entries) => Value::Dict(self.entries(entries, depth)?),
            #[cfg(feature = "ndarray")]
            Node::Call { .. } if super::numpy::is_array(self.pickled, id) => {
                if let Some(objects) = super::objects::Objects::of(self.pickled, id)? {
                    return objects.value(self, depth);
                }
                let array = super::numpy::array(self, id)?;
                if super::numpy::is_scalar(self.pickled, id) {
                    Value::Scalar(super::Scalar::new(array)?)
                } else {
                    Value::Array(Box::new(array.into_owned()))
                }
            }
            Node::Instance(instance) => Value::Object(self.object(instance, depth)?),
            Node::Global(global) if global.role.is_value() => {
                self.charge(Object::SIZE)?;
                Value::Object(Object::named(self.class(global)?))
            }
            Node::Global(global) if global.is_attribute => {
                self.charge(Object::SIZE + global.module.len() + global.name.len())?;
                Value::Object(Object::attribute(&global.module, &global.name))
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

    fn numbers(&self, packed: &Packed, depth: u32) -> Result<Value> {
        self.deeper(depth)?;
        if packed.len() < Numbers::MANY {
            self.budget.charge(packed.len() * size_of::<Value>())?;
            return Ok(Value::List(packed.iter().collect()));
        }
        self.budget.charge(Numbers::SIZE + packed.len() * size_of::<f64>())?;
        Ok(Value::Numbers(Numbers::new(match packed {
            Packed::Floats(floats) => Packed::Floats(copied(floats)?),
            Packed::Integers(integers) => Packed::Integers(copied(integers)?),
        })))
    }

    fn entries(&self, ids: &[Id], depth: u32) -> Result<Vec<(Value, Value)>> {
        let depth = self.deeper(depth)?;
        let mut entries = self.room_for(ids.len() / 2)?;
        for [key, value] in ids.as_chunks().0 {
            entries.push((self.value(*key, depth)?, self.value(*value, depth)?));
        }
        Ok(entries)
    }

    fn object(&self, instance: &Instance, depth: u32) -> Result<Object> {
        let Node::Global(global) = self.pickled.node(instance.class) else {
            return Err(self.not_plain(instance.class));
        };
        self.charge(Object::SIZE)?;
        let parts = Parts {
            class: self.class(global)?,
            made: instance.made,
            arguments: self.values(&instance.arguments, depth)?,
            keywords: self.entries(&instance.keywords, depth)?,
            state: match instance.state {
                None => None,
                Some(state) => Some(self.value(state, self.deeper(depth)?)?),
            },
            items: self.values(&instance.items, depth)?,
            entries: self.entries(&instance.entries, depth)?,
        };
        if let Some(standard) = global.role.standard() {
            standard.check(&parts)?;
        }
        parts.check_state()?;
        Ok(Object::from_parts(parts))
    }

    /// The parts of a value of Python's standard library without the values it holds, checked.
    pub(super) fn standard(&self, instance: &Instance) -> Result<Option<(Standard, Parts)>> {
        let Node::Global(global) = self.pickled.node(instance.class) else { return Ok(None) };
        let Some(standard) = global.role.standard() else { return Ok(None) };
        let arguments = if standard == Standard::Counter { &[][..] } else { &instance.arguments };
        let object = self.object(
            &Instance {
                class: instance.class,
                made: instance.made,
                arguments: arguments.to_vec(),
                keywords: instance.keywords.clone(),
                state: instance.state,
                items: Vec::new(),
                entries: Vec::new(),
            },
            MAX_DEPTH,
        )?;
        let parts = object.into_parts();
        standard.check_contents(&parts, instance.items.len(), instance.entries.len())?;
        Ok(Some((standard, parts)))
    }

    /// The class, whose name all of its instances share.
    fn class(&self, global: &Global<'_>) -> Result<Arc<Class>> {
        if let Some(class) = global.class.get() {
            return Ok(class.clone());
        }
        self.charge(global.module.len() + global.name.len())?;
        let (module, name) = (global.module.as_ref().into(), global.name.as_ref().into());
        Ok(global.class.get_or_init(|| Arc::new(Class { module, name })).clone())
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
            Node::Call { global, arguments, .. } if global == arguments => {
                let (module, name) = self.pickled.global(*global).unwrap_or_default();
                return Error::custom(format!(
                    "the pickle has a `functools.partial` of `{module}.{name}` where a value should be: send the arguments, and call it where they arrive"
                ));
            }
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

fn copied<T: Copy>(numbers: &[T]) -> Result<Vec<T>> {
    let mut copy = Vec::new();
    copy.try_reserve_exact(numbers.len()).map_err(Error::custom)?;
    copy.extend_from_slice(numbers);
    Ok(copy)
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
            seen[*id as usize] = Seen::Inside;
            let Some(child) = self.child(*id, *next) else {
                seen[*id as usize] = Seen::Done;
                way.pop();
                continue;
            };
            *next += 1;
            match seen[child as usize] {
                Seen::Inside => return true,
                Seen::Done => {}
                Seen::No => way.push((child, 0)),
            }
        }
        false
    }
}
