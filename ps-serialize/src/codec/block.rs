use crate::error::{Error, Result};
use crate::sink::Sink;

/// Collects small writes into one, because each call of a sink goes through a vtable.
pub(super) struct Block<'s, 'a> {
    out: &'s mut dyn Sink<'a>,
    bytes: [u8; BLOCK],
    len: usize,
    /// How many bytes have gone to the sink.
    sent: usize,
}

const BLOCK: usize = 256;

impl<'s, 'a> Block<'s, 'a> {
    pub(super) fn new(out: &'s mut dyn Sink<'a>) -> Self {
        Self { out, bytes: [0; BLOCK], len: 0, sent: 0 }
    }

    #[inline]
    pub(super) fn write(&mut self, more: &[u8]) {
        if let Some(free) = self.bytes[self.len..].get_mut(..more.len()) {
            free.copy_from_slice(more);
            self.len += more.len();
        } else {
            self.write_through(more);
        }
    }

    #[cold]
    fn write_through(&mut self, more: &[u8]) {
        self.flush();
        if more.len() < BLOCK {
            self.bytes[..more.len()].copy_from_slice(more);
            self.len = more.len();
        } else {
            self.out.write(more);
            self.sent += more.len();
        }
    }

    fn flush(&mut self) {
        self.out.write(&self.bytes[..self.len]);
        self.sent += self.len;
        self.len = 0;
    }

    /// Hands over the rest, and says how many bytes that makes. A small record is one piece of
    /// announced size.
    pub(super) fn finish(mut self) -> usize {
        if self.sent == 0 {
            self.out.reserve(self.len);
        }
        self.flush();
        self.sent
    }
}

/// The end of a payload.
pub(super) fn nothing_left(bytes: usize) -> Result<()> {
    if bytes == 0 {
        return Ok(());
    }
    Err(Error::custom(format!(
        "{bytes} bytes are left over after the value: expected the end of the payload"
    )))
}
