"""The lock file of a Rust program: what each of its identifiers means. Its format is in the guide of the Rust library."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Union

_NAME = r'(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*")'
_BYTES = r'b"(?:[^"\\]|\\.)*"'
_FIELD = re.compile(rf"({_NAME})(\?)?: (.+)")
_VARIANT = re.compile(rf"(\d+) ({_NAME})(?:: (.+))?")
_HEAD = re.compile(rf"(retired )?({_BYTES}|{_NAME})")
_FRAME = re.compile(rf"({_BYTES})|dyn ({_NAME})|({_NAME})")
_KEYWORD = re.compile(rf"(struct|enum|tuple)(?: ({_NAME}))?")
_UNSEEN = re.compile(rf"unseen ({_NAME})(?: ({_NAME}))?")
PRIMITIVES = frozenset("bool u8 u16 u32 u64 u128 i8 i16 i32 i64 i128 f32 f64 char text bytes unit".split())


@dataclass(eq=False)
class Primitive:
    name: str


@dataclass(eq=False)
class Option:
    of: Type


@dataclass(eq=False)
class List:
    of: Type


@dataclass(eq=False)
class Array:
    length: int
    of: Type


@dataclass(eq=False)
class Map:
    key: Type
    value: Type


@dataclass(eq=False)
class Struct:
    """A struct, or a tuple. The fields of a tuple are named by their numbers."""

    name: str | None
    is_tuple: bool
    fields: list[tuple[str, Type]] = field(default_factory=list)
    #: The fields that may be missing.
    optional: set[str] = field(default_factory=set)


@dataclass(eq=False)
class Variant:
    number: int
    name: str
    #: What it holds: nothing, fields of its own, or one value.
    holds: Type | None

    def fields(self) -> list[tuple[str, Type]]:
        if self.holds is None:
            return []
        if isinstance(self.holds, Struct) and self.holds.name is None:
            return self.holds.fields
        return [("value", self.holds)]


@dataclass(eq=False)
class Enum:
    name: str | None
    variants: list[Variant] = field(default_factory=list)


@dataclass(eq=False)
class Unseen:
    name: str
    why: str


@dataclass(eq=False)
class Reference:
    """A type that is written down elsewhere in the entry."""

    type: Type | None = None


@dataclass(eq=False)
class Frames:
    """A field that is a frame (``kind`` is empty), or an option, a list or a map of frames."""

    kind: str
    #: The identifier, or ``None`` for a frame of any identifier.
    identifier: bytes | None


Type = Union[Primitive, Option, List, Array, Map, Struct, Enum, Unseen, Reference, Frames]


@dataclass
class Entry:
    #: The identifier, or the name of a Python class.
    identifier: bytes | str
    codec: str
    alignment: int
    value: Type


@dataclass
class _Line:
    number: int
    text: str
    below: list[_Line] = field(default_factory=list)

    def error(self, message: str) -> ValueError:
        return ValueError(f"line {self.number} of the lock, {self.text!r}: {message}")


def parse(text: str) -> list[Entry]:
    """Return the entries of a lock. The type of a retired one can't be seen.

    Raises:
        ValueError: if it is not a lock of this version.
    """
    first, _, rest = text.partition("\n")
    if first != "ps-serialize-lock 1":
        raise ValueError(f"the first line of a lock is 'ps-serialize-lock 1', and this one is {first[:80]!r}")
    entries = []
    seen = set()
    for head in _tree(rest.split("\n")):
        match = _HEAD.fullmatch(head.text)
        if match is None:
            raise head.error("an entry begins with an identifier or a class")
        if match[2] in seen:
            raise head.error("the lock has it twice")
        seen.add(match[2])
        if match[1] is None:
            entries.append(_entry(head, match[2]))
        else:
            entries.append(Entry(_identifier(match[2]), "retired", 1, Unseen("", "it is retired: an earlier type had it")))
    return entries


def resolve(kind: Type) -> Type:
    while isinstance(kind, Reference):
        assert kind.type is not None
        kind = kind.type
    return kind


def _tree(lines: list[str]) -> list[_Line]:
    root = _Line(0, "")
    open_lines = [root]
    for number, line in enumerate(lines, 2):
        text = line.lstrip(" ")
        if not text or line.startswith("#"):
            continue
        depth, odd = divmod(len(line) - len(text), 2)
        added = _Line(number, text)
        if odd or depth >= len(open_lines):
            raise added.error("it has too many spaces before it")
        del open_lines[depth + 1 :]
        open_lines[depth].below.append(added)
        open_lines.append(added)
    return root.below


def _entry(head: _Line, identifier: str) -> Entry:
    codec, alignment, value = None, 1, None
    seen = set()
    for line in head.below:
        key, _, text = line.text.partition(": ")
        if key in seen and key != "dyn":
            raise line.error("an entry has this line once")
        seen.add(key)
        if key == "codec":
            codec = _name(text)
        elif key == "align":
            alignment = int(text)
        elif key == "value":
            types = _Types()
            value = types.parse(text, line)
            types.check(line)
        elif key != "dyn":
            raise line.error("an entry has the lines 'codec', 'align', 'dyn' and 'value'")
    if codec is None or value is None:
        raise head.error("an entry has a codec and a value")
    return Entry(_identifier(identifier), codec, alignment, value)


class _Types:
    """The types of one entry."""

    def __init__(self) -> None:
        self._numbered: dict[str, Type] = {}
        self._references: list[tuple[str, Reference]] = []

    def check(self, line: _Line) -> None:
        for number, reference in self._references:
            reference.type = self._numbered.get(number)
            if reference.type is None:
                raise line.error(f"'@{number}' is not defined in this entry")
        for number, kind in self._numbered.items():
            seen = set()
            while isinstance(kind, Reference):
                if id(kind) in seen or kind.type is None:
                    raise line.error(f"'@{number}' stands for nothing but itself")
                seen.add(id(kind))
                kind = kind.type

    def parse(self, text: str, line: _Line) -> Type:
        word, _, rest = text.partition(" ")
        if word.startswith("@"):
            number = word[1:]
            if rest.startswith("= "):
                kind = self.parse(rest[2:], line)
                if self._numbered.setdefault(number, kind) is not kind:
                    raise line.error(f"'@{number}' is defined twice")
                return kind
            reference = Reference()
            self._references.append((number, reference))
            return reference
        if text in PRIMITIVES:
            return Primitive(text)
        if text == "map":
            below = dict(self._fields(line))
            if list(below) != ["key", "value"]:
                raise line.error("a map has a key and a value")
            return Map(below["key"], below["value"])
        if text.startswith("option of "):
            return Option(self.parse(text[10:], line))
        if text.startswith("list of "):
            return List(self.parse(text[8:], line))
        if match := re.fullmatch(r"array (\d+) of (.+)", text):
            return Array(int(match[1]), self.parse(match[2], line))
        if match := _UNSEEN.fullmatch(text):
            return Unseen(_name(match[1]), _name(match[2] or ""))
        if match := _KEYWORD.fullmatch(text):
            name = None if match[2] is None else _name(match[2])
            if match[1] == "enum":
                return Enum(name, list(self._variants(line)))
            optional = {_name(found[1]) for below in line.below if (found := _FIELD.fullmatch(below.text)) and found[2]}
            return Struct(name, match[1] == "tuple", list(self._fields(line)), optional)
        if match := re.fullmatch(r"frame (.+)|frames (option|list|map) of (.+)", text):
            return Frames(match[2] or "", _framed(match[1] or match[3], line))
        raise line.error(f"{text!r} is not a type that this version knows")

    def _fields(self, line: _Line) -> Iterator[tuple[str, Type]]:
        for below in line.below:
            match = _FIELD.fullmatch(below.text)
            if match is None:
                raise below.error("a field is a name, a colon and a type")
            yield _name(match[1]), self.parse(match[3], below)

    def _variants(self, line: _Line) -> Iterator[Variant]:
        for below in line.below:
            match = _VARIANT.fullmatch(below.text)
            if match is None:
                raise below.error("a variant is a number and a name")
            holds = None if match[3] is None else self.parse(match[3], below)
            yield Variant(int(match[1]), _name(match[2]), holds)


def _framed(text: str, line: _Line) -> bytes | None:
    match = _FRAME.fullmatch(text)
    if match is None:
        raise line.error("a frame has an identifier, a class or a trait")
    if match[1] is not None:
        return _bytes(match[1])
    return None if match[2] is not None else b"PK"


def _identifier(text: str) -> bytes | str:
    return _bytes(text) if text.startswith('b"') else _name(text)


def _bytes(text: str) -> bytes:
    try:
        value = ast.literal_eval(text)
    except SyntaxError as error:
        raise ValueError(f"{text} is not an identifier: {error.msg}") from error
    assert isinstance(value, bytes)
    return value


def _name(text: str) -> str:
    return str(json.loads(text)) if text.startswith('"') else text
