"""Answers, with stock ProxyStore, the questions of the interop test: a JSON object a line, each way.

{"write": value}                        -> the frame that Python writes, in hexadecimal
{"read": frame}                         -> the value that Python reads from a frame in hexadecimal
{"frame": expression}                   -> the frame that the expression is
{"run": statement}                      -> null, when it has been run
{"compare": frame, "with": expression}  -> "same", if it is that value to the last bit, or how it differs
{"load": payload}                       -> the frame of what `numpy.load` makes of an npy file
{"arrow": frame}                        -> the rows that pyarrow finds in a table, all of it validated
Bytes travel as {"bytes": hexadecimal}, text as a string, other values as {"python": expression}.
"""

import collections
import datetime
import decimal
import fractions  # noqa: F401
import io
import ipaddress  # noqa: F401
import json
import operator
import os
import pathlib
import pickle
import sys
import types  # noqa: F401
import uuid  # noqa: F401
import zoneinfo  # noqa: F401

import lz4.frame
import msgpack  # noqa: F401
import numpy as np
import polars as pl
import pyarrow as pa
import pytz  # noqa: F401
import safetensors
import zstandard
from polars.testing import assert_frame_equal
from proxystore.serialize import deserialize, serialize

MODULE = pathlib.Path(__file__).parents[2] / "python"
sys.path[:0] = [str(MODULE), str(MODULE / "tests")]
sys.dont_write_bytecode = True
import classes  # noqa: E402, F401
import derived  # noqa: E402, F401
import layouts  # noqa: E402, F401
import ps_serialize  # noqa: E402

ps_serialize.register()


def from_json(value):
    if not isinstance(value, dict):
        return value
    if "python" in value:
        return evaluate(value["python"])
    return bytes.fromhex(value["bytes"])


def evaluate(expression):
    return eval(expression, globals())


def ipc(table, **options):
    """An Arrow IPC file in bytes."""
    buffer = io.BytesIO()
    table.write_ipc(buffer, **options)
    return buffer.getvalue()


def arrow_file(table):
    """Return a table of pyarrow, in bytes."""
    buffer = io.BytesIO()
    with pa.ipc.new_file(buffer, table.schema) as writer:
        writer.write_table(table)
    return buffer.getvalue()


def to_json(value):
    return {"bytes": value.hex()} if isinstance(value, bytes) else value


def compare(found, expected):
    if type(found) is not type(expected):
        return f"{type(found)} instead of {type(expected)}"
    if isinstance(found, dict):
        names = found.keys() ^ expected.keys()
        kept = {name: name for name in found}
        pairs = ((kept[name], found[name], name, expected[name]) for name in expected if name in found)
        differences = (compare((key, value), (name, wanted)) for key, value, name, wanted in pairs)
        return str(names) if names else next((d for d in differences if d != "same"), "same")
    if isinstance(found, (list, tuple)):
        if len(found) != len(expected):
            return f"{len(found)} elements instead of {len(expected)}"
        return next((d for d in map(compare, found, expected) if d != "same"), "same")
    if isinstance(found, pl.Series):
        return compare(found.to_frame(), expected.to_frame())
    if isinstance(found, pl.DataFrame):
        assert_frame_equal(found, expected, check_exact=True, categorical_as_str=False)
        return "same"
    if not isinstance(found, (np.ndarray, np.generic)):
        # `repr` tells NaN and the sign of zero.
        if repr(getattr(found, "__dict__", None)) != repr(getattr(expected, "__dict__", None)):
            return f"{vars(found)!r} instead of {vars(expected)!r}"
        same = repr(found) == repr(expected) or (found == expected and isinstance(found, (set, frozenset)))
        return "same" if same else f"{found!r} instead of {expected!r}"
    for what in ("dtype", "shape", "flags.c_contiguous", "flags.f_contiguous"):
        one, other = operator.attrgetter(what)(found), operator.attrgetter(what)(expected)
        if one != other:
            return f"{what} {one} instead of {other}"
    if found.dtype.hasobject or found.dtype.char == "T":
        return compare(found.tolist(), expected.tolist())
    # Some bytes of a `longdouble` are not part of it.
    same = np.array_equal(found, expected) if found.dtype.char in "gG" else found.tobytes("A") == expected.tobytes("A")
    if not same:
        return f"{found!r} instead of {expected!r}"
    return "same"


def answer(question):
    if "write" in question:
        return serialize(from_json(question["write"])).hex()
    if "frame" in question:
        return evaluate(question["frame"]).hex()
    if "read" in question:
        return to_json(deserialize(bytes.fromhex(question["read"])))
    if "run" in question:
        return exec(question["run"], globals())
    if "load" in question:
        return serialize(np.load(io.BytesIO(bytes.fromhex(question["load"])))).hex()
    if "arrow" in question:
        payload = bytes.fromhex(question["arrow"]).split(b"\n", 1)[1]
        table = pa.ipc.open_file(io.BytesIO(payload)).read_all()
        table.validate(full=True)
        return table.num_rows
    return compare(deserialize(bytes.fromhex(question["compare"])), evaluate(question["with"]))


for line in sys.stdin:
    try:
        reply = answer(json.loads(line))
    except Exception as error:
        reply = {"error": f"{error} {error.__cause__ or ''}".strip()}
    print(json.dumps(reply), flush=True)
