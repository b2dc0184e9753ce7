"""Mutated frames are values or errors. Each test reads them in a process of its own, which must live."""

import importlib.util
import os
import pathlib
import re
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).parent


class Mutated(unittest.TestCase):
    def assert_lives(self, count, *kinds):
        # polars prints where it panics, which is caught.
        found = subprocess.run(
            [sys.executable, "-u", HERE / "mutate.py", str(count), *kinds],
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "RUST_BACKTRACE": "0"},
            capture_output=True,
            text=True,
        )
        last = found.stdout[-100:].rpartition("\n")[0].rpartition("\n")[2]
        self.assertEqual(found.returncode, 0, f"frame {last}: {found.stderr[-2000:]}")
        read, refused = map(int, re.fullmatch(r"(\d+) read, (\d+) refused", last).groups())
        self.assertEqual(read + refused, count)
        self.assertGreater(min(read, refused), count // 50)

    def test_a_table_is_read_or_refused_without_pyarrow(self):
        self.assert_lives(6000, "PL without pyarrow")

    def test_a_table_is_read_or_refused_with_pyarrow(self):
        self.assert_lives(6000, "PL")

    def test_an_array_or_a_text_is_read_or_refused(self):
        self.assert_lives(4000, "NP", "US")

    def test_tensors_are_read_or_refused(self):
        self.assert_lives(4000, "ST")

    def test_a_compressed_frame_is_read_or_refused(self):
        self.assert_lives(4000, "LZ", "ZS")

    def test_a_record_is_read_or_refused(self):
        self.assert_lives(20_000, "records")

    def test_every_record_of_every_lock_is_read_or_refused(self):
        self.assert_lives(20_000, "locks")

    @unittest.skipUnless(importlib.util.find_spec("torch"), "torch is not installed")
    def test_a_checkpoint_is_read_or_refused(self):
        self.assert_lives(1000, "PT")


if __name__ == "__main__":
    unittest.main()
