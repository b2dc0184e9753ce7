//! The default codec writes and reads the same bytes as bincode, for all of serde's data model and for the
//! types of the standard library. A value that is read may borrow from the payload.

#[path = "layout/model.rs"]
mod model;

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, LinkedList, VecDeque};
use std::ffi::CString;
#[cfg(any(unix, windows))]
use std::ffi::OsString;
use std::fmt::Debug;
use std::marker::PhantomData;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::num::{NonZeroI128, NonZeroU8, Saturating, Wrapping};
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Arc, Mutex, RwLock};
use std::time::{Duration, SystemTime};

use ps_serialize::{Bincode, Decode, Encode, Error, ErrorKind, Payload};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

fn write<T: Serialize + DeserializeOwned>(value: &T) -> Result<Vec<u8>, Error> {
    let mut payload = Vec::new();
    Bincode::encode(value, &mut payload)?;
    Ok(payload)
}

fn read<'a, T: Deserialize<'a>>(payload: &'a [u8]) -> Result<T, Error> {
    Payload::read(payload, Bincode::decode)
}

/// Reads every prefix of a payload, and every payload that differs in one byte. The test is that each call returns.
fn mutate<T: Serialize + DeserializeOwned>(payload: &[u8]) {
    for end in 0..payload.len() {
        drop(read::<T>(&payload[..end]));
    }
    let mut mutated = payload.to_vec();
    for at in 0..payload.len() {
        for byte in [0, 1, 2, 0x7f, 0x80, 0xff, payload[at] ^ 1, payload[at].wrapping_add(1)] {
            mutated[at] = byte;
            drop(read::<T>(&mutated));
        }
        mutated[at] = payload[at];
    }
}

/// Checks that the bytes are those of bincode 1 and of bincode 2, and that all of them read these bytes.
fn same<T: Serialize + DeserializeOwned + Debug>(value: &T) {
    let layout = bincode::config::legacy();
    let payload = write(value).unwrap();
    assert_eq!(payload, bincode_1::serialize(value).unwrap(), "{value:?}");
    assert_eq!(payload, bincode::serde::encode_to_vec(value, layout).unwrap(), "{value:?}");
    let text = format!("{value:?}");
    assert_eq!(format!("{:?}", read::<T>(&payload).unwrap()), text);
    assert_eq!(format!("{:?}", bincode_1::deserialize::<T>(&payload).unwrap()), text);
    mutate::<T>(&payload);
}

macro_rules! same {
    ($($type:ty: $($value:expr),+;)*) => {
        $($(same::<$type>(&$value);)+)*
    };
}

