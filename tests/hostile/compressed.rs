//! `LZ` and `ZS`: bombs, sizes that lie, and frames in frames.

use bytes::Bytes;
use ps_serialize::{
    Compression, ErrorKind, Options, decompress, deserialize, deserialize_any, serialize,
};

use crate::peak_memory;

const ALL: [Compression; 2] = [Compression::Lz4, Compression::Zstd(3)];

#[test]
fn every_prefix_and_every_changed_byte_gives_a_frame_or_an_error() {
    let text = "once, twice, and again and again; ".repeat(8);
    for compression in ALL {
        let frame = compression.serialize(&text).unwrap();
        assert!(decompress(&frame).unwrap() != frame, "it is compressed");
        for end in 0..frame.len() {
            let _ = deserialize::<String>(&frame[..end]);
            let _ = deserialize_any(&frame[..end]);
        }
        let mut changed = frame.to_vec();
        for place in 0..frame.len() {
            for byte in 0..=255 {
                changed[place] = byte;
                let _ = deserialize::<String>(&changed);
                let _ = decompress(&Bytes::from(changed.clone()));
            }
            changed[place] = frame[place];
        }
    }
}

/// A Zstandard frame of spaces: blocks that say how often one byte is repeated.
fn spaces_in_zstd(size: u64, says: u64) -> Vec<u8> {
    const LARGEST: u64 = 128 << 10;
    let mut frame = b"ZS\n\0\x28\xb5\x2f\xfd".to_vec();
    // A size in eight bytes, and a window of 128 KiB.
    frame.extend([0b1100_0000, 7 << 3]);
    frame.extend(says.to_le_bytes());
    let mut left = size;
    loop {
        let block = left.min(LARGEST);
        left -= block;
        let header = block << 3 | 1 << 1 | u64::from(left == 0);
        frame.extend(&header.to_le_bytes()[..3]);
        frame.push(b' ');
        if left == 0 {
            return frame;
        }
    }
}

fn limit_and_found(frame: &[u8]) -> (u64, u64) {
    let mut error = None;
    // The memory for the start of the frame and for one block of it.
    let peak = peak_memory(|| error = deserialize_any(frame).err());
    assert!(peak < 1 << 20, "{peak} bytes were in use");
    match error.expect("it is refused").kind() {
        ErrorKind::LimitExceeded { limit, found, .. } => (*limit, *found),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_bomb_is_refused_before_memory_is_taken() {
    // A small one is opened, so this is what frames look like.
    let error = format!("{:?}", deserialize_any(&spaces_in_zstd(1 << 20, 1 << 20)).unwrap_err());
    assert!(error.contains("its first 64 bytes have no newline"), "{error}");

    // 4 KiB that say 64 GiB, and 4 KiB that are 128 MiB.
    let mut lies = spaces_in_zstd(1000 << 17, 64 << 30);
    let limit = (64 << 20) + 256 * lies.len() as u64;
    assert_eq!(limit_and_found(&lies), (limit, 64 << 30));
    let honest = spaces_in_zstd(1000 << 17, 1000 << 17);
    assert_eq!(limit_and_found(&honest), (limit, 1000 << 17));
    lies = b"LZ\n\0\x04\x22\x4d\x18\x68\x70".to_vec();
    lies.extend((64_u64 << 30).to_le_bytes());
    lies.resize(4096, 0);
    assert_eq!(limit_and_found(&lies).1, 64 << 30);

    // A limit of the caller's replaces the default limit on the decompressed size.
    let frame = spaces_in_zstd(100 << 20, 100 << 20);
    let options = Options::new().size_limit(1 << 20);
    let error = options.deserialize_any(&frame).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::LimitExceeded { limit: 0x10_0000, .. }));
    let options = Options::new().size_limit(200 << 20);
    let error = format!("{:?}", options.deserialize_any(&frame).unwrap_err());
    assert!(error.contains("its first 64 bytes have no newline"), "{error}");
}

