"""Names of a lock's classes, the mapping by identifier, pickles of records, and what is said of a file that is no lock."""

import concurrent.futures
import copy
import importlib.util
import os
import pathlib
import pickle
import subprocess
import sys
import tempfile
import unittest
from collections.abc import Mapping

import cloudpickle
import numpy as np
import ps_serialize
from proxystore.serialize import SerializationError
from test_records import LOCK, VALUES, load, records

RUST_LOCK = LOCK.parents[2] / "tests" / "lock" / "ps-serialize.lock"


def entry(identifier, *lines):
    return f'\nb"{identifier}"\n  codec: bincode\n  value: ' + "\n    ".join(lines) + "\n"


USER = entry("u5", "struct User", "name: text")
OTHER = entry("u7", "struct User", "name: text", "age: u8")


def importable(folder, name):
    """The module of a source that was generated."""
    spec = importlib.util.spec_from_file_location(name, pathlib.Path(folder, name + ".py"))
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return sys.modules[name]


class Names(unittest.TestCase):
    def test_a_name_never_gets_another_meaning(self):
        self.assertIs(load(USER).User, type(ps_serialize.deserialize(b"u5\n" + bytes(8))))
        for text in (USER + OTHER, entry("u3", "struct User", "x: u8") + USER):
            made = load(text)
            with self.assertRaises(AttributeError) as raised:
                made.User
            message = str(raised.exception)
            for identifier in made:
                name = f"User_{identifier.decode()}"
                self.assertIs(getattr(made, name), made[identifier])
                self.assertEqual(made[identifier].__name__, name)
                self.assertIn(f"{name}, which is {identifier!r}", message)

    def test_names_inside_of_entries_are_told_apart_by_their_places(self):
        made = load(entry("u5", "struct A", "left: tuple Pair", "  0: u8", "  1: text", "right: tuple Pair", "  0: u16", "  1: text"))
        with self.assertRaisesRegex(AttributeError, "Pair_u5_left, which is in b'u5' at 'left'; or of Pair_u5_right"):
            made.Pair
        value = made.A(made.Pair_u5_left(1, "a"), made.Pair_u5_right(2, "b"))
        self.assertEqual(ps_serialize.deserialize(ps_serialize.serialize(value)), value)

    def test_names_that_clash_in_every_way_are_unique(self):
        made = load(
            entry("u5", "struct User", "x: u8") + entry("u7", "struct User", "x: u16") + entry("u_5", "struct User_u5", "x: u8")
            + entry("a b", "u8") + entry("a_b", "u8") + entry("a.b", "u8") + entry("ra", "struct Record", "x: u8")
            + entry("st", "enum State", "0 Gas: u8") + entry("su", "struct StateGas", "x: u8")
        )  # fmt: skip
        self.assertEqual(len({id(made[one]) for one in made}), 9)
        self.assertEqual(len(set(made.__all__)), 10)
        self.assertEqual(made.Record_.__name__, "Record_")
        for name in ("User", "User_u5", "Record_a_b", "StateGas"):
            with self.assertRaisesRegex(AttributeError, f"several types of the lock are named '{name}'"):
                getattr(made, name)

    def test_names_of_variants_that_clash_do_not_depend_on_other_types(self):
        op = entry("01", "enum Op", '0 "+"', '1 "-"', "2 Times")
        before, after = (vars(load(locked)) for locked in (op, entry("00", "struct X", "a: u8") + op))
        names = [name for name, made in before.items() if name.startswith("Op_")]
        self.assertEqual(len(names), 2)
        for name in names:
            self.assertEqual(ps_serialize.serialize(before[name]()), ps_serialize.serialize(after[name]()), name)

    def test_fields_may_have_names_that_classes_have(self):
        made = load(entry("01", "struct Odd", "mro: u8", "self: u8", "last: u8"))
        self.assertEqual(ps_serialize.serialize(made.Odd(1, 2, 3)), b"01\n\x01\x02\x03")
        self.assertEqual(ps_serialize.deserialize(b"01\n\x01\x02\x03").mro_, 1)

    def test_a_name_that_is_not_there_is_told(self):
        with self.assertRaisesRegex(AttributeError, "no type named 'Sampel': is it Sample.*; it has Arrays, ByMessagePack"):
            records.Sampel

    def test_names_of_a_mapping_are_kept(self):
        made = load(entry("u5", "struct items", "x: u8") + entry("u6", "struct _known", "x: u8"))
        self.assertEqual(list(made.items()), [(b"u5", made.items_), (b"u6", made._known_)])


