//! `ZS`: a Zstandard frame.

use std::io::{self, Write};
use std::num::NonZero;
use std::thread;

use bytes::Bytes;
use zstd::stream::{read, write};
use zstd::zstd_safe;

use super::scattered::Scattered;
use super::shuffle::{self, shuffle};
use super::unpack::Unpack;
use crate::error::{Result, nothing_left};
use crate::limits::{FREE_EXPANSION, MAX_EXPANSION, MAX_ZSTD_WINDOW};

/// The smallest frame for which several threads are faster than one.
const PARALLEL_FROM: usize = 4 << 20;
/// A sample is tried at this level at most: whether it shrinks shows there.
const SAMPLE_LEVEL: i32 = 3;
/// The magic number of a skippable frame, whose last four bits may have any value.
const SKIPPABLE: u32 = 0x184d_2a50;

pub(super) fn size_of(bytes: &[u8], level: i32) -> usize {
    zstd::bulk::compress(bytes, level.min(SAMPLE_LEVEL)).map_or(usize::MAX, |bytes| bytes.len())
}

pub(super) fn compress(
    frame: &Scattered<'_>,
    width: usize,
    level: i32,
    out: &mut Vec<u8>,
) -> io::Result<()> {
    let mut encoder = write::Encoder::new(&mut *out, level)?;
    encoder.include_contentsize(true)?;
    encoder.set_pledged_src_size(Some(frame.len() as u64))?;
    if frame.len() >= PARALLEL_FROM {
        let cores = thread::available_parallelism().map_or(1, NonZero::get);
        encoder.multithread(u32::try_from(cores).unwrap_or(u32::MAX))?;
    }
    let (mut gathered, mut shuffled) = (Vec::new(), Vec::new());
    for at in (0..frame.len()).step_by(shuffle::BLOCK) {
        let mut bytes = frame.get(at, shuffle::BLOCK, &mut gathered);
        if width > 1 {
            shuffled.clear();
            shuffle(bytes, width, &mut shuffled);
            bytes = &shuffled;
        }
        encoder.write_all(bytes)?;
    }
    encoder.finish()?;
    // A reader bounds what it opens by what arrives, so that has to be enough for it.
    let wanted = frame.len().saturating_sub(FREE_EXPANSION) / MAX_EXPANSION + 1;
    if let Some(missing) = wanted.checked_sub(out.len())
        && frame.len() > FREE_EXPANSION
    {
        out.extend_from_slice(&SKIPPABLE.to_le_bytes());
        let missing = u32::try_from(missing).unwrap_or(u32::MAX);
        out.extend_from_slice(&missing.to_le_bytes());
        out.resize(out.len() + missing as usize, 0);
    }
    Ok(())
}

pub(super) fn decompress(data: &[u8], unpack: &Unpack) -> Result<Bytes> {
    let size = zstd_safe::get_frame_content_size(data).map_err(|_| unpack.no_frame())?;
    let mut decoder = decoder(data, unpack)?;
    let frame = unpack.read(size, &mut decoder)?;
    nothing_left(without_skippable(decoder.finish()).len(), unpack.format)?;
    Ok(frame)
}

/// The first block of what is compressed.
#[cfg(feature = "inspect")]
pub(super) fn start(data: &[u8], unpack: &Unpack) -> Result<Vec<u8>> {
    unpack.start(decoder(data, unpack)?)
}

fn decoder<'d>(data: &'d [u8], unpack: &Unpack) -> io::Result<read::Decoder<'d, &'d [u8]>> {
    let mut decoder = read::Decoder::with_buffer(data)?.single_frame();
    // A window is memory too.
    let window = unpack.limit().max(1 << 10).ilog2() + 1;
    decoder.window_log_max(window.min(MAX_ZSTD_WINDOW))?;
    Ok(decoder)
}

/// The bytes after the skippable frames, which have a magic number, their size, and any bytes.
fn without_skippable(mut bytes: &[u8]) -> &[u8] {
    while let Some((magic, rest)) = bytes.split_first_chunk()
        && u32::from_le_bytes(*magic) & !0xf == SKIPPABLE
        && let Some((size, rest)) = rest.split_first_chunk()
        && let Some(rest) =
            usize::try_from(u32::from_le_bytes(*size)).ok().and_then(|size| rest.get(size..))
    {
        bytes = rest;
    }
    bytes
}
