"""PyTorch's tensors and checkpoints. Where PyTorch is not installed, this says so and tests the rest."""

import os
import subprocess
import sys
import unittest

import layouts
import ml_dtypes
import numpy as np
import ps_serialize
import safetensors
from proxystore.serialize import deserialize

try:
    import torch
except ImportError:
    torch = None
    print("PyTorch's tensors and checkpoints: SKIPPED, torch is not installed", file=sys.stderr)

ps_serialize.register()


def refused(test, function, *arguments):
    """The message of the `TypeError` that the function raises."""
    with test.assertRaises(TypeError) as raised:
        function(*arguments)
    return str(raised.exception)


class WithoutTorch(unittest.TestCase):
    def test_tensors_does_not_import_it(self):
        program = (
            "import sys, numpy, ps_serialize; "
            "ps_serialize.tensors({'x': numpy.ones(3)}); sys.exit('torch' in sys.modules)"
        )
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
        subprocess.run([sys.executable, "-c", program], env=environment, check=True)


@unittest.skipUnless(torch, "torch is not installed")
class Tensors(unittest.TestCase):
    def tensors(self):
        base = torch.arange(60, dtype=torch.float32).reshape(3, 4, 5) / 8 - 3
        complex_numbers = torch.complex(base[0], base[1])
        yield "C order", base
        yield "transposed", base.T if base.dim() == 2 else base.transpose(0, 2)
        yield "permuted", base.permute(1, 2, 0)
        yield "steps", base[:, ::2, 1::3]
        yield "a part", base[1:, 2:, :3]
        yield "flipped", base.flip(0, 2)
        yield "expanded", base[:1, :1].expand(3, 4, 5)
        yield "channels last", base[None].to(memory_format=torch.channels_last)
        yield "overlapping", base.flatten().as_strided((4, 5), (1, 2), 3)
        yield "no dimensions", torch.tensor(-2.5)
        yield "no dimensions, of another", base[1, 2, 3]
        yield "one element of steps", base[:1, :1, ::2][..., :1]
        yield "one row of steps", base[::2, 1:2, 3:4][:1]
        yield "one element, expanded", torch.tensor([1.5, 2.5])[::2].expand(1, 1)
        yield "empty", torch.empty(0)
        yield "no columns", torch.empty(3, 0, 2)
        yield "a gradient required", base.clone().requires_grad_().transpose(0, 1)
        yield "computed with a gradient", base.clone().requires_grad_() * 2
        yield "a parameter", torch.nn.Parameter(base[0].T)
        yield "a buffer", torch.nn.Buffer(base[0])
        yield "complex", complex_numbers.T
        yield "conjugated", complex_numbers.conj()
        yield "conjugated and transposed", complex_numbers.conj().T[::2]
        yield "negated", complex_numbers.conj().imag
        yield "the real part", complex_numbers.real
        yield "bool", (base > 0).transpose(0, 1)
        yield "bool with other bytes than 0 and 1", torch.tensor([0, 1, 2, 255], dtype=torch.uint8).view(torch.bool)
        yield "of NumPy's memory", torch.from_numpy(layouts.NUMBERS["columns"])
        for name in "uint8 int8 uint16 int16 uint32 int32 uint64 int64 float16 float32 float64 complex64".split():
            yield name, torch.arange(6).reshape(2, 3).to(getattr(torch, name)).T
        with torch.inference_mode():
            yield "of inference mode", base.transpose(0, 1)

    def test_tensors_of_every_layout_have_their_values(self):
        everything = dict(self.tensors())
        for write in (ps_serialize.tensors, ps_serialize.compressed("zstd", serializer=ps_serialize.tensors)):
            found = deserialize(write(everything))
            self.assertEqual(found.keys(), everything.keys())
            for name, tensor in everything.items():
                with self.subTest(name):
                    # The values are compared one by one.
                    dtype = np.dtype(str(tensor.dtype).removeprefix("torch."))
                    expected = np.array(tensor.tolist(), dtype).reshape(tuple(tensor.shape))
                    self.assertIsNone(layouts.difference(found[name], expected))

    def test_tensors_that_share_memory_and_arrays_go_into_one_frame(self):
        weight = torch.arange(6.0).reshape(2, 3)
        found = deserialize(ps_serialize.tensors({"a": weight, "b": weight, "c": weight[1:], "d": weight.numpy().T}))
        for name, expected in ("a", weight), ("b", weight), ("c", weight[1:]), ("d", weight.T):
            self.assertEqual(found[name].tolist(), expected.tolist())
        model = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2))
        found = deserialize(ps_serialize.tensors(model.state_dict(), {"format": "pt"}))
        self.assertEqual(found.keys(), model.state_dict().keys())
        for name, expected in model.state_dict().items():
            self.assertEqual(found[name].tolist(), expected.tolist())

    def test_the_types_that_numpy_lacks_are_written_by_their_bytes(self):
        for name in "bfloat16 float8_e4m3fn float8_e5m2 float8_e8m0fnu float8_e4m3fnuz float8_e5m2fnuz".split():
            tensor = torch.tensor([[1, 2, 4], [0.5, 8, 16]]).to(getattr(torch, name))
            for layout in (tensor, tensor.T, tensor[:, 1:], tensor[:1].expand(4, 3), tensor[1, 1], tensor[:0]):
                frame = ps_serialize.tensors({"x": layout})
                ((_, read),) = safetensors.deserialize(frame[64:])
                self.assertEqual(read["shape"], list(layout.shape))
                self.assertEqual(len(read["data"]), layout.numel() * layout.element_size())
                if layout.numel():
                    elements = torch.frombuffer(read["data"], dtype=layout.dtype)
                    self.assertEqual(elements.tolist(), layout.flatten().tolist())
                array = deserialize(frame)["x"]
                self.assertEqual(array.dtype, getattr(ml_dtypes, name))
                self.assertEqual(array.astype("f4").tolist(), layout.float().tolist())

    def test_tensors_that_are_not_dense_are_refused(self):
        eye = torch.eye(3)
        for tensor, layout in (
            (eye.to_sparse(), "sparse_coo"),
            (eye.to_sparse_csr(), "sparse_csr"),
            (eye.to_sparse_csc(), "sparse_csc"),
            (eye.to_sparse_bsr((1, 1)), "sparse_bsr"),
            (eye.to_mkldnn(), "_mkldnn"),
        ):
            message = f"the tensor 'x' is {layout}, where a dense one is expected: give its `.to_dense()`"
            self.assertEqual(refused(self, ps_serialize.tensors, {"x": tensor}), message)
        for layout in (torch.strided, torch.jagged):
            nested = torch.nested.nested_tensor([torch.ones(2), torch.ones(3)], layout=layout)
            start = "the tensor 'x' is nested, where a dense one is expected: "
            message = refused(self, ps_serialize.tensors, {"x": nested})
            self.assertEqual(message, start + "give each of its tensors a name of its own")

    def test_types_that_safetensors_lacks_are_refused(self):
        ones = torch.ones(4)
        for tensor, dtype, advice in (
            (
                ones.to(torch.complex128),
                "complex128",
                "give `tensor.real` and `tensor.imag` under two names, or `tensor.to(torch.complex64)`, which rounds",
            ),
            (ones.to(torch.complex32), "complex32", "give `tensor.to(torch.complex64)`"),
            (torch.quantize_per_tensor(ones, 0.5, 0, torch.quint8), "quint8", "give `tensor.dequantize()`"),
            (ones.to(torch.uint8).view(torch.float4_e2m1fn_x2), "float4_e2m1fn_x2", "give `tensor.view(torch.uint8)`"),
        ):
            message = f"the tensor 'x' is of the dtype {dtype}, which safetensors or NumPy lacks: {advice}"
            self.assertEqual(refused(self, ps_serialize.tensors, {"x": tensor}), message)

    def test_tensors_without_elements_to_read_are_refused(self):
        from torch._subclasses.fake_tensor import FakeTensorMode

        message = "the tensor 'x' is on the device 'meta', and so has no elements"
        self.assertEqual(refused(self, ps_serialize.tensors, {"x": torch.empty(3, device="meta")}), message)
        with FakeTensorMode():
            fake = torch.ones(3)
        message = refused(self, ps_serialize.tensors, {"x": fake})
        start = "the tensor 'x', of type torch._subclasses.fake_tensor.FakeTensor, has no elements that can be read: "
        self.assertIn(start, message)
        message = refused(self, torch.vmap(lambda tensor: ps_serialize.tensors({"x": tensor})), torch.ones(2, 2))
        self.assertIn("the tensor 'x', of type torch.Tensor, has no elements that can be read: ", message)

    def test_tensors_of_more_dimensions_than_numpy_has_are_refused(self):
        self.assertEqual(deserialize(ps_serialize.tensors({"x": torch.ones((1,) * 64)}))["x"].shape, (1,) * 64)
        message = "the tensor 'x' has 65 dimensions, where 64 are allowed"
        self.assertEqual(refused(self, ps_serialize.tensors, {"x": torch.ones((1,) * 65)}), message)


