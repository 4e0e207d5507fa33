"""Filters as conditions of the store."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NoReturn

import pytest

from indexer.errors import UsageError
from indexer.store import Filter, HasPrefix, Match
from retrieval.candidates import FilterConditions
from retrieval.filtering import conditions, match
from retrieval.query import Filters

PATHS = [
    "README.md",
    "src/a.py",
    "src/b/c.py",
    "src/b/ü.go",
    "tests/test_a.py",
    "#notes.txt",
    "pages/[id].tsx",
]
GLOBS = [
    (["*.py"], "src/a.py src/b/c.py tests/test_a.py"),
    (["src/*.py"], "src/a.py"),
    (["src/**/*.py"], "src/a.py src/b/c.py"),
    (["src"], "src/a.py src/b/c.py src/b/ü.go"),
    (["src/"], "src/a.py src/b/c.py src/b/ü.go"),
    (["./src/"], "src/a.py src/b/c.py src/b/ü.go"),
    (["./a.py"], ""),
    (["/b/"], ""),
    (["b/"], "src/b/c.py src/b/ü.go"),
    (["?.py"], "src/a.py src/b/c.py"),
    (["[ac].py"], "src/a.py src/b/c.py"),
    (["[!a].py"], "src/b/c.py"),
    (["ü.go"], "src/b/ü.go"),
    (["#notes.txt"], "#notes.txt"),
    ([r"pages/\[id].tsx"], "pages/[id].tsx"),
    (["*.py", "*.md"], "README.md src/a.py src/b/c.py tests/test_a.py"),
    (["*.py", "!tests/"], "src/a.py src/b/c.py"),
    (["!tests/", "*.py"], "src/a.py src/b/c.py"),
    (["!*.py", "!*.go"], "README.md #notes.txt pages/[id].tsx"),
    (["src/", "!src/b/", "!*.md"], "src/a.py"),
    (["*.rs"], ""),
    (["!**"], ""),
]


@pytest.mark.parametrize(("globs", "expected"), GLOBS)
def test_globs(globs: list[str], expected: str) -> None:
    """The syntax of .gitignore; "!" takes away, in whatever order it stands."""
    assert match(globs, PATHS) == expected.split()


@pytest.mark.parametrize("glob", ["", " ", "!", "! ", "[", "src/[a.py", "\\", "a\\", "[z-a]", "!["])
def test_bad_globs_are_refused(glob: str) -> None:
    """With an example of a good one, and never with an exception of the library's."""
    with pytest.raises(UsageError, match=r"^bad glob .*src/\*\*/\*\.py"):
        match([glob], PATHS)


def nobody() -> NoReturn:
    raise AssertionError("the paths were asked for")


def test_without_filters_there_are_no_conditions() -> None:
    """And the paths of the index are not even listed."""
    assert conditions(Filters(), nobody) == FilterConditions()


def test_every_filter_is_a_condition() -> None:
    """Kinds concern fragments alone: a file's point has a kind of its own."""
    filters = Filters(("go", "python"), ("*.py",), ("class",), tests=False)
    shared = (
        Match("language", ("go", "python")),
        Match("is_test", (False,)),
        Match("path", ("src/a.py", "src/b/c.py", "tests/test_a.py")),
    )
    found = conditions(filters, lambda: PATHS)
    assert found == FilterConditions(Filter((*shared, Match("kind", ("class",)))), Filter(shared))


def test_tests_alone_and_none() -> None:
    """True, False and "does not matter" are three things."""
    wanted = conditions(Filters(tests=True), nobody)
    assert wanted is not None
    assert wanted.fragments.must == (Match("is_test", (True,)),)


def test_a_folder_is_the_beginning_of_paths() -> None:
    """Alone it is no list of paths, which may be long; globs begin in it."""
    alone = conditions(Filters(folder="src/b"), nobody)
    assert alone == FilterConditions(
        Filter((HasPrefix("path", "src/b/"),)), Filter((HasPrefix("path", "src/b/"),))
    )
    for globs, expected in (
        (("*.py",), "src/a.py src/b/c.py"),
        (("/*.py",), "src/a.py"),
        (("b/",), "src/b/c.py src/b/ü.go"),
    ):
        found = conditions(Filters(globs=globs, folder="src"), lambda: PATHS)
        assert found is not None
        assert found.fragments.must == (Match("path", tuple(expected.split())),)
    assert conditions(Filters(globs=("src/",), folder="src"), lambda: PATHS) is None


def test_globs_that_match_nothing() -> None:
    """None says so: no need to ask the store, whose empty list might mean anything."""

    def paths() -> Iterable[str]:
        return PATHS

    assert conditions(Filters(globs=("*.rs",)), paths) is None
    assert conditions(Filters(globs=("!x",)), list) is None
