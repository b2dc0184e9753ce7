//! From bytes to serde's types.

use std::any::type_name;
use std::marker::PhantomData;

use serde::de::value::U32Deserializer;
use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess,
    Visitor,
};

use super::trace::{Event, Kind};
use crate::codec::nesting::Stack;
use crate::codec::{OTHERWISE, shape};
use crate::error::{Error, Result, ended_inside, nothing_left_after_value};
use crate::limits::{
    EMPTY_ELEMENTS, MAX_DEPTH, STACK, STACK_OF_CHECK, max_elements, too_many_elements,
};
use crate::memory;

/// The rest of a payload that is being read, and what was found in it so far.
pub(super) struct Reader<'a> {
    rest: &'a [u8],
    payload: usize,
    /// The number of elements that the sequences may still have together.
    elements: usize,
    stack: Stack,
    /// The type of the value that is read now.
    type_name: &'static str,
    /// Whether someone asked for what the layout does not say.
    pub(super) is_asked: bool,
    /// The structs and enums that types ask for, if they are to be recorded.
    pub(super) events: Option<Vec<Event>>,
}

impl<'a> Reader<'a> {
    #[inline]
    pub(super) fn new(payload: &'a [u8]) -> Self {
        Self {
            rest: payload,
            payload: payload.len(),
            elements: max_elements(payload.len()),
            stack: Stack::here(STACK),
            type_name: "",
            is_asked: false,
            events: None,
        }
    }

    /// A stricter reader, for a value that was just written.
    pub(super) fn of_check(payload: &'a [u8], events: Option<Vec<Event>>) -> Self {
        Self { stack: Stack::here(STACK_OF_CHECK), events, ..Self::new(payload) }
    }

    #[inline]
    pub(super) fn root(&mut self) -> Value<'_, 'a> {
        Value { from: self, levels: MAX_DEPTH }
    }

    /// The number of elements that were read, less the number of bytes.
    #[inline]
    pub(super) fn empty_elements(&self) -> usize {
        EMPTY_ELEMENTS.saturating_sub(self.elements)
    }

    /// Checks that nothing is left over after the value.
    #[inline]
    pub(super) fn finish(&self) -> Result<()> {
        nothing_left_after_value(self.rest.len())
    }

    #[inline]
    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let Some((bytes, rest)) = self.rest.split_first_chunk() else { return Err(ended_inside()) };
        self.rest = rest;
        Ok(*bytes)
    }

    #[inline]
    fn length(&mut self) -> Result<usize> {
        let length = u64::from_le_bytes(self.array()?);
        usize::try_from(length).map_err(|_| not_addressed(length))
    }

    #[inline]
    fn sized(&mut self) -> Result<&'a [u8]> {
        let length = self.length()?;
        let Some((bytes, rest)) = self.rest.split_at_checked(length) else {
            return Err(ended_inside());
        };
        self.rest = rest;
        Ok(bytes)
    }

    #[inline]
    fn text(&mut self) -> Result<&'a str> {
        let bytes = self.sized()?;
        std::str::from_utf8(bytes).map_err(not_utf8)
    }

    fn char(&mut self) -> Result<char> {
        let width = match self.rest.first() {
            None => return Err(ended_inside()),
            Some(0..0x80) => 1,
            Some(0xc0..0xe0) => 2,
            Some(0xe0..0xf0) => 3,
            Some(0xf0..0xf8) => 4,
            Some(other) => return Err(no_char(&[*other])),
        };
        let Some((bytes, rest)) = self.rest.split_at_checked(width) else {
            return Err(ended_inside());
        };
        let text = std::str::from_utf8(bytes).ok();
        let char = text.and_then(|text| text.chars().next()).ok_or_else(|| no_char(bytes))?;
        self.rest = rest;
        Ok(char)
    }

    /// Reads the number of elements of a sequence.
    #[inline]
    fn count(&mut self) -> Result<usize> {
        let count = self.length()?;
        match self.elements.checked_sub(count) {
            Some(left) => self.elements = left,
            None => return Err(self.too_many_elements(count)),
        }
        Ok(count)
    }

    #[cold]
    #[inline(never)]
    fn too_many_elements(&self, more: usize) -> Error {
        let had = max_elements(self.payload) - self.elements;
        too_many_elements(self.payload, had.saturating_add(more))
    }

    #[inline]
    fn note(&mut self, kind: Kind, name: &'static str, members: &'static [&'static str]) {
        if let Some(events) = &mut self.events {
            Event::note(events, kind, name, members);
        }
    }

    #[cold]
    #[inline(never)]
    fn asked(&mut self) -> Error {
        self.is_asked = true;
        Error::custom(format!(
            "`{}` asks the format what comes next (`untagged`, `tag`, `flatten`, `serde_json::Value`, `Decimal`), and the layout does not say: give it a type of its own for the wire, or {OTHERWISE}",
            self.type_name
        ))
    }
}

