//! The layout of a frame. No other file knows the newline.

use std::fmt;

use bytes::Bytes;

use crate::error::{Error, ErrorKind, Result};
use crate::identifier::{Identifier, is_space};
use crate::memory;
use crate::serializer::Serializer;

/// The offset of the payload in an aligned frame. It is also the length of the longest identifier line.
pub(crate) const ALIGNED: usize = 64;

/// The padding between two bytes of an identifier and an aligned payload.
const PADDING: &[u8; ALIGNED - 2] =
    b"                                                             \n";

/// A frame, split into its identifier and its payload, which is not decoded. Use it to look at a frame, to pass one on, or to make
/// a frame of a payload that exists already.
///
/// ```text
///      identifier   padding   newline   payload
///     ┌───────────┬─────────┬─────────┬───────── ─ ─ ─
///     │ "05"      │ ""      │ "\n"    │ to the end          plain: "05\n…"
///     └───────────┴─────────┴─────────┴───────── ─ ─ ─
///     ┌───────────┬─────────┬─────────┬───────── ─ ─ ─
///     │ "NP"      │ 61 × " "│ "\n"    │ to the end          aligned: payload at offset 64
///     └───────────┴─────────┴─────────┴───────── ─ ─ ─
/// ```
///
/// ```
/// use ps_serialize::{Frame, serialize};
///
/// let bytes = serialize("héllo")?;
/// let frame = Frame::parse(&bytes)?;
/// assert_eq!(frame.identifier(), *b"US");
/// assert_eq!(frame.payload(), "héllo".as_bytes());
/// # Ok::<_, ps_serialize::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Frame<'a> {
    identifier: &'a [u8],
    payload: &'a [u8],
}

impl<'a> Frame<'a> {
    /// Makes a frame of a payload that exists already, such as a file that another program wrote.
    ///
    /// ```
    /// use ps_serialize::{Frame, Identifier, deserialize};
    ///
    /// let frame = Frame::new(&Identifier::new(b"US"), b"hello").to_bytes();
    /// assert_eq!(frame, b"US\nhello"[..]);
    /// assert_eq!(deserialize::<String>(&frame)?, "hello");
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    #[must_use]
    pub fn new(identifier: &'a Identifier, payload: &'a [u8]) -> Self {
        Self { identifier: identifier.as_bytes(), payload }
    }

    /// Splits a frame as Python's `readline().strip()` does: the identifier stands before the first newline, without the
    /// white space at its ends. The newline may be missing only if no payload follows.
    ///
    /// ```
    /// # use ps_serialize::Frame;
    /// let frame = Frame::parse(b" 05 \r\npayload\n")?;
    /// assert_eq!(frame.identifier(), *b"05");
    /// assert_eq!(frame.payload(), b"payload\n");
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NoIdentifierLine`] if the first 64 bytes have no newline and more follow, and
    /// [`ErrorKind::InvalidIdentifier`] if the identifier is empty or over 32 bytes long.
    #[inline]
    pub fn parse(frame: &'a [u8]) -> Result<Self> {
        match Self::parse_usual(frame) {
            Some(frame) => Ok(frame),
            None => Self::parse_any(frame),
        }
    }

    /// Splits a line of two bytes and the newline, with or without the padding that this library writes between them.
    #[inline]
    fn parse_usual(frame: &'a [u8]) -> Option<Self> {
        let (identifier, rest) = frame.split_first_chunk::<2>()?;
        if identifier.iter().any(|&byte| is_space(byte) || byte == b'\n') {
            return None;
        }
        let payload = if let [b'\n', payload @ ..] = rest {
            payload
        } else {
            let (padding, payload) = rest.split_first_chunk::<{ ALIGNED - 2 }>()?;
            if padding != PADDING {
                return None;
            }
            payload
        };
        Some(Self { identifier, payload })
    }

    fn parse_any(frame: &'a [u8]) -> Result<Self> {
        let head = &frame[..frame.len().min(ALIGNED)];
        let (line, payload) = match newline(head) {
            Some(end) => (&head[..end], &frame[end + 1..]),
            None if frame.len() <= ALIGNED => (head, &frame[frame.len()..]),
            None => return Err(ErrorKind::NoIdentifierLine { found: head.to_vec() }.into()),
        };
        let identifier = strip(line);
        if identifier.is_empty() || identifier.len() > Identifier::MAX_LEN {
            Identifier::try_from(identifier)?;
        }
        Ok(Self { identifier, payload })
    }

    /// The identifier, which says what kind of value the payload is.
    ///
    /// ```
    /// # use ps_serialize::Frame;
    /// assert_eq!(Frame::parse(b"BS\n\x00\x01")?.identifier(), *b"BS");
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    #[must_use]
    pub fn identifier(&self) -> Identifier {
        Identifier::new(self.identifier)
    }

