//! Views: they read what the record holds, and point into its frame.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::marker::PhantomData;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use ps_serialize::{ErrorKind, deserialize, serialize, serializer};

/// Where a slice is in memory.
fn place(bytes: &[u8]) -> Range<*const u8> {
    bytes.as_ptr_range()
}

#[track_caller]
fn assert_inside(frame: &[u8], parts: &[&[u8]]) {
    let frame = place(frame);
    for part in parts {
        let part = place(part);
        assert!(frame.start <= part.start && part.end <= frame.end, "{part:?} of {frame:?}");
    }
}

#[serializer(id = b"view")]
struct Sample {
    id: u64,
    label: String,
    data: Vec<u8>,
    note: Option<String>,
    #[serializer(frame)]
    first: Vec<u8>,
    #[serializer(frames)]
    texts: BTreeMap<String, String>,
    #[serializer(frame)]
    second: String,
    #[serializer(frames)]
    more: Vec<Vec<u8>>,
    #[serializer(frame)]
    inner: Inner,
    #[serializer(frames)]
    maybe: Option<Bytes>,
}

#[serializer(id = b"view inner")]
#[derive(Clone)]
enum Inner {
    Empty,
    Named {
        a: u8,
        #[serializer(frame)]
        text: String,
    },
    Pair(String, #[serializer(frame)] Vec<u8>),
}

#[serializer(view = Sample)]
struct All<'f> {
    id: u64,
    label: &'f str,
    data: &'f [u8],
    note: Option<Cow<'f, str>>,
    #[serializer(frame)]
    first: &'f [u8],
    #[serializer(frames)]
    texts: HashMap<String, &'f str>,
    #[serializer(frame)]
    second: &'f str,
    #[serializer(frames)]
    more: Vec<&'f [u8]>,
    #[serializer(frame)]
    inner: InnerView<'f>,
    #[serializer(frames)]
    maybe: Option<Bytes>,
}

#[serializer(view = Inner)]
#[derive(Debug, PartialEq)]
enum InnerView<'f> {
    Empty,
    Named {
        a: u8,
        #[serializer(frame)]
        text: &'f str,
    },
    Pair(&'f str, #[serializer(frame)] &'f [u8]),
}

/// Without the fields that are one frame.
#[serializer(view = Sample)]
struct Few<'f> {
    id: u64,
    label: &'f str,
    data: Vec<u8>,
    note: Option<String>,
    #[serializer(frames)]
    texts: BTreeMap<String, String>,
    #[serializer(frames)]
    more: Vec<&'f [u8]>,
    #[serializer(frame)]
    inner: Inner,
    #[serializer(frames)]
    maybe: Option<&'f [u8]>,
}

fn sample(inner: Inner) -> Sample {
    Sample {
        id: 7,
        label: "label".to_owned(),
        data: vec![1, 2],
        note: Some("note".to_owned()),
        first: vec![3; 100],
        texts: [("one".to_owned(), "1".to_owned()), ("two".to_owned(), "2".to_owned())].into(),
        second: "second".to_owned(),
        more: vec![vec![4], Vec::new(), vec![5; 64]],
        inner,
        maybe: Some(Bytes::from_static(b"maybe")),
    }
}

#[test]
fn a_view_has_the_values_of_the_record_in_the_memory_of_its_frame() {
    let frame = serialize(&sample(Inner::Pair("x".to_owned(), vec![6, 7]))).unwrap();
    let All { id, label, data, note, first, texts, second, more, inner, maybe } =
        deserialize(&frame).unwrap();
    assert_eq!((id, label, data, note.as_deref()), (7, "label", &[1, 2][..], Some("note")));
    assert_eq!((first, second), (&[3; 100][..], "second"));
    assert_eq!(texts, [("one".to_owned(), "1"), ("two".to_owned(), "2")].into());
    assert_eq!(more, [&[4][..], &[], &[5; 64]]);
    assert_eq!(inner, InnerView::Pair("x", &[6, 7]));
    let maybe = maybe.unwrap();
    assert_eq!(maybe, "maybe");
    assert_inside(
        &frame,
        &[
            label.as_bytes(),
            data,
            first,
            texts["two"].as_bytes(),
            second.as_bytes(),
            more[2],
            &maybe,
        ],
    );
    for data in [first, second.as_bytes(), more[0], more[2], &maybe] {
        assert_eq!(data.as_ptr().addr() % 64, 0);
    }
}

