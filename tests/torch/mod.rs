//! `PT`: what the real PyTorch wrote is read as PyTorch itself reads it. `write.py` made the files.

mod archive;

use std::collections::BTreeSet;

use bytes::Bytes;
use num_bigint::BigInt;
use ps_serialize::pickle::Value;
use ps_serialize::tensors::{Dtype, Tensor, Tensors};
use ps_serialize::torch::Checkpoint;
use ps_serialize::{deserialize, deserialize_any, serialize, serialize_with};
use support::hex;

fn frame(name: &str) -> Bytes {
    support::checkpoint(name).into()
}

fn described(name: &str) -> serde_json::Value {
    let path = format!("{}/torch/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// PyTorch's name of an element type.
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

/// The value as Python shows it, without `torch`'s own classes.
fn python(value: &Value) -> String {
    let all = |values: &[Value]| values.iter().map(python).collect::<Vec<_>>().join(", ");
    match value {
        Value::None => "None".to_owned(),
        Value::Bool(value) => if *value { "True" } else { "False" }.to_owned(),
        Value::Int(value) => value.to_string(),
        Value::BigInt(value) => value.to_string(),
        Value::Float(value) => format!("{value:?}").replace("e-", "e-0").replace("e-010", "e-10"),
        Value::Complex(real, imaginary) => format!("({real}{imaginary:+}j)"),
        Value::Str(value) => format!("'{value}'"),
        Value::Bytes(value) => format!("b'{}'", value.escape_ascii()),
        Value::ByteArray(value) => format!("bytearray(b'{}')", value.escape_ascii()),
        Value::List(values) => format!("[{}]", all(values)),
        Value::Tuple(values) => format!("({})", all(values)),
        Value::Set(values) => format!("{{{}}}", all(values)),
        Value::Dict(values) if values.is_empty() => "{}".to_owned(),
        other => panic!("{other:?}"),
    }
}

fn read_as_described(name: &str, description: &str) -> Checkpoint {
    let frame = frame(name);
    let read: Checkpoint = deserialize(&frame).unwrap_or_else(|error| panic!("{name}: {error:?}"));
    let expected = described(description);
    let expected = expected.as_object().unwrap();
    let names: BTreeSet<&str> = expected.keys().map(String::as_str).collect();
    let found = read.tensors().iter().map(|(name, _)| name);
    let found: BTreeSet<&str> = found.chain(read.values().keys().map(String::as_str)).collect();
    assert_eq!(found, names, "{name}");
    for (tensor, found) in read.tensors() {
        let expected = &expected[tensor];
        assert_eq!(dtype_name(&found.dtype().to_string()), expected["dtype"], "{name}: {tensor}");
        assert_eq!(serde_json::json!(found.shape()), expected["shape"], "{name}: {tensor}");
        assert_eq!(hex(found.data()), expected["data"], "{name}: {tensor}");
    }
    for (value, found) in read.values() {
        let expected = expected[value]["value"].as_str().unwrap();
        // These objects are read as their name or as what is in them.
        let expected = match expected {
            "Counter()" | "defaultdict(<class 'int'>, {})" => "{}".to_owned(),
            "device(type='cpu')" => "('cpu')".to_owned(),
            "device(type='cuda', index=1)" => "('cuda', 1)".to_owned(),
            "{torch.float16}" => "{'torch.float16'}".to_owned(),
            "{(1, (torch.int8, torch.Size([2])))}" => "{(1, ('torch.int8', (2)))}".to_owned(),
            size if size.starts_with("torch.Size") => {
                size.replace("torch.Size([", "(").replace("])", ")")
            }
            name if name.starts_with("torch.") => format!("'{name}'"),
            other => other.to_owned(),
        };
        assert_eq!(python(found), expected, "{name}: {value}");
    }
    assert_eq!(deserialize::<Checkpoint>(&frame).unwrap(), read);
    assert_eq!(*deserialize_any(&frame).unwrap().downcast::<Checkpoint>().unwrap(), read);
    // The tensors can be written like any others.
    let sent = serialize(read.tensors()).unwrap();
    assert_eq!(deserialize::<Tensors>(&sent).unwrap(), *read.tensors());
    read
}

#[test]
fn every_tensor_and_every_value_is_what_pytorch_says() {
    for (name, tensors) in [
        ("state_dict", 9),
        ("nested", 19),
        ("tensor", 1),
        ("dtypes", 19),
        ("strided", 13),
        ("bools", 8),
        ("training", 41),
    ] {
        assert_eq!(read_as_described(name, name).tensors().len(), tensors, "{name}");
    }
}

#[test]
fn every_protocol_gives_the_same_checkpoint() {
    let first = read_as_described("protocol_0", "protocols");
    for protocol in 1..=5 {
        assert_eq!(read_as_described(&format!("protocol_{protocol}"), "protocols"), first);
    }
}

#[test]
fn dictionaries_of_every_class_and_keys_of_every_kind_have_names() {
    let read: Checkpoint = deserialize(&frame("protocol_2")).unwrap();
    let text = |text: &str| Value::Str(text.to_owned());
    for (name, value) in [
        ("counter.a", Value::Int(2)),
        ("counter of numbers.3", Value::Int(2)),
        ("counter of numbers.(1, 'a')", Value::Int(4)),
        ("empty counter", Value::Dict(vec![])),
        ("defaultdict.a.0", Value::Int(1)),
        ("defaultdict of defaultdicts.1.2", text("x")),
        ("empty defaultdict", Value::Dict(vec![])),
        ("ordered.b", Value::Int(1)),
        ("set of types", Value::Set(vec![text("torch.float16")])),
        ("gpu", Value::Tuple(vec![text("cuda"), Value::Int(1)])),
        ("complex type", text("torch.complex128")),
        ("layout", text("torch.sparse_csr")),
        (".", Value::Int(1)),
        ("0.5", Value::Float(0.25)),
        ("1e+22", Value::Int(2)),
        ("True", Value::Int(4)),
        ("None", Value::Int(5)),
        ("(1,)", Value::Int(9)),
        ("torch.Size([2, 3])", Value::Int(14)),
        ("cuda:1", Value::Int(13)),
    ] {
        assert_eq!(read.values().get(name), Some(&value), "{name}");
    }
    let schedulers: Checkpoint = deserialize(&frame("training")).unwrap();
    let milestones = |place| schedulers.values().get(&format!("schedulers.MultiStepLR.{place}"));
    assert_eq!(milestones("milestones.3"), Some(&Value::Int(1)));
    assert_eq!(milestones("milestones.5"), Some(&Value::Int(2)));
}

#[test]
fn parameters_buffers_and_storages_are_tensors_without_their_attributes() {
    let read: Checkpoint = deserialize(&frame("protocol_2")).unwrap();
    let numbers = |name: &str| {
        read.tensors().get(name).unwrap().as_array().unwrap().to_array::<f32>().unwrap()
    };
    assert_eq!(numbers("parameter"), ndarray::arr1(&[0.0, 1.0, 2.0]).into_dyn());
    assert_eq!(numbers("buffer"), ndarray::arr1(&[0.0, 1.0]).into_dyn());
    assert_eq!(numbers("parameter of a buffer"), ndarray::arr1(&[1.0]).into_dyn());
    assert_eq!(numbers("buffers.0"), ndarray::arr1(&[1.0]).into_dyn());
    assert_eq!(numbers("floats"), ndarray::arr1(&[0.0, 1.0, 2.0]).into_dyn());
    assert_eq!(numbers("no floats").shape(), [0]);
    let bytes = read.tensors().get("bytes").unwrap();
    assert_eq!((bytes.dtype(), bytes.shape(), bytes.data()), (Dtype::U8, &[3][..], &[0, 1, 2][..]));
    for attribute in ["parameter.tag", "tensor.tag", "ordered.tag", "buffer.persistent"] {
        assert!(!read.values().contains_key(attribute), "{attribute}");
    }
}

#[test]
fn every_byte_of_a_bool_but_zero_is_true() {
    let read: Checkpoint = deserialize(&frame("bools")).unwrap();
    for (name, bytes) in [
        ("all", &[1, 0, 1, 1, 0, 1][..]),
        ("row", &[1, 0, 1]),
        ("columns", &[1, 1, 0, 0, 1, 1]),
        ("one", &[1]),
        ("none", &[]),
        ("storage", &[1, 0, 1, 1, 0, 1]),
        ("good", &[1, 0]),
        ("bytes", &[2, 0, 255, 1, 0, 128]),
    ] {
        assert_eq!(read.tensors().get(name).unwrap().data(), bytes, "{name}");
    }
    let row = read.tensors().get("row").unwrap().as_array().unwrap().to_array::<bool>().unwrap();
    assert_eq!(row, ndarray::arr1(&[true, false, true]).into_dyn());
    // Tensors that need no change stay where they are.
    let frame = frame("bools");
    let read: Checkpoint = deserialize(&frame).unwrap();
    let inside = |name: &str| {
        frame.as_ptr_range().contains(&read.tensors().get(name).unwrap().data().as_ptr())
    };
    assert!(inside("good") && inside("bytes") && !inside("row"));
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
        ("huge", Value::from(BigInt::from(1) << 70)),
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
    let read: Checkpoint = deserialize(&frame).unwrap();
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
    for (name, parts) in [
        (
            "module",
            ["`torch.nn.modules.linear.Linear`", "the `state_dict()` of a module or an optimizer"],
        ),
        (
            "optimizer",
            ["`torch.optim.adam.Adam`", "the `state_dict()` of a module or an optimizer"],
        ),
        ("sparse", ["`torch._utils._rebuild_sparse_tensor`", "`tensor.to_dense()`"]),
        ("sparse_rows", ["the tensor `a` is sparse", "`tensor.to_dense()`"]),
        ("quantized", ["`torch._utils._rebuild_qtensor`", "`tensor.dequantize()`"]),
        ("quantized_storage", ["the tensor `a` has elements of quint8", "`tensor.dequantize()`"]),
        ("complex128", ["`torch.ComplexDoubleStorage`", "`torch.view_as_real(tensor)`"]),
        ("complex32", ["the tensor `a` has elements of complex32", "`torch.view_as_real(tensor)`"]),
        ("bits16", ["the tensor `a` has elements of bits16", "`tensor.view(torch.int16)`"]),
        (
            "float4",
            ["the tensor `0` has elements of float4_e2m1fn_x2", "`tensor.view(torch.uint8)`"],
        ),
        ("meta", ["the tensor `a` is on the device `meta`", "`to_empty`"]),
        ("nested_tensors", ["the tensor `a` is nested", "`tensor.unbind()`"]),
        ("jagged", ["of a nested tensor", "`unbind()`"]),
        ("lazy", ["the tensor `weight` has no elements yet", "call the lazy module once"]),
        ("conjugated", ["is a conjugated or negated view", "resolve_conj"]),
        (
            "tensor_key",
            ["key of a dictionary is a tensor", "save the `state_dict()` of an optimizer"],
        ),
        ("bytes_key", ["because it is neither text", "with other keys"]),
        ("set_of_tensors", ["a tensor in a set", "save a list or a dictionary"]),
        ("class", ["the class `torch.FloatStorage`", "save its name as text"]),
        ("one_name", ["two values of the checkpoint have the name `1`", "with other keys"]),
        ("legacy", ["PyTorch 1.6", "save it again"]),
        ("legacy_text", ["PyTorch 1.6", "save it again"]),
        ("torchscript", ["TorchScript", "state_dict()"]),
    ] {
        let message = format!("{:?}", deserialize::<Checkpoint>(&frame(name)).unwrap_err());
        for part in parts {
            assert!(message.contains(part), "{name}: {message}");
        }
        // The advice about modules is for modules alone.
        let of_a_module = message.contains("of a module");
        assert_eq!(of_a_module, matches!(name, "module" | "optimizer"), "{name}: {message}");
    }
    let error = serialize_with::<Checkpoint>(&Checkpoint::default()).unwrap_err();
    assert!(format!("{error:?}").contains("read only"), "{error:?}");
}
