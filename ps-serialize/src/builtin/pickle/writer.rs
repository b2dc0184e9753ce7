//! How each kind of value is written, in protocol 5.

use num_bigint::BigInt;

use super::hashable::{Place, check};
use super::opcode as op;
#[cfg(feature = "ndarray")]
use super::structured;
use super::value::Value;
#[cfg(feature = "ndarray")]
use crate::builtin::array::DynArray;
use crate::error::{Error, Result};
use crate::limits::MAX_DEPTH;
use crate::sink::Sink;

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

/// In bytes: the length in a pickle has a sign.
const LONGEST_INTEGER: u64 = i32::MAX as u64;

pub(super) fn big_integer(out: &mut Vec<u8>, value: &BigInt) {
    let bytes = value.to_signed_bytes_le();
    if let Ok(length) = u8::try_from(bytes.len()) {
        out.extend_from_slice(&[op::LONG1, length]);
    } else {
        let length = u32::try_from(bytes.len()).expect("below `LONGEST_INTEGER`");
        out.push(op::LONG4);
        out.extend_from_slice(&length.to_le_bytes());
    }
    out.extend_from_slice(&bytes);
}

pub(super) fn float(out: &mut Vec<u8>, value: f64) {
    out.push(op::BINFLOAT);
    out.extend_from_slice(&value.to_be_bytes());
}

pub(super) fn text(out: &mut Vec<u8>, text: &str) {
    length(out, [op::SHORT_BINUNICODE, op::BINUNICODE, op::BINUNICODE8], text.len());
    out.extend_from_slice(text.as_bytes());
}

pub(super) fn bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    bytes_head(out, bytes.len());
    out.extend_from_slice(bytes);
}

fn bytes_head(out: &mut Vec<u8>, bytes: usize) {
    length(out, [op::SHORT_BINBYTES, op::BINBYTES, op::BINBYTES8], bytes);
}

/// The opcode whose length is just wide enough, and that length.
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

#[cfg(feature = "ndarray")]
fn global(out: &mut Vec<u8>, module: &str, name: &str) {
    out.push(op::GLOBAL);
    for part in [module, name] {
        out.extend_from_slice(part.as_bytes());
        out.push(b'\n');
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
fn dtype(out: &mut Vec<u8>, descr: &str) -> Result<()> {
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
            op::BININT => 4,
            op::BININT2 => 2,
            op::BININT1 => 1,
            op::MARK | op::EMPTY_TUPLE | op::TUPLE1 | op::TUPLE2 | op::TUPLE3 | op::TUPLE => 0,
            _ => return true,
        };
        key = rest.get(length..).unwrap_or_default();
    }
    false
}

/// How many bytes a length and the bytes that it counts take together.
fn counted<const N: usize>(rest: &[u8]) -> usize {
    let mut length = [0; 8];
    length[..N].copy_from_slice(&rest[..N]);
    N + usize::try_from(u64::from_le_bytes(length)).expect("it was just written")
}

/// From here on, bytes are handed over as they are.
const LONG: usize = 4 << 10;

/// Writes values; what is long in them is borrowed.
pub(super) struct Output<'o, 'a> {
    out: &'o mut dyn Sink<'a>,
    buffer: Vec<u8>,
    /// The types of scalars that are in the memo, in its order. They follow the function, which is first.
    #[cfg(feature = "ndarray")]
    types: Vec<&'a str>,
}

impl<'o, 'a> Output<'o, 'a> {
    pub(super) fn new(out: &'o mut dyn Sink<'a>) -> Self {
        let mut buffer = Vec::with_capacity(128);
        begin(&mut buffer);
        Self {
            out,
            buffer,
            #[cfg(feature = "ndarray")]
            types: Vec::new(),
        }
    }

    pub(super) fn end(mut self) {
        end(&mut self.buffer);
        self.out.put(&self.buffer);
    }

    fn borrow(&mut self, bytes: &'a [u8]) {
        if bytes.len() < LONG {
            self.buffer.extend_from_slice(bytes);
        } else {
            self.out.put(&self.buffer);
            self.buffer.clear();
            self.out.borrow(bytes);
        }
    }

