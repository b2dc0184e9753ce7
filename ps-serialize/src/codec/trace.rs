//! What a value hands to serde's traits, without its bytes: to compare two values, and what was
//! written with what a reader asks for.

use std::cell::{Cell, RefCell};
use std::hash::{DefaultHasher, Hash, Hasher};

use bincode::error::EncodeError;
use serde::ser::{
    Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

use super::bincode::unwritable;
use super::bounded::Bounds;
use crate::error::Result;

/// A struct or an enum that was written or asked for.
pub(super) struct Event {
    kind: Kind,
    name: &'static str,
    /// Its fields by name, its variant, or those that it may have.
    members: Vec<&'static str>,
    /// The number of its variant.
    index: usize,
    /// Whether it holds a number, a text and so on that is not zero or empty.
    more: bool,
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Kind {
    Struct,
    TupleStruct,
    NewtypeStruct,
    Enum,
    StructVariant,
}

impl Event {
    /// Out of the way of those who read without being watched.
    #[cold]
    #[inline(never)]
    pub(super) fn note(
        events: &RefCell<Vec<Self>>,
        kind: Kind,
        name: &'static str,
        members: &[&'static str],
    ) {
        events.borrow_mut().push(Self::new(kind, name, members));
    }

    fn new(kind: Kind, name: &'static str, members: &[&'static str]) -> Self {
        Self { kind, name, members: members.to_vec(), index: 0, more: false }
    }

    /// Whether a reader that asks for `other` asks for this. Its members may have other names too, so
    /// a variant's name may come later than its number says, and never earlier.
    fn fits(&self, other: &Self) -> bool {
        let place = |member| other.members.iter().position(|other| other == member);
        self.kind == other.kind
            && self.name == other.name
            && self.members.iter().all(|member| place(member).is_some_and(|at| at >= self.index))
    }

    fn variant(&self) -> Option<String> {
        match (self.kind, &self.members[..]) {
            (Kind::Enum, [variant]) => Some(format!("{}::{variant}", self.name)),
            _ => None,
        }
    }
}

/// A value as serde's traits see it.
pub(super) struct Trace {
    events: Vec<Event>,
    /// Equal for equal values, whatever the order in which maps and sets hand out what they hold.
    pub(super) hash: u64,
    more: bool,
}

impl Trace {
    pub(super) fn of(value: &impl Serialize) -> Result<Self> {
        let (events, more) = (RefCell::default(), Cell::new(0));
        let bounds = Bounds::of_writing();
        let hash = bounds
            .bound(value)
            .serialize(Tracer { events: &events, more: &more })
            .map_err(|error| unwritable(error, &bounds))?;
        Ok(Self { events: events.into_inner(), hash, more: more.get() > 0 })
    }

    pub(super) fn fits(&self, read: &[Event]) -> bool {
        self.events.len() == read.len()
            && self.events.iter().zip(read).all(|(written, read)| written.fits(read))
    }

    /// Whether what a reader asks for by another name holds more than zeros, which are the same in any
    /// unit and in any field.
    pub(super) fn vouches(&self, read: &[Event]) -> bool {
        let unnamed = |(i, event): &(usize, &Event)| {
            if self.events.len() == read.len() {
                !event.fits(&read[*i])
            } else {
                !read.iter().any(|read| event.fits(read))
            }
        };
        self.more
            && self.events.iter().enumerate().filter(unnamed).all(|(_, event)| {
                self.events.iter().any(|other| other.name == event.name && other.more)
            })
    }

    /// The first variant that is another one.
    pub(super) fn difference(&self, other: &Self) -> Option<(String, String)> {
        let variants = |trace: &Self| -> Vec<String> {
            trace.events.iter().filter_map(Event::variant).collect()
        };
        variants(self).into_iter().zip(variants(other)).find(|(one, other)| one != other)
    }
}

fn hash(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

#[derive(Clone, Copy)]
struct Tracer<'t> {
    events: &'t RefCell<Vec<Event>>,
    /// How many are not zero or empty.
    more: &'t Cell<usize>,
}

/// What holds other values.
struct Members<'t> {
    tracer: Tracer<'t>,
    /// Where its event is.
    event: usize,
    /// How many members before it are not zero or empty.
    before: usize,
    hash: u64,
    key: u64,
}

impl<'t> Tracer<'t> {
    fn event(self, kind: Kind, name: &'static str, members: &[&'static str]) {
        self.events.borrow_mut().push(Event::new(kind, name, members));
    }

    fn end(self, event: usize, before: usize) {
        if let Some(event) = self.events.borrow_mut().get_mut(event) {
            event.more |= self.more.get() > before;
        }
    }

    fn scalar<V: Hash + Default + PartialEq>(self, value: V) -> u64 {
        if value != V::default() {
            self.more.set(self.more.get() + 1);
        }
        hash(value)
    }

    fn variant(self, name: &'static str, index: u32, variant: &'static str) {
        let index = index as usize;
        self.events.borrow_mut().push(Event { index, ..Event::new(Kind::Enum, name, &[variant]) });
    }

    /// The members of the last event.
    fn members(self, begin: impl Hash) -> Members<'t> {
        let event = self.events.borrow().len().saturating_sub(1);
        Members { tracer: self, event, before: self.more.get(), hash: hash(begin), key: 0 }
    }
}

