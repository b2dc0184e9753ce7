//! Tensors inside of an instance of a Python class: a `dict` of NumPy arrays.

use bytes::Bytes;

use super::{Tensor, Tensors};
use crate::builtin::element_types;
use crate::builtin::pickle::classes::{ObjectReader, Objects};
use crate::error::{Error, Result};
use crate::memory;

pub(super) fn put<'v>(tensors: &'v Tensors<'_>, out: &mut Objects<'v>) -> Result<()> {
    if !tensors.metadata.is_empty() {
        return Err(Error::custom(
            "tensors with metadata, which a `dict` of arrays has no place for: keep the metadata in a field of its own",
        ));
    }
    let tensors = &tensors.tensors;
    out.dict(tensors.iter(), |tensor, out| {
        let array = tensor.as_array().map_err(|error| {
            Error::custom(format!("{error:#}: make it a tensor of another type, such as `F32`"))
        })?;
        out.array(array.descr(), tensor.shape(), false, tensor.data())
    })
}

pub(super) fn take(object: ObjectReader<'_, '_>) -> Result<Tensors<'static>> {
    let mut tensors = Tensors::new();
    for entry in object.entries()? {
        let (name, array) = entry?;
        let array = array.array()?;
        let found = element_types::find(|row| row.numpy == Some(array.descr()));
        let Some(row) = found else {
            return Err(Error::custom(format!(
                "the array `{name}` has elements of `{}`, and no tensor has",
                array.descr()
            )));
        };
        if array.is_fortran_order() && array.shape().len() > 1 {
            return Err(Error::custom(format!(
                "the array `{name}` is in Fortran's order, and tensors are not: send `numpy.ascontiguousarray(…)`"
            )));
        }
        let data: Bytes = memory::aligned_copy(array.data());
        let tensor = Tensor::new(row.dtype, array.shape(), data)?;
        if tensors.insert(name.as_str(), tensor).is_some() {
            return Err(Error::custom(format!("two tensors have the name `{name}`")));
        }
    }
    Ok(tensors)
}
