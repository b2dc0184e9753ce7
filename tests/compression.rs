//! `LZ` and `ZS`: every reading verb opens them, and what does not shrink stays as it was.

use std::io::Read;

use bytes::Bytes;
use proptest::prelude::*;
use ps_serialize::{
    Compression, Error, ErrorKind, Frame, Identifier, Options, Payload, Result, Serializer, Sink,
    decompress, deserialize, deserialize_any, deserialize_with, serialize, serialize_with,
    serializer,
};

const ALL: [Compression; 4] =
    [Compression::Lz4, Compression::Zstd(1), Compression::Zstd(3), Compression::Zstd(-5)];

#[serializer(id = b"co")]
#[derive(serde::Serialize, serde::Deserialize, Debug, PartialEq, Clone)]
struct Track {
    name: String,
    points: Vec<[f64; 2]>,
}

fn track() -> Track {
    let points = (0..20_000_i32).map(|i| [f64::from(i), f64::from(i % 100) / 4.0]).collect();
    Track { name: "around".to_owned(), points }
}

/// Bytes that nothing makes smaller.
fn noise(len: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.wrapping_mul(0x2545_f491_4f6c_dd1d).to_le_bytes()[7]
    };
    (0..len).map(|_| next()).collect()
}

fn identifier_of(compression: Compression) -> &'static [u8] {
    if compression == Compression::Lz4 { b"LZ" } else { b"ZS" }
}

#[test]
fn every_reading_verb_opens_them() {
    let track = track();
    let plain = serialize(&track).unwrap();
    for compression in ALL {
        let frame = compression.serialize(&track).unwrap();
        assert!(frame.len() < plain.len() / 2, "{compression:?}: {} bytes", frame.len());
        assert_eq!(Frame::parse(&frame).unwrap().identifier(), *identifier_of(compression));
        assert_eq!(compression.compress(&plain).unwrap(), frame);

        assert_eq!(deserialize::<Track>(&frame).unwrap(), track);
        assert_eq!(deserialize_with::<Track>(&frame).unwrap(), track);
        assert_eq!(*deserialize_any(&frame).unwrap().downcast::<Track>().unwrap(), track);
        assert_eq!(decompress(&frame).unwrap(), plain);
        let options = Options::new().size_limit(plain.len()).allow([Identifier::new(b"co")]);
        assert_eq!(options.deserialize::<Track>(&frame).unwrap(), track);
        assert!(options.deserialize_any(&frame).unwrap().is::<Track>());
        assert_eq!(options.read_frame(&frame[..], None).unwrap(), frame);
    }
}

#[test]
fn bytes_are_shared_with_the_opened_frame_and_text_is_viewed_in_it() {
    let text = "again and ".repeat(100_000);
    for compression in ALL {
        let frame = compression.serialize(&Bytes::from(text.clone())).unwrap();
        assert!(frame.len() < text.len() / 100);
        assert_eq!(deserialize::<Bytes>(&frame).unwrap(), text);

        let frame = compression.serialize(&text).unwrap();
        let error = format!("{:?}", deserialize::<&str>(&frame).unwrap_err());
        assert!(error.contains("`decompress` it"), "{error}");
        assert_eq!(deserialize::<&str>(&decompress(&frame).unwrap()).unwrap(), text);
    }
}

#[test]
fn what_does_not_shrink_stays_as_it_was() {
    for len in [0, 1, 50, 1000, 60_000, 5 << 20] {
        let noise = noise(len);
        let plain = serialize(&noise).unwrap();
        for compression in ALL {
            assert_eq!(compression.serialize(&noise).unwrap(), plain);
            let same = compression.compress(&plain).unwrap();
            assert!(std::ptr::eq(&same[..], &plain[..]), "it is not copied either");
        }
    }
}

#[test]
fn nothing_is_compressed_twice() {
    let small = Compression::Lz4.serialize(&vec![0_u8; 1 << 20]).unwrap();
    for compression in ALL {
        assert_eq!(compression.compress(&small).unwrap(), small);
    }
}

