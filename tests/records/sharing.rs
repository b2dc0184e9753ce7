//! What a field of a record shares with its frame, and what `parts` borrows from the value.

use bytes::Bytes;
use ps_serialize::{deserialize, parts, serialize, serializer};

#[serializer(id = b"rec sharing")]
#[derive(Debug, PartialEq)]
struct Shares {
    id: u8,
    #[serializer(frame)]
    bytes: Bytes,
    #[serializer(frames)]
    list: Vec<Bytes>,
    #[serializer(frames)]
    inner: Option<Inner>,
}

#[serializer(id = b"rec sharing inner")]
#[derive(Debug, PartialEq)]
enum Inner {
    One(#[serializer(frame)] Bytes),
    Deeper {
        #[serializer(frames)]
        inner: Vec<Inner>,
    },
}

fn value() -> Shares {
    let bytes = |byte| Bytes::from(vec![byte; 1000]);
    let deepest = Inner::Deeper { inner: vec![Inner::One(bytes(4))] };
    Shares {
        id: 7,
        bytes: bytes(1),
        list: vec![bytes(2), bytes(3)],
        inner: Some(Inner::Deeper { inner: vec![deepest] }),
    }
}

/// All data in a value, in the order of its frame.
fn data(value: &Shares) -> Vec<&[u8]> {
    fn add<'v>(inner: &'v Inner, all: &mut Vec<&'v [u8]>) {
        match inner {
            Inner::One(bytes) => all.push(bytes),
            Inner::Deeper { inner } => inner.iter().for_each(|inner| add(inner, all)),
        }
    }
    let mut all = vec![&value.bytes[..]];
    all.extend(value.list.iter().map(|bytes| &bytes[..]));
    value.inner.iter().for_each(|inner| add(inner, &mut all));
    all
}

#[test]
fn a_shared_frame_is_shared_and_a_borrowed_one_is_copied() {
    let frame = serialize(&value()).unwrap();
    let inside = frame.as_ptr_range();
    let shared: Shares = deserialize(&frame).unwrap();
    assert_eq!(shared, value());
    let mut before = inside.start;
    assert_eq!(data(&shared).len(), 4);
    for data in data(&shared) {
        assert!(inside.contains(&data.as_ptr()), "no copy");
        assert!(data.as_ptr() > before, "in their order");
        before = data.as_ptr();
    }
    let copied: Shares = deserialize(&frame[..]).unwrap();
    assert_eq!(copied, value());
    assert!(data(&copied).iter().all(|data| !inside.contains(&data.as_ptr())));
    drop(frame);
    assert_eq!(shared, value(), "what is shared keeps the memory");
}

#[test]
fn parts_borrow_all_data_from_the_value() {
    let value = value();
    let parts = parts(&value).unwrap();
    let slices = parts.io_slices();
    for data in data(&value) {
        assert!(slices.iter().any(|slice| slice.as_ptr() == data.as_ptr() && slice.len() == 1000));
    }
}

#[cfg(all(feature = "lz4", feature = "zstd"))]
#[test]
fn what_was_decompressed_is_shared_too() {
    let frame = ps_serialize::Compression::Zstd(1).serialize(&value()).unwrap();
    let back: Shares = deserialize(&frame).unwrap();
    assert_eq!(back, value());
    let all = data(&back);
    // Their distances are those in one frame.
    let frame = serialize(&back).unwrap();
    let again: Shares = deserialize(&frame).unwrap();
    for (one, other) in all.iter().zip(data(&again)) {
        let distance = |data: &[u8], first: &[u8]| data.as_ptr().addr() - first.as_ptr().addr();
        assert_eq!(distance(one, all[0]), distance(other, data(&again)[0]));
    }
}

#[cfg(all(feature = "ndarray", feature = "safetensors"))]
#[test]
fn arrays_of_any_elements_and_tensors_are_shared_too() {
    use ps_serialize::array::DynArray;
    use ps_serialize::tensors::{Dtype, Tensor, Tensors};

    #[serializer(id = b"rec sharing arrays")]
    #[derive(Debug, PartialEq)]
    struct Arrays {
        #[serializer(frame)]
        array: DynArray<'static>,
        #[serializer(frames)]
        models: Vec<Tensors<'static>>,
    }

    let mut tensors = Tensors::new();
    tensors.insert("weights", Tensor::new(Dtype::F64, [10], vec![1; 80]).unwrap());
    let array = DynArray::new("<f8", [100], vec![2; 800]).unwrap();
    let value = Arrays { array, models: vec![tensors] };
    let frame = serialize(&value).unwrap();
    let inside = frame.as_ptr_range();
    let shared: Arrays = deserialize(&frame).unwrap();
    let copied: Arrays = deserialize(&frame[..]).unwrap();
    assert_eq!((&shared, &copied), (&value, &value));
    let data = |value: &Arrays| {
        let tensor = value.models[0].get("weights").unwrap().data().as_ptr();
        [value.array.data().as_ptr(), tensor]
    };
    assert!(data(&shared).iter().all(|data| inside.contains(data)));
    assert!(data(&copied).iter().all(|data| !inside.contains(data)));
    assert!(data(&shared).iter().all(|data| data.addr() % 8 == 0));
}
