"""Which Python class each type of a lock has, and what the types of its fields are."""

from __future__ import annotations

import builtins
import keyword
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from ps_serialize import _lock
from ps_serialize._lock import Array, Entry, Enum, Frames, List, Map, Option, Primitive, Struct, Type, Unseen, Variant, resolve

#: NumPy's code and name for each type of numbers.
NUMBERS = {
    "u8": ("u1", "uint8"),
    "u16": ("<u2", "uint16"),
    "u32": ("<u4", "uint32"),
    "u64": ("<u8", "uint64"),
    "i8": ("i1", "int8"),
    "i16": ("<i2", "int16"),
    "i32": ("<i4", "int32"),
    "i64": ("<i8", "int64"),
    "f32": ("<f4", "float32"),
    "f64": ("<f8", "float64"),
}
_PLAIN = {"bool": "bool", "f32": "float", "f64": "float", "char": "str", "text": "str", "bytes": "bytes", "unit": "None"}
#: What a generated source uses at its top, and what a module of records has itself.
_TAKEN = {
    *("Any", "Record", "Some", "TypeAlias", "Union", "Unit", "annotations", "bind", "dataclass", "numpy", "polars"),
    *("get", "items", "keys", "values", "_LOCK", "_known"),
}
_FRAMES = {
    b"BS": "bytes",
    b"US": "str",
    b"NP": "numpy.typing.NDArray[Any]",
    b"PL": "polars.DataFrame",
    b"ST": "dict[str, numpy.typing.NDArray[Any]]",
}
#: The most elements of a tuple whose annotation lists each of them.
_MOST_ELEMENTS = 8


@dataclass(eq=False)
class Class:
    #: The names in Python, and the types.
    fields: list[tuple[str, Type]]
    what: str
    #: For each field, whether it may be missing.
    optional: list[bool]
    #: The number of a variant.
    number: int | None = None
    name: str = ""


@dataclass(eq=False)
class Union:
    """An enum, which is any of these classes."""

    variants: list[Class]
    what: str
    name: str = ""


