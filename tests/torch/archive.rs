//! A payload is a zip archive and nothing else: no byte is before it, after it or outside of its files.

use ps_serialize::deserialize;
use ps_serialize::torch::Checkpoint;

/// What `torch.save` wrote.
fn payload() -> Vec<u8> {
    super::frame("nested")[3..].to_vec()
}

fn read(payload: &[u8]) -> Result<Checkpoint, String> {
    let read = deserialize(&[b"PT\n", payload].concat());
    read.map_err(|error: ps_serialize::Error| format!("{error:?}"))
}

fn refused(payload: &[u8], part: &str) {
    let message = read(payload).expect_err(part);
    assert!(message.contains(part), "{message}");
}

fn add(payload: &mut [u8], place: usize, more: usize) {
    let number = u32::from_le_bytes(payload[place..place + 4].try_into().unwrap());
    let number = number + u32::try_from(more).unwrap();
    payload[place..place + 4].copy_from_slice(&number.to_le_bytes());
}

fn number(payload: &[u8], place: usize) -> usize {
    u32::from_le_bytes(payload[place..place + 4].try_into().unwrap()).try_into().unwrap()
}

/// Puts bytes into the archive and corrects the places of its files.
fn insert(payload: &[u8], at: usize, bytes: &[u8]) -> Vec<u8> {
    let end = payload.len() - 22;
    let directory = number(payload, end + 16);
    let mut changed = payload.to_vec();
    let mut header = directory;
    while changed[header..].starts_with(b"PK\x01\x02") {
        if number(payload, header + 42) >= at {
            add(&mut changed, header + 42, bytes.len());
        }
        let lengths = &payload[header + 28..header + 34];
        let lengths =
            lengths.chunks(2).map(|pair| usize::from(pair[0]) + 256 * usize::from(pair[1]));
        header += 46 + lengths.sum::<usize>();
    }
    if directory >= at {
        add(&mut changed, end + 16, bytes.len());
        // The 64-bit records have the place of the directory, and the place of the record that says so.
        add(&mut changed, end - 20 - 56 + 48, bytes.len());
    }
    if end >= at {
        add(&mut changed, end - 20 + 8, bytes.len());
    }
    changed.splice(at..at, bytes.iter().copied());
    changed
}

/// Where each file begins.
fn starts(payload: &[u8]) -> Vec<usize> {
    let found = payload.windows(4).enumerate();
    found.filter(|(_, bytes)| bytes == b"PK\x03\x04").map(|(place, _)| place).collect()
}

#[test]
fn bytes_after_the_archive_are_an_error() {
    let payload = payload();
    assert!(read(&payload).is_ok());
    for after in [&[0][..], &[0; 10], b"\n", b"PK", &payload[payload.len() - 21..]] {
        let message = format!("{} bytes are left over after the zip archive", after.len());
        refused(&[&payload[..], after].concat(), &message);
    }
    // An end that other readers would take.
    assert!(read(&[&payload[..], &payload[payload.len() - 22..]].concat()).is_err());
    assert!(read(&[&payload[..], &payload[..]].concat()).is_err());
    // The last bytes are needed as well.
    for end in payload.len() - 30..payload.len() {
        assert!(read(&payload[..end]).is_err(), "{end} bytes");
    }
}

#[test]
fn a_comment_is_an_error() {
    for comment in [&b"x"[..], b"PK\x05\x06", &vec![0; 65535]] {
        let mut payload = payload();
        let length = payload.len() - 2;
        payload[length..].copy_from_slice(&u16::try_from(comment.len()).unwrap().to_le_bytes());
        payload.extend_from_slice(comment);
        refused(&payload, "a comment at its end");
    }
}

#[test]
fn bytes_before_the_archive_are_an_error() {
    let payload = payload();
    for before in [&b"x"[..], &[0; 64], b"\n", b"PK", b"#!/bin/sh\n"] {
        refused(&[before, &payload].concat(), "not a zip archive from its first byte on");
        refused(&insert(&payload, 0, before), "not a zip archive from its first byte on");
    }
    let before = b"PK\x03\x04 and so on";
    refused(&[&before[..], &payload].concat(), "between 0 and 14 are in none of its files");
    refused(&insert(&payload, 0, before), "between 0 and 14 are in none of its files");
}

#[test]
fn bytes_between_the_files_are_an_error() {
    let payload = payload();
    let starts = starts(&payload);
    assert!(starts.len() > 20);
    // Inserting nothing changes nothing.
    assert_eq!(insert(&payload, payload.len(), b""), payload);
    let directory = number(&payload, payload.len() - 6);
    for at in starts[1..].iter().copied().chain([directory]) {
        for between in [&b"x"[..], &[0; 16], b"PK\x07\x08", b"PK\x03\x04"] {
            let message = format!("between {at} and {} are in none", at + between.len());
            refused(&insert(&payload, at, between), &message);
        }
    }
    // Between the directory and the record of its place.
    let end = payload.len() - 22;
    for at in [end, end - 20, end - 20 - 56] {
        for between in [&b"x"[..], &[0; 20], &payload[end..]] {
            assert!(read(&insert(&payload, at, between)).is_err(), "{at}");
        }
    }
    // Two names for one file.
    let last = *starts.last().unwrap();
    let mut twice = payload.clone();
    let header = (directory..payload.len())
        .find(|at| twice[*at..].starts_with(b"PK\x01\x02") && number(&twice, at + 42) == last);
    let place = header.unwrap() + 42;
    twice[place..place + 4].copy_from_slice(&0_u32.to_le_bytes());
    assert!(read(&twice).is_err());
}
