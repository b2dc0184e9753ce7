//! From instances to a pickle.

use std::mem;

use serde::Serialize;

use super::super::emit;
use super::super::from_serde::{Pickler, Pickling};
use super::super::opcode as op;
use super::{Globals, Object, own, read};
use crate::class::Class;
use crate::codec::nesting::{Depth, Nesting};
use crate::error::{Error, Result};
use crate::limits::STACK;
use crate::parts::Parts;
use crate::record::in_field;
use crate::sink::Sink;

/// Begins a call of a class by keyword: `functools.partial` is given the class and the keywords as its state.
pub(in super::super) fn begin_instance(out: &mut Pickling<'_>, class: &Class) {
    // The state replaces the function, which can be any, so the class is named once.
    out.global(("functools", "partial"));
    out.extend_from_slice(&[op::DUP, op::TUPLE1, op::REDUCE, op::MARK]);
    out.global(class.names());
    out.push(op::EMPTY_TUPLE);
    emit::begin_dict(out);
}

/// Ends the keywords, and calls what has them.
const CALL: [u8; 6] = [op::SETITEMS, op::NONE, op::TUPLE, op::BUILD, op::EMPTY_TUPLE, op::REDUCE];

pub(in super::super) fn end_instance(out: &mut Vec<u8>) {
    out.extend_from_slice(&CALL);
}

/// Writes a member of an enum by its name.
pub(in super::super) fn member_of(
    out: &mut Pickling<'_>,
    class: &Class,
    variant: &str,
) -> Result<()> {
    let is_name = !variant.contains(['.', '\n']) && !variant.is_empty();
    if !is_name {
        return Err(Error::custom(format!(
            "`{variant}` can't be the name of a member of the Python enum `{class}`: rename the variant with `#[serde(rename = \"…\")]`"
        )));
    }
    let (module, name) = class.names();
    emit::global(out, module, &format!("{name}.{variant}"));
    Ok(())
}

/// The size of a small instance.
const EXPECTED_SIZE: usize = 256;

/// Writes a value without frames inside.
pub(super) fn write_plain<S: Object<Value: Serialize>>(
    value: &S::Value,
    out: &mut dyn Sink<'_>,
) -> Result<()> {
    let mut written = Ok(());
    out.append(EXPECTED_SIZE, &mut |buffer| {
        let start = buffer.len();
        let mut output = Pickling::new(buffer);
        emit::begin(&mut output);
        let body = output.len();
        written = value.serialize(Pickler::new(&mut output, own::<S>));
        written =
            mem::replace(&mut written, Ok(())).and_then(|()| check_instance::<S>(&output[body..]));
        emit::end(&mut output);
        if written.is_ok() && output.depth.must_be_read_back() {
            written = read::check::<S>(&output[start..]);
        }
    });
    written
}

/// Writes a value with frames inside. What they hold is not copied before the sink takes it.
///
/// # Errors
///
/// If a part of the value can't be written.
pub fn write_object<'v, S: Object>(value: &'v S::Value, out: &mut dyn Sink<'v>) -> Result<()> {
    let mut objects = Objects::new();
    emit::begin(&mut objects.opcodes);
    S::put(value, &mut objects)?;
    emit::end(&mut objects.opcodes);
    if objects.depth.must_be_read_back() {
        let mut whole = Vec::new();
        objects.pour(&mut whole);
        read::check::<S>(&whole)?;
        out.put(&whole);
        return Ok(());
    }
    objects.pour(out);
    Ok(())
}

/// Refuses types that serde writes as plain data.
fn check_instance<S: Object>(written: &[u8]) -> Result<()> {
    match written.first() {
        Some(&(op::GLOBAL | op::BINGET | op::LONG_BINGET)) => Ok(()),
        _ => Err(Error::custom(format!(
            "serde writes `{}` neither as a struct nor as a variant without fields, so it is no instance of the Python class `{}`",
            std::any::type_name::<S::Value>(),
            S::CLASS.as_ref().map_or("", Class::path)
        ))),
    }
}

