//! Plain Python data, without Python's code: identifier `PK`, feature `pickle`.
//!
//! [`Pickle`] writes and reads any serde type. [`Value`] is any value of plain Python data. [`Object`] is an instance of a
//! class, or a value of Python's standard library. A `Value` that was read is written back as the same value in Python.
//!
//! | Python | [`Value`] | serde |
//! |---|---|---|
//! | `None`, `bool`, `int`, `float`, `str`, `bytes`, `bytearray`, `list`, `tuple`, `set`, `frozenset`, `dict` | a variant each | the same; `set`s are sequences |
//! | `list` of 64 or more `float`s or `int`s | `Numbers` | a sequence |
//! | `complex` | `Complex` | a pair of floats |
//! | `datetime`, `date`, `time`, `timezone` | `Object` | text of ISO 8601 |
//! | `timedelta` | `Object` | a pair of seconds and nanoseconds, as a `Duration` is; seconds if a float is asked for |
//! | `ZoneInfo`, zones of `pytz` | `Object` | the name of the zone |
//! | `Decimal`, `Fraction` | `Object` | text, such as `1.50` and `1/3`; a float if one is asked for |
//! | `UUID` | `Object` | text with hyphens; 16 bytes if bytes or a sequence are asked for |
//! | paths of `pathlib`; addresses, networks and interfaces of `ipaddress` | `Object` | text |
//! | `range` | `Object` | a sequence; Rust's `Range` |
//! | `slice` | `Object` | a sequence of three |
//! | `deque` | `Object` with items | a sequence |
//! | `OrderedDict`, `defaultdict` of a built-in type, `Counter` | `Object` with entries | a map |
//! | `Ellipsis`, `NotImplemented`; as values: the built-in types and those above, such as `set` and `Decimal` | `Object` | their names |
//! | pandas `Timestamp`, `Timedelta`; `NaT` and `NA` | `Object` | text of ISO 8601, a pair as of `timedelta`; `None` |
//! | pandas `Interval` | `Object` | a sequence of its ends and the name of the closed side |
//! | polars `DataFrame`, `Series` | `Object` with bytes, to be passed on | bytes; a `DataFrame` is read as a [marked field](crate::guide::python_classes) |
//! | NumPy arrays | `Array` | sequences, one in the other |
//! | NumPy arrays of objects and of `StringDType` | `Object` whose items are the elements, or `List`s of them | sequences, one in the other |
//! | NumPy scalars | `Scalar` | see [`Pickle`] |
//! | dataclasses, pydantic, attrs, `SimpleNamespace`, ordinary classes | `Object` with fields | a struct or a map of the attributes |
//! | `NamedTuple`, `msgspec.Struct`, dataclasses that are `frozen` with `slots` | `Object` with values in an order | a sequence; a struct, if it is annotated with [`positional`](crate::guide::python_classes) |
//! | a member of an `Enum` | `Object` with its value | its value |
//! | exceptions | `Object` with arguments | a sequence of its arguments, or its only one |
//! | classes derived from the types above | `Object` with arguments, items or entries | a sequence, a map, or the only value |
//! | functions, other classes, calls of functions | refused | refused |

mod access;
mod advice;
#[cfg(feature = "ndarray")]
pub mod array;
mod builtin;
#[cfg(feature = "pandas")]
mod cell;
mod check;
mod class;
pub(crate) mod classes;
mod convert;
mod debug;
mod hashable;
mod in_order;
#[cfg(feature = "ndarray")]
mod item;
mod literal;
mod make;
mod moment;
mod object;
mod parse;
mod python2;
mod ratio;
mod to_serde;
// Arrays and checkpoints read parts that plain data has not.
mod emit;
mod from_serde;
mod from_text;
mod from_value;
#[cfg_attr(not(all(feature = "ndarray", feature = "torch")), allow(dead_code))]
mod node;
mod numbers;
#[cfg(feature = "ndarray")]
mod numpy;
#[cfg(feature = "ndarray")]
mod objects;
mod opcode;
mod pack;
#[cfg(feature = "ndarray")]
mod scalar;
mod seen;
mod standard;
#[cfg(feature = "ndarray")]
mod structured;
mod to_value;
pub(crate) mod value;
mod with;

use serde::Serialize;
use serde::de::{Deserialize, DeserializeOwned};

use self::from_serde::{Pickler, Pickling};
use self::node::read_owned;
use self::to_serde::NodeDeserializer;
use self::value::PLAIN;
use crate::codec::nesting::Nesting;
use crate::error::Result;
use crate::identifier::Identifier;
use crate::limits::{Budget, STACK, STACK_OF_CHECK, too_deep};
use crate::options::DEFAULT;
use crate::payload::Payload;
use crate::serializer::{Deserializable, Serializer};
use crate::sink::Sink;

pub use self::access::Key;
pub use self::numbers::Numbers;
pub use self::object::Object;
#[cfg(feature = "ndarray")]
pub use self::scalar::Scalar;
pub use self::value::Value;
pub use self::with::{date, datetime, decimal, ip_address, path, time, timedelta, uuid};

#[cfg(feature = "pandas")]
pub(crate) use self::cell::{Cell, is_value};
#[cfg(feature = "pandas")]
pub(crate) use self::class::refusal;
#[cfg(feature = "pandas")]
pub(crate) use self::moment::days;
#[cfg(any(feature = "pandas", feature = "torch"))]
pub(crate) use self::node::{Id, Node};
#[cfg(feature = "pandas")]
pub(crate) use self::numbers::Packed;
#[cfg(feature = "pandas")]
pub(crate) use self::numpy::{describe, is_array, is_scalar, not_an_array};
#[cfg(any(feature = "pandas", feature = "torch"))]
pub(crate) use self::parse::Dialect;
pub(crate) use self::{node::Pickled, to_value::Reader};