    /// The bytes after the identifier line, not decoded.
    ///
    /// ```
    /// # use ps_serialize::Frame;
    /// assert_eq!(Frame::parse(b"BS\n\x00\x01")?.payload(), b"\x00\x01");
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    #[must_use]
    pub fn payload(&self) -> &'a [u8] {
        self.payload
    }

    /// The bytes of the frame, without padding in the identifier line, as Python writes them.
    ///
    /// ```
    /// # use ps_serialize::Frame;
    /// let frame = Frame::parse(b"  05\r\npayload")?;
    /// assert_eq!(frame.to_bytes(), b"05\npayload"[..]);
    /// assert_eq!(Frame::parse(&frame.to_bytes())?, frame);
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    #[must_use]
    pub fn to_bytes(&self) -> Bytes {
        let line = Line::new(&self.identifier(), 1);
        let bytes = memory::with_capacity(line.as_bytes().len() + self.payload.len());
        self.written_to(bytes, &line)
    }

    /// The bytes of the frame, with the payload at offset 64. The frame begins at a multiple of 64 bytes in
    /// memory, and so does its payload. Arrays, tables and tensors can then be borrowed from it.
    ///
    /// ```
    /// # use ps_serialize::{Frame, Identifier};
    /// let frame = Frame::new(&Identifier::new(b"NP"), b"payload").to_aligned_bytes();
    /// assert_eq!(frame[..64], *format!("{:63}\n", "NP").as_bytes());
    /// assert_eq!(&frame[64..], b"payload");
    /// assert_eq!(frame.as_ptr().addr() % 64, 0);
    /// ```
    #[must_use]
    pub fn to_aligned_bytes(&self) -> Bytes {
        let line = Line::new(&self.identifier(), ALIGNED);
        let bytes = memory::aligned(line.as_bytes().len() + self.payload.len());
        self.written_to(bytes, &line)
    }

    fn written_to(&self, mut bytes: Vec<u8>, line: &Line) -> Bytes {
        let start = bytes.len();
        bytes.extend_from_slice(line.as_bytes());
        memory::extend(&mut bytes, self.payload);
        Bytes::from(bytes).slice(start..)
    }

    pub(crate) fn identifier_bytes(&self) -> &'a [u8] {
        self.identifier
    }
}

/// Splits a frame, as [`Frame::parse`] does.
///
/// ```
/// use ps_serialize::Frame;
///
/// let frame: Frame = b"BS\n\x00\x01"[..].try_into()?;
/// assert_eq!(frame.payload(), b"\x00\x01");
/// # Ok::<_, ps_serialize::Error>(())
/// ```
impl<'a> TryFrom<&'a [u8]> for Frame<'a> {
    type Error = Error;

    fn try_from(frame: &'a [u8]) -> Result<Self> {
        Self::parse(frame)
    }
}

