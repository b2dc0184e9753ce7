//! Honest types that are not byte for byte what they were when they are written again.

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::marker::PhantomData;
use std::num::NonZeroU32;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use ps_serialize::{Bincode, Decode, Encode, Payload};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};

use crate::tables::{Same, row};

#[derive(Serialize, Deserialize, Debug, PartialEq, Eq, Hash, Clone, PartialOrd, Ord)]
enum Key {
    A,
    B(String),
    C { c: u8 },
}

fn keys() -> Vec<Key> {
    let texts = (0..50).map(|i| Key::B(i.to_string()));
    let numbers = (0..50).map(|c| Key::C { c });
    texts.chain(numbers).chain([Key::A]).collect()
}

#[test]
fn maps_and_sets_hand_out_what_they_hold_in_any_order() {
    #[derive(Serialize, Deserialize, Debug, PartialEq, Clone)]
    struct Unordered {
        map: HashMap<Key, Vec<Key>>,
        set: HashSet<Key>,
        nested: HashMap<u8, HashMap<u8, HashSet<Key>>>,
    }
    let set: HashSet<_> = keys().into_iter().collect();
    let value = Unordered {
        map: keys().into_iter().map(|key| (key.clone(), vec![key])).collect(),
        nested: [(1, [(2, set.clone())].into()), (3, [(4, set.clone())].into())].into(),
        set,
    };
    for _ in 0..20 {
        let mut payload = Vec::new();
        Bincode::encode(&value, &mut payload).unwrap();
        let read: Unordered = Payload::read(&payload, Bincode::decode).unwrap();
        assert_eq!(read, value);
    }
}

#[test]
fn pointers_and_types_without_size_are_what_they_were() {
    #[derive(Serialize, Deserialize, Debug, PartialEq, Clone)]
    struct Held {
        boxed: Box<Key>,
        text: Cow<'static, str>,
        key: Cow<'static, [u8]>,
        marker: PhantomData<Key>,
        unit: (),
        nothing: [u8; 0],
        number: NonZeroU32,
        large: u128,
        duration: Duration,
        address: std::net::IpAddr,
        result: Result<u8, String>,
        range: std::ops::Range<u8>,
        cell: Cell<u8>,
        path: std::path::PathBuf,
    }
    let held = Held {
        boxed: Box::new(Key::A),
        text: "text".into(),
        key: vec![1, 2].into(),
        marker: PhantomData,
        unit: (),
        nothing: [],
        number: NonZeroU32::MIN,
        large: u128::MAX,
        duration: Duration::from_millis(1500),
        address: [127, 0, 0, 1].into(),
        result: Err("no".to_owned()),
        range: 1..2,
        cell: Cell::new(3),
        path: "a/b".into(),
    };
    row("of the standard library", &held, &Same, &Same);
}

fn reads<T: Serialize + DeserializeOwned>(value: &T) -> T {
    let mut payload = Vec::new();
    for _ in 0..2 {
        payload.clear();
        Bincode::encode(value, &mut payload).unwrap();
    }
    Payload::read(&payload, Bincode::decode).unwrap()
}

#[test]
fn a_number_that_is_not_equal_to_itself_is_read_as_what_it_was() {
    #[derive(Serialize, Deserialize, Clone)]
    struct Floats(f64, f32, Vec<f64>);
    let read = reads(&Floats(f64::NAN, -0.0, vec![f64::NAN, f64::INFINITY]));
    assert!(read.0.is_nan() && read.1.is_sign_negative() && read.2[0].is_nan());
}

