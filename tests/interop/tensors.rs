//! `ST`: named tensors, both ways with Python's safetensors.

use std::fmt::Write;

#[cfg(feature = "ndarray")]
use bytes::Bytes;
use ps_serialize::array::DynArray;
use ps_serialize::tensors::{Dtype, Tensor, Tensors};
use ps_serialize::{
    Compression, Frame, deserialize, deserialize_any, deserialize_with, parts, serialize,
    serialize_any,
};
use support::hex;

use crate::python::Python;

/// Every type that safetensors' NumPy side has, by both names, and the size of an element.
const TYPES: [(Dtype, &str, usize); 13] = [
    (Dtype::BOOL, "bool", 1),
    (Dtype::U8, "u1", 1),
    (Dtype::I8, "i1", 1),
    (Dtype::U16, "u2", 2),
    (Dtype::I16, "i2", 2),
    (Dtype::F16, "f2", 2),
    (Dtype::U32, "u4", 4),
    (Dtype::I32, "i4", 4),
    (Dtype::F32, "f4", 4),
    (Dtype::U64, "u8", 8),
    (Dtype::I64, "i8", 8),
    (Dtype::F64, "f8", 8),
    (Dtype::C64, "c8", 8),
];

/// A tensor of every type in some shapes, in both languages.
fn all_types() -> (Tensors<'static>, String) {
    let mut tensors = Tensors::new();
    let mut expression = String::from("{");
    for (dtype, name, size) in TYPES {
        for shape in [vec![], vec![3], vec![2, 0], vec![2, 3, 1]] {
            let elements: usize = shape.iter().product();
            let data: Vec<u8> = (0..elements * size).map(|i| u8::from(i % 2 == 0)).collect();
            let key = format!("{name} {}", shape.len());
            let array = format!("np.frombuffer(bytes.fromhex('{}'), '{name}')", hex(&data));
            write!(expression, "'{key}': {array}.reshape({shape:?}), ").unwrap();
            tensors.insert(key, Tensor::new(dtype, shape, data).unwrap());
        }
    }
    (tensors, expression + "}")
}

#[test]
fn python_reads_ours() {
    let mut python = Python::start();
    let (tensors, expression) = all_types();
    let frame = serialize(&tensors).unwrap();
    assert_eq!(parts(&tensors).unwrap().to_bytes(), frame);
    assert_eq!(serialize_any(&tensors).unwrap(), frame);
    python.assert_reads(&frame, &expression);
    python.assert_reads(&serialize(&Tensors::new()).unwrap(), "{}");
    python.assert_reads(&Compression::Zstd(3).serialize(&tensors).unwrap(), &expression);
}

#[test]
fn we_read_pythons() {
    let mut python = Python::start();
    let (tensors, expression) = all_types();
    let frame = python.evaluate_frame(&format!("ps_serialize.tensors({expression})"));
    assert_eq!(deserialize::<Tensors>(&frame).unwrap(), tensors);
    assert_eq!(deserialize::<Tensors>(&frame).unwrap(), tensors);
    assert_eq!(deserialize::<Tensors>(&frame).unwrap().into_owned(), tensors);
    assert_eq!(deserialize::<Tensors>(&Bytes::from(frame.clone())).unwrap(), tensors);
    assert_eq!(*deserialize_any(&frame).unwrap().downcast::<Tensors>().unwrap(), tensors);

    let frame = python.evaluate_frame(
        "ps_serialize.tensors({'größe\\n': np.ones((1, 2), 'f4')}, {'format': 'pt', 'é': ''})",
    );
    let read: Tensors = deserialize(&frame).unwrap();
    assert_eq!(read.metadata()["format"], "pt");
    assert_eq!(read.metadata()["é"], "");
    assert_eq!(read.get("größe\n").unwrap().data(), [0, 0, 128, 63, 0, 0, 128, 63]);
    // And Python finds in ours what it wrote.
    let [ours, theirs] = [serialize(&read).unwrap().to_vec(), frame].map(|frame| {
        let payload = hex(Frame::parse(&frame).unwrap().payload());
        python.evaluate_frame(&format!(
            "serialize((lambda p: str([sorted((k, str(v)) for k, v in t.items()) \
             for _, t in safetensors.deserialize(p)]) \
             + str(sorted(json.loads(p[8:8 + p[0]])['__metadata__'].items())))\
             (bytes.fromhex('{payload}')))"
        ))
    });
    assert_eq!(String::from_utf8(ours).unwrap(), String::from_utf8(theirs).unwrap());
}

