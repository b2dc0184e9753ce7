//! The `.npy` format: a magic number, a version, a header that is the text of a Python dictionary,
//! and the elements. <https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>

use std::borrow::Cow;

use smallvec::SmallVec;

use super::dtype::Scalar;
use super::element::{Element, is_of};
use super::literal::Literals;
use crate::error::{Error, Result};
use crate::limits::{MAX_DIMENSIONS, MAX_DTYPE_DESCR, check_dimensions, exceeded};
use crate::sink::Sink;

const MAGIC: &[u8] = b"\x93NUMPY";
/// The multiple of bytes to which NumPy pads headers.
const HEADER_ALIGNMENT: usize = 64;
/// NumPy leaves room for the first (or last, in Fortran order) dimension to become as long as this.
const GROWTH: usize = 21;

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
    /// The scalar type. It is `None` for a structured type.
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
        if descr.len() > MAX_DTYPE_DESCR {
            let what = "description of the element type in bytes";
            return Err(exceeded(what, MAX_DTYPE_DESCR, descr.len()));
        }
        Ok(Self { descr, encoding, scalar: None, item_size })
    }

    /// Parses a name, or the literal of a structured type, that a user gives.
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

    /// Checks that the elements are `A`s, and says whether their bytes are in the other order.
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

/// The number of dimensions that need no allocation.
const FEW_DIMENSIONS: usize = 6;

/// The length of each dimension.
pub(in crate::builtin) type Shape = SmallVec<[usize; FEW_DIMENSIONS]>;

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
    // Elements without bytes are counted as if each had one, so that their number is a `usize`.
    let size = lengths.try_fold(item_size.max(1), |size, length| size.checked_mul(*length));
    match size.filter(|size| isize::try_from(*size).is_ok()) {
        Some(_) if item_size == 0 || shape.contains(&0) => Ok(0),
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
        match Self::parse_plain(payload) {
            Some(npy) => Ok(npy),
            None => Self::parse_any(payload),
        }
    }

    /// Reads exactly the text that NumPy and this library write for arrays of few dimensions whose element
    /// type has a name. Any other text is `None`, be it malformed or only spelled differently.
    #[inline]
    fn parse_plain(payload: &'a [u8]) -> Option<Self> {
        let rest = payload.strip_prefix(b"\x93NUMPY\x01\x00")?;
        let (length, rest) = rest.split_first_chunk()?;
        let (header, data) = rest.split_at_checked(u16::from_le_bytes(*length).into())?;

        let rest = header.strip_prefix(b"{'descr': '")?;
        let quote = rest.iter().position(|byte| *byte == b'\'')?;
        let (descr, rest) = rest.split_at(quote);
        let scalar = Scalar::parse_plain(descr)?;
        let rest = rest.strip_prefix(b"', 'fortran_order': ")?;
        let (fortran_order, rest) = match rest.strip_prefix(b"False, 'shape': (") {
            Some(rest) => (false, rest),
            None => (true, rest.strip_prefix(b"True, 'shape': (")?),
        };
        let (shape, rest) = plain_shape(rest)?;
        let padding = rest.strip_prefix(b", }")?.strip_suffix(b"\n")?;
        if !is_blank(padding) || data_size(&shape, scalar.size).ok()? != data.len() {
            return None;
        }
        let (scalar, item_size) = (Some(scalar), scalar.size);
        let dtype = Dtype { descr, encoding: Encoding::Latin1, scalar, item_size };
        Some(Self { dtype, fortran_order, shape, data })
    }

    #[inline(never)]
    fn parse_any(payload: &'a [u8]) -> Result<Self> {
        let (header, encoding, data) = split(payload)?;
        let (dtype, fortran_order, shape) = read_header(header, encoding)?;
        let size = data_size(&shape, dtype.item_size)?;
        if data.len() != size {
            return Err(other_size(&shape, dtype.item_size, size, data.len()));
        }
        Ok(Self { dtype, fortran_order, shape, data })
    }
}

/// The contents of the header of an array, and its length.
#[cfg(feature = "pickle")]
pub(in crate::builtin) struct Head {
    pub(in crate::builtin) descr: String,
    pub(in crate::builtin) fortran_order: bool,
    pub(in crate::builtin) shape: Shape,
    pub(in crate::builtin) length: usize,
}

