use std::any::Any;

use bytemuck::cast_slice;
use ndarray::{
    Array, ArrayBase, ArrayView, ArrayViewD, ArrayViewMut1, Axis, CowArray, Data, Dimension, IxDyn,
    ShapeBuilder,
};

use super::dynamic::DynArray;
use super::element::{Element, for_each_element, is_of};
use super::elements;
use super::npy::{Npy, data_size, write_header};
#[cfg(feature = "pickle")]
use crate::builtin::pickle::classes::ObjectReader;
use crate::error::{Error, Result};
use crate::identifier::Identifier;
use crate::payload::Payload;
use crate::serializer::{Deserializable, Serializable, Serializer};
use crate::sink::Sink;

pub(super) const NAME: &str = "array";

/// `NP`: the payload is NumPy's `.npy`.
impl<A: Element, D: Dimension> Serializer for Array<A, D> {
    type Value = Self;

    const IDENTIFIER: Identifier = Identifier::new(b"NP");
    const NAME: &'static str = NAME;
    const ALIGNMENT: usize = 64;

    fn serialize<'a>(value: &'a Self, out: &mut dyn Sink<'a>) -> Result<()> {
        value.serialize_payload(out)
    }

    fn deserialize(payload: Payload<'_, '_>) -> Result<Self> {
        read_owned(&Npy::parse(&payload)?)
    }
}

impl<'a, A: Element, D: Dimension> Deserializable<'a> for Array<A, D> {
    type Serializer = Self;

    #[inline]
    fn deserialize_payload(payload: Payload<'a, '_>) -> Result<Self> {
        Self::deserialize(payload)
    }

    #[cfg(feature = "pickle")]
    fn take_object(object: ObjectReader<'a, '_>) -> Result<Self> {
        Self::try_from(object.array()?)
    }
}

impl<A, S, D> Serializable for ArrayBase<S, D>
where
    A: Element,
    S: Data<Elem = A>,
    D: Dimension,
{
    type Serializer = Array<A, D>;

    fn serialize_payload<'a>(&'a self, out: &mut dyn Sink<'a>) -> Result<()> {
        // A view that repeats its elements can be larger than any memory.
        let data =
            self.len().checked_mul(size_of::<A>()).filter(|size| isize::try_from(*size).is_ok());
        let data = data.map_or_else(|| data_size(self.shape(), size_of::<A>()), Ok)?;
        let mut elements = self.as_slice();
        let fortran_order = elements.is_none();
        if fortran_order {
            elements = self.view().reversed_axes().to_slice();
        }
        let fortran_order = fortran_order && elements.is_some();
        write_header(A::DESCR, fortran_order, self.shape(), data, out)?;
        match elements {
            Some(elements) => out.borrow(cast_slice(elements)),
            None => write_strided(self.view().into_dyn(), data, out),
        }
        Ok(())
    }
}

/// Writes an array of one dimension, whose elements are contiguous.
#[inline]
pub(super) fn write_slice<'a, A: Element>(elements: &'a [A], out: &mut dyn Sink<'a>) -> Result<()> {
    write_header(A::DESCR, false, &[elements.len()], size_of_val(elements), out)?;
    out.borrow(cast_slice(elements));
    Ok(())
}

/// The smallest row, in bytes, that is worth a piece of its own.
const LONG_ROW: usize = 16 << 10;

/// Writes elements that are not all beside each other in memory, in C order.
fn write_strided<'a, A: Element>(
    mut array: ArrayViewD<'a, A>,
    data: usize,
    out: &mut dyn Sink<'a>,
) {
    merge_inner_axes(&mut array);
    let rows = array.rows();
    let row = rows.into_iter().next().expect("an empty array is contiguous");
    if row.as_slice().is_some() {
        if row.len() * size_of::<A>() >= LONG_ROW {
            return borrow_rows(&array, out);
        }
        return out.append(data, &mut |buffer| {
            for row in array.rows() {
                let row = row.to_slice().expect("all rows have the stride of the first");
                buffer.extend_from_slice(cast_slice(row));
            }
        });
    }
    out.append(data, &mut |buffer| {
        let mut block = [A::zeroed(); 256];
        let mut filled = 0;
        for row in array.rows() {
            let mut rest = row;
            while !rest.is_empty() {
                let (now, later) = rest.split_at(Axis(0), rest.len().min(block.len() - filled));
                let free = &mut block[filled..][..now.len()];
                ArrayViewMut1::from(free).assign(&now);
                filled += now.len();
                if filled == block.len() {
                    buffer.extend_from_slice(cast_slice(&block));
                    filled = 0;
                }
                rest = later;
            }
        }
        buffer.extend_from_slice(cast_slice(&block[..filled]));
    });
}

