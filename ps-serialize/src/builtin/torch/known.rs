//! The classes and functions of PyTorch that a checkpoint may name.

use crate::builtin::element_types;
use crate::builtin::pickle::Dialect;
use crate::builtin::tensors::Dtype;

pub(super) const TORCH: Dialect = Dialect { knows, persistent: true, instances: false, refusal };

#[allow(clippy::unnecessary_wraps)] // as a `Dialect` has it
fn refusal(module: &str, name: &str) -> Option<&'static str> {
    let path = format!("{module}.{name}");
    let within = |package: &str| {
        path.strip_prefix(package).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    Some(if within("numpy") {
        "save tensors and Python numbers instead: `torch.from_numpy(array)` and `scalar.item()`"
    } else if within("torch.distributed") {
        "only dense tensors and plain data are read; save the `full_tensor()` of a distributed tensor"
    } else if within("torch.nested") {
        "only dense tensors and plain data are read; save the `unbind()` of a nested tensor"
    } else if within("torch.return_types") {
        "only dense tensors and plain data are read; save the `tuple(…)` of a function's result"
    } else if within("torch.nn") || within("torch.optim") {
        "only dense tensors and plain data are read; save the `state_dict()` of a module or an optimizer"
    } else if within("torch") {
        "only dense tensors and plain data are read"
    } else {
        "only tensors and plain data are read, and no code is run"
    })
}

fn knows(module: &str, name: &str) -> bool {
    match (module, name) {
        ("torch.storage", "UntypedStorage")
        | ("torch", "Size" | "device")
        | ("torch.serialization", "_get_layout")
        | ("collections", "Counter" | "defaultdict") => true,
        // The types that may make the missing values of a `defaultdict`.
        ("builtins", name) => {
            matches!(name, "bool" | "dict" | "float" | "int" | "list" | "str" | "tuple")
        }
        ("torch", name) => storage(name).is_some() || is_constant(name) || is_class(module, name),
        _ => Rebuild::of(module, name).is_some() || is_class(module, name),
    }
}

/// The classes that a tensor with attributes of its own may have.
pub(super) fn is_class(module: &str, name: &str) -> bool {
    matches!((module, name), ("torch", "Tensor") | ("torch.nn.parameter", "Parameter" | "Buffer"))
}

/// The functions that make a tensor from its parts.
#[derive(Clone, Copy)]
pub(super) enum Rebuild {
    /// The function for a tensor whose element type is that of its storage.
    TypedTensor,
    /// The function for a tensor whose element type is an argument.
    Tensor,
    /// The function for a parameter: a tensor and more about it, which is left out.
    Parameter,
    /// The function for a tensor with attributes. It calls one of the others.
    WithClass,
    /// The function for a tensor that was on a device without storages.
    OnDevice,
    /// A function for tensors that can't be read: why, and what to do about it.
    Refused(&'static str, &'static str),
}

impl Rebuild {
    pub(super) fn of(module: &str, name: &str) -> Option<Self> {
        match (module, name) {
            ("torch._utils", _) => {}
            ("torch._tensor", "_rebuild_from_type_v2") => return Some(Self::WithClass),
            ("torch.nn.parameter", "UninitializedParameter" | "UninitializedBuffer") => {
                return Some(Self::Refused(
                    "has no elements yet",
                    "call the lazy module once before it is saved",
                ));
            }
            _ => return None,
        }
        Some(match name {
            "_rebuild_tensor" | "_rebuild_tensor_v2" => Self::TypedTensor,
            "_rebuild_tensor_v3" => Self::Tensor,
            "_rebuild_parameter" | "_rebuild_parameter_with_state" => Self::Parameter,
            "_rebuild_device_tensor_from_cpu_tensor" => Self::OnDevice,
            "_rebuild_sparse_tensor" => Self::Refused("is sparse", "save `tensor.to_dense()`"),
            "_rebuild_qtensor" => Self::Refused("is quantized", QUANTIZED),
            "_rebuild_nested_tensor" => Self::Refused("is nested", "save `tensor.unbind()`"),
            "_rebuild_meta_tensor_no_storage" => Self::Refused(
                "is on the device `meta`, where no tensor has elements",
                "save it after `to_empty` and `load_state_dict`",
            ),
            "_rebuild_wrapper_subclass" => Self::Refused(
                "is of a subclass and has no elements",
                "save the tensors that it is made of",
            ),
            "_rebuild_device_tensor_from_numpy" | "_rebuild_xla_tensor" => {
                Self::Refused("is made of a NumPy array", "save `tensor.cpu()`")
            }
            _ => return None,
        })
    }
}

const QUANTIZED: &str =
    "save `tensor.dequantize()`, or `tensor.int_repr()` with its scale and its zero point";

/// The element type of a storage class, by PyTorch's name.
pub(super) fn storage(class: &str) -> Option<&'static str> {
    Some(match class {
        "BoolStorage" => "bool",
        "ByteStorage" => "uint8",
        "CharStorage" => "int8",
        "ShortStorage" => "int16",
        "IntStorage" => "int32",
        "LongStorage" => "int64",
        "HalfStorage" => "float16",
        "BFloat16Storage" => "bfloat16",
        "FloatStorage" => "float32",
        "DoubleStorage" => "float64",
        "ComplexFloatStorage" => "complex64",
        "ComplexDoubleStorage" => "complex128",
        "QInt8Storage" => "qint8",
        "QInt32Storage" => "qint32",
        "QUInt8Storage" => "quint8",
        "QUInt4x2Storage" => "quint4x2",
        "QUInt2x4Storage" => "quint2x4",
        _ => return None,
    })
}

/// The element type of safetensors for one of PyTorch.
pub(super) fn dtype(name: &str) -> Option<Dtype> {
    element_types::find(|row| row.torch == Some(name)).map(|row| row.dtype)
}

/// The advice for an element type that safetensors does not have.
pub(super) fn without_dtype(name: &str) -> Option<&'static str> {
    Some(match name {
        "complex128" => {
            "save `torch.view_as_real(tensor)`, whose last dimension has the two parts, or the tensor as `torch.complex64`"
        }
        "complex32" | "bcomplex32" => {
            "save `torch.view_as_real(tensor)`, whose last dimension has the two parts"
        }
        "qint8" | "qint32" | "quint8" | "quint4x2" | "quint2x4" => QUANTIZED,
        "bits16" => "save `tensor.view(torch.int16)`",
        "bits8" | "bits1x8" | "bits2x4" | "bits4x2" | "float4_e2m1fn_x2" | "uint1" | "uint2"
        | "uint3" | "uint4" | "uint5" | "uint6" | "uint7" | "int1" | "int2" | "int3" | "int4"
        | "int5" | "int6" | "int7" => "save `tensor.view(torch.uint8)`",
        _ => return None,
    })
}

/// Whether the module `torch` has an object of this name that is read as its name. Most are element types.
pub(super) fn is_constant(name: &str) -> bool {
    dtype(name).is_some()
        || without_dtype(name).is_some()
        || matches!(
            name,
            "per_tensor_affine"
                | "per_tensor_symmetric"
                | "per_channel_affine"
                | "per_channel_symmetric"
                | "per_channel_affine_float_qparams"
        )
}
