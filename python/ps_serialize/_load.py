"""``load``: the classes of a lock, and what reads and writes them."""

from __future__ import annotations

import difflib
import importlib
import itertools
import pathlib
import sys
import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from os import PathLike
from typing import Any

from proxystore.serialize import SerializationError

from ps_serialize import _frame, _lock, _source, _values
from ps_serialize._classes import Class, Classes
from ps_serialize._compile import compile_entry

#: The classes by entry and place, and the other way round. A later lock takes over what it shares with an earlier one.
_CLASSES: dict[tuple[bytes, str], type] = {}
_PLACES: dict[type, tuple[bytes, str]] = {}
_NUMBERS = itertools.count(1)
#: How many identifiers or names an error lists.
_MOST_LISTED = 20


@dataclass
class _Known:
    """What a module of records knows of its lock."""

    by_identifier: dict[bytes, Any] = field(default_factory=dict)
    #: Why the other identifiers can't be read.
    unseen: dict[bytes | str, str] = field(default_factory=dict)
    #: The names that several types have, and what is there instead.
    ambiguous: dict[str, list[str]] = field(default_factory=dict)


class Records(types.ModuleType, Mapping[bytes, Any]):
    """The classes of a lock: by name as attributes, and by identifier, ``records[b"05"]``, as in a dictionary.

    The class of an enum is the union of the classes of its variants.
    """

    _LOCK: str
    _known: _Known

    # It is a module, of which there is one, and no dictionary that is compared.
    __eq__ = object.__eq__
    __hash__ = object.__hash__

    def __getitem__(self, identifier: bytes) -> Any:
        """Return the class of an identifier.

        Raises:
            KeyError: if it has none; the message says why, and what is there.
        """
        known = self._known
        if identifier in known.by_identifier:
            return known.by_identifier[identifier]
        why = known.unseen.get(identifier)
        raise KeyError(f"{identifier!r}: {why or 'the lock has ' + _listed(map(repr, known.by_identifier))}")

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._known.by_identifier)

    def __len__(self) -> int:
        return len(self._known.by_identifier)

    def __getattr__(self, name: str) -> Any:
        known = self.__dict__.get("_known")
        if known is None or name.startswith("__"):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        if name in known.ambiguous:
            raise AttributeError(
                f"several types of the lock are named {name!r}: write the identifier, as in `records[b\"05\"]`, or the name of "
                f"{'; or of '.join(known.ambiguous[name])}"
            )
        near = difflib.get_close_matches(name, self.__dict__["__all__"])
        raise AttributeError(
            f"the lock has no type named {name!r}{': is it ' + ' or '.join(near) + '?' if near else ''}; "
            f"it has {_listed(self.__dict__['__all__'])}"
        )

    def __reduce_ex__(self, protocol: Any) -> Any:
        if sys.modules.get(self.__name__) is self:
            return importlib.import_module, (self.__name__,)
        return of_text, (self._LOCK,)


def _listed(names: Any) -> str:
    names = list(names)
    more = len(names) - _MOST_LISTED
    return ", ".join(names[:_MOST_LISTED]) + (f" and {more} more" if more > 0 else "") or "none"


def load(path: str | PathLike[str]) -> Records:
    """Return dataclasses for the records of a Rust program, from its lock.

    ``deserialize`` gives them from then on, and ``serialize`` takes them::

        records = ps_serialize.load("ps-serialize.lock")
        particle = records.Particle(mass=1.5, position=numpy.zeros(3))
        frame = ps_serialize.serialize(particle)

    What is returned is also a mapping of identifiers: ``records[b"05"]`` is a class, and ``list(records)`` the identifiers that
    can be read. If several types have one name, each is named by its identifier too, as ``User_05`` is, and ``records.User`` is
    an error that says so.

    Sequences of numbers are NumPy arrays. Lists, and arrays of more than 256 bytes, are in the memory of the frame, except with
    ``copy=True`` and from MessagePack. An enum is the union of a class for each variant, ``StateGas`` of ``State``. An option is
    the value or ``None``; where an option is in another one, the inner one is in ``ps_serialize.records.Some``. A field that is a
    frame is what its frame is read as.

    A type that the lock can't see into has no class. Records of MessagePack need ``msgpack``. A second lock takes over the
    identifiers that it shares with the first.

    Raises:
        OSError: if the file can't be read.
        ValueError: if it is not a lock, or if an identifier of it has another reader.
    """
    return of_text(_text(path), path)


