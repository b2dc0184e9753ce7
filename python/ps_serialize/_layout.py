"""Records in the bincode 1 layout: for each type, the source of a function that reads it and of one that writes it is generated.

One ``struct.Struct`` reads or writes all neighbouring fields of fixed width.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ps_serialize import _frame
from ps_serialize._classes import NUMBERS, Class, Classes, Union, is_hashable, is_nullable, numbers_of
from ps_serialize._lock import Array, Entry, Enum, Frames, List, Map, Option, Primitive, Struct, Type, resolve
from ps_serialize.records import Some

if TYPE_CHECKING:
    import numpy

_FORMATS = {
    "u8": "B", "u16": "H", "u32": "I", "u64": "Q", "i8": "b", "i16": "h", "i32": "i", "i64": "q", "f32": "f", "f64": "d"
}  # fmt: skip
_SIZES = {"bool": 1, "u128": 16, "i128": 16, "unit": 0} | {name: struct.calcsize(form) for name, form in _FORMATS.items()}
#: The largest number of elements without bytes in a list.
_MOST_EMPTY = 1 << 16
#: An array of fewer bytes is read with the fields around it.
_SMALL = 256

_U64 = struct.Struct("<Q")
_U32 = struct.Struct("<I")

Read = Callable[[memoryview, bool], Any]
Write = Callable[[Any], "bytes | memoryview"]


def compile_entry(entry: Entry, made: Class | Union, classes: Classes, space: dict[str, Any]) -> tuple[Read, Write]:
    """Return what reads the payload of an entry, and what writes its frame.

    Args:
        space: the classes by name.
    """
    kind = entry.value
    read_record, write_record = _functions(kind, entry.codec, classes, space)
    if isinstance(made, Class) and made.fields and made.fields[0][1] is kind:
        # The type has no name, and so is the field of a class of its own.
        read_record, write_record = _in_class(space[made.name], read_record, write_record)
    has_frames = _has_frames(kind)
    assert isinstance(entry.identifier, bytes)
    line = _frame.line(entry.identifier, aligned=has_frames)

    def read(payload: memoryview, copy: bool) -> Any:
        frames = FramesInside(payload, copy) if has_frames else None
        record = payload if frames is None else frames.record
        value, end = read_record(record, 0, copy, frames)
        if end != len(record):
            raise ValueError(f"{len(record) - end} bytes are left over after the record")
        if frames is not None:
            frames.check_end()
        return value

    def write(value: Any) -> bytes | memoryview:
        parts: list[Any] = []
        frames: list[Any] = []
        write_record(value, parts, frames)
        if not has_frames:
            return _join([line, *parts])
        return _join(_with_frames(line, b"".join(parts), frames))

    return read, write


def _functions(
    kind: Type, codec: str, classes: Classes, space: dict[str, Any]
) -> tuple[Callable[..., Any], Callable[..., None]]:
    """Return what reads a record, and says where it ends, and what writes one."""
    if codec == "messagepack":
        # It is imported only if a lock has such records.
        from ps_serialize._messagepack import Codec

        by_name: list[Codec] = []

        def its() -> Codec:
            if not by_name:
                by_name.append(Codec(classes, space, _as_array, _frame_of))
            return by_name[0]

        return (
            lambda record, _start, _copy, frames: (its().unpack(kind, record, frames), len(record)),
            lambda value, out, frames: its().write(kind, value, out, frames),
        )
    readers, writers = _Readers(classes, space), _Writers(classes, space)
    read, write = readers.function(kind), writers.function(kind)
    readers.build()
    writers.build()
    return readers.names[read], writers.names[write]


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


def _with_frames(line: bytes, record: bytes, frames: list[Any]) -> list[Any]:
    parts = [line, struct.pack(f"<QQ{len(frames)}Q", len(frames), len(record), *map(len, frames)), record]
    end = sum(map(len, parts))
    for frame in frames:
        padding = -end % _frame.ALIGNED
        parts += [bytes(padding), frame]
        end += padding + len(frame)
    return parts


class FramesInside:
    """The frames of a record, which are taken in their order."""

    def __init__(self, payload: memoryview, copy: bool) -> None:
        count, length = struct.unpack_from("<QQ", payload)
        if count > (len(payload) - 16) // 8:
            raise ValueError(f"{count} frames inside are too many for {len(payload)} bytes")
        self._lengths = list(struct.unpack_from(f"<{count}Q", payload, 16))
        self._payload, self._copy, self._next = payload, copy, 0
        self._end = 16 + 8 * count + length
        self.record = payload[16 + 8 * count : self._end]
        if len(self.record) != length:
            raise ValueError(f"the record has {length} bytes, where {len(self.record)} are left")

    def next(self, expected: bytes | None) -> Any:
        from ps_serialize import _values

        if self._next == len(self._lengths):
            raise ValueError(f"the record has more than {self._next} frames inside")
        length = self._lengths[self._next]
        start = self._end + -self._end % _frame.ALIGNED
        frame = self._payload[start : start + length]
        if len(frame) != length or any(self._payload[self._end : start]):
            raise ValueError(f"frame {self._next} inside has {length} bytes, where {len(frame)} are left after zeros")
        self._next, self._end = self._next + 1, start + length
        identifier = _frame.parse(frame)[0]
        if expected is not None and identifier not in (expected, b"LZ", b"ZS"):
            raise ValueError(f"a frame inside is of {identifier!r}, where {expected!r} is expected")
        return _values.deserialize(frame, copy=self._copy)

    def left(self, count: int) -> int:
        if count > len(self._lengths) - self._next:
            raise ValueError(f"{count} frames are more than the record has left")
        return count

    def check_end(self) -> None:
        if self._next != len(self._lengths) or self._end != len(self._payload):
            raise ValueError("something is left over after the last frame inside")


def _frame_of(value: Any, expected: bytes | None) -> Any:
    """Return the frame of a field, with a line of 64 bytes."""
    from ps_serialize import _values

    frame = _values.serialize(value)
    identifier, payload = _frame.parse(frame)
    if expected is not None and identifier != expected:
        raise ValueError(
            f"a field is a frame of {expected!r}, and {type(value).__name__!r} is written as one of {identifier!r}"
        )
    if len(frame) - len(payload) == _frame.ALIGNED:
        return frame
    return b"".join([_frame.line(identifier, aligned=True), payload])


class _Functions:
    """Source of functions, by type."""

    signature = ""

    def __init__(self, classes: Classes, space: dict[str, Any]) -> None:
        self.classes, self.names = classes, dict(self.tools(), **{"C_" + name: value for name, value in space.items()})
        self._functions: dict[int, str] = {}
        self._keep: list[Type] = []
        self._todo: list[tuple[str, Type]] = []
        self._lines: list[str] = []
        self._count = 0
        # The values of fixed width that wait for one ``struct.Struct``, and the lines that follow it.
        self._run: list[tuple[str, str]] = []
        self._after: list[str] = []
        self._indent = 1
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
            self._open = []
            self._lines.append(f"def {name}({self.signature}):")
            self.body(kind)
        exec("\n".join(self._lines), self.names)

    def line(self, text: str) -> None:
        self._lines.append("    " * self._indent + text)

    def new(self, prefix: str = "v") -> str:
        self._count += 1
        return f"{prefix}{self._count}"

    def constant(self, value: Any) -> str:
        name = self.new("K")
        self.names[name] = value
        return name

    def struct(self) -> str:
        return self.constant(struct.Struct("<" + "".join(form for form, _ in self._run)))

    def class_of(self, kind: Struct) -> Class | None:
        made = self.classes.of(kind)
        assert not isinstance(made, Union)
        return made


class _Readers(_Functions):
    signature = "b, p, copy, frames"

    def tools(self) -> dict[str, Any]:
        return {
            "u64": _U64.unpack_from, "u32": _U32.unpack_from, "Some": Some, "read_char": _read_char, "read_size": _read_size,
            "read_numbers": _read_numbers, "few_numbers": _few_numbers, "not_bool": _not_bool, "no_variant": _no_variant,
            "not_option": _not_option, "short": _short, "to_dict": _to_dict,
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
            self._after.append(text)
        else:
            self.line(text)

    def flush(self) -> None:
        if self._run:
            name = self.struct()
            self.line(f"({', '.join(to for _, to in self._run)},) = {name}.unpack_from(b, p)")
            self.line(f"p += {self.names[name].size}")
            after, self._run, self._after = self._after, [], []
            for text in after:
                self.line(text)

    def fixed(self, form: str) -> str:
        value = self.new()
        self._run.append((form, value))
        return value

    def read(self, kind: Type) -> str:
        """Write what reads a value, and return the expression of it, which is right after ``flush``."""
        kind = resolve(kind)
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
        self.line(f"{value}, p = {self.function(kind)}(b, p, copy, frames)")
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
        fields = [self.read(of) for _, of in kind.fields]
        made = self.class_of(kind)
        value = self.new()
        arguments = ", ".join(fields)
        self.then(f"{value} = C_{made.name}({arguments})" if made else f"{value} = ({arguments}{',' if fields else ''})")
        return value

    def _enum(self, kind: Enum) -> str:
        made = self.classes.of(kind)
        assert isinstance(made, Union)
        units = {v.number: self.names["C_" + c.name]() for v, c in zip(kind.variants, made.variants) if not c.fields}
        table = self.constant(units)
        self.line("(k,) = u32(b, p); p += 4")
        self.line(f"v = {table}.get(k)")
        self.line("if v is not None: pass")
        for variant in made.variants:
            if variant.fields:
                self.line(f"elif k == {variant.number}:")
                self._indent += 1
                values = [self.read(of) for _, of in variant.fields]
                self.flush()
                self.line(f"v = C_{variant.name}({', '.join(values)})")
                self._indent -= 1
        self.line(f"else: no_variant(k, {made.name!r})")
        return "v"

    def _option(self, kind: Option) -> str:
        value, flag = self.new(), self.new()
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
        element = make()
        self.flush()
        self.line(f"{value}.append({element})")
        self._indent -= 1
        return value

    def _list(self, kind: List) -> str:
        numbers = numbers_of(kind)
        if numbers is not None:
            value = self.new()
            self.line(f"{value}, p = read_numbers(b, p, copy, {NUMBERS[numbers[0]][0]!r}, {numbers[1]})")
            return value
        count = self.new()
        self.line(f"{count}, p = read_size(b, p, {_least(kind.of)})")
        return self._loop(count, lambda: self.read(kind.of))

    def _array(self, kind: Array) -> str:
        numbers = numbers_of(kind)
        if numbers is not None:
            width = _width(kind)
            assert width is not None
            code, shape = NUMBERS[numbers[0]][0], numbers[1]
            if width <= _SMALL:
                value = self.fixed(f"{width}s")
                self.then(f"{value} = few_numbers({value}, copy, {code!r}, {shape})")
            else:
                self.flush()
                value = self.new()
                self.line(f"{value} = few_numbers(b[p : p + {width}], copy, {code!r}, {shape}); p += {width}")
            return value
        self.flush()
        value = self._loop(str(kind.length), lambda: self.read(kind.of))
        self.line(f"{value} = tuple({value})")
        return value

    def _map(self, kind: Map) -> str:
        count = self.new()
        self.line(f"{count}, p = read_size(b, p, {_least(kind.key) + _least(kind.value)})")
        value = self._loop(count, lambda: f"({self.read(kind.key)}, {self.read(kind.value)})")
        if is_hashable(kind.key):
            self.line(f"{value} = to_dict({value})")
        return value

    def _frames(self, kind: Frames) -> str:
        self.flush()
        value, count, expected = self.new(), self.new(), repr(kind.identifier)
        if not kind.kind:
            self.line(f"{value} = frames.next({expected})")
        elif kind.kind == "map":
            self.line(f"{count}, p = read_size(b, p, 8)")
            keys = self._loop(f"frames.left({count})", lambda: self._primitive("text"))
            self.line(f"{value} = to_dict([(key, frames.next({expected})) for key in {keys}])")
        else:
            self.line(f"({count},) = u64(b, p); p += 8")
            if kind.kind == "option":
                self.line(f"if {count} > 1: not_option({count})")
                self.line(f"{value} = frames.next({expected}) if {count} else None")
            else:
                self.line(f"{value} = [frames.next({expected}) for _ in range(frames.left({count}))]")
        return value


class _Writers(_Functions):
    signature = "v, out, frames"

    def tools(self) -> dict[str, Any]:
        return {
            "u64": _U64.pack, "u32": _U32.pack, "Some": Some, "a_bool": _a_bool, "a_char": _a_char, "frame_of": _frame_of,
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
            self.line(f"out.append({name}.pack({', '.join(value for _, value in self._run)}))")
            self._run = []

    def write(self, kind: Type, value: str) -> None:
        """Write what writes the value of an expression."""
        kind = resolve(kind)
        if isinstance(kind, Primitive):
            self._primitive(kind.name, value)
        elif isinstance(kind, Struct) and _width(kind) is not None:
            self._struct(kind, value)
        elif isinstance(kind, (Struct, Enum)) or id(kind) in self._open:
            self.flush()
            self.line(f"{self.function(kind)}({value}, out, frames)")
        else:
            self._open.append(id(kind))
            numbers = numbers_of(kind)
            if numbers is not None:
                self.flush()
                shape = numbers[1] if isinstance(kind, Array) else (None, *numbers[1])
                self.line(f"numbers({value}, out, {NUMBERS[numbers[0]][0]!r}, {shape})")
            elif isinstance(kind, Option):
                self._option(kind, value)
            elif isinstance(kind, List):
                self._loop(kind.of, value, True)
            elif isinstance(kind, Array):
                self.line(f"of_length({value}, {kind.length})")
                self._loop(kind.of, value, False)
            elif isinstance(kind, Map):
                self._map(kind, value)
            else:
                assert isinstance(kind, Frames)
                self._frames(kind, value)
            self._open.pop()

    def _primitive(self, name: str, value: str) -> None:
        if name in _FORMATS:
            self._run.append((_FORMATS[name], value))
        elif name == "bool":
            self._run.append(("B", f"a_bool({value})"))
        elif name in ("u128", "i128"):
            self._run.append(("16s", f"({value}).to_bytes(16, 'little', signed={name == 'i128'})"))
        elif name == "unit":
            self.line(f"if {value} is not None: wrong({value}, 'None')")
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
        if made is None:
            self.line(f"of_length({name}, {len(kind.fields)})")
            for i, (_, of) in enumerate(kind.fields):
                self.write(of, f"{name}[{i}]")
        else:
            self.line(f"if type({name}) is not C_{made.name}: wrong({name}, {made.name!r})")
            for field, of in made.fields:
                self.write(of, f"{name}.{field}")

    def _enum(self, kind: Enum) -> None:
        made = self.classes.of(kind)
        assert isinstance(made, Union)
        self.line("k = type(v)")
        word = "if"
        for variant in made.variants:
            self.line(f"{word} k is C_{variant.name}:")
            self._indent += 1
            self._run.append(("I", str(variant.number)))
            for field, of in variant.fields:
                self.write(of, f"v.{field}")
            self.flush()
            self._indent -= 1
            word = "elif"
        self.line(f"else: wrong(v, {made.name!r})" if made.variants else f"wrong(v, {made.name!r})")

    def _option(self, kind: Option, value: str) -> None:
        self.flush()
        name = self.new()
        self.line(f"{name} = {value}")
        self.line(f"if {name} is None: out.append(b'\\0')")
        self.line("else:")
        self._indent += 1
        self._run.append(("B", "1"))
        self.write(kind.of, f"a_some({name})" if is_nullable(kind.of) else name)
        self.flush()
        self._indent -= 1

    def _loop(self, of: Type, value: str, counted: bool) -> None:
        self.flush()
        name, element = self.new(), self.new()
        self.line(f"{name} = {value}")
        if counted:
            self.line(f"if isinstance({name}, (str, dict)): wrong({name}, 'list')")
            self.line(f"out.append(u64(len({name})))")
        self.line(f"for {element} in {name}:")
        self._indent += 1
        self.line("pass")
        self.write(of, element)
        self.flush()
        self._indent -= 1

    def _map(self, kind: Map, value: str) -> None:
        self.flush()
        name, key, of = self.new(), self.new(), self.new()
        self.line(f"{name} = {value}")
        self.line(f"out.append(u64(len({name})))")
        self.line(f"for {key}, {of} in {name}{'.items()' if is_hashable(kind.key) else ''}:")
        self._indent += 1
        self.write(kind.key, key)
        self.write(kind.value, of)
        self.flush()
        self._indent -= 1

    def _frames(self, kind: Frames, value: str) -> None:
        self.flush()
        expected, name = repr(kind.identifier), self.new()
        self.line(f"{name} = {value}")
        if not kind.kind:
            self.line(f"frames.append(frame_of({name}, {expected}))")
        elif kind.kind == "option":
            self.line(f"out.append(u64({name} is not None))")
            self.line(f"if {name} is not None: frames.append(frame_of({name}, {expected}))")
        else:
            self.line(f"out.append(u64(len({name})))")
            if kind.kind == "map":
                self.line(f"for key in {name}: add_bytes(out, key.encode())")
                self.line(f"{name} = {name}.values()")
            self.line(f"frames.extend(frame_of(one, {expected}) for one in {name})")


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
    if count * least > len(b) - p or (not least and count > _MOST_EMPTY):
        raise ValueError(f"{count} elements are more than {len(b) - p} bytes can be")
    return count, p


def _read_numbers(b: memoryview, p: int, copy: bool, code: str, shape: tuple[int, ...]) -> tuple[numpy.ndarray, int]:
    import numpy

    (count,) = _U64.unpack_from(b, p)
    p += 8
    each = int(code[-1])
    for length in shape:
        each *= length
    if count * each > len(b) - p or (not each and count > _MOST_EMPTY):
        raise ValueError(f"{count} elements of {each} bytes are more than {len(b) - p} bytes can be")
    array = numpy.ndarray((count, *shape), code, b, p) if each and count else numpy.empty((count, *shape), code)
    return array.copy() if copy else array, p + count * each


def _few_numbers(data: Any, copy: bool, code: str, shape: tuple[int, ...]) -> numpy.ndarray:
    import numpy

    array = numpy.ndarray(shape, code, data) if len(data) else numpy.empty(shape, code)
    return array.copy() if copy else array


def _to_dict(pairs: list[tuple[Any, Any]]) -> dict[Any, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a map has a key twice")
    return found


def _short(b: memoryview, start: int, end: int) -> None:
    raise ValueError(f"a text or bytes of {end - start - 8} bytes, where {len(b) - start - 8} are left")


def _not_bool(value: int) -> None:
    raise ValueError(f"a bool is 0 or 1, not {value}")


def _not_option(value: int) -> None:
    raise ValueError(f"an option begins with 0 or 1, not {value}")


def _no_variant(number: int, name: str) -> None:
    raise ValueError(f"{name} has no variant {number}")


def _wrong(value: Any, expected: str) -> None:
    raise TypeError(f"{expected} is expected, not {type(value).__name__}")


def _a_bool(value: Any) -> bool:
    if type(value).__name__ not in ("bool", "bool_"):
        _wrong(value, "bool")
    return bool(value)


def _a_char(value: str) -> bytes:
    if len(value) != 1:
        raise ValueError(f"a char is one character, not {value[:20]!r}")
    return value.encode()


def _a_some(value: Any) -> Any:
    if type(value) is not Some:
        _wrong(value, "ps_serialize.records.Some, or None,")
    return value.value


def _of_length(value: Any, length: int) -> None:
    if isinstance(value, str) or len(value) != length:
        raise ValueError(f"{length} elements are expected, not {len(value)}")


def _add_bytes(out: list[Any], data: bytes) -> None:
    view = memoryview(data).cast("B")
    out.append(_U64.pack(len(view)))
    out.append(view)


def _as_array(value: Any, code: str, shape: tuple[int | None, ...]) -> numpy.ndarray:
    """Return an array of these elements, and of this shape, if it can hold the value."""
    import numpy

    array = numpy.frombuffer(value, "u1") if isinstance(value, (bytes, bytearray)) else numpy.asarray(value)
    if array.size == 0 and array.ndim < len(shape):
        array = array.reshape([length or 0 for length in shape])
    if array.ndim != len(shape) or any(length not in (None, found) for length, found in zip(shape, array.shape)):
        raise ValueError(f"an array of the shape {shape} is expected, not {array.shape}")
    wanted = numpy.dtype(code)
    if array.dtype != wanted:
        if array.size and array.dtype.kind not in ("iuf" if wanted.kind == "f" else "iu"):
            raise TypeError(f"an array of {wanted} is expected, not of {array.dtype}")
        with numpy.errstate(over="ignore"):
            converted = array.astype(wanted)
        # Floats may be rounded, but stay finite.
        fits = numpy.isfinite(converted) | ~numpy.isfinite(array) if wanted.kind == "f" else converted == array
        if not fits.all():
            raise ValueError(f"an array of {array.dtype} has numbers that {wanted} lacks")
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
