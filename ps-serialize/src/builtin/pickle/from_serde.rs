//! From serde's types to a pickle.

use serde::ser::{
    self, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant,
    SerializeTuple, SerializeTupleStruct, SerializeTupleVariant,
};

use std::ops::{Deref, DerefMut};

use super::classes::{self, ClassOf, Globals};
use super::emit;
use super::from_value;
use super::hashable::{self, Hashed};
use super::node::Pickled;
use super::opcode as op;
use super::to_value::Reader;
use super::value::PLAIN;
use super::with;
use crate::class::Class;
use crate::codec::nesting::{Depth, Nesting};
use crate::error::{Error, Result};
use crate::limits::{Budget, MAX_DEPTH, STACK};
use crate::options::DEFAULT;

/// The buffer that a pickle is written to.
pub(super) struct Pickling<'v> {
    pub(super) buffer: &'v mut Vec<u8>,
    /// Whether the value must be read back to know whether there is enough stack to read it.
    pub(super) depth: Depth,
    pub(super) globals: Globals,
    /// The names of the fields that follow as objects of their own.
    pub(super) slots: Vec<&'static str>,
}

impl<'v> Pickling<'v> {
    pub(super) fn new(buffer: &'v mut Vec<u8>) -> Self {
        Self { buffer, depth: Depth::default(), globals: Globals::default(), slots: Vec::new() }
    }

    pub(super) fn global(&mut self, names: (&'static str, &'static str)) {
        self.globals.write(self.buffer, names);
    }
}

impl Deref for Pickling<'_> {
    type Target = Vec<u8>;

    fn deref(&self) -> &Vec<u8> {
        self.buffer
    }
}

impl DerefMut for Pickling<'_> {
    fn deref_mut(&mut self) -> &mut Vec<u8> {
        self.buffer
    }
}

/// `KEY` says that what is written is the key of a `dict` or a part of it. The function finds the class of what is written.
pub(super) struct Pickler<'b, 'v, const KEY: bool>(&'b mut Pickling<'v>, Nesting, ClassOf);

impl<'b, 'v> Pickler<'b, 'v, false> {
    pub(super) fn new(out: &'b mut Pickling<'v>, class: ClassOf) -> Self {
        Self(out, Nesting::outermost(STACK), class)
    }

    /// The pickler of a value that stands inside of others.
    pub(super) fn inside(out: &'b mut Pickling<'v>, nesting: Nesting, class: ClassOf) -> Self {
        Self(out, nesting, class)
    }
}

impl<'v, const KEY: bool> Pickler<'_, 'v, KEY> {
    /// Writes a value that is one level deeper.
    fn put<T: Serialize + ?Sized>(self, value: &T) -> Result<()> {
        let Self(out, nesting, _) = self.deeper()?;
        out.depth.note_size(nesting.levels(), size_of_val(value));
        value.serialize(Self(out, nesting, classes::of::<T>))
    }

    /// Writes a value as one of a class of Python's standard library.
    #[cold]
    #[inline(never)]
    fn put_as<T: Serialize + ?Sized>(mut self, class: &str, value: &T) -> Result<()> {
        let start = self.0.len();
        self.again().put(value)?;
        emit::end(self.0);
        let budget = Budget::new(&DEFAULT, self.0.len() - start);
        let pickled = Pickled::load(&self.0[start..], &PLAIN, &budget)?;
        let value = Reader::new(&pickled, &budget).value(pickled.root, MAX_DEPTH)?;
        drop(pickled);
        self.0.truncate(start);
        from_value::append(&mut **self.0, &with::converted(class, value)?)
    }

    fn again(&mut self) -> Pickler<'_, 'v, KEY> {
        Pickler(self.0, self.1, self.2)
    }

    /// The pickler for values inside of this one.
    fn deeper(self) -> Result<Self> {
        let nesting = self.1.deeper_noted(&mut self.0.depth)?;
        Ok(Self(self.0, nesting, self.2))
    }

    /// The Python class of the value.
    #[inline]
    fn class(&self) -> Result<Option<&'static Class>> {
        // Most programs have none, and then nothing is looked up.
        if classes::are_none() { Ok(None) } else { (self.2)() }
    }

    /// The class of a value that becomes an instance. As a key it is an error, because an instance may have no hash.
    #[inline]
    fn class_of_instance(&self) -> Result<Option<&'static Class>> {
        match self.class()? {
            Some(class) if KEY => Err(instance_as_key(class)),
            class => Ok(class),
        }
    }

    /// Refuses a key that has no hash in Python.
    fn check_hash(what: impl FnOnce() -> String) -> Result<()> {
        if KEY { Err(without_hash(&what())) } else { Ok(()) }
    }
}