#[test]
fn a_view_may_lack_fields_that_are_one_frame() {
    let named = Inner::Named { a: 9, text: "deep".to_owned() };
    let frame = serialize(&sample(named)).unwrap();
    let few: Few<'_> = deserialize(&frame).unwrap();
    assert_eq!(
        (few.id, few.label, few.data, few.note),
        (7, "label", vec![1, 2], Some("note".into()))
    );
    assert_eq!((few.texts.len(), few.more.len(), few.maybe), (2, 3, Some(&b"maybe"[..])));
    let Inner::Named { a: 9, text } = few.inner else { panic!("another variant") };
    assert_eq!(text, "deep");
    assert_inside(&frame, &[few.label.as_bytes(), few.more[2], few.maybe.unwrap()]);
}

#[test]
fn views_of_enums_have_the_variants_of_the_record() {
    let variants = [
        (Inner::Empty, InnerView::Empty),
        (Inner::Named { a: 1, text: "t".to_owned() }, InnerView::Named { a: 1, text: "t" }),
        (Inner::Pair("p".to_owned(), vec![2]), InnerView::Pair("p", &[2])),
    ];
    for (value, expected) in variants {
        let frame = serialize(&value).unwrap();
        assert_eq!(deserialize::<InnerView<'_>>(&frame).unwrap(), expected);
    }
}

#[test]
fn types_without_frames_have_views_too() {
    #[serializer(id = b"view plain")]
    struct Plain {
        a: u16,
        text: String,
        pair: (u8, String),
    }

    #[serializer(view = Plain)]
    struct PlainView<'f> {
        a: u16,
        text: &'f str,
        pair: (u8, &'f str),
    }

    impl serde::Serialize for Plain {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            (self.a, &self.text, &self.pair).serialize(serializer)
        }
    }

    impl<'de> serde::Deserialize<'de> for Plain {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let (a, text, pair) = serde::Deserialize::deserialize(deserializer)?;
            Ok(Self { a, text, pair })
        }
    }

    let plain = Plain { a: 5, text: "text".to_owned(), pair: (6, "pair".to_owned()) };
    let frame = serialize(&plain).unwrap();
    assert!(frame.starts_with(b"view plain\n\x05\0"), "its bytes are the codec's");
    let view: PlainView<'_> = deserialize(&frame).unwrap();
    assert_eq!((view.a, view.text, view.pair), (5, "text", (6, "pair")));
    assert_inside(&frame, &[view.text.as_bytes(), view.pair.1.as_bytes()]);
}

#[cfg(feature = "wincode")]
#[test]
fn records_by_wincode_have_views() {
    use ps_serialize::Wincode;

    #[serializer(id = b"view wincode", codec = Wincode)]
    struct Fast {
        a: u16,
        text: String,
        #[serializer(frame)]
        data: Vec<u8>,
        #[serializer(frames)]
        texts: Vec<String>,
    }

    #[serializer(view = Fast, codec = Wincode)]
    struct FastView<'f> {
        a: u16,
        text: &'f str,
        #[serializer(frame)]
        data: &'f [u8],
        #[serializer(frames)]
        texts: Vec<&'f str>,
    }

    let texts = vec!["one".to_owned(), "two".to_owned()];
    let frame = serialize(&Fast { a: 5, text: "text".to_owned(), data: vec![6], texts }).unwrap();
    let view: FastView<'_> = deserialize(&frame).unwrap();
    assert_eq!(
        (view.a, view.text, view.data, &view.texts[..]),
        (5, "text", &[6][..], &["one", "two"][..])
    );
    assert_inside(&frame, &[view.text.as_bytes(), view.data, view.texts[1].as_bytes()]);
}

#[cfg(feature = "ndarray")]
#[test]
fn arrays_are_borrowed() {
    use ndarray::{Array2, ArrayView2, CowArray, Ix1, array};

    #[serializer(id = b"view arrays")]
    struct Arrays {
        #[serializer(frame)]
        matrix: Array2<f64>,
        #[serializer(frame)]
        numbers: Vec<i32>,
    }

    #[serializer(view = Arrays)]
    struct ArraysView<'f> {
        #[serializer(frame)]
        matrix: ArrayView2<'f, f64>,
        #[serializer(frame)]
        numbers: CowArray<'f, i32, Ix1>,
    }

    let matrix = array![[1.5, 2.5], [3.5, 4.5]];
    let frame = serialize(&Arrays { matrix: matrix.clone(), numbers: vec![1, 2, 3] }).unwrap();
    let view: ArraysView<'_> = deserialize(&frame).unwrap();
    assert_eq!(view.matrix, matrix);
    assert_eq!(view.numbers.as_slice(), Some(&[1, 2, 3][..]));
    assert!(view.numbers.is_view());
    let inside = place(&frame);
    assert!(inside.contains(&view.matrix.as_ptr().cast()));
    assert!(inside.contains(&view.numbers.as_ptr().cast()));
}

