//! Frames from strangers: an error or a value, never a panic, never memory for what a frame only
//! claims to hold.

use std::alloc::{GlobalAlloc, Layout, System};
use std::any::Any;
use std::cell::Cell;
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use ps_serialize::{
    Bincode, Codec, Serializable, Serializer, deserialize, deserialize_any, deserialize_with,
    registry, serialize, serializer, view,
};

/// Counts the memory that each thread has taken and not given back.
struct Counted;

#[global_allocator]
static ALLOCATOR: Counted = Counted;

thread_local! {
    static IN_USE: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
}

fn count(bytes: isize) {
    // What another thread has taken and this one gives back makes it less than nothing.
    IN_USE.set(IN_USE.get() + bytes);
    PEAK.set(PEAK.get().max(IN_USE.get()));
}

// SAFETY: every call goes to the system's allocator as it came.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for Counted {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size().cast_signed());
        // SAFETY: as the caller promised.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(-layout.size().cast_signed());
        // SAFETY: as the caller promised.
        unsafe { System.dealloc(pointer, layout) }
    }
}

/// The most that was in use at once meanwhile, above what was before.
fn peak_memory(work: impl FnOnce()) -> usize {
    let before = IN_USE.get();
    PEAK.set(before);
    work();
    (PEAK.get() - before).cast_unsigned()
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
                let peak = peak_memory(|| {
                    let read = deserialize_any(&frame);
                    assert!(read.is_err(), "{id} claims {length}");
                });
                // At most the largest element here, for every byte of the payload.
                let limit = 4096 + more * size_of::<[u128; 32]>();
                assert!(peak <= limit, "{id} claims {length}: {peak} bytes were in use");
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
        // Its end is a level too.
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
    let says = |error: ps_serialize::Error, part: &str| {
        let chain = format!("{error:#}");
        assert!(chain.contains(part), "{chain}");
        assert!(!chain.contains(" { ") && !chain.contains("Serde("), "{chain}");
    };
    says(
        <Bincode as Codec<Option<u8>>>::decode(&[2, 0]).unwrap_err(),
        "an `Option` begins with 0 or 1, not 2",
    );
    says(<Bincode as Codec<bool>>::decode(&[2]).unwrap_err(), "a `bool` is 0 or 1, not 2");
    says(
        <Bincode as Codec<char>>::decode(&[255]).unwrap_err(),
        "a `char` is a Unicode scalar value",
    );
    says(
        <Bincode as Codec<u32>>::decode(&[2]).unwrap_err(),
        "the payload ends inside of the value",
    );
    says(
        <Bincode as Codec<serde_json::Value>>::decode(&[2]).unwrap_err(),
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

/// All four readers; that they return is the test.
fn read_all_ways<T>(frame: &[u8])
where
    T: Serializable<Serializer: Serializer<Value = T>> + Any,
{
    let typed = deserialize::<T>(frame).is_ok();
    assert_eq!(deserialize_with::<T::Serializer>(frame).is_ok(), typed);
    assert!(!typed || deserialize_any(frame).is_ok());
    let _ = deserialize_any(frame);
    let _ = view::<&str>(frame);
    let _ = view::<&[u8]>(frame);
}

/// Every prefix of the frame, and every frame that differs in one byte.
fn mutate<T>(value: &T)
where
    T: Serializable<Serializer: Serializer<Value = T>> + Any,
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

#[cfg(feature = "wincode")]
mod wincode {
    use super::{mutate, peak_memory};
    use ps_serialize::{Wincode, deserialize, deserialize_any, registry, serialize, serializer};
    use wincode::{SchemaRead, SchemaWrite};

    #[serializer(id = b"hw", codec = Wincode)]
    #[derive(SchemaRead, SchemaWrite, Debug, PartialEq)]
    struct Mixed {
        text: String,
        bytes: Vec<u8>,
        numbers: Vec<[u64; 4]>,
        texts: Vec<String>,
        map: std::collections::HashMap<u8, u8>,
        option: Option<u16>,
    }

    #[serializer(id = b"hx", codec = Wincode)]
    #[derive(SchemaRead, SchemaWrite, Debug, PartialEq)]
    struct Tree {
        children: Vec<Tree>,
    }

    #[serializer(id = b"hy", codec = Wincode)]
    #[derive(SchemaRead, SchemaWrite, Debug, PartialEq)]
    struct Units(Vec<()>);

    #[serializer(id = b"hz", codec = Wincode)]
    #[derive(SchemaRead, SchemaWrite, Debug, PartialEq)]
    struct Large(Vec<Option<[u64; 100]>>);

    fn mixed() -> Mixed {
        Mixed {
            text: "µ\n".to_owned(),
            bytes: vec![1, 2],
            numbers: vec![[1, 2, 3, 4]],
            texts: vec![String::new(), "x".to_owned()],
            map: [(1, 2)].into(),
            option: Some(3),
        }
    }

    #[test]
    fn every_prefix_and_every_changed_byte_gives_a_value_or_an_error() {
        mutate(&mixed());
        mutate(&Tree { children: vec![Tree { children: vec![] }] });
        mutate(&Units(vec![(); 3]));
        mutate(&Large(vec![None, Some([7; 100])]));
    }

    #[test]
    fn a_length_that_lies_costs_nothing() {
        // The index of the registry is made at its first use.
        assert!(registry().check().is_ok());
        let frame = serialize(&mixed()).unwrap();
        // Where each length stands: of the text, the bytes, the numbers, the texts and the map.
        for at in [3, 14, 24, 64, 89] {
            for length in [1000_u64, 1 << 20, 1 << 60, u64::MAX] {
                let mut frame = frame.to_vec();
                frame[at..at + 8].copy_from_slice(&length.to_le_bytes());
                let peak = peak_memory(|| {
                    assert!(deserialize_any(&frame).is_err(), "at {at}");
                });
                assert!(peak <= 4096, "{peak} bytes were in use for {length} at {at}");
            }
        }
    }

    #[serializer(id = b"hW", codec = Wincode)]
    #[derive(SchemaRead, SchemaWrite, Debug)]
    struct Skipped(Vec<Vec<NoBytes>>);

    #[derive(SchemaRead, SchemaWrite, Debug)]
    struct NoBytes {
        #[wincode(skip)]
        _memory: [u64; 31],
    }

    #[serializer(id = b"hV", codec = Wincode)]
    #[derive(SchemaRead, SchemaWrite, Debug)]
    struct Sets(Vec<std::collections::HashSet<()>>);

    #[serializer(id = b"hU", codec = Wincode)]
    #[derive(SchemaRead, SchemaWrite, Debug)]
    struct Sparse(Vec<Option<[u64; 512]>>);

    #[test]
    fn sequences_in_sequences_are_limited_together() {
        let n = 10_000_u64;
        let many = |id: &[u8], inner: u64| {
            let count = (n / 8).to_le_bytes();
            let lengths = inner.to_le_bytes().repeat((n / 8) as usize);
            [id, b"\n", &count, &lengths].concat()
        };
        deserialize_any(&many(b"hW", n)).unwrap_err();
        deserialize_any(&many(b"hV", 65_536)).unwrap_err();
        let frame = [b"hU\n", &3_000_000_u64.to_le_bytes()[..], &vec![1; 3_000_000]].concat();
        let peak = peak_memory(|| {
            deserialize::<Sparse>(&frame).unwrap_err();
        });
        assert!(peak < 64 << 20, "{peak}");
    }

    /// Of several kinds of level, as large as JSON's and larger.
    #[serializer(id = b"hN", codec = Wincode)]
    #[derive(SchemaRead, SchemaWrite, Debug)]
    #[allow(clippy::large_enum_variant)]
    enum Node {
        End,
        List(Vec<Node>),
        Map(std::collections::BTreeMap<u8, Node>),
        Pair { left: Vec<Node>, right: Vec<Node>, padding: [[u64; 32]; 16] },
    }

    #[test]
    fn what_is_written_deep_can_be_read() {
        let kinds: [fn(Node) -> Node; 3] = [
            |node| Node::List(vec![node]),
            |node| Node::Map([(1, node)].into()),
            |node| Node::Pair { left: vec![], right: vec![node], padding: [[1; 32]; 16] },
        ];
        for (kind, deeper) in kinds.into_iter().enumerate() {
            std::thread::spawn(move || {
                let mut value = Node::End;
                let mut depth = 0;
                while let Ok(frame) = serialize(&value) {
                    deserialize::<Node>(&frame).expect("what is written can be read");
                    value = deeper(value);
                    depth += 1;
                }
                assert!(depth > 2, "kind {kind}: {depth} levels");
            })
            .join()
            .unwrap();
        }
    }

    #[test]
    fn an_error_says_which_bound_was_hit() {
        let says = |frame: &[u8], part: &str| {
            let error = format!("{:#}", deserialize_any(frame).unwrap_err());
            assert!(error.contains(part), "{error}");
        };
        let million = 1_u64.to_le_bytes().repeat(1_000_000);
        says(
            &[b"hx\n", &million[..]].concat(),
            "nested too deep: the limit is 1048576 bytes of stack, and this takes ",
        );
        says(
            &[b"hy\n", &70_000_u64.to_le_bytes()[..]].concat(),
            "too many elements in sequences: the limit is 65544, and this is 70000 or more",
        );
        says(b"hw\n\x01\0\0\0", "the payload ends inside of the value");
    }

    /// Such that writing takes more of the stack for each than counting the bytes does.
    #[serializer(id = b"hS", codec = Wincode)]
    #[derive(SchemaRead, SchemaWrite, Debug)]
    #[allow(clippy::large_enum_variant, clippy::vec_box)]
    enum Boxes {
        End,
        Wide { padding: [[u64; 32]; 8], rest: Vec<Box<Boxes>> },
        Narrow(Vec<Boxes>, u8),
    }

    #[test]
    fn writing_does_not_overflow_the_stack_either() {
        let nested = |depth: usize| {
            (0..depth).fold(Boxes::End, |rest, level| match level % 2 {
                0 => Boxes::Wide { padding: [[1; 32]; 8], rest: vec![Box::new(rest)] },
                _ => Boxes::Narrow(vec![rest], 1),
            })
        };
        let check = move || {
            let depths = std::iter::successors(Some(10), |depth| Some(depth + depth / 20 + 1));
            for depth in depths.take_while(|depth| *depth < 20_000) {
                let value = &nested(depth);
                // With a stack of the usual size: that they return is the test.
                std::thread::scope(|scope| {
                    for used in [0, 600 << 10] {
                        scope.spawn(move || use_stack(used, &|| serialize(value).is_ok()));
                    }
                });
            }
        };
        // It takes more to drop such a value.
        std::thread::Builder::new().stack_size(256 << 20).spawn(check).unwrap().join().unwrap();
    }

    /// Does it further down the stack, by that many bytes at least.
    fn use_stack(bytes: usize, work: &dyn Fn() -> bool) -> bool {
        fn from(top: usize, bytes: usize, work: &dyn Fn() -> bool) -> bool {
            let here = std::hint::black_box([0_u8; 256]);
            if top.abs_diff(here.as_ptr().addr()) >= bytes {
                return work();
            }
            from(top, bytes, work) && std::hint::black_box(here)[0] == 0
        }
        let top = 0_u8;
        from(std::ptr::from_ref(&top).addr(), bytes, work)
    }

    #[test]
    fn large_and_sparse_sequences_are_not_refused() {
        for value in [vec![None; 50_000], vec![Some([1; 100]); 10_000]] {
            let frame = serialize(&Large(value)).unwrap();
            assert_eq!(serialize(&deserialize::<Large>(&frame).unwrap()).unwrap(), frame);
        }
    }

    #[test]
    fn elements_without_bytes_are_limited_on_both_sides() {
        let fits = Units(vec![(); 65_536]);
        assert_eq!(deserialize::<Units>(&serialize(&fits).unwrap()).unwrap(), fits);
        serialize(&Units(vec![(); 70_000])).unwrap_err();
        for length in [70_000_u64, 1 << 40, u64::MAX] {
            let frame = [b"hy\n", &length.to_le_bytes()[..]].concat();
            deserialize::<Units>(&frame).unwrap_err();
        }
    }

    #[test]
    fn nesting_a_million_deep_is_an_error_on_both_sides() {
        let level = 1_u64.to_le_bytes();
        let frame = [b"hx\n", &level.repeat(1_000_000)[..], &[0; 8]].concat();
        let error = deserialize::<Tree>(&frame).unwrap_err();
        assert!(format!("{error:?}").contains("nested too deep"), "{error:?}");

        let mut tree = Tree { children: vec![] };
        let mut depth = 0;
        // Whatever depth is the last that can be written: it can be read.
        while let Ok(frame) = serialize(&tree) {
            deserialize::<Tree>(&frame).expect("what is written can be read");
            tree = Tree { children: vec![tree] };
            depth += 1;
            assert!(depth < 100_000);
        }
        eprintln!("DEPTH {depth}");
        assert!(depth > 20, "only {depth} levels");
    }
}

#[cfg(feature = "ndarray")]
mod arrays {
    use super::{mutate, peak_memory};
    use ndarray::{
        Array1, Array2, ArrayD, ArrayView1, ArrayView2, CowArray, Ix1, Ix2, IxDyn, arr0, array,
    };
    use ps_serialize::array::DynArray;
    use ps_serialize::{ErrorKind, deserialize, deserialize_any, registry, serialize, view};

    #[test]
    fn every_prefix_and_every_changed_byte_gives_a_value_or_an_error() {
        mutate(&array![[1.5_f64, -0.0], [f64::NAN, 2.0]]);
        mutate(&array![true, false, true]);
        mutate(&arr0(7_u8));
        mutate(&DynArray::new("<M8[ns]", [1, 2], vec![0; 16]).unwrap());
        mutate(
            &DynArray::new("[('x', '<f8'), (('t', 'n'), '|S2', (2,))]", [1], vec![0; 12]).unwrap(),
        );
    }

    #[test]
    fn every_prefix_and_every_changed_byte_gives_a_view_or_an_error() {
        let frame = serialize(&array![[1.5_f64, -0.0], [f64::NAN, 2.0]]).unwrap();
        let look = |frame: &[u8]| {
            if let Ok(array) = view::<ArrayView2<f64>>(frame) {
                assert_eq!(array.len(), array.iter().count());
            }
            if let Ok(array) = view::<CowArray<'_, f64, Ix2>>(frame) {
                assert_eq!(array.len(), array.iter().count());
            }
            if let Ok(array) = view::<DynArray>(frame) {
                let _ = array.to_array::<f64>();
                assert!(array.as_view::<i8>().is_err() || array.item_size() == 1);
            }
        };
        // In aligned memory, as it is mutated.
        let mut mutated = vec![0_u64; frame.len() / 8];
        let bytes: &mut [u8] = bytemuck::cast_slice_mut(&mut mutated);
        bytes.copy_from_slice(&frame);
        assert!(view::<ArrayView2<f64>>(bytes).is_ok());
        for i in 0..bytes.len() {
            look(&bytes[..i]);
            for byte in 0..=255 {
                bytes[i] = byte;
                look(bytes);
            }
            bytes[i] = frame[i];
        }
    }

    fn npy(descr: &str, shape: &str, data: &[u8]) -> Vec<u8> {
        let header = format!("{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}}}");
        let length = u32::try_from(header.len()).unwrap().to_le_bytes();
        [b"NP\n\x93NUMPY\x02\0", &length[..], header.as_bytes(), data].concat()
    }

    #[test]
    fn a_shape_that_lies_costs_nothing() {
        assert!(registry().check().is_ok());
        let deep = format!("{}'<f8'{}", "[('a', ".repeat(100_000), ")]".repeat(100_000));
        let long = format!("({})", "1, ".repeat(100_000));
        for (descr, shape) in [
            ("'<f8'", "(1152921504606846976,)"),
            ("'<f8'", "(2305843009213693953,)"),
            ("'<f8'", "(4294967296, 4294967296)"),
            ("'<f8'", "(18446744073709551615,)"),
            ("'<f8'", "(99999999999999999999999999,)"),
            ("'<f8'", "(3,)"),
            ("'<f8'", "()"),
            ("'|S18446744073709551615'", "(2,)"),
            ("'<U4611686018427387904'", "(1,)"),
            ("[('a', '<f8', (4294967296, 4294967296))]", "(1,)"),
            (
                "[('a', '|V9223372036854775807'), ('b', '|V9223372036854775807'), ('c', '|V18')]",
                "(1,)",
            ),
            (&deep, "(2,)"),
            ("'<f8'", &long),
        ] {
            let frame = npy(descr, shape, &[0; 16]);
            let peak = peak_memory(|| {
                deserialize::<Array1<f64>>(&frame).unwrap_err();
                deserialize::<ArrayD<f64>>(&frame).unwrap_err();
                deserialize::<DynArray>(&frame).unwrap_err();
                deserialize_any(&frame).unwrap_err();
            });
            assert!(peak <= 4096, "{peak} bytes were in use");
        }
    }

    #[test]
    fn arrays_without_bytes_cost_nothing() {
        for (descr, shape) in [
            ("'<f8'", "(0, 1152921504606846976, 1152921504606846976)"),
            ("'|S0'", "(1152921504606846976,)"),
            ("[]", "(1152921504606846976, 1152921504606846976)"),
        ] {
            let frame = npy(descr, shape, &[]);
            let peak = peak_memory(|| {
                let _ = deserialize::<Array2<f64>>(&frame);
                let _ = deserialize::<DynArray>(&frame);
                let _ = deserialize_any(&frame);
            });
            assert!(peak <= 4096, "{peak} bytes were in use");
        }
    }

    /// NumPy makes such arrays itself: `numpy.array([0, 255, 255, 0], "u1").view(bool)`.
    #[test]
    fn every_byte_but_zero_is_a_bool_that_is_true() {
        for (bytes, first) in [
            (&[0, 255, 255, 0][..], "element 1 is the byte 255"),
            (&[1, 0, 2], "element 2 is the byte 2"),
            (&[128; 70], "element 0 is the byte 128"),
            (&[0, 0, 0, 1, 3], "element 4 is the byte 3"),
        ] {
            let frame = npy("'|b1'", &format!("({},)", bytes.len()), bytes);
            let expected: Array1<bool> = bytes.iter().map(|byte| *byte != 0).collect();
            assert_eq!(deserialize::<Array1<bool>>(&frame).unwrap(), expected);
            assert_eq!(view::<CowArray<'_, bool, Ix1>>(&frame).unwrap(), expected);
            let expected = expected.into_dyn();
            let any = deserialize_any(&frame).unwrap();
            assert_eq!(any.downcast_ref::<ArrayD<bool>>(), Some(&expected));
            // Read as bytes, the array keeps its bytes.
            let dynamic: DynArray = view(&frame).unwrap();
            assert_eq!(dynamic.data(), bytes);
            assert_eq!(dynamic.to_array::<bool>().unwrap(), expected);

            for error in [
                view::<ArrayView1<'_, bool>>(&frame).unwrap_err(),
                dynamic.as_view::<bool>().unwrap_err(),
            ] {
                let error = format!("{error:?}");
                assert!(error.contains(first) && error.contains("`deserialize`"), "{error}");
            }
        }
        // One invalid byte among many, at each end of a large array.
        let mut frame = serialize(&Array1::from_elem(5 << 20, true)).unwrap().to_vec();
        let data = frame.len() - (5 << 20);
        for place in [data, data + 77, frame.len() - 1] {
            frame[place] = 2;
            assert!(deserialize::<Array1<bool>>(&frame).unwrap().iter().all(|element| *element));
        }
        frame[data + 1] = 0;
        let read: Array1<bool> = deserialize(&frame).unwrap();
        assert_eq!(read.iter().position(|element| !element), Some(1));
        assert_eq!(read.iter().filter(|element| **element).count(), (5 << 20) - 1);
    }

    #[test]
    fn a_file_that_is_cut_says_so_wherever_it_is() {
        for frame in [
            npy("'<f8'", "(2,)", &[1; 16]),
            npy("'|S3'", "()", b"abc"),
            npy("[('a', '<i4'), ('b', '|u1')]", "(2, 1)", &[0; 10]),
            [b"NP\n", &serialize(&array![[1_u8, 2]]).unwrap()[64..]].concat(),
        ] {
            assert!(deserialize::<DynArray>(&frame).is_ok());
            for end in b"NP\n".len()..frame.len() {
                for error in [
                    deserialize::<DynArray>(&frame[..end]).unwrap_err(),
                    deserialize::<ArrayD<f64>>(&frame[..end]).unwrap_err(),
                    view::<ArrayView1<'_, f64>>(&frame[..end]).unwrap_err(),
                    deserialize_any(&frame[..end]).unwrap_err(),
                ] {
                    let error = format!("{error:?}");
                    assert!(error.contains("the payload is cut"), "{end} bytes: {error}");
                }
            }
            let more = [&frame, &b"12"[..]].concat();
            let error = format!("{:?}", deserialize::<DynArray>(&more).unwrap_err());
            assert!(error.contains("2 bytes are left over"), "{error}");
        }
        for payload in [&b"\x93NUMPX"[..], b"\x93NUMPX\x01\0", b"NUMPY", b"1"] {
            let error = deserialize::<DynArray>(&[b"NP\n", payload].concat()).unwrap_err();
            assert!(format!("{error:?}").contains("no npy array"), "{error:?}");
        }
    }

    #[test]
    fn strings_without_bytes_are_limited() {
        let frame = npy("'|S0'", "(1152921504606846976,)", &[]);
        let array: DynArray = view(&frame).unwrap();
        let error = array.to_strings().unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::LimitExceeded { .. }), "{error:?}");
        let few = DynArray::new("<U0", [2, 3], vec![]).unwrap();
        assert_eq!(few.to_strings().unwrap(), ArrayD::from_elem(IxDyn(&[2, 3]), String::new()));
    }
}

