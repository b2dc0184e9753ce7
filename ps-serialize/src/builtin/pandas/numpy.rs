//! NumPy's arrays of one or two dimensions, as pickles have them.

use super::source::{Source, short};
use crate::builtin::array::{Scalar, time_unit};
use crate::builtin::pickle::{self, Id, Node, Packed, not_an_array};
use crate::error::{Error, Result};

/// The type of the elements.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Dtype {
    pub(super) letter: u8,
    pub(super) size: usize,
    pub(super) swapped: bool,
    pub(super) unit: Unit,
}

/// The length of the unit of a time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Unit {
    Nano,
    Micro,
    Milli,
    /// A number of milliseconds.
    Millis(i64),
    /// A unit without a length, or no unit.
    Unknown,
}

pub(super) struct Array<'n> {
    pub(super) dtype: Dtype,
    /// The number of rows, which are the columns of a table where there are two dimensions.
    pub(super) rows: usize,
    /// The number of elements of a row.
    pub(super) length: usize,
    pub(super) data: Data<'n>,
    /// Whether the elements of a column stand together, not those of a row.
    pub(super) fortran_order: bool,
}

#[derive(Clone, Copy)]
pub(super) enum Data<'n> {
    Bytes(&'n [u8]),
    Objects(&'n [Id]),
    /// Python objects that are numbers of one kind.
    Numbers(&'n Packed),
}

/// Whether it is a call that makes an array, not a scalar.
pub(super) fn is_array(source: &Source<'_>, id: Id) -> bool {
    pickle::is_array(source.pickled, id) && !pickle::is_scalar(source.pickled, id)
}

impl<'n> Array<'n> {
    /// An array of one or two dimensions. A scalar is an array of one element.
    pub(super) fn of(source: &Source<'n>, id: Id) -> Result<Self> {
        let found = pickle::describe(source.reader(), id)?;
        let (rows, length) = match found.shape[..] {
            [] if pickle::is_scalar(source.pickled, id) => (1, 1),
            [length] => (1, length),
            [rows, length] => (rows, length),
            _ => return Err(Error::custom("an array of other than one or two dimensions")),
        };
        let dtype = Dtype::named(&found.descr)?;
        let data = Data::of(source, found.data)?;
        // A list of objects is in C order, whatever order the array has.
        let fortran_order = found.fortran_order && matches!(data, Data::Bytes(_));
        Self { dtype, rows, length, data, fortran_order }.checked()
    }

    /// Checks that there are as many elements as the shape says.
    fn checked(self) -> Result<Self> {
        let count = self.rows.checked_mul(self.length).ok_or_else(not_an_array)?;
        let is_whole = match self.data {
            Data::Bytes(bytes) => {
                self.dtype.letter != b'O' && count.checked_mul(self.dtype.size) == Some(bytes.len())
            }
            Data::Objects(ids) => self.dtype.letter == b'O' && ids.len() == count,
            Data::Numbers(numbers) => self.dtype.letter == b'O' && numbers.len() == count,
        };
        if is_whole {
            Ok(self)
        } else {
            Err(Error::custom(format!(
                "an array of {} × {} elements that has another number of them",
                self.rows, self.length
            )))
        }
    }

    /// The array as its only row.
    pub(super) fn one_row(self) -> Result<Self> {
        if self.rows == 1 {
            Ok(self)
        } else {
            Err(Error::custom("an array of two dimensions where a column has one"))
        }
    }

    /// The place of an element.
    #[inline]
    pub(super) fn place(&self, row: usize, index: usize) -> usize {
        if self.fortran_order { index * self.rows + row } else { row * self.length + index }
    }

    /// Whether the elements of each row stand together.
    pub(super) fn is_contiguous(&self) -> bool {
        !self.fortran_order || self.rows <= 1 || self.length <= 1
    }
}

impl<'n> Data<'n> {
    fn of(source: &Source<'n>, id: Id) -> Result<Self> {
        match source.pickled.node(id) {
            Node::List(ids) => Ok(Self::Objects(ids)),
            Node::Numbers(numbers) => Ok(Self::Numbers(numbers)),
            _ => source.pickled.bytes(id).map(Self::Bytes).ok_or_else(not_an_array),
        }
    }
}

impl Dtype {
    /// Reads a name such as `<f8`, `<M8[ns]` or `|O`.
    fn named(name: &str) -> Result<Self> {
        if matches!(name, "O" | "|O" | "O8" | "|O8") {
            return Ok(Self { letter: b'O', size: 8, swapped: false, unit: Unit::Unknown });
        }
        let has_type = |kind, size| match kind {
            b'f' => size <= 8,
            b'c' => size <= 16,
            kind => matches!(kind, b'b' | b'i' | b'u' | b'm' | b'M'),
        };
        match Scalar::parse(name.as_bytes()) {
            Ok(Scalar { kind, size, swapped }) if has_type(kind, size) => {
                Ok(Self { letter: kind, size, swapped, unit: Unit::of(name) })
            }
            _ => Err(unknown(&format!("elements of the type `{}`", short(name)))),
        }
    }
}

impl Unit {
    /// The unit of the times in an array.
    fn of(dtype: &str) -> Self {
        match time_unit(dtype) {
            Some((1, "ns")) => Self::Nano,
            Some((1, "us")) => Self::Micro,
            Some((1, "ms")) => Self::Milli,
            Some((1, "s")) => Self::Millis(1000),
            Some((1, "m")) => Self::Millis(60_000),
            Some((1, "h")) => Self::Millis(3_600_000),
            Some((1, "D")) => Self::Millis(86_400_000),
            Some((1, "W")) => Self::Millis(7 * 86_400_000),
            _ => Self::Unknown,
        }
    }
}

#[cold]
pub(super) fn unknown(what: &str) -> Error {
    Error::custom(format!("{what}, which polars has no type for"))
}