/// Makes the rows as long as they can be.
fn merge_inner_axes<A>(array: &mut ArrayViewD<'_, A>) {
    let Some(mut inner) = array.ndim().checked_sub(1) else { return };
    for outer in (0..inner).rev() {
        if !array.merge_axes(Axis(outer), Axis(inner)) {
            inner = outer;
        }
    }
}

fn borrow_rows<'a, A: Element>(array: &ArrayViewD<'a, A>, out: &mut dyn Sink<'a>) {
    if let Some(slice) = array.to_slice() {
        out.borrow(cast_slice(slice));
        return;
    }
    for index in 0..array.len_of(Axis(0)) {
        borrow_rows(&array.clone().index_axis_move(Axis(0), index), out);
    }
}

/// A borrowed array, of a frame whose data is aligned.
impl<'a, A: Element, D: Dimension> Deserializable<'a> for ArrayView<'a, A, D> {
    type Serializer = Array<A, D>;

    fn deserialize_payload(payload: Payload<'a, '_>) -> Result<Self> {
        let npy = Npy::parse(payload.bytes()?)?;
        let swapped = npy.dtype.check::<A>()?;
        let shape = shape_of::<D>(&npy.shape)?.set_f(npy.fortran_order);
        Self::from_shape(shape, elements::borrowed(npy.data, swapped)?).map_err(Error::custom)
    }
}

/// A borrowed array where it can be one, and else a copy.
impl<'a, A: Element, D: Dimension> Deserializable<'a> for CowArray<'a, A, D> {
    type Serializer = Array<A, D>;

    fn deserialize_payload(payload: Payload<'a, '_>) -> Result<Self> {
        let Ok(bytes) = payload.bytes() else {
            return Array::deserialize(payload).map(Into::into);
        };
        let npy = Npy::parse(bytes)?;
        let swapped = npy.dtype.check::<A>()?;
        match elements::borrowed(npy.data, swapped) {
            Ok(slice) => {
                let shape = shape_of::<D>(&npy.shape)?.set_f(npy.fortran_order);
                let view = ArrayView::from_shape(shape, slice).map_err(Error::custom)?;
                Ok(view.into())
            }
            Err(_) => read_owned::<A, D>(&npy).map(Into::into),
        }
    }
}

fn read_owned<A: Element, D: Dimension>(npy: &Npy<'_>) -> Result<Array<A, D>> {
    let swapped = npy.dtype.check::<A>()?;
    let shape = shape_of::<D>(&npy.shape)?.set_f(npy.fortran_order);
    Array::from_shape_vec(shape, elements::owned(npy.data, swapped)).map_err(Error::custom)
}

pub(super) fn shape_of<D: Dimension>(lengths: &[usize]) -> Result<D> {
    let dimensions = lengths.len();
    if D::NDIM.is_some_and(|wanted| wanted != dimensions) {
        return Err(Error::custom(format!(
            "the array has {dimensions} dimensions, of lengths {:?}, not {} as asked for; `IxDyn` takes any number",
            lengths,
            D::NDIM.unwrap_or_default()
        )));
    }
    let mut shape = D::zeros(dimensions);
    let of_shape = shape.as_array_view_mut().into_slice().expect("it is contiguous");
    of_shape.copy_from_slice(lengths);
    Ok(shape)
}

/// The array of the element type found.
pub(in crate::builtin) fn read_any(payload: Payload<'_, '_>) -> Result<Box<dyn Any + Send + Sync>> {
    let npy = Npy::parse(&payload)?;
    macro_rules! boxed {
        ([$($element:ty),*]) => {
            match npy.dtype.scalar {
                $(Some(scalar) if is_of::<$element>(scalar) => {
                    Box::new(read_owned::<$element, IxDyn>(&npy)?)
                })*
                _ => Box::new(DynArray::read(&npy, payload)?),
            }
        };
    }
    Ok(for_each_element!(boxed!()))
}
