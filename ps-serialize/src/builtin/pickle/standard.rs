//! Values of Python's standard library and of pandas: which calls make them, the checks of their parts, and their text.
//!
//! Each has a fixed shape in a pickle, and is kept as that: an [`Object`](super::Object) with the arguments of the call.

use num_bigint::BigInt;

use super::class;
use super::moment::{self, Clock, Day, Offset};
use super::node::Made;
use super::object::Parts;
use super::ratio;
use super::value::Value;
use crate::error::{Error, Result};

/// A class or a function of Python's own that pickles call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standard {
    Date,
    Time,
    DateTime,
    TimeDelta,
    TimeZone,
    ZoneInfo,
    PytzUtc,
    PytzZone,
    PytzOffset,
    Decimal,
    Fraction,
    Uuid,
    PosixPath,
    WindowsPath,
    Range,
    Slice,
    Deque,
    DefaultDict,
    OrderedDict,
    Counter,
    Ipv4,
    Ipv6,
    /// A network, or an address in one.
    Network,
    Timestamp,
    PandasTimeDelta,
    NotATime,
    Interval,
}

impl Standard {
    pub(super) fn of(module: &str, name: &str) -> Option<Self> {
        Some(match (module, name) {
            ("datetime", "date") => Self::Date,
            ("datetime", "time") => Self::Time,
            ("datetime", "datetime") => Self::DateTime,
            ("datetime", "timedelta") => Self::TimeDelta,
            ("datetime", "timezone") => Self::TimeZone,
            ("zoneinfo", "ZoneInfo") => Self::ZoneInfo,
            ("pytz", "_UTC") => Self::PytzUtc,
            ("pytz", "_p") => Self::PytzZone,
            ("pytz", "FixedOffset") => Self::PytzOffset,
            ("decimal", "Decimal") => Self::Decimal,
            ("fractions", "Fraction") => Self::Fraction,
            ("uuid", "UUID") => Self::Uuid,
            ("pathlib", "PosixPath" | "PurePosixPath") => Self::PosixPath,
            ("pathlib", "WindowsPath" | "PureWindowsPath") => Self::WindowsPath,
            ("builtins", "range") => Self::Range,
            ("builtins", "slice") => Self::Slice,
            ("collections", "deque") => Self::Deque,
            ("collections", "defaultdict") => Self::DefaultDict,
            ("collections", "OrderedDict") => Self::OrderedDict,
            ("collections", "Counter") => Self::Counter,
            ("ipaddress", "IPv4Address") => Self::Ipv4,
            ("ipaddress", "IPv6Address") => Self::Ipv6,
            ("ipaddress", "IPv4Network" | "IPv6Network" | "IPv4Interface" | "IPv6Interface") => {
                Self::Network
            }
            ("pandas._libs.tslibs.timestamps", "_unpickle_timestamp") => Self::Timestamp,
            ("pandas._libs.tslibs.timedeltas", "_timedelta_unpickle") => Self::PandasTimeDelta,
            // Before pandas 3, with two underscores.
            ("pandas._libs.tslibs.nattype", "_nat_unpickle" | "__nat_unpickle") => Self::NotATime,
            ("pandas" | "pandas._libs.interval", "Interval") => Self::Interval,
            _ => return None,
        })
    }

    /// Whether it is a type and not a function.
    pub(super) fn is_type(self) -> bool {
        !matches!(
            self,
            Self::PytzUtc
                | Self::PytzZone
                | Self::PytzOffset
                | Self::Timestamp
                | Self::PandasTimeDelta
                | Self::NotATime
        )
    }

    /// Whether it holds other values, which serde sees one by one.
    pub(super) fn is_container(self) -> bool {
        matches!(
            self,
            Self::Deque | Self::DefaultDict | Self::OrderedDict | Self::Counter | Self::Slice
        )
    }

    /// Whether Python has no hash for it.
    pub(super) fn has_no_hash(self) -> bool {
        self.is_container() && self != Self::Slice
    }