/// The tensors are compared with NumPy's own format, whose elements Python took one by one.
#[cfg(feature = "ndarray")]
#[test]
fn pythons_arrays_of_every_layout_are_read_with_their_values() {
    let mut python = Python::start();
    let frame = python.evaluate_frame("ps_serialize.tensors(layouts.NUMBERS)");
    let tensors: Tensors = deserialize(&frame).unwrap();
    assert!(tensors.len() > 70);
    for (name, tensor) in &tensors {
        let expression = format!("layouts.plain(layouts.NUMBERS['{name}'])");
        let expected = deserialize_with::<DynArray>(&python.evaluate(&expression)).unwrap();
        let found = tensor.as_array().unwrap();
        assert_eq!(found.descr(), expected.descr(), "{name}");
        assert_eq!(found.shape(), expected.shape(), "{name}");
        assert_eq!(found.data(), expected.data(), "{name}");
    }
    let small = python.evaluate_frame(
        "ps_serialize.compressed('zstd', serializer=ps_serialize.tensors)(layouts.NUMBERS)",
    );
    assert!(small.len() < frame.len());
    assert_eq!(deserialize::<Tensors>(&small).unwrap(), tensors);
    // Both lay out a frame alike.
    assert!(serialize(&tensors).unwrap() == frame);
}

#[test]
fn both_lay_out_names_and_texts_alike() {
    let mut python = Python::start();
    let frame = python.evaluate_frame(
        r#"ps_serialize.tensors({"größe\n": np.ones(1), '"\\\0\x1f\x7f': np.ones(2, "?"), "": np.ones(3), "世界 🌍/": np.ones(0)},
            {"format": "pt", "é\t": "\r\b\f'", "": ""})"#
            .lines().collect::<String>().as_str(),
    );
    let tensors: Tensors = deserialize(&frame).unwrap();
    assert_eq!(tensors.get("\"\\\0\x1f\x7f").unwrap().data(), [1, 1]);
    assert_eq!(tensors.metadata()["é\t"], "\r\u{8}\u{c}'");
    assert!(serialize(&tensors).unwrap() == frame);
}

/// The ones that NumPy does not have.
#[test]
fn pythons_safetensors_reads_every_type() {
    let mut python = Python::start();
    for (dtype, bits) in [
        (Dtype::BF16, 16),
        (Dtype::F8_E4M3, 8),
        (Dtype::F8_E5M2, 8),
        (Dtype::F8_E8M0, 8),
        (Dtype::F8_E4M3FNUZ, 8),
        (Dtype::F8_E5M2FNUZ, 8),
        (Dtype::F6_E2M3, 6),
        (Dtype::F6_E3M2, 6),
        (Dtype::F4, 4),
    ] {
        let data: Vec<u8> = (0..bits).collect();
        let mut tensors = Tensors::new();
        tensors.insert("t", Tensor::new(dtype, [2, 4], data.clone()).unwrap());
        let frame = serialize(&tensors).unwrap();
        assert_eq!(deserialize::<Tensors>(&frame).unwrap(), tensors);
        let expression = format!(
            "serialize(str([(name, t['shape'], t['dtype'], bytes(t['data']).hex()) for name, t in \
             safetensors.deserialize(bytes.fromhex('{}'))]))",
            hex(Frame::parse(&frame).unwrap().payload())
        );
        let expected = format!("US\n[('t', [2, 4], '{dtype}', '{}')]", hex(&data));
        assert_eq!(String::from_utf8(python.evaluate_frame(&expression)).unwrap(), expected);
    }
}