#[cfg(feature = "polars")]
mod tables {
    use super::{peak_memory, read_all_ways};
    use bytes::Bytes;
    use polars_core::df;
    use polars_core::prelude::{
        Categories, DataFrame, DataType, FrozenCategories, IntoColumn, IntoSeries, NamedFrom,
        Series,
    };
    use ps_serialize::{Options, deserialize, deserialize_shared, registry, serialize};

    /// Columns of every layout: plain, of bits, of views, with offsets, nested, with a dictionary.
    fn table() -> DataFrame {
        let lists = Series::new(
            "l".into(),
            [Series::new("".into(), [1_i8, 2]), Series::new("".into(), [3_i8])],
        );
        let mut table = df! {
            "i" => [Some(1_i32), None],
            "b" => [true, false],
            "s" => ["short", "a string that is not short"],
            "c" => ["x", "y"],
        }
        .unwrap();
        let categories = DataType::from_categories(Categories::global());
        let column = table.column("c").unwrap().cast(&categories).unwrap();
        table.with_column(column).unwrap();
        table.with_column(lists.into_column()).unwrap();
        table
    }

    /// What would touch every value, were an offset or a view wrong.
    fn touch(table: &DataFrame) {
        assert!(table.equals_missing(&table.clone()) || table.height() > 0);
        for column in table.columns() {
            let _ = column.get(column.len().saturating_sub(1)).map(|value| value.to_string());
            let _ = column.cast(&DataType::String);
        }
    }

