use std::borrow::Cow;
use std::fmt;

#[cfg(feature = "pickle")]
use bytes::Bytes;
use ndarray::{ArrayD, ArrayViewD, IxDyn, ShapeBuilder};

use super::dtype::{Scalar, time_unit};
use super::element::{Element, is_of};
use super::elements;
use super::npy::{Dtype, Npy, check_size, write_header};
use super::serializer::NAME;
use super::text;
use crate::buffer::Buffer;
#[cfg(feature = "pickle")]
use crate::builtin::pickle::classes::ObjectReader;
use crate::debug::{Data, Text, bounded};
use crate::error::{Error, Result};
use crate::identifier::Identifier;
use crate::limits::check_dimensions;
use crate::payload::Payload;
use crate::serializer::{Deserializable, Serializable, Serializer};
use crate::sink::Sink;

/// A NumPy array of any element type, as its bytes. Arrays of `datetime64`, `timedelta64`, fixed-size strings, `void` and
/// structured types are read as a `DynArray`, and written unchanged.
///
/// [`deserialize`](crate::deserialize()) shares the memory of a frame that is given as `&Bytes`, and copies the elements of a slice.
///
/// ```
/// use ps_serialize::array::DynArray;
/// use ps_serialize::{deserialize, serialize};
///
/// // Two days, counted from 1970.
/// let days: Vec<u8> = [0_i64, 20_000].iter().flat_map(|day| day.to_ne_bytes()).collect();
/// let dates = DynArray::new("<M8[D]", [2], days)?;
/// let back: DynArray = deserialize(&serialize(&dates)?)?;
/// assert_eq!(back, dates);
/// assert_eq!(back.to_array::<i64>()?, ndarray::arr1(&[0, 20_000]).into_dyn());
/// # Ok::<_, ps_serialize::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct DynArray<'a> {
    descr: Cow<'a, str>,
    shape: Vec<usize>,
    fortran_order: bool,
    data: Buffer<'a>,
}

impl<'a> DynArray<'a> {
    /// An array in C order (the last dimension varies fastest). `descr` is NumPy's description of the element type: a name
    /// such as `<M8[ns]`, `|S10` or `<U4`. For a structured type it is the list that Python has as `dtype.descr`, such as
    /// `[('x', '<f8'), ('tag', '|S4')]`.
    ///
    /// ```
    /// use ps_serialize::array::DynArray;
    ///
    /// let words = DynArray::new("|S3", [2], &b"onetwo"[..])?;
    /// assert!(DynArray::new("|S3", [3], &b"onetwo"[..]).is_err());
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If NumPy has no such type, if the elements are Python objects, if the data has another length than
    /// type and shape say, or if there are more than NumPy's 64 dimensions.
    pub fn new(
        descr: impl Into<Cow<'a, str>>,
        shape: impl Into<Vec<usize>>,
        data: impl Into<Cow<'a, [u8]>>,
    ) -> Result<Self> {
        let (mut descr, shape) = (descr.into(), shape.into());
        let data = match data.into() {
            Cow::Borrowed(data) => Buffer::Borrowed(data),
            Cow::Owned(data) => Buffer::Shared(data.into()),
        };
        let Dtype { item_size, descr: read, .. } = Dtype::parse(&descr)?;
        check_dimensions(shape.len())?;
        check_size(&shape, item_size, data.as_slice().len())?;
        // Spaces after the description are cut off, because no reader gives them back.
        let length = read.len();
        match &mut descr {
            Cow::Borrowed(descr) => *descr = &descr[..length],
            Cow::Owned(descr) => descr.truncate(length),
        }
        Ok(Self { descr, shape, fortran_order: false, data })
    }

    /// An array of the same bytes in Fortran order: the first dimension varies fastest.
    ///
    /// ```
    /// use ps_serialize::array::DynArray;
    ///
    /// let array = DynArray::new("|u1", [2, 2], &[1, 2, 3, 4][..])?.with_fortran_order();
    /// assert_eq!(array.as_view::<u8>()?, ndarray::arr2(&[[1, 3], [2, 4]]).into_dyn());
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    #[must_use]
    pub fn with_fortran_order(self) -> Self {
        Self { fortran_order: true, ..self }
    }