class Classes:
    """The classes of a lock, by type."""

    def __init__(self, entries: list[Entry]) -> None:
        self.all: list[Class | Union] = []
        #: The class of each entry that can be read, in which a type without a name is the field ``value``.
        self.entries: list[tuple[Entry, Class | Union]] = []
        #: The reason why each other entry can't be read.
        self.unseen: dict[bytes | str, str] = {}
        #: The names that several types have, and so none of their classes; and what is there instead.
        self.ambiguous: dict[str, list[str]] = {}
        #: The classes by entry and by place in it. A lock that grows keeps these places.
        self.places: dict[tuple[bytes, str], Class] = {}
        self._wishes: list[_Wish] = []
        self._of: dict[int, Class | Union] = {}
        self._by_text: dict[str, Class | Union] = {}
        self._tops: dict[bytes | str, Class | Union] = {}
        for entry in entries:
            _check_end(entry.value)
            why = _why_unseen(entry)
            if why is None:
                self._add_entry(entry)
            else:
                self.unseen[entry.identifier] = why
        for entry, made in self.entries:
            is_wrapped = isinstance(made, Class) and id(resolve(entry.value)) not in self._of
            assert isinstance(entry.identifier, bytes)
            self._add_below(entry.value, set(), entry.identifier, ("value",) if is_wrapped else ())
        self._name()

    def of(self, kind: Struct | Enum) -> Class | Union | None:
        return self._of.get(id(kind))

    def _add_entry(self, entry: Entry) -> None:
        kind = resolve(entry.value)
        assert isinstance(entry.identifier, bytes)
        what = f"``{entry.identifier!r}``"
        made: Class | Union
        if isinstance(kind, Enum) or (isinstance(kind, Struct) and kind.name is not None):
            made = self._add(kind, kind.name or _of_identifier(entry.identifier), what, entry.identifier, ())
            self._by_text.setdefault(_canonical(kind), made)
        else:
            made = Class([("value", entry.value)], what, [False])
            self._wish(made, _of_identifier(entry.identifier), entry.identifier, ())
            self.places[entry.identifier, ""] = made
        self.entries.append((entry, made))
        self._tops[entry.identifier] = made

    def _add(self, kind: Struct | Enum, name: str, what: str, entry: bytes, place: tuple[str, ...]) -> Class | Union:
        made: Class | Union
        if isinstance(kind, Enum):
            made = Union([], what)
            for variant in kind.variants:
                its = Class(
                    _fields(variant.fields()),
                    f"The variant {variant.name!r} of {name}.",
                    [field in getattr(variant.holds, "optional", ()) for field, _ in variant.fields()],
                    variant.number,
                )
                self._wish(its, name + _capital(variant.name), entry, place)
                made.variants.append(its)
        else:
            made = Class(_fields(kind.fields), what, [field in kind.optional for field, _ in kind.fields])
        self._wish(made, name, entry, place)
        self._of[id(kind)] = made
        return made

    def _add_below(self, kind: Type, seen: set[int], entry: bytes, place: tuple[str, ...], name: str | None = None) -> None:
        """Make the classes of what is in a type, and note where they are."""
        kind = resolve(kind)
        if id(kind) in seen:
            return
        seen.add(id(kind))
        if isinstance(kind, Enum) or (isinstance(kind, Struct) and (kind.name is not None or not kind.is_tuple)):
            if id(kind) not in self._of:
                text = _canonical(kind)
                made = self._by_text.get(text)
                if made is None:
                    made = self._by_text[text] = self._add(kind, kind.name or name or "Unnamed", "", entry, place)
                self._of[id(kind)] = made
            made = self._of[id(kind)]
            name = kind.name or name
            if isinstance(made, Class):
                self.places.setdefault((entry, ".".join(place)), made)
            else:
                assert isinstance(kind, Enum)
                for variant, its in zip(kind.variants, made.variants):
                    self.places.setdefault((entry, ".".join((*place, variant.name))), its)
        for steps, below in parts(kind):
            self._add_below(below, seen, entry, (*place, *steps), (name or "") + "".join(map(_capital, steps)))

    def _wish(self, made: Class | Union, name: str, entry: bytes, place: tuple[str, ...]) -> None:
        self.all.append(made)
        name = identifier(name)
        name += "_" * (name in _TAKEN or hasattr(builtins, name))
        self._wishes.append(_Wish(made, name, entry, place, len(self._wishes) + 1))

    def _name(self) -> None:
        """Give each class the first name that no other one wants, now or before.

        A name that two classes want is of neither, or it would get another meaning when a lock gets another type.
        """
        wanted: dict[str, list[_Wish]] = {}
        left = list(self._wishes)
        while left:
            for wish in left:
                wishes = wanted.setdefault(wish.name(), [])
                if wish not in wishes:
                    wishes.append(wish)
            several = [wishes for wishes in wanted.values() if len(wishes) > 1]
            left = [wish for wishes in several for wish in wishes if wish.name() in wanted and wanted[wish.name()] is wishes]
            for wish in left:
                wish.level += 1
        for wish in self._wishes:
            wish.made.name = wish.name()
        for name, wishes in wanted.items():
            if len(wishes) > 1:
                self.ambiguous[name] = [f"{wish.made.name}, {wish.where()}" for wish in wishes]

    def annotation(self, kind: Type, around: tuple[Type, ...] = ()) -> str:
        """Return the type of a field, in Python."""
        kind = resolve(kind)
        if kind in around:
            # A type without a name that holds itself.
            return "Any"
        around = (*around, kind)
        if isinstance(kind, Primitive):
            return _PLAIN.get(kind.name, "int")
        if isinstance(kind, Option):
            of = self.annotation(kind.of, around)
            return f"Some[{of}] | None" if is_nullable(kind.of) else f"{of} | None"
        if isinstance(kind, (List, Array)):
            numbers = numbers_of(kind)
            if numbers is not None:
                return f"numpy.typing.NDArray[numpy.{NUMBERS[numbers[0]][1]}]"
            of = self.annotation(kind.of, around)
            if isinstance(kind, List):
                return f"list[{of}]"
            return f"tuple[{', '.join([of] * kind.length) or '()'}]" if kind.length <= _MOST_ELEMENTS else f"tuple[{of}, ...]"
        if isinstance(kind, Map):
            key, value = self.annotation(kind.key, around), self.annotation(kind.value, around)
            return f"dict[{key}, {value}]" if is_hashable(kind.key) else f"list[tuple[{key}, {value}]]"
        if isinstance(kind, Frames):
            top = None if kind.identifier is None else self._tops.get(kind.identifier)
            of = _FRAMES.get(kind.identifier or b"", "Any") if top is None else top.name
            return {"": of, "option": f"{of} | None", "list": f"list[{of}]", "map": f"dict[str, {of}]"}[kind.kind]
        assert isinstance(kind, (Struct, Enum))
        made = self.of(kind)
        if made is not None:
            return made.name
        return f"tuple[{', '.join(self.annotation(of, around) for _, of in kind.fields) or '()'}]"  # type: ignore[union-attr]


