"""Classes of which only their names matter."""

import dataclasses


@dataclasses.dataclass
class First:
    start: int
    end: int


@dataclasses.dataclass
class Second:
    start: int
    end: int


@dataclasses.dataclass(frozen=True)
class Key:
    name: str
    number: int


@dataclasses.dataclass(frozen=True)
class Other:
    name: str
    number: int


@dataclasses.dataclass(frozen=True, slots=True)
class Place:
    x: int
    y: int


@dataclasses.dataclass
class Dog:
    legs: int


@dataclasses.dataclass
class Kennel:
    guest: Dog


@dataclasses.dataclass
class Zoo:
    guests: list[Dog]