/// Integers that go up have bytes in common at all places but the first.
#[test]
fn numbers_are_shuffled() {
    let ramp: Vec<u8> = (0..500_000_i64).flat_map(i64::to_le_bytes).collect();
    let text = include_str!("compression.rs").repeat(20);
    for compression in ALL {
        let frame = compression.serialize(&ramp).unwrap();
        assert_eq!(Frame::parse(&frame).unwrap().payload()[0], 8);
        assert!(frame.len() < ramp.len() / 50, "{compression:?}: {} bytes", frame.len());
        assert_eq!(deserialize::<Vec<u8>>(&frame).unwrap(), ramp);

        let frame = compression.serialize(&text).unwrap();
        assert_eq!(Frame::parse(&frame).unwrap().payload()[0], 0, "text is not");
    }
}

/// Without this library's reader: the standard frame after the byte of the shuffle.
#[test]
fn the_payload_is_a_width_and_a_standard_frame() {
    let text = "again and ".repeat(1_000_000);
    let plain = serialize(&text).unwrap();
    let lz4 = Compression::Lz4.serialize(&text).unwrap();
    let [0, frame @ ..] = Frame::parse(&lz4).unwrap().payload() else { panic!("a shuffle") };
    let mut content = Vec::new();
    lz4_flex::frame::FrameDecoder::new(frame).read_to_end(&mut content).unwrap();
    assert!(content == plain);

    let zstd = Compression::Zstd(3).serialize(&text).unwrap();
    let [0, frame @ ..] = Frame::parse(&zstd).unwrap().payload() else { panic!("a shuffle") };
    assert!(zstd::decode_all(frame).unwrap() == plain);
    let size = zstd::zstd_safe::get_frame_content_size(frame).unwrap();
    assert_eq!(size, Some(plain.len() as u64));
}

/// Other writers may link blocks, add checksums and shuffle by any width.
#[test]
fn other_writers_frames_are_opened() {
    use lz4_flex::frame::{BlockMode, BlockSize, FrameEncoder, FrameInfo};
    use std::io::Write;

    let numbers: Vec<u8> = (0..300_000_u64).flat_map(|i| (i * i).to_le_bytes()).collect();
    let plain = serialize(&numbers).unwrap();
    for (mode, size) in
        [(BlockMode::Linked, BlockSize::Max64KB), (BlockMode::Independent, BlockSize::Max1MB)]
    {
        for width in [0_u8, 1, 2, 3, 4, 8, 12, 16, 255] {
            let shuffled: Vec<u8> = plain
                .chunks(256 << 10)
                .flat_map(|block| {
                    let width = usize::from(width.max(1));
                    let (whole, rest) = block.split_at(block.len() / width * width);
                    let planes = (0..width).flat_map(|i| whole.iter().skip(i).step_by(width));
                    planes.chain(rest).copied().collect::<Vec<_>>()
                })
                .collect();
            let info = FrameInfo::new()
                .content_size(Some(plain.len() as u64))
                .block_mode(mode)
                .block_size(size)
                .block_checksums(true)
                .content_checksum(true);
            let mut frame = b"LZ\n".to_vec();
            frame.push(width);
            let mut encoder = FrameEncoder::with_frame_info(info, frame);
            encoder.write_all(&shuffled).unwrap();
            let frame = encoder.finish().unwrap();
            assert!(deserialize::<Vec<u8>>(&frame).unwrap() == numbers, "{mode:?}, {width}");

            let mut frame = b"ZS\n".to_vec();
            frame.push(width);
            frame.extend(zstd::bulk::compress(&shuffled, 1).unwrap());
            assert!(deserialize::<Vec<u8>>(&frame).unwrap() == numbers, "{width}");
        }
    }
}