#[test]
fn types_of_the_standard_library_are_written_as_bincode_writes_them() {
    same! {
        bool: true, false;
        i8: i8::MIN; i16: i16::MIN; i32: i32::MIN; i64: i64::MIN; i128: i128::MIN, -1; isize: -7;
        u8: u8::MAX; u16: 0x0102; u32: 0x0102_0304; u64: u64::MAX; u128: u128::MAX, 1; usize: 7;
        f32: f32::MIN_POSITIVE, -0.0, f32::INFINITY; f64: f64::MAX, 0.5;
        char: '\0', 'a', 'é', '語', '🦀', char::MAX;
        String: String::new(), "text".to_owned(), "🦀語é".to_owned();
        Option<u8>: None, Some(1); Option<Option<()>>: None, Some(None), Some(Some(()));
        (): (); (u8,): (1,); (u8, String, (i64, char)): (1, "a".to_owned(), (2, 'b'));
        [u16; 0]: []; [u16; 3]: [1, 2, 3]; [String; 1]: ["a".to_owned()];
        Vec<u8>: vec![], vec![1, 2, 255]; Vec<Vec<String>>: vec![vec![], vec!["a".to_owned()]];
        VecDeque<i16>: VecDeque::from([1, 2]); LinkedList<u8>: LinkedList::from([1, 2]);
        BinaryHeap<u8>: BinaryHeap::from([7]); BTreeSet<String>: BTreeSet::from(["a".to_owned()]);
        BTreeMap<String, Vec<u8>>: BTreeMap::new(), BTreeMap::from([("a".to_owned(), vec![1])]);
        HashMap<u8, u8>: HashMap::from([(1, 2)]);
        Box<u8>: Box::new(1); Box<str>: "text".into(); Box<[u16]>: Box::from([1, 2]);
        Rc<u8>: Rc::new(1); Arc<str>: "text".into(); Arc<[u8]>: Arc::from([1, 2]);
        Cow<'static, str>: "text".into(); Cow<'static, [u8]>: vec![1].into();
        Cell<u8>: Cell::new(1); RefCell<String>: RefCell::new("a".to_owned());
        Mutex<u8>: Mutex::new(1); RwLock<u8>: RwLock::new(1);
        AtomicBool: AtomicBool::new(true); AtomicU64: AtomicU64::new(7);
        NonZeroU8: NonZeroU8::MAX; NonZeroI128: NonZeroI128::MIN;
        Wrapping<u16>: Wrapping(1); Saturating<u16>: Saturating(1);
        std::cmp::Reverse<u8>: std::cmp::Reverse(1); PhantomData<String>: PhantomData;
        Duration: Duration::new(1, 2), Duration::MAX;
        SystemTime: SystemTime::UNIX_EPOCH + Duration::new(3, 4);
        Ipv4Addr: Ipv4Addr::LOCALHOST; Ipv6Addr: Ipv6Addr::LOCALHOST;
        IpAddr: Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into();
        SocketAddr: "127.0.0.1:80".parse().unwrap(), "[::1]:80".parse().unwrap();
        PathBuf: PathBuf::from("a/b"); Box<Path>: PathBuf::from("a/b").into();
        CString: c"text".to_owned();
        std::ops::Range<u8>: 1..2; std::ops::RangeInclusive<u8>: 1..=2;
        std::ops::RangeFrom<u8>: 1..; std::ops::RangeTo<u8>: ..2;
        Bound<u8>: Bound::Unbounded, Bound::Included(1), Bound::Excluded(2);
        Result<u8, String>: Ok(1), Err("no".to_owned());
    }
    // serde knows it on these systems.
    #[cfg(any(unix, windows))]
    same! { OsString: OsString::from("text"); }
}

#[test]
fn types_with_derives_are_written_as_bincode_writes_them() {
    #[derive(Serialize, Deserialize, Debug, Clone)]
    struct Unit;
    #[derive(Serialize, Deserialize, Debug, Clone)]
    struct Newtype(Vec<i128>);
    #[derive(Serialize, Deserialize, Debug, Clone)]
    struct Tuple(u8, Unit, #[serde(with = "serde_as_bytes")] Vec<u8>);
    #[derive(Serialize, Deserialize, Debug, Clone)]
    struct Struct<T> {
        a: T,
        #[serde(skip)]
        skipped: u64,
        b: Option<Box<Struct<T>>>,
    }
    #[derive(Serialize, Deserialize, Debug, Clone)]
    enum Enum {
        Unit,
        Newtype(Newtype),
        Tuple(u8, Unit, char),
        Struct { a: BTreeMap<char, Enum>, b: () },
    }
    let inner = Struct { a: Enum::Unit, skipped: 0, b: None };
    assert_eq!(read::<Struct<u8>>(&[1, 0]).unwrap().skipped, 0);
    let values = [
        Enum::Unit,
        Enum::Newtype(Newtype(vec![i128::MIN, 7])),
        Enum::Tuple(1, Unit, '語'),
        Enum::Struct { a: [('a', Enum::Unit), ('b', Enum::Tuple(2, Unit, 'c'))].into(), b: () },
    ];
    for value in &values {
        same(value);
        same(&Struct { a: value.clone(), skipped: 0, b: Some(Box::new(inner.clone())) });
    }
    same(&(Unit, Newtype(vec![]), Tuple(1, Unit, vec![1, 2, 3])));
    same(&values.to_vec());
}

mod serde_as_bytes {
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_bytes(bytes)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        <&[u8]>::deserialize(from).map(<[u8]>::to_vec)
    }
}

