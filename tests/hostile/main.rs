//! Frames from strangers: an error or a value, never a panic, never memory for what a frame only
//! claims to hold. Each kind of frame has a file; records, which have no format of their own, are here.

#[cfg(feature = "ndarray")]
mod arrays;
#[cfg(all(feature = "lz4", feature = "zstd"))]
mod compressed;
#[cfg(all(feature = "ndarray", feature = "pickle"))]
mod instances;
#[cfg(feature = "messagepack")]
mod messagepack;
#[cfg(feature = "pandas")]
mod pandas;
#[cfg(all(feature = "ndarray", feature = "pickle"))]
mod pickled;
mod records;
mod stack;
#[cfg(feature = "polars")]
mod tables;
#[cfg(feature = "safetensors")]
mod tensors;
#[cfg(feature = "torch")]
mod torch;
#[cfg(feature = "wincode")]
mod wincode;

use std::any::Any;
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use ps_serialize::{
    Bincode, Decode, Deserializable, Encode, Payload, Serializable, deserialize, deserialize_any,
    deserialize_with, registry, serialize, serializer,
};
use support::Counted;

#[global_allocator]
static ALLOCATOR: Counted = Counted::EachThread;

/// The most memory that this thread had in use at once during the call, beyond what it had before.
fn peak_memory(work: impl FnOnce()) -> usize {
    ALLOCATOR.peak(work).1
}

/// What a number beyond 32 bits leads to: where a `usize` has 32, it is refused for its size alone.
#[cfg(any(feature = "ndarray", feature = "safetensors"))]
fn by_width<'t>(on_64_bits: &'t str, on_32_bits: &'t str) -> &'t str {
    if usize::BITS == 64 { on_64_bits } else { on_32_bits }
}

#[test]
fn the_count_sees_all_that_is_in_use() {
    let peak = peak_memory(|| {
        let first = std::hint::black_box(vec![0_u8; 5 << 20]);
        drop(std::hint::black_box(vec![0_u8; 3 << 20]));
        drop((first, std::hint::black_box(vec![0_u8; 2 << 20])));
    });
    assert_eq!(peak, 8 << 20);
}

macro_rules! records {
    ($($id:literal $name:ident { $($field:ident: $type:ty),* })*) => {$(
        #[serializer(id = $id)]
        #[derive(serde::Serialize, serde::Deserialize, Debug, PartialEq)]
        struct $name { $($field: $type),* }
    )*};
}

records! {
    b"h0" Text { value: String }
    b"h1" Bytes { value: Vec<u8> }
    b"h2" Numbers { value: Vec<[u64; 4]> }
    b"h3" Map { value: HashMap<u64, String> }
    b"h4" Ordered { value: BTreeMap<String, u8> }
    b"h5" Units { value: Vec<()> }
    b"h6" Set { value: HashSet<()> }
    b"h7" Deque { value: VecDeque<Vec<String>> }
    b"h8" Boxed { value: Box<str> }
    b"h9" Buffer { value: ByteBuf }
    b"hA" Large { value: Vec<[u128; 32]> }
}

/// Asks serde for owned bytes, as `serde_bytes::ByteBuf` does.
#[derive(Debug, PartialEq)]
struct ByteBuf(Vec<u8>);

impl serde::Serialize for ByteBuf {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> serde::Deserialize<'de> for ByteBuf {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = ByteBuf;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("owned bytes")
            }
            fn visit_byte_buf<E>(self, bytes: Vec<u8>) -> Result<ByteBuf, E> {
                Ok(ByteBuf(bytes))
            }
        }
        deserializer.deserialize_byte_buf(Visitor)
    }
}

#[test]
fn a_length_that_lies_costs_nothing() {
    // The index of the registry is made at its first use.
    assert!(registry().check().is_ok());
    for length in [10_u64, 1 << 20, 1 << 32, 1 << 60, u64::MAX / 32, u64::MAX >> 1, u64::MAX] {
        for id in ["h0", "h1", "h2", "h3", "h4", "h7", "h8", "h9", "hA"] {
            for more in [0, 1, 7, 100] {
                let mut frame = format!("{id}\n").into_bytes();
                frame.extend(length.to_le_bytes());
                frame.extend(vec![1_u8; more]);
                let mut error = None;
                let peak = peak_memory(|| error = deserialize_any(&frame).err());
                // At most the largest element here, for every byte of the payload.
                let limit = 4096 + more * size_of::<[u128; 32]>();
                assert!(peak <= limit, "{id} claims {length}: {peak} bytes were in use");
                let error = error.unwrap_or_else(|| panic!("{id} claims {length}"));
                let part = match id {
                    // Ten of them may be there, and then something else is wrong.
                    _ if length == 10 || usize::try_from(length).is_err() => "",
                    "h0" | "h8" | "h9" => "the payload ends inside of the value",
                    _ => "too many elements in sequences",
                };
                let error = format!("{error:#}");
                assert!(error.contains(part), "{id} claims {length}: {error}");
            }
        }
    }
}