    /// Checks that the parts are those that Python's pickles have.
    pub(super) fn check(self, parts: &Parts) -> Result<()> {
        let only_arguments = parts.keywords.is_empty() && parts.state.is_none();
        let made = match self {
            Self::Uuid => matches!(parts.made, Made::New | Made::From(_)),
            Self::Deque | Self::DefaultDict | Self::OrderedDict | Self::Counter => {
                parts.made == Made::Called && parts.keywords.is_empty()
            }
            _ => parts.made == Made::Called && only_arguments,
        };
        if !made || !self.parts_are_valid(parts) {
            return Err(invalid(parts));
        }
        self.check_contents(parts, parts.items.len(), parts.entries.len())
    }

    /// Checks the numbers of elements and of entries that it holds.
    pub(super) fn check_contents(self, parts: &Parts, items: usize, entries: usize) -> Result<()> {
        let holds = match (self, &parts.arguments[..]) {
            (Self::Deque, [_, Value::Int(max)]) => {
                entries == 0 && usize::try_from(*max).is_ok_and(|max| items <= max)
            }
            (Self::Deque, _) => entries == 0,
            (Self::DefaultDict | Self::OrderedDict | Self::Counter, _) => items == 0,
            _ => items == 0 && entries == 0,
        };
        if holds { Ok(()) } else { Err(invalid(parts)) }
    }

    fn parts_are_valid(self, parts: &Parts) -> bool {
        match (self, &parts.arguments[..]) {
            (
                Self::Deque | Self::DefaultDict | Self::OrderedDict | Self::Counter | Self::PytzUtc,
                [],
            )
            | (Self::DefaultDict | Self::NotATime, [Value::None])
            | (Self::Counter, [Value::Dict(_)])
            | (Self::Slice, [_, _, _]) => true,
            (Self::Deque, [Value::Tuple(none), Value::Int(max)]) => none.is_empty() && *max >= 0,
            (Self::DefaultDict, [Value::Object(factory)]) => {
                let Parts { class, made, .. } = factory.parts();
                *made == Made::Named && class::is_type(&class.module, &class.name)
            }
            (Self::Range, [start, end, step]) => {
                [start, end, step].into_iter().all(|part| big(part).is_some())
                    && big(step) != Some(BigInt::ZERO)
            }
            (Self::TimeDelta, _) => duration(parts).is_some(),
            // The digits of large numbers take long to find.
            (Self::Fraction, [numerator, denominator]) => {
                fraction(numerator, denominator).is_some()
            }
            (Self::Interval, [left, right, Value::Str(closed)]) => {
                matches!(&**closed, "left" | "right" | "both" | "neither")
                    && are_ordered(left, right)
            }
            (Self::PandasTimeDelta, [Value::Int(_), Value::Int(unit)]) => {
                moment::nanoseconds(*unit).is_some()
            }
            (
                Self::Deque
                | Self::DefaultDict
                | Self::OrderedDict
                | Self::Counter
                | Self::Slice
                | Self::Range
                | Self::NotATime
                | Self::PytzUtc
                | Self::PandasTimeDelta
                | Self::Interval,
                _,
            ) => false,
            _ => self.text(parts).is_some(),
        }
    }

    /// The nearest float to the text of a `Decimal` or of a `Fraction`, as Python's `float` gives it.
    pub(super) fn float(self, text: &str) -> Option<f64> {
        if self == Self::Fraction {
            let (numerator, denominator) = text.split_once('/').unwrap_or((text, "1"));
            return ratio::nearest(&numerator.parse().ok()?, &denominator.parse().ok()?);
        }
        let number = text.strip_prefix(['-', '+']).unwrap_or(text);
        if number.starts_with("NaN") {
            return Some(f64::NAN);
        }
        text.parse().ok()
    }

