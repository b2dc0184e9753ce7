"""What Python takes for the values of `arrays`, `tables` and `compression`: medians, in nanoseconds a call.

python3 -m venv peers && peers/bin/pip install proxystore numpy polars pyarrow distributed lz4 zstandard blosc2
peers/bin/python benches/peers.py
"""

import io
import pathlib
import pickle
import statistics
import time

import blosc2
import numpy as np
import polars as pl
import pyarrow as pa
from distributed.protocol import deserialize as dask_deserialize
from distributed.protocol import serialize as dask_serialize
from distributed.protocol.compression import compressions, maybe_compress
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


def compression(size):
    """Of the same kinds of values as the Rust benchmark; blosc2 shuffles, dask does not."""
    random = np.random.default_rng(591)
    elements = size // 8
    lines = (pathlib.Path(__file__).parent / "compression.rs").read_text().splitlines(keepends=True)
    picked = random.integers(0, len(lines), size // 25)
    rows = size // 40
    words = ["Bern", "Quito", "Kathmandu", "La Paz", "Thimphu"]
    values = {
        "random bytes": (random.bytes(size), 1),
        "random f64": (random.random(elements).tobytes(), 8),
        "smooth f64": ((np.sin(np.arange(elements) / 1e4) * 100.0).tobytes(), 8),
        "f64 of integers": (random.integers(0, 256, elements).astype(float).tobytes(), 8),
        "ramp of i64": (np.arange(elements).tobytes(), 8),
        "text": ("".join(lines[i] for i in picked)[:size].encode(), 1),
        "mixed table": (
            serialize(
                pl.DataFrame(
                    {
                        "number": random.random(rows),
                        "name": [words[i] for i in random.integers(0, 5, rows)],
                        "row": np.arange(rows),
                    }
                )
            ),
            8,
        ),
    }
    print("| value | compressor | size over the value's | write, median ns | read, median ns |\n|---|---|---:|---:|---:|")
    for name, (value, width) in values.items():
        for codec in ("lz4", "zstd"):
            _, small = maybe_compress(value, compression=codec)
            asked = compressions[codec]
            squeezed = asked.compress(value)
            size_over = len(small) / len(value)
            write = median(lambda: maybe_compress(value, compression=codec))
            read = median(lambda: asked.decompress(squeezed)) if len(small) < len(value) else 0
            print(f"| {name} | dask, {codec} | {size_over:.4f} | {write:,.0f} | {read:,.0f} |", flush=True)
        for codec, filters in (("LZ4", "SHUFFLE"), ("LZ4", "NOFILTER"), ("ZSTD", "SHUFFLE"), ("ZSTD", "NOFILTER")):
            options = {
                "codec": blosc2.Codec[codec],
                "filters": [blosc2.Filter[filters]],
                "filters_meta": [0],
                "typesize": width,
                "clevel": 3 if codec == "ZSTD" else 1,
            }
            squeezed = blosc2.compress2(value, **options)
            write = median(lambda: blosc2.compress2(value, **options))
            read = median(lambda: blosc2.decompress2(squeezed))
            how = "shuffled" if filters == "SHUFFLE" else "not shuffled"
            print(
                f"| {name} | blosc2, {codec.lower()}, {how} | {len(squeezed) / len(value):.4f} | {write:,.0f} | {read:,.0f} |",
                flush=True,
            )


print("| call | median ns |\n|---|---:|")
arrays("1 KiB", (1 << 10) // 8)
arrays("100 MiB", (100 << 20) // 8)
tables("16-row", 16)
tables("100 MiB", (100 << 20) // 64)
print()
compression(100 << 20)
