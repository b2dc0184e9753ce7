"""Values that a record can't hold, and bytes that are none: each error says where, what is there and what is expected."""

import dataclasses
import unittest

import msgpack
import numpy as np
import ps_serialize
from proxystore.serialize import SerializationError
from test_records import load

ITEMS = """struct Order
    id: u64
    note: option of text
    items: list of struct Item
      name: text
      tags: map
        key: text
        value: u8
      price: f64
      size: array 2 of f32
      state: enum State
        0 New
        1 Sent: tuple
          0: u8
          1: text
        2 Lost: struct
          since: i16
"""
LOCK = f'\nb"o"\n  codec: bincode\n  value: {ITEMS}\nb"om"\n  codec: messagepack\n  value: {ITEMS.replace("Order", "Letter")}'
#: A change to the second item or to the order, the place, and the rest of the message.
WRONG = [
    ({"price": "cheap"}, "items › 1 › price", "a float (f64) is expected, not 'cheap' (str)"),
    ({"price": None}, "items › 1 › price", "a float (f64) is expected, not None"),
    ({"name": b"bytes"}, "items › 1 › name", "text (str) is expected, not b'bytes' (bytes)"),
    ({"tags": {"a": 1, "b": 256}}, "items › 1 › tags › 'b'", "an integer from 0 to 255 (u8) is expected, not 256 (int)"),
    ({"tags": {7: 1}}, "items › 1 › tags › key", "text (str) is expected, not 7 (int)"),
    ({"tags": [1]}, "items › 1 › tags", "a dict is expected, not [1] (list)"),
    ({"size": [1, 2, 3]}, "items › 1 › size", "an array of float32 of the shape (2,) is expected, not [1, 2, 3] (list)"),
    ({"size": ["a", "b"]}, "items › 1 › size", "an array of float32 is expected, not ['a', 'b'] (list)"),
    ({"size": np.ma.array([1, 2], mask=[True, False])}, "items › 1 › size", "without masked elements is expected"),
    ({"size": [0, 1e300]}, "items › 1 › size › 1", "a number of the type float32 is expected, not 1e+300"),
    ({"state": 7}, "items › 1 › state", "State is expected, not 7 (int)"),
    ({"state": ("Sent", -1, "x")}, "items › 1 › state › Sent › field0", "an integer from 0 to 255 (u8) is expected, not -1 (int)"),
    ({"state": ("Sent", 1, 2)}, "items › 1 › state › Sent › field1", "text (str) is expected, not 2 (int)"),
    ({"state": ("Lost", 2.5)}, "items › 1 › state › Lost › since", "an integer from -32768 to 32767 (i16) is expected, not 2.5"),
    ({"id": -1}, "id", "an integer of 64 bits, not negative (u64) is expected, not -1 (int)"),
    ({"id": "x" * 10_000}, "id", "'xxx"),
    ({"note": 7}, "note", "7 (int)"),
    ({"items": 7}, "items", "a list is expected, not 7 (int)"),
    ({"items": {"a": 1}}, "items", "a list is expected, not {'a': 1} (dict)"),
    ({"items": [None]}, "items › 0", "Item is expected, not None"),
]


def link(made, length):
    value = None
    for _ in range(length):
        value = made(7, value)
    return value


