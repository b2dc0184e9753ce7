//! Bounds on what serde's traits recurse into: a value nested too deep would overflow the stack,
//! and a sequence of elements without bytes is as long as its length claims.
//!
//! Both sides have the same bounds, so what can be written can be read.

#[cfg(feature = "bincode")]
use std::any::type_name;
use std::cell::Cell;
#[cfg(feature = "bincode")]
use std::cell::RefCell;
use std::fmt::{self, Display};

use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor,
};
use serde::ser::{
    Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

#[cfg(feature = "bincode")]
use super::limits::STACK_OF_CHECK;
use super::limits::{DEEP, EMPTY_ELEMENTS, MAX_DEPTH, STACK, nested_in_stack, stack_address};
#[cfg(feature = "bincode")]
use super::shapes::{self, Check, Shape, Shapes};
#[cfg(feature = "bincode")]
use super::trace::{Event, Kind};

/// The type that is written or read at a place, where someone asks for it.
pub(crate) trait Name: Copy {
    const IS_KNOWN: bool;
    fn of<T: ?Sized>() -> Self;
    fn get(self) -> &'static str;
}

/// Nobody asks, and nothing is paid for it.
#[derive(Clone, Copy)]
pub(crate) struct Unnamed;

impl Name for Unnamed {
    const IS_KNOWN: bool = false;

    #[inline]
    fn of<T: ?Sized>() -> Self {
        Self
    }

    #[inline]
    fn get(self) -> &'static str {
        ""
    }
}

#[cfg(feature = "bincode")]
#[derive(Clone, Copy)]
pub(super) struct Named(&'static str);

#[cfg(feature = "bincode")]
impl Name for Named {
    const IS_KNOWN: bool = true;

    #[inline]
    fn of<T: ?Sized>() -> Self {
        Self(type_name::<T>())
    }

    #[inline]
    fn get(self) -> &'static str {
        self.0
    }
}

/// Something of serde's, and what the bounds leave to it.
#[derive(Clone, Copy)]
pub(crate) struct Bounded<'b, T, N = Unnamed> {
    inner: T,
    depth: u32,
    bounds: &'b Bounds<'b>,
    /// The type that is written or read here.
    type_name: N,
}

impl<'b, T, N: Name> Bounded<'b, T, N> {
    #[inline]
    fn with<U>(&self, inner: U) -> Bounded<'b, U, N> {
        Bounded { inner, depth: self.depth, bounds: self.bounds, type_name: self.type_name }
    }

    #[inline]
    fn of<V: ?Sized, U>(&self, inner: U) -> Bounded<'b, U, N> {
        Bounded { type_name: N::of::<V>(), ..self.with(inner) }
    }

    #[inline]
    fn deeper<U>(&self, inner: U) -> Option<Bounded<'b, U, N>> {
        let depth = self.depth.checked_sub(1)?;
        // Flat records, which are most, are not to pay for the others.
        if depth < MAX_DEPTH - 4 && !self.bounds.has_stack() {
            return None;
        }
        Some(Bounded { depth, ..self.with(inner) })
    }
}

// The errors are made out of line: what they take would keep the rest from being inlined.

#[cold]
#[inline(never)]
fn too_deep(depth: u32, bounds: &Bounds<'_>) -> String {
    if depth == 0 {
        format!(
            "nested too deep: the limit is {MAX_DEPTH} levels, and this is {} or more",
            MAX_DEPTH + 1
        )
    } else {
        nested_in_stack(bounds.room, stack_address().abs_diff(bounds.stack))
    }
}

#[cold]
#[inline(never)]
fn too_deep_to_read<E: serde::de::Error>(depth: u32, bounds: &Bounds<'_>) -> E {
    E::custom(too_deep(depth, bounds))
}

#[cold]
#[inline(never)]
fn too_deep_to_write<E: serde::ser::Error>(depth: u32, bounds: &Bounds<'_>) -> E {
    E::custom(too_deep(depth, bounds))
}

