//! The `.npy` format: a magic number, a version, a header that is the text of a Python dictionary,
//! and the elements. <https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>

use std::borrow::Cow;

use smallvec::SmallVec;

use super::dtype::Scalar;
use super::element::{Element, is_of};
use super::literal::Literals;
use crate::error::{Error, ErrorKind, Result};
use crate::limits::{MAX_DIMENSIONS, check_dimensions};
use crate::sink::Sink;

const MAGIC: &[u8] = b"\x93NUMPY";
/// What NumPy pads headers to.
const HEADER_ALIGNMENT: usize = 64;
/// NumPy leaves room for the first (or last, in Fortran order) dimension to become as long as this.
const GROWTH: usize = 21;
/// Of a type with a field for each column of a wide table, and then some.
const MAX_DESCR: usize = 1 << 20;

/// An array as it stands in its payload.
pub(super) struct Npy<'a> {
    pub(super) dtype: Dtype<'a>,
    pub(super) fortran_order: bool,
    pub(super) shape: Shape,
    pub(super) data: &'a [u8],
}

/// The type of the elements.
pub(super) struct Dtype<'a> {
    /// A name, or the literal of a structured type; in the encoding of the header.
    pub(super) descr: &'a [u8],
    pub(super) encoding: Encoding,
    /// None for a structured type.
    pub(super) scalar: Option<Scalar>,
    pub(super) item_size: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Latin1,
    Utf8,
}

impl<'a> Dtype<'a> {
    /// Reads what comes next in a header.
    fn read(literals: &mut Literals<'a>, encoding: Encoding) -> Result<Self> {
        let Some(b'[') = literals.peek() else {
            let descr = literals.string()?;
            let scalar = Scalar::parse(descr)?;
            return Ok(Self { descr, encoding, scalar: Some(scalar), item_size: scalar.size });
        };
        let (descr, item_size) = literals
            .text_of(|literals| literals.item_size(|name| Ok(Scalar::parse(name)?.size)))?;
        if descr.len() > MAX_DESCR {
            let (limit, found) = (MAX_DESCR as u64, descr.len() as u64);
            let what = "description of the element type in bytes";
            return Err(ErrorKind::LimitExceeded { what, limit, found }.into());
        }
        Ok(Self { descr, encoding, scalar: None, item_size })
    }

    /// From a name, or the literal of a structured type, that a user gives.
    pub(super) fn parse(descr: &'a str) -> Result<Self> {
        let descr = descr.as_bytes();
        if !descr.starts_with(b"[") {
            let scalar = Scalar::parse(descr)?;
            let (scalar, item_size) = (Some(scalar), scalar.size);
            return Ok(Self { descr, encoding: Encoding::Utf8, scalar, item_size });
        }
        let mut literals = Literals::new(descr);
        let dtype = Self::read(&mut literals, Encoding::Utf8)?;
        literals.end()?;
        Ok(dtype)
    }

    /// That the elements are `A`s, and whether their bytes are in the other order.
    pub(super) fn check<A: Element>(&self) -> Result<bool> {
        match self.scalar {
            Some(scalar) if is_of::<A>(scalar) => Ok(scalar.swapped),
            _ => Err(self.is_not::<A>()),
        }
    }

    #[cold]
    fn is_not<A: Element>(&self) -> Error {
        let found = self.descr[..self.descr.len().min(64)].escape_ascii();
        let (wanted, name) = (A::DESCR, std::any::type_name::<A>());
        Error::custom(format!(
            "the elements are `{found}`, not `{wanted}` ({name}) as asked for; read it as a `DynArray`, or with `deserialize_any`"
        ))
    }

    pub(super) fn text(&self) -> Result<Cow<'a, str>> {
        match self.encoding {
            Encoding::Utf8 => std::str::from_utf8(self.descr).map(Cow::from).map_err(Error::custom),
            Encoding::Latin1 => Ok(match std::str::from_utf8(self.descr) {
                Ok(text) if text.is_ascii() => text.into(),
                _ => self.descr.iter().map(|&byte| char::from(byte)).collect::<String>().into(),
            }),
        }
    }
}

/// The length of each dimension.
pub(super) type Shape = SmallVec<[usize; 6]>;

fn read_shape(literals: &mut Literals<'_>) -> Result<Shape> {
    let mut shape = Shape::new();
    literals.tuple(|literals| {
        if shape.len() == MAX_DIMENSIONS {
            check_dimensions(shape.len() + 1)?;
        }
        shape.push(literals.number()?);
        Ok(())
    })?;
    Ok(shape)
}