/// A serializer that writes and reads any serde type as plain Python data, with
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
/// | types annotated with `python = "module.Class"` | instances of that [class](crate::guide::python_classes) |
///
/// `Some(())` and `Some(None)` are written as `None` and read back as `None`, as in JSON.
///
/// In a key of a map, a sequence is written as a `tuple`, because a `list` can't be the key of a `dict`. Structs,
/// maps and variants with values would be a `dict`, which can't be a key either, so they are refused in keys. Keys
/// that are equal in Python but not in Rust are refused too: `1`, `1.0` and `True`, or `None` twice. If a
/// type writes the same key twice, Python takes the last value.
///
/// Values that are nested more than 128 levels deep, or in more than 1 MiB of stack, are neither written nor read. A deep value
/// that was just written is read back, and refused if that takes more than 768 KiB of stack.
///
/// Other values of Python, such as `bytearray`, `set`, instances of classes and NumPy's arrays, are read as the nearest type of
/// the table: see the [module](self). To write a `datetime`, a `Decimal` and so on, use a module such as [`datetime`] in a field's
/// `#[serde(with = "…")]`.
///
/// Elements of NumPy's arrays, and NumPy's scalars, are read as the type that is asked for:
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
///
/// # Reading without copies
///
/// [`deserialize`](crate::deserialize()) of a `Pickle<T>` gives a `T` that may borrow from the frame: `&str`, `&[u8]` and, by
/// `#[serde(borrow)]`, `Cow<str>`. With the module [`array`](mod@array), a NumPy array can be an `ArrayView`, which borrows, a
/// `CowArray`, which borrows where it can, or an `Array` or a `Vec`, which copy all elements at once.
///
/// ```
/// use std::borrow::Cow;
/// use ps_serialize::deserialize;
/// use ps_serialize::pickle::Pickle;
///
/// #[derive(serde::Deserialize)]
/// struct Job<'a> { name: &'a str, #[serde(borrow)] note: Cow<'a, str>, image: &'a [u8] }
///
/// // In Python: {'name': 'fit', 'note': 'none', 'image': b'\xff\xd8'}
/// let frame = b"PK\n\x80\x04}(\x8c\x04name\x8c\x03fit\x8c\x04note\x8c\x04none\x8c\x05imageC\x02\xff\xd8u.";
/// let Pickle(job) = deserialize::<Pickle<Job<'_>>>(frame)?;
/// assert_eq!((job.name, &*job.note, job.image), ("fit", "none", &b"\xff\xd8"[..]));
/// assert!(frame.as_ptr_range().contains(&job.name.as_ptr()));
/// # Ok::<_, ps_serialize::Error>(())
/// ```
///
/// A few values have another form in a pickle, and can't be borrowed: `bytes` in protocols 0 to 2, text with escapes in protocol 0,
/// the text of NumPy's arrays, and the text of dates and other values of the standard library. A field `&str` can't be read from such a
/// value; a `Cow<str>` or a `String` gets a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pickle<T>(pub T);

/// Borrows from the frame, which must not be compressed.
impl<'a, T: Deserialize<'a>> Deserializable<'a> for Pickle<T> {
    type Serializer = Value;

    fn deserialize_payload(payload: Payload<'a, '_>) -> Result<Self> {
        let pickled = Pickled::load(payload.bytes()?, &PLAIN, payload.budget())?;
        whole(&pickled, payload.budget()).map(Self)
    }
}

/// Makes a value of a whole pickle.
fn whole<'p, T: Deserialize<'p>>(pickled: &Pickled<'p>, budget: &Budget<'_>) -> Result<T> {
    let reader = Reader::new(pickled, budget);
    T::deserialize(NodeDeserializer::new(&reader, pickled.root, Nesting::outermost(STACK)))
}

/// `PK`: the payload is a pickle.
impl<T: Serialize + DeserializeOwned> Serializer for Pickle<T> {
    type Value = T;

    const IDENTIFIER: Identifier = <Value as Serializer>::IDENTIFIER;
    const NAME: &'static str = <Value as Serializer>::NAME;

    fn serialize<'a>(value: &'a T, out: &mut dyn Sink<'a>) -> Result<()> {
        const EXPECTED_SIZE: usize = 256;
        let mut written = Ok(());
        out.append(EXPECTED_SIZE, &mut |buffer| {
            let start = buffer.len();
            let mut output = Pickling::new(buffer);
            emit::begin(&mut output);
            written = value.serialize(Pickler::new(&mut output, classes::of::<T>));
            emit::end(&mut output);
            if written.is_ok() && output.depth.must_be_read_back() {
                written = check_stack::<T>(&output[start..]);
            }
        });
        written
    }

    fn deserialize(payload: Payload<'_, '_>) -> Result<T> {
        read_owned(&payload, payload.budget(), |pickled| whole(pickled, payload.budget()))
    }
}

/// Refuses a value that takes too much stack to read. A type that can't be read for other reasons is for Python alone.
#[cold]
#[inline(never)]
fn check_stack<T: DeserializeOwned>(payload: &[u8]) -> Result<()> {
    let budget = Budget::new(&DEFAULT, payload.len());
    let pickled = Pickled::load(payload, &PLAIN, &budget)?;
    let reader = Reader::new(&pickled, &budget);
    let nesting = Nesting::outermost(STACK_OF_CHECK);
    let read = T::deserialize(NodeDeserializer::new(&reader, pickled.root, nesting));
    match read {
        _ if !reader.was_too_deep() => Ok(()),
        // The type has tried something else, as an untagged enum does.
        Ok(_) => Err(too_deep()),
        Err(error) => Err(error),
    }
}
