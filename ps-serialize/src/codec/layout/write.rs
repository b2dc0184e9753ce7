//! From serde's types to bytes.

use std::any::type_name;
use std::fmt::{self, Display};
use std::io::Write;

use serde::ser::{
    Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

use super::trace::{Kind, Step, Trace};
use crate::codec::OTHERWISE;
use crate::codec::nesting::{Depth, Stack};
use crate::codec::shape::{self, Shape};
use crate::error::{Error, Result};
use crate::limits::{DEEP, MAX_DEPTH, STACK, max_elements, too_many_elements};
use crate::memory;

/// The buffer that a payload is written to, and what is known of the payload so far.
pub(super) struct Writer<'b> {
    buffer: &'b mut Vec<u8>,
    start: usize,
    /// The number of elements that all sequences have together so far.
    elements: usize,
    stack: Stack,
    /// Whether the value must be read back to know whether there is enough stack to read it.
    depth: Depth,
    /// The type of the value that is written now.
    type_name: &'static str,
    /// Stands for the annotated type: other types of the same name may be inside of others.
    root: usize,
    /// Notes, which most values do not need.
    notes: Option<Box<Notes>>,
}

#[derive(Default)]
struct Notes {
    /// The shapes that were not met before.
    unchecked: Vec<Shape>,
    trace: Trace,
}

impl<'b> Writer<'b> {
    #[inline]
    pub(super) fn new(buffer: &'b mut Vec<u8>, root: usize) -> Self {
        Self {
            start: buffer.len(),
            buffer,
            elements: 0,
            stack: Stack::here(STACK),
            depth: Depth::default(),
            type_name: "",
            root,
            notes: None,
        }
    }

    #[inline]
    pub(super) fn root(&mut self) -> Place<'_, 'b> {
        Place { out: self, level: Level::outermost(false) }
    }

    /// The place of a value that is traced. The buffer must be empty.
    pub(super) fn traced_root(&mut self) -> Place<'_, 'b> {
        Place { out: self, level: Level::outermost(true) }
    }

    /// The trace of the value, and its hash.
    pub(super) fn into_trace(self) -> (Trace, u64) {
        let mut trace = self.notes.unwrap_or_default().trace;
        let hash = trace.finish(self.buffer);
        (trace, hash)
    }

    /// Whether nothing is left to check.
    #[inline]
    pub(super) fn is_done(&self) -> bool {
        !self.depth.must_be_read_back() && self.notes.is_none() && self.has_few_elements()
    }

    #[inline]
    fn has_few_elements(&self) -> bool {
        self.elements <= max_elements(self.payload().len())
    }

    pub(super) fn check_elements(&self) -> Result<()> {
        if self.has_few_elements() {
            Ok(())
        } else {
            Err(too_many_elements(self.payload().len(), self.elements))
        }
    }

    #[inline]
    pub(super) fn payload(&self) -> &[u8] {
        &self.buffer[self.start..]
    }

    pub(super) fn unchecked(&self) -> &[Shape] {
        self.notes.as_ref().map_or(&[], |notes| &notes.unchecked)
    }

    #[inline]
    fn bytes<const N: usize>(&mut self, bytes: [u8; N]) {
        self.buffer.extend_from_slice(&bytes);
    }

    #[inline]
    fn sized(&mut self, bytes: &[u8]) {
        self.bytes((bytes.len() as u64).to_le_bytes());
        memory::extend(self.buffer, bytes);
    }

    /// Makes room for elements whose encoded size is not known, by their size in memory. An array of numbers
    /// is then one allocation.
    #[inline]
    fn expect(&mut self, expected: usize) {
        if expected > self.buffer.capacity() {
            self.make_room(expected);
        }
    }

    /// Tries to make room. It is no error if that fails, because a type may announce more elements than it has.
    #[cold]
    #[inline(never)]
    fn make_room(&mut self, expected: usize) {
        let Some(needed) = self.buffer.len().checked_add(expected) else { return };
        if let Ok(mut larger) = memory::try_with_capacity(needed) {
            memory::extend(&mut larger, self.buffer);
            *self.buffer = larger;
        }
    }