/// How many bytes the elements of an array take. The check for too many bytes leaves out lengths of 0, as
/// NumPy's and `ndarray`'s checks do.
pub(super) fn data_size(shape: &[usize], item_size: usize) -> Result<usize> {
    let mut lengths = shape.iter().filter(|length| **length > 0);
    let size = lengths.try_fold(item_size, |size, length| size.checked_mul(*length));
    match size.filter(|size| isize::try_from(*size).is_ok()) {
        Some(_) if shape.contains(&0) => Ok(0),
        Some(size) => Ok(size),
        None => Err(Error::custom(format!(
            "an array of shape {shape:?} with elements of {item_size} bytes is larger than any memory"
        ))),
    }
}

/// Checks that there are as many bytes as the shape asks for.
pub(super) fn check_size(shape: &[usize], item_size: usize, found: usize) -> Result<()> {
    let size = data_size(shape, item_size)?;
    if size == found {
        return Ok(());
    }
    Err(Error::custom(format!(
        "an array of shape {shape:?} with elements of {item_size} bytes has {size} bytes of data, not {found}"
    )))
}

impl<'a> Npy<'a> {
    pub(super) fn parse(payload: &'a [u8]) -> Result<Self> {
        let rest = match payload.strip_prefix(MAGIC) {
            Some(rest) => rest,
            None if MAGIC.starts_with(payload) => return Err(cut_in_header(payload)),
            None => return Err(no_npy(payload)),
        };
        let [major, minor, rest @ ..] = rest else { return Err(cut_in_header(payload)) };
        let (length, encoding) = match (major, minor) {
            (1, 0) => (rest.split_first_chunk().map(widened), Encoding::Latin1),
            (2, 0) => (rest.split_first_chunk().map(four_bytes), Encoding::Latin1),
            (3, 0) => (rest.split_first_chunk().map(four_bytes), Encoding::Utf8),
            _ => {
                return Err(Error::custom(format!(
                    "version {major}.{minor} of the npy format; 1.0, 2.0 and 3.0 can be read"
                )));
            }
        };
        let header = length.and_then(|(length, rest)| {
            Some((rest.get(..length as usize)?, &rest[length as usize..]))
        });
        let Some((header, data)) = header else {
            return Err(cut_in_header(payload));
        };
        let (dtype, fortran_order, shape) = read_header(header, encoding)?;
        let size = data_size(&shape, dtype.item_size)?;
        if data.len() != size {
            return Err(other_size(&shape, dtype.item_size, size, data.len()));
        }
        Ok(Self { dtype, fortran_order, shape, data })
    }
}

fn widened<'b>((length, rest): (&[u8; 2], &'b [u8])) -> (u32, &'b [u8]) {
    (u16::from_le_bytes(*length).into(), rest)
}

fn four_bytes<'b>((length, rest): (&[u8; 4], &'b [u8])) -> (u32, &'b [u8]) {
    (u32::from_le_bytes(*length), rest)
}

fn read_header(header: &[u8], encoding: Encoding) -> Result<(Dtype<'_>, bool, Shape)> {
    let mut literals = Literals::new(header);
    let (mut descr, mut fortran_order, mut shape) = (None, None, None);
    literals.expect(b'{')?;
    while !literals.take(b'}') {
        let key = read_key(&mut literals)?;
        literals.expect(b':')?;
        match key {
            b"descr" => descr = Some(Dtype::read(&mut literals, encoding)?),
            b"fortran_order" => fortran_order = Some(literals.boolean()?),
            b"shape" => shape = Some(read_shape(&mut literals)?),
            _ => {
                let key = key[..key.len().min(32)].escape_ascii();
                return Err(Error::custom(format!("the npy header has the unknown key `{key}`")));
            }
        }
        if !literals.take(b',') {
            literals.expect(b'}')?;
            break;
        }
    }
    literals.end()?;
    match (descr, fortran_order, shape) {
        (Some(descr), Some(fortran_order), Some(shape)) => Ok((descr, fortran_order, shape)),
        _ => Err(Error::custom(
            "the npy header needs the three keys `descr`, `fortran_order` and `shape`",
        )),
    }
}

/// Looks first for what nearly every writer writes.
fn read_key<'a>(literals: &mut Literals<'a>) -> Result<&'a [u8]> {
    for quoted in [&b"'descr'"[..], b"'fortran_order'", b"'shape'"] {
        if literals.take_text(quoted) {
            return Ok(&quoted[1..quoted.len() - 1]);
        }
    }
    literals.string()
}

#[cold]
fn no_npy(payload: &[u8]) -> Error {
    let begins = payload[..payload.len().min(8)].escape_ascii();
    Error::custom(match payload {
        [b'P', b'K', 3 | 5, ..] => {
            "a zip archive, as `numpy.savez` makes, and no single array; send the arrays one by one"
                .to_owned()
        }
        [0x80, ..] => {
            "a pickle and no npy array; in Python, send a `numpy.ndarray` of numbers".to_owned()
        }
        _ => format!("no npy array: it begins with `{begins}`, not with `\\x93NUMPY`"),
    })
}

