"""Records of the codec ``MessagePack``, in which fields and variants have their names."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ps_serialize._classes import NUMBERS, Class, Classes, Union, is_hashable, is_nullable, numbers_of
from ps_serialize._inside import Reading, Writing
from ps_serialize._limits import MAX_DEPTH
from ps_serialize._lock import Array, Enum, Frames, List, Map, Option, Primitive, Struct, Type, Variant, resolve
from ps_serialize._misfit import Misfit, short, to_dict, too_deep, unexpected
from ps_serialize._numbers import as_array
from ps_serialize.records import Some


class _Pairs(list[Any]):
    """The pairs of a map. A key may have any type, and may occur twice."""


class Codec:
    """What reads and writes the values of the types of a lock."""

    def __init__(self, classes: Classes, space: dict[str, Any]) -> None:
        import msgpack

        self._classes, self._space = classes, space
        self._pack: Callable[[Any], bytes] = msgpack.Packer().pack
        self._pack_single: Callable[[Any], bytes] = msgpack.Packer(use_single_float=True).pack
        self._packer = msgpack.Packer()

    def unpack(self, kind: Type, record: memoryview, x: Reading | None) -> Any:
        import msgpack

        try:
            plain = msgpack.unpackb(record, strict_map_key=False, object_pairs_hook=_Pairs)
        except msgpack.exceptions.StackError as error:
            raise too_deep(MAX_DEPTH) from error
        except msgpack.exceptions.ExtraData as error:
            raise Misfit(f"{len(error.extra)} bytes are left over after the record") from error
        except Exception as error:
            raise Misfit(f"the record is no MessagePack: {str(error) or type(error).__name__}") from error
        return self._read(kind, plain, x, MAX_DEPTH)

    def _read(self, kind: Type, plain: Any, x: Reading | None, levels: int) -> Any:
        kind = resolve(kind)
        if isinstance(kind, Primitive):
            return self._read_primitive(kind, plain)
        if isinstance(kind, Option) and plain is None:
            return None
        if levels == 0:
            raise too_deep(MAX_DEPTH)
        if isinstance(kind, Option):
            value = self._read(kind.of, plain, x, levels - 1)
            return Some(value) if is_nullable(kind.of) else value
        if isinstance(kind, Enum):
            return self._read_enum(kind, plain, x, levels)
        if isinstance(kind, Map):
            return self._read_map(kind, self._expect(kind, plain, _Pairs), x, levels)
        if isinstance(kind, Struct):
            values = self._read_fields(kind, plain, x, levels)
            made = self._classes.of(kind)
            return tuple(values) if made is None else self._space[made.name](*values)
        assert isinstance(kind, (List, Array))
        self._expect(kind, plain, list)
        numbers = numbers_of(kind)
        if numbers is not None:
            shape = numbers[1] if isinstance(kind, Array) else (None, *numbers[1])
            if levels < len(shape):
                raise too_deep(MAX_DEPTH)
            return as_array(plain, NUMBERS[numbers[0]][0], shape)
        if isinstance(kind, Array) and len(plain) != kind.length:
            raise Misfit(f"{kind.length} elements are expected, not {len(plain)}")
        values = []
        try:
            for one in plain:
                values.append(self._read(kind.of, one, x, levels - 1))
        except Misfit as misfit:
            raise misfit.inside(str(len(values)))
        return values if isinstance(kind, List) else tuple(values)

    def _read_map(self, kind: Map, plain: _Pairs, x: Reading | None, levels: int) -> Any:
        pairs = []
        for key, value in plain:
            step = "key"
            try:
                read_key = self._read(kind.key, key, x, levels - 1)
                step = short(key)
                pairs.append((read_key, self._read(kind.value, value, x, levels - 1)))
            except Misfit as misfit:
                raise misfit.inside(step)
        return to_dict(pairs) if is_hashable(kind.key) else pairs

    def _read_fields(self, kind: Struct, plain: Any, x: Reading | None, levels: int, its: Class | None = None) -> list[Any]:
        """Return the values of the fields. ``its`` is the class of a variant that they are of."""
        entries: Iterator[Any] = iter(())
        named: dict[Any, Any] = {}
        if kind.is_tuple:
            entries = iter(self._expect(kind, plain, list))
        else:
            named = to_dict([pair for pair in self._expect(kind, plain, _Pairs) if isinstance(pair[0], str)])
        values = []
        for i, (name, of) in enumerate(kind.fields):
            try:
                if isinstance(of, Frames):
                    its_entries = entries if kind.is_tuple else iter([named[name]] if name in named else [])
                    values.append(self._read_frames(of, its_entries, x))
                    continue
                entry = next(entries, _MISSING) if kind.is_tuple else named.get(name, _MISSING)
                if entry is _MISSING and (kind.is_tuple or name not in kind.optional):
                    raise Misfit("it is missing")
                values.append(None if entry is _MISSING else self._read(of, entry, x, levels - 1))
            except Misfit as misfit:
                raise misfit.inside(self._names(kind, its)[i])
        if kind.is_tuple and next(entries, _MISSING) is not _MISSING:
            raise Misfit(f"an array of {len(plain)} values has more than a tuple of {len(kind.fields)}")
        return values

    def _names(self, kind: Struct, its: Class | None) -> list[str]:
        """Return the names of the fields in Python."""
        made = its or self._classes.of(kind)
        return [name for name, _ in (made if isinstance(made, Class) else kind).fields]

    def _read_frames(self, kind: Frames, entries: Iterator[Any], x: Reading | None) -> Any:
        assert x is not None
        if not kind.kind:
            return x.next(kind.identifier)
        if kind.kind == "map":
            keys = self._expect(kind, next(entries, []), list)
            for i, key in enumerate(keys):
                if not isinstance(key, str):
                    raise Misfit(f"text is expected as a key, not {_found(key)}", str(i))
            x.left(len(keys))
            pairs = []
            for key in keys:
                try:
                    pairs.append((key, x.next(kind.identifier)))
                except Misfit as misfit:
                    raise misfit.inside(short(key))
            return to_dict(pairs)
        count = x.left(self._read_primitive(Primitive("u64"), next(entries, 0)))
        if kind.kind == "list":
            values: list[Any] = []
            try:
                while len(values) < count:
                    values.append(x.next(kind.identifier))
            except Misfit as misfit:
                raise misfit.inside(str(len(values)))
            return values
        if count > 1:
            raise Misfit(f"an option has {count} frames")
        return x.next(kind.identifier) if count else None

    def _read_enum(self, kind: Enum, plain: Any, x: Reading | None, levels: int) -> Any:
        made = self._classes.of(kind)
        assert isinstance(made, Union)
        name, held = plain, None
        if isinstance(plain, _Pairs) and len(plain) == 1:
            ((name, held),) = plain
        for variant, its in zip(kind.variants, made.variants):
            if variant.name == name and (variant.holds is None) == (name is plain):
                try:
                    return self._space[its.name](*self._read_held(variant, its, held, x, levels))
                except Misfit as misfit:
                    raise misfit.inside(variant.name)
        raise Misfit(f"{made.name} is expected, and has no variant {short(name)}")

    def _read_held(self, variant: Variant, its: Class, held: Any, x: Reading | None, levels: int) -> list[Any]:
        if variant.holds is None:
            return []
        if isinstance(variant.holds, Struct) and variant.holds.name is None:
            return self._read_fields(variant.holds, held, x, levels, its)
        if isinstance(variant.holds, Frames):
            return [self._read_frames(variant.holds, iter([held]), x)]
        return [self._read(variant.holds, held, x, levels - 1)]

    def _expect(self, kind: Type, plain: Any, form: type) -> Any:
        if not isinstance(plain, form) or (isinstance(plain, _Pairs) and form is list):
            what = "a map" if form is _Pairs else "an array"
            raise Misfit(f"{what} of MessagePack is expected, not {_found(plain)}")
        return plain

    def _read_primitive(self, kind: Primitive, plain: Any) -> Any:
        value = _as_primitive(kind.name, plain)
        if value is _MISSING:
            raise unexpected(kind, plain, self._classes)
        return value

    def write(self, kind: Type, value: Any, out: list[bytes], x: Writing | None, levels: int = MAX_DEPTH) -> None:
        kind = resolve(kind)
        try:
            if isinstance(kind, Primitive):
                self._write_primitive(kind.name, value, out)
            elif isinstance(kind, Option) and value is None:
                out.append(b"\xc0")
            elif levels == 0:
                raise too_deep(MAX_DEPTH)
            elif isinstance(kind, Option):
                self._write_some(kind, value, out, x, levels)
            elif isinstance(kind, Enum):
                self._write_enum(kind, value, out, x, levels)
            elif isinstance(kind, Map):
                self._write_map(kind, value, out, x, levels)
            elif isinstance(kind, Struct):
                self._write_struct(kind, value, out, x, levels)
            else:
                assert isinstance(kind, (List, Array))
                self._write_list(kind, value, out, x, levels)
        except (Misfit, RecursionError):
            raise
        except Exception as error:
            raise unexpected(kind, value, self._classes) from error

    def _write_map(self, kind: Map, value: Any, out: list[bytes], x: Writing | None, levels: int) -> None:
        out.append(self._packer.pack_map_header(len(value)))
        for key, of in value.items() if is_hashable(kind.key) else value:
            step = "key"
            try:
                self.write(kind.key, key, out, x, levels - 1)
                step = short(key)
                self.write(kind.value, of, out, x, levels - 1)
            except Misfit as misfit:
                raise misfit.inside(step)

    def _write_struct(self, kind: Struct, value: Any, out: list[bytes], x: Writing | None, levels: int) -> None:
        made = self._classes.of(kind)
        if made is not None:
            assert isinstance(made, Class)
            if type(value) is not self._space[made.name]:
                raise unexpected(kind, value, self._classes)
            value = [getattr(value, name) for name, _ in made.fields]
        elif isinstance(value, str) or len(value) != len(kind.fields):
            raise unexpected(kind, value, self._classes)
        self._write_fields(kind, value, out, x, levels)

    def _write_list(self, kind: List | Array, value: Any, out: list[bytes], x: Writing | None, levels: int) -> None:
        numbers = numbers_of(kind)
        if numbers is not None:
            shape = numbers[1] if isinstance(kind, Array) else (None, *numbers[1])
            if levels < len(shape):
                raise too_deep(MAX_DEPTH)
            array = as_array(value, NUMBERS[numbers[0]][0], shape)
            out.append((self._pack_single if numbers[0] == "f32" else self._pack)(array.tolist()))
            return
        if isinstance(value, (str, dict)) or (isinstance(kind, Array) and len(value) != kind.length):
            raise unexpected(kind, value, self._classes)
        out.append(self._packer.pack_array_header(len(value)))
        for i, one in enumerate(value):
            try:
                self.write(kind.of, one, out, x, levels - 1)
            except Misfit as misfit:
                raise misfit.inside(str(i))

    def _write_some(self, kind: Option, value: Any, out: list[bytes], x: Writing | None, levels: int) -> None:
        if is_nullable(kind.of):
            if type(value) is not Some:
                raise unexpected(kind, value, self._classes)
            if value.value is None:
                raise Misfit("MessagePack has no option in which there is nothing: Some(None) can't be written")
            value = value.value
        self.write(kind.of, value, out, x, levels - 1)

    def _write_fields(
        self, kind: Struct, values: Any, out: list[bytes], x: Writing | None, levels: int, its: Class | None = None
    ) -> None:
        written = []
        for i, ((name, of), value) in enumerate(zip(kind.fields, values)):
            parts: list[bytes] = []
            try:
                if isinstance(of, Frames):
                    self._write_frames(of, value, parts, x)
                elif value is not None or name not in kind.optional or isinstance(resolve(of), Option):
                    # An option is written as nil, since Rust may have another default for a field that is missing.
                    self.write(of, value, parts, x, levels - 1)
            except Misfit as misfit:
                raise misfit.inside(self._names(kind, its)[i])
            if parts:
                written.append((name, parts))
        header = self._packer.pack_array_header if kind.is_tuple else self._packer.pack_map_header
        out.append(header(len(written)))
        for name, parts in written:
            if not kind.is_tuple:
                out.append(self._pack(name))
            out += parts

    def _write_frames(self, kind: Frames, value: Any, out: list[bytes], x: Writing | None) -> None:
        assert x is not None
        steps: list[str]
        if not kind.kind or kind.kind == "option":
            values = [] if value is None and kind.kind else [value]
            steps = []
        elif isinstance(value, dict) != (kind.kind == "map") or not hasattr(value, "__len__") or isinstance(value, str):
            raise unexpected(kind, value, self._classes)
        else:
            values = list(value.values()) if kind.kind == "map" else list(value)
            steps = [short(key) for key in value] if kind.kind == "map" else [str(i) for i in range(len(values))]
        if kind.kind:
            for key in value if kind.kind == "map" else ():
                if not isinstance(key, str):
                    raise Misfit(f"text is expected as a key, not {_found(key)}")
            out.append(self._pack(list(value) if kind.kind == "map" else len(values)))
        for i, one in enumerate(values):
            try:
                x.add(one, kind.identifier)
            except Misfit as misfit:
                raise misfit.inside(*steps[i : i + 1])

    def _write_enum(self, kind: Enum, value: Any, out: list[bytes], x: Writing | None, levels: int) -> None:
        made = self._classes.of(kind)
        assert isinstance(made, Union)
        for variant, its in zip(kind.variants, made.variants):
            if type(value) is self._space[its.name]:
                try:
                    self._write_variant(variant, its, value, out, x, levels)
                except Misfit as misfit:
                    raise misfit.inside(variant.name)
                return
        raise unexpected(kind, value, self._classes)

    def _write_variant(
        self, variant: Variant, its: Class, value: Any, out: list[bytes], x: Writing | None, levels: int
    ) -> None:
        if variant.holds is None:
            out.append(self._pack(variant.name))
            return
        out += [self._packer.pack_map_header(1), self._pack(variant.name)]
        fields = [getattr(value, name) for name, _ in its.fields]
        if isinstance(variant.holds, Struct) and variant.holds.name is None:
            self._write_fields(variant.holds, fields, out, x, levels, its)
        elif isinstance(variant.holds, Frames):
            self._write_frames(variant.holds, fields[0], out, x)
        else:
            self.write(variant.holds, fields[0], out, x, levels - 1)

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
        if _as_primitive(name, value) is _MISSING:
            raise TypeError
        out.append((self._pack_single if name == "f32" else self._pack)(value))


_KINDS: dict[str, Any] = {
    "unit": type(None), "bool": bool, "text": str, "char": str, "bytes": bytes, "f32": (float, int), "f64": (float, int)
}  # fmt: skip
#: No value.
_MISSING = object()


def _as_primitive(name: str, plain: Any) -> Any:
    """Return the value of a primitive type that MessagePack's value stands for, if it does."""
    kinds = _KINDS.get(name)
    if kinds is not None:
        if not isinstance(plain, kinds) or (name == "char" and len(plain) != 1):
            return _MISSING
        return float(plain) if name[0] == "f" else plain
    bits, is_signed = int(name[1:]), name[0] == "i"
    if bits == 128 and isinstance(plain, bytes) and len(plain) == 16:
        return int.from_bytes(plain, "big", signed=is_signed)
    if not isinstance(plain, int) or isinstance(plain, bool):
        return _MISSING
    return plain if -(is_signed << (bits - 1)) <= plain < 1 << (bits - is_signed) else _MISSING


def _found(plain: Any) -> str:
    return "a map" if isinstance(plain, _Pairs) else "an array" if isinstance(plain, list) else short(plain)
