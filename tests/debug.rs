//! The output of `Debug` is bounded, and complete for short values.

use std::fmt::Debug;

use bytes::Buf;
use ps_serialize::{Frame, Identifier, parts};

/// The output of `{:?}` on one line, and of `{:#?}` on many.
fn shown(value: &impl Debug) -> [String; 2] {
    [format!("{value:?}"), format!("{value:#?}")]
}

#[track_caller]
fn is_short(value: &impl Debug, expected: &str) {
    for text in shown(value) {
        assert!(text.chars().count() < 1100, "{} characters: {text}", text.len());
    }
    assert!(shown(value)[0].contains(expected), "{}", shown(value)[0]);
}

#[test]
fn frames_print_their_size() {
    let identifier = Identifier::new(&[0xff; 32]);
    is_short(&Frame::new(&identifier, &vec![7; 100_000]), "100000 bytes");
    is_short(
        &Frame::new(&Identifier::new(b"BS"), &[]),
        r#"Frame { identifier: b"BS", payload: 0 bytes }"#,
    );
    is_short(
        &Frame::parse(b"US\nhello").unwrap(),
        r#"Frame { identifier: b"US", payload: 5 bytes }"#,
    );
}

#[test]
fn parts_print_sizes_of_a_few_pieces() {
    struct Pieces(Vec<u8>);
    impl ps_serialize::Serializer for Pieces {
        type Value = Self;
        const IDENTIFIER: Identifier = Identifier::new(b"Dp");
        const NAME: &'static str = "pieces";
        fn serialize<'a>(
            value: &'a Self,
            out: &mut dyn ps_serialize::Sink<'a>,
        ) -> ps_serialize::Result<()> {
            value.0.iter().for_each(|byte| out.borrow(std::slice::from_ref(byte)));
            Ok(())
        }
        fn deserialize(payload: ps_serialize::Payload<'_, '_>) -> ps_serialize::Result<Self> {
            Ok(Self(payload.to_vec()))
        }
    }
    impl ps_serialize::Serializable for Pieces {
        type Serializer = Self;
        fn serialize_payload<'a>(
            &'a self,
            out: &mut dyn ps_serialize::Sink<'a>,
        ) -> ps_serialize::Result<()> {
            <Self as ps_serialize::Serializer>::serialize(self, out)
        }
    }

    let pieces = Pieces(vec![7; 100_000]);
    let parts_of_it = parts(&pieces).unwrap();
    assert_eq!(
        format!("{parts_of_it:?}"),
        "Parts of [3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, … 99985 more] bytes"
    );
    is_short(&parts_of_it, "99985 more");
    is_short(&parts(&vec![7_u8; 100_000]).unwrap(), "Parts of [3, 100000] bytes");
    let mut rest = parts("five!").unwrap();
    rest.advance(3);
    is_short(&rest, "Parts of [5] bytes");
    is_short(&parts("").unwrap(), "Parts of [3] bytes");
}

#[cfg(feature = "ndarray")]
#[test]
fn arrays_print_few_bytes_and_no_more() {
    use ps_serialize::array::DynArray;

    let array = |descr: &'static str, shape: &[usize], data: Vec<u8>| {
        DynArray::new(descr, shape, data).unwrap()
    };
    is_short(
        &array("<f8", &[100, 1000], vec![0; 800_000]),
        "shape: [100, 1000], fortran_order: false, data: 800000 bytes",
    );
    is_short(
        &array("|S3", &[2], b"one\0\xff2".to_vec()),
        r#"DynArray { descr: "|S3", shape: [2], fortran_order: false, data: [111, 110, 101, 0, 255, 50] }"#,
    );
    let long = format!(
        "[{}]",
        (0..500).map(|n| format!("('f{n}', '<f8')")).collect::<Vec<_>>().join(", ")
    );
    let bytes = long.len();
    let structured = DynArray::new(long, [0], vec![]).unwrap();
    is_short(&structured, &format!("… of {bytes} bytes"));
    is_short(&array("|u1", &[1; 64], vec![7]), "data: [7]");
}

#[cfg(feature = "pickle")]
#[test]
fn plain_data_prints_its_start_and_its_size() {
    use num_bigint::BigInt;
    use ps_serialize::pickle::Value;

    let many = || (0..100_000).map(Value::from).collect::<Vec<_>>();
    is_short(&Value::List(many()), "List([Int(0), Int(1), ");
    for value in
        [Value::List(many()), Value::Tuple(many()), Value::Set(many()), Value::FrozenSet(many())]
    {
        is_short(&value, "Int(15), … 99984 more])");
    }
    is_short(
        &many().into_iter().map(|n| (n.clone(), n)).collect::<Value>(),
        "(Int(15), Int(15)), … 99984 more])",
    );
    is_short(&Value::Bytes(vec![7; 100_000]), "Bytes(100000 bytes)");
    is_short(&Value::ByteArray(vec![7; 100_000]), "ByteArray(100000 bytes)");
    is_short(&Value::Str("\u{10ffff}".repeat(25_000)), "… of 100000 bytes)");
    is_short(
        &Value::Str("é".repeat(50_000)),
        &format!("Str(\"{}\"… of 100000 bytes)", "é".repeat(64)),
    );
    is_short(&Value::from(BigInt::from(1) << 10_000_000_u32), "BigInt(10000001 bits)");
    let texts = vec![Value::from("x".repeat(1000)); 100];
    is_short(&Value::List(texts.clone()), "…");
    let mut deep = Value::List(texts);
    for _ in 0..3 {
        deep =
            Value::List(vec![deep.clone(), deep.clone(), Value::Dict(vec![(deep.clone(), deep)])]);
    }
    is_short(&deep, "…");
    let nested = (0..2000).fold(Value::None, |value, _| Value::Tuple(vec![value]));
    is_short(&nested, "Tuple([Tuple([");
}