    /// The array in a payload, which keeps the payload's memory.
    pub(super) fn read(npy: &Npy<'_>, payload: Payload<'_, '_>) -> Result<DynArray<'static>> {
        let descr = npy.dtype.text()?.into_owned();
        // The text can be longer than it was in the frame, and over the limit.
        Dtype::parse(&descr)?;
        let start = payload.len() - npy.data.len();
        Ok(DynArray {
            descr: descr.into(),
            shape: npy.shape.to_vec(),
            fortran_order: npy.fortran_order,
            data: Buffer::Shared(payload.share(start..)),
        })
    }

    /// NumPy's description of the element type: see [`new`](Self::new).
    ///
    /// ```
    /// # let array = ps_serialize::array::DynArray::new("|S3", [2], &b"onetwo"[..])?;
    /// assert_eq!(array.descr(), "|S3");
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    #[must_use]
    pub fn descr(&self) -> &str {
        &self.descr
    }

    /// The length of each dimension.
    ///
    /// ```
    /// # let array = ps_serialize::array::DynArray::new("|S3", [2], &b"onetwo"[..])?;
    /// assert_eq!(array.shape(), [2]);
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    #[must_use]
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// Whether the array is in Fortran order: the first dimension varies fastest, and not the last one.
    ///
    /// ```
    /// # let array = ps_serialize::array::DynArray::new("|S3", [2], &b"onetwo"[..])?;
    /// assert!(!array.is_fortran_order());
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    #[must_use]
    pub fn is_fortran_order(&self) -> bool {
        self.fortran_order
    }

    /// The bytes of the elements, one after the other.
    ///
    /// ```
    /// # let array = ps_serialize::array::DynArray::new("|S3", [2], &b"onetwo"[..])?;
    /// assert_eq!(array.data(), b"onetwo");
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    #[must_use]
    pub fn data(&self) -> &[u8] {
        self.data.as_slice()
    }

    /// The size of an element in bytes.
    ///
    /// ```
    /// # let array = ps_serialize::array::DynArray::new("|S3", [2], &b"onetwo"[..])?;
    /// assert_eq!(array.item_size(), 3);
    /// assert_eq!(array.data().chunks(array.item_size()).next(), Some(&b"one"[..]));
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    #[must_use]
    pub fn item_size(&self) -> usize {
        self.dtype().item_size
    }

    /// A view of the array with elements of the type `A`. `datetime64` and `timedelta64` are `i64`: counts of the
    /// [`time_unit`](Self::time_unit).
    ///
    /// ```
    /// # use ps_serialize::array::DynArray;
    /// let array = DynArray::new("|u1", [2, 1], &[7, 8][..])?;
    /// assert_eq!(array.as_view::<u8>()?, ndarray::arr2(&[[7], [8]]).into_dyn());
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the elements are of another type, in the other byte order or not aligned in memory, or if a
    /// `bool` is a byte other than 0 and 1. [`to_array`](Self::to_array) takes such bytes.
    pub fn as_view<A: Element>(&self) -> Result<ArrayViewD<'_, A>> {
        let swapped = self.check_type::<A>()?;
        let elements = elements::borrowed(self.data(), swapped)?;
        ArrayViewD::from_shape(self.ndarray_shape(), elements).map_err(Error::custom)
    }

    /// A copy of the array with elements of the type `A`, from either byte order. `datetime64` and `timedelta64` are `i64`:
    /// counts of the [`time_unit`](Self::time_unit). A `bool` is `true` if its byte is not 0, as in NumPy.
    ///
    /// ```
    /// # use ps_serialize::array::DynArray;
    /// let array = DynArray::new(">u2", [2], &[0, 7, 1, 0][..])?;
    /// assert_eq!(array.to_array::<u16>()?, ndarray::arr1(&[7, 256]).into_dyn());
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the elements are of another type.
    pub fn to_array<A: Element>(&self) -> Result<ArrayD<A>> {
        let swapped = self.check_type::<A>()?;
        let elements = elements::owned(self.data(), swapped);
        ArrayD::from_shape_vec(self.ndarray_shape(), elements).map_err(Error::custom)
    }

    /// The unit of the integers of a `datetime64` or `timedelta64`, as a number and NumPy's name of a unit: `(25, "us")` is 25
    /// microseconds. Moments are counted from the start of 1970. `i64::MIN` is `NaT`, which is not a time.
    ///
    /// ```
    /// use ps_serialize::array::DynArray;
    ///
    /// let times = DynArray::new("<m8[15m]", [2], [3_i64, 4].map(i64::to_le_bytes).concat())?;
    /// assert_eq!(times.time_unit(), Some((15, "m")));
    /// assert_eq!(times.to_array::<i64>()?, ndarray::arr1(&[3, 4]).into_dyn());
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    ///
    /// The units are `Y` (years), `M` (months), `W` (weeks), `D` (days), `h`, `m` (minutes), `s`, `ms`, `us`,
    /// `ns`, `ps`, `fs` and `as`. The result is `None` for other types and for times without a unit.
    #[must_use]
    pub fn time_unit(&self) -> Option<(u32, &str)> {
        self.dtype().scalar?;
        time_unit(&self.descr)
    }