#[cold]
fn without_hash(what: &str) -> Error {
    Error::custom(format!(
        "a key of a map is or contains {what}, which would be a `dict`, and a `dict` can't be a key in Python: make the key text, a number or a tuple, or make the map a sequence of pairs"
    ))
}

#[cold]
fn instance_as_key(class: &Class) -> Error {
    Error::custom(format!(
        "a key of a map is or contains an instance of the Python class `{class}`, and only that class knows whether it has a hash: make the key text, a number or a tuple, or make the map a sequence of pairs"
    ))
}

/// Writes the end of what was begun, inside of variants twice.
enum End {
    List,
    /// A sequence in a key.
    Sequence,
    /// A dictionary: where it starts, and whether two of its keys may be equal in Python.
    Dict(usize, bool),
    Tuple(usize),
    /// An instance of a Python class, made from keywords.
    Instance,
    /// An instance that is made from this many values.
    Call(usize),
}

pub(super) struct Compound<'b, 'v, const KEY: bool> {
    out: &'b mut Pickling<'v>,
    /// The nesting of the members.
    nesting: Nesting,
    count: usize,
    end: End,
    variant: bool,
}

impl<'b, 'v, const KEY: bool> Compound<'b, 'v, KEY> {
    fn list(pickler: Pickler<'b, 'v, KEY>) -> Result<Self> {
        let Pickler(out, nesting, _) = pickler.deeper()?;
        let end = if KEY {
            emit::begin_sequence(out);
            End::Sequence
        } else {
            emit::begin_list(out);
            End::List
        };
        Ok(Self { out, nesting, count: 0, end, variant: false })
    }

    fn dict(pickler: Pickler<'b, 'v, KEY>, fields: usize) -> Result<Self> {
        let Pickler(out, nesting, _) = pickler.deeper()?;
        out.depth.note_members(nesting.levels(), fields);
        let start = out.len();
        emit::begin_dict(out);
        Ok(Self { out, nesting, count: 0, end: End::Dict(start, false), variant: false })
    }

    fn tuple(pickler: Pickler<'b, 'v, KEY>, length: usize) -> Result<Self> {
        let Pickler(out, nesting, _) = pickler.deeper()?;
        emit::begin_tuple(out, length);
        Ok(Self { out, nesting, count: 0, end: End::Tuple(length), variant: false })
    }

    #[inline(never)]
    fn instance(pickler: Pickler<'b, 'v, KEY>, class: &Class, fields: usize) -> Result<Self> {
        let Pickler(out, nesting, _) = pickler.deeper()?;
        out.depth.note_members(nesting.levels(), fields);
        classes::begin_instance(out, class);
        Ok(Self { out, nesting, count: 0, end: End::Instance, variant: false })
    }

    #[inline(never)]
    fn call(pickler: Pickler<'b, 'v, KEY>, class: &Class, values: usize) -> Result<Self> {
        let Pickler(out, nesting, _) = pickler.deeper()?;
        out.global(class.names());
        emit::begin_tuple(out, values);
        Ok(Self { out, nesting, count: 0, end: End::Call(values), variant: false })
    }

    fn in_variant(self) -> Self {
        Self { variant: true, ..self }
    }

