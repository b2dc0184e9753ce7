use std::fmt;
use std::io::{self, IoSlice, Write};
use std::mem;
use std::ops::Range;

use bytes::{Buf, Bytes};
use smallvec::SmallVec;

use crate::debug;
use crate::frame::Line;
use crate::memory;
use crate::sink::{Sink, reserve};

/// The largest number of slices that one vectored write takes on the common systems (`IOV_MAX`).
const SLICES_PER_WRITE: usize = 1024;
/// The largest number of bytes that one vectored write is asked to take: some systems refuse more than `i32::MAX`.
const BYTES_PER_WRITE: usize = 1 << 30;

/// The largest number of bytes that are copied again although they could be shared.
const SMALL: usize = 1 << 10;

/// The pieces of most frames, which need no allocation: the line, a header and the data.
const USUAL: usize = 3;

/// A frame in pieces, which refer to the bytes that the value holds and do not copy them.
///
/// Making parts of bytes, text, arrays, tables and tensors takes the same time at every size. Other values are encoded first.
/// [`write_to`](Self::write_to) writes the parts to a file or a socket. [`io_slices`](Self::io_slices) returns them for a
/// vectored write of your own. [`to_bytes`](Self::to_bytes) joins them. Any function that takes a [`bytes::Buf`] takes them.
///
/// ```
/// let image = vec![7_u8; 1 << 20];
/// let parts = ps_serialize::parts(&image)?;
/// assert_eq!(parts.len(), 3 + image.len());
/// let slices = parts.io_slices();
/// assert_eq!(&slices[0][..], b"BS\n");
/// assert!(std::ptr::eq(&slices[1][..], &image[..]));
/// # Ok::<_, ps_serialize::Error>(())
/// ```
#[derive(Clone)]
pub struct Parts<'a> {
    /// No piece is empty, except the pieces that were consumed.
    pieces: SmallVec<[Piece<'a>; USUAL]>,
    /// The number of pieces that were consumed.
    consumed: usize,
    /// The bytes that were copied.
    copied: Vec<u8>,
    len: usize,
    /// The number of records around this payload.
    nesting: u32,
    /// The largest number of records around a frame in this payload.
    deepest: u32,
}

#[derive(Clone)]
enum Piece<'a> {
    Copied(Range<usize>),
    Borrowed(&'a [u8]),
    Shared(Bytes),
}

impl Piece<'_> {
    fn bytes<'s>(&'s self, copied: &'s [u8]) -> &'s [u8] {
        match self {
            Self::Copied(range) => &copied[range.clone()],
            Self::Borrowed(bytes) => bytes,
            Self::Shared(bytes) => bytes,
        }
    }
}

impl<'a> Parts<'a> {
    #[inline]
    pub(crate) fn new(line: &'static Line) -> Self {
        let mut parts = Self {
            pieces: SmallVec::new(),
            consumed: 0,
            copied: Vec::new(),
            len: 0,
            nesting: 0,
            deepest: 0,
        };
        parts.borrow(line.as_bytes());
        parts
    }

    /// The frames of a record, which is inside of others or alone.
    pub(crate) fn of_record(nesting: u32) -> Self {
        Self { nesting, ..Self::payload() }
    }

    /// The largest number of records around a frame that was written since the last call.
    pub(crate) fn take_deepest(&mut self) -> u32 {
        mem::take(&mut self.deepest)
    }

    /// A payload without a line, with room for a number of small frames.
    pub(crate) fn payload() -> Self {
        Self {
            pieces: SmallVec::with_capacity(10),
            consumed: 0,
            copied: Vec::with_capacity(256),
            len: 0,
            nesting: 0,
            deepest: 0,
        }
    }

