//! Copies into spare capacity, and the advice about its pages.

use bytes::Bytes;
use ps_serialize::{
    Error, Payload, Result, Serializer, Sink, deserialize, parts, read_frame, serialize,
    serialize_into, serialize_with, serializer, set_huge_pages,
};

use crate::{LARGE, assert_appended, buffers, pattern, placed};

/// Around the size from which copies go backward, in blocks of 128 bytes after a head of up to 64.
const SIZES: [usize; 12] = [
    0,
    1,
    LARGE - 1,
    LARGE,
    LARGE + 1,
    LARGE + 63,
    LARGE + 64,
    LARGE + 65,
    LARGE + 127,
    LARGE + 128,
    LARGE + 129,
    LARGE + 2000,
];

#[test]
fn bytes_are_appended_to_any_buffer() {
    let all = pattern(LARGE + 2064);
    for (number, size) in SIZES.into_iter().enumerate() {
        for (state, offset) in [(number % 5, 7 * number), ((number + 2) % 5, 16 * number)] {
            let bytes = placed(&all[offset % 64..][..size], offset % 64);
            let frame = [b"BS\n", &bytes[..]].concat();
            let mut buffer = buffers(frame.len()).into_iter().nth(state).unwrap();
            let before = buffer.len();
            serialize_into(&bytes, &mut buffer).unwrap();
            assert_appended(&buffer, before, &frame);
        }
    }
}

#[test]
fn bytes_are_read_at_any_address() {
    let frame = [b"BS\n".to_vec(), pattern(LARGE + 100)].concat();
    for offset in (0..64).step_by(9) {
        let frame = placed(&frame[..frame.len() - offset], offset);
        assert!(deserialize::<Vec<u8>>(&frame).unwrap() == frame[3..], "at {offset}");
    }
    for offset in 0..64 {
        for length in (3 + offset % 5..140).step_by(5) {
            let frame = placed(&frame[..length], offset);
            assert_eq!(deserialize::<Bytes>(&frame).unwrap(), frame[3..]);
        }
    }
}

/// Pieces of three kinds, not announced, so that every one of them finds a buffer too small.
struct Unannounced;

#[serializer(id = b"un", align = 64)]
impl Serializer for Unannounced {
    type Value = Vec<Bytes>;

    fn serialize<'a>(value: &'a Vec<Bytes>, out: &mut dyn Sink<'a>) -> Result<()> {
        for piece in value {
            out.borrow(piece);
            out.put(b"-");
            out.share(piece.clone());
        }
        Ok(())
    }

    fn deserialize(_: Payload<'_, '_>) -> Result<Vec<Bytes>> {
        Err(Error::custom("only written"))
    }
}

#[test]
fn buffers_that_are_too_small_grow() {
    let all = pattern(LARGE + 300);
    let pieces: Vec<Bytes> =
        [LARGE + 77, 3, LARGE].map(|size| placed(&all[5..][..size], size % 64)).into();
    let frame = serialize_with::<Unannounced>(&pieces).unwrap();
    let payload: Vec<&[u8]> = pieces.iter().flat_map(|piece| [piece, &b"-"[..], piece]).collect();
    assert!(frame[64..] == payload.concat());
    assert_eq!(frame.as_ptr().addr() % 64, 0);
}

#[test]
fn pieces_are_joined() {
    let bytes = placed(&pattern(LARGE + 99), 9);
    assert!(parts(&bytes).unwrap().to_bytes() == serialize(&bytes).unwrap());
    #[cfg(feature = "safetensors")]
    {
        use ps_serialize::tensors::{Dtype, Tensor, Tensors};

        let mut model = Tensors::new();
        for (name, size) in [("none", 0), ("odd", 13), ("large", LARGE + 99)] {
            model.insert(name, Tensor::new(Dtype::U8, [size], bytes[..size].to_vec()).unwrap());
        }
        let frame = serialize(&model).unwrap();
        assert!(parts(&model).unwrap().to_bytes() == frame);
        for offset in [0, 1, 32, 63] {
            assert!(deserialize::<Tensors>(&placed(&frame, offset)).unwrap() == model);
        }
    }
}

/// Below, inside of and above the sizes for which huge pages are asked for.
#[test]
fn advice_about_memory_changes_no_byte_of_it() {
    let small = pattern(1000);
    let large = pattern(LARGE + (64 << 10) + 1);
    for wanted in [false, true] {
        set_huge_pages(wanted);
        for hint in [LARGE - 64, LARGE - 63, LARGE, LARGE + 12_345, 512 << 20, (512 << 20) + 1] {
            assert_eq!(read_frame(&small[..], Some(hint)).unwrap(), small);
        }
        for hint in [None, Some(large.len()), Some(large.len() - 1)] {
            let frame = read_frame(&large[..], hint).unwrap();
            assert!(frame == large && frame.as_ptr().addr().is_multiple_of(64));
        }
    }
}
