"""``PL``: tables, through pyarrow if it is there. It writes with one copy, and reads with none."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING, Any

from ps_serialize import _arrow, _frame

if TYPE_CHECKING:
    import polars
    import pyarrow

IDENTIFIER = b"PL"


def write(obj: Any) -> memoryview | None:
    """Return the frame of a table of polars, or ``None`` if ProxyStore must write it."""
    polars = sys.modules.get("polars")
    if polars is None or type(obj) is not polars.DataFrame or not obj.width:
        return None
    pyarrow = _pyarrow()
    if pyarrow is None:
        return None
    try:
        table = obj.to_arrow(compat_level=polars.CompatLevel.newest())
    except (pyarrow.ArrowException, polars.exceptions.PolarsError, polars.exceptions.PanicException):
        # pyarrow lacks integers of 128 bits, and Arrow lacks Python's objects.
        return None
    return _write(pyarrow, table)


def read(payload: memoryview, *, copy: bool) -> polars.DataFrame:
    """Return the table. It is in the memory of the frame if pyarrow is there, unless ``copy`` is true.

    Raises:
        ValueError: if polars panics, as it does for some invalid files, or would end the interpreter. Other errors are those of polars and pyarrow.
    """
    import polars

    try:
        table = _lend(memoryview(bytes(payload)) if copy else payload)
        if table is not None:
            found: Any = polars.from_arrow(table, rechunk=False)
            return found
        _arrow.check(payload)
        return polars.read_ipc(io.BytesIO(payload))
    except polars.exceptions.PanicException as error:
        raise ValueError(f"polars panics: {error}") from error


def _lend(payload: memoryview) -> pyarrow.Table | None:
    """Return the table in the memory of the frame, if pyarrow can read it."""
    pyarrow = _pyarrow()
    if pyarrow is None:
        return None
    try:
        table = pyarrow.ipc.open_file(pyarrow.py_buffer(payload)).read_all()
    except pyarrow.ArrowNotImplementedError:
        return None
    # pyarrow believes what the file says about its texts and lists.
    table.validate(full=True)
    return table if table.num_columns else None


def _write(pyarrow: Any, table: pyarrow.Table) -> memoryview:
    """Return the frame of a table, which is written twice: first only to learn its size."""
    line = _frame.line(IDENTIFIER, aligned=True)
    counter = pyarrow.MockOutputStream()
    _write_to(pyarrow, table, counter)
    buffer = memoryview(_frame.allocate(len(line) + counter.size()))
    buffer[: len(line)] = line
    _write_to(pyarrow, table, pyarrow.FixedSizeBufferWriter(pyarrow.py_buffer(buffer[len(line) :])))
    return buffer.toreadonly()


def _write_to(pyarrow: Any, table: pyarrow.Table, file: Any) -> None:
    with pyarrow.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)


def _pyarrow() -> Any:
    try:
        import pyarrow
        import pyarrow.ipc
    except ImportError:
        return None
    return pyarrow