    fn push<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        self.count += 1;
        self.out.depth.note_size(self.nesting.levels(), size_of_val(value));
        self.out.depth.note_member(self.nesting.levels(), size_of_val(value));
        value.serialize(Pickler::<KEY>(self.out, self.nesting, classes::of::<T>))
    }

    fn push_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<()> {
        let start = self.out.len();
        key.serialize(Pickler::<true>(self.out, self.nesting, classes::of::<T>))?;
        if matches!(self.end, End::Instance) && !emit::is_text(&self.out[start..]) {
            return Err(Error::custom(
                "the fields of an instance of a Python class have names, and a key of a map in their place is not text",
            ));
        }
        if let End::Dict(_, may_be_equal) = &mut self.end {
            *may_be_equal |= emit::may_equal_another(&self.out[start..]);
        }
        Ok(())
    }

    fn push_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<()> {
        if classes::is_slot::<T>() {
            self.out.slots.push(name);
            return Ok(());
        }
        emit::text(self.out, name);
        self.push(value)
    }

    fn finish(self) -> Result<()> {
        match self.end {
            End::List => emit::end_list(self.out),
            End::Sequence => emit::end_sequence(self.out),
            End::Dict(start, may_be_equal) => {
                emit::end_dict(self.out);
                if may_be_equal {
                    check_keys(self.out, start)?;
                }
            }
            End::Instance => classes::end_instance(self.out),
            // The opcode that ends a short tuple takes a fixed number of elements from the stack.
            End::Tuple(length) | End::Call(length) if length != self.count => {
                return Err(Error::custom(format!(
                    "a tuple was announced to have {length} elements and has {}",
                    self.count
                )));
            }
            End::Tuple(length) => emit::end_tuple(self.out, length),
            End::Call(length) => {
                emit::end_tuple(self.out, length);
                self.out.push(op::REDUCE);
            }
        }
        if self.variant {
            emit::end_dict(self.out);
        }
        Ok(())
    }
}

/// Reads back the dictionary that was just written, and checks that Python would not lose a part of it.
#[cold]
fn check_keys(out: &Pickling<'_>, start: usize) -> Result<()> {
    // What is in the memo stands before.
    let mut written = out.globals.definitions();
    written.extend_from_slice(&out[start..]);
    emit::end(&mut written);
    let budget = Budget::new(&DEFAULT, written.len());
    let pickled = Pickled::load(&written, &PLAIN, &budget)?;
    let reader = Reader::new(&pickled, &budget);
    let keys = reader.keys(pickled.root, MAX_DEPTH)?;
    hashable::check(keys.iter(), Hashed::Key, MAX_DEPTH)
}

fn variant_of(name: &str, variant: &str) -> String {
    format!("the variant `{name}::{variant}`, which has values")
}

fn begin_variant(out: &mut Vec<u8>, name: &str) {
    emit::begin_dict(out);
    emit::text(out, name);
}

macro_rules! written_as {
    ($($method:ident($type:ty) as $writer:ident;)*) => {$(
        fn $method(self, value: $type) -> Result<()> {
            emit::$writer(self.0, value.into());
            Ok(())
        }
    )*};
}

macro_rules! wide_integers {
    ($($method:ident($type:ty);)*) => {$(
        fn $method(self, value: $type) -> Result<()> {
            match i64::try_from(value) {
                Ok(small) => emit::integer(self.0, small),
                Err(_) => emit::big_integer(self.0, &value.into()),
            }
            Ok(())
        }
    )*};
}

