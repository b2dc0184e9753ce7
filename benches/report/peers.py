"""Times what Python makes of a value, for the report that starts this program: a line of JSON for each question and answer.

{"load": kind, "frame": path}      the contenders for that value: [[name, direction, bytes or null], ...]
{"time": number, "calls": calls}   nanoseconds that so many calls of a contender took
{"write": path}                    null, when the frame that ProxyStore makes of that value is there
"""

import gc
import importlib.metadata
import importlib.util
import io
import json
import pathlib
import pickle
import platform
import sys
import time

import blosc2
import numpy as np
import polars as pl
import pyarrow as pa
import safetensors.numpy
from distributed.protocol import deserialize as dask_deserialize
from distributed.protocol import serialize as dask_serialize
from distributed.protocol.compression import compressions, maybe_compress
from proxystore.serialize import deserialize, serialize

sys.path.append(str(pathlib.Path(__file__).parents[2] / "python"))
import ps_serialize  # noqa: E402

try:
    import safetensors.torch
    import torch
except ImportError:
    torch = None

PACKAGES = [
    "proxystore",
    "numpy",
    "pandas",
    "polars",
    "pyarrow",
    "distributed",
    "safetensors",
    "lz4",
    "zstandard",
    "blosc2",
]


def proxystore_before():
    """The serializer that ProxyStore had before it knew arrays and tables: one file without imports of its own."""
    path = pathlib.Path(sys.argv[1]) / "proxystore" / "serialize.py"
    spec = importlib.util.spec_from_file_location("proxystore_before", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


before = proxystore_before()


class Contenders(list):
    frame: bytes

    def write(self, name, call, encoded=None):
        self.append((name, "write", encoded, call))

    def read(self, name, call, encoded=None):
        self.append((name, "read", encoded, call))

    def proxystore(self, value):
        frame, older = serialize(value), before.serialize(value)
        self.frame = frame
        self.write("ProxyStore 1.1", lambda: serialize(value), len(frame))
        self.write("ProxyStore 0.6", lambda: before.serialize(value), len(older))
        self.read("ProxyStore 1.1", lambda: deserialize(frame), len(frame))
        self.read("ProxyStore 0.6", lambda: before.deserialize(older), len(older))

        ours = ps_serialize.serialize(value)
        self.write("ps_serialize in Python", lambda: ps_serialize.serialize(value), len(ours))
        self.read("ps_serialize in Python", lambda: ps_serialize.deserialize(ours), len(ours))

    def pickle5(self, value):
        pickled = pickle.dumps(value, protocol=5)
        self.write("pickle 5", lambda: pickle.dumps(value, protocol=5), len(pickled))
        self.read("pickle 5", lambda: pickle.loads(pickled), len(pickled))

    def out_of_band(self, value):
        def dump():
            buffers = []
            return pickle.dumps(value, protocol=5, buffer_callback=buffers.append), buffers

        apart, buffers = dump()
        self.write("pickle 5, out of band", dump)
        self.read("pickle 5, out of band", lambda: pickle.loads(apart, buffers=buffers))

    def dask(self, value):
        header, frames = dask_serialize(value)
        self.write("dask", lambda: dask_serialize(value))
        self.read("dask", lambda: dask_deserialize(header, frames))

    def json(self, value):
        text = json.dumps(value)
        self.write("json", lambda: json.dumps(value), len(text))
        self.read("json", lambda: json.loads(text), len(text))


def plain(found, value):
    found.proxystore(value)
    found.pickle5(value)


def floats(found, array):
    value = array.tolist()
    plain(found, value)
    found.json(value)


def records(found, value):
    plain(found, value)
    found.json(value)


def records_with_arrays(found, array):
    image = array.tobytes()
    value = {"id": 5, "time": 1.5, "gain": 0.25, "exposure": 20, "valid": True, "samples": array, "image": image}
    plain(found, value)
    # `bytes` are always in band, unless they are wrapped.
    found.out_of_band(value | {"image": pickle.PickleBuffer(image)})
    found.dask(value)


def python_objects(found, frame):
    """An instance of a class that this program imports, as Rust has written it."""
    instance = deserialize(frame)
    plain(found, instance)
    found.out_of_band(instance)
    payload = frame[frame.index(b"\n") + 1 :]
    found.read("Python, frame of Rust", lambda: pickle.loads(payload), len(frame))


def arrays(found, array):
    def saved():
        buffer = io.BytesIO()
        np.save(buffer, array)
        return buffer.getvalue()

    npy, touched = saved(), np.ones_like(array)
    found.write("NumPy copy into touched memory", lambda: np.copyto(touched, array))
    found.proxystore(array)
    found.write("numpy.save", saved, len(npy))
    found.read("numpy.load", lambda: np.load(io.BytesIO(npy)), len(npy))
    found.pickle5(array)
    found.out_of_band(array)
    found.dask(array)


def tables(found, table):
    def write():
        sink = pa.BufferOutputStream()
        with pa.ipc.new_file(sink, columns.schema) as writer:
            writer.write_table(columns)
        return sink.getvalue()

    columns = table.to_arrow()
    file = write()
    found.proxystore(table)
    found.write("pyarrow", write, file.size)
    found.read("pyarrow, borrowed", lambda: pa.ipc.open_file(file).read_all(), file.size)
    found.pickle5(table)


def pandas_tables(found, frame):
    """A table that Rust has written."""
    # A copy has equal columns in one block, as most tables have.
    table = deserialize(frame).copy()
    found.proxystore(table)
    found.read("ProxyStore 1.1, frame of Rust", lambda: deserialize(frame), len(frame))
    found.read("ps_serialize in Python, frame of Rust", lambda: ps_serialize.deserialize(frame), len(frame))


def pandas_texts(found, frame):
    pandas_tables(found, frame)
    # pandas before 3 and pandas without pyarrow have no other way.
    objects = deserialize(frame).astype(object)
    own = serialize(objects)
    found.write("ProxyStore 1.1, Python's objects", lambda: serialize(objects), len(own))
    found.read("ProxyStore 1.1, Python's objects", lambda: deserialize(own), len(own))


def tensors(found, arrays):
    file = safetensors.numpy.save(arrays)
    found.proxystore(arrays)
    found.write("safetensors.numpy", lambda: safetensors.numpy.save(arrays), len(file))
    found.read("safetensors.numpy", lambda: safetensors.numpy.load(file), len(file))
    found.out_of_band(arrays)
    if torch is None:
        return

    def save():
        buffer = io.BytesIO()
        torch.save(model, buffer)
        return buffer.getvalue()

    model = {name: torch.from_numpy(array.view(np.int16)).view(torch.bfloat16) for name, array in arrays.items()}
    saved = save()
    found.write("torch.save", save, len(saved))
    found.read("torch.load", lambda: torch.load(io.BytesIO(saved), weights_only=True), len(saved))
    found.write("safetensors.torch", lambda: safetensors.torch.save(model), len(file))
    found.read("safetensors.torch", lambda: safetensors.torch.load(file), len(file))


def compression(found, frame):
    """dask does not shuffle; it leaves what does not shrink, and then there is nothing to read."""
    identifier, _, value = frame.partition(b"\n")
    width = 1 if identifier.strip() in (b"BS", b"US") else 8
    for codec in ("lz4", "zstd"):
        _, small = maybe_compress(value, compression=codec)
        found.write(f"dask, {codec}", lambda codec=codec: maybe_compress(value, compression=codec), len(small))
        if len(small) < len(value):
            squeezed = compressions[codec].compress(value)
            read = compressions[codec].decompress
            found.read(f"dask, {codec}", lambda read=read, squeezed=squeezed: read(squeezed), len(small))
    for codec, level in (("LZ4", 1), ("ZSTD", 3)):
        for filters, how in (("SHUFFLE", "shuffled"), ("NOFILTER", "not shuffled")):
            options = {
                "codec": blosc2.Codec[codec],
                "filters": [blosc2.Filter[filters]],
                "filters_meta": [0],
                "typesize": width,
                "clevel": level,
            }
            squeezed = blosc2.compress2(value, **options)
            name = f"blosc2, {codec.lower()}, {how}"
            found.write(name, lambda options=options: blosc2.compress2(value, **options), len(squeezed))
            found.read(name, lambda squeezed=squeezed: blosc2.decompress2(squeezed), len(squeezed))


def as_u16(file):
    """The tensors of a safetensors file of bf16, which NumPy does not have."""
    length = int.from_bytes(file[:8], "little")
    header = json.loads(file[8 : 8 + length])
    data = 8 + length
    found = {}
    for name, tensor in header.items():
        start, end = tensor["data_offsets"]
        found[name] = np.frombuffer(file[data + start : data + end], np.uint16).reshape(tensor["shape"])
    return found


MEASURES = {
    "bytes": plain,
    "text": plain,
    "floats": floats,
    "records": records,
    "records-with-arrays": records_with_arrays,
    "arrays": arrays,
}

# What Rust has written is of interest itself.
OF_FRAMES = {
    "python-objects": python_objects,
    "pandas": pandas_tables,
    "pandas-texts": pandas_texts,
    "compression": compression,
}


def load(kind, path):
    frame = pathlib.Path(path).read_bytes()
    found = Contenders()
    if kind in OF_FRAMES:
        OF_FRAMES[kind](found, frame)
    elif kind == "tensors":
        tensors(found, as_u16(frame[frame.index(b"\n") + 1 :]))
    else:
        MEASURES.get(kind, tables)(found, deserialize(frame))
    return found


def main():
    versions = {name: importlib.metadata.version(name) for name in PACKAGES}
    versions["python"] = platform.python_version()
    versions["torch"] = torch.__version__ if torch else "not importable"
    print(json.dumps(versions), flush=True)
    found = []
    for line in sys.stdin:
        question = json.loads(line)
        if "load" in question:
            found.clear()
            gc.collect()
            found = load(question["load"], question["frame"])
            answer = [contender[:3] for contender in found]
        elif "write" in question:
            pathlib.Path(question["write"]).write_bytes(found.frame)
            answer = None
        else:
            call = found[question["time"]][3]
            gc.disable()
            start = time.perf_counter_ns()
            for _ in range(question["calls"]):
                call()
            answer = time.perf_counter_ns() - start
            gc.enable()
        print(json.dumps(answer), flush=True)


main()
