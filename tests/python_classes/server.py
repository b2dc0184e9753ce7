"""Answers, with stock ProxyStore, the questions of the test: a JSON object a line, each way.

{"write": expression, "protocol": n}  -> the frame that Python pickles, in hexadecimal
{"again": frame, "without": names, "protocol": n}  -> what Python reads, pickled again without these attributes
{"read": frame, "say": expression}    -> the text of an expression about `it`, which Python reads from the frame
"""

import dataclasses  # noqa: F401
import enum  # noqa: F401
import io
import json
import pathlib
import pickle
import sys
import types  # noqa: F401

import numpy as np  # noqa: F401
import polars
import polars as pl  # noqa: F401
import redis  # noqa: F401
from proxystore.connectors.file import FileConnector, FileKey
from proxystore.connectors.redis import RedisConnector, RedisKey
from proxystore.proxy import resolve
from proxystore.serialize import deserialize
from proxystore.store import Store

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).parent))
import arrays  # noqa: E402, F401
import claims  # noqa: E402, F401
import order  # noqa: E402, F401
import sim  # noqa: E402, F401
import slots  # noqa: E402, F401
import stores  # noqa: E402, F401
import tables  # noqa: E402, F401


def put(folder, value):
    """Put a value into a store, and return the file that it is in."""
    with Store("put", FileConnector(folder, clear=False), cache_size=0) as store:
        return str(pathlib.Path(folder, store.put(value).filename))


def get(folder, path):
    """Get what a file of a store has."""
    with Store("get", FileConnector(folder, clear=False), cache_size=0) as store:
        return store.get(FileKey(pathlib.Path(path).name))


def in_redis(name, port):
    """Return a store in a Redis server of this machine."""
    return Store(name, RedisConnector("127.0.0.1", port), cache_size=0)


def put_into_redis(port, value):
    """Put a value into a store, and return the key that it is under."""
    with in_redis("put-redis", port) as store:
        return store.put(value).redis_key


def get_from_redis(port, key):
    """Get what a key of a store has."""
    with in_redis("get-redis", port) as store:
        return store.get(RedisKey(key))


def proxy_from_redis(port, key):
    """Get the same through a proxy."""
    with in_redis("proxy-redis", port) as store:
        return resolved(store.proxy_from_key(RedisKey(key)))


def resolved(proxy):
    """Return what a proxy stands for, which it gets from its store now."""
    resolve(proxy)
    return proxy.__proxy_wrapped__


def arrow(columns):
    """Return an Arrow file in hexadecimal."""
    file = io.BytesIO()
    polars.DataFrame(columns).write_ipc(file)
    return file.getvalue().hex()


def answer(question):
    if "write" in question:
        value = eval(question["write"], globals())
        return (b"PK\n" + pickle.dumps(value, question["protocol"])).hex()
    it = deserialize(bytes.fromhex(question.get("read") or question["again"]))
    if "again" in question:
        for name in question["without"]:
            delattr(it, name)
        return (b"PK\n" + pickle.dumps(it, question["protocol"])).hex()
    return str(eval(question["say"], {**globals(), "it": it}))


for line in sys.stdin:
    try:
        found = {"ok": answer(json.loads(line))}
    except Exception as error:
        found = {"error": f"{error!r} {error.__cause__!r}"}
    print(json.dumps(found), flush=True)
