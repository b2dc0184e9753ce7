use bytes::Bytes;

use crate::frame::{ALIGNED, Line};
use crate::memory;
use crate::parts::Parts;

/// The output that a serializer puts its payload into. The serializer describes the payload once, and it is copied at most once.
///
/// A contiguous output copies every piece. [`Parts`](crate::Parts) keeps borrowed and shared pieces without a copy. `Vec<u8>` is a
/// sink too, which helps to test a serializer by itself.
///
/// ```
/// use ps_serialize::Sink;
///
/// fn length_prefixed<'a>(data: &'a [u8], out: &mut dyn Sink<'a>) {
///     out.reserve(8 + data.len());
///     out.put(&(data.len() as u64).to_le_bytes());
///     out.borrow(data);
/// }
///
/// let mut bytes = Vec::new();
/// length_prefixed(b"abc", &mut bytes);
/// assert_eq!(bytes, b"\x03\0\0\0\0\0\0\0abc");
/// ```
pub trait Sink<'a> {
    /// Announces that at least this many bytes will follow, so that a contiguous output is one allocation of the right size.
    /// Announce the whole payload before the first piece.
    ///
    /// ```
    /// # use ps_serialize::Sink;
    /// let mut bytes = Vec::new();
    /// Sink::reserve(&mut bytes, 1000);
    /// assert!(bytes.is_empty() && bytes.capacity() >= 1000);
    /// ```
    fn reserve(&mut self, additional: usize) {
        let _ = additional;
    }

    /// Copies bytes, such as headers and other bytes that exist only during the call.
    ///
    /// ```
    /// # use ps_serialize::Sink;
    /// let mut bytes = Vec::new();
    /// bytes.put(&7_u16.to_le_bytes());
    /// assert_eq!(bytes, [7, 0]);
    /// ```
    fn put(&mut self, bytes: &[u8]);

    /// Takes bytes that the value owns. An output that can refer to them does not copy them.
    ///
    /// ```
    /// # use ps_serialize::Sink;
    /// let mut bytes = Vec::new();
    /// bytes.borrow(b"of the value");
    /// assert_eq!(bytes, b"of the value");
    /// ```
    fn borrow(&mut self, bytes: &'a [u8]) {
        self.put(bytes);
    }

    /// Takes reference-counted bytes. An output that can hold them does not copy them.
    ///
    /// ```
    /// # use ps_serialize::Sink;
    /// let mut bytes = Vec::new();
    /// bytes.share(bytes::Bytes::from_static(b"shared"));
    /// assert_eq!(bytes, b"shared");
    /// ```
    fn share(&mut self, bytes: Bytes) {
        self.put(&bytes);
    }

    /// For this library's own encoders, which only append: the buffer may hold what came before.
    /// `additional` is how many bytes they will write, as far as that is known.
    #[doc(hidden)]
    fn append(&mut self, additional: usize, encode: &mut dyn FnMut(&mut Vec<u8>)) {
        let mut buffer = Vec::with_capacity(additional);
        encode(&mut buffer);
        self.put(&buffer);
    }

    /// Takes the first bytes of a record, and its frames.
    #[doc(hidden)]
    fn record(&mut self, head: Vec<u8>, frames: Parts<'a>) {
        self.reserve(head.len() + frames.len());
        self.put(&head);
        frames.pour(self);
    }

    /// The number of records around this payload.
    #[doc(hidden)]
    fn nesting(&self) -> u32 {
        0
    }

    /// Takes the largest number of records around a frame in this payload.
    #[doc(hidden)]
    fn note_nesting(&mut self, deepest: u32) {
        let _ = deepest;
    }
}

impl Sink<'_> for Vec<u8> {
    fn reserve(&mut self, additional: usize) {
        self.reserve(additional);
    }

    fn put(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }

    #[inline]
    fn append(&mut self, additional: usize, encode: &mut dyn FnMut(&mut Vec<u8>)) {
        self.reserve(additional);
        let before = self.len();
        encode(self);
        check_appended(before, self.len());
    }
}

/// Room for the first `put` of a payload whose size nobody announced.
const UNANNOUNCED: usize = 256;

/// A whole frame in one piece at the end of a `Vec`. The line is written together with the
/// first piece of the payload, when the size to allocate is known.
pub(crate) struct Contiguous<'v> {
    buffer: &'v mut Vec<u8>,
    line: Option<&'static Line>,
    start: usize,
    aligned: bool,
}

impl<'v> Contiguous<'v> {
    /// A frame at the end of `buffer`, wherever that is in memory.
    #[inline]
    pub(crate) fn append(buffer: &'v mut Vec<u8>, line: &'static Line) -> Self {
        let start = buffer.len();
        Self { buffer, line: Some(line), start, aligned: false }
    }

    /// A frame in an empty `buffer`, aligned in memory if its payload is to be.
    #[inline]
    pub(crate) fn aligned(buffer: &'v mut Vec<u8>, line: &'static Line) -> Self {
        Self { aligned: line.is_aligned(), ..Self::append(buffer, line) }
    }

    /// Ends the frame, and returns its start in the buffer.
    #[inline]
    pub(crate) fn finish(&mut self) -> usize {
        self.begin(0);
        self.start
    }

    #[inline]
    fn begin(&mut self, payload: usize) {
        if let Some(line) = self.line.take() {
            self.write_line(line, payload);
        }
    }

    #[inline]
    fn write_line(&mut self, line: &Line, payload: usize) {
        let bytes = line.as_bytes();
        if self.aligned {
            *self.buffer = memory::aligned(bytes.len() + payload);
            self.start = self.buffer.len();
        } else {
            reserve(self.buffer, bytes.len() + payload);
        }
        // A copy of a known size needs no call.
        if let [a, b, c] = *bytes {
            self.buffer.extend_from_slice(&[a, b, c]);
        } else if let Some(padded) = bytes.first_chunk::<ALIGNED>() {
            self.buffer.extend_from_slice(padded);
        } else {
            self.buffer.extend_from_slice(bytes);
        }
    }
}

/// An allocation is faster than a reallocation of nothing.
#[inline]
pub(crate) fn reserve(buffer: &mut Vec<u8>, additional: usize) {
    if buffer.capacity() == 0 {
        *buffer = memory::with_capacity(additional);
    } else {
        buffer.reserve(additional);
    }
}

impl<'a> Sink<'a> for Contiguous<'_> {
    #[inline]
    fn reserve(&mut self, additional: usize) {
        if self.line.is_some() {
            self.begin(additional);
        } else {
            self.buffer.reserve(additional);
        }
    }

    #[inline]
    fn put(&mut self, bytes: &[u8]) {
        self.begin(bytes.len().max(UNANNOUNCED));
        self.buffer.extend_from_slice(bytes);
    }

    #[inline]
    fn borrow(&mut self, bytes: &'a [u8]) {
        self.begin(bytes.len());
        memory::extend(self.buffer, bytes);
    }

    #[inline]
    fn share(&mut self, bytes: Bytes) {
        self.begin(bytes.len());
        memory::extend(self.buffer, &bytes);
    }

    #[inline]
    fn append(&mut self, additional: usize, encode: &mut dyn FnMut(&mut Vec<u8>)) {
        self.reserve(additional);
        Sink::append(self.buffer, 0, encode);
    }
}

/// The bytes that were in the buffer before are not the encoder's: nobody could read such a frame.
#[inline]
pub(crate) fn check_appended(before: usize, after: usize) {
    assert!(after >= before, "an encoder removed bytes that it had not written");
}
