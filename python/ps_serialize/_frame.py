"""The layout of a frame. No other file knows the newline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import numpy
    from typing_extensions import Buffer

    BytesLike: TypeAlias = Buffer

#: Where the payload of an aligned frame begins. The identifier line is not longer than this.
ALIGNED = 64
LONGEST_IDENTIFIER = 32


def line(identifier: bytes, *, aligned: bool = False) -> bytes:
    """Return the line that a frame begins with."""
    return (identifier.ljust(ALIGNED - 1) if aligned else identifier) + b"\n"


def view(frame: Any) -> memoryview:
    """Return the bytes of a frame, read-only, where they are.

    Raises:
        ValueError: if it is not bytes, a ``bytearray``, a ``memoryview`` or the like.
    """
    try:
        return memoryview(frame).toreadonly().cast("B")
    except TypeError as error:
        raise ValueError(f"a frame must be bytes, but is of type {type(frame).__name__!r}") from error


def parse(frame: bytes | memoryview) -> tuple[bytes, memoryview]:
    """Return the identifier and the payload of a frame, as the Rust library finds them."""
    start = bytes(frame[:ALIGNED])
    end = start.find(b"\n")
    if end < 0:
        if len(frame) > ALIGNED:
            raise ValueError(f"no frame: its first {ALIGNED} bytes have no newline, which ends the identifier")
        end = len(frame)
    identifier = start[:end].strip()
    if not 1 <= len(identifier) <= LONGEST_IDENTIFIER:
        raise ValueError(
            f"no frame: an identifier has 1 to {LONGEST_IDENTIFIER} bytes, and this one has {len(identifier)}"
        )
    return identifier, memoryview(frame)[end + 1 :]


def allocate(size: int) -> numpy.ndarray:
    """Return memory for a frame. Unlike ``bytes``, it asks for huge pages."""
    import numpy

    return numpy.empty(size, "u1")


def join(parts: list[bytes | memoryview]) -> memoryview:
    """Return the frame of these parts, each copied once."""
    buffer = memoryview(allocate(sum(len(part) for part in parts)))
    start = 0
    for part in parts:
        buffer[start : start + len(part)] = part
        start += len(part)
    return buffer.toreadonly()


def as_bytes(value: Any, what: str) -> bytes:
    """Return the bytes of a bytes-like object: itself if it is `bytes`."""
    # `bytes` itself would make zeros from a number, and take the numbers of a list.
    try:
        content = memoryview(value)
    except TypeError:
        raise TypeError(f"{what} must be bytes, but is of type {type(value).__name__!r}") from None
    return value if isinstance(value, bytes) else bytes(content)
