"""Reads mutated frames until it has read so many: ``mutate.py COUNT KIND…``. A test runs it in a process of its own, which may die.

It prints each number before it reads that frame, and at the end how many were read, and how many were refused.
"""

import io
import pathlib
import random
import sys
import warnings

COUNT, KINDS = int(sys.argv[1]), sys.argv[2:]
if "PL without pyarrow" in KINDS:
    sys.modules["pyarrow"] = None

import numpy as np  # noqa: E402
import polars as pl  # noqa: E402
import proxystore.serialize as stock  # noqa: E402
import ps_serialize  # noqa: E402
import random_values  # noqa: E402
from proxystore.serialize import SerializationError  # noqa: E402

#: Numbers that lengths and offsets are likely to be believed with.
NUMBERS = (0, 1, 2, 8, 0x7F, 0xFFFF, (1 << 31) - 1, (1 << 32) - 1, 1 << 40, 1 << 62, (1 << 63) - 1, (1 << 64) - 1)


def tables():
    table = pl.DataFrame(
        {
            "number": [1, None, 3],
            "text": ["a", None, "b" * 20],
            "list": [[1], None, []],
            "wide": pl.Series([1 << 100, None, -1], dtype=pl.Int128),
            "category": pl.Series(["u", None, "v"], dtype=pl.Categorical),
            "enum": pl.Series(["u", None, "v"], dtype=pl.Enum(["v", "u", "w"])),
            "struct": [{"a": 1, "b": "x"}, None, {"a": None, "b": None}],
            "array": pl.Series([[1, 2], None, [3, 4]], dtype=pl.Array(pl.Int64, 2)),
            "bytes": [b"a", None, b"cc" * 10],
            "flag": [True, None, False],
            "decimal": pl.Series(["1.50", None, "-2"]).cast(pl.Decimal(10, 2)),
            "nothing": [None] * 3,
        }
    )
    for one in (table, table.drop("wide"), table.select("number", "text", "list"), table.select("wide")):
        yield from (ps_serialize.serialize(one), stock.serialize(one))
    for codec in ("lz4", "zstd"):
        file = io.BytesIO()
        table.write_ipc(file, compression=codec)
        yield b"PL\n" + file.getvalue()


def frames(kind):
    array = np.arange(20).reshape(4, 5)
    if kind.startswith("PL"):
        yield from tables()
    elif kind == "NP":
        for value in (array, array[:, ::2].astype("f4"), np.array(["a", "bc"]), np.zeros(3, [("x", "i4"), ("y", "f8", 2)])):
            yield from (ps_serialize.serialize(value), stock.serialize(value))
    elif kind == "US":
        yield ps_serialize.serialize("größe\n" * 10)
    elif kind == "ST":
        yield ps_serialize.tensors({"x": array, "y": array > 3, "z": array.astype("f2")}, {"format": "np"})
    elif kind in ("LZ", "ZS"):
        write = ps_serialize.compressed("lz4" if kind == "LZ" else "zstd", shuffle=8, serializer=ps_serialize.serialize)
        yield from (write(np.zeros(1000)), write("text " * 500), write(np.arange(70_000)))
    elif kind == "records":
        here = pathlib.Path(__file__).parent
        ps_serialize.load(here / "golden.lock")
        golden = here.parents[1] / "tests" / "golden" / "0.1"
        for name in ("collections", "enum", "scalars", "alias", "wincode", "messagepack"):
            yield (golden / f"record-{name}.frame").read_bytes()
        for name in ("struct", "enum", "arrays", "wincode"):
            yield (golden / f"frames-{name}.frame").read_bytes()
    elif kind == "locks":
        here = pathlib.Path(__file__).parent
        for lock in (here / "golden.lock", here.parents[1] / "tests" / "lock" / "ps-serialize.lock"):
            values = random_values.Values(lock, random.Random(7))
            for identifier in values.records:
                for _ in range(5):
                    frame = bytes(ps_serialize.serialize(values.record(identifier)))
                    # What is written is read as the same, and what has no bytes can't be mutated.
                    assert ps_serialize.serialize(ps_serialize.deserialize(frame)) == frame
                    if not frame.endswith(b"\n"):
                        yield frame
    else:
        import torch

        yield ps_serialize.checkpoint({"x": torch.ones(3), "y": [1, "a"]})


def mutated(frame, chance):
    start = frame.index(b"\n") + 1
    if chance.random() < 0.1:
        return frame[: chance.randrange(start, len(frame))]
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(start, len(frame))
        if chance.random() < 0.5:
            frame[place] = chance.choice((0, 1, 2, 4, 8, 0x7F, 0x80, 0xFF, chance.randrange(256)))
        else:
            size = chance.choice((4, 8))
            place = max(start, place // 4 * 4)
            if place + size <= len(frame):
                number = chance.choice((*NUMBERS, len(frame), chance.randrange(1 << 16)))
                frame[place : place + size] = (number % (1 << 8 * size)).to_bytes(size, "little")
    return frame


def main():
    # NumPy evaluates headers, which can have escapes now; polars prints where it panics.
    warnings.simplefilter("ignore")
    originals = [bytearray(frame) for kind in KINDS for frame in frames(kind)]
    is_record = KINDS[0] in ("records", "locks")
    read = refused = 0
    for number in range(COUNT):
        print(number)
        chance = random.Random(number)
        frame = mutated(bytearray(chance.choice(originals)), chance)
        try:
            value = ps_serialize.deserialize(frame)
        except SerializationError as error:
            if not str(error.__cause__ if is_record else error):
                raise
            refused += 1
            continue
        except ValueError:
            # The identifier of a record is not mutated, so its errors are of one kind.
            if is_record:
                raise
            refused += 1
            continue
        read += 1
        # What is read can be used.
        if isinstance(value, np.ndarray):
            value.tobytes()
        elif isinstance(value, pl.DataFrame):
            value.hash_rows()
    print(f"{read} read, {refused} refused")


main()
