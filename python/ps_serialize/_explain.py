"""What did not fit, and where, when a generated function fails."""

from __future__ import annotations

import struct
from collections.abc import Callable
from types import FrameType
from typing import Any

from ps_serialize._classes import Classes
from ps_serialize._generator import SPOTS, Computed, Spot
from ps_serialize._lock import Type
from ps_serialize._misfit import Misfit, expected, unexpected


def explained(error: Exception, classes: Classes, explain: Callable[..., Misfit]) -> Misfit:
    """Return what did not fit, and where, by the lines of generated functions that the error came through."""
    steps: list[str] = []
    last: tuple[Spot, FrameType] | None = None
    trace = error.__traceback__
    while trace is not None:
        frame = trace.tb_frame
        if SPOTS in frame.f_globals:
            spot = _failed(frame.f_globals[SPOTS][trace.tb_lineno - 1], frame)
            steps += [str(_value(step, frame)) if isinstance(step, Computed) else step for step in spot.steps]
            last = spot, frame
        trace = trace.tb_next
    if isinstance(error, Misfit):
        return error.inside(*steps)
    if isinstance(error, RecursionError):
        return Misfit("values are nested deeper than Python's recursion limit", *steps)
    if last is None or last[0].kind is None:
        return Misfit(str(error) or type(error).__name__, *steps)
    return explain(error, last[0].kind, last[0].value, last[1], classes).inside(*steps)


def _failed(spots: list[Spot], frame: FrameType) -> Spot:
    """Return which of the values of a line did not fit."""
    if len(spots) == 1:
        return spots[0]
    left = len(frame.f_locals.get("b", b"")) - frame.f_locals.get("p", 0)
    for spot in spots:
        if not spot.packed:
            left -= struct.calcsize("<" + spot.form)
            if left < 0:
                return spot
        else:
            try:
                struct.pack("<" + spot.form, _value(spot.packed, frame))
            except Exception:
                return spot
    return spots[-1]


def _value(expression: str, frame: FrameType) -> Any:
    return eval(expression, frame.f_globals, frame.f_locals)


def not_read(error: Exception, kind: Type, _value: str, _frame: FrameType, classes: Classes) -> Misfit:
    if isinstance(error, (struct.error, IndexError)):
        return Misfit(f"the record ends here, where {expected(kind, classes)} is expected")
    if isinstance(error, UnicodeDecodeError):
        return Misfit(f"text is not UTF-8: {error.reason}")
    return Misfit(f"{type(error).__name__}: {error}")


def not_written(error: Exception, kind: Type, value: str, frame: FrameType, classes: Classes) -> Misfit:
    if isinstance(error, ImportError):
        return Misfit(f"{type(error).__name__}: {error}")
    if isinstance(error, UnicodeEncodeError):
        return Misfit(f"text has no UTF-8: {error.reason}")
    try:
        return unexpected(kind, _value(value, frame), classes)
    except AttributeError as missing:
        return Misfit(f"{expected(kind, classes)} is expected, and nothing is there: {missing}")
