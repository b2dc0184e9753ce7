//! Rust values as plain data.

use bytes::Bytes;
use num_bigint::BigInt;

use super::numbers::Numbers;
use super::object::Object;
#[cfg(feature = "ndarray")]
use super::scalar::Scalar;
use super::value::Value;
#[cfg(feature = "ndarray")]
use crate::builtin::array::DynArray;

/// A type whose sequences are a `list`. A sequence of `u8`s is `bytes`, as everywhere in this library.
pub trait ListElement: Into<Value> {}

macro_rules! from {
    ($($(#[$attribute:meta])* $type:ty, $convert:expr;)*) => {$(
        $(#[$attribute])*
        impl From<$type> for Value {
            fn from(value: $type) -> Self {
                $convert(value)
            }
        }
    )*};
}

macro_rules! items {
    ($($(#[$attribute:meta])* $type:ty, $convert:expr;)*) => {
        from! { $($(#[$attribute])* $type, $convert;)* }

        $($(#[$attribute])* impl ListElement for $type {})*
    };
}

items! {
    bool, Value::Bool;
    i8, |integer| Value::Int(i64::from(integer));
    i16, |integer| Value::Int(i64::from(integer));
    i32, |integer| Value::Int(i64::from(integer));
    i64, Value::Int;
    isize, integer;
    i128, integer;
    u16, |integer| Value::Int(i64::from(integer));
    u32, |integer| Value::Int(i64::from(integer));
    u64, integer;
    usize, integer;
    u128, integer;
    BigInt, |integer: BigInt| i64::try_from(&integer).map_or_else(|_| Value::BigInt(integer.into()), Value::Int);
    f32, |float| Value::Float(f64::from(float));
    f64, Value::Float;
    String, Value::Str;
    &str, |text: &str| Value::Str(text.to_owned());
    Vec<u8>, Value::Bytes;
    &[u8], |bytes: &[u8]| Value::Bytes(bytes.to_vec());
    Bytes, |bytes: Bytes| Value::Bytes(bytes.into());
    Numbers, Value::Numbers;
    Object, Value::Object;
    #[cfg(feature = "ndarray")]
    DynArray<'_>, |array: DynArray<'_>| Value::Array(Box::new(array.into_owned()));
    #[cfg(feature = "ndarray")]
    Scalar, Value::Scalar;
}

from! {
    u8, |integer| Value::Int(i64::from(integer));
}

impl ListElement for Value {}

/// An integer that fits into an `Int` is always an `Int`.
fn integer(integer: impl Into<BigInt> + Copy + TryInto<i64>) -> Value {
    match integer.try_into() {
        Ok(integer) => Value::Int(integer),
        Err(_) => Value::BigInt(Box::new(integer.into())),
    }
}

/// Converts an option. Rust's `None` becomes Python's `None`.
///
/// ```
/// use ps_serialize::pickle::Value;
///
/// assert_eq!(Value::from(Some(7)), Value::Int(7));
/// assert_eq!(Value::from(None::<i64>), Value::None);
/// ```
impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::None, Into::into)
    }
}

impl<T: Into<Value>> ListElement for Option<T> {}

/// Makes a `list`, or `bytes` of `u8`s.
///
/// ```
/// use ps_serialize::pickle::Value;
///
/// assert_eq!(Value::from(vec![1, 2]), Value::List(vec![Value::Int(1), Value::Int(2)]));
/// assert_eq!(Value::from(vec![1_u8, 2]), Value::Bytes(vec![1, 2]));
/// ```
impl<T: ListElement> From<Vec<T>> for Value {
    fn from(elements: Vec<T>) -> Self {
        elements.into_iter().collect()
    }
}

impl<T: ListElement> ListElement for Vec<T> {}

/// Makes a `list`, or `bytes` of `u8`s.
///
/// ```
/// use ps_serialize::pickle::Value;
///
/// assert_eq!(Value::from(["a", "b"][..].as_ref()), Value::from(vec!["a", "b"]));
/// assert_eq!(Value::from(&b"ab"[..]), Value::Bytes(b"ab".to_vec()));
/// ```
impl<T: ListElement + Clone> From<&[T]> for Value {
    fn from(elements: &[T]) -> Self {
        elements.iter().cloned().collect()
    }
}

impl<T: ListElement + Clone> ListElement for &[T] {}

/// Makes a `list`, or `bytes` of `u8`s.
///
/// ```
/// use ps_serialize::pickle::Value;
///
/// let matrix = Value::from([[1.0, 0.0], [0.0, 1.0]]);
/// assert_eq!(matrix[1][1].as_f64(), Some(1.0));
/// ```
impl<T: ListElement, const N: usize> From<[T; N]> for Value {
    fn from(elements: [T; N]) -> Self {
        elements.into_iter().collect()
    }
}

impl<T: ListElement, const N: usize> ListElement for [T; N] {}

impl<const N: usize> From<[u8; N]> for Value {
    fn from(bytes: [u8; N]) -> Self {
        Self::Bytes(bytes.into())
    }
}

impl<const N: usize> ListElement for [u8; N] {}

/// `bytes`, from a literal such as `b"ab"`.
///
/// ```
/// use ps_serialize::pickle::Value;
///
/// assert_eq!(Value::from(b"ab"), Value::Bytes(vec![b'a', b'b']));
/// ```
impl<const N: usize> From<&[u8; N]> for Value {
    fn from(bytes: &[u8; N]) -> Self {
        Self::Bytes(bytes.to_vec())
    }
}

impl<const N: usize> ListElement for &[u8; N] {}

/// A `list`, even of `u8`s.
///
/// ```
/// use ps_serialize::pickle::Value;
///
/// let squares: Value = (1..4).map(|n| n * n).collect();
/// assert_eq!(squares, Value::from([1, 4, 9]));
/// ```
impl<T: Into<Value>> FromIterator<T> for Value {
    fn from_iter<I: IntoIterator<Item = T>>(elements: I) -> Self {
        Self::List(elements.into_iter().map(Into::into).collect())
    }
}

/// A `dict` of keys and values, as the iterators of maps give them.
///
/// ```
/// use ps_serialize::pickle::Value;
///
/// let ages: Value = [("Ada", 36), ("Blaise", 39)].into_iter().collect();
/// assert_eq!(ages["Ada"].as_i64(), Some(36));
/// ```
impl<K: Into<Value>, V: Into<Value>> FromIterator<(K, V)> for Value {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        Self::Dict(entries.into_iter().map(|(key, value)| (key.into(), value.into())).collect())
    }
}