/// The bounds of one payload.
pub(crate) struct Bounds<'e> {
    payload: usize,
    /// How many elements the sequences have.
    elements: Cell<usize>,
    /// Where the stack was at first.
    stack: usize,
    /// How much of it there is.
    room: usize,
    deep: Cell<bool>,
    /// What asked for more than a layout without marks can say.
    asking: Cell<&'static str>,
    /// Where the layout is one without names.
    #[cfg(feature = "bincode")]
    shapes: Option<Shapes>,
    /// What a reader asks for, where someone wants to know.
    #[cfg(feature = "bincode")]
    events: Option<&'e RefCell<Vec<Event>>>,
    #[cfg(not(feature = "bincode"))]
    events: std::marker::PhantomData<&'e ()>,
}

#[cfg_attr(not(feature = "bincode"), allow(clippy::elidable_lifetime_names))]
impl<'e> Bounds<'e> {
    #[inline]
    pub(crate) fn of_reading(payload: usize) -> Self {
        Self::new(payload, STACK)
    }

    /// Stricter, when what was just written is read back.
    #[cfg(feature = "bincode")]
    pub(super) fn of_reading_back(payload: usize) -> Self {
        Self::new(payload, STACK_OF_CHECK)
    }

    /// The same, where the events are wanted too.
    #[cfg(feature = "bincode")]
    pub(super) fn of_checking(payload: usize, events: &'e RefCell<Vec<Event>>) -> Self {
        Self { events: Some(events), ..Self::of_reading_back(payload) }
    }

    /// For a layout that has no names.
    #[cfg(feature = "bincode")]
    #[inline]
    pub(super) fn of_writing_without_names<T: Check>() -> Self {
        Self { shapes: Some(Shapes::of::<T>()), ..Self::of_writing() }
    }

    #[cfg(feature = "bincode")]
    #[inline]
    pub(super) fn take_unchecked(&self) -> Vec<Shape> {
        self.shapes.as_ref().map(Shapes::take_unchecked).unwrap_or_default()
    }

    /// The type that asked for what the layout can't say.
    #[cfg(feature = "bincode")]
    pub(super) fn asking(&self) -> &'static str {
        self.asking.get()
    }

    #[inline]
    fn new(payload: usize, room: usize) -> Self {
        Self {
            payload,
            elements: Cell::new(0),
            stack: stack_address(),
            room,
            deep: Cell::new(false),
            asking: Cell::new(""),
            #[cfg(feature = "bincode")]
            shapes: None,
            #[cfg(feature = "bincode")]
            events: None,
            #[cfg(not(feature = "bincode"))]
            events: std::marker::PhantomData,
        }
    }

    /// The payload is not known before the end.
    #[inline]
    pub(crate) fn of_writing() -> Self {
        Self::of_reading(usize::MAX)
    }

    #[inline]
    pub(crate) fn bound<T>(&self, inner: T) -> Bounded<'_, T> {
        Bounded { inner, depth: MAX_DEPTH, bounds: self, type_name: Unnamed }
    }

    /// The same, where what it asks for is wanted.
    #[cfg(feature = "bincode")]
    #[inline]
    pub(super) fn watch<T>(&self, inner: T) -> Bounded<'_, T, Named> {
        Bounded { inner, depth: MAX_DEPTH, bounds: self, type_name: Named("") }
    }

    #[inline(never)]
    fn has_stack(&self) -> bool {
        let stack = stack_address().abs_diff(self.stack);
        if stack > DEEP {
            self.deep.set(true);
        }
        stack <= self.room
    }

    #[inline]
    fn count(&self, elements: usize) {
        self.elements.set(self.elements.get().saturating_add(elements));
    }

    #[inline]
    fn is_kept(&self, payload: usize) -> bool {
        self.elements.get() <= payload.saturating_add(EMPTY_ELEMENTS)
    }

    /// Whether a payload of this size, just written, is within the bounds of reading.
    #[cfg(feature = "bincode")]
    #[inline]
    pub(crate) fn check_written(&self, payload: usize) -> Result<(), String> {
        if self.is_kept(payload) { Ok(()) } else { Err(self.too_many(payload)) }
    }

    /// Whether it is so deep that only reading tells whether it can be read.
    #[cfg(feature = "bincode")]
    #[inline]
    pub(crate) fn is_deep(&self) -> bool {
        self.deep.get()
    }

    #[cold]
    #[inline(never)]
    fn too_many(&self, payload: usize) -> String {
        format!(
            "too many elements in sequences: the limit is {} for a payload of {payload} bytes, and this is {} or more",
            payload.saturating_add(EMPTY_ELEMENTS),
            self.elements.get()
        )
    }
}

