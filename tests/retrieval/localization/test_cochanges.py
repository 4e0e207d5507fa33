"""Files that commits changed together with a file."""

from __future__ import annotations

from indexer.index.commits import Commit
from retrieval.localization.cochanges import CochangedFile, cochanged

FILES = {"a.py", "b.py", "c.py", "d.py"}


def _commits(*changes: str) -> list[Commit]:
    """Commits, newest first, each given by the letters of the files that it changed."""
    return [
        Commit(str(n), 0, f"change {n}\n\nmore", tuple(f"{one}.py" for one in letters), ())
        for n, letters in enumerate(changes)
    ]


def test_the_file_with_the_most_shared_commits_comes_first() -> None:
    """It has their number, and the first line of the newest one's message."""
    own, found = cochanged(_commits("ac", "ab", "ab", "b", "d"), "a.py", "", FILES)
    assert own == 3
    assert found == [CochangedFile("b.py", 2, "change 1"), CochangedFile("c.py", 1, "change 0")]


def test_a_file_that_every_commit_changes_says_less() -> None:
    everywhere = ["d"] * 60
    _, found = cochanged(_commits("abd", "abd", *everywhere), "a.py", "", FILES)
    assert [one.path for one in found] == ["b.py", "d.py"]


def test_files_that_are_not_indexed_and_lonely_commits() -> None:
    """A commit of this file alone counts, and says nothing of others; a file that is gone is left out."""
    own, found = cochanged(_commits("a", "ax", "ab"), "a.py", "", FILES)
    assert (own, [one.path for one in found]) == (3, ["b.py"])
    assert cochanged([], "a.py", "", FILES) == (0, [])


def test_a_function() -> None:
    """Only the commits count that changed the function."""
    commits = [
        Commit("1", 0, "one", ("a.py", "b.py"), (("a.py", "fetch"),)),
        Commit("2", 0, "two", ("a.py", "c.py"), (("a.py", "other"), ("c.py", "fetch"))),
    ]
    assert cochanged(commits, "a.py", "fetch", FILES) == (1, [CochangedFile("b.py", 1, "one")])