    /// Writes a text whose length is known only after it is written.
    fn displayed(&mut self, text: fmt::Arguments<'_>) -> Result<()> {
        let length = self.buffer.len();
        self.bytes([0; 8]);
        let text_start = self.buffer.len();
        self.buffer.write_fmt(text).map_err(Error::custom)?;
        let written = (self.buffer.len() - text_start) as u64;
        self.buffer[length..text_start].copy_from_slice(&written.to_le_bytes());
        Ok(())
    }

    /// Notes a type, and a variant of it.
    #[inline]
    fn meet(&mut self, variant: usize) {
        let shape = Shape::new(self.root, self.type_name, variant);
        if !shape.is_checked() {
            self.note(shape);
        }
    }

    #[cold]
    #[inline(never)]
    fn note(&mut self, shape: Shape) {
        let unchecked = &mut self.notes.get_or_insert_default().unchecked;
        if !unchecked.contains(&shape) {
            unchecked.push(shape);
        }
    }

    #[cold]
    #[inline(never)]
    fn check_stack(&mut self, level: Level) -> Result<()> {
        let taken = self.stack.check(level.left())?;
        self.depth.note_level(level.left(), taken > DEEP);
        Ok(())
    }

    /// Adds a step to the trace. The last `bytes` bytes of the buffer are the layout's own.
    #[cold]
    #[inline(never)]
    fn trace(&mut self, bytes: usize, step: Step) {
        self.notes.get_or_insert_default().trace.step(self.buffer, bytes, step);
    }

    #[cold]
    #[inline(never)]
    fn left_out(&self, field: &str) -> Error {
        Error::custom(format!(
            "the field `{field}` of `{}` is left out by `skip_serializing_if`, and the layout has no names to tell it by: remove the attribute, since an empty `Option` or `Vec` takes 1 or 8 bytes, or {OTHERWISE}",
            self.type_name
        ))
    }

    #[cold]
    #[inline(never)]
    fn uncounted(&self) -> Error {
        Error::custom(format!(
            "`{}` does not tell how many elements it has before it writes them, as with `flatten` or an iterator without an exact size, and the layout begins with their number: collect them into a `Vec` or a map first, or {OTHERWISE}",
            self.type_name
        ))
    }
}

/// The number of levels that are left, and whether the value is traced. Both are in one number, which fits into a register.
#[derive(Clone, Copy)]
struct Level(u32);

impl Level {
    #[inline]
    fn outermost(traced: bool) -> Self {
        Self(MAX_DEPTH << 1 | u32::from(traced))
    }

    #[inline]
    fn left(self) -> u32 {
        self.0 >> 1
    }

    #[inline]
    fn is_traced(self) -> bool {
        self.0 & 1 == 1
    }
}

/// Adds a step to the trace, if the value is traced.
macro_rules! trace {
    ($place:expr, $bytes:literal, $step:expr) => {
        if $place.level.is_traced() {
            $place.out.trace($bytes, $step);
        }
    };
}

/// The place that a value, or the members of a value, are written to.
pub(super) struct Place<'w, 'b> {
    out: &'w mut Writer<'b>,
    level: Level,
}

impl Place<'_, '_> {
    /// Writes a value. Every value of a type that may need a check comes through here.
    #[inline]
    pub(super) fn put<T: Serialize + ?Sized>(self, value: &T) -> Result<()> {
        if !shape::is_plain(type_name::<T>()) {
            self.out.type_name = type_name::<T>();
            self.out.meet(0);
        }
        // Types without a constant size are behind a reference.
        if size_of::<&T>() == size_of::<&u8>() {
            self.out.depth.note_size(self.level.left(), size_of_val(value));
        }
        value.serialize(self)
    }

    /// Writes an element of a sequence or a map.
    #[inline]
    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        Place { out: self.out, level: self.level }.put(value)
    }

    /// Writes a member of a struct or a tuple.
    #[inline]
    fn member<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        self.out.depth.note_member(self.level.left(), size_of_val(value));
        self.element(value)
    }

    #[inline]
    fn deeper(self) -> Result<Self> {
        if !Stack::is_flat(self.level.left()) {
            self.out.check_stack(self.level)?;
        }
        Ok(Self { level: Level(self.level.0 - 2), ..self })
    }

    /// The number of a variant. `fields` are those without names.
    #[inline]
    fn variant(&mut self, name: &'static str, index: u32, variant: &'static str, fields: usize) {
        self.out.meet((index as usize + 1).wrapping_add(fields.wrapping_shl(16)));
        self.out.bytes(index.to_le_bytes());
        trace!(self, 4, Step::Variant(name, index, variant));
    }
}