/// What a layout without names can't tell, and others can.
#[cfg_attr(
    not(feature = "bincode"),
    allow(unused_variables, clippy::unnecessary_wraps, clippy::unused_self)
)]
impl<T, N: Name> Bounded<'_, T, N> {
    /// The type that is written.
    #[inline]
    fn meet(&self) {
        #[cfg(feature = "bincode")]
        if N::IS_KNOWN && !shapes::is_plain(self.type_name.get()) {
            self.meet_variant(None, 0);
        }
    }

    /// A variant of it, and how many fields without names are written.
    #[inline]
    fn meet_variant(&self, index: Option<u32>, len: usize) {
        #[cfg(feature = "bincode")]
        if N::IS_KNOWN
            && let Some(shapes) = &self.bounds.shapes
        {
            let variant = index.map_or(0, |index| index as usize + 1);
            shapes.meet(self.type_name.get(), variant.wrapping_add(len.wrapping_shl(16)));
        }
    }

    /// A field without its value.
    fn skip<E: serde::ser::Error>(&self, field: &'static str) -> Result<(), E> {
        #[cfg(feature = "bincode")]
        if self.bounds.shapes.is_some() {
            return Err(E::custom(shapes::left_out(self.type_name.get(), field)));
        }
        Ok(())
    }
}

impl<T, N: Name> Bounded<'_, T, N> {
    /// What the reader asks for.
    #[cfg(feature = "bincode")]
    #[inline]
    fn note(&self, kind: Kind, name: &'static str, members: &'static [&'static str]) {
        if N::IS_KNOWN
            && let Some(events) = self.bounds.events
        {
            Event::note(events, kind, name, members);
        }
    }

    /// Sizes that nobody knows beforehand have no place in the layout.
    #[inline]
    fn count_written(&self, len: Option<usize>) {
        match len {
            Some(len) => self.bounds.count(len),
            None => self.bounds.asking.set(self.type_name.get()),
        }
    }

    #[inline]
    fn spend<E: serde::de::Error>(&self, elements: usize) -> Result<(), E> {
        self.bounds.count(elements);
        if self.bounds.is_kept(self.bounds.payload) { Ok(()) } else { Err(self.too_many()) }
    }

    #[cold]
    #[inline(never)]
    fn too_many<E: serde::de::Error>(&self) -> E {
        E::custom(self.bounds.too_many(self.bounds.payload))
    }

    /// How many elements to make room for: no more than have bytes.
    #[inline]
    fn room(&self, size_hint: Option<usize>) -> Option<usize> {
        size_hint.map(|elements| elements.min(self.bounds.payload))
    }
}

// Reading. Only what can hold other values is bounded; the rest goes straight through.

impl<'de, S: DeserializeSeed<'de>, N: Name> DeserializeSeed<'de> for Bounded<'_, S, N> {
    type Value = S::Value;

    #[inline]
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<S::Value, D::Error> {
        let deserializer = self.of::<S::Value, _>(deserializer);
        self.inner.deserialize(deserializer)
    }
}

macro_rules! straight_through {
    ($($method:ident)*) => {$(
        #[inline]
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
            self.inner.$method(visitor)
        }
    )*};
}

macro_rules! asking {
    ($($method:ident)*) => {$(
        #[inline]
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
            if N::IS_KNOWN {
                self.bounds.asking.set(self.type_name.get());
            }
            self.inner.$method(visitor)
        }
    )*};
}

macro_rules! one_level_deeper {
    ($($method:ident($($argument:ident: $type:ty),*) $($kind:ident, $name:expr, $members:expr)?;)*) => {$(
        #[inline]
        fn $method<V: Visitor<'de>>(self, $($argument: $type,)* visitor: V) -> Result<V::Value, D::Error> {
            $(
                #[cfg(feature = "bincode")]
                self.note(Kind::$kind, $name, $members);
            )?
            let visitor = self.deeper(visitor).ok_or_else(|| too_deep_to_read(self.depth, self.bounds))?;
            self.inner.$method($($argument,)* visitor)
        }
    )*};
}

