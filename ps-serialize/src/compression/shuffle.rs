//! The byte shuffle: of elements of some width, all first bytes, then all second bytes, and so on.
//!
//! Numbers that are near each other have some bytes in common and others not; side by side, the
//! ones compress.

/// A frame is shuffled in blocks of this many bytes, the last one shorter. They fit into the
/// processor's second cache, and every width up to 16 that is a power of two divides them.
pub(super) const BLOCK: usize = 256 << 10;

/// Appends one block, shuffled. Bytes at its end that are no whole element stay as they are.
pub(super) fn shuffle(block: &[u8], width: usize, out: &mut Vec<u8>) {
    match width {
        0 | 1 => out.extend_from_slice(block),
        2 => planes::<2>(block, out),
        4 => planes::<4>(block, out),
        8 => planes::<8>(block, out),
        _ => {
            let elements = block.len() / width;
            let (whole, rest) = block.split_at(elements * width);
            for byte in 0..width {
                out.extend(whole.iter().skip(byte).step_by(width));
            }
            out.extend_from_slice(rest);
        }
    }
}

fn planes<const WIDTH: usize>(block: &[u8], out: &mut Vec<u8>) {
    let (elements, rest) = block.as_chunks::<WIDTH>();
    for byte in 0..WIDTH {
        out.extend(elements.iter().map(|element| element[byte]));
    }
    out.extend_from_slice(rest);
}

/// Appends one block as it was before [`shuffle`].
pub(super) fn unshuffle(block: &[u8], width: usize, out: &mut Vec<u8>) {
    match width {
        0 | 1 => out.extend_from_slice(block),
        2 => elements::<2>(block, out),
        4 => elements::<4>(block, out),
        8 => elements::<8>(block, out),
        _ => {
            let elements = block.len() / width;
            let (planes, rest) = block.split_at(elements * width);
            for element in 0..elements {
                out.extend(planes.iter().skip(element).step_by(elements));
            }
            out.extend_from_slice(rest);
        }
    }
}

fn elements<const WIDTH: usize>(block: &[u8], out: &mut Vec<u8>) {
    let elements = block.len() / WIDTH;
    let (planes, rest) = block.split_at(elements * WIDTH);
    let planes: [&[u8]; WIDTH] = std::array::from_fn(|byte| &planes[byte * elements..][..elements]);
    out.extend((0..elements).flat_map(|element| planes.map(|plane| plane[element])));
    out.extend_from_slice(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_width_and_length_comes_back() {
        let bytes: Vec<u8> = (0..1000_u32).map(|i| (i * 7 / 3).to_le_bytes()[0]).collect();
        for width in (0..20).chain([100, 255]) {
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