/// A sequence or a map that is being written, one element after the other.
pub(super) struct Elements<'w, 'b> {
    place: Place<'w, 'b>,
    /// The number of elements that the type announced.
    expected: usize,
}

impl<'w, 'b> Place<'w, 'b> {
    #[inline]
    fn elements(self, len: Option<usize>) -> Result<Elements<'w, 'b>> {
        let Some(expected) = len else { return Err(self.out.uncounted()) };
        self.out.elements = self.out.elements.saturating_add(expected);
        self.out.bytes((expected as u64).to_le_bytes());
        trace!(self, 8, Step::Elements);
        Ok(Elements { place: self.deeper()?, expected })
    }

    /// Writes the fields of a struct with a name.
    #[inline]
    fn fields(self, kind: Kind, name: &'static str, len: usize) -> Result<Self> {
        trace!(self, 0, Step::Struct(kind, name));
        self.members(len)
    }

    #[inline]
    fn members(self, len: usize) -> Result<Self> {
        self.out.depth.note_members(self.level.left(), len);
        self.deeper()
    }
}

impl Elements<'_, '_> {
    #[inline]
    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        let size = size_of_val(value);
        // An element that holds other values may hold texts and so on, which are elsewhere in memory.
        self.expect(if shape::is_scalar(type_name::<T>()) { size } else { size + size / 2 });
        trace!(self.place, 0, Step::Element);
        self.place.element(value)?;
        trace!(self.place, 0, Step::ElementEnd);
        Ok(())
    }

    #[inline]
    fn expect(&mut self, size: usize) {
        if self.expected > 0 {
            self.place.out.expect(self.expected.saturating_mul(size));
            self.expected = 0;
        }
    }

    #[inline]
    fn finish(self) {
        trace!(self.place, 0, Step::ElementsEnd);
    }
}

macro_rules! numbers {
    ($($method:ident: $type:ty;)*) => {$(
        #[inline]
        fn $method(self, value: $type) -> Result<()> {
            self.out.bytes(value.to_le_bytes());
            Ok(())
        }
    )*};
}

