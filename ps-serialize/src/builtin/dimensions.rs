use crate::error::{ErrorKind, Result};

/// How many dimensions an array may have, in every kind of frame that NumPy or PyTorch reads or writes.
/// NumPy and PyTorch have the same limit.
pub(crate) const MAX_DIMENSIONS: usize = 64;

/// Checks the number of dimensions. Writers and readers both call it, so that what is written can be read.
#[inline]
pub(crate) fn check_dimensions(found: usize) -> Result<()> {
    if found <= MAX_DIMENSIONS {
        return Ok(());
    }
    let (what, limit) = ("number of dimensions of an array", MAX_DIMENSIONS as u64);
    Err(ErrorKind::LimitExceeded { what, limit, found: found as u64 }.into())
}
