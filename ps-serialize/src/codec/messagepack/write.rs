//! From serde's types to MessagePack.

use std::any::type_name;
use std::fmt::Display;
use std::io::Write;

use rmp::Marker;
use rmp::encode::{self, ValueWriteError};
use serde::ser::{
    Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

use crate::codec::nesting::{Depth, Stack};
use crate::codec::shape::{self, Shape};
use crate::error::{Error, Result};
use crate::limits::{DEEP, MAX_DEPTH, STACK, exceeded};
use crate::memory;

/// The buffer that a payload is written to, and what is known of the payload so far.
pub(super) struct Writer<'b> {
    buffer: &'b mut Vec<u8>,
    start: usize,
    stack: Stack,
    /// Whether the value must be read back to know whether there is enough stack to read it.
    depth: Depth,
    /// Whether a struct has flattened fields. Whether it can be read follows from its value, not from its type.
    pub(super) flattened: bool,
    /// Whether a field was left out. Its default may be another value.
    pub(super) left_out: bool,
    /// The type of the value that is written now.
    type_name: &'static str,
    /// Stands for the annotated type: other types of the same name may be inside of others.
    root: usize,
    /// The shapes that were not met before. Most values have none.
    pub(super) unchecked: Vec<Shape>,
}

impl<'b> Writer<'b> {
    #[inline]
    pub(super) fn new(buffer: &'b mut Vec<u8>, root: usize) -> Self {
        Self {
            start: buffer.len(),
            buffer,
            stack: Stack::here(STACK),
            depth: Depth::default(),
            flattened: false,
            left_out: false,
            type_name: "",
            root,
            unchecked: Vec::new(),
        }
    }

    #[inline]
    pub(super) fn root(&mut self) -> Place<'_, 'b> {
        Place { out: self, levels: MAX_DEPTH }
    }

    /// Whether nothing is left to check.
    #[inline]
    pub(super) fn is_done(&self) -> bool {
        !self.depth.must_be_read_back() && !self.flattened && self.unchecked.is_empty()
    }

    pub(super) fn payload(&self) -> &[u8] {
        &self.buffer[self.start..]
    }

    /// Notes a type, and a variant of it or something else that some of its values have.
    #[inline]
    fn meet(&mut self, type_name: &'static str, variant: usize) {
        let shape = Shape::new(self.root, type_name, variant);
        if !shape.is_checked() {
            self.note(shape);
        }
    }

    #[cold]
    #[inline(never)]
    fn note(&mut self, shape: Shape) {
        if !self.unchecked.contains(&shape) {
            self.unchecked.push(shape);
        }
    }

    #[cold]
    #[inline(never)]
    fn check_stack(&mut self, levels: u32) -> Result<()> {
        let taken = self.stack.check(levels)?;
        self.depth.note_level(levels, taken > DEEP);
        Ok(())
    }

    #[inline]
    fn text(&mut self, text: &str) -> Result<()> {
        let length = length(text.len(), "the length of a text in MessagePack, in bytes")?;
        written(encode::write_str_len(self.buffer, length))?;
        memory::extend(self.buffer, text.as_bytes());
        Ok(())
    }
}

/// The number of elements or bytes, which MessagePack has 32 bits for.
#[inline]
fn length(length: usize, what: &'static str) -> Result<u32> {
    u32::try_from(length).map_err(|_| exceeded(what, u32::MAX as usize, length))
}

/// A `Vec` takes all bytes, so this is never an error.
#[inline]
fn written<T>(result: Result<T, ValueWriteError>) -> Result<()> {
    result.map(drop).map_err(Error::custom)
}

/// The place that a value is written to.
pub(super) struct Place<'w, 'b> {
    out: &'w mut Writer<'b>,
    levels: u32,
}

impl Place<'_, '_> {
    /// Writes a value. Every value of a type that may need a check comes through here.
    #[inline]
    pub(super) fn put<T: Serialize + ?Sized>(self, value: &T) -> Result<()> {
        if !shape::is_plain(type_name::<T>()) {
            self.out.type_name = type_name::<T>();
            self.out.meet(type_name::<T>(), 0);
        }
        // Types without a constant size are behind a reference.
        if size_of::<&T>() == size_of::<&u8>() {
            self.out.depth.note_size(self.levels, size_of_val(value));
        }
        value.serialize(self)
    }

    #[inline]
    fn deeper(self) -> Result<Self> {
        if !Stack::is_flat(self.levels) {
            self.out.check_stack(self.levels)?;
        }
        Ok(Self { levels: self.levels - 1, ..self })
    }

    /// The name of a variant, which is the key of what it holds. `fields` are those without names.
    #[inline]
    fn variant(&mut self, index: u32, variant: &'static str, fields: usize) -> Result<()> {
        self.meet_variant(index, fields);
        written(encode::write_map_len(self.out.buffer, 1))?;
        self.out.text(variant)
    }

