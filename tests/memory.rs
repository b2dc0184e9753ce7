//! Memory: a verb takes for a value what the guide's page on performance says, and what a reader takes
//! for a frame from a stranger is bounded by its size and the limits.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::Path;
use std::sync::Mutex;

use bytes::Bytes;
use ps_serialize::{
    Deserializable, Options, Serializable, deserialize, parts, registry, serialize, serialize_into,
    serialize_to, serializer,
};
use support::Counted;

#[global_allocator]
static ALLOCATOR: Counted = Counted::AllThreads;
/// Only one test at a time may count.
static COUNTING: Mutex<()> = Mutex::new(());

/// What a verb may take besides copies of a payload of `PAYLOAD` bytes.
const ROOM: usize = 64 << 10;
const PAYLOAD: usize = 16 << 20;

#[track_caller]
fn copies<R>(copies: usize, what: &str, work: impl FnOnce() -> R) -> R {
    let (result, peak) = ALLOCATOR.peak(work);
    let expected = copies * PAYLOAD;
    assert!(
        (expected..=expected + ROOM).contains(&peak),
        "{what}: {peak} bytes were in use, where {copies} copies are {expected}"
    );
    result
}

/// Checks that there is a single copy into one piece of memory, none otherwise, and a single one into a value.
#[track_caller]
fn one_copy_or_none<T>(value: &T) -> Bytes
where
    T: Serializable + for<'f> Deserializable<'f>,
{
    let frame = copies(1, "serialize", || serialize(value)).unwrap();
    drop(copies(0, "parts", || parts(value)).unwrap());
    copies(0, "serialize_to", || serialize_to(value, std::io::sink())).unwrap();
    let mut buffer = Vec::with_capacity(frame.len());
    copies(0, "serialize_into", || serialize_into(value, &mut buffer)).unwrap();
    drop(copies(1, "deserialize", || deserialize::<T>(&frame[..])).unwrap());
    frame
}

#[track_caller]
fn no_copy<T: for<'a> Deserializable<'a>>(frame: &Bytes) {
    drop(copies(0, "deserialize", || deserialize::<T>(frame)).unwrap());
}

fn counting() -> std::sync::MutexGuard<'static, ()> {
    let guard = COUNTING.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    // The index of the registry is made at its first use.
    assert!(registry().check().is_ok());
    guard
}

#[test]
fn bytes_and_text() {
    let _guard = counting();
    let frame = one_copy_or_none(&vec![7_u8; PAYLOAD]);
    assert_eq!(copies(0, "view", || deserialize::<&[u8]>(&frame)).unwrap().len(), PAYLOAD);
    no_copy::<Bytes>(&frame);

    let frame = one_copy_or_none(&"x".repeat(PAYLOAD));
    assert_eq!(copies(0, "view", || deserialize::<&str>(&frame)).unwrap().len(), PAYLOAD);
}

