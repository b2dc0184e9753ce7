"""`serialize` and `deserialize`, and stock ProxyStore's on the other side."""

import collections
import dataclasses
import datetime
import pathlib
import pickle
import random
import subprocess
import sys
import tempfile
import unittest
import warnings

import layouts
import numpy as np
import polars as pl
import proxystore.serialize as stock
import ps_serialize
from polars.testing import assert_frame_equal
from proxystore.connectors.file import FileConnector
from proxystore.connectors.local import LocalConnector
from proxystore.serialize import SerializationError
from proxystore.store import Store

ARRAYS = {name: array for name, array in (layouts.NUMBERS | layouts.OTHERS).items() if isinstance(array, np.ndarray)}
#: Those that NumPy's format keeps.
PLAIN = {name: array for name, array in ARRAYS.items() if type(array) in (np.ndarray, np.memmap)}


@dataclasses.dataclass
class Point:
    x: int
    y: np.ndarray


class Arrays(unittest.TestCase):
    def assert_same(self, found, expected):
        self.assertIsNone(layouts.difference(found, np.asarray(expected)))

    def test_each_side_reads_arrays_of_every_layout_from_the_other(self):
        for name, array in PLAIN.items():
            with self.subTest(name):
                frame = ps_serialize.serialize(array)
                self.assertEqual(bytes(frame[:2]), b"NP")
                self.assert_same(stock.deserialize(frame), array)
                for copy in (False, True):
                    self.assert_same(ps_serialize.deserialize(frame, copy=copy), array)
                    self.assert_same(ps_serialize.deserialize(stock.serialize(array), copy=copy), array)

    def test_memory_order_is_kept(self):
        for array in (np.ones((2, 3)), np.ones((2, 3), order="F"), np.ones((2, 3, 4)).T):
            found = ps_serialize.deserialize(ps_serialize.serialize(array))
            self.assertEqual(found.strides, array.strides)
            self.assertEqual(ps_serialize.deserialize(ps_serialize.serialize(array), copy=True).strides, array.strides)

    def test_an_array_is_lent_from_the_frame(self):
        array = np.arange(1000.0)
        frame = ps_serialize.serialize(array)
        for frame in (frame, bytes(frame), bytearray(frame), memoryview(frame)):
            found = ps_serialize.deserialize(frame)
            self.assertTrue(np.shares_memory(found, np.frombuffer(frame, "u1")))
            self.assertFalse(found.flags.writeable)
            self.assertEqual(found.ctypes.data % 8, 0)
            owned = ps_serialize.deserialize(frame, copy=True)
            self.assertFalse(np.shares_memory(owned, np.frombuffer(frame, "u1")))
            owned[0] = 1
        # The elements of a frame of ProxyStore are not aligned.
        found = ps_serialize.deserialize(stock.serialize(array))
        self.assertTrue(found.flags.aligned)
        self.assert_same(found, array)

    def test_the_elements_of_a_frame_are_aligned(self):
        for name, array in PLAIN.items():
            with self.subTest(name):
                frame = ps_serialize.serialize(array)
                if not array.dtype.hasobject:
                    self.assertEqual((len(frame) - array.nbytes) % 64, 0)

    def test_a_file_is_read_through_a_map(self):
        array = np.arange(1000.0)
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "frame")
            path.write_bytes(ps_serialize.serialize(array))
            found = ps_serialize.deserialize(np.memmap(path, mode="r"))
            self.assert_same(np.asarray(found), array)
            del found

    def test_what_is_more_than_its_elements_is_pickled(self):
        import ml_dtypes

        masked = np.ma.array([1, 2, 3], mask=[0, 1, 0])
        found = ps_serialize.deserialize(ps_serialize.serialize(masked))
        self.assertIs(type(found), np.ma.MaskedArray)
        self.assertEqual(found.tolist(), [1, None, 3])
        short = np.arange(3).astype(ml_dtypes.bfloat16)
        self.assert_same(ps_serialize.deserialize(ps_serialize.serialize(short)), short)
        subclass = np.ones(2).view(layouts.Subclass)
        self.assertIs(type(stock.deserialize(ps_serialize.serialize(subclass))), layouts.Subclass)

    def test_arrays_that_lie_are_errors(self):
        frame = bytes(ps_serialize.serialize(np.arange(6.0).reshape(2, 3)))
        for change in (
            (b"(2, 3)", b"(2, 4)"),
            (b"(2, 3)", b"(2,-3)"),
            (b"(2, 3)", b"(2, x)"),
            (b"(2, 3)", b"9**9**"),
            (b"<f8", b"<f9"),
            (b"<f8", b"<f4"),
            (b"descr", b"descx"),
            (b"NUMPY\x01", b"NUMPY\x09"),
        ):
            changed = frame.replace(*change)
            self.assertNotEqual(changed, frame)
            with self.assertRaises(SerializationError, msg=change):
                ps_serialize.deserialize(changed)
        with self.assertRaises(SerializationError) as raised:
            ps_serialize.deserialize(frame + b"x")
        message = "an array of the shape (2, 3) and the dtype float64 has 48 bytes, not 49"
        self.assertIn(message, str(raised.exception))

    def test_tensors_of_torch_are_written_as_arrays(self):
        try:
            import torch
        except ImportError:
            self.skipTest("torch is not installed")
        tensor = torch.arange(6.0).reshape(2, 3).T
        frame = ps_serialize.serialize(tensor)
        self.assert_same(stock.deserialize(frame), tensor.numpy())
        for other in (
            torch.ones(2, requires_grad=True),
            torch.ones(2).bfloat16(),
            torch.ones(2).to_sparse(),
            torch.nn.Parameter(torch.ones(2)),
        ):
            self.assertIs(type(ps_serialize.deserialize(ps_serialize.serialize(other))), type(other))


