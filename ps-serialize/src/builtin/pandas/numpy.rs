//! NumPy's arrays of one or two dimensions, as pickles have them.

use super::source::{Call, Source};
use crate::builtin::pickle::{Id, Node, Packed};
use crate::error::{Error, Result};

/// The type of the elements.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Dtype {
    pub(super) letter: u8,
    pub(super) size: usize,
    pub(super) swapped: bool,
    pub(super) unit: Unit,
}

/// How long the unit of a time is.
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

/// Whether it is the call of one of NumPy's functions that make arrays.
pub(super) fn is_array(call: Call<'_>) -> bool {
    call.module.split('.').next() == Some("numpy")
        && matches!(call.name, "_frombuffer" | "_reconstruct" | "ndarray")
}

/// Whether it is a scalar, or an array.
pub(super) fn is_scalar(call: Call<'_>) -> bool {
    call.module.split('.').next() == Some("numpy") && call.name == "scalar"
}

impl<'n> Array<'n> {
    pub(super) fn of(source: &Source<'n>, id: Id) -> Result<Self> {
        let call = source.call(id).ok_or_else(invalid)?;
        if is_scalar(call) {
            return Self::scalar(source, call);
        }
        if !is_array(call) {
            return Err(invalid());
        }
        let order = |id| match source.pickled.text(id) {
            Some("C") => Ok(false),
            Some("F") => Ok(true),
            _ => Err(invalid()),
        };
        let (shape, dtype, fortran_order, data) = match (call.name, call.arguments, call.state) {
            ("_frombuffer", [data, dtype, shape, fortran], None) => {
                (*shape, *dtype, order(*fortran)?, *data)
            }
            ("ndarray", [shape, dtype, data], None) => (*shape, *dtype, false, *data),
            ("_reconstruct", [class, ..], Some(state)) => {
                if source.class(*class) != Some("ndarray") {
                    return Err(invalid());
                }
                let [_version, shape, dtype, fortran, data] = source.pickled.tuple(state) else {
                    return Err(invalid());
                };
                (*shape, *dtype, source.bool(*fortran).ok_or_else(invalid)?, *data)
            }
            _ => return Err(invalid()),
        };
        let dtype = Dtype::of(source, dtype)?;
        let shape = match source.pickled.node(shape) {
            Node::Int(_) => &[shape][..],
            Node::Tuple(ids) => ids,
            _ => return Err(invalid()),
        };
        let (rows, length) = match shape {
            [length] => (1, source.length(*length)?),
            [rows, length] => (source.length(*rows)?, source.length(*length)?),
            _ => return Err(Error::custom("an array of other than one or two dimensions")),
        };
        Self { dtype, rows, length, data: Data::of(source, data)?, fortran_order }.checked()
    }

    /// An array of the only element.
    fn scalar(source: &Source<'n>, call: Call<'n>) -> Result<Self> {
        let [dtype, data] = call.arguments else { return Err(invalid()) };
        let (dtype, data) = (Dtype::of(source, *dtype)?, Data::of(source, *data)?);
        Self { dtype, rows: 1, length: 1, data, fortran_order: false }.checked()
    }

    /// Checks that there are as many elements as the shape says.
    fn checked(self) -> Result<Self> {
        let count = self.rows.checked_mul(self.length).ok_or_else(invalid)?;
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
            _ => source.pickled.bytes(id).map(Self::Bytes).ok_or_else(invalid),
        }
    }
}

impl Dtype {
    /// `dtype('f8', False, True)` with the state `(3, '<', …)`, or a name such as `<f8`.
    pub(super) fn of(source: &Source<'_>, id: Id) -> Result<Self> {
        if let Some(name) = source.pickled.text(id) {
            return Self::named(name);
        }
        let call = source.call_of(id, "dtype").ok_or_else(|| unknown("a type of NumPy"))?;
        let code = call.arguments.first().and_then(|code| source.pickled.text(*code));
        let dtype = Self::named(code.ok_or_else(invalid)?)?;
        let Some(state) = call.state else { return Ok(dtype) };
        let state = source.pickled.tuple(state);
        let [_version, order, subarray, names, ..] = state else { return Err(invalid()) };
        if !source.is_none(*subarray) || !source.is_none(*names) {
            return Err(unknown("structured elements"));
        }
        let swapped = match source.pickled.text(*order) {
            Some(">") => cfg!(target_endian = "little"),
            Some("<") => cfg!(target_endian = "big"),
            Some("=" | "|") => false,
            _ => return Err(invalid()),
        };
        let unit = match state.get(8).map(|metadata| source.pickled.tuple(*metadata)) {
            Some([_, unit]) => {
                let [name, count, ..] = source.pickled.tuple(*unit) else { return Err(invalid()) };
                let name = source.pickled.bytes(*name).unwrap_or_default();
                match source.pickled.integer(*count) {
                    Some(1) => Unit::named(name),
                    _ => Unit::Unknown,
                }
            }
            _ => dtype.unit,
        };
        Ok(Self { swapped, unit, ..dtype })
    }

    /// Reads `f8`, `<f8` and `<M8[ns]`.
    fn named(name: &str) -> Result<Self> {
        let (swapped, code) = match name.split_at_checked(1) {
            Some((">", code)) => (cfg!(target_endian = "little"), code),
            Some(("<", code)) => (cfg!(target_endian = "big"), code),
            Some(("|" | "=", code)) => (false, code),
            _ => (false, name),
        };
        let (code, unit) = match code.strip_suffix(']').and_then(|code| code.split_once('[')) {
            Some((code, unit)) => (code, Unit::named(unit.as_bytes())),
            None => (code, Unit::Unknown),
        };
        let (letter, size) = match code.split_at_checked(1) {
            Some((letter @ ("b" | "i" | "u" | "f" | "c" | "M" | "m" | "O"), size)) => {
                (letter.as_bytes()[0], size)
            }
            _ => {
                return Err(unknown(&format!(
                    "elements of the type `{}`",
                    super::source::short(name)
                )));
            }
        };
        let size = match (letter, size) {
            (b'O', _) | (b'M' | b'm', "") => 8,
            (_, size) => size.parse().map_err(Error::custom)?,
        };
        let is_known = match letter {
            b'b' => size == 1,
            b'i' | b'u' => matches!(size, 1 | 2 | 4 | 8),
            b'f' => matches!(size, 2 | 4 | 8),
            b'c' => matches!(size, 8 | 16),
            _ => size == 8,
        };
        if !is_known {
            return Err(unknown(&format!("elements of the type `{}`", super::source::short(name))));
        }
        Ok(Self { letter, size, swapped, unit })
    }
}

impl Unit {
    pub(super) fn named(name: &[u8]) -> Self {
        match name {
            b"ns" => Self::Nano,
            b"us" => Self::Micro,
            b"ms" => Self::Milli,
            b"s" => Self::Millis(1000),
            b"m" => Self::Millis(60_000),
            b"h" => Self::Millis(3_600_000),
            b"D" => Self::Millis(86_400_000),
            b"W" => Self::Millis(7 * 86_400_000),
            _ => Self::Unknown,
        }
    }
}

#[cold]
pub(super) fn unknown(what: &str) -> Error {
    Error::custom(format!("{what}, which polars has no type for"))
}

#[cold]
pub(super) fn invalid() -> Error {
    Error::custom("not a NumPy array: its parts are not those that NumPy pickles")
}
