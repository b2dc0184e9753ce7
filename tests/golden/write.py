"""Writes the frames of Python that `python.rs` reads, those that are not there yet: a file is never changed.

In the environment that the interop test makes: `target/tmp/python/bin/python tests/golden/write.py`.
The folder is called after the version of ProxyStore; write into a new one after an update.
"""

import datetime
import io
import pathlib
import pickle
import sys

import numpy as np
import polars as pl
import proxystore
import pyarrow as pa
from proxystore.serialize import serialize

FOLDER = pathlib.Path(__file__).parent / f"proxystore-{'.'.join(proxystore.__version__.split('.')[:2])}"
sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "python"))
sys.dont_write_bytecode = True
import ps_serialize  # noqa: E402

ps_serialize.register()

# `everything()` of `plain.rs`.
EVERYTHING = {
    "none": None,
    "flags": [True, False],
    "ints": [0, 255, 256, 65_535, 65_536, -1, -(2**31), -(2**63)],
    "big": -(2**2100),
    "floats": [0.1, -0.0, float("inf")],
    "complex": 1 - 2j,
    "text": "héllo\n\\u00e9 世界 🌍\0",
    "long text": "x" * 300,
    "bytes": bytes(range(256)),
    "bytearray": bytearray(b"a\xff"),
    "tuples": [tuple(range(length)) for length in range(5)],
    "set": {7},
    "frozenset": frozenset(["only"]),
    3: {},
}
SIX = np.array([[1.0, -0.0, 0.1], [5e-324, np.inf, -2.5]])
TABLE = pl.DataFrame(
    {
        "i": [1, None, 3],
        "x": [0.5, None, -0.0],
        "text": ["short", None, "größer than twelve bytes 🌍"],
        "date": [datetime.date(2024, 2, 29), None, datetime.date(1, 1, 1)],
        "category": pl.Series(["a", "b", None], dtype=pl.Categorical),
        "list": [[1, None], [], None],
    }
)
MAP = pl.DataFrame({"m": pl.Series([{"a": 1, "b": None}, None, {}], dtype=pl.Map(pl.String, pl.Int64))})


def arrow(columns):
    """A file of pyarrow, with types that polars reads as other types."""
    table, buffer = pa.table(columns), io.BytesIO()
    with pa.ipc.new_file(buffer, table.schema) as writer:
        writer.write_table(table)
    return b"PL\n" + buffer.getvalue()


def dictionary(keys, values):
    return pa.DictionaryArray.from_arrays(pa.array(keys, pa.uint8()), values)


PAIRS = pa.map_(pa.string(), pa.int64(), keys_sorted=True)
MAPS = {
    "sorted": pa.array([[("a", 1)], None, []], PAIRS),
    "nested": pa.array([[("a", [("x", 1)])], None, []], pa.map_(pa.string(), PAIRS)),
    "list": pa.array([[[("a", 1)], None], [], None], pa.list_(PAIRS)),
    "struct": pa.array([{"m": [("a", None)]}, {"m": None}, None], pa.struct({"m": PAIRS})),
}
DICTIONARIES = {
    "list": dictionary([1, None, 1], pa.array([[1, 2], [3]])),
    "null": dictionary([None, None, None], pa.array([], pa.null())),
    "struct": dictionary([0, 1, None], pa.array([{"x": "a"}, {"x": None}])),
    "array": dictionary([0, None, 0], pa.array([[1, 2]], pa.list_(pa.int8(), 2))),
    "bytes": dictionary([1, 0, None], pa.array([b"a", b"\xff"])),
    "times": dictionary([1, 0, None], pa.array([1, 2], pa.timestamp("s", "UTC"))),
    "map": dictionary([0, None, 0], pa.array([[("a", 1)]], PAIRS)),
    "inside": pa.ListArray.from_arrays([0, 1, 1, 3], dictionary([1, 0, None], pa.array([["a"], []]))),
}
TEXT = "again and " * 100
RAMP = np.arange(2000)

FRAMES = {
    "bytes": serialize(bytes(range(256))),
    "text": serialize("héllo\r\n\0 世界 🌍"),
    "array": serialize(SIX),
    "array-fortran-order": serialize(np.asfortranarray(SIX)),
    "array-big-endian": serialize(SIX.astype(">f8")),
    "array-dates": serialize(np.array(["1970-01-01", "2024-10-04", "NaT"], "M8[D]")),
    "table": serialize(TABLE),
    "table-map": serialize(MAP),
    "table-maps": arrow(MAPS),
    "table-dictionaries": arrow(DICTIONARIES),
    "plain": serialize(EVERYTHING),
    "tensors": ps_serialize.tensors({"b": np.array([1, 2], "f4"), "größe": np.array([[True]])}, {"format": "np"}),
}
for protocol in range(6):
    FRAMES[f"plain-protocol-{protocol}"] = b"PK\n" + pickle.dumps(EVERYTHING, protocol)
    FRAMES[f"plain-array-protocol-{protocol}"] = b"PK\n" + pickle.dumps((SIX, np.int16(-2)), protocol)
for codec in ["lz4", "zstd"]:
    FRAMES[codec] = ps_serialize.compressed(codec, shuffle=0)(TEXT)
    FRAMES[f"{codec}-shuffled-by-8"] = ps_serialize.compressed(codec, shuffle=8)(RAMP)

FOLDER.mkdir(exist_ok=True)
for name, frame in FRAMES.items():
    try:
        with open(FOLDER / f"{name}.frame", "xb") as file:
            file.write(frame)
    except FileExistsError:
        print(f"{name} is there and was left as it is")