impl<'de, D: Deserializer<'de>, N: Name> Deserializer<'de> for Bounded<'_, D, N> {
    type Error = D::Error;

    straight_through! {
        deserialize_bool deserialize_i8 deserialize_i16 deserialize_i32
        deserialize_i64 deserialize_i128 deserialize_u8 deserialize_u16 deserialize_u32
        deserialize_u64 deserialize_u128 deserialize_f32 deserialize_f64 deserialize_char
        deserialize_str deserialize_bytes deserialize_unit
    }

    asking! { deserialize_any deserialize_identifier deserialize_ignored_any }

    one_level_deeper! {
        deserialize_option();
        deserialize_newtype_struct(name: &'static str) NewtypeStruct, name, &[];
        deserialize_tuple(len: usize);
        deserialize_tuple_struct(name: &'static str, len: usize) TupleStruct, name, &[];
        deserialize_struct(name: &'static str, fields: &'static [&'static str]) Struct, name, fields;
        deserialize_enum(name: &'static str, variants: &'static [&'static str]) Enum, name, variants;
    }

    #[inline]
    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.inner.deserialize_unit_struct(name, visitor)
    }

    #[inline]
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        let visitor = self
            .deeper(Counted(visitor))
            .ok_or_else(|| too_deep_to_read(self.depth, self.bounds))?;
        self.inner.deserialize_seq(visitor)
    }

    #[inline]
    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        let visitor = self
            .deeper(Counted(visitor))
            .ok_or_else(|| too_deep_to_read(self.depth, self.bounds))?;
        self.inner.deserialize_map(visitor)
    }

    // bincode allocates for these what their length claims; for their borrowed forms it first
    // looks for the bytes.

    #[inline]
    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.inner.deserialize_str(Owned(visitor))
    }

    #[inline]
    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.inner.deserialize_bytes(Owned(visitor))
    }

    #[inline]
    fn is_human_readable(&self) -> bool {
        self.inner.is_human_readable()
    }
}

/// Gives a visitor that asked for owned data owned data.
struct Owned<V>(V);

impl<'de, V: Visitor<'de>> Visitor<'de> for Owned<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    #[inline]
    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<V::Value, E> {
        self.0.visit_string(text.to_owned())
    }

    #[inline]
    fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<V::Value, E> {
        self.0.visit_byte_buf(bytes.to_owned())
    }
}

impl<'de, V: Visitor<'de>, N: Name> Visitor<'de> for Bounded<'_, V, N> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.expecting(f)
    }

    #[inline]
    fn visit_none<E: serde::de::Error>(self) -> Result<V::Value, E> {
        self.inner.visit_none()
    }

    #[inline]
    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        let deserializer = self.with(deserializer);
        self.inner.visit_some(deserializer)
    }

    #[inline]
    fn visit_newtype_struct<D: Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> Result<V::Value, D::Error> {
        let deserializer = self.with(deserializer);
        self.inner.visit_newtype_struct(deserializer)
    }

    #[inline]
    fn visit_seq<A: SeqAccess<'de>>(self, elements: A) -> Result<V::Value, A::Error> {
        let elements = self.with(elements);
        self.inner.visit_seq(elements)
    }

    #[inline]
    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<V::Value, A::Error> {
        let entries = self.with(entries);
        self.inner.visit_map(entries)
    }

    #[inline]
    fn visit_enum<A: EnumAccess<'de>>(self, variant: A) -> Result<V::Value, A::Error> {
        let variant = self.with(variant);
        self.inner.visit_enum(variant)
    }
}

/// A visitor of a sequence or map whose length stands in the payload.
struct Counted<V>(V);

impl<'de, V: Visitor<'de>, N: Name> Visitor<'de> for Bounded<'_, Counted<V>, N> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.0.expecting(f)
    }

    #[inline]
    fn visit_seq<A: SeqAccess<'de>>(self, elements: A) -> Result<V::Value, A::Error> {
        self.spend(elements.size_hint().unwrap_or(0))?;
        let elements = self.with(elements);
        self.inner.0.visit_seq(elements)
    }

    #[inline]
    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<V::Value, A::Error> {
        self.spend(entries.size_hint().unwrap_or(0))?;
        let entries = self.with(entries);
        self.inner.0.visit_map(entries)
    }
}

