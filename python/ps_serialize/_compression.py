"""``LZ`` and ``ZS``: a frame in a frame."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, Protocol

import proxystore.serialize

from ps_serialize import _frame

if TYPE_CHECKING:
    from ps_serialize._frame import BytesLike

#: A frame is shuffled in blocks of this many bytes, the last one shorter.
BLOCK = 256 << 10
#: Compressed bytes may become this many times as many, and ``FREE_EXPANSION`` more.
MOST_EXPANSION = 256
FREE_EXPANSION = 64 << 20
#: The largest window of Zstandard that the Rust library keeps.
LARGEST_WINDOW = 128 << 20

LZ4 = b"LZ"
ZSTD = b"ZS"

_LZ4_MAGIC = (0x184D2204).to_bytes(4, "little")
_ZSTD_MAGIC = (0xFD2FB528).to_bytes(4, "little")
_SKIPPABLE = range(0x184D2A50, 0x184D2A60)
#: A Zstandard block of one byte that is repeated.
_REPEATED = 1


class Serialize(Protocol):
    """What ``Store(serializer=...)`` takes."""

    def __call__(self, obj: Any) -> bytes: ...


def compressed(
    codec: Literal["lz4", "zstd"],
    *,
    level: int | None = None,
    shuffle: int = 0,
    serializer: Callable[[Any], BytesLike] = proxystore.serialize.serialize,
) -> Serialize:
    """Return a serializer that compresses the frames of another one.

    Args:
        codec: ``"lz4"`` or ``"zstd"``.
        level: the codec's own compression level; its default if ``None``.
        shuffle: the width of the elements in bytes, 1 to 255, where the object is mostly numbers of one
            size: their bytes are then shuffled before, which helps. 0 for none.
        serializer: makes the frame that is compressed.

    A frame that does not become smaller is returned as it was, and so is a frame that is compressed already.

    The serializer raises ``TypeError`` if what the other one returns is not bytes, ``ValueError`` if it is not a frame.
    """
    width = operator.index(shuffle)
    if not 0 <= width <= 255:
        raise ValueError(f"a shuffle's width is 0 to 255, not {shuffle}")
    if codec not in ("lz4", "zstd"):
        raise ValueError(f"the codec is 'lz4' or 'zstd', not {codec!r}")

    def serialize(obj: Any) -> bytes:
        frame = _frame.as_bytes(serializer(obj), "what the serializer returns")
        if _frame.parse(frame)[0] in (LZ4, ZSTD):
            return frame
        content = _shuffle(frame, width)
        small = _lz4(content, level) if codec == "lz4" else _zstd(content, level)
        line = _frame.line(LZ4 if codec == "lz4" else ZSTD)
        result = b"".join([line, bytes([width]), small])
        return result if len(result) < len(frame) else frame

    return serialize


def decompress(frame: BytesLike) -> bytes:
    """Return the frame inside of a compressed frame. Any other frame is returned as it is.

    Raises:
        TypeError: if it is not bytes, a ``bytearray``, a ``memoryview`` or the like.
        ValueError: if it is no frame, can't be decompressed, or has bytes left over; if it is compressed twice; if its
            size is not the one that it says, or it says none, or says that it becomes more than 256 times as large and
            64 MiB.
    """
    frame = _frame.as_bytes(frame, "a frame")
    identifier, payload = _frame.parse(frame)
    if identifier not in (LZ4, ZSTD):
        return frame
    if not payload:
        raise ValueError("the payload is empty, and should begin with the shuffle's width")
    width, data = payload[0], payload[1:]
    limit = MOST_EXPANSION * len(payload) + FREE_EXPANSION
    content = _unlz4(data, limit) if identifier == LZ4 else _unzstd(data, limit)
    inner = _unshuffle(content, width)
    if _frame.parse(inner)[0] in (LZ4, ZSTD):
        raise ValueError("a compressed frame in a compressed frame")
    return inner


def _lz4(content: bytes, level: int | None) -> bytes:
    import lz4.frame

    small: bytes = lz4.frame.compress(content, 0 if level is None else level, store_size=True)
    return small


def _unlz4(data: memoryview, limit: int) -> bytes:
    import lz4.frame

    if data[:4] != _LZ4_MAGIC:
        raise ValueError("no LZ4 frame")
    try:
        _check(lz4.frame.get_frame_info(data)["content_size"], limit)
        content: bytes
        content, read = lz4.frame.decompress(data, return_bytes_read=True)
    except RuntimeError as error:
        raise ValueError(f"the LZ4 frame can't be read: {error}") from error
    if read != len(data):
        raise ValueError(f"{len(data) - read} bytes are left over after the LZ4 frame")
    return content


def _zstd(content: bytes, level: int | None) -> bytes:
    import zstandard

    small = zstandard.ZstdCompressor(3 if level is None else level).compress(content)
    # A reader limits the content by the size of the compressed frame, so the frame must be large enough.
    wanted = max(0, len(content) - FREE_EXPANSION) // MOST_EXPANSION
    missing = wanted - len(small)
    if missing <= 0:
        return small
    return b"".join([small, _SKIPPABLE[0].to_bytes(4, "little"), missing.to_bytes(4, "little"), bytes(missing)])


def _unzstd(data: memoryview, limit: int) -> bytes:
    import zstandard

    if data[:4] != _ZSTD_MAGIC:
        raise ValueError("no Zstandard frame")
    try:
        frame = zstandard.get_frame_parameters(data)
        _check(0 if frame.content_size == zstandard.CONTENTSIZE_UNKNOWN else frame.content_size, limit)
        if frame.window_size > LARGEST_WINDOW:
            raise ValueError(f"window in bytes: the limit is {LARGEST_WINDOW}, and this is {frame.window_size}")
        content = zstandard.ZstdDecompressor().decompress(data)
        end = _end_of_blocks(data, zstandard.frame_header_size(data)) + (4 if frame.has_checksum else 0)
    except zstandard.ZstdError as error:
        raise ValueError(f"the Zstandard frame can't be read: {error}") from error
    # `zstandard` reads one frame, and ignores the bytes after it.
    rest = data[end:]
    while rest:
        magic, size = (int.from_bytes(rest[i : i + 4], "little") for i in (0, 4))
        if magic not in _SKIPPABLE or len(rest) < 8 + size:
            raise ValueError(f"{len(rest)} bytes are left over after the Zstandard frame")
        rest = rest[8 + size :]
    return content


def _end_of_blocks(data: memoryview, start: int) -> int:
    """Return where the blocks of a Zstandard frame end. The frame has been read without an error."""
    last = 0
    while not last:
        header = int.from_bytes(data[start : start + 3], "little")
        last, kind, size = header & 1, header >> 1 & 3, header >> 3
        start += 3 + (1 if kind == _REPEATED else size)
    return start


def _check(size: int, limit: int) -> None:
    # `lz4` does not tell these two apart, and no frame is empty.
    if size == 0:
        raise ValueError("it says no size of its content, or 0: its compressor must write the size at its start")
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