#[cfg(feature = "ndarray")]
#[test]
fn arrays() {
    use ndarray::{Array2, ArrayView2, CowArray, Ix2, s};
    use ps_serialize::array::DynArray;

    let _guard = counting();
    let rows = PAYLOAD / 8 / 4096;
    let frame = one_copy_or_none(&Array2::<f64>::ones((rows, 4096)));
    copies(0, "view", || deserialize::<ArrayView2<'_, f64>>(&frame)).unwrap();
    copies(0, "view", || deserialize::<DynArray<'_>>(&frame)).unwrap();
    drop(copies(0, "view", || deserialize::<CowArray<'_, f64, Ix2>>(&frame)).unwrap());
    let misaligned = Bytes::from([b"NP\n", &frame[64..]].concat());
    assert_ne!(misaligned.as_ptr().addr() % 8, 5, "else the elements are aligned");
    drop(copies(1, "view", || deserialize::<CowArray<'_, f64, Ix2>>(&misaligned)).unwrap());

    let wide = Array2::<f64>::ones((rows, 8192));
    let long_rows = wide.slice(s![.., ..4096]);
    copies(1, "serialize", || serialize(&long_rows)).unwrap();
    copies(0, "parts", || parts(&long_rows)).unwrap();
    let short_rows = Array2::<f64>::ones((PAYLOAD / 8, 2));
    let column = short_rows.column(0);
    copies(1, "serialize", || serialize(&column)).unwrap();
    copies(1, "parts", || parts(&column)).unwrap();
}

#[cfg(feature = "polars")]
#[test]
fn tables() {
    use polars_core::df;
    use polars_core::prelude::DataFrame;

    let _guard = counting();
    let rows = PAYLOAD / 8 / 4;
    let numbers = || vec![0.5; rows];
    let table = df!("a" => numbers(), "b" => numbers(), "c" => numbers(), "d" => numbers());
    let frame = one_copy_or_none::<DataFrame>(&table.unwrap());
    no_copy::<DataFrame>(&frame);
    let misaligned = Bytes::from([b"PL\n", &frame[64..]].concat());
    drop(copies(1, "misaligned", || deserialize::<DataFrame>(&misaligned)).unwrap());
}

#[cfg(feature = "safetensors")]
#[test]
fn tensors() {
    use ps_serialize::tensors::{Dtype, Tensor, Tensors};

    let _guard = counting();
    let mut model = Tensors::new();
    for name in ["a", "b"] {
        let zeros = vec![0; PAYLOAD / 2];
        model.insert(name, Tensor::new(Dtype::BF16, [PAYLOAD / 4], zeros).unwrap());
    }
    let frame = one_copy_or_none::<Tensors<'static>>(&model);
    drop(copies(0, "view", || deserialize::<Tensors<'_>>(&frame)).unwrap());
    no_copy::<Tensors<'static>>(&frame);
}

#[cfg(all(feature = "ndarray", feature = "pickle"))]
#[test]
fn pickles() {
    use ndarray::{Array1, CowArray, Ix1};
    use ps_serialize::array::DynArray;
    use ps_serialize::pickle::{Pickle, Value, array};
    use serde::Deserialize;

    #[derive(Deserialize)]
    struct View<'a> {
        text: &'a str,
        bytes: &'a [u8],
        #[serde(borrow, deserialize_with = "array::deserialize")]
        numbers: CowArray<'a, u8, Ix1>,
        #[serde(borrow)]
        any: DynArray<'a>,
    }

    #[derive(Deserialize)]
    struct Copied {
        #[serde(deserialize_with = "array::deserialize")]
        floats: Array1<f64>,
    }

    #[serializer(python = "memory.Shared")]
    struct Shared {
        #[serializer(frame)]
        bytes: Bytes,
        #[serializer(frame)]
        array: DynArray<'static>,
    }

    let _guard = counting();
    let array = |descr: &str, size: usize| {
        DynArray::new(descr.to_owned(), [PAYLOAD / size], vec![0; PAYLOAD]).unwrap()
    };
    let entries: [(&str, Value); 4] = [
        ("text", "x".repeat(PAYLOAD).into()),
        ("bytes", vec![7_u8; PAYLOAD].into()),
        ("numbers", array("|u1", 1).into()),
        ("any", array("<f8", 8).into()),
    ];
    let frame = serialize(&entries.into_iter().collect::<Value>()).unwrap();
    let Pickle(view) = copies(0, "view", || deserialize::<Pickle<View<'_>>>(&frame)).unwrap();
    assert_eq!(
        (view.text.len(), view.bytes.len(), view.numbers.len()),
        (PAYLOAD, PAYLOAD, PAYLOAD)
    );
    assert_eq!(view.any.shape(), [PAYLOAD / 8]);
    assert!(view.numbers.is_view());

    let floats = [("floats", array("<f8", 8))].into_iter().collect::<Value>();
    let frame = serialize(&floats).unwrap();
    let Pickle(copied) = copies(1, "copy", || deserialize::<Pickle<Copied>>(&frame)).unwrap();
    assert_eq!(copied.floats.len(), PAYLOAD / 8);

    let bytes = Bytes::from(vec![7; PAYLOAD]);
    let frame = serialize(&Shared { bytes, array: array("<f8", 8) }).unwrap();
    let shared = copies(0, "shared", || deserialize::<Shared>(&frame)).unwrap();
    let within = |part: &[u8]| frame.as_ptr_range().contains(&part.as_ptr());
    assert!(within(&shared.bytes) && within(shared.array.data()));
    assert_eq!((shared.bytes.len(), shared.array.data().len()), (PAYLOAD, PAYLOAD));
    drop(copies(2, "copies", || deserialize::<Shared>(&frame[..])).unwrap());
}

#[serializer(id = b"m2")]
struct WithFrames {
    id: u64,
    #[serializer(frame)]
    bytes: Bytes,
    #[serializer(frames)]
    list: Vec<Inner>,
    #[serializer(frames)]
    map: BTreeMap<String, String>,
}

#[serializer(id = b"m3")]
enum Inner {
    One(u8, #[serializer(frame)] Vec<u8>),
}

/// A record with this many bytes in its frames.
fn with_frames(size: usize) -> WithFrames {
    let inner = |size: usize| Inner::One(7, vec![7; size]);
    WithFrames {
        id: 7,
        bytes: vec![7; size / 2].into(),
        list: vec![inner(size / 8), inner(size / 8)],
        map: [("key".to_owned(), "x".repeat(size / 4))].into(),
    }
}

#[test]
fn records_with_frames() {
    let _guard = counting();
    let value = with_frames(PAYLOAD);
    let frame = one_copy_or_none(&value);
    let only_shared = shared_frame();
    let shared = copies(0, "shared", || deserialize::<OnlyShared>(&only_shared)).unwrap();
    assert_eq!(shared.one.len() + shared.list.iter().map(Bytes::len).sum::<usize>(), PAYLOAD);
    let table = copies(0, "table", || ps_serialize::FrameTable::parse::<WithFrames>(&frame));
    assert_eq!(table.unwrap().iter().len(), 4);
}

/// All memory counts here, also what is given back at once: no byte of a frame is copied a second time.
#[test]
fn a_record_takes_its_frame_and_little_more() {
    const LITTLE: usize = 16 << 10;

    let _guard = counting();
    // The first value of a type is read back.
    serialize(&with_frames(1 << 10)).unwrap();
    let value = with_frames(PAYLOAD);
    let (frame, taken) = Counted::taken(|| serialize(&value).unwrap());
    assert!((frame.len()..=frame.len() + LITTLE).contains(&taken), "{taken} of {}", frame.len());
    let mut buffer = Vec::with_capacity(frame.len());
    let taken = Counted::taken(|| serialize_into(&value, &mut buffer).unwrap()).1;
    assert!(taken <= LITTLE, "{taken} bytes beside the buffer");
    let taken = Counted::taken(|| serialize_to(&value, std::io::sink()).unwrap()).1;
    assert!(taken <= LITTLE, "{taken} bytes to write it");
    let (back, taken) = Counted::taken(|| deserialize::<WithFrames>(&frame[..]).unwrap());
    assert!((PAYLOAD..=PAYLOAD + LITTLE).contains(&taken), "{taken} bytes for the value");
    assert_eq!(back.id, 7);
}

#[test]
fn parts_of_a_record_take_as_much_for_any_size() {
    let _guard = counting();
    let taken = |size| {
        let value = with_frames(size);
        Counted::taken(|| drop(parts(&value).unwrap())).1
    };
    // The first value of a type is read back.
    taken(1 << 10);
    let small = taken(1 << 10);
    assert!(small < 8 << 10, "{small}");
    assert_eq!(taken(PAYLOAD), small);
    assert_eq!(taken(1 << 20), small);
}

/// Everything in it can be shared.
#[serializer(id = b"m4")]
struct OnlyShared {
    #[serializer(frame)]
    one: Bytes,
    #[serializer(frames)]
    list: Vec<Bytes>,
}

fn shared_frame() -> Bytes {
    let half = Bytes::from(vec![7; PAYLOAD / 2]);
    let quarter = half.slice(..PAYLOAD / 4);
    serialize(&OnlyShared { one: half, list: vec![quarter.clone(), quarter] }).unwrap()
}

#[serializer(id = b"m0")]
#[derive(serde::Serialize, serde::Deserialize, Clone)]
struct Record {
    name: String,
    marks: Vec<Option<u64>>,
    tags: BTreeMap<u32, Vec<String>>,
    units: Vec<()>,
    children: Vec<Record>,
}

/// The same layout, by the other codec.
#[cfg(feature = "wincode")]
#[serializer(id = b"m1", codec = ps_serialize::Wincode)]
#[derive(wincode::SchemaRead, wincode::SchemaWrite, Clone)]
struct WincodeRecord {
    name: String,
    marks: Vec<Option<u64>>,
    tags: BTreeMap<u32, Vec<String>>,
    units: Vec<()>,
    children: Vec<WincodeRecord>,
}

/// Frames that Rust and Python wrote, of every kind that the features read.
fn seeds() -> Vec<Bytes> {
    let leaf = Record {
        name: "leaf".to_owned(),
        marks: vec![None, Some(1), None],
        tags: [(7, vec!["a".to_owned(), String::new()])].into(),
        units: vec![(); 3],
        children: vec![],
    };
    let record = serialize(&Record { children: vec![leaf.clone(), leaf.clone()], ..leaf }).unwrap();
    let by_wincode = [b"m1\n", &record[3..]].concat();
    let mut seeds = vec![record, by_wincode.into()];
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in ["golden/0.1", "golden/proxystore-1.1", "torch"] {
        for file in std::fs::read_dir(tests.join(folder)).unwrap() {
            let path = file.unwrap().path();
            let line: &[u8] = match path.extension().and_then(OsStr::to_str) {
                Some("frame") => b"",
                Some("pt") => b"PT\n",
                _ => continue,
            };
            seeds.push([line, &std::fs::read(path).unwrap()].concat().into());
        }
    }
    assert!(seeds.len() > 90, "{} frames", seeds.len());
    seeds
}

/// Prefixes, and changes of single bytes: of the first ones all, of the others some.
fn hostile(seed: &Bytes) -> impl Iterator<Item = Bytes> {
    let step = seed.len() / 60 + 1;
    (0..seed.len()).filter(move |i| *i < 60 || i % step == 0).flat_map(move |i| {
        let changed = [0, 0x7f, 0xff, seed[i] ^ 1].map(|byte| {
            let mut frame = seed.to_vec();
            frame[i] = byte;
            frame.into()
        });
        changed.into_iter().chain([seed.slice(..i)])
    })
}

/// Small frames of what is large.
#[cfg(all(feature = "lz4", feature = "zstd"))]
fn bombs() -> Vec<Bytes> {
    use ps_serialize::Compression;

    let inside: Vec<Bytes> = vec![
        serialize(&vec![0; 32 << 20]).unwrap(),
        serialize(&" ".repeat(32 << 20)).unwrap(),
        [b"m0\n", &[0; 4 << 20][..]].concat().into(),
        [b"m0\n".as_slice(), &[0; 8], &(1_u64 << 20).to_le_bytes(), &[0; 4 << 20]].concat().into(),
        [b"PK\n\x80\x04(", &b"N".repeat(1 << 20)[..], b"l."].concat().into(),
        [b"PK\n\x80\x04(", &b"]".repeat(1 << 20)[..], b"l."].concat().into(),
        [b"PK\n\x80\x04(", &b"\x8c\x01a".repeat(1 << 20)[..], b"l."].concat().into(),
        [b"PK\n\x80\x04".as_slice(), &b"(".repeat(8 << 20)[..], b"l."].concat().into(),
        [b"PK\n\x80\x04N".as_slice(), &b"2".repeat(8 << 20)[..], b"."].concat().into(),
        // The number is one more than there is room for.
        padded(&b"(".repeat((1 << 20) + 5), 16 << 20),
        padded(&copies_of_a_dict((1 << 17) + 1, 1000), 16 << 20),
        padded(&[b"V", &b"\xe9".repeat(8 << 20)[..], b"\n."].concat(), 16 << 20),
        shape_of_zeros(4 << 20),
        shape_of_zeros(16 << 20),
        padded(&[&b"cnumpy\ndtype\n".repeat(500_000)[..], b"."].concat(), 16 << 20),
    ];
    let both = [Compression::Zstd(1), Compression::Lz4].into_iter().cycle();
    inside.iter().zip(both).map(|(frame, by)| by.compress(frame).unwrap()).collect()
}

/// A pickle as large as a limit, most of which it drops at once.
#[cfg(all(feature = "lz4", feature = "zstd"))]
fn padded(pickle: &[u8], size: u32) -> Bytes {
    let padding = size - 64 - u32::try_from(pickle.len()).unwrap();
    let zeros = vec![0; padding as usize];
    [b"PK\nB".as_slice(), &padding.to_le_bytes(), &zeros, b"0", pickle].concat().into()
}

/// A tensor without elements, and with that many dimensions.
#[cfg(all(feature = "lz4", feature = "zstd"))]
fn shape_of_zeros(dimensions: usize) -> Bytes {
    let zeros = "0,".repeat(dimensions - 1);
    let header = format!(r#"{{"a":{{"dtype":"U8","shape":[{zeros}0],"data_offsets":[0,0]}}}}"#);
    [b"ST\n".as_slice(), &(header.len() as u64).to_le_bytes(), header.as_bytes()].concat().into()
}

/// A list of references to one pair, made a dict this many times.
#[cfg(all(feature = "lz4", feature = "zstd"))]
fn copies_of_a_dict(pairs: usize, times: usize) -> Vec<u8> {
    let begin = b"ccollections\nOrderedDict\nq\x01(NN\x86";
    let list = b"2".repeat(pairs - 1);
    let copies = b"h\x01h\x02R".repeat(times);
    [begin.as_slice(), &list, b"lq\0\x85q\x02", &copies, b"."].concat()
}

/// What every verb that may take memory takes for this frame.
fn peak_of_reading(options: &Options, frame: &Bytes) -> usize {
    #[allow(unused_mut)] // without the features below
    let mut peak = ALLOCATOR.peak(|| drop(options.deserialize_any(frame))).1;
    #[cfg(feature = "safetensors")]
    {
        use ps_serialize::tensors::Tensors;
        peak = peak.max(ALLOCATOR.peak(|| drop(options.deserialize::<Tensors>(frame))).1);
    }
    #[cfg(any(feature = "lz4", feature = "zstd"))]
    {
        peak = peak.max(ALLOCATOR.peak(|| drop(options.decompress(frame))).1);
    }
    peak
}

/// What the guide's page on security says.
fn bound(frame: &Bytes, limit: Option<usize>) -> usize {
    4 * limit.unwrap_or(256 * frame.len() + (64 << 20))
}

#[test]
fn changed_frames_take_little() {
    let _guard = counting();
    let seeds = seeds();
    for frame in &seeds {
        // Some parts of polars take memory once and keep it.
        let _ = peak_of_reading(&Options::new(), frame);
    }
    for limit in [None, Some(1 << 16)] {
        let options = limit.map_or(Options::new(), |limit| Options::new().size_limit(limit));
        for seed in &seeds {
            let compressed = seed.starts_with(b"LZ") || seed.starts_with(b"ZS");
            for frame in hostile(seed) {
                let peak = peak_of_reading(&options, &frame);
                // An element of a record takes up to 120 bytes.
                let mut most = 128 * frame.len() + (128 << 10);
                if compressed {
                    most += bound(&frame, limit);
                }
                assert!(peak <= most, "{peak} of {most} bytes for {}", frame.escape_ascii());
            }
        }
    }
}

#[cfg(all(feature = "lz4", feature = "zstd"))]
#[test]
fn small_frames_of_what_is_large_are_within_the_limits() {
    let _guard = counting();
    for frame in bombs() {
        for limit in [None, Some(1 << 16), Some(16 << 20)] {
            let options = limit.map_or(Options::new(), |limit| Options::new().size_limit(limit));
            let peak = peak_of_reading(&options, &frame);
            let most = bound(&frame, limit) + (128 << 10);
            assert!(peak <= most, "{peak} of {most} bytes for {}", frame.escape_ascii());
        }
    }
}

/// What Python's pickle of a list of a million `float`s or `int`s takes to read, in the protocols that it is written in.
#[test]
#[cfg(feature = "pickle")]
fn a_long_list_of_numbers_takes_twice_its_pickle() {
    use ps_serialize::pickle::Value;

    let _guard = counting();
    const BATCH: usize = 1000;
    let floats = (0..1_000_000).map(|i| [&b"G"[..], &f64::from(i).to_be_bytes()].concat());
    let integers = (0..1_000_000_i32).map(|i| [&b"J"[..], &i.to_le_bytes()].concat());
    let floats: Vec<_> = floats.collect();
    let integers: Vec<_> = integers.collect();
    for (numbers, times) in [(&floats, 2), (&integers, 4)] {
        let mut frame = b"PK\n\x80\x02]q\0".to_vec();
        for batch in numbers.chunks(BATCH) {
            frame.extend([&b"("[..], &batch.concat(), b"e"].concat());
        }
        frame.push(b'.');
        let (value, peak) = ALLOCATOR.peak(|| deserialize::<Value>(&frame).unwrap());
        assert!(peak < times * frame.len(), "{peak} for {} bytes", frame.len());
        assert_eq!(value.as_numbers().unwrap().len(), 1_000_000);
        let (written, peak) = ALLOCATOR.peak(|| serialize(&value).unwrap());
        assert!(peak < 4 * written.len(), "{peak} for {} bytes", written.len());
    }
}
