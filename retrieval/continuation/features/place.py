"""Where the fragment stands, and how it was cut."""

from __future__ import annotations

import functools
from pathlib import PurePosixPath

from indexer.analysis.roles import is_test
from indexer.fragment import language_of

from ..query import Prefix
from .pool import Option, each


def same_file(prefix: Prefix, option: Option) -> float:
    """The fragment is in the buffer's file."""
    return float(bool(prefix.path) and option.found.payload["path"] == prefix.path)


def near_file(prefix: Prefix, option: Option) -> float:
    """Share of the folders that the two paths have in common, from the root."""
    if not prefix.path:
        return 0.0
    ours, theirs = _folders(prefix.path), _folders(str(option.found.payload["path"]))
    same = next((n for n, pair in enumerate(zip(ours, theirs, strict=False)) if pair[0] != pair[1]), None)
    shared = min(len(ours), len(theirs)) if same is None else same
    return (1 + shared) / (1 + max(len(ours), len(theirs)))


def same_language(prefix: Prefix, option: Option) -> float:
    """Not only a relative of the buffer's language; one that says none may be in it."""
    return float(language_of(option.found.payload) in ("", prefix.language))


def test_differs(prefix: Prefix, option: Option) -> float:
    """One is a test and the other not."""
    return float(bool(prefix.path) and bool(option.found.payload["is_test"]) != _tests(prefix.path))


def later_piece(prefix: Prefix, option: Option) -> float:
    """Not the first piece of its definition."""
    return float(int(option.found.payload["ordinal"]) > 0)


def loose(prefix: Prefix, option: Option) -> float:
    """Code outside of functions."""
    return float(option.found.payload["kind"] in ("block", "class"))


def alignment(prefix: Prefix, option: Option) -> float:
    """How much the code before the cut looks like the code before the cursor."""
    return option.cut.likeness


def last_line_alike(prefix: Prefix, option: Option) -> float:
    """The same of the last line alone."""
    return option.cut.last


def cut_share(prefix: Prefix, option: Option) -> float:
    """How much of the fragment is before the cut."""
    return option.cut.at / max(1, len(option.found.text))


def uncut(prefix: Prefix, option: Option) -> float:
    """The fragment is taken from its start."""
    return float(option.cut.at == 0)


def depth_differs(prefix: Prefix, option: Option) -> float:
    """By how many levels the cut is deeper or less deep in its function than the cursor."""
    return float(option.cut.levels)


_tests = functools.lru_cache(maxsize=16)(is_test)


@functools.lru_cache(maxsize=1 << 12)
def _folders(path: str) -> tuple[str, ...]:
    return PurePosixPath(path).parts[:-1]


FEATURES = tuple(
    map(each, (
        same_file, near_file, same_language, test_differs, later_piece, loose, alignment, last_line_alike,
        cut_share, uncut, depth_differs,
    ))
)  # fmt: skip
