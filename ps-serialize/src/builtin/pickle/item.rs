//! Elements of NumPy arrays, and scalars, read as what a Rust type asks for.

use serde::de::{Deserializer, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;

use super::node::Piece;
use super::to_serde::visit_all;
use crate::builtin::array::Kind;
use crate::codec::nesting::Nesting;
use crate::error::{Error, Result};

/// The bytes of an element whose type has a name.
#[derive(Clone, Copy)]
pub(super) struct Item<'n, 'p: 'n> {
    kind: Kind,
    bytes: Piece<'n, 'p>,
    nesting: Nesting,
}

/// A NumPy number that Rust has a type for.
pub(super) enum Number {
    Bool(bool),
    Signed(i64),
    Unsigned(u64),
    Single(f32),
    Double(f64),
    Complex(f64, f64),
}

/// The count that means `NaT`.
const NOT_A_TIME: i64 = i64::MIN;

impl<'n, 'p> Item<'n, 'p> {
    pub(super) fn new(kind: Kind, bytes: Piece<'n, 'p>, nesting: Nesting) -> Self {
        Self { kind, bytes, nesting }
    }

    /// The element one level deeper, inside of an `Option` and so on.
    fn deeper(self) -> Result<Self> {
        Ok(Self { nesting: self.nesting.deeper()?, ..self })
    }

    /// The bytes of a number in this machine's order.
    fn native<const N: usize>(&self, at: usize) -> Option<[u8; N]> {
        let mut bytes = *self.bytes.as_slice().get(at..)?.first_chunk()?;
        if self.kind.swapped {
            bytes.reverse();
        }
        Some(bytes)
    }

    pub(super) fn number(&self) -> Option<Number> {
        macro_rules! of {
            ($number:ty) => {
                <$number>::from_ne_bytes(self.native(0)?)
            };
        }
        let complex = |real: f64, imaginary: f64| Number::Complex(real, imaginary);
        let bytes = self.bytes.as_slice();
        Some(match (self.kind.letter, bytes.len()) {
            (b'b', 1) => Number::Bool(bytes != [0]),
            (b'i', 1) => Number::Signed(of!(i8).into()),
            (b'i', 2) => Number::Signed(of!(i16).into()),
            (b'i', 4) => Number::Signed(of!(i32).into()),
            (b'i', 8) => Number::Signed(of!(i64)),
            (b'u', 1) => Number::Unsigned(of!(u8).into()),
            (b'u', 2) => Number::Unsigned(of!(u16).into()),
            (b'u', 4) => Number::Unsigned(of!(u32).into()),
            (b'u', 8) => Number::Unsigned(of!(u64)),
            (b'f', 2) => Number::Single(half::f16::from_ne_bytes(self.native(0)?).into()),
            (b'f', 4) => Number::Single(of!(f32)),
            (b'f', 8) => Number::Double(of!(f64)),
            (b'c', 8) => {
                let part = |at| Some(f32::from_ne_bytes(self.native(at)?).into());
                complex(part(0)?, part(4)?)
            }
            (b'c', 16) => {
                let part = |at| Some(f64::from_ne_bytes(self.native(at)?));
                complex(part(0)?, part(8)?)
            }
            _ => return None,
        })
    }

    /// The text of an element of `U`, without the padding zeros at its end.
    pub(super) fn text(&self) -> Result<Option<String>> {
        if self.kind.letter != b'U' {
            return Ok(None);
        }
        let (characters, _) = self.bytes.as_slice().as_chunks::<4>();
        let end = characters.iter().rposition(|bytes| *bytes != [0; 4]).map_or(0, |last| last + 1);
        let mut text = String::with_capacity(end);
        for bytes in &characters[..end] {
            let code = u32::from_ne_bytes(*bytes);
            let code = if self.kind.swapped { code.swap_bytes() } else { code };
            text.push(char::from_u32(code).ok_or_else(|| {
                Error::custom(format!(
                    "a NumPy text has {code:#x}, which is not a Unicode character"
                ))
            })?);
        }
        Ok(Some(text))
    }