    #[test]
    fn every_prefix_and_every_changed_byte_gives_a_table_or_an_error() {
        assert!(registry().check().is_ok());
        let frame = serialize(&table()).unwrap();
        // Panics inside of polars are contained, and so are not worth a message here.
        std::panic::set_hook(Box::new(|panic| {
            if !panic.location().is_some_and(|place| place.file().contains("polars")) {
                eprintln!("{panic}");
            }
        }));
        let peak = peak_memory(|| {
            for end in 0..=frame.len() {
                read_all_ways::<DataFrame>(&frame[..end]);
            }
        });
        assert!(peak <= 64 << 10, "{peak} bytes were in use");
        let mut mutated = frame.to_vec();
        for i in 64..frame.len() {
            for byte in
                [0, 1, 2, 3, 4, 8, 16, 32, 64, 127, 128, 254, 255, frame[i] ^ 1, frame[i] ^ 4]
            {
                mutated[i] = byte;
                let peak = peak_memory(|| {
                    if let Ok(table) = deserialize::<DataFrame>(&mutated) {
                        touch(&table);
                    }
                });
                assert!(peak <= 9 << 20, "{peak} bytes for byte {i} as {byte}");
            }
            mutated[i] = frame[i];
        }
        let _ = std::panic::take_hook();
        let shared: DataFrame = deserialize_shared(&Bytes::from(mutated)).unwrap();
        assert!(shared.equals_missing(&table()));
    }

    fn golden(name: &str) -> Vec<u8> {
        std::fs::read(format!("{}/golden/{name}.frame", env!("CARGO_MANIFEST_DIR"))).unwrap()
    }

    /// polars takes such a panic for a mistake of its caller's; where panics abort, it ends the program.
    #[test]
    fn what_makes_polars_panic_is_refused_before() {
        for name in ["categories", "times", "nested", "texts", "numbers", "nulls"] {
            let mut frame = golden(&format!("0.1/table-{name}"));
            for i in 64..frame.len() {
                let byte = frame[i];
                for changed in [0, 3, 0xff, byte ^ 1, byte ^ 16] {
                    frame[i] = changed;
                    if let Err(error) = deserialize::<DataFrame>(&frame) {
                        let error = format!("{error:?}");
                        assert!(!error.contains("polars failed"), "{name}, byte {i}: {error}");
                    }
                }
                frame[i] = byte;
            }
        }
    }

    #[test]
    fn maps_and_dictionaries_that_lie_are_refused() {
        for name in ["table-map", "table-maps", "table-dictionaries"] {
            let mut frame = golden(&format!("proxystore-1.1/{name}"));
            let most = (64 << 20) + 256 * frame.len();
            for i in 3..frame.len() {
                let byte = frame[i];
                // Offsets, keys and lengths are small.
                for changed in [3, byte ^ 0x81] {
                    frame[i] = changed;
                    let peak = peak_memory(|| match deserialize::<DataFrame>(&frame) {
                        Ok(table) => drop(table.equals_missing(&table.clone())),
                        Err(error) => {
                            let error = format!("{error:?}");
                            assert!(!error.contains("polars failed"), "{name}, byte {i}: {error}");
                        }
                    });
                    assert!(peak <= most, "{peak} bytes for byte {i} of {name}");
                }
                frame[i] = byte;
            }
        }
    }

    #[test]
    fn a_dictionary_has_a_value_for_every_key() {
        let choices = FrozenCategories::new(["a", "b", "c"]).unwrap();
        let choices = DataType::from_frozen_categories(choices);
        let column = Series::new("choice".into(), ["c"; 1000]).cast(&choices).unwrap();
        let table = DataFrame::new(1000, vec![column.into_column()]).unwrap();
        let mut frame = serialize(&table).unwrap().to_vec();
        assert_eq!(deserialize::<DataFrame>(&frame).unwrap(), table);

        let keys = frame.windows(1000).position(|bytes| bytes == [2; 1000]).unwrap();
        for key in [3, 4, 255] {
            frame[keys + 500] = key;
            let error = format!("{:?}", deserialize::<DataFrame>(&frame).unwrap_err());
            let expected = format!("key {key} of a dictionary that has 3 values");
            assert!(error.contains(&expected), "{error}");
        }
    }

    #[test]
    fn a_few_texts_that_many_rows_refer_to_are_refused_on_both_sides() {
        let categories = DataType::from_categories(Categories::global());
        for (length, rows, fits) in [(1 << 10, 100_000, true), (1 << 20, 100_000, false)] {
            let column = Series::new("c".into(), ["x".repeat(length)]).cast(&categories).unwrap();
            let table = DataFrame::new(rows, vec![column.new_from_index(0, rows).into_column()]);
            let written = serialize(&table.unwrap());
            if fits {
                assert_eq!(deserialize::<DataFrame>(&written.unwrap()).unwrap().height(), rows);
            } else {
                let error = format!("{:?}", written.unwrap_err());
                assert!(error.contains("rows refer to too often"), "{error}");
            }
        }
    }

    #[test]
    fn long_names_in_many_batches_are_limited() {
        use polars_core::prelude::StructChunked;

        // Each batch has a copy of the name.
        let field = Series::new("name".repeat(75_000).into(), [1_i8]);
        let column = StructChunked::from_series("s".into(), 1, [field].iter()).unwrap();
        let batch = DataFrame::new(1, vec![column.into_series().into_column()]).unwrap();
        let batches = |count| {
            let mut table = batch.clone();
            for _ in 1..count {
                table.vstack_mut(&batch).unwrap();
            }
            serialize(&table).unwrap()
        };
        let frame = batches(20);
        let few: DataFrame = deserialize(&frame).unwrap();
        assert_eq!(few.shape(), (20, 1));
        assert_eq!(few.first_col_n_chunks(), 20);
        let options = Options::new().size_limit(frame.len());
        let error = options.deserialize::<DataFrame>(&frame).unwrap_err();
        assert!(format!("{error:?}").contains("memory for a table"), "{error:?}");
        // A table that would be refused in many batches is written as one.
        let many: DataFrame = deserialize(&batches(2000)).unwrap();
        assert_eq!(many.shape(), (2000, 1));
        assert_eq!(many.first_col_n_chunks(), 1);
    }

    /// A file without columns whose footer has this many pairs of metadata: each of its keys has `length`
    /// bytes, but begins only four bytes after the one before.
    fn file_with_metadata(pairs: u32, length: u32) -> Vec<u8> {
        let words = |words: &[u32]| -> Vec<u8> {
            words.iter().flat_map(|word| word.to_le_bytes()).collect()
        };
        // Where the fields of a table are in it.
        let places = |places: &[u16]| -> Vec<u8> {
            places.iter().flat_map(|place| place.to_le_bytes()).collect()
        };
        let mut footer = [
            words(&[20]),
            // The footer: its version, its schema, no batches, and the pairs.
            places(&[14, 20, 4, 8, 0, 12, 16, 0]),
            words(&[16, 4, 20, 24, 24]),
            // The schema, without fields.
            places(&[8, 8, 0, 4]),
            words(&[8, 4, 0]),
            words(&[pairs]),
        ]
        .concat();
        let places_of_pairs = 64 + 4 * pairs;
        let pair_at = |pair: u32| places_of_pairs + 8 + 12 * pair;
        footer.extend((0..pairs).flat_map(|pair| words(&[pair_at(pair) - (64 + 4 * pair)])));
        footer.extend(places(&[8, 12, 4, 8]));
        for pair in 0..pairs {
            let (here, string) = (pair_at(pair), pair_at(pairs) + 4 * pair);
            footer.extend(words(&[here - places_of_pairs, string - here - 4, string - here - 8]));
        }
        // A length, and the bytes of a string that are lengths too.
        footer.extend(words(&[length]).repeat((pairs + length / 4 + 1) as usize));
        let length = u32::try_from(footer.len()).unwrap();
        [b"PL\nARROW1\0\0", &footer[..], &length.to_le_bytes(), b"ARROW1"].concat()
    }

