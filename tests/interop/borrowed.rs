//! `PK` read by types that borrow from the frame.

use std::borrow::Cow;
use std::collections::BTreeMap;

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, ArrayViewD, CowArray, Ix1, Ix2, arr1, arr2};
use ps_serialize::array::DynArray;
use ps_serialize::pickle::Pickle;
use ps_serialize::{Compression, Result, deserialize, deserialize_with};
use serde::de::Visitor;
use serde::{Deserialize, Deserializer};

use crate::python::Python;

/// Whether these bytes are a part of a frame.
fn is_in<T>(part: &[T], frame: &[u8]) -> bool {
    let (part, frame) = (part.as_ptr_range(), frame.as_ptr_range());
    frame.start <= part.start.cast() && part.end.cast() <= frame.end
}

fn pickled(python: &mut Python, expression: &str, protocol: u8) -> Vec<u8> {
    python.evaluate_frame(&format!("b'PK\\n' + pickle.dumps({expression}, {protocol})"))
}

#[derive(Deserialize)]
struct Texts<'a> {
    name: &'a str,
    #[serde(borrow)]
    note: Cow<'a, str>,
    tags: Vec<&'a str>,
    by_name: BTreeMap<&'a str, Option<&'a str>>,
}

#[test]
fn text_of_every_protocol_is_borrowed() {
    let mut python = Python::start();
    python.run("import types");
    let fields =
        "name='héllo', note='x' * 300, tags=['a', '', 'a'], by_name={'one': None, 'two': '世界'}";
    for protocol in 1..=5 {
        for made in ["dict", "types.SimpleNamespace", "collections.OrderedDict"] {
            let frame = pickled(&mut python, &format!("{made}({fields})"), protocol);
            let read = deserialize::<Pickle<Texts<'_>>>(&frame);
            let Pickle(texts) = read.unwrap_or_else(|error| panic!("{made}, {protocol}: {error}"));
            assert_eq!((texts.name, &*texts.note), ("héllo", &*"x".repeat(300)));
            assert_eq!(texts.tags, ["a", "", "a"]);
            assert_eq!(texts.by_name, BTreeMap::from([("one", None), ("two", Some("世界"))]));
            assert!(matches!(texts.note, Cow::Borrowed(_)), "{made}, {protocol}");
            let all = [texts.name, &*texts.note, texts.tags[0], texts.by_name["two"].unwrap()];
            assert!(all.iter().all(|text| is_in(text.as_bytes(), &frame)), "{made}, {protocol}");
            // Both are the text that Python has once.
            assert!(std::ptr::eq(texts.tags[0], texts.tags[2]));
        }
    }
    // Protocol 0 has escapes.
    let frame = pickled(&mut python, "{'plain': 'as it is', 'line': 'a\\nb'}", 0);
    let read = deserialize::<Pickle<BTreeMap<String, Cow<'_, str>>>>(&frame).unwrap().0;
    assert_eq!((&*read["plain"], &*read["line"]), ("as it is", "a\nb"));
    assert!(deserialize::<Pickle<BTreeMap<&str, &str>>>(&frame).is_err());
}

/// Bytes as they are asked for by those who keep them.
struct Owned(Vec<u8>);

impl<'de> Deserialize<'de> for Owned {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Bytes;

        impl Visitor<'_> for Bytes {
            type Value = Owned;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("bytes")
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> std::result::Result<Owned, E> {
                Ok(Owned(bytes.to_vec()))
            }
        }

        deserializer.deserialize_byte_buf(Bytes)
    }
}

#[test]
fn bytes_are_borrowed_where_they_stand_in_the_pickle() {
    let mut python = Python::start();
    for protocol in 2..=5 {
        for expression in [
            "b'\\x00\\xff' * 200",
            "bytearray(b'\\x00\\xff' * 200)",
            "np.array([0, 255] * 200, 'u1')",
            "np.bytes_(b'\\x00\\xff' * 200)",
        ] {
            let frame = pickled(&mut python, expression, protocol);
            let read = deserialize::<Pickle<&[u8]>>(&frame);
            if protocol == 2 {
                assert!(read.is_err(), "{expression}");
            } else {
                let Pickle(bytes) =
                    read.unwrap_or_else(|e| panic!("{expression}, {protocol}: {e}"));
                assert_eq!(bytes, [0, 255].repeat(200), "{expression}, {protocol}");
                assert!(is_in(bytes, &frame), "{expression}, {protocol}");
            }
            let Pickle(Owned(bytes)) = deserialize(&frame).unwrap();
            assert_eq!(bytes, [0, 255].repeat(200), "{expression}, {protocol}");
        }
    }
}

