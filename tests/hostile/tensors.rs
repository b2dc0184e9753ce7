//! `ST`: safetensors whose header lies.

use ps_serialize::tensors::{Dtype, Tensor, Tensors};
use ps_serialize::{deserialize, deserialize_any, serialize};

use crate::{by_width, peak_memory};

fn frame(length: u64, header: &str, data: usize) -> Vec<u8> {
    [b"ST\n", &length.to_le_bytes()[..], header.as_bytes(), &vec![1; data]].concat()
}

fn refused(frame: &[u8]) -> String {
    let mut error = None;
    let peak = peak_memory(|| error = deserialize_any(frame).err());
    assert!(peak < 64 << 10, "{peak} bytes were in use");
    let message = format!("{:?}", error.expect("it is refused"));
    assert_eq!(format!("{:?}", deserialize::<Tensors>(frame).unwrap_err()), message);
    message
}

#[test]
fn every_prefix_and_every_changed_byte_gives_tensors_or_an_error() {
    let mut tensors = Tensors::new();
    tensors.insert("a", Tensor::new(Dtype::F32, [2, 1], vec![1; 8]).unwrap());
    tensors.insert("b", Tensor::new(Dtype::F4, [2, 2], vec![1; 2]).unwrap());
    tensors.metadata_mut().insert("k".to_owned(), "v".to_owned());
    let frame = serialize(&tensors).unwrap();
    for end in 0..frame.len() {
        assert!(deserialize::<Tensors>(&frame[..end]).is_err(), "{end} bytes");
        assert!(deserialize::<Tensors>(&frame[..end]).is_err(), "{end} bytes");
    }
    let mut changed = frame.to_vec();
    for place in 0..frame.len() {
        for byte in 0..=255 {
            changed[place] = byte;
            if let Ok(tensors) = deserialize::<Tensors>(&changed) {
                assert_eq!(deserialize::<Tensors>(&serialize(&tensors).unwrap()).unwrap(), tensors);
            }
            let _ = deserialize::<Tensors>(&changed);
        }
        changed[place] = frame[place];
    }
}