#[test]
fn a_reader_may_put_a_value_into_order() {
    fn trimmed<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
        Ok(String::deserialize(from)?.trim().to_owned())
    }
    fn sorted<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        Ok(BTreeSet::deserialize(from)?.into_iter().collect())
    }
    #[derive(Serialize, Deserialize, Debug, PartialEq)]
    enum Version {
        Old(u8),
        New { number: u8, text: String },
    }
    fn newest<'de, D: Deserializer<'de>>(from: D) -> Result<Version, D::Error> {
        Ok(match Version::deserialize(from)? {
            Version::Old(number) => Version::New { number, text: String::new() },
            new @ Version::New { .. } => new,
        })
    }
    #[derive(Serialize, Deserialize, Debug, PartialEq)]
    struct Ordered {
        #[serde(deserialize_with = "trimmed")]
        text: String,
        #[serde(deserialize_with = "sorted")]
        set: Vec<u8>,
        #[serde(deserialize_with = "newest")]
        version: Version,
    }
    let value =
        Ordered { text: "  text ".to_owned(), set: vec![3, 1, 1], version: Version::Old(7) };
    let expected = Ordered {
        text: "text".to_owned(),
        set: vec![1, 3],
        version: Version::New { number: 7, text: String::new() },
    };
    assert_eq!(reads(&value), expected);
    assert_eq!(reads(&vec![value]), [expected]);
}

#[test]
fn a_type_may_be_written_by_a_type_that_borrows_and_read_by_one_that_owns() {
    #[derive(Debug, PartialEq)]
    struct Pair {
        text: String,
        number: u8,
    }
    #[derive(Serialize)]
    struct Borrowing<'a> {
        text: &'a str,
        number: u8,
    }
    #[derive(Deserialize)]
    struct Owning {
        text: String,
        number: u8,
    }
    impl Serialize for Pair {
        fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
            Borrowing { text: &self.text, number: self.number }.serialize(to)
        }
    }
    impl<'de> Deserialize<'de> for Pair {
        fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
            let Owning { text, number } = Owning::deserialize(from)?;
            Ok(Self { text, number })
        }
    }
    for number in [0, 1] {
        let text = "text".repeat(number);
        let value = Pair { text: text.clone(), number: number as u8 };
        assert_eq!(reads(&value), Pair { text, number: number as u8 });
    }
}

#[test]
fn shared_pointers_are_what_they_were() {
    // With serde's feature `rc` they are read as pointers of their own; here by hand.
    fn rc<'de, D: Deserializer<'de>>(from: D) -> Result<Rc<Key>, D::Error> {
        Key::deserialize(from).map(Rc::new)
    }
    fn arc<'de, D: Deserializer<'de>>(from: D) -> Result<Arc<str>, D::Error> {
        String::deserialize(from).map(Arc::from)
    }
    fn key<S: serde::Serializer>(key: &Rc<Key>, to: S) -> Result<S::Ok, S::Error> {
        (**key).serialize(to)
    }
    fn text<S: serde::Serializer>(text: &Arc<str>, to: S) -> Result<S::Ok, S::Error> {
        (**text).serialize(to)
    }
    #[derive(Serialize, Deserialize, Debug, PartialEq)]
    struct Shared {
        #[serde(deserialize_with = "rc", serialize_with = "key")]
        key: Rc<Key>,
        #[serde(deserialize_with = "arc", serialize_with = "text")]
        text: Arc<str>,
    }
    let shared = || Shared { key: Rc::new(Key::C { c: 1 }), text: "text".into() };
    assert_eq!(reads(&shared()), shared());
}

#[test]
fn types_of_one_name_are_checked_one_by_one() {
    macro_rules! record {
        ($($attribute:tt)*) => {{
            #[derive(Serialize, Deserialize)]
            struct Inner { a: u32, $($attribute)* b: u32 }
            #[derive(Serialize, Deserialize)]
            struct Outer(Vec<Inner>);
            Bincode::encode(&Outer(vec![Inner { a: 1, b: 2 }]), &mut Vec::new())
        }};
    }
    for _ in 0..3 {
        record!().unwrap();
        record!(#[serde(skip_serializing)]).unwrap_err();
        record!(#[serde(skip)]).unwrap();
        record!(#[serde(skip_deserializing)]).unwrap_err();
    }
}

#[test]
fn many_threads_may_meet_a_type_first() {
    #[derive(Serialize, Deserialize, Debug, PartialEq, Clone)]
    enum Gap {
        A,
        #[serde(skip)]
        B,
        C,
        D,
    }
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                for _ in 0..100 {
                    assert_eq!(reads(&(Gap::A, 1_u8)), (Gap::A, 1));
                    assert!(Bincode::encode(&(Gap::C, 1_u8), &mut Vec::new()).is_err());
                    assert_eq!(reads(&keys()), keys());
                }
            });
        }
    });
}
