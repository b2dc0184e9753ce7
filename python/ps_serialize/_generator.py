"""What the generators of reading and of writing functions share: the source by type, and what each of its lines is about.

The functions have no code for errors: each of their lines is noted with its place in the record.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ps_serialize._classes import Class, Classes, Union
from ps_serialize._limits import MAX_DEPTH
from ps_serialize._lock import Struct, Type, resolve
from ps_serialize._misfit import too_deep

#: The global of generated functions that has the spots of their lines. No module has one of this name.
SPOTS = "the spots of lines"


class Computed(str):
    """A step of a place that only the running function knows, such as an index."""


@dataclass
class Spot:
    """What a line of a generated function is about."""

    steps: tuple[str, ...]
    kind: Type | None
    #: The value that is written.
    value: str
    #: What one ``struct.Struct`` makes of it, if it does.
    form: str = ""
    packed: str = ""


class Functions:
    """Source of functions, by type."""

    signature = ""

    def __init__(self, classes: Classes, space: dict[str, Any], is_deep: bool, has_empty: bool) -> None:
        self.classes = classes
        self.names = self.tools() | {"too_deep": _too_deep} | {"C_" + name: value for name, value in space.items()}
        self._is_deep, self._has_empty = is_deep, has_empty
        self._functions: dict[int, str] = {}
        self._keep: list[Type] = []
        self._todo: list[tuple[str, Type]] = []
        self._lines: list[str] = []
        self._spots: list[list[Spot]] = []
        self.names[SPOTS] = self._spots
        self._spot = Spot((), None, "")
        self._count = 0
        # The values of fixed width that wait for one ``struct.Struct``, and the lines that follow it.
        self._run: list[tuple[str, str, Spot]] = []
        self._after: list[tuple[str, Spot]] = []
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
            self._spot = Spot((), kind, "v")
            self._add(f"def {name}({self.signature}):", [self._spot])
            self.body(kind)
        exec("\n".join(self._lines), self.names)

    def line(self, text: str, spots: list[Spot] | None = None) -> None:
        self._add("    " * self._indent + text, spots or [self._spot])

    def _add(self, line: str, spots: list[Spot]) -> None:
        self._lines.append(line)
        self._spots.append(spots)

    @contextmanager
    def at(self, *steps: str) -> Iterator[None]:
        """Write what is about a part of the present value."""
        before = self._spot
        self._spot = Spot((*before.steps, *steps), before.kind, before.value)
        yield
        self._spot = before

    @contextmanager
    def about(self, kind: Type, value: str = "") -> Iterator[None]:
        """Write what is about a value of a type."""
        before = self._spot
        self._spot = Spot(before.steps, kind, value)
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


def _too_deep() -> None:
    raise too_deep(MAX_DEPTH)
