//! What is read from: the nodes of a pickle, and the memory of the payload that they refer to.

use std::cell::Cell;

use bytemuck::AnyBitPattern;
use bytes::Bytes;
use polars_arrow::bitmap::Bitmap;
use polars_buffer::Buffer;

use crate::builtin::pickle::{Id, Node, Pickled, Reader};
use crate::builtin::table::columns;
use crate::error::{Error, Result};
use crate::limits::{MAX_PANDAS_DEPTH, exceeded};
use crate::memory;
use crate::payload::Payload;

pub(super) struct Source<'n> {
    pub(super) pickled: &'n Pickled<'n>,
    reader: Reader<'n, 'n>,
    payload: Payload<'n, 'n>,
    depth: Cell<usize>,
}

/// A call of a class or function of pandas, NumPy or pyarrow: its name, its arguments, and the state that is given to what it makes.
#[derive(Clone, Copy)]
pub(super) struct Call<'n> {
    pub(super) module: &'n str,
    pub(super) name: &'n str,
    pub(super) arguments: &'n [Id],
    pub(super) state: Option<Id>,
}

impl<'n> Source<'n> {
    pub(super) fn new(pickled: &'n Pickled<'n>, payload: Payload<'n, 'n>) -> Self {
        let payload = payload.reborrow();
        Self {
            pickled,
            reader: Reader::new(pickled, payload.budget()),
            payload,
            depth: Cell::new(0),
        }
    }

    pub(super) fn reader(&self) -> &Reader<'n, 'n> {
        &self.reader
    }

    /// Reads an array, which may have others inside.
    pub(super) fn nested<T>(&self, read: impl FnOnce() -> Result<T>) -> Result<T> {
        let depth = self.depth.get();
        if depth == MAX_PANDAS_DEPTH {
            return Err(exceeded(
                "arrays of pandas inside of each other",
                MAX_PANDAS_DEPTH,
                depth + 1,
            ));
        }
        self.depth.set(depth + 1);
        let read = read();
        self.depth.set(depth);
        read
    }

    pub(super) fn charge(&self, bytes: usize) -> Result<()> {
        self.payload.charge(bytes)
    }

    /// Charges for so many elements of a type.
    pub(super) fn charge_for<T>(&self, count: usize) -> Result<()> {
        self.charge(count.saturating_mul(size_of::<T>()))
    }

    pub(super) fn call(&self, id: Id) -> Option<Call<'n>> {
        let Node::Call { global, arguments, state } = self.pickled.node(id) else { return None };
        let (module, name) = self.pickled.global(*global)?;
        Some(Call { module, name, arguments: self.pickled.tuple(*arguments), state: *state })
    }

    /// The call, if the class or function has this name, in any module.
    pub(super) fn call_of(&self, id: Id, name: &str) -> Option<Call<'n>> {
        self.call(id).filter(|call| call.name == name)
    }

    /// The name of a class, without its module.
    pub(super) fn class(&self, id: Id) -> Option<&'n str> {
        self.pickled.global(id).map(|(_, name)| name)
    }

    pub(super) fn entries(&self, id: Id) -> Option<&'n [Id]> {
        match self.pickled.node(id) {
            Node::Dict(entries) => Some(entries),
            _ => None,
        }
    }

    /// The entry of a dictionary, which is looked for from its end on.
    pub(super) fn entry(&self, dict: Id, key: &str) -> Result<Option<Id>> {
        let Some(entries) = self.entries(dict) else { return Ok(None) };
        self.charge(entries.len())?;
        Ok(self.pickled.entry(entries, key))
    }

    /// An entry of the state that is given to what a call makes.
    pub(super) fn attribute(&self, call: Call<'n>, name: &str) -> Result<Id> {
        call.state
            .map_or(Ok(None), |state| self.entry(state, name))?
            .ok_or_else(|| Error::custom(format!("a `{}` without its `{name}`", short(call.name))))
    }

    /// The elements of a list or a tuple.
    pub(super) fn elements(&self, id: Id) -> Option<&'n [Id]> {
        match self.pickled.node(id) {
            Node::List(ids) | Node::Tuple(ids) => Some(ids),
            _ => None,
        }
    }

    pub(super) fn is_none(&self, id: Id) -> bool {
        matches!(self.pickled.node(id), Node::None)
    }

    pub(super) fn bool(&self, id: Id) -> Option<bool> {
        match self.pickled.node(id) {
            Node::Bool(bool) => Some(*bool),
            Node::Int(number @ (0 | 1)) => Some(*number == 1),
            _ => None,
        }
    }

    /// A length, an offset or a place.
    pub(super) fn length(&self, id: Id) -> Result<usize> {
        let length = self.pickled.integer(id).and_then(|number| usize::try_from(number).ok());
        length.ok_or_else(|| Error::custom("a length or an offset that is not a natural number"))
    }

    /// The bytes, shared with the frame if it can be shared.
    fn share(&self, bytes: &[u8]) -> Result<Bytes> {
        let start = bytes.as_ptr().addr().wrapping_sub(self.payload.as_ptr().addr());
        let end = start.saturating_add(bytes.len());
        self.charge(bytes.len())?;
        Ok(match self.payload.get(start..end) {
            Some(_) => self.payload.share(start..end),
            // What the older protocols write as text is not in the payload.
            None => memory::aligned_copy(bytes),
        })
    }

    /// The bytes of numbers, shared if they are aligned and copied once if not.
    pub(super) fn buffer<T: AnyBitPattern + Send + Sync>(&self, bytes: &[u8]) -> Result<Buffer<T>> {
        self.share(bytes).map(columns::typed)
    }

    /// Bits, the first of them in the lowest place of a byte.
    pub(super) fn bits(&self, bytes: &[u8], length: usize) -> Result<Bitmap> {
        if bytes.len() < length.div_ceil(8) {
            return Err(Error::custom("fewer bits than rows"));
        }
        self.share(bytes).map(|bytes| columns::bitmap(bytes, length))
    }
}

/// A name for a message.
pub(super) fn short(name: &str) -> String {
    name.chars().take(100).collect()
}
