//! Fields that Python gets as objects of its own: arrays, tensors, bytes, text, instances.

use std::collections::{BTreeMap, HashMap};

use ndarray::{Array1, Array2, Array3, ArrayD};
use ps_serialize::array::DynArray;
use ps_serialize::pickle::Value;
use ps_serialize::tensors::{Dtype, Tensor, Tensors};
use ps_serialize::{
    Deserializable, Identifier, Payload, Result, Serializable, Serializer, Sink, deserialize,
    deserialize_any, parts, serialize, serialize_any, serialize_to, serializer,
};
use serde::{Deserialize, Serialize};
use support::from_hex;

use crate::{PROTOCOLS, start};

#[serializer(python = "sim.Wave")]
#[derive(Debug, PartialEq, Clone)]
struct Wave {
    rate: u32,
    #[serializer(frame)]
    samples: Array1<f64>,
    #[serializer(frame)]
    note: String,
    #[serializer(frame)]
    raw: Vec<u8>,
}

fn wave(samples: usize) -> Wave {
    #[allow(clippy::cast_precision_loss)]
    let samples = (0..samples).map(|index| index as f64 / 2.0).collect();
    Wave { rate: 44_100, samples, note: "é".repeat(10), raw: vec![1, 2, 255] }
}

#[test]
fn a_class_with_an_array_is_the_same_on_both_sides() {
    let mut python = start();
    for samples in [0, 1, 1000, 100_000] {
        let value = wave(samples);
        let frame = serialize(&value).unwrap();
        assert_eq!(frame, parts(&value).unwrap().to_bytes());
        let mut written = Vec::new();
        serialize_to(&value, &mut written).unwrap();
        assert_eq!(frame, written);
        assert_eq!(serialize_any(&value).unwrap(), frame);
        let about = "type(it) is sim.Wave, it.rate, it.samples.dtype.str, it.samples.shape, it.samples.flags.writeable, \
            bool((it.samples == np.arange(len(it.samples)) / 2).all()), it.note, it.raw";
        assert_eq!(
            python.say(&frame, about),
            format!(
                "(True, 44100, '<f8', ({samples},), True, True, 'éééééééééé', b'\\x01\\x02\\xff')"
            )
        );
        assert_eq!(deserialize::<Wave>(&frame).unwrap(), value);
        assert_eq!(deserialize_any(&frame).unwrap().downcast_ref(), Some(&value));
        for protocol in PROTOCOLS {
            let expression =
                format!("sim.Wave(44100, np.arange({samples}) / 2, 'é' * 10, b'\\x01\\x02\\xff')");
            let frame = python.pickle(&expression, protocol);
            assert_eq!(deserialize::<Wave>(&frame).unwrap(), value, "{protocol}");
            assert_eq!(deserialize_any(&frame).unwrap().downcast_ref(), Some(&value));
        }
    }
}

macro_rules! types {
    ($($path:literal $name:ident $element:ty, $dtype:literal;)*) => {
        $(
            #[serializer(python = $path)]
            #[derive(Debug, PartialEq)]
            struct $name {
                #[serializer(frame)]
                matrix: Array2<$element>,
                #[serializer(frame)]
                columns: Array2<$element>,
                #[serializer(frame)]
                any: ArrayD<$element>,
                #[serializer(frame)]
                dynamic: DynArray<'static>,
            }
        )*

        #[test]
        fn arrays_of_every_type_are_native() {
            let mut python = start();
            $(
                let matrix = Array2::<$element>::from_shape_fn((3, 4), |(row, column)| {
                    let bytes = [u8::from(row * 4 + column > 5); size_of::<$element>()];
                    bytemuck::checked::pod_read_unaligned(&bytes)
                });
                let value = $name {
                    columns: matrix.t().as_standard_layout().into_owned().reversed_axes(),
                    any: matrix.clone().into_shape_with_order((2, 3, 2)).unwrap().into_dyn(),
                    dynamic: DynArray::new($dtype, [12], matrix.iter().flat_map(|element| bytemuck::bytes_of(element).to_vec()).collect::<Vec<_>>()).unwrap(),
                    matrix,
                };
                let frame = serialize(&value).unwrap();
                let about = "[(a.dtype.str, a.shape, a.flags.c_contiguous, a.flags.f_contiguous, a.flags.writeable, a.tobytes() == it.matrix.tobytes()) \
                    for a in (it.matrix, it.columns, it.any, it.dynamic)]";
                let expected = format!(
                    "[('{0}', (3, 4), True, False, True, True), ('{0}', (3, 4), False, True, True, True), ('{0}', (2, 3, 2), True, False, True, True), ('{0}', (12,), True, True, True, True)]",
                    $dtype
                );
                assert_eq!(python.say(&frame, about), expected);
                assert_eq!(deserialize::<$name>(&frame).unwrap(), value);
                for protocol in PROTOCOLS {
                    let again = python.again(&frame, protocol);
                    assert_eq!(deserialize::<$name>(&again).unwrap(), value, "{} {protocol}", $dtype);
                }
            )*
        }
    };
}

