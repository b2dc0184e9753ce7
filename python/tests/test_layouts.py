"""Arrays of every layout through every function of the module."""

import json
import os
import subprocess
import sys
import unittest

import layouts
import numpy as np
import ps_serialize
import safetensors.numpy
from proxystore.serialize import deserialize, serialize

ps_serialize.register()


class Layouts(unittest.TestCase):
    def assert_same(self, found, expected):
        self.assertIsNone(layouts.difference(found, expected))

    def test_tensors_have_the_values_of_arrays_of_every_layout(self):
        for name, array in layouts.NUMBERS.items():
            with self.subTest(name):
                expected = layouts.plain(array)
                frame = ps_serialize.tensors({name: array})
                self.assertEqual(list(deserialize(frame)), [name])
                self.assert_same(deserialize(frame)[name], expected)
                self.assert_same(safetensors.numpy.load(frame[64:])[name], expected)
                self.assertEqual(frame, ps_serialize.tensors({name: expected}))

    def test_tensors_of_all_layouts_go_into_one_frame(self):
        frame = ps_serialize.tensors(layouts.NUMBERS)
        found = deserialize(frame)
        self.assertEqual(found.keys(), layouts.NUMBERS.keys())
        for name, array in layouts.NUMBERS.items():
            with self.subTest(name):
                self.assert_same(found[name], layouts.plain(array))
                self.assertTrue(found[name].flags.writeable)

    def test_tensors_refuses_arrays_of_dtypes_that_safetensors_lacks(self):
        for name, array in layouts.OTHERS.items():
            with self.subTest(name):
                with self.assertRaises(TypeError) as raised:
                    ps_serialize.tensors({"fine": np.ones(3), name: array})
                message = str(raised.exception)
                self.assertIn(f"the tensor {name!r} is of the dtype {array.dtype}, which safetensors lacks: ", message)
                self.assertRegex(message, "lacks: (give|send) ")

    def test_compressed_frames_have_the_values_of_arrays_of_every_layout(self):
        for codec in ("lz4", "zstd"):
            for shuffle in (0, 4, 8):
                write = ps_serialize.compressed(codec, shuffle=shuffle)
                for name, array in (layouts.NUMBERS | layouts.OTHERS).items():
                    with self.subTest(name):
                        frame = write(array)
                        # ProxyStore pickles scalars, and has arrays of a subclass as plain ones.
                        if isinstance(array, np.generic):
                            self.assertEqual(deserialize(frame), array)
                            self.assertIs(type(deserialize(frame)), type(array))
                            continue
                        expected = np.asarray(array)
                        if array.dtype.names:
                            expected = expected.view(np.dtype(array.dtype.descr))
                        self.assert_same(deserialize(frame), expected)
                        plain = ps_serialize.decompress(frame)
                        self.assertEqual(plain, serialize(array))

    def test_compressed_frames_of_tensors_have_the_values_of_arrays_of_every_layout(self):
        for codec in ("lz4", "zstd"):
            write = ps_serialize.compressed(codec, shuffle=4, serializer=ps_serialize.tensors)
            frame = write(layouts.NUMBERS)
            self.assertIn(frame[:3], (b"LZ\n", b"ZS\n"))
            found = deserialize(frame)
            for name, array in layouts.NUMBERS.items():
                with self.subTest(name):
                    self.assert_same(found[name], layouts.plain(array))

    def test_large_arrays_that_are_not_contiguous_are_written(self):
        """Runs in its own process, because a read beyond an array of this size crashes it."""
        program = """
import numpy as np, ps_serialize
from proxystore.serialize import deserialize
ps_serialize.register()
large = np.arange(12_960_000, dtype="i8").reshape(3600, 3600)
for array in (large[:, ::2], large.T, large[::-1], large[::-2, ::-1], np.broadcast_to(large[0], (2500, 3600))):
    found = deserialize(ps_serialize.tensors({"x": array}))["x"]
    assert found.shape == array.shape and np.array_equal(found, array)
row = deserialize(ps_serialize.compressed("zstd", level=1, shuffle=8)(large[::-1, ::50]))
assert np.array_equal(row, large[::-1, ::50])
"""
        path = os.pathsep.join(sys.path)
        subprocess.run([sys.executable, "-c", program], env=os.environ | {"PYTHONPATH": path}, check=True)

    def test_the_elements_are_aligned(self):
        frame = ps_serialize.tensors(layouts.NUMBERS)
        self.assertEqual(frame[:64], b"ST".ljust(63) + b"\n")
        header = int.from_bytes(frame[64:72], "little")
        start = 72 + header
        self.assertEqual(start % 64, 0)
        for name, tensor in json.loads(frame[72:start]).items():
            first, end = tensor["data_offsets"]
            self.assertEqual((start + first) % layouts.NUMBERS[name].dtype.itemsize, 0)
            self.assertEqual(end - first, layouts.NUMBERS[name].nbytes)


if __name__ == "__main__":
    unittest.main()
