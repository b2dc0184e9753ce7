//! Records with frames inside: tables that lie, and frames that are not what they should be.

use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;
use ps_serialize::{
    ErrorKind, Frame, FrameTable, Identifier, Options, deserialize, deserialize_any, registry,
    serialize, serializer,
};

use crate::{mutate, peak_memory};

#[serializer(id = b"fr")]
#[derive(Debug, PartialEq)]
struct Record {
    id: u64,
    #[serializer(frame)]
    text: String,
    #[serializer(frames)]
    map: HashMap<String, Bytes>,
    #[serializer(frames)]
    option: Option<String>,
    #[serializer(frames)]
    list: Vec<Record>,
}

#[serializer(id = b"fe")]
#[derive(Debug, PartialEq)]
enum Variants {
    Unit,
    Tuple(#[serializer(frame)] String, u8),
    Named {
        #[serializer(frames)]
        list: Vec<Variants>,
    },
}

/// An element takes 4 KiB in memory, and 64 bytes in a frame.
#[serializer(id = b"fl")]
#[derive(Debug, PartialEq)]
struct Large(#[serializer(frames)] Vec<Inline>);

#[serializer(id = b"fi")]
#[derive(serde::Serialize, serde::Deserialize, Debug, PartialEq)]
struct Inline(Option<[[u64; 32]; 16]>);

#[serializer(id = b"fo")]
#[derive(Debug, PartialEq)]
struct Ordered {
    #[serializer(frames)]
    map: BTreeMap<String, String>,
}

#[cfg(feature = "wincode")]
#[serializer(id = b"fw", codec = ps_serialize::Wincode)]
#[derive(Debug, PartialEq)]
struct ByWincode {
    numbers: Vec<u16>,
    #[serializer(frame)]
    text: String,
    #[serializer(frames)]
    map: BTreeMap<String, String>,
}

fn record() -> Record {
    let inner = Record {
        id: 1,
        text: String::new(),
        map: HashMap::new(),
        option: Some("some".to_owned()),
        list: vec![],
    };
    Record {
        id: 7,
        text: "text".to_owned(),
        map: [("k".to_owned(), Bytes::from_static(b"\0\xff"))].into(),
        option: None,
        list: vec![inner],
    }
}

#[test]
fn every_prefix_and_every_changed_byte_gives_a_value_or_an_error() {
    mutate(&record());
    mutate(&Variants::Unit);
    mutate(&Variants::Named { list: vec![Variants::Tuple("text".to_owned(), 7), Variants::Unit] });
    mutate(&Ordered {
        map: [("a".to_owned(), "b".to_owned()), (String::new(), "c".to_owned())].into(),
    });
    #[cfg(feature = "wincode")]
    mutate(&ByWincode {
        numbers: vec![1, 2],
        text: "text".to_owned(),
        map: [("k".to_owned(), "v".to_owned())].into(),
    });
}

/// A frame with these numbers at its beginning, then the other fields and the frames.
fn lies(
    identifier: &'static [u8],
    count: u64,
    record_length: u64,
    lengths: &[u64],
    record: &[u8],
    frames: &[&[u8]],
) -> Bytes {
    let mut payload = [count.to_le_bytes(), record_length.to_le_bytes()].concat();
    lengths.iter().for_each(|length| payload.extend(length.to_le_bytes()));
    payload.extend(record);
    for frame in frames {
        payload.resize(payload.len().next_multiple_of(64), 0);
        payload.extend(*frame);
    }
    Frame::new(&Identifier::new(identifier), &payload).to_aligned_bytes()
}

/// A frame whose table is that of its parts.
fn assembled(identifier: &'static [u8], record: &[u8], frames: &[&[u8]]) -> Bytes {
    let lengths: Vec<_> = frames.iter().map(|frame| frame.len() as u64).collect();
    lies(identifier, frames.len() as u64, record.len() as u64, &lengths, record, frames)
}

fn numbers(numbers: &[u64]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

#[track_caller]
fn refused(frame: &Bytes, part: &str) {
    let mut error = None;
    let peak = peak_memory(|| error = deserialize_any(frame).err());
    assert!(peak <= 16 << 10, "{peak} bytes were in use for {part}");
    let error = format!("{:#}", error.expect("it is refused"));
    assert!(error.contains(part), "{error}");
}

/// The other fields of a `Record`: its id, the keys, and two counts.
fn fields(keys: &[&str], option: u64, list: u64) -> Vec<u8> {
    let mut fields = numbers(&[7, keys.len() as u64]);
    for key in keys {
        fields.extend((key.len() as u64).to_le_bytes());
        fields.extend(key.as_bytes());
    }
    fields.extend(numbers(&[option, list]));
    fields
}

#[test]
fn what_is_assembled_here_is_a_record() {
    assert!(registry().check().is_ok());
    let inner = serialize(&Record { list: vec![], option: None, ..record() }).unwrap();
    let frames: [&[u8]; 4] = [b"US\ntext", b"BS\n\0\xff", b"US\nsome", &inner];
    let frame = assembled(b"fr", &fields(&["k"], 1, 1), &frames);
    let value: Record = deserialize(&frame).unwrap();
    let expected = Record {
        option: Some("some".to_owned()),
        list: vec![Record { list: vec![], ..record() }],
        ..record()
    };
    assert_eq!(value, expected);
}

#[test]
fn numbers_that_lie_cost_nothing() {
    assert!(registry().check().is_ok());
    let record = fields(&[], 0, 0);
    let early = "the record ends early";
    let large = [
        100,
        1 << 20,
        1 << 32,
        1 << 60,
        (1 << 61) - 2,
        1 << 61,
        u64::MAX / 8,
        u64::MAX - 15,
        u64::MAX,
    ];
    for number in large {
        refused(&lies(b"fr", number, record.len() as u64, &[67], &record, &[b"US\n"]), early);
        refused(&lies(b"fr", 1, number, &[67], &record, &[b"US\n"]), early);
        refused(&lies(b"fr", number, number, &[67], &record, &[b"US\n"]), early);
        refused(&lies(b"fr", 1, record.len() as u64, &[number], &record, &[b"US\n"]), early);
        let two = fields(&[], 1, 0);
        for lengths in [[number, number], [number, 3], [3, number], [number, number.wrapping_neg()]]
        {
            let frame = lies(b"fr", 2, two.len() as u64, &lengths, &two, &[b"US\n", b"US\n"]);
            refused(&frame, early);
        }
        // Fields that ask for frames that are not there.
        for fields in [fields(&[], number, 0), fields(&[], 0, number)] {
            refused(&assembled(b"fr", &fields, &[b"US\n"]), "frames left, and");
        }
        // So many keys that they would not fit.
        let mut keys = numbers(&[7, number]);
        keys.extend([0; 40]);
        let error = deserialize_any(&assembled(b"fr", &keys, &[b"US\n"])).unwrap_err();
        let error = format!("{error:#}");
        let expected = match usize::try_from(number) {
            Ok(_) => ["elements", "ends inside"],
            Err(_) => ["more than this machine can address"; 2],
        };
        assert!(expected.iter().any(|part| error.contains(part)), "{error}");
    }
}

#[test]
fn each_part_is_where_the_table_says() {
    assert!(registry().check().is_ok());
    let record = fields(&["k"], 0, 0);
    let (text, bytes): (&[u8], &[u8]) = (b"US\ntext", b"BS\n\0");
    let right = assembled(b"fr", &record, &[text, bytes]);
    assert!(deserialize::<Record>(&right).is_ok());

    for count in [0, 1] {
        let lengths = &[7, 4][..count];
        let frame =
            lies(b"fr", count as u64, record.len() as u64, lengths, &record, &[text, bytes]);
        assert!(deserialize_any(&frame).is_err());
    }
    refused(&assembled(b"fr", &record, &[text]), "frames left, and 1 were expected");
    refused(&assembled(b"fr", &record, &[]), "frames left, and 1 were expected");
    refused(
        &assembled(b"fr", &record, &[text, bytes, b"US\n"]),
        "1 frames more than its fields say",
    );
    let mut longer = right.to_vec();
    longer.push(0);
    refused(&longer.into(), "1 bytes are left over after the frames");
    refused(&right.slice(..right.len() - 1), "the record ends early");

    // Each byte between the frames is zero.
    let first = right.windows(7).position(|window| window == text).unwrap();
    let second = right.windows(4).position(|window| window == bytes).unwrap();
    for at in (first - 20..first).chain(first + 7..second) {
        if right[at] == 0 && at >= 64 + 32 + record.len() {
            let mut changed = right.to_vec();
            changed[at] = b' ';
            refused(&changed.into(), "are not zeros");
        }
    }
}

#[test]
fn a_frame_of_another_kind_is_refused() {
    let record = fields(&["k"], 1, 0);
    let right: [&[u8]; 3] = [b"US\ntext", b"BS\n\0", b"US\nsome"];
    assert!(deserialize::<Record>(&assembled(b"fr", &record, &right)).is_ok());
    let own = serialize(&crate::records::record()).unwrap();
    for (at, field) in ["text", "map", "option"].into_iter().enumerate() {
        for (other, part) in [
            (if at == 1 { &b"US\ntext"[..] } else { b"BS\n\0" }, "as asked for"),
            (b"zz\n", "as asked for"),
            (b"", "identifier"),
            (b"\n", "identifier"),
            (&[0; 100], "identifier"),
            (&own, "as asked for"),
        ] {
            let mut frames = right;
            frames[at] = other;
            let error = deserialize_any(&assembled(b"fr", &record, &frames)).unwrap_err();
            assert!(matches!(error.kind(), ErrorKind::Deserialize { .. }), "{error:?}");
            let error = format!("{error:#}");
            assert!(error.contains(&format!("in the field `{field}`")), "{error}");
            assert!(error.contains(part), "{error}");
        }
    }
    let mut frames = right;
    frames[0] = b"US\n\xff";
    let error = format!("{:#}", deserialize_any(&assembled(b"fr", &record, &frames)).unwrap_err());
    assert!(error.contains("in the field `text`") && error.contains("utf-8"), "{error}");
}

#[test]
fn an_option_has_one_frame_and_a_map_each_key_once() {
    assert!(registry().check().is_ok());
    let text: &[u8] = b"US\ntext";
    for count in [2, 3] {
        let frames = vec![text; 1 + count];
        let frame = assembled(b"fr", &fields(&[], count as u64, 0), &frames);
        refused(&frame, &format!("an `Option` has no frame or one, and this has {count}"));
    }
    let twice =
        assembled(b"fr", &fields(&["k", "j", "k"], 0, 0), &[text, b"BS\n", b"BS\n", b"BS\n"]);
    refused(&twice, r#"the key "k" occurs twice"#);
    let mut keys = numbers(&[2]);
    keys.extend(b"\x01\0\0\0\0\0\0\0k".repeat(2));
    refused(&assembled(b"fo", &keys, &[text, text]), r#"the key "k" occurs twice"#);
}

#[test]
fn a_record_inside_of_itself_many_levels_deep_is_an_error() {
    let empty = |inner: Option<&[u8]>| {
        let frames = [Some(&b"US\n"[..]), inner];
        let frames: Vec<_> = frames.into_iter().flatten().collect();
        assembled(b"fr", &fields(&[], 0, u64::from(inner.is_some())), &frames)
    };
    let read = move || {
        let mut frame = empty(None);
        for level in 0..1000 {
            let typed = deserialize::<Record>(&frame);
            assert_eq!(deserialize_any(&frame).is_ok(), typed.is_ok(), "{level}");
            assert!(typed.is_ok() || level > 32, "{level}: {:?}", typed.unwrap_err());
            let _ = FrameTable::parse::<Record>(&frame);
            frame = empty(Some(&frame));
        }
        let error = format!("{:#}", deserialize_any(&frame).unwrap_err());
        assert!(error.contains("nested too deep, in bytes of stack"), "{error}");
    };
    std::thread::spawn(read).join().unwrap();
}

/// What a caller allows is a bound for all frames inside together.
#[test]
fn limits_hold_for_frames_inside() {
    assert!(registry().check().is_ok());
    let value = Large((0..1000).map(|_| Inline(None)).collect());
    let frame = serialize(&value).unwrap();
    assert!(frame.len() < 140 << 10);
    assert_eq!(deserialize::<Large>(&frame).unwrap(), value);
    let options = Options::new().size_limit(200 << 10);
    let mut error = None;
    let peak = peak_memory(|| error = options.deserialize_any(&frame).err());
    let error = error.expect("its values take 4 MB");
    assert!(matches!(error.kind(), ErrorKind::LimitExceeded { .. }), "{error:?}");
    assert!(peak <= 200 << 10, "{peak}");
    assert!(Options::new().size_limit(5 << 20).deserialize_any(&frame).is_ok());
    let error = Options::new().size_limit(frame.len() - 1).deserialize_any(&frame).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::LimitExceeded { .. }), "{error:?}");
}

#[cfg(all(feature = "lz4", feature = "zstd"))]
#[test]
fn a_field_may_be_compressed_and_is_limited_then() {
    use ps_serialize::Compression;

    assert!(registry().check().is_ok());
    let text = "again ".repeat(100_000);
    for by in [Compression::Lz4, Compression::Zstd(3)] {
        let compressed = by.serialize(&text).unwrap();
        assert!(compressed.len() < 10_000);
        let frame = assembled(b"fr", &fields(&[], 0, 0), &[&compressed]);
        assert_eq!(deserialize::<Record>(&frame).unwrap().text, text);
        let options = Options::new().size_limit(100_000);
        let mut error = None;
        let peak = peak_memory(|| error = options.deserialize_any(&frame).err());
        assert!(peak <= 4 * 100_000, "{peak}");
        let error = error.expect("it becomes 600 KB");
        assert!(matches!(error.kind(), ErrorKind::LimitExceeded { .. }), "{error:?}");
        // Each is within the limit, and all are not.
        let half = by.serialize(&"again ".repeat(8_000)).unwrap();
        let frames: Vec<&[u8]> = vec![&half; 3];
        let frame = assembled(b"fr", &fields(&[], 0, 0), &frames[..1]);
        assert!(options.deserialize_any(&frame).is_ok());
        let keys = numbers(&[3, 1, 1, 1]);
        let mut named = keys[..8].to_vec();
        for key in [b"a", b"b", b"c"] {
            named.extend(1_u64.to_le_bytes());
            named.extend(key);
        }
        let frame = assembled(b"fo", &named, &frames);
        let error = options.deserialize_any(&frame).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::LimitExceeded { .. }), "{error:?}");
        assert!(deserialize_any(&frame).is_ok());
    }
}

/// Each frame inside has elements without bytes, which take memory by a field that is skipped.
#[test]
fn elements_without_bytes_are_limited_in_all_frames_together() {
    #[serializer(id = b"fz")]
    #[derive(Debug)]
    struct Empties {
        #[serializer(frames)]
        lists: Vec<Empty>,
    }

    #[serializer(id = b"fy")]
    #[derive(serde::Serialize, serde::Deserialize, Debug)]
    struct Empty(Vec<Skipped>);

    #[derive(serde::Serialize, serde::Deserialize, Debug, Clone)]
    struct Skipped {
        #[serde(skip)]
        _cache: [u64; 32],
    }

    let list = |count| Empty(vec![Skipped { _cache: [0; 32] }; count]);
    let some = Empties { lists: (0..3).map(|_| list(60_000)).collect() };
    let frame = serialize(&some).unwrap();
    let read: Empties = deserialize(&frame).unwrap();
    assert_eq!(read.lists.iter().map(|list| list.0.len()).sum::<usize>(), 180_000);

    let many = Empties { lists: (0..40).map(|_| list(1)).collect() };
    let mut bytes = serialize(&many).unwrap().to_vec();
    let one = [&b"fy"[..], &[b' '; 61], b"\n\x01\0\0\0\0\0\0\0"].concat();
    let mut found = 0;
    for at in 0..=bytes.len() - one.len() {
        if bytes[at..].starts_with(&one) {
            bytes[at + 64..][..8].copy_from_slice(&65_000_u64.to_le_bytes());
            found += 1;
        }
    }
    assert_eq!(found, 40);
    let mut error = None;
    let peak = peak_memory(|| error = deserialize::<Empties>(&bytes).err());
    let error = error.expect("it would take 650 MB");
    assert!(matches!(error.kind(), ErrorKind::LimitExceeded { .. }), "{error:?}");
    assert!(peak < 128 << 20, "{peak}");
}
