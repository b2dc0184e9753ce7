"""Gathers frames that real programs wrote, for the targets to begin with: none is stored twice."""

import shutil
import zipfile
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
for checkpoint in tests.glob("torch/*.pt"):
    (frames / checkpoint.name).write_bytes(b"PT\n" + checkpoint.read_bytes())
    if zipfile.is_zipfile(checkpoint):
        with zipfile.ZipFile(checkpoint) as archive:
            name = next(name for name in archive.namelist() if name.endswith("/data.pkl"))
            (pickles / checkpoint.name).write_bytes(archive.read(name))
# The types of src/records.rs, with nothing in them.
for number, size in enumerate([144, 144, 9, 9, 4, 8]):
    (frames / f"record-{number}").write_bytes(b"r%d\n" % number + bytes(size))
