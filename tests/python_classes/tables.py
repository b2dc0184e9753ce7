"""Classes with tables."""

import dataclasses
import datetime

import numpy as np
import polars as pl


@dataclasses.dataclass
class Sales:
    year: int
    table: pl.DataFrame
    parts: list[pl.DataFrame]
    more: pl.DataFrame | None
    weights: np.ndarray


@dataclasses.dataclass
class Wide:
    table: pl.DataFrame


@dataclasses.dataclass
class Other:
    table: object


def cities():
    """Return a table with text and a missing number."""
    return pl.DataFrame({"city": ["Bern", "Quito", "a city with a name that is long"], "height": [542, None, 2850]})


def stream():
    """Return the bytes that the table is pickled as, in hexadecimal."""
    return cities().__getstate__().hex()


def wide(rows):
    """Return a table with columns of many types."""
    numbers = list(range(rows))
    when = datetime.datetime(2024, 5, 6, 7, 8, 9, 10)
    return pl.DataFrame(
        {
            "i8": pl.Series([n % 100 for n in numbers], dtype=pl.Int8),
            "u64": pl.Series(numbers, dtype=pl.UInt64),
            "f32": pl.Series(numbers, dtype=pl.Float32),
            "bool": pl.Series([n % 2 == 0 for n in numbers], dtype=pl.Boolean),
            "text": pl.Series([None if n == 1 else "é" * n for n in numbers], dtype=pl.String),
            "bytes": pl.Series([bytes([n % 256]) for n in numbers], dtype=pl.Binary),
            "time": pl.Series([when] * rows, dtype=pl.Datetime("us")),
            "date": pl.Series([when.date()] * rows, dtype=pl.Date),
            "duration": pl.Series([datetime.timedelta(n) for n in numbers], dtype=pl.Duration("ns")),
            "category": pl.Series(["ab"[n % 2] for n in numbers], dtype=pl.Categorical),
            "list": pl.Series([[n, None] for n in numbers], dtype=pl.List(pl.Int32)),
            "struct": pl.Series([{"x": n, "y": "t"} for n in numbers], dtype=pl.Struct({"x": pl.Int64, "y": pl.String})),
        }
    )


def same(one, other):
    """Return whether two instances are of one class and have equal tables."""
    tables = [[it.table, *it.parts, it.more] for it in (one, other)]
    equal = [a.equals(b) and a.schema == b.schema for a, b in zip(*tables, strict=True)]
    return type(one) is type(other) and one.year == other.year and all(equal) and (one.weights == other.weights).all()
