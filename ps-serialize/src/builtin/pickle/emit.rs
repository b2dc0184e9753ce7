//! How each kind of value is written, in protocol 5.

use num_bigint::BigInt;

use super::opcode as op;
#[cfg(feature = "ndarray")]
use super::structured;
#[cfg(feature = "ndarray")]
use crate::error::Result;

pub(super) fn begin(out: &mut Vec<u8>) {
    out.extend_from_slice(&[op::PROTO, 5]);
}

pub(super) fn end(out: &mut Vec<u8>) {
    out.push(op::STOP);
}

pub(super) fn none(out: &mut Vec<u8>) {
    out.push(op::NONE);
}

pub(super) fn bool(out: &mut Vec<u8>, value: bool) {
    out.push(if value { op::NEWTRUE } else { op::NEWFALSE });
}

#[inline]
pub(super) fn integer(out: &mut Vec<u8>, value: i64) {
    if let Ok(small) = u8::try_from(value) {
        out.extend_from_slice(&[op::BININT1, small]);
    } else if let Ok(small) = u16::try_from(value) {
        out.push(op::BININT2);
        out.extend_from_slice(&small.to_le_bytes());
    } else if let Ok(small) = i32::try_from(value) {
        out.push(op::BININT);
        out.extend_from_slice(&small.to_le_bytes());
    } else {
        big_integer(out, &value.into());
    }
}

/// The most bytes of an integer: the length in a pickle has a sign.
pub(super) const MAX_INTEGER: u64 = i32::MAX as u64;

pub(super) fn big_integer(out: &mut Vec<u8>, value: &BigInt) {
    let bytes = value.to_signed_bytes_le();
    if let Ok(length) = u8::try_from(bytes.len()) {
        out.extend_from_slice(&[op::LONG1, length]);
    } else {
        let length = u32::try_from(bytes.len()).expect("below `MAX_INTEGER`");
        out.push(op::LONG4);
        out.extend_from_slice(&length.to_le_bytes());
    }
    out.extend_from_slice(&bytes);
}

#[inline]
pub(super) fn float(out: &mut Vec<u8>, value: f64) {
    out.push(op::BINFLOAT);
    out.extend_from_slice(&value.to_be_bytes());
}

#[inline]
pub(super) fn text(out: &mut Vec<u8>, text: &str) {
    text_head(out, text.len());
    out.extend_from_slice(text.as_bytes());
}

pub(super) fn text_head(out: &mut Vec<u8>, bytes: usize) {
    length(out, [op::SHORT_BINUNICODE, op::BINUNICODE, op::BINUNICODE8], bytes);
}

/// The short text that was written.
pub(super) fn text_of(written: &[u8]) -> Option<&str> {
    match written {
        [op::SHORT_BINUNICODE, _, text @ ..] => std::str::from_utf8(text).ok(),
        _ => None,
    }
}

/// Whether what was just written is text.
pub(super) fn is_text(written: &[u8]) -> bool {
    matches!(written, [op::SHORT_BINUNICODE | op::BINUNICODE | op::BINUNICODE8, ..])
}

pub(super) fn bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    bytes_head(out, bytes.len());
    out.extend_from_slice(bytes);
}

pub(super) fn bytes_head(out: &mut Vec<u8>, bytes: usize) {
    length(out, [op::SHORT_BINBYTES, op::BINBYTES, op::BINBYTES8], bytes);
}

/// The opcode whose length is just wide enough, and that length.
#[inline]
fn length(out: &mut Vec<u8>, [short, long, longest]: [u8; 3], length: usize) {
    if let Ok(length) = u8::try_from(length) {
        out.extend_from_slice(&[short, length]);
    } else if let Ok(length) = u32::try_from(length) {
        out.push(long);
        out.extend_from_slice(&length.to_le_bytes());
    } else {
        out.push(longest);
        out.extend_from_slice(&(length as u64).to_le_bytes());
    }
}

pub(super) fn begin_list(out: &mut Vec<u8>) {
    out.extend_from_slice(&[op::EMPTY_LIST, op::MARK]);
}

pub(super) fn end_list(out: &mut Vec<u8>) {
    out.push(op::APPENDS);
}

/// Begins a tuple whose length is not known.
pub(super) fn begin_sequence(out: &mut Vec<u8>) {
    out.push(op::MARK);
}

