//! NumPy's names of element types.

use crate::error::{Error, Result};
use crate::limits::MAX_DTYPE_NAME;

/// An element type with a name, as `<f8` or `|S10`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Scalar {
    /// NumPy's letter: `b` bool, `i` `u` `f` `c` numbers, `m` timedelta, `M` datetime, `S` bytes,
    /// `U` text, `V` void.
    pub(crate) kind: u8,
    /// The size of one item, in bytes.
    pub(crate) size: usize,
    /// Whether the bytes of each number are in the order that is not this machine's.
    pub(crate) swapped: bool,
}

const OTHER_ORDER: u8 = if cfg!(target_endian = "little") { b'>' } else { b'<' };

impl Scalar {
    pub(crate) fn parse(name: &[u8]) -> Result<Self> {
        if name.len() > MAX_DTYPE_NAME {
            return Err(unknown(name, name));
        }
        let (order, name_in_order) = match name {
            [order @ (b'<' | b'>' | b'=' | b'|'), rest @ ..] => (*order, rest),
            _ => (b'=', name),
        };
        let (kind, size) =
            kind_and_size(name_in_order).ok_or_else(|| unknown(name, name_in_order))?;
        Ok(Self { kind, size, swapped: is_swapped(order, kind, size) })
    }

    /// Parses a name such as `<f8`, which nearly all numbers have. Other names are read only if they are known.
    #[inline]
    pub(super) fn parse_plain(name: &[u8]) -> Option<Self> {
        let &[order @ (b'<' | b'>' | b'=' | b'|'), kind, digit @ b'1'..=b'8'] = name else {
            return Self::parse(name).ok();
        };
        let size = usize::from(digit - b'0');
        let known = match kind {
            b'f' => matches!(size, 2 | 4 | 8),
            b'i' | b'u' => matches!(size, 1 | 2 | 4 | 8),
            b'b' => size == 1,
            b'c' => size == 8,
            _ => return Self::parse(name).ok(),
        };
        known.then_some(Self { kind, size, swapped: is_swapped(order, kind, size) })
    }
}

#[inline]
fn is_swapped(order: u8, kind: u8, size: usize) -> bool {
    order == OTHER_ORDER && !matches!(kind, b'S' | b'V') && size > 1
}

fn kind_and_size(name: &[u8]) -> Option<(u8, usize)> {
    let (&kind, rest) = name.split_first()?;
    let (digits, unit) = rest.split_at(rest.iter().take_while(|b| b.is_ascii_digit()).count());
    let number = std::str::from_utf8(digits).ok()?.parse::<usize>();
    match (kind, number.ok(), unit) {
        (b'b', Some(1), []) => Some((kind, 1)),
        (b'i' | b'u', Some(size @ (1 | 2 | 4 | 8)), [])
        | (b'f', Some(size @ (2 | 4 | 8 | 12 | 16)), [])
        | (b'c', Some(size @ (8 | 16 | 24 | 32)), [])
        | (b'V', Some(size), []) => Some((kind, size)),
        (b'm' | b'M', Some(8), []) => Some((kind, 8)),
        (b'm' | b'M', Some(8), [b'[', unit @ .., b']']) if is_unit(unit) => Some((kind, 8)),
        (b'S' | b'a', Some(size), []) => Some((b'S', size)),
        (b'U', Some(characters), []) => Some((kind, characters.checked_mul(4)?)),
        _ => without_size(name),
    }
}

/// The units of time that NumPy has.
const UNITS: [&str; 13] = ["Y", "M", "W", "D", "h", "m", "s", "ms", "us", "ns", "ps", "fs", "as"];

fn is_unit(text: &[u8]) -> bool {
    text == b"generic" || std::str::from_utf8(text).is_ok_and(|text| counted_unit(text).is_some())
}

/// The count and the unit in `25us`. A unit without a count, such as `us`, has the count 1.
fn counted_unit(text: &str) -> Option<(u32, &str)> {
    let (digits, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit())?);
    let count = if digits.is_empty() { 1 } else { digits.parse::<u32>().ok()? };
    let known = (1..=i32::MAX.unsigned_abs()).contains(&count) && UNITS.contains(&unit);
    known.then_some((count, unit))
}

/// The unit of a time type with this name, and how many of them one count is.
pub(crate) fn time_unit(name: &str) -> Option<(u32, &str)> {
    let name = name.trim_start_matches(['<', '>', '=', '|']);
    let unit = name.strip_prefix("M8[").or(name.strip_prefix("m8["))?;
    counted_unit(unit.strip_suffix(']')?)
}

/// The letters and words that `numpy.dtype` takes too, though NumPy writes none of them.
fn without_size(name: &[u8]) -> Option<(u8, usize)> {
    Some(match name {
        b"?" | b"bool" => (b'b', 1),
        b"b" | b"int8" => (b'i', 1),
        b"h" | b"int16" => (b'i', 2),
        b"i" | b"int32" => (b'i', 4),
        b"l" | b"q" | b"int64" => (b'i', 8),
        b"B" | b"uint8" => (b'u', 1),
        b"H" | b"uint16" => (b'u', 2),
        b"I" | b"uint32" => (b'u', 4),
        b"L" | b"Q" | b"uint64" => (b'u', 8),
        b"e" | b"float16" => (b'f', 2),
        b"f" | b"float32" => (b'f', 4),
        b"d" | b"float64" => (b'f', 8),
        b"F" | b"complex64" => (b'c', 8),
        b"D" | b"complex128" => (b'c', 16),
        b"m" | b"timedelta64" => (b'm', 8),
        b"M" | b"datetime64" => (b'M', 8),
        b"S" => (b'S', 0),
        b"U" => (b'U', 0),
        b"V" => (b'V', 0),
        _ => return None,
    })
}

#[cold]
fn unknown(name: &[u8], without_order: &[u8]) -> Error {
    let shown = name[..name.len().min(32)].escape_ascii();
    Error::custom(if matches!(without_order, [b'O', ..] | b"object") {
        format!(
            "the array is of Python objects, or of NumPy's `StringDType` (`{shown}`), which only unpickling could read: convert it in Python, text by `array.astype('U')` and numbers by `array.astype(float)`, or send a list, `array.tolist()`"
        )
    } else {
        format!("the array has elements of the unknown type `{shown}`")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_numpy() {
        let other = OTHER_ORDER as char;
        for (name, kind, size, swapped) in [
            ("|b1".to_owned(), b'b', 1, false),
            ("=f8".to_owned(), b'f', 8, false),
            (format!("{other}c16"), b'c', 16, true),
            (format!("{other}i1"), b'i', 1, false),
            (format!("{other}S10"), b'S', 10, false),
            (format!("{other}U3"), b'U', 12, true),
            (format!("{other}M8[25us]"), b'M', 8, true),
            ("float32".to_owned(), b'f', 4, false),
        ] {
            let scalar = Scalar::parse(name.as_bytes()).unwrap();
            assert_eq!(scalar, Scalar { kind, size, swapped }, "{name}");
        }
        for name in [
            "",
            "<",
            "<f3",
            "f8 ",
            "<i16",
            "b2",
            "<M4[s]",
            "<M8[s",
            "<M8[]",
            "<m8[0s]",
            "<m8[S]",
            "<m8[2147483648s]",
            "<m8[s/2]",
            "U99999999999999999999",
        ] {
            assert!(Scalar::parse(name.as_bytes()).is_err(), "{name}");
        }
        assert!(Scalar::parse(b"|O").unwrap_err().to_string().contains("Python objects"));
    }
}
