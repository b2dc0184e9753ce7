//! The opcodes that a table is written with, and the columns that are shared with it.

use bytes::Bytes;

use crate::frame::ALIGNED;
use crate::sink::Sink;

/// A buffer of fewer bytes is cheaper to copy than to keep.
const SMALL: usize = 512;

/// The opcode of `None`. The next three begin a tuple, call a function, and end a tuple.
pub(super) const NONE: u8 = b'N';
pub(super) const MARK: u8 = b'(';
pub(super) const REDUCE: u8 = b'R';
pub(super) const TUPLE: u8 = b't';

/// A pickle that is being written.
#[derive(Default)]
pub(super) struct Output {
    whole: Vec<Bytes>,
    buffer: Vec<u8>,
    length: usize,
    /// Whether who reads it has pyarrow.
    pub(super) has_pyarrow: bool,
}

impl Output {
    pub(super) fn begin(has_pyarrow: bool) -> Self {
        let mut output = Self { has_pyarrow, ..Self::default() };
        output.put(&[0x80, 5]);
        output
    }

    pub(super) fn end(mut self, out: &mut dyn Sink<'_>) {
        self.put(b".");
        self.flush();
        out.reserve(self.length);
        for piece in self.whole {
            out.share(piece);
        }
    }

    fn flush(&mut self) {
        if !self.buffer.is_empty() {
            self.whole.push(Bytes::from(std::mem::take(&mut self.buffer)));
        }
    }

    pub(super) fn put(&mut self, bytes: &[u8]) {
        self.length += bytes.len();
        self.buffer.extend_from_slice(bytes);
    }

    pub(super) fn text(&mut self, text: &str) {
        self.text_head(text.len());
        self.put(text.as_bytes());
    }

    fn text_head(&mut self, length: usize) {
        if let Ok(short) = u8::try_from(length) {
            self.put(&[0x8c, short]);
        } else {
            self.put(&[0x8d]);
            self.put(&(length as u64).to_le_bytes());
        }
    }

    /// All texts in one, with a separator between them.
    pub(super) fn joined(&mut self, texts: &[&str], between: u8) {
        let length = texts.iter().map(|text| text.len() + 1).sum::<usize>().saturating_sub(1);
        self.text_head(length);
        self.buffer.reserve(length + 1);
        for (place, text) in texts.iter().enumerate() {
            if place > 0 {
                self.put(&[between]);
            }
            self.put(text.as_bytes());
        }
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.put(&[0x8e]);
        self.put(&(bytes.len() as u64).to_le_bytes());
        self.put(bytes);
    }

    pub(super) fn bool(&mut self, bool: bool) {
        self.put(&[if bool { 0x88 } else { 0x89 }]);
    }

    pub(super) fn integer(&mut self, number: i64) {
        match i32::try_from(number) {
            Ok(short) => {
                self.put(b"J");
                self.put(&short.to_le_bytes());
            }
            Err(_) => self.wide_integer(number.into()),
        }
    }

    pub(super) fn wide_integer(&mut self, number: i128) {
        self.put(&[0x8a, 16]);
        self.put(&number.to_le_bytes());
    }

    pub(super) fn float(&mut self, number: f64) {
        self.put(b"G");
        self.put(&number.to_be_bytes());
    }

    pub(super) fn length(&mut self, length: usize) {
        self.integer(i64::try_from(length).expect("memory is smaller"));
    }

    /// A class or a function, whose arguments follow.
    pub(super) fn call(&mut self, module: &str, name: &str) {
        self.text(module);
        self.text(name);
        self.put(&[0x93, MARK]);
    }

    pub(super) fn end_call(&mut self) {
        self.put(&[TUPLE, REDUCE]);
    }

    pub(super) fn begin_list(&mut self) {
        self.put(&[b']', MARK]);
    }

    pub(super) fn end_list(&mut self) {
        self.put(b"e");
    }

    pub(super) fn begin_dict(&mut self) {
        self.put(&[b'}', MARK]);
    }

    pub(super) fn end_dict(&mut self) {
        self.put(b"u");
    }

    /// An array of NumPy, of one dimension.
    pub(super) fn array(&mut self, length: usize, dtype: &str, parts: Vec<Bytes>) {
        const BYTEARRAY8: u8 = 0x96;
        self.call("numpy", "ndarray");
        self.length(length);
        self.put(&[0x85]);
        self.text(dtype);
        self.buffer(BYTEARRAY8, parts);
        self.end_call();
    }

    /// A buffer of pyarrow.
    pub(super) fn py_buffer(&mut self, bytes: Bytes) {
        const BINBYTES8: u8 = 0x8e;
        self.call("pyarrow", "py_buffer");
        self.buffer(BINBYTES8, vec![bytes]);
        self.end_call();
    }

    /// Bytes that are not copied here, unless they are few.
    fn buffer(&mut self, opcode: u8, parts: Vec<Bytes>) {
        const HEAD: usize = 9;
        let size: usize = parts.iter().map(Bytes::len).sum();
        if size >= SMALL {
            // A text that is dropped again lets the elements begin at a multiple of 64, where a reader can share them.
            let padding =
                (self.length + 3 + HEAD).next_multiple_of(ALIGNED) - (self.length + 3 + HEAD);
            self.text(&" ".repeat(padding));
            self.put(b"0");
        }
        self.put(&[opcode]);
        self.put(&(size as u64).to_le_bytes());
        for part in parts {
            if part.len() < SMALL {
                self.put(&part);
            } else {
                self.flush();
                self.length += part.len();
                self.whole.push(part);
            }
        }
    }
}
