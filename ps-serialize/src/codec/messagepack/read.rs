//! From MessagePack to serde's types.

use std::any::type_name;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;

use rmp::Marker;
use rustc_hash::FxHasher;
use serde::de::value::{BorrowedStrDeserializer, SeqDeserializer};
use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess,
    Visitor,
};

use crate::codec::nesting::Stack;
use crate::error::{Error, Result, nothing_left};
use crate::limits::{MAX_DEPTH, STACK, STACK_OF_CHECK};
use crate::memory;

/// The rest of a payload that is being read, and what was found in it so far.
pub(super) struct Reader<'a> {
    rest: &'a [u8],
    /// The number of members that all sequences and maps may still have together. Each member takes a byte at least.
    members: usize,
    stack: Stack,
    /// A record of what types ask for, if one is to be made.
    pub(super) seen: Option<Seen>,
}

/// A record of what the type of a value asked for.
#[derive(Default)]
pub(super) struct Seen {
    /// The names of its structs and enums, in their order.
    names: FxHasher,
    /// Whether it asked what comes next, or ignored something. It may then do something else with another value.
    is_asked: bool,
}

impl Seen {
    /// Whether it asked for values with these names, and for nothing else.
    pub(super) fn is_exactly(&self, names: u64) -> bool {
        !self.is_asked && self.names.finish() == names
    }
}

