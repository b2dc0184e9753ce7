"""Records of the codec ``MessagePack``, in which fields and variants have their names."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ps_serialize._classes import NUMBERS, Classes, Union, is_hashable, is_nullable, numbers_of
from ps_serialize._lock import Array, Enum, Frames, List, Map, Option, Primitive, Struct, Type, resolve
from ps_serialize.records import Some

if TYPE_CHECKING:
    from ps_serialize._layout import FramesInside


class _Pairs(list[Any]):
    """The pairs of a map. A key may have any type, and may occur twice."""


class Codec:
    """What reads and writes the values of the types of a lock.

    Args:
        as_array: makes an array from a value, an element type and a shape.
    """

    def __init__(
        self, classes: Classes, space: dict[str, Any], as_array: Callable[..., Any], frame_of: Callable[..., Any]
    ) -> None:
        import msgpack

        self._classes, self._space, self._as_array, self._frame_of = classes, space, as_array, frame_of
        self._pack: Callable[[Any], bytes] = msgpack.Packer().pack
        self._pack_single: Callable[[Any], bytes] = msgpack.Packer(use_single_float=True).pack
        self._packer = msgpack.Packer()

    def unpack(self, kind: Type, record: memoryview, frames: FramesInside | None) -> Any:
        import msgpack

        plain = msgpack.unpackb(record, strict_map_key=False, object_pairs_hook=_Pairs)
        return self.read(kind, plain, frames)

    def read(self, kind: Type, plain: Any, frames: FramesInside | None = None) -> Any:
        kind = resolve(kind)
        if isinstance(kind, Primitive):
            return _read_primitive(kind.name, plain)
        if isinstance(kind, Option):
            if plain is None:
                return None
            value = self.read(kind.of, plain)
            return Some(value) if is_nullable(kind.of) else value
        if isinstance(kind, Enum):
            return self._read_enum(kind, plain, frames)
        if isinstance(kind, Map):
            pairs = [(self.read(kind.key, key), self.read(kind.value, value)) for key, value in _expect(plain, _Pairs, "a map")]
            return _to_dict(pairs) if is_hashable(kind.key) else pairs
        if isinstance(kind, Struct):
            return self._read_struct(kind, plain, frames)
        assert isinstance(kind, (List, Array))
        _expect(plain, list, "an array")
        numbers = numbers_of(kind)
        if numbers is not None:
            shape = numbers[1] if isinstance(kind, Array) else (None, *numbers[1])
            return self._as_array(plain, NUMBERS[numbers[0]][0], shape)
        if isinstance(kind, List):
            return [self.read(kind.of, one) for one in plain]
        _check_length(plain, kind.length)
        return tuple(self.read(kind.of, one) for one in plain)

    def _read_struct(self, kind: Struct, plain: Any, frames: FramesInside | None) -> Any:
        made = self._classes.of(kind)
        if kind.is_tuple:
            _expect(plain, list, "an array")
            left = iter(plain)
            values = [
                self._read_frames(of, left, frames) if isinstance(of, Frames) else self.read(of, next(left))
                for _, of in kind.fields
            ]
            if any(True for _ in left):
                raise ValueError(f"an array of {len(plain)} values has more than a tuple of {len(kind.fields)}")
        else:
            values = self._read_fields(kind, plain, frames)
        return tuple(values) if made is None else self._space[made.name](*values)

    def _read_fields(self, kind: Struct, plain: Any, frames: FramesInside | None) -> list[Any]:
        found = _to_dict(_expect(plain, _Pairs, "a map of fields"))
        values = []
        for name, of in kind.fields:
            if isinstance(of, Frames):
                values.append(self._read_frames(of, iter([found[name]] if name in found else []), frames))
            elif name in found:
                values.append(self.read(of, found[name]))
            elif name in kind.optional:
                values.append(None)
            else:
                raise ValueError(f"the field {name!r} is missing")
        return values

    def _read_frames(self, kind: Frames, plain: Any, frames: FramesInside | None) -> Any:
        assert frames is not None
        if not kind.kind:
            return frames.next(kind.identifier)
        if kind.kind == "map":
            keys = [_expect(key, str, "text") for key in _expect(next(plain, []), list, "an array of keys")]
            frames.left(len(keys))
            return _to_dict([(key, frames.next(kind.identifier)) for key in keys])
        count = frames.left(_read_primitive("u64", next(plain, 0)))
        if kind.kind == "list":
            return [frames.next(kind.identifier) for _ in range(count)]
        if count > 1:
            raise ValueError(f"an option has {count} frames")
        return frames.next(kind.identifier) if count else None

    def _read_enum(self, kind: Enum, plain: Any, frames: FramesInside | None) -> Any:
        made = self._classes.of(kind)
        assert isinstance(made, Union)
        name, held = plain, None
        if isinstance(plain, _Pairs) and len(plain) == 1:
            ((name, held),) = plain
        for variant, its in zip(kind.variants, made.variants):
            if variant.name == name and (variant.holds is None) == (name is plain):
                if variant.holds is None:
                    return self._space[its.name]()
                if isinstance(variant.holds, Struct) and variant.holds.name is None:
                    inner = variant.holds
                    values = (
                        self._read_fields(inner, held, frames) if not inner.is_tuple else self._read_struct(inner, held, frames)
                    )
                    return self._space[its.name](*values)
                if isinstance(variant.holds, Frames):
                    return self._space[its.name](self._read_frames(variant.holds, iter([held]), frames))
                return self._space[its.name](self.read(variant.holds, held))
        raise ValueError(f"{made.name} has no variant {str(name)[:50]!r}")

    def write(self, kind: Type, value: Any, out: list[bytes], frames: list[Any]) -> None:
        kind = resolve(kind)
        if isinstance(kind, Primitive):
            self._write_primitive(kind.name, value, out)
        elif isinstance(kind, Option):
            if value is None:
                out.append(b"\xc0")
            else:
                self._write_some(kind, value, out, frames)
        elif isinstance(kind, Enum):
            self._write_enum(kind, value, out, frames)
        elif isinstance(kind, Map):
            out.append(self._packer.pack_map_header(len(value)))
            for key, of in value.items() if is_hashable(kind.key) else value:
                self.write(kind.key, key, out, frames)
                self.write(kind.value, of, out, frames)
        elif isinstance(kind, Struct):
            made = self._classes.of(kind)
            if made is not None:
                assert not isinstance(made, Union)
                if type(value) is not self._space[made.name]:
                    raise TypeError(f"{made.name} is expected, not {type(value).__name__}")
                value = [getattr(value, name) for name, _ in made.fields]
            self._write_fields(kind, value, out, frames)
        else:
            assert isinstance(kind, (List, Array))
            numbers = numbers_of(kind)
            if numbers is not None:
                shape = numbers[1] if isinstance(kind, Array) else (None, *numbers[1])
                array = self._as_array(value, NUMBERS[numbers[0]][0], shape)
                out.append((self._pack_single if numbers[0] == "f32" else self._pack)(array.tolist()))
                return
            if isinstance(value, (str, dict)):
                raise TypeError(f"a list is expected, not {type(value).__name__}")
            if isinstance(kind, Array):
                _check_length(value, kind.length)
            out.append(self._packer.pack_array_header(len(value)))
            for one in value:
                self.write(kind.of, one, out, frames)

    def _write_some(self, kind: Option, value: Any, out: list[bytes], frames: list[Any]) -> None:
        if is_nullable(kind.of):
            if type(value) is not Some:
                raise TypeError(f"ps_serialize.records.Some, or None, is expected, not {type(value).__name__}")
            if value.value is None:
                raise ValueError("MessagePack has no option in which there is nothing")
            value = value.value
        self.write(kind.of, value, out, frames)

    def _write_fields(self, kind: Struct, values: Any, out: list[bytes], frames: list[Any]) -> None:
        _check_length(values, len(kind.fields))
        written = []
        for (name, of), value in zip(kind.fields, values):
            parts: list[bytes] = []
            if isinstance(of, Frames):
                self._write_frames(of, value, parts, frames)
            elif value is not None or name not in kind.optional or isinstance(resolve(of), Option):
                # An option is written as nil, since Rust may have another default for a field that is missing.
                self.write(of, value, parts, frames)
            if parts:
                written.append((name, parts))
        header = self._packer.pack_array_header if kind.is_tuple else self._packer.pack_map_header
        out.append(header(len(written)))
        for name, parts in written:
            if not kind.is_tuple:
                out.append(self._pack(name))
            out += parts

    def _write_frames(self, kind: Frames, value: Any, out: list[bytes], frames: list[Any]) -> None:
        if not kind.kind:
            frames.append(self._frame_of(value, kind.identifier))
            return
        if kind.kind == "option":
            value = [] if value is None else [value]
        out.append(self._pack(list(value) if kind.kind == "map" else len(value)))
        frames += [self._frame_of(one, kind.identifier) for one in (value.values() if kind.kind == "map" else value)]

    def _write_enum(self, kind: Enum, value: Any, out: list[bytes], frames: list[Any]) -> None:
        made = self._classes.of(kind)
        assert isinstance(made, Union)
        for variant, its in zip(kind.variants, made.variants):
            if type(value) is self._space[its.name]:
                if variant.holds is None:
                    out.append(self._pack(variant.name))
                    return
                out += [self._packer.pack_map_header(1), self._pack(variant.name)]
                fields = [getattr(value, name) for name, _ in its.fields]
                if isinstance(variant.holds, Struct) and variant.holds.name is None:
                    self._write_fields(variant.holds, fields, out, frames)
                elif isinstance(variant.holds, Frames):
                    self._write_frames(variant.holds, fields[0], out, frames)
                else:
                    self.write(variant.holds, fields[0], out, frames)
                return
        raise TypeError(f"{made.name} is expected, not {type(value).__name__}")

    def _write_primitive(self, name: str, value: Any, out: list[bytes]) -> None:
        # What can be read can be written.
        if name in ("u128", "i128"):
            value = value.to_bytes(16, "big", signed=name == "i128")
        elif name in ("f32", "f64"):
            value = float(value) if not isinstance(value, (str, bytes)) else value
        elif name == "bytes":
            value = bytes(memoryview(value))
        elif name not in ("bool", "char", "text", "unit") and not isinstance(value, int):
            value = value.__index__()
        packed = (self._pack_single if name == "f32" else self._pack)(value)
        _read_primitive(name, value)
        out.append(packed)


def _read_primitive(name: str, plain: Any) -> Any:
    if name == "unit":
        return _expect(plain, type(None), "nil")
    if name == "bool":
        return _expect(plain, bool, "a bool")
    if name in ("text", "char"):
        text = _expect(plain, str, "text")
        if name == "char" and len(text) != 1:
            raise ValueError(f"a char is one character, not {text[:20]!r}")
        return text
    if name == "bytes":
        return _expect(plain, bytes, "bytes")
    if name in ("f32", "f64"):
        return float(_expect(plain, (float, int), "a float"))
    bits, is_signed = int(name[1:]), name[0] == "i"
    if bits == 128 and isinstance(plain, bytes) and len(plain) == 16:
        return int.from_bytes(plain, "big", signed=is_signed)
    _expect(plain, int, "an integer")
    if isinstance(plain, bool) or not -(is_signed << (bits - 1)) <= plain < 1 << (bits - is_signed):
        raise ValueError(f"{plain} is not of the type {name}")
    return plain


def _expect(value: Any, kind: Any, what: str) -> Any:
    if not isinstance(value, kind) or (isinstance(value, _Pairs) and kind is list):
        raise TypeError(f"{what} is expected, not {type(value).__name__.strip('_').lower()}")
    return value


def _check_length(value: Any, length: int) -> None:
    if isinstance(value, str) or len(value) != length:
        raise ValueError(f"{length} elements are expected, not {len(value)}")


def _to_dict(pairs: Any) -> dict[Any, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a map has a key twice")
    return found
