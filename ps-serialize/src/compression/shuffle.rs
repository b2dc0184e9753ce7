//! The byte shuffle: of elements of some width, all first bytes, then all second bytes, and so on.
//!
//! Numbers that are near each other have some bytes in common and others not; side by side, the
//! ones compress.

/// A frame is shuffled in blocks of this many bytes, the last one shorter. They fit into the
/// processor's second cache, and every width up to 16 that is a power of two divides them.
pub(super) const BLOCK: usize = 256 << 10;

/// The widths that are written, but for 0.
pub(super) const WIDTHS: [u8; 3] = [2, 4, 8];

/// Appends one block, shuffled by one of [`WIDTHS`]. Bytes at its end that are no whole element stay as
/// they are.
pub(super) fn shuffle(block: &[u8], width: usize, out: &mut Vec<u8>) {
    match width {
        2 => shuffle_tiles::<2>(block, out),
        4 => shuffle_tiles::<4>(block, out),
        8 => shuffle_tiles::<8>(block, out),
        _ => out.extend_from_slice(block),
    }
}

/// Appends one block as it was before it was shuffled by any width.
pub(super) fn unshuffle(block: &[u8], width: usize, out: &mut Vec<u8>) {
    let start = out.len();
    match width {
        0 | 1 => out.extend_from_slice(block),
        2 => unshuffle_tiles::<2>(block, out),
        4 => unshuffle_tiles::<4>(block, out),
        8 => unshuffle_tiles::<8>(block, out),
        _ => {
            out.extend_from_slice(block);
            unshuffle_from(0, block, width, &mut out[start..]);
        }
    }
}

/// The elements from one of them on, a byte at a time.
fn unshuffle_from(first: usize, block: &[u8], width: usize, out: &mut [u8]) {
    let elements = block.len() / width;
    for (i, element) in out.chunks_exact_mut(width).enumerate().skip(first) {
        for (byte, value) in element.iter_mut().enumerate() {
            *value = block[byte * elements + i];
        }
    }
}

/// The number of bytes that eight registers hold.
const TILE: usize = 64;

fn shuffle_tiles<const WIDTH: usize>(block: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    // Also what is left over at the end, which stays where it is.
    out.extend_from_slice(block);
    let out = &mut out[start..];
    let elements = block.len() / WIDTH;
    let tiles = block[..elements * WIDTH].as_chunks::<TILE>().0;
    for (i, tile) in tiles.iter().enumerate() {
        let columns = transposed(rows::<WIDTH>(tile));
        for (column, bytes) in columns.into_iter().enumerate() {
            let place = column % WIDTH * elements + (i * 8 / WIDTH + column / WIDTH) * 8;
            out[place..place + 8].copy_from_slice(&bytes.to_le_bytes());
        }
    }
    let rest = block.chunks_exact(WIDTH).enumerate().skip(tiles.len() * TILE / WIDTH);
    for (i, element) in rest {
        for (byte, value) in element.iter().enumerate() {
            out[byte * elements + i] = *value;
        }
    }
}

fn unshuffle_tiles<const WIDTH: usize>(block: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    let elements = block.len() / WIDTH;
    let tiles = elements * WIDTH / TILE;
    for i in 0..tiles {
        let columns = std::array::from_fn(|column| {
            let place = column % WIDTH * elements + (i * 8 / WIDTH + column / WIDTH) * 8;
            let bytes = block[place..].first_chunk().expect("a tile is inside of the block");
            u64::from_le_bytes(*bytes)
        });
        out.extend_from_slice(&tile::<WIDTH>(transposed(columns)));
    }
    out.extend_from_slice(&block[tiles * TILE..]);
    unshuffle_from(tiles * TILE / WIDTH, block, WIDTH, &mut out[start..]);
}

/// Row `r` has the elements `r`, `r + 8` and so on of a tile, so that each column of the rows'
/// bytes has one byte of eight elements that follow each other.
fn rows<const WIDTH: usize>(tile: &[u8; TILE]) -> [u64; 8] {
    std::array::from_fn(|r| {
        let mut row = [0; 8];
        for (i, bytes) in row.chunks_exact_mut(WIDTH).enumerate() {
            bytes.copy_from_slice(&tile[(r + 8 * i) * WIDTH..][..WIDTH]);
        }
        u64::from_le_bytes(row)
    })
}

fn tile<const WIDTH: usize>(rows: [u64; 8]) -> [u8; TILE] {
    let mut tile = [0; TILE];
    for (r, row) in rows.into_iter().enumerate() {
        for (i, bytes) in row.to_le_bytes().chunks_exact(WIDTH).enumerate() {
            tile[(r + 8 * i) * WIDTH..][..WIDTH].copy_from_slice(bytes);
        }
    }
    tile
}

/// Byte `j` of row `i` becomes byte `i` of row `j`: squares of four bytes by four change places, then
/// those of two by two inside of them, then bytes.
fn transposed(mut rows: [u64; 8]) -> [u64; 8] {
    for (distance, mask) in
        [(4, 0x0000_0000_ffff_ffff), (2, 0x0000_ffff_0000_ffff), (1, 0x00ff_00ff_00ff_00ff)]
    {
        let shift = 8 * distance;
        for low in (0..8).filter(|row| row & distance == 0) {
            let high = low + distance;
            let differ = (rows[low] >> shift ^ rows[high]) & mask;
            rows[high] ^= differ;
            rows[low] ^= differ << shift;
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_length_comes_back() {
        let bytes: Vec<u8> = (0..1000_u32).map(|i| (i * 7 / 3).to_le_bytes()[0]).collect();
        for width in WIDTHS.map(usize::from).into_iter().chain([0]) {
            for len in (0..70).chain([999, 1000]) {
                let (mut shuffled, mut back) = (vec![1], vec![2]);
                shuffle(&bytes[..len], width, &mut shuffled);
                unshuffle(&shuffled[1..], width, &mut back);
                assert_eq!(back[1..], bytes[..len], "width {width}, {len} bytes");
            }
        }
    }

    #[test]
    fn bytes_of_one_place_stand_together() {
        let mut shuffled = Vec::new();
        shuffle(b"a1b2c3d", 2, &mut shuffled);
        assert_eq!(shuffled, b"abc123d");
    }
}
