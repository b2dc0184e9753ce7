"""NumPy arrays of every layout, for the tests in this folder and for those of the Rust library."""

import tempfile

import numpy as np
import polars as pl

BASE = np.arange(5 * 6 * 7).reshape(5, 6, 7)
F8 = BASE.astype("f8") / 8 - 9
I4 = BASE.astype("i4") * -1_000_003


class Subclass(np.ndarray):
    pass


def _memmap(**options):
    with tempfile.TemporaryFile() as file:
        I4.tofile(file)
        file.flush()
        return np.memmap(file, "i4", "r", **options)


def _unaligned(array):
    return np.frombuffer(b"\0" + array.tobytes(), "u1")[1:].view(array.dtype).reshape(array.shape)


def _read_only(array):
    array = array.copy()
    array.flags.writeable = False
    return array


def _fields(array, dtype):
    records = np.zeros(array.shape, dtype)
    records["x"] = array
    return records["x"]


#: Arrays of dtypes that safetensors has too.
NUMBERS = {
    "C order": F8,
    "Fortran order": np.asfortranarray(F8),
    "transposed": I4.T,
    "axes swapped": F8.swapaxes(0, 1),
    "axes permuted": I4.transpose(2, 0, 1),
    "a part": F8[1:4, 2:5, 3:6],
    "columns": F8[:, :, 2],
    "every other column": I4[:, ::2],
    "steps": F8[::2, 1::3, ::4],
    "reversed": F8[::-1],
    "reversed in all dimensions": I4[::-1, ::-1, ::-1],
    "reversed with steps": F8[::-2, 3::-1, -2::-3],
    "reversed and transposed": I4[:, ::-1].T,
    "broadcast": np.broadcast_to(F8[0, 0], (4, 3, 7)),
    "broadcast along the last dimension": np.broadcast_to(I4[:, :, :1], (5, 6, 9)),
    "a scalar, broadcast": np.broadcast_to(np.float32(1.5), (2, 3)),
    "broadcast and reversed": np.broadcast_to(F8[0, 0], (4, 3, 7))[:, ::-1, ::-2],
    "overlapping windows": np.lib.stride_tricks.sliding_window_view(F8[0, 0], 3),
    "no dimensions": np.array(-2.5),
    "no dimensions, big-endian": np.array(258, ">i4"),
    "one element of an array": F8[1, 2, 3, ...],
    "one element of another order": F8.T[:1, :1, :1],
    "one element of steps": F8[:1, :1, ::2][..., :1],
    "one element, reversed": I4[::-3, ::-2, ::-1][:1, :1, :1],
    "empty": np.zeros(0, "f4"),
    "no rows": np.zeros((0, 3), "i2"),
    "no columns": np.zeros((3, 0), "u2"),
    "no columns, Fortran order": np.zeros((3, 0, 4), "f8", "F"),
    "none of many": F8[:, 6:, ::-1],
    "big-endian": F8.astype(">f8"),
    "big-endian, Fortran order": np.asfortranarray(I4.astype(">i4")),
    "big-endian, reversed": F8.astype(">f2")[::-1],
    "big-endian, unaligned": _unaligned(I4.astype(">u4")),
    "big-endian, complex": (F8 + 2j).astype(">c8").T,
    "big-endian, memory-mapped": _memmap(shape=(5, 42)).view(">i4"),
    "little-endian by name": I4.astype("<i4"),
    "read-only": _read_only(F8),
    "read-only, steps": _read_only(F8)[:, ::3],
    "memory-mapped": _memmap(shape=(5, 6, 7)),
    "memory-mapped, Fortran order": _memmap(shape=(7, 6, 5), order="F"),
    "memory-mapped, from an offset": _memmap(offset=4, shape=(209,))[::-2],
    "of bytes of another": np.frombuffer(bytes(range(64)), "u8"),
    "unaligned": _unaligned(F8),
    "unaligned, steps": _unaligned(F8)[:, ::2],
    "a field of records": _fields(F8, [("a", "u1"), ("x", "f8"), ("b", "S3")]),
    "a field of aligned records": _fields(I4, np.dtype([("a", "u1"), ("x", "i4")], align=True)),
    "a subarray of records": np.array([([1, 2, 3], 4), ([5, 6, 7], 8)], [("x", "i2", 3), ("y", "u1")])["x"],
    "a matrix": np.matrix(F8[0]).T,
    "a subclass": F8.view(Subclass)[::-1],
    "a table of polars": pl.DataFrame({"a": F8[0, 0], "b": F8[0, 1]}).to_numpy(),
    "the real part": (F8 + 2j).astype("c8").real,
    "the imaginary part": (F8 + 2j).astype("c8").imag,
    "a diagonal": np.einsum("iij->ij", F8[:, :5]),
    "bool": I4[::-2] % 2 == 0,
    "bool with other bytes than 0 and 1": np.array([[0, 1, 2], [255, 0, 128]], "u1").view("?").T,
    "not numbers": np.array([[np.nan, np.inf], [-np.inf, -0.0]], "f4").T,
    **{f"of {name}": (BASE % 120).astype(name).T for name in "i1 u1 i2 u2 f2 i4 u4 f4 i8 u8 f8 c8".split()},
    **{f"a scalar of {name}": np.dtype(name).type(3) for name in "? i1 u1 i2 u2 f2 i4 u4 f4 i8 u8 f8 c8".split()},
    "as many dimensions as there are": np.arange(4.0).reshape((2,) + (1,) * 62 + (2,)).T,
}

