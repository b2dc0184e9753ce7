//! The registry lists what is linked, and its errors say what to do.

use ps_serialize::{
    Entry, ErrorKind, Identifier, Options, deserialize, deserialize_any, deserialize_with,
    registry, serialize_any, serialize_with, serializer,
};
use ps_serialize_tests_strict as _;

const FIRST: u32 = line!() + 1;
#[serializer(id = b"r1")]
#[derive(serde::Serialize, serde::Deserialize, Debug, PartialEq)]
struct First(u8);

mod inner {
    #[ps_serialize::serializer(id = b"r0", name = "the second")]
    #[derive(serde::Serialize, serde::Deserialize)]
    pub(crate) struct Second(u8);
}

#[test]
fn it_holds_the_built_ins_and_what_every_linked_crate_declares() {
    let identifiers: Vec<Identifier> = registry().iter().map(Entry::identifier).collect();
    for expected in ["BS", "US", "r0", "r1", "s1", "s8"] {
        let expected = Identifier::try_from(expected.as_bytes()).unwrap();
        assert_eq!(identifiers.iter().filter(|&&id| id == expected).count(), 1, "{expected}");
    }
    assert!(identifiers.is_sorted());
    registry().check().unwrap();
}

#[test]
fn an_entry_knows_where_it_was_declared() {
    let entry = registry().find("r1").unwrap();
    assert_eq!(entry.name(), "registry::First");
    assert_eq!(entry.type_name(), "registry::First");
    let origin = entry.origin();
    assert!(origin.file().ends_with("tests/registry.rs"), "{}", origin.file());
    assert_eq!(origin.line(), FIRST);
    assert_eq!(origin.module(), "registry");
    assert_eq!(origin.package(), Some("ps-serialize-tests"));
    assert_eq!(registry().find_type::<First>().unwrap().identifier(), *b"r1");

    let entry = registry().find("r0").unwrap();
    assert_eq!(entry.name(), "the second");
    assert_eq!(entry.origin().module(), "registry::inner");
    assert_eq!(registry().find_type::<inner::Second>().unwrap().name(), "the second");
}

#[test]
fn an_unknown_identifier_says_what_is_known_and_what_to_do() {
    let error = deserialize_any(b"?!\n").unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::UnknownIdentifier { identifier, .. } if *identifier == *b"?!")
    );
    let message = error.to_string();
    assert!(message.contains("`r1` (registry::First)"), "{message}");
    assert!(message.contains("use that_crate as _;"), "{message}");
}

#[test]
fn a_known_identifier_without_a_serializer_says_what_it_means() {
    for (identifier, meaning, advice) in [
        ("NP", "NumPy arrays", "feature `ndarray`"),
        ("PL", "Polars tables", "feature `polars`"),
        ("PK", "pickled Python data", "feature `pickle`"),
        ("ST", "safetensors", "feature `safetensors`"),
        ("PT", "PyTorch checkpoints", "feature `torch`"),
        ("LZ", "LZ4", "feature `lz4`"),
        ("ZS", "Zstandard", "feature `zstd`"),
        ("PD", "pandas", "feature `pandas`"),
        ("CP", "cloudpickle", "only Python can read it"),
    ] {
        // Another package of the same build may have switched its feature on.
        let error = deserialize_any(identifier.as_bytes()).unwrap_err();
        let unknown = matches!(error.kind(), ErrorKind::UnknownIdentifier { .. });
        if advice.starts_with("feature") && !unknown {
            continue;
        }
        let message = error.to_string();
        for part in [identifier, meaning, advice] {
            assert!(message.contains(part), "{message} lacks {part}");
        }
    }
}

#[test]
fn a_compressed_frame_has_no_entry_and_the_error_says_what_opens_it() {
    for (identifier, on) in [("LZ", cfg!(feature = "lz4")), ("ZS", cfg!(feature = "zstd"))] {
        assert!(registry().iter().all(|entry| entry.identifier() != *identifier.as_bytes()));
        let message = registry().find(identifier).unwrap_err().to_string();
        assert_eq!(message.contains("`decompress` returns the frame inside"), on, "{message}");
        assert_eq!(message.contains("turn on the feature"), !on, "{message}");
    }
}

