use std::marker::PhantomData;

use serde::de::DeserializeOwned;
use serde::ser::{
    self, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant,
    SerializeTuple, SerializeTupleStruct, SerializeTupleVariant,
};

use super::deserializer::Element;
use super::hashable::{self, Place};
use super::node::Pickled;
use super::reader::Reader;
use super::value::{PLAIN, Value};
use super::writer;
use crate::codec::nesting::Nesting;
use crate::error::{Error, Result};
use crate::identifier::Identifier;
use crate::limits::Budget;
use crate::limits::MAX_DEPTH;
use crate::options::DEFAULT;
use crate::payload::Payload;
use crate::serializer::Serializer;
use crate::sink::Sink;

/// Writes and reads any serde type as plain Python data, on request: with
/// [`serialize_with`](crate::serialize_with) and [`deserialize_with`](crate::deserialize_with).
///
/// | serde | Python |
/// |---|---|
/// | `()`, unit structs, `None` | `None` |
/// | integers of every width, floats, `bool` | `int`, `float`, `bool` |
/// | `char`, `str` | `str` |
/// | bytes (by `serde_bytes`; a `Vec<u8>` is a sequence) | `bytes` |
/// | sequences | `list` |
/// | tuples, tuple structs | `tuple` |
/// | maps, structs | `dict` |
/// | unit variants; others | their names; a `dict` of the name and what is in it |
///
/// As in JSON, `Some(())` and `Some(None)` are written as `None`, and read back as such.
///
/// In a key of a map, a sequence is written as a `tuple`, since a `list` can't be the key of a `dict`. Structs,
/// maps and variants with values would be a `dict`, which can't be a key either: they are refused there. Keys
/// that are equal in Python though not in Rust are refused too: `1`, `1.0` and `True`, or `None` twice. If a
/// type writes the same key twice, Python takes the last value.
///
/// Reading takes `bytearray`, `set`, `OrderedDict`, NumPy's arrays and so on for what they are nearest to.
/// Elements of NumPy's arrays, and NumPy's scalars, are read as what a type asks for:
///
/// | NumPy | serde |
/// |---|---|
/// | `bool_`, integers, floats up to 64 bits | `bool`, integers, floats |
/// | `str_`, `bytes_`, `void` | `String` (and a variant's name), bytes, bytes |
/// | complex numbers | a tuple of two floats |
/// | `datetime64`, `timedelta64` | an integer, the count of their unit; `NaT` is the `None` of an `Option` |
///
/// ```
/// use ps_serialize::pickle::Pickle;
/// use ps_serialize::{deserialize_with, serialize_with};
///
/// #[derive(serde::Serialize, serde::Deserialize, Debug, PartialEq)]
/// struct Task { name: String, weights: Vec<f64>, after: Option<u32> }
///
/// let task = Task { name: "fit".to_owned(), weights: vec![0.5, 2.0], after: None };
/// // In Python: {'name': 'fit', 'weights': [0.5, 2.0], 'after': None}
/// let frame = serialize_with::<Pickle<Task>>(&task)?;
/// assert_eq!(frame[..3], *b"PK\n");
/// assert_eq!(deserialize_with::<Pickle<Task>>(&frame)?, task);
/// # Ok::<_, ps_serialize::Error>(())
/// ```
#[derive(Debug)]
pub struct Pickle<T>(PhantomData<T>);

/// `PK`: the payload is a pickle.
impl<T: Serialize + DeserializeOwned> Serializer for Pickle<T> {
    type Value = T;

    const IDENTIFIER: Identifier = <Value as Serializer>::IDENTIFIER;
    const NAME: &'static str = <Value as Serializer>::NAME;

