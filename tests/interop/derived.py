"""Classes derived from Python's own types, and exceptions of every kind, for the tests of instances."""

import collections
import datetime
import decimal
import fractions
import ipaddress
import pathlib
import types
import uuid


def given(value, **attributes):
    """The value, with these attributes."""
    vars(value).update(attributes)
    return value


class Moment(datetime.datetime):
    pass


class Marked(datetime.datetime):
    def __new__(cls, *arguments, **keywords):
        new = super().__new__(cls, *arguments, **keywords)
        new.mark = 1
        return new


class Day(datetime.date):
    pass


class Clock(datetime.time):
    pass


class Span(datetime.timedelta):
    pass


class Zone(datetime.tzinfo):
    def __init__(self, hours=1):
        self.hours = hours

    def utcoffset(self, moment):
        return datetime.timedelta(hours=self.hours)

    def dst(self, moment):
        return None

    def __repr__(self):
        return f"Zone({self.hours})"


class Price(decimal.Decimal):
    pass


class Part(fractions.Fraction):
    pass


class Key(uuid.UUID):
    pass


class Route(pathlib.PurePosixPath):
    pass


class Bag(set):
    pass


class FrozenBag(frozenset):
    pass


class SlotBag(set):
    __slots__ = ("k",)


class Items(list):
    pass


class Entries(dict):
    pass


class Row(tuple):
    pass


class Word(str):
    pass


class Count(int):
    pass


class Weight(float):
    pass


class Raw(bytes):
    pass


class Buffer(bytearray):
    pass


class Plane(complex):
    pass


class Sorted(collections.OrderedDict):
    pass


class Filling(collections.defaultdict):
    pass


class Tally(collections.Counter):
    pass


class Queue(collections.deque):
    pass


class Layers(collections.ChainMap):
    pass


class Address(ipaddress.IPv4Address):
    pass


class Address6(ipaddress.IPv6Address):
    pass


class Network(ipaddress.IPv4Network):
    pass


class Interface(ipaddress.IPv6Interface):
    pass


class Space(types.SimpleNamespace):
    pass


class Boom(Exception):
    """Its name does not say that it is an exception."""


class Trouble(OSError):
    pass


class Bad(ValueError):
    def __init__(self, what, code=0):
        super().__init__(what, code)
        self.code = code


class Own:
    """It is made by a call that only it knows."""

    def __init__(self, one, two):
        self.one, self.two = one, two

    def __reduce__(self):
        return Own, (self.one, self.two)