#[cfg(feature = "wincode")]
#[test]
fn wincode_writes_and_reads_these_bytes_too() {
    fn same<T>(value: &T)
    where
        T: Serialize + DeserializeOwned + Debug + PartialEq,
        T: wincode::SchemaWrite<wincode::config::DefaultConfig, Src = T>,
        T: for<'a> wincode::SchemaRead<'a, wincode::config::DefaultConfig, Dst = T>,
    {
        let payload = write(value).unwrap();
        assert_eq!(wincode::serialize(value).unwrap(), payload);
        assert_eq!(&wincode::deserialize::<T>(&payload).unwrap(), value);
    }
    same(&(1_u8, -2_i16, 3_u32, -4_i64, u128::MAX, i128::MIN));
    same(&(true, '語', "text".to_owned(), 0.5_f32, f64::MAX));
    same(&vec![Some(vec!["a".to_owned()]), None]);
    same(&BTreeMap::from([(1_u8, ["a".to_owned(), String::new()])]));
    same(&(Duration::new(1, 2), Box::new(7_u8)));
}

#[derive(Serialize, Deserialize, Debug)]
struct Borrowed<'a> {
    text: &'a str,
    bytes: &'a [u8],
    perhaps: Option<&'a str>,
    #[serde(borrow)]
    cow: Cow<'a, str>,
    #[serde(borrow)]
    many: Vec<(u8, &'a str)>,
    #[serde(borrow)]
    map: BTreeMap<&'a str, &'a [u8]>,
    #[serde(borrow)]
    choice: Choice<'a>,
}