/// The beginning of a value. Texts and bytes are whole.
enum Head<'a> {
    Nil,
    Bool(bool),
    Unsigned(u64),
    Signed(i64),
    F32(f32),
    F64(f64),
    Text(&'a [u8]),
    Bytes(&'a [u8]),
    Array(usize),
    Map(usize),
    /// The type of an extension, and how many bytes it has.
    Extension(i8, usize),
}

impl<'a> Reader<'a> {
    #[inline]
    pub(super) fn new(payload: &'a [u8]) -> Self {
        Self { rest: payload, members: payload.len(), stack: Stack::here(STACK), seen: None }
    }

    /// A stricter reader, for a value that was just written.
    pub(super) fn of_check(payload: &'a [u8], seen: Option<Seen>) -> Self {
        Self { stack: Stack::here(STACK_OF_CHECK), seen, ..Self::new(payload) }
    }

    #[inline]
    pub(super) fn root(&mut self) -> Value<'_, 'a> {
        Value { from: self, levels: MAX_DEPTH }
    }

    /// Checks that nothing is left over after the value.
    #[inline]
    pub(super) fn finish(&self) -> Result<()> {
        nothing_left(self.rest.len(), "value")
    }

    #[inline]
    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let Some((bytes, rest)) = self.rest.split_first_chunk() else { return Err(ended()) };
        self.rest = rest;
        Ok(*bytes)
    }

    #[inline]
    fn bytes(&mut self, length: usize) -> Result<&'a [u8]> {
        let Some((bytes, rest)) = self.rest.split_at_checked(length) else { return Err(ended()) };
        self.rest = rest;
        Ok(bytes)
    }

    #[inline]
    fn length_8(&mut self) -> Result<usize> {
        self.array().map(u8::from_be_bytes).map(usize::from)
    }

    #[inline]
    fn length_16(&mut self) -> Result<usize> {
        self.array().map(u16::from_be_bytes).map(usize::from)
    }

    #[inline]
    fn length_32(&mut self) -> Result<usize> {
        // On a machine of 16 bits, no payload is as long.
        usize::try_from(self.array().map(u32::from_be_bytes)?).map_err(|_| ended())
    }

    #[inline]
    fn is_nil(&self) -> bool {
        self.rest.first() == Some(&Marker::Null.to_u8())
    }

    #[inline]
    fn head(&mut self) -> Result<Head<'a>> {
        let [marker] = self.array()?;
        Ok(match Marker::from_u8(marker) {
            Marker::Null => Head::Nil,
            Marker::False => Head::Bool(false),
            Marker::True => Head::Bool(true),
            Marker::FixPos(value) => Head::Unsigned(value.into()),
            Marker::U8 => Head::Unsigned(u8::from_be_bytes(self.array()?).into()),
            Marker::U16 => Head::Unsigned(u16::from_be_bytes(self.array()?).into()),
            Marker::U32 => Head::Unsigned(u32::from_be_bytes(self.array()?).into()),
            Marker::U64 => Head::Unsigned(u64::from_be_bytes(self.array()?)),
            Marker::FixNeg(value) => Head::Signed(value.into()),
            Marker::I8 => Head::Signed(i8::from_be_bytes(self.array()?).into()),
            Marker::I16 => Head::Signed(i16::from_be_bytes(self.array()?).into()),
            Marker::I32 => Head::Signed(i32::from_be_bytes(self.array()?).into()),
            Marker::I64 => Head::Signed(i64::from_be_bytes(self.array()?)),
            Marker::F32 => Head::F32(f32::from_be_bytes(self.array()?)),
            Marker::F64 => Head::F64(f64::from_be_bytes(self.array()?)),
            Marker::FixStr(length) => Head::Text(self.bytes(length.into())?),
            Marker::Str8 => Head::Text({
                let length = self.length_8()?;
                self.bytes(length)?
            }),
            Marker::Str16 => Head::Text({
                let length = self.length_16()?;
                self.bytes(length)?
            }),
            Marker::Str32 => Head::Text({
                let length = self.length_32()?;
                self.bytes(length)?
            }),
            Marker::Bin8 => Head::Bytes({
                let length = self.length_8()?;
                self.bytes(length)?
            }),
            Marker::Bin16 => Head::Bytes({
                let length = self.length_16()?;
                self.bytes(length)?
            }),
            Marker::Bin32 => Head::Bytes({
                let length = self.length_32()?;
                self.bytes(length)?
            }),
            Marker::FixArray(length) => Head::Array(length.into()),
            Marker::Array16 => Head::Array(self.length_16()?),
            Marker::Array32 => Head::Array(self.length_32()?),
            Marker::FixMap(length) => Head::Map(length.into()),
            Marker::Map16 => Head::Map(self.length_16()?),
            Marker::Map32 => Head::Map(self.length_32()?),
            Marker::FixExt1 => self.extension(1)?,
            Marker::FixExt2 => self.extension(2)?,
            Marker::FixExt4 => self.extension(4)?,
            Marker::FixExt8 => self.extension(8)?,
            Marker::FixExt16 => self.extension(16)?,
            Marker::Ext8 => {
                let length = self.length_8()?;
                self.extension(length)?
            }
            Marker::Ext16 => {
                let length = self.length_16()?;
                self.extension(length)?
            }
            Marker::Ext32 => {
                let length = self.length_32()?;
                self.extension(length)?
            }
            Marker::Reserved => return Err(reserved()),
        })
    }

    fn extension(&mut self, length: usize) -> Result<Head<'a>> {
        let kind = i8::from_be_bytes(self.array()?);
        self.bytes(length)?;
        Ok(Head::Extension(kind, length))
    }

    /// Skips whole values, however deep they are nested.
    fn skip(&mut self, values: usize) -> Result<()> {
        let mut left = values;
        while left > 0 {
            let members = match self.head()? {
                Head::Array(length) => length,
                Head::Map(length) => length.saturating_mul(2),
                _ => 0,
            };
            // There are no more than the payload has bytes.
            left = (left - 1).saturating_add(members);
        }
        Ok(())
    }

    /// Takes the members of a sequence or a map from those that there can be. They are all in the payload,
    /// so that room can be made for them.
    #[inline]
    fn spend(&mut self, members: usize) -> Result<()> {
        match self.members.checked_sub(members) {
            Some(left) if members <= self.rest.len() => {
                self.members = left;
                Ok(())
            }
            _ => Err(ended()),
        }
    }

    #[inline]
    fn note(&mut self, name: &'static str) {
        if let Some(seen) = &mut self.seen {
            seen.note(name);
        }
    }

    #[inline]
    fn note_asked(&mut self) {
        if let Some(seen) = &mut self.seen {
            seen.is_asked = true;
        }
    }
}

impl Seen {
    #[cold]
    #[inline(never)]
    fn note(&mut self, name: &'static str) {
        name.hash(&mut self.names);
    }
}

// Errors are made out of line: what they take would keep the rest from being inlined.

#[cold]
#[inline(never)]
fn ended() -> Error {
    Error::custom("the payload ends inside of the value")
}

#[cold]
#[inline(never)]
fn reserved() -> Error {
    Error::custom("a value can't begin with the byte 0xc1, which MessagePack never uses")
}

#[cold]
#[inline(never)]
fn not_utf8(error: std::str::Utf8Error) -> Error {
    Error::custom(error)
}

#[cold]
#[inline(never)]
fn extended(kind: i8, length: usize) -> Error {
    Error::custom(format!(
        "an extension of type {kind} with {length} bytes, such as a timestamp, is no value of serde's: write it as a number, a text or bytes"
    ))
}

#[cold]
#[inline(never)]
fn too_many(left: usize) -> Error {
    Error::custom(format!("{left} elements are left over: the type expects fewer"))
}