    #[inline]
    fn meet_variant(&mut self, index: u32, fields: usize) {
        let variant = (index as usize + 1).wrapping_add(fields.wrapping_shl(16));
        self.out.meet(self.out.type_name, variant);
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Array,
    Map,
}

impl Kind {
    #[inline]
    fn write_head(self, buffer: &mut Vec<u8>, members: usize) -> Result<()> {
        let members =
            length(members, "the number of elements of a sequence or a map in MessagePack")?;
        written(match self {
            Self::Array => encode::write_array_len(buffer, members),
            Self::Map => encode::write_map_len(buffer, members),
        })
    }
}

/// The members of a sequence, a map and so on that are being written, one after the other.
pub(super) struct Members<'w, 'b> {
    place: Place<'w, 'b>,
    kind: Kind,
    /// The places where the head and the members begin.
    head: usize,
    body: usize,
    /// The number of members that the type announced.
    announced: usize,
    written: usize,
    /// The struct whose fields they are.
    type_name: &'static str,
}

impl<'w, 'b> Place<'w, 'b> {
    /// The fields of a struct, a variant or a tuple.
    #[inline]
    fn fields(self, kind: Kind, count: usize) -> Result<Members<'w, 'b>> {
        self.out.depth.note_members(self.levels, count);
        self.members(kind, count)
    }

    #[inline]
    fn members(self, kind: Kind, announced: usize) -> Result<Members<'w, 'b>> {
        let type_name = self.out.type_name;
        let place = self.deeper()?;
        let head = place.out.buffer.len();
        kind.write_head(place.out.buffer, announced)?;
        let body = place.out.buffer.len();
        Ok(Members { place, kind, head, body, announced, written: 0, type_name })
    }
}

impl Members<'_, '_> {
    #[inline]
    fn value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        Place { out: self.place.out, levels: self.place.levels }.put(value)
    }

    #[inline]
    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        self.written += 1;
        self.value(value)
    }

    /// Writes a member of a struct, a variant or a tuple.
    #[inline]
    fn field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        self.place.out.depth.note_member(self.place.levels, size_of_val(value));
        self.element(value)
    }

    #[inline]
    fn finish(self) -> Result<()> {
        if self.written == self.announced { Ok(()) } else { self.correct_head() }
    }

    /// Writes the head again, with the number of members that there are. Not every type knows it before.
    #[cold]
    #[inline(never)]
    fn correct_head(self) -> Result<()> {
        let mut head = Vec::with_capacity(5);
        self.kind.write_head(&mut head, self.written)?;
        self.place.out.buffer.splice(self.head..self.body, head);
        Ok(())
    }
}

macro_rules! numbers {
    ($($method:ident: $type:ty => $write:ident;)*) => {$(
        #[inline]
        fn $method(self, value: $type) -> Result<()> {
            written(encode::$write(self.out.buffer, value.into()))
        }
    )*};
}