#[cold]
fn cut_in_header(payload: &[u8]) -> Error {
    let found = payload.len();
    Error::custom(format!("the payload is cut: it ends after {found} bytes, within the npy header"))
}

#[cold]
fn other_size(shape: &[usize], item_size: usize, size: usize, found: usize) -> Error {
    let array = format!("an array of shape {shape:?} with elements of {item_size} bytes");
    Error::custom(if found < size {
        format!("the payload is cut: it has {found} of the {size} bytes of data of {array}")
    } else {
        format!("{} bytes are left over after the {size} bytes of data of {array}", found - size)
    })
}

/// Hands the header to a sink, and announces the data that will follow: the very bytes that
/// `numpy.save` writes.
pub(super) fn write_header(
    descr: &str,
    fortran_order: bool,
    shape: &[usize],
    data: usize,
    out: &mut dyn Sink<'_>,
) -> Result<()> {
    check_dimensions(shape.len())?;
    let header = Header::new(descr, fortran_order, shape);
    let length = header.len();
    out.reserve(length.saturating_add(data));
    out.append(length, &mut |buffer| header.write(buffer));
    Ok(())
}

struct Header<'h> {
    descr: &'h str,
    fortran_order: bool,
    shape: &'h [usize],
    /// From the brace to the last space, without the newline.
    text: usize,
    version: u8,
}

impl<'h> Header<'h> {
    fn new(descr: &'h str, fortran_order: bool, shape: &'h [usize]) -> Self {
        let descr_len = descr.chars().count() + if is_name(descr) { 2 } else { 0 };
        let digits: usize = shape.iter().copied().map(digits).sum();
        let separators = match shape.len() {
            0 | 1 => shape.len(),
            n => 2 * (n - 1),
        };
        let fixed = "{'descr': , 'fortran_order': , 'shape': (), }".len();
        let order = if fortran_order { "True" } else { "False" }.len();
        let mut header = Self { descr, fortran_order, shape, text: 0, version: 1 };
        header.text = fixed + descr_len + order + digits + separators + header.growth();
        let latin1 = descr.chars().all(|c| u32::from(c) < 256);
        if !latin1 {
            header.text += descr.len() - descr.chars().count();
            header.version = 3;
        } else if header.len() - 10 > usize::from(u16::MAX) {
            header.version = 2;
        }
        header
    }

    fn growth(&self) -> usize {
        let axis = if self.fortran_order { self.shape.last() } else { self.shape.first() };
        axis.map_or(0, |&length| GROWTH - digits(length))
    }

    /// Magic number, version, and the length of what follows.
    fn prefix(&self) -> usize {
        if self.version == 1 { 10 } else { 12 }
    }

    /// Of all of it.
    fn len(&self) -> usize {
        let unpadded = self.prefix() + self.text + 1;
        unpadded + (HEADER_ALIGNMENT - unpadded % HEADER_ALIGNMENT)
    }

    fn write(&self, buffer: &mut Vec<u8>) {
        let start = buffer.len();
        buffer.extend_from_slice(MAGIC);
        buffer.extend_from_slice(&[self.version, 0]);
        let length = u32::try_from(self.len() - self.prefix()).expect("its parts are limited");
        buffer.extend_from_slice(&length.to_le_bytes()[..self.prefix() - 8]);
        buffer.extend_from_slice(b"{'descr': ");
        let quote = if is_name(self.descr) { &b"'"[..] } else { b"" };
        buffer.extend_from_slice(quote);
        if self.version == 3 || self.descr.is_ascii() {
            buffer.extend_from_slice(self.descr.as_bytes());
        } else {
            buffer.extend(self.descr.chars().map(|c| u8::try_from(c).expect("it is Latin-1")));
        }
        buffer.extend_from_slice(quote);
        let order: &[u8] = if self.fortran_order { b"True" } else { b"False" };
        buffer.extend_from_slice(b", 'fortran_order': ");
        buffer.extend_from_slice(order);
        buffer.extend_from_slice(b", 'shape': (");
        let mut number = itoa::Buffer::new();
        for (i, &length) in self.shape.iter().enumerate() {
            if i > 0 {
                buffer.extend_from_slice(b", ");
            }
            buffer.extend_from_slice(number.format(length).as_bytes());
        }
        if self.shape.len() == 1 {
            buffer.push(b',');
        }
        buffer.extend_from_slice(b"), }");
        buffer.resize(start + self.len() - 1, b' ');
        buffer.push(b'\n');
    }
}

/// A structured type is a Python literal and stands as it is; a name is quoted.
fn is_name(descr: &str) -> bool {
    !descr.starts_with('[')
}

fn digits(number: usize) -> usize {
    number.checked_ilog10().unwrap_or(0) as usize + 1
}
