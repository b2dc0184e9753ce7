//! `PT`: what the real PyTorch wrote is read as PyTorch itself reads it. `write.py` made the files.

use std::collections::BTreeSet;

use bytes::Bytes;
use num_bigint::BigInt;
use ps_serialize::pickle::Value;
use ps_serialize::tensors::{Dtype, Tensor, Tensors};
use ps_serialize::torch::Checkpoint;
use ps_serialize::{deserialize, deserialize_any, deserialize_shared, serialize, view};

fn frame(name: &str) -> Bytes {
    let path = format!("{}/torch/{name}.pt", env!("CARGO_MANIFEST_DIR"));
    [b"PT\n", &std::fs::read(path).unwrap()[..]].concat().into()
}

fn described(name: &str) -> serde_json::Value {
    let path = format!("{}/torch/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// As PyTorch calls it.
fn dtype_name(dtype: &str) -> &str {
    match dtype {
        "BOOL" => "torch.bool",
        "U8" => "torch.uint8",
        "I8" => "torch.int8",
        "I16" => "torch.int16",
        "U16" => "torch.uint16",
        "I32" => "torch.int32",
        "U32" => "torch.uint32",
        "I64" => "torch.int64",
        "U64" => "torch.uint64",
        "F16" => "torch.float16",
        "BF16" => "torch.bfloat16",
        "F32" => "torch.float32",
        "F64" => "torch.float64",
        "C64" => "torch.complex64",
        "F8_E4M3" => "torch.float8_e4m3fn",
        "F8_E5M2" => "torch.float8_e5m2",
        "F8_E4M3FNUZ" => "torch.float8_e4m3fnuz",
        "F8_E5M2FNUZ" => "torch.float8_e5m2fnuz",
        "F8_E8M0" => "torch.float8_e8m0fnu",
        other => panic!("{other}"),
    }
}

#[test]
fn every_tensor_is_what_pytorch_says() {
    for (name, tensors) in
        [("state_dict", 9), ("nested", 19), ("tensor", 1), ("dtypes", 19), ("strided", 13)]
    {
        let frame = frame(name);
        let read: Checkpoint =
            deserialize(&frame).unwrap_or_else(|error| panic!("{name}: {error:?}"));
        assert_eq!(read.tensors().len(), tensors, "{name}");
        let expected = described(name);
        let expected = expected.as_object().unwrap();
        let names: BTreeSet<&str> = expected.keys().map(String::as_str).collect();
        let found = read.tensors().iter().map(|(name, _)| name);
        let found: BTreeSet<&str> = found.chain(read.values().keys().map(String::as_str)).collect();
        assert_eq!(found, names, "{name}");
        for (tensor, found) in read.tensors().iter() {
            let expected = &expected[tensor];
            assert_eq!(
                dtype_name(&found.dtype().to_string()),
                expected["dtype"],
                "{name}: {tensor}"
            );
            assert_eq!(serde_json::json!(found.shape()), expected["shape"], "{name}: {tensor}");
            assert_eq!(hex(found.data()), expected["data"], "{name}: {tensor}");
        }
        assert_eq!(deserialize_shared::<Checkpoint>(&frame).unwrap(), read);
        assert_eq!(*deserialize_any(&frame).unwrap().downcast::<Checkpoint>().unwrap(), read);
        // From here on they are anyone's.
        let sent = serialize(read.tensors()).unwrap();
        assert_eq!(view::<Tensors>(&sent).unwrap(), *read.tensors());
    }
}

#[test]
fn values_beside_tensors_are_kept() {
    let read: Checkpoint = deserialize(&frame("nested")).unwrap();
    let text = |text: &str| Value::Str(text.to_owned());
    for (name, value) in [
        ("epoch", Value::Int(3)),
        ("lr", Value::Float(0.25)),
        ("name", text("größe")),
        ("none", Value::None),
        ("best", Value::Bool(true)),
        ("huge", Value::BigInt(BigInt::from(1) << 70)),
        ("betas.0", Value::Float(0.5)),
        ("empty", Value::Dict(vec![])),
        ("size", Value::Tuple(vec![Value::Int(2), Value::Int(3)])),
        ("dtype", text("torch.float16")),
        ("device", Value::Tuple(vec![text("cpu")])),
        ("optimizer.param_groups.0.lr", Value::Float(0.5)),
        ("optimizer.param_groups.0.params.1", Value::Int(1)),
    ] {
        assert_eq!(read.values().get(name), Some(&value), "{name}");
    }
    assert_eq!(described("nested")["device"]["value"], "device(type='cpu')");
    let seven = read.tensors().get("7").unwrap().as_array().unwrap().to_array::<i64>().unwrap();
    assert_eq!(seven, ndarray::arr0(7).into_dyn());
}

#[test]
fn tensors_of_pytorch_are_read() {
    let path = format!("{}/torch/weights.st", env!("CARGO_MANIFEST_DIR"));
    let read: Tensors =
        deserialize(&[b"ST\n", &std::fs::read(path).unwrap()[..]].concat()).unwrap();
    let mut expected = Tensors::new();
    let half = vec![0, 0, 0x80, 0x3f, 0, 0x40, 0x40, 0x40];
    expected.insert("half", Tensor::new(Dtype::BF16, [4], half).unwrap());
    expected.insert("eighth", Tensor::new(Dtype::F8_E4M3, [2, 1], vec![0x38; 2]).unwrap());
    expected.metadata_mut().insert("format".to_owned(), "pt".to_owned());
    assert_eq!(read, expected);
}

#[test]
fn contiguous_tensors_stay_where_they_are() {
    let frame = frame("strided");
    let read: Checkpoint = deserialize_shared(&frame).unwrap();
    let place = frame.as_ptr_range();
    let inside = |name: &str| place.contains(&read.tensors().get(name).unwrap().data().as_ptr());
    for name in ["base", "row", "0-d", "scalar of a storage"] {
        assert!(inside(name), "{name} was copied");
    }
    for name in ["transposed", "column", "expanded", "channels last"] {
        assert!(!inside(name), "{name} can't be borrowed");
    }
}

#[test]
fn what_can_not_be_read_says_why() {
    for (name, part) in [
        ("module", "`torch.nn.modules.linear.Linear`"),
        ("module", "save the `state_dict()`"),
        ("sparse", "`torch._utils._rebuild_sparse_tensor`"),
        ("quantized", "`torch._utils._rebuild_qtensor`"),
        ("complex128", "`torch.ComplexDoubleStorage`"),
        ("conjugated", "resolve_conj"),
        ("legacy", "PyTorch 1.6"),
        ("torchscript", "state_dict()"),
    ] {
        let message = format!("{:?}", deserialize::<Checkpoint>(&frame(name)).unwrap_err());
        assert!(message.contains(part), "{name}: {message}");
    }
    let error = serialize(&Checkpoint::default()).unwrap_err();
    assert!(format!("{error:?}").contains("read only"), "{error:?}");
}
