//! The identifier line is what Python's `readline().strip()` makes of it, and a reader gives the bytes it has.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use ps_serialize::{Frame, Identifier, deserialize, read_frame};
use ps_serialize_fuzz::{framed, read};

fuzz_target!(|frame: &[u8]| {
    let head = &frame[..frame.len().min(64)];
    let newline = head.iter().position(|byte| *byte == b'\n');
    let line = &head[..newline.unwrap_or(head.len())];
    let is_space = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | 0x0b | 0x0c);
    let start = line.iter().take_while(|byte| is_space(byte)).count();
    let end = line.len() - line[start..].iter().rev().take_while(|byte| is_space(byte)).count();
    let stripped = &line[start..end];

    let is_frame = matches!(stripped.len(), 1..=32) && (newline.is_some() || frame.len() <= 64);
    match Frame::parse(frame) {
        Ok(parsed) => {
            assert!(is_frame);
            assert_eq!(parsed.identifier(), Identifier::try_from(stripped).expect("it is one"));
            assert_eq!(parsed.payload(), &frame[newline.map_or(frame.len(), |end| end + 1)..]);
        }
        Err(_) => assert!(!is_frame),
    }

    let hint = frame.first().map(|byte| usize::from(*byte) * 8);
    let arrived = read_frame(frame, hint).expect("a slice has no errors");
    assert_eq!(arrived, frame);
    assert!(frame.is_empty() || arrived.as_ptr().addr().is_multiple_of(64));

    read::<String>(frame);
    read::<Vec<u8>>(frame);
    let (Some(text), Some(bytes)) = (framed::<String>(frame), framed::<Vec<u8>>(frame)) else {
        return;
    };
    assert_eq!(deserialize::<&str>(&text).ok(), deserialize::<String>(&text).ok().as_deref());
    assert_eq!(deserialize::<&[u8]>(&bytes).ok(), deserialize::<Bytes>(&bytes).ok().as_deref());
});
