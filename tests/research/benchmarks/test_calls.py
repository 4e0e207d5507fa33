"""The comparison with a language server: this project's own, which must agree with itself."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from indexer.config import Config
from indexer.errors import UsageError
from research.benchmarks.calls import measure
from research.benchmarks.report import as_json
from tests.support.schemas import validate

from ...repositories import write

FILES = {
    "lib.sh": "greet() {\n  echo hi\n}\n\nleave() {\n  greet\n}\n",
    "run.sh": ". ./lib.sh\ngreet\nleave\n",
}


def test_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All pairs that the server finds are found, and no other."""
    monkeypatch.setenv("CORNEA_HOME", str(tmp_path / "home"))
    root = write(tmp_path / "root", FILES)
    server = [sys.executable, "-m", "cornea", "lsp"]
    config = Config(tmp_path / "home")
    report = measure(root, config, server, ["bash"], 10, 0, open_callers=True, sample=5)
    figures = json.loads(as_json(report))
    validate("commands/bench-calls", figures)
    assert (figures["functions"], figures["truth"]) == (2, 3)
    assert (figures["all_recall"], figures["all_precision"]) == (1.0, 1.0)


@pytest.mark.parametrize(
    ("server", "language", "says"),
    [
        (["no-such-server"], "bash", "install it"),
        ([sys.executable, "-c", ""], "bash", "ended"),
        ([sys.executable, "-c", ""], "go", "no function outside of tests in go"),
    ],
)
def test_refused(tmp_path: Path, server: list[str], language: str, says: str) -> None:
    """A server that is missing or ends, and a tree without such functions."""
    root = write(tmp_path / "root", FILES)
    with pytest.raises(UsageError, match=says):
        measure(root, Config(tmp_path / "home"), server, [language], 10, 0, open_callers=False, sample=0)