#[cfg(feature = "pickle")]
impl Head {
    /// Reads the header, after which the data need not be there.
    pub(in crate::builtin) fn read(payload: &[u8]) -> Result<Self> {
        let (header, encoding, data) = split(payload)?;
        let (dtype, fortran_order, shape) = read_header(header, encoding)?;
        let descr = dtype.text()?.into_owned();
        Ok(Self { descr, fortran_order, shape, length: payload.len() - data.len() })
    }
}

/// The header, its encoding, and the data.
fn split(payload: &[u8]) -> Result<(&[u8], Encoding, &[u8])> {
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
    let header = length.and_then(|(length, rest)| rest.split_at_checked(length as usize));
    let (header, data) = header.ok_or_else(|| cut_in_header(payload))?;
    Ok((header, encoding, data))
}

/// Reads the lengths up to the closing parenthesis. Returns them and the text after it.
#[inline]
fn plain_shape(mut rest: &[u8]) -> Option<(Shape, &[u8])> {
    if let Some(rest) = rest.strip_prefix(b")") {
        return Some((Shape::new(), rest));
    }
    let mut lengths = [0; FEW_DIMENSIONS];
    let mut dimensions = 0;
    loop {
        let (length, after) = plain_number(rest)?;
        *lengths.get_mut(dimensions)? = length;
        dimensions += 1;
        match (after, dimensions) {
            ([b',', b' ', after @ ..], _) => rest = after,
            ([b',', b')', after @ ..], 1) | ([b')', after @ ..], 2..) => {
                return Some((Shape::from_buf_and_len(lengths, dimensions), after));
            }
            _ => return None,
        }
    }
}

/// Reads a number of up to 18 digits, as Python prints it. Returns it and the text after it.
#[inline]
fn plain_number(text: &[u8]) -> Option<(usize, &[u8])> {
    let mut value = 0_u64;
    let mut digits = 0;
    while let Some(byte @ b'0'..=b'9') = text.get(digits) {
        if digits == 18 {
            return None;
        }
        value = value * 10 + u64::from(byte - b'0');
        digits += 1;
    }
    if digits == 0 || digits > 1 && text[0] == b'0' {
        return None;
    }
    Some((usize::try_from(value).ok()?, &text[digits..]))
}

