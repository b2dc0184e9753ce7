"""``serialize`` and ``deserialize``, in place of those of ProxyStore."""

from __future__ import annotations

import contextlib
import io
import pickle
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import proxystore.serialize
from proxystore.serialize import SerializationError

from ps_serialize import _arrays, _compression, _frame, _pickles, _tables, _tensors
from ps_serialize.records import Record

if TYPE_CHECKING:
    from ps_serialize._frame import BytesLike

Reader = Callable[[memoryview], Any]

_READERS: dict[bytes, Reader] = {}
#: What reads and writes the records of locks, by identifier and by class.
_RECORD_READERS: dict[bytes, Callable[[memoryview, bool, int], Any]] = {}
_RECORD_WRITERS: dict[type, Callable[[Any, int], bytes | memoryview]] = {}
#: The other identifiers of locks, and why they can't be read.
_UNREADABLE: dict[bytes, str] = {}


def serialize(obj: Any) -> bytes | memoryview:
    """Return the frame of an object, as ``proxystore.serialize.serialize`` does, but faster.

    ========================================== ========== ===========================================================
    object                                     identifier how
    ========================================== ========== ===========================================================
    ``numpy.ndarray``, ``numpy.memmap``        ``NP``     with one copy, aligned, so that Rust can borrow it
    ``torch.Tensor`` on the CPU, without grad  ``NP``     the same; it comes back as an array: ``torch.from_numpy``
    ``polars.DataFrame``                       ``PL``     with one copy, if pyarrow is there
    ``bytes``, ``str``                         ``BS US``
    ``pandas.DataFrame``                       ``PD``     pickled; large arrays inside are copied once
    a record of ``load``                       its own    in the layout of its Rust type
    anything else                              ``PK``     the same; by cloudpickle (``CP``) if pickle can't
    ========================================== ========== ===========================================================

    Arrays of objects are pickled inside of ``NP``, as ProxyStore does. Masked arrays and other subclasses are pickled as what
    they are. Stock ProxyStore reads every frame.

    Raises:
        SerializationError: if the object can't be written.
    """
    return write(obj, 0)


def write(obj: Any, nesting: int) -> bytes | memoryview:
    """Return the frame of an object, which stands inside of so many records."""
    kind = type(obj)
    if (write_record := _RECORD_WRITERS.get(kind)) is not None:
        try:
            return write_record(obj, nesting)
        except SerializationError:
            raise
        except Exception as error:
            raise SerializationError(f"the record can't be written: {error}") from error
    if kind is bytes:
        return b"BS\n" + obj
    if kind is str:
        try:
            return b"US\n" + obj.encode()
        except UnicodeEncodeError as error:
            raise SerializationError(f"text that can't be written as UTF-8: {error}") from error
    for write_it in (_arrays.write, _tables.write):
        frame = write_it(obj)
        if frame is not None:
            return frame
    if isinstance(obj, Record):
        raise SerializationError(f"{kind.__name__} has no identifier of its own in the lock: it is a part of other records")
    if not _is_proxystores(obj):
        try:
            return _pickles.write(b"PD" if _is_a(obj, "pandas", "DataFrame") else b"PK", obj)
        except Exception as error:
            # ProxyStore would keep the elements of an array alone.
            if _is_a(obj, "numpy", "ndarray"):
                raise SerializationError(f"the array of type {kind.__name__!r} can't be pickled: {error}") from error
    return proxystore.serialize.serialize(obj)


def deserialize(frame: BytesLike, *, copy: bool = False) -> Any:
    """Return the object of a frame, as ``proxystore.serialize.deserialize`` does, but faster.

    Args:
        frame: bytes, a ``bytearray``, a ``memoryview``, a ``numpy.memmap`` of a file, or the like.
        copy: whether arrays and tables have memory of their own, in which arrays can be changed. Otherwise, an array
            is read-only and in the memory of the frame, which it keeps alive. This needs aligned elements, as in frames of
            ``serialize`` and of Rust; others are copied. A table is in that memory too, if pyarrow is there, which checks
            its texts and lists.

    It reads everything that ProxyStore reads, compressed frames (``LZ``, ``ZS``), tensors (``ST``), checkpoints (``PT``),
    the records of ``load``, and the identifiers that were given to ``register_reader``. Nothing needs to be registered.

    Pickles (``PK``, ``PD``, ``CP``, arrays of objects) run code: read such frames only from those whom you trust.

    Raises:
        ValueError: if ``frame`` is not bytes, or has no identifier.
        SerializationError: if it can't be read; the cause is the reader's own error.
    """
    return read(frame, copy, 0)