impl Members<'_> {
    /// A member whose place says what it is.
    fn in_order<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), EncodeError> {
        self.hash = hash((self.hash, value.serialize(self.tracer)?));
        Ok(())
    }

    fn named<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), EncodeError> {
        self.tracer.events.borrow_mut()[self.event].members.push(name);
        self.in_order(value)
    }

    /// Of a sequence, a map or a tuple, which are no event.
    fn without_event(self) -> Self {
        Self { event: usize::MAX, ..self }
    }

    /// One of many, which may come in another order.
    fn unordered(&mut self, member: u64) {
        self.hash = self.hash.wrapping_add(hash(member));
    }
}

macro_rules! scalars {
    ($($method:ident: $type:ty $(as $bits:ident)?;)*) => {$(
        fn $method(self, value: $type) -> Result<u64, EncodeError> {
            $(let value = value.$bits();)?
            Ok(self.scalar(value))
        }
    )*};
}

impl<'t> Serializer for Tracer<'t> {
    type Ok = u64;
    type Error = EncodeError;
    type SerializeSeq = Members<'t>;
    type SerializeTuple = Members<'t>;
    type SerializeTupleStruct = Members<'t>;
    type SerializeTupleVariant = Members<'t>;
    type SerializeMap = Members<'t>;
    type SerializeStruct = Members<'t>;
    type SerializeStructVariant = Members<'t>;

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
        serialize_f32: f32 as to_bits;
        serialize_f64: f64 as to_bits;
        serialize_char: char;
        serialize_str: &str;
        serialize_bytes: &[u8];
    }

    fn serialize_none(self) -> Result<u64, EncodeError> {
        Ok(hash(0))
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<u64, EncodeError> {
        Ok(hash((1, value.serialize(self)?)))
    }

    fn serialize_unit(self) -> Result<u64, EncodeError> {
        Ok(0)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<u64, EncodeError> {
        Ok(0)
    }

    fn serialize_unit_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
    ) -> Result<u64, EncodeError> {
        self.variant(name, index, variant);
        Ok(hash(index))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<u64, EncodeError> {
        self.event(Kind::NewtypeStruct, name, &[]);
        let (event, before) = (self.events.borrow().len() - 1, self.more.get());
        let hash = value.serialize(self)?;
        self.end(event, before);
        Ok(hash)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<u64, EncodeError> {
        self.variant(name, index, variant);
        Ok(hash((index, value.serialize(self)?)))
    }

    fn serialize_seq(self, len: Option<usize>) -> Result<Members<'t>, EncodeError> {
        Ok(self.members(len).without_event())
    }

    fn serialize_tuple(self, _: usize) -> Result<Members<'t>, EncodeError> {
        Ok(self.members(()).without_event())
    }

    fn serialize_tuple_struct(
        self,
        name: &'static str,
        _: usize,
    ) -> Result<Members<'t>, EncodeError> {
        self.event(Kind::TupleStruct, name, &[]);
        Ok(self.members(()))
    }

    fn serialize_tuple_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Members<'t>, EncodeError> {
        self.variant(name, index, variant);
        Ok(self.members(index))
    }

    fn serialize_map(self, len: Option<usize>) -> Result<Members<'t>, EncodeError> {
        Ok(self.members(len).without_event())
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Members<'t>, EncodeError> {
        self.event(Kind::Struct, name, &[]);
        Ok(self.members(()))
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Members<'t>, EncodeError> {
        self.variant(name, index, variant);
        self.event(Kind::StructVariant, "", &[]);
        Ok(self.members(index))
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}

macro_rules! members {
    ($($trait:ident: $method:ident = $ours:ident($($key:ident: $type:ty)?);)*) => {$(
        impl $trait for Members<'_> {
            type Ok = u64;
            type Error = EncodeError;

            fn $method<T: Serialize + ?Sized>(
                &mut self,
                $($key: $type,)?
                value: &T,
            ) -> Result<(), EncodeError> {
                self.$ours($($key,)? value)
            }

            fn end(self) -> Result<u64, EncodeError> {
                self.tracer.end(self.event, self.before);
                Ok(self.hash)
            }
        }
    )*};
}

members! {
    SerializeTuple: serialize_element = in_order();
    SerializeTupleStruct: serialize_field = in_order();
    SerializeTupleVariant: serialize_field = in_order();
    SerializeStruct: serialize_field = named(name: &'static str);
    SerializeStructVariant: serialize_field = named(name: &'static str);
}

impl SerializeSeq for Members<'_> {
    type Ok = u64;
    type Error = EncodeError;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), EncodeError> {
        let element = value.serialize(self.tracer)?;
        self.unordered(element);
        Ok(())
    }

    fn end(self) -> Result<u64, EncodeError> {
        Ok(hash(self.hash))
    }
}

impl SerializeMap for Members<'_> {
    type Ok = u64;
    type Error = EncodeError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), EncodeError> {
        self.key = key.serialize(self.tracer)?;
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), EncodeError> {
        let entry = hash((self.key, value.serialize(self.tracer)?));
        self.unordered(entry);
        Ok(())
    }

    fn end(self) -> Result<u64, EncodeError> {
        Ok(hash(self.hash))
    }
}