pub(super) fn end_sequence(out: &mut Vec<u8>) {
    out.push(op::TUPLE);
}

pub(super) fn begin_dict(out: &mut Vec<u8>) {
    out.extend_from_slice(&[op::EMPTY_DICT, op::MARK]);
}

pub(super) fn end_dict(out: &mut Vec<u8>) {
    out.push(op::SETITEMS);
}

pub(super) fn begin_tuple(out: &mut Vec<u8>, length: usize) {
    if length > 3 {
        out.push(op::MARK);
    }
}

pub(super) fn end_tuple(out: &mut Vec<u8>, length: usize) {
    out.push(match length {
        0 => op::EMPTY_TUPLE,
        1 => op::TUPLE1,
        2 => op::TUPLE2,
        3 => op::TUPLE3,
        _ => op::TUPLE,
    });
}

pub(super) fn global(out: &mut Vec<u8>, module: &str, name: &str) {
    out.push(op::GLOBAL);
    for part in [module, name] {
        out.extend_from_slice(part.as_bytes());
        out.push(b'\n');
    }
}

#[inline(never)]
pub(super) fn stack_global(out: &mut Vec<u8>, module: &str, name: &str) {
    text(out, module);
    text(out, name);
    out.push(op::STACK_GLOBAL);
}

/// Writes what is at a place of the memo.
pub(super) fn recall(out: &mut Vec<u8>, place: u32) {
    if let Ok(place) = u8::try_from(place) {
        out.extend_from_slice(&[op::BINGET, place]);
    } else {
        out.push(op::LONG_BINGET);
        out.extend_from_slice(&place.to_le_bytes());
    }
}

/// Writes an element type that has a name, as NumPy does.
#[cfg(feature = "ndarray")]
pub(super) fn named_dtype(out: &mut Vec<u8>, name: &str) {
    global(out, "numpy", "dtype");
    text(out, name);
    out.extend_from_slice(&[op::NEWFALSE, op::NEWTRUE, op::TUPLE3, op::REDUCE]);
}

#[cfg(feature = "ndarray")]
pub(super) fn dtype(out: &mut Vec<u8>, descr: &str) -> Result<()> {
    if descr.starts_with('[') {
        return structured::write(out, descr);
    }
    named_dtype(out, descr);
    Ok(())
}

/// Whether a key, as it was just written, may be equal in Python to another one. Only a key of nothing but
/// text, bytes and integers can't be.
#[inline]
pub(super) fn may_equal_another(key: &[u8]) -> bool {
    // Most keys are short text.
    match key {
        [op::SHORT_BINUNICODE, length, text @ ..] if text.len() == usize::from(*length) => false,
        _ => parts_may_equal_another(key),
    }
}

#[inline(never)]
fn parts_may_equal_another(mut key: &[u8]) -> bool {
    while let [opcode, rest @ ..] = key {
        let length = match *opcode {
            op::SHORT_BINUNICODE | op::SHORT_BINBYTES | op::LONG1 => counted::<1>(rest),
            op::BINUNICODE | op::BINBYTES => counted::<4>(rest),
            op::BINUNICODE8 | op::BINBYTES8 => counted::<8>(rest),
            op::BININT | op::LONG_BINGET => 4,
            op::BININT2 => 2,
            op::BININT1 | op::BINGET => 1,
            // A member of an enum: its module and its name, each a line.
            op::GLOBAL => lines(rest, 2),
            op::MEMOIZE
            | op::MARK
            | op::EMPTY_TUPLE
            | op::TUPLE1
            | op::TUPLE2
            | op::TUPLE3
            | op::TUPLE => 0,
            _ => return true,
        };
        key = rest.get(length..).unwrap_or_default();
    }
    false
}

/// How many bytes these lines take.
fn lines(rest: &[u8], count: usize) -> usize {
    let ends = rest.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
    ends.take(count).last().map_or(rest.len(), |(end, _)| end + 1)
}

/// The number of bytes that a length and the bytes that it counts take together.
fn counted<const N: usize>(rest: &[u8]) -> usize {
    let mut length = [0; 8];
    length[..N].copy_from_slice(&rest[..N]);
    N + usize::try_from(u64::from_le_bytes(length)).expect("it was just written")
}