/// More than 256 times smaller, and more than 64 MiB: a reader takes it nevertheless.
#[test]
fn what_shrinks_to_next_to_nothing_can_be_read() {
    let zeros = vec![0_u8; 200 << 20];
    for compression in [Compression::Lz4, Compression::Zstd(3)] {
        let frame = compression.serialize(&zeros).unwrap();
        assert!(frame.len() < zeros.len() / 200, "{compression:?}: {} bytes", frame.len());
        assert!(deserialize::<Vec<u8>>(&frame).unwrap() == zeros);
    }
}

/// A value of a small compressed frame may take as much memory as if the frame had come uncompressed.
#[test]
#[cfg(feature = "pickle")]
fn a_million_equal_values_are_read_as_they_are_when_not_compressed() {
    use ps_serialize::deserialize_any;
    use ps_serialize::pickle::{Pickle, Value};

    let values = |value: Value| Value::List(vec![value; 1_000_000]);
    let dict = (0..300_000).map(|_| ("key", 0)).collect();
    for value in
        [values(7.into()), values(Value::None), values(0.5.into()), values("".into()), dict]
    {
        for compression in [Compression::Lz4, Compression::Zstd(3)] {
            let frame = compression.serialize(&value).unwrap();
            assert!(frame.len() < 100_000, "{} bytes", frame.len());
            assert!(*deserialize_any(&frame).unwrap().downcast::<Value>().unwrap() == value);
            assert!(deserialize::<Value>(&frame).unwrap() == value);
        }
    }
    let numbers = vec![7_u8; 2_000_000];
    let plain = serialize_with::<Pickle<Vec<u8>>>(&numbers).unwrap();
    let frame = Compression::Zstd(3).compress(&plain).unwrap();
    assert!(deserialize_with::<Pickle<Vec<u8>>>(&frame).unwrap() == numbers);
    let error = Options::new().size_limit(10 << 20).deserialize_any(&frame).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::LimitExceeded { limit: 0xa0_0000, .. }), "{error:?}");
}

/// Takes as much memory as the first eight bytes of the payload say.
struct Taking;

#[serializer(id = b"cT")]
impl Serializer for Taking {
    type Value = usize;

    fn serialize<'a>(_: &'a usize, _: &mut dyn Sink<'a>) -> Result<()> {
        Ok(())
    }

    fn deserialize(payload: Payload<'_, '_>) -> Result<usize> {
        let bytes = u64::from_le_bytes(*payload.first_chunk().unwrap());
        payload.charge(bytes.try_into().unwrap())?;
        Ok(payload.len())
    }
}

#[test]
fn the_value_of_a_compressed_frame_takes_a_gibibyte_at_most_unless_a_limit_says_otherwise() {
    let frame = |bytes: u64, size: usize| {
        let frame = [b"cT\n", &bytes.to_le_bytes()[..], &vec![0; size - 8]].concat();
        Compression::Zstd(3).compress(&frame.into()).unwrap()
    };
    let limit_of = |frame: &Bytes| match deserialize_with::<Taking>(frame).unwrap_err().kind() {
        ErrorKind::LimitExceeded { limit, .. } => *limit,
        other => panic!("{other:?}"),
    };
    let most = (1 << 30) - 1;
    // The limit of a frame of 1 MiB, and then that of a frame of any size.
    let inner = (1 << 20) + 3;
    assert_eq!(limit_of(&frame(most, 1 << 20)), 256 * inner + (64 << 20));
    assert_eq!(deserialize_with::<Taking>(&frame(most, 16 << 20)).unwrap(), 16 << 20);
    for size in [16 << 20, 60 << 20] {
        let frame = frame(most + 2, size);
        assert!(frame.len() < 10_000, "{} bytes", frame.len());
        assert_eq!(limit_of(&frame), 1 << 30);
        let larger = Options::new().size_limit(2 << 30);
        assert_eq!(larger.deserialize_with::<Taking>(&frame).unwrap(), size);
    }
}