impl<'de, A: SeqAccess<'de>, N: Name> SeqAccess<'de> for Bounded<'_, A, N> {
    type Error = A::Error;

    #[inline]
    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, A::Error> {
        let seed = self.with(seed);
        self.inner.next_element_seed(seed)
    }

    #[inline]
    fn size_hint(&self) -> Option<usize> {
        self.room(self.inner.size_hint())
    }
}

impl<'de, A: MapAccess<'de>, N: Name> MapAccess<'de> for Bounded<'_, A, N> {
    type Error = A::Error;

    #[inline]
    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, A::Error> {
        let seed = self.with(seed);
        self.inner.next_key_seed(seed)
    }

    #[inline]
    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        let seed = self.with(seed);
        self.inner.next_value_seed(seed)
    }

    #[inline]
    fn size_hint(&self) -> Option<usize> {
        self.room(self.inner.size_hint())
    }
}

impl<'de, 'b, A: EnumAccess<'de>, N: Name> EnumAccess<'de> for Bounded<'b, A, N> {
    type Error = A::Error;
    type Variant = Bounded<'b, A::Variant, N>;

    #[inline]
    fn variant_seed<S: DeserializeSeed<'de>>(
        self,
        seed: S,
    ) -> Result<(S::Value, Self::Variant), A::Error> {
        let Self { inner, depth, bounds, type_name } = self;
        let (value, inner) = inner.variant_seed(seed)?;
        Ok((value, Bounded { inner, depth, bounds, type_name }))
    }
}

impl<'de, A: VariantAccess<'de>, N: Name> VariantAccess<'de> for Bounded<'_, A, N> {
    type Error = A::Error;

    #[inline]
    fn unit_variant(self) -> Result<(), A::Error> {
        self.inner.unit_variant()
    }

    #[inline]
    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, A::Error> {
        let seed = self.with(seed);
        self.inner.newtype_variant_seed(seed)
    }

    #[inline]
    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, A::Error> {
        let visitor = self.with(visitor);
        self.inner.tuple_variant(len, visitor)
    }

    #[inline]
    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        #[cfg(feature = "bincode")]
        self.note(Kind::StructVariant, "", fields);
        let visitor = self.with(visitor);
        self.inner.struct_variant(fields, visitor)
    }
}

// Writing.

impl<T: Serialize + ?Sized, N: Name> Serialize for Bounded<'_, &T, N> {
    #[inline]
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let serializer = self.of::<T, _>(serializer);
        serializer.meet();
        self.inner.serialize(serializer)
    }
}

macro_rules! scalars {
    ($($method:ident: $type:ty;)*) => {$(
        #[inline]
        fn $method(self, value: $type) -> Result<S::Ok, S::Error> {
            self.inner.$method(value)
        }
    )*};
}

macro_rules! compounds {
    ($($method:ident($($argument:ident: $type:ty),*) -> $compound:ident $(, $variant:expr, $len:expr)?;)*) => {$(
        #[inline]
        fn $method(self, $($argument: $type),*) -> Result<Self::$compound, S::Error> {
            $(self.meet_variant($variant, $len);)?
            let bounded = self.deeper(()).ok_or_else(|| too_deep_to_write(self.depth, self.bounds))?;
            Ok(bounded.with(self.inner.$method($($argument),*)?))
        }
    )*};
}

impl<'b, S: Serializer, N: Name> Serializer for Bounded<'b, S, N> {
    type Ok = S::Ok;
    type Error = S::Error;
    type SerializeSeq = Bounded<'b, S::SerializeSeq, N>;
    type SerializeTuple = Bounded<'b, S::SerializeTuple, N>;
    type SerializeTupleStruct = Bounded<'b, S::SerializeTupleStruct, N>;
    type SerializeTupleVariant = Bounded<'b, S::SerializeTupleVariant, N>;
    type SerializeMap = Bounded<'b, S::SerializeMap, N>;
    type SerializeStruct = Bounded<'b, S::SerializeStruct, N>;
    type SerializeStructVariant = Bounded<'b, S::SerializeStructVariant, N>;

    scalars! {
        serialize_bool: bool;
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
        serialize_char: char;
        serialize_str: &str;
        serialize_bytes: &[u8];
        serialize_unit_struct: &'static str;
    }