    /// The text of a value that has one, or `None` if its parts are invalid.
    pub(super) fn text(self, parts: &Parts) -> Option<String> {
        let arguments = &parts.arguments[..];
        match (self, arguments) {
            (Self::Date, [Value::Bytes(bytes)]) => Some(Day::from_bytes(bytes)?.to_string()),
            (Self::Time, [Value::Bytes(bytes), zone @ ..]) => {
                let (bytes, fold) = without_fold(bytes, 0)?;
                Some(format!("{}{}", Clock::from_bytes(&bytes)?, folded(zone_of(zone)?, fold)))
            }
            (Self::DateTime, [Value::Bytes(bytes), zone @ ..]) => {
                let (bytes, fold) = without_fold(bytes, 2)?;
                let (day, clock) = bytes.split_at_checked(4)?;
                let (day, clock) = (Day::from_bytes(day)?, Clock::from_bytes(clock)?);
                Some(format!("{day}T{clock}{}", folded(zone_of(zone)?, fold)))
            }
            (Self::TimeZone, [Value::Object(delta), name @ ..]) => {
                if !matches!(name, [] | [Value::Str(_)]) {
                    return None;
                }
                let (seconds, micros) = duration(delta.parts())?;
                Some(Offset::new(seconds, micros)?.to_string())
            }
            (Self::ZoneInfo, [Value::Str(key), Value::Bool(_) | Value::Int(0 | 1)]) => {
                moment::is_zone(key).then(|| key.clone())
            }
            (Self::PytzUtc, []) => Some("UTC".to_owned()),
            (Self::PytzZone, [Value::Str(key)]) => moment::is_zone(key).then(|| key.clone()),
            (
                Self::PytzZone,
                [Value::Str(key), Value::Int(offset), Value::Int(_), Value::Str(_)],
            ) => {
                Offset::new(*offset, 0)?;
                moment::is_zone(key).then(|| key.clone())
            }
            (Self::PytzOffset, [Value::Int(minutes)]) => {
                Some(Offset::new(minutes.checked_mul(60)?, 0)?.to_string())
            }
            (Self::Decimal, [Value::Str(digits)]) => is_decimal(digits).then(|| digits.clone()),
            (Self::Fraction, [Value::Str(fraction)]) => {
                is_fraction(fraction).then(|| fraction.clone())
            }
            (Self::Fraction, [numerator, denominator]) => {
                let (numerator, denominator) = fraction(numerator, denominator)?;
                if denominator == BigInt::from(1) {
                    Some(numerator.to_string())
                } else {
                    Some(format!("{numerator}/{denominator}"))
                }
            }
            (Self::Uuid, []) => {
                let hex = format!("{:032x}", uuid(parts)?);
                let parts = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]];
                Some(parts.join("-"))
            }
            (Self::PosixPath, parts) => path(parts, '/'),
            (Self::WindowsPath, parts) => path(parts, '\\'),
            (Self::Ipv4, [Value::Int(bits)]) => {
                Some(std::net::Ipv4Addr::from_bits(u32::try_from(*bits).ok()?).to_string())
            }
            (Self::Ipv6, [Value::Str(text)]) => {
                let (address, scope) = text.split_once('%').unwrap_or((text, "0"));
                address.parse::<std::net::Ipv6Addr>().ok()?;
                is_scope(scope).then(|| text.clone())
            }
            (Self::Ipv6, [bits]) => {
                Some(std::net::Ipv6Addr::from_bits(u128::try_from(big(bits)?).ok()?).to_string())
            }
            (Self::Network, [Value::Str(network)]) => {
                is_network(network, &parts.class.name).then(|| network.clone())
            }
            (Self::Timestamp, [Value::Int(count), Value::None, zone, rest @ ..]) => {
                let unit = match rest {
                    [] => 10,
                    [Value::Int(unit)] => *unit,
                    _ => return None,
                };
                let zone = match zone {
                    Value::None => "",
                    // What is counted is the time of UTC.
                    zone => zone_of(std::slice::from_ref(zone)).map(|_| "+00:00")?,
                };
                moment::timestamp(*count, unit, zone)
            }
            _ => None,
        }
    }
}

/// Whether the ends of an interval of pandas are of one kind, and the first is not above the second.
fn are_ordered(left: &Value, right: &Value) -> bool {
    if let (Some(left), Some(right)) = (left.as_i64(), right.as_i64()) {
        return left <= right;
    }
    if let (Some(left), Some(right)) = (left.as_f64(), right.as_f64()) {
        return left <= right;
    }
    let count = |end: &Value| {
        let end = end.as_object()?;
        let is_time = matches!(end.standard()?, Standard::Timestamp | Standard::PandasTimeDelta);
        let [Value::Int(count), rest @ ..] = end.arguments() else { return None };
        let unit = match rest.last() {
            Some(Value::Int(unit)) => *unit,
            _ => 10,
        };
        let nanos = i128::from(*count) * i128::from(moment::nanoseconds(unit)?);
        is_time.then_some((end.standard(), nanos))
    };
    match (count(left), count(right)) {
        (Some((kind, left)), Some((same, right))) => kind == same && left <= right,
        _ => false,
    }
}