    fn serialize<'a>(value: &'a T, out: &mut dyn Sink<'a>) -> Result<()> {
        const EXPECTED_SIZE: usize = 256;
        let mut written = Ok(());
        out.append(EXPECTED_SIZE, &mut |buffer| {
            writer::begin(buffer);
            written = value.serialize(Pickler::<false>(buffer, Nesting::outermost()));
            writer::end(buffer);
        });
        written
    }

    fn deserialize(payload: Payload<'_, '_>) -> Result<T> {
        let pickled = Pickled::load(&payload, &PLAIN, payload.budget())?;
        let reader = Reader::new(&pickled, payload.budget());
        T::deserialize(Element::new(&reader, pickled.root, Nesting::outermost()))
    }
}

/// `KEY` says that what is written is the key of a `dict` or a part of it.
struct Pickler<'b, const KEY: bool>(&'b mut Vec<u8>, Nesting);

impl<const KEY: bool> Pickler<'_, KEY> {
    fn again(&mut self) -> Pickler<'_, KEY> {
        Pickler(self.0, self.1)
    }

    /// For what is inside of the value.
    fn deeper(self) -> Result<Self> {
        Ok(Self(self.0, self.1.deeper()?))
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

/// Writes the end of what was begun, inside of variants twice.
enum End {
    List,
    /// A sequence in a key.
    Sequence,
    /// A dictionary: where it starts, and whether two of its keys may be equal in Python.
    Dict(usize, bool),
    Tuple(usize),
}

struct Compound<'b, const KEY: bool> {
    out: &'b mut Vec<u8>,
    /// The nesting of the members.
    nesting: Nesting,
    count: usize,
    end: End,
    variant: bool,
}

impl<'b, const KEY: bool> Compound<'b, KEY> {
    fn list(pickler: Pickler<'b, KEY>) -> Result<Self> {
        let Pickler(out, nesting) = pickler.deeper()?;
        let end = if KEY {
            writer::begin_sequence(out);
            End::Sequence
        } else {
            writer::begin_list(out);
            End::List
        };
        Ok(Self { out, nesting, count: 0, end, variant: false })
    }

    fn dict(pickler: Pickler<'b, KEY>) -> Result<Self> {
        let Pickler(out, nesting) = pickler.deeper()?;
        let start = out.len();
        writer::begin_dict(out);
        Ok(Self { out, nesting, count: 0, end: End::Dict(start, false), variant: false })
    }

    fn tuple(pickler: Pickler<'b, KEY>, length: usize) -> Result<Self> {
        let Pickler(out, nesting) = pickler.deeper()?;
        writer::begin_tuple(out, length);
        Ok(Self { out, nesting, count: 0, end: End::Tuple(length), variant: false })
    }

    fn in_variant(self) -> Self {
        Self { variant: true, ..self }
    }

    fn push(&mut self, value: &(impl Serialize + ?Sized)) -> Result<()> {
        self.count += 1;
        value.serialize(Pickler::<KEY>(self.out, self.nesting))
    }

    fn push_key(&mut self, key: &(impl Serialize + ?Sized)) -> Result<()> {
        let start = self.out.len();
        key.serialize(Pickler::<true>(self.out, self.nesting))?;
        if let End::Dict(_, may_be_equal) = &mut self.end {
            *may_be_equal |= writer::may_equal_another(&self.out[start..]);
        }
        Ok(())
    }

    fn push_field(&mut self, name: &str, value: &(impl Serialize + ?Sized)) -> Result<()> {
        writer::text(self.out, name);
        self.push(value)
    }

    fn finish(self) -> Result<()> {
        match self.end {
            End::List => writer::end_list(self.out),
            End::Sequence => writer::end_sequence(self.out),
            End::Dict(start, may_be_equal) => {
                writer::end_dict(self.out);
                if may_be_equal {
                    check_keys(self.out, start)?;
                }
            }
            // The opcode that ends a short tuple takes a fixed number of elements from the stack.
            End::Tuple(length) if length != self.count => {
                return Err(Error::custom(format!(
                    "a tuple was announced to have {length} elements and has {}",
                    self.count
                )));
            }
            End::Tuple(length) => writer::end_tuple(self.out, length),
        }
        if self.variant {
            writer::end_dict(self.out);
        }
        Ok(())
    }
}

