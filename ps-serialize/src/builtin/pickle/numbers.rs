use std::sync::OnceLock;

use super::value::Value;

/// A `list` of many numbers of one kind: of `float`s, or of `int`s of up to 64 bits. Each number takes eight bytes. The list
/// is equal to the `Value::List` of the same numbers. Readers make a `Numbers` of every list of at least [`Numbers::MANY`] numbers.
///
/// ```
/// use ps_serialize::pickle::Value;
/// use ps_serialize::{deserialize, serialize};
///
/// let list: Value = (0..1000).map(f64::from).collect();
/// let read: Value = deserialize(&serialize(&list)?)?;
/// assert_eq!(read, list);
/// assert_eq!(read.as_numbers().and_then(|numbers| numbers.floats()).map(<[f64]>::len), Some(1000));
/// // It is a list like any other.
/// assert_eq!(read[7].as_f64(), Some(7.0));
/// # Ok::<_, ps_serialize::Error>(())
/// ```
#[derive(Debug)]
pub struct Numbers(Box<Inner>);

#[derive(Debug)]
struct Inner {
    packed: Packed,
    /// The numbers as values, made when somebody asks for them.
    values: OnceLock<Box<[Value]>>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Packed {
    Floats(Vec<f64>),
    Integers(Vec<i64>),
}

impl Numbers {
    /// The length from which lists are read as `Numbers`. Shorter lists are read as a `Value::List`.
    pub const MANY: usize = 64;

    /// The memory of the list beside its numbers, in bytes.
    pub(super) const SIZE: usize = size_of::<Inner>();

    pub(super) fn new(packed: Packed) -> Self {
        Self(Box::new(Inner { packed, values: OnceLock::new() }))
    }

    pub(super) fn packed(&self) -> &Packed {
        &self.0.packed
    }

    /// The length of the list.
    ///
    /// ```
    /// use ps_serialize::pickle::Numbers;
    ///
    /// assert_eq!(Numbers::from(vec![1, 2, 3]).len(), 3);
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.packed.len()
    }

    /// Whether the list is empty.
    ///
    /// ```
    /// use ps_serialize::pickle::Numbers;
    ///
    /// assert!(!Numbers::from(vec![0.5]).is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The numbers, if they are `float`s.
    ///
    /// ```
    /// use ps_serialize::pickle::Numbers;
    ///
    /// assert_eq!(Numbers::from(vec![0.5, 2.0]).floats(), Some(&[0.5, 2.0][..]));
    /// assert_eq!(Numbers::from(vec![1, 2]).floats(), None);
    /// ```
    #[must_use]
    pub fn floats(&self) -> Option<&[f64]> {
        match &self.0.packed {
            Packed::Floats(floats) => Some(floats),
            Packed::Integers(_) => None,
        }
    }

    /// The numbers, if they are `int`s.
    ///
    /// ```
    /// use ps_serialize::pickle::Numbers;
    ///
    /// assert_eq!(Numbers::from(vec![1, 2]).integers(), Some(&[1, 2][..]));
    /// assert_eq!(Numbers::from(vec![0.5]).integers(), None);
    /// ```
    #[must_use]
    pub fn integers(&self) -> Option<&[i64]> {
        match &self.0.packed {
            Packed::Integers(integers) => Some(integers),
            Packed::Floats(_) => None,
        }
    }

    /// The numbers as values, which are made at the first call and kept.
    ///
    /// ```
    /// use ps_serialize::pickle::{Numbers, Value};
    ///
    /// assert_eq!(Numbers::from(vec![1, 2]).values(), [Value::Int(1), Value::Int(2)]);
    /// ```
    #[must_use]
    pub fn values(&self) -> &[Value] {
        self.0.values.get_or_init(|| self.iter().collect())
    }

    /// The numbers, one after the other as values.
    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = Value> {
        self.0.packed.iter()
    }
}

impl Packed {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Floats(floats) => floats.len(),
            Self::Integers(integers) => integers.len(),
        }
    }

    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = Value> {
        (0..self.len()).map(|index| match self {
            Self::Floats(floats) => Value::Float(floats[index]),
            Self::Integers(integers) => Value::Int(integers[index]),
        })
    }
}

impl Clone for Numbers {
    fn clone(&self) -> Self {
        Self::new(self.0.packed.clone())
    }
}

impl PartialEq for Numbers {
    fn eq(&self, other: &Self) -> bool {
        self.0.packed == other.0.packed
    }
}

impl PartialEq<[Value]> for Numbers {
    fn eq(&self, other: &[Value]) -> bool {
        self.len() == other.len() && self.iter().zip(other).all(|(one, other)| one == *other)
    }
}

impl From<Vec<f64>> for Numbers {
    fn from(floats: Vec<f64>) -> Self {
        Self::new(Packed::Floats(floats))
    }
}

impl From<Vec<i64>> for Numbers {
    fn from(integers: Vec<i64>) -> Self {
        Self::new(Packed::Integers(integers))
    }
}
