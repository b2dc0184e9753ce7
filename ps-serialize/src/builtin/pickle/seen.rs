//! What serde sees of values of Python's standard library.

use serde::de::{Deserializer, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;

use super::object::Parts;
use super::standard::{self, Standard};
use super::to_serde::{Number, visit_all};
use super::value::Value;
use crate::codec::nesting::Nesting;
use crate::error::{Error, Result};
use crate::limits::Budget;

/// A value that is neither a list nor a dictionary, and how many levels may be inside of it.
pub(super) struct Seen<'b> {
    form: Form,
    standard: Standard,
    nesting: Nesting,
    budget: &'b Budget<'b>,
}

enum Form {
    /// There is no value: `NaT` of pandas.
    None,
    Text(String),
    /// Seconds, and the nanoseconds beyond them.
    Duration(i64, i64),
    Uuid(u128),
    /// The start, the end and the step.
    Range(i64, i64, i64),
}

impl<'b> Seen<'b> {
    /// The value of valid parts.
    pub(super) fn new(
        standard: Standard,
        parts: &Parts,
        nesting: Nesting,
        budget: &'b Budget<'b>,
    ) -> Result<Self> {
        const SECOND: i128 = 1_000_000_000;
        let form = match (standard, &parts.arguments[..]) {
            (Standard::NotATime, _) => Form::None,
            (Standard::TimeDelta, _) => {
                let (seconds, micros) = standard::duration(parts).unwrap_or_default();
                Form::Duration(seconds, micros * 1000)
            }
            (Standard::PandasTimeDelta, [Value::Int(count), Value::Int(unit)]) => {
                let nanos =
                    i128::from(super::moment::nanoseconds(*unit).unwrap_or(1)) * i128::from(*count);
                let part = |part| i64::try_from(part).map_err(Error::custom);
                Form::Duration(part(nanos.div_euclid(SECOND))?, part(nanos.rem_euclid(SECOND))?)
            }
            (Standard::Uuid, _) => Form::Uuid(standard::uuid(parts).unwrap_or_default()),
            (Standard::Range, [Value::Int(start), Value::Int(end), Value::Int(step)]) => {
                Form::Range(*start, *end, *step)
            }
            _ => {
                let text = standard.text(parts).ok_or_else(|| {
                    Error::custom(format!(
                        "serde has no type for this `{}`: ask for a `pickle::Value`",
                        parts.class
                    ))
                })?;
                // The time to find the digits of a `Fraction` grows with the square of their number.
                budget.charge(text.len().saturating_mul(1 + text.len() / 64))?;
                Form::Text(text)
            }
        };
        Ok(Self { form, standard, nesting, budget })
    }

    fn deeper(self) -> Result<Self> {
        Ok(Self { nesting: self.nesting.deeper()?, ..self })
    }

    fn numbers(
        self,
        numbers: impl Iterator<Item = i64>,
    ) -> Result<impl Iterator<Item = Number<i64>>> {
        let nesting = self.nesting.deeper()?;
        Ok(numbers.map(move |number| Number { number, nesting }))
    }
}

fn hyphenated(uuid: u128) -> String {
    let hex = format!("{uuid:032x}");
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

impl<'de> Deserializer<'de> for Seen<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.form {
            Form::None => visitor.visit_unit(),
            Form::Text(text) => visitor.visit_string(text),
            Form::Duration(seconds, nanos) => {
                visit_all(self.numbers([seconds, nanos].into_iter())?, visitor)
            }
            Form::Uuid(uuid) => visitor.visit_string(hyphenated(uuid)),
            Form::Range(start, end, step) => {
                let span = (i128::from(end) - i128::from(start)) / i128::from(step)
                    + i128::from((i128::from(end) - i128::from(start)) % i128::from(step) != 0);
                let length = usize::try_from(span.max(0)).unwrap_or(usize::MAX);
                self.budget.charge(length.saturating_mul(size_of::<Value>()))?;
                // The last step may lead over the end of all numbers.
                let all = std::iter::successors(Some(start), |number| number.checked_add(step));
                visit_all(self.numbers(all.take(length))?, visitor)
            }
        }
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match &self.form {
            #[allow(clippy::cast_precision_loss)] // as Python's `total_seconds`
            Form::Duration(seconds, nanos) => {
                visitor.visit_f64(*seconds as f64 + *nanos as f64 / 1e9)
            }
            Form::Text(text) if matches!(self.standard, Standard::Decimal | Standard::Fraction) => {
                match self.standard.float(text) {
                    Some(number) => visitor.visit_f64(number),
                    None => Err(Error::custom(
                        "a number that is too large for a float, or a signalling NaN: ask for text",
                    )),
                }
            }
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.form {
            Form::Uuid(uuid) => visitor.visit_bytes(&uuid.to_be_bytes()),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.form {
            Form::Uuid(uuid) => visit_all(uuid.to_be_bytes().into_iter(), visitor),
            _ => self.deserialize_any(visitor),
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

    /// The first and the last of Rust's `Range`, which has no step.
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        match self.form {
            Form::Range(start, end, 1) if name == "Range" => {
                visit_all(self.numbers([start, end].into_iter())?, visitor)
            }
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.form {
            Form::None => visitor.visit_none(),
            _ => visitor.visit_some(self.deeper()?),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value> {
        visitor.visit_newtype_struct(self.deeper()?)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        match self.form {
            Form::Text(text) => visitor.visit_enum(text.into_deserializer()),
            _ => Err(Error::custom("the name of a variant that is not text")),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 char str string unit unit_struct map
        identifier ignored_any
    }
}
