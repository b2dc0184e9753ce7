//! `Debug` of plain data.

use std::fmt::{self, Debug, Formatter};

use super::numbers::Numbers;
use super::object::Object;
use super::value::Value;
use crate::debug::{self, Data, Text, bounded};

/// An integer of up to this many bits is shown, and of a larger one only the number of bits: the time to
/// write it in decimal grows with the square of that number.
const BITS: u64 = 256;

/// Prints short values as a derived `Debug` does. Of long texts, lists, dictionaries and sets it prints only
/// the start, and of long bytes and arrays the size.
impl Debug for Value {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        bounded(f, |f| Shown(self).fmt(f))
    }
}

/// A value inside of another one. The outermost value bounds what is printed.
struct Shown<'v>(&'v Value);

impl Debug for Shown<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            Value::None => f.write_str("None"),
            Value::Bool(bool) => f.debug_tuple("Bool").field(bool).finish(),
            Value::Int(integer) => f.debug_tuple("Int").field(integer).finish(),
            Value::BigInt(integer) if integer.bits() > BITS => {
                write!(f, "BigInt({} bits)", integer.bits())
            }
            Value::BigInt(integer) => f.debug_tuple("BigInt").field(integer).finish(),
            Value::Float(float) => f.debug_tuple("Float").field(float).finish(),
            Value::Complex(real, imaginary) => {
                f.debug_tuple("Complex").field(real).field(imaginary).finish()
            }
            Value::Str(text) => f.debug_tuple("Str").field(&Text(text)).finish(),
            Value::Bytes(bytes) => f.debug_tuple("Bytes").field(&Data(bytes)).finish(),
            Value::ByteArray(bytes) => f.debug_tuple("ByteArray").field(&Data(bytes)).finish(),
            Value::List(elements) => f.debug_tuple("List").field(&Values(elements)).finish(),
            Value::Numbers(numbers) => f.debug_tuple("List").field(&Every(numbers)).finish(),
            Value::Tuple(elements) => f.debug_tuple("Tuple").field(&Values(elements)).finish(),
            Value::Set(elements) => f.debug_tuple("Set").field(&Values(elements)).finish(),
            Value::FrozenSet(elements) => {
                f.debug_tuple("FrozenSet").field(&Values(elements)).finish()
            }
            Value::Dict(entries) => f.debug_tuple("Dict").field(&Entries(entries)).finish(),
            #[cfg(feature = "ndarray")]
            Value::Array(array) => f.debug_tuple("Array").field(array).finish(),
            #[cfg(feature = "ndarray")]
            Value::Scalar(scalar) => Debug::fmt(scalar, f),
            Value::Object(object) => show_object(object, f),
        }
    }
}

/// Prints the name of the class, and those parts that there are.
impl Debug for Object {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        bounded(f, |f| show_object(self, f))
    }
}

fn show_object(object: &Object, f: &mut Formatter<'_>) -> fmt::Result {
    let parts = object.parts();
    let mut shown = f.debug_struct(&parts.class.to_string());
    if !parts.arguments.is_empty() {
        shown.field("arguments", &Values(&parts.arguments));
    }
    if !parts.keywords.is_empty() {
        shown.field("keywords", &Entries(&parts.keywords));
    }
    if let Some(state) = &parts.state {
        shown.field("state", &Shown(state));
    }
    if !parts.items.is_empty() {
        shown.field("items", &Values(&parts.items));
    }
    if !parts.entries.is_empty() {
        shown.field("entries", &Entries(&parts.entries));
    }
    shown.finish()
}

struct Values<'v>(&'v [Value]);

impl Debug for Values<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        debug::list(f, self.0.iter().map(Shown))
    }
}

struct Every<'v>(&'v Numbers);

impl Debug for Every<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        debug::list(f, self.0.iter())
    }
}

struct Entries<'v>(&'v [(Value, Value)]);

impl Debug for Entries<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        debug::list(f, self.0.iter().map(|(key, value)| (Shown(key), Shown(value))))
    }
}
