//! `LZ` and `ZS`: the Python module of this repository opens ours, and we open its; the standard
//! tools open what stands behind the byte of the shuffle.

use ps_serialize::{Compression, Frame, deserialize, deserialize_any, serialize};
use serde_json::json;

use crate::python::{Python, hex};

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
            let ramp = deserialize_any(&ramp).unwrap().downcast::<Vec<u8>>().unwrap();
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
    for frame in [frame, twice, bomb, b"LZ\n".to_vec(), b"LZ\n\0no frame".to_vec()] {
        assert!(deserialize_any(&frame).is_err());
        let answer = python.read(&frame);
        assert!(answer.get("error").is_some(), "{answer}");
    }
}