    /// Hands every piece on. What was copied is copied again only if it is small.
    pub(crate) fn pour(mut self, out: &mut (impl Sink<'a> + ?Sized)) {
        let copied = &mut self.copied;
        let shared = (copied.len() > SMALL).then(|| Bytes::from(mem::take(copied)));
        for piece in self.pieces {
            match piece {
                Piece::Copied(range) => match &shared {
                    Some(copied) => out.share(copied.slice(range)),
                    None => out.put(&self.copied[range]),
                },
                Piece::Borrowed(bytes) => out.borrow(bytes),
                Piece::Shared(bytes) => out.share(bytes),
            }
        }
    }

    /// The number of bytes that are left. It is the size of the frame until some bytes are consumed.
    ///
    /// ```
    /// assert_eq!(ps_serialize::parts("five!")?.len(), b"US\nfive!".len());
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether every byte was consumed.
    ///
    /// ```
    /// use bytes::Buf;
    ///
    /// let mut parts = ps_serialize::parts("five!")?;
    /// assert!(!parts.is_empty());
    /// parts.advance(parts.len());
    /// assert!(parts.is_empty());
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The pieces in order, for a vectored write of your own. There may be more pieces than one system
    /// call takes.
    ///
    /// ```
    /// let parts = ps_serialize::parts("five!")?;
    /// let slices = parts.io_slices();
    /// assert_eq!((&slices[0][..], &slices[1][..]), (&b"US\n"[..], &b"five!"[..]));
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    #[must_use]
    pub fn io_slices(&self) -> Vec<IoSlice<'_>> {
        self.slices().map(IoSlice::new).collect()
    }

    /// Writes every byte, in as few vectored writes as the writer allows.
    ///
    /// ```
    /// let mut file = Vec::new();
    /// ps_serialize::parts("five!")?.write_to(&mut file)?;
    /// assert_eq!(file, b"US\nfive!");
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of the writer, and [`io::ErrorKind::WriteZero`] if it takes no more bytes.
    pub fn write_to(&self, mut writer: impl Write) -> io::Result<()> {
        let mut slices = self.slices();
        let mut batch = Vec::new();
        let mut rest: &[u8] = &[];
        loop {
            let mut room = BYTES_PER_WRITE;
            batch.clear();
            while batch.len() < SLICES_PER_WRITE && room > 0 {
                if rest.is_empty() {
                    let Some(next) = slices.next() else { break };
                    rest = next;
                }
                let (now, later) = rest.split_at(rest.len().min(room));
                batch.push(IoSlice::new(now));
                room -= now.len();
                rest = later;
            }
            if batch.is_empty() {
                return Ok(());
            }
            write_all_vectored(&mut writer, &mut batch)?;
        }
    }

    /// Joins the pieces by one allocation and one copy. The frame is aligned in memory as a frame of
    /// [`serialize`](crate::serialize()) is.
    ///
    /// ```
    /// let value = vec![1, 2, 3];
    /// let bytes = ps_serialize::parts(&value)?.to_bytes();
    /// assert_eq!(bytes, ps_serialize::serialize(&value)?);
    /// # Ok::<_, ps_serialize::Error>(())
    /// ```
    #[must_use]
    pub fn to_bytes(&self) -> Bytes {
        let mut bytes = memory::aligned(self.len);
        let start = bytes.len();
        self.slices().for_each(|slice| memory::extend(&mut bytes, slice));
        Bytes::from(bytes).slice(start..)
    }

    pub(crate) fn slices(&self) -> impl ExactSizeIterator<Item = &[u8]> {
        self.pieces[self.consumed..].iter().map(|piece| piece.bytes(&self.copied))
    }

    /// Adds the bytes that were copied from `start` on: to the last piece if they follow it, and otherwise as a new piece.
    #[inline]
    fn push_copied(&mut self, start: usize) {
        let end = self.copied.len();
        match self.pieces.last_mut() {
            Some(Piece::Copied(range)) if range.end == start => {
                range.end = end;
                self.len += end - start;
            }
            _ => self.push(Piece::Copied(start..end), end - start),
        }
    }

    #[inline]
    fn push(&mut self, piece: Piece<'a>, len: usize) {
        if len > 0 {
            self.pieces.push(piece);
            self.len += len;
        }
    }
}