impl<'w, 'b> Serializer for Place<'w, 'b> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Elements<'w, 'b>;
    type SerializeTuple = Self;
    type SerializeTupleStruct = Self;
    type SerializeTupleVariant = Self;
    type SerializeMap = Elements<'w, 'b>;
    type SerializeStruct = Self;
    type SerializeStructVariant = Self;

    numbers! {
        serialize_i8: i8;
        serialize_i16: i16;
        serialize_i32: i32;
        serialize_i64: i64;
        serialize_i128: i128;
        serialize_u8: u8;
        serialize_u16: u16;
        serialize_u32: u32;
        serialize_u64: u64;
        serialize_u128: u128;
        serialize_f32: f32;
        serialize_f64: f64;
    }

    #[inline]
    fn serialize_bool(self, value: bool) -> Result<()> {
        self.serialize_u8(value.into())
    }

    #[inline]
    fn serialize_char(self, value: char) -> Result<()> {
        self.out.buffer.extend_from_slice(value.encode_utf8(&mut [0; 4]).as_bytes());
        Ok(())
    }

    #[inline]
    fn serialize_str(self, value: &str) -> Result<()> {
        self.serialize_bytes(value.as_bytes())
    }

    #[inline]
    fn serialize_bytes(self, value: &[u8]) -> Result<()> {
        self.out.sized(value);
        Ok(())
    }

    #[inline]
    fn serialize_none(self) -> Result<()> {
        self.deeper()?.serialize_u8(0)
    }

    #[inline]
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<()> {
        self.out.bytes([1]);
        trace!(self, 1, Step::Some);
        self.deeper()?.put(value)
    }

    #[inline]
    fn serialize_unit(self) -> Result<()> {
        Ok(())
    }

    #[inline]
    fn serialize_unit_struct(self, _: &'static str) -> Result<()> {
        Ok(())
    }

    #[inline]
    fn serialize_unit_variant(
        mut self,
        name: &'static str,
        index: u32,
        variant: &'static str,
    ) -> Result<()> {
        self.variant(name, index, variant, 0);
        self.deeper().map(drop)
    }

    #[inline]
    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<()> {
        let mut fields = self.fields(Kind::NewtypeStruct, name, 1)?;
        fields.member(value)?;
        SerializeStruct::end(fields)
    }

    #[inline]
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        mut self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<()> {
        self.variant(name, index, variant, 0);
        self.deeper()?.put(value)
    }

    #[inline]
    fn serialize_seq(self, len: Option<usize>) -> Result<Elements<'w, 'b>> {
        self.elements(len)
    }

    #[inline]
    fn serialize_tuple(self, _: usize) -> Result<Self> {
        self.deeper()
    }

    #[inline]
    fn serialize_tuple_struct(self, name: &'static str, len: usize) -> Result<Self> {
        self.out.meet(len.wrapping_shl(16));
        self.fields(Kind::TupleStruct, name, len)
    }

    #[inline]
    fn serialize_tuple_variant(
        mut self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Self> {
        self.variant(name, index, variant, len);
        trace!(self, 0, Step::Fields);
        self.members(len)
    }

    #[inline]
    fn serialize_map(self, len: Option<usize>) -> Result<Elements<'w, 'b>> {
        self.elements(len)
    }

    #[inline]
    fn serialize_struct(self, name: &'static str, len: usize) -> Result<Self> {
        self.fields(Kind::Struct, name, len)
    }

    #[inline]
    fn serialize_struct_variant(
        mut self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Self> {
        self.variant(name, index, variant, 0);
        self.fields(Kind::StructVariant, "", len)
    }

    /// Writes a value as text, straight into the buffer.
    fn collect_str<T: Display + ?Sized>(self, value: &T) -> Result<()> {
        self.out.displayed(format_args!("{value}"))
    }

    #[inline]
    fn is_human_readable(&self) -> bool {
        false
    }
}

impl SerializeSeq for Elements<'_, '_> {
    type Ok = ();
    type Error = Error;

    #[inline]
    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        self.element(value)
    }

    #[inline]
    fn end(self) -> Result<()> {
        self.finish();
        Ok(())
    }
}

impl SerializeMap for Elements<'_, '_> {
    type Ok = ();
    type Error = Error;

    #[inline]
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<()> {
        trace!(self.place, 0, Step::Element);
        self.place.element(key)
    }

    #[inline]
    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        self.place.element(value)?;
        trace!(self.place, 0, Step::ElementEnd);
        Ok(())
    }

    #[inline]
    fn serialize_entry<K: Serialize + ?Sized, V: Serialize + ?Sized>(
        &mut self,
        key: &K,
        value: &V,
    ) -> Result<()> {
        self.expect(size_of_val(key) + size_of_val(value));
        self.serialize_key(key)?;
        self.serialize_value(value)
    }

    #[inline]
    fn end(self) -> Result<()> {
        self.finish();
        Ok(())
    }
}

/// Members in an order that both sides know.
macro_rules! members {
    ($($trait:ident: $method:ident $($end:ident)?;)*) => {$(
        impl $trait for Place<'_, '_> {
            type Ok = ();
            type Error = Error;

            #[inline]
            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
                self.member(value)
            }

            #[inline]
            fn end(self) -> Result<()> {
                $(trace!(self, 0, Step::$end);)?
                Ok(())
            }
        }
    )*};
}

members! {
    SerializeTuple: serialize_element;
    SerializeTupleStruct: serialize_field FieldsEnd;
    SerializeTupleVariant: serialize_field FieldsEnd;
}

macro_rules! named_members {
    ($($trait:ident)*) => {$(
        impl $trait for Place<'_, '_> {
            type Ok = ();
            type Error = Error;

            #[inline]
            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                name: &'static str,
                value: &T,
            ) -> Result<()> {
                trace!(self, 0, Step::Field(name));
                self.member(value)
            }

            #[inline]
            fn skip_field(&mut self, name: &'static str) -> Result<()> {
                Err(self.out.left_out(name))
            }

            #[inline]
            fn end(self) -> Result<()> {
                trace!(self, 0, Step::FieldsEnd);
                Ok(())
            }
        }
    )*};
}

named_members!(SerializeStruct SerializeStructVariant);
