"""Gives work to the worker through files, and goes on with the answers: over_files.py FOLDER"""

import os
import pathlib
import sys

import numpy as np
import polars as pl
from proxystore.connectors.file import FileConnector, FileKey
from proxystore.store import Store

import jobs
import ps_serialize

FOLDER = sys.argv[1]

records = ps_serialize.load(pathlib.Path(__file__).with_name("ps-serialize.lock"))


def answer_to(name):
    """Send the name of a file with work to the worker, and wait for the file of the answer."""
    print(name, flush=True)
    return FileKey(input())


with Store("work", FileConnector(FOLDER, clear=False), deserializer=ps_serialize.deserialize) as store:

    def ask(work):
        """Return what the worker answers."""
        return store.get(answer_to(store.put(work).filename))

    assert ask(np.array([[1.0, 2.0], [3.0, 4.0]])).tolist() == [4.0, 6.0]
    assert ask(jobs.Fit(np.arange(4.0), np.arange(4.0) * 2 + 1)) == jobs.Line(2.0, 1.0)
    profile = ask(pl.DataFrame({"a": [1, 2]}))
    assert isinstance(profile, records.Profile) and profile.means == {"a": 1.5}

    # Work that can't be done has an answer too, and the worker goes on.
    for name, why in {
        "../../etc/hostname": "UUID",
        "3f2504e0-4f89-41d3-9a0c-0305e82c3301": "not complete",
    }.items():
        failed = store.get(answer_to(name))
        assert isinstance(failed, jobs.Failed) and why in failed.reason, failed
    failed = ask(np.zeros((1500, 1500)))
    assert isinstance(failed, jobs.Failed) and "16777216" in failed.reason, failed

    key = answer_to(store.put(jobs.Fit(np.arange(2.0), np.arange(2.0))).filename)

# The files are still there, since the first store has `clear=False`.
with Store("work", FileConnector(FOLDER)) as store:
    assert store.get(key) == jobs.Line(1.0, 0.0)

# The second store has `clear=True`, so closing it has deleted the folder and all the files in it.
assert not os.path.exists(FOLDER)
