"""Gathers frames that real programs wrote, for the targets to begin with: none is stored twice."""

import collections
import datetime
import decimal
import fractions
import http
import ipaddress
import pathlib
import pickle
import shutil
import types
import uuid
import zipfile
import zoneinfo
from pathlib import Path

here = Path(__file__).parent
tests = here.parent / "tests"
frames = here / "seeds" / "frames"
pickles = here / "seeds" / "pickles"
shutil.rmtree(here / "seeds", ignore_errors=True)
frames.mkdir(parents=True)
pickles.mkdir()

for frame in tests.glob("golden/*/*.frame"):
    shutil.copy(frame, frames / f"{frame.parent.name}-{frame.name}")
for table in tests.glob("golden/pandas/*.pickle"):
    (frames / f"pandas-{table.name}").write_bytes(b"PD\n" + table.read_bytes())
for checkpoint in tests.glob("torch/*.pt"):
    (frames / checkpoint.name).write_bytes(b"PT\n" + checkpoint.read_bytes())
    if zipfile.is_zipfile(checkpoint):
        with zipfile.ZipFile(checkpoint) as archive:
            name = next(name for name in archive.namelist() if name.endswith("/data.pkl"))
            (pickles / checkpoint.name).write_bytes(archive.read(name))
# Instances and values of the standard library.
for number, value in enumerate(
    [
        datetime.datetime(2026, 11, 27, 12, fold=1, tzinfo=datetime.timezone(datetime.timedelta(hours=1), "CET")),
        [datetime.date(2026, 1, 1), datetime.time(1, 2, 3), zoneinfo.ZoneInfo("UTC")],
        [decimal.Decimal("1.5"), fractions.Fraction(1, 3), uuid.UUID(int=5), range(3), slice(1, None)],
        [pathlib.PurePosixPath("/a"), ipaddress.ip_address("10.0.0.1"), ipaddress.ip_network("::/8")],
        [collections.deque([1], 3), collections.defaultdict(int, a=1), collections.OrderedDict(b=1)],
        [collections.Counter("ab"), types.SimpleNamespace(a=1), http.HTTPStatus.OK, ValueError("x"), ...],
    ]
):
    for protocol in (0, 2, 5):
        payload = pickle.dumps(value, protocol)
        (frames / f"object-{number}-{protocol}").write_bytes(b"PK\n" + payload)
        (pickles / f"object-{number}-{protocol}").write_bytes(payload)
# The types of src/records.rs, with nothing in them.
for number, size in enumerate([144, 144, 9, 9, 4, 8]):
    (frames / f"record-{number}").write_bytes(b"r%d\n" % number + bytes(size))


def record(identifier, fields, *inside):
    """A record with frames inside, after the bytes of its other fields."""
    lengths = [len(inside), len(fields), *map(len, inside)]
    payload = b"".join(length.to_bytes(8, "little") for length in lengths) + fields
    for frame in inside:
        payload += bytes(-len(payload) % 64) + frame
    frame = identifier.ljust(63) + b"\n" + payload
    (frames / f"record-{identifier.decode()}-{len(inside)}").write_bytes(frame)
    return frame


# The types of src/frames.rs.
text, data = b"US".ljust(63) + b"\ntext", b"BS".ljust(63) + b"\ndata"
tree = b"r2".ljust(63) + b"\n" + bytes(9)
key = (1).to_bytes(8, "little") * 2 + b"k"
unit = record(b"f1", bytes(4))
pair = record(b"f1", b"\1\0\0\0\7", text)
named = record(b"f1", b"\2\0\0\0" + (2).to_bytes(8, "little") + bytes(8), unit, pair)
few = record(b"f0", bytes(27), text, data)
many = record(b"f0", bytes(3) + (1).to_bytes(8, "little") + key + (1).to_bytes(8, "little"), text, data, tree, named, text)
record(b"f2", bytes(24), few)
record(b"f2", bytes(8) + key + bytes(8), text, many)
record(b"f3", b"\x82\xa6number\x07\xa4list\x00", text)
record(b"f3", b"\x84\xa6number\x07\xa5label\xa1l\xa4list\x01\xa6option\x01", text, named, data)
