//! Walks from the root of a checkpoint to everything in it.

use std::collections::HashSet;

use bytes::Bytes;

use super::Checkpoint;
use super::archive::Archive;
use super::known::{Rebuild, is_constant};
use super::name;
use super::tensor::{not_a_tensor, shortened};
use crate::builtin::pickle::{Id, Node, Pickled, Reader, Value};
use crate::builtin::tensors::Tensor;
use crate::error::{Error, Result};
use crate::limits::Budget;
use crate::limits::MAX_DEPTH;

pub(super) struct Walk<'w, 'p> {
    pub(super) payload: &'w Bytes,
    pub(super) archive: &'w Archive,
    pub(super) reader: Reader<'w, 'p>,
    found: Checkpoint,
    /// The names of the dictionaries, lists and tuples that hold other values.
    containers: HashSet<String>,
}

impl<'w, 'p> Walk<'w, 'p> {
    pub(super) fn new(
        payload: &'w Bytes,
        archive: &'w Archive,
        pickled: &'w Pickled<'p>,
        budget: &'w Budget<'w>,
    ) -> Self {
        Self {
            payload,
            archive,
            reader: Reader::new(pickled, budget),
            found: Checkpoint::default(),
            containers: HashSet::new(),
        }
    }

    pub(super) fn run(mut self) -> Result<Checkpoint> {
        // Checked first, because the names would grow with every round.
        if self.reader.pickled.contains_itself() {
            return Err(Error::custom("a value of the checkpoint contains itself"));
        }
        self.visit(self.reader.pickled.root, None, MAX_DEPTH)?;
        Ok(self.found)
    }

    /// Visits a value and everything in it. Only the root has no path.
    fn visit(&mut self, id: Id, path: Option<String>, depth: u32) -> Result<()> {
        self.reader.charge(path.as_ref().map_or(0, String::len))?;
        let pickled = self.reader.pickled;
        match pickled.node(id) {
            Node::Dict(entries) if !entries.is_empty() => {
                let depth = self.reader.deeper(depth)?;
                for [key, value] in entries.as_chunks().0 {
                    let key = name::of_key(&self.reader, *key)?;
                    self.visit(*value, Some(joined(path.as_deref(), &key)), depth)?;
                }
                self.enclose(path)
            }
            Node::List(elements) | Node::Tuple(elements) if !elements.is_empty() => {
                let depth = self.reader.deeper(depth)?;
                for (index, element) in elements.iter().enumerate() {
                    self.visit(*element, Some(joined(path.as_deref(), &index.to_string())), depth)?;
                }
                self.enclose(path)
            }
            Node::Persistent(storage) => {
                let path = path.unwrap_or_default();
                let tensor = self.storage_as_tensor(*storage, &path)?;
                self.insert_tensor(path, tensor)
            }
            Node::Call { .. } if self.is_tensor(id) => {
                let path = path.unwrap_or_default();
                let tensor = self.tensor(id, &path, depth)?;
                self.insert_tensor(path, tensor)
            }
            _ => {
                let value = self.value(id, depth)?;
                let path = path.unwrap_or_default();
                self.check_name(&path)?;
                self.found.values.insert(path, value);
                Ok(())
            }
        }
    }

    fn is_tensor(&self, id: Id) -> bool {
        let pickled = self.reader.pickled;
        match pickled.node(id) {
            Node::Call { global, .. } => pickled
                .global(*global)
                .is_some_and(|(module, name)| Rebuild::of(module, name).is_some()),
            _ => false,
        }
    }

    fn value(&self, id: Id, depth: u32) -> Result<Value> {
        let pickled = self.reader.pickled;
        match pickled.node(id) {
            // Sets and tuples may contain objects of PyTorch.
            Node::Set(elements) => Ok(Value::Set(self.elements_of_set(elements, depth)?)),
            Node::FrozenSet(elements) => {
                Ok(Value::FrozenSet(self.elements_of_set(elements, depth)?))
            }
            Node::Tuple(elements) => Ok(Value::Tuple(self.elements_of_set(elements, depth)?)),
            Node::Global(global) if global.module == "torch" && is_constant(&global.name) => {
                Ok(Value::Str(format!("torch.{}", global.name)))
            }
            Node::Global(global) => Err(Error::custom(format!(
                "the checkpoint has the class `{}.{}` as a value, which is code: save its name as text",
                global.module, global.name
            ))),
            Node::Persistent(_) => Err(in_a_set()),
            Node::Call { .. } if self.is_tensor(id) => Err(in_a_set()),
            Node::Call { global, arguments, .. } => {
                match (pickled.global(*global), pickled.tuple(*arguments)) {
                    // The argument is a tuple of lengths, or the name of a layout.
                    (Some(("torch", "Size") | ("torch.serialization", "_get_layout")), [only]) => {
                        self.reader.value(*only, depth)
                    }
                    // The arguments are a name and a number.
                    (Some(("torch", "device")), _) => self.reader.value(*arguments, depth),
                    (Some(("torch", "Size") | ("torch.serialization", "_get_layout")), _) => {
                        Err(not_a_tensor())
                    }
                    _ => Err(self.reader.not_plain(id)),
                }
            }
            _ => self.reader.value(id, depth),
        }
    }

    /// The elements of a set, or of a tuple in a set.
    fn elements_of_set(&self, ids: &[Id], depth: u32) -> Result<Vec<Value>> {
        let depth = self.reader.deeper(depth)?;
        let mut values = Vec::new();
        for id in ids {
            self.reader.charge(0)?;
            values.push(self.value(*id, depth)?);
        }
        Ok(values)
    }

    fn insert_tensor(&mut self, path: String, tensor: Tensor<'static>) -> Result<()> {
        self.check_name(&path)?;
        self.found.tensors.insert(path, tensor);
        Ok(())
    }

    /// Takes the name of a value with parts, so that no other value can have it.
    fn enclose(&mut self, path: Option<String>) -> Result<()> {
        if let Some(path) = path {
            self.check_name(&path)?;
            self.containers.insert(path);
        }
        Ok(())
    }

    /// Checks that a name is free. Two values can come to one name if keys have dots or are not text.
    fn check_name(&self, path: &str) -> Result<()> {
        let found = &self.found;
        if found.tensors.get(path).is_none()
            && !found.values.contains_key(path)
            && !self.containers.contains(path)
        {
            return Ok(());
        }
        Err(Error::custom(format!(
            "two values of the checkpoint have the name `{}`: save it with other keys",
            shortened(path)
        )))
    }
}

#[cold]
fn in_a_set() -> Error {
    Error::custom("a tensor in a set, where it has no name: save a list or a dictionary of tensors")
}

fn joined(path: Option<&str>, key: &str) -> String {
    match path {
        None => key.to_owned(),
        Some(path) => format!("{path}.{key}"),
    }
}