class Tables(unittest.TestCase):
    def setUp(self):
        moment = datetime.datetime(2026, 11, 27, 12, tzinfo=datetime.timezone.utc)
        self.table = pl.DataFrame(
            {
                "integers": [1, None, 3],
                "small": pl.Series([1, 2, None], dtype=pl.Int8),
                "floats": [0.5, None, float("nan")],
                "text": ["a", None, "a text that does not fit into a view"],
                "bytes": [b"a", None, b""],
                "flags": [True, None, False],
                "dates": [moment.date(), None, moment.date()],
                "moments": [moment, None, moment],
                "naive": [moment.replace(tzinfo=None), None, None],
                "durations": [datetime.timedelta(1), None, datetime.timedelta(microseconds=1)],
                "times": [moment.time(), None, moment.time()],
                "lists": [[1], None, []],
                "structs": [{"a": 1, "b": "x"}, None, {"a": None, "b": None}],
                "categories": pl.Series(["u", None, "v"], dtype=pl.Categorical),
                "enums": pl.Series(["u", None, "v"], dtype=pl.Enum(["v", "u", "w"])),
                "decimals": pl.Series(["1.50", None, "-2"]).cast(pl.Decimal(10, 2)),
                "arrays": pl.Series([[1, 2], None, [3, 4]], dtype=pl.Array(pl.Int64, 2)),
                "nothing": [None, None, None],
                "wide integers": pl.Series([1 << 100, None, -1], dtype=pl.Int128),
                "half": pl.Series([0.5, None, -1], dtype=pl.Float16),
                "lists of categories": pl.Series([["u"], None, []], dtype=pl.List(pl.Categorical)),
            }
        )

    def test_each_side_reads_tables_of_the_other(self):
        tables = [self.table.select(name) for name in self.table.columns]
        for table in (self.table, self.table.drop("wide integers")):
            tables += [table, table[1:], table[:0], pl.concat([table, table], rechunk=False)]
        tables.append(pl.DataFrame())
        for table in tables:
            for write in (ps_serialize.serialize, stock.serialize):
                frame = write(table)
                self.assertEqual(bytes(frame[:2]), b"PL")
                for found in (
                    ps_serialize.deserialize(frame),
                    ps_serialize.deserialize(frame, copy=True),
                    stock.deserialize(frame),
                ):
                    self.assertEqual(found.schema, table.schema)
                    assert_frame_equal(found, table)

    def test_a_table_is_lent_from_the_frame(self):
        table = pl.DataFrame({"x": np.arange(1000.0)})
        frame = ps_serialize.serialize(table)
        found = ps_serialize.deserialize(frame)["x"].to_numpy()
        self.assertTrue(np.shares_memory(found, np.frombuffer(frame, "u1")))
        copied = ps_serialize.deserialize(frame, copy=True)["x"].to_numpy()
        self.assertFalse(np.shares_memory(copied, np.frombuffer(frame, "u1")))

    def test_tables_are_written_without_pyarrow(self):
        program = """
import sys
sys.modules["pyarrow"] = None
import polars as pl, ps_serialize
table = pl.DataFrame({"x": [1, None], "s": ["a", None]})
assert ps_serialize.deserialize(ps_serialize.serialize(table)).equals(table)
"""
        path = str(pathlib.Path(ps_serialize.__file__).parents[1])
        subprocess.run([sys.executable, "-c", program], cwd=path, check=True)


