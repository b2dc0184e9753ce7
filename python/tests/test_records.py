"""The records of a lock: frames that Rust wrote are read and written byte for byte."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest

import msgpack
import numpy as np
import ps_serialize
from proxystore.serialize import SerializationError
from ps_serialize.records import Some

HERE = pathlib.Path(__file__).parent
GOLDEN = HERE.parents[1] / "tests" / "golden" / "0.1"
LOCK = HERE / "golden.lock"
records = ps_serialize.load(LOCK)


def load(entries):
    """The classes of a lock with these lines below its first one."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "ps-serialize.lock")
        path.write_text("ps-serialize-lock 1\n" + entries)
        return ps_serialize.load(path)


def value_of(kind, below=""):
    """The class of a record with one field of this type."""
    below = "".join(f"    {line}\n" for line in below.splitlines())
    return load(f'\nb"one"\n  codec: bincode\n  value: struct One\n    x: {kind}\n{below}').One


def sample():
    return records.Sample(
        id=7,
        text="größe\n",
        label="label",
        bytes_=b"\0\n\xff",
        some="some",
        none=None,
        list_=[b"\x01" * 70, b""],
        map={"": "empty", "key": ""},
        last=(-1, 0.1),
    )


#: What Rust wrote into the files of these names.
VALUES = {
    "record-scalars": records.Scalars(
        unsigned=(255, 0x0102, 0x01020304, 0x0102030405060708, 2**128 - 2),
        signed=(-128, -2, 0x01020304, -(2**63), -(2**127) + 1),
        floats=(-0.0, 0.1),
        flags=(True, False),
        letters=("a", "é", "世", "🌍"),
        unit=None,
    ),
    "record-collections": records.Collections(
        text="größe\n",
        numbers=np.array([1, -np.inf, 5e-324]),
        option=[None, 0x0102],
        nothing=None,
        map={"": [], "key": ["a", "b"]},
        boxed=np.array([-1, 1], "i2"),
        nested=[records.Inner("x", records.Place(-1, records.Place(2, None)))],
        empty=[],
    ),
    "record-enum": records.EventNested_g2(
        [
            records.EventUnit(),
            records.EventNewtype(7),
            records.EventTuple("two", -2),
            records.EventStruct(name="n", flags=[True, False, True]),
            records.EventNested_g2([]),
        ]
    ),
    "record-enum-unit": records.EventUnit(),
    "record-alias": records.Record_g3(np.array([0.5, -0.0])),
    "record-unit": records.Record_g4(None),
    "record-long-identifier": records[b"the longest of all identifiers!!"](7),
    "record-wincode": records.ByWincode_g5(
        text="größe\n",
        numbers=np.array([1, -np.inf, 5e-324]),
        option=[None, 0x0102],
        nothing=None,
        choice=records.ChoiceStruct(by=(-1, 0x01020304)),
    ),
    "record-messagepack": records.ByMessagePack(
        größe=(200, -300, 2**64 - 1, -(2**127), 1),
        floats=(0.5, -np.inf),
        text=("世", "größe\n"),
        bytes_=np.array([1, 200], "u1"),
        option=Some(0x0102),
        nothing=None,
        events=[
            records.EventUnit(),
            records.EventNewtype(7),
            records.EventTuple("two", -2),
            records.EventStruct(name="n", flags=[True, False]),
        ],
        map={7: records.Nothing(), 700: records.Nothing()},
        kind="Address",
        address="127.0.0.1",
    ),
    "frames-struct": sample(),
    "frames-enum": records.EventNested_g8(
        name="n",
        events=[records.EventNothing(), records.EventPlain(7, "plain"), records.EventText("text")],
        sample=sample(),
    ),
    "frames-enum-unit": records.EventNothing(),
    "frames-long-identifier": records.Only("only"),
    "frames-wincode": records.ByWincode_g9(id=7, text="text", map={"k": "v"}, numbers=np.array([1, 0x0102], "u2")),
    "frames-arrays": records.Arrays(
        name="arrays", image=np.array([[1, -0.5], [np.inf, 5e-324]]), masks={"m": np.array([1, 2, 3], "u1")}
    ),
}


