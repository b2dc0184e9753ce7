"""A program that uses the package has the types that it says."""

import importlib.util
import pathlib
import subprocess
import sys
import tempfile
import unittest

PROGRAM = """
from collections.abc import Callable
from typing import Any

import numpy as np
from proxystore.connectors.local import LocalConnector
from proxystore.store import Store

import ps_serialize


def read(payload: memoryview) -> int:
    return len(payload)


frame: bytes | memoryview = ps_serialize.serialize(np.arange(3.0))
value: Any = ps_serialize.deserialize(frame, copy=True)
ps_serialize.register_reader(b"05", read)
write: Callable[[Any], bytes] = ps_serialize.compressed("zstd", level=3, shuffle=8, serializer=ps_serialize.serialize)
inner: bytes = ps_serialize.decompress(write([1]))
named: bytes = ps_serialize.tensors({"a": np.ones(3)}, {"key": "text"})
plain = Store("1", LocalConnector(), serializer=ps_serialize.serialize, deserializer=ps_serialize.deserialize)
small = Store("2", LocalConnector(), serializer=write, deserializer=ps_serialize.deserialize)
"""


@unittest.skipUnless(importlib.util.find_spec("mypy"), "mypy is not installed")
class Types(unittest.TestCase):
    def test_a_typed_program_is_accepted_and_a_wrong_one_refused(self):
        module = pathlib.Path(__file__).parents[1]
        for change, errors in (("", 0), ('ps_serialize.compressed("gzip")', 1), ("ps_serialize.deserialize(7)", 1)):
            with tempfile.TemporaryDirectory() as folder:
                program = pathlib.Path(folder, "program.py")
                program.write_text(PROGRAM + change)
                found = subprocess.run(
                    [sys.executable, "-m", "mypy", "--config-file", module / "pyproject.toml", "--cache-dir", folder, program],
                    env={"MYPYPATH": str(module)},
                    capture_output=True,
                    text=True,
                )
            lines = [line for line in found.stdout.splitlines() if "program.py" in line and " error: " in line]
            self.assertEqual((len(lines), found.stderr), (errors, ""), found.stdout)

    @unittest.skipIf(sys.version_info < (3, 12), "older versions of NumPy have other types")
    def test_the_package_itself_is_typed(self):
        module = pathlib.Path(__file__).parents[1]
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-m", "mypy", "--cache-dir", folder, "ps_serialize"]
            found = subprocess.run(command, cwd=module, capture_output=True, text=True)
        self.assertEqual(found.returncode, 0, found.stdout + found.stderr)


if __name__ == "__main__":
    unittest.main()