/// Every reserved identifier with all features on has an entry, is opened, or is Python's alone.
#[cfg(all(
    feature = "lz4",
    feature = "ndarray",
    feature = "pickle",
    feature = "safetensors",
    feature = "torch",
    feature = "zstd"
))]
#[test]
fn no_error_advises_to_turn_on_a_feature_that_is_on() {
    let polars = if cfg!(feature = "polars") { "PL" } else { "BS" };
    let pandas = if cfg!(feature = "pandas") { "PD" } else { "BS" };
    for identifier in ["BS", "US", "NP", polars, "PK", pandas, "CP", "ST", "PT", "LZ", "ZS"] {
        if let Err(error) = registry().find(identifier) {
            let message = error.to_string();
            assert!(!message.contains("feature"), "{message}");
            assert!(["CP", "LZ", "ZS"].contains(&identifier), "{message}");
        }
    }
}

mod two_for_one_type {
    use std::net::Ipv6Addr;

    use ps_serialize::{Error, Payload, Result, Serializer, Sink, serializer};

    pub(crate) struct Octets;

    #[serializer(id = b"r2")]
    impl Serializer for Octets {
        type Value = Ipv6Addr;

        fn serialize<'a>(value: &'a Ipv6Addr, out: &mut dyn Sink<'a>) -> Result<()> {
            out.put(&value.octets());
            Ok(())
        }

        fn deserialize(payload: Payload<'_, '_>) -> Result<Ipv6Addr> {
            Ok(<[u8; 16]>::try_from(&payload[..]).map_err(Error::custom)?.into())
        }
    }

    pub(crate) struct Text;

    #[serializer(id = b"r3")]
    impl Serializer for Text {
        type Value = Ipv6Addr;

        fn serialize<'a>(value: &'a Ipv6Addr, out: &mut dyn Sink<'a>) -> Result<()> {
            out.put(value.to_string().as_bytes());
            Ok(())
        }

        fn deserialize(payload: Payload<'_, '_>) -> Result<Ipv6Addr> {
            let text = std::str::from_utf8(&payload).map_err(Error::custom)?;
            text.parse().map_err(Error::custom)
        }
    }
}

#[test]
fn two_serializers_of_one_type_are_an_error_only_where_one_must_be_chosen() {
    use std::net::Ipv6Addr;
    use two_for_one_type::{Octets, Text};

    let value = Ipv6Addr::LOCALHOST;
    registry().check().unwrap();
    let octets = serialize_with::<Octets>(&value).unwrap();
    let text = serialize_with::<Text>(&value).unwrap();
    assert_eq!(text, &b"r3\n::1"[..]);
    for frame in [&octets, &text] {
        assert_eq!(deserialize_any(frame).unwrap().downcast_ref(), Some(&value));
    }
    assert_eq!(deserialize_with::<Octets>(&octets).unwrap(), value);

    for error in [serialize_any(&value).err(), registry().find_type::<Ipv6Addr>().err()] {
        let error = error.unwrap();
        let ErrorKind::TypeCollision { first, second, .. } = error.kind() else {
            panic!("{error:?}");
        };
        assert_eq!([first.identifier(), second.identifier()], [*b"r2", *b"r3"]);
        assert!(error.to_string().contains("name the one you mean with `serialize_with`"));
    }
    let name = std::any::type_name::<Ipv6Addr>();
    let writers = registry().iter().filter(|entry| entry.types().any(|listed| listed == name));
    assert_eq!(writers.count(), 2, "a listing shows both");
}

#[test]
fn a_wrong_identifier_names_both() {
    let error = deserialize::<First>(b"US\ntext").unwrap_err();
    let ErrorKind::WrongIdentifier { expected, expected_name, found, .. } = error.kind() else {
        panic!("{error:?}");
    };
    assert_eq!(
        (*expected, *expected_name, *found),
        (Identifier::new(b"r1"), "registry::First", Identifier::new(b"US"))
    );
    let message = error.to_string();
    for part in ["`US` (text)", "`r1` (registry::First)"] {
        assert!(message.contains(part), "{message}");
    }
    assert!(message.contains("`deserialize_any` reads"), "{message}");
    for (frame, part) in [
        (b"CP\n", "`CP` (cloudpickled Python objects)"),
        (b"??\n", "`??` (which is not registered)"),
    ] {
        let message = deserialize::<First>(frame).unwrap_err().to_string();
        assert!(message.contains(part), "{message}");
        assert!(!message.contains("deserialize_any"), "which can't read it either: {message}");
    }
    let message = deserialize::<First>(b"CP\n").unwrap_err().to_string();
    assert!(message.ends_with("It can be passed on as it is"), "{message}");
}

