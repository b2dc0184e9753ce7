use crate::error::{ErrorKind, Result};

/// How many dimensions an array may have, in every kind of frame that NumPy or PyTorch reads or writes.
/// It is the number that both of them have.
pub(crate) const MAX_DIMENSIONS: usize = 64;

/// Writers and readers ask it alike, so that what is written can be read.
#[inline]
pub(crate) fn check_dimensions(found: usize) -> Result<()> {
    if found <= MAX_DIMENSIONS {
        return Ok(());
    }
    let (what, limit) = ("number of dimensions of an array", MAX_DIMENSIONS as u64);
    Err(ErrorKind::LimitExceeded { what, limit, found: found as u64 }.into())
}