@dataclass(eq=False)
class _Wish:
    """The names that a class may have, the shortest first."""

    made: Class | Union
    short: str
    entry: bytes
    place: tuple[str, ...]
    number: int
    level: int = 0

    def name(self) -> str:
        if self.level == 0:
            return self.short
        place = self.place if self.level == 1 else [_escaped(part.encode()) for part in self.place]
        parts = [self.short, _escaped(self.entry), *(re.sub(r"\W", "_", part) for part in place)]
        variant = getattr(self.made, "number", None)
        if self.level > 1 and variant is not None:
            parts.append(str(variant))
        if self.level > 2:
            # Names that are made to clash. What else is in the lock makes no difference.
            parts.append(f"{zlib.crc32(repr((self.entry, self.place, variant)).encode()):08x}")
        return "_".join(parts) + "_" * (self.number * (self.level - 3))

    def where(self) -> str:
        return f"which is {self.entry!r}" if not self.place else f"which is in {self.entry!r} at {'.'.join(self.place)!r}"


def numbers_of(kind: Type) -> tuple[str, tuple[int, ...]] | None:
    """Return the element type and the shape of a sequence of numbers. The shape of a list leaves out its length."""
    if not isinstance(kind, (List, Array)):
        return None
    of, shape = resolve(kind.of), (kind.length,) if isinstance(kind, Array) else ()
    if isinstance(of, Array):
        inner = numbers_of(of)
        return None if inner is None else (inner[0], shape + inner[1])
    return (of.name, shape) if isinstance(of, Primitive) and of.name in NUMBERS else None


def is_nullable(kind: Type) -> bool:
    """Whether ``None`` is a value of the type."""
    kind = resolve(kind)
    return isinstance(kind, Option) or (isinstance(kind, Primitive) and kind.name == "unit")


def is_hashable(kind: Type) -> bool:
    """Whether a value of the type can be the key of a dictionary, where equal values are one key."""
    kind = resolve(kind)
    if isinstance(kind, Primitive):
        return kind.name not in ("f32", "f64")
    return isinstance(kind, Enum) and all(variant.holds is None for variant in kind.variants)


def identifier(name: str) -> str:
    """Return a name that Python takes."""
    name = re.sub(r"\W", "_", name)
    if name[:1].isdigit() or not name:
        name = "_" + name
    if not name.isidentifier():
        name = re.sub(r"[^A-Za-z0-9_]", "_", name)
    return name + "_" if keyword.iskeyword(name) else name


