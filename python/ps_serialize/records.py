"""What the classes of a lock are made of. ``ps_serialize.load`` and the sources that ``python -m ps_serialize generate`` writes use it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Record:
    """A value of a Rust type. Two records are equal if they have the same class and equal fields. Fields may be arrays."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        return all(_is_same(getattr(self, field.name), getattr(other, field.name)) for field in fields(self))  # type: ignore[arg-type]

    __hash__ = None  # type: ignore[assignment]


class Unit(Record):
    """A variant that holds nothing, and so can be a key."""

    __slots__ = ()

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(type(self))


@dataclass(frozen=True)
class Some(Generic[T]):
    """A value where an option is in an option, so that ``Some(None)`` differs from ``None``."""

    value: T


def _is_same(one: Any, other: Any) -> bool:
    if hasattr(one, "dtype") and hasattr(other, "dtype"):
        return bool(one.dtype == other.dtype and one.shape == other.shape and (one == other).all())
    if type(one) is not type(other):
        return False
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(_is_same, one, other))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_is_same(value, other[key]) for key, value in one.items())
    if hasattr(one, "equals"):
        return bool(one.equals(other))
    return bool(one == other)


def bind(lock: str, names: dict[str, Any]) -> None:
    """Make ``serialize`` and ``deserialize`` take the classes of a generated source.

    Args:
        lock: the text of the lock.
        names: the classes by name.

    Raises:
        ValueError: if the text is not a lock, or if an identifier of it has another reader.
    """
    from ps_serialize import _load

    _load.bind(lock, names)
