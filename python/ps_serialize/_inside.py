"""What is counted while a record is read or written: its frames inside, and elements that may have no bytes."""

from __future__ import annotations

import struct
from typing import Any

from ps_serialize import _frame, _values
from ps_serialize._limits import EMPTY_ELEMENTS, MAX_FRAMES_INSIDE
from ps_serialize._misfit import Misfit, found


class Reading:
    """What is known of a payload that is being read: its frames, which are taken in their order, and its elements."""

    def __init__(self, payload: memoryview, copy: bool, nesting: int, has_frames: bool) -> None:
        self._payload, self._copy, self._nesting, self._next = payload, copy, nesting + 1, 0
        self._elements = EMPTY_ELEMENTS + len(payload)
        self.record = payload
        if has_frames:
            self._find_frames(payload)

    def _find_frames(self, payload: memoryview) -> None:
        _check_nesting(self._nesting)
        if len(payload) < 16:
            raise Misfit(f"{len(payload)} bytes are too few for a record with frames inside")
        count, length = struct.unpack_from("<QQ", payload)
        if count > (len(payload) - 16) // 8:
            raise Misfit(f"{count} frames inside are too many for {len(payload)} bytes")
        self._lengths = list(struct.unpack_from(f"<{count}Q", payload, 16))
        self._end = 16 + 8 * count + length
        self.record = payload[16 + 8 * count : self._end]
        if len(self.record) != length:
            raise Misfit(f"the record has {length} bytes, where {len(self.record)} are left")

    def next(self, wanted: bytes | None) -> Any:
        if self._next == len(self._lengths):
            raise Misfit(f"the record has more than {self._next} frames inside")
        length = self._lengths[self._next]
        start = self._end + -self._end % _frame.ALIGNED
        frame = self._payload[start : start + length]
        if len(frame) != length or any(self._payload[self._end : start]):
            raise Misfit(f"frame {self._next} inside has {length} bytes, where {len(frame)} are left after zeros")
        self._next, self._end = self._next + 1, start + length
        try:
            identifier = _frame.parse(frame)[0]
        except ValueError as error:
            raise Misfit(str(error)) from error
        if wanted is not None and identifier not in (wanted, b"LZ", b"ZS"):
            raise Misfit(f"a frame of {wanted!r} is expected, not one of {identifier!r}")
        try:
            return _values.read(frame, self._copy, self._nesting)
        except Exception as error:
            raise Misfit(str(error)) from error

    def left(self, count: int) -> int:
        if count > len(self._lengths) - self._next:
            raise Misfit(f"{count} frames are more than the record has left")
        return count

    def count(self, count: int) -> None:
        """Note the elements of a list, which may have no bytes."""
        self._elements -= count
        if self._elements < 0:
            raise _too_many_elements(len(self._payload))

    def check_end(self) -> None:
        if self._next != len(self._lengths) or self._end != len(self._payload):
            raise Misfit("something is left over after the last frame inside")


class Writing:
    """What is known of a record that is being written: its frames, and its elements."""

    def __init__(self, nesting: int, has_frames: bool) -> None:
        self.frames: list[Any] = []
        self._elements, self._nesting = 0, nesting + 1
        if has_frames:
            _check_nesting(self._nesting)

    def add(self, value: Any, wanted: bytes | None) -> None:
        self.frames.append(_frame_of(value, wanted, self._nesting))

    def count(self, count: int) -> None:
        self._elements += count

    def check_elements(self, size: int) -> None:
        if self._elements > EMPTY_ELEMENTS + size:
            raise _too_many_elements(size)


def with_frames(line: bytes, record: bytes, frames: list[Any]) -> list[Any]:
    parts = [line, struct.pack(f"<QQ{len(frames)}Q", len(frames), len(record), *map(len, frames)), record]
    end = sum(map(len, parts))
    for frame in frames:
        padding = -end % _frame.ALIGNED
        parts += [bytes(padding), frame]
        end += padding + len(frame)
    return parts


def _check_nesting(nesting: int) -> None:
    if nesting > MAX_FRAMES_INSIDE:
        raise Misfit(f"more than {MAX_FRAMES_INSIDE} records are inside of one another")


def _too_many_elements(size: int) -> Misfit:
    return Misfit(f"{size} bytes may have no more than {EMPTY_ELEMENTS + size} elements")


def _frame_of(value: Any, wanted: bytes | None, nesting: int) -> Any:
    """Return the frame of a field, with a line of 64 bytes."""
    try:
        frame = _values.write(value, nesting)
    except Exception as error:
        raise Misfit(str(error)) from error
    identifier, payload = _frame.parse(frame)
    if wanted is not None and identifier != wanted:
        raise Misfit(f"a frame of {wanted!r} is expected, and {found(value)} is written as one of {identifier!r}")
    if len(frame) - len(payload) == _frame.ALIGNED:
        return frame
    return b"".join([_frame.line(identifier, aligned=True), payload])
