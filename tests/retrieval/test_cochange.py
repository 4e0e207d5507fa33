"""What changed in the same commits: counted, weighted by age, and not by chance."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from indexer.index.commits import Commit
from retrieval.cochange import MIN_TOGETHER, cochanges


def commit(number: int, *changed: str) -> Commit:
    """The commit with this number; `changed` are paths, or paths and names with a colon between them."""
    functions = [tuple(one.split(":")) for one in changed if ":" in one]
    paths = dict.fromkeys(one.partition(":")[0] for one in changed)
    return Commit(
        f"c{number}",
        1_000 - number,
        f"Change {number}\n\nWhy.",
        tuple(paths),
        tuple((p, n) for p, n in functions),
    )


def history(*changes: str) -> list[Commit]:
    """Commits, newest first; each has what it changed, separated by spaces."""
    return [commit(number, *one.split()) for number, one in enumerate(changes)]


def test_files_and_functions() -> None:
    """How often, of how many, and the newest commit; its own file is no answer."""
    found = cochanges(
        history("a.py:f b.py:g", "c.py", "a.py:f a.py:h b.py:g", "a.py:h", "a.py:f d.py b.py"), "a.py", "f"
    )
    assert found.changes == 3
    (file,) = found.files
    assert (file.item, file.together, file.changes) == ("b.py", 3, 3)
    assert (file.commit, file.time, file.subject) == ("c0", 1_000, "Change 0")
    (function,) = found.functions
    assert (function.item, function.together, function.changes) == (("b.py", "g"), 2, 3)


def test_a_file_that_always_changes_comes_last() -> None:
    """A changelog changes with everything; a file that changes only with the target is closer."""
    commits = history(*["a.py log.md"] * 3, *["a.py log.md b.py"] * 3, *["log.md other.py"] * 200)
    assert [one.item for one in cochanges(commits, "a.py").files] == ["b.py", "log.md"]


def test_newer_changes_weigh_more() -> None:
    """Of two files that changed equally often, the one that changed lately comes first."""
    commits = history(*["a.py new.py"] * 3, *["a.py"] * 90, *["a.py old.py"] * 3)
    assert [one.item for one in cochanges(commits, "a.py").files] == ["new.py", "old.py"]


def test_nothing_is_known() -> None:
    """Of a file that never changed, or that changed with others only once."""
    assert cochanges((), "a.py").changes == 0
    found = cochanges(history("a.py b.py", "a.py c.py"), "a.py")
    assert (found.changes, list(found.files), list(found.functions)) == (2, [], [])


@given(st.lists(st.lists(st.sampled_from("abcdef"), min_size=1, unique=True), max_size=12))
def test_counts_are_those_of_the_commits(changes: list[list[str]]) -> None:
    """Of any history: an item is listed if and only if it changed often enough with the target."""
    commits = [commit(number, *paths) for number, paths in enumerate(changes)]
    found = cochanges(commits, "a")
    counted = {other: sum({"a", other} <= set(paths) for paths in changes) for other in "bcdef"}
    assert {one.item: one.together for one in found.files} == {
        other: count for other, count in counted.items() if count >= MIN_TOGETHER
    }
    assert all(one.changes == sum("a" in paths for paths in changes) for one in found.files)
    assert [one.score for one in found.files] == sorted((one.score for one in found.files), reverse=True)