#[test]
fn elements_without_bytes_are_limited_on_both_sides() {
    let fits = Units { value: vec![(); 65_536] };
    assert_eq!(deserialize::<Units>(&serialize(&fits).unwrap()).unwrap(), fits);
    let error = serialize(&Units { value: vec![(); 70_000] }).unwrap_err();
    assert!(
        format!("{error:?}")
            .contains("elements in sequences for the size of the payload: the limit is 65544, and this is 70000 or more"),
        "{error:?}"
    );
    for length in [70_000_u64, 1 << 40, u64::MAX] {
        for id in ["h5", "h6"] {
            let frame = [id.as_bytes(), b"\n", &length.to_le_bytes()].concat();
            let error = format!("{:?}", deserialize_any(&frame).unwrap_err());
            let beyond_32_bits = usize::try_from(length).is_err() && error.contains("can address");
            assert!(error.contains("elements") || beyond_32_bits, "{error}");
        }
    }
}

#[serializer(id = b"hL")]
#[derive(serde::Serialize, serde::Deserialize, Debug)]
enum List {
    End,
    More(u8, Box<List>),
}

#[serializer(id = b"hT")]
#[derive(serde::Serialize, serde::Deserialize, Debug)]
struct Tree {
    children: Vec<Tree>,
}

#[serializer(id = b"hO")]
#[derive(serde::Serialize, serde::Deserialize, Debug)]
struct Optional(Option<Box<Optional>>);

#[serializer(id = b"hM")]
#[derive(serde::Serialize, serde::Deserialize, Debug)]
struct Nested(BTreeMap<u8, Nested>);

#[test]
fn nesting_a_million_deep_is_an_error_on_both_sides() {
    for (id, level, end) in [
        ("hL", &b"\x01\0\0\0\x07"[..], &b"\0\0\0\0"[..]),
        ("hT", b"\x01\0\0\0\0\0\0\0", b"\0\0\0\0\0\0\0\0"),
        ("hO", b"\x01", b"\0"),
        ("hM", b"\x01\0\0\0\0\0\0\0\x07", b"\0\0\0\0\0\0\0\0"),
    ] {
        let frame = |depth| [id.as_bytes(), b"\n", &level.repeat(depth), end].concat();
        assert!(deserialize_any(&frame(50)).is_ok(), "{id}");
        for depth in [200, 1_000_000] {
            let error = deserialize_any(&frame(depth)).unwrap_err();
            assert!(
                format!("{error:?}").contains(
                    "nested too deep, in levels: the limit is 128, and this is 129 or more"
                ),
                "{error:?}"
            );
        }
    }

    let mut list = List::End;
    for depth in 0..200 {
        let written = serialize(&list);
        // The end of the chain is a level too.
        assert_eq!(written.is_ok(), depth < 128, "{depth}");
        if let Ok(frame) = written {
            deserialize::<List>(&frame).expect("what is written can be read");
        }
        list = List::More(0, Box::new(list));
    }
}

#[test]
fn bytes_left_over_are_an_error() {
    let mut frame = serialize(&Text { value: "text".to_owned() }).unwrap().to_vec();
    frame.push(0);
    let error = deserialize::<Text>(&frame).unwrap_err();
    assert!(format!("{error:?}").contains("1 bytes are left over"), "{error:?}");
}

