use std::borrow::Cow;

use super::item::Item;
use super::node::Piece;
use crate::builtin::array::{DynArray, Kind};
use crate::codec::nesting::Nesting;
use crate::error::{Error, Result};
use crate::limits::STACK;

/// A NumPy scalar, such as `numpy.float64(2.5)` or `numpy.str_('a')`: one element of an array. Unlike an
/// array without dimensions, it can be the key of a `dict` or an element of a set.
///
/// ```
/// use ps_serialize::array::DynArray;
/// use ps_serialize::pickle::{Scalar, Value};
/// use ps_serialize::{deserialize, serialize};
///
/// // numpy.int16(7)
/// let seven = Scalar::new(DynArray::new("<i2", [], 7_i16.to_le_bytes().to_vec())?)?;
/// assert_eq!(seven.as_array().to_array::<i16>()?.first(), Some(&7));
///
/// let set = Value::Set(vec![Value::Scalar(seven)]);
/// assert_eq!(deserialize::<Value>(&serialize(&set)?)?, set);
/// # Ok::<_, ps_serialize::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scalar(Box<DynArray<'static>>);

impl Scalar {
    /// Makes a scalar of an array without dimensions. The bytes are put into this machine's order, and a `bool`
    /// becomes the byte 0 or 1, as in NumPy. Structured types keep their bytes.
    ///
    /// ```
    /// use ps_serialize::array::DynArray;
    /// use ps_serialize::pickle::Scalar;
    ///
    /// let text = Scalar::new(DynArray::new("<U1", [], &b"a\0\0\0"[..])?)?;
    /// assert_eq!(text.as_array().data(), b"a\0\0\0".as_slice());
    /// assert!(Scalar::new(DynArray::new("<U1", [1], &b"a\0\0\0"[..])?).is_err());
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the array has dimensions.
    pub fn new(array: DynArray<'_>) -> Result<Self> {
        if !array.shape().is_empty() {
            return Err(Error::custom(format!(
                "a NumPy scalar is made from an array without dimensions, and this one has the shape {:?}",
                array.shape()
            )));
        }
        let Some(kind) = array.kind() else { return Ok(Self(Box::new(array.into_owned()))) };
        let name = native_name(array.descr(), kind.letter, array.item_size());
        let mut data = array.data().to_vec();
        match kind {
            Kind { letter: b'b', .. } => data[0] = u8::from(data[0] != 0),
            Kind { swapped: true, letter } => {
                let number = match letter {
                    b'c' => data.len() / 2,
                    b'U' => 4,
                    _ => data.len(),
                };
                data.chunks_exact_mut(number.max(1)).for_each(<[u8]>::reverse);
            }
            Kind { swapped: false, .. } => {}
        }
        DynArray::new(name, [], data).map(|array| Self(Box::new(array)))
    }

    /// The scalar as an array without dimensions, whose methods read the value.
    ///
    /// ```
    /// # use ps_serialize::array::DynArray;
    /// # use ps_serialize::pickle::Scalar;
    /// let pi = Scalar::new(DynArray::new(">f8", [], std::f64::consts::PI.to_be_bytes().to_vec())?)?;
    /// assert_eq!(pi.as_array().to_array::<f64>()?.first(), Some(&std::f64::consts::PI));
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    #[must_use]
    pub fn as_array(&self) -> &DynArray<'static> {
        &self.0
    }

    pub(super) fn item(&self) -> Option<Item<'_, '_>> {
        Some(Item::new(self.0.kind()?, Piece::Made(self.0.data()), Nesting::outermost(STACK)))
    }

    /// Whether NumPy, in each of its versions, has a hash for every scalar of this type.
    pub(super) fn has_hash(&self) -> bool {
        let without_unit = !self.0.descr().ends_with(']');
        self.0.kind().is_some_and(|kind| match kind.letter {
            b'V' => false,
            b'm' => !without_unit,
            _ => true,
        })
    }

    /// The text of a `numpy.str_`.
    pub(super) fn text(&self) -> Option<Cow<'_, str>> {
        self.item()?.text().ok().flatten().map(Cow::Owned)
    }
}

/// NumPy's name of the type in this machine's byte order. Each type has one such name.
fn native_name(name: &str, letter: u8, size: usize) -> String {
    let native = if cfg!(target_endian = "little") { '<' } else { '>' };
    let kind = char::from(letter);
    match letter {
        b'S' | b'V' => format!("|{kind}{size}"),
        b'U' => format!("{native}U{}", size / 4),
        b'm' | b'M' => {
            let unit = name.find('[').map_or("", |start| &name[start..]);
            format!("{native}{kind}8{}", if unit == "[generic]" { "" } else { unit })
        }
        _ if size == 1 => format!("|{kind}1"),
        _ => format!("{native}{kind}{size}"),
    }
}
