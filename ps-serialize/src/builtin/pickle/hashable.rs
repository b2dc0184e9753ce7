//! Which values can be keys of a `dict` or elements of a set. Python finds both by their hash, and of
//! several that are equal it keeps one.

use std::collections::HashSet;
use std::collections::hash_map::DefaultHasher;
use std::fmt::{self, Write};
use std::hash::{Hash, Hasher};

use num_bigint::BigInt;

use super::from_value::deeper;
#[cfg(feature = "ndarray")]
use super::item::Number;
use super::node::Made;
use super::object::Object;
use super::standard::Standard;
use super::value::Value;
use crate::error::{Error, Result};

/// A place where a value must have a hash.
#[derive(Clone, Copy)]
pub(super) enum Hashed {
    Key,
    Element,
}

impl Hashed {
    fn name(self) -> &'static str {
        match self {
            Self::Key => "a key of a `dict`",
            Self::Element => "an element of a set",
        }
    }
}

/// Checks that Python can have all of these values in one `dict` or set without losing any.
#[inline]
pub(super) fn check<'v>(
    mut values: impl Iterator<Item = &'v Value> + Clone,
    place: Hashed,
    depth: u32,
) -> Result<()> {
    let all = values.clone();
    if values.all(is_simple) { Ok(()) } else { check_each(all, place, depth) }
}

/// Whether a value has a hash and is equal in Python only to values that are equal in Rust. Most are.
#[inline]
fn is_simple(value: &Value) -> bool {
    matches!(value, Value::Str(_) | Value::Bytes(_) | Value::Int(_) | Value::BigInt(_))
}

#[inline(never)]
fn check_each<'v>(
    values: impl Iterator<Item = &'v Value> + Clone,
    place: Hashed,
    depth: u32,
) -> Result<()> {
    let mut may_be_equal = false;
    for value in values.clone() {
        may_be_equal |= check_hash(value, place, depth)?;
    }
    if may_be_equal { check_distinct(values, place) } else { Ok(()) }
}

/// Checks that the value has a hash. Returns whether it may be equal in Python to a value that differs in Rust.
fn check_hash(value: &Value, place: Hashed, depth: u32) -> Result<bool> {
    let instead = match value {
        Value::Str(_) | Value::Bytes(_) | Value::Int(_) | Value::BigInt(_) => return Ok(false),
        Value::None | Value::Bool(_) | Value::Float(_) | Value::Complex(..) => return Ok(true),
        Value::Tuple(elements) | Value::FrozenSet(elements) => {
            let depth = deeper(depth)?;
            let mut may_be_equal = false;
            for element in elements {
                may_be_equal |= check_hash(element, place, depth)?;
            }
            return Ok(may_be_equal);
        }
        #[cfg(feature = "ndarray")]
        Value::Scalar(scalar) if scalar.has_hash() => return Ok(true),
        #[cfg(feature = "ndarray")]
        Value::Scalar(_) => "the parts of it",
        #[cfg(feature = "ndarray")]
        Value::Array(array) if array.shape().is_empty() => "a `Value::Scalar`",
        #[cfg(feature = "ndarray")]
        Value::Array(_) => "a `Value::Tuple` of its elements",
        Value::Object(object) if object.standard().is_some_and(Standard::has_no_hash) => {
            "a `Value::Tuple`"
        }
        #[cfg(feature = "ndarray")]
        Value::Object(object) if object.parts().made == Made::Filled => {
            "a `Value::Tuple` of its elements"
        }
        // Whether the class has a hash is known to Python alone.
        Value::Object(_) => return Ok(true),
        Value::List(_) | Value::Numbers(_) => "a `Value::Tuple`",
        Value::Set(_) => "a `Value::FrozenSet`",
        Value::ByteArray(_) => "a `Value::Bytes`",
        Value::Dict(_) => "a `Value::Tuple` of its entries",
    };
    Err(without_hash(value, place, instead))
}

#[cold]
fn without_hash(value: &Value, place: Hashed, instead: &str) -> Error {
    let (place, shown) = (place.name(), shown(value));
    Error::custom(format!(
        "{place} is or contains `{shown}`, which has no hash in Python: make it {instead}"
    ))
}

fn check_distinct<'v>(
    values: impl Iterator<Item = &'v Value> + Clone,
    place: Hashed,
) -> Result<()> {
    #[cfg(feature = "ndarray")]
    {
        let mut units = [None; 2];
        values.clone().try_for_each(|value| check_units(value, place, &mut units))?;
    }
    let mut seen = HashSet::new();
    for value in values {
        let mut identity = Vec::new();
        if identify(value, &mut identity) && !seen.insert(identity) {
            let (place, shown) = (place.name(), shown(value));
            return Err(Error::custom(format!(
                "{place}, `{shown}`, is equal in Python to another one (as `1`, `1.0` and `True` are), so one of them would be lost"
            )));
        }
    }
    Ok(())
}