def _fields(fields: list[tuple[str, Type]]) -> list[tuple[str, Type]]:
    # A field of this name would hide the type of that name from the annotations below it; and every class has an ``mro``.
    taken = {"self", "mro", "numpy", "polars", "Any", "Some", "bool", "bytes", "dict", "float", "int", "list", "str", "tuple"}
    # These keep their names, whatever the others become.
    kept = {name for name, _ in fields if name not in taken and not name.startswith("_") and identifier(name) == name}
    taken |= kept
    named = []
    for name, kind in fields:
        if name not in kept:
            name = "field" + name if name.isdigit() else identifier(name).lstrip("_") or "field"
            name = identifier(name)
            while name in taken:
                name += "_"
            taken.add(name)
        named.append((name, kind))
    return named


def parts(kind: Type) -> Iterator[tuple[tuple[str, ...], Type]]:
    """Yield what is in a type, and the names on the way there."""
    if isinstance(kind, (Option, List, Array)):
        yield (), kind.of
    elif isinstance(kind, Map):
        yield from ((("key",), kind.key), (("value",), kind.value))
    elif isinstance(kind, Struct):
        yield from (((name,), of) for name, of in kind.fields)
    elif isinstance(kind, Enum):
        for variant in kind.variants:
            for name, of in variant.fields():
                yield (variant.name, name), of


def _check_end(kind: Type) -> None:
    """Check that no value of a type must hold another one of itself."""
    done: set[int] = set()
    left = [kind]

    def check(kind: Type, around: tuple[Type, ...]) -> None:
        kind = resolve(kind)
        if kind in around:
            raise ValueError("a type of the lock holds itself, without an option, a list, a map or an enum between")
        if id(kind) in done:
            return
        for _, below in parts(kind):
            if isinstance(kind, (Struct, Array)):
                check(below, (*around, kind))
            else:
                left.append(below)
        done.add(id(kind))

    while left:
        check(left.pop(), ())


def _why_unseen(entry: Entry) -> str | None:
    if isinstance(entry.identifier, str):
        return "Python's own class is pickled, and needs no other"
    if entry.codec not in ("bincode", "wincode", "messagepack"):
        kind = resolve(entry.value)
        return kind.why if isinstance(kind, Unseen) else f"its codec is {entry.codec}"
    seen: set[int] = set()
    left = [entry.value]
    while left:
        kind = resolve(left.pop())
        if isinstance(kind, Unseen):
            return f"{kind.name}: {kind.why}"
        if id(kind) not in seen:
            seen.add(id(kind))
            left += [of for _, of in parts(kind)]
    return None


def _canonical(kind: Type) -> str:
    """Return a text that is the same for equal types."""
    numbers: dict[int, int] = {}

    def text(kind: Type) -> str:
        kind = resolve(kind)
        if isinstance(kind, Primitive):
            return kind.name
        if isinstance(kind, Frames):
            return f"{kind.kind} {kind.identifier!r}"
        if id(kind) in numbers:
            return f"@{numbers[id(kind)]}"
        numbers[id(kind)] = len(numbers)
        head = [
            type(kind).__name__,
            getattr(kind, "name", None),
            getattr(kind, "length", None),
            getattr(kind, "is_tuple", None),
            sorted(getattr(kind, "optional", ())),
        ]
        if isinstance(kind, Enum):
            return repr([*head, *([v.number, v.name, [(n, text(of)) for n, of in v.fields()]] for v in kind.variants)])
        return repr([*head, *((steps, text(of)) for steps, of in parts(kind))])

    return text(kind)


def _of_identifier(name: bytes) -> str:
    return "Record_" + name.decode("latin-1")


def _escaped(name: bytes) -> str:
    """Return letters and digits, and ``_`` with two digits in place of every other byte."""
    return "".join(chr(byte) if chr(byte).isascii() and chr(byte).isalnum() else f"_{byte:02x}" for byte in name)


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]
