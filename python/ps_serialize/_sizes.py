"""How many bytes the values of a type have in the bincode 1 layout, and how deep they may be."""

from __future__ import annotations

import struct

from ps_serialize._classes import parts
from ps_serialize._lock import Array, Enum, Frames, List, Map, Option, Primitive, Struct, Type, resolve

FORMATS = {
    "u8": "B", "u16": "H", "u32": "I", "u64": "Q", "i8": "b", "i16": "h", "i32": "i", "i64": "q", "f32": "f", "f64": "d"
}  # fmt: skip
_SIZES = {"bool": 1, "u128": 16, "i128": 16, "unit": 0} | {name: struct.calcsize(form) for name, form in FORMATS.items()}
#: The length before what has no fixed one.
U64 = struct.Struct("<Q")


def width(kind: Type) -> int | None:
    """Return the number of bytes of a value of the type, or ``None`` if values differ."""
    kind = resolve(kind)
    if isinstance(kind, Primitive):
        return _SIZES.get(kind.name)
    if isinstance(kind, Array):
        each = width(kind.of)
        return None if each is None else kind.length * each
    if isinstance(kind, Struct):
        widths = [width(of) for _, of in kind.fields]
        return None if None in widths else sum(one for one in widths if one is not None)
    return None


def least(kind: Type) -> int:
    """Return how many bytes a value of a type has at least."""
    kind = resolve(kind)
    if isinstance(kind, Primitive):
        return _SIZES.get(kind.name, 1 if kind.name == "char" else 8)
    if isinstance(kind, Array):
        return kind.length * least(kind.of)
    if isinstance(kind, (Option, Enum)):
        return 1 if isinstance(kind, Option) else 4
    if isinstance(kind, Struct):
        return sum(least(of) for _, of in kind.fields)
    return 0 if isinstance(kind, Frames) and not kind.kind else 8


def has_empty(kind: Type) -> bool:
    """Whether a list or a map may have elements without bytes."""
    seen: set[int] = set()
    left = [kind]
    while left:
        kind = resolve(left.pop())
        if id(kind) in seen:
            continue
        seen.add(id(kind))
        below = [of for _, of in parts(kind)]
        if isinstance(kind, (List, Map)) and not sum(map(least, below)):
            return True
        left += below
    return False


def depth(kind: Type) -> int | None:
    """Return how many values may stand inside one another, or ``None`` if there is no end."""
    depths: dict[int, int | None] = {}

    def of_this(kind: Type) -> int | None:
        kind = resolve(kind)
        if id(kind) not in depths:
            # What is inside of itself finds this.
            depths[id(kind)] = None
            below = [of_this(of) for _, of in parts(kind)]
            if None not in below:
                own = not isinstance(kind, (Primitive, Frames))
                depths[id(kind)] = own + max((one for one in below if one is not None), default=0)
        return depths[id(kind)]

    return of_this(kind)