#[cold]
#[inline(never)]
fn not_a_variant(found: &str) -> Error {
    Error::custom(format!(
        "an enum is the name of a variant, or a map from the name to what the variant holds, not {found}"
    ))
}

#[inline]
fn text(bytes: &[u8]) -> Result<&str> {
    simdutf8::basic::from_utf8(bytes).map_err(|_| not_text(bytes))
}

#[cold]
#[inline(never)]
fn not_text(bytes: &[u8]) -> Error {
    match std::str::from_utf8(bytes) {
        Ok(_) => Error::custom("a text is not UTF-8"),
        Err(error) => not_utf8(error),
    }
}

/// The place of a value in the payload.
pub(super) struct Value<'r, 'a> {
    from: &'r mut Reader<'a>,
    levels: u32,
}

/// The members of a value that are left to read.
struct Members<'r, 'a> {
    from: &'r mut Reader<'a>,
    levels: u32,
    /// The number of elements or entries that are left.
    left: usize,
    /// The number of values of each element: two in a map.
    values: usize,
    /// Whether a key was read and its value was not.
    is_value_due: bool,
}

impl<'a> Members<'_, 'a> {
    #[inline]
    fn next<S: DeserializeSeed<'a>>(&mut self, seed: S) -> Result<S::Value> {
        Value { from: self.from, levels: self.levels }.seeded(seed)
    }

    /// Checks that a type has taken all of them. Otherwise it goes on after them, for a type around it that does without the value.
    #[inline]
    fn finish<T>(self, value: Result<T>) -> Result<T> {
        if value.is_ok() && self.left == 0 && !self.is_value_due { value } else { self.skip(value) }
    }

    #[cold]
    #[inline(never)]
    fn skip<T>(self, value: Result<T>) -> Result<T> {
        let left = self.left.saturating_mul(self.values);
        // If the payload ends before, there is no more to read.
        let _ = self.from.skip(left.saturating_add(self.is_value_due.into()));
        value.and_then(|_| Err(too_many(self.left)))
    }
}

impl<'r, 'a> Value<'r, 'a> {
    /// Reads a value. Whatever comes of it, the reader is behind the value then.
    #[inline]
    fn seeded<S: DeserializeSeed<'a>>(self, seed: S) -> Result<S::Value> {
        let Self { from, levels } = self;
        let before = from.rest.len();
        let value = seed.deserialize(Value { from: &mut *from, levels });
        // A type may make a value, or an error, of nothing.
        if from.rest.len() == before {
            let skipped = from.skip(1);
            return value.and_then(|value| skipped.map(|()| value));
        }
        value
    }

    #[inline]
    pub(super) fn get<T: Deserialize<'a>>(self) -> Result<T> {
        T::deserialize(self)
    }

    #[inline]
    fn deeper(self) -> Result<Self> {
        if !Stack::is_flat(self.levels) {
            self.from.stack.check(self.levels)?;
        }
        Ok(Self { levels: self.levels - 1, ..self })
    }

    /// The members of a sequence or a map whose head was just read.
    #[inline]
    fn members(self, left: usize, values: usize) -> Result<Members<'r, 'a>> {
        let Self { from, levels } = self;
        let total = left.saturating_mul(values);
        if let Err(error) = (Value { from: &mut *from, levels }).deeper() {
            return Err(from.without(total, error));
        }
        from.spend(total)?;
        Ok(Members { from, levels: levels - 1, left, values, is_value_due: false })
    }

    /// Reads the next value, of any type. Bytes may be asked for as a sequence of numbers.
    #[inline]
    fn visit<V: Visitor<'a>>(self, visitor: V, bytes_as_sequence: bool) -> Result<V::Value> {
        match self.from.head()? {
            Head::Nil => visitor.visit_unit(),
            Head::Bool(value) => visitor.visit_bool(value),
            Head::Unsigned(value) => visitor.visit_u64(value),
            Head::Signed(value) => visitor.visit_i64(value),
            Head::F32(value) => visitor.visit_f32(value),
            Head::F64(value) => visitor.visit_f64(value),
            Head::Text(bytes) => visitor.visit_borrowed_str(text(bytes)?),
            Head::Bytes(bytes) if bytes_as_sequence => {
                let mut numbers = SeqDeserializer::<_, Error>::new(bytes.iter().copied());
                let value = visitor.visit_seq(&mut numbers)?;
                numbers.end()?;
                Ok(value)
            }
            Head::Bytes(bytes) => visitor.visit_borrowed_bytes(bytes),
            Head::Array(length) => {
                let mut members = self.members(length, 1)?;
                let value = visitor.visit_seq(&mut members);
                members.finish(value)
            }
            Head::Map(length) => {
                let mut members = self.members(length, 2)?;
                let value = visitor.visit_map(&mut members);
                members.finish(value)
            }
            Head::Extension(kind, length) => Err(extended(kind, length)),
        }
    }
}

