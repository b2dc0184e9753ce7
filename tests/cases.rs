//! Small frames that were once read as another value, written for nobody to read, or refused with advice that
//! did not help: each with its right value or its refusal. `cases` has the frames.

use ps_serialize::array::DynArray;
use ps_serialize::pickle::{Pickle, Scalar, Value};
use ps_serialize::torch::Checkpoint;
use ps_serialize::{Result, deserialize, deserialize_any, deserialize_with, serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

fn case(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    fs::read(folder.join(name).with_extension("frame")).unwrap()
}

fn scalar(descr: &str, bytes: &[u8]) -> Value {
    let array = DynArray::new(descr.to_owned(), [], bytes.to_vec()).unwrap();
    Value::Scalar(Scalar::new(array).unwrap())
}

fn int64(number: i64) -> Value {
    scalar("<i8", &number.to_le_bytes())
}

fn text(text: &str) -> Value {
    let characters = text.chars().flat_map(|character| u32::from(character).to_le_bytes());
    scalar(&format!("<U{}", text.chars().count()), &characters.collect::<Vec<_>>())
}

fn str(text: &str) -> Value {
    Value::Str(text.to_owned())
}

fn dict(entries: impl IntoIterator<Item = (Value, Value)>) -> Value {
    Value::Dict(entries.into_iter().collect())
}

/// The frame of plain data has this value, which is written and read back as itself.
fn holds(name: &str, expected: &Value) {
    let value: Value = deserialize(&case(name)).unwrap();
    assert_eq!(value, *expected, "{name}");
    let written = serialize(&value).unwrap();
    assert_eq!(deserialize::<Value>(&written).unwrap(), value, "{name}");
}

/// Reads a case by serde.
fn plain<T: serde::Serialize + serde::de::DeserializeOwned>(name: &str) -> T {
    deserialize_with::<Pickle<T>>(&case(name)).unwrap()
}

fn message<T>(outcome: Result<T>) -> String {
    format!("{:#}", outcome.err().expect("it is refused"))
}

#[test]
fn each_file_is_one_of_these() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    let here = include_str!("cases.rs");
    let mut files = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        assert!(here.contains(&format!("\"{name}\"")), "nothing tests {name}");
        files += 1;
    }
    assert_eq!(files, 21);
}

#[test]
fn scalars_of_numpy_stay_scalars() {
    holds("keys_np_int", &dict([(int64(1), int64(1)), (int64(3), int64(2))]));
    holds("keys_np_str", &dict([(text("a"), int64(2)), (text("b"), int64(1))]));
    holds("key_tuple_np", &dict([(Value::Tuple(vec![int64(1), str("a")]), Value::Int(1))]));
    holds("set_np", &Value::Set(vec![int64(1), int64(2)]));
    let complex = [1_f64.to_le_bytes(), 2_f64.to_le_bytes()].concat();
    holds("np_complex", &dict([(str("v"), scalar("<c16", &complex))]));
    holds("np_str_key", &dict([(text("v"), Value::Int(1))]));
    holds("np_str_value", &dict([(str("v"), text("añ"))]));

    assert_eq!(plain::<BTreeMap<i64, i64>>("keys_np_int"), [(1, 1), (3, 2)].into());
    let counts = [("a".to_owned(), 2), ("b".to_owned(), 1)];
    assert_eq!(plain::<BTreeMap<String, u8>>("keys_np_str"), counts.into());
    let pairs = plain::<BTreeMap<(u8, String), u8>>("key_tuple_np");
    assert_eq!(pairs, [((1, "a".to_owned()), 1)].into());
    assert_eq!(plain::<BTreeSet<u16>>("set_np"), [1, 2].into());
    assert_eq!(plain::<BTreeMap<String, (f64, f64)>>("np_complex")["v"], (1.0, 2.0));
    assert_eq!(plain::<BTreeMap<String, u8>>("np_str_key")["v"], 1);
    assert_eq!(plain::<BTreeMap<String, String>>("np_str_value")["v"], "añ");
    let value: Value = deserialize(&case("np_str_key")).unwrap();
    assert_eq!(value.get("v"), Some(&Value::Int(1)));
}