/// Reads back the dictionary that was just written, and checks that Python would not lose a part of it.
#[cold]
fn check_keys(out: &mut Vec<u8>, start: usize) -> Result<()> {
    writer::end(out);
    let budget = Budget::new(&DEFAULT, out.len() - start);
    let pickled = Pickled::load(&out[start..], &PLAIN, &budget)?;
    let reader = Reader::new(&pickled, &budget);
    let keys = reader.keys(pickled.root, MAX_DEPTH)?;
    drop(pickled);
    out.pop();
    hashable::check(keys.iter(), Place::Key, MAX_DEPTH)
}

fn variant_of(name: &str, variant: &str) -> String {
    format!("the variant `{name}::{variant}`, which has values")
}

fn begin_variant(out: &mut Vec<u8>, name: &str) {
    writer::begin_dict(out);
    writer::text(out, name);
}

macro_rules! written_as {
    ($($method:ident($type:ty) as $writer:ident;)*) => {$(
        fn $method(self, value: $type) -> Result<()> {
            writer::$writer(self.0, value.into());
            Ok(())
        }
    )*};
}

macro_rules! wide_integers {
    ($($method:ident($type:ty);)*) => {$(
        fn $method(self, value: $type) -> Result<()> {
            match i64::try_from(value) {
                Ok(small) => writer::integer(self.0, small),
                Err(_) => writer::big_integer(self.0, &value.into()),
            }
            Ok(())
        }
    )*};
}

impl<'b, const KEY: bool> ser::Serializer for Pickler<'b, KEY> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Compound<'b, KEY>;
    type SerializeTuple = Compound<'b, KEY>;
    type SerializeTupleStruct = Compound<'b, KEY>;
    type SerializeTupleVariant = Compound<'b, KEY>;
    type SerializeMap = Compound<'b, KEY>;
    type SerializeStruct = Compound<'b, KEY>;
    type SerializeStructVariant = Compound<'b, KEY>;

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
        writer::none(self.0);
        Ok(())
    }

    fn serialize_unit(self) -> Result<()> {
        self.serialize_none()
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<()> {
        self.serialize_none()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<()> {
        value.serialize(self.deeper()?)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        value: &T,
    ) -> Result<()> {
        value.serialize(self.deeper()?)
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Result<()> {
        self.serialize_str(variant)
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
        value.serialize(self.again().deeper()?)?;
        writer::end_dict(self.0);
        Ok(())
    }

    fn serialize_seq(self, _len: Option<usize>) -> Result<Compound<'b, KEY>> {
        Compound::list(self)
    }

    fn serialize_tuple(self, len: usize) -> Result<Compound<'b, KEY>> {
        Compound::tuple(self, len)
    }

    fn serialize_tuple_struct(self, _name: &'static str, len: usize) -> Result<Compound<'b, KEY>> {
        Compound::tuple(self, len)
    }

    fn serialize_tuple_variant(
        self,
        name: &'static str,
        _index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Compound<'b, KEY>> {
        Self::check_hash(|| variant_of(name, variant))?;
        begin_variant(self.0, variant);
        Ok(Compound::tuple(self, len)?.in_variant())
    }

    fn serialize_map(self, _len: Option<usize>) -> Result<Compound<'b, KEY>> {
        Self::check_hash(|| "a map".to_owned())?;
        Compound::dict(self)
    }

    fn serialize_struct(self, name: &'static str, _len: usize) -> Result<Compound<'b, KEY>> {
        Self::check_hash(|| format!("the struct `{name}`"))?;
        Compound::dict(self)
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        _index: u32,
        variant: &'static str,
        _len: usize,
    ) -> Result<Compound<'b, KEY>> {
        Self::check_hash(|| variant_of(name, variant))?;
        begin_variant(self.0, variant);
        Ok(Compound::dict(self)?.in_variant())
    }
}

macro_rules! compounds {
    ($($trait:ident: $($method:ident($($key:ident)?) as $push:ident),*;)*) => {$(
        impl<const KEY: bool> $trait for Compound<'_, KEY> {
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