types! {
    "arrays.Bools" Bools bool, "|b1";
    "arrays.Int8" Int8 i8, "|i1";
    "arrays.Int16" Int16 i16, "<i2";
    "arrays.Int32" Int32 i32, "<i4";
    "arrays.Int64" Int64 i64, "<i8";
    "arrays.UInt8" UInt8 u8, "|u1";
    "arrays.UInt16" UInt16 u16, "<u2";
    "arrays.UInt32" UInt32 u32, "<u4";
    "arrays.UInt64" UInt64 u64, "<u8";
    "arrays.Float16" Float16 half::f16, "<f2";
    "arrays.Float32" Float32 f32, "<f4";
    "arrays.Float64" Float64 f64, "<f8";
    "arrays.Complex64" Complex64 num_complex::Complex<f32>, "<c8";
    "arrays.Complex128" Complex128 num_complex::Complex<f64>, "<c16";
}

#[derive(Serialize, Deserialize, Debug, PartialEq, Clone)]
struct Settings {
    levels: Vec<i32>,
}

#[serializer(python = "sim.Part")]
#[derive(Serialize, Deserialize, Debug, PartialEq, Clone)]
struct Part {
    name: String,
}

#[serializer(python = "sim.Mixed")]
#[derive(Debug, PartialEq)]
#[serde(rename_all = "camelCase")]
struct Mixed {
    the_name: String,
    settings: Settings,
    plain_part: Part,
    more_parts: Vec<Part>,
    #[serializer(frames)]
    maybe_array: Option<Array3<u8>>,
    #[serializer(frames)]
    many_arrays: Vec<Array1<i16>>,
    #[serializer(frames)]
    by_name: BTreeMap<String, Wave>,
    #[serializer(frame)]
    #[serde(rename = "wave", alias = "Wave")]
    the_wave: Wave,
    #[serializer(frame)]
    framed_part: Part,
    #[serializer(frame)]
    tensors: Tensors<'static>,
    #[serializer(frame)]
    #[serde(default)]
    numbers: Vec<i64>,
}

fn mixed() -> Mixed {
    let part = |name: &str| Part { name: name.to_owned() };
    let tensor =
        Tensor::new(Dtype::F32, [2, 1], [1.0_f32, 2.0].map(f32::to_le_bytes).concat()).unwrap();
    let mut tensors = Tensors::new();
    tensors.insert("weight", tensor);
    Mixed {
        the_name: "all".to_owned(),
        settings: Settings { levels: vec![1, 2] },
        plain_part: part("a"),
        more_parts: vec![part("b"), part("c")],
        maybe_array: Some(Array3::from_elem((1, 2, 3), 7)),
        many_arrays: vec![Array1::from(vec![1, 2]), Array1::from(vec![])],
        by_name: [("x".to_owned(), wave(3)), ("y".to_owned(), wave(2000))].into(),
        the_wave: wave(2),
        framed_part: part("d"),
        tensors,
        numbers: vec![-1, i64::MAX],
    }
}

#[test]
fn fields_of_every_kind_stand_in_one_class() {
    let mut python = start();
    let value = mixed();
    let frame = serialize(&value).unwrap();
    let about = "it.theName, it.settings, it.plainPart, it.moreParts, it.maybeArray.tolist(), [a.tolist() for a in it.manyArrays], \
        {k: len(w.samples) for k, w in it.byName.items()}, it.wave.samples.tolist(), it.framedPart, {k: a.tolist() for k, a in it.tensors.items()}, it.numbers.tolist()";
    let expected = "('all', {'levels': [1, 2]}, Part(name='a'), [Part(name='b'), Part(name='c')], [[[7, 7, 7], [7, 7, 7]]], [[1, 2], []], \
        {'x': 3, 'y': 2000}, [0.0, 0.5], Part(name='d'), {'weight': [[1.0], [2.0]]}, [-1, 9223372036854775807])";
    assert_eq!(python.say(&frame, about), expected);
    assert_eq!(deserialize::<Mixed>(&frame).unwrap(), value);
    for protocol in PROTOCOLS {
        let again = python.again(&frame, protocol);
        assert_eq!(deserialize::<Mixed>(&again).unwrap(), value, "{protocol}");
        assert_eq!(deserialize_any(&again).unwrap().downcast_ref(), Some(&value));
    }
    let none = Mixed { maybe_array: None, numbers: vec![], ..mixed() };
    let frame = serialize(&none).unwrap();
    assert_eq!(python.say(&frame, "it.maybeArray"), "None");
    assert_eq!(deserialize::<Mixed>(&frame).unwrap(), none);
    for protocol in PROTOCOLS {
        // Without the fields that have a default in Rust.
        let again = python.without(&frame, &["maybeArray", "numbers"], protocol);
        assert_eq!(deserialize::<Mixed>(&again).unwrap(), none, "{protocol}");
        let again = python.without(&frame, &["wave"], protocol);
        let error = format!("{:#}", deserialize::<Mixed>(&again).unwrap_err());
        assert!(error.contains("missing field `the_wave`"), "{error}");
    }
}

