//! What errors say: which field, which of its frames, and what to do.

use std::collections::{BTreeMap, HashMap};

use ps_serialize::{
    Bincode, Decode, FrameTable, Payload, deserialize, deserialize_any, serialize, serializer,
};

const CHANGED: &str =
    "; if the type has changed since this frame was written, it needs another identifier";

#[serializer(id = b"errors")]
#[derive(Debug)]
struct Many {
    id: u8,
    #[serializer(frames)]
    list: Vec<String>,
    #[serializer(frames)]
    map: BTreeMap<String, Vec<u8>>,
    #[serializer(frames)]
    hash: HashMap<String, String>,
    #[serializer(frames)]
    option: Option<String>,
}

#[serializer(id = b"er.age")]
#[derive(serde::Serialize, serde::Deserialize, Debug)]
struct Changing {
    flag: bool,
    option: Option<u8>,
    text: String,
    char: char,
    variant: Variant,
}

#[derive(serde::Serialize, serde::Deserialize, Debug)]
enum Variant {
    Only,
}

#[test]
fn every_error_of_a_record_without_names_says_that_a_changed_type_needs_another_identifier() {
    let good = b"er.age\n\x01\x00\x01\0\0\0\0\0\0\0aa\0\0\0\0";
    deserialize::<Changing>(good).unwrap();
    for (at, byte, expected) in [
        (7, 2, "a `bool` is 0 or 1, not 2"),
        (8, 7, "an `Option` begins with 0 or 1, not 7"),
        (9, 99, "the payload ends inside of the value"),
        (17, 0xff, "invalid utf-8 sequence of 1 bytes from index 0"),
        (18, 0xff, "a `char` is a Unicode scalar value in UTF-8, not `\\xff`"),
        (19, 1, "invalid value: integer `1`, expected variant index 0 <= i < 1"),
    ] {
        let mut frame = good.to_vec();
        frame[at] = byte;
        let text = format!("{:#}", deserialize::<Changing>(&frame).unwrap_err());
        assert!(text.ends_with(&format!("{expected}{CHANGED}")), "{text}");
    }
    let more = [&good[..], b"x"].concat();
    let text = format!("{:#}", deserialize::<Changing>(&more).unwrap_err());
    let expected = "1 bytes are left over after the value: expected the end of the payload";
    assert!(text.ends_with(&format!("{expected}{CHANGED}")), "{text}");
}

fn many() -> Many {
    Many {
        id: 7,
        list: ["a0", "a1", "a2"].map(str::to_owned).into(),
        map: [("k\n0".to_owned(), b"b0".to_vec()), ("k1".to_owned(), b"b1".to_vec())].into(),
        hash: [("only".to_owned(), "c0".to_owned())].into(),
        option: Some("d0".to_owned()),
    }
}

/// The frame with other bytes in place of these.
fn with(frame: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let at = frame.windows(from.len()).position(|bytes| bytes == from).expect("it is there");
    let mut frame = frame.to_vec();
    frame[at..at + to.len()].copy_from_slice(to);
    frame
}

#[test]
fn an_error_inside_of_a_field_of_frames_names_the_index_or_the_key() {
    let frame = serialize(&many()).unwrap();
    for (from, to, expected) in [
        (&b"a0"[..], &b"\xff"[..], "in the field `list`: in the frame at `0`: "),
        (b"a2", b"a\xff", "in the field `list`: in the frame at `2`: "),
        (b"c0", b"\xff", "in the field `hash`: in the frame at `only`: "),
        (b"d0", b"\xff", "in the field `option`: the serializer `text` (`US`)"),
    ] {
        for error in [
            deserialize::<Many>(&with(&frame, from, to)).unwrap_err(),
            deserialize_any(&with(&frame, from, to)).unwrap_err(),
        ] {
            let text = format!("{error:#}");
            assert!(text.contains(expected), "{text}");
            assert!(text.contains("utf-8"), "{text}");
        }
    }
    // The kind of a frame: the last `BS`, and then the first.
    let last = frame.windows(2).rposition(|bytes| bytes == b"BS").unwrap();
    let mut other = frame.to_vec();
    other[last..last + 2].copy_from_slice(b"US");
    let text = format!("{:#}", deserialize::<Many>(&other).unwrap_err());
    assert!(
        text.contains("in the field `map`: in the frame at `k1`: the frame holds `US`"),
        "{text}"
    );
    let text = format!("{:#}", deserialize::<Many>(&with(&frame, b"BS", b"US")).unwrap_err());
    assert!(
        text.contains("in the field `map`: in the frame at `k\\n0`: the frame holds"),
        "{text}"
    );
}