#[derive(Serialize, Deserialize, Debug)]
enum Choice<'a> {
    One(&'a str),
    Two { text: &'a str },
}

#[test]
fn what_is_read_borrowed_is_inside_of_the_payload() {
    let value = Borrowed {
        text: "text",
        bytes: b"bytes",
        perhaps: Some("perhaps"),
        cow: "cow".into(),
        many: vec![(1, "one"), (2, "two")],
        map: [("key", &b"value"[..])].into(),
        choice: Choice::Two { text: "choice" },
    };
    let payload = bincode_1::serialize(&value).unwrap();
    let found: Borrowed<'_> = read(&payload).unwrap();
    assert_eq!(format!("{found:?}"), format!("{value:?}"));
    let memory = payload.as_ptr_range();
    let is_inside = |bytes: &[u8]| memory.contains(&bytes.as_ptr());
    assert!(is_inside(found.text.as_bytes()) && is_inside(found.bytes));
    assert!(is_inside(found.perhaps.unwrap().as_bytes()));
    assert!(matches!(found.cow, Cow::Borrowed(text) if is_inside(text.as_bytes())));
    assert!(found.many.iter().all(|(_, text)| is_inside(text.as_bytes())));
    assert!(found.map.iter().all(|(key, value)| is_inside(key.as_bytes()) && is_inside(value)));
    let Choice::Two { text } = found.choice else { panic!("{found:?}") };
    assert!(is_inside(text.as_bytes()));

    for end in 0..payload.len() {
        assert!(read::<Borrowed<'_>>(&payload[..end]).is_err(), "{end}");
    }
    let one = bincode_1::serialize(&Choice::One("one")).unwrap();
    assert!(matches!(read::<Choice<'_>>(&one).unwrap(), Choice::One(text) if is_in(&one, text)));
    let text: &str = read(b"\x02\0\0\0\0\0\0\0ab").unwrap();
    assert_eq!(text, "ab");
    let error = read::<&str>(b"\x02\0\0\0\0\0\0\0\xff\xff").unwrap_err();
    assert!(error.to_string().contains("invalid utf-8"), "{error}");
}

fn is_in(payload: &[u8], text: &str) -> bool {
    payload.as_ptr_range().contains(&text.as_ptr())
}

#[test]
fn text_that_is_displayed_is_written_with_its_length() {
    struct Shown(u32);
    impl Serialize for Shown {
        fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
            to.collect_str(&format_args!("<{}>", self.0))
        }
    }
    impl<'de> Deserialize<'de> for Shown {
        fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
            let text = String::deserialize(from)?;
            text[1..text.len() - 1].parse().map(Self).map_err(serde::de::Error::custom)
        }
    }
    for number in [0, 7, u32::MAX] {
        let value = vec![Shown(number), Shown(1)];
        let payload = write(&value).unwrap();
        assert_eq!(payload, bincode_1::serialize(&value).unwrap());
        assert_eq!(read::<Vec<Shown>>(&payload).unwrap()[0].0, number);
    }
}

#[derive(Serialize, Deserialize)]
struct Inside(Box<Nested>);

/// A type with every way to hold a value inside of another.
#[derive(Serialize, Deserialize)]
enum Nested {
    End,
    Newtype(Box<Nested>),
    Tuple(u8, Box<Nested>),
    Struct { next: Box<Nested> },
    Option(Option<Box<Nested>>),
    Sequence(Vec<Nested>),
    Map(BTreeMap<u8, Nested>),
    Pair((u8, Box<Nested>)),
    Array([Box<Nested>; 1]),
    InStruct(Inside),
}

#[test]
fn every_way_of_nesting_is_bounded_on_both_sides() {
    type Way = fn(Nested) -> Nested;
    let ways: [(u32, Way); 9] = [
        (1, |next| Nested::Newtype(next.into())),
        (1, |next| Nested::Tuple(0, next.into())),
        (1, |next| Nested::Struct { next: next.into() }),
        (2, |next| Nested::Option(Some(next.into()))),
        (2, |next| Nested::Sequence(vec![next])),
        (2, |next| Nested::Map([(0, next)].into())),
        (2, |next| Nested::Pair((0, next.into()))),
        (2, |next| Nested::Array([next.into()])),
        (2, |next| Nested::InStruct(Inside(next.into()))),
    ];
    for (way, (levels, inside)) in ways.into_iter().enumerate() {
        let nested = |depth: u32| (0..depth).fold(Nested::End, |next, _| inside(next));
        // The end of the chain is a level too.
        let most = 127 / levels;
        let payload = write(&nested(most)).unwrap();
        read::<Nested>(&payload).unwrap();
        let error = write(&nested(most + 1)).unwrap_err();
        assert!(exceeds(&error, 128, 129), "{way}: {error:?}");
        let deeper = bincode_1::serialize(&nested(most + 1)).unwrap();
        assert!(exceeds(&read::<Nested>(&deeper).map(drop).unwrap_err(), 128, 129), "{way}");
        let deepest = [&payload[..payload.len() - 4].repeat(100), &payload[payload.len() - 4..]];
        assert!(read::<Nested>(&deepest.concat()).is_err());
    }
}

fn exceeds(error: &Error, most: u64, least: u64) -> bool {
    matches!(error.kind(), ErrorKind::LimitExceeded { limit, found, .. } if (*limit, *found) == (most, least))
}

#[test]
fn elements_without_bytes_are_a_limit_that_is_exceeded() {
    let nothings = vec![(); 70_000];
    assert!(exceeds(&write(&nothings).unwrap_err(), 65_544, 70_000));
    let payload = bincode_1::serialize(&nothings).unwrap();
    assert!(exceeds(&read::<Vec<()>>(&payload).unwrap_err(), 65_544, 70_000));
    let twice = vec![vec![(); 40_000]; 2];
    assert!(exceeds(&write(&twice).unwrap_err(), 65_560, 80_002));
    let payload = bincode_1::serialize(&twice).unwrap();
    assert!(exceeds(&read::<Vec<Vec<()>>>(&payload).unwrap_err(), 65_560, 80_002));
}

#[test]
fn a_number_of_elements_that_lies_when_it_is_written_costs_nothing() {
    struct Lying(usize);
    impl Serialize for Lying {
        fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
            use serde::ser::SerializeSeq;

            let mut elements = to.serialize_seq(Some(self.0))?;
            elements.serialize_element(&7_u64)?;
            elements.end()
        }
    }
    impl<'de> Deserialize<'de> for Lying {
        fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
            Vec::<u64>::deserialize(from).map(|elements| Self(elements.len()))
        }
    }
    for length in [2, 1 << 16, usize::MAX >> 24, usize::MAX] {
        assert!(write(&Lying(length)).is_err(), "{length}");
    }
    assert_eq!(read::<Lying>(&write(&Lying(1)).unwrap()).unwrap().0, 1);
}
