use num_bigint::BigInt;

use super::class::refusal;
use super::classes::{ObjectReader, Objects, READ_TABLE};
use super::from_value::{Output, append};
use super::node::Pickled;
use super::numbers::Numbers;
#[cfg(feature = "ndarray")]
use super::numpy;
use super::object::Object;
use super::parse::Dialect;
#[cfg(feature = "ndarray")]
use super::scalar::Scalar;
use super::to_value::Reader;
#[cfg(feature = "ndarray")]
use crate::builtin::array::DynArray;
use crate::error::Result;
use crate::identifier::Identifier;
use crate::limits::MAX_DEPTH;
use crate::parts::Parts;
use crate::payload::Payload;
use crate::serializer::{Deserializable, Serializable, Serializer};
use crate::sink::Sink;

/// A value of plain Python data: of a built-in type or of the standard library, an instance of a class as data, or a NumPy array
/// or scalar (feature `ndarray`). [`deserialize_any`](crate::deserialize_any()) reads a pickle of plain data as a `Value`.
///
/// Pickles of every protocol, 0 to 5, are read. Values are written in protocol 5, which Python reads from 3.8 on. A value that
/// several places in Python share becomes a value for each place.
///
/// No code is run. A pickle is refused if it
///
/// - calls a function, except for those that plain data and NumPy's arrays need;
/// - is nested more than 128 levels deep, or contains itself;
/// - becomes larger than 256 times its size and 64 MiB.
///
/// A key of a `dict` or an element of a set must have a hash in Python. Lists, sets, dictionaries, `bytearray`s
/// and arrays have none, so they can't be written there: use a tuple, a `frozenset` or `bytes` instead. Keys or elements that
/// are equal in Python but not in Rust (`1`, `1.0` and `True`) can't be written either, because Python would keep only one of them.
///
/// ```
/// use ps_serialize::pickle::Value;
/// use ps_serialize::{deserialize, serialize};
///
/// // proxystore.serialize.serialize((1, None))
/// let value: Value = deserialize(b"PK\n\x80\x04\x95\x06\0\0\0\0\0\0\0K\x01N\x86\x94.")?;
/// assert_eq!(value, Value::Tuple(vec![Value::Int(1), Value::None]));
/// assert_eq!(deserialize::<Value>(&serialize(&value)?)?, value);
/// # Ok::<_, ps_serialize::Error>(())
/// ```
///
/// `From` turns Rust values into a `Value`. `get`, `value[…]` and the methods `as_…` read them again. For types of your own,
/// use [`Pickle`](super::Pickle).
///
/// ```
/// use ps_serialize::pickle::Value;
///
/// let job: Value = [("name", Value::from("fit")), ("seeds", [7, 9].into())].into_iter().collect();
/// assert_eq!(job["name"].as_str(), Some("fit"));
/// assert_eq!(job["seeds"][1].as_i64(), Some(9));
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub enum Value {
    /// `None`
    None,
    /// `bool`
    Bool(bool),
    /// An `int` of up to 64 bits. Such an `int` is never a `BigInt`.
    Int(i64),
    /// Any other `int`.
    BigInt(Box<BigInt>),
    /// `float`
    Float(f64),
    /// `complex`: the real part and the imaginary part.
    Complex(f64, f64),
    /// `str`
    Str(String),
    /// `bytes`; also a `str` of Python 2 that is not ASCII.
    Bytes(Vec<u8>),
    /// `bytearray`
    ByteArray(Vec<u8>),
    /// `list`
    List(Vec<Value>),
    /// A `list` of many numbers of one kind.
    Numbers(Numbers),
    /// `tuple`
    Tuple(Vec<Value>),
    /// `set`, in the order found.
    Set(Vec<Value>),
    /// `frozenset`, in the order found.
    FrozenSet(Vec<Value>),
    /// `dict`, in the order found. If a key is there twice, Python takes the last value.
    Dict(Vec<(Value, Value)>),
    /// A NumPy array.
    #[cfg(feature = "ndarray")]
    Array(Box<DynArray<'static>>),
    /// A NumPy scalar.
    #[cfg(feature = "ndarray")]
    Scalar(Scalar),
    /// An instance of a class, as data, or a value of the standard library that has no variant of its own.
    Object(Object),
}

/// A list of many values takes this much for each.
const _: () = assert!(size_of::<Value>() <= 32);

/// Values are equal if they are of the same kind and their parts are equal. `NaN` is not equal to itself.
impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::None, Self::None) => true,
            (Self::Bool(one), Self::Bool(other)) => one == other,
            (Self::Int(one), Self::Int(other)) => one == other,
            (Self::BigInt(one), Self::BigInt(other)) => one == other,
            (Self::Float(one), Self::Float(other)) => one == other,
            (Self::Complex(real, imaginary), Self::Complex(other_real, other_imaginary)) => {
                real == other_real && imaginary == other_imaginary
            }
            (Self::Str(one), Self::Str(other)) => one == other,
            (Self::Bytes(one), Self::Bytes(other))
            | (Self::ByteArray(one), Self::ByteArray(other)) => one == other,
            (Self::Numbers(one), Self::Numbers(other)) => one == other,
            (Self::Numbers(numbers), Self::List(list))
            | (Self::List(list), Self::Numbers(numbers)) => *numbers == list[..],
            (Self::List(one), Self::List(other))
            | (Self::Tuple(one), Self::Tuple(other))
            | (Self::Set(one), Self::Set(other))
            | (Self::FrozenSet(one), Self::FrozenSet(other)) => one == other,
            (Self::Dict(one), Self::Dict(other)) => one == other,
            #[cfg(feature = "ndarray")]
            (Self::Array(one), Self::Array(other)) => one == other,
            #[cfg(feature = "ndarray")]
            (Self::Scalar(one), Self::Scalar(other)) => one == other,
            (Self::Object(one), Self::Object(other)) => one == other,
            _ => false,
        }
    }
}

