//! `LZ` and `ZS`: the Python module of this repository opens ours, and we open its; the standard
//! tools open what stands behind the byte of the shuffle.

use ps_serialize::{Compression, Frame, deserialize, deserialize_any, serialize};
use serde_json::json;
use support::hex;

use crate::python::Python;

fn values() -> Vec<Vec<u8>> {
    vec![
        b"again and ".repeat(1000),
        (0..100_000_i64).flat_map(i64::to_le_bytes).collect(),
        (0..60_001_u16).flat_map(|i| (i / 7).to_le_bytes()).collect(),
        (0..70_000_u32).flat_map(|i| (f64::from(i) / 8.0).sin().to_le_bytes()).collect(),
        vec![7; 5_000_003],
    ]
}

#[test]
fn python_opens_ours() {
    let mut python = Python::start();
    for value in values() {
        for compression in [Compression::Lz4, Compression::Zstd(1), Compression::Zstd(12)] {
            let frame = compression.serialize(&value).unwrap();
            assert_ne!(Frame::parse(&frame).unwrap().identifier(), *b"BS");
            assert_eq!(python.read(&frame)["bytes"], json!(hex(&value)));
        }
    }
}

/// In pieces of its own size, so that the shuffle is that of arrays.
#[cfg(feature = "ndarray")]
#[test]
fn python_opens_arrays() {
    let mut python = Python::start();
    let array = ndarray::Array::from_shape_fn((300, 1000), |(i, j)| {
        f64::from(u32::try_from(i * j).unwrap())
    });
    for compression in [Compression::Lz4, Compression::Zstd(3)] {
        let frame = compression.serialize(&array).unwrap();
        assert_ne!(Frame::parse(&frame).unwrap().identifier(), *b"NP");
        python.assert_reads(&frame, "np.outer(np.arange(300.0), np.arange(1000.0))");
    }
}

#[test]
fn we_open_pythons() {
    let mut python = Python::start();
    let text = "again and ".repeat(1000);
    for codec in ["lz4", "zstd"] {
        for shuffle in [0, 1, 2, 3, 4, 8, 16, 255] {
            let frame = python.evaluate_frame(&format!(
                "ps_serialize.compressed('{codec}', shuffle={shuffle})('again and ' * 1000)"
            ));
            assert!(frame.len() < text.len(), "{codec} {shuffle}");
            assert_eq!(deserialize::<String>(&frame).unwrap(), text);
            let ramp = python.evaluate_frame(&format!(
                "ps_serialize.compressed('{codec}', shuffle={shuffle})(bytes(range(256)) * 3001)"
            ));
            let ramp = deserialize_any(&ramp).unwrap().downcast::<bytes::Bytes>().unwrap();
            assert!(ramp.iter().copied().eq((0..=255).cycle().take(256 * 3001)));
        }
        let small = python.evaluate_frame(&format!("ps_serialize.compressed('{codec}')('short')"));
        assert_eq!(small, serialize("short").unwrap());
        let zeros =
            python.evaluate_frame(&format!("ps_serialize.compressed('{codec}')(bytes(100 << 20))"));
        assert!(deserialize::<Vec<u8>>(&zeros).unwrap().iter().eq(&vec![0; 100 << 20]));
    }
}

#[test]
fn the_standard_tools_open_ours() {
    let mut python = Python::start();
    let text = "again and ".repeat(1_000_000);
    let plain = serialize(&text).unwrap();
    for (compression, open) in [
        (Compression::Lz4, "lz4.frame.decompress"),
        (Compression::Zstd(3), "zstandard.ZstdDecompressor().decompress"),
    ] {
        let frame = compression.serialize(&text).unwrap();
        let [0, standard @ ..] = Frame::parse(&frame).unwrap().payload() else {
            panic!("shuffled")
        };
        let expression = format!(
            "serialize({open}(bytes.fromhex('{}')) == b'US\\n' + b'again and ' * 1_000_000 and 'same')",
            hex(standard)
        );
        assert_eq!(python.evaluate_frame(&expression), b"US\nsame");
        assert_eq!(plain.len(), 3 + text.len());
    }
}

#[test]
fn both_refuse_the_same() {
    let mut python = Python::start();
    let mut frame = Compression::Zstd(3).serialize(&vec![0_u8; 1 << 20]).unwrap().to_vec();
    let twice = [&b"ZS\n\0"[..], &zstd::bulk::compress(&frame, 3).unwrap()].concat();
    frame.truncate(frame.len() - 3);
    let bomb =
        [&b"ZS\n\0\x28\xb5\x2f\xfd\xc0\x38"[..], &(1_u64 << 36).to_le_bytes(), &[0; 20]].concat();
    let window = [&b"ZS\n\0\x28\xb5\x2f\xfd\x80\x90"[..], &(1_u32 << 20).to_le_bytes(), &[1, 0, 0]];
    let mut frames =
        vec![frame, twice, bomb, window.concat(), b"LZ\n".to_vec(), b"LZ\n\0no frame".to_vec()];

    let text = "again and ".repeat(20);
    let [lz4, zstd] = [Compression::Lz4, Compression::Zstd(3)]
        .map(|compression| compression.serialize(&text).unwrap().to_vec());
    for rest in LEFT_OVER {
        frames.extend([[&lz4, rest].concat(), [&zstd, rest].concat()]);
    }
    // The size of the content: the bytes after the magic say in how many bytes it follows.
    assert_eq!(zstd[8..10], [0x20, 203]);
    for size in [0, 1, 202, 204] {
        frames.push([&zstd[..9], &[size], &zstd[10..]].concat());
    }
    frames.push([&zstd[..8], &[0, 0], &zstd[10..]].concat());
    frames.push([&b"ZS\n\0"[..], &zstd::bulk::compress(b"", 3).unwrap(), &zstd[4..]].concat());
    frames.push([&b"ZS\n\0"[..], SKIPPABLE, &zstd[4..]].concat());
    frames.push([&b"LZ\n\0"[..], SKIPPABLE, &lz4[4..]].concat());
    for no_frame in [&b""[..], b"\n", &[b'i'; 33], &[b' '; 100]] {
        frames.push([&b"ZS\n\0"[..], &zstd::bulk::compress(no_frame, 3).unwrap()].concat());
    }
    frames.push([&format!("{:64}\n", "ZS").into_bytes(), &zstd[3..]].concat());

    for frame in frames {
        assert!(deserialize_any(&frame).is_err(), "{frame:x?}");
        let answer = python.read(&frame);
        assert!(answer.get("error").is_some(), "{frame:x?}: {answer}");
    }
    for frame in [zstd.clone(), [&zstd, SKIPPABLE].concat(), [&zstd, SKIPPABLE, SKIPPABLE].concat()]
    {
        assert_eq!(deserialize::<String>(&frame).unwrap(), text);
        assert_eq!(python.read(&frame), json!(text));
    }
}

const SKIPPABLE: &[u8] = b"\x50\x2a\x4d\x18\x03\0\0\0any";

/// Bytes that do not belong to the frame before them.
const LEFT_OVER: [&[u8]; 6] = [
    b"\0",
    b"\x28\xb5\x2f",
    b"garbage",
    // Skippable frames with a wrong end or a wrong magic number.
    b"\x50\x2a\x4d\x18\x04\0\0\0any",
    b"\x60\x2a\x4d\x18\x03\0\0\0any",
    b"\x50\x2a\x4d\x18\x03\0\0\0any\x01",
];
