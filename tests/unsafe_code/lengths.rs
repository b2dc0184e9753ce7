//! Lengths that `Wincode` writes: it takes room for what they say that they take, and then writes unchecked.

use std::collections::{BTreeMap, VecDeque};

use ps_serialize::{Wincode, deserialize, parts, serialize, serialize_into, serializer};

use crate::{assert_appended, buffers, placed};

#[serializer(id = b"uw", codec = Wincode)]
#[derive(
    serde::Serialize, wincode::SchemaWrite, wincode::SchemaRead, Debug, Default, PartialEq, Clone,
)]
struct Lengths {
    bytes: Vec<u8>,
    texts: Vec<String>,
    numbers: Vec<[u64; 3]>,
    nested: Vec<Vec<Vec<u16>>>,
    map: BTreeMap<String, Option<Vec<i8>>>,
    units: Vec<()>,
    boxed: Box<[u32]>,
    deque: VecDeque<(u8, String)>,
    last: u8,
}

/// Sequences of up to so many elements, in all combinations of none and some that `which` has bits for.
fn lengths(which: usize, most: usize) -> Lengths {
    let count = |field: usize| if which >> field & 1 == 1 { most - field % most } else { 0 };
    let text = |number: usize| "é".repeat(number % 5);
    Lengths {
        bytes: (0..=255).cycle().take(count(0)).collect(),
        texts: (0..count(1)).map(text).collect(),
        numbers: (0..count(2)).map(|number| [number as u64; 3]).collect(),
        nested: (0..count(3)).map(|number| vec![vec![7; number % 3]; number % 4]).collect(),
        map: (0..count(4)).map(|number| (number.to_string(), Some(vec![-1; number % 3]))).collect(),
        units: vec![(); count(5)],
        boxed: vec![u32::MAX; count(6)].into(),
        deque: (0..count(7)).map(|number| (7, text(number))).collect(),
        last: 0xcc,
    }
}

#[test]
fn they_take_what_they_say() {
    for most in [1, 2, 31] {
        for which in (0..256).step_by(3).chain([0xff]) {
            let value = lengths(which, most);
            let frame = [b"uw\n".to_vec(), bincode_1::serialize(&value).unwrap()].concat();
            let mut buffer =
                buffers(frame.len()).into_iter().nth(which % 5).expect("there are five");
            let before = buffer.len();
            serialize_into(&value, &mut buffer).unwrap();
            assert_appended(&buffer, before, &frame);
            let back: Lengths = deserialize(&placed(&frame, which % 64)).unwrap();
            assert_eq!(back, value);
        }
    }
}

#[test]
fn many_take_what_they_say() {
    let value = Lengths { bytes: vec![1; 100_003], ..lengths(0xff, 1000) };
    let frame = [b"uw\n".to_vec(), bincode_1::serialize(&value).unwrap()].concat();
    assert!(serialize(&value).unwrap() == frame);
    assert!(parts(&value).unwrap().to_bytes() == frame);
    assert!(deserialize::<Lengths>(&placed(&frame, 1)).unwrap() == value);
}

#[test]
fn lengths_that_lie_are_refused() {
    let frame = serialize(&lengths(0xff, 3)).unwrap();
    for end in 3..frame.len() {
        assert!(deserialize::<Lengths>(&placed(&frame[..end], end % 64)).is_err());
    }
    for length in [frame.len() as u64, 1 << 40, u64::MAX / 24, u64::MAX] {
        let mut wrong = frame.to_vec();
        wrong[3..11].copy_from_slice(&length.to_le_bytes());
        assert!(deserialize::<Lengths>(&placed(&wrong, 5)).is_err());
    }
}
