"""Answers, with stock ProxyStore, the questions of interop.rs: a JSON object a line, each way.

{"write": value}      -> the frame that Python writes, in hexadecimal
{"read": frame}       -> the value that Python reads from a frame in hexadecimal
Bytes travel as {"bytes": hexadecimal}, text as a string.
"""

import json
import sys

from proxystore.serialize import SerializationError, deserialize, serialize


def from_json(value):
    return bytes.fromhex(value["bytes"]) if isinstance(value, dict) else value


def to_json(value):
    return {"bytes": value.hex()} if isinstance(value, bytes) else value


for line in sys.stdin:
    question = json.loads(line)
    try:
        if "write" in question:
            answer = serialize(from_json(question["write"])).hex()
        else:
            answer = to_json(deserialize(bytes.fromhex(question["read"])))
    except SerializationError as error:
        answer = {"error": str(error)}
    print(json.dumps(answer), flush=True)