class Golden(unittest.TestCase):
    def test_frames_of_rust_are_read_and_written_byte_for_byte(self):
        names = {path.stem for kind in ("record", "frames") for path in GOLDEN.glob(kind + "-*.frame")}
        # A format of its own.
        self.assertEqual(names - set(VALUES), {"record-aligned"})
        for name, value in VALUES.items():
            frame = (GOLDEN / f"{name}.frame").read_bytes()
            for copy in (False, True):
                found = ps_serialize.deserialize(frame, copy=copy)
                self.assertIs(type(found), type(value))
                self.assertEqual(found, value, name)
            for value in (value, found):
                written = bytes(ps_serialize.serialize(value))
                if name == "record-messagepack":
                    # Rust leaves out an option without a value there, by an attribute that the lock does not know.
                    written = written.replace(b"\xa7nothing\xc0", b"").replace(b"gm\n\x8a", b"gm\n\x89")
                self.assertEqual(written, frame, name)

    def test_values_that_differ_are_not_equal(self):
        self.assertNotEqual(records.EventNewtype(7), records.EventNewtype(8))
        self.assertNotEqual(records.EventNewtype(7), records.EventText(7))
        self.assertNotEqual(records.Record_g3(np.array([0.5, 1])), records.Record_g3(np.array([0.5, 2])))
        self.assertNotEqual(records.Record_g3(np.array([0.5, 1])), records.Record_g3(np.array([0.5, 1], "f4")))
        self.assertEqual({records.EventUnit(), records.EventUnit()}, {records.EventUnit()})

    def test_every_end_of_a_frame_that_is_cut_is_an_error(self):
        for name in VALUES:
            frame = (GOLDEN / f"{name}.frame").read_bytes()
            start = frame.index(b"\n") + 1
            for end in range(start, len(frame)):
                with self.assertRaises(SerializationError, msg=(name, end)):
                    ps_serialize.deserialize(frame[:end])
            with self.assertRaises(SerializationError, msg=name):
                ps_serialize.deserialize(frame + b"\0")


