"""What Python takes for the values of `arrays` and `tables`: medians, in nanoseconds a call.

python3 -m venv peers && peers/bin/pip install proxystore numpy polars pyarrow distributed
peers/bin/python benches/peers.py
"""

import io
import pickle
import statistics
import time

import numpy as np
import polars as pl
import pyarrow as pa
from distributed.protocol import deserialize as dask_deserialize
from distributed.protocol import serialize as dask_serialize
from proxystore.serialize import deserialize, serialize


def median(call, seconds=1.0):
    samples = []
    end = time.perf_counter() + seconds
    while len(samples) < 5 or time.perf_counter() < end:
        start = time.perf_counter_ns()
        call()
        samples.append(time.perf_counter_ns() - start)
    return statistics.median(samples)


def report(name, call):
    print(f"| {name} | {median(call):,.0f} |", flush=True)


def saved(array):
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def out_of_band(value):
    buffers = []
    return pickle.dumps(value, protocol=5, buffer_callback=buffers.append), buffers


def arrow(table):
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


def arrays(size, elements):
    array = np.random.default_rng(591).random(elements)
    touched = np.ones(elements)
    frame, npy, pickled = serialize(array), saved(array), pickle.dumps(array, protocol=5)
    apart, buffers = out_of_band(array)
    header, frames = dask_serialize(array)
    report(f"{size} array, numpy copy into touched memory", lambda: np.copyto(touched, array))
    report(f"{size} array, ProxyStore serialize", lambda: serialize(array))
    report(f"{size} array, ProxyStore deserialize", lambda: deserialize(frame))
    report(f"{size} array, numpy.save", lambda: saved(array))
    report(f"{size} array, numpy.load", lambda: np.load(io.BytesIO(npy)))
    report(f"{size} array, pickle 5", lambda: pickle.dumps(array, protocol=5))
    report(f"{size} array, unpickle", lambda: pickle.loads(pickled))
    report(f"{size} array, pickle 5 out of band", lambda: out_of_band(array))
    report(f"{size} array, unpickle out of band", lambda: pickle.loads(apart, buffers=buffers))
    report(f"{size} array, dask serialize", lambda: dask_serialize(array))
    report(f"{size} array, dask deserialize", lambda: dask_deserialize(header, frames))


def tables(size, rows):
    random = np.random.default_rng(591)
    table = pl.DataFrame({f"column {i}": random.random(rows) for i in range(8)})
    frame = serialize(table)
    columns = table.to_arrow()
    file = arrow(columns)
    report(f"{size} table, ProxyStore serialize", lambda: serialize(table))
    report(f"{size} table, ProxyStore deserialize", lambda: deserialize(frame))
    report(f"{size} table, pyarrow IPC write", lambda: arrow(columns))
    report(f"{size} table, pyarrow IPC borrowed read", lambda: pa.ipc.open_file(file).read_all())


print("| call | median ns |\n|---|---:|")
arrays("1 KiB", (1 << 10) // 8)
arrays("100 MiB", (100 << 20) // 8)
tables("16-row", 16)
tables("100 MiB", (100 << 20) // 64)
