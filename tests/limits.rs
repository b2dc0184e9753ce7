//! Which [`ErrorKind`] comes out where a limit is exceeded, for every kind of frame: one table. A server that
//! answers "too large" has to look at the error in the second column, and at its source in the last.

use std::fmt::Debug;

use ps_serialize::{Error, ErrorKind, Options, deserialize_any, serialize, serializer};
use serde::{Deserialize, Serialize};

/// The name of an error's kind, and the name of the library's error below it.
fn kinds(error: &Error) -> (String, Option<String>) {
    fn name(kind: &ErrorKind) -> String {
        let text = format!("{kind:?}");
        text.split([' ', '(', '{']).next().unwrap().to_owned()
    }
    let source = std::error::Error::source(error);
    let below = source.and_then(|source| source.downcast_ref::<Error>());
    (name(error.kind()), below.map(|error| name(error.kind())))
}

struct Table(String);

impl Table {
    fn row<T: Debug>(&mut self, identifier: &str, limit: &str, outcome: Result<T, Error>) {
        let error = outcome.expect_err(&format!("{identifier}, {limit}"));
        let (kind, below) = kinds(&error);
        let below = below.map_or_else(String::new, |below| format!(" < {below}"));
        self.0.push_str(&[identifier, " | ", limit, " | ", &kind, &below, "\n"].concat());
    }
}

#[serializer(id = b"l0")]
#[derive(Serialize, Deserialize, Debug)]
enum List {
    End,
    More(Box<List>),
}

#[cfg(feature = "messagepack")]
#[serializer(id = b"l2", codec = ps_serialize::MessagePack)]
#[derive(Serialize, Deserialize, Debug)]
struct Named(List);

#[serializer(id = b"l1")]
#[derive(Serialize, Deserialize, Debug)]
struct Nothings(Vec<()>);

fn list(depth: usize) -> List {
    (0..depth).fold(List::End, |rest, _| List::More(Box::new(rest)))
}

fn frame(identifier: &str, payload: &[u8]) -> Vec<u8> {
    [identifier.as_bytes(), b"\n", payload].concat()
}

/// A frame of every kind that this build has, larger than 64 bytes.
fn frames() -> Vec<(&'static str, Vec<u8>)> {
    #[cfg_attr(not(all(feature = "lz4", feature = "zstd")), allow(unused_mut))]
    let mut frames = vec![
        ("BS", frame("BS", &[7; 100])),
        ("US", frame("US", &[b'7'; 100])),
        ("l0", serialize(&list(20)).unwrap().to_vec()),
        #[cfg(feature = "ndarray")]
        ("NP", serialize(&ndarray::Array1::from(vec![1.0; 10])).unwrap().to_vec()),
        #[cfg(feature = "pickle")]
        ("PK", frame("PK", &[&b"]("[..], &b"N".repeat(100), b"e."].concat())),
        #[cfg(feature = "safetensors")]
        ("ST", frame("ST", &[0; 100])),
        #[cfg(feature = "torch")]
        ("PT", frame("PT", &[0; 100])),
        #[cfg(feature = "polars")]
        ("PL", serialize(&polars_core::frame::DataFrame::empty()).unwrap().to_vec()),
    ];
    #[cfg(all(feature = "lz4", feature = "zstd"))]
    for compression in [ps_serialize::Compression::Lz4, ps_serialize::Compression::Zstd(3)] {
        let mixed: String =
            (0..3000).flat_map(|i: i32| [i.to_string(), " and again ".to_owned()]).collect();
        let compressed = compression.serialize(&mixed).unwrap();
        let identifier = if compressed.starts_with(b"LZ") { "LZ" } else { "ZS" };
        frames.push((identifier, compressed.to_vec()));
    }
    frames
}

#[test]
fn a_frame_over_the_size_limit_is_a_limit_exceeded_whatever_it_is() {
    let options = Options::new().size_limit(64);
    for (identifier, frame) in frames() {
        assert!(frame.len() > 64, "{identifier}");
        let error = options.deserialize_any(&frame).unwrap_err();
        assert_eq!(kinds(&error), ("LimitExceeded".to_owned(), None), "{identifier}: {error}");
        let ErrorKind::LimitExceeded { limit, found, .. } = error.kind() else { unreachable!() };
        assert_eq!((*limit, *found), (64, frame.len() as u64), "{identifier}");
    }
}

