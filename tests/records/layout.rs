//! The bytes of a record's frame, and where the data of its frames is.

use std::collections::BTreeMap;

use bytes::Bytes;
use ps_serialize::{parts, read_frame, serialize, serialize_to, serializer};

use super::{Json, round_trip};

/// Pads with zeros to the next multiple of 64 bytes.
fn pad(frame: &mut Vec<u8>) {
    frame.resize(frame.len().next_multiple_of(64), 0);
}

/// A frame with a padded line.
fn padded(identifier: &str, payload: &[u8]) -> Vec<u8> {
    [format!("{identifier:63}\n").as_bytes(), payload].concat()
}

#[serializer(id = b"rec layout")]
#[derive(Debug, PartialEq)]
struct Sample {
    id: u64,
    #[serializer(frame)]
    text: String,
    label: String,
    #[serializer(frames)]
    map: BTreeMap<String, Vec<u8>>,
    #[serializer(frames)]
    nothing: Option<String>,
    #[serializer(frames)]
    list: Vec<String>,
    last: (bool, i16),
}

#[test]
fn a_record_is_laid_out_as_documented() {
    let value = Sample {
        id: 7,
        text: "héllo".to_owned(),
        label: "x".to_owned(),
        map: [("a".to_owned(), vec![1, 2, 3]), ("b".to_owned(), vec![0; 64])].into(),
        nothing: None,
        list: vec![String::new()],
        last: (true, -2),
    };
    let mut frame = padded("rec layout", b"");
    frame.extend(b"\x04\0\0\0\0\0\0\0"); // four frames
    frame.extend(b"\x46\0\0\0\0\0\0\0"); // 70 bytes of other fields
    frame.extend(b"\x46\0\0\0\0\0\0\0"); // the lengths of the frames
    frame.extend(b"\x43\0\0\0\0\0\0\0");
    frame.extend(b"\x80\0\0\0\0\0\0\0");
    frame.extend(b"\x40\0\0\0\0\0\0\0");
    frame.extend(b"\x07\0\0\0\0\0\0\0"); // id
    frame.extend(b"\x01\0\0\0\0\0\0\0x"); // label
    frame.extend(b"\x02\0\0\0\0\0\0\0"); // the keys of the map
    frame.extend(b"\x01\0\0\0\0\0\0\0a\x01\0\0\0\0\0\0\0b");
    frame.extend(b"\0\0\0\0\0\0\0\0"); // how many frames `nothing` has
    frame.extend(b"\x01\0\0\0\0\0\0\0"); // and how many `list` has
    frame.extend(b"\x01\xfe\xff"); // last
    assert_eq!(frame.len(), 64 + 48 + 62);
    for inside in [
        padded("US", "héllo".as_bytes()),
        padded("BS", &[1, 2, 3]),
        padded("BS", &[0; 64]),
        padded("US", b""),
    ] {
        pad(&mut frame);
        frame.extend(inside);
    }
    // The other fields take 62 bytes, and the first text 6.
    frame[72] = 62;
    assert_eq!(round_trip(&value).escape_ascii().to_string(), frame.escape_ascii().to_string());
}