#[test]
fn a_header_that_lies_costs_nothing() {
    let says = |frame: &[u8], part: &str| {
        let message = refused(frame);
        assert!(message.contains(part), "{part}: {message}");
    };
    for (length, part) in [
        (2 << 30, "size of the header of tensors in bytes: the limit is 100000000"),
        (1 << 27, "size of the header of tensors in bytes: the limit is 100000000"),
        (1 << 60, "size of the header of tensors in bytes: the limit is 100000000"),
        (u64::MAX, "size of the header of tensors in bytes: the limit is 100000000"),
        (99_999_999, "invalid header length"),
        (3, "invalid header length"),
        (0, "invalid JSON in header: EOF"),
    ] {
        says(&frame(length, "{}", 0), part);
    }
    let one = |info: &str| {
        let header = format!("{{\"a\":{info}}}");
        frame(header.len() as u64, &header, 4)
    };
    assert!(deserialize_any(&one(r#"{"dtype":"F32","shape":[1],"data_offsets":[0,4]}"#)).is_ok());
    let size = "invalid shape, data type, or offset";
    let overflow = by_width("overflow computing buffer size", "expected usize");
    let offset = by_width(size, "expected usize");
    for (lie, part) in [
        (r#"{"dtype":"F32","shape":[2],"data_offsets":[0,4]}"#, size),
        (r#"{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,4]}"#, overflow),
        (r#"{"dtype":"F32","shape":[18446744073709551615],"data_offsets":[0,4]}"#, overflow),
        (r#"{"dtype":"F32","shape":[1],"data_offsets":[0,1099511627776]}"#, offset),
        (r#"{"dtype":"F32","shape":[1],"data_offsets":[4,8]}"#, "invalid offset for tensor `a`"),
        (r#"{"dtype":"F32","shape":[1],"data_offsets":[4,0]}"#, "invalid offset for tensor `a`"),
        (r#"{"dtype":"F32","shape":[0],"data_offsets":[0,0]}"#, "file not fully covered"),
        (r#"{"dtype":"F4","shape":[1],"data_offsets":[0,4]}"#, "at a byte boundary"),
        (r#"{"dtype":"F128","shape":[1],"data_offsets":[0,4]}"#, "unknown variant `F128`"),
        (r#"{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}"#, "integer `-1`"),
        (r#"{"dtype":"F32","shape":[1]}"#, "missing field `data_offsets`"),
        ("[[[[", "invalid JSON in header: expected value"),
        ("7", "invalid type: integer `7`"),
        (&"[".repeat(10_000), "invalid JSON in header: expected value"),
    ] {
        says(&one(lie), part);
    }
}

#[test]
fn a_key_that_is_there_twice_is_named() {
    let info = |place: &str| format!(r#"{{"dtype":"U8","shape":[2],"data_offsets":{place}}}"#);
    let empty = r#"{"dtype":"U8","shape":[0],"data_offsets":[0,0]}"#;
    for (header, data, part) in [
        (
            format!(r#"{{"a":{},"a":{}}}"#, info("[0,2]"), info("[2,4]")),
            4,
            "two tensors of the header have the name `a`",
        ),
        (format!(r#"{{"a":{},"a":{}}}"#, info("[2,4]"), info("[0,2]")), 4, "have the name `a`"),
        (
            format!(r#"{{"a":{},"b":{},"a":{}}}"#, info("[0,2]"), info("[2,4]"), info("[0,2]")),
            4,
            "have the name `a`",
        ),
        // Readers that take the last one see nothing wrong.
        (format!(r#"{{"a":{},"a":{}}}"#, info("[0,2]"), info("[0,2]")), 2, "have the name `a`"),
        (format!(r#"{{"a":{empty},"a":{empty}}}"#), 0, "have the name `a`"),
        (format!(r#"{{"":{empty},"b":{empty},"":{empty}}}"#), 0, "have the name ``"),
        // The spelling of a key makes no difference.
        (format!(r#"{{"a":{empty},"\u0061":{empty}}}"#), 0, "have the name `a`"),
        (
            r#"{"__metadata__":{"k":"1","k":"2"}}"#.to_owned(),
            0,
            "two texts of the header (`__metadata__`) have the key `k`",
        ),
        (r#"{"__metadata__":{"k":"1","l":"2","k":"1"}}"#.to_owned(), 0, "have the key `k`"),
        (
            format!(r#"{{"a":{empty},"__metadata__":{{"k":"","\u006b":""}}}}"#),
            0,
            "have the key `k`",
        ),
        (
            r#"{"__metadata__":{"k":"1"},"__metadata__":{"l":"2"}}"#.to_owned(),
            0,
            "the header has `__metadata__` twice",
        ),
        (
            format!(r#"{{"__metadata__":{{}},"a":{empty},"__metadata__":null}}"#),
            0,
            "the header has `__metadata__` twice",
        ),
        (
            r#"{"a":{"dtype":"U8","dtype":"I8","shape":[0],"data_offsets":[0,0]}}"#.to_owned(),
            0,
            "duplicate field `dtype`",
        ),
    ] {
        let message = refused(&frame(header.len() as u64, &header, data));
        assert!(message.contains(part), "{header}: {message}");
        assert!(!message.contains("offset"), "{header}: {message}");
    }
    // A tensor and a text may have the same key.
    let header = format!(r#"{{"k":{empty},"__metadata__":{{"k":"1","l":"2"}}}}"#);
    let read: Tensors = deserialize(&frame(header.len() as u64, &header, 0)).unwrap();
    assert_eq!((read.len(), read.metadata().len(), &*read.metadata()["k"]), (1, 2, "1"));
    let none = r#"{"__metadata__":null}"#;
    assert!(deserialize::<Tensors>(&frame(none.len() as u64, none, 0)).unwrap().is_empty());
}

#[test]
fn tensors_that_overlap_or_leave_holes_are_refused() {
    let two = |first: &str, second: &str| {
        let info = |place: &str| format!(r#"{{"dtype":"U8","shape":[2],"data_offsets":{place}}}"#);
        let header = format!(r#"{{"a":{},"b":{}}}"#, info(first), info(second));
        frame(header.len() as u64, &header, 4)
    };
    assert!(deserialize_any(&two("[0,2]", "[2,4]")).is_ok());
    assert!(deserialize_any(&two("[2,4]", "[0,2]")).is_ok());
    for (first, second, wrong) in [
        ("[0,2]", "[1,3]", "b"),
        ("[0,2]", "[0,2]", "b"),
        ("[0,2]", "[3,5]", "b"),
        ("[1,3]", "[2,4]", "a"),
    ] {
        let error = refused(&two(first, second));
        assert!(error.contains(&format!("invalid offset for tensor `{wrong}`")), "{error}");
    }
}
