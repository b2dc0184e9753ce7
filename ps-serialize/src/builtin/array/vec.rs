use ndarray::Array1;

use super::serializer::write_slice;
#[cfg(feature = "pickle")]
use crate::builtin::pickle::classes::ObjectReader;
use crate::error::Result;
use crate::payload::Payload;
use crate::serializer::{Deserializable, Serializable, Serializer};
use crate::sink::Sink;

/// Numbers in a row are an array of one dimension. Bytes are not: their frames are `BS`.
macro_rules! vec_of {
    ($($element:ty),*) => {$(
        impl Serializable for Vec<$element> {
            type Serializer = Array1<$element>;

            #[inline]
            fn serialize_payload<'a>(&'a self, out: &mut dyn Sink<'a>) -> Result<()> {
                write_slice(self, out)
            }
        }

        impl Serializable for [$element] {
            type Serializer = Array1<$element>;

            #[inline]
            fn serialize_payload<'a>(&'a self, out: &mut dyn Sink<'a>) -> Result<()> {
                write_slice(self, out)
            }
        }

        impl<const N: usize> Serializable for [$element; N] {
            type Serializer = Array1<$element>;

            #[inline]
            fn serialize_payload<'a>(&'a self, out: &mut dyn Sink<'a>) -> Result<()> {
                write_slice(self, out)
            }
        }

        impl<'f> Deserializable<'f> for Vec<$element> {
            type Serializer = Array1<$element>;

            #[inline]
            fn deserialize_payload(payload: Payload<'f, '_>) -> Result<Self> {
                Ok(in_order(Array1::<$element>::deserialize(payload)?))
            }

            #[cfg(feature = "pickle")]
            fn take_object(object: ObjectReader<'f, '_>) -> Result<Self> {
                Array1::<$element>::take_object(object).map(in_order)
            }
        }
    )*};
}

vec_of! {
    bool, i8, i16, i32, i64, u16, u32, u64, half::f16, f32, f64,
    num_complex::Complex<f32>, num_complex::Complex<f64>
}

/// A row of its own begins where its memory does.
pub(super) fn in_order<A>(array: Array1<A>) -> Vec<A> {
    array.into_raw_vec_and_offset().0
}
