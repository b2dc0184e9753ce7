//! A frame is taken apart as Python's `readline().strip()` does, and only its first 64 bytes are
//! searched for the newline.

use ps_serialize::{ErrorKind, Frame, Identifier};

/// The identifier and the payload.
fn parse(frame: &[u8]) -> (Vec<u8>, &[u8]) {
    let frame = Frame::parse(frame).unwrap_or_else(|error| panic!("{error}"));
    (frame.identifier().as_bytes().to_vec(), frame.payload())
}

#[test]
fn the_identifier_ends_at_the_first_newline() {
    assert_eq!(parse(b"05\npayload"), (b"05".to_vec(), &b"payload"[..]));
    assert_eq!(parse(b"05\n\n\n"), (b"05".to_vec(), &b"\n\n"[..]));
    assert_eq!(parse(b"05\n"), (b"05".to_vec(), &b""[..]));
}

#[test]
fn white_space_at_its_ends_is_stripped_and_no_other() {
    for space in [b' ', b'\t', b'\r', 0x0b, 0x0c] {
        let line = [&[space, space][..], b"0 5", &[space], b"\n", &[space]].concat();
        assert_eq!(parse(&line), (b"0 5".to_vec(), &[space][..]), "{space:#x}");
    }
    // Neither Python nor this strips other control bytes, nor what only Unicode calls a space.
    for other in [0x00, 0x08, 0x0e, 0x1c, 0x1f, 0x85, 0xa0] {
        assert_eq!(parse(&[other, b'5', b'\n']), (vec![other, b'5'], &b""[..]), "{other:#x}");
    }
}

#[test]
fn the_newline_may_be_missing_where_nothing_follows() {
    assert_eq!(parse(b"05"), (b"05".to_vec(), &b""[..]));
    assert_eq!(parse(format!("05{}", " ".repeat(62)).as_bytes()), (b"05".to_vec(), &b""[..]));
    let error = Frame::parse(&[b'x'; 65]).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::NoIdentifierLine { found, .. } if found.len() == 64));
}

#[test]
fn the_newline_is_looked_for_in_the_first_64_bytes() {
    let line = |len: usize| format!("{:len$}\n.", "05").into_bytes();
    assert_eq!(parse(&line(63)), (b"05".to_vec(), &b"."[..]));
    let error = Frame::parse(&line(64)).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::NoIdentifierLine { .. }));
}

#[test]
fn an_identifier_has_1_to_32_bytes() {
    assert_eq!(parse(&[&[b'x'; 32][..], b"\n"].concat()).0.len(), 32);
    for frame in [&b""[..], b"\n", b" \n05", &[&[b'x'; 33][..], b"\n"].concat()] {
        let error = Frame::parse(frame).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::InvalidIdentifier { .. }), "{frame:?}");
    }
}

#[test]
fn errors_quote_little_of_what_was_found() {
    for byte in [b'x', 0xff, b' '] {
        let error = Frame::parse(&vec![byte; 100_000_000]).unwrap_err();
        assert!(error.to_string().len() < 400, "{error}");
    }
}

#[test]
fn identifiers_are_checked_when_they_are_made() {
    assert!(Identifier::try_from(&[0xff; 32][..]).is_ok());
    for wrong in [&b""[..], b" x", b"x\t", b"x\x0b", b"\nx", b"x\ny", &[b'x'; 33]] {
        let error = Identifier::try_from(wrong).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::InvalidIdentifier { .. }), "{wrong:?}");
        assert!(std::panic::catch_unwind(|| Identifier::new(wrong)).is_err());
    }
    assert!(Identifier::new(b"A") < Identifier::new(b"AA"));
    assert!(Identifier::new(b"AA") < Identifier::new(b"B"));
}