/// Writes bytes that are the same for values that are equal in Python. Returns false if the value is not
/// equal to any value, not even to itself.
fn identify(value: &Value, out: &mut Vec<u8>) -> bool {
    match value {
        Value::None => out.push(b'N'),
        Value::Bool(bool) => identify_integer(&BigInt::from(u8::from(*bool)), out),
        Value::Int(integer) => identify_integer(&BigInt::from(*integer), out),
        Value::BigInt(integer) => identify_integer(integer, out),
        Value::Float(float) => return identify_complex(*float, 0.0, out),
        Value::Complex(real, imaginary) => return identify_complex(*real, *imaginary, out),
        Value::Str(text) => identify_bytes(b's', text.as_bytes(), out),
        Value::Bytes(bytes) => identify_bytes(b'b', bytes, out),
        Value::Tuple(elements) => {
            out.push(b't');
            out.extend_from_slice(&elements.len().to_ne_bytes());
            return elements.iter().all(|element| identify(element, out));
        }
        Value::FrozenSet(elements) => {
            let mut identities = vec![Vec::new(); elements.len()];
            let mut each = elements.iter().zip(&mut identities);
            if !each.all(|(element, identity)| identify(element, identity)) {
                return false;
            }
            identities.sort_unstable();
            identities.dedup();
            out.push(b'z');
            out.extend_from_slice(&identities.len().to_ne_bytes());
            out.extend(identities.into_iter().flatten());
        }
        #[cfg(feature = "ndarray")]
        Value::Scalar(scalar) => return identify_scalar(scalar, out),
        Value::Object(object) => return identify_object(object, out),
        // The other values have no hash.
        _ => return false,
    }
    true
}

/// NumPy takes times of two units for equal, for different or for an error, by its version. The units are
/// those of `timedelta64` and `datetime64`.
#[cfg(feature = "ndarray")]
fn check_units<'v>(
    value: &'v Value,
    place: Hashed,
    units: &mut [Option<&'v str>; 2],
) -> Result<()> {
    match value {
        Value::Tuple(elements) | Value::FrozenSet(elements) => {
            elements.iter().try_for_each(|element| check_units(element, place, units))
        }
        Value::Scalar(scalar) if scalar.item().is_some_and(|item| item.count().is_some()) => {
            let name = scalar.as_array().descr();
            let known = units[usize::from(name.contains('M'))].get_or_insert(name);
            if *known == name {
                return Ok(());
            }
            let place = place.name();
            Err(Error::custom(format!(
                "{place} is a time of the type `{known}` and another one of `{name}`, which may be equal in Python: make them times of one unit"
            )))
        }
        _ => Ok(()),
    }
}

#[cfg(feature = "ndarray")]
fn identify_scalar(scalar: &super::Scalar, out: &mut Vec<u8>) -> bool {
    let Some(item) = scalar.item() else { return false };
    if item.is_not_a_time() {
        return false;
    }
    match item.number() {
        Some(Number::Bool(bool)) => identify_integer(&BigInt::from(u8::from(bool)), out),
        Some(Number::Signed(integer)) => identify_integer(&BigInt::from(integer), out),
        Some(Number::Unsigned(natural)) => identify_integer(&BigInt::from(natural), out),
        Some(Number::Single(float)) => return identify_complex(float.into(), 0.0, out),
        Some(Number::Double(float)) => return identify_complex(float, 0.0, out),
        Some(Number::Complex(real, imaginary)) => return identify_complex(real, imaginary, out),
        None => match (item.text(), item.bytes()) {
            (Ok(Some(text)), _) => identify_bytes(b's', text.as_bytes(), out),
            (_, Some(bytes)) => identify_bytes(b'b', bytes, out),
            _ if item.is_timedelta() => {
                // NumPy 1 has it for equal to an integer.
                let count = item.count().unwrap_or_default();
                identify_integer(&BigInt::from(count), out);
            }
            _ if cfg!(target_endian = "little") && item.is_number() => {
                return identify_long(scalar.as_array().data(), out);
            }
            _ => {
                identify_bytes(b'd', scalar.as_array().descr().as_bytes(), out);
                out.extend_from_slice(scalar.as_array().data());
            }
        },
    }
    true
}

/// A `longdouble` of x86, or a complex number of two.
#[cfg(feature = "ndarray")]
fn identify_long(bytes: &[u8], out: &mut Vec<u8>) -> bool {
    match bytes.len() {
        24 | 32 => {
            let (real, imaginary) = bytes.split_at(bytes.len() / 2);
            if imaginary[..8] == [0; 8] {
                return identify_extended(real, out);
            }
            out.push(b'c');
            identify_extended(real, out) && identify_extended(imaginary, out)
        }
        _ => identify_extended(bytes, out),
    }
}

