"""What reads the payload of an entry of a lock, and what writes its frame."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ps_serialize import _frame
from ps_serialize._classes import Class, Classes, Union
from ps_serialize._explain import explained, not_read, not_written
from ps_serialize._inside import Reading, Writing, with_frames
from ps_serialize._limits import MAX_DEPTH
from ps_serialize._lock import Entry, Enum, Frames, Struct, Type, resolve
from ps_serialize._misfit import Misfit
from ps_serialize._reader import Readers
from ps_serialize._sizes import depth, has_empty
from ps_serialize._writer import Writers

Read = Callable[[memoryview, bool, int], Any]
Write = Callable[[Any, int], "bytes | memoryview"]


def compile_entry(entry: Entry, made: Class | Union, classes: Classes, space: dict[str, Any]) -> tuple[Read, Write]:
    """Return what reads the payload of an entry, and what writes its frame.

    Both take the number of records around this one.

    Args:
        space: the classes by name.
    """
    kind = entry.value
    read_record, write_record, may_have_empty = _functions(kind, entry.codec, classes, space)
    steps: tuple[str, ...] = (made.name,)
    if isinstance(made, Class) and made.fields and made.fields[0][1] is kind:
        # The type has no name, and so is the field of a class of its own.
        read_record, write_record = _in_class(space[made.name], read_record, write_record)
        steps += ("value",)
    has_frames = _has_frames(kind)
    needs_notes = has_frames or may_have_empty
    assert isinstance(entry.identifier, bytes)
    line = _frame.line(entry.identifier, aligned=has_frames)

    def read(payload: memoryview, copy: bool, nesting: int) -> Any:
        try:
            x = Reading(payload, copy, nesting, has_frames) if needs_notes else None
            record = payload if x is None else x.record
            value, end = read_record(record, 0, copy, x, MAX_DEPTH)
            if end != len(record):
                raise Misfit(f"{len(record) - end} bytes are left over after the record")
            if has_frames:
                assert x is not None
                x.check_end()
            return value
        except Exception as error:
            misfit = explained(error, classes, not_read).inside(*steps)
            raise misfit from (error.__cause__ if misfit is error else error)

    def write(value: Any, nesting: int) -> bytes | memoryview:
        try:
            parts: list[Any] = []
            x = Writing(nesting, has_frames) if needs_notes else None
            write_record(value, parts, x, MAX_DEPTH)
            if x is None:
                return _join([line, *parts])
            record = b"".join(parts)
            x.check_elements(len(record))
            return _join(with_frames(line, record, x.frames) if has_frames else [line, record])
        except Exception as error:
            misfit = explained(error, classes, not_written).inside(*steps)
            raise misfit from (error.__cause__ if misfit is error else error)

    return read, write


def _functions(
    kind: Type, codec: str, classes: Classes, space: dict[str, Any]
) -> tuple[Callable[..., Any], Callable[..., None], bool]:
    """Return what reads a record, and says where it ends; what writes one; and whether elements of lists may have no bytes."""
    if codec == "messagepack":
        # It is imported only if a lock has such records.
        from ps_serialize._messagepack import Codec

        by_name: list[Codec] = []

        def its() -> Codec:
            if not by_name:
                by_name.append(Codec(classes, space))
            return by_name[0]

        return (
            lambda record, _start, _copy, x, _levels: (its().unpack(kind, record, x), len(record)),
            lambda value, out, x, _levels: its().write(kind, value, out, x),
            False,
        )
    may_have_empty = has_empty(kind)
    # The Rust library bounds the levels of `Wincode` by nothing but the stack.
    levels = depth(kind) if codec == "bincode" else 0
    is_deep = levels is None or levels > MAX_DEPTH
    readers = Readers(classes, space, is_deep, may_have_empty)
    writers = Writers(classes, space, is_deep, may_have_empty)
    read, write = readers.function(kind), writers.function(kind)
    readers.build()
    writers.build()
    return readers.names[read], writers.names[write], may_have_empty


def _in_class(
    made: Any, read: Callable[..., Any], write: Callable[..., None]
) -> tuple[Callable[..., Any], Callable[..., None]]:
    """Return what reads and writes a class whose field ``value`` is the whole record."""

    def read_it(*arguments: Any) -> Any:
        value, end = read(*arguments)
        return made(value), end

    def write_it(record: Any, *arguments: Any) -> None:
        write(record.value, *arguments)

    return read_it, write_it


def _has_frames(kind: Type) -> bool:
    kind = resolve(kind)
    if isinstance(kind, Enum):
        return any(isinstance(of, Frames) for variant in kind.variants for _, of in variant.fields())
    return isinstance(kind, Struct) and any(isinstance(of, Frames) for _, of in kind.fields)


def _join(parts: list[Any]) -> bytes | memoryview:
    if sum(map(len, parts)) < 1 << 16:
        return b"".join(parts)
    return _frame.join(parts)