#[test]
fn another_object_in_the_place_of_a_frame_is_an_error_with_the_field() {
    let mut python = start();
    for protocol in PROTOCOLS {
        for (expression, expected) in [
            (
                "sim.Wave(1, [1.0])",
                "in the field `samples`: expected a NumPy array, and the pickle has a `list`",
            ),
            ("sim.Wave(1, np.zeros((2, 2)))", "the array has 2 dimensions"),
            ("sim.Wave(1, np.zeros(2, 'f4'))", "the elements are `<f4`, not `<f8`"),
            ("sim.Wave(1, np.zeros(2), 7)", "in the field `note`: expected a `str`"),
            ("sim.Wave(1, np.zeros(2), '', None)", "in the field `raw`: expected `bytes`"),
        ] {
            let frame = python.pickle(expression, protocol);
            let error = format!("{:#}", deserialize::<Wave>(&frame).unwrap_err());
            assert!(error.contains(expected), "{expression}: {error}");
        }
    }
}

#[test]
fn a_frame_of_a_kind_that_python_has_no_object_for_is_refused() {
    #[serializer(id = b"cO")]
    #[derive(Serialize, Deserialize)]
    struct Own(u8);
    #[serializer(python = "sim.Outer")]
    struct Outer {
        #[serializer(frame)]
        own: Own,
        #[serializer(frames)]
        others: HashMap<String, Own>,
    }

    let error = serialize(&Outer { own: Own(1), others: HashMap::new() }).unwrap_err();
    let error = format!("{error:#}");
    assert!(error.contains("in the field `own`"), "{error}");
    assert!(error.contains("Python has no object for a frame of `cO`"), "{error}");
    let others = [("a".to_owned(), Own(2))].into();
    assert!(serialize(&Outer { own: Own(1), others }).is_err());
}

#[test]
fn plain_data_is_a_field() {
    #[serializer(python = "sim.Note")]
    #[derive(Debug, PartialEq)]
    struct Note {
        #[serializer(frame)]
        data: Value,
        #[serializer(frames)]
        others: HashMap<String, Value>,
        part: Part,
    }

    let list = |count: i64| (0..count).map(Value::from).collect::<Value>();
    let value = Note {
        data: Value::from_iter([("a", list(3)), ("b", Value::None)]),
        others: [("x".to_owned(), list(2000))].into(),
        part: Part { name: "p".to_owned() },
    };
    let mut python = start();
    let frame = serialize(&value).unwrap();
    let about = "it.data, {k: sum(v) for k, v in it.others.items()}, it.part";
    assert_eq!(
        python.say(&frame, about),
        "({'a': [0, 1, 2], 'b': None}, {'x': 1999000}, Part(name='p'))"
    );
    assert_eq!(deserialize::<Note>(&frame).unwrap(), value);
    for protocol in PROTOCOLS {
        assert_eq!(deserialize::<Note>(&python.again(&frame, protocol)).unwrap(), value);
    }
}

#[test]
fn a_table_is_an_arrow_file_that_polars_reads() {
    /// An Arrow file as it is.
    #[derive(Debug, PartialEq)]
    struct Table(Vec<u8>);
    impl Serializer for Table {
        type Value = Self;
        const IDENTIFIER: Identifier = Identifier::new(b"PL");
        const NAME: &'static str = "table";
        fn serialize<'a>(value: &'a Self, out: &mut dyn Sink<'a>) -> Result<()> {
            out.borrow(&value.0);
            Ok(())
        }
        fn deserialize(payload: Payload<'_, '_>) -> Result<Self> {
            Ok(Self(payload.to_vec()))
        }
    }
    impl Serializable for Table {
        type Serializer = Self;
        fn serialize_payload<'a>(&'a self, out: &mut dyn Sink<'a>) -> Result<()> {
            Self::serialize(self, out)
        }
    }
    impl<'a> Deserializable<'a> for Table {
        type Serializer = Self;
        fn deserialize_payload(payload: Payload<'a, '_>) -> Result<Self> {
            Self::deserialize(payload)
        }
    }
    #[serializer(python = "sim.Report")]
    #[derive(Debug, PartialEq)]
    struct Report {
        #[serializer(frame)]
        table: Table,
    }

    let mut python = start();
    let arrow = python.say(b"US\n", "arrow({'city': ['Bern', 'Quito'], 'height': [542, 2850]})");
    let value = Report { table: Table(from_hex(&arrow)) };
    let frame = serialize(&value).unwrap();
    assert_eq!(
        python.say(
            &frame,
            "type(it.table).__module__.split('.')[0], it.table.to_dict(as_series=False)"
        ),
        "('polars', {'city': ['Bern', 'Quito'], 'height': [542, 2850]})"
    );
    assert_eq!(deserialize::<Report>(&frame).unwrap(), value);
}
