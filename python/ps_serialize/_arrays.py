"""``NP``: arrays, written with one copy and read with none."""

from __future__ import annotations

import functools
import io
import math
import sys
from typing import TYPE_CHECKING, Any

from ps_serialize import _frame

if TYPE_CHECKING:
    import numpy

IDENTIFIER = b"NP"

#: The versions of NumPy's format, and how many bytes the length of their header has.
_LENGTHS = {b"\x93NUMPY\x01\x00": 2, b"\x93NUMPY\x02\x00": 4}
#: NumPy evaluates a header as Python's literals, and this is the longest one that it takes from strangers.
_LONGEST_HEADER = 10_000


def write(obj: Any) -> memoryview | None:
    """Return the frame of an array or a tensor, or ``None`` if it is not one that this module writes."""
    # An array can only exist if NumPy has been imported, and so on.
    numpy = sys.modules.get("numpy")
    if numpy is None:
        return None
    if type(obj) is not numpy.ndarray:
        # A `memmap` is an array that is in a file. Other subclasses hold more than their elements.
        if type(obj) is numpy.memmap:
            obj = obj.view(numpy.ndarray)
        elif (obj := _of_torch(obj)) is None:
            return None
    # Objects are pickled, and a type that is not NumPy's own would be lost.
    if obj.dtype.hasobject or obj.dtype.isbuiltin == 2 or obj.dtype.itemsize == 0:
        return None
    try:
        header = _header(obj.shape, obj.dtype, obj.flags.fnc)
    except ValueError:
        # The names of the fields are too long, or are not Latin.
        return None
    start = len(header)
    buffer = _frame.allocate(start + obj.nbytes)
    numpy.copyto(numpy.ndarray(obj.shape, obj.dtype, buffer, start, order="F" if obj.flags.fnc else "C"), obj)
    view = memoryview(buffer)
    view[:start] = header
    return view.toreadonly()


def read(payload: memoryview, *, copy: bool) -> numpy.ndarray | None:
    """Return the array, or ``None`` if NumPy must read it, as it must read objects.

    It is read-only and in the memory of the frame, unless ``copy`` is true or its elements are not aligned there.

    Raises:
        ValueError: if the payload is invalid.
    """
    import numpy

    size = _LENGTHS.get(bytes(payload[:8]))
    if size is None:
        return None
    start = 8 + size
    start += int.from_bytes(payload[8:start], "little")
    if start > _LONGEST_HEADER:
        return None
    shape, is_fortran_order, dtype = _parse_header(bytes(payload[:start]))
    if dtype.hasobject or dtype.itemsize == 0:
        return None
    data = payload[start:]
    expected = math.prod(shape) * dtype.itemsize
    if min(shape, default=0) < 0 or len(data) != expected:
        raise ValueError(f"an array of the shape {shape} and the dtype {dtype} has {expected} bytes, not {len(data)}")
    array = numpy.ndarray(shape, dtype, data, order="F" if is_fortran_order else "C")
    return array if array.flags.aligned and not copy else array.copy("K")


@functools.lru_cache(256)
def _header(shape: tuple[int, ...], dtype: numpy.dtype[Any], is_fortran_order: bool) -> bytes:
    """Return what a frame has before the elements. NumPy takes longer to write it than to copy a thousand elements."""
    import numpy

    header = io.BytesIO()
    header.write(_frame.line(IDENTIFIER, aligned=True))
    fields = {"shape": shape, "fortran_order": is_fortran_order, "descr": numpy.lib.format.dtype_to_descr(dtype)}
    numpy.lib.format.write_array_header_1_0(header, fields)
    return header.getvalue()


@functools.lru_cache(256)
def _parse_header(header: bytes) -> tuple[tuple[int, ...], bool, numpy.dtype[Any]]:
    import numpy

    fields = io.BytesIO(header)
    version = numpy.lib.format.read_magic(fields)
    read = numpy.lib.format.read_array_header_1_0 if version == (1, 0) else numpy.lib.format.read_array_header_2_0
    return read(fields)


def _of_torch(obj: Any) -> numpy.ndarray | None:
    """Return the elements of a plain tensor on the CPU, where they are."""
    torch = sys.modules.get("torch")
    if torch is None or type(obj) is not torch.Tensor:
        return None
    if obj.requires_grad or obj.device.type != "cpu" or obj.layout != torch.strided or obj.is_quantized:
        return None
    try:
        return obj.resolve_conj().resolve_neg().numpy()
    except (RuntimeError, TypeError):
        # It is nested, or NumPy lacks its dtype.
        return None
