"""Classes with tables."""

import dataclasses

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
class Other:
    table: object


def cities():
    """Return a table with text and a missing number."""
    return pl.DataFrame({"city": ["Bern", "Quito", "a city with a name that is long"], "height": [542, None, 2850]})


def same(one, other):
    """Return whether two instances are of one class and have equal tables."""
    tables = [[it.table, *it.parts, it.more] for it in (one, other)]
    equal = [a.equals(b) and a.schema == b.schema for a, b in zip(*tables, strict=True)]
    return type(one) is type(other) and one.year == other.year and all(equal) and (one.weights == other.weights).all()