#[test]
fn a_size_that_lies_either_way_is_an_error() {
    for (size, says) in [(1000, 999), (1000, 1001), (1 << 20, 1 << 21), (1 << 21, 1 << 20)] {
        let error = deserialize_any(&spaces_in_zstd(size, says)).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Deserialize { .. }), "{error:?}");
        let error = format!("{error:#}");
        let other = format!(
            "the Zstandard frame says that its content has {says} bytes, and it has another size"
        );
        // The library sees some of them by itself.
        assert!(
            error.contains(&other) || error.contains("the Zstandard frame can't be read: "),
            "{error}"
        );
    }
    let frame = Compression::Lz4.serialize(&"again and ".repeat(100)).unwrap();
    for says in [0, 1, 1002, 1004, 1 << 20, 1 << 24] {
        let mut lies = frame.to_vec();
        lies[10..18].copy_from_slice(&u64::to_le_bytes(says));
        // The checksum of the descriptor, as any liar would make it.
        let mut right = 0;
        for checksum in 0..=255 {
            lies[18] = checksum;
            let error = format!("{:#}", deserialize_any(&lies).unwrap_err());
            if !error.contains("ERROR_headerChecksum_invalid") {
                let expected = format!(
                    "the LZ4 frame says that its content has {says} bytes, and it has another size"
                );
                assert!(error.contains(&expected), "{error}");
                right += 1;
            }
        }
        assert_eq!(right, 1, "one checksum is right");
    }
}

#[test]
fn a_content_without_a_size_is_an_error() {
    let inner = serialize(&"again and ".repeat(100)).unwrap();
    let mut frame = b"ZS\n\0".to_vec();
    let mut encoder = zstd::stream::write::Encoder::new(&mut frame, 1).unwrap();
    std::io::Write::write_all(&mut encoder, &inner).unwrap();
    encoder.finish().unwrap();
    let error = format!("{:?}", deserialize_any(&frame).unwrap_err());
    assert!(error.contains("does not say how large"), "{error}");
}

#[test]
fn frames_in_frames_are_refused_at_the_second() {
    let mut frame = serialize(&"again and ".repeat(1000)).unwrap().to_vec();
    for depth in 0..1000 {
        let compressed = zstd::bulk::compress(&frame, 1).unwrap();
        frame = [&b"ZS\n\0"[..], &compressed].concat();
        let read = deserialize_any(&frame);
        assert_eq!(read.is_ok(), depth == 0, "{depth}");
        if let Err(error) = read {
            let error = format!("{error:?}");
            assert!(error.contains("a compressed frame in a compressed frame"), "{error}");
        }
    }
}

#[test]
fn what_is_left_over_is_an_error() {
    let says = |frame: &[u8], part: &str| {
        let error = format!("{:#}", deserialize_any(frame).unwrap_err());
        assert!(error.contains(part), "{}: {error}", frame.escape_ascii());
    };
    let skippable = b"\x5f\x2a\x4d\x18\x02\0\0\0ab";
    for (compression, format) in ALL.into_iter().zip(["LZ4", "Zstandard"]) {
        let frame = compression.serialize(&"again and ".repeat(100)).unwrap();
        let left_over = |bytes: usize| {
            format!(
                "{bytes} bytes are left over after the {format} frame: expected the end of the payload"
            )
        };
        for more in [&b"m"[..], b"more", &frame[4..], &skippable[..9], &skippable[1..]] {
            says(&[&frame, more].concat(), &left_over(more.len()));
        }
        // Zstandard's readers skip such frames.
        let skipped = [&frame[..], skippable, skippable].concat();
        match compression {
            Compression::Lz4 => says(&skipped, &left_over(20)),
            _ => assert_eq!(deserialize::<String>(&skipped).unwrap(), "again and ".repeat(100)),
        }
        says(&[&frame[..], skippable, b"more"].concat(), "bytes are left over after the ");
        let cut = format!("the {format} frame ");
        says(&frame[..frame.len() - 1], &cut);
    }
    let (no_lz4, no_zstd, empty) = ("no LZ4 frame", "no Zstandard frame", "the payload is empty");
    for (payload, by_lz4, by_zstd) in [
        (&b""[..], empty, empty),
        (b"\0", no_lz4, no_zstd),
        (b"\x08", no_lz4, no_zstd),
        (b"\0\0", no_lz4, no_zstd),
        (b"\0\x04\x22\x4d\x18", "does not say how large", no_zstd),
        (b"\0\x28\xb5\x2f\xfd", no_lz4, no_zstd),
    ] {
        says(&[b"LZ\n", payload].concat(), by_lz4);
        says(&[b"ZS\n", payload].concat(), by_zstd);
    }
}