    /// The bytes of an element of `S`, without the padding zeros at their end, or of `V`.
    pub(super) fn bytes(&self) -> Option<&'n [u8]> {
        self.plain_bytes().map(Piece::as_slice)
    }

    fn plain_bytes(&self) -> Option<Piece<'n, 'p>> {
        match self.kind.letter {
            b'S' => {
                let bytes = self.bytes.as_slice();
                let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
                Some(self.bytes.part(0..end))
            }
            b'V' => Some(self.bytes),
            _ => None,
        }
    }

    pub(super) fn is_timedelta(&self) -> bool {
        self.kind.letter == b'm'
    }

    /// Whether it is a float or a complex number, of any width.
    pub(super) fn is_number(&self) -> bool {
        matches!(self.kind.letter, b'f' | b'c')
    }

    /// The number of units of a moment or a duration.
    pub(super) fn count(&self) -> Option<i64> {
        match self.kind.letter {
            b'm' | b'M' => self.native(0).map(i64::from_ne_bytes),
            _ => None,
        }
    }

    pub(super) fn is_not_a_time(&self) -> bool {
        self.count() == Some(NOT_A_TIME)
    }

    #[cold]
    fn unreadable(&self) -> Error {
        Error::custom(match self.kind.letter {
            b'm' | b'M' => {
                "serde has no type for a NumPy time: ask for an integer, which is the count of its unit, or for a `pickle::Value`".to_owned()
            }
            _ => format!(
                "serde has no type for a NumPy number of {} bytes: ask for a `pickle::Value`, or make it `float64` or `complex128` in Python",
                self.bytes.as_slice().len()
            ),
        })
    }
}

impl<'de> IntoDeserializer<'de, Error> for Item<'_, 'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

macro_rules! counts {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
            match self.count() {
                None => self.deserialize_any(visitor),
                Some(NOT_A_TIME) => Err(Error::custom(
                    "found a NumPy `NaT`, which is not a time: ask for an `Option`",
                )),
                Some(count) => visitor.visit_i64(count),
            }
        }
    )*};
}

impl<'de> Deserializer<'de> for Item<'_, 'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        if let Some(number) = self.number() {
            return match number {
                Number::Bool(bool) => visitor.visit_bool(bool),
                Number::Signed(integer) => match u64::try_from(integer) {
                    Ok(natural) => visitor.visit_u64(natural),
                    Err(_) => visitor.visit_i64(integer),
                },
                Number::Unsigned(natural) => visitor.visit_u64(natural),
                Number::Single(float) => visitor.visit_f32(float),
                Number::Double(float) => visitor.visit_f64(float),
                Number::Complex(real, imaginary) => {
                    visit_all([real, imaginary].into_iter(), visitor)
                }
            };
        }
        if let Some(text) = self.text()? {
            return visitor.visit_string(text);
        }
        match self.plain_bytes() {
            Some(bytes) => bytes.visit(visitor),
            None => Err(self.unreadable()),
        }
    }

    counts! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        if self.is_not_a_time() { visitor.visit_none() } else { visitor.visit_some(self.deeper()?) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value> {
        visitor.visit_newtype_struct(self.deeper()?)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.bytes() {
            Some(bytes) => visit_all(bytes.iter().copied(), visitor),
            None => self.deserialize_any(visitor),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _len: usize, visitor: V) -> Result<V::Value> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _len: usize,
        visitor: V,
    ) -> Result<V::Value> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        match self.text()? {
            Some(text) => visitor.visit_enum(text.into_deserializer()),
            None => Err(Error::custom("the name of a variant that is not text")),
        }
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.text()? {
            Some(text) => visitor.visit_string(text),
            None => Err(Error::custom("the name of a field or a variant that is not text")),
        }
    }

    forward_to_deserialize_any! {
        bool f32 f64 char str string bytes byte_buf unit unit_struct map struct ignored_any
    }
}
