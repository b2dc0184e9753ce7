"""Checks of the lengths in an Arrow file. polars trusts them, and an allocation that fails ends the interpreter."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

from ps_serialize._compression import FREE_EXPANSION, MOST_EXPANSION

_MAGIC = b"ARROW1"
#: Where the first message may begin.
_FIRST = 8
#: How deep types may be in each other, as in Arrow's own reader. polars recurses.
_DEEPEST = 64

_RECORD_BATCH, _DICTIONARY_BATCH = 3, 2


def check(file: memoryview) -> None:
    """Check that an Arrow file refers to nothing outside of itself.

    Raises:
        ValueError: if it does, or if its types are too deep.
    """
    if len(file) < _FIRST + 4 + len(_MAGIC) or file[: len(_MAGIC)] != _MAGIC or file[-len(_MAGIC) :] != _MAGIC:
        raise ValueError("no Arrow file")
    end = len(file) - len(_MAGIC) - 4
    (size,) = struct.unpack_from("<i", file, end)
    footer = _root(_part(file, end - size, size))
    schema = footer.table(1)
    if schema is not None:
        _check_fields(schema, len(file))
    for field in (2, 3):
        for offset, metadata, body in footer.structs(field, "<qi4xq"):
            _part(file, offset, metadata + body)
            _check_message(_part(file, offset, metadata), file[offset + metadata :])


def _check_message(metadata: memoryview, rest: memoryview) -> None:
    # Before Arrow 0.15, a message began with its length.
    start = 8 if bytes(metadata[:4]) == b"\xff\xff\xff\xff" else 4
    (size,) = struct.unpack_from("<i", metadata, start - 4)
    message = _root(_part(metadata, start, size))
    kind, batch = message.number(1, "<B"), message.table(2)
    body = _part(rest, 0, message.number(3, "<q"))
    if kind == _DICTIONARY_BATCH and batch is not None:
        batch = batch.table(1)
    elif kind != _RECORD_BATCH:
        raise ValueError(f"a message of the Arrow file is of kind {kind}, where records are expected")
    if batch is None:
        raise ValueError("a message of the Arrow file has no records")
    is_compressed = batch.table(3) is not None
    limit = MOST_EXPANSION * len(body) + FREE_EXPANSION
    for offset, length in batch.structs(2, "<qq"):
        if not 0 <= offset <= offset + length <= len(body):
            raise ValueError(f"a buffer in the Arrow file has {length} bytes at {offset}, where {len(body)} bytes are")
        if is_compressed and length >= 8:
            limit -= max(0, int.from_bytes(body[offset : offset + 8], "little", signed=True))
    if limit < 0:
        raise ValueError("the Arrow file says that its records become more than 256 times as large and 64 MiB")
    lengths = [batch.number(0, "<q"), *(number for node in batch.structs(1, "<qq") for number in node)]
    lengths += [count for (count,) in batch.structs(4, "<q")]
    if min(lengths) < 0:
        raise ValueError("a length in the Arrow file is negative")


def _check_fields(schema: _Table, size: int) -> None:
    """Check that the types are not too deep, and are not more than the file has room for."""
    left = size // 8
    level = list(schema.tables(1))
    for _ in range(_DEEPEST):
        left -= len(level)
        if left < 0:
            raise ValueError("the Arrow file has more types than it has room for")
        level = [child for field in level for child in field.tables(5)]
        if not level:
            return
    raise ValueError(f"types in the Arrow file are in each other more than {_DEEPEST} deep")


def _part(data: memoryview, start: int, size: int) -> memoryview:
    if not 0 <= start <= start + size <= len(data):
        raise ValueError(f"the Arrow file refers to {size} bytes at {start}, where {len(data)} bytes are")
    return data[start : start + size]


def _root(data: memoryview) -> _Table:
    return _Table(data, *_read(data, 0, "<I"))


def _read(data: memoryview, start: int, form: str) -> tuple[Any, ...]:
    return struct.unpack(form, _part(data, start, struct.calcsize(form)))


class _Table:
    """A table of FlatBuffers, whose fields are found by number."""

    def __init__(self, data: memoryview, start: int) -> None:
        self._data, self._start = data, start
        (back,) = _read(data, start, "<i")
        (size,) = _read(data, start - back, "<H")
        self._fields = _part(data, start - back, max(4, size))[4:]

    def _find(self, field: int) -> int | None:
        place = self._fields[2 * field : 2 * field + 2]
        offset = int.from_bytes(place, "little") if len(place) == 2 else 0
        return self._start + offset if offset else None

    def _follow(self, start: int) -> int:
        return start + int(_read(self._data, start, "<I")[0])

    def number(self, field: int, form: str) -> int:
        start = self._find(field)
        return 0 if start is None else int(_read(self._data, start, form)[0])

    def table(self, field: int) -> _Table | None:
        start = self._find(field)
        return None if start is None else _Table(self._data, self._follow(start))

    def structs(self, field: int, form: str) -> Iterator[tuple[int, ...]]:
        start = self._find(field)
        if start is None:
            return iter(())
        start = self._follow(start)
        (count,) = _read(self._data, start, "<I")
        return struct.iter_unpack(form, _part(self._data, start + 4, count * struct.calcsize(form)))

    def tables(self, field: int) -> Iterator[_Table]:
        start = self._find(field)
        if start is None:
            return
        start = self._follow(start)
        (count,) = _read(self._data, start, "<I")
        for place in range(0, len(_part(self._data, start + 4, 4 * count)), 4):
            yield _Table(self._data, self._follow(start + 4 + place))
