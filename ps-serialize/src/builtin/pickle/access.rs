//! The methods that look into a [`Value`].

use std::ops::Index;

#[cfg(feature = "ndarray")]
use super::item::{Item, Number};
use super::numbers::Numbers;
use super::object::Object;
use super::value::Value;
#[cfg(feature = "ndarray")]
use crate::builtin::array::DynArray;

/// A key for [`Value::get`] and `value[…]`: a text for a `dict`, or an index, counted from 0, for a `list` or
/// a `tuple`.
///
/// ```
/// use ps_serialize::pickle::{Key, Value};
///
/// fn seconds(value: &Value, key: impl Key) -> Option<f64> {
///     value.get(key)?.as_f64()
/// }
/// let times = Value::from([0.5, 2.0]);
/// assert_eq!(seconds(&times, 1), Some(2.0));
/// assert_eq!(seconds(&times, "mean"), None);
/// ```
pub trait Key: Find {}

pub trait Find {
    fn found_in<'v>(&self, value: &'v Value) -> Option<&'v Value>;
}

impl Key for str {}

impl Find for str {
    fn found_in<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        if let Value::Object(object) = value
            && let Some(field) = object.get(self)
        {
            return Some(field);
        }
        // If a key comes several times, Python takes the last value.
        let found = value.as_dict()?.iter().rfind(|(key, _)| is_text(key, self));
        found.map(|(_, value)| value)
    }
}

/// Whether a key is this text, of Python or of NumPy.
pub(super) fn is_text(key: &Value, text: &str) -> bool {
    match key {
        Value::Str(key) => key == text,
        #[cfg(feature = "ndarray")]
        Value::Scalar(scalar) => scalar.text().is_some_and(|key| key == text),
        _ => false,
    }
}

impl Key for String {}

impl Find for String {
    fn found_in<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        self.as_str().found_in(value)
    }
}

impl Key for usize {}

impl Find for usize {
    fn found_in<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        value.as_list()?.get(*self)
    }
}

impl<K: Key + ?Sized> Key for &K {}

impl<K: Find + ?Sized> Find for &K {
    fn found_in<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        (**self).found_in(value)
    }
}

impl Value {
    /// The value of a `dict` for a text key (a `str` or a `numpy.str_`), the attribute of an instance, or the element of a `list` or a `tuple`
    /// at an index, counted from 0. Entries with other keys are in [`as_dict`](Self::as_dict).
    ///
    /// ```
    /// use ps_serialize::pickle::Value;
    ///
    /// let limits = Value::Dict(vec![("cpu".into(), 2.into())]);
    /// assert_eq!(limits.get("cpu"), Some(&Value::Int(2)));
    /// assert_eq!(limits.get("gpu"), None);
    /// assert_eq!(Value::None.get("cpu"), None);
    /// assert_eq!(Value::from(["a", "b"]).get(1), Some(&Value::from("b")));
    /// ```
    #[must_use]
    pub fn get(&self, key: impl Key) -> Option<&Value> {
        key.found_in(self)
    }

