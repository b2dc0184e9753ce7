"""Writes the pickle of a table, in a file named after the version of pandas that does it.

`python write.py`, in an environment that has pandas; `python write.py without-pyarrow` as if pyarrow were not there.
"""

import datetime
import pathlib
import pickle
import sys

without = "without-pyarrow" in sys.argv
if without:
    sys.modules["pyarrow"] = None

import pandas as pd

table = pd.DataFrame(
    {
        "i": [1, 2, 3],
        "f": [0.5, float("nan"), -1.5],
        "b": [True, False, True],
        "s": ["one", None, "three"],
        "n": pd.array([1, None, 3], dtype="Int64"),
        "t": pd.to_datetime(["2020-01-01", None, "2022-03-04"]).astype("datetime64[ns]"),
        "z": pd.to_datetime(["2020-01-01", None, "2022-07-01"], utc=True).tz_convert("Europe/Berlin").astype("datetime64[ns, Europe/Berlin]"),
        "d": pd.to_timedelta([1, None, 3], unit="s").astype("timedelta64[ns]"),
        "c": pd.Categorical(["x", "y", None]),
        "o": pd.Categorical(["lo", "hi", "lo"], categories=["lo", "hi"], ordered=True),
        "p": pd.period_range("2020-01", periods=3, freq="M"),
        "v": pd.interval_range(0, 3),
        "h": pd.arrays.SparseArray([0, 0, 7]),
        "day": [datetime.date(2024, 2, 29), None, datetime.date(1, 1, 1)],
        "l": [[1, 2], None, []],
    },
    index=pd.MultiIndex.from_tuples([("x", 1), ("x", 2), ("y", 1)], names=["k", None]),
)
name = pd.__version__ + ("-without-pyarrow" if without else "") + ".pickle"
pathlib.Path(__file__).with_name(name).write_bytes(pickle.dumps(table, protocol=5))