class Types(unittest.TestCase):
    def assert_layout(self, kind, value, expected, below=""):
        one = value_of(kind, below)
        frame = ps_serialize.serialize(one(value))
        self.assertEqual(bytes(frame), b"one\n" + expected)
        self.assertEqual(ps_serialize.deserialize(frame), one(value))

    def test_each_type_has_its_bytes(self):
        size = (2).to_bytes(8, "little")
        self.assert_layout("option of option of u8", None, b"\0")
        self.assert_layout("option of option of u8", Some(None), b"\1\0")
        self.assert_layout("option of option of u8", Some(7), b"\1\1\7")
        self.assert_layout("option of unit", Some(None), b"\1")
        self.assert_layout("list of bytes", [b"a", b""], size + b"\1" + bytes(7) + b"a" + bytes(8))
        self.assert_layout("list of array 2 of u8", np.array([[1, 2], [3, 4]], "u1"), size + b"\1\2\3\4")
        self.assert_layout("array 2 of array 2 of u8", np.array([[1, 2], [3, 4]], "u1"), b"\1\2\3\4")
        self.assert_layout("array 2 of text", ("a", ""), b"\1" + bytes(7) + b"a" + bytes(8))
        self.assert_layout("array 0 of u8", np.zeros(0, "u1"), b"")
        self.assert_layout("list of unit", [None, None], size)
        self.assert_layout("map", {2: True, 1: False}, size + b"\2\1\1\0", "  key: u8\n  value: bool")
        self.assert_layout("map", [(0.5, 1)], b"\1" + bytes(7) + np.float32(0.5).tobytes() + b"\1", "  key: f32\n  value: u8")
        self.assert_layout("@1 = list of @1", [[], [[]]], size + bytes(8) + b"\1" + bytes(15))
        self.assert_layout("tuple", ("é", 258), "é".encode() + b"\2\1", "  0: char\n  1: u16")
        self.assert_layout("array 300 of u8", np.arange(300).astype("u1"), bytes(range(256)) + bytes(range(44)))
        self.assert_layout("i128", -2, b"\xfe" + b"\xff" * 15)

    def test_names_that_python_lacks_are_changed(self):
        made = load(
            '\nb"odd"\n  codec: bincode\n  value: struct "My Type"\n    class: u8\n    "größe (m)": u8\n    1st: u8\n    int: u8\n'
        )
        self.assertEqual(list(made[b"odd"].__dataclass_fields__), ["class_", "größe__m_", "_1st", "int_"])
        self.assertEqual(ps_serialize.serialize(made.My_Type(1, 2, 3, 4)), b"odd\n\1\2\3\4")

    def test_what_a_type_can_not_hold_is_refused(self):
        for kind, values in {
            "u8": (256, -1, 1.5, "1", None),
            "i128": (1 << 127, 1.5),
            "bool": (1, "x", None),
            "f32": (1e300, "1", None),
            "char": ("", "ab", 7),
            "text": (b"text", 7, None, "\ud800"),
            "bytes": ("text", 7),
            "unit": (0,),
            "option of u8": ("", 256),
            "option of option of u8": (7,),
            "list of u8": ([256], [-1], [1.5], ["1"], [[1]], 7, "text"),
            "list of f64": (["1"], [1j], [[1.0]], 7),
            "list of text": ("text", {"a": 1}, [1], 7),
            "array 2 of f64": ([1.0], [1.0, 2.0, 3.0], 1.0),
            "array 2 of text": (("a",), "ab", ("a", "b", "c")),
        }.items():
            one = value_of(kind)
            for value in values:
                with self.assertRaises(SerializationError, msg=(kind, value)):
                    ps_serialize.serialize(one(value))
        with self.assertRaises(SerializationError) as raised:
            ps_serialize.serialize(records.Place(1, None))
        self.assertIn("Place has no identifier of its own in the lock", str(raised.exception))
        with self.assertRaises(SerializationError) as raised:
            ps_serialize.serialize(records.EventNested_g2([records.Place(1, None)]))
        self.assertIn("Event_g2 › Nested › value › 0: Event_g2 is expected, not Place(…)", str(raised.exception))
        with self.assertRaises(SerializationError):
            ps_serialize.serialize(records.Only(b"no text"))
        with self.assertRaises(SerializationError):
            ps_serialize.serialize(records.EventNested_g2([records.ChoiceUnit()]))

    def test_bytes_that_are_no_value_are_refused(self):
        huge = (1 << 60).to_bytes(8, "little")
        for kind, payloads in {
            "bool": (b"\2",),
            "option of u8": (b"\2\0", b"\1"),
            "char": (b"\xff", b"\xc3", b"\xe4\xb8", b"\xed\xa0\x80"),
            "text": (huge, (b"\1" + bytes(7) + b"\xff"), b"\2" + bytes(7) + b"a"),
            "list of u8": (huge,),
            "list of array 0 of u8": (huge,),
            "list of unit": (huge,),
            "list of text": (huge,),
            "list of option of u8": (huge + bytes(100),),
        }.items():
            value_of(kind)
            for payload in payloads:
                with self.assertRaises(SerializationError, msg=(kind, payload)):
                    ps_serialize.deserialize(b"one\n" + payload)
        value_of("map", "  key: u8\n  value: u8")
        with self.assertRaises(SerializationError) as raised:
            ps_serialize.deserialize(b"one\n\2" + bytes(7) + b"\1\0\1\0")
        self.assertIn("a map has a key twice", str(raised.exception))
        value_of("enum E", "  0 A\n  7 B: u8")
        with self.assertRaises(SerializationError) as raised:
            ps_serialize.deserialize(b"one\n\1\0\0\0")
        self.assertIn("E has no variant 1", str(raised.exception))

    def test_arrays_are_in_the_memory_of_the_frame(self):
        frame = ps_serialize.serialize(records.ByWincode_g5("a", np.arange(1000.0), None, None, records.ChoiceUnit()))
        found = ps_serialize.deserialize(frame).numbers
        self.assertTrue(np.shares_memory(found, np.frombuffer(frame, "u1")))
        self.assertFalse(found.flags.writeable)
        found = ps_serialize.deserialize(frame, copy=True).numbers
        found += 1
        self.assertEqual(found.tolist(), list(np.arange(1.0, 1001.0)))


class Names(unittest.TestCase):
    def test_a_name_that_python_takes_is_kept(self):
        made = load('\nb"n"\n  codec: bincode\n  value: struct N\n    _y: u8\n    y: u8\n    __y: u8\n').N
        self.assertEqual(bytes(ps_serialize.serialize(made(y=2, y_=1, y__=3))), b"n\n\1\2\3")

    def test_floats_that_become_infinite_are_refused(self):
        made = load('\nb"n"\n  codec: bincode\n  value: list of f32\n')[b"n"]
        for numbers in ([1e300], np.array([0, -1e39])):
            with self.assertRaisesRegex(SerializationError, "Record_n › value › [01]: a number of the type float32 is expected, not -?1e"):
                ps_serialize.serialize(made(numbers))
        value = made(np.array([np.inf, np.nan, 1e-50]))
        found = ps_serialize.deserialize(ps_serialize.serialize(value)).value
        np.testing.assert_array_equal(found, np.array([np.inf, np.nan, 0], "f4"))

    def test_a_lock_that_says_something_twice_is_refused(self):
        entry = '\nb"n"\n  codec: bincode\n  value: u8\n'
        for text in (entry * 2, entry + '\nretired b"n"\n', entry + "  value: u16\n", entry + "  codec: wincode\n"):
            with self.assertRaisesRegex(ValueError, "twice|once"):
                load(text)