// Errors are made out of line: what they take would keep the rest from being inlined.

#[cold]
#[inline(never)]
fn not_addressed(length: u64) -> Error {
    Error::custom(format!("a length of {length} is more than this machine can address"))
}

#[cold]
#[inline(never)]
fn not_utf8(error: std::str::Utf8Error) -> Error {
    Error::custom(error)
}

#[cold]
#[inline(never)]
fn no_bool(found: u8) -> Error {
    Error::custom(format!("a `bool` is 0 or 1, not {found}"))
}

#[cold]
#[inline(never)]
fn no_option(found: u8) -> Error {
    Error::custom(format!("an `Option` begins with 0 or 1, not {found}"))
}

#[cold]
#[inline(never)]
fn no_char(found: &[u8]) -> Error {
    Error::custom(format!(
        "a `char` is a Unicode scalar value in UTF-8, not `{}`",
        found.escape_ascii()
    ))
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
    left: usize,
}

impl<'r, 'a> Value<'r, 'a> {
    /// Reads a value. Every value that has a type of its own comes through here.
    #[inline]
    fn seeded<S: DeserializeSeed<'a>>(self, seed: S) -> Result<S::Value> {
        if shape::is_named(type_name::<S::Value>()) {
            self.from.type_name = type_name::<S::Value>();
        }
        seed.deserialize(self)
    }

    #[inline]
    pub(super) fn get<T: Deserialize<'a>>(self) -> Result<T> {
        self.seeded(PhantomData)
    }

    #[inline]
    fn deeper(self) -> Result<Self> {
        if !Stack::is_flat(self.levels) {
            self.from.stack.check(self.levels)?;
        }
        Ok(Self { levels: self.levels - 1, ..self })
    }

    #[inline]
    fn members(self, count: usize) -> Result<Members<'r, 'a>> {
        let Self { from, levels } = self.deeper()?;
        Ok(Members { from, levels, left: count })
    }
}

macro_rules! numbers {
    ($($method:ident $visit:ident $type:ty;)*) => {$(
        #[inline]
        fn $method<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value> {
            visitor.$visit(<$type>::from_le_bytes(self.from.array()?))
        }
    )*};
}

macro_rules! asking {
    ($($method:ident)*) => {$(
        #[inline]
        fn $method<V: Visitor<'a>>(self, _: V) -> Result<V::Value> {
            Err(self.from.asked())
        }
    )*};
}

impl<'a> Deserializer<'a> for Value<'_, 'a> {
    type Error = Error;

    asking! { deserialize_any deserialize_identifier deserialize_ignored_any }

    numbers! {
        deserialize_i8 visit_i8 i8;
        deserialize_i16 visit_i16 i16;
        deserialize_i32 visit_i32 i32;
        deserialize_i64 visit_i64 i64;
        deserialize_i128 visit_i128 i128;
        deserialize_u8 visit_u8 u8;
        deserialize_u16 visit_u16 u16;
        deserialize_u32 visit_u32 u32;
        deserialize_u64 visit_u64 u64;
        deserialize_u128 visit_u128 u128;
        deserialize_f32 visit_f32 f32;
        deserialize_f64 visit_f64 f64;
    }

    #[inline]
    fn deserialize_bool<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value> {
        match self.from.array()? {
            [0] => visitor.visit_bool(false),
            [1] => visitor.visit_bool(true),
            [found] => Err(no_bool(found)),
        }
    }