#[derive(Deserialize)]
struct Sample<'a> {
    name: &'a str,
    #[serde(borrow, deserialize_with = "ps_serialize::pickle::array::deserialize")]
    image: CowArray<'a, u8, Ix2>,
    #[serde(borrow, deserialize_with = "ps_serialize::pickle::array::deserialize")]
    weights: CowArray<'a, f64, Ix1>,
    #[serde(deserialize_with = "ps_serialize::pickle::array::deserialize")]
    matrix: Array2<f64>,
    #[serde(deserialize_with = "ps_serialize::pickle::array::deserialize")]
    counts: Vec<i32>,
    list: Vec<f64>,
    #[serde(borrow)]
    others: BTreeMap<&'a str, DynArray<'a>>,
    missing: Option<DynArray<'a>>,
}

#[test]
fn arrays_inside_of_structs_are_borrowed_or_copied_at_once() {
    let mut python = Python::start();
    let sample = "{'name': 'one', 'image': np.arange(6, dtype='u1').reshape(2, 3), 'weights': np.array([0.5, -0.0, 2.0]), \
        'matrix': np.asfortranarray([[1.0, 2.0], [3.0, 4.0]]), 'counts': np.array([1, -2], '>i4'), \
        'list': np.array([0.25, np.inf]), 'others': {'days': np.array(['2026-11-27'], 'M8[D]'), 'words': np.array(['ab'])}, \
        'missing': None}";
    for protocol in 2..=5 {
        let frame = pickled(&mut python, sample, protocol);
        let Pickle(sample) = deserialize::<Pickle<Sample<'_>>>(&frame)
            .unwrap_or_else(|error| panic!("protocol {protocol}: {error}"));
        assert_eq!(sample.name, "one");
        assert_eq!(sample.image, arr2(&[[0, 1, 2], [3, 4, 5]]));
        assert_eq!(sample.weights.to_vec(), [0.5, 0.0, 2.0]);
        assert!(sample.weights[1].is_sign_negative());
        assert_eq!(sample.matrix, arr2(&[[1.0, 2.0], [3.0, 4.0]]));
        assert_eq!(sample.counts, [1, -2]);
        assert_eq!(sample.list, [0.25, f64::INFINITY]);
        let days = &sample.others["days"];
        assert_eq!(
            (days.descr(), days.to_array::<i64>().unwrap()),
            ("<M8[D]", arr1(&[20_784]).into_dyn())
        );
        assert_eq!(
            sample.others["words"].to_strings().unwrap(),
            arr1(&["ab".to_owned()]).into_dyn()
        );
        assert!(sample.missing.is_none());
        // Before protocol 3, Python writes bytes as text.
        let stand_there = protocol > 2;
        assert_eq!(sample.image.is_view(), stand_there);
        assert_eq!(is_in(sample.image.as_slice().unwrap(), &frame), stand_there);
        assert_eq!(is_in(days.data(), &frame), stand_there);
    }
}

#[test]
fn an_array_is_viewed_where_it_is_aligned_and_copied_elsewhere() {
    let mut python = Python::start();
    for protocol in 3..=5 {
        let frame = pickled(&mut python, "{'a': np.arange(1000.0)}", protocol);
        let mut views = 0;
        for shift in 0..8 {
            let moved = [&[b' '; 8][..shift], &frame].concat();
            let Pickle(arrays) =
                deserialize::<Pickle<BTreeMap<&str, DynArray<'_>>>>(&moved).unwrap();
            let array = &arrays["a"];
            let is_aligned = array.data().as_ptr().addr().is_multiple_of(align_of::<f64>());
            let view = ArrayView1::<f64>::try_from(array.clone());
            let cow = CowArray::<f64, Ix1>::try_from(array.clone()).unwrap();
            assert_eq!(cow, Array1::range(0.0, 1000.0, 1.0));
            assert_eq!(cow.is_view(), is_aligned);
            match view {
                Ok(view) => {
                    assert!(is_aligned && is_in(view.to_slice().unwrap(), &moved));
                    assert_eq!(view, Array1::range(0.0, 1000.0, 1.0));
                    views += 1;
                }
                Err(error) => {
                    assert!(!is_aligned);
                    assert!(error.to_string().contains("CowArray"), "{error}");
                }
            }
        }
        assert_eq!(views, 1, "one of eight addresses is aligned");
    }
}

