"""``load``: the classes of a lock, and what reads and writes them."""

from __future__ import annotations

import pathlib
import sys
import types
from os import PathLike
from typing import Any

from ps_serialize import _frame, _layout, _lock, _source, _values
from ps_serialize._classes import Class, Classes


class Records(types.ModuleType):
    """The classes of a lock: by name as attributes, and by identifier, ``records[b"05"]``."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._by_identifier: dict[bytes, Any] = {}
        #: Why the other identifiers can't be read.
        self._unseen: dict[bytes | str, str] = {}

    def __getitem__(self, identifier: bytes) -> Any:
        """Return the class of an identifier; of an enum, the union of the classes of its variants.

        Raises:
            KeyError: if it has none; the message says why.
        """
        if identifier in self._by_identifier:
            return self._by_identifier[identifier]
        raise KeyError(f"{identifier!r}: {self._unseen.get(identifier, 'the lock does not have it')}")


def load(path: str | PathLike[str]) -> Records:
    """Return dataclasses for the records of a Rust program, from its lock.

    ``deserialize`` gives them from then on, and ``serialize`` takes them::

        records = ps_serialize.load("ps-serialize.lock")
        particle = records.Particle(mass=1.5, position=numpy.zeros(3))
        frame = ps_serialize.serialize(particle)

    Sequences of numbers are NumPy arrays. Lists, and arrays
    of more than 256 bytes, are in the memory of the frame, except with ``copy=True`` and from MessagePack. An enum is the union of a class for
    each variant, ``StateGas`` of ``State``. An option is the value or ``None``; where an option is in another one, the inner one
    is in ``ps_serialize.records.Some``. A field that is a frame is what its frame is read as.

    A type that the lock can't see into has no class. Records of MessagePack need ``msgpack``. A second lock takes over the
    identifiers that it shares with the first.

    Raises:
        OSError: if the file can't be read.
        ValueError: if it is not a lock, or if an identifier of it has another reader.
    """
    lock = pathlib.Path(path).read_text("utf-8")
    records = Records(f"{__name__}.records")
    classes = Classes(_lock.parse(lock))
    # `dataclass` looks for the module of a class.
    sys.modules[records.__name__] = records
    try:
        exec(compile(_source.source(lock, classes), "<records of the lock>", "exec"), records.__dict__)
    finally:
        del sys.modules[records.__name__]
    for entry, made in classes.entries:
        assert isinstance(entry.identifier, bytes)
        records._by_identifier[entry.identifier] = getattr(records, made.name)
    records._unseen.update(classes.unseen)
    return records


def generate(path: str | PathLike[str]) -> str:
    """Return the source of a module with the classes that ``load`` gives, for type checkers and editors.

    Raises:
        OSError: if the file can't be read.
        ValueError: if it is not a lock.
    """
    lock = pathlib.Path(path).read_text("utf-8")
    return _source.source(lock, Classes(_lock.parse(lock)))


def bind(lock: str, names: dict[str, Any]) -> None:
    classes = Classes(_lock.parse(lock))
    readers, writers = {}, {}
    for entry, made in classes.entries:
        identifier = entry.identifier
        assert isinstance(identifier, bytes)
        if _frame.parse(_frame.line(identifier))[0] != identifier:
            raise ValueError(f"an identifier has neither a newline nor spaces around it, as {identifier!r} has")
        if _values.is_known(identifier) or identifier in _values._READERS:
            raise ValueError(f"the identifier {identifier!r} has another reader already")
        space = {one.name: names[one.name] for one in classes.all}
        readers[identifier], write = _layout.compile_entry(entry, made, classes, space)
        for one in [made] if isinstance(made, Class) else made.variants:
            writers[space[one.name]] = write
    _values._RECORD_READERS.update(readers)
    _values._RECORD_WRITERS.update(writers)
