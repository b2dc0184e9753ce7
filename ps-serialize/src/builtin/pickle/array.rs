//! For `#[serde(deserialize_with = "ps_serialize::pickle::array::deserialize")]`: a field that is a NumPy array.

use std::borrow::Cow;
use std::fmt;

use serde::de::value::{BorrowedBytesDeserializer, BytesDeserializer, SeqDeserializer};
use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error as _, IntoDeserializer, SeqAccess, Visitor,
};

use super::node::Piece;
use super::numpy;
use crate::builtin::array::DynArray;
use crate::error::Error;

/// The name by which the parts of an array are asked for. No type of Rust has it.
pub(super) const PARTS: &str = "$ps_serialize::pickle::array";

/// Reads a NumPy array as an array of `ndarray`, a `Vec` of numbers or a [`DynArray`]. The elements are not read one by one.
///
/// | the field's type | what it does |
/// |---|---|
/// | `ArrayView<A, D>` | borrows from the frame; misaligned elements are an error |
/// | `CowArray<A, D>` | borrows from the frame, or copies misaligned elements |
/// | `DynArray` | borrows from the frame, at any alignment |
/// | `Array<A, D>`, `Vec<A>` | copies the elements at once |
///
/// Python does not align arrays in pickles: the alignment depends on the bytes before the array and on the address of the frame. Use
/// views only for frames whose alignment is known, and a `CowArray` for frames of other programs. The types that borrow need
/// `#[serde(borrow)]`, and [`deserialize`](crate::deserialize()) as [`Pickle`](super::Pickle).
///
/// ```
/// use ndarray::{Array2, CowArray, Ix2};
/// use ps_serialize::array::DynArray;
/// use ps_serialize::pickle::{Pickle, Value};
/// use ps_serialize::{deserialize, serialize};
///
/// #[derive(serde::Deserialize)]
/// struct Sample<'a> {
///     #[serde(borrow, deserialize_with = "ps_serialize::pickle::array::deserialize")]
///     image: CowArray<'a, u8, Ix2>,
///     #[serde(deserialize_with = "ps_serialize::pickle::array::deserialize")]
///     mask: Array2<bool>,
/// }
///
/// // In Python: {'image': numpy.array([[1, 2]], 'u1'), 'mask': numpy.array([[True, False]])}
/// let image = DynArray::new("|u1", [1, 2], &[1, 2][..])?;
/// let mask = DynArray::new("|b1", [1, 2], &[1, 0][..])?;
/// let frame = serialize(&[("image", image), ("mask", mask)].into_iter().collect::<Value>())?;
///
/// let Pickle(sample) = deserialize::<Pickle<Sample<'_>>>(&frame)?;
/// assert_eq!(sample.image, ndarray::arr2(&[[1, 2]]));
/// assert!(sample.image.is_view());
/// assert_eq!(sample.mask, ndarray::arr2(&[[true, false]]));
/// # Ok::<_, ps_serialize::Error>(())
/// ```
///
/// For a list, a dictionary or an `Option` of arrays, use [`DynArray`], which serde reads without this function.
///
/// # Errors
///
/// If the value is no array, has other elements or dimensions, or can't be borrowed.
pub fn deserialize<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: TryFrom<DynArray<'de>, Error: fmt::Display>,
    D: Deserializer<'de>,
{
    T::try_from(DynArray::deserialize(deserializer)?).map_err(D::Error::custom)
}

/// Reads a NumPy array from a pickle. It borrows its elements from a frame that is read as [`Pickle`](super::Pickle) by
/// [`deserialize`](crate::deserialize()). An array of Python objects is a sequence to serde, and no `DynArray`.
///
/// ```
/// use std::collections::BTreeMap;
/// use ps_serialize::array::DynArray;
/// use ps_serialize::pickle::{Pickle, Value};
/// use ps_serialize::{deserialize, serialize};
///
/// let days = DynArray::new("<M8[D]", [1], 20_000_i64.to_le_bytes().to_vec())?;
/// let frame = serialize(&[("days", days.clone())].into_iter().collect::<Value>())?;
/// let Pickle(arrays) = deserialize::<Pickle<BTreeMap<&str, DynArray<'_>>>>(&frame)?;
/// assert_eq!(arrays["days"], days);
/// # Ok::<_, ps_serialize::Error>(())
/// ```
impl<'de: 'a, 'a> Deserialize<'de> for DynArray<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Parts;

        impl<'de> Visitor<'de> for Parts {
            type Value = DynArray<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a NumPy array in a pickle")
            }

            fn visit_seq<S: SeqAccess<'de>>(self, mut parts: S) -> Result<DynArray<'de>, S::Error> {
                fn next<'de, T: Deserialize<'de>, S: SeqAccess<'de>>(
                    parts: &mut S,
                ) -> Result<T, S::Error> {
                    parts
                        .next_element()?
                        .ok_or_else(|| S::Error::custom("an array with parts missing"))
                }
                let descr: String = next(&mut parts)?;
                let shape: Vec<usize> = next(&mut parts)?;
                let fortran_order: bool = next(&mut parts)?;
                let array = match next(&mut parts)? {
                    Data(Cow::Borrowed(data)) => DynArray::new(descr, shape, data),
                    Data(Cow::Owned(data)) => DynArray::new(descr, shape, data),
                };
                let array = array.map_err(S::Error::custom)?;
                Ok(if fortran_order { array.with_fortran_order() } else { array })
            }
        }

        deserializer.deserialize_tuple_struct(PARTS, 4, Parts)
    }
}

/// The bytes of all elements.
struct Data<'a>(Cow<'a, [u8]>);

impl<'de> Deserialize<'de> for Data<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;

        impl<'de> Visitor<'de> for Bytes {
            type Value = Data<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the bytes of an array")
            }

            fn visit_borrowed_bytes<E>(self, bytes: &'de [u8]) -> Result<Data<'de>, E> {
                Ok(Data(Cow::Borrowed(bytes)))
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Data<'de>, E> {
                Ok(Data(Cow::Owned(bytes.to_vec())))
            }
        }

        deserializer.deserialize_bytes(Bytes)
    }
}

/// Gives a visitor the parts of an array, in the order in which they are asked for.
pub(super) fn visit<'p, V: Visitor<'p>>(
    parts: numpy::Parts<'_, 'p>,
    visitor: V,
) -> Result<V::Value, Error> {
    visitor.visit_seq(Given { parts, next: 0 })
}

struct Given<'n, 'p: 'n> {
    parts: numpy::Parts<'n, 'p>,
    next: u8,
}

impl<'p> SeqAccess<'p> for Given<'_, 'p> {
    type Error = Error;

    fn next_element_seed<S: DeserializeSeed<'p>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Error> {
        let parts = &mut self.parts;
        self.next += 1;
        match self.next {
            1 => seed.deserialize(std::mem::take(&mut parts.descr).into_deserializer()),
            2 => seed.deserialize(SeqDeserializer::new(parts.shape.iter().copied())),
            3 => seed.deserialize(parts.fortran_order.into_deserializer()),
            4 => match parts.data {
                Piece::Lent(data) => seed.deserialize(BorrowedBytesDeserializer::new(data)),
                Piece::Made(data) => seed.deserialize(BytesDeserializer::new(data)),
            },
            _ => return Ok(None),
        }
        .map(Some)
    }
}