#[test]
fn what_has_no_hash_in_python_is_not_written_as_a_key() {
    let list = Value::List(vec![Value::Int(1)]);
    for (name, expected, part) in [
        ("map_vec_key", dict([(list.clone(), Value::Int(2))]), "`Value::Tuple`"),
        (
            "map_struct_key",
            dict([(dict([(str("a"), Value::Int(1))]), Value::Int(2))]),
            "has no hash in Python",
        ),
        (
            "map_enum_key",
            dict([(dict([(str("N"), Value::Int(1))]), Value::Int(2)), (str("U"), Value::Int(1))]),
            "has no hash in Python",
        ),
        ("set_of_list", Value::Set(vec![list]), "`Value::Tuple`"),
        (
            "dict_key_bytearray",
            dict([(Value::ByteArray(vec![1]), Value::Int(1))]),
            "`Value::Bytes`",
        ),
    ] {
        // Versions before this one wrote such frames.
        let value: Value = deserialize(&case(name)).unwrap();
        assert_eq!(value, expected, "{name}");
        let message = message(serialize(&value));
        assert!(message.contains(part), "{name}: {message}");
    }
    let map = plain::<BTreeMap<Vec<u8>, u8>>("map_vec_key");
    let written = ps_serialize::serialize_with::<Pickle<BTreeMap<Vec<u8>, u8>>>(&map).unwrap();
    let tuple = Value::Tuple(vec![Value::Int(1)]);
    assert_eq!(deserialize::<Value>(&written).unwrap(), dict([(tuple, Value::Int(2))]));
}

#[test]
fn python_2_wrote_a_bytearray() {
    holds("python2_bytearray_p2", &Value::ByteArray(vec![0, 255]));
    assert_eq!(plain::<Vec<u8>>("python2_bytearray_p2"), [0, 255]);
}

#[test]
fn every_byte_but_0_is_true() {
    use ndarray::{ArrayD, ArrayView1, arr1};

    let frame = case("bool_view_of_255");
    let expected = arr1(&[false, true, true, false]).into_dyn();
    assert_eq!(deserialize::<ArrayD<bool>>(&frame).unwrap(), expected);
    assert_eq!(deserialize_any(&frame).unwrap().downcast_ref(), Some(&expected));
    assert_eq!(deserialize::<DynArray>(&frame).unwrap().data(), [0, 255, 255, 0]);
    let message = message(deserialize::<ArrayView1<bool>>(&frame));
    assert!(message.contains("element 1 is the byte 255"), "{message}");

    let array = DynArray::new("|b1", [2], &[0, 2][..]).unwrap();
    holds("bool_array_in_dict", &dict([(str("v"), Value::from(array))]));
    assert_eq!(plain::<BTreeMap<String, Vec<bool>>>("bool_array_in_dict")["v"], [false, true]);
}

#[test]
fn what_the_text_of_numpy_2_can_be_sent_as_is_said() {
    let message = message(deserialize_any(&case("stringdtype")));
    assert!(message.contains("`array.astype('U')`"), "{message}");
}

/// The names, the types and the bytes of the tensors, and the other values.
type Described = (Vec<(String, String, Vec<usize>, Vec<u8>)>, Vec<(String, Value)>);

fn described(name: &str) -> Described {
    let checkpoint: Checkpoint = deserialize(&case(name)).unwrap();
    let tensors = checkpoint.tensors().iter().map(|(name, tensor)| {
        let dtype = format!("{:?}", tensor.dtype());
        (name.to_owned(), dtype, tensor.shape().to_vec(), tensor.data().to_vec())
    });
    let values = checkpoint.values().iter().map(|(name, value)| (name.to_owned(), value.clone()));
    (tensors.collect(), values.collect())
}

fn floats(name: &str, floats: &[f32]) -> (String, String, Vec<usize>, Vec<u8>) {
    let bytes = floats.iter().flat_map(|float| float.to_le_bytes()).collect();
    (name.to_owned(), "F32".to_owned(), vec![floats.len()], bytes)
}

#[test]
fn checkpoints_are_read_as_pytorch_reads_them() {
    let counted = vec![("d.a".to_owned(), Value::Int(1))];
    assert_eq!(described("counter"), (vec![floats("w", &[1.0])], counted));
    let buffers = vec![floats("b", &[1.0, 1.0]), floats("old", &[0.0])];
    assert_eq!(described("buffers_list"), (buffers, vec![]));
    assert_eq!(described("param_with_state"), (vec![floats("p", &[1.0, 1.0])], vec![]));
}

#[test]
fn checkpoints_that_are_refused_say_why() {
    let message = message(deserialize::<Checkpoint>(&case("dtype_complex128")));
    assert!(message.contains("the tensor `w` has elements of complex128"), "{message}");
    assert!(message.contains("`torch.view_as_real(tensor)`"), "{message}");
    assert!(!message.contains("of a module"), "{message}");
    let message = self::message(deserialize::<Checkpoint>(&case("trailing")));
    assert!(message.contains("10 bytes are left over after the zip archive"), "{message}");
}