#[test]
fn conditions_on_fields_and_lifetimes_in_fields_of_frames_alone() {
    #[serializer(id = b"view conditions")]
    struct Two {
        #[serializer(frame)]
        a: Vec<u8>,
        #[serializer(frame)]
        b: Vec<u8>,
        #[serializer(frames)]
        notes: Vec<String>,
    }

    #[serializer(view = Two)]
    struct Second<'f> {
        #[cfg(any())]
        #[serializer(frame)]
        a: &'f [u8],
        #[serializer(frame)]
        b: &'f [u8],
        #[serde(skip)]
        #[serializer(frames)]
        notes: Vec<&'f str>,
    }

    let frame = serialize(&Two { a: vec![1], b: vec![2], notes: vec!["note".to_owned()] }).unwrap();
    let view: Second<'_> = deserialize(&frame).unwrap();
    assert_eq!((view.b, &view.notes[..]), (&[2][..], &["note"][..]));
    assert_inside(&frame, &[view.b, view.notes[0].as_bytes()]);
}

/// Only one level down the view and the record differ in their element type.
#[cfg(feature = "ndarray")]
#[test]
fn another_element_type_is_an_error_of_reading() {
    #[serializer(id = b"view elements")]
    struct Numbers(#[serializer(frame)] Vec<i32>);

    #[serializer(view = Numbers)]
    struct Wrong<'f>(#[serializer(frame)] ndarray::ArrayView1<'f, f32>);

    let frame = serialize(&Numbers(vec![1])).unwrap();
    let read = deserialize::<Wrong<'_>>(&frame).map(|Wrong(numbers)| numbers);
    let error = read.unwrap_err();
    let text = format!("{error:#}");
    assert!(
        text.contains("in the field `0`") && text.contains("i4") && text.contains("f4"),
        "{text}"
    );
}

#[test]
fn a_view_may_name_itself_in_its_fields_and_hold_views_in_boxes() {
    #[serializer(id = b"view itself")]
    #[derive(Debug, PartialEq)]
    struct Node {
        label: String,
        marker: PhantomData<Node>,
        #[serializer(frames)]
        next: Option<Box<Self>>,
        #[serializer(frame)]
        shared: Arc<String>,
        #[serializer(frames)]
        more: BTreeMap<String, Arc<Vec<u8>>>,
    }

    #[serializer(view = Node)]
    #[derive(Debug)]
    struct NodeView<'f> {
        label: &'f str,
        #[serde(deserialize_with = "of_itself")]
        marker: PhantomData<Self>,
        #[serializer(frames)]
        next: Option<Box<Self>>,
        #[serializer(frame)]
        shared: Arc<String>,
        #[serializer(frames)]
        more: BTreeMap<String, &'f [u8]>,
    }

    fn of_itself<'de, D: serde::Deserializer<'de>, T>(
        deserializer: D,
    ) -> Result<PhantomData<T>, D::Error> {
        serde::Deserialize::deserialize(deserializer)
    }

    let node = |label: &str, next| Node {
        label: label.to_owned(),
        marker: PhantomData,
        next,
        shared: Arc::new(format!("of {label}")),
        more: [("bytes".to_owned(), Arc::new(vec![1, 2]))].into(),
    };
    let list = node("one", Some(Box::new(node("two", None))));
    let frame = super::round_trip(&list);
    let view: NodeView<'_> = deserialize(&frame).unwrap();
    let next = view.next.unwrap();
    assert_eq!((view.label, view.shared.as_str()), ("one", "of one"));
    assert_eq!(view.more["bytes"], [1, 2]);
    assert_eq!((next.label, next.shared.as_str(), next.next.is_none()), ("two", "of two", true));
    assert_inside(&frame, &[view.label.as_bytes(), next.label.as_bytes(), next.more["bytes"]]);
    assert_eq!((view.marker, next.marker), (PhantomData, PhantomData));
}