class MessagePack(unittest.TestCase):
    def setUp(self):
        self.made = load(
            '\nb"m"\n  codec: messagepack\n  value: struct M\n    a: u8\n    b?: list of text\n    c?: option of i8\n'
            "    d: option of option of f32\n    e: list of f32\n"
            '\nb"f"\n  codec: messagepack\n  value: struct F\n    id: u64\n    image: frame b"BS"\n    tag?: text\n'
            '    more?: frames option of b"US"\n    all: frames list of b"US"\n    map: frames map of b"US"\n'
        )

    def test_fields_may_come_in_any_order_or_be_missing(self):
        m = self.made.M
        frame = b"m\n" + msgpack.packb({"e": [0.5], "d": 1.5, "a": 7, "unknown": [1]})
        value = m(7, None, None, Some(1.5), np.array([0.5], "f4"))
        self.assertEqual(ps_serialize.deserialize(frame), value)
        written = ps_serialize.serialize(value)
        self.assertEqual(msgpack.unpackb(written[2:]), {"a": 7, "c": None, "d": 1.5, "e": [0.5]})
        self.assertEqual(ps_serialize.deserialize(written), value)
        value = m(7, ["x"], -1, None, np.zeros(0, "f4"))
        self.assertEqual(ps_serialize.deserialize(ps_serialize.serialize(value)), value)

    def test_types_without_fields_are_the_whole_record(self):
        for kind, value, plain, below in (
            ("f64", 1.5, 1.5, ""),
            ("option of u8", None, None, ""),
            ("list of text", ["a"], ["a"], ""),
            ("array 2 of u8", np.array([1, 2], "u1"), [1, 2], ""),
            ("map", {"value": {}}, {"value": {}}, "    key: text\n    value: map\n      key: text\n      value: u8\n"),
        ):
            made = load(f'\nb"w"\n  codec: messagepack\n  value: {kind}\n{below}')[b"w"]
            frame = ps_serialize.serialize(made(value))
            self.assertEqual(bytes(frame), b"w\n" + msgpack.packb(plain))
            self.assertEqual(ps_serialize.deserialize(frame), made(value))

    def test_frames_inside_have_no_entry(self):
        for value in (
            self.made.F(1, b"image", None, None, [], {}),
            self.made.F(2, b"", "tag", "more", ["a", "b"], {"k": "v", "": ""}),
        ):
            frame = ps_serialize.serialize(value)
            self.assertEqual(frame[63:64], b"\n")
            self.assertEqual(ps_serialize.deserialize(frame), value)

    def test_what_a_type_can_not_hold_is_refused_both_ways(self):
        fine = {"a": 7, "d": None, "e": []}
        for change in (
            {"a": 256},
            {"a": -1},
            {"a": True},
            {"a": 1.5},
            {"b": "x"},
            {"b": [1]},
            {"c": 128},
            {"d": "x"},
            {"e": ["x"]},
        ):
            with self.assertRaises(SerializationError, msg=change):
                ps_serialize.deserialize(b"m\n" + msgpack.packb(fine | change))
            with self.assertRaises(SerializationError, msg=change):
                ps_serialize.serialize(self.made.M(**{"a": 7, "b": None, "c": None, "d": None, "e": []} | change))
        for payload in (
            b"",
            b"\xc0",
            msgpack.packb([7]),
            msgpack.packb({"a": 7}),
            msgpack.packb(fine) + b"\0",
            b"\x82\xa1a\1\xa1a\1",
        ):
            with self.assertRaises(SerializationError, msg=payload):
                ps_serialize.deserialize(b"m\n" + payload)
        with self.assertRaises(SerializationError):
            ps_serialize.serialize(self.made.M(7, None, None, Some(None), []))


