//! Values of Python's standard library, from their text.

use std::sync::Arc;

use super::class::Class;
use super::moment::{Clock, Day, Offset, is_zone};
use super::node::Made;
use super::object::{Object, Parts};
use super::standard::{FOLD, FOLD_TAG, Standard};
use super::value::Value;
use crate::error::{Error, Result};

impl Object {
    /// A value of Python's standard library, by the name of its class and its text: what [`text`](Self::text) gives.
    ///
    /// The classes are `datetime.datetime`, `date`, `time` and `timezone` (ISO 8601), `zoneinfo.ZoneInfo`,
    /// `decimal.Decimal`, `fractions.Fraction`, `uuid.UUID`, those of `pathlib`, and those of `ipaddress`.
    ///
    /// ```
    /// use ps_serialize::pickle::Object;
    ///
    /// let noon = Object::from_text("datetime.datetime", "2026-11-27T12:00:00+01:00")?;
    /// assert_eq!(noon.class(), ("datetime", "datetime"));
    /// assert_eq!(noon.text().as_deref(), Some("2026-11-27T12:00:00+01:00"));
    /// assert!(Object::from_text("datetime.date", "2026-02-30").is_err());
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the class is not one of these, or if it has no value of this text.
    pub fn from_text(class: &str, text: &str) -> Result<Self> {
        let (module, name) = class.rsplit_once('.').unwrap_or_default();
        let object = Standard::of(module, name).and_then(|standard| {
            let object = made(standard, module, name, text)?;
            standard.check(object.parts()).ok().map(|()| object)
        });
        object.ok_or_else(|| {
            let shown: String = text.chars().take(60).collect();
            Error::custom(format!("there is no Python `{class}` whose text is `{shown}`"))
        })
    }
}

fn made(standard: Standard, module: &str, name: &str, text: &str) -> Option<Object> {
    let bytes = |bytes: &[u8]| Value::Bytes(bytes.to_vec());
    let str = || vec![Value::from(text)];
    let arguments = match standard {
        Standard::Date => vec![bytes(&Day::parse(text)?.to_bytes())],
        Standard::Time => {
            let (clock, fold, zone) = clock_and_zone(text)?;
            let mut clock = clock.to_bytes();
            clock[0] |= if fold { FOLD } else { 0 };
            [vec![bytes(&clock)], zone].concat()
        }
        Standard::DateTime => {
            let (day, clock) = text.split_at(text.find(['T', 't', ' '])?);
            let (clock, fold, zone) = clock_and_zone(clock.strip_prefix(['T', 't', ' '])?)?;
            let mut day = Day::parse(day)?.to_bytes();
            day[2] |= if fold { FOLD } else { 0 };
            [vec![bytes(&[&day[..], &clock.to_bytes()].concat())], zone].concat()
        }
        Standard::TimeZone => return Some(timezone(Offset::parse(text)?)),
        Standard::ZoneInfo => return zone_info(text),
        Standard::Uuid => return uuid(text),
        Standard::Ipv4 => {
            vec![i64::from(text.parse::<std::net::Ipv4Addr>().ok()?.to_bits()).into()]
        }
        Standard::Ipv6 if !text.contains('%') => {
            vec![text.parse::<std::net::Ipv6Addr>().ok()?.to_bits().into()]
        }
        Standard::Ipv6
        | Standard::Network
        | Standard::Decimal
        | Standard::Fraction
        | Standard::PosixPath
        | Standard::WindowsPath => str(),
        _ => return None,
    };
    Some(called(module, name, arguments))
}

fn called(module: &str, name: &str, arguments: Vec<Value>) -> Object {
    let class = Arc::new(Class { module: module.into(), name: name.into() });
    Object::from_parts(Parts { arguments, ..Parts::of(class, Made::Called) })
}

/// A `timedelta` of so many seconds and microseconds.
pub(super) fn timedelta(seconds: i64, micros: i64) -> Object {
    const DAY: i64 = 24 * 60 * 60;
    let parts = [seconds.div_euclid(DAY), seconds.rem_euclid(DAY), micros];
    called("datetime", "timedelta", parts.map(Value::Int).to_vec())
}

fn timezone(offset: Offset) -> Object {
    let delta = timedelta(offset.seconds(), 0);
    called("datetime", "timezone", vec![delta.into()])
}

fn zone_info(key: &str) -> Option<Object> {
    is_zone(key).then(|| called("zoneinfo", "ZoneInfo", vec![key.into(), 1.into()]))
}

fn uuid(text: &str) -> Option<Object> {
    let hex = text.replace('-', "");
    let is_hexadecimal = hex.len() == 32 && hex.bytes().all(|digit| digit.is_ascii_hexdigit());
    let is_hyphenated =
        text.len() == 36 && [8, 13, 18, 23].iter().all(|place| text.as_bytes()[*place] == b'-');
    if !is_hexadecimal || !(is_hyphenated || text.len() == 32) {
        return None;
    }
    let number = Value::from(u128::from_str_radix(&hex, 16).ok()?);
    let class = Arc::new(Class { module: "uuid".into(), name: "UUID".into() });
    let state = Some(Value::Dict(vec![("int".into(), number)]));
    Some(Object::from_parts(Parts { state, ..Parts::of(class, Made::New) }))
}

/// The time of the clock, whether it is the second of two equal times, and the arguments for the zone: one if there is a zone,
/// and none if not.
fn clock_and_zone(text: &str) -> Option<(Clock, bool, Vec<Value>)> {
    let (text, fold) = match text.strip_suffix(FOLD_TAG) {
        Some(text) if text.ends_with(']') => (text, true),
        Some(_) => return None,
        None => (text, false),
    };
    let end = text.find(['Z', 'z', '+', '-', '[']).unwrap_or(text.len());
    let (clock, zone) = text.split_at(end);
    let zone = match zone.strip_prefix('[') {
        _ if zone.is_empty() => Vec::new(),
        None => vec![timezone(Offset::parse(zone)?).into()],
        Some(key) => vec![zone_info(key.strip_suffix(']')?)?.into()],
    };
    Some((Clock::parse(clock)?, fold, zone))
}