class ByIdentifier(unittest.TestCase):
    def test_records_are_a_mapping(self):
        made = load(USER + entry("u9", "u8") + '\nretired b"u0"\n')
        self.assertIsInstance(made, Mapping)
        self.assertEqual((list(made), len(made)), ([b"u5", b"u9"], 2))
        self.assertEqual(dict(made), {b"u5": made.User, b"u9": made.Record_u9})
        self.assertTrue(b"u5" in made and b"u0" not in made and "User" not in made)
        self.assertEqual((made.get(b"u9"), made.get(b"u0"), list(load(""))), (made.Record_u9, None, []))
        self.assertEqual(len({made, records}), 2)
        self.assertFalse(hasattr(made, "__path__"))

    def test_what_can_not_be_read_is_told_with_the_reason(self):
        for identifier, why in ((b"gz", "it is retired"), (b"g6", "its serializer has a format of its own")):
            with self.assertRaisesRegex(SerializationError, f"the lock has the identifier '{identifier.decode()}', but .*{why}"):
                ps_serialize.deserialize(identifier + b"\nabc")
        with self.assertRaisesRegex(SerializationError, "unknown identifier 'never': load the lock"):
            ps_serialize.deserialize(b"never\nabc")
        load('\nretired b"bk"\n')
        ps_serialize.register_reader(b"bk", bytes)
        self.assertEqual(ps_serialize.deserialize(b"bk\nabc"), b"abc")
        load('\nretired b"rr"\n')
        back = load(entry("rr", "u8"))[b"rr"]
        self.assertEqual(ps_serialize.deserialize(b"rr\n\1"), back(1))


class Pickles(unittest.TestCase):
    def test_records_are_pickled_and_copied(self):
        for name, value in VALUES.items():
            for dumps in (pickle.dumps, cloudpickle.dumps):
                for protocol in (2, 5):
                    found = pickle.loads(dumps(value, protocol=protocol))
                    self.assertIs(type(found), type(value), name)
                    self.assertEqual(found, value, name)
            for found in (copy.copy(value), copy.deepcopy(value)):
                self.assertEqual(found, value)
            frame = ps_serialize.serialize([{"value": value}])
            self.assertEqual(bytes(frame[:3]), b"PK\n")
            self.assertEqual(ps_serialize.deserialize(frame), [{"value": value}])

    def test_parts_and_variants_are_pickled(self):
        for value in (records.Place(1, None), records.EventNothing(), records.EventTuple("a", 1), records.Nothing()):
            self.assertEqual(pickle.loads(pickle.dumps(value)), value)

    def test_a_copy_keeps_its_class_when_another_lock_takes_over(self):
        value = load(USER).User("x")
        pickled = pickle.dumps(value)
        grown = load(USER + OTHER)
        self.assertIs(type(copy.copy(value)), type(value))
        self.assertEqual(pickle.loads(pickled), grown.User_u5("x"))

    def test_a_process_needs_the_lock_and_says_so(self):
        value = load(USER).User("x")
        program = f"""
import pickle, sys, ps_serialize
if len(sys.argv) > 1: ps_serialize.load(sys.argv[1])
print(pickle.loads({pickle.dumps([value])!r}))
"""
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "lock")
            path.write_text("ps-serialize-lock 1\n" + USER)
            run = {"env": environment, "capture_output": True, "text": True}
            found = subprocess.run([sys.executable, "-c", program, path], **run)
            self.assertEqual(found.stdout, "[User(name='x')]\n", found.stderr)
            found = subprocess.run([sys.executable, "-c", program], **run)
            self.assertIn("holds a record of b'u5', and no lock that this process has loaded has that: call", found.stderr)

    def test_what_load_returns_goes_to_another_process(self):
        made = load(USER)
        again = pickle.loads(cloudpickle.dumps(made))
        self.assertEqual((list(again), again.User.__name__), ([b"u5"], "User"))

    def test_a_copy_of_a_class_is_refused(self):
        program = f"import pickle; pickle.dumps(pickle.loads({cloudpickle.dumps(load(USER).User)!r})('x'))"
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
        found = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True)
        self.assertIn("SerializationError: User is no class of a lock that this process has loaded", found.stderr)

    def test_locks_are_loaded_by_many_threads(self):
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            for made in pool.map(lambda i: load(entry(f"t{i}", f"struct T{i}", "x: u8")), range(40)):
                self.assertEqual(len(made), 1)


