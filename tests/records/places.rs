//! The table of a record's frame, from its first bytes.

use std::collections::BTreeMap;

use bytes::Bytes;
use ps_serialize::{ErrorKind, Frame, FrameTable, Identifier, deserialize, serialize, serializer};

use super::Json;

#[serializer(id = b"rec places")]
#[derive(Debug, PartialEq)]
struct Sample {
    id: u64,
    #[serializer(frame)]
    image: Bytes,
    label: String,
    #[serializer(frames)]
    map: BTreeMap<String, String>,
    #[serializer(frames)]
    list: Vec<String>,
    #[serializer(frames)]
    option: Option<String>,
}

fn sample() -> Sample {
    Sample {
        id: 7,
        image: vec![9; 10_000].into(),
        label: "label".to_owned(),
        map: [("k".to_owned(), "v".to_owned()), (String::new(), "empty".to_owned())].into(),
        list: vec!["one".to_owned(), "two".to_owned()],
        option: Some("some".to_owned()),
    }
}

#[test]
fn one_field_is_read_from_its_place() {
    let frame = serialize(&sample()).unwrap();
    let size = FrameTable::size(&frame[..80]).unwrap();
    assert_eq!(size, 64 + 16 + 6 * 8 + 62, "far from the end");
    let table = FrameTable::parse::<Sample>(&frame[..size]).unwrap();
    let read = |field: &str, key: &str| {
        let place = table.find(field, key).unwrap();
        assert_eq!(place.start % 64, 0);
        frame.slice(place)
    };
    assert_eq!(deserialize::<Bytes>(&read("image", "")).unwrap(), sample().image);
    for (field, key, text) in [
        ("map", "k", "v"),
        ("map", "", "empty"),
        ("list", "0", "one"),
        ("list", "1", "two"),
        ("option", "", "some"),
    ] {
        assert_eq!(deserialize::<String>(&read(field, key)).unwrap(), text, "{field} {key}");
    }
    for (field, key) in
        [("image", "0"), ("id", ""), ("list", "2"), ("list", ""), ("map", "0"), ("no field", "")]
    {
        assert_eq!(table.find(field, key), None, "{field} {key}");
    }
    let places: Vec<_> = table.iter().map(|place| (place.field, &*place.key)).collect();
    let expected =
        [("image", ""), ("map", ""), ("map", "k"), ("list", "0"), ("list", "1"), ("option", "")];
    assert_eq!(places, expected);
    assert_eq!(table.iter().last().unwrap().range.end, frame.len());
    // More bytes change nothing.
    let all = FrameTable::parse::<Sample>(&frame).unwrap();
    assert_eq!(all.iter().collect::<Vec<_>>(), table.iter().collect::<Vec<_>>());
}

#[test]
fn too_few_bytes_are_an_error_that_says_how_many_there_are() {
    let frame = serialize(&sample()).unwrap();
    let size = FrameTable::size(&frame[..80]).unwrap();
    for end in 0..size {
        let error = FrameTable::parse::<Sample>(&frame[..end]).unwrap_err();
        if end >= 64 {
            let error = format!("{error:#}");
            assert!(error.contains(&format!("and there are {}", end - 64)), "{error}");
        }
        let known = FrameTable::size(&frame[..end]);
        assert_eq!(known.ok(), (end >= 80).then_some(size), "{end}");
    }
    let error = format!("{:#}", FrameTable::size(&frame[..79]).unwrap_err());
    assert!(error.contains("its lengths ask for 16 bytes of payload, and there are 15"), "{error}");
}

#[test]
fn a_frame_of_another_type_is_refused() {
    #[serializer(id = b"rec places other")]
    struct Other(#[serializer(frame)] String);

    let frame = serialize(&Other("text".to_owned())).unwrap();
    let error = FrameTable::parse::<Sample>(&frame).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::WrongIdentifier { .. }), "{error}");
    let error = FrameTable::parse::<Other>(b"US\ntext").unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::WrongIdentifier { .. }), "{error}");
    assert_eq!(FrameTable::parse::<Other>(&frame).unwrap().find("0", ""), Some(128..64 + 128 + 4));
}