    #[test]
    fn metadata_that_overlaps_is_refused() {
        let table: DataFrame = deserialize(&file_with_metadata(1, 0x7f00)).unwrap();
        assert_eq!(table.shape(), (0, 0));
        let file = file_with_metadata(4000, 0x7f00);
        assert!(file.len() < 128 << 10);
        let error = format!("{:?}", deserialize::<DataFrame>(&file).unwrap_err());
        assert!(error.contains("metadata that overlap"), "{error}");
    }
}

#[cfg(all(feature = "lz4", feature = "zstd"))]
mod compressed {
    use bytes::Bytes;
    use ps_serialize::{Compression, ErrorKind, Options, decompress};

    use super::*;

    const ALL: [Compression; 2] = [Compression::Lz4, Compression::Zstd(3)];

    #[test]
    fn every_prefix_and_every_changed_byte_gives_a_frame_or_an_error() {
        let text = "once, twice, and again and again; ".repeat(8);
        for compression in ALL {
            let frame = compression.serialize(&text).unwrap();
            assert!(decompress(&frame).unwrap() != frame, "it is compressed");
            for end in 0..frame.len() {
                let _ = deserialize::<String>(&frame[..end]);
                let _ = deserialize_any(&frame[..end]);
            }
            let mut changed = frame.to_vec();
            for place in 0..frame.len() {
                for byte in 0..=255 {
                    changed[place] = byte;
                    let _ = deserialize::<String>(&changed);
                    let _ = decompress(&Bytes::from(changed.clone()));
                }
                changed[place] = frame[place];
            }
        }
    }

    /// A Zstandard frame of spaces: blocks that say how often one byte is repeated.
    fn spaces_in_zstd(size: u64, says: u64) -> Vec<u8> {
        const LARGEST: u64 = 128 << 10;
        let mut frame = b"ZS\n\0\x28\xb5\x2f\xfd".to_vec();
        // A size in eight bytes, and a window of 128 KiB.
        frame.extend([0b1100_0000, 7 << 3]);
        frame.extend(says.to_le_bytes());
        let mut left = size;
        loop {
            let block = left.min(LARGEST);
            left -= block;
            let header = block << 3 | 1 << 1 | u64::from(left == 0);
            frame.extend(&header.to_le_bytes()[..3]);
            frame.push(b' ');
            if left == 0 {
                return frame;
            }
        }
    }

    fn limit_and_found(frame: &[u8]) -> (u64, u64) {
        let mut error = None;
        // What comes before the frame is opened, and one block of it.
        let peak = peak_memory(|| error = deserialize_any(frame).err());
        assert!(peak < 1 << 20, "{peak} bytes were in use");
        match error.expect("it is refused").kind() {
            ErrorKind::LimitExceeded { limit, found, .. } => (*limit, *found),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_bomb_is_refused_before_memory_is_taken() {
        // A small one is opened, so this is what frames look like.
        let error =
            format!("{:?}", deserialize_any(&spaces_in_zstd(1 << 20, 1 << 20)).unwrap_err());
        assert!(error.contains("its first 64 bytes have no newline"), "{error}");

        // 4 KiB that say 64 GiB, and 4 KiB that are 128 MiB.
        let mut lies = spaces_in_zstd(1000 << 17, 64 << 30);
        let limit = (64 << 20) + 256 * (lies.len() as u64 - 3);
        assert_eq!(limit_and_found(&lies), (limit, 64 << 30));
        let honest = spaces_in_zstd(1000 << 17, 1000 << 17);
        assert_eq!(limit_and_found(&honest), (limit, 1000 << 17));
        lies = b"LZ\n\0\x04\x22\x4d\x18\x68\x70".to_vec();
        lies.extend((64_u64 << 30).to_le_bytes());
        lies.resize(4096, 0);
        assert_eq!(limit_and_found(&lies).1, 64 << 30);

        // A caller's limit counts for what comes out, in place of the other.
        let frame = spaces_in_zstd(100 << 20, 100 << 20);
        let options = Options::new().size_limit(1 << 20);
        let error = options.deserialize_any(&frame).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::LimitExceeded { limit: 0x10_0000, .. }));
        let options = Options::new().size_limit(200 << 20);
        let error = format!("{:?}", options.deserialize_any(&frame).unwrap_err());
        assert!(error.contains("its first 64 bytes have no newline"), "{error}");
    }

    #[test]
    fn a_size_that_lies_either_way_is_an_error() {
        for (size, says) in [(1000, 999), (1000, 1001), (1 << 20, 1 << 21), (1 << 21, 1 << 20)] {
            let error = deserialize_any(&spaces_in_zstd(size, says)).unwrap_err();
            assert!(matches!(error.kind(), ErrorKind::Deserialize { .. }), "{error:?}");
        }
        let frame = Compression::Lz4.serialize(&"again and ".repeat(100)).unwrap();
        for says in [0, 1, 1002, 1004, 1 << 20, 1 << 24] {
            let mut lies = frame.to_vec();
            lies[10..18].copy_from_slice(&u64::to_le_bytes(says));
            // The checksum of the descriptor, as any liar would make it.
            for checksum in 0..=255 {
                lies[18] = checksum;
                assert!(deserialize_any(&lies).is_err(), "{says}");
            }
        }
    }

    #[test]
    fn a_content_without_a_size_is_an_error() {
        let inner = serialize(&"again and ".repeat(100)).unwrap();
        let mut frame = b"ZS\n\0".to_vec();
        let mut encoder = zstd::stream::write::Encoder::new(&mut frame, 1).unwrap();
        std::io::Write::write_all(&mut encoder, &inner).unwrap();
        encoder.finish().unwrap();
        let error = format!("{:?}", deserialize_any(&frame).unwrap_err());
        assert!(error.contains("does not say how large"), "{error}");
    }

    #[test]
    fn frames_in_frames_are_refused_at_the_second() {
        let mut frame = serialize(&"again and ".repeat(1000)).unwrap().to_vec();
        for depth in 0..1000 {
            let compressed = zstd::bulk::compress(&frame, 1).unwrap();
            frame = [&b"ZS\n\0"[..], &compressed].concat();
            let read = deserialize_any(&frame);
            assert_eq!(read.is_ok(), depth == 0, "{depth}");
            if let Err(error) = read {
                let error = format!("{error:?}");
                assert!(error.contains("a compressed frame in a compressed frame"), "{error}");
            }
        }
    }

    #[test]
    fn what_is_left_over_is_an_error() {
        for compression in ALL {
            let mut frame = compression.serialize(&"again and ".repeat(100)).unwrap().to_vec();
            frame.extend(b"more");
            assert!(deserialize_any(&frame).is_err());
        }
        for payload in
            [&b""[..], b"\0", b"\x08", b"\0\0", b"\0\x04\x22\x4d\x18", b"\0\x28\xb5\x2f\xfd"]
        {
            for id in [&b"LZ\n"[..], b"ZS\n"] {
                assert!(deserialize_any(&[id, payload].concat()).is_err());
            }
        }
    }
}

#[cfg(feature = "safetensors")]
mod tensors {
    use ps_serialize::tensors::{Dtype, Tensor, Tensors};

    use super::*;

    fn frame(length: u64, header: &str, data: usize) -> Vec<u8> {
        [b"ST\n", &length.to_le_bytes()[..], header.as_bytes(), &vec![1; data]].concat()
    }

    fn refused(frame: &[u8]) -> String {
        let mut error = None;
        let peak = peak_memory(|| error = deserialize_any(frame).err());
        assert!(peak < 64 << 10, "{peak} bytes were in use");
        assert!(view::<Tensors>(frame).is_err());
        format!("{:?}", error.expect("it is refused"))
    }

    #[test]
    fn every_prefix_and_every_changed_byte_gives_tensors_or_an_error() {
        let mut tensors = Tensors::new();
        tensors.insert("a", Tensor::new(Dtype::F32, [2, 1], vec![1; 8]).unwrap());
        tensors.insert("b", Tensor::new(Dtype::F4, [2, 2], vec![1; 2]).unwrap());
        tensors.metadata_mut().insert("k".to_owned(), "v".to_owned());
        let frame = serialize(&tensors).unwrap();
        for end in 0..frame.len() {
            assert!(deserialize::<Tensors>(&frame[..end]).is_err(), "{end} bytes");
            assert!(view::<Tensors>(&frame[..end]).is_err(), "{end} bytes");
        }
        let mut changed = frame.to_vec();
        for place in 0..frame.len() {
            for byte in 0..=255 {
                changed[place] = byte;
                if let Ok(tensors) = deserialize::<Tensors>(&changed) {
                    assert_eq!(
                        deserialize::<Tensors>(&serialize(&tensors).unwrap()).unwrap(),
                        tensors
                    );
                }
                let _ = view::<Tensors>(&changed);
            }
            changed[place] = frame[place];
        }
    }

