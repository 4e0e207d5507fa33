"""`bench tokens`: which lines an output shows, and questions with one function as their answer."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from indexer.errors import UsageError
from research.benchmarks import report as forms
from research.benchmarks import tokens
from research.benchmarks.shown_lines import shown_lines, within
from research.benchmarks.token_questions import COMMIT, DOCSTRING, committed, documented
from research.benchmarks.token_ways import GrepAndRead, peer_of
from research.datasets import clones
from tests.repositories import git, repository, write

CODE = '''"""Retries."""


def backoff(attempt):
    """Compute how long to wait before the next attempt."""
    delay = 100 << attempt
    if delay > 5000:
        delay = 5000
    return delay


def unrelated(value):
    """Say whether the value is a number of the table."""
    return value in TABLE
'''


@pytest.fixture
def clone(tmp_path: Path) -> clones.Clone:
    """A repository whose newest commit changed one function."""
    root = repository(tmp_path / "clone", {"src/retry.py": CODE})
    write(root, {"src/retry.py": CODE.replace("delay > 5000", "delay >= 5000")})
    git(root, "commit", "-qam", "Limit the delay to five seconds")
    return clones.find([root])[0]


@pytest.mark.parametrize(
    "output",
    [
        "src/retry.py\n4:def backoff(attempt):\n6:    delay = 100 << attempt",
        "src/retry.py:4:def backoff(attempt):\nsrc/retry.py:6:    delay = 100 << attempt",
        "## `src/retry.py:4-6`\n```python\ndef backoff(attempt):\n    delay = 100 << attempt\n```",
        '{"path": "src/retry.py", "text": "def backoff(attempt):\\n    delay = 100 << attempt"}',
    ],
)
def test_the_lines_that_an_output_shows(tmp_path: Path, output: str) -> None:
    """With numbers, as grep does, in Markdown with a range, and in JSON."""
    write(tmp_path, {"src/retry.py": CODE})
    lines = shown_lines(output, tmp_path).get("src/retry.py", frozenset())
    assert {4, 6} <= lines <= {4, 6}


def test_an_output_is_cut() -> None:
    """At the number of bytes, and never within a character."""
    assert within("é" * 10, 1) == "éé"
    assert within("aéé", 1) == "aé"


def test_docstrings_are_removed_from_the_tree(clone: clones.Clone) -> None:
    """The question is the docstring; the lines are those of the function in the tree."""
    with documented(clone, 5, 0) as tree:
        asked = {one.text: one for one in tree.questions}
        one = asked["Compute how long to wait before the next attempt."]
        text = (tree.folder / one.path).read_text()
    assert one.kind == DOCSTRING
    assert "Compute" not in text
    assert text.split("\n")[one.start - 1] == "def backoff(attempt):"
    assert text.split("\n")[one.end - 1] == "    return delay"


def test_messages_of_commits(clone: clones.Clone) -> None:
    """The tree is that before the commit, and the changed lines are known."""
    with committed(clone, 5) as tree:
        (one,) = tree.questions
        lines = (tree.folder / one.path).read_text().split("\n")
    assert (one.kind, one.text) == (COMMIT, "Limit the delay to five seconds")
    assert [lines[n - 1] for n in one.changed] == ["    if delay > 5000:"]


def test_grep_and_read() -> None:
    """The files with the rarest words come first, and are read with numbers."""
    texts = {"a.py": "x = 1\n", "b.py": "delay = 1\nbackoff = 2"}
    text = GrepAndRead(texts)("", "how is the backoff delay computed", 100)
    assert text == "b.py:2\nb.py\n1\tdelay = 1\n2\tbackoff = 2"


@pytest.mark.parametrize("option", ["x", "x=", "=tool {query}", "x=tool", "x='tool {query}"])
def test_peers_are_checked(option: str) -> None:
    """A name, a command, and a place for the question."""
    with pytest.raises(UsageError, match="--peer"):
        peer_of(option)


def test_a_run(clone: clones.Clone, tmp_path: Path) -> None:
    """Each way is scored for each budget; a tool that prints the file shows the function."""
    printing = tmp_path / "tool.py"
    printing.write_text("print('src/retry.py')\nprint(open('src/retry.py').read())\n")
    peer = f"mine={sys.executable} {printing} {{query}}"
    found = tokens.measure(None, None, [clone.folder], questions=4, peers=[peer])
    figures = json.loads(forms.as_json(found))
    assert set(figures["functions"]["all"]) == {"cornea", "grep + read", "mine"}
    shown = {way: row["500"]["shown"]["mean"] for way, row in figures["functions"]["all"].items()}
    assert shown["cornea"] == shown["mine"] == 1.0
    assert figures["questions"][COMMIT] == 1


def test_no_questions() -> None:
    """It is an error that says what to name."""
    with pytest.raises(UsageError, match="no questions"):
        tokens.measure(None, None, [])