#[serializer(id = b"rec places enum", codec = Json)]
#[derive(Debug, PartialEq)]
enum Event {
    Nothing,
    One(u8, #[serializer(frame)] String),
    Many {
        #[serializer(frames)]
        r#type: Vec<Event>,
        count: u8,
        #[serializer(frame)]
        last: Bytes,
    },
}

#[test]
fn the_variant_of_an_enum_says_which_frames_there_are() {
    let places = |event: &Event| {
        let frame = serialize(event).unwrap();
        let size = FrameTable::size(&frame[..80]).unwrap();
        let table = FrameTable::parse::<Event>(&frame[..size]).unwrap();
        table.iter().map(|place| (place.field, place.key.clone())).collect::<Vec<_>>()
    };
    let name = |field, key: &str| (field, key.to_owned());
    assert_eq!(places(&Event::Nothing), []);
    assert_eq!(places(&Event::One(1, "x".to_owned())), [name("1", "")]);
    let one = || Event::One(1, "x".to_owned());
    let many = Event::Many { r#type: vec![one(), Event::Nothing], count: 3, last: Bytes::new() };
    assert_eq!(places(&many), [name("type", "0"), name("type", "1"), name("last", "")]);
}

/// A place is counted from the start of the frame, however long its line is.
#[test]
fn a_line_without_padding_moves_the_places() {
    let frame = serialize(&sample()).unwrap();
    let short = Frame::parse(&frame).unwrap().to_bytes();
    assert_eq!(short.len(), frame.len() - 64 + 11);
    assert_eq!(deserialize::<Sample>(&short).unwrap(), sample());
    let table = FrameTable::parse::<Sample>(&short).unwrap();
    let text: String = deserialize(&short[table.find("list", "1").unwrap()]).unwrap();
    assert_eq!(text, "two");
}

fn table(count: u64, record: &[u8], lengths: &[u64]) -> Bytes {
    let mut payload = count.to_le_bytes().to_vec();
    payload.extend((record.len() as u64).to_le_bytes());
    lengths.iter().for_each(|length| payload.extend(length.to_le_bytes()));
    payload.extend(record);
    Frame::new(&Identifier::new(b"rec places"), &payload).to_aligned_bytes()
}

#[test]
fn a_table_that_lies_is_an_error() {
    // No label; then the keys of the map, and two counts.
    let record = |keys: u64, list: u64, option: u64| {
        let numbers = [7, 0, keys, list, option];
        numbers.iter().flat_map(|number: &u64| number.to_le_bytes()).collect::<Vec<u8>>()
    };
    let says = |frame: &Bytes, part: &str| {
        let error = format!("{:#}", FrameTable::parse::<Sample>(frame).unwrap_err());
        assert!(error.contains(part), "{error}");
    };
    let right = table(3, &record(0, 1, 1), &[64; 3]);
    assert_eq!(FrameTable::parse::<Sample>(&right).unwrap().iter().len(), 3);
    says(&table(2, &record(0, 1, 1), &[64; 2]), "fewer frames than its field `option` asks for");
    says(
        &table(2, &record(0, 1 << 60, 1), &[64; 2]),
        "fewer frames than its field `list` asks for",
    );
    says(&table(4, &record(0, 1, 1), &[64; 4]), "1 frames more than its fields say");
    for count in [1 << 60, u64::MAX / 8, u64::MAX / 8 + 1, u64::MAX - 1, u64::MAX] {
        says(&table(count, &record(0, 1, 1), &[64; 3]), "the record ends early");
    }
    for length in [u64::MAX, u64::MAX - 63, u64::MAX - 64, u64::MAX - 300, u64::MAX - 200, 1 << 63]
    {
        for at in 0..3 {
            let mut lengths = [64; 3];
            lengths[at] = length;
            let _ = FrameTable::parse::<Sample>(&table(3, &record(0, 1, 1), &lengths));
            let _ = FrameTable::size(&table(3, &record(0, 1, 1), &lengths));
        }
        says(
            &table(3, &record(0, 1, 1), &[length, length, 64]),
            "the frames of the record are longer",
        );
    }
}

#[test]
fn any_first_bytes_give_a_table_or_an_error() {
    let frame = serialize(&sample()).unwrap();
    let size = FrameTable::size(&frame).unwrap();
    let mut first = frame[..size].to_vec();
    for at in 64..size {
        for byte in 0..=255 {
            first[at] = byte;
            let _ = FrameTable::size(&first);
            if let Ok(table) = FrameTable::parse::<Sample>(&first) {
                assert_eq!(table.iter().len(), 6);
            }
        }
        first[at] = frame[at];
    }
}