/// A pickle of instances whose large parts are somewhere else.
pub struct Objects<'v> {
    pub(super) opcodes: Vec<u8>,
    /// The large parts, and how many bytes of opcodes stand before each.
    pieces: Vec<(usize, Parts<'v>)>,
    pub(super) depth: Depth,
    pub(super) nesting: Nesting,
    globals: Globals,
    /// The names of the fields that are still to come, in each of the instances around.
    names: Vec<std::vec::IntoIter<&'static str>>,
}

/// Parts of at least this many bytes are not copied.
const LARGE: usize = 4 << 10;

impl<'v> Objects<'v> {
    fn new() -> Self {
        Self {
            opcodes: Vec::with_capacity(EXPECTED_SIZE),
            pieces: Vec::new(),
            depth: Depth::default(),
            nesting: Nesting::outermost(STACK),
            globals: Globals::default(),
            names: Vec::new(),
        }
    }

    fn with_pickling<R>(&mut self, write: impl FnOnce(&mut Pickling<'_>, Nesting) -> R) -> R {
        let mut pickling = Pickling {
            depth: mem::take(&mut self.depth),
            globals: mem::take(&mut self.globals),
            ..Pickling::new(&mut self.opcodes)
        };
        let result = write(&mut pickling, self.nesting);
        let Pickling { depth, globals, slots, .. } = pickling;
        (self.depth, self.globals) = (depth, globals);
        if !slots.is_empty() {
            self.names.push(slots.into_iter());
        }
        result
    }

    /// Writes an instance without frames inside.
    pub(super) fn plain<S: Object<Value: Serialize>>(&mut self, value: &S::Value) -> Result<()> {
        let start = self.opcodes.len();
        self.with_pickling(|out, nesting| {
            value.serialize(Pickler::inside(out, nesting, own::<S>))
        })?;
        check_instance::<S>(&self.opcodes[start..])
    }

    /// Begins an instance with frames inside: writes the other fields, and takes note of the names of those that follow.
    ///
    /// # Errors
    ///
    /// If a field can't be written.
    pub fn begin<S: Object, F: Serialize>(&mut self, fields: &F) -> Result<()> {
        self.nesting = self.nesting.deeper_noted(&mut self.depth)?;
        let around = self.names.len();
        self.with_pickling(|out, nesting| {
            fields.serialize(Pickler::inside(out, nesting, own::<S>))
        })?;
        if self.names.len() == around {
            self.names.push(Vec::new().into_iter());
        }
        self.opcodes.truncate(self.opcodes.len() - CALL.len());
        Ok(())
    }

    /// Ends it.
    pub fn end(&mut self) {
        self.names.pop();
        self.opcodes.extend_from_slice(&CALL);
    }

    /// Writes the next field.
    pub(crate) fn field(
        &mut self,
        field: &'static str,
        put: impl FnOnce(&mut Self) -> Result<()>,
    ) -> Result<()> {
        let name = self.names.last_mut().and_then(Iterator::next).unwrap_or(field);
        emit::text(&mut self.opcodes, name);
        let nesting = self.nesting;
        put(self).map_err(|error| in_field(error, field))?;
        self.nesting = nesting;
        Ok(())
    }

    /// Appends bytes of the value.
    pub(in super::super) fn piece(&mut self, part: Parts<'v>) {
        if part.len() < LARGE {
            part.slices().for_each(|slice| self.opcodes.extend_from_slice(slice));
        } else {
            self.pieces.push((self.opcodes.len(), part));
        }
    }

    /// Hands all of it on.
    fn pour<'o>(self, out: &mut (dyn Sink<'v> + 'o)) {
        let pieces: usize = self.pieces.iter().map(|(_, part)| part.len()).sum();
        out.reserve(self.opcodes.len() + pieces);
        let mut start = 0;
        for (end, part) in self.pieces {
            out.put(&self.opcodes[start..end]);
            part.pour(out);
            start = end;
        }
        out.put(&self.opcodes[start..]);
    }
}
