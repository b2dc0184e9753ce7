"""A class for each type of elements."""

import types

for name in (
    "Bools Int8 Int16 Int32 Int64 UInt8 UInt16 UInt32 UInt64 Float16 Float32 Float64 Complex64 Complex128".split()
):
    globals()[name] = type(name, (types.SimpleNamespace,), {"__module__": __name__})
