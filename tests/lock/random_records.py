"""Answers a question in JSON per line, about the records of a lock.

{"lock": path, "count": number}  -> so many frames of values by chance for each identifier of the lock
{"frames": [...]}                -> the frames, each read and written again, or the error
Frames are in hexadecimal.
"""

import json
import pathlib
import random
import sys

MODULE = pathlib.Path(__file__).parents[2] / "python"
sys.path[:0] = [str(MODULE), str(MODULE / "tests")]
sys.dont_write_bytecode = True
import ps_serialize  # noqa: E402
import random_values  # noqa: E402


def made(lock, count):
    values = random_values.Values(lock, random.Random(7))
    return [bytes(ps_serialize.serialize(values.record(one))).hex() for one in values.records for _ in range(count)]


def again(frame):
    try:
        return bytes(ps_serialize.serialize(ps_serialize.deserialize(bytes.fromhex(frame)))).hex()
    except Exception as error:
        return f"{type(error).__name__}: {error}"


for line in sys.stdin:
    question = json.loads(line)
    print(json.dumps(made(**question) if "lock" in question else list(map(again, question["frames"]))), flush=True)
