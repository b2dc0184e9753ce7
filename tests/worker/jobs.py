import dataclasses
import numpy as np

@dataclasses.dataclass
class Fit:
    x: np.ndarray
    y: np.ndarray

@dataclasses.dataclass
class Line:
    slope: float
    intercept: float

@dataclasses.dataclass
class Failed:
    reason: str
