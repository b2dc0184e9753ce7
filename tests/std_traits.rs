//! The promises of std's traits hold for errors, identifiers, frames and the registry.

use std::collections::HashMap;
use std::error::Error as _;
use std::io;

use proptest::collection::vec;
use proptest::prelude::*;
use ps_serialize::{
    Entry, Error, ErrorKind, Frame, Identifier, Options, Registry, deserialize, deserialize_any,
    read_frame, registry, serialize, serialize_any,
};

/// A reader that fails after its first bytes, as a connection does.
struct Broken<'a>(&'a [u8]);

impl io::Read for Broken<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.0.is_empty() {
            return Err(io::Error::new(io::ErrorKind::ConnectionReset, "the peer is gone"));
        }
        self.0.read(buffer)
    }
}

#[test]
fn an_error_of_a_reader_comes_back_as_the_very_io_error() {
    #[derive(Debug)]
    struct Marked(u32);
    impl std::fmt::Display for Marked {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "marked {}", self.0)
        }
    }
    impl std::error::Error for Marked {}

    let error: io::Error = read_frame(Broken(b"US\nhe"), None).unwrap_err().into();
    assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
    assert_eq!(error.to_string(), "the peer is gone");

    let error: io::Error = Error::from(io::Error::from_raw_os_error(32)).into();
    assert_eq!(error.raw_os_error(), Some(32));

    let error: io::Error = Error::from(io::Error::other(Marked(7))).into();
    assert_eq!(error.downcast::<Marked>().unwrap().0, 7);

    let error: io::Error = Error::from(io::Error::from(io::ErrorKind::WriteZero)).into();
    assert!(error.get_ref().is_none());
    assert_eq!(error.kind(), io::ErrorKind::WriteZero);
}

#[test]
fn every_other_error_is_the_cause_of_an_io_error_of_a_fitting_kind() {
    use io::ErrorKind::{InvalidData, InvalidInput, Other, PermissionDenied, QuotaExceeded};

    struct Unregistered;
    let errors = [
        (Frame::parse(b"").unwrap_err(), InvalidData),
        (Frame::parse(&[b'x'; 100]).unwrap_err(), InvalidData),
        (deserialize_any(b"??\n").unwrap_err(), InvalidData),
        (deserialize::<String>(b"BS\n").unwrap_err(), InvalidData),
        (deserialize::<String>(b"US\n\xff").unwrap_err(), InvalidData),
        ("0\n5".parse::<Identifier>().unwrap_err(), InvalidData),
        (serialize_any(&Unregistered).unwrap_err(), InvalidInput),
        (
            Options::new().size_limit(4).deserialize::<String>(b"US\nhello").unwrap_err(),
            QuotaExceeded,
        ),
        (
            Options::new()
                .allow([Identifier::new(b"BS")])
                .deserialize::<String>(b"US\n")
                .unwrap_err(),
            PermissionDenied,
        ),
        (Error::custom("no pixels"), Other),
    ];
    for (error, kind) in errors {
        let (text, whole) = (error.to_string(), format!("{error:#}"));
        let cause = error.source().map(ToString::to_string);
        let variant = std::mem::discriminant(error.kind());
        let error = io::Error::from(error);
        assert_eq!(error.kind(), kind, "{text}");
        assert_eq!(error.to_string(), text);
        assert_eq!(format!("{error:#}"), whole);
        assert_eq!(error.source().map(ToString::to_string), cause);
        let found = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()).unwrap();
        assert_eq!(std::mem::discriminant(found.kind()), variant, "{text}");
        let error = error.downcast::<Error>().unwrap();
        assert_eq!(std::mem::discriminant(error.kind()), variant, "{text}");
    }
}

#[test]
fn the_question_mark_turns_errors_into_io_errors() {
    fn receive(stream: impl io::Read) -> io::Result<String> {
        Ok(deserialize(&read_frame(stream, None)?)?)
    }

    assert_eq!(receive(&b"US\nhello"[..]).unwrap(), "hello");
    assert_eq!(receive(&b"US\n\xff"[..]).unwrap_err().kind(), io::ErrorKind::InvalidData);
    assert_eq!(receive(Broken(b"US\n")).unwrap_err().kind(), io::ErrorKind::ConnectionReset);
}