#[cfg(feature = "pickle")]
#[test]
fn short_plain_data_is_shown_whole() {
    use num_bigint::BigInt;
    use ps_serialize::pickle::Value;

    for (value, expected) in [
        (Value::None, "None"),
        (true.into(), "Bool(true)"),
        ((-7).into(), "Int(-7)"),
        (Value::from(BigInt::from(u64::MAX)), "BigInt(18446744073709551615)"),
        (f64::NAN.into(), "Float(NaN)"),
        (Value::Complex(1.0, -0.5), "Complex(1.0, -0.5)"),
        ("a\"\n".into(), r#"Str("a\"\n")"#),
        (b"a\xff".into(), "Bytes([97, 255])"),
        (Value::ByteArray(vec![]), "ByteArray([])"),
        ([1, 2].into(), "List([Int(1), Int(2)])"),
        (
            Value::Tuple(vec![Value::Set(vec![]), Value::FrozenSet(vec![])]),
            "Tuple([Set([]), FrozenSet([])])",
        ),
        ([("a", 1)].into_iter().collect(), r#"Dict([(Str("a"), Int(1))])"#),
    ] {
        assert_eq!(format!("{value:?}"), expected);
    }
    assert_eq!(
        format!("{:#?}", Value::from([1])),
        "List(\n    [\n        Int(\n            1,\n        ),\n    ],\n)"
    );
}

#[cfg(all(feature = "pickle", feature = "ndarray"))]
#[test]
fn scalars_print_few_bytes_and_no_more() {
    use ps_serialize::array::DynArray;
    use ps_serialize::pickle::{Scalar, Value};

    let long = DynArray::new("|S100000", [], vec![7; 100_000]).unwrap();
    let long = Scalar::new(long).unwrap();
    is_short(&long, "data: 100000 bytes");
    is_short(&Value::from(long.clone()), "Scalar(DynArray { descr: \"|S100000\"");
    is_short(&vec![Value::from(long); 3][0], "100000 bytes");
    let short = Scalar::new(DynArray::new("|u1", [], vec![7]).unwrap()).unwrap();
    is_short(&Value::from(short), "data: [7] })");
    let array = Value::from(DynArray::new("<f8", [100_000], vec![0; 800_000]).unwrap());
    is_short(
        &array,
        "Array(DynArray { descr: \"<f8\", shape: [100000], fortran_order: false, data: 800000 bytes })",
    );
}

#[cfg(feature = "safetensors")]
#[test]
fn tensors_print_a_few_names_types_and_shapes() {
    use ps_serialize::tensors::{Dtype, Tensor, Tensors};

    let tensor = |bytes: usize| Tensor::new(Dtype::U8, [bytes], vec![0; bytes]).unwrap();
    let mut model = Tensors::from_iter([("bias", tensor(100_000))]);
    model.metadata_mut().insert("format".to_owned(), "pt".to_owned());
    is_short(
        &model,
        r#"Tensors { tensors: {"bias": Tensor of U8 [100000], 100000 bytes}, metadata: {"format": "pt"} }"#,
    );
    is_short(&Tensors::new(), "Tensors { tensors: {}, metadata: {} }");
    is_short(
        &(0..100_000).map(|n| (format!("{n:06}"), tensor(0))).collect::<Tensors>(),
        "…: 99984 more",
    );
    is_short(&Tensors::from_iter([("x".repeat(100_000), tensor(1))]), "\"… of 100000 bytes");
    is_short(&Tensor::new(Dtype::U8, vec![1; 100_000], vec![7]).unwrap(), "… 99984 more], 1 bytes");
    let mut texts = Tensors::new();
    for n in 0..100_000 {
        texts.metadata_mut().insert(format!("{n:06}"), "é".repeat(1000));
    }
    is_short(&texts, "\"000000\": \"éé");
}

#[cfg(all(feature = "torch", feature = "ndarray"))]
#[test]
fn checkpoints_print_a_few_tensors_and_values() {
    use ps_serialize::torch::Checkpoint;

    is_short(
        &Checkpoint::default(),
        "Checkpoint { tensors: Tensors { tensors: {}, metadata: {} }, values: {} }",
    );
    for name in ["state_dict", "training", "nested", "dtypes"] {
        let path = format!("{}/torch/{name}.pt", env!("CARGO_MANIFEST_DIR"));
        let file = std::fs::read(path).unwrap();
        let frame = Frame::new(&Identifier::new(b"PT"), &file).to_bytes();
        let checkpoint: Checkpoint = ps_serialize::deserialize(&frame).unwrap();
        is_short(&checkpoint, "Checkpoint { tensors: Tensors { tensors: {");
    }
}
