//! From values to a pickle.

use super::emit;
use super::hashable::{Hashed, check};
use super::opcode as op;
use super::value::Value;
#[cfg(feature = "ndarray")]
use crate::builtin::array::DynArray;
use crate::error::{Error, Result};
use crate::limits::too_deep;
use crate::sink::Sink;

/// Bytes of at least this length are borrowed, not copied.
const LONG: usize = 4 << 10;

/// Writes values. Long parts of them are borrowed.
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
        emit::begin(&mut buffer);
        Self {
            out,
            buffer,
            #[cfg(feature = "ndarray")]
            types: Vec::new(),
        }
    }

    pub(super) fn end(mut self) {
        emit::end(&mut self.buffer);
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
            Value::None => emit::none(out),
            Value::Bool(value) => emit::bool(out, *value),
            Value::Int(value) => emit::integer(out, *value),
            Value::BigInt(value) if value.bits() / 8 >= emit::MAX_INTEGER => {
                return Err(Error::custom("an integer of 2 GiB, which no pickle has"));
            }
            Value::BigInt(value) => emit::big_integer(out, value),
            Value::Float(value) => emit::float(out, *value),
            Value::Complex(real, imaginary) => {
                out.extend_from_slice(b"cbuiltins\ncomplex\n");
                emit::float(out, *real);
                emit::float(out, *imaginary);
                out.extend_from_slice(&[op::TUPLE2, op::REDUCE]);
            }
            Value::Str(value) => emit::text(out, value),
            Value::Bytes(value) => {
                emit::bytes_head(out, value.len());
                self.borrow(value);
            }
            Value::ByteArray(value) => {
                out.push(op::BYTEARRAY8);
                out.extend_from_slice(&(value.len() as u64).to_le_bytes());
                self.borrow(value);
            }
            Value::List(elements) => {
                emit::begin_list(out);
                self.values(elements, depth)?;
                emit::end_list(&mut self.buffer);
            }
            Value::Tuple(elements) => {
                emit::begin_tuple(out, elements.len());
                self.values(elements, depth)?;
                emit::end_tuple(&mut self.buffer, elements.len());
            }
            Value::Set(elements) => {
                check(elements.iter(), Hashed::Element, depth)?;
                out.extend_from_slice(&[op::EMPTY_SET, op::MARK]);
                self.values(elements, depth)?;
                self.buffer.push(op::ADDITEMS);
            }
            Value::FrozenSet(elements) => {
                check(elements.iter(), Hashed::Element, depth)?;
                out.push(op::MARK);
                self.values(elements, depth)?;
                self.buffer.push(op::FROZENSET);
            }
            Value::Dict(entries) => {
                emit::begin_dict(out);
                let depth = deeper(depth)?;
                check(entries.iter().map(|(key, _)| key), Hashed::Key, depth)?;
                for (key, value) in entries {
                    self.value(key, depth)?;
                    self.value(value, depth)?;
                }
                emit::end_dict(&mut self.buffer);
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
        emit::global(out, "numpy.core.multiarray", "_reconstruct");
        emit::global(out, "numpy", "ndarray");
        emit::integer(out, 0);
        out.push(op::TUPLE1);
        emit::bytes(out, b"b");
        out.extend_from_slice(&[op::TUPLE3, op::REDUCE]);

        out.push(op::MARK);
        emit::integer(out, 1);
        emit::begin_tuple(out, array.shape().len());
        for length in array.shape() {
            emit::big_integer(out, &(*length).into());
        }
        emit::end_tuple(out, array.shape().len());
        emit::dtype(out, array.descr())?;
        emit::bool(out, array.is_fortran_order());
        emit::bytes_head(out, array.data().len());
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
            emit::global(out, "numpy.core.multiarray", "scalar");
            out.push(op::MEMOIZE);
        } else {
            out.extend_from_slice(&[op::BINGET, FUNCTION]);
        }
        let index = self.types.iter().position(|known| *known == array.descr());
        if let Some(place) = index.and_then(|index| u8::try_from(index + 1).ok()) {
            out.extend_from_slice(&[op::BINGET, place]);
        } else {
            emit::dtype(out, array.descr())?;
            if self.types.len() < usize::from(u8::MAX) {
                out.push(op::MEMOIZE);
                self.types.push(array.descr());
            }
        }
        emit::bytes_head(out, array.data().len());
        self.borrow(array.data());
        self.buffer.extend_from_slice(&[op::TUPLE2, op::REDUCE]);
        Ok(())
    }
}

/// The depth that is left inside of a value.
pub(super) fn deeper(depth: u32) -> Result<u32> {
    depth.checked_sub(1).ok_or_else(too_deep)
}