impl<'w, 'b> Serializer for Place<'w, 'b> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Members<'w, 'b>;
    type SerializeTuple = Members<'w, 'b>;
    type SerializeTupleStruct = Members<'w, 'b>;
    type SerializeTupleVariant = Members<'w, 'b>;
    type SerializeMap = Members<'w, 'b>;
    type SerializeStruct = Members<'w, 'b>;
    type SerializeStructVariant = Members<'w, 'b>;

    numbers! {
        serialize_i8: i8 => write_sint;
        serialize_i16: i16 => write_sint;
        serialize_i32: i32 => write_sint;
        serialize_i64: i64 => write_sint;
        serialize_u8: u8 => write_uint;
        serialize_u16: u16 => write_uint;
        serialize_u32: u32 => write_uint;
        serialize_u64: u64 => write_uint;
        serialize_f32: f32 => write_f32;
        serialize_f64: f64 => write_f64;
    }

    #[inline]
    fn serialize_bool(self, value: bool) -> Result<()> {
        self.out.buffer.push(if value { Marker::True } else { Marker::False }.to_u8());
        Ok(())
    }

    /// MessagePack's integers end at 64 bits.
    #[inline]
    fn serialize_i128(self, value: i128) -> Result<()> {
        self.serialize_bytes(&value.to_be_bytes())
    }

    #[inline]
    fn serialize_u128(self, value: u128) -> Result<()> {
        self.serialize_bytes(&value.to_be_bytes())
    }

    #[inline]
    fn serialize_char(self, value: char) -> Result<()> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    #[inline]
    fn serialize_str(self, value: &str) -> Result<()> {
        self.out.text(value)
    }

    #[inline]
    fn serialize_bytes(self, value: &[u8]) -> Result<()> {
        let length = length(value.len(), "the number of bytes in MessagePack")?;
        written(encode::write_bin_len(self.out.buffer, length))?;
        memory::extend(self.out.buffer, value);
        Ok(())
    }

    #[inline]
    fn serialize_none(self) -> Result<()> {
        self.serialize_unit()
    }

    #[inline]
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<()> {
        let Self { out, levels } = self.deeper()?;
        let start = out.buffer.len();
        Place { out: &mut *out, levels }.put(value)?;
        if out.buffer.get(start) == Some(&Marker::Null.to_u8()) {
            return Err(some_nothing::<T>());
        }
        Ok(())
    }

    #[inline]
    fn serialize_unit(self) -> Result<()> {
        self.out.buffer.push(Marker::Null.to_u8());
        Ok(())
    }

    #[inline]
    fn serialize_unit_struct(self, _: &'static str) -> Result<()> {
        Kind::Array.write_head(self.out.buffer, 0)
    }

    #[inline]
    fn serialize_unit_variant(
        mut self,
        _: &'static str,
        index: u32,
        variant: &'static str,
    ) -> Result<()> {
        self.meet_variant(index, 0);
        self.out.text(variant)
    }

    #[inline]
    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<()> {
        self.out.depth.note_member(self.levels, size_of_val(value));
        self.deeper()?.put(value)
    }

    #[inline]
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        mut self,
        _: &'static str,
        index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<()> {
        self.variant(index, variant, 0)?;
        self.deeper()?.put(value)
    }

    #[inline]
    fn serialize_seq(self, len: Option<usize>) -> Result<Members<'w, 'b>> {
        self.members(Kind::Array, len.unwrap_or(0))
    }

    #[inline]
    fn serialize_tuple(self, len: usize) -> Result<Members<'w, 'b>> {
        self.members(Kind::Array, len)
    }

    #[inline]
    fn serialize_tuple_struct(self, _: &'static str, len: usize) -> Result<Members<'w, 'b>> {
        self.fields(Kind::Array, len)
    }

    #[inline]
    fn serialize_tuple_variant(
        mut self,
        _: &'static str,
        index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Members<'w, 'b>> {
        self.variant(index, variant, len)?;
        self.fields(Kind::Array, len)
    }

    #[inline]
    fn serialize_map(self, len: Option<usize>) -> Result<Members<'w, 'b>> {
        // A struct with flattened fields is written so.
        self.out.flattened |= len.is_none();
        self.members(Kind::Map, len.unwrap_or(0))
    }

    #[inline]
    fn serialize_struct(self, _: &'static str, len: usize) -> Result<Members<'w, 'b>> {
        self.fields(Kind::Map, len)
    }

    #[inline]
    fn serialize_struct_variant(
        mut self,
        _: &'static str,
        index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Members<'w, 'b>> {
        self.variant(index, variant, 0)?;
        self.fields(Kind::Map, len)
    }

    /// Writes a value as text, straight into the buffer.
    fn collect_str<T: Display + ?Sized>(self, value: &T) -> Result<()> {
        let buffer = &mut *self.out.buffer;
        let start = buffer.len();
        write!(buffer, "{value}").map_err(Error::custom)?;
        let length = length(buffer.len() - start, "the length of a text in MessagePack, in bytes")?;
        let mut head = Vec::with_capacity(5);
        written(encode::write_str_len(&mut head, length))?;
        buffer.splice(start..start, head);
        Ok(())
    }

    #[inline]
    fn is_human_readable(&self) -> bool {
        true
    }
}

#[cold]
#[inline(never)]
fn some_nothing<T: ?Sized>() -> Error {
    Error::custom(format!(
        "a `Some` of `{}` is written as nil, which is read as `None`: MessagePack has one nil for `None` and `()`; write the value inside of a tuple, a struct or an enum with names",
        type_name::<T>()
    ))
}

macro_rules! elements {
    ($($trait:ident: $method:ident by $write:ident;)*) => {$(
        impl $trait for Members<'_, '_> {
            type Ok = ();
            type Error = Error;

            #[inline]
            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
                self.$write(value)
            }

            #[inline]
            fn end(self) -> Result<()> {
                self.finish()
            }
        }
    )*};
}

elements! {
    SerializeSeq: serialize_element by element;
    SerializeTuple: serialize_element by field;
    SerializeTupleStruct: serialize_field by field;
    SerializeTupleVariant: serialize_field by field;
}

impl SerializeMap for Members<'_, '_> {
    type Ok = ();
    type Error = Error;

    #[inline]
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<()> {
        self.element(key)
    }

    #[inline]
    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        self.value(value)
    }

    #[inline]
    fn end(self) -> Result<()> {
        self.finish()
    }
}

macro_rules! fields {
    ($($trait:ident)*) => {$(
        impl $trait for Members<'_, '_> {
            type Ok = ();
            type Error = Error;

            #[inline]
            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                name: &'static str,
                value: &T,
            ) -> Result<()> {
                self.place.out.text(name)?;
                self.field(value)
            }

            /// A value without this field must be readable too.
            #[inline]
            fn skip_field(&mut self, name: &'static str) -> Result<()> {
                self.place.out.left_out = true;
                self.place.out.meet(self.type_name, name.as_ptr().addr());
                Ok(())
            }

            #[inline]
            fn end(self) -> Result<()> {
                self.finish()
            }
        }
    )*};
}

fields!(SerializeStruct SerializeStructVariant);
