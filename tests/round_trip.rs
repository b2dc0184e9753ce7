//! Every verb, for every built-in and for annotated types: the bytes are what the format says,
//! and they read back as the value that was written.

use std::any::Any;
use std::io::{self, Cursor, IoSlice, Write};

use bytes::{Buf, Bytes};
use ps_serialize::{
    Deserializable, ErrorKind, Parts, Payload, Result, Serializable, Serializer, Sink, deserialize,
    deserialize_any, deserialize_with, parts, read_frame, serialize, serialize_any, serialize_into,
    serialize_to, serialize_with, serializer,
};

#[serializer(id = b"05")]
#[derive(serde::Serialize, serde::Deserialize, Debug, PartialEq, Clone)]
struct Particle {
    mass: f64,
    name: String,
    charges: Vec<i16>,
}

#[serializer(id = b"06")]
#[derive(serde::Serialize, serde::Deserialize, Debug, PartialEq)]
enum Event {
    Created(Box<Event>),
    Moved { by: (i8, i8) },
    Gone,
}

fn particle() -> Particle {
    Particle { mass: 1.0, name: "µ".to_owned(), charges: vec![-1, 2] }
}

const PARTICLE: &[u8] =
    b"05\n\0\0\0\0\0\0\xf0\x3f\x02\0\0\0\0\0\0\0\xc2\xb5\x02\0\0\0\0\0\0\0\xff\xff\x02\0";

/// Every writing verb gives this frame.
fn writes<T: Serializable + ?Sized>(value: &T, frame: &[u8]) {
    assert_eq!(serialize(value).unwrap(), frame);
    assert_eq!(serialize(&value).unwrap(), frame, "through one more reference");

    let mut buffer = b"before".to_vec();
    serialize_into(value, &mut buffer).unwrap();
    assert_eq!(buffer, [b"before", frame].concat());

    let mut writer = Cursor::new(Vec::new());
    serialize_to(value, &mut writer).unwrap();
    assert_eq!(writer.into_inner(), frame);

    let mut parts = parts(value).unwrap();
    assert_eq!(parts.len(), frame.len());
    assert_eq!(parts.to_bytes(), frame);
    let slices = parts.io_slices();
    assert_eq!(slices.iter().map(|slice| &slice[..]).collect::<Vec<_>>().concat(), frame);
    assert_eq!(parts.copy_to_bytes(parts.remaining()), frame);
    assert!(parts.is_empty());
}

/// Every verb goes there and back.
fn round_trip<T>(value: &T, frame: &[u8])
where
    T: Serializable<Serializer: Serializer<Value = T>>
        + for<'f> Deserializable<'f>
        + PartialEq
        + std::fmt::Debug
        + Any,
{
    writes(value, frame);
    assert_eq!(serialize_with::<<T as Serializable>::Serializer>(value).unwrap(), frame);
    assert_eq!(serialize_any(value).unwrap(), frame);
    assert_eq!(deserialize::<T>(frame).unwrap(), *value);
    assert_eq!(deserialize_with::<<T as Serializable>::Serializer>(frame).unwrap(), *value);
}

#[test]
fn records() {
    round_trip(&particle(), PARTICLE);
    let any = deserialize_any(PARTICLE).unwrap();
    assert_eq!(any.downcast_ref(), Some(&particle()));

    round_trip(&Event::Gone, b"06\n\x02\0\0\0");
    round_trip(&Event::Moved { by: (-1, 1) }, b"06\n\x01\0\0\0\xff\x01");
    round_trip(&Event::Created(Box::new(Event::Gone)), b"06\n\0\0\0\0\x02\0\0\0");
}

#[test]
fn text() {
    for text in ["", "five!", "héllo\n\0 世界", " \n leading", &"x\r\n".repeat(30_000)] {
        let frame = ["US\n", text].concat();
        round_trip(&text.to_owned(), frame.as_bytes());
        writes(text, frame.as_bytes());
        assert_eq!(deserialize::<&str>(frame.as_bytes()).unwrap(), text);
        let any = deserialize_any(frame.as_bytes()).unwrap();
        assert_eq!(any.downcast_ref(), Some(&text.to_owned()));
    }
    assert_eq!(serialize_any(&"a static str").unwrap()[..], *b"US\na static str");
}