#[test]
fn a_view_names_the_index_or_the_key_too() {
    #[serializer(view = Many)]
    #[derive(Debug)]
    struct ManyView<'f> {
        id: u8,
        #[serializer(frames)]
        list: Vec<&'f str>,
        #[serializer(frames)]
        map: BTreeMap<String, &'f [u8]>,
        #[serializer(frames)]
        hash: HashMap<String, &'f str>,
        #[serializer(frames)]
        option: Option<&'f str>,
    }

    let frame = serialize(&many()).unwrap();
    let view: ManyView<'_> = deserialize(&frame).unwrap();
    assert_eq!((view.id, view.list.len(), view.map.len()), (7, 3, 2));
    assert_eq!((view.hash["only"], view.option), ("c0", Some("d0")));
    for (from, expected) in [
        (b"a1", "in the field `list`: in the frame at `1`: "),
        (b"c0", "in the field `hash`: in the frame at `only`: "),
    ] {
        let frame = with(&frame, from, b"\xff");
        let error = deserialize::<ManyView<'_>>(&frame).unwrap_err();
        assert!(format!("{error:#}").contains(expected), "{error:?}");
    }
}

#[test]
fn an_error_of_writing_names_the_index_or_the_key() {
    /// It can't be written if it is not empty.
    #[serializer(id = b"errors refused")]
    #[derive(serde::Serialize, serde::Deserialize)]
    struct Refused(#[serde(serialize_with = "refuse")] Vec<u8>);

    fn refuse<S: serde::Serializer>(value: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        match value {
            [] => serializer.serialize_u64(0),
            _ => Err(serde::ser::Error::custom("refused")),
        }
    }

    #[serializer(id = b"errors written")]
    struct Written {
        #[serializer(frames)]
        list: Vec<Refused>,
        #[serializer(frames)]
        map: BTreeMap<String, Refused>,
        #[serializer(frames)]
        option: Option<Refused>,
    }

    let good = || Refused(vec![]);
    let written = |list, map: [(&str, Refused); 2], option| Written {
        list,
        map: map.map(|(key, value)| (key.to_owned(), value)).into(),
        option,
    };
    for (value, expected) in [
        (
            written(vec![good(), Refused(vec![1])], [("a", good()), ("b", good())], None),
            "in the field `list`: in the frame at `1`: ",
        ),
        (
            written(vec![good()], [("a", good()), ("b", Refused(vec![1]))], Some(good())),
            "in the field `map`: in the frame at `b`: ",
        ),
        (
            written(vec![], [("a", good()), ("b", good())], Some(Refused(vec![1]))),
            "in the field `option`: the serializer",
        ),
    ] {
        let text = format!("{:#}", serialize(&value).unwrap_err());
        assert!(text.contains(expected) && text.contains("refused"), "{text}");
    }
}

#[test]
fn a_payload_that_is_too_short_or_too_long_says_that_the_type_may_have_changed() {
    #[serializer(id = b"errors plain")]
    #[derive(serde::Serialize, serde::Deserialize, Debug)]
    struct Plain {
        a: u16,
        text: String,
    }

    let frame = serialize(&Plain { a: 5, text: "text".to_owned() }).unwrap();
    for end in 13..frame.len() {
        let error = deserialize::<Plain>(&frame[..end]).unwrap_err();
        let text = format!("{error:#}");
        let expected = format!("the payload ends inside of the value{CHANGED}");
        assert!(text.ends_with(&expected), "{text}");
    }
    let longer = [&frame[..], b"more"].concat();
    let text = format!("{:#}", deserialize::<Plain>(&longer).unwrap_err());
    let expected = format!(
        ": 4 bytes are left over after the value: expected the end of the payload{CHANGED}"
    );
    assert!(text.ends_with(&expected), "{text}");
    let read: ps_serialize::Result<u8> = Payload::read(b"\x01\x02", Bincode::decode);
    assert!(format!("{:#}", read.unwrap_err()).ends_with(CHANGED));
}

#[cfg(feature = "wincode")]
#[test]
fn wincode_says_the_same() {
    #[serializer(id = b"errors wincode", codec = ps_serialize::Wincode)]
    #[derive(wincode::SchemaWrite, wincode::SchemaRead, Debug)]
    struct Fast {
        a: u16,
        text: String,
    }

    let frame = serialize(&Fast { a: 5, text: "text".to_owned() }).unwrap();
    for frame in [&frame[..16], &frame[..frame.len() - 1], &[&frame[..], b"m"].concat()] {
        let text = format!("{:#}", deserialize::<Fast>(frame).unwrap_err());
        assert!(text.ends_with(CHANGED), "{text}");
    }
}

#[test]
fn a_record_with_other_frames_says_that_the_type_may_have_changed() {
    #[serializer(id = b"errors now")]
    #[derive(Debug)]
    struct Now {
        a: u8,
        #[serializer(frame)]
        one: String,
    }

    #[serializer(id = b"errors was")]
    struct Was {
        a: u8,
        #[serializer(frame)]
        one: String,
        #[serializer(frame)]
        two: String,
    }

    #[serializer(id = b"errors may")]
    struct Fewer {
        a: u8,
        #[serializer(frames)]
        none: Vec<String>,
    }

    /// The payload in a frame of the record.
    fn renamed(frame: &[u8]) -> Vec<u8> {
        [&format!("{:63}\n", "errors now").into_bytes(), &frame[64..]].concat()
    }

    let text = || "text".to_owned();
    let was = serialize(&Was { a: 1, one: text(), two: text() }).unwrap();
    let error = deserialize::<Now>(&renamed(&was)).unwrap_err();
    let found = format!("{error:#}");
    assert!(found.ends_with(&format!("1 frames more than its fields say{CHANGED}")), "{found}");
    let table = FrameTable::parse::<Now>(&renamed(&was)).unwrap_err();
    assert!(format!("{table:#}").ends_with(CHANGED), "{table:?}");

    let fewer = serialize(&Fewer { a: 1, none: vec![] }).unwrap();
    let found = format!("{:#}", deserialize::<Now>(&renamed(&fewer)).unwrap_err());
    assert!(found.ends_with(CHANGED), "{found}");
    let now = serialize(&Now { a: 1, one: text() }).unwrap();
    let longer = [&now[..], b"more"].concat();
    let found = format!("{:#}", deserialize::<Now>(&longer).unwrap_err());
    assert!(found.ends_with(CHANGED), "{found}");
    assert_eq!(deserialize::<Now>(&now).unwrap().one, "text");
}

#[test]
fn a_table_takes_what_its_record_takes() {
    #[serializer(id = b"errors table")]
    #[derive(Debug)]
    struct Record {
        #[serializer(frames)]
        option: Option<String>,
        #[serializer(frames)]
        map: BTreeMap<String, String>,
    }

    /// Its bytes are those of the record, and hold more.
    #[serializer(id = b"errors lists")]
    struct Lists {
        #[serializer(frames)]
        option: Vec<String>,
        keys: Vec<String>,
        #[serializer(frames)]
        frames: NoKeys,
    }

    /// Frames that have nothing among the other fields.
    type NoKeys = Vec<String>;

    let text = || "text".to_owned();
    let renamed =
        |frame: &[u8]| [&format!("{:63}\n", "errors table").into_bytes(), &frame[64..]].concat();
    let two = Lists { option: vec![text(), text()], keys: vec![], frames: vec![] };
    let frame = serialize(&two).unwrap();
    // Without the number of the last field.
    let frame = without_last_number(&renamed(&frame));
    for error in [
        FrameTable::parse::<Record>(&frame).unwrap_err(),
        deserialize::<Record>(&frame).map(drop).unwrap_err(),
    ] {
        let found = format!("{error:#}");
        assert!(found.contains("an `Option` has no frame or one, and this has 2"), "{found}");
    }
    let key = || "key".to_owned();
    let twice = Lists { option: vec![], keys: vec![key(), key()], frames: vec![text(), text()] };
    let frame = without_last_number(&renamed(&serialize(&twice).unwrap()));
    for error in [
        FrameTable::parse::<Record>(&frame).unwrap_err(),
        deserialize::<Record>(&frame).map(drop).unwrap_err(),
    ] {
        let found = format!("{error:#}");
        assert!(found.contains("the key \"key\" occurs twice"), "{found}");
    }
    let good = Lists { option: vec![text()], keys: vec![key()], frames: vec![text()] };
    let frame = without_last_number(&renamed(&serialize(&good).unwrap()));
    let table = FrameTable::parse::<Record>(&frame).unwrap();
    assert!(table.find("option", "").is_some() && table.find("map", "key").is_some());
    let Record { option, map } = deserialize(&frame).unwrap();
    assert_eq!((option.as_deref(), map["key"].as_str()), (Some("text"), "text"));
}

/// The frame of a record whose other fields end with a number, without that number.
fn without_last_number(frame: &[u8]) -> Vec<u8> {
    let number = |at: usize| {
        usize::try_from(u64::from_le_bytes(frame[at..at + 8].try_into().unwrap())).unwrap()
    };
    let (count, record) = (number(64), number(72));
    let lengths = &frame[80..80 + 8 * count];
    let fields = &frame[80 + 8 * count..][..record - 8];
    let mut again = [&frame[..72], &(fields.len() as u64).to_le_bytes(), lengths, fields].concat();
    let mut at = 80 + 8 * count + record;
    for index in 0..count {
        at = at.next_multiple_of(64);
        again.resize(again.len().next_multiple_of(64), 0);
        again.extend_from_slice(&frame[at..at + number(80 + 8 * index)]);
        at += number(80 + 8 * index);
    }
    again
}

#[cfg(any(feature = "lz4", feature = "zstd"))]
#[test]
fn a_compressed_frame_has_no_table() {
    use ps_serialize::{Compression, decompress};

    #[serializer(id = b"errors packed")]
    struct Packed(#[serializer(frame)] String, u8);

    let value = Packed("text ".repeat(1000), 7);
    let plain = serialize(&value).unwrap();
    let compressions = [
        #[cfg(feature = "lz4")]
        Compression::Lz4,
        #[cfg(feature = "zstd")]
        Compression::Zstd(3),
    ];
    for by in compressions {
        let frame = by.serialize(&value).unwrap();
        assert_ne!(frame, plain);
        for frame in [&frame[..], &frame[..frame.len().min(60)]] {
            for error in [
                FrameTable::size(frame).unwrap_err(),
                FrameTable::unnamed(frame).map(drop).unwrap_err(),
                FrameTable::parse::<Packed>(frame).map(drop).unwrap_err(),
            ] {
                let text = format!("{error:#}");
                assert!(text.contains("`decompress` it first"), "{text}");
                assert!(matches!(error.kind(), ps_serialize::ErrorKind::Custom(_)), "{text}");
            }
        }
        let opened = decompress(&frame).unwrap();
        assert!(FrameTable::parse::<Packed>(&opened).unwrap().find("0", "").is_some());
    }
}