#[inline]
fn is_blank(text: &[u8]) -> bool {
    let (blocks, rest) = text.as_chunks::<8>();
    blocks.iter().all(|block| block == b"        ") && rest.iter().all(|byte| *byte == b' ')
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
#[inline]
pub(super) fn write_header(
    descr: &str,
    fortran_order: bool,
    shape: &[usize],
    data: usize,
    out: &mut dyn Sink<'_>,
) -> Result<()> {
    if !PlainHeader::fits(descr, shape) {
        return write_any_header(descr, fortran_order, shape, data, out);
    }
    let mut header = PlainHeader::EMPTY;
    header.fill(descr, fortran_order, shape);
    out.reserve(header.len.saturating_add(data));
    out.put(header.as_bytes());
    Ok(())
}

#[inline(never)]
fn write_any_header(
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

/// The header of an array of few dimensions whose element type has a short name, written without
/// counting its letters first.
struct PlainHeader {
    /// The text written so far, and spaces after it.
    bytes: [u8; Self::MAX],
    len: usize,
}

impl PlainHeader {
    const MAX: usize = 192;
    const MAX_DIMENSIONS: usize = 4;
    const MAX_DESCR: usize = 16;

    const EMPTY: Self = Self { bytes: [b' '; Self::MAX], len: 0 };

    #[inline]
    fn fits(descr: &str, shape: &[usize]) -> bool {
        const {
            let texts = "{'descr': '', 'fortran_order': False, 'shape': (), }\n".len();
            let lengths = Self::MAX_DIMENSIONS * (MAX_DIGITS + ", ".len());
            assert!(10 + texts + Self::MAX_DESCR + lengths + GROWTH < Self::MAX);
        }
        let short = shape.len() <= Self::MAX_DIMENSIONS && descr.len() <= Self::MAX_DESCR;
        short && is_name(descr) && descr.is_ascii()
    }

    #[inline]
    fn fill(&mut self, descr: &str, fortran_order: bool, shape: &[usize]) {
        // Each literal has a known size, so it is copied without a call.
        self.put(b"\x93NUMPY\x01\x00\x00\x00{'descr': '");
        self.put(descr.as_bytes());
        self.put(b"', 'fortran_order': ");
        if fortran_order {
            self.put(b"True, 'shape': (");
        } else {
            self.put(b"False, 'shape': (");
        }
        let growing = if fortran_order { shape.len().wrapping_sub(1) } else { 0 };
        let mut growth = 0;
        let mut number = itoa::Buffer::new();
        for (axis, &length) in shape.iter().enumerate() {
            if axis > 0 {
                self.put(b", ");
            }
            let digits = number.format(length);
            self.put(digits.as_bytes());
            if axis == growing {
                growth = GROWTH - digits.len();
            }
        }
        if shape.len() == 1 {
            self.put(b",");
        }
        self.put(b"), }");
        self.len = padded(self.len + growth + 1);
        self.bytes[self.len - 1] = b'\n';
        let length = u16::try_from(self.len - 10).expect("it is at most 192");
        self.bytes[8..10].copy_from_slice(&length.to_le_bytes());
    }

    #[inline]
    fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    #[inline]
    fn put(&mut self, text: &[u8]) {
        self.bytes[self.len..self.len + text.len()].copy_from_slice(text);
        self.len += text.len();
    }
}

/// The most digits that a length has.
const MAX_DIGITS: usize = usize::MAX.ilog10() as usize + 1;

/// The size of a header with its padding. NumPy pads by at least one byte.
fn padded(unpadded: usize) -> usize {
    unpadded + (HEADER_ALIGNMENT - unpadded % HEADER_ALIGNMENT)
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

    /// The length of the whole header.
    fn len(&self) -> usize {
        padded(self.prefix() + self.text + 1)
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
#[inline]
fn is_name(descr: &str) -> bool {
    !descr.starts_with('[')
}

fn digits(number: usize) -> usize {
    number.checked_ilog10().unwrap_or(0) as usize + 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::MAX_DTYPE_NAME;

    const DESCRS: [&str; 14] = [
        "<f8",
        "|b1",
        ">i4",
        "|u1",
        "=f4",
        "<c16",
        "|S10",
        "<U0",
        "|V0",
        "<M8[25us]",
        "f8",
        "float64",
        "<f3",
        "",
    ];
    const LENGTHS: [u64; 9] =
        [0, 1, 9, 10, 128, 65_535, 999_999_999_999_999_999, 1_000_000_000_000_000_000, u64::MAX];

    /// Shapes of each number of dimensions, with every length at each dimension.
    fn shapes() -> Vec<Vec<usize>> {
        let mut shapes = vec![vec![]];
        for dimensions in 1..=8 {
            for place in 0..dimensions {
                for length in LENGTHS {
                    let mut shape = vec![1; dimensions];
                    shape[place] = usize::try_from(length).unwrap_or(usize::MAX);
                    shape[(place + 1) % dimensions] = shape[(place + 1) % dimensions].max(3);
                    shapes.push(shape);
                }
            }
        }
        shapes
    }

    fn written(descr: &str, fortran_order: bool, shape: &[usize]) -> Vec<u8> {
        let mut buffer = Vec::new();
        Header::new(descr, fortran_order, shape).write(&mut buffer);
        buffer
    }

    #[test]
    fn a_header_written_in_one_go_is_the_same() {
        let mut plain = 0;
        for descr in DESCRS.into_iter().chain(["<f8é", "[('x', '<f8')]", "0123456789abcdef0"]) {
            for shape in shapes() {
                for fortran_order in [false, true] {
                    if PlainHeader::fits(descr, &shape) {
                        let mut header = PlainHeader::EMPTY;
                        header.fill(descr, fortran_order, &shape);
                        let expected = written(descr, fortran_order, &shape);
                        assert_eq!(header.as_bytes(), expected, "{descr} {shape:?}");
                        plain += 1;
                    }
                }
            }
        }
        assert!(plain > 2000, "{plain}");
        assert!(!PlainHeader::fits("<f8", &[1; 5]));
        assert!(!PlainHeader::fits("[('x', '<f8')]", &[1]));
        assert!(!PlainHeader::fits("é", &[1]));
    }

    /// Whether the payload was read without the parser of literals. If so, that parser must read the same.
    fn read_plainly(payload: &[u8]) -> bool {
        let Some(plain) = Npy::parse_plain(payload) else { return false };
        let any = Npy::parse_any(payload).unwrap_or_else(|error| {
            panic!("{}: {error}", payload.escape_ascii());
        });
        assert_eq!(plain.dtype.descr, any.dtype.descr);
        assert_eq!(plain.dtype.scalar, any.dtype.scalar);
        assert_eq!(plain.dtype.item_size, any.dtype.item_size);
        assert!(plain.dtype.encoding == any.dtype.encoding);
        assert_eq!(plain.fortran_order, any.fortran_order);
        assert_eq!(plain.shape, any.shape);
        assert!(std::ptr::eq(plain.data, any.data));
        true
    }

    #[test]
    fn a_header_read_in_one_go_is_the_same() {
        let mut plain = 0;
        for descr in DESCRS {
            for shape in shapes() {
                for fortran_order in [false, true] {
                    let mut payload = written(descr, fortran_order, &shape);
                    let size = Scalar::parse(descr.as_bytes()).map_or(0, |scalar| scalar.size);
                    let size = data_size(&shape, size).unwrap_or(0);
                    payload.resize(payload.len() + size.min(4096), 7);
                    plain += usize::from(read_plainly(&payload));
                }
            }
        }
        assert!(plain > 1000, "{plain}");
    }

    #[test]
    fn a_changed_header_is_read_the_same_or_left_to_the_parser() {
        let interesting = b"\0\t\n\r\x0b\x0c '\"\\(),:{}[]0123456789<>=|bifucmMSUVLlTFaxX\x93\xff";
        for (descr, shape) in
            [("<f8", &[3][..]), ("|u1", &[]), (">i2", &[2, 10]), ("<M8[ns]", &[0])]
        {
            for fortran_order in [false, true] {
                let mut payload = written(descr, fortran_order, shape);
                let size = Scalar::parse(descr.as_bytes()).unwrap().size;
                payload.resize(payload.len() + data_size(shape, size).unwrap(), 0);
                assert!(read_plainly(&payload), "{descr} {shape:?}");
                for at in 0..payload.len().min(160) {
                    assert!(!read_plainly(&payload[..at]));
                    for &byte in interesting {
                        let mut changed = payload.clone();
                        changed[at] = byte;
                        read_plainly(&changed);
                        // A byte is added and removed, in a header of the same size.
                        let end = payload.len() - data_size(shape, size).unwrap();
                        if (10..end - 1).contains(&at) {
                            let mut longer = payload.clone();
                            longer.insert(at, byte);
                            longer.remove(end - 2);
                            read_plainly(&longer);
                            longer.remove(at);
                            longer.remove(at);
                            longer.insert(end - 2, b' ');
                            longer.insert(end - 2, b' ');
                            read_plainly(&longer);
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn names_are_read_in_one_go_if_they_are_known() {
        let mut plain = 0;
        for order in ["", "<", ">", "=", "|", "<<"] {
            for kind in 0..=127_u8 {
                for digits in [
                    "", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "16", "12", "08", "8 ",
                    ":", "/",
                ] {
                    let name = format!("{order}{}{digits}", char::from(kind));
                    if let Some(scalar) = Scalar::parse_plain(name.as_bytes()) {
                        assert_eq!(scalar, Scalar::parse(name.as_bytes()).unwrap(), "{name}");
                        plain += 1;
                    }
                }
            }
        }
        assert!(plain >= 4 * 13, "{plain}");
        let long = "0".repeat(MAX_DTYPE_NAME) + "1";
        assert!(Scalar::parse_plain(format!("S{long}").as_bytes()).is_none());
    }
}
