"""What the classes of a lock are made of. ``ps_serialize.load`` and the sources that ``python -m ps_serialize generate`` writes use it."""

from __future__ import annotations

import copy
import sys
from dataclasses import dataclass, fields
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Record:
    """A value of a Rust type. Two records are equal if they have the same class and equal fields. Fields may be arrays.

    Records can be copied and pickled. A class of ``load`` is in no module that another process could import. A record of it is
    pickled by the identifier, and the process that reads the pickle must have loaded a lock that has it.
    """

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        return all(_is_same(getattr(self, field.name), getattr(other, field.name)) for field in fields(self))  # type: ignore[arg-type]

    __hash__ = None  # type: ignore[assignment]

    def __copy__(self) -> Any:
        return type(self)(*_values(self))

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        return type(self)(*(copy.deepcopy(value, memo) for value in _values(self)))

    def __reduce_ex__(self, protocol: Any) -> Any:
        made = type(self)
        if getattr(sys.modules.get(made.__module__), made.__qualname__, None) is made:
            return super().__reduce_ex__(protocol)
        from ps_serialize import _load

        names = [field.name for field in fields(self)]  # type: ignore[arg-type]
        return restore, (*_load.place_of(made), dict(zip(names, _values(self))))


class Unit(Record):
    """A variant that holds nothing, and so can be a key."""

    __slots__ = ()

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(type(self))


@dataclass(frozen=True, eq=False)
class Some(Generic[T]):
    """A value where an option is in an option, so that ``Some(None)`` differs from ``None``."""

    value: T

    def __eq__(self, other: object) -> bool:
        return _is_same(self.value, other.value) if isinstance(other, Some) else NotImplemented

    def __hash__(self) -> int:
        return hash((Some, self.value))


def restore(identifier: bytes, place: str, values: dict[str, Any]) -> Any:
    """Return the record of a pickle.

    Args:
        identifier: the one of an entry of a lock.
        place: where the class is in that entry.
        values: the fields.

    Raises:
        SerializationError: if this process has no lock with such an entry.
    """
    from ps_serialize import _load

    return _load.class_at(identifier, place)(**values)


def _values(record: Any) -> list[Any]:
    return [getattr(record, field.name) for field in fields(record)]


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
    """Make ``serialize`` and ``deserialize`` take the classes of a generated source, and its module a mapping by identifier.

    Args:
        lock: the text of the lock.
        names: the classes by name, which are the globals of the module.

    Raises:
        ValueError: if the text is not a lock, or if an identifier of it has another reader.
    """
    from ps_serialize import _load

    _load.bind(lock, names)