#[test]
fn bytes() {
    let every_byte: Vec<u8> = (0..=255).collect();
    for bytes in [&b""[..], b"\n", b" \x00\xff", &every_byte, &vec![7; 300_000]] {
        let frame = [b"BS\n", bytes].concat();
        round_trip(&bytes.to_vec(), &frame);
        round_trip(&Bytes::copy_from_slice(bytes), &frame);
        writes(bytes, &frame);
        assert_eq!(deserialize::<&[u8]>(&frame).unwrap(), bytes);
        let any = deserialize_any(&frame).unwrap();
        assert_eq!(any.downcast_ref(), Some(&Bytes::copy_from_slice(bytes)));
        let shared: Bytes = frame.clone().into();
        let any = deserialize_any(&shared).unwrap().downcast::<Bytes>().unwrap();
        assert!(bytes.is_empty() || std::ptr::eq(&any[..], &shared[3..]), "nothing is copied");
    }
    writes(b"an array", b"BS\nan array");
    assert_eq!(serialize_any(&&b"static"[..]).unwrap()[..], *b"BS\nstatic");
}

#[test]
fn a_boxed_any_is_opened() {
    let any = deserialize_any(PARTICLE).unwrap();
    assert_eq!(serialize_any(&any).unwrap(), PARTICLE);
    let boxed: Box<dyn Any> = Box::new(particle());
    assert_eq!(serialize_any(&boxed).unwrap(), PARTICLE);
}

#[test]
fn what_is_borrowed_is_not_copied() {
    let data = vec![7_u8; 1000];
    let parts = parts(&data).unwrap();
    assert!(parts.io_slices().iter().any(|slice| std::ptr::eq(&slice[..], &data[..])));
    let frame = serialize(&data).unwrap();
    assert!(std::ptr::eq(deserialize::<&[u8]>(&frame).unwrap(), &frame[3..]));
}

/// Writes three kinds of pieces, many of them.
struct Pieces;

#[serializer(id = b"07", align = 8)]
impl Serializer for Pieces {
    type Value = Vec<Vec<u8>>;

    fn serialize<'a>(value: &'a Vec<Vec<u8>>, out: &mut dyn Sink<'a>) -> Result<()> {
        for piece in value {
            out.put(&piece[..1]);
            out.put(&piece[1..2]);
            out.borrow(&piece[2..]);
            out.borrow(b"");
            out.share(Bytes::copy_from_slice(piece));
        }
        Ok(())
    }

    fn deserialize(_: Payload<'_, '_>) -> Result<Vec<Vec<u8>>> {
        Err(ps_serialize::Error::custom("only written"))
    }
}

#[test]
fn an_aligned_payload_is_aligned_in_memory_whatever_was_announced() {
    for pieces in [0, 1, 2, 10, 100] {
        for size in [2, 3, 50, 100, 1000] {
            let frame = serialize_with::<Pieces>(&vec![vec![1; size]; pieces]).unwrap();
            assert_eq!(frame.as_ptr().addr() % 64, 0, "{pieces} pieces of {size}");
            assert_eq!(frame.len(), 64 + 2 * pieces * size);
        }
    }
}

/// Takes a few bytes at a time, and is interrupted before each.
struct Trickle {
    bytes: Vec<u8>,
    at_once: usize,
    interrupted: bool,
}

impl Write for Trickle {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_vectored(&[IoSlice::new(bytes)])
    }

    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        assert!(slices.len() <= 1024, "more than IOV_MAX");
        self.interrupted = !self.interrupted;
        if self.interrupted {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let now: Vec<u8> =
            slices.iter().flat_map(|slice| slice.iter().copied()).take(self.at_once).collect();
        self.bytes.extend_from_slice(&now);
        Ok(now.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn pieces(count: u8) -> (Vec<Vec<u8>>, Vec<u8>) {
    let value: Vec<Vec<u8>> = (0..count).map(|i| vec![i; 2 + usize::from(i)]).collect();
    let mut frame = format!("{:63}\n", "07").into_bytes();
    value.iter().for_each(|piece| frame.extend([&piece[..], piece].concat()));
    (value, frame)
}

fn parts_of(value: &Vec<Vec<u8>>) -> Parts<'_> {
    struct Wrapper<'a>(&'a Vec<Vec<u8>>);
    impl Serializable for Wrapper<'_> {
        type Serializer = Pieces;
        fn serialize_payload<'a>(&'a self, out: &mut dyn Sink<'a>) -> Result<()> {
            Pieces::serialize(self.0, out)
        }
    }
    // Leaked, for a test, since `Parts` borrows from the wrapper.
    parts(Box::leak(Box::new(Wrapper(value)))).unwrap()
}

