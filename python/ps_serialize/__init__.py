"""The frames of the Rust library ps-serialize.

``serialize`` and ``deserialize`` take the place of those of ProxyStore: ``Store(name, connector,
serializer=ps_serialize.serialize, deserializer=ps_serialize.deserialize)``. Arrays and tables are copied once, or not at all.
Stock ProxyStore reads what ``serialize`` writes, and ``deserialize`` reads what stock ProxyStore writes.

``compressed``, ``tensors`` and ``checkpoint`` write frames that stock ProxyStore has no serializer for; each is, or returns,
what ``Store(serializer=...)`` takes. ``deserialize`` reads them, and so does stock ProxyStore after ``register()``:

========== ============================ ==============================================
identifier what                         needs
========== ============================ ==============================================
``LZ``     a frame, LZ4-compressed      ``lz4``
``ZS``     a frame, Zstandard           ``zstandard``
``ST``     named tensors                ``numpy``, ``safetensors`` to read them
``PT``     a PyTorch checkpoint         ``torch``
========== ============================ ==============================================

``load`` gives classes for the annotated types of a Rust program, from its lock; ``python -m ps_serialize generate`` writes them as source.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import proxystore.serialize

from ps_serialize import _frame, _tensors
from ps_serialize._compression import LZ4, ZSTD, compressed, decompress
from ps_serialize._load import load
from ps_serialize._tensors import tensors
from ps_serialize._values import deserialize, read_checkpoint, register_reader, serialize

if TYPE_CHECKING:
    import numpy

__all__ = [
    "checkpoint",
    "compressed",
    "decompress",
    "deserialize",
    "load",
    "register",
    "register_reader",
    "serialize",
    "tensors",
]

__version__ = "0.1.0"


def checkpoint(obj: Any) -> bytes:
    """Return the ``PT`` frame of what ``torch.save`` takes: a state dict, above all.

    Readers use ``torch.load(weights_only=True)``, which runs no code.

    Raises:
        TypeError: if ``obj`` holds what that call refuses, such as NumPy's arrays and whole modules.
    """
    import torch

    buffer = io.BytesIO()
    start = buffer.write(_frame.line(b"PT"))
    torch.save(obj, buffer)
    buffer.seek(start)
    refused = torch.serialization.get_unsafe_globals_in_checkpoint(buffer)
    if refused:
        raise TypeError(
            f"the checkpoint holds {', '.join(sorted(refused))}, which `torch.load(weights_only=True)` refuses: save "
            "`torch.tensor(array)` of NumPy's arrays, `item()` of its scalars and `state_dict()` of modules, or name "
            "the classes to `torch.serialization.add_safe_globals`, both here and where it is read"
        )
    return buffer.getvalue()


def register() -> None:
    """Make ``proxystore.serialize.deserialize`` read ``LZ``, ``ZS``, ``ST`` and ``PT``.

    It may be called more than once. What ``proxystore.serialize.serialize`` writes does not change.
    """
    # ProxyStore has no public way to do this; this is the one that its own serializers take.
    known = proxystore.serialize._SERIALIZERS
    for serializer in (_Lz4, _Zstd, _Tensors, _Checkpoint):
        if not isinstance(known.get(serializer.identifier), serializer):
            proxystore.serialize._register_serializer(serializer)


class _ReadOnly:
    """``proxystore.serialize.serialize`` asks each serializer, and these are for those who name them."""

    def supported(self, obj: Any) -> bool:
        return False

    def serialize(self, obj: Any, buffer: io.BytesIO) -> None:
        raise TypeError("name the serializer: `ps_serialize.compressed`, `tensors` or `checkpoint`")


class _Lz4(_ReadOnly):
    identifier = LZ4
    name = "LZ4-compressed frame"

    def deserialize(self, buffer: io.BytesIO) -> Any:
        return proxystore.serialize.deserialize(decompress(buffer.getvalue()))


class _Zstd(_ReadOnly):
    identifier = ZSTD
    name = "Zstandard-compressed frame"

    def deserialize(self, buffer: io.BytesIO) -> Any:
        return proxystore.serialize.deserialize(decompress(buffer.getvalue()))


class _Tensors(_ReadOnly):
    identifier = _tensors.IDENTIFIER
    name = "safetensors"

    def deserialize(self, buffer: io.BytesIO) -> dict[str, numpy.ndarray]:
        return _tensors.read(buffer.read())


class _Checkpoint(_ReadOnly):
    identifier = b"PT"
    name = "PyTorch checkpoint"

    def deserialize(self, buffer: io.BytesIO) -> Any:
        return read_checkpoint(buffer.read())