#[test]
fn what_the_layout_can_not_hold_is_told_in_a_sentence() {
    fn bincode<'a, T: serde::Deserialize<'a>>(payload: &'a [u8]) -> ps_serialize::Error {
        let read: ps_serialize::Result<T> = Payload::read(payload, Bincode::decode);
        read.err().expect("it is refused")
    }

    let says = |error: ps_serialize::Error, part: &str| {
        let chain = format!("{error:#}");
        assert!(chain.contains(part), "{chain}");
        assert!(!chain.contains(" { ") && !chain.contains("Serde("), "{chain}");
    };
    says(bincode::<Option<u8>>(&[2, 0]), "an `Option` begins with 0 or 1, not 2");
    says(bincode::<bool>(&[2]), "a `bool` is 0 or 1, not 2");
    says(bincode::<char>(&[255]), "a `char` is a Unicode scalar value");
    says(bincode::<u32>(&[2]), "the payload ends inside of the value");
    says(
        bincode::<serde_json::Value>(&[2]),
        "`serde_json::value::Value` asks the format what comes next",
    );
    says(
        Bincode::encode(&serde_json::json!({"a": 1}), &mut Vec::new()).unwrap_err(),
        "`serde_json::value::Value` asks the format what comes next",
    );
    says(
        Bincode::encode(&vec![Some(serde_json::json!(null))], &mut Vec::new()).unwrap_err(),
        "asks the format what comes next",
    );
}

/// 8 KiB of stack at least, for each level.
#[serializer(id = b"hB")]
#[derive(serde::Serialize, serde::Deserialize, Debug)]
struct Big {
    matrix: [[[f64; 32]; 16]; 2],
    next: Option<Box<Big>>,
}

#[test]
fn large_levels_do_not_overflow_the_stack_of_a_thread() {
    let level = [&[0; 8192][..], &[1]].concat();
    for depth in [1, 20, 60, 127, 200, 2000] {
        let frame = [b"hB\n", &level.repeat(depth)[..], &[0; 8193]].concat();
        std::thread::spawn(move || drop(deserialize_any(&frame))).join().unwrap();
    }
    std::thread::spawn(|| {
        let mut value = Big { matrix: [[[0.0; 32]; 16]; 2], next: None };
        let mut depth = 0;
        while let Ok(frame) = serialize(&value) {
            deserialize::<Big>(&frame).expect("what is written can be read");
            value = Big { matrix: value.matrix, next: Some(Box::new(value)) };
            depth += 1;
        }
        assert!((2..128).contains(&depth), "{depth} levels");
    })
    .join()
    .unwrap();
}

/// Calls all four readers. The test is that they return.
fn read_all_ways<T>(frame: &[u8])
where
    T: Serializable + for<'f> Deserializable<'f> + Any,
{
    let typed = deserialize::<T>(frame).is_ok();
    assert_eq!(deserialize_with::<<T as Serializable>::Serializer>(frame).is_ok(), typed);
    assert!(!typed || deserialize_any(frame).is_ok());
    let _ = deserialize_any(frame);
    let _ = deserialize::<&str>(frame);
    let _ = deserialize::<&[u8]>(frame);
}

/// Every prefix of the frame, and every frame that differs in one byte.
fn mutate<T>(value: &T)
where
    T: Serializable + for<'f> Deserializable<'f> + Any,
{
    // The index of the registry is made at its first use.
    assert!(registry().check().is_ok());
    let frame = serialize(value).unwrap().to_vec();
    let peak = peak_memory(|| {
        for end in 0..=frame.len() {
            read_all_ways::<T>(&frame[..end]);
        }
        let mut mutated = frame.clone();
        for i in 0..frame.len() {
            for byte in 0..=255 {
                mutated[i] = byte;
                read_all_ways::<T>(&mutated);
            }
            mutated[i] = frame[i];
        }
    });
    // At most the largest element here, for every byte of the frame.
    assert!(peak <= frame.len() * size_of::<Option<[u64; 512]>>(), "{peak} bytes were in use");
}

#[test]
fn every_prefix_and_every_changed_byte_gives_a_value_or_an_error() {
    mutate(&"five!".to_owned());
    mutate(&vec![0_u8, 10, 255]);
    mutate(&Text { value: "µ\n".to_owned() });
    mutate(&Numbers { value: vec![[1, 2, 3, 4]; 2] });
    mutate(&Map { value: [(1, "one".to_owned()), (2, String::new())].into() });
    mutate(&Deque { value: [vec![String::new(), "x".to_owned()], vec![]].into() });
    mutate(&List::More(1, Box::new(List::More(2, Box::new(List::End)))));
    mutate(&Tree { children: vec![Tree { children: vec![] }, Tree { children: vec![] }] });
    mutate(&Optional(Some(Box::new(Optional(None)))));
    mutate(&Units { value: vec![(); 3] });
    mutate(&Buffer { value: ByteBuf(vec![1, 2, 3]) });
}