    #[inline]
    fn serialize_none(self) -> Result<S::Ok, S::Error> {
        self.deeper(()).ok_or_else(|| too_deep_to_write(self.depth, self.bounds))?;
        self.inner.serialize_none()
    }

    #[inline]
    fn serialize_unit(self) -> Result<S::Ok, S::Error> {
        self.inner.serialize_unit()
    }

    #[inline]
    fn serialize_unit_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
    ) -> Result<S::Ok, S::Error> {
        self.meet_variant(Some(index), 0);
        self.deeper(()).ok_or_else(|| too_deep_to_write(self.depth, self.bounds))?;
        self.inner.serialize_unit_variant(name, index, variant)
    }

    #[inline]
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<S::Ok, S::Error> {
        let value = self.deeper(value).ok_or_else(|| too_deep_to_write(self.depth, self.bounds))?;
        self.inner.serialize_some(&value)
    }

    #[inline]
    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<S::Ok, S::Error> {
        let value = self.deeper(value).ok_or_else(|| too_deep_to_write(self.depth, self.bounds))?;
        self.inner.serialize_newtype_struct(name, &value)
    }

    #[inline]
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<S::Ok, S::Error> {
        self.meet_variant(Some(index), 0);
        let value = self.deeper(value).ok_or_else(|| too_deep_to_write(self.depth, self.bounds))?;
        self.inner.serialize_newtype_variant(name, index, variant, &value)
    }

    #[inline]
    fn serialize_seq(self, len: Option<usize>) -> Result<Self::SerializeSeq, S::Error> {
        self.count_written(len);
        let bounded = self.deeper(()).ok_or_else(|| too_deep_to_write(self.depth, self.bounds))?;
        Ok(bounded.with(self.inner.serialize_seq(len)?))
    }

    #[inline]
    fn serialize_map(self, len: Option<usize>) -> Result<Self::SerializeMap, S::Error> {
        self.count_written(len);
        let bounded = self.deeper(()).ok_or_else(|| too_deep_to_write(self.depth, self.bounds))?;
        Ok(bounded.with(self.inner.serialize_map(len)?))
    }

    compounds! {
        serialize_tuple(len: usize) -> SerializeTuple;
        serialize_tuple_struct(name: &'static str, len: usize) -> SerializeTupleStruct, None, len;
        serialize_tuple_variant(name: &'static str, index: u32, variant: &'static str, len: usize) -> SerializeTupleVariant, Some(index), len;
        serialize_struct(name: &'static str, len: usize) -> SerializeStruct;
        serialize_struct_variant(name: &'static str, index: u32, variant: &'static str, len: usize) -> SerializeStructVariant, Some(index), 0;
    }

    #[inline]
    fn collect_str<T: Display + ?Sized>(self, value: &T) -> Result<S::Ok, S::Error> {
        self.inner.collect_str(value)
    }

    #[inline]
    fn is_human_readable(&self) -> bool {
        self.inner.is_human_readable()
    }
}

macro_rules! compound_members {
    ($($trait:ident: [$($method:ident($($key:ident)?)),*] $($skip:ident)?;)*) => {$(
        impl<S: $trait, N: Name> $trait for Bounded<'_, S, N> {
            type Ok = S::Ok;
            type Error = S::Error;

            $(
                #[inline]
                fn $method<T: Serialize + ?Sized>(
                    &mut self,
                    $($key: &'static str,)?
                    value: &T,
                ) -> Result<(), S::Error> {
                    let value = self.with(value);
                    self.inner.$method($($key,)? &value)
                }
            )*

            $(
                #[inline]
                fn $skip(&mut self, key: &'static str) -> Result<(), S::Error> {
                    self.skip(key)?;
                    self.inner.$skip(key)
                }
            )?

            #[inline]
            fn end(self) -> Result<S::Ok, S::Error> {
                self.inner.end()
            }
        }
    )*};
}

compound_members! {
    SerializeSeq: [serialize_element()];
    SerializeTuple: [serialize_element()];
    SerializeTupleStruct: [serialize_field()];
    SerializeTupleVariant: [serialize_field()];
    SerializeMap: [serialize_key(), serialize_value()];
    SerializeStruct: [serialize_field(key)] skip_field;
    SerializeStructVariant: [serialize_field(key)] skip_field;
}