    pub(super) fn value(&mut self, value: &'a Value, depth: u32) -> Result<()> {
        let out = &mut self.buffer;
        match value {
            Value::None => none(out),
            Value::Bool(value) => bool(out, *value),
            Value::Int(value) => integer(out, *value),
            Value::BigInt(value) if value.bits() / 8 >= LONGEST_INTEGER => {
                return Err(Error::custom("an integer of 2 GiB, which no pickle has"));
            }
            Value::BigInt(value) => big_integer(out, value),
            Value::Float(value) => float(out, *value),
            Value::Complex(real, imaginary) => {
                out.extend_from_slice(b"cbuiltins\ncomplex\n");
                float(out, *real);
                float(out, *imaginary);
                out.extend_from_slice(&[op::TUPLE2, op::REDUCE]);
            }
            Value::Str(value) => text(out, value),
            Value::Bytes(value) => {
                bytes_head(out, value.len());
                self.borrow(value);
            }
            Value::ByteArray(value) => {
                out.push(op::BYTEARRAY8);
                out.extend_from_slice(&(value.len() as u64).to_le_bytes());
                self.borrow(value);
            }
            Value::List(elements) => {
                begin_list(out);
                self.values(elements, depth)?;
                end_list(&mut self.buffer);
            }
            Value::Tuple(elements) => {
                begin_tuple(out, elements.len());
                self.values(elements, depth)?;
                end_tuple(&mut self.buffer, elements.len());
            }
            Value::Set(elements) => {
                check(elements.iter(), Place::Element, depth)?;
                out.extend_from_slice(&[op::EMPTY_SET, op::MARK]);
                self.values(elements, depth)?;
                self.buffer.push(op::ADDITEMS);
            }
            Value::FrozenSet(elements) => {
                check(elements.iter(), Place::Element, depth)?;
                out.push(op::MARK);
                self.values(elements, depth)?;
                self.buffer.push(op::FROZENSET);
            }
            Value::Dict(entries) => {
                begin_dict(out);
                let depth = deeper(depth)?;
                check(entries.iter().map(|(key, _)| key), Place::Key, depth)?;
                for (key, value) in entries {
                    self.value(key, depth)?;
                    self.value(value, depth)?;
                }
                end_dict(&mut self.buffer);
            }
            #[cfg(feature = "ndarray")]
            Value::Array(array) => self.array(array)?,
            #[cfg(feature = "ndarray")]
            Value::Scalar(scalar) => self.scalar(scalar.as_array())?,
        }
        Ok(())
    }

    fn values(&mut self, values: &'a [Value], depth: u32) -> Result<()> {
        let depth = deeper(depth)?;
        values.iter().try_for_each(|value| self.value(value, depth))
    }

    /// Writes an array as NumPy does up to protocol 4, which all versions of NumPy read.
    #[cfg(feature = "ndarray")]
    fn array(&mut self, array: &'a DynArray<'static>) -> Result<()> {
        let out = &mut self.buffer;
        global(out, "numpy.core.multiarray", "_reconstruct");
        global(out, "numpy", "ndarray");
        integer(out, 0);
        out.push(op::TUPLE1);
        bytes(out, b"b");
        out.extend_from_slice(&[op::TUPLE3, op::REDUCE]);

        out.push(op::MARK);
        integer(out, 1);
        begin_tuple(out, array.shape().len());
        for length in array.shape() {
            big_integer(out, &(*length).into());
        }
        end_tuple(out, array.shape().len());
        dtype(out, array.descr())?;
        bool(out, array.is_fortran_order());
        bytes_head(out, array.data().len());
        self.borrow(array.data());
        self.buffer.extend_from_slice(&[op::TUPLE, op::BUILD]);
        Ok(())
    }

    /// Writes a scalar as NumPy does, with a name of the function that all versions of NumPy know.
    #[cfg(feature = "ndarray")]
    fn scalar(&mut self, array: &'a DynArray<'static>) -> Result<()> {
        const FUNCTION: u8 = 0;
        let out = &mut self.buffer;
        if self.types.is_empty() {
            global(out, "numpy.core.multiarray", "scalar");
            out.push(op::MEMOIZE);
        } else {
            out.extend_from_slice(&[op::BINGET, FUNCTION]);
        }
        let index = self.types.iter().position(|known| *known == array.descr());
        if let Some(place) = index.and_then(|index| u8::try_from(index + 1).ok()) {
            out.extend_from_slice(&[op::BINGET, place]);
        } else {
            dtype(out, array.descr())?;
            if self.types.len() < usize::from(u8::MAX) {
                out.push(op::MEMOIZE);
                self.types.push(array.descr());
            }
        }
        bytes_head(out, array.data().len());
        self.borrow(array.data());
        self.buffer.extend_from_slice(&[op::TUPLE2, op::REDUCE]);
        Ok(())
    }
}

pub(super) fn deeper(depth: u32) -> Result<u32> {
    depth.checked_sub(1).ok_or_else(|| {
        Error::custom(format!(
            "the value is nested too deep: the limit is {MAX_DEPTH} levels, and this is {} or more",
            MAX_DEPTH + 1
        ))
    })
}