def generate(path: str | PathLike[str]) -> str:
    """Return the source of a module with the classes that ``load`` gives, for type checkers and editors.

    Raises:
        OSError: if the file can't be read.
        ValueError: if it is not a lock.
    """
    lock = _text(path)
    return _source.source(lock, Classes(_lock.parse(lock)))


def _text(path: str | PathLike[str]) -> str:
    """Return the text of a file that is a lock."""
    try:
        lock = pathlib.Path(path).read_text("utf-8")
        Classes(_lock.parse(lock))
    except ValueError as error:
        raise ValueError(
            f"{path}: {error}. If the file is damaged, restore it, or delete it and run the Rust test that writes it"
        ) from error
    return lock


def of_text(lock: str, path: str | PathLike[str] = "the lock") -> Records:
    """Return the classes of the text of a lock."""
    records = types.ModuleType(f"{__name__}.records{next(_NUMBERS)}")
    # `dataclass` looks for the module of a class.
    sys.modules[records.__name__] = records
    try:
        exec(compile(_source.source(lock, Classes(_lock.parse(lock))), "<records of the lock>", "exec"), records.__dict__)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    finally:
        del sys.modules[records.__name__]
    # The source has bound itself.
    assert isinstance(records, Records)
    return records


def bind(lock: str, names: dict[str, Any]) -> None:
    classes = Classes(_lock.parse(lock))
    space = {one.name: names[one.name] for one in classes.all}
    known = _Known(unseen=classes.unseen, ambiguous=classes.ambiguous)
    readers, writers = {}, {}
    for entry, made in classes.entries:
        identifier = entry.identifier
        assert isinstance(identifier, bytes)
        if _frame.parse(_frame.line(identifier))[0] != identifier:
            raise ValueError(f"an identifier has neither a newline nor spaces around it, as {identifier!r} has")
        if _values.is_known(identifier) or identifier in _values._READERS:
            raise ValueError(f"the identifier {identifier!r} has another reader already")
        known.by_identifier[identifier] = space[made.name]
        readers[identifier], write = compile_entry(entry, made, classes, space)
        for one in [made] if isinstance(made, Class) else made.variants:
            writers[space[one.name]] = write
    _values._RECORD_READERS.update(readers)
    _values._RECORD_WRITERS.update(writers)
    for identifier in readers:
        _values._UNREADABLE.pop(identifier, None)
    for unseen, why in classes.unseen.items():
        if isinstance(unseen, bytes):
            _values._UNREADABLE[unseen] = why
    for place, its in classes.places.items():
        _CLASSES[place] = space[its.name]
        _PLACES.setdefault(space[its.name], place)
    module = sys.modules.get(names.get("__name__", ""))
    if module is not None and module.__dict__ is names:
        names["_known"] = known
        module.__class__ = Records


def place_of(made: type) -> tuple[bytes, str]:
    """Return the entry that a class is of, and where it is in there."""
    place = _PLACES.get(made)
    if place is None:
        raise SerializationError(
            f"{made.__name__} is no class of a lock that this process has loaded: it may be a copy, which cloudpickle makes of "
            "classes. Name the class by what `ps_serialize.load` returned, or by a module of `python -m ps_serialize generate`"
        )
    return place


def class_at(identifier: bytes, place: str) -> type:
    """Return the class of a place of an entry."""
    made = _CLASSES.get((identifier, place))
    if made is None:
        where = f" at {place!r}" if place else ""
        raise SerializationError(
            f"the pickle holds a record of {identifier!r}{where}, and no lock that this process has loaded has that: call "
            "`ps_serialize.load` first, or import the module that `python -m ps_serialize generate` wrote"
        )
    return made
