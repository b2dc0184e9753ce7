//! Whether compression pays, from a few pieces of a frame.

use super::scattered::Scattered;
use super::shuffle::{WIDTHS, shuffle};

const PIECES: usize = 5;
/// Bytes in each: a multiple of every width.
const PIECE: usize = 10 << 10;
/// The smallest frame that any compressor makes smaller: both have headers.
const WORTH_TRYING: usize = 64;

/// The width of the shuffle that helps most, 0 for none; `None` where the frame does not shrink
/// anyhow. `size_of` compresses bytes for their size.
pub(super) fn width(frame: &Scattered<'_>, size_of: impl Fn(&[u8]) -> usize) -> Option<u8> {
    if frame.len() < WORTH_TRYING {
        return None;
    }
    let sample = sample(frame);
    let entropies = Entropies::of(&sample);
    let mut smallest = sample.len() / 20 * 19;
    let mut best = None;
    let plain = entropies.of_width(1);
    // A shuffle can help only where the bytes of one place are more alike than all bytes.
    let promising = WIDTHS.into_iter().filter(|width| entropies.of_width(*width) < 0.95 * plain);
    let mut shuffled = Vec::with_capacity(sample.len());
    for width in promising.chain([0]) {
        shuffled.clear();
        sample.chunks(PIECE).for_each(|piece| shuffle(piece, width.into(), &mut shuffled));
        let size = size_of(&shuffled);
        if size < smallest {
            (smallest, best) = (size, Some(width));
        }
    }
    best
}

/// Pieces from all over the frame, or all of it.
fn sample(frame: &Scattered<'_>) -> Vec<u8> {
    let mut sample = Vec::with_capacity(PIECES * PIECE);
    let mut buffer = Vec::new();
    if frame.len() <= PIECES * PIECE {
        return frame.get(0, frame.len(), &mut buffer).to_vec();
    }
    for i in 0..PIECES {
        let at = (frame.len() - PIECE) / (PIECES - 1) * i;
        // Elements of an aligned frame begin at its multiples of 8.
        sample.extend_from_slice(frame.get(at / 8 * 8, PIECE, &mut buffer));
    }
    sample
}

/// The number of times that each byte stands at each place modulo 8.
struct Entropies {
    counts: [[u32; 256]; 8],
}

impl Entropies {
    fn of(sample: &[u8]) -> Self {
        let mut counts = [[0; 256]; 8];
        for chunk in sample.chunks(8) {
            for (counts, byte) in counts.iter_mut().zip(chunk) {
                counts[usize::from(*byte)] += 1;
            }
        }
        Self { counts }
    }

    /// Bits that the sample takes at least if each byte of an element of this width is coded by
    /// itself, regardless of order.
    fn of_width(&self, width: u8) -> f64 {
        let entropy = |plane: u8| {
            let planes = self.counts.iter().skip(plane.into()).step_by(width.into());
            let mut counts = [0; 256];
            for plane in planes {
                counts.iter_mut().zip(plane).for_each(|(sum, count)| *sum += count);
            }
            let total: u32 = counts.iter().sum();
            let present = counts.into_iter().filter(|count| *count > 0).map(f64::from);
            present.map(|count| count * (f64::from(total) / count).log2()).sum::<f64>()
        };
        (0..width).map(entropy).sum()
    }
}
