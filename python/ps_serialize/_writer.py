"""For each type, the source of a function that writes it in the bincode 1 layout.

One ``struct.Struct`` writes all neighbouring fields of fixed width.
"""

from __future__ import annotations

from typing import Any

from ps_serialize._classes import NUMBERS, Union, is_hashable, is_nullable, numbers_of
from ps_serialize._generator import Computed, Functions, Spot
from ps_serialize._lock import Array, Enum, Frames, List, Map, Option, Primitive, Struct, Type, resolve
from ps_serialize._misfit import Misfit, short
from ps_serialize._numbers import add_numbers
from ps_serialize._sizes import FORMATS, U64, width
from ps_serialize.records import Some


class Writers(Functions):
    signature = "v, out, x, d"

    def tools(self) -> dict[str, Any]:
        return {
            "u64": U64.pack, "a_bool": _a_bool, "a_char": _a_char, "short": short,
            "numbers": add_numbers, "wrong": _wrong, "add_bytes": _add_bytes, "a_some": _a_some, "of_length": _of_length,
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
        self._run.append((form, packed, Spot(spot.steps, spot.kind, spot.value, form, packed)))

    def write(self, kind: Type, value: str) -> None:
        """Write what writes the value of an expression."""
        kind = resolve(kind)
        with self.about(kind, value):
            if isinstance(kind, Primitive):
                self._primitive(kind.name, value)
            elif isinstance(kind, Struct) and width(kind) is not None:
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
        if name in FORMATS:
            self.fixed(FORMATS[name], value)
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
        with self.at(Computed(index)):
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
        with self.at(Computed(f"short({key})")):
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
            with self.at(Computed(f"short({index})")):
                self.line(f"x.add(one, {wanted})")
            self._indent -= 1


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
    out.append(U64.pack(len(view)))
    out.append(view)