#[test]
fn a_view_of_a_tuple_may_rename_its_fields() {
    #[serializer(id = b"view tuple")]
    struct Pair(#[serde(rename = "first")] String, #[serializer(frame)] String);

    #[serializer(view = Pair)]
    struct PairView<'f>(#[serde(rename = "first")] &'f str, #[serializer(frame)] &'f str);

    let frame = serialize(&Pair("one".to_owned(), "two".to_owned())).unwrap();
    let PairView(one, two) = deserialize(&frame).unwrap();
    assert_eq!((one, two), ("one", "two"));
    assert_inside(&frame, &[one.as_bytes(), two.as_bytes()]);
}

#[test]
fn a_view_of_another_type_and_a_damaged_record_are_errors() {
    let frame = serialize("text").unwrap();
    let Err(error) = deserialize::<InnerView<'_>>(&frame) else { panic!("read text") };
    assert!(matches!(error.kind(), ErrorKind::WrongIdentifier { .. }), "{error:?}");

    let frame = serialize(&sample(Inner::Empty)).unwrap();
    for end in 0..frame.len() {
        assert!(deserialize::<All<'_>>(&frame[..end]).is_err(), "{end} bytes");
        assert!(deserialize::<Few<'_>>(&frame[..end]).is_err(), "{end} bytes");
    }
    let mut bytes = frame.to_vec();
    for at in 0..bytes.len() {
        for change in [1, 0x80, 0xff] {
            bytes[at] ^= change;
            let _ = deserialize::<All<'_>>(&bytes);
            let _ = deserialize::<Few<'_>>(&bytes);
            bytes[at] ^= change;
        }
    }
}

#[cfg(feature = "lz4")]
#[test]
fn a_view_can_not_borrow_from_a_compressed_frame_but_one_that_owns_can_read_it() {
    #[serializer(view = Inner)]
    #[derive(Debug, PartialEq)]
    enum Owned {
        Empty,
        Named {
            a: u8,
            #[serializer(frame)]
            text: String,
        },
    }

    let named = Inner::Named { a: 3, text: "text ".repeat(100) };
    let frame = ps_serialize::Compression::Lz4.serialize(&named).unwrap();
    assert!(frame.starts_with(b"LZ"));
    let error = deserialize::<InnerView<'_>>(&frame).unwrap_err();
    assert!(format!("{error:#}").contains("decompress"), "{error:?}");
    let opened = ps_serialize::decompress(&frame).unwrap();
    let InnerView::Named { a: 3, text } = deserialize(&opened).unwrap() else { panic!() };
    assert_eq!(text.len(), 500);

    let owned = Owned::Named { a: 3, text: "text ".repeat(100) };
    assert_eq!(deserialize::<Owned>(&frame).unwrap(), owned);
    assert_eq!(deserialize::<Owned>(&opened).unwrap(), owned);
    let pair = serialize(&Inner::Pair(String::new(), Vec::new())).unwrap();
    assert!(deserialize::<Owned>(&pair).is_err(), "a variant that the view does not have");
}

#[cfg(feature = "messagepack")]
mod with_names {
    use ps_serialize::{Frame, Identifier, MessagePack, deserialize, serialize, serializer};

    use super::assert_inside;
    use crate::records::round_trip;

    #[serializer(id = b"view names", codec = MessagePack)]
    #[derive(Debug, PartialEq)]
    struct Named {
        id: u64,
        label: String,
        #[serializer(frame)]
        data: Vec<u8>,
        #[serializer(frames)]
        texts: Vec<String>,
        #[serializer(frame)]
        last: String,
    }

    #[serializer(view = Named)]
    struct Some<'f> {
        #[serializer(frames)]
        texts: Vec<&'f str>,
        label: &'f str,
        #[serializer(frame)]
        last: &'f str,
    }

    #[serializer(view = Named)]
    struct Label<'f> {
        label: &'f str,
    }

    /// The record `Named`, some time later.
    #[serializer(id = b"view names later", codec = MessagePack)]
    #[derive(Debug, PartialEq)]
    struct Later {
        label: String,
        #[serde(default)]
        added: Option<u8>,
        #[serializer(frame)]
        data: Vec<u8>,
        #[serializer(frames)]
        texts: Vec<String>,
        #[serializer(frame)]
        last: String,
    }

    fn named() -> Named {
        Named {
            id: 7,
            label: "label".to_owned(),
            data: vec![1, 2],
            texts: vec!["one".to_owned(), "two".to_owned()],
            last: "last".to_owned(),
        }
    }

    #[test]
    fn a_view_has_the_fields_that_it_wants() {
        let frame = round_trip(&named());
        let some: Some<'_> = deserialize(&frame).unwrap();
        assert_eq!(
            (some.label, &some.texts[..], some.last),
            ("label", &["one", "two"][..], "last")
        );
        assert_inside(
            &frame,
            &[some.label.as_bytes(), some.texts[1].as_bytes(), some.last.as_bytes()],
        );
        assert_eq!(deserialize::<Label<'_>>(&frame).unwrap().label, "label");
    }

    #[test]
    fn fields_come_and_go() {
        let frame = serialize(&named()).unwrap();
        let payload = Frame::parse(&frame).unwrap().payload();
        let later = Frame::new(&Identifier::new(b"view names later"), payload).to_aligned_bytes();
        let Named { label, data, texts, last, .. } = named();
        assert_eq!(
            deserialize::<Later>(&later).unwrap(),
            Later { label, added: None, data, texts, last }
        );
    }
}
