use std::io::Read;

use bytes::Bytes;
use polars_arrow::io::ipc::format::ipc::CompressionType;

use super::columns::{Allowance, size};
use crate::error::{Error, Result};
use crate::memory;

/// A buffer of a compressed batch: its size, and then an LZ4 or Zstandard frame, or the bytes as they
/// are where that size is -1.
pub(super) fn decompress(
    bytes: &Bytes,
    codec: CompressionType,
    allowance: &Allowance<'_>,
) -> Result<Bytes> {
    let Some((length, data)) = bytes.split_first_chunk() else {
        return Err(Error::custom("a compressed buffer without its length"));
    };
    let length = i64::from_le_bytes(*length);
    if length == -1 {
        return Ok(bytes.slice(8..));
    }
    let length = size(length)?;
    allowance.charge(length)?;
    let mut buffer = memory::try_with_capacity(length)?;
    let read = match codec {
        CompressionType::Lz4Frame => {
            lz4::Decoder::new(data)?.take(length as u64).read_to_end(&mut buffer)?
        }
        CompressionType::Zstd => {
            zstd::Decoder::with_buffer(data)?.take(length as u64).read_to_end(&mut buffer)?
        }
    };
    if read < length {
        let message = format!("a buffer of {length} bytes holds {read} compressed ones");
        return Err(Error::custom(message));
    }
    Ok(buffer.into())
}
