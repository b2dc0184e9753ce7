use bytes::Bytes;

use crate::memory;

/// The bytes of an array or a tensor, borrowed or owned.
#[derive(Clone)]
pub(crate) enum Buffer<'a> {
    Borrowed(&'a [u8]),
    Shared(Bytes),
}

impl Buffer<'_> {
    #[inline]
    pub(crate) fn as_slice(&self) -> &[u8] {
        match self {
            Self::Borrowed(bytes) => bytes,
            Self::Shared(bytes) => bytes,
        }
    }

    /// Copies the bytes if they are borrowed.
    pub(crate) fn into_owned(self) -> Buffer<'static> {
        Buffer::Shared(match self {
            Self::Borrowed(bytes) => memory::copy(bytes).into(),
            Self::Shared(bytes) => bytes,
        })
    }
}

impl PartialEq for Buffer<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.as_slice() == other.as_slice()
    }
}

impl Eq for Buffer<'_> {}