class Written(unittest.TestCase):
    def order(self, made, change):
        records = self.records
        item = records.Item("n", {"a": 1}, 1.5, np.zeros(2), records.StateNew())
        if "state" in change and isinstance(change["state"], tuple):
            variant, *fields = change["state"]
            change = {"state": getattr(records, "State" + variant)(*fields)}
        order = made(7, "note", [item, item])
        if set(change) <= {"id", "note", "items"}:
            return dataclasses.replace(order, **change)
        order.items[1] = dataclasses.replace(item, **change)
        return order

    def test_an_error_says_where_and_what_and_what_is_expected(self):
        self.records = load(LOCK)
        for name in ("Order", "Letter"):
            made = getattr(self.records, name)
            self.assertTrue(ps_serialize.serialize(self.order(made, {})))
            for change, place, message in WRONG:
                with self.subTest(name=name, change=str(change)[:50]):
                    with self.assertRaises(SerializationError) as raised:
                        ps_serialize.serialize(self.order(made, change))
                    text = str(raised.exception)
                    self.assertIn(f"the record can't be written: {name} › {place}: ", text)
                    self.assertIn(message, text)
                    self.assertLess(len(text), 400)

    def test_a_field_that_is_a_frame_is_named(self):
        for codec in ("bincode", "messagepack"):
            made = load(
                f'\nb"f"\n  codec: {codec}\n  value: struct F\n    text: frame b"US"\n    all: frames list of b"BS"\n'
                '    map: frames map of b"US"\n    some: frames option of b"US"\n'
            ).F
            for fields, place, message in (
                ((7, [], {}, None), "text", "a frame of b'US' is expected, and 7 (int) is written as one of b'PK'"),
                (("", [b"", "x"], {}, None), "all › 1", "a frame of b'BS' is expected, and 'x' (str)"),
                (("", 7, {}, None), "all", "a list of values is expected, not 7 (int)"),
                (("", [], {"k": b"x"}, None), "map › 'k'", "a frame of b'US' is expected"),
                (("", [], {}, 7), "some", "a frame of b'US' is expected"),
            ):
                with self.assertRaises(SerializationError) as raised:
                    ps_serialize.serialize(made(*fields))
                self.assertIn(f"F › {place}: {message}", str(raised.exception))
            frame = ps_serialize.serialize(made("größe", [b"ab"], {"k": "v"}, None))
            broken = bytes(frame).replace("ö".encode(), b"\xff\xff")
            with self.assertRaisesRegex(SerializationError, "'f' can't be read: F › text: the frame of the identifier 'US' can't be"):
                ps_serialize.deserialize(broken)


class Read(unittest.TestCase):
    def refused(self, frame):
        with self.assertRaises(SerializationError) as raised:
            ps_serialize.deserialize(frame)
        self.assertTrue(str(raised.exception.__cause__), raised.exception)
        return str(raised.exception)

    def test_an_error_says_where_and_what_is_there(self):
        records = load(LOCK)
        item = records.Item("n", {"a": 1}, 1.5, np.zeros(2), records.StateSent(1, "text"))
        frame = bytes(ps_serialize.serialize(records.Order(7, None, [item, item])))
        cut = "the frame of the identifier 'o' can't be read: Order › "
        self.assertEqual(self.refused(b"o\n"), cut + "id: the record ends here, where an integer of 64 bits, not negative (u64) is expected")
        self.assertEqual(self.refused(frame[:-4]), cut + "items › 1 › state › Sent › field1: a length of 4 bytes, where 0 are left")
        self.assertEqual(self.refused(frame[:-1] + b"\xff"), cut + "items › 1 › state › Sent › field1: text is not UTF-8: invalid start byte")
        self.assertIn("items › 1 › price: the record ends here", self.refused(frame[: len(frame) - 33]))
        self.assertEqual(self.refused(frame[:10] + b"\7" + frame[11:]), cut + "note: an option begins with 0 or 1, not 7")
        self.assertIn("Order: 1 bytes are left over", self.refused(frame + b"\0"))

    def test_messagepack_that_is_none_or_of_another_type_is_told(self):
        load(LOCK)
        start = "the frame of the identifier 'om' can't be read: Letter"
        for payload in (b"", b"\xc1", b"\x83", b"\x91" * 100_000, b"\xa4\xff\xff\xff\xff"):
            self.assertRegex(self.refused(b"om\n" + payload), f"{start}: (the record is no MessagePack: .+|values are nested)")
        item = {"name": "n", "tags": {}, "price": 1.5, "size": [0, 0], "state": "New"}
        for change, message in (
            ({"price": "x"}, " › items › 0 › price: a float (f64) is expected, not 'x' (str)"),
            ({"size": [1]}, " › items › 0 › size: an array of float32 of the shape (2,)"),
            ({"tags": [1]}, " › items › 0 › tags: a map of MessagePack is expected, not an array"),
            ({"tags": {"a": -1}}, " › items › 0 › tags › 'a': an integer from 0 to 255 (u8) is expected"),
            ({"tags": {b"a": 1}}, " › items › 0 › tags › key: text (str) is expected"),
            ({"state": "Old"}, " › items › 0 › state: State is expected, and has no variant 'Old'"),
            ({"state": {"Sent": [1]}}, " › items › 0 › state › Sent › field1: it is missing"),
            ({"state": {"Lost": {"since": None}}}, " › items › 0 › state › Lost › since: an integer from -32768"),
        ):
            payload = msgpack.packb({"id": 7, "note": None, "items": [item | change]})
            self.assertIn(start + message, self.refused(b"om\n" + payload))
        self.assertIn(start + " › id: it is missing", self.refused(b"om\n" + msgpack.packb({"note": None})))