impl Reader<'_> {
    /// Goes on after values that can't be read.
    #[cold]
    #[inline(never)]
    fn without(&mut self, values: usize, error: Error) -> Error {
        // If the payload ends before, there is no more to read.
        let _ = self.skip(values);
        error
    }

    /// Goes on after the members of a value that should be another one.
    #[cold]
    #[inline(never)]
    fn refuse<T>(&mut self, found: &Head<'_>, error: impl FnOnce(&str) -> Error) -> Result<T> {
        let members = match found {
            Head::Array(length) => *length,
            Head::Map(length) => length.saturating_mul(2),
            _ => 0,
        };
        Err(self.without(members, error(&found.to_string())))
    }
}

macro_rules! plain {
    ($($method:ident)*) => {$(
        #[inline]
        fn $method<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value> {
            self.visit(visitor, false)
        }
    )*};
}

impl<'a> Deserializer<'a> for Value<'_, 'a> {
    type Error = Error;

    plain! {
        deserialize_bool
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
        deserialize_f32 deserialize_f64
        deserialize_char deserialize_str deserialize_string deserialize_bytes
        deserialize_unit deserialize_map deserialize_identifier
    }

    fn deserialize_any<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value> {
        self.from.note_asked();
        let value = if is_buffered::<V::Value>() { self.deeper()? } else { self };
        value.visit(visitor, false)
    }

    fn deserialize_ignored_any<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value> {
        self.from.note_asked();
        self.from.skip(1)?;
        visitor.visit_unit()
    }

    #[inline]
    fn deserialize_i128<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value> {
        match self.from.head()? {
            Head::Unsigned(value) => visitor.visit_i128(value.into()),
            Head::Signed(value) => visitor.visit_i128(value.into()),
            Head::Bytes(bytes) => visitor.visit_i128(i128::from_be_bytes(sixteen(bytes)?)),
            head => self.from.refuse(&head, not_of_128_bits),
        }
    }

    #[inline]
    fn deserialize_u128<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value> {
        match self.from.head()? {
            Head::Unsigned(value) => visitor.visit_u128(value.into()),
            Head::Bytes(bytes) => visitor.visit_u128(u128::from_be_bytes(sixteen(bytes)?)),
            head => self.from.refuse(&head, not_of_128_bits),
        }
    }

    #[inline]
    fn deserialize_byte_buf<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value> {
        let before = self.from.rest;
        if let Head::Bytes(bytes) = self.from.head()? {
            return visitor.visit_byte_buf(memory::copy(bytes));
        }
        self.from.rest = before;
        self.visit(visitor, false)
    }

    #[inline]
    fn deserialize_option<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value> {
        if self.from.is_nil() {
            self.from.rest = &self.from.rest[1..];
            visitor.visit_none()
        } else {
            visitor.visit_some(self.deeper()?)
        }
    }

    #[inline]
    fn deserialize_unit_struct<V: Visitor<'a>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value> {
        self.from.note(name);
        let before = self.from.rest;
        if let Head::Array(0) = self.from.head()? {
            return visitor.visit_unit();
        }
        self.from.rest = before;
        self.visit(visitor, false)
    }

    #[inline]
    fn deserialize_newtype_struct<V: Visitor<'a>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value> {
        self.from.note(name);
        visitor.visit_newtype_struct(self.deeper()?)
    }

    #[inline]
    fn deserialize_seq<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value> {
        self.visit(visitor, true)
    }

    #[inline]
    fn deserialize_tuple<V: Visitor<'a>>(self, _: usize, visitor: V) -> Result<V::Value> {
        self.visit(visitor, true)
    }

    #[inline]
    fn deserialize_tuple_struct<V: Visitor<'a>>(
        self,
        name: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value> {
        self.from.note(name);
        self.visit(visitor, true)
    }

    #[inline]
    fn deserialize_struct<V: Visitor<'a>>(
        self,
        name: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        self.from.note(name);
        self.visit(visitor, false)
    }

    #[inline]
    fn deserialize_enum<V: Visitor<'a>>(
        self,
        name: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        self.from.note(name);
        match self.from.head()? {
            Head::Text(bytes) => {
                visitor.visit_enum(BorrowedStrDeserializer::<Error>::new(text(bytes)?))
            }
            Head::Map(1) => {
                let mut members = self.members(1, 2)?;
                let value = visitor.visit_enum(Variant { members: &mut members });
                members.finish(value)
            }
            head => self.from.refuse(&head, not_a_variant),
        }
    }

    #[inline]
    fn is_human_readable(&self) -> bool {
        true
    }
}

