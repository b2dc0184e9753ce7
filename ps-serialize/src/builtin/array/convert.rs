//! From an array of any element type to arrays of one element type.

use ndarray::{Array, Array1, ArrayView, CowArray, Dimension, ShapeBuilder};

use super::dynamic::DynArray;
use super::element::Element;
use super::elements;
use super::serializer::shape_of;
use super::vec::in_order;
use crate::error::{Error, Result};

/// Copies the elements.
impl<A: Element, D: Dimension> TryFrom<DynArray<'_>> for Array<A, D> {
    type Error = Error;

    fn try_from(array: DynArray<'_>) -> Result<Self> {
        let swapped = array.check_type::<A>()?;
        let shape = shape_of::<D>(array.shape())?.set_f(array.is_fortran_order());
        Self::from_shape_vec(shape, elements::owned(array.data(), swapped)).map_err(Error::custom)
    }
}

/// Borrows the elements that the array borrows. They must be aligned.
impl<'a, A: Element, D: Dimension> TryFrom<DynArray<'a>> for ArrayView<'a, A, D> {
    type Error = Error;

    fn try_from(array: DynArray<'a>) -> Result<Self> {
        let swapped = array.check_type::<A>()?;
        let shape = shape_of::<D>(array.shape())?.set_f(array.is_fortran_order());
        let Some(data) = array.lent() else {
            return Err(Error::custom(
                "the array owns its elements, so that none can be borrowed: ask for a `CowArray` or an `Array`",
            ));
        };
        Self::from_shape(shape, elements::borrowed(data, swapped)?).map_err(Error::custom)
    }
}

/// Borrows the elements if that is possible, and copies them if not.
impl<'a, A: Element, D: Dimension> TryFrom<DynArray<'a>> for CowArray<'a, A, D> {
    type Error = Error;

    fn try_from(array: DynArray<'a>) -> Result<Self> {
        let swapped = array.check_type::<A>()?;
        if let Some(data) = array.lent()
            && let Ok(elements) = elements::borrowed(data, swapped)
        {
            let shape = shape_of::<D>(array.shape())?.set_f(array.is_fortran_order());
            return ArrayView::from_shape(shape, elements).map(Into::into).map_err(Error::custom);
        }
        Array::try_from(array).map(Into::into)
    }
}

/// Copies the elements of an array of one dimension.
impl<T: Element> TryFrom<DynArray<'_>> for Vec<T> {
    type Error = Error;

    fn try_from(array: DynArray<'_>) -> Result<Self> {
        Array1::try_from(array).map(in_order)
    }
}