#[cold]
fn invalid(parts: &Parts) -> Error {
    Error::custom(format!(
        "a `{}` with other parts than Python's pickles of it have, or invalid ones",
        parts.class
    ))
}

/// The whole seconds of a `timedelta`, and the microseconds beyond them.
pub(super) fn duration(parts: &Parts) -> Option<(i64, i64)> {
    const MAX_DAYS: i64 = 999_999_999;
    const DAY: i64 = 24 * 60 * 60;
    if (&*parts.class.module, &*parts.class.name) != ("datetime", "timedelta") {
        return None;
    }
    match parts.arguments[..] {
        [Value::Int(days), Value::Int(seconds), Value::Int(micros)]
            if days.abs() <= MAX_DAYS
                && (0..DAY).contains(&seconds)
                && (0..1_000_000).contains(&micros) =>
        {
            Some((days * DAY + seconds, micros))
        }
        _ => None,
    }
}

/// The number that a `UUID` is.
pub(super) fn uuid(parts: &Parts) -> Option<u128> {
    let Some(Value::Dict(state)) = &parts.state else { return None };
    let is_known = |entry: &(Value, Value)| matches!(entry.0.as_str(), Some("int" | "is_safe"));
    if state.len() > 2 || !state.iter().all(is_known) {
        return None;
    }
    let number = state.iter().find(|(name, _)| name.as_str() == Some("int"))?;
    u128::try_from(big(&number.1)?).ok()
}

/// The bytes of a time without the bit that tells the second of two equal times of the clock, and that bit.
fn without_fold(bytes: &[u8], place: usize) -> Option<(Vec<u8>, bool)> {
    let mut bytes = bytes.to_vec();
    let byte = bytes.get_mut(place)?;
    let fold = *byte & FOLD != 0;
    *byte &= !FOLD;
    Some((bytes, fold))
}

/// The bit of the month or of the hour that tells the second of two equal times of the clock.
pub(super) const FOLD: u8 = 0x80;

/// The tag after the name of a zone, in the second of two equal times of the clock. RFC 9557 allows such private tags.
pub(super) const FOLD_TAG: &str = "[_fold=1]";

/// The end of the text of a time. An offset tells which of two equal times of the clock it is; a zone's name does not.
fn folded(zone: String, fold: bool) -> String {
    if fold && zone.ends_with(']') { zone + FOLD_TAG } else { zone }
}

/// The end of the text of a time: nothing, an offset, or the name of a zone in brackets.
fn zone_of(zone: &[Value]) -> Option<String> {
    let zone = match zone {
        [] => return Some(String::new()),
        [Value::Object(zone)] => zone,
        _ => return None,
    };
    let parts = zone.parts();
    let Some(standard) = zone.standard() else {
        // A class of the user's own, which alone knows its offset.
        return Some(format!("[{}]", parts.class));
    };
    let text = standard.text(parts)?;
    Some(match (standard, &parts.arguments[..]) {
        (Standard::TimeZone | Standard::PytzOffset, _) => text,
        (Standard::PytzZone, [_, Value::Int(offset), ..]) => Offset::new(*offset, 0)?.to_string(),
        (Standard::ZoneInfo | Standard::PytzUtc | Standard::PytzZone, _) => match &*text {
            "UTC" | "Etc/UTC" => "+00:00".to_owned(),
            zone => format!("[{zone}]"),
        },
        _ => return None,
    })
}

fn path(parts: &[Value], separator: char) -> Option<String> {
    let mut path = String::new();
    for part in parts {
        let part = part.as_str()?;
        if !path.is_empty() && !path.ends_with(separator) {
            path.push(separator);
        }
        path.push_str(part);
    }
    if path.is_empty() {
        path.push('.');
    }
    // Python 3.13 has slashes in the paths of Windows too.
    Some(if separator == '\\' { path.replace('/', "\\") } else { path })
}