/// A number of 80 bits: what follows is padding, whatever is in it.
#[cfg(feature = "ndarray")]
fn identify_extended(bytes: &[u8], out: &mut Vec<u8>) -> bool {
    const SMALLEST: i32 = -1074;
    let (Some((mantissa, rest)), sign) = (bytes.split_first_chunk(), bytes[9] >> 7) else {
        return false;
    };
    let mantissa = u64::from_le_bytes(*mantissa);
    let exponent = i32::from(u16::from_le_bytes([rest[0], rest[1]]) & 0x7fff);
    let signed = |float: f64| if sign == 1 { -float } else { float };
    if exponent == 0x7fff {
        let is_infinite = mantissa << 1 == 0;
        return is_infinite && identify_float(signed(f64::INFINITY), out);
    }
    if mantissa == 0 {
        return identify_float(0.0, out);
    }
    // An odd number, and how often it is doubled.
    let odd = mantissa >> mantissa.trailing_zeros();
    let doubled = exponent.max(1) - 16446 + mantissa.trailing_zeros().cast_signed();
    if let Ok(doubled) = u32::try_from(doubled) {
        let integer = BigInt::from(odd) << doubled;
        identify_integer(&if sign == 1 { -integer } else { integer }, out);
    } else if odd >> f64::MANTISSA_DIGITS == 0 && doubled >= SMALLEST {
        // In two steps, since the smallest power of two that `powi` has is larger.
        let (first, second) = (doubled.max(-1000), (doubled + 1000).min(0));
        #[allow(clippy::cast_precision_loss)] // 53 bits
        let float = odd as f64 * 2_f64.powi(first) * 2_f64.powi(second);
        return identify_float(signed(float), out);
    } else {
        identify_bytes(b'l', &bytes[..10], out);
    }
    true
}

/// Instances made from equal arguments by Python's standard library, and members of enums, are equal. Whether others
/// are, their class alone knows.
fn identify_object(object: &Object, out: &mut Vec<u8>) -> bool {
    let parts = object.parts();
    let state = match (&parts.state, object.standard()) {
        (None, standard)
            if standard.is_some() || matches!(parts.made, Made::Called | Made::Named) =>
        {
            None
        }
        (Some(Value::Dict(state)), Some(_)) => Some(state),
        _ => return false,
    };
    // Many instances share a name, which can be long.
    let mut class = DefaultHasher::new();
    parts.class.hash(&mut class);
    identify_bytes(b'o', &class.finish().to_ne_bytes(), out);
    let state = state.into_iter().flatten().map(|(_, value)| value);
    parts.arguments.iter().chain(state).all(|part| identify(part, out))
}

fn identify_integer(integer: &BigInt, out: &mut Vec<u8>) {
    identify_bytes(b'i', &integer.to_signed_bytes_le(), out);
}

fn identify_complex(real: f64, imaginary: f64, out: &mut Vec<u8>) -> bool {
    if imaginary != 0.0 {
        out.push(b'c');
        return identify_float(real, out) && identify_float(imaginary, out);
    }
    identify_float(real, out)
}

fn identify_float(float: f64, out: &mut Vec<u8>) -> bool {
    if let Some(integer) = integer_of(float) {
        identify_integer(&integer, out);
    } else {
        out.push(b'f');
        out.extend_from_slice(&float.to_ne_bytes());
    }
    !float.is_nan()
}

/// The integer that a float is equal to.
fn integer_of(float: f64) -> Option<BigInt> {
    if !float.is_finite() || float.fract() != 0.0 {
        return None;
    }
    const MANTISSA: u32 = f64::MANTISSA_DIGITS - 1;
    let bits = float.to_bits();
    let exponent = i64::try_from((bits >> MANTISSA) & 0x7ff).expect("eleven bits") - 1075;
    if float == 0.0 {
        return Some(BigInt::ZERO);
    }
    let mantissa = BigInt::from((bits & ((1 << MANTISSA) - 1)) | (1 << MANTISSA));
    let integer = if exponent < 0 { mantissa >> -exponent } else { mantissa << exponent };
    Some(if float < 0.0 { -integer } else { integer })
}

fn identify_bytes(kind: u8, bytes: &[u8], out: &mut Vec<u8>) {
    out.push(kind);
    out.extend_from_slice(&bytes.len().to_ne_bytes());
    out.extend_from_slice(bytes);
}

/// The start of the value as Rust's `Debug` writes it.
fn shown(value: &Value) -> String {
    struct Begin(String);

    impl Write for Begin {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            let room = 60_usize.saturating_sub(self.0.chars().count());
            self.0.extend(text.chars().take(room));
            if text.chars().nth(room).is_some() { Err(fmt::Error) } else { Ok(()) }
        }
    }

    let mut begin = Begin(String::new());
    let whole = write!(begin, "{value:?}").is_ok();
    begin.0 + if whole { "" } else { "…" }
}
