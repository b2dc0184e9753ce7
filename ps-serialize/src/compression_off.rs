//! In the place of `compression` where no compressor is turned on: compressed frames are then of an
//! unknown kind.

use bytes::Bytes;

use crate::error::{Error, Result};
use crate::frame::Frame;
use crate::identifier::Identifier;
use crate::options::Options;

pub(crate) fn is_compressed(_identifier: &[u8]) -> bool {
    false
}

#[allow(clippy::unnecessary_wraps)] // as in `compression`
pub(crate) fn open(_frame: Frame<'_>, _options: &Options) -> Result<Option<(Bytes, usize)>> {
    Ok(None)
}

pub(crate) fn failed(_identifier: Identifier, error: Error) -> Error {
    error
}
