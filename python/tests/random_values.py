"""Values by chance for the types of a lock."""

import pathlib

import numpy as np
import ps_serialize
from ps_serialize import _classes, _lock
from ps_serialize._lock import Array, Enum, Frames, List, Map, Option, Primitive, Struct, resolve
from ps_serialize.records import Some

TEXTS = ("", "a", "größe\n", "世界 🌍", "x" * 70, "\0", "7", "key")
CHARS = "aé世🌍\n"
#: What a frame may hold that is of no record.
FRAMES = {b"BS": b"\0\xff", b"US": "größe", b"NP": np.arange(6.0).reshape(2, 3), b"PK": {"a": [1, None]}}


class Values:
    """Makes values of the types of a lock, which is loaded."""

    def __init__(self, lock, chance):
        self.records = ps_serialize.load(lock)
        self.entries = {entry.identifier: entry for entry in _lock.parse(pathlib.Path(lock).read_text())}
        self.classes = _classes.Classes(list(self.entries.values()))
        self.chance = chance

    def record(self, identifier, depth=0):
        """A record of an identifier, or ``None`` if this function can't make one."""
        kind = self.entries[identifier].value
        made = next(made for entry, made in self.classes.entries if entry.identifier == identifier)
        value = self.value(kind, depth, self.entries[identifier].codec)
        is_wrapped = isinstance(made, _classes.Class) and made.fields and made.fields[0][1] is kind
        return getattr(self.records, made.name)(value) if is_wrapped else value

    def value(self, kind, depth, codec):
        kind, chance = resolve(kind), self.chance
        if isinstance(kind, Primitive):
            return self.primitive(kind.name)
        numbers = _classes.numbers_of(kind)
        if numbers is not None:
            shape = numbers[1] if isinstance(kind, Array) else (chance.choice((0, 1, 3, 90)), *numbers[1])
            count = int(np.prod(shape))
            return np.array([self.primitive(numbers[0]) for _ in range(count)], _classes.NUMBERS[numbers[0]][0]).reshape(shape)
        few = 0 if depth > 12 else chance.choice((0, 1, 3))
        if isinstance(kind, Option):
            if not few:
                return None
            value = self.value(kind.of, depth + 1, codec)
            if not _classes.is_nullable(kind.of):
                return value
            # MessagePack has one nil.
            return None if codec == "messagepack" and value is None else Some(value)
        if isinstance(kind, List):
            return [self.value(kind.of, depth + 1, codec) for _ in range(few)]
        if isinstance(kind, Array):
            return tuple(self.value(kind.of, depth + 1, codec) for _ in range(kind.length))
        if isinstance(kind, Map):
            pairs = [(self.value(kind.key, depth + 1, codec), self.value(kind.value, depth + 1, codec)) for _ in range(few)]
            return dict(pairs) if _classes.is_hashable(kind.key) else pairs
        if isinstance(kind, Frames):
            return self.frames(kind, few, depth)
        made = self.classes.of(kind)
        if isinstance(kind, Struct):
            values = [self.value(of, depth + 1, codec) for _, of in kind.fields]
            return tuple(values) if made is None else getattr(self.records, made.name)(*values)
        assert isinstance(kind, Enum)
        # Deep inside, a variant that holds as little as possible.
        order = sorted(range(len(kind.variants)), key=lambda i: len(repr(kind.variants[i])))
        at = order[0] if depth > 12 else chance.randrange(len(kind.variants))
        values = [self.value(of, depth + 1, codec) for _, of in kind.variants[at].fields()]
        return getattr(self.records, made.variants[at].name)(*values)

    def frames(self, kind, few, depth):
        def one():
            if kind.identifier is None:
                return "any"
            if kind.identifier in FRAMES:
                return FRAMES[kind.identifier]
            return self.record(kind.identifier, depth + 4)

        if not kind.kind:
            return one()
        if kind.kind == "option":
            return one() if few else None
        return [one() for _ in range(few)] if kind.kind == "list" else {TEXTS[i]: one() for i in range(few)}

    def primitive(self, name):
        chance = self.chance
        if name == "unit":
            return None
        if name == "bool":
            return chance.random() < 0.5
        if name == "char":
            return chance.choice(CHARS)
        if name == "text":
            return chance.choice(TEXTS)
        if name == "bytes":
            return chance.choice(TEXTS).encode()
        if name in ("f32", "f64"):
            value = chance.choice((0.0, -0.0, 0.5, float("inf"), -1e30, chance.random()))
            return float(np.float32(value)) if name == "f32" else value
        bits, is_signed = int(name[1:]), name[0] == "i"
        low = -(is_signed << (bits - 1))
        return chance.choice((0, 1, low, low + (1 << bits) - 1, low + chance.getrandbits(bits)))