#[test]
fn a_type_without_a_serializer_is_an_error() {
    let error = serialize_any(&3.5_f32).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::UnregisteredType { .. }));
    let message = error.to_string();
    for part in
        ["annotate the type", "which the `dyn Any` does not name", "`alloc::string::String`"]
    {
        assert!(message.contains(part), "{message}");
    }
    assert!(!message.contains("TypeId"), "{message}");
    let error = registry().find_type::<f32>().unwrap_err();
    assert!(error.to_string().contains("for the type `f32`: annotate the type"), "{error}");
    let error = registry().find_type::<Vec<Option<char>>>().unwrap_err();
    let name = "for the type `alloc::vec::Vec<core::option::Option<char>>`";
    assert!(error.to_string().contains(name), "{error}");
    let boxed: Box<dyn std::any::Any> = Box::new(&"text");
    let error = serialize_any(&*boxed).unwrap_err();
    assert!(error.to_string().contains("registered are `"), "{error}");
}

#[test]
fn a_payload_that_cannot_be_read_keeps_the_cause() {
    let error = deserialize::<String>(b"US\n\xff").unwrap_err();
    let ErrorKind::Deserialize { identifier, serializer, source, .. } = error.kind() else {
        panic!("{error:?}");
    };
    assert_eq!((*identifier, *serializer), (Identifier::new(b"US"), "text"));
    assert!(source.is::<std::str::Utf8Error>());
    assert!(std::error::Error::source(&error).unwrap().is::<std::str::Utf8Error>());
    let any = deserialize_any(b"US\n\xff").unwrap_err();
    assert_eq!(any.to_string(), error.to_string());
}

#[test]
fn options_limit_size_and_identifiers_in_every_verb() {
    let frame = b"US\n12345";
    let all = |options: &Options| {
        [
            options.deserialize::<String>(frame).err(),
            options.deserialize_any(frame).err(),
            options.deserialize_with::<String>(frame).err(),
            options.deserialize::<&str>(frame).err(),
            options.read_frame(&frame[..], None).err(),
            options.read_frame(&frame[..], Some(1 << 30)).err(),
        ]
    };
    let id = Identifier::new;
    for options in [
        Options::new(),
        Options::new().size_limit(8),
        Options::new().allow([id(b"BS")]).allow([id(b"US")]),
    ] {
        assert!(all(&options).iter().all(Option::is_none), "{options:?}");
    }
    for error in all(&Options::new().size_limit(7)) {
        let error = error.unwrap();
        let ErrorKind::LimitExceeded { limit: 7, found: 8, .. } = error.kind() else {
            panic!("{error}")
        };
        assert!(error.to_string().contains('7') && error.to_string().contains('8'), "{error}");
    }
    for error in all(&Options::new().allow([id(b"BS"), id(b"r1")])) {
        let error = error.unwrap();
        assert!(
            matches!(error.kind(), ErrorKind::NotAllowed { identifier, .. } if *identifier == *b"US")
        );
        assert!(error.to_string().contains("allowed: `BS`, `r1`"), "{error}");
    }
}

#[test]
fn an_endless_reader_is_cut_off() {
    let options = Options::new().size_limit(100_000);
    let error = options.read_frame(std::io::repeat(b'x'), Some(usize::MAX)).unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::LimitExceeded { limit: 100_000, found: 100_001, .. }),
        "{error}"
    );
}

#[test]
fn errors_are_as_small_as_a_pointer_and_travel_between_threads() {
    fn travels<T: Send + Sync + 'static>() {}
    travels::<ps_serialize::Error>();
    assert_eq!(size_of::<ps_serialize::Result<()>>(), size_of::<usize>());
}