def read(frame: BytesLike, copy: bool, nesting: int) -> Any:
    """Return the object of a frame, which stands inside of so many records."""
    view = _frame.view(frame)
    identifier, payload = _frame.parse(view)
    try:
        if identifier == _arrays.IDENTIFIER:
            array = _arrays.read(payload, copy=copy)
            if array is not None:
                return array
        elif identifier == _tables.IDENTIFIER:
            return _tables.read(payload, copy=copy)
        elif identifier == b"BS":
            return bytes(payload)
        elif identifier == b"US":
            return str(payload, "utf-8")
        elif identifier in (b"PK", b"CP"):
            return pickle.loads(payload)
        elif identifier == b"PD":
            # What an older pandas wrote, only `pandas.read_pickle` may be able to read.
            with contextlib.suppress(Exception):
                return pickle.loads(payload)
        elif identifier == _tensors.IDENTIFIER:
            return _tensors.read(bytes(payload))
        elif identifier == b"PT":
            return read_checkpoint(payload)
        elif identifier in (_compression.LZ4, _compression.ZSTD):
            return read(_compression.decompress(frame), copy, nesting)
        elif (read_record := _RECORD_READERS.get(identifier)) is not None:
            return read_record(payload, copy, nesting)
        elif (reader := _READERS.get(identifier)) is not None:
            return reader(payload)
        elif not is_known(identifier):
            raise _unknown(identifier)
    except SerializationError:
        raise
    except Exception as error:
        name = identifier.decode(errors="backslashreplace")
        raise SerializationError(f"the frame of the identifier {name!r} can't be read: {error}") from error
    return proxystore.serialize.deserialize(view)


def register_reader(identifier: bytes, reader: Reader) -> None:
    """Make ``deserialize`` read the frames of an identifier of your own.

    Args:
        identifier: 1 to 32 bytes, as in ``#[serializer(id = b"05")]`` in Rust.
        reader: takes the payload, and returns the object.

    Raises:
        ValueError: if the identifier is invalid, or has another reader already.
    """
    if _frame.parse(_frame.line(identifier))[0] != identifier:
        raise ValueError(f"an identifier has neither a newline nor spaces around it, as {identifier!r} has")
    if is_known(identifier) or identifier in _RECORD_READERS or _READERS.setdefault(identifier, reader) is not reader:
        raise ValueError(f"the identifier {identifier!r} has another reader already")


def is_known(identifier: bytes) -> bool:
    """Whether an identifier is one of ProxyStore or of this package."""
    return identifier in proxystore.serialize._SERIALIZERS or identifier in (b"LZ", b"ZS", b"ST", b"PT")


def _unknown(identifier: bytes) -> SerializationError:
    name = identifier.decode(errors="backslashreplace")
    why = _UNREADABLE.get(identifier)
    if why is None:
        return SerializationError(
            f"unknown identifier {name!r}: load the lock of the program that wrote the frame (`ps_serialize.load`), or name what "
            "reads it (`ps_serialize.register_reader`)"
        )
    return SerializationError(
        f"the lock has the identifier {name!r}, but it can't be read: {why}. If you can read it, "
        "`ps_serialize.register_reader` takes your function"
    )


def read_checkpoint(payload: BytesLike) -> Any:
    """Return what ``torch.save`` was given. No code is run."""
    import torch

    return torch.load(io.BytesIO(payload), map_location="cpu", weights_only=True)


def _is_proxystores(obj: Any) -> bool:
    """Whether ProxyStore writes it in a way of its own, which loses nothing."""
    if _is_a(obj, "numpy", "ndarray"):
        numpy = sys.modules["numpy"]
        return type(obj) is numpy.ndarray and obj.dtype.isbuiltin != 2
    return isinstance(obj, (bytes, str)) or _is_a(obj, "polars", "DataFrame")


def _is_a(obj: Any, module: str, name: str) -> bool:
    # An object of the class can only exist if its module has been imported.
    return isinstance(obj, getattr(sys.modules.get(module), name, ()))