    #[inline]
    fn deserialize_char<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_char(self.from.char()?)
    }

    #[inline]
    fn deserialize_str<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_borrowed_str(self.from.text()?)
    }

    #[inline]
    fn deserialize_string<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_string(self.from.text()?.to_owned())
    }

    #[inline]
    fn deserialize_bytes<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_borrowed_bytes(self.from.sized()?)
    }

    #[inline]
    fn deserialize_byte_buf<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_byte_buf(memory::copy(self.from.sized()?))
    }

    #[inline]
    fn deserialize_option<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value> {
        let inner = self.deeper()?;
        match inner.from.array()? {
            [0] => visitor.visit_none(),
            [1] => visitor.visit_some(inner),
            [found] => Err(no_option(found)),
        }
    }

    #[inline]
    fn deserialize_unit<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_unit()
    }

    #[inline]
    fn deserialize_unit_struct<V: Visitor<'a>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value> {
        visitor.visit_unit()
    }

    #[inline]
    fn deserialize_newtype_struct<V: Visitor<'a>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value> {
        self.from.note(Kind::NewtypeStruct, name, &[]);
        visitor.visit_newtype_struct(self.deeper()?)
    }

    #[inline]
    fn deserialize_seq<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value> {
        let count = self.from.count()?;
        visitor.visit_seq(self.members(count)?)
    }

    #[inline]
    fn deserialize_tuple<V: Visitor<'a>>(self, len: usize, visitor: V) -> Result<V::Value> {
        visitor.visit_seq(self.members(len)?)
    }

    #[inline]
    fn deserialize_tuple_struct<V: Visitor<'a>>(
        self,
        name: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value> {
        self.from.note(Kind::TupleStruct, name, &[]);
        visitor.visit_seq(self.members(len)?)
    }

    #[inline]
    fn deserialize_map<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value> {
        let count = self.from.count()?;
        visitor.visit_map(self.members(count)?)
    }

    #[inline]
    fn deserialize_struct<V: Visitor<'a>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        self.from.note(Kind::Struct, name, fields);
        visitor.visit_seq(self.members(fields.len())?)
    }

    #[inline]
    fn deserialize_enum<V: Visitor<'a>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        self.from.note(Kind::Enum, name, variants);
        visitor.visit_enum(self.deeper()?)
    }

    #[inline]
    fn is_human_readable(&self) -> bool {
        false
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
        self.next_value_seed(seed).map(Some)
    }

    #[inline]
    fn size_hint(&self) -> Option<usize> {
        Some(self.left.min(self.from.rest.len()))
    }
}

impl<'a> MapAccess<'a> for Members<'_, 'a> {
    type Error = Error;

    #[inline]
    fn next_key_seed<S: DeserializeSeed<'a>>(&mut self, seed: S) -> Result<Option<S::Value>> {
        self.next_element_seed(seed)
    }

    #[inline]
    fn next_value_seed<S: DeserializeSeed<'a>>(&mut self, seed: S) -> Result<S::Value> {
        Value { from: self.from, levels: self.levels }.seeded(seed)
    }

    #[inline]
    fn size_hint(&self) -> Option<usize> {
        SeqAccess::size_hint(self)
    }
}

impl<'a> EnumAccess<'a> for Value<'_, 'a> {
    type Error = Error;
    type Variant = Self;

    #[inline]
    fn variant_seed<S: DeserializeSeed<'a>>(self, seed: S) -> Result<(S::Value, Self)> {
        let index = u32::from_le_bytes(self.from.array()?);
        let index = U32Deserializer::<Error>::new(index);
        Ok((seed.deserialize(index)?, self))
    }
}

/// The fields are one level deeper than the enum already.
impl<'a> VariantAccess<'a> for Value<'_, 'a> {
    type Error = Error;

    #[inline]
    fn unit_variant(self) -> Result<()> {
        Ok(())
    }

    #[inline]
    fn newtype_variant_seed<S: DeserializeSeed<'a>>(self, seed: S) -> Result<S::Value> {
        self.seeded(seed)
    }

    #[inline]
    fn tuple_variant<V: Visitor<'a>>(self, len: usize, visitor: V) -> Result<V::Value> {
        visitor.visit_seq(Members { from: self.from, levels: self.levels, left: len })
    }

    #[inline]
    fn struct_variant<V: Visitor<'a>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        self.from.note(Kind::StructVariant, "", fields);
        self.tuple_variant(fields.len(), visitor)
    }
}
