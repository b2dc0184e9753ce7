"""Gives work to the worker through Redis, and goes on with the answers: over_redis.py PORT"""

import pathlib
import pickle
import sys
import typing

import numpy as np
import pandas as pd
import polars as pl
import redis
from proxystore.connectors.redis import RedisConnector, RedisKey
from proxystore.proxy import is_resolved, resolve
from proxystore.serialize import serialize
from proxystore.store import Store

import jobs
import ps_serialize

HOST, PORT = "127.0.0.1", int(sys.argv[1])

records = ps_serialize.load(pathlib.Path(__file__).with_name("ps-serialize.lock"))
store = Store("work", RedisConnector(HOST, PORT), deserializer=ps_serialize.deserialize, register=True)
queue = redis.Redis(HOST, PORT)


def ask_for(key: str) -> RedisKey:
    """Name work to the worker, and wait for the key of the answer."""
    queue.rpush("work", key)
    answer = queue.blpop([f"answers:{key}"], timeout=60)
    assert answer is not None, "the worker does not answer"
    return RedisKey(answer[1].decode())


def ask(work: typing.Any) -> RedisKey:
    """Let the worker do work that only it needs."""
    key = store.put(work)
    try:
        return ask_for(key.redis_key)
    finally:
        store.evict(key)


# An array, whose answer is an array.
sums = store.get(ask(np.array([[1.0, 2.0], [3.0, 4.0]])))
assert sums.tolist() == [4.0, 6.0]

# A table of polars or pandas, whose answer is a record of Rust: the lock says what is in it.
table = {"city": ["Bern", "Quito"], "height": [542, 2850], "rain": [0.5, 1.5]}
for frame in pl.DataFrame(table), pd.DataFrame(table):
    profile = store.get(ask(frame))
    assert isinstance(profile, records.Profile)
    assert (profile.rows, profile.means) == (2, {"height": 1696.0, "rain": 1.0})
    assert profile.numbers.equals(pl.DataFrame(table).drop("city"))

# An instance, whose answer is an instance of another class. A proxy gets it when it is used, here or in another process.
fit = jobs.Fit(np.arange(4.0), np.arange(4.0) * 2 + 1)
line: typing.Any = store.proxy_from_key(ask(fit), evict=True)
line = pickle.loads(pickle.dumps(line))
assert not is_resolved(line)
assert line.slope == 2.0
assert isinstance(line, jobs.Line) and line == jobs.Line(2.0, 1.0)


class Stranger:
    """A pickle that calls a function where it is read."""

    def __reduce__(self) -> typing.Any:
        return print, ("code of a stranger runs",)


def reason(answer: RedisKey) -> str:
    """Return why the worker has not done some work."""
    failed = store.get(answer)
    store.evict(answer)
    assert isinstance(failed, jobs.Failed), failed
    return failed.reason


def put(frame: bytes) -> str:
    """Put bytes into Redis as they are, and return their key."""
    key = store.connector.put(frame)
    return key.redis_key


# What can't be done has an answer too, and the worker goes on.
half = serialize(np.ones((3, 3)))[:-5]
assert "bytes" in reason(ask_for(put(half)))
assert "no serializer" in reason(ask_for(put(b"no frame at all")))
assert "nothing is under this key" in reason(ask_for("no key"))
queue.rpush("a list", "of another program")
assert "WRONGTYPE" in reason(ask_for("a list"))
assert "not allowed" in reason(ask("text, which is not on the list"))
assert "limit" in reason(ask(np.zeros((1500, 1500))))
assert "call" in reason(ask(Stranger()))
assert "this is no work" in reason(ask({"a": "dict"}))
assert "2 values of x, but 1 of y" in reason(ask(jobs.Fit(np.ones(2), np.ones(1))))
again = store.get(ask(fit))
assert again == jobs.Line(2.0, 1.0)

# Closing a store leaves the keys, unless it has been made with `clear=True`: then nothing is left in the database.
queue.set("of another program", "kept")
store.close()
assert queue.get("of another program") == b"kept"
with Store("work", RedisConnector(HOST, PORT, clear=True)):
    pass
assert queue.dbsize() == 0
