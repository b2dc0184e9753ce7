"""Classes whose instances are pickled without the names of their fields."""

import collections
import dataclasses
import functools
import typing

import msgspec

NAMES = ("one", "two", "three", "four")


class Named(typing.NamedTuple):
    one: int
    two: int
    three: str


class Struct(msgspec.Struct):
    one: int
    two: int
    three: str


@dataclasses.dataclass(frozen=True, slots=True)
class FrozenSlots:
    one: int
    two: int
    three: str


@dataclasses.dataclass
class Dataclass:
    one: int
    two: int


class Reduced:
    def __init__(self, *values):
        self.values = values

    def __reduce__(self):
        return Reduced, self.values


@dataclasses.dataclass(frozen=True, slots=True)
class Numbers:
    one: float


def make(form, name, count):
    """Return a class of a form, a name and a number of fields."""
    names = [*NAMES[:count], *(f"more{i}" for i in range(len(NAMES), count))]
    if form == "Named":
        made = typing.NamedTuple(name, [(field, object) for field in names])
    elif form == "Struct":
        made = msgspec.defstruct(name, names)
    else:
        made = dataclasses.make_dataclass(name, names, frozen=True, slots=True)
    made.__module__ = __name__
    return made


def of(form, name):
    """Return a function that makes an instance of as many fields as it gets values."""
    return functools.partial(instance, form, name)


def instance(form, name, *values):
    """Make the class, which pickle looks for here, and its instance."""
    globals()[name] = made = make(form, name, len(values))
    return made(*values)


class Ordered:
    """Has a state of another kind."""

    kind = collections.OrderedDict

    def __init__(self, one, two):
        self.one = one
        self.two = two

    def __getstate__(self):
        state = self.kind()
        state.update(vars(self))
        return state


class Default(Ordered):
    """Has yet another."""

    @staticmethod
    def kind():
        return collections.defaultdict(int)
