//! Stock ProxyStore, from PyPI, reads what is written here, and writes what is read here.
//!
//! The test makes a virtual environment of its own with the pinned versions of
//! `interop/requirements.txt`; `PYTHON` names another interpreter than `python3`.

#[cfg(feature = "ndarray")]
mod arrays;
#[cfg(all(feature = "ndarray", feature = "pickle", feature = "zstd"))]
mod borrowed;
#[cfg(all(feature = "lz4", feature = "zstd"))]
mod compressed;
#[cfg(all(feature = "ndarray", feature = "pickle"))]
mod derived;
#[cfg(all(feature = "ndarray", feature = "pickle"))]
mod instances;
#[cfg(all(feature = "ndarray", feature = "pickle"))]
mod keys;
#[cfg(feature = "messagepack")]
mod messagepack;
mod module;
#[cfg(all(feature = "pickle", feature = "polars"))]
mod nested;
#[cfg(feature = "pandas")]
mod pandas;
#[cfg(all(feature = "ndarray", feature = "pickle"))]
mod pickled;
mod python;
#[cfg(all(feature = "ndarray", feature = "pickle"))]
mod scalars;
#[cfg(all(feature = "ndarray", feature = "pickle"))]
mod standard;
#[cfg(feature = "polars")]
mod tables;
#[cfg(all(feature = "safetensors", feature = "zstd"))]
mod tensors;

use ps_serialize::{
    Payload, Result, Serializer, Sink, deserialize, deserialize_any, serialize, serialize_with,
    serializer,
};
use serde_json::json;
use support::hex;

use crate::python::Python;

/// Text of many shapes.
fn texts() -> Vec<String> {
    let mut texts: Vec<String> = [
        "",
        "five!",
        "\n",
        "\n\nUS\n",
        " leading and trailing \t",
        "\r\n\x0b\x0c",
        "a\0b\0",
        "héllo wörld",
        "世界 🌍 \u{10ffff}",
        "\u{feff}mark",
        "e\u{301}",
    ]
    .map(str::to_owned)
    .into();
    texts.push("0123456789abcde\n".repeat(4096));
    texts.push("é".repeat(32_768));
    texts
}

/// Bytes of many shapes.
fn byte_strings() -> Vec<Vec<u8>> {
    let mut bytes: Vec<Vec<u8>> =
        [&b""[..], b"\n", b"\n\nBS\n", b"  \t", b"\0\0", b"\xff\xfe", b"US\ntext"]
            .map(<[u8]>::to_vec)
            .into();
    bytes.push((0..=255).collect());
    bytes.push((0..=255).cycle().take(65_536).collect());
    bytes.extend(texts().into_iter().map(String::into_bytes));
    bytes
}

/// Each way of padding an identifier line that readers must accept.
fn padded(frame: &[u8]) -> Vec<Vec<u8>> {
    let (line, payload) = frame.split_at(frame.iter().position(|&byte| byte == b'\n').unwrap());
    let id = std::str::from_utf8(line).unwrap();
    [format!("{id:63}"), format!(" {id}"), format!("\t{id}\r"), format!("\x0b{id} \x0c")]
        .map(|line| [line.as_bytes(), payload].concat())
        .into()
}

#[test]
fn text_both_ways() {
    let mut python = Python::start();
    for text in texts() {
        let ours = serialize(&text).unwrap();
        let theirs = python.write(&json!(text));
        assert!(ours == theirs, "the frames of {text:?} differ");
        for frame in [vec![theirs.clone()], padded(&theirs)].concat() {
            assert_eq!(deserialize::<String>(&frame).unwrap(), text);
            assert_eq!(deserialize::<&str>(&frame).unwrap(), text);
            assert_eq!(*deserialize_any(&frame).unwrap().downcast::<String>().unwrap(), text);
            assert_eq!(python.read(&frame), json!(text));
        }
    }
}

#[test]
fn bytes_both_ways() {
    let mut python = Python::start();
    for bytes in byte_strings() {
        let value = json!({ "bytes": hex(&bytes) });
        let ours = serialize(&bytes).unwrap();
        let theirs = python.write(&value);
        assert!(ours == theirs, "the frames of {bytes:?} differ");
        for frame in [vec![theirs.clone()], padded(&theirs)].concat() {
            assert_eq!(deserialize::<Vec<u8>>(&frame).unwrap(), bytes);
            assert_eq!(deserialize::<&[u8]>(&frame).unwrap(), bytes);
            assert_eq!(
                *deserialize_any(&frame).unwrap().downcast::<bytes::Bytes>().unwrap(),
                bytes
            );
            assert_eq!(python.read(&frame), value);
        }
    }
}

#[test]
fn a_frame_that_is_only_an_identifier_is_empty_on_both_sides() {
    let mut python = Python::start();
    for frame in [&b"US"[..], b"US\n", b" US "] {
        assert_eq!(python.read(frame), json!(""));
        assert_eq!(deserialize::<String>(frame).unwrap(), "");
    }
}

#[test]
fn a_padded_line_of_ours_is_read_by_python() {
    /// Aligned, under an identifier that Python knows; not registered, since it is text's.
    struct AlignedText;
    impl Serializer for AlignedText {
        type Value = String;
        const IDENTIFIER: ps_serialize::Identifier = ps_serialize::Identifier::new(b"US");
        const NAME: &'static str = "aligned text";
        const ALIGNMENT: usize = 64;
        fn serialize<'a>(value: &'a String, out: &mut dyn Sink<'a>) -> Result<()> {
            out.borrow(value.as_bytes());
            Ok(())
        }
        fn deserialize(payload: Payload<'_, '_>) -> Result<String> {
            String::deserialize(payload)
        }
    }

    let mut python = Python::start();
    for text in texts() {
        let frame = serialize_with::<AlignedText>(&text).unwrap();
        assert_eq!(frame[63], b'\n');
        assert_eq!(python.read(&frame), json!(text));
    }
}

#[test]
fn both_sides_refuse_what_they_do_not_know() {
    #[serializer(id = b"iR")]
    #[derive(serde::Serialize, serde::Deserialize)]
    struct OnlyRust(u8);

    let mut python = Python::start();
    let frame = serialize(&OnlyRust(1)).unwrap();
    assert_eq!(python.read(&frame)["error"], "Unknown identifier b'iR' for deserialization.");
    assert!(python.read(b"US\n\xff")["error"].as_str().unwrap().contains("string serializer"));
    assert!(deserialize::<String>(b"US\n\xff").is_err());

    let pickled = python.evaluate_frame("b'CP\\n' + pickle.dumps([1, 2, 3])");
    let message = deserialize_any(&pickled).unwrap_err().to_string();
    assert!(message.contains("`CP`, which means cloudpickled Python objects"), "{message}");
    assert!(message.contains("send bytes, text, an array, a table or plain data"), "{message}");
}
