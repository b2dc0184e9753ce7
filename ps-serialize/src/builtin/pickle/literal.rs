//! Numbers and text as a pickle spells them.

use std::borrow::Cow;
use std::str::FromStr;

use num_bigint::BigInt;

use super::node::Node;
use crate::error::{Error, Result};
use crate::limits::{MAX_DIGITS, exceeded};

/// Two's complement, little-endian.
pub(super) fn integer(bytes: &[u8]) -> Node<'static> {
    if bytes.len() <= 8 {
        let negative = bytes.last().is_some_and(|byte| *byte >= 0x80);
        let mut wide = [if negative { 0xff } else { 0 }; 8];
        wide[..bytes.len()].copy_from_slice(bytes);
        return Node::Int(i64::from_le_bytes(wide));
    }
    narrowed(BigInt::from_signed_bytes_le(bytes))
}

fn narrowed(integer: BigInt) -> Node<'static> {
    match i64::try_from(&integer) {
        Ok(small) => Node::Int(small),
        Err(_) => Node::BigInt(integer.into()),
    }
}

pub(super) fn decimal(digits: &[u8]) -> Result<Node<'static>> {
    let text = std::str::from_utf8(digits).map_err(Error::custom)?.trim_ascii();
    if let Ok(small) = text.parse() {
        return Ok(Node::Int(small));
    }
    if text.len() > MAX_DIGITS {
        return Err(exceeded(
            "digits of an integer in decimal, as in Python",
            MAX_DIGITS,
            text.len(),
        ));
    }
    text.parse().map(narrowed).map_err(|_| no_number(text))
}

/// Parses a float, or a place of the memo.
pub(super) fn number<T: FromStr>(text: &str) -> Result<T> {
    text.parse().map_err(|_| no_number(text))
}

#[cold]
fn no_number(text: &str) -> Error {
    let shown: String = text.chars().take(40).collect();
    Error::custom(format!("not a pickle: `{shown}` is no number that can be there"))
}

/// The characters up to U+00FF, as bytes.
pub(super) fn encoded(text: &str, encoding: &Node<'_>) -> Result<Vec<u8>> {
    // Python 2 writes the name of the encoding as its own `str`.
    let encoding = match encoding {
        Node::Text(encoding) => encoding.as_bytes(),
        Node::OldText(encoding) => encoding,
        _ => b"",
    };
    if !matches!(encoding, b"latin1" | b"latin-1") {
        return Err(Error::custom(
            "bytes as text in an encoding other than latin1, the only one that Python's pickles use",
        ));
    }
    let mut bytes = Vec::with_capacity(text.chars().count());
    for char in text.chars() {
        bytes.push(u8::try_from(u32::from(char)).map_err(Error::custom)?);
    }
    Ok(bytes)
}

/// Latin-1 with `\u` and `\U`.
pub(super) fn unescaped_text(line: &[u8]) -> Result<Cow<'_, str>> {
    if line.is_ascii() && !line.contains(&b'\\') {
        return std::str::from_utf8(line).map(Cow::Borrowed).map_err(Error::custom);
    }
    let beyond_ascii = line.iter().filter(|byte| !byte.is_ascii()).count();
    let mut text = String::with_capacity(line.len() + beyond_ascii);
    let mut rest = line;
    while let Some((first, after)) = rest.split_first() {
        let digits = match (first, after.first()) {
            (b'\\', Some(b'u')) => 4,
            (b'\\', Some(b'U')) => 8,
            _ => {
                text.push(char::from(*first));
                rest = after;
                continue;
            }
        };
        let code = after.get(1..=digits).and_then(hexadecimal);
        let char = code.and_then(char::from_u32);
        text.push(char.ok_or_else(|| {
            Error::custom("text with a `\\u` that is followed by no character of Unicode")
        })?);
        rest = &after[1 + digits..];
    }
    Ok(text.into())
}

fn hexadecimal(digits: &[u8]) -> Option<u32> {
    digits
        .iter()
        .try_fold(0, |number: u32, digit| Some(number * 16 + char::from(*digit).to_digit(16)?))
}

/// A literal of Python 2.
pub(super) fn unescaped_bytes(line: &[u8]) -> Result<Cow<'_, [u8]>> {
    let literal = line.trim_ascii();
    let ([b'\'', inner @ .., b'\''] | [b'"', inner @ .., b'"']) = literal else {
        return Err(Error::custom("not a pickle: STRING without quotes"));
    };
    if !inner.contains(&b'\\') {
        return Ok(inner.into());
    }
    let mut bytes = Vec::with_capacity(inner.len());
    let mut rest = inner;
    while let Some((first, after)) = rest.split_first() {
        if *first != b'\\' {
            bytes.push(*first);
            rest = after;
            continue;
        }
        let (byte, used) = match after {
            [b'x', digits @ ..] => {
                let code = digits.get(..2).and_then(hexadecimal);
                (code.and_then(|code| u8::try_from(code).ok()), 3)
            }
            [b'0'..=b'7', ..] => {
                let digits = after.iter().take(3).take_while(|digit| matches!(digit, b'0'..=b'7'));
                let code =
                    digits.clone().fold(0, |code: u32, digit| code * 8 + u32::from(digit - b'0'));
                (u8::try_from(code).ok(), digits.count())
            }
            [b'n', ..] => (Some(b'\n'), 1),
            [b'r', ..] => (Some(b'\r'), 1),
            [b't', ..] => (Some(b'\t'), 1),
            [b'a', ..] => (Some(7), 1),
            [b'b', ..] => (Some(8), 1),
            [b'f', ..] => (Some(12), 1),
            [b'v', ..] => (Some(11), 1),
            [quoted @ (b'\\' | b'\'' | b'"'), ..] => (Some(*quoted), 1),
            _ => (None, 0),
        };
        bytes.push(byte.ok_or_else(|| Error::custom("STRING with a `\\` that means nothing"))?);
        rest = &after[used..];
    }
    Ok(bytes.into())
}