#[test]
fn what_nests_too_deep_or_has_too_many_elements_is_refused_on_both_sides() {
    let mut table = Table(String::new());
    let deep = [b"l0\n", &[1, 0, 0, 0].repeat(200)[..], &[0; 4]].concat();
    table.row("l0", "depth, read", deserialize_any(&deep));
    table.row("l0", "depth, written", serialize(&list(200)));
    table.row("l1", "elements, read", deserialize_any(&frame("l1", &70_000_u64.to_le_bytes())));
    table.row("l1", "elements, written", serialize(&Nothings(vec![(); 70_000])));
    #[cfg(feature = "messagepack")]
    {
        let deep = [b"l2\n", &b"\x81\xa4More".repeat(200)[..], b"\xa3End"].concat();
        table.row("l2", "depth, read", deserialize_any(&deep));
        table.row("l2", "depth, written", serialize(&Named(list(200))));
    }
    #[cfg(feature = "pickle")]
    {
        use ps_serialize::pickle::Value;

        let deep = [&b"PK\n"[..], &b"]".repeat(200), &b"a".repeat(199), b"."].concat();
        table.row("PK", "depth, read", deserialize_any(&deep));
        let deep = (0..200).fold(Value::None, |inner, _| Value::List(vec![inner]));
        table.row("PK", "depth, written", serialize(&deep));
    }
    let mut expected = "l0 | depth, read | LimitExceeded\n\
                        l0 | depth, written | LimitExceeded\n\
                        l1 | elements, read | LimitExceeded\n\
                        l1 | elements, written | LimitExceeded\n"
        .to_owned();
    if cfg!(feature = "messagepack") {
        expected += "l2 | depth, read | LimitExceeded\n\
                     l2 | depth, written | LimitExceeded\n";
    }
    if cfg!(feature = "pickle") {
        expected += "PK | depth, read | LimitExceeded\n\
                     PK | depth, written | LimitExceeded\n";
    }
    assert_eq!(table.0, expected);
}

/// The frame itself is within the caller's limit, and what its bytes become is not.
#[test]
#[cfg(all(feature = "lz4", feature = "pickle", feature = "safetensors", feature = "zstd"))]
fn what_a_frame_becomes_is_limited_by_the_caller() {
    use ps_serialize::Compression;

    let mut table = Table(String::new());
    let small = Options::new().size_limit(100_000);
    let text = "again and ".repeat(100_000);
    for (identifier, compression) in [("LZ", Compression::Lz4), ("ZS", Compression::Zstd(3))] {
        let frame = compression.serialize(&text).unwrap();
        table.row(identifier, "expansion", small.deserialize_any(&frame));
        table.row(identifier, "expansion, typed", small.deserialize::<String>(&frame));
    }
    let nones = [b"PK\n](", &b"N".repeat(20_000)[..], b"e."].concat();
    table.row("PK", "expansion", small.deserialize_any(&nones));

    let header = format!("{{\"__metadata__\":{{\"k\":\"{}\"}}}}", "v".repeat(2 << 20));
    let payload = [&(header.len() as u64).to_le_bytes()[..], header.as_bytes()].concat();
    let larger = Options::new().size_limit(3 << 20);
    table.row("ST", "header", larger.deserialize_any(&frame("ST", &payload)));

    // Null columns have no bytes in the file.
    #[cfg(feature = "polars")]
    {
        use polars_core::prelude::{Column, DataFrame, DataType, Scalar};

        let nulls = Column::new_scalar("a".into(), Scalar::null(DataType::Null), 10_000_000);
        let frame = serialize(&DataFrame::new(10_000_000, vec![nulls]).unwrap()).unwrap();
        table.row("PL", "expansion", small.deserialize_any(&frame));
    }
    let mut expected = "LZ | expansion | LimitExceeded\n\
                        LZ | expansion, typed | LimitExceeded\n\
                        ZS | expansion | LimitExceeded\n\
                        ZS | expansion, typed | LimitExceeded\n\
                        PK | expansion | LimitExceeded\n\
                        ST | header | LimitExceeded\n"
        .to_owned();
    if cfg!(feature = "polars") {
        expected += "PL | expansion | LimitExceeded\n";
    }
    assert_eq!(table.0, expected);
}

/// Without a limit of the caller's, a frame may become 256 times as large and 64 MiB more.
#[test]
#[cfg(all(feature = "pickle", feature = "zstd"))]
fn what_a_frame_becomes_is_limited_without_a_caller_too() {
    let mut table = Table(String::new());
    // A Zstandard frame that says 64 GiB.
    let claims = [b"ZS\n\0\x28\xb5\x2f\xfd\xe0", &(64_u64 << 30).to_le_bytes()[..]].concat();
    table.row("ZS", "expansion", deserialize_any(&claims));
    // Ten thousand sets of one list of ten thousand.
    let list = [&b"]("[..], &b"N".repeat(10_000)[..], b"e\x940"].concat();
    let sets = b"c__builtin__\nset\nh\0\x85R0".repeat(10_000);
    table.row(
        "PK",
        "expansion",
        deserialize_any(&frame("PK", &[&list[..], &sets, b"N."].concat())),
    );
    assert_eq!(table.0, "ZS | expansion | LimitExceeded\nPK | expansion | LimitExceeded\n");
}
