"""For each type, the source of a function that reads it from the bincode 1 layout.

One ``struct.Struct`` reads all neighbouring fields of fixed width.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

from ps_serialize._classes import NUMBERS, Union, is_hashable, is_nullable, numbers_of
from ps_serialize._generator import Computed, Functions, Spot
from ps_serialize._lock import Array, Enum, Frames, List, Map, Option, Primitive, Struct, Type, resolve
from ps_serialize._misfit import Misfit, to_dict
from ps_serialize._numbers import few_numbers, read_numbers
from ps_serialize._sizes import FORMATS, U64, least, width
from ps_serialize.records import Some

#: An array of fewer bytes is read with the fields around it.
_SMALL = 256


class Readers(Functions):
    signature = "b, p, copy, x, d"

    def tools(self) -> dict[str, Any]:
        return {
            "u64": U64.unpack_from, "u32": struct.Struct("<I").unpack_from, "Some": Some, "read_char": _read_char, "read_size": _read_size,
            "read_numbers": read_numbers, "few_numbers": few_numbers, "not_bool": _not_bool, "no_variant": _no_variant,
            "not_option": _not_option, "short": _short, "to_dict": to_dict,
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
        self._run.append((form, value, Spot(self._spot.steps, self._spot.kind, "", form)))
        return value

    def read(self, kind: Type) -> str:
        """Write what reads a value, and return the expression of it, which is right after ``flush``."""
        kind = resolve(kind)
        with self.about(kind):
            if isinstance(kind, Primitive):
                return self._primitive(kind.name)
            if isinstance(kind, Struct) and width(kind) is not None:
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
        if name in FORMATS:
            return self.fixed(FORMATS[name])
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
        with self.at(Computed(f"len({value})")):
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
            self.line(f"{count}, p = read_size(b, p, {least(kind.of)})")
            self.count(count)
            return self._loop(count, lambda: self.read(kind.of))

    def _array(self, kind: Array) -> str:
        numbers = numbers_of(kind)
        if numbers is not None:
            size = width(kind)
            assert size is not None
            code, shape = NUMBERS[numbers[0]][0], numbers[1]
            with self.inside(len(shape)):
                if size <= _SMALL:
                    value = self.fixed(f"{size}s")
                    self.then(f"{value} = few_numbers({value}, copy, {code!r}, {shape})")
                else:
                    self.flush()
                    value = self.new()
                    self.line(f"{value} = few_numbers(b[p : p + {size}], copy, {code!r}, {shape}); p += {size}")
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
            self.line(f"{count}, p = read_size(b, p, {least(kind.key) + least(kind.value)})")
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
            with self.at(Computed("repr(key)")):
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


def _read_char(b: memoryview, p: int) -> tuple[str, int]:
    first = b[p]
    end = p + (1 if first < 0x80 else 2 if first < 0xE0 else 3 if first < 0xF0 else 4)
    return str(b[p:end], "utf-8"), end


def _read_size(b: memoryview, p: int, least: int) -> tuple[int, int]:
    (count,) = U64.unpack_from(b, p)
    p += 8
    if count * least > len(b) - p:
        raise Misfit(f"{count} elements are more than {len(b) - p} bytes can be")
    return count, p


def _short(b: memoryview, start: int, end: int) -> None:
    raise Misfit(f"a length of {end - start - 8} bytes, where {len(b) - start - 8} are left")


def _not_bool(value: int) -> None:
    raise Misfit(f"a bool is 0 or 1, not {value}")


def _not_option(value: int) -> None:
    raise Misfit(f"an option begins with 0 or 1, not {value}")


def _no_variant(number: int, name: str) -> None:
    raise Misfit(f"{name} has no variant {number}")
