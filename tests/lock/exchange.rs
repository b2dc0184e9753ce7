//! Records by chance of every type that the lock sees go to the Python module and back, byte for byte.

use std::collections::BTreeMap;

use ps_serialize::{Frame, deserialize_any, serialize_any};
use serde_json::json;
use support::{from_hex, hex};

use crate::python::Python;

fn frames(answer: &serde_json::Value) -> Vec<&str> {
    answer.as_array().unwrap().iter().map(|frame| frame.as_str().unwrap()).collect()
}

/// What this library makes of a frame, if the value is one of the Rust type: not every text is a date.
fn again(frame: &[u8]) -> Option<Vec<u8>> {
    let value = deserialize_any(frame).ok()?;
    Some(serialize_any(&*value).unwrap().to_vec())
}

#[test]
fn python_reads_and_writes_what_rust_writes() {
    let mut python = Python::of("lock/random_records.py");
    let lock = concat!(env!("CARGO_MANIFEST_DIR"), "/lock/ps-serialize.lock");
    let made = python.ask(&json!({ "lock": lock, "count": 20 }));
    let ours: Vec<Vec<u8>> =
        frames(&made).into_iter().filter_map(|it| again(&from_hex(it))).collect();
    let answer =
        python.ask(&json!({ "frames": ours.iter().map(|it| hex(it)).collect::<Vec<_>>() }));
    let mut counts = BTreeMap::<String, usize>::new();
    for (ours, theirs) in ours.iter().zip(frames(&answer)) {
        let identifier = Frame::parse(ours).unwrap().identifier().to_string();
        assert!(!theirs.contains(' '), "{identifier}: {} is refused: {theirs}", hex(ours));
        let same = hex(ours) == theirs
            // Python writes nil where Rust leaves a field out.
            || again(&from_hex(theirs)).is_some_and(|again| again == *ours);
        assert!(same, "{identifier}: {} became {theirs}", hex(ours));
        *counts.entry(identifier).or_default() += 1;
    }
    assert!(counts.len() > 150, "{}", counts.len());
}