try:
    import pandas as pd
except ImportError:
    pass
else:
    NUMBERS["a table of pandas"] = pd.DataFrame({"a": F8[0, 0], "b": F8[0, 1]}).to_numpy()

#: Arrays of dtypes that safetensors lacks.
OTHERS = {
    "records": np.array([(1, 2.5), (3, 4.5)], [("a", "i4"), ("b", ">f8")])[::-1],
    "nested records": np.zeros((2, 3), [("a", [("b", "u1"), ("c", "i2", (2, 2))])]).T,
    "records as attributes": np.rec.array([(1, 2.5)], dtype=[("a", "i4"), ("b", "f8")]),
    "text": np.array([["a", "größe"], ["", "d"]]).T,
    "bytes": np.array([b"a", b"bcd"])[::-1],
    "text of any length": np.array(["a", "größe"], np.dtypes.StringDType()),
    "moments": np.arange(6).astype("M8[us]")[::2],
    "no moments": np.array(["NaT", "NaT"], "M8[D]"),
    "durations": np.arange(6).astype("m8[ns]").reshape(2, 3).T,
    "void": np.zeros((2, 3), "V5").T,
    "objects": np.array([1, None, "a"], object),
    "complex128": (F8 + 2j).T,
    "longdouble": F8.astype("g").T,
    "clongdouble": (F8 + 2j).astype("G"),
}


def plain(array):
    """A copy of the elements, taken one by one, in C order and little-endian."""
    dtype = np.asarray(array).dtype.newbyteorder("<")
    if dtype == bool:
        return np.array([bool(byte) for byte in array.tobytes()]).reshape(array.shape)
    result = np.empty(array.shape, dtype)
    for index in np.ndindex(array.shape):
        result[index] = array[index]
    return result


def difference(found, expected):
    """How an array differs from another one, if it does: type, dtype, shape or elements."""
    if type(found) is not np.ndarray:
        return f"is {type(found)}"
    for what in ("dtype", "shape"):
        one, other = getattr(found, what), getattr(expected, what)
        if one != other:
            return f"has the {what} {one} instead of {other}"
    if expected.dtype.hasobject:
        same = found.tolist() == expected.tolist()
    else:
        # The bytes show NaN and the sign of zero too. In longdouble some bytes mean nothing. Older versions of NumPy have
        # no bytes of more than 32 dimensions.
        one, other = (a.squeeze() for a in (found, expected))
        one, other = (a.astype("c16") if a.dtype.char in "gG" else a for a in (one, other))
        same = one.tobytes() == other.tobytes()
    return None if same else f"has the elements {found!r} instead of {expected!r}"
