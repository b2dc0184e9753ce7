"""The class of the kind `python-objects`, which a Rust type of the report claims."""

import dataclasses

import numpy


@dataclasses.dataclass
class Capture:
    number: int
    samples: numpy.ndarray