class Values(unittest.TestCase):
    def test_other_objects_are_written_as_proxystore_writes_them(self):
        for value in (
            b"",
            b"bytes\n",
            "",
            "größe",
            None,
            {"a": [1, 2.5, {"b"}]},
            collections.OrderedDict(a=1),
            np.float32(1.5),
            datetime.date(2026, 11, 27),
            ps_serialize.tensors,
        ):
            frame = ps_serialize.serialize(value)
            self.assertEqual(frame, stock.serialize(value))
            self.assertEqual(ps_serialize.deserialize(frame), value)
        self.assertEqual(ps_serialize.deserialize(ps_serialize.serialize(lambda: 7))(), 7)
        point = ps_serialize.deserialize(ps_serialize.serialize(Point(1, np.ones(3))))
        self.assertEqual((point.x, point.y.tolist()), (1, [1.0, 1.0, 1.0]))

    def test_large_buffers_in_pickles_are_copied_once_and_aligned(self):
        array = np.arange(10_000.0)
        frozen = array.copy()
        frozen.flags.writeable = False
        for value in (
            {"a": array, "b": [array, array[::2], frozen, array.reshape(100, 100).T], "text": "größe"},
            Point(1, array),
            [Point(i, np.full(5000 + i, i)) for i in range(70)],
            [bytearray(100_000), b"x" * 100_000, array, np.arange(3)],
            {"many": list(range(100_000)), "array": array},
            # Bytes that look like opcodes: of a frame, and of what asks for a buffer.
            [np.zeros(0x9797), 0x95959595, 0x97989797, array, frozen],
            [frozen, "\x97\x98\x95", frozen, b"\x97" * 40_000],
        ):
            frame = ps_serialize.serialize(value)
            plain = stock.serialize(value)
            self.assertEqual(bytes(frame[:3]), b"PK\n")
            for read in (ps_serialize.deserialize, stock.deserialize):
                found = read(frame)
                self.assertEqual(pickle.dumps(found), pickle.dumps(stock.deserialize(plain)))
        found = stock.deserialize(ps_serialize.serialize([array, array, frozen]))
        self.assertIs(found[0], found[1])
        self.assertEqual([array.flags.writeable for array in found], [True, True, False])
        frame = bytes(ps_serialize.serialize({"a": [array, frozen]}))
        first = frame.index(array.tobytes())
        second = frame.index(frozen.tobytes(), first + 1)
        self.assertEqual((first % 64, second % 64), (0, 0))

    def test_tables_of_pandas_are_read_by_both(self):
        try:
            import pandas as pd
        except ImportError:
            self.skipTest("pandas is not installed")
        table = pd.DataFrame({"x": [1, 2], "s": ["a", None]}, index=["p", "q"])
        large = pd.DataFrame({"x": np.arange(10_000.0), "s": ["a", None] * 5_000, "c": pd.Categorical(["u", "v"] * 5_000)})
        for table in (table, large, large[::2], large.set_index("s"), large[:0]):
            frame = ps_serialize.serialize(table)
            self.assertEqual(bytes(frame[:3]), b"PD\n")
            pd.testing.assert_frame_equal(ps_serialize.deserialize(frame), table)
            pd.testing.assert_frame_equal(stock.deserialize(frame), table)

    def test_frames_of_the_other_functions_need_no_registration(self):
        array = np.arange(6.0)
        frame = ps_serialize.tensors({"x": array})
        self.assertEqual(ps_serialize.deserialize(frame)["x"].tolist(), array.tolist())
        for codec in ("lz4", "zstd"):
            write = ps_serialize.compressed(codec, serializer=ps_serialize.serialize)
            frame = write(np.zeros(1000))
            self.assertEqual(ps_serialize.deserialize(frame).tolist(), [0.0] * 1000)

    def test_a_reader_of_ones_own(self):
        ps_serialize.register_reader(b"r5", lambda payload: int.from_bytes(payload, "little"))
        self.assertEqual(ps_serialize.deserialize(b"r5\n\x07\x01"), 263)
        with self.assertRaises(SerializationError) as raised:
            ps_serialize.register_reader(b"r6", lambda payload: payload[9])
            ps_serialize.deserialize(b"r6\n")
        self.assertIsInstance(raised.exception.__cause__, IndexError)
        for identifier in (b"r5", b"NP", b"PK", b"LZ", b"ST", b"", b" 7", b"7\n", b"7" * 33):
            with self.assertRaises(ValueError, msg=identifier):
                ps_serialize.register_reader(identifier, print)
        with self.assertRaises(SerializationError):
            ps_serialize.deserialize(b"unknown\n")

    def test_what_is_no_frame_is_an_error(self):
        for value in ("text", 7, None, [1], b"", b"\n", b"x" * 65, np.ones((2, 3))[:, ::2]):
            with self.assertRaises((ValueError, SerializationError)):
                ps_serialize.deserialize(value)
        with self.assertRaises(SerializationError):
            ps_serialize.serialize("\udc80")
        with self.assertRaises(SerializationError):
            ps_serialize.deserialize(b"US\n\xff")

    def test_truncated_and_changed_frames_are_values_or_errors(self):
        chance = random.Random(7)
        table = pl.DataFrame({"x": [1, None, 3], "s": ["a", None, "b" * 20], "l": [[1], None, []]})
        for value in (np.arange(20).reshape(4, 5), np.array(["a", "bc"]), table, "größe", {"x": np.arange(3)}):
            for frame in (bytes(ps_serialize.serialize(value)), stock.serialize(value)):
                if frame[:2] == b"PK":
                    continue
                for length in range(len(frame)):
                    _read(frame[:length])
                for _ in range(3000):
                    changed = bytearray(frame)
                    for _ in range(chance.randint(1, 3)):
                        changed[chance.randrange(len(changed))] = chance.randrange(256)
                    _read(changed)

    def test_through_a_store(self):
        values = [np.arange(1000.0), pl.DataFrame({"x": [1, 2]}), "text", b"bytes", {"a": 1}]
        with tempfile.TemporaryDirectory() as folder:
            for connector in (LocalConnector(), FileConnector(folder)):
                with Store(
                    type(connector).__name__,
                    connector,
                    serializer=ps_serialize.serialize,
                    deserializer=ps_serialize.deserialize,
                    cache_size=0,
                ) as store:
                    for value in values:
                        found = store.get(store.put(value))
                        proxied = store.proxy(value)
                        if isinstance(value, pl.DataFrame):
                            assert_frame_equal(found, value)
                        elif isinstance(value, np.ndarray):
                            np.testing.assert_array_equal(found, value)
                            np.testing.assert_array_equal(proxied, value)
                        else:
                            self.assertEqual(found, value)
                            self.assertEqual(proxied, value)

    def test_the_package_has_its_version_and_its_licences(self):
        folder = pathlib.Path(__file__).parents[1]
        self.assertRegex(ps_serialize.__version__, r"^\d+\.\d+\.\d+$")
        cargo = (folder.parent / "Cargo.toml").read_text()
        self.assertIn(f'version = "{ps_serialize.__version__}"', cargo)
        for name in ("LICENSE-MIT", "LICENSE-APACHE"):
            self.assertEqual((folder / name).read_text(), (folder.parent / name).read_text())


def _read(frame):
    try:
        with warnings.catch_warnings():
            # NumPy evaluates headers, which can have escapes now.
            warnings.simplefilter("ignore")
            value = ps_serialize.deserialize(frame)
    except (ValueError, SerializationError):
        return
    # What is read can be used.
    if isinstance(value, np.ndarray):
        value.tobytes()
    elif isinstance(value, pl.DataFrame):
        value.hash_rows()


if __name__ == "__main__":
    unittest.main()