/// The sizes of the first pieces, and how many more there are.
impl fmt::Debug for Parts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Parts of ")?;
        debug::list(f, self.slices().map(<[u8]>::len))?;
        write!(f, " bytes")
    }
}

fn write_all_vectored(writer: &mut impl Write, mut slices: &mut [IoSlice<'_>]) -> io::Result<()> {
    while !slices.is_empty() {
        match writer.write_vectored(slices) {
            Ok(0) => {
                let message = "the writer takes no more bytes, and the frame has more";
                return Err(io::Error::new(io::ErrorKind::WriteZero, message));
            }
            Ok(written) => IoSlice::advance_slices(&mut slices, written),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

impl<'a> Sink<'a> for Parts<'a> {
    #[inline]
    fn reserve(&mut self, _additional: usize) {
        // Most of what is announced is borrowed or shared.
    }

    #[inline]
    fn put(&mut self, bytes: &[u8]) {
        let start = self.copied.len();
        reserve(&mut self.copied, bytes.len());
        self.copied.extend_from_slice(bytes);
        self.push_copied(start);
    }

    #[inline]
    fn append(&mut self, additional: usize, encode: &mut dyn FnMut(&mut Vec<u8>)) {
        let start = self.copied.len();
        reserve(&mut self.copied, additional);
        Sink::append(&mut self.copied, 0, encode);
        self.push_copied(start);
    }

    #[inline]
    fn borrow(&mut self, bytes: &'a [u8]) {
        self.push(Piece::Borrowed(bytes), bytes.len());
    }

    #[inline]
    fn share(&mut self, bytes: Bytes) {
        let len = bytes.len();
        self.push(Piece::Shared(bytes), len);
    }

    /// Takes over the pieces of the frames unchanged if nothing but the line was written.
    fn record(&mut self, head: Vec<u8>, mut frames: Parts<'a>) {
        let len = head.len();
        let [Piece::Borrowed(line)] = self.pieces[..] else {
            if len <= SMALL {
                self.put(&head);
            } else {
                self.share(Bytes::from(head));
            }
            return frames.pour(self);
        };
        let head = if len <= SMALL {
            let start = frames.copied.len();
            frames.copied.extend_from_slice(&head);
            Piece::Copied(start..start + len)
        } else {
            Piece::Shared(Bytes::from(head))
        };
        frames.pieces.insert(0, head);
        frames.pieces.insert(0, Piece::Borrowed(line));
        frames.len += line.len() + len;
        (frames.nesting, frames.deepest) = (self.nesting, self.deepest);
        *self = frames;
    }

    fn nesting(&self) -> u32 {
        self.nesting
    }

    fn note_nesting(&mut self, deepest: u32) {
        self.deepest = self.deepest.max(deepest);
    }
}

impl Buf for Parts<'_> {
    fn remaining(&self) -> usize {
        self.len
    }

    fn chunk(&self) -> &[u8] {
        self.pieces.get(self.consumed).map_or(&[], |piece| piece.bytes(&self.copied))
    }

    fn chunks_vectored<'s>(&'s self, slices: &mut [IoSlice<'s>]) -> usize {
        let filled = slices.iter_mut().zip(self.slices());
        filled.map(|(slice, bytes)| *slice = IoSlice::new(bytes)).count()
    }

    fn advance(&mut self, mut count: usize) {
        assert!(count <= self.len, "advanced by {count} bytes where {} remain", self.len);
        self.len -= count;
        while count > 0 {
            let piece = self.pieces.get_mut(self.consumed).expect("their lengths add up to `len`");
            let here = piece.bytes(&self.copied).len();
            if count >= here {
                count -= here;
                // What it shared is free.
                *piece = Piece::Borrowed(&[]);
                self.consumed += 1;
                continue;
            }
            match piece {
                Piece::Copied(range) => range.start += count,
                Piece::Borrowed(bytes) => *bytes = &bytes[count..],
                Piece::Shared(bytes) => bytes.advance(count),
            }
            return;
        }
    }
}