#[test]
fn pieces_are_written_in_order_however_little_the_writer_takes() {
    let value: &'static _ = Box::leak(Box::new(pieces(255)));
    let (value, frame) = value;
    assert_eq!(serialize_with::<Pieces>(value).unwrap(), frame);
    for at_once in [1, 2, 3, 63, 64, 65, 1000, usize::MAX] {
        let mut writer = Trickle { bytes: Vec::new(), at_once, interrupted: false };
        parts_of(value).write_to(&mut writer).unwrap();
        assert_eq!(writer.bytes, *frame, "{at_once} bytes at once");
    }
    let mut full = Trickle { bytes: Vec::new(), at_once: 0, interrupted: false };
    let error = parts_of(value).write_to(&mut full).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::WriteZero);
    assert!(error.to_string().contains("takes no more"), "{error}");
}

#[test]
fn parts_are_a_buf() {
    let value: &'static _ = Box::leak(Box::new(pieces(40)));
    let (value, frame) = value;
    for step in [1, 2, 3, 7, 64, 100] {
        let mut parts = parts_of(value);
        let mut read = Vec::new();
        while parts.has_remaining() {
            let now = step.min(parts.remaining());
            let mut vectored = [IoSlice::new(&[]); 4];
            let filled = parts.chunks_vectored(&mut vectored);
            assert_eq!(vectored[0][..], *parts.chunk());
            assert!(vectored[..filled].iter().all(|slice| !slice.is_empty()));
            let mut bytes = vec![0; now];
            parts.copy_to_slice(&mut bytes);
            read.extend(bytes);
            assert_eq!(parts.to_bytes(), frame[read.len()..]);
        }
        assert_eq!(read, *frame, "in steps of {step}");
    }
}

/// Fails after it has written something.
struct Failing;

#[serializer(id = b"08")]
impl Serializer for Failing {
    type Value = Failing;

    fn serialize<'a>(_: &'a Failing, out: &mut dyn Sink<'a>) -> Result<()> {
        out.put(b"half");
        Err(ps_serialize::Error::custom("the other half is missing"))
    }

    fn deserialize(_: Payload<'_, '_>) -> Result<Failing> {
        Err("x".parse::<u8>().map_err(ps_serialize::Error::custom).unwrap_err())
    }
}

#[test]
fn a_value_that_cannot_be_written_leaves_nothing_behind() {
    let mut buffer = b"before".to_vec();
    let error = serialize_into(&Failing, &mut buffer).unwrap_err();
    assert_eq!(buffer, b"before");
    assert!(matches!(error.kind(), ErrorKind::Serialize { .. }));
    assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "the other half is missing");

    let mut writer = Cursor::new(Vec::new());
    serialize_to(&Failing, &mut writer).unwrap_err();
    assert!(writer.into_inner().is_empty());
    for error in [serialize(&Failing).unwrap_err(), serialize_any(&Failing).unwrap_err()] {
        assert!(format!("{error:?}").contains("caused by: the other half is missing"));
    }
}

