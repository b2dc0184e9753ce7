"""Classes whose state is a list, by position."""

import dataclasses

CLASSES = "Floats one two, Integers one two, One one, Lists one two, Newtype one, Pair one two, Other one"
for names in CLASSES.split(", "):
    name, *fields = names.split()
    globals()[name] = made = dataclasses.make_dataclass(name, fields, frozen=True, slots=True)
    made.__module__ = __name__
