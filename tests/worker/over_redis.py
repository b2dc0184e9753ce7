"""Gives work to the worker through Redis, and goes on with the answers: over_redis.py PORT"""

import pathlib
import pickle
import subprocess
import sys

import numpy as np
import pandas as pd
import polars as pl
import redis
from proxystore.connectors.redis import RedisConnector, RedisKey
from proxystore.proxy import is_resolved
from proxystore.serialize import serialize
from proxystore.store import Store

import jobs
import ps_serialize

HERE = pathlib.Path(__file__).parent
HOST, PORT = "127.0.0.1", int(sys.argv[1])

records = ps_serialize.load(HERE / "ps-serialize.lock")
store = Store("work", RedisConnector(HOST, PORT), deserializer=ps_serialize.deserialize, register=True)
queue = redis.Redis(HOST, PORT, decode_responses=True)


def answer_to(key):
    """Send the key of some work to the worker, and wait for the key of the answer."""
    queue.rpush("work", key)
    _, answer = queue.blpop(f"answers:{key}", timeout=60)
    return RedisKey(answer)


def ask(work):
    """Keep work in the store until it has an answer, and return the key of the answer."""
    key = store.put(work)
    answer = answer_to(key.redis_key)
    store.evict(key)
    return answer


# An array, whose answer is an array.
sums = store.get(ask(np.array([[1.0, 2.0], [3.0, 4.0]])))
assert sums.tolist() == [4.0, 6.0]

# A table of polars or pandas, whose answer is a record of Rust.
cities = {"city": ["Bern", "Quito"], "height": [542, 2850], "rain": [0.5, 1.5]}
for table in pl.DataFrame(cities), pd.DataFrame(cities):
    profile = store.get(ask(table))
    assert isinstance(profile, records.Profile)
    assert (profile.rows, profile.means) == (2, {"height": 1696.0, "rain": 1.0})
    assert profile.numbers.equals(pl.DataFrame(cities).drop("city"))

# An instance, whose answer is an instance of another class.
fit = jobs.Fit(np.arange(4.0), np.arange(4.0) * 2 + 1)
line = store.proxy_from_key(ask(fit))
assert not is_resolved(line)
assert line.slope == 2.0  # fetched here
assert line == jobs.Line(2.0, 1.0) and isinstance(line, jobs.Line)

# A proxy is small, however large the answer is: another process fetches the answer by itself.
program = "import pickle, sys; assert pickle.load(sys.stdin.buffer).intercept == 1.0"
subprocess.run([sys.executable, "-B", "-c", program], cwd=HERE, input=pickle.dumps(line), check=True)


class Stranger:
    """A pickle that calls a function where it is read."""

    def __reduce__(self):
        return print, ("code of a stranger runs",)


def put(frame):
    """Put bytes under a new key as they are."""
    return store.connector.put(frame).redis_key


def assert_fails(answer, why):
    """Check what the worker says of work that it can't do."""
    failed = store.get(answer)
    assert isinstance(failed, jobs.Failed) and why in failed.reason, failed


# Work that can't be done has an answer too, and the worker goes on.
assert_fails(answer_to(put(serialize(np.ones((3, 3)))[:-5])), "the payload is cut")
assert_fails(answer_to(put(b"no frame at all")), "not allowed")
assert_fails(answer_to("no key"), "nothing is under this key")
queue.rpush("work", b"\xff is not even text")
queue.rpush("a list", "of another program")
assert_fails(answer_to("a list"), "WRONGTYPE")
assert_fails(ask("a text, which is not on the list"), "not allowed")
assert_fails(ask(np.zeros((1500, 1500))), "and this is 16777217")
assert_fails(ask(np.ones((2, 2), "i4")), "<i4")
assert_fails(ask(np.ones(2)), "dimension")
assert_fails(ask(Stranger()), "builtins.print")
assert_fails(ask({"a": "dict"}), "this is no work")
assert_fails(ask(jobs.Fit(np.ones(2), np.ones(1))), "2 values of x, but 1 of y")
assert_fails(ask(jobs.Fit(np.ones(0), np.ones(0))), "no points")
assert store.get(ask(fit)) == line

# Closing a store leaves its keys. With `clear=True`, closing it deletes all keys of the database, whoever put them there.
queue.set("of another program", "kept")
store.close()
assert queue.get("of another program") == "kept"
with Store("work", RedisConnector(HOST, PORT, clear=True)):
    pass
assert queue.dbsize() == 0