/// `PK`: the payload is a pickle.
impl Serializer for Value {
    type Value = Self;

    const IDENTIFIER: Identifier = Identifier::new(b"PK");
    const NAME: &'static str = "plain Python data";

    fn serialize<'a>(value: &'a Self, out: &mut dyn Sink<'a>) -> Result<()> {
        let mut output = Output::new(out);
        output.value(value, MAX_DEPTH)?;
        output.end();
        Ok(())
    }

    fn deserialize(payload: Payload<'_, '_>) -> Result<Self> {
        let pickled = Pickled::load(&payload, &PLAIN, payload.budget())?;
        let reader = Reader::new(&pickled, payload.budget());
        reader.value(pickled.root, MAX_DEPTH)
    }
}

impl<'a> Deserializable<'a> for Value {
    type Serializer = Self;

    #[inline]
    fn deserialize_payload(payload: Payload<'a, '_>) -> Result<Self> {
        Self::deserialize(payload)
    }

    fn take_object(object: ObjectReader<'a, '_>) -> Result<Self> {
        object.value()
    }
}

impl Serializable for Value {
    type Serializer = Self;

    fn serialize_payload<'a>(&'a self, out: &mut dyn Sink<'a>) -> Result<()> {
        Self::serialize(self, out)
    }

    fn put_object<'a>(&'a self, out: &mut Objects<'a>) -> Result<()> {
        let mut part = Parts::payload();
        append(&mut part, self)?;
        out.piece(part);
        Ok(())
    }
}

/// The dialect of `PK` frames.
pub(super) const PLAIN: Dialect = Dialect { knows, persistent: false, instances: true, refusal };

fn knows(module: &str, name: &str) -> bool {
    let known = (module, name) == READ_TABLE;
    #[cfg(feature = "ndarray")]
    let known = known || numpy::knows(module, name);
    known
}
