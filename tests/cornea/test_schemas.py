"""The published schemas are those of the types, and refuse what the types do not have."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cornea import schemas
from retrieval.host.messages import READS
from retrieval.host.methods import METHODS
from retrieval.host.requests import REQUESTS
from tests.e2e.cli import SOURCES
from tests.support.schemas import SCHEMAS, validate, validate_command, validate_output
from tests.support.waiting import LIMIT

RESULT: dict[str, Any] = {
    "path": "a.py", "start_line": 1, "end_line": 2, "symbol": "f", "kind": "function", "language": "python",
    "score": 0.5, "text": "def f(): ...",
}  # fmt: skip


def test_docs_schemas_are_up_to_date() -> None:
    """`python -m cornea.schemas` has been run since the last change of a type."""
    wanted = {f"{name}.json": schemas.text_of(schema) for name, schema in schemas.schemas().items()}
    found = {
        path.relative_to(SCHEMAS).as_posix(): path.read_text("utf-8") for path in SCHEMAS.glob("*/*.json")
    }
    assert sorted(found) == sorted(wanted)
    stale = [name for name in wanted if wanted[name] != found[name]]
    assert stale == [], "run `python -m cornea.schemas`"


def test_the_command_writes_them(tmp_path: Path) -> None:
    """Into another folder, too; a schema whose type is gone is removed."""
    (tmp_path / "commands").mkdir()
    gone = tmp_path / "commands" / "gone.json"
    gone.write_text("{}")
    command = [sys.executable, "-m", "cornea.schemas", str(tmp_path)]
    subprocess.run(command, cwd=SOURCES, check=True, timeout=LIMIT)
    assert not gone.exists()
    written = {path.relative_to(tmp_path): path.read_text("utf-8") for path in tmp_path.rglob("*.json")}
    assert written == {
        path.relative_to(SCHEMAS): path.read_text("utf-8") for path in SCHEMAS.glob("*/*.json")
    }


@pytest.mark.parametrize(
    "change", [{"more": 1}, {"start_line": 0}, {"score": "0.5"}, {"kind": "recipe"}, {"why": None}]
)
def test_a_changed_field_fails(change: dict[str, Any]) -> None:
    """One that is new, missing, of another type or out of range."""
    answer = {"query": "x", "results": [RESULT]}
    validate("commands/search", answer)
    with pytest.raises(AssertionError, match="commands/search"):
        validate("commands/search", answer | {"results": [RESULT | change]})
    with pytest.raises(AssertionError, match="required"):
        validate("commands/search", answer | {"results": [{}]})


@pytest.mark.parametrize(
    ("args", "out"),
    [
        (["search", "x", "--json"], "{}"),
        (["-C", "a", "similar", "a.py:1", "--format", "jsonl"], "{}"),
        (["locate", "--batch", "-"], '{"id": 1, "results": [{}]}'),
        (["search", "--batch", "-"], '{"id": 1, "results": [], "error": "x"}'),
        (["host", "status", "--json"], '{"root": "/a", "pid": 3}'),
        (["status", "--why", "x", "--json"], '{"path": "x"}'),
    ],
)
def test_each_form_of_output_is_validated(args: list[str], out: str) -> None:
    """By the schema of the command and of its options."""
    with pytest.raises(AssertionError, match="commands/"):
        validate_output(args, out)


def test_text_is_not_validated() -> None:
    """Nor is the help."""
    assert validate_output(["search", "x"], "a.py:1-2  f  (function, 0.5)") == 0
    assert validate_output(["search", "--json", "--help"], "Usage: cornea search") == 0


def test_commands_of_the_server_are_validated() -> None:
    """Their arguments and their results."""
    validate_command("cornea.search", ["x"], [])
    for arguments, result in (([{"query": 1}], []), (["x"], [{"uri": "file:///a"}])):
        with pytest.raises(AssertionError, match="lsp/search-"):
            validate_command("cornea.search", arguments, result)


def test_every_method_has_types() -> None:
    """Those of queries, and those of the host itself."""
    assert set(METHODS) < set(REQUESTS)
    assert set(REQUESTS) >= READS