#[test]
fn identifiers_are_parsed_from_text() {
    for text in ["05", "a", "particle", "0 5", "µ", &"x".repeat(32)] {
        let identifier: Identifier = text.parse().unwrap();
        assert_eq!(identifier.as_bytes(), text.as_bytes());
        assert_eq!(identifier, Identifier::try_from(text.as_bytes()).unwrap());
    }
    for text in ["", " 05", "05\t", "0\n5", &"x".repeat(33), &"µ".repeat(17)] {
        let error = text.parse::<Identifier>().unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::InvalidIdentifier { .. }), "{text:?}");
    }
}

/// Compares two values from both sides, which must agree.
#[track_caller]
fn equal<A: PartialEq<B> + ?Sized, B: PartialEq<A> + ?Sized>(one: &A, other: &B) -> bool {
    let (result, reversed) = (one == other, other == one);
    assert_eq!(result, reversed);
    result
}

#[test]
fn identifiers_are_compared_with_texts_and_bytes_on_both_sides() {
    let identifier = Identifier::new(b"05");
    assert!(identifier == "05" && identifier == b"05" && identifier == String::from("05")[..]);
    assert!(equal(&identifier, "05"));
    assert!(equal(&identifier, &"05"));
    assert!(equal(&identifier, b"05"));
    assert!(equal(&identifier, &b"05"));
    assert!(equal(&identifier, &b"05"[..]));
    assert!(equal(&identifier, &&b"05"[..]));
    for other in ["", "0", "5", "050", "05 ", "05\n", "06", "µ"] {
        assert!(!equal(&identifier, other), "{other:?}");
        assert!(!equal(&identifier, &other), "{other:?}");
        assert!(!equal(&identifier, other.as_bytes()), "{other:?}");
        assert!(!equal(&identifier, &other.as_bytes()), "{other:?}");
    }
    // Bytes after its own are no part of it.
    assert!(!equal(&Identifier::new(b"A"), "A\0") && !equal(&Identifier::new(b"A\0"), "A"));
}

#[test]
fn identifiers_from_anywhere_are_keys_of_one_map() {
    let mut counts: HashMap<Identifier, u32> = HashMap::new();
    for frame in [serialize("a").unwrap(), serialize("b").unwrap()] {
        *counts.entry(Frame::parse(&frame).unwrap().identifier()).or_default() += 1;
    }
    assert_eq!(counts[&"US".parse().unwrap()], 2);
}

#[test]
fn a_frame_is_tried_from_bytes() {
    let bytes = serialize("hello").unwrap();
    let frame = Frame::try_from(&bytes[..]).unwrap();
    assert_eq!((frame.identifier(), frame.payload()), (Identifier::new(b"US"), &b"hello"[..]));
    let frame: Frame = b" 05\r\n\n"[..].try_into().unwrap();
    assert_eq!((frame.identifier(), frame.payload()), (Identifier::new(b"05"), &b"\n"[..]));
    let errors: [&[u8]; 4] = [b"", b"\n", &[b'x'; 65], &[b' '; 100]];
    for bytes in errors {
        let (error, parsed) =
            (Frame::try_from(bytes).unwrap_err(), Frame::parse(bytes).unwrap_err());
        assert_eq!(error.to_string(), parsed.to_string());
    }
}

#[test]
fn a_frame_made_by_hand_has_the_bytes_that_serialize_writes() {
    let text = Identifier::new(b"US");
    let frame = Frame::new(&text, "größe".as_bytes());
    assert_eq!(frame.to_bytes(), serialize("größe").unwrap());
    assert_eq!(deserialize::<String>(&frame.to_aligned_bytes()).unwrap(), "größe");
    let empty = Frame::new(&text, b"");
    assert_eq!(empty.to_bytes(), b"US\n"[..]);
    assert_eq!(empty.to_aligned_bytes(), *format!("{:63}\n", "US").as_bytes());

    #[cfg(feature = "ndarray")]
    {
        let array = ndarray::array![[1.5, 2.5]];
        let frame = serialize(&array).unwrap();
        let parsed = Frame::parse(&frame).unwrap();
        assert_eq!(parsed.to_aligned_bytes(), frame);
        assert_eq!(parsed.to_bytes(), [b"NP\n", &frame[64..]].concat());
        let again = parsed.to_aligned_bytes();
        assert_eq!(ps_serialize::deserialize::<ndarray::ArrayView2<f64>>(&again).unwrap(), array);
    }
}

