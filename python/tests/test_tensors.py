"""What `tensors` takes besides arrays, and what it refuses with messages of its own."""

import collections
import enum
import os
import subprocess
import sys
import unittest

import ml_dtypes
import numpy as np
import ps_serialize
import safetensors
from proxystore.serialize import SerializationError, deserialize

ps_serialize.register()

WEIGHT = np.arange(6.0).reshape(2, 3)


class Tensors(unittest.TestCase):
    def assert_refused(self, error, message, *arguments):
        with self.assertRaises(error) as raised:
            ps_serialize.tensors(*arguments)
        self.assertEqual(str(raised.exception), message)

    def test_any_mapping_of_names_is_taken(self):
        class Name(str, enum.Enum):
            WEIGHT = "weight"

        expected = ps_serialize.tensors({"weight": WEIGHT})
        for mapping in (
            collections.OrderedDict(weight=WEIGHT),
            collections.ChainMap({}, {"weight": WEIGHT}),
            {np.str_("weight"): WEIGHT},
            {Name.WEIGHT: WEIGHT},
        ):
            self.assertEqual(ps_serialize.tensors(mapping), expected)
        self.assertEqual(deserialize(ps_serialize.tensors({})), {})
        names = ["größe\n", "", "\0\x1f\x7f", '"\\', "世界 🌍", "a" * 100_000]
        self.assertEqual(deserialize(ps_serialize.tensors(dict.fromkeys(names, WEIGHT))).keys(), set(names))

    def test_what_is_no_mapping_of_names_is_refused(self):
        start = "the tensors must be a mapping of names to arrays, but are of type "
        self.assert_refused(TypeError, start + "numpy.ndarray", WEIGHT)
        self.assert_refused(TypeError, start + "list", [("weight", WEIGHT)])
        self.assert_refused(TypeError, start + "NoneType", None)
        self.assert_refused(TypeError, start + "str", "weight")
        start = "the name of a tensor must be text, but "
        self.assert_refused(TypeError, start + "0 is of type int", {0: WEIGHT})
        self.assert_refused(TypeError, start + "b'weight' is of type bytes", {b"weight": WEIGHT})
        self.assert_refused(TypeError, start + "('a', 0) is of type tuple", {"fine": WEIGHT, ("a", 0): WEIGHT})
        self.assert_refused(TypeError, start + "None is of type NoneType", {None: WEIGHT})
        message = "a tensor can't be called '__metadata__', which is the name of the metadata"
        self.assert_refused(ValueError, message, {"__metadata__": WEIGHT})
        message = "the name of a tensor can't be written as UTF-8: 'a\\udc80'"
        self.assert_refused(ValueError, message, {"a\udc80": WEIGHT})

    def test_what_is_no_array_is_refused(self):
        for value, kind in (
            ([1, 2], "list"),
            ((1.5,), "tuple"),
            (1, "int"),
            (1.5, "float"),
            (True, "bool"),
            (None, "NoneType"),
            (b"bytes", "bytes"),
            (memoryview(b"bytes"), "memoryview"),
            (range(3), "range"),
        ):
            message = (
                f"the tensor 'x' is of type {kind}, where a NumPy array or a PyTorch tensor is expected: "
                "give `numpy.asarray(value, dtype=…)`, with the dtype that it is to have"
            )
            self.assert_refused(TypeError, message, {"fine": WEIGHT, "x": value})
        message = (
            "the tensor 'layer' is of type dict, where a NumPy array or a PyTorch tensor is expected: "
            "give each array in it a name of its own"
        )
        self.assert_refused(TypeError, message, {"layer": {"weight": WEIGHT}})

    def test_masked_arrays_are_refused(self):
        message = (
            "the tensor 'x' is a masked array, whose mask would be lost: give its `.filled(value)`, and its mask, "
            "`numpy.ma.getmaskarray(array)`, under another name"
        )
        masked = np.ma.array(WEIGHT, mask=WEIGHT > 3)
        for value in (masked, masked.T, masked[0, 0:1], np.ma.array([1, 2]), np.ma.masked):
            self.assert_refused(TypeError, message, {"x": value})
        found = deserialize(ps_serialize.tensors({"x": masked.filled(-1), "mask": np.ma.getmaskarray(masked)}))
        np.testing.assert_array_equal(found["x"], [[0, 1, 2], [3, -1, -1]])
        np.testing.assert_array_equal(found["mask"], [[0, 0, 0], [0, 1, 1]])

    def test_metadata_is_text_by_name(self):
        frame = ps_serialize.tensors({"weight": WEIGHT}, {"format": "pt", "größe": '"\n', "": ""})
        self.assertIn('{"__metadata__":{"":"","format":"pt","größe":"\\"\\n"},"weight"'.encode(), frame)
        np.testing.assert_array_equal(deserialize(frame)["weight"], WEIGHT)
        for none in (None, {}):
            self.assertEqual(ps_serialize.tensors({"weight": WEIGHT}, none), ps_serialize.tensors({"weight": WEIGHT}))
        start = "the metadata must be a mapping of text to text, but is of type "
        self.assert_refused(TypeError, start + "list", {}, [("format", "pt")])
        self.assert_refused(TypeError, start + "str", {}, "pt")
        self.assert_refused(TypeError, start + "int", {}, 0)
        self.assert_refused(TypeError, "a key of the metadata must be text, but 1 is of type int", {}, {1: "a"})
        start = "the metadata of 'a' must be text, but "
        self.assert_refused(TypeError, start + "1 is of type int", {}, {"a": 1})
        self.assert_refused(TypeError, start + "None is of type NoneType", {}, {"a": None})
        self.assert_refused(ValueError, "the metadata of 'a' can't be written as UTF-8: '\\ud800'", {}, {"a": "\ud800"})

    def test_a_header_that_no_reader_accepts_is_refused(self):
        message = "the header of 1 tensors has 100000056 bytes, where 100000000 are allowed"
        self.assert_refused(ValueError, message, {"x" * 100_000_000: np.zeros(0, "u1")})

    def test_the_types_of_ml_dtypes_are_written_and_read(self):
        for name, theirs in (
            ("bfloat16", "BF16"),
            ("float8_e4m3fn", "F8_E4M3"),
            ("float8_e5m2", "F8_E5M2"),
            ("float8_e8m0fnu", "F8_E8M0"),
            ("float8_e4m3fnuz", "F8_E4M3FNUZ"),
            ("float8_e5m2fnuz", "F8_E5M2FNUZ"),
        ):
            array = np.array([[1, 2, 4], [0.5, 8, 16]], getattr(ml_dtypes, name))
            for layout in (array, array.T, array[:, ::-2], np.broadcast_to(array[0], (2, 3)), array[1, 1]):
                frame = ps_serialize.tensors({"x": layout})
                ((_, tensor),) = safetensors.deserialize(frame[64:])
                self.assertEqual((tensor["dtype"], bytes(tensor["data"])), (theirs, layout.tobytes()))
                found = deserialize(frame)["x"]
                self.assertEqual((found.dtype, found.shape), (array.dtype, layout.shape))
                self.assertEqual(found.tolist(), layout.tolist())
        big = np.array([1, 2], ml_dtypes.bfloat16)
        big = big.view("u2").byteswap().view(big.dtype.newbyteorder(">"))
        self.assertEqual(deserialize(ps_serialize.tensors({"x": big}))["x"].tolist(), [1, 2])
        for name in ("float4_e2m1fn", "float6_e2m3fn", "float8_e3m4", "int4", "uint2"):
            message = (
                f"the tensor 'x' is of the dtype {name}, which safetensors lacks: "
                "give `array.astype(…)` with a dtype that it has, or `array.view('uint8')`"
            )
            self.assert_refused(TypeError, message, {"x": np.ones(4, getattr(ml_dtypes, name))})

    def test_types_that_numpy_lacks_are_refused_by_name_when_they_are_read(self):
        header = b'{"x":{"dtype":"F4","shape":[2,4],"data_offsets":[0,4]}}'
        frame = b"ST\n" + len(header).to_bytes(8, "little") + header + bytes(4)
        with self.assertRaises(SerializationError) as raised:
            deserialize(frame)
        self.assertEqual(
            str(raised.exception.__cause__),
            "the tensor 'x' is of the type F4, which NumPy lacks: give what follows the frame's first line to "
            "`safetensors.deserialize`",
        )
        frame = ps_serialize.tensors({"x": np.ones(2, ml_dtypes.bfloat16)})
        program = f"""
import sys
sys.modules["ml_dtypes"] = None
import ps_serialize
from proxystore.serialize import deserialize
ps_serialize.register()
try:
    deserialize({frame!r})
except Exception as error:
    print(error.__cause__)
"""
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
        answer = subprocess.run([sys.executable, "-c", program], env=environment, check=True, stdout=subprocess.PIPE)
        self.assertEqual(
            answer.stdout.decode(),
            "the tensor 'x' is of the type BF16, which NumPy has from `ml_dtypes`: install that, or give what follows "
            "the frame's first line to `safetensors.deserialize`\n",
        )

    def test_every_byte_but_0_of_a_bool_is_read_as_true(self):
        header = b'{"x":{"dtype":"BOOL","shape":[2,2],"data_offsets":[0,4]}}'
        found = deserialize(b"ST\n" + len(header).to_bytes(8, "little") + header + b"\0\1\2\xff")["x"]
        self.assertEqual(found.view("u1").tolist(), [[0, 1], [1, 1]])


if __name__ == "__main__":
    unittest.main()
