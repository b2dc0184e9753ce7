"""``ST``: named tensors.

This module lays out frames itself, as Rust does. safetensors 0.8 would take an address and a size, and ignore the strides.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from ps_serialize import _frame

if TYPE_CHECKING:
    import numpy
    import torch

IDENTIFIER = b"ST"

#: The types of safetensors by the names that NumPy, ml_dtypes and PyTorch have for them. Those further down come first
#: in a file, as in Rust, so that all elements are aligned.
TYPES = {
    "bool": "BOOL",
    "uint8": "U8",
    "int8": "I8",
    "float8_e5m2": "F8_E5M2",
    "float8_e4m3fn": "F8_E4M3",
    "float8_e8m0fnu": "F8_E8M0",
    "float8_e4m3fnuz": "F8_E4M3FNUZ",
    "float8_e5m2fnuz": "F8_E5M2FNUZ",
    "int16": "I16",
    "uint16": "U16",
    "float16": "F16",
    "bfloat16": "BF16",
    "int32": "I32",
    "uint32": "U32",
    "float32": "F32",
    "complex64": "C64",
    "float64": "F64",
    "int64": "I64",
    "uint64": "U64",
}
ORDER = {name: i for i, name in enumerate(reversed(TYPES.values()))}

#: The key of the metadata in the header.
METADATA = "__metadata__"
#: The longest header that readers accept, in bytes.
LONGEST_HEADER = 100_000_000
MOST_DIMENSIONS = 64


class Tensor(NamedTuple):
    name: str
    dtype: str
    shape: tuple[int, ...]
    #: The elements in C order, little-endian, in one dimension.
    data: numpy.ndarray


def tensors(
    obj: Mapping[str, numpy.ndarray | numpy.generic | torch.Tensor], metadata: Mapping[str, str] | None = None
) -> bytes:
    """Return the ``ST`` frame of named arrays, and of text about them.

    Args:
        obj: NumPy arrays and scalars, and PyTorch's dense tensors, by their names. Any strides and byte order will do:
            the frame has the elements in C order.
        metadata: texts by their names.

    The frame is read as a ``dict`` of NumPy arrays. The dtypes are those that safetensors has: booleans, integers,
    ``float16`` to ``float64`` and ``complex64``. ``bfloat16`` and the ``float8`` dtypes of PyTorch and ``ml_dtypes``
    are written too, and the reader needs ``ml_dtypes`` for them.

    Raises:
        TypeError: if ``obj`` or ``metadata`` holds anything else; the message says what to do.
        ValueError: if a name or a text can't be written.
    """
    if not isinstance(obj, Mapping):
        raise TypeError(f"the tensors must be a mapping of names to arrays, but are {_kind(obj)}")
    entries = [_tensor(name, value) for name, value in obj.items()]
    entries.sort(key=lambda tensor: (ORDER[tensor.dtype], tensor.name))
    header: dict[str, Any] = {}
    if metadata is not None and (texts := _texts(metadata)):
        header[METADATA] = texts
    end = 0
    for tensor in entries:
        start, end = end, end + tensor.data.nbytes
        header[tensor.name] = {"dtype": tensor.dtype, "shape": tensor.shape, "data_offsets": [start, end]}
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-(8 + len(text)) % _frame.ALIGNED)
    if len(text) > LONGEST_HEADER:
        raise ValueError(
            f"the header of {len(entries)} tensors has {len(text)} bytes, where {LONGEST_HEADER} are allowed"
        )
    line = _frame.line(IDENTIFIER, aligned=True)
    return b"".join([line, len(text).to_bytes(8, "little"), text, *(tensor.data for tensor in entries)])


def read(payload: bytes) -> dict[str, numpy.ndarray]:
    """Return the tensors of a safetensors file as NumPy arrays."""
    import numpy
    import safetensors

    arrays = {}
    for name, tensor in safetensors.deserialize(payload):
        array = numpy.frombuffer(tensor["data"], _numpy_dtype(name, tensor["dtype"]))
        arrays[name] = (array != 0 if tensor["dtype"] == "BOOL" else array).reshape(tensor["shape"])
    return arrays


def _numpy_dtype(name: str, dtype: str) -> numpy.dtype[Any]:
    import numpy

    if dtype == "BOOL":
        # Every byte but 0 is true. NumPy's own `True` is the byte 1.
        return numpy.dtype("u1")
    found = next((numpys for numpys, theirs in TYPES.items() if theirs == dtype), None)
    if found is None:
        raise ValueError(f"the tensor {name!r} is of the type {dtype}, which NumPy lacks: {_LOAD}")
    if found != "bfloat16" and not found.startswith("float8"):
        return numpy.dtype(found).newbyteorder("<")
    try:
        import ml_dtypes
    except ImportError as error:
        raise ImportError(
            f"the tensor {name!r} is of the type {dtype}, which NumPy has from `ml_dtypes`: install that, or {_LOAD}"
        ) from error
    return numpy.dtype(getattr(ml_dtypes, found))


_LOAD = "give what follows the frame's first line to `safetensors.deserialize`"


def _tensor(name: Any, value: Any) -> Tensor:
    import numpy

    _check_text("the name of a tensor", name)
    if name == METADATA:
        raise ValueError(f"a tensor can't be called {METADATA!r}, which is the name of the metadata")
    # A PyTorch tensor can only exist if PyTorch has been imported.
    torch = sys.modules.get("torch")
    if isinstance(value, getattr(torch, "Tensor", ())):
        return _of_torch(name, value)
    if isinstance(value, numpy.ma.MaskedArray):
        raise TypeError(
            f"the tensor {name!r} is a masked array, whose mask would be lost: give its `.filled(value)`, and its "
            "mask, `numpy.ma.getmaskarray(array)`, under another name"
        )
    if not isinstance(value, (numpy.ndarray, numpy.generic)):
        raise TypeError(
            f"the tensor {name!r} is {_kind(value)}, where a NumPy array or a PyTorch tensor is expected: "
            + ("give each array in it a name of its own" if isinstance(value, Mapping) else _AS_ARRAY)
        )
    dtype = TYPES.get(value.dtype.name)
    if dtype is None:
        raise TypeError(f"the tensor {name!r} is of the dtype {value.dtype}, which safetensors lacks: {_advice(value)}")
    # `ascontiguousarray` would add a dimension to an array without dimensions.
    array = numpy.asarray(value, value.dtype.newbyteorder("<"), order="C")
    return _of_elements(name, dtype, array.shape, array.reshape(-1))


_AS_ARRAY = "give `numpy.asarray(value, dtype=…)`, with the dtype that it is to have"


def _advice(array: numpy.ndarray | numpy.generic) -> str:
    """Return what to do about a dtype that safetensors lacks."""
    if array.dtype.names is not None:
        return "give each field, `array[name]`, a name of its own"
    return {
        "f": "give `array.astype('float64')`, which may round",
        "c": "give `array.real` and `array.imag` under two names, or `array.astype('complex64')`, which rounds",
        "M": "give `array.astype('int64')`, and its unit as metadata",
        "m": "give `array.astype('int64')`, and its unit as metadata",
        "O": "give `array.astype(…)` with the dtype of its numbers, or send it as plain data",
        "U": "send text as metadata or plain data",
        "S": "send text as metadata or plain data, or give `array.view('uint8')`",
        "T": "send text as metadata or plain data",
    }.get(array.dtype.kind, "give `array.astype(…)` with a dtype that it has, or `array.view('uint8')`")


def _of_torch(name: str, tensor: Any) -> Tensor:
    import torch

    kind = str(tensor.dtype).removeprefix("torch.")
    dtype = TYPES.get(kind)
    if tensor.layout != torch.strided or tensor.is_nested:
        what = "nested" if tensor.is_nested else str(tensor.layout).removeprefix("torch.")
        advice = "give each of its tensors a name of its own" if tensor.is_nested else "give its `.to_dense()`"
        raise TypeError(f"the tensor {name!r} is {what}, where a dense one is expected: {advice}")
    if tensor.is_meta:
        raise TypeError(f"the tensor {name!r} is on the device 'meta', and so has no elements")
    if dtype is None:
        as_bytes = "`tensor.view(torch.uint8)`"
        advice = "`tensor.dequantize()`" if tensor.is_quantized else _TORCH_ADVICE.get(kind, as_bytes)
        raise TypeError(f"the tensor {name!r} is of the dtype {kind}, which safetensors or NumPy lacks: give {advice}")
    if tensor.dim() > MOST_DIMENSIONS:
        raise TypeError(f"the tensor {name!r} has {tensor.dim()} dimensions, where {MOST_DIMENSIONS} are allowed")
    try:
        plain = tensor.detach().cpu().resolve_conj().resolve_neg().contiguous()
        # `reshape(-1)` would keep the stride of a single element. NumPy lacks some of the dtypes, but it can read the bytes.
        elements = plain.as_strided((plain.numel(),), (1,)).view(torch.uint8).numpy()
    except (RuntimeError, TypeError) as error:
        raise TypeError(f"the tensor {name!r}, {_kind(tensor)}, has no elements that can be read: {error}") from error
    part = tensor.element_size() // (2 if tensor.is_complex() else 1)
    return _of_elements(name, dtype, tuple(tensor.shape), elements.view(f"=u{part}").astype(f"<u{part}", copy=False))


_TORCH_ADVICE = {
    "complex128": "`tensor.real` and `tensor.imag` under two names, or `tensor.to(torch.complex64)`, which rounds",
    "complex32": "`tensor.to(torch.complex64)`",
}


def _of_elements(name: str, dtype: str, shape: tuple[int, ...], elements: numpy.ndarray) -> Tensor:
    data = elements.view("u1")
    return Tensor(name, dtype, shape, data != 0 if dtype == "BOOL" else data)


def _texts(metadata: Any) -> dict[str, str]:
    if not isinstance(metadata, Mapping):
        raise TypeError(f"the metadata must be a mapping of text to text, but is {_kind(metadata)}")
    for key, text in metadata.items():
        _check_text("a key of the metadata", key)
        _check_text(f"the metadata of {key!r}", text)
    return dict(sorted(metadata.items()))


def _check_text(what: str, text: Any) -> None:
    if not isinstance(text, str):
        raise TypeError(f"{what} must be text, but {text!r} is {_kind(text)}")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"{what} can't be written as UTF-8: {text!r}") from error


def _kind(value: Any) -> str:
    return f"of type {type(value).__module__}.{type(value).__qualname__}".replace("builtins.", "")