#[test]
fn a_frame_is_read_to_the_end_into_aligned_memory() {
    /// Gives a few bytes at a time, interrupted now and then.
    struct Dribble<'a>(&'a [u8], u32);
    impl io::Read for Dribble<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.1 += 1;
            if self.1.is_multiple_of(3) {
                return Err(io::ErrorKind::Interrupted.into());
            }
            let len = buffer.len().min(1 + 99_991 * (self.1 as usize % 2));
            io::Read::read(&mut self.0, &mut buffer[..len])
        }
    }

    for len in [0, 1, 61, 64, 1000, 16 << 10, (16 << 10) + 1, 4 << 20, (4 << 20) + 1, 9_000_000] {
        let payload: Vec<u8> = (0..=250).cycle().take(len).collect();
        let frame = serialize(&payload).unwrap();
        let (exact, size) = (Some(frame.len()), frame.len());
        for hint in
            [None, exact, Some(0), Some(size / 2), Some(size + 1), Some(2 * size), Some(usize::MAX)]
        {
            let read = read_frame(Dribble(&frame, 0), hint).unwrap();
            assert!(read == frame, "{len} bytes, hint {hint:?}");
            assert_eq!(read.as_ptr().addr() % 64, 0, "{len} bytes, hint {hint:?}");
        }
    }

    struct Broken;
    impl io::Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::ErrorKind::ConnectionReset.into())
        }
    }
    for hint in [None, Some(10 << 20)] {
        let error = read_frame(Broken, hint).unwrap_err();
        assert!(
            matches!(error.kind(), ErrorKind::Io(error) if error.kind() == io::ErrorKind::ConnectionReset)
        );
    }
}

#[cfg(feature = "safetensors")]
mod tensors {
    use ps_serialize::tensors::{Dtype, Tensor, Tensors};
    use ps_serialize::{deserialize, parts};

    use super::*;

    fn model() -> Tensors<'static> {
        let mut model = Tensors::new();
        for (name, dtype, bytes) in [
            ("z", Dtype::U8, 3),
            ("a", Dtype::F64, 80),
            ("m", Dtype::BF16, 6),
            ("n", Dtype::I64, 0),
        ] {
            let elements = bytes * 8 / dtype.bitsize();
            let data: Vec<u8> = (0..bytes).map(|i| u8::try_from(i).unwrap()).collect();
            model.insert(name, Tensor::new(dtype, [elements], data).unwrap());
        }
        model.metadata_mut().extend((0..9).map(|i| (format!("key {i}"), "text".to_owned())));
        model
    }

    #[test]
    fn every_verb_and_the_same_bytes_each_time() {
        let model = model();
        let frame = serialize(&model).unwrap();
        writes(&model, &frame);
        assert_eq!(serialize(&model.clone()).unwrap(), frame);
        assert_eq!(deserialize::<Tensors>(&frame).unwrap(), model);
        assert_eq!(deserialize::<Tensors>(&frame[..]).unwrap(), model);
        assert_eq!(*deserialize_any(&frame).unwrap().downcast::<Tensors>().unwrap(), model);
        assert_eq!(serialize_any(&model).unwrap(), frame);
    }

    #[test]
    fn nothing_is_copied_and_all_is_aligned() {
        let model = model();
        let parts = parts(&model).unwrap();
        let frame = serialize(&model).unwrap();
        let shared: Tensors = deserialize(&frame).unwrap();
        let owned: Tensors = deserialize(&frame[..]).unwrap();
        let any = deserialize_any(&frame).unwrap().downcast::<Tensors>().unwrap();
        let inside = frame.as_ptr_range();
        for (name, tensor) in model.iter().filter(|(_, tensor)| !tensor.data().is_empty()) {
            let data = tensor.data().as_ptr();
            assert!(parts.io_slices().iter().any(|slice| slice.as_ptr() == data), "{name}");
            for tensors in [&shared, &*any] {
                assert!(inside.contains(&tensors.get(name).unwrap().data().as_ptr()), "{name}");
            }
            assert!(!inside.contains(&owned.get(name).unwrap().data().as_ptr()));
            let size = tensor.dtype().bitsize() / 8;
            for tensors in [&shared, &*any, &owned] {
                let data = tensors.get(name).unwrap().data();
                assert!(data.as_ptr().addr().is_multiple_of(size), "{name}");
            }
        }
    }

    #[test]
    fn a_reserved_name_is_an_error() {
        let mut model = model();
        model.insert("__metadata__", Tensor::new(Dtype::U8, [0], vec![]).unwrap());
        assert!(format!("{:?}", serialize(&model).unwrap_err()).contains("`__metadata__`"));
    }

    #[cfg(feature = "ndarray")]
    #[test]
    fn arrays_both_ways() {
        use ndarray::{ArrayD, array};
        use num_complex::Complex;

        let c = array![[1.5_f32, 2.0], [3.0, -0.0]];
        let tensor = Tensor::of_array(&c).unwrap();
        // The bytes of a tensor are little-endian.
        let borrowed = tensor.data().as_ptr() == c.as_ptr().cast();
        assert_eq!(borrowed, cfg!(target_endian = "little"));
        let array = tensor.as_array().unwrap();
        assert_eq!(array.to_array::<f32>().unwrap(), c.view().into_dyn());
        assert_eq!(array.as_view::<f32>().is_ok(), borrowed);
        let transposed = c.t();
        let copied = Tensor::of_array(&transposed).unwrap();
        let back: ArrayD<f32> = copied.as_array().unwrap().to_array().unwrap();
        assert_eq!(back, transposed.into_dyn());

        let complex = array![Complex::new(1.0_f32, 2.0)];
        assert_eq!(Tensor::of_array(&complex).unwrap().dtype(), Dtype::C64);
        assert!(Tensor::of_array(&array![Complex::new(1.0_f64, 2.0)]).is_err());
        assert!(Tensor::new(Dtype::BF16, [1], vec![0; 2]).unwrap().as_array().is_err());
        assert!(tensor.as_array().unwrap().to_array::<f64>().is_err());
    }
}