    /// Whether the value is `None`.
    ///
    /// ```
    /// use ps_serialize::pickle::Value;
    ///
    /// assert!(Value::None.is_none());
    /// assert!(!Value::from(false).is_none());
    /// ```
    #[must_use]
    pub fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }

    /// A `bool`, or a `numpy.bool`.
    ///
    /// ```
    /// use ps_serialize::pickle::Value;
    ///
    /// assert_eq!(Value::from(true).as_bool(), Some(true));
    /// assert_eq!(Value::from(1).as_bool(), None);
    /// ```
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(bool) => Some(*bool),
            #[cfg(feature = "ndarray")]
            Self::Scalar(_) => match self.number()? {
                Number::Bool(bool) => Some(bool),
                _ => None,
            },
            _ => None,
        }
    }

    /// An `int` or a NumPy integer, if it fits into an `i64`.
    ///
    /// ```
    /// use ps_serialize::pickle::Value;
    ///
    /// assert_eq!(Value::from(7).as_i64(), Some(7));
    /// assert_eq!(Value::from(u64::MAX).as_i64(), None);
    /// assert_eq!(Value::from(7.0).as_i64(), None);
    /// ```
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        self.integer()?.try_into().ok()
    }

    /// An `int` or a NumPy integer, if it fits into a `u64`.
    ///
    /// ```
    /// use ps_serialize::pickle::Value;
    ///
    /// assert_eq!(Value::from(u64::MAX).as_u64(), Some(u64::MAX));
    /// assert_eq!(Value::from(-1).as_u64(), None);
    /// ```
    #[must_use]
    pub fn as_u64(&self) -> Option<u64> {
        self.integer()?.try_into().ok()
    }

    /// The integer, if it fits into 128 bits.
    fn integer(&self) -> Option<i128> {
        match self {
            Self::Int(integer) => Some((*integer).into()),
            Self::BigInt(integer) => integer.as_ref().try_into().ok(),
            #[cfg(feature = "ndarray")]
            Self::Scalar(_) => match self.number()? {
                Number::Signed(integer) => Some(integer.into()),
                Number::Unsigned(natural) => Some(natural.into()),
                _ => None,
            },
            _ => None,
        }
    }

    /// A `float`, an `int`, or a NumPy number of one of these kinds. An integer is rounded to the nearest `f64`, as
    /// Python's `float` does. The result is `None` for an integer that is too large for an `f64`.
    ///
    /// ```
    /// use ps_serialize::pickle::Value;
    ///
    /// assert_eq!(Value::from(0.5).as_f64(), Some(0.5));
    /// assert_eq!(Value::from(7).as_f64(), Some(7.0));
    /// assert_eq!(Value::from("7").as_f64(), None);
    /// ```
    #[must_use]
    #[allow(clippy::cast_precision_loss)] // as documented
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Float(float) => Some(*float),
            Self::Int(integer) => Some(*integer as f64),
            // Writing and parsing this few bits takes no noticeable time.
            Self::BigInt(integer) if integer.bits() <= u64::from(f64::MAX_EXP.unsigned_abs()) => {
                integer.to_string().parse().ok().filter(|float: &f64| float.is_finite())
            }
            #[cfg(feature = "ndarray")]
            Self::Scalar(_) => match self.number()? {
                Number::Signed(integer) => Some(integer as f64),
                Number::Unsigned(natural) => Some(natural as f64),
                Number::Single(float) => Some(float.into()),
                Number::Double(float) => Some(float),
                Number::Bool(_) | Number::Complex(..) => None,
            },
            _ => None,
        }
    }

    /// A `str`. A `numpy.str_` has no text to borrow: see [`DynArray::to_strings`](crate::array::DynArray::to_strings).
    ///
    /// ```
    /// use ps_serialize::pickle::Value;
    ///
    /// assert_eq!(Value::from("text").as_str(), Some("text"));
    /// assert_eq!(Value::from(b"bytes").as_str(), None);
    /// ```
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Str(text) => Some(text),
            _ => None,
        }
    }

    /// `bytes`, a `bytearray`, or a `numpy.bytes_` or `numpy.void`.
    ///
    /// ```
    /// use ps_serialize::pickle::Value;
    ///
    /// assert_eq!(Value::from(b"bytes").as_bytes(), Some(&b"bytes"[..]));
    /// assert_eq!(Value::from("text").as_bytes(), None);
    /// ```
    #[must_use]
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Bytes(bytes) | Self::ByteArray(bytes) => Some(bytes),
            #[cfg(feature = "ndarray")]
            Self::Scalar(_) => self.item()?.bytes(),
            _ => None,
        }
    }

    /// The elements of a `list` or a `tuple`.
    ///
    /// ```
    /// use ps_serialize::pickle::Value;
    ///
    /// let pair = Value::Tuple(vec![1.into(), "one".into()]);
    /// assert_eq!(pair.as_list().map(|elements| elements.len()), Some(2));
    /// assert_eq!(Value::from("one").as_list(), None);
    /// ```
    #[must_use]
    pub fn as_list(&self) -> Option<&[Value]> {
        match self {
            Self::List(elements) | Self::Tuple(elements) => Some(elements),
            Self::Numbers(numbers) => Some(numbers.values()),
            Self::Object(object) => object.as_list(),
            _ => None,
        }
    }

    /// A `list` of many numbers of one kind. [`as_list`](Self::as_list) gives the same numbers as values.
    ///
    /// ```
    /// use ps_serialize::pickle::{Numbers, Value};
    ///
    /// let squares = Value::from(Numbers::from((0..100).map(|n| n * n).collect::<Vec<i64>>()));
    /// assert_eq!(squares.as_numbers().and_then(|numbers| numbers.integers()).map(|all| all[9]), Some(81));
    /// assert_eq!(squares.as_list().map(<[Value]>::len), Some(100));
    /// ```
    #[must_use]
    pub fn as_numbers(&self) -> Option<&Numbers> {
        match self {
            Self::Numbers(numbers) => Some(numbers),
            _ => None,
        }
    }

    /// The entries of a `dict`, in the order found.
    ///
    /// ```
    /// use ps_serialize::pickle::Value;
    ///
    /// let squares: Value = [(1, 1), (2, 4)].into_iter().collect();
    /// assert_eq!(squares.as_dict(), Some(&[(1.into(), 1.into()), (2.into(), 4.into())][..]));
    /// ```
    #[must_use]
    pub fn as_dict(&self) -> Option<&[(Value, Value)]> {
        match self {
            Self::Dict(entries) => Some(entries),
            Self::Object(object) if object.is_dict() => Some(object.entries()),
            _ => None,
        }
    }

    /// All instances in the value: the value itself, and instances inside of lists, of keys and values, and of other instances.
    ///
    /// ```
    /// use ps_serialize::pickle::{Object, Value};
    ///
    /// let point = Object::new("shapes", "Point", [("color", Object::member("shapes", "Color", 1)?)])?;
    /// let value = Value::from(vec![Value::from(1), Value::from(point)]);
    /// let classes: Vec<_> = value.objects().map(|object| object.class()).collect();
    /// assert_eq!(classes, [("shapes", "Point"), ("shapes", "Color")]);
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    pub fn objects(&self) -> impl Iterator<Item = &Object> {
        let mut left = vec![self];
        std::iter::from_fn(move || {
            while let Some(value) = left.pop() {
                let start = left.len();
                let found = match value {
                    Self::List(values)
                    | Self::Tuple(values)
                    | Self::Set(values)
                    | Self::FrozenSet(values) => {
                        left.extend(values);
                        None
                    }
                    Self::Dict(entries) => {
                        left.extend(entries.iter().flat_map(|(key, value)| [key, value]));
                        None
                    }
                    Self::Object(object) => {
                        left.extend(object.parts().values());
                        Some(object)
                    }
                    _ => None,
                };
                left[start..].reverse();
                if found.is_some() {
                    return found;
                }
            }
            None
        })
    }

    /// An instance of a class.
    ///
    /// ```
    /// use ps_serialize::pickle::{Object, Value};
    ///
    /// let red = Value::from(Object::member("paint", "Color", 1)?);
    /// assert_eq!(red.as_object().map(|red| red.class()), Some(("paint", "Color")));
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    #[must_use]
    pub fn as_object(&self) -> Option<&Object> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }

    /// A NumPy array.
    ///
    /// ```
    /// use ps_serialize::array::DynArray;
    /// use ps_serialize::pickle::Value;
    ///
    /// let bytes = Value::from(DynArray::new("|u1", [2], vec![7, 8])?);
    /// let array = bytes.as_array().expect("it is one");
    /// assert_eq!(array.to_array::<u8>()?, ndarray::arr1(&[7, 8]).into_dyn());
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    #[cfg(feature = "ndarray")]
    #[must_use]
    pub fn as_array(&self) -> Option<&DynArray<'static>> {
        match self {
            Self::Array(array) => Some(array),
            _ => None,
        }
    }

    /// The single element of a NumPy scalar.
    #[cfg(feature = "ndarray")]
    fn item(&self) -> Option<Item<'_, '_>> {
        match self {
            Self::Scalar(scalar) => scalar.item(),
            _ => None,
        }
    }

    #[cfg(feature = "ndarray")]
    fn number(&self) -> Option<Number> {
        self.item()?.number()
    }
}

/// Indexes as [`Value::get`] does, but returns Python's `None` if there is no such entry or element, as `serde_json` does.
/// So a chain of indexes never panics, whatever a stranger sent. Use `get` to tell a missing entry from a `None`.
///
/// ```
/// use ps_serialize::pickle::Value;
///
/// let jobs: Value = [("fit", Value::from([2.5, 0.5]))].into_iter().collect();
/// assert_eq!(jobs["fit"][1].as_f64(), Some(0.5));
/// assert!(jobs["plot"][1].is_none());
/// ```
impl<K: Key> Index<K> for Value {
    type Output = Value;

    fn index(&self, key: K) -> &Value {
        static NONE: Value = Value::None;
        self.get(key).unwrap_or(&NONE)
    }
}