    #[test]
    fn a_header_that_lies_costs_nothing() {
        for length in [2 << 30, 1 << 27, 99_999_999, 1 << 60, u64::MAX, 3, 0] {
            refused(&frame(length, "{}", 0));
        }
        let one = |info: &str| {
            let header = format!("{{\"a\":{info}}}");
            frame(header.len() as u64, &header, 4)
        };
        assert!(
            deserialize_any(&one(r#"{"dtype":"F32","shape":[1],"data_offsets":[0,4]}"#)).is_ok()
        );
        for lie in [
            r#"{"dtype":"F32","shape":[2],"data_offsets":[0,4]}"#,
            r#"{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,4]}"#,
            r#"{"dtype":"F32","shape":[18446744073709551615],"data_offsets":[0,4]}"#,
            r#"{"dtype":"F32","shape":[1],"data_offsets":[0,1099511627776]}"#,
            r#"{"dtype":"F32","shape":[1],"data_offsets":[4,8]}"#,
            r#"{"dtype":"F32","shape":[1],"data_offsets":[4,0]}"#,
            r#"{"dtype":"F32","shape":[0],"data_offsets":[0,0]}"#,
            r#"{"dtype":"F4","shape":[1],"data_offsets":[0,4]}"#,
            r#"{"dtype":"F128","shape":[1],"data_offsets":[0,4]}"#,
            r#"{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}"#,
            r#"{"dtype":"F32","shape":[1]}"#,
            "[[[[",
            "7",
        ] {
            refused(&one(lie));
        }
        refused(&one(&"[".repeat(10_000)));
    }

    #[test]
    fn a_key_that_is_there_twice_is_named() {
        let info = |place: &str| format!(r#"{{"dtype":"U8","shape":[2],"data_offsets":{place}}}"#);
        let empty = r#"{"dtype":"U8","shape":[0],"data_offsets":[0,0]}"#;
        for (header, data, part) in [
            (
                format!(r#"{{"a":{},"a":{}}}"#, info("[0,2]"), info("[2,4]")),
                4,
                "two tensors of the header have the name `a`",
            ),
            (format!(r#"{{"a":{},"a":{}}}"#, info("[2,4]"), info("[0,2]")), 4, "have the name `a`"),
            (
                format!(r#"{{"a":{},"b":{},"a":{}}}"#, info("[0,2]"), info("[2,4]"), info("[0,2]")),
                4,
                "have the name `a`",
            ),
            // Readers that take the last one see nothing wrong.
            (format!(r#"{{"a":{},"a":{}}}"#, info("[0,2]"), info("[0,2]")), 2, "have the name `a`"),
            (format!(r#"{{"a":{empty},"a":{empty}}}"#), 0, "have the name `a`"),
            (format!(r#"{{"":{empty},"b":{empty},"":{empty}}}"#), 0, "have the name ``"),
            // The spelling of a key makes no difference.
            (format!(r#"{{"a":{empty},"\u0061":{empty}}}"#), 0, "have the name `a`"),
            (
                r#"{"__metadata__":{"k":"1","k":"2"}}"#.to_owned(),
                0,
                "two texts of the header (`__metadata__`) have the key `k`",
            ),
            (r#"{"__metadata__":{"k":"1","l":"2","k":"1"}}"#.to_owned(), 0, "have the key `k`"),
            (
                format!(r#"{{"a":{empty},"__metadata__":{{"k":"","\u006b":""}}}}"#),
                0,
                "have the key `k`",
            ),
            (
                r#"{"__metadata__":{"k":"1"},"__metadata__":{"l":"2"}}"#.to_owned(),
                0,
                "the header has `__metadata__` twice",
            ),
            (
                format!(r#"{{"__metadata__":{{}},"a":{empty},"__metadata__":null}}"#),
                0,
                "the header has `__metadata__` twice",
            ),
            (
                r#"{"a":{"dtype":"U8","dtype":"I8","shape":[0],"data_offsets":[0,0]}}"#.to_owned(),
                0,
                "duplicate field `dtype`",
            ),
        ] {
            let message = refused(&frame(header.len() as u64, &header, data));
            assert!(message.contains(part), "{header}: {message}");
            assert!(!message.contains("offset"), "{header}: {message}");
        }
        // A tensor and a text may have the same key.
        let header = format!(r#"{{"k":{empty},"__metadata__":{{"k":"1","l":"2"}}}}"#);
        let read: Tensors = deserialize(&frame(header.len() as u64, &header, 0)).unwrap();
        assert_eq!((read.len(), read.metadata().len(), &*read.metadata()["k"]), (1, 2, "1"));
        let none = r#"{"__metadata__":null}"#;
        assert!(deserialize::<Tensors>(&frame(none.len() as u64, none, 0)).unwrap().is_empty());
    }

    #[test]
    fn tensors_that_overlap_or_leave_holes_are_refused() {
        let two = |first: &str, second: &str| {
            let info =
                |place: &str| format!(r#"{{"dtype":"U8","shape":[2],"data_offsets":{place}}}"#);
            let header = format!(r#"{{"a":{},"b":{}}}"#, info(first), info(second));
            frame(header.len() as u64, &header, 4)
        };
        assert!(deserialize_any(&two("[0,2]", "[2,4]")).is_ok());
        assert!(deserialize_any(&two("[2,4]", "[0,2]")).is_ok());
        for (first, second) in
            [("[0,2]", "[1,3]"), ("[0,2]", "[0,2]"), ("[0,2]", "[3,5]"), ("[1,3]", "[2,4]")]
        {
            let error = refused(&two(first, second));
            assert!(error.contains("offset") || error.contains("metadata"), "{error}");
        }
    }
}

#[cfg(all(feature = "ndarray", feature = "pickle"))]
mod pickled {
    use std::time::{Duration, Instant};

    use ps_serialize::pickle::{Pickle, Scalar, Value};
    use ps_serialize::{Options, serialize_with};

    use super::*;

    fn frame(pieces: &[&[u8]]) -> Vec<u8> {
        [b"PK\n", &pieces.concat()[..]].concat()
    }

    /// The message, which has come soon and from little memory.
    fn refused(frame: &[u8]) -> String {
        let start = Instant::now();
        let mut message = String::new();
        let peak = peak_memory(|| {
            let error = deserialize::<Value>(frame).expect_err("it is refused");
            message = format!("{error:?}");
            assert!(deserialize_any(frame).is_err());
            assert!(deserialize_with::<Pickle<serde_json::Value>>(frame).is_err());
        });
        // The limit is on what the values take; lists that grow have room for as many again.
        let limit = frame.len() * 256 + (64 << 20);
        assert!(peak < 2 * limit, "{peak} bytes were in use");
        assert!(start.elapsed() < Duration::from_secs(60), "it took {:?}", start.elapsed());
        message
    }

    fn everything() -> Value {
        use ps_serialize::array::DynArray;

        let text = Value::Str("text".to_owned());
        let scalar = |descr: &'static str| {
            let size = DynArray::new(descr, [0], vec![]).unwrap().item_size();
            Value::Scalar(Scalar::new(DynArray::new(descr, [], vec![1; size]).unwrap()).unwrap())
        };
        Value::Dict(vec![
            (
                text.clone(),
                Value::List(vec![Value::Int(1), Value::Int(-70_000), Value::Float(0.5)]),
            ),
            (Value::None, Value::Tuple(vec![Value::Bool(true), Value::Complex(1.0, 2.0)])),
            (Value::Int(2), Value::BigInt(1_u128.into())),
            (Value::Int(3), Value::Set(vec![text, Value::Bytes(vec![1, 2])])),
            (Value::Int(4), Value::FrozenSet(vec![Value::Tuple(vec![Value::Int(3)])])),
            (Value::Int(5), Value::Array(DynArray::new("<i2", [1, 2], vec![0; 4]).unwrap())),
            (Value::Int(6), Value::Array(DynArray::new("<M8[ns]", [], vec![0; 8]).unwrap())),
            (Value::Int(7), Value::ByteArray(vec![3])),
            (Value::Int(8), Value::List(vec![scalar("<i2"), scalar("<U2"), scalar("<i2")])),
            (Value::Int(9), Value::List(vec![scalar("|b1"), scalar("<c8"), scalar("<m8[25s]")])),
        ])
    }

    #[test]
    fn every_prefix_and_every_changed_byte_gives_a_value_or_an_error() {
        let Value::Dict(entries) = everything() else { unreachable!() };
        for (_, value) in &entries {
            mutate(value);
        }
        // What other writers use: each of the old opcodes.
        let old = b"(dp0\nS'a\\x01'\np1\n(lp2\nI01\naI-5\naL7L\naF1.5\naVb\\u00e9\np3\nas(t.";
        let frame = frame(&[old]);
        let mut changed = frame.clone();
        for place in 0..frame.len() {
            let _ = deserialize::<Value>(&frame[..place]);
            for byte in 0..=255 {
                changed[place] = byte;
                let _ = deserialize::<Value>(&changed);
                let _ = deserialize_with::<Pickle<serde_json::Value>>(&changed);
            }
            changed[place] = frame[place];
        }
    }

    #[test]
    fn code_is_refused_by_name() {
        for (payload, name) in [
            (&b"cos\nsystem\n(S'true'\ntR."[..], "`os.system`"),
            (b"\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c\x04true\x85R.", "`posix.system`"),
            (b"(S'true'\nios\nsystem\n.", "`os.system`"),
            (b"(cos\nsystem\nS'true'\no.", "`os.system`"),
            (b"cbuiltins\neval\n(S'1'\ntR.", "`builtins.eval`"),
            (b"cnumpy.core.multiarray\nfromfile\n(S'x'\ntR.", "`numpy.core.multiarray.fromfile`"),
            (b"ctorch\nload\n(S'x'\ntR.", "`torch.load`"),
            (b"\x82\x01.", "extension registry"),
            (b"Pid\n.", "persistent id"),
            (b"\x80\x05\x97.", "buffers outside of it"),
        ] {
            let message = refused(&frame(&[payload]));
            assert!(message.contains(name), "{message}");
        }
    }

    #[test]
    fn a_billion_laughs_are_refused() {
        // Ten lists of ten of the one before, thirty times: 10^30 texts.
        let mut laughs = b"\x80\x04\x8c\x03lol\x940".to_vec();
        for level in 0..30_u8 {
            laughs.extend_from_slice(b"](");
            for _ in 0..10 {
                laughs.extend_from_slice(&[b'h', level]);
            }
            laughs.extend_from_slice(b"e\x940");
        }
        laughs.extend_from_slice(b"h\x1e.");
        let frame = frame(&[&laughs]);
        let message = refused(&frame);
        assert!(message.contains("which is the limit"), "{message}");
        let small = Options::new().size_limit(1 << 16);
        assert!(small.deserialize::<Value>(&frame).is_err());

        // Ten thousand sets of one list of ten thousand.
        let list = [b"](", &b"N".repeat(10_000)[..], b"e\x940"].concat();
        let sets = b"c__builtin__\nset\nh\0\x85R0".repeat(10_000);
        let message = refused(&[b"PK\n", &list[..], &sets, b"N."].concat());
        assert!(message.contains("more copies of what it contains"), "{message}");

        // Ten thousand times a long integer.
        let integer = [b"PK\n\x8b\0\0\x01\0", &b"\x01".repeat(1 << 16)[..]].concat();
        deserialize::<Value>(&[&integer[..], b"."].concat()).unwrap();
        let integers = [&integer[..], b"\x940](", &b"h\0".repeat(10_000), b"e."].concat();
        let message = format!("{:?}", deserialize::<Value>(&integers).unwrap_err());
        assert!(message.contains("which is the limit"), "{message}");
    }

    #[test]
    fn what_is_no_name_of_an_element_type_is_refused() {
        let dtype = |name: &[u8]| {
            let length = u32::try_from(name.len()).unwrap().to_le_bytes();
            let scalar = b"cnumpy.core.multiarray\nscalar\ncnumpy\ndtype\nX";
            [scalar, &length[..], name, b"\x85RC\x08\0\0\0\0\0\0\0\0\x86R"].concat()
        };
        let zeros = dtype(&[b"<f", &b"0".repeat(1 << 16)[..], b"8"].concat());
        let unit = dtype(&[b"<M8[", &b"s".repeat(1 << 16)[..], b"]"].concat());
        for no_name in [zeros, unit, dtype(b"[('x', '<f8')]")] {
            let message = refused(&frame(&[&no_name, b"."]));
            assert!(message.contains("not a NumPy array"), "{message}");
        }
        assert!(deserialize::<Value>(&frame(&[&dtype(b"<M8[25us]"), b"."])).is_ok());

        // A unit that NumPy does not have, and a unit that makes the name of the type too long.
        let with_unit = |unit: &[u8]| {
            let scalar = b"cnumpy.core.multiarray\nscalar\ncnumpy\ndtype\nX\x02\0\0\0M8\x85R";
            let state = b"(K\x04X\x01\0\0\0<NNNK\0K\0K\0}(C";
            let length = u8::try_from(unit.len()).unwrap();
            let end = b"K\x01K\x01K\x01t\x86tbC\x08\0\0\0\0\0\0\0\0\x86R.";
            frame(&[scalar, state, &[length], unit, end])
        };
        let read: Value = deserialize(&with_unit(b"as")).unwrap();
        assert_eq!(deserialize::<Value>(&serialize(&read).unwrap()).unwrap(), read);
        assert!(refused(&with_unit(&b"s".repeat(59))).contains("the unknown type"));
        assert!(refused(&with_unit(&b"s".repeat(60))).contains("not a NumPy array"));
    }

    #[test]
    fn a_byte_in_many_dimensions_is_refused_where_each_is_a_list() {
        let bytes = b"\x01".repeat(1 << 16);
        let shape = [b"(J\0\0\x01\0", &b"K\x01".repeat(63)[..], b"t"].concat();
        let start = b"cnumpy.core.numeric\n_frombuffer\n(B\0\0\x01\0";
        let dtype = b"cnumpy\ndtype\nX\x02\0\0\0u1\x85R";
        let frame = frame(&[start, &bytes, dtype, &shape, b"X\x01\0\0\0CtR."]);
        assert!(matches!(deserialize::<Value>(&frame), Ok(Value::Array(_))));
        let error = deserialize_with::<Pickle<serde_json::Value>>(&frame).unwrap_err();
        assert!(format!("{error:?}").contains("which is the limit"), "{error:?}");
    }

    /// A NumPy `dtype` with fields, each with its offset. It stays on the stack.
    fn structured(fields: &[(&str, &[u8], u8)], size: u32) -> Vec<u8> {
        let text = |text: &str| {
            let length = u8::try_from(text.len()).unwrap();
            [&[0x8c, length], text.as_bytes()].concat()
        };
        let mut dtype = b"cnumpy\ndtype\n\x8c\x01V\x85R(K\x03\x8c\x01|N(".to_vec();
        fields.iter().for_each(|(name, ..)| dtype.extend(text(name)));
        dtype.extend_from_slice(b"t}(");
        for (name, inner, offset) in fields {
            dtype.extend([&text(name), *inner, &[b'K', *offset, 0x86]].concat());
        }
        dtype.extend([&b"uJ"[..], &size.to_le_bytes(), b"K\x01K\x10tb"].concat());
        dtype
    }

    /// A scalar of a type, whose bytes are zeros.
    fn scalar_of(dtype: &[u8], size: u8) -> Vec<u8> {
        let start = b"cnumpy.core.multiarray\nscalar\n";
        frame(&[start, dtype, &[b'C', size], &vec![0; size.into()], b"\x86R."])
    }

    #[test]
    fn structured_types_that_lie_are_refused() {
        let number = &b"cnumpy\ndtype\n\x8c\x02i4\x85R"[..];
        let good = structured(&[("a", number, 0), ("b", number, 5)], 12);
        let value: Value = deserialize(&scalar_of(&good, 12)).unwrap();
        let Value::Scalar(scalar) = &value else { panic!("{value:?}") };
        assert_eq!(
            scalar.as_array().descr(),
            "[('a', 'i4'), ('', '|V1'), ('b', 'i4'), ('', '|V3')]"
        );
        assert_eq!(deserialize::<Value>(&serialize(&value).unwrap()).unwrap(), value);
        for (dtype, size, part) in [
            (structured(&[("a", number, 0), ("b", number, 3)], 12), 12, "overlap"),
            (structured(&[("a", number, 4), ("b", number, 0)], 12), 12, "overlap"),
            (structured(&[("a", number, 0)], 3), 3, "overlap"),
            (structured(&[("a", number, 0)], u32::MAX), 8, "not a NumPy array"),
            (structured(&[("a", number, 0)], 1 << 30), 8, "bytes of data, not 8"),
            (structured(&[("a", number, 0)], 8), 7, "bytes of data, not 7"),
            (structured(&[("a", b"K\x01", 0)], 8), 8, "not a NumPy array"),
            (structured(&[("a", b"cnumpy\ndtype\n\x8c\x02O8\x85R", 0)], 8), 8, "Python objects"),
        ] {
            let message = refused(&scalar_of(&dtype, size));
            assert!(message.contains(part), "{message}");
        }
        // Fields of fields, 200 levels deep; and 60 levels of two fields that are one type.
        let deep = (0..200).fold(number.to_vec(), |inner, _| structured(&[("a", &inner, 0)], 4));
        refused(&scalar_of(&deep, 4));
        let mut laughs = [number, b"\x94"].concat();
        for level in 0..60_u8 {
            let again = [b'h', level];
            laughs.extend(structured(&[("a", &again, 0), ("b", &again, 0)], 0));
            laughs.push(0x94);
        }
        let types = [&laughs[..], b"."].concat();
        assert!(deserialize::<Value>(&frame(&[&types])).is_err());
        let wide = structured(&[("a", number, 0)], 4);
        let names: Vec<_> = (0..250).map(|i| format!("{i:0200}")).collect();
        let many: Vec<_> = names.iter().map(|name| (name.as_str(), &b"h\0"[..], 0)).collect();
        let many = [&b"cnumpy\ndtype\n\x8c\x02V0\x85R\x940"[..], &structured(&many, 0)].concat();
        assert!(deserialize::<Value>(&scalar_of(&wide, 4)).is_ok());
        let nested = structured(&[("a", &many, 0), ("b", &many, 0)], 0);
        let message = refused(&scalar_of(&nested, 0));
        assert!(message.contains("longer than 65536 bytes"), "{message}");
    }

    #[test]
    fn many_scalars_of_a_long_type_are_within_the_limit() {
        let scalar = b"h\0h\x01C\0\x86R";
        let names: Vec<_> = (0..200).map(|i| format!("{i:0200}")).collect();
        let number = b"cnumpy\ndtype\n\x8c\x02V0\x85R";
        let fields: Vec<_> = names.iter().map(|name| (name.as_str(), &number[..], 0)).collect();
        let start = b"cnumpy.core.multiarray\nscalar\n\x940";
        let list = [&b"]("[..], &scalar.repeat(100_000), b"e."].concat();
        let message = refused(&frame(&[start, &structured(&fields, 0), b"\x940", &list]));
        assert!(message.contains("which is the limit"), "{message}");
    }

    #[test]
    fn nesting_a_million_deep_is_an_error() {
        let million = 1_000_000;
        for payload in [
            [&b"]".repeat(million)[..], &b"a".repeat(million - 1), b"."].concat(),
            [&b")"[..], &b"\x85".repeat(million), b"."].concat(),
            [&b"(".repeat(million)[..], &b"t".repeat(million), b"."].concat(),
        ] {
            let message = refused(&frame(&[&payload]));
            assert!(message.contains("nested too deep, in levels: the limit is 128"), "{message}");
        }
        let deep = (0..200).fold(Value::None, |inner, _| Value::Tuple(vec![inner]));
        assert!(serialize(&deep).is_err());
        let deep = (0..120).fold(Value::None, |inner, _| Value::List(vec![inner]));
        assert_eq!(deserialize::<Value>(&serialize(&deep).unwrap()).unwrap(), deep);
    }

    #[test]
    fn what_contains_itself_is_refused() {
        for payload in [&b"]\x94h\0a."[..], b"}\x94Nh\0s.", b"]\x94(h\0h\0e\x85."] {
            let message = refused(&frame(&[payload]));
            assert!(message.contains("contains itself"), "{message}");
        }
    }

    #[test]
    fn types_without_end_do_not_overflow_the_stack() {
        #[derive(serde::Serialize, serde::Deserialize, Debug)]
        struct Endless(Option<Box<Endless>>);
        let message = deserialize_with::<Pickle<Endless>>(b"PK\nK\x05.").unwrap_err();
        assert!(
            format!("{message:#}").contains("nested too deep, in levels: the limit is 128"),
            "{message:?}"
        );
        let deep = (0..200).fold(Endless(None), |inner, _| Endless(Some(Box::new(inner))));
        assert!(serialize_with::<Pickle<Endless>>(&deep).is_err());
    }

    #[test]
    fn numbers_are_no_names() {
        #[derive(serde::Serialize, serde::Deserialize, Debug, PartialEq)]
        struct One {
            field: u8,
        }
        #[derive(serde::Serialize, serde::Deserialize, Debug, PartialEq)]
        enum Either {
            This,
            That,
        }
        let one = deserialize_with::<Pickle<One>>(b"PK\n}X\x05\0\0\0fieldK\x07s.").unwrap();
        assert_eq!(one, One { field: 7 });
        assert!(deserialize_with::<Pickle<One>>(b"PK\n}K\0K\x07s.").is_err());
        let either = deserialize_with::<Pickle<Either>>(b"PK\nX\x04\0\0\0That.").unwrap();
        assert_eq!(either, Either::That);
        assert!(deserialize_with::<Pickle<Either>>(b"PK\nK\x01.").is_err());
    }

    #[test]
    fn a_tuple_of_another_length_than_it_says_is_an_error() {
        #[derive(serde::Deserialize)]
        struct Liar;
        impl serde::Serialize for Liar {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use serde::ser::SerializeTuple;
                let mut tuple = serializer.serialize_tuple(2)?;
                tuple.serialize_element(&1)?;
                tuple.end()
            }
        }
        let message = format!("{:?}", serialize_with::<Pickle<Liar>>(&Liar).unwrap_err());
        assert!(message.contains("to have 2 elements and has 1"), "{message}");
    }

    #[test]
    fn lengths_that_lie_cost_nothing() {
        for payload in [
            &b"\x8e\xff\xff\xff\xff\xff\xff\xff\xffx."[..],
            b"\x96\xff\xff\xff\xff\xff\xff\xff\x7fx.",
            b"X\xff\xff\xff\xffx.",
            b"\x8b\xff\xff\xff\x7fx.",
            b"\x95\xff\xff\xff\xff\xff\xff\xff\xffN.",
            b"Nr\xff\xff\xff\xff.",
            b"j\xff\xff\xff\xff.",
            b"Np99999999999999999999\n.",
        ] {
            let peak = peak_memory(|| drop(deserialize::<Value>(&frame(&[payload])).unwrap_err()));
            assert!(peak < 64 << 10, "{peak} bytes were in use");
        }
        for payload in [&b"Np-1\n."[..], b"Ix\n.", b"F1.5.2\n.", b"g+-1\n."] {
            let message = refused(&frame(&[payload]));
            assert!(message.contains("is no number that can be there"), "{message}");
        }
        let digits = [b"L", &b"9".repeat(1 << 20)[..], b"L\n."].concat();
        assert!(refused(&frame(&[&digits])).contains("4300 are allowed"));
    }

    #[test]
    fn arrays_that_lie_are_refused() {
        let array = |shape: &[u8]| {
            let reconstruct =
                b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\nK\0\x85C\x01btR";
            let dtype = b"cnumpy\ndtype\n(X\x03\0\0\0<f8\x89\x88tR\x89C\x08\0\0\0\0\0\0\0\0tb.";
            frame(&[reconstruct, b"(K\x01", shape, dtype])
        };
        assert!(deserialize::<Value>(&array(b"K\x01\x85")).is_ok());
        for shape in [
            &b"K\x02\x85"[..],
            b"J\xff\xff\xff\xff\x85",
            b"\x8a\x08\0\0\0\0\0\0\0\x7fK\x08\x86",
            b"N",
        ] {
            refused(&array(shape));
        }
        refused(&array(&[b"(", &b"K\x01".repeat(1000)[..], b"t"].concat()));
        // A billion rows of nothing.
        let rows = b"J\0\xca\x9a;K\0\x86";
        let empty = frame(&[
            b"cnumpy.core.numeric\n_frombuffer\n(C\0cnumpy\ndtype\nX\x03\0\0\0<f8\x85R",
            rows,
            b"X\x01\0\0\0CtR.",
        ]);
        assert!(deserialize::<Value>(&empty).is_ok());
        assert!(deserialize_with::<Pickle<Vec<Vec<f64>>>>(&empty).is_err());
    }
}

#[cfg(feature = "torch")]
mod torch {
    use ps_serialize::torch::Checkpoint;

    use super::*;

    fn file(name: &str) -> Vec<u8> {
        let path = format!("{}/torch/{name}.pt", env!("CARGO_MANIFEST_DIR"));
        [b"PT\n", &std::fs::read(path).unwrap()[..]].concat()
    }

    #[test]
    fn every_prefix_and_every_changed_byte_gives_a_checkpoint_or_an_error() {
        let frame = file("strided");
        let mut read = 0;
        let peak = peak_memory(|| {
            for end in 0..frame.len() {
                assert!(deserialize::<Checkpoint>(&frame[..end]).is_err(), "{end} bytes");
            }
            let mut changed = frame.clone();
            for place in 3..frame.len() {
                for bits in [1, 2, 0x10, 0x80, 0xff] {
                    changed[place] ^= bits;
                    read += usize::from(deserialize::<Checkpoint>(&changed).is_ok());
                    changed[place] ^= bits;
                }
            }
        });
        assert!(read > 0 && peak < 64 << 20, "{peak} bytes were in use");
    }

    /// A checkpoint of one tensor of a storage of three numbers; `rest` is its offset, its shape and its
    /// strides.
    fn checkpoint(class: &str, length: &str, rest: &[u8]) -> Vec<u8> {
        let storage = format!("(Vstorage\nctorch\n{class}\nV0\nVcpu\nI{length}\ntQ");
        let rebuild = b"ctorch._utils\n_rebuild_tensor_v2\n(";
        let end = b"\x89ccollections\nOrderedDict\n)RtR.";
        archive(&[
            ("data.pkl", &[&rebuild[..], storage.as_bytes(), rest, end].concat()),
            ("byteorder", b"little"),
            ("data/0", &[0; 12]),
        ])
    }

    fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
        use std::io::{Cursor, Write};
        use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        for (name, content) in files {
            zip.start_file(format!("model/{name}"), stored).unwrap();
            zip.write_all(content).unwrap();
        }
        [b"PT\n", &zip.finish().unwrap().into_inner()[..]].concat()
    }

    fn refused(frame: &[u8]) -> String {
        let mut message = String::new();
        let peak = peak_memory(|| {
            message = format!("{:?}", deserialize::<Checkpoint>(frame).unwrap_err());
        });
        assert!(peak < 1 << 20, "{peak} bytes were in use");
        message
    }

    #[test]
    fn tensors_that_lie_are_refused() {
        let good = checkpoint("FloatStorage", "3", b"K\x01K\x02\x85K\x01\x85");
        let read: Checkpoint = deserialize(&good).unwrap();
        assert_eq!(read.tensors().get("").unwrap().shape(), [2]);
        for (class, length, rest, part) in [
            // 2^28 numbers that are one.
            ("FloatStorage", "3", &b"K\0J\0\0\0\x10\x85K\0\x85"[..], "which is the limit"),
            ("FloatStorage", "3", b"K\0\x8a\x08\0\0\0\0\0\0\0\x7f\x85K\0\x85", "not a tensor"),
            ("FloatStorage", "3", b"K\x02K\x02\x85K\x01\x85", "ends after its storage"),
            ("FloatStorage", "3", b"K\0K\x02\x85K\x03\x85", "ends after its storage"),
            ("FloatStorage", "3", b"J\xff\xff\xff\xffK\x02\x85K\x01\x85", "not a tensor"),
            ("FloatStorage", "3", b"K\0J\xff\xff\xff\xff\x85K\x01\x85", "not a tensor"),
            ("FloatStorage", "3", b"K\0K\x02\x85J\xff\xff\xff\xff\x85", "not a tensor"),
            ("FloatStorage", "3", b"K\0K\x02K\x01\x86K\x01\x85", "not a tensor"),
            ("FloatStorage", "4", b"K\0K\x02\x85K\x01\x85", "which is not what the pickle says"),
            ("DoubleStorage", "3", b"K\0K\x02\x85K\x01\x85", "which is not what the pickle says"),
            ("FloatStorage", "-3", b"K\0K\x02\x85K\x01\x85", "which is not what the pickle says"),
            ("save", "3", b"K\0K\x02\x85K\x01\x85", "`torch.save`"),
        ] {
            let message = refused(&checkpoint(class, length, rest));
            assert!(message.contains(part), "{class} {length} {rest:?}: {message}");
        }
    }

    #[test]
    fn storages_that_lie_are_refused() {
        let value = |id: &str| {
            archive(&[("data.pkl", format!("P{id}\n.").as_bytes()), ("data/0", &[0; 12])])
        };
        let good = "('storage', <class 'torch.FloatStorage'>, '0', 'cpu', 3)";
        let read: Checkpoint = deserialize(&value(good)).unwrap();
        assert_eq!(read.tensors().get("").unwrap().shape(), [3]);
        let bytes = "('storage', <class 'torch.storage.UntypedStorage'>, '0', 'cuda:0', 12)";
        let read: Checkpoint = deserialize(&value(bytes)).unwrap();
        assert_eq!(read.tensors().get("").unwrap().shape(), [12]);
        for (id, part) in [
            (
                "('storage', <class 'torch.FloatStorage'>, '0', 'cpu', 4)",
                "not what the pickle says",
            ),
            ("('storage', <class 'torch.FloatStorage'>, '0', 'cpu', -3)", "not a tensor"),
            ("('storage', <class 'torch.FloatStorage'>, '0', 'cpu', x)", "not a tensor"),
            ("('storage', <class 'torch.FloatStorage'>, '1', 'cpu', 3)", "no file `data/1`"),
            ("('storage', <class 'torch.FloatStorage'>, '../0', 'cpu', 3)", "no file `data/../0`"),
            ("('storage', <class 'os.system'>, '0', 'cpu', 3)", "not a tensor"),
            ("('storage', <class 'torch.save'>, '0', 'cpu', 3)", "not a tensor"),
            ("('module', <class 'torch.FloatStorage'>, '0', 'cpu', 3)", "not a tensor"),
            ("('storage', <class 'torch.FloatStorage'>, '0')", "not a tensor"),
            ("0", "not a tensor"),
            ("", "not a tensor"),
        ] {
            let message = refused(&value(id));
            assert!(message.contains(part), "{id}: {message}");
        }
        // References to storages that are not text.
        for pickle in
            [&b"NQ."[..], b"K\0Q.", b"]Q.", b")Q.", b"(Vstorage\ncos\nsystem\nV0\nVcpu\nK\x03tQ."]
        {
            refused(&archive(&[("data.pkl", pickle), ("data/0", &[0; 12])]));
        }
    }

    #[test]
    fn tensors_of_other_functions_and_classes_are_read_or_refused() {
        let read = |pickle: &str| -> Result<Checkpoint, ps_serialize::Error> {
            deserialize(&archive(&[("data.pkl", pickle.as_bytes()), ("data/0", &[0, 0, 128, 63])]))
        };
        let storage = "(Vstorage\nctorch\nFloatStorage\nV0\nVcpu\nI1\ntQ";
        let old = format!("ctorch._utils\n_rebuild_tensor\n({storage}I0\n(I1\nt(I1\nttR");
        let arguments = format!("({storage}I0\n(I1\nt(I1\ntI00\nNt");
        let new = format!("ctorch._utils\n_rebuild_tensor_v2\n{arguments}R");
        let sized = format!(
            "ctorch._utils\n_rebuild_tensor_v2\n({storage}I0\nctorch\nSize\n((I1\nttR(I1\ntI00\nNtR"
        );
        let with_class = |class: &str| {
            format!(
                "ctorch._tensor\n_rebuild_from_type_v2\n(ctorch._utils\n_rebuild_tensor_v2\nc{class}\n{arguments}(dVtag\nI3\nstR"
            )
        };
        let moved = |dtype: &str| {
            format!(
                "ctorch._utils\n_rebuild_device_tensor_from_cpu_tensor\n({new}ctorch\n{dtype}\nVxla:0\nI00\ntR"
            )
        };
        let parameter = |data: &str| format!("ctorch._utils\n_rebuild_parameter\n({data}I01\nNtR");
        for pickle in [
            &old,
            &new,
            &sized,
            &with_class("torch\nTensor"),
            &with_class("torch.nn.parameter\nParameter"),
            &with_class("torch.nn.parameter\nBuffer"),
            &moved("float32"),
            &parameter(&old),
            &parameter(&parameter(&with_class("torch\nTensor"))),
        ] {
            let read =
                read(&format!("{pickle}.")).unwrap_or_else(|error| panic!("{pickle}: {error:?}"));
            let tensor = read.tensors().get("").unwrap();
            assert_eq!(
                (tensor.shape(), tensor.data()),
                (&[1][..], &[0, 0, 128, 63][..]),
                "{pickle}"
            );
            assert!(read.values().is_empty());
        }
        for (pickle, part) in [
            (&with_class("__main__\nSub"), "`__main__.Sub`"),
            (&with_class("torch\nfloat32"), "not a tensor"),
            (&with_class("builtins\nlist"), "not a tensor"),
            (&moved("float64"), "save `tensor.cpu()`"),
            (&moved("complex128"), "the tensor has elements of complex128"),
            (&parameter("N"), "not a tensor"),
            (&parameter("ctorch\nTensor\n"), "not a tensor"),
            (&format!("{new}(dVtag\nI3\nsb"), "is given a state after it is made"),
            (&"ctorch\nTensor\n(I1\ntR".to_owned(), "`torch.Tensor`"),
            (&"ctorch.nn.parameter\nParameter\n)R".to_owned(), "`torch.nn.parameter.Parameter`"),
            (&"ctorch._utils\n_rebuild_wrapper_subclass\n(Nt\x52".to_owned(), "is of a subclass"),
            (
                &"ctorch._utils\n_rebuild_device_tensor_from_numpy\n(Nt\x52".to_owned(),
                "`tensor.cpu()`",
            ),
            (&"ctorch._utils\nIMPORT_MAPPING\n".to_owned(), "`torch._utils.IMPORT_MAPPING`"),
            (&"ctorch.distributed.tensor\nDTensor\n".to_owned(), "`full_tensor()`"),
            (&"ctorchvision.models\nResNet\n".to_owned(), "no code is run"),
        ] {
            let message = format!("{:?}", read(&format!("{pickle}.")).expect_err(part));
            assert!(message.contains(part), "{pickle}: {message}");
            assert!(!message.contains("of a module"), "{pickle}: {message}");
        }
        // Plain data keeps the classes of its dictionaries, or is refused.
        let counter = b"PK\nccollections\nCounter\n(dVa\nI1\nstR.";
        let error = deserialize::<ps_serialize::pickle::Value>(counter).unwrap_err();
        assert!(format!("{error:?}").contains("`collections.Counter`"), "{error:?}");
    }

    #[test]
    fn dictionaries_and_keys_that_grow_are_refused() {
        let mut entries = Vec::new();
        for number in 0_u16..10_000 {
            entries.extend_from_slice(b"M");
            entries.extend_from_slice(&number.to_le_bytes());
            entries.push(b'N');
        }
        let counter = b"ccollections\nCounter\n";
        // A dictionary is counted again and again.
        let counters = [
            &b"}q\0("[..],
            &entries,
            b"u0]q\x01(",
            &[&counter[..], b"h\0\x85R"].concat().repeat(1000),
            b"e.",
        ];
        // A counter of a counter, and so on.
        let nested = [
            &b"}("[..],
            &entries,
            b"uq\0",
            &[b"0", &counter[..], b"h\0\x85Rq\0"].concat().repeat(1000),
            b".",
        ];
        for pieces in [&counters[..], &nested] {
            let frame = archive(&[("data.pkl", &pieces.concat())]);
            let message = format!("{:?}", deserialize::<Checkpoint>(&frame).unwrap_err());
            assert!(message.contains("more copies") || message.contains("the limit"), "{message}");
        }
        // Keys of pairs of pairs, to a billion numbers; and of one in the other.
        let pairs = [&b"}(K\x01"[..], &b"q\0h\0\x86".repeat(30), b"Nu."].concat();
        let deep = [&b"}(K\x01"[..], &b"\x85".repeat(1000), b"Nu."].concat();
        // A number of a million digits.
        let huge =
            [&b"}(\x8b"[..], &1_000_000_u32.to_le_bytes(), &vec![0x11; 1_000_000], b"Nu."].concat();
        let start = std::time::Instant::now();
        for (pickle, part) in [
            (&pairs, "which is the limit"),
            (&deep, "nested too deep, in levels: the limit is 128"),
            (&huge, "which is too long for a name"),
        ] {
            let frame = archive(&[("data.pkl", pickle)]);
            let message = format!("{:?}", deserialize::<Checkpoint>(&frame).unwrap_err());
            assert!(message.contains(part), "{message}");
        }
        assert!(start.elapsed() < std::time::Duration::from_secs(60));
    }

    #[test]
    fn tensors_that_are_copied_again_and_again_are_refused() {
        // A bool whose bytes are not 0 or 1, and a long reference as text.
        let bools = vec![2; 60_000];
        let long = format!(
            "P('storage', <class 'torch.BoolStorage'>, '0', '{}', 60000)\n",
            "x".repeat(60_000)
        );
        for id in ["P('storage', <class 'torch.BoolStorage'>, '0', 'cpu', 60000)\n", &long] {
            let one = [id.as_bytes(), b"q\0."].concat();
            let read: Checkpoint =
                deserialize(&archive(&[("data.pkl", &one), ("data/0", &bools)])).unwrap();
            assert!(read.tensors().get("").unwrap().data().iter().all(|byte| *byte == 1));
            let many = [b"](", id.as_bytes(), b"q\0", &b"h\0".repeat(100_000), b"e."].concat();
            let frame = archive(&[("data.pkl", &many), ("data/0", &bools)]);
            let message = format!("{:?}", deserialize::<Checkpoint>(&frame).unwrap_err());
            assert!(message.contains("which is the limit"), "{message}");
        }
    }

    #[test]
    fn archives_that_are_no_checkpoints_are_refused() {
        let system = b"cos\nsystem\n(S'true'\ntR.";
        for (files, part) in [
            (&[][..], "not a zip archive"),
            (&[("data/0", &b"x"[..])][..], "no file `data.pkl`"),
            (&[("data.pkl", &system[..])][..], "`os.system`"),
            (&[("data.pkl", b"N."), ("byteorder", b"big")], "big-endian"),
            (&[("data.pkl", b"N."), ("constants.pkl", b"N.")], "TorchScript"),
            (&[("data.pkl", b"}(X\x01\0\0\0aK\x01X\x01\0\0\0aK\x02u.")], "the name `a`"),
            (&[("data.pkl", b"}(K\x01K\x02V1\nK\x02u.")], "the name `1`"),
            (&[("data.pkl", b"}(K\x01}K\x02K\x02sV1\n}K\x03K\x03su.")], "the name `1`"),
            (&[("data.pkl", b"}q\0(Va\nK\x01Vb\nh\0u.")], "contains itself"),
            (&[("data.pkl", b"]q\0(K\x01h\0\x85e.")], "contains itself"),
            (&[("data.pkl", b"}(C\x01aK\x01u.")], "key of a dictionary"),
            (&[("data.pkl", b"}(]K\x01u.")], "key of a dictionary"),
            (&[("data.pkl", b"}(cbuiltins\nlist\nK\x01u.")], "key of a dictionary"),
            (&[("data.pkl", b"cbuiltins\nlist\n)R.")], "`builtins.list`"),
            (&[("data.pkl", b"ccollections\ndefaultdict\ncos\nsystem\n\x85R.")], "`os.system`"),
            (&[("data.pkl", b"ccollections\ndefaultdict\n]\x85R.")], "a call of DefaultDict"),
            (&[("data.pkl", b"ccollections\nCounter\n]\x85R.")], "a call of Counter"),
            (&[("data.pkl", b"cbuiltins\neval\nV1\n\x85R.")], "`builtins.eval`"),
        ] {
            let message = refused(&archive(files));
            assert!(message.contains(part), "{part}: {message}");
        }
        // Two files of one name: PyTorch reads the first, other readers the last.
        let mut twice = archive(&[("data.pkl", b"K\x01."), ("data.pkX", b"K\x02.")]);
        let name = b"data.pkX";
        while let Some(at) = twice.windows(name.len()).position(|part| part == name) {
            twice[at..at + name.len()].copy_from_slice(b"data.pkl");
        }
        let message = refused(&twice);
        assert!(message.contains("two files of one name"), "{message}");
        // A long name of a storage, for a hundred thousand tensors.
        let key = "k".repeat(60_000);
        let storage = format!("(Vstorage\nctorch\nFloatStorage\nV{key}\nVcpu\nI3\ntQ");
        let tensors = [
            &b"](ctorch._utils\n_rebuild_tensor_v2\n("[..],
            storage.as_bytes(),
            b"K\0K\x02\x85K\x01\x85\x89ccollections\nOrderedDict\n)RtRq\0",
            &b"h\0".repeat(100_000),
            b"e.",
        ];
        let frame = archive(&[("data.pkl", &tensors.concat()), (&format!("data/{key}"), &[0; 12])]);
        let message = format!("{:?}", deserialize::<Checkpoint>(&frame).unwrap_err());
        assert!(message.contains("which is the limit"), "{message}");
        // Long names of shared dictionaries: thirty levels of ten thousand letters each.
        let mut long = [b"X\x10\x27\0\0", &b"k".repeat(10_000)[..], b"q\0N"].concat();
        for _ in 0..100 {
            long.extend_from_slice(b"q\x01}(h\0h\x01K\x01h\x01u");
        }
        long.push(b'.');
        let start = std::time::Instant::now();
        let frame = archive(&[("data.pkl", &long)]);
        let message = format!("{:?}", deserialize::<Checkpoint>(&frame).unwrap_err());
        assert!(message.contains("which is the limit"), "{message}");
        assert!(start.elapsed() < std::time::Duration::from_secs(60));
    }
}