#[test]
fn limits_are_those_of_the_frame_inside() {
    let text = "again and ".repeat(1000);
    for compression in ALL {
        let frame = compression.serialize(&text).unwrap();
        let error = Options::new().size_limit(5000).deserialize::<String>(&frame).unwrap_err();
        assert!(
            matches!(error.kind(), ErrorKind::LimitExceeded { limit: 5000, found: 10_003, .. }),
            "{error:?}"
        );
        let bytes_only = Options::new().allow([Identifier::new(b"BS")]);
        for error in [
            bytes_only.deserialize::<String>(&frame).unwrap_err(),
            bytes_only.deserialize_any(&frame).unwrap_err(),
            bytes_only.decompress(&frame).unwrap_err(),
        ] {
            assert!(
                matches!(error.kind(), ErrorKind::NotAllowed { identifier, .. } if *identifier == *b"US"),
                "{error:?}"
            );
        }
        let error = deserialize::<Vec<u8>>(&frame).unwrap_err();
        assert!(
            matches!(error.kind(), ErrorKind::WrongIdentifier { found, .. } if *found == *b"US"),
            "{error:?}"
        );
    }
}

proptest! {
    #[test]
    fn every_value_comes_back(
        bytes in prop::collection::vec(prop::num::u8::ANY, 0..200),
        times in 0_usize..2000,
        which in 0_usize..ALL.len(),
    ) {
        let value = bytes.repeat(times);
        let frame = ALL[which].serialize(&value).unwrap();
        prop_assert!(frame.len() <= serialize(&value).unwrap().len());
        prop_assert!(deserialize::<Vec<u8>>(&frame).unwrap() == value);
    }
}

/// Any number of frames, one behind the other, each after its length.
struct Frames;

#[serializer(id = b"cF")]
impl Serializer for Frames {
    type Value = Vec<Bytes>;

    fn serialize<'a>(value: &'a Vec<Bytes>, out: &mut dyn Sink<'a>) -> Result<()> {
        for frame in value {
            out.put(&(frame.len() as u64).to_le_bytes());
            out.borrow(frame);
        }
        Ok(())
    }

    fn deserialize(mut payload: Payload<'_, '_>) -> Result<Vec<Bytes>> {
        let mut values = Vec::new();
        while let Some(length) = payload.first_chunk() {
            let length = usize::try_from(u64::from_le_bytes(*length)).map_err(Error::custom)?;
            values.push(payload.part(8..8 + length).deserialize()?);
            payload = payload.part(8 + length..);
        }
        Ok(values)
    }
}

#[test]
fn all_compressed_frames_inside_of_a_payload_share_the_limit_of_the_call() {
    let bytes = vec![7_u8; 100_000];
    let frame = |count| {
        let frames = vec![Compression::Lz4.serialize(&bytes).unwrap(); count];
        serialize_with::<Frames>(&frames).unwrap()
    };
    let options = Options::new().size_limit(250_000).allow([Identifier::new(b"cF")]);
    let read = |frame: &Bytes| options.deserialize_with::<Frames>(frame);
    assert_eq!(read(&frame(2)).unwrap(), vec![bytes.clone(); 2]);
    let error = read(&frame(3)).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::LimitExceeded { .. }), "{error:?}");
}

/// Any frame, and so one of its own kind too.
struct Envelope;

#[serializer(id = b"cE")]
impl Serializer for Envelope {
    type Value = bool;

    fn serialize<'a>(_: &'a bool, _: &mut dyn Sink<'a>) -> Result<()> {
        Ok(())
    }

    fn deserialize(payload: Payload<'_, '_>) -> Result<bool> {
        payload.deserialize_any().map(|value| value.is::<String>() || value.is::<bool>())
    }
}

#[test]
fn frames_inside_of_frames_are_limited_by_the_stack() {
    assert!(deserialize_with::<Envelope>(&[&b"cE\n".repeat(20)[..], b"US\nhi"].concat()).unwrap());
    let error = deserialize_with::<Envelope>(&b"cE\n".repeat(1_000_000)).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::LimitExceeded { .. }), "{error:?}");
}