#[cfg(feature = "pickle")]
mod plain_data {
    use std::fmt;

    use ps_serialize::pickle::Pickle;
    use ps_serialize::{deserialize_with, serialize_with};
    use serde::de::Visitor;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    /// A type that takes only text borrowed from the payload, as some crates' types do.
    #[derive(Debug, PartialEq)]
    struct Bits(Vec<u8>);

    impl Serialize for Bits {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_bytes(&self.0)
        }
    }

    impl<'de> Deserialize<'de> for Bits {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            <&[u8]>::deserialize(deserializer).map(|bytes| Self(bytes.to_vec()))
        }
    }

    #[derive(Debug, PartialEq, Serialize)]
    struct Name(String);

    impl<'de> Deserialize<'de> for Name {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            struct Borrowed;

            impl<'de> Visitor<'de> for Borrowed {
                type Value = Name;

                fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str("borrowed text")
                }

                fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Name, E> {
                    Ok(Name(text.to_owned()))
                }
            }

            deserializer.deserialize_str(Borrowed)
        }
    }

    #[test]
    fn bytes_and_text_are_borrowed_by_types_that_ask_for_it() {
        let value = (Bits(vec![1, 255]), Some(Bits(vec![])), Name("añ".to_owned()));
        let frame = serialize_with::<Pickle<_>>(&value).unwrap();
        let back: (Bits, Option<Bits>, Name) = deserialize_with::<Pickle<_>>(&frame).unwrap();
        assert_eq!(back, value);
        // `bytearray`; bytes that had to be unescaped; the text of Python 2.
        for payload in
            [&b"\x96\x02\0\0\0\0\0\0\0\x01\xff."[..], b"S'\\x01\\xff'\n.", b"C\x02\x01\xff."]
        {
            let frame = [b"PK\n", payload].concat();
            assert_eq!(deserialize_with::<Pickle<Bits>>(&frame).unwrap(), Bits(vec![1, 255]));
        }
        for payload in [&b"Va\\u00f1\n."[..], b"X\x03\0\0\0a\xc3\xb1."] {
            let frame = [b"PK\n", payload].concat();
            assert_eq!(deserialize_with::<Pickle<Name>>(&frame).unwrap(), Name("añ".to_owned()));
        }
        let scalar = b"PK\ncnumpy.core.multiarray\nscalar\ncnumpy\ndtype\n\x8c\x02S3\x85RC\x03\x01\xff\0\x86R.";
        if cfg!(feature = "ndarray") {
            assert_eq!(deserialize_with::<Pickle<Bits>>(scalar).unwrap(), Bits(vec![1, 255]));
        }
    }
}