    /// A copy of an array of fixed-width text with elements of the type `String`. The text is `<U7` or `>U7`, or `|S5` if its
    /// bytes are UTF-8. Zeros at the end of a text are padding, and left out, as in NumPy.
    ///
    /// [`Options::size_limit`](crate::Options::size_limit) does not bound the strings, because the frame has been read before. The
    /// strings may be 256 times as large as the bytes of the array and 64 MiB more. Each takes 24 bytes and its text, even if the
    /// text is empty and has no bytes in the array.
    ///
    /// ```
    /// use ps_serialize::array::DynArray;
    ///
    /// let words = DynArray::new("|S5", [2], &b"one\0\0three"[..])?;
    /// let words: Vec<String> = words.to_strings()?.into_iter().collect();
    /// assert_eq!(words, ["one", "three"]);
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the elements are of another type, or if one of them is not Unicode text. The error is
    /// [`ErrorKind::LimitExceeded`](crate::ErrorKind::LimitExceeded) if the strings are too large.
    pub fn to_strings(&self) -> Result<ArrayD<String>> {
        let strings = text::strings(&self.dtype(), &self.shape, self.data())?;
        ArrayD::from_shape_vec(self.ndarray_shape(), strings).map_err(Error::custom)
    }

    /// Copies the bytes if the array borrows them, so that the result owns them.
    ///
    /// ```
    /// # use ps_serialize::array::DynArray;
    /// let bytes = [1, 2];
    /// let array: DynArray<'static> = DynArray::new("|u1", [2], &bytes[..])?.into_owned();
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    #[must_use]
    pub fn into_owned(self) -> DynArray<'static> {
        DynArray {
            descr: Cow::Owned(self.descr.into_owned()),
            shape: self.shape,
            fortran_order: self.fortran_order,
            data: self.data.into_owned(),
        }
    }

    /// The array, with its bytes in this memory, which holds equal ones.
    #[cfg(feature = "pickle")]
    pub(crate) fn in_memory_of(self, data: Bytes) -> DynArray<'static> {
        let descr = Cow::Owned(self.descr.into_owned());
        DynArray { descr, data: Buffer::Shared(data), ..self }
    }

    fn dtype(&self) -> Dtype<'_> {
        Dtype::parse(&self.descr).expect("it was checked when the array was made")
    }

    /// The bytes, if they are borrowed.
    pub(super) fn lent(&self) -> Option<&'a [u8]> {
        match self.data {
            Buffer::Borrowed(data) => Some(data),
            Buffer::Shared(_) => None,
        }
    }

    pub(super) fn check_type<A: Element>(&self) -> Result<bool> {
        let dtype = self.dtype();
        match dtype.scalar {
            Some(scalar @ Scalar { kind: b'm' | b'M', swapped, .. })
                if is_of::<A>(Scalar { kind: b'i', ..scalar }) =>
            {
                Ok(swapped)
            }
            _ => dtype.check::<A>(),
        }
    }

    fn ndarray_shape(&self) -> ndarray::Shape<IxDyn> {
        IxDyn(&self.shape).set_f(self.fortran_order)
    }
}

/// Prints few bytes as they are, and only the number of more.
impl fmt::Debug for DynArray<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        bounded(f, |f| {
            f.debug_struct("DynArray")
                .field("descr", &Text(&self.descr))
                .field("shape", &self.shape)
                .field("fortran_order", &self.fortran_order)
                .field("data", &Data(self.data()))
                .finish()
        })
    }
}

impl Serializer for DynArray<'static> {
    type Value = Self;

    const IDENTIFIER: Identifier = Identifier::new(b"NP");
    const NAME: &'static str = NAME;
    const ALIGNMENT: usize = 64;

    fn serialize<'a>(value: &'a Self, out: &mut dyn Sink<'a>) -> Result<()> {
        value.serialize_payload(out)
    }

    fn deserialize(payload: Payload<'_, '_>) -> Result<Self> {
        Self::read(&Npy::parse(&payload)?, payload)
    }
}

impl<'a> Deserializable<'a> for DynArray<'static> {
    type Serializer = Self;

    #[inline]
    fn deserialize_payload(payload: Payload<'a, '_>) -> Result<Self> {
        Self::deserialize(payload)
    }

    #[cfg(feature = "pickle")]
    fn take_object(object: ObjectReader<'a, '_>) -> Result<Self> {
        object.shared_array()
    }
}

impl Serializable for DynArray<'_> {
    type Serializer = DynArray<'static>;

    fn serialize_payload<'a>(&'a self, out: &mut dyn Sink<'a>) -> Result<()> {
        write_header(&self.descr, self.fortran_order, &self.shape, self.data().len(), out)?;
        out.borrow(self.data());
        Ok(())
    }
}
