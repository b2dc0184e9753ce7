"""What does not fit into a type, where it is, and what was expected there."""

from __future__ import annotations

import reprlib
from typing import Any

from ps_serialize._classes import NUMBERS, Classes, is_hashable, is_nullable, numbers_of
from ps_serialize._lock import Array, Enum, Frames, List, Map, Option, Primitive, Struct, Type, resolve

#: How many names of a place an error has at each of its ends.
_MOST_STEPS = 8
_WORDS = {"bool": "a bool", "char": "one character (str)", "text": "text (str)", "bytes": "bytes", "unit": "None"}


class Misfit(Exception):
    """A value, or bytes, that are none of the type, and the place in the record."""

    def __init__(self, reason: str, *steps: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.steps = list(steps)

    def inside(self, *steps: str) -> Misfit:
        """Note that the place is in a part of this name."""
        self.steps[:0] = steps
        return self

    def __str__(self) -> str:
        steps = self.steps
        if len(steps) > 2 * _MOST_STEPS:
            steps = [*steps[:_MOST_STEPS], "…", *steps[-_MOST_STEPS:]]
        return f"{' › '.join(steps)}: {self.reason}" if steps else self.reason


def too_deep(limit: int) -> Misfit:
    return Misfit(f"values are nested more than {limit} levels deep, which the Rust library refuses")


def to_dict(pairs: Any) -> dict[Any, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Misfit("a map has a key twice")
    return found


def unexpected(kind: Type, value: Any, classes: Classes) -> Misfit:
    return Misfit(f"{expected(kind, classes)} is expected, not {found(value)}")


def expected(kind: Type, classes: Classes) -> str:
    """Say which values a type has."""
    kind = resolve(kind)
    if isinstance(kind, Primitive):
        return _WORDS.get(kind.name) or _number(kind.name)
    if isinstance(kind, Option):
        return "ps_serialize.records.Some, or None," if is_nullable(kind.of) else f"{expected(kind.of, classes)}, or None,"
    if isinstance(kind, (List, Array)):
        numbers = numbers_of(kind)
        length = f" of the length {kind.length}" if isinstance(kind, Array) else ""
        return f"a list{length}" if numbers is None else f"an array of {NUMBERS[numbers[0]][1]}"
    if isinstance(kind, Map):
        return "a dict" if is_hashable(kind.key) else "a list of pairs"
    if isinstance(kind, Frames):
        return {"": "a value that has a frame", "option": "a value that has a frame, or None,"}.get(kind.kind, f"a {kind.kind} of values")
    assert isinstance(kind, (Struct, Enum))
    made = classes.of(kind)
    return f"a tuple of {len(kind.fields)}" if made is None and isinstance(kind, Struct) else made.name if made else "nothing"


def found(value: Any) -> str:
    """Say what a value is, in a few words."""
    kind = type(value).__name__
    if value is None:
        return "None"
    if hasattr(value, "dtype") and hasattr(value, "shape"):
        return f"an array of {value.dtype} of the shape {tuple(value.shape)}"
    text = short(value)
    return text if text.startswith(kind + "(") else f"{text} ({kind})"


def short(value: Any) -> str:
    """Return a short representation."""
    try:
        return _SHORT.repr(value)
    except Exception:
        # It can be anybody's object.
        return "…"


def _number(name: str) -> str:
    if name[0] == "f":
        return f"a float ({name})"
    bits, is_signed = int(name[1:]), name[0] == "i"
    low, high = -(is_signed << (bits - 1)), (1 << (bits - is_signed)) - 1
    limits = f"from {low} to {high}" if bits <= 32 else f"of {bits} bits, {'signed' if is_signed else 'not negative'}"
    return f"an integer {limits} ({name})"


class _Short(reprlib.Repr):
    """Like a representation, but short, and without the fields of records."""

    def __init__(self) -> None:
        super().__init__()
        self.maxlevel, self.maxstring, self.maxother, self.maxlong = 2, 40, 40, 40
        self.maxlist = self.maxtuple = self.maxdict = self.maxset = self.maxarray = 3

    def repr1(self, x: Any, level: int) -> str:
        return f"{type(x).__name__}(…)" if hasattr(x, "__dataclass_fields__") else super().repr1(x, level)


_SHORT = _Short()
