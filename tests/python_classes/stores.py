"""What goes through the stores: a dataclass with a pydantic model, an enum and an array inside."""

import dataclasses
import enum

import numpy as np
from pydantic import BaseModel


class Mode(enum.Enum):
    FAST = 1
    EXACT = 2


class Settings(BaseModel):
    rate: int
    mode: Mode
    label: str | None = None

    def __repr__(self):
        return f"Settings(rate={self.rate}, mode={self.mode!r}, label={self.label!r})"


@dataclasses.dataclass
class Run:
    settings: Settings
    samples: np.ndarray


def say(run):
    """Return the text of a run."""
    return f"{run.settings!r}, {run.samples.tolist()} {run.samples.dtype}"