impl<'b, 'v, const KEY: bool> ser::Serializer for Pickler<'b, 'v, KEY> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Compound<'b, 'v, KEY>;
    type SerializeTuple = Compound<'b, 'v, KEY>;
    type SerializeTupleStruct = Compound<'b, 'v, KEY>;
    type SerializeTupleVariant = Compound<'b, 'v, KEY>;
    type SerializeMap = Compound<'b, 'v, KEY>;
    type SerializeStruct = Compound<'b, 'v, KEY>;
    type SerializeStructVariant = Compound<'b, 'v, KEY>;

    written_as! {
        serialize_bool(bool) as bool;
        serialize_i8(i8) as integer;
        serialize_i16(i16) as integer;
        serialize_i32(i32) as integer;
        serialize_i64(i64) as integer;
        serialize_u8(u8) as integer;
        serialize_u16(u16) as integer;
        serialize_u32(u32) as integer;
        serialize_f32(f32) as float;
        serialize_f64(f64) as float;
        serialize_str(&str) as text;
        serialize_bytes(&[u8]) as bytes;
    }

    wide_integers! {
        serialize_u64(u64);
        serialize_i128(i128);
        serialize_u128(u128);
    }

    fn serialize_char(self, value: char) -> Result<()> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_none(self) -> Result<()> {
        emit::none(self.0);
        Ok(())
    }

    fn serialize_unit(self) -> Result<()> {
        self.serialize_none()
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<()> {
        match self.class_of_instance()? {
            Some(class) => Compound::call(self, class, 0)?.finish(),
            None => self.serialize_none(),
        }
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<()> {
        self.put(value)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<()> {
        if let Some(class) = name.strip_prefix(with::PREFIX) {
            return self.put_as(class, value);
        }
        if let Some(class) = self.class_of_instance()? {
            let mut call = Compound::call(self, class, 1)?;
            call.push(value)?;
            return call.finish();
        }
        self.put(value)
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Result<()> {
        match self.class()? {
            Some(class) => classes::member_of(self.0, class, variant),
            None => self.serialize_str(variant),
        }
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        mut self,
        name: &'static str,
        _index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<()> {
        Self::check_hash(|| variant_of(name, variant))?;
        begin_variant(self.0, variant);
        self.again().put(value)?;
        emit::end_dict(self.0);
        Ok(())
    }

    fn serialize_seq(self, _len: Option<usize>) -> Result<Compound<'b, 'v, KEY>> {
        Compound::list(self)
    }

    fn serialize_tuple(self, len: usize) -> Result<Compound<'b, 'v, KEY>> {
        Compound::tuple(self, len)
    }

    fn serialize_tuple_struct(
        self,
        _name: &'static str,
        len: usize,
    ) -> Result<Compound<'b, 'v, KEY>> {
        match self.class_of_instance()? {
            Some(class) => Compound::call(self, class, len),
            None => Compound::tuple(self, len),
        }
    }

    fn serialize_tuple_variant(
        self,
        name: &'static str,
        _index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Compound<'b, 'v, KEY>> {
        Self::check_hash(|| variant_of(name, variant))?;
        begin_variant(self.0, variant);
        Ok(Compound::tuple(self, len)?.in_variant())
    }

    fn serialize_map(self, _len: Option<usize>) -> Result<Compound<'b, 'v, KEY>> {
        // A struct with flattened fields is a map.
        if let Some(class) = self.class_of_instance()? {
            return Compound::instance(self, class, 0);
        }
        Self::check_hash(|| "a map".to_owned())?;
        Compound::dict(self, 0)
    }

    fn serialize_struct(self, name: &'static str, len: usize) -> Result<Compound<'b, 'v, KEY>> {
        if let Some(class) = self.class_of_instance()? {
            return Compound::instance(self, class, len);
        }
        Self::check_hash(|| format!("the struct `{name}`"))?;
        Compound::dict(self, len)
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        _index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Compound<'b, 'v, KEY>> {
        Self::check_hash(|| variant_of(name, variant))?;
        begin_variant(self.0, variant);
        Ok(Compound::dict(self, len)?.in_variant())
    }
}

macro_rules! compounds {
    ($($trait:ident: $($method:ident($($key:ident)?) as $push:ident),*;)*) => {$(
        impl<const KEY: bool> $trait for Compound<'_, '_, KEY> {
            type Ok = ();
            type Error = Error;

            $(
                fn $method<T: Serialize + ?Sized>(
                    &mut self,
                    $($key: &'static str,)?
                    value: &T,
                ) -> Result<()> {
                    self.$push($($key,)? value)
                }
            )*

            fn end(self) -> Result<()> {
                self.finish()
            }
        }
    )*};
}

compounds! {
    SerializeSeq: serialize_element() as push;
    SerializeTuple: serialize_element() as push;
    SerializeTupleStruct: serialize_field() as push;
    SerializeTupleVariant: serialize_field() as push;
    SerializeMap: serialize_key() as push_key, serialize_value() as push;
    SerializeStruct: serialize_field(key) as push_field;
    SerializeStructVariant: serialize_field(key) as push_field;
}