class Bounds(unittest.TestCase):
    """What Rust refuses is neither written nor read."""

    def test_values_are_nested_no_more_than_128_levels_deep(self):
        for codec in ("bincode", "messagepack"):
            made = load(f'\nb"l"\n  codec: {codec}\n  value: @1 = struct Link\n    v: u8\n    next: option of @1\n').Link
            # Each link is a struct and an option, and MessagePack has no level where nothing is.
            deepest = ps_serialize.serialize(link(made, 64))
            self.assertEqual(ps_serialize.deserialize(deepest), link(made, 64))
            for length in (65, 200, 5000):
                with self.assertRaisesRegex(SerializationError, "Link › next › .*more than 128 levels deep"):
                    ps_serialize.serialize(link(made, length))
                payload = b"\7\1" * (length - 1) + b"\7\0"
                if codec == "messagepack":
                    payload = b"\x82\xa1v\7\xa4next" * length + b"\xc0"
                with self.assertRaisesRegex(SerializationError, "levels deep"):
                    ps_serialize.deserialize(b"l\n" + payload)

    def test_without_a_bound_of_levels_python_s_own_is_an_error_too(self):
        made = load('\nb"l"\n  codec: wincode\n  value: @1 = struct Link\n    v: u8\n    next: option of @1\n').Link
        self.assertTrue(ps_serialize.deserialize(ps_serialize.serialize(link(made, 200))))
        with self.assertRaisesRegex(SerializationError, "Python's recursion limit"):
            ps_serialize.serialize(link(made, 5000))
        with self.assertRaisesRegex(SerializationError, "Python's recursion limit"):
            ps_serialize.deserialize(b"l\n" + b"\7\1" * 5000 + b"\7\0")

    def test_elements_without_bytes_are_bounded_together(self):
        made = load('\nb"e"\n  codec: bincode\n  value: struct E\n    x: list of list of unit\n').E
        most = (1 << 16) + 8 + 8 - 1
        value = made([[None] * most])
        self.assertEqual(ps_serialize.deserialize(ps_serialize.serialize(value)), value)
        with self.assertRaisesRegex(SerializationError, "no more than 65552 elements"):
            ps_serialize.serialize(made([[None] * (most + 1)]))
        payload = (40).to_bytes(8, "little") + (40_000).to_bytes(8, "little") * 40
        with self.assertRaisesRegex(SerializationError, "E › x › 1: 328 bytes may have no more than 65864 elements"):
            ps_serialize.deserialize(b"e\n" + payload)

    def test_records_inside_of_one_another_are_bounded(self):
        made = load('\nb"r"\n  codec: bincode\n  value: struct R\n    x: frames option of b"r"\n').R
        value = None
        for _ in range(32):
            value = made(value)
        frame = ps_serialize.serialize(value)
        self.assertEqual(ps_serialize.deserialize(frame), value)
        with self.assertRaisesRegex(SerializationError, "more than 32 records are inside of one another"):
            ps_serialize.serialize(made(value))
        # One more around it, by hand.
        line = b"r".ljust(63) + b"\n"
        head = b"".join(number.to_bytes(8, "little") for number in (1, 8, len(frame), 1))
        with self.assertRaisesRegex(SerializationError, "more than 32 records"):
            ps_serialize.deserialize(line + head.ljust(64, b"\0") + frame)

    def test_a_tuple_without_fields_is_an_empty_array_or_no_bytes(self):
        for codec, empty in (("bincode", b""), ("messagepack", b"\x90")):
            made = load(f'\nb"t"\n  codec: {codec}\n  value: tuple Unit2\n').Unit2
            self.assertEqual(ps_serialize.serialize(made()), b"t\n" + empty)
            self.assertEqual(ps_serialize.deserialize(b"t\n" + empty), made())
            made = load(
                f'\nb"t"\n  codec: {codec}\n  value: struct S\n    a: tuple Nothing\n    b: option of tuple Other\n    c: list of tuple\n'
            )
            for value in (made.S(made.Nothing(), None, []), made.S(made.Nothing(), made.Other(), [(), ()])):
                self.assertEqual(ps_serialize.deserialize(ps_serialize.serialize(value)), value)
        self.assertTrue(bytes(ps_serialize.serialize(value)).endswith(b"\xa1a\x90\xa1b\x90\xa1c\x92\x90\x90"))
        with self.assertRaisesRegex(SerializationError, "S › a: an array of 1 values has more than a tuple of 0"):
            ps_serialize.deserialize(b"t\n" + msgpack.packb({"a": [1], "b": None, "c": []}))


if __name__ == "__main__":
    unittest.main()