class Generated(unittest.TestCase):
    def test_a_generated_module_does_what_load_does(self):
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "lock").write_text("ps-serialize-lock 1\n" + USER + OTHER + entry("u6", "struct One", "x: list of u8"))
            run = {"cwd": folder, "env": os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}, "check": True}
            source = subprocess.run([sys.executable, "-m", "ps_serialize", "generate", "lock"], capture_output=True, **run).stdout
            pathlib.Path(folder, "generated_records.py").write_bytes(source)
            made = importable(folder, "generated_records")
            self.assertEqual(list(made), [b"u5", b"u7", b"u6"])
            self.assertIs(made[b"u5"], made.User_u5)
            with self.assertRaisesRegex(AttributeError, "named 'User'"):
                made.User
            with self.assertRaisesRegex(KeyError, "the lock has b'u5', b'u7', b'u6'"):
                made[b"u8"]
            self.assertIs(pickle.loads(pickle.dumps(made)), made)
            pickled = pickle.dumps([made.One(np.arange(3)), made.User_u5("x")])
            self.assertIn(b"generated_records", pickled)
            self.assertEqual(pickle.loads(pickled), [made.One(np.arange(3)), made.User_u5("x")])
            program = f"import pickle; print(type(pickle.loads({pickled!r})[0]))"
            found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, **run)
            self.assertEqual(found.stdout, "<class 'generated_records.One'>\n")

    def assert_typed(self, *checker):
        with tempfile.TemporaryDirectory() as folder:
            names = []
            for lock in (LOCK, RUST_LOCK):
                name = f"records{len(names)}"
                environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
                with open(pathlib.Path(folder, name + ".py"), "wb") as file:
                    command = [sys.executable, "-m", "ps_serialize", "generate", lock]
                    subprocess.run(command, stdout=file, env=environment, check=True)
                names.append(name)
            # A checker that looks at nothing would accept this.
            wrong = "\n".join(f"import {name}" for name in names) + "\nrecords0.Sample(1)\nrecords0.Event\n"
            pathlib.Path(folder, "wrong.py").write_text(wrong)
            config = '{"typeCheckingMode": "strict", "extraPaths": [PATH]}'.replace("PATH", f'"{LOCK.parents[1]}"')
            pathlib.Path(folder, "pyrightconfig.json").write_text(config)
            run = {"cwd": folder, "env": os.environ | {"MYPYPATH": str(LOCK.parents[1])}, "capture_output": True, "text": True}
            found = subprocess.run([sys.executable, "-m", *checker, *(f"{name}.py" for name in names), "wrong.py"], **run)
        errors = [line for line in found.stdout.splitlines() if " error: " in line or " - error" in line]
        # mypy looks at the package too, which has settings of its own.
        self.assertEqual([line for line in errors if "records0.py" in line or "records1.py" in line], [])
        self.assertGreaterEqual(sum("wrong.py" in line for line in errors), 2, found.stdout + found.stderr)

    @unittest.skipUnless(importlib.util.find_spec("mypy"), "mypy is not installed")
    def test_mypy_accepts_the_source_of_every_lock(self):
        self.assert_typed("mypy", "--strict", "--no-incremental")

    @unittest.skipUnless(importlib.util.find_spec("basedpyright"), "basedpyright is not installed")
    def test_pyright_accepts_the_source_of_every_lock(self):
        self.assert_typed("basedpyright", "--pythonpath", sys.executable)


class Files(unittest.TestCase):
    def test_a_file_that_is_no_lock_is_named_with_what_to_do(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "my.lock")
            for content, what in (
                (b"", "the first line of a lock is"),
                (b"\xff\xfe", "can't decode"),
                (b"ps-serialize-lock 1\n\nb\"05\"\n  codec: bincode\n  value: str", "line 5 of the lock, 'value: str'"),
            ):
                path.write_bytes(content)
                for read in (ps_serialize.load, ps_serialize._load.generate):
                    with self.assertRaises(ValueError) as raised:
                        read(path)
                    text = str(raised.exception)
                    self.assertIn(f"{path}: ", text)
                    self.assertIn(what, text)
                    self.assertIn("restore it, or delete it and run the Rust test that writes it", text)
                command = [sys.executable, "-m", "ps_serialize", "generate", path]
                environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
                found = subprocess.run(command, env=environment, capture_output=True, text=True)
                self.assertEqual((found.returncode, found.stdout, found.stderr), (1, "", text + "\n"))


if __name__ == "__main__":
    unittest.main()