#[test]
fn large_frames_made_by_hand_are_whole_and_aligned() {
    let payload: Vec<u8> = (0..=250).cycle().take((8 << 20) + 5).collect();
    let identifier = Identifier::new(&[b'x'; 32]);
    let frame = Frame::new(&identifier, &payload);
    for (bytes, line) in [(frame.to_bytes(), 33), (frame.to_aligned_bytes(), 64)] {
        assert_eq!(bytes.len(), line + payload.len());
        assert!(Frame::parse(&bytes).unwrap() == frame);
        assert!(bytes[line..] == payload);
    }
    assert_eq!(frame.to_aligned_bytes().as_ptr().addr() % 64, 0);
}

proptest! {
    #[test]
    fn a_frame_made_by_hand_is_parsed_as_the_same(id in vec(any::<u8>(), 0..=33), payload: Vec<u8>) {
        let Ok(identifier) = Identifier::try_from(&id[..]) else { return Ok(()) };
        let frame = Frame::new(&identifier, &payload);
        prop_assert_eq!((frame.identifier(), frame.payload()), (identifier, &payload[..]));
        let (plain, aligned) = (frame.to_bytes(), frame.to_aligned_bytes());
        prop_assert_eq!(&plain[..], [&id[..], b"\n", &payload[..]].concat());
        prop_assert_eq!((&aligned[64..], aligned[63]), (&payload[..], b'\n'));
        prop_assert_eq!(Frame::parse(&plain)?, frame);
        prop_assert_eq!(Frame::parse(&aligned)?, frame);
    }
}

#[test]
fn the_registry_is_iterated_by_reference_too() {
    let mut found = Vec::new();
    for entry in registry() {
        let entry: &'static Entry = entry;
        found.push(entry.identifier());
    }
    assert!(found.is_sorted());
    assert!(found.iter().any(|identifier| identifier == "US"));
    assert_eq!(found.len(), registry().iter().len());

    fn names(registry: &Registry) -> Vec<&'static str> {
        registry.into_iter().map(Entry::name).collect()
    }
    assert!(names(registry()).contains(&"text"));
    // The iterator goes from both ends, as one over a slice does.
    assert_eq!(registry().iter().next_back().map(Entry::identifier), found.last().copied());
}

#[test]
fn the_crates_of_the_interface_are_re_exported() {
    let frame: ps_serialize::bytes::Bytes = serialize("x").unwrap();
    assert_eq!(frame, ps_serialize::bytes::Bytes::from_static(b"US\nx"));
    #[cfg(feature = "ndarray")]
    {
        use ps_serialize::half::f16;
        use ps_serialize::ndarray::{Array1, array};
        use ps_serialize::num_complex::Complex;

        let half: Array1<f16> = array![f16::from_f32(0.5)];
        let back: ndarray::Array1<half::f16> = deserialize(&serialize(&half).unwrap()).unwrap();
        assert_eq!(back, half);
        let complex: Array1<Complex<f32>> = array![Complex::new(1.0, -1.0)];
        let back: Array1<num_complex::Complex<f32>> =
            deserialize(&serialize(&complex).unwrap()).unwrap();
        assert_eq!(back, complex);
    }
    #[cfg(feature = "pickle")]
    {
        let large = ps_serialize::num_bigint::BigInt::from(1) << 100_u32;
        let value = ps_serialize::pickle::Value::from(large);
        let back: ps_serialize::pickle::Value = deserialize(&serialize(&value).unwrap()).unwrap();
        assert_eq!(back, value);
    }
    #[cfg(feature = "polars")]
    {
        let table = ps_serialize::polars_core::df!("a" => [1, 2]).unwrap();
        let back: polars_core::frame::DataFrame = deserialize(&serialize(&table).unwrap()).unwrap();
        assert!(back.equals(&table));
    }
}