@unittest.skipUnless(torch, "torch is not installed")
class Checkpoints(unittest.TestCase):
    def test_tensors_of_every_layout_come_back_with_it(self):
        for name, tensor in Tensors().tensors():
            with self.subTest(name):
                small = ps_serialize.compressed("lz4", serializer=ps_serialize.checkpoint)
                for write in (ps_serialize.checkpoint, small):
                    found = deserialize(write({"x": tensor, "epoch": 3}))
                    self.assertEqual(found["epoch"], 3)
                    self.assertEqual((found["x"].dtype, found["x"].shape), (tensor.dtype, tensor.shape))
                    self.assertEqual(found["x"].stride(), tensor.stride())
                    self.assertTrue(torch.equal(found["x"], tensor))

    def test_tensors_of_arrays_of_every_layout_come_back(self):
        for name, array in layouts.NUMBERS.items():
            with self.subTest(name):
                plain = layouts.plain(array)
                found = deserialize(ps_serialize.checkpoint([torch.tensor(plain)]))[0]
                self.assertIsNone(layouts.difference(found.numpy(), plain))

    def test_what_could_not_be_read_is_refused(self):
        for name, array in (layouts.NUMBERS | layouts.OTHERS).items():
            with self.subTest(name):
                message = refused(self, ps_serialize.checkpoint, {"fine": torch.ones(3), "x": array})
                advice = "which `torch.load(weights_only=True)` refuses: save `torch.tensor(array)` of NumPy's arrays"
                self.assertIn(advice, message)
                self.assertIn("numpy.", message)
        message = refused(self, ps_serialize.checkpoint, torch.nn.Linear(2, 2))
        self.assertIn("the checkpoint holds torch.nn.modules.linear.Linear, which", message)
        self.assertIn("builtins.range", refused(self, ps_serialize.checkpoint, {"x": range(3)}))

    def test_classes_that_are_named_as_safe_are_written(self):
        from fractions import Fraction

        half = {"x": Fraction(1, 2)}
        self.assertIn("fractions.Fraction", refused(self, ps_serialize.checkpoint, half))
        with torch.serialization.safe_globals([Fraction]):
            self.assertEqual(deserialize(ps_serialize.checkpoint(half)), half)


if __name__ == "__main__":
    unittest.main()
