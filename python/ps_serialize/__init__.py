"""The frames of the Rust library ps-serialize that stock ProxyStore has no serializer for.

``register()`` makes ``proxystore.serialize.deserialize`` read them:

========== ============================ ==============================================
identifier what                         needs
========== ============================ ==============================================
``LZ``     a frame, LZ4-compressed      ``lz4``
``ZS``     a frame, Zstandard           ``zstandard``
``ST``     named tensors                ``safetensors``, ``numpy``
``PT``     a PyTorch checkpoint         ``torch``
========== ============================ ==============================================

``compressed``, ``tensors`` and ``checkpoint`` write them; each is, or returns, what ``Store(serializer=...)`` takes.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal, Protocol

import proxystore.serialize

if TYPE_CHECKING:
    import numpy

__all__ = ["checkpoint", "compressed", "decompress", "register", "tensors"]

#: A frame is shuffled in blocks of this many bytes, the last one shorter.
BLOCK = 256 << 10
#: What compressed bytes may become: this many times as many, and ``FREE_EXPANSION`` more.
MOST_EXPANSION = 256
FREE_EXPANSION = 64 << 20

_SKIPPABLE = (0x184D2A50).to_bytes(4, "little")


class Serialize(Protocol):
    """What ``Store(serializer=...)`` takes."""

    def __call__(self, obj: Any) -> bytes: ...


def compressed(
    codec: Literal["lz4", "zstd"],
    *,
    level: int | None = None,
    shuffle: int = 0,
    serializer: Callable[[Any], Any] = proxystore.serialize.serialize,
) -> Serialize:
    """Return a serializer that compresses the frames of another one.

    Args:
        codec: ``"lz4"`` or ``"zstd"``.
        level: the codec's own compression level; its default if ``None``.
        shuffle: the width of the elements in bytes, 1 to 255, where the object is mostly numbers of one
            size: their bytes are then shuffled before, which helps. 0 for none.
        serializer: makes the frame that is compressed.

    A frame that does not become smaller is left as it was.
    """
    if not 0 <= shuffle <= 255:
        raise ValueError(f"a shuffle's width is 0 to 255, not {shuffle}")
    if codec not in ("lz4", "zstd"):
        raise ValueError(f"the codec is 'lz4' or 'zstd', not {codec!r}")

    def serialize(obj: Any) -> bytes:
        frame = bytes(serializer(obj))
        content = _shuffle(frame, shuffle)
        small = _lz4(content, level) if codec == "lz4" else _zstd(content, level)
        line = b"LZ\n" if codec == "lz4" else b"ZS\n"
        result = b"".join([line, bytes([shuffle]), small])
        return result if len(result) < len(frame) else frame

    return serialize


def decompress(frame: bytes) -> bytes:
    """Return the frame inside of a compressed one; any other frame as it is.

    Raises:
        ValueError: if it is compressed twice, if its size is not the one that it says, or if it says that it becomes
            more than 256 times as large and 64 MiB.
    """
    identifier, _, payload = bytes(frame).partition(b"\n")
    identifier = identifier.strip()
    if identifier not in (b"LZ", b"ZS"):
        return frame
    if not payload:
        raise ValueError("the payload is empty, and should begin with the shuffle's width")
    width, data = payload[0], payload[1:]
    limit = MOST_EXPANSION * len(payload) + FREE_EXPANSION
    content = _unlz4(data, limit) if identifier == b"LZ" else _unzstd(data, limit)
    inner = _unshuffle(content, width)
    if inner.partition(b"\n")[0].strip() in (b"LZ", b"ZS"):
        raise ValueError("a compressed frame in a compressed frame")
    return inner


def tensors(obj: Mapping[str, numpy.ndarray], metadata: Mapping[str, str] | None = None) -> bytes:
    """Return the ``ST`` frame of named arrays, and of text about them.

    It is read as a ``dict`` of NumPy arrays. The dtypes are those that safetensors and NumPy have in common.
    """
    from safetensors.numpy import save

    payload = save(dict(obj), None if metadata is None else dict(metadata))
    return b"".join([b"ST".ljust(63), b"\n", payload])


def checkpoint(obj: Any) -> bytes:
    """Return the ``PT`` frame of what ``torch.save`` takes: a state dict, above all.

    It is read by ``torch.load(weights_only=True)``, which runs no code.
    """
    import torch

    buffer = io.BytesIO(b"PT\n")
    buffer.seek(3)
    torch.save(obj, buffer)
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
    identifier = b"LZ"
    name = "LZ4-compressed frame"

    def deserialize(self, buffer: io.BytesIO) -> Any:
        return proxystore.serialize.deserialize(decompress(b"LZ\n" + buffer.read()))


class _Zstd(_ReadOnly):
    identifier = b"ZS"
    name = "Zstandard-compressed frame"

    def deserialize(self, buffer: io.BytesIO) -> Any:
        return proxystore.serialize.deserialize(decompress(b"ZS\n" + buffer.read()))


class _Tensors(_ReadOnly):
    identifier = b"ST"
    name = "safetensors"

    def deserialize(self, buffer: io.BytesIO) -> dict[str, numpy.ndarray]:
        from safetensors.numpy import load

        return load(buffer.read())


class _Checkpoint(_ReadOnly):
    identifier = b"PT"
    name = "PyTorch checkpoint"

    def deserialize(self, buffer: io.BytesIO) -> Any:
        import torch

        return torch.load(io.BytesIO(buffer.read()), map_location="cpu", weights_only=True)


def _lz4(content: bytes, level: int | None) -> bytes:
    import lz4.frame

    return lz4.frame.compress(content, 0 if level is None else level, store_size=True)


def _unlz4(data: bytes, limit: int) -> bytes:
    import lz4.frame

    size = lz4.frame.get_frame_info(data)["content_size"]
    _check(size or None, limit)
    content, read = lz4.frame.decompress(data, return_bytes_read=True)
    if read != len(data):
        raise ValueError(f"{len(data) - read} bytes are left over after the LZ4 frame")
    return content


def _zstd(content: bytes, level: int | None) -> bytes:
    import zstandard

    small = zstandard.ZstdCompressor(3 if level is None else level).compress(content)
    # A reader bounds what it opens by what arrives, so that has to be enough for it.
    wanted = max(0, len(content) - FREE_EXPANSION) // MOST_EXPANSION
    missing = wanted - len(small)
    if missing <= 0:
        return small
    return b"".join([small, _SKIPPABLE, missing.to_bytes(4, "little"), bytes(missing)])


def _unzstd(data: bytes, limit: int) -> bytes:
    import zstandard

    size = zstandard.frame_content_size(data)
    _check(None if size < 0 else size, limit)
    return zstandard.ZstdDecompressor().decompress(data)


def _check(size: int | None, limit: int) -> None:
    if size is None:
        raise ValueError("it does not say how large its content is, which its compressor is to write at its start")
    if size > limit:
        raise ValueError(f"size of the decompressed frame in bytes: the limit is {limit}, and this is {size}")


def _shuffle(frame: bytes, width: int) -> bytes:
    if width < 2:
        return frame
    pieces = []
    for start in range(0, len(frame), BLOCK):
        block = frame[start : start + BLOCK]
        whole = len(block) // width * width
        pieces += [block[i:whole:width] for i in range(width)]
        pieces.append(block[whole:])
    return b"".join(pieces)


def _unshuffle(content: bytes, width: int) -> bytes:
    if width < 2:
        return content
    frame = bytearray(content)
    for start in range(0, len(content), BLOCK):
        block = content[start : start + BLOCK]
        elements = len(block) // width
        whole = elements * width
        for i in range(width):
            frame[start + i : start + whole : width] = block[i * elements : (i + 1) * elements]
    return bytes(frame)