pub(super) fn big(value: &Value) -> Option<BigInt> {
    match value {
        Value::Int(integer) => Some((*integer).into()),
        Value::BigInt(integer) => Some((**integer).clone()),
        Value::Bool(bool) => Some(i64::from(*bool).into()),
        _ => None,
    }
}

/// Whether a text is an address and the length of a prefix, as the class of this name has them. A network has no bits
/// after its prefix.
fn is_network(text: &str, name: &str) -> bool {
    let Some((address, prefix)) = text.split_once('/') else { return false };
    let bits: Option<(u128, u32)> = if name.starts_with("IPv4") {
        address.parse().ok().map(|address| (u128::from(std::net::Ipv4Addr::to_bits(address)), 32))
    } else {
        let (address, scope) = address.split_once('%').unwrap_or((address, "0"));
        let address = address.parse().ok().filter(|_| is_scope(scope));
        address.map(|address| (std::net::Ipv6Addr::to_bits(address), 128))
    };
    let (Some((address, bits)), Ok(length)) = (bits, prefix.parse::<u32>()) else { return false };
    let Some(rest) = bits.checked_sub(length) else { return false };
    length.to_string() == prefix
        && (name.ends_with("Interface") || address.trailing_zeros() >= rest)
}

/// Whether a text can be the scope of an address, after its `%`.
fn is_scope(scope: &str) -> bool {
    !scope.is_empty() && !scope.contains(['%', '/'])
}

/// The numerator and the denominator of a `Fraction`, of which Python makes text only up to a size.
fn fraction(numerator: &Value, denominator: &Value) -> Option<(BigInt, BigInt)> {
    const MAX_BITS: u64 = 14_000;
    let (numerator, denominator) = (big(numerator)?, big(denominator)?);
    let is_valid =
        denominator > BigInt::ZERO && numerator.bits().max(denominator.bits()) <= MAX_BITS;
    is_valid.then_some((numerator, denominator))
}

fn is_natural(digits: &str) -> bool {
    !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit())
}

/// Whether a text is Python's `str` of a `Fraction`.
pub(super) fn is_fraction(text: &str) -> bool {
    /// Python reads no longer numbers.
    const MAX_DIGITS: usize = 4300;
    let (numerator, denominator) = text.split_once('/').unwrap_or((text, "1"));
    let digits = numerator.strip_prefix('-').unwrap_or(numerator);
    digits.len().max(denominator.len()) <= MAX_DIGITS
        && is_natural(digits)
        && is_natural(denominator)
        && denominator.contains(|digit| digit != '0')
}

/// Whether a text is Python's `str` of a `Decimal`, within the exponents that Python has.
pub(super) fn is_decimal(text: &str) -> bool {
    const MAX: i128 = 999_999_999_999_999_999;
    let number = text.strip_prefix(['-', '+']).unwrap_or(text);
    if matches!(number, "Infinity" | "Inf") {
        return true;
    }
    if let Some(digits) = number.strip_prefix("sNaN").or(number.strip_prefix("NaN")) {
        return digits.is_empty() || is_natural(digits);
    }
    let (coefficient, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let (whole, fraction) = coefficient.split_once('.').unwrap_or((coefficient, ""));
    let are_digits = |part: &str| part.bytes().all(|digit| digit.is_ascii_digit());
    let unsigned = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
    let exponent = match exponent.parse::<i64>() {
        Ok(exponent) if is_natural(unsigned) => i128::from(exponent),
        _ => return false,
    };
    if whole.len() + fraction.len() == 0 || !are_digits(whole) || !are_digits(fraction) {
        return false;
    }
    let leading = whole.bytes().chain(fraction.bytes()).take_while(|digit| *digit == b'0').count();
    // How many digits of the integer there are, and by which power of ten it is multiplied.
    let digits = (whole.len() + fraction.len() - leading).max(1);
    let (Ok(digits), Ok(places)) = (i128::try_from(digits), i128::try_from(fraction.len())) else {
        return false;
    };
    let power = exponent - places;
    power + digits - 1 <= MAX && power > -2 * MAX
}