#[test]
fn an_array_of_another_type_or_shape_is_an_error_that_says_so() {
    #[derive(Debug, Deserialize)]
    struct One<T> {
        #[serde(
            deserialize_with = "ps_serialize::pickle::array::deserialize",
            bound(deserialize = "T: TryFrom<DynArray<'de>, Error = ps_serialize::Error>")
        )]
        #[allow(dead_code)] // it is only shown
        a: T,
    }
    fn error<T>(frame: &[u8]) -> String
    where
        T: std::fmt::Debug + for<'de> TryFrom<DynArray<'de>, Error = ps_serialize::Error>,
    {
        let read: Result<Pickle<One<T>>> = deserialize(frame);
        let error = read.unwrap_err();
        std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string)
    }
    let mut python = Python::start();
    let floats = pickled(&mut python, "{'a': np.ones(3)}", 5);
    assert!(error::<Vec<f32>>(&floats).contains("f8"), "{}", error::<Vec<f32>>(&floats));
    let matrix = pickled(&mut python, "{'a': np.ones((3, 1))}", 5);
    assert!(error::<Vec<f64>>(&matrix).contains("2 dimensions"), "{}", error::<Vec<f64>>(&matrix));
    for other in ["[1.0]", "None", "'text'", "np.array([None, 1])", "7"] {
        let frame = pickled(&mut python, &format!("{{'a': {other}}}"), 5);
        assert!(
            error::<Vec<f64>>(&frame).contains("NumPy array"),
            "{other}: {}",
            error::<Vec<f64>>(&frame)
        );
    }
}

#[test]
fn lists_read_from_arrays_have_the_same_numbers() {
    let mut python = Python::start();
    for kind in
        ["<f8", ">f8", "<f4", "<f2", "<i8", "<i4", ">i4", "<i2", "|i1", "|u1", "<u2", "<u8", "|b1"]
    {
        let frame = pickled(&mut python, &format!("np.array([0, 1, 1, 0]).astype('{kind}')"), 5);
        if kind == "|b1" {
            let read: Vec<bool> = deserialize_with::<Pickle<_>>(&frame).unwrap();
            assert_eq!(read, [false, true, true, false]);
        } else if kind.contains('f') {
            let read: Vec<f64> = deserialize_with::<Pickle<_>>(&frame).unwrap();
            assert_eq!(read, [0.0, 1.0, 1.0, 0.0], "{kind}");
            let read: Vec<f32> = deserialize_with::<Pickle<_>>(&frame).unwrap();
            assert_eq!(read, [0.0, 1.0, 1.0, 0.0], "{kind}");
        } else {
            let read: Vec<u8> = deserialize_with::<Pickle<_>>(&frame).unwrap();
            assert_eq!(read, [0, 1, 1, 0], "{kind}");
            let read: [i64; 4] = deserialize_with::<Pickle<_>>(&frame).unwrap();
            assert_eq!(read, [0, 1, 1, 0], "{kind}");
        }
    }
    let frame = pickled(&mut python, "np.array([300, -1])", 5);
    assert!(deserialize_with::<Pickle<Vec<u8>>>(&frame).is_err());
    assert_eq!(
        deserialize_with::<Pickle<Vec<Option<i16>>>>(&frame).unwrap(),
        [Some(300), Some(-1)]
    );
    let empty = pickled(&mut python, "np.zeros(0)", 5);
    assert_eq!(deserialize_with::<Pickle<Vec<f64>>>(&empty).unwrap(), [0.0; 0]);
}

#[test]
fn instances_of_classes_and_proxystores_own_frames_are_borrowed_too() {
    #[derive(Deserialize)]
    struct Run<'a> {
        name: &'a str,
        #[serde(borrow, deserialize_with = "ps_serialize::pickle::array::deserialize")]
        data: CowArray<'a, u8, Ix2>,
    }
    let mut python = Python::start();
    python.run("import types");
    let frame = python.evaluate_frame(
        "serialize(types.SimpleNamespace(name='fit', data=np.full((2, 2), 7, 'u1')))",
    );
    let Pickle(run) = deserialize::<Pickle<Run<'_>>>(&frame).unwrap();
    assert_eq!((run.name, run.data.view()), ("fit", arr2(&[[7, 7], [7, 7]]).view()));
    assert!(is_in(run.name.as_bytes(), &frame) && run.data.is_view());
    let view: ArrayView2<'_, u8> = run.data.view();
    assert!(is_in(view.to_slice().unwrap(), &frame));
    assert!(ArrayViewD::<u8>::try_from(DynArray::new("|u1", [1], vec![1]).unwrap()).is_err());

    let large = python.evaluate_frame(
        "serialize(types.SimpleNamespace(name='fit', data=np.full((200, 200), 7, 'u1')))",
    );
    let compressed = Compression::Zstd(3).compress(&large.into()).unwrap();
    let error = deserialize::<Pickle<Run<'_>>>(&compressed).err().unwrap();
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(cause.contains("decompress"), "{cause}");
}
