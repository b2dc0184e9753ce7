//! `LZ`: an LZ4 frame.

use std::num::NonZero;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use bytes::Bytes;
use lz4::{Decoder, block};
use twox_hash::XxHash32;

use super::scattered::Scattered;
use super::shuffle::{self, shuffle};
use super::unpack::Unpack;
use crate::error::{Result, nothing_left};

const MAGIC: [u8; 4] = 0x184d_2204_u32.to_le_bytes();
/// Version 1, blocks that do not refer to each other, and the size of the content; no checksums.
const FLAGS: u8 = 0b0110_1000;
const HAS_SIZE: u8 = 0b0000_1000;
/// The sizes of blocks that the format has, with their codes. A reader makes room for a whole one.
const BLOCKS: [(u8, usize); 4] =
    [(4 << 4, 64 << 10), (5 << 4, 256 << 10), (6 << 4, 1 << 20), (7 << 4, 4 << 20)];
/// Marks the length of a block that is stored as it is.
const STORED: u32 = 1 << 31;

pub(super) fn size_of(bytes: &[u8]) -> usize {
    block::compress(bytes, None, false).map_or(usize::MAX, |bytes| bytes.len())
}

pub(super) fn compress(frame: &Scattered<'_>, width: usize, out: &mut Vec<u8>) {
    let large_enough = BLOCKS.into_iter().find(|(_, size)| frame.len() <= *size);
    let (code, block_size) = large_enough.unwrap_or(BLOCKS[3]);
    let mut descriptor = [0; 10];
    descriptor[..2].copy_from_slice(&[FLAGS, code]);
    descriptor[2..].copy_from_slice(&(frame.len() as u64).to_le_bytes());
    out.extend_from_slice(&MAGIC);
    out.extend_from_slice(&descriptor);
    out.push(XxHash32::oneshot(0, &descriptor).to_le_bytes()[1]);

    let blocks = in_parallel(frame.len().div_ceil(block_size), |i, buffers| {
        let bytes = frame.get(i * block_size, block_size, &mut buffers.gathered);
        compress_block(bytes, width, &mut buffers.shuffled, &mut buffers.compressed)
    });
    out.reserve_exact(blocks.iter().map(Vec::len).sum::<usize>() + 4);
    blocks.iter().for_each(|block| out.extend_from_slice(block));
    out.extend_from_slice(&[0; 4]);
}

#[derive(Default)]
struct Buffers {
    gathered: Vec<u8>,
    shuffled: Vec<u8>,
    compressed: Vec<u8>,
}

/// A block with its length before it.
fn compress_block<'b>(
    mut bytes: &'b [u8],
    width: usize,
    shuffled: &'b mut Vec<u8>,
    compressed: &mut Vec<u8>,
) -> Vec<u8> {
    if width > 1 {
        shuffled.clear();
        bytes.chunks(shuffle::BLOCK).for_each(|block| shuffle(block, width, shuffled));
        bytes = shuffled;
    }
    const FITS: &str = "a block has at most 4 MiB, and the buffer the size that this can take";
    compressed.resize(block::compress_bound(bytes.len()).expect(FITS), 0);
    let size = block::compress_to_buffer(bytes, None, false, compressed).expect(FITS);
    let (bytes, mark) = if size < bytes.len() { (&compressed[..size], 0) } else { (bytes, STORED) };
    let length = u32::try_from(bytes.len()).expect(FITS) | mark;
    [&length.to_le_bytes(), bytes].concat()
}

/// Does the work for each number below `count`, on every core of the machine.
fn in_parallel(count: usize, work: impl Fn(usize, &mut Buffers) -> Vec<u8> + Sync) -> Vec<Vec<u8>> {
    let next = AtomicUsize::new(0);
    let worker = || {
        let mut buffers = Buffers::default();
        let mut done = Vec::new();
        loop {
            let i = next.fetch_add(1, Ordering::Relaxed);
            if i >= count {
                return done;
            }
            done.push((i, work(i, &mut buffers)));
        }
    };
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let mut done = thread::scope(|scope| {
        // Where there is no thread to be had, this one does it all.
        let spawn = |_| thread::Builder::new().spawn_scoped(scope, worker).ok();
        let helpers: Vec<_> = (1..cores.min(count)).map_while(spawn).collect();
        let mut done = worker();
        for helper in helpers {
            done.extend(helper.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        done
    });
    done.sort_unstable_by_key(|(i, _)| *i);
    done.into_iter().map(|(_, block)| block).collect()
}

pub(super) fn decompress(data: &[u8], unpack: &Unpack) -> Result<Bytes> {
    let Some(descriptor) = data.strip_prefix(&MAGIC) else {
        return Err(unpack.no_frame());
    };
    let size = match descriptor {
        [flags, _, rest @ ..] if flags & HAS_SIZE != 0 => rest.first_chunk(),
        _ => None,
    };
    let size = size.map(|size| u64::from_le_bytes(*size));
    let mut decoder = Decoder::new(data)?;
    let frame = unpack.read(size, &mut decoder)?;
    let (left, ended) = decoder.finish();
    ended.map_err(|error| unpack.unreadable(&error))?;
    nothing_left(left.len(), unpack.format)?;
    Ok(frame)
}

/// The first block of what is compressed.
#[cfg(feature = "inspect")]
pub(super) fn start(data: &[u8], unpack: &Unpack) -> Result<Vec<u8>> {
    unpack.start(Decoder::new(data)?)
}
