"""The examples of docs/python.md, run one after the other in a small repository."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.e2e.cli import FILES
from tests.repositories import isolate, repository

DOCUMENT = Path(__file__).parents[2] / "docs" / "python.md"
_BLOCK = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)


def test_examples(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """They run as they are written, and print what their comments say they do."""
    isolate(monkeypatch, tmp_path / "user")
    monkeypatch.setenv("CORNEA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CORNEA_STORE_RESERVE_MB", "1")
    monkeypatch.chdir(repository(tmp_path / "shop", FILES))
    blocks = _BLOCK.findall(DOCUMENT.read_text("utf-8"))
    assert len(blocks) >= 6
    scope: dict[str, object] = {"__name__": "example"}
    for number, block in enumerate(blocks):
        exec(compile(block, f"docs/python.md, example {number + 1}", "exec"), scope)
    printed = capsys.readouterr().out
    assert "3 files are new" in printed
    assert "src/auth.py 6 hash_password" in printed
    assert "hash_password is the function at line 6" in printed
    assert "no definition named hash_passwort; nearest: hash_password" in printed
    assert "def hash_password(password: str, salt: bytes) -> bytes: hash_password definition disk" in printed
    assert "verify_password src/auth.py 13 resolved" in printed
    assert "['hash_password']" in printed
