//! Frames inside of an instance: each is an object that Python has of its own.

#[cfg(feature = "ndarray")]
use bytes::Buf;

use super::super::emit;
use super::super::opcode as op;
use super::Objects;
use super::read::READ_TABLE;
#[cfg(feature = "ndarray")]
use crate::builtin::array::Head;
use crate::error::{Error, Result};
use crate::parts::Parts;
use crate::record::FrameValue;
use crate::serializer::{Serializable, Serializer};
#[cfg(all(feature = "ndarray", feature = "safetensors"))]
use crate::sink::Sink;

impl<'v> Objects<'v> {
    /// Writes what a frame of this type holds as Python's own object.
    pub(crate) fn payload<T: Serializable + ?Sized>(&mut self, value: &'v T) -> Result<()> {
        let mut part = Parts::payload();
        value.serialize_payload(&mut part)?;
        match T::Serializer::IDENTIFIER.as_bytes() {
            b"BS" => {
                emit::bytes_head(&mut self.opcodes, part.len());
                self.piece(part);
            }
            b"US" => {
                emit::text_head(&mut self.opcodes, part.len());
                self.piece(part);
            }
            b"PL" => {
                emit::global(&mut self.opcodes, READ_TABLE.0, READ_TABLE.1);
                emit::bytes_head(&mut self.opcodes, part.len());
                self.piece(part);
                self.opcodes.extend_from_slice(&[op::TUPLE1, op::REDUCE]);
            }
            #[cfg(feature = "ndarray")]
            b"NP" => {
                let head = Head::read(part.slices().next().unwrap_or_default())?;
                part.advance(head.length);
                self.array_of(&head.descr, &head.shape, head.fortran_order, part)?;
            }
            _ => {
                return Err(Error::custom(format!(
                    "Python has no object for a frame of `{}`: annotate the type of the field with `python = \"…\"`",
                    T::Serializer::IDENTIFIER
                )));
            }
        }
        Ok(())
    }

    /// Writes an array of these bytes.
    #[cfg(all(feature = "ndarray", feature = "safetensors"))]
    pub(crate) fn array(
        &mut self,
        descr: &str,
        shape: &[usize],
        fortran_order: bool,
        data: &'v [u8],
    ) -> Result<()> {
        let mut part = Parts::payload();
        part.borrow(data);
        self.array_of(descr, shape, fortran_order, part)
    }

    /// Writes `numpy.ndarray(shape, dtype, bytearray(…))`: an array that can be written to, on memory that Python does not copy.
    #[cfg(feature = "ndarray")]
    fn array_of(
        &mut self,
        descr: &str,
        shape: &[usize],
        fortran_order: bool,
        data: Parts<'v>,
    ) -> Result<()> {
        let out = &mut self.opcodes;
        emit::global(out, "numpy", "ndarray");
        out.push(op::MARK);
        emit::begin_tuple(out, shape.len());
        for length in shape {
            emit::integer(out, i64::try_from(*length).map_err(Error::custom)?);
        }
        emit::end_tuple(out, shape.len());
        if descr.starts_with('[') {
            emit::dtype(out, descr)?;
        } else {
            emit::text(out, descr);
        }
        out.push(op::BYTEARRAY8);
        out.extend_from_slice(&(data.len() as u64).to_le_bytes());
        self.piece(data);
        if fortran_order {
            // The offset and the strides stand before the order.
            emit::integer(&mut self.opcodes, 0);
            emit::none(&mut self.opcodes);
            emit::text(&mut self.opcodes, "F");
        }
        self.opcodes.extend_from_slice(&[op::TUPLE, op::REDUCE]);
        Ok(())
    }

    /// Writes `None`.
    #[allow(clippy::unnecessary_wraps)] // as those beside it
    pub(crate) fn none(&mut self) -> Result<()> {
        emit::none(&mut self.opcodes);
        Ok(())
    }

    /// Writes a `list` of objects.
    pub(crate) fn list<T: FrameValue + 'v>(
        &mut self,
        values: impl Iterator<Item = &'v T>,
    ) -> Result<()> {
        self.nesting = self.nesting.deeper_noted(&mut self.depth)?;
        emit::begin_list(&mut self.opcodes);
        for value in values {
            self.within(|out| value.put_value(out))?;
        }
        emit::end_list(&mut self.opcodes);
        Ok(())
    }

    /// Writes a `dict` of objects.
    pub(crate) fn dict<T: 'v>(
        &mut self,
        entries: impl Iterator<Item = (&'v String, &'v T)>,
        put: impl Fn(&'v T, &mut Self) -> Result<()>,
    ) -> Result<()> {
        self.nesting = self.nesting.deeper_noted(&mut self.depth)?;
        emit::begin_dict(&mut self.opcodes);
        for (key, value) in entries {
            emit::text(&mut self.opcodes, key);
            self.within(|out| put(value, out))?;
        }
        emit::end_dict(&mut self.opcodes);
        Ok(())
    }

    /// Writes a part, after which the nesting is what it was.
    fn within(&mut self, put: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        let nesting = self.nesting;
        put(self)?;
        self.nesting = nesting;
        Ok(())
    }
}
