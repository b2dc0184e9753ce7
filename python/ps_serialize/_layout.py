"""Records in the bincode 1 layout: for each type, the source of a function that reads it and of one that writes it is generated.

One ``struct.Struct`` reads or writes all neighbouring fields of fixed width. The functions have no code for errors: each of their
lines is noted with its place in the record, by which an error is explained when it comes out.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import TYPE_CHECKING, Any

from ps_serialize import _frame
from ps_serialize._classes import NUMBERS, Class, Classes, Union, is_hashable, is_nullable, numbers_of, parts
from ps_serialize._lock import Array, Entry, Enum, Frames, List, Map, Option, Primitive, Struct, Type, resolve
from ps_serialize._limits import EMPTY_ELEMENTS, MAX_DEPTH, MAX_FRAMES_INSIDE
from ps_serialize._misfit import Misfit, expected, found, short, to_dict, too_deep, unexpected
from ps_serialize.records import Some

if TYPE_CHECKING:
    import numpy

_FORMATS = {
    "u8": "B", "u16": "H", "u32": "I", "u64": "Q", "i8": "b", "i16": "h", "i32": "i", "i64": "q", "f32": "f", "f64": "d"
}  # fmt: skip
_SIZES = {"bool": 1, "u128": 16, "i128": 16, "unit": 0} | {name: struct.calcsize(form) for name, form in _FORMATS.items()}
#: An array of fewer bytes is read with the fields around it.
_SMALL = 256

_U64 = struct.Struct("<Q")
_U32 = struct.Struct("<I")

Read = Callable[[memoryview, bool, int], Any]
Write = Callable[[Any, int], "bytes | memoryview"]


def compile_entry(entry: Entry, made: Class | Union, classes: Classes, space: dict[str, Any]) -> tuple[Read, Write]:
    """Return what reads the payload of an entry, and what writes its frame.

    Both take the number of records around this one.

    Args:
        space: the classes by name.
    """
    kind = entry.value
    read_record, write_record, has_empty = _functions(kind, entry.codec, classes, space)
    steps: tuple[str, ...] = (made.name,)
    if isinstance(made, Class) and made.fields and made.fields[0][1] is kind:
        # The type has no name, and so is the field of a class of its own.
        read_record, write_record = _in_class(space[made.name], read_record, write_record)
        steps += ("value",)
    has_frames = _has_frames(kind)
    needs_notes = has_frames or has_empty
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
            misfit = _explained(error, classes, _not_read).inside(*steps)
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
            return _join(_with_frames(line, record, x.frames) if has_frames else [line, record])
        except Exception as error:
            misfit = _explained(error, classes, _not_written).inside(*steps)
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
                by_name.append(Codec(classes, space, _as_array))
            return by_name[0]

        return (
            lambda record, _start, _copy, x, _levels: (its().unpack(kind, record, x), len(record)),
            lambda value, out, x, _levels: its().write(kind, value, out, x),
            False,
        )
    has_empty = _has_empty(kind)
    # The Rust library bounds the levels of `Wincode` by nothing but the stack.
    depth = _depth(kind) if codec == "bincode" else 0
    is_deep = depth is None or depth > MAX_DEPTH
    readers, writers = _Readers(classes, space, is_deep, has_empty), _Writers(classes, space, is_deep, has_empty)
    read, write = readers.function(kind), writers.function(kind)
    readers.build()
    writers.build()
    return readers.names[read], writers.names[write], has_empty


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


class _Computed(str):
    """A step of a place that only the running function knows, such as an index."""


@dataclass
class _Spot:
    """What a line of a generated function is about."""

    steps: tuple[str, ...]
    kind: Type | None
    #: The value that is written.
    value: str
    #: What one ``struct.Struct`` makes of it, if it does.
    form: str = ""
    packed: str = ""


def _explained(error: Exception, classes: Classes, explain: Callable[..., Misfit]) -> Misfit:
    """Return what did not fit, and where, by the lines of generated functions that the error came through."""
    steps: list[str] = []
    last: tuple[_Spot, FrameType] | None = None
    trace = error.__traceback__
    while trace is not None:
        frame = trace.tb_frame
        if _SPOTS in frame.f_globals:
            spot = _failed(frame.f_globals[_SPOTS][trace.tb_lineno - 1], frame)
            steps += [str(_value(step, frame)) if isinstance(step, _Computed) else step for step in spot.steps]
            last = spot, frame
        trace = trace.tb_next
    if isinstance(error, Misfit):
        return error.inside(*steps)
    if isinstance(error, RecursionError):
        return Misfit("values are nested deeper than Python's recursion limit", *steps)
    if last is None or last[0].kind is None:
        return Misfit(str(error) or type(error).__name__, *steps)
    return explain(error, last[0].kind, last[0].value, last[1], classes).inside(*steps)


def _failed(spots: list[_Spot], frame: FrameType) -> _Spot:
    """Return which of the values of a line did not fit."""
    if len(spots) == 1:
        return spots[0]
    left = len(frame.f_locals.get("b", b"")) - frame.f_locals.get("p", 0)
    for spot in spots:
        if not spot.packed:
            left -= struct.calcsize("<" + spot.form)
            if left < 0:
                return spot
        else:
            try:
                struct.pack("<" + spot.form, _value(spot.packed, frame))
            except Exception:
                return spot
    return spots[-1]


def _value(expression: str, frame: FrameType) -> Any:
    return eval(expression, frame.f_globals, frame.f_locals)


def _not_read(error: Exception, kind: Type, _value: str, _frame: FrameType, classes: Classes) -> Misfit:
    if isinstance(error, (struct.error, IndexError)):
        return Misfit(f"the record ends here, where {expected(kind, classes)} is expected")
    if isinstance(error, UnicodeDecodeError):
        return Misfit(f"text is not UTF-8: {error.reason}")
    return Misfit(f"{type(error).__name__}: {error}")


def _not_written(error: Exception, kind: Type, value: str, frame: FrameType, classes: Classes) -> Misfit:
    if isinstance(error, UnicodeEncodeError):
        return Misfit(f"text has no UTF-8: {error.reason}")
    try:
        return unexpected(kind, _value(value, frame), classes)
    except AttributeError as missing:
        return Misfit(f"{expected(kind, classes)} is expected, and nothing is there: {missing}")


def _has_frames(kind: Type) -> bool:
    kind = resolve(kind)
    if isinstance(kind, Enum):
        return any(isinstance(of, Frames) for variant in kind.variants for _, of in variant.fields())
    return isinstance(kind, Struct) and any(isinstance(of, Frames) for _, of in kind.fields)


def _join(parts: list[Any]) -> bytes | memoryview:
    if sum(map(len, parts)) < 1 << 16:
        return b"".join(parts)
    return _frame.join(parts)


def _with_frames(line: bytes, record: bytes, frames: list[Any]) -> list[Any]:
    parts = [line, struct.pack(f"<QQ{len(frames)}Q", len(frames), len(record), *map(len, frames)), record]
    end = sum(map(len, parts))
    for frame in frames:
        padding = -end % _frame.ALIGNED
        parts += [bytes(padding), frame]
        end += padding + len(frame)
    return parts


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
        from ps_serialize import _values

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


def _check_nesting(nesting: int) -> None:
    if nesting > MAX_FRAMES_INSIDE:
        raise Misfit(f"more than {MAX_FRAMES_INSIDE} records are inside of one another")


def _too_many_elements(size: int) -> Misfit:
    return Misfit(f"{size} bytes may have no more than {EMPTY_ELEMENTS + size} elements")


def _frame_of(value: Any, wanted: bytes | None, nesting: int) -> Any:
    """Return the frame of a field, with a line of 64 bytes."""
    from ps_serialize import _values

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


#: The global of generated functions that has the spots of their lines.
_SPOTS = "SPOTS"


class _Functions:
    """Source of functions, by type."""

    signature = ""

    def __init__(self, classes: Classes, space: dict[str, Any], is_deep: bool, has_empty: bool) -> None:
        self.classes, self.names = classes, dict(self.tools(), **{"C_" + name: value for name, value in space.items()})
        self._is_deep, self._has_empty = is_deep, has_empty
        self._functions: dict[int, str] = {}
        self._keep: list[Type] = []
        self._todo: list[tuple[str, Type]] = []
        self._lines: list[str] = []
        self._spots: list[list[_Spot]] = []
        self.names[_SPOTS] = self._spots
        self._spot = _Spot((), None, "")
        self._count = 0
        # The values of fixed width that wait for one ``struct.Struct``, and the lines that follow it.
        self._run: list[tuple[str, str, _Spot]] = []
        self._after: list[tuple[str, _Spot]] = []
        self._indent = 1
        # How many values stand around the present one, in the present function.
        self._level = 0
        # The types whose code is being written. A type that occurs inside of itself is read or written by a call of its function.
        self._open: list[int] = []

    def tools(self) -> dict[str, Any]:
        raise NotImplementedError

    def body(self, kind: Type) -> None:
        """Write the lines of the function of a type."""
        raise NotImplementedError

    def flush(self) -> None:
        raise NotImplementedError

    def function(self, kind: Type) -> str:
        """Return the name of the function of a type, which ``build`` defines."""
        kind = resolve(kind)
        name = self._functions.get(id(kind))
        if name is None:
            name = self._functions[id(kind)] = f"f{len(self._functions)}"
            self._keep.append(kind)
            self._todo.append((name, kind))
        return name

    def build(self) -> None:
        while self._todo:
            name, kind = self._todo.pop()
            self._open, self._level = [], 0
            self._spot = _Spot((), kind, "v")
            self._add(f"def {name}({self.signature}):", [self._spot])
            self.body(kind)
        exec("\n".join(self._lines), self.names)

    def line(self, text: str, spots: list[_Spot] | None = None) -> None:
        self._add("    " * self._indent + text, spots or [self._spot])

    def _add(self, line: str, spots: list[_Spot]) -> None:
        self._lines.append(line)
        self._spots.append(spots)

    @contextmanager
    def at(self, *steps: str) -> Iterator[None]:
        """Write what is about a part of the present value."""
        before = self._spot
        self._spot = _Spot((*before.steps, *steps), before.kind, before.value)
        yield
        self._spot = before

    @contextmanager
    def about(self, kind: Type, value: str = "") -> Iterator[None]:
        """Write what is about a value of a type."""
        before = self._spot
        self._spot = _Spot(before.steps, kind, value)
        yield
        self._spot = before

    @contextmanager
    def inside(self, levels: int = 1) -> Iterator[None]:
        """Write what is inside of a value that may hold others."""
        if self._is_deep:
            self.line(f"if d < {self._level + levels}: too_deep()")
        self._level += levels
        yield
        self._level -= levels

    def arguments(self) -> str:
        return f"x, d - {self._level}" if self._is_deep else "x, d"

    def count(self, count: str) -> None:
        if self._has_empty:
            self.line(f"x.count({count})")

    def new(self, prefix: str = "v") -> str:
        self._count += 1
        return f"{prefix}{self._count}"

    def constant(self, value: Any) -> str:
        name = self.new("K")
        self.names[name] = value
        return name

    def struct(self) -> str:
        return self.constant(struct.Struct("<" + "".join(form for form, _, _ in self._run)))

    def class_of(self, kind: Struct) -> Class | None:
        made = self.classes.of(kind)
        assert not isinstance(made, Union)
        return made


class _Readers(_Functions):
    signature = "b, p, copy, x, d"

    def tools(self) -> dict[str, Any]:
        return {
            "u64": _U64.unpack_from, "u32": _U32.unpack_from, "Some": Some, "read_char": _read_char, "read_size": _read_size,
            "read_numbers": _read_numbers, "few_numbers": _few_numbers, "not_bool": _not_bool, "no_variant": _no_variant,
            "not_option": _not_option, "short": _short, "to_dict": to_dict, "too_deep": _too_deep,
        }  # fmt: skip

    def body(self, kind: Type) -> None:
        if isinstance(kind, Enum):
            value = self._enum(kind)
        else:
            value = self._struct(kind) if isinstance(kind, Struct) else self.read(kind)
        self.flush()
        self.line(f"return {value}, p")

    def then(self, text: str) -> None:
        """Write a line that runs after the waiting values of fixed width have been read."""
        if self._run:
            self._after.append((text, self._spot))
        else:
            self.line(text)

    def flush(self) -> None:
        if self._run:
            name = self.struct()
            to = ", ".join(to for _, to, _ in self._run)
            self.line(f"({to},) = {name}.unpack_from(b, p)", [spot for _, _, spot in self._run])
            self.line(f"p += {self.names[name].size}")
            after, self._run, self._after = self._after, [], []
            for text, spot in after:
                self.line(text, [spot])

    def fixed(self, form: str) -> str:
        value = self.new()
        self._run.append((form, value, _Spot(self._spot.steps, self._spot.kind, "", form)))
        return value

    def read(self, kind: Type) -> str:
        """Write what reads a value, and return the expression of it, which is right after ``flush``."""
        kind = resolve(kind)
        with self.about(kind):
            if isinstance(kind, Primitive):
                return self._primitive(kind.name)
            if isinstance(kind, Struct) and _width(kind) is not None:
                return self._struct(kind)
            if isinstance(kind, (Struct, Enum)):
                return self._call(kind)
            if isinstance(kind, Array):
                return self._array(kind)
            if isinstance(kind, Frames):
                return self._frames(kind)
            # These can hold themselves.
            if id(kind) in self._open:
                return self._call(kind)
            self._open.append(id(kind))
            self.flush()
            if isinstance(kind, Option):
                value = self._option(kind)
            elif isinstance(kind, List):
                value = self._list(kind)
            else:
                assert isinstance(kind, Map)
                value = self._map(kind)
            self._open.pop()
            return value

    def _call(self, kind: Type) -> str:
        self.flush()
        value = self.new()
        self.line(f"{value}, p = {self.function(kind)}(b, p, copy, {self.arguments()})")
        return value

    def _primitive(self, name: str) -> str:
        if name in _FORMATS:
            return self.fixed(_FORMATS[name])
        if name == "unit":
            return "None"
        if name == "bool":
            value = self.fixed("B")
            self.then(f"if {value} > 1: not_bool({value})")
            self.then(f"{value} = {value} == 1")
        elif name in ("u128", "i128"):
            value = self.fixed("16s")
            self.then(f"{value} = int.from_bytes({value}, 'little', signed={name == 'i128'})")
        elif name == "char":
            self.flush()
            value = self.new()
            self.line(f"{value}, p = read_char(b, p)")
        else:
            self.flush()
            value = self.new()
            self.line(f"e = p + 8 + u64(b, p)[0]; {value} = b[p + 8 : e]")
            self.line("if e > len(b): short(b, p, e)")
            self.line(f"{value} = " + (f"str({value}, 'utf-8')" if name == "text" else f"bytes({value})"))
            self.line("p = e")
        return value

    def _struct(self, kind: Struct) -> str:
        made = self.class_of(kind)
        names = [name for name, _ in (made or kind).fields]
        fields = []
        with self.inside():
            for name, (_, of) in zip(names, kind.fields):
                with self.at(name):
                    fields.append(self.read(of))
        value = self.new()
        arguments = ", ".join(fields)
        self.then(f"{value} = C_{made.name}({arguments})" if made else f"{value} = ({arguments}{',' if fields else ''})")
        return value

    def _enum(self, kind: Enum) -> str:
        made = self.classes.of(kind)
        assert isinstance(made, Union)
        units = {v.number: self.names["C_" + c.name]() for v, c in zip(kind.variants, made.variants) if not c.fields}
        table = self.constant(units)
        with self.inside():
            self.line("(k,) = u32(b, p); p += 4")
            self.line(f"v = {table}.get(k)")
            self.line("if v is not None: pass")
            for variant, its in zip(kind.variants, made.variants):
                if its.fields:
                    self.line(f"elif k == {its.number}:")
                    self._indent += 1
                    values = []
                    for name, of in its.fields:
                        with self.at(variant.name, name):
                            values.append(self.read(of))
                    self.flush()
                    self.line(f"v = C_{its.name}({', '.join(values)})")
                    self._indent -= 1
            self.line(f"else: no_variant(k, {made.name!r})")
        return "v"

    def _option(self, kind: Option) -> str:
        value, flag = self.new(), self.new()
        with self.inside():
            self.line(f"{flag} = b[p]; p += 1")
            self.line(f"if {flag} == 1:")
            self._indent += 1
            inner = self.read(kind.of)
            self.flush()
            self.line(f"{value} = " + (f"Some({inner})" if is_nullable(kind.of) else inner))
            self._indent -= 1
            self.line(f"elif {flag} == 0: {value} = None")
            self.line(f"else: not_option({flag})")
        return value

    def _loop(self, count: str, make: Callable[[], str]) -> str:
        value = self.new()
        self.line(f"{value} = []")
        self.line(f"for _ in range({count}):")
        self._indent += 1
        with self.at(_Computed(f"len({value})")):
            element = make()
            self.flush()
        self.line(f"{value}.append({element})")
        self._indent -= 1
        return value

    def _list(self, kind: List) -> str:
        numbers = numbers_of(kind)
        if numbers is not None:
            value = self.new()
            with self.inside(1 + len(numbers[1])):
                self.line(f"{value}, p = read_numbers(b, p, copy, {NUMBERS[numbers[0]][0]!r}, {numbers[1]})")
            self.count(f"len({value})")
            return value
        count = self.new()
        with self.inside():
            self.line(f"{count}, p = read_size(b, p, {_least(kind.of)})")
            self.count(count)
            return self._loop(count, lambda: self.read(kind.of))

    def _array(self, kind: Array) -> str:
        numbers = numbers_of(kind)
        if numbers is not None:
            width = _width(kind)
            assert width is not None
            code, shape = NUMBERS[numbers[0]][0], numbers[1]
            with self.inside(len(shape)):
                if width <= _SMALL:
                    value = self.fixed(f"{width}s")
                    self.then(f"{value} = few_numbers({value}, copy, {code!r}, {shape})")
                else:
                    self.flush()
                    value = self.new()
                    self.line(f"{value} = few_numbers(b[p : p + {width}], copy, {code!r}, {shape}); p += {width}")
            return value
        self.flush()
        with self.inside():
            value = self._loop(str(kind.length), lambda: self.read(kind.of))
        self.line(f"{value} = tuple({value})")
        return value

    def _map(self, kind: Map) -> str:
        def pair() -> str:
            with self.at("key"):
                key = self.read(kind.key)
            with self.at("value"):
                return f"({key}, {self.read(kind.value)})"

        count = self.new()
        with self.inside():
            self.line(f"{count}, p = read_size(b, p, {_least(kind.key) + _least(kind.value)})")
            self.count(count)
            value = self._loop(count, pair)
        if is_hashable(kind.key):
            self.line(f"{value} = to_dict({value})")
        return value

    def _frames(self, kind: Frames) -> str:
        self.flush()
        value, count, wanted = self.new(), self.new(), repr(kind.identifier)
        if not kind.kind:
            self.line(f"{value} = x.next({wanted})")
        elif kind.kind == "map":
            self.line(f"{count}, p = read_size(b, p, 8)")
            keys = self._loop(f"x.left({count})", lambda: self._primitive("text"))
            self.line(f"{value} = []")
            self.line(f"for key in {keys}:")
            self._indent += 1
            with self.at(_Computed("repr(key)")):
                self.line(f"{value}.append((key, x.next({wanted})))")
            self._indent -= 1
            self.line(f"{value} = to_dict({value})")
        else:
            self.line(f"({count},) = u64(b, p); p += 8")
            if kind.kind == "option":
                self.line(f"if {count} > 1: not_option({count})")
                self.line(f"{value} = x.next({wanted}) if {count} else None")
            else:
                value = self._loop(f"x.left({count})", lambda: f"x.next({wanted})")
        return value


class _Writers(_Functions):
    signature = "v, out, x, d"

    def tools(self) -> dict[str, Any]:
        return {
            "u64": _U64.pack, "u32": _U32.pack, "Some": Some, "a_bool": _a_bool, "a_char": _a_char, "too_deep": _too_deep, "short": short,
            "numbers": _numbers, "wrong": _wrong, "add_bytes": _add_bytes, "a_some": _a_some, "of_length": _of_length,
        }  # fmt: skip

    def body(self, kind: Type) -> None:
        self.line("pass")
        if isinstance(kind, Enum):
            self._enum(kind)
        elif isinstance(kind, Struct):
            self._struct(kind, "v")
        else:
            self.write(kind, "v")
        self.flush()

    def flush(self) -> None:
        if self._run:
            name = self.struct()
            packed = ", ".join(value for _, value, _ in self._run)
            self.line(f"out.append({name}.pack({packed}))", [spot for _, _, spot in self._run])
            self._run = []

    def fixed(self, form: str, packed: str) -> None:
        spot = self._spot
        self._run.append((form, packed, _Spot(spot.steps, spot.kind, spot.value, form, packed)))

    def write(self, kind: Type, value: str) -> None:
        """Write what writes the value of an expression."""
        kind = resolve(kind)
        with self.about(kind, value):
            if isinstance(kind, Primitive):
                self._primitive(kind.name, value)
            elif isinstance(kind, Struct) and _width(kind) is not None:
                self._struct(kind, value)
            elif isinstance(kind, (Struct, Enum)) or id(kind) in self._open:
                self.flush()
                self.line(f"{self.function(kind)}({value}, out, {self.arguments()})")
            elif isinstance(kind, Frames):
                self._frames(kind, value)
            else:
                self._open.append(id(kind))
                self._of_many(kind, value)
                self._open.pop()

    def _of_many(self, kind: Type, value: str) -> None:
        numbers = numbers_of(kind)
        if numbers is not None:
            self.flush()
            shape = numbers[1] if isinstance(kind, Array) else (None, *numbers[1])
            with self.inside(len(shape)):
                self.line(f"numbers({value}, out, {NUMBERS[numbers[0]][0]!r}, {shape})")
            if isinstance(kind, List):
                self.count(f"len({value})")
            return
        with self.inside():
            if isinstance(kind, Option):
                self._option(kind, value)
            elif isinstance(kind, List):
                self._loop(kind.of, value, True)
            elif isinstance(kind, Array):
                self.line(f"of_length({value}, {kind.length})")
                self._loop(kind.of, value, False)
            else:
                assert isinstance(kind, Map)
                self._map(kind, value)

    def _primitive(self, name: str, value: str) -> None:
        if name in _FORMATS:
            self.fixed(_FORMATS[name], value)
        elif name == "bool":
            self.fixed("B", f"a_bool({value})")
        elif name in ("u128", "i128"):
            self.fixed("16s", f"({value}).to_bytes(16, 'little', signed={name == 'i128'})")
        elif name == "unit":
            self.line(f"if {value} is not None: wrong()")
        elif name == "char":
            self.flush()
            self.line(f"out.append(a_char({value}))")
        else:
            self.flush()
            self.line(f"add_bytes(out, {value}{'.encode()' if name == 'text' else ''})")

    def _struct(self, kind: Struct, value: str) -> None:
        made = self.class_of(kind)
        name = self.new()
        # It may stand before what is in a run, which only uses it.
        self.line(f"{name} = {value}")
        with self.about(kind, name), self.inside():
            if made is None:
                self.line(f"of_length({name}, {len(kind.fields)})")
                for i, (_, of) in enumerate(kind.fields):
                    with self.at(str(i)):
                        self.write(of, f"{name}[{i}]")
            else:
                self.line(f"if type({name}) is not C_{made.name}: wrong()")
                for field, of in made.fields:
                    with self.at(field):
                        self.write(of, f"{name}.{field}")

    def _enum(self, kind: Enum) -> None:
        made = self.classes.of(kind)
        assert isinstance(made, Union)
        self.line("k = type(v)")
        word = "if"
        with self.inside():
            for variant, its in zip(kind.variants, made.variants):
                self.line(f"{word} k is C_{its.name}:")
                self._indent += 1
                self.fixed("I", str(its.number))
                for field, of in its.fields:
                    with self.at(variant.name, field):
                        self.write(of, f"v.{field}")
                self.flush()
                self._indent -= 1
                word = "elif"
            self.line("else: wrong()" if made.variants else "wrong()")

    def _option(self, kind: Option, value: str) -> None:
        self.flush()
        name = self.new()
        self.line(f"{name} = {value}")
        self.line(f"if {name} is None: out.append(b'\\0')")
        self.line("else:")
        self._indent += 1
        self.fixed("B", "1")
        if is_nullable(kind.of):
            self.line(f"{name} = a_some({name})")
        self.write(kind.of, name)
        self.flush()
        self._indent -= 1

    def _loop(self, of: Type, value: str, counted: bool) -> None:
        self.flush()
        name, index, element = self.new(), self.new("i"), self.new()
        self.line(f"{name} = {value}")
        if counted:
            self.line(f"if isinstance({name}, (str, dict)): wrong()")
            self.line(f"out.append(u64(len({name})))")
            self.count(f"len({name})")
        self.line(f"for {index}, {element} in enumerate({name}):")
        self._indent += 1
        self.line("pass")
        with self.at(_Computed(index)):
            self.write(of, element)
            self.flush()
        self._indent -= 1

    def _map(self, kind: Map, value: str) -> None:
        self.flush()
        name, key, of = self.new(), self.new(), self.new()
        self.line(f"{name} = {value}")
        self.line(f"out.append(u64(len({name})))")
        self.count(f"len({name})")
        self.line(f"for {key}, {of} in {name}{'.items()' if is_hashable(kind.key) else ''}:")
        self._indent += 1
        with self.at("key"):
            self.write(kind.key, key)
        with self.at(_Computed(f"short({key})")):
            self.write(kind.value, of)
            self.flush()
        self._indent -= 1

    def _frames(self, kind: Frames, value: str) -> None:
        self.flush()
        wanted, name, index = repr(kind.identifier), self.new(), self.new("i")
        self.line(f"{name} = {value}")
        if not kind.kind:
            self.line(f"x.add({name}, {wanted})")
        elif kind.kind == "option":
            self.line(f"out.append(u64({name} is not None))")
            self.line(f"if {name} is not None: x.add({name}, {wanted})")
        else:
            if kind.kind == "list":
                self.line(f"if isinstance({name}, (str, dict)): wrong()")
            self.line(f"out.append(u64(len({name})))")
            if kind.kind == "map":
                self.line(f"for key in {name}: add_bytes(out, key.encode())")
            self.line(f"for {index}, one in {f'{name}.items()' if kind.kind == 'map' else f'enumerate({name})'}:")
            self._indent += 1
            with self.at(_Computed(f"short({index})")):
                self.line(f"x.add(one, {wanted})")
            self._indent -= 1


def _depth(kind: Type) -> int | None:
    """Return how many values may stand inside one another, or ``None`` if there is no end."""
    depths: dict[int, int | None] = {}

    def depth(kind: Type) -> int | None:
        kind = resolve(kind)
        if id(kind) not in depths:
            # What is inside of itself finds this.
            depths[id(kind)] = None
            below = [depth(of) for _, of in parts(kind)]
            if None not in below:
                own = not isinstance(kind, (Primitive, Frames))
                depths[id(kind)] = own + max((one for one in below if one is not None), default=0)
        return depths[id(kind)]

    return depth(kind)


def _has_empty(kind: Type) -> bool:
    """Whether a list or a map may have elements without bytes."""
    seen: set[int] = set()
    left = [kind]
    while left:
        kind = resolve(left.pop())
        if id(kind) in seen:
            continue
        seen.add(id(kind))
        below = [of for _, of in parts(kind)]
        if isinstance(kind, (List, Map)) and not sum(map(_least, below)):
            return True
        left += below
    return False


def _width(kind: Type) -> int | None:
    """Return the number of bytes of a value of the type, or ``None`` if values differ."""
    kind = resolve(kind)
    if isinstance(kind, Primitive):
        return _SIZES.get(kind.name)
    if isinstance(kind, Array):
        width = _width(kind.of)
        return None if width is None else kind.length * width
    if isinstance(kind, Struct):
        widths = [_width(of) for _, of in kind.fields]
        return None if None in widths else sum(width for width in widths if width is not None)
    return None


def _least(kind: Type) -> int:
    """Return how many bytes a value of a type has at least."""
    kind = resolve(kind)
    if isinstance(kind, Primitive):
        return _SIZES.get(kind.name, 1 if kind.name == "char" else 8)
    if isinstance(kind, Array):
        return kind.length * _least(kind.of)
    if isinstance(kind, (Option, Enum)):
        return 1 if isinstance(kind, Option) else 4
    if isinstance(kind, Struct):
        return sum(_least(of) for _, of in kind.fields)
    return 0 if isinstance(kind, Frames) and not kind.kind else 8


def _read_char(b: memoryview, p: int) -> tuple[str, int]:
    first = b[p]
    end = p + (1 if first < 0x80 else 2 if first < 0xE0 else 3 if first < 0xF0 else 4)
    return str(b[p:end], "utf-8"), end


def _read_size(b: memoryview, p: int, least: int) -> tuple[int, int]:
    (count,) = _U64.unpack_from(b, p)
    p += 8
    if count * least > len(b) - p:
        raise Misfit(f"{count} elements are more than {len(b) - p} bytes can be")
    return count, p


def _read_numbers(b: memoryview, p: int, copy: bool, code: str, shape: tuple[int, ...]) -> tuple[numpy.ndarray, int]:
    import numpy

    (count,) = _U64.unpack_from(b, p)
    p += 8
    each = int(code[-1])
    for length in shape:
        each *= length
    if count * each > len(b) - p or count > EMPTY_ELEMENTS + len(b):
        raise Misfit(f"{count} elements of {each} bytes are more than {len(b) - p} bytes can be")
    array = numpy.ndarray((count, *shape), code, b, p) if each and count else numpy.empty((count, *shape), code)
    return array.copy() if copy else array, p + count * each


def _few_numbers(data: Any, copy: bool, code: str, shape: tuple[int, ...]) -> numpy.ndarray:
    import numpy

    array = numpy.ndarray(shape, code, data) if len(data) else numpy.empty(shape, code)
    return array.copy() if copy else array


def _short(b: memoryview, start: int, end: int) -> None:
    raise Misfit(f"a length of {end - start - 8} bytes, where {len(b) - start - 8} are left")


def _not_bool(value: int) -> None:
    raise Misfit(f"a bool is 0 or 1, not {value}")


def _not_option(value: int) -> None:
    raise Misfit(f"an option begins with 0 or 1, not {value}")


def _no_variant(number: int, name: str) -> None:
    raise Misfit(f"{name} has no variant {number}")


def _too_deep() -> None:
    raise too_deep(MAX_DEPTH)


def _wrong() -> None:
    """Say that the value of this line is of another type. What is expected is told with its place."""
    raise TypeError


def _a_bool(value: Any) -> bool:
    if type(value).__name__ not in ("bool", "bool_"):
        _wrong()
    return bool(value)


def _a_char(value: str) -> bytes:
    if len(value) != 1:
        _wrong()
    return value.encode()


def _a_some(value: Any) -> Any:
    if type(value) is not Some:
        _wrong()
    return value.value


def _of_length(value: Any, length: int) -> None:
    if isinstance(value, str):
        _wrong()
    if len(value) != length:
        raise Misfit(f"{length} elements are expected, not {len(value)}")


def _add_bytes(out: list[Any], data: bytes) -> None:
    view = memoryview(data).cast("B")
    out.append(_U64.pack(len(view)))
    out.append(view)


def _as_array(value: Any, code: str, shape: tuple[int | None, ...]) -> numpy.ndarray:
    """Return an array of these elements, and of this shape, if it can hold the value."""
    import numpy

    wanted = numpy.dtype(code)
    try:
        array = numpy.frombuffer(value, "u1") if isinstance(value, (bytes, bytearray)) else numpy.asarray(value)
    except (ValueError, TypeError) as error:
        raise Misfit(f"an array of {wanted} is expected, not {found(value)}") from error
    if array.size == 0 and array.ndim < len(shape):
        array = array.reshape([length or 0 for length in shape])
    if array.ndim != len(shape) or any(length not in (None, here) for length, here in zip(shape, array.shape)):
        named = ", ".join("any" if length is None else str(length) for length in shape) + "," * (len(shape) == 1)
        raise Misfit(f"an array of {wanted} of the shape ({named}) is expected, not {found(value)}")
    if array.dtype != wanted:
        if array.size and array.dtype.kind not in ("iuf" if wanted.kind == "f" else "iu"):
            raise Misfit(f"an array of {wanted} is expected, not {found(value)}")
        with numpy.errstate(over="ignore"):
            converted = array.astype(wanted)
        # Floats may be rounded, but stay finite.
        fits = numpy.isfinite(converted) | ~numpy.isfinite(array) if wanted.kind == "f" else converted == array
        if not fits.all():
            index = tuple(map(int, numpy.argwhere(~fits)[0]))
            raise Misfit(f"a number of the type {wanted} is expected, not {array[index]!s}", *map(str, index))
        array = converted
    return array


def _numbers(value: Any, out: list[Any], code: str, shape: tuple[int | None, ...]) -> None:
    """Add the elements of an array, and before them its length if that is not fixed."""
    import numpy

    array = _as_array(value, code, shape)
    if shape[0] is None:
        out.append(_U64.pack(array.shape[0]))
    if array.size:
        out.append(memoryview(numpy.ascontiguousarray(array).reshape(-1).view("u1")))