class Locks(unittest.TestCase):
    def test_what_has_no_class_is_said(self):
        for identifier, message in ((b"g6", "a format of its own"), ("sim.Particle", "pickled"), (b"gz", "retired"), (b"g", "the lock has b'a record with a long identifier', b'g0', ")):
            with self.assertRaises(KeyError) as raised:
                records[identifier]
            self.assertIn(message, str(raised.exception))

    def test_what_is_no_lock_is_refused(self):
        entry = '\nb"one"\n  codec: bincode\n  value: '
        for text in (
            "",
            "ps-serialize-lock 2\n",
            *(
                "ps-serialize-lock 1\n" + entries
                for entries in (
                    "one\n  value: u8\n",
                    'b"one"\n',
                    'b"one"\n    codec: bincode\n',
                    entry + "u9\n",
                    entry + "@1\n",
                    entry + "@1 = @1\n",
                    entry + "@1 = struct A\n    x: @1\n",
                    entry + "option of @1 = array 2 of tuple A\n    0: text\n    1: @1\n",
                    entry.replace("one", "\\x") + "u8\n",
                    entry + "map\n    key: u8\n",
                    entry + "struct A\n    no field\n",
                    entry + "enum A\n    A\n",
                    entry + "frame 7 8\n",
                    entry.replace("one", "NP") + "u8\n",
                    entry.replace("one", "\\n") + "u8\n",
                    entry.replace("one", "x" * 33) + "u8\n",
                )
            ),
        ):
            with tempfile.TemporaryDirectory() as folder:
                path = pathlib.Path(folder, "lock")
                path.write_text(text)
                with self.assertRaises(ValueError, msg=text):
                    ps_serialize.load(path)

    def test_a_lock_takes_over_from_an_earlier_one(self):
        first, second = value_of("u8"), value_of("u16")
        self.assertEqual(ps_serialize.deserialize(b"one\n\1\0"), second(1))
        self.assertEqual(ps_serialize.serialize(second(1)), b"one\n\1\0")
        with self.assertRaises(SerializationError):
            ps_serialize.deserialize(b"one\n\1")
        self.assertEqual(ps_serialize.serialize(first(1)), b"one\n\1")

    def test_the_source_of_a_lock_is_typed_and_does_the_same(self):
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
        program = """
import records, pathlib, ps_serialize
place = records.Place(-1, records.Place(2, None))
frame = pathlib.Path("frame").read_bytes()
event: records.Event_g2 = ps_serialize.deserialize(frame)
if isinstance(event, records.EventNested_g2):
    text: list[str] = [one.field0 for one in event.value if isinstance(one, records.EventTuple)]
assert text == ["two"] and bytes(ps_serialize.serialize(event)) == frame
"""
        with tempfile.TemporaryDirectory() as folder:
            run = {"cwd": folder, "env": environment, "capture_output": True, "text": True}
            made = subprocess.run([sys.executable, "-m", "ps_serialize", "generate", LOCK], check=True, **run).stdout
            pathlib.Path(folder, "records.py").write_text(made)
            pathlib.Path(folder, "program.py").write_text(program)
            pathlib.Path(folder, "frame").write_bytes((GOLDEN / "record-enum.frame").read_bytes())
            subprocess.run([sys.executable, "program.py"], check=True, **run)
            failed = subprocess.run([sys.executable, "-m", "ps_serialize", "generate", "frame"], **run)
            self.assertEqual((failed.returncode, failed.stdout), (1, ""))
            try:
                import mypy  # noqa: F401
            except ImportError:
                self.skipTest("mypy is not installed")
            config = HERE.parent / "pyproject.toml"
            run["env"] = environment | {"MYPYPATH": str(HERE.parent)}
            checked = subprocess.run([sys.executable, "-m", "mypy", "--config-file", config, "program.py"], **run)
            errors = [line for line in checked.stdout.splitlines() if line.startswith(("records.py", "program.py"))]
            self.assertEqual(errors, [], checked.stdout)
            self.assertEqual(checked.stderr, "")


class Speed(unittest.TestCase):
    def test_many_numbers_and_many_records_are_read_fast(self):
        made = load(
            '\nb"s"\n  codec: bincode\n  value: struct Series\n    samples: list of f64\n'
            '\nb"p"\n  codec: bincode\n  value: struct Particle\n    id: u64\n    mass: f64\n'
            "    position: array 3 of f64\n    velocity: array 3 of f64\n"
        )
        series = ps_serialize.serialize(made.Series(np.ones(1_000_000)))
        self.assertLess(fastest(lambda: ps_serialize.deserialize(series)), 0.001)
        numbers = np.random.default_rng(7).random((10_000, 7))
        frames = [ps_serialize.serialize(made.Particle(i, *row[:1], row[1:4], row[4:])) for i, row in enumerate(numbers)]
        texts = [
            json.dumps({"id": i, "mass": row[0], "position": row[1:4].tolist(), "velocity": row[4:].tolist()})
            for i, row in enumerate(numbers)
        ]
        ours = fastest(lambda: [ps_serialize.deserialize(frame) for frame in frames])
        self.assertLess(ours, 3 * fastest(lambda: [json.loads(text) for text in texts]))


def fastest(function):
    times = []
    for _ in range(7):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return min(times)


if __name__ == "__main__":
    unittest.main()
