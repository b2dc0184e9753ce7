//! The modules for `#[serde(with = "…")]`, which say what text and numbers are in Python.

use super::from_text::timedelta;
use super::object::Object;
use super::value::Value;
use crate::error::{Error, Result};

/// The start of the name of a newtype whose name says what is in it. No type of Rust has such a name.
pub(super) const PREFIX: &str = "$ps_serialize::pickle::";

macro_rules! modules {
    ($($(#[$attribute:meta])* $module:ident => $class:literal;)*) => {$(
        $(#[$attribute])*
        pub mod $module {
            use serde::{Deserialize, Deserializer, Serialize, Serializer};

            /// Writes the value, which is text or an option, a list or a map of text.
            ///
            /// # Errors
            ///
            /// If the text is not that of such a value.
            pub fn serialize<T: Serialize + ?Sized, S: Serializer>(
                value: &T,
                serializer: S,
            ) -> Result<S::Ok, S::Error> {
                serializer.serialize_newtype_struct(concat!("$ps_serialize::pickle::", $class), value)
            }

            /// Reads the text, as it would be read without this module.
            ///
            /// # Errors
            ///
            /// If the type can't be read from it.
            pub fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
                deserializer: D,
            ) -> Result<T, D::Error> {
                T::deserialize(deserializer)
            }
        }
    )*};
}

modules! {
    /// For `#[serde(with = "ps_serialize::pickle::datetime")]`: a text of ISO 8601 is a `datetime.datetime` in Python. All
    /// types are read as without it, and formats other than [`Pickle`](super::Pickle) are not changed.
    ///
    /// ```
    /// use ps_serialize::pickle::{Pickle, Value};
    /// use ps_serialize::{deserialize, deserialize_with, serialize_with};
    ///
    /// #[derive(serde::Serialize, serde::Deserialize, Debug, PartialEq)]
    /// struct Run {
    ///     // Or a type of `chrono` or `time` that serde writes as text.
    ///     #[serde(with = "ps_serialize::pickle::datetime")]
    ///     start: String,
    ///     #[serde(with = "ps_serialize::pickle::timedelta")]
    ///     took: std::time::Duration,
    ///     #[serde(with = "ps_serialize::pickle::decimal")]
    ///     price: Option<String>,
    /// }
    ///
    /// let run = Run { start: "2026-11-27T12:00:00Z".into(), took: std::time::Duration::from_millis(1500), price: None };
    /// // {'start': datetime.datetime(2026, 11, 27, 12, 0, tzinfo=datetime.timezone.utc),
    /// //  'took': datetime.timedelta(seconds=1, microseconds=500000), 'price': None}
    /// let frame = serialize_with::<Pickle<Run>>(&run)?;
    /// let value: Value = deserialize(&frame)?;
    /// assert_eq!(value["start"].as_object().map(|start| start.class()), Some(("datetime", "datetime")));
    /// let read = deserialize_with::<Pickle<Run>>(&frame)?;
    /// assert_eq!(read, Run { start: "2026-11-27T12:00:00+00:00".into(), ..run });
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    datetime => "datetime.datetime";
    /// For `#[serde(with = "ps_serialize::pickle::date")]`: `2026-11-27` is a `datetime.date` in Python. See
    /// [`datetime`](super::datetime).
    date => "datetime.date";
    /// For `#[serde(with = "ps_serialize::pickle::time")]`: `12:30:00.5` is a `datetime.time` in Python. See
    /// [`datetime`](super::datetime).
    time => "datetime.time";
    /// For `#[serde(with = "ps_serialize::pickle::timedelta")]`: a `Duration`, a pair of seconds and nanoseconds, or a number of
    /// seconds is a `datetime.timedelta` in Python. See [`datetime`](super::datetime).
    timedelta => "datetime.timedelta";
    /// For `#[serde(with = "ps_serialize::pickle::decimal")]`: `12.50` is a `decimal.Decimal` in Python. See
    /// [`datetime`](super::datetime).
    decimal => "decimal.Decimal";
    /// For `#[serde(with = "ps_serialize::pickle::uuid")]`: a text of a UUID or its 16 bytes are a `uuid.UUID` in Python. See
    /// [`datetime`](super::datetime).
    uuid => "uuid.UUID";
    /// For `#[serde(with = "ps_serialize::pickle::path")]`: a text is a `pathlib.PurePosixPath` in Python. See
    /// [`datetime`](super::datetime).
    path => "pathlib.PurePosixPath";
    /// For `#[serde(with = "ps_serialize::pickle::ip_address")]`: a text is an `ipaddress.IPv4Address` or `IPv6Address` in Python.
    /// See [`datetime`](super::datetime).
    ip_address => "ipaddress.IPv4Address";
}

/// The value as an instance of this class, or as a list or a map of such instances.
pub(super) fn converted(class: &str, value: Value) -> Result<Value> {
    let all = |values: Vec<Value>| {
        values.into_iter().map(|value| converted(class, value)).collect::<Result<Vec<_>>>()
    };
    if class == "datetime.timedelta"
        && let Some(delta) = delta(&value)?
    {
        return Ok(delta.into());
    }
    Ok(match value {
        Value::None => Value::None,
        Value::Str(text) if class == "ipaddress.IPv4Address" && text.contains(':') => {
            Object::from_text("ipaddress.IPv6Address", &text)?.into()
        }
        Value::Str(text) => Object::from_text(class, &text)?.into(),
        value if class == "uuid.UUID" && uuid(&value).is_some() => {
            let number = uuid(&value).unwrap_or_default();
            Object::from_text(class, &format!("{number:032x}"))?.into()
        }
        Value::List(values) => Value::List(all(values)?),
        Value::Tuple(values) => Value::Tuple(all(values)?),
        Value::Dict(entries) => {
            let entries =
                entries.into_iter().map(|(key, value)| Ok((key, converted(class, value)?)));
            Value::Dict(entries.collect::<Result<_>>()?)
        }
        value => {
            return Err(Error::custom(format!(
                "`{value:?}` is not the text of a Python `{class}`"
            )));
        }
    })
}

/// The number of 16 bytes, or of a tuple or list of them.
fn uuid(value: &Value) -> Option<u128> {
    let bytes = if let Value::Bytes(bytes) = value {
        bytes.clone()
    } else {
        let bytes = value.as_list()?.iter().map(|byte| u8::try_from(byte.as_i64()?).ok());
        bytes.collect::<Option<Vec<_>>>()?
    };
    Some(u128::from_be_bytes(bytes.try_into().ok()?))
}

/// The `timedelta` of seconds and nanoseconds, or of a number of seconds.
fn delta(value: &Value) -> Result<Option<Object>> {
    const DAY: i64 = 24 * 60 * 60;
    const MAX: i64 = 1_000_000_000 * DAY;
    let (seconds, nanos) = match value {
        Value::Float(seconds) if seconds.is_finite() && seconds.abs() < 1e14 => {
            let micros = (seconds.fract() * 1e6).round_ties_even();
            #[allow(clippy::cast_possible_truncation)] // as checked above
            (seconds.trunc() as i64, micros as i64 * 1000)
        }
        Value::Int(seconds) => (*seconds, 0),
        Value::List(parts) | Value::Tuple(parts) => match parts[..] {
            [Value::Int(seconds), Value::Int(nanos)] => (seconds, nanos),
            _ => return Ok(None),
        },
        Value::Dict(_) => match (value["secs"].as_i64(), value["nanos"].as_i64()) {
            (Some(seconds), Some(nanos)) => (seconds, nanos),
            _ => return Ok(None),
        },
        _ => return Ok(None),
    };
    let nanos = i128::from(seconds) * 1_000_000_000 + i128::from(nanos);
    let (seconds, nanos) = (nanos.div_euclid(1_000_000_000), nanos.rem_euclid(1_000_000_000));
    match (i64::try_from(seconds), i64::try_from(nanos)) {
        (Ok(seconds), Ok(nanos)) if (DAY - MAX..MAX).contains(&seconds) && nanos % 1000 == 0 => {
            Ok(Some(timedelta(seconds, nanos / 1000)))
        }
        _ => Err(Error::custom(
            "a Python `timedelta` has whole microseconds, and less than a billion days",
        )),
    }
}