#[serializer(id = b"rec variants")]
#[derive(Debug, PartialEq)]
enum Variants {
    Unit,
    Tuple(u8, #[serializer(frame)] String),
    Named {
        #[serializer(frame)]
        text: String,
    },
    Plain(bool),
}

#[test]
fn the_number_of_a_variant_is_the_first_of_the_other_fields() {
    let frame = |count: u8, record: &[u8], text: Option<&[u8]>| {
        let mut frame = padded("rec variants", &[count, 0, 0, 0, 0, 0, 0, 0]);
        frame.extend((record.len() as u64).to_le_bytes());
        frame.extend(text.iter().flat_map(|text| (64 + text.len() as u64).to_le_bytes()));
        frame.extend(record);
        if let Some(text) = text {
            pad(&mut frame);
            frame.extend(padded("US", text));
        }
        frame
    };
    for (value, expected) in [
        (Variants::Unit, frame(0, &[0; 4], None)),
        (Variants::Tuple(7, "two".to_owned()), frame(1, &[1, 0, 0, 0, 7], Some(b"two"))),
        (Variants::Named { text: "n".to_owned() }, frame(1, &[2, 0, 0, 0], Some(b"n"))),
        (Variants::Plain(true), frame(0, &[3, 0, 0, 0, 1], None)),
    ] {
        assert_eq!(round_trip(&value), expected, "{value:?}");
    }
}

#[serializer(id = b"rec json", codec = Json)]
#[derive(Debug, PartialEq)]
struct ByJson {
    id: u8,
    #[serializer(frame)]
    text: String,
    #[serializer(frames)]
    list: Vec<String>,
    #[serializer(frames)]
    map: BTreeMap<String, String>,
}

#[test]
fn another_codec_writes_the_other_fields_its_way() {
    let value = ByJson {
        id: 7,
        text: "t".to_owned(),
        list: vec![],
        map: [("k".to_owned(), "v".to_owned())].into(),
    };
    let record = br#"{"id":7,"list":0,"map":["k"]}"#;
    let mut frame = padded("rec json", b"\x02\0\0\0\0\0\0\0");
    frame.extend((record.len() as u64).to_le_bytes());
    frame.extend(b"\x41\0\0\0\0\0\0\0\x41\0\0\0\0\0\0\0");
    frame.extend(record);
    for text in [b"t", b"v"] {
        pad(&mut frame);
        frame.extend(padded("US", text));
    }
    assert_eq!(round_trip(&value), frame);
}

/// Frames of several lengths at several distances.
#[serializer(id = b"rec aligned")]
#[derive(Debug, PartialEq)]
struct Aligned {
    before: Vec<u8>,
    #[serializer(frame)]
    text: String,
    #[serializer(frame)]
    bytes: Bytes,
    #[serializer(frames)]
    inner: Vec<Aligned>,
    #[serializer(frame)]
    last: Vec<u8>,
}

fn aligned(size: usize, inner: Vec<Aligned>) -> Aligned {
    Aligned {
        before: vec![b'b'; size],
        text: "t".repeat(size),
        bytes: vec![b's'; size + 3].into(),
        inner,
        last: vec![b'l'; 2 * size + 1],
    }
}

#[test]
fn the_data_of_every_frame_is_aligned_to_64_bytes() {
    for size in [1, 2, 15, 16, 40, 60, 63, 64, 65, 127, 128, 1000, 5000] {
        let value =
            aligned(size, vec![aligned(3 * size, vec![aligned(7, vec![])]), aligned(1, vec![])]);
        let frame = serialize(&value).unwrap();
        let mut written = Vec::new();
        parts(&value).unwrap().write_to(&mut written).unwrap();
        let mut through = Vec::new();
        serialize_to(&value, &mut through).unwrap();
        let read = read_frame(&frame[..], None).unwrap();
        for (what, frame) in [
            ("serialize", &frame[..]),
            ("parts", &written),
            ("serialize_to", &through),
            ("read", &read),
        ] {
            let mut frames = 0;
            // A line is the only place with so many spaces.
            for at in (0..frame.len()).filter(|&at| frame[at..].starts_with(&[b' '; 32])) {
                let end = at + frame[at..].iter().position(|byte| *byte != b' ').unwrap();
                if frame[end] == b'\n' && (at == 0 || frame[at - 1] != b' ') {
                    assert_eq!((end + 1) % 64, 0, "{what}, {size} bytes, at {at}");
                    frames += 1;
                }
            }
            assert_eq!(frames, 4 + 3 * 4 - 1 + 1, "{what}");
        }
        for (what, frame) in [("serialize", &frame), ("read", &read)] {
            assert_eq!(frame.as_ptr().addr() % 64, 0, "{what}");
        }
        let back: Aligned = ps_serialize::deserialize(&read).unwrap();
        assert_eq!(back, value);
        assert_eq!(back.bytes.as_ptr().addr() % 64, 0, "shared, and so aligned");
    }
}

/// Two types of the same fields, with a mark that no value asks for and without.
#[serializer(id = b"rec plain twin")]
#[derive(serde::Serialize, serde::Deserialize, Debug, PartialEq)]
struct Unmarked {
    id: u64,
    text: String,
}

#[test]
fn a_type_without_marked_fields_keeps_its_bytes() {
    let value = Unmarked { id: 7, text: "x".to_owned() };
    let frame = b"rec plain twin\n\x07\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0x";
    assert_eq!(round_trip_of_plain(&value), frame[..]);
}

fn round_trip_of_plain(value: &Unmarked) -> Bytes {
    let frame = serialize(value).unwrap();
    assert_eq!(ps_serialize::deserialize::<Unmarked>(&frame).unwrap(), *value);
    frame
}