/// Whether serde keeps the value in a buffer of its own. Nobody can check the stack while it reads from there, so
/// levels in the buffer count twice.
#[inline]
fn is_buffered<T>() -> bool {
    type_name::<T>().contains("::content::Content")
}

#[cold]
#[inline(never)]
fn not_of_128_bits(found: &str) -> Error {
    Error::custom(format!(
        "an integer of 128 bits is 16 bytes, or an integer that fits, not {found}"
    ))
}

#[inline]
fn sixteen(bytes: &[u8]) -> Result<[u8; 16]> {
    bytes.try_into().map_err(|_| not_of_128_bits(&Head::Bytes(bytes).to_string()))
}

/// Prints the type of the next value in the words of serde's errors.
impl std::fmt::Display for Head<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Nil => f.write_str("nil"),
            Self::Bool(value) => write!(f, "the boolean `{value}`"),
            Self::Unsigned(value) => write!(f, "the integer `{value}`"),
            Self::Signed(value) => write!(f, "the integer `{value}`"),
            Self::F32(value) => write!(f, "the number `{value}`"),
            Self::F64(value) => write!(f, "the number `{value}`"),
            Self::Text(_) => f.write_str("a text"),
            Self::Bytes(bytes) => write!(f, "{} bytes", bytes.len()),
            Self::Array(length) => write!(f, "a sequence of {length} elements"),
            Self::Map(length) => write!(f, "a map of {length} entries"),
            Self::Extension(kind, _) => write!(f, "an extension of type {kind}"),
        }
    }
}

impl<'a> SeqAccess<'a> for Members<'_, 'a> {
    type Error = Error;

    #[inline]
    fn next_element_seed<S: DeserializeSeed<'a>>(&mut self, seed: S) -> Result<Option<S::Value>> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        self.next(seed).map(Some)
    }

    #[inline]
    fn size_hint(&self) -> Option<usize> {
        Some(self.left)
    }
}

impl<'a> MapAccess<'a> for Members<'_, 'a> {
    type Error = Error;

    #[inline]
    fn next_key_seed<S: DeserializeSeed<'a>>(&mut self, seed: S) -> Result<Option<S::Value>> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        self.is_value_due = true;
        self.next(seed).map(Some)
    }

    #[inline]
    fn next_value_seed<S: DeserializeSeed<'a>>(&mut self, seed: S) -> Result<S::Value> {
        self.is_value_due = false;
        self.next(seed)
    }

    #[inline]
    fn size_hint(&self) -> Option<usize> {
        Some(self.left)
    }
}

/// A map of one entry. The variant's name is the key.
struct Variant<'m, 'r, 'a> {
    members: &'m mut Members<'r, 'a>,
}

impl<'a> Variant<'_, '_, 'a> {
    /// The fields, which are no level deeper than the variant.
    #[inline]
    fn fields(&mut self) -> Value<'_, 'a> {
        self.members.is_value_due = false;
        Value { from: self.members.from, levels: self.members.levels + 1 }
    }
}

impl<'a> EnumAccess<'a> for Variant<'_, '_, 'a> {
    type Error = Error;
    type Variant = Self;

    #[inline]
    fn variant_seed<S: DeserializeSeed<'a>>(self, seed: S) -> Result<(S::Value, Self)> {
        self.members.left = 0;
        self.members.is_value_due = true;
        Ok((self.members.next(seed)?, self))
    }
}

impl<'a> VariantAccess<'a> for Variant<'_, '_, 'a> {
    type Error = Error;

    #[inline]
    fn unit_variant(self) -> Result<()> {
        self.newtype_variant_seed(PhantomData)
    }

    #[inline]
    fn newtype_variant_seed<S: DeserializeSeed<'a>>(self, seed: S) -> Result<S::Value> {
        self.members.next_value_seed(seed)
    }

    #[inline]
    fn tuple_variant<V: Visitor<'a>>(mut self, _: usize, visitor: V) -> Result<V::Value> {
        self.fields().visit(visitor, true)
    }

    #[inline]
    fn struct_variant<V: Visitor<'a>>(
        mut self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        self.fields().visit(visitor, false)
    }
}