/// Prints only the size of the payload.
impl fmt::Debug for Frame<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Frame")
            .field("identifier", &self.identifier())
            .field("payload", &format_args!("{} bytes", self.payload.len()))
            .finish()
    }
}

/// Finds the first newline. A block without a newline, such as those of a padded line, is skipped as a whole.
fn newline(head: &[u8]) -> Option<usize> {
    let blocks = head.as_chunks::<16>().0;
    let without =
        |block: &&[u8; 16]| block.iter().fold(0, |found, &b| found | u8::from(b == b'\n')) == 0;
    let start = 16 * blocks.iter().take_while(without).count();
    let place = head[start..].iter().position(|&byte| byte == b'\n')?;
    Some(start + place)
}

fn strip(mut line: &[u8]) -> &[u8] {
    // The padding.
    while let Some((rest, b"        ")) = line.split_last_chunk() {
        line = rest;
    }
    while let [first, rest @ ..] = line
        && is_space(*first)
    {
        line = rest;
    }
    while let [rest @ .., last] = line
        && is_space(*last)
    {
        line = rest;
    }
    line
}

/// The line that a serializer's frames begin with: identifier, padding and newline.
pub(crate) struct Line {
    bytes: [u8; ALIGNED],
    len: usize,
}

impl Line {
    /// The line of a serializer, computed when the program is compiled.
    pub(crate) const fn of<S: Serializer + ?Sized>() -> &'static Self {
        const { &Self::new(&S::IDENTIFIER, S::ALIGNMENT) }
    }

    /// The line of a serializer with the padding, whatever its alignment.
    pub(crate) const fn padded<S: Serializer + ?Sized>() -> &'static Self {
        const { &Self::new(&S::IDENTIFIER, ALIGNED) }
    }

    pub(crate) const fn new(identifier: &Identifier, alignment: usize) -> Self {
        assert!(
            alignment.is_power_of_two() && alignment <= ALIGNED,
            "ALIGNMENT is a power of two up to 64"
        );
        let identifier = identifier.as_bytes();
        let mut bytes = [b' '; ALIGNED];
        bytes.split_at_mut(identifier.len()).0.copy_from_slice(identifier);
        let len = if alignment > 1 { ALIGNED } else { identifier.len() + 1 };
        bytes[len - 1] = b'\n';
        Self { bytes, len }
    }

    #[inline]
    pub(crate) const fn as_bytes(&self) -> &[u8] {
        self.bytes.split_at(self.len).0
    }

    /// Whether the payload is to be aligned in memory.
    #[inline]
    pub(crate) const fn is_aligned(&self) -> bool {
        self.len == ALIGNED
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_plain_or_padded_to_the_alignment() {
        let identifier = Identifier::new(b"05");
        assert_eq!(Line::new(&identifier, 1).as_bytes(), b"05\n");
        let padded = Line::new(&identifier, 8);
        assert_eq!(padded.as_bytes(), format!("{:63}\n", "05").as_bytes());
        assert!(padded.is_aligned());
    }

    #[test]
    fn a_usual_line_is_parsed_as_any_other() {
        for a in 0..=255 {
            for b in 0..=255 {
                for end in [
                    &b"\n"[..],
                    b"\nx",
                    b"",
                    b" \n",
                    b"\r\nx",
                    PADDING,
                    &PADDING[..61],
                    &PADDING[1..],
                ] {
                    let frame = [&[a, b], end].concat();
                    if let Some(usual) = Frame::parse_usual(&frame) {
                        assert!(
                            Frame::parse_any(&frame).unwrap() == usual,
                            "{}",
                            frame.escape_ascii()
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn the_first_newline_is_found_wherever_it_is() {
        for at in 0..ALIGNED {
            let mut head = [b' '; ALIGNED + 1];
            head[at..].fill(b'\n');
            assert_eq!(newline(&head), Some(at));
            assert_eq!(newline(&head[..at]), None);
            assert_eq!(strip(&head[..at]), b"");
        }
    }
}
