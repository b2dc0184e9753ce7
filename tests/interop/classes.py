"""Classes of every kind, for the tests of instances."""

import collections
import dataclasses
import datetime
import enum
import typing

import attrs
import msgspec
import pydantic


class Ordinary:
    def __init__(self, x, y=None):
        self.x, self.y = x, y

    def __repr__(self):
        return f"{type(self).__name__}({vars(self)!r})"

    class Inner:
        def __init__(self):
            self.depth = 1

        def __repr__(self):
            return f"Inner({vars(self)!r})"


class Slots:
    __slots__ = ("a", "b")

    def __init__(self, a, b):
        self.a, self.b = a, b

    def __repr__(self):
        return f"Slots({self.a!r}, {self.b!r})"


class SlotsAndDict(Slots):
    def __init__(self):
        super().__init__(1, "two")
        self.c = 3.0

    def __repr__(self):
        return f"{super().__repr__()} {vars(self)!r}"


@dataclasses.dataclass
class Plain:
    mass: float
    name: str = "none"


@dataclasses.dataclass
class Derived(Plain):
    charge: int = 0


@dataclasses.dataclass(frozen=True)
class Frozen:
    x: int
    y: int = 2


@dataclasses.dataclass(frozen=True, slots=True)
class FrozenSlots:
    x: int
    y: str = "two"


@dataclasses.dataclass(slots=True)
class SlotsData:
    x: int
    y: str = "two"


@dataclasses.dataclass(kw_only=True)
class KeywordOnly:
    x: int
    y: str = "two"


class Pair(typing.NamedTuple):
    first: int
    second: str = "b"


Old = collections.namedtuple("Old", "a b c")


class Model(pydantic.BaseModel):
    mass: float
    name: str = "none"


class Open(pydantic.BaseModel, extra="allow"):
    a: int
    _hidden: int = pydantic.PrivateAttr(3)


@attrs.define
class Defined:
    a: int
    b: str = "q"


@attrs.frozen
class AttrsFrozen:
    a: int


@attrs.define(slots=False)
class WithoutSlots:
    a: int


class Struct(msgspec.Struct):
    a: int
    b: str = "x"


class KeywordStruct(msgspec.Struct, kw_only=True):
    a: int
    b: str = "x"


class Color(enum.Enum):
    RED = 1
    BLUE = "blue"
    PAIR = (1, 2)


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 10


class Word(str, enum.Enum):
    YES = "yes"


class Access(enum.Flag):
    READ = 1
    WRITE = 2


class Bits(enum.IntFlag):
    A = 1
    B = 2


class Planet(enum.Enum):
    EARTH = (5.97e24, 6.37e6)

    def __init__(self, mass, radius):
        self.mass, self.radius = mass, radius


class Number(int):
    def __repr__(self):
        return f"Number({int(self)})"


class Text(str):
    pass


class Listing(list):
    pass


class Mapping(dict):
    def __init__(self, *entries, **more):
        super().__init__(*entries, **more)
        self.note = "n"

    def __repr__(self):
        return f"{dict(self)!r} {vars(self)!r}"


class WithKeywords:
    def __new__(cls, *, k=0):
        new = object.__new__(cls)
        new.k = k
        return new

    def __getnewargs_ex__(self):
        return (), {"k": self.k}

    def __repr__(self):
        return f"WithKeywords(k={self.k})"


class Stop(Exception):
    pass


class FailedError(Exception):
    def __init__(self, what, code):
        super().__init__(what, code)
        self.code = code


class Celsius:
    """Python makes it by a call with one argument, like the member of an enum."""

    def __init__(self, degrees):
        self.degrees = degrees

    def __reduce__(self):
        return Celsius, (self.degrees,)


def Function(*arguments):
    raise AssertionError(f"called with {arguments}")


class Meta(type):
    """A class of classes: what it makes has the methods that it is given."""

    def __new__(cls, name="Made", bases=(), members=None):
        return super().__new__(cls, name, bases, members or {})


class Zone(datetime.tzinfo, enum.Enum):
    UTC = "utc"


class Fault(ValueError, enum.Enum):
    LOST = "lost"


class Caller:
    """Stands for what runs code when it is called."""

    calls = []

    def __call__(self, *arguments):
        Caller.calls.append(arguments)
