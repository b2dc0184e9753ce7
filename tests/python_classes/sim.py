"""The classes of the test."""

import dataclasses
import enum
import typing

import attrs
import msgspec
import numpy as np
import pydantic


@dataclasses.dataclass
class Plain:
    mass: float
    charge: int = -1
    label: str | None = None


@dataclasses.dataclass(frozen=True)
class Frozen:
    mass: float
    charge: int = -1
    label: str | None = None


@dataclasses.dataclass(slots=True)
class Slots:
    mass: float
    charge: int = -1
    label: str | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class FrozenSlots:
    mass: float
    charge: int = -1
    label: str | None = None


@dataclasses.dataclass(kw_only=True)
class KwOnly:
    mass: float
    charge: int = -1
    label: str | None = None


@dataclasses.dataclass
class Base:
    mass: float


@dataclasses.dataclass
class Inherited(Base):
    charge: int = -1
    label: str | None = None


@dataclasses.dataclass(slots=True)
class SlotsBase:
    mass: float


@dataclasses.dataclass
class MixedSlots(SlotsBase):
    charge: int = -1
    label: str | None = None


class Model(pydantic.BaseModel):
    mass: float = pydantic.Field(ge=0)
    charge: int = -1
    label: str | None = None


class FrozenModel(pydantic.BaseModel, frozen=True, extra="allow"):
    mass: float
    charge: int = -1
    label: str | None = None
    _secret: int = 7


@attrs.define
class Attrs:
    mass: float
    charge: int = -1
    label: str | None = None


@attrs.frozen
class AttrsFrozen:
    mass: float
    charge: int = -1
    label: str | None = None


@attrs.define(slots=False)
class AttrsDict:
    mass: float
    charge: int = -1
    label: str | None = None


class Msgspec(msgspec.Struct):
    mass: float
    charge: int = -1
    label: str | None = None


class MsgspecFrozen(msgspec.Struct, frozen=True, kw_only=True):
    mass: float
    charge: int = -1
    label: str | None = None


class InheritedModel(Model):
    label: str | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class FrozenSlotsBase:
    mass: float


@dataclasses.dataclass(frozen=True, slots=True)
class InheritedFrozenSlots(FrozenSlotsBase):
    charge: int = -1
    label: str | None = None


@attrs.define
class AttrsBase:
    mass: float


@attrs.define
class InheritedAttrs(AttrsBase):
    charge: int = -1
    label: str | None = None


class Named(typing.NamedTuple):
    mass: float
    charge: int = -1
    label: str | None = None


class Ordinary:
    def __init__(self, mass, charge=-1, label=None):
        self.mass = mass
        self.charge = charge
        self.label = label

    def __eq__(self, other):
        return type(self) is type(other) and vars(self) == vars(other)

    def __repr__(self):
        return f"Ordinary(mass={self.mass!r}, charge={self.charge!r}, label={self.label!r})"


class OrdinarySlots:
    __slots__ = ("charge", "label", "mass")

    def __init__(self, mass, charge=-1, label=None):
        self.mass = mass
        self.charge = charge
        self.label = label


class Reduced(Ordinary):
    def __reduce__(self):
        return Reduced, (self.mass, self.charge, self.label)


class Outer:
    """Has classes inside."""

    @dataclasses.dataclass
    class Inner:
        mass: float
        charge: int = -1
        label: str | None = None

    class Middle:
        @attrs.define
        class Innermost:
            mass: float
            charge: int = -1
            label: str | None = None

    class Named(typing.NamedTuple):
        mass: float
        charge: int = -1
        label: str | None = None

    class Color(enum.Enum):
        RED = 1
        GREEN = 2

    @dataclasses.dataclass
    class Wave:
        rate: int
        samples: np.ndarray


class Unclear:
    @dataclasses.dataclass
    class Inner:
        mass: float


@dataclasses.dataclass
class Empty:
    pass


class Color(enum.Enum):
    RED = 1
    GREEN = 2
    BLUE = 3


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 10


class Shade(enum.StrEnum):
    LIGHT = "LIGHT"
    DARK = "dark"
    DIM = "dim"


class Access(enum.Flag):
    READ = 1
    WRITE = 2


class Bits(enum.IntFlag):
    READ = 1
    WRITE = 2


class Planet(enum.Enum):
    EARTH = (5.97e24, 6.37e6)
    MARS = (6.4e23, 3.4e6)


class ByName(enum.Enum):
    ONE = (1, 2)
    TWO = object()
    __reduce_ex__ = enum.pickle_by_enum_name if hasattr(enum, "pickle_by_enum_name") else None


@dataclasses.dataclass
class Wave:
    rate: int
    samples: np.ndarray
    note: str = ""
    raw: bytes = b""


@dataclasses.dataclass
class Part:
    name: str


class Mixed:
    def __init__(self, **fields):
        vars(self).update(fields)


@dataclasses.dataclass(frozen=True, slots=True)
class FrozenWave:
    rate: int
    samples: np.ndarray
    name: str = ""
    raw: bytes = b""


class NamedWave(typing.NamedTuple):
    rate: int
    samples: np.ndarray
    name: str = ""
    raw: bytes = b""


@dataclasses.dataclass
class Strict:
    mass: float
    more: object = None

    def __getstate__(self):
        return {name: value for name, value in vars(self).items() if value is not None}


class Pair(typing.NamedTuple):
    one: float
    two: int | None


@dataclasses.dataclass(frozen=True)
class Meters:
    value: float


@dataclasses.dataclass
class Flattened:
    theMass: float
    charge: int
    label: str | None
    note: str | None = None


class Counted(enum.Enum):
    ONE = 1


class Odd(enum.Enum):
    Skipped = 1
    Fine = 3


@dataclasses.dataclass
class Apple:
    grams: float


class Unknown:
    pass


class Note(Mixed):
    pass


@dataclasses.dataclass
class Report:
    table: object


class Tree(Mixed):
    pass
