"""The programs of README.md run."""

import re
from pathlib import Path

import pytest

pytest.importorskip("numpy")
pytest.importorskip("zstandard")

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


def test_programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    lock = next(block for block in blocks("text") if block.startswith("ps-serialize-lock"))
    Path("ps-serialize.lock").write_text(lock, encoding="utf-8")
    programs = blocks("python")
    assert len(programs) == 4
    exec("\n".join(programs), {})
