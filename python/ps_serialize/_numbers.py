"""Arrays of numbers in records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ps_serialize._limits import EMPTY_ELEMENTS
from ps_serialize._misfit import Misfit, found
from ps_serialize._sizes import U64

if TYPE_CHECKING:
    import numpy


def as_array(value: Any, code: str, shape: tuple[int | None, ...]) -> numpy.ndarray:
    """Return an array of these elements, and of this shape, if it can hold the value."""
    import numpy

    wanted = numpy.dtype(code)
    if isinstance(value, numpy.ma.MaskedArray) and numpy.ma.is_masked(value):
        raise Misfit(f"an array of {wanted} without masked elements is expected: fill them first")
    try:
        array = numpy.frombuffer(value, "u1") if isinstance(value, (bytes, bytearray)) else numpy.asarray(value)
    except (ValueError, TypeError) as error:
        raise Misfit(f"an array of {wanted} is expected, not {found(value)}") from error
    if array.size == 0 and array.ndim < len(shape):
        array = array.reshape([length or 0 for length in shape])
    if array.ndim != len(shape) or any(length not in (None, here) for length, here in zip(shape, array.shape)):
        named = ", ".join("any" if length is None else str(length) for length in shape) + "," * (len(shape) == 1)
        raise Misfit(f"an array of {wanted} of the shape ({named}) is expected, not {found(value)}")
    if array.dtype != wanted:
        if array.size and array.dtype.kind not in ("iuf" if wanted.kind == "f" else "iu"):
            raise Misfit(f"an array of {wanted} is expected, not {found(value)}")
        with numpy.errstate(over="ignore"):
            converted = array.astype(wanted)
        # Floats may be rounded, but stay finite.
        fits = numpy.isfinite(converted) | ~numpy.isfinite(array) if wanted.kind == "f" else converted == array
        if not fits.all():
            index = tuple(map(int, numpy.argwhere(~fits)[0]))
            raise Misfit(f"a number of the type {wanted} is expected, not {array[index]!s}", *map(str, index))
        array = converted
    return array


def read_numbers(b: memoryview, p: int, copy: bool, code: str, shape: tuple[int, ...]) -> tuple[numpy.ndarray, int]:
    import numpy

    (count,) = U64.unpack_from(b, p)
    p += 8
    each = int(code[-1])
    for length in shape:
        each *= length
    if count * each > len(b) - p or count > EMPTY_ELEMENTS + len(b):
        raise Misfit(f"{count} elements of {each} bytes are more than {len(b) - p} bytes can be")
    array = numpy.ndarray((count, *shape), code, b, p) if each and count else numpy.empty((count, *shape), code)
    return array.copy() if copy else array, p + count * each


def few_numbers(data: Any, copy: bool, code: str, shape: tuple[int, ...]) -> numpy.ndarray:
    import numpy

    array = numpy.ndarray(shape, code, data) if len(data) else numpy.empty(shape, code)
    return array.copy() if copy else array


def add_numbers(value: Any, out: list[Any], code: str, shape: tuple[int | None, ...]) -> None:
    """Add the elements of an array, and before them its length if that is not fixed."""
    import numpy

    array = as_array(value, code, shape)
    if shape[0] is None:
        out.append(U64.pack(array.shape[0]))
    if array.size:
        out.append(memoryview(numpy.ascontiguousarray(array).reshape(-1).view("u1")))
