//! Takes the place of `open.rs` if no compressor is turned on. Compressed frames are then of an unknown kind.

use bytes::Bytes;

use crate::error::Result;
use crate::frame::Frame;
use crate::limits::Budget;

pub(crate) fn is_compressed(_identifier: &[u8]) -> bool {
    false
}

#[allow(clippy::unnecessary_wraps)] // as in `open.rs`
pub(crate) fn open(_frame: Frame<'_>, _budget: &Budget<'_>) -> Result<Option<Bytes>> {
    Ok(None)
}

#[cfg(feature = "inspect")]
#[allow(clippy::unnecessary_wraps)] // as in `open.rs`
pub(crate) fn start(_frame: Frame<'_>, _limit: usize) -> Result<Vec<u8>> {
    Ok(Vec::new())
}
