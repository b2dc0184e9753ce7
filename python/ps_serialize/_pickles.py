"""``PK`` and ``PD``: pickles whose large buffers are copied once, and aligned."""

from __future__ import annotations

import pickle
import pickletools
from typing import Any

from ps_serialize import _frame

#: Buffers of fewer bytes are written by pickle itself.
_SMALL = 32 << 10
#: A pickle that is longer without its buffers is written by pickle itself: to look through it would take too long.
_LONG = 64 << 10

_FRAME, _NEXT_BUFFER, _READONLY_BUFFER = 0x95, 0x97, 0x98
_BINBYTES8 = b"\x8e"
_BYTEARRAY8 = b"\x96"


def write(identifier: bytes, obj: Any) -> bytes | memoryview:
    """Return the frame of an object that is pickled by protocol 5.

    Raises:
        Exception: what pickle and the object itself raise.
    """
    line = _frame.line(identifier)
    buffers: list[memoryview] = []

    def is_small(buffer: pickle.PickleBuffer) -> bool:
        raw = buffer.raw()
        if raw.nbytes >= _SMALL:
            buffers.append(raw)
        return raw.nbytes < _SMALL

    pickled = pickle.dumps(obj, protocol=5, buffer_callback=is_small)
    if not buffers:
        return line + pickled
    if len(pickled) > _LONG:
        return line + pickle.dumps(obj, protocol=5)
    return _frame.join(_with_buffers(line, pickled, buffers))


def _with_buffers(line: bytes, pickled: bytes, buffers: list[memoryview]) -> list[bytes | memoryview]:
    """Return the parts of a frame, in which the buffers stand where the pickle asks for them."""
    pieces: list[bytes | memoryview] = [line]
    length, start, left = len(line), 0, iter(buffers)
    for place, size in _places(pickled, len(buffers)):
        pieces.append(pickled[start:place])
        length += place - start
        start = place + size
        if pickled[place] == _NEXT_BUFFER:
            buffer = next(left)
            head = (_BINBYTES8 if buffer.readonly else _BYTEARRAY8) + buffer.nbytes.to_bytes(8, "little")
            padding = _padding(length + len(head))
            pieces += [padding, head, buffer]
            length += len(padding) + len(head) + buffer.nbytes
    pieces.append(pickled[start:])
    return pieces


def _places(pickled: bytes, count: int) -> list[tuple[int, int]]:
    """Return where the opcodes are that ask for so many buffers, and those that a frame begins with, with their sizes.

    Frames tell how much to read at once, and none is needed.
    """
    whole = pickled[2] == _FRAME and int.from_bytes(pickled[3:11], "little") == len(pickled) - 11
    if whole and pickled.count(_NEXT_BUFFER) == count:
        # No other byte has this value, so the opcodes need not be told apart, which takes long.
        places, place = [(2, 9)], 2
        for _ in range(count):
            place = pickled.index(_NEXT_BUFFER, place + 1)
            places.append((place, 1 + (pickled[place + 1] == _READONLY_BUFFER)))
        return places
    found = [(opcode.code.encode("latin-1")[0], place or 0) for opcode, _, place in pickletools.genops(pickled)]
    sizes = {_FRAME: 9, _NEXT_BUFFER: 1, _READONLY_BUFFER: 1}
    return [(place, sizes[code]) for code, place in found if code in sizes]


def _padding(length: int) -> bytes:
    """Return opcodes that do nothing, so many that what follows them and ``length`` bytes is aligned."""
    missing = -length % _frame.ALIGNED
    if missing == 0:
        return b""
    if missing < 3:
        missing += _frame.ALIGNED
    return b"C" + bytes([missing - 3]) + bytes(missing - 3) + b"0"
