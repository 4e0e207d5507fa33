"""Features of the fragment's location and of its cut."""

from __future__ import annotations

import functools
from pathlib import PurePosixPath

from indexer.analysis.roles import is_test
from indexer.fragment import language_of

from ..query import CursorPrefix
from .cut_candidates import CutCandidate, each


def same_file(prefix: CursorPrefix, candidate: CutCandidate) -> float:
    """1 if the fragment is in the buffer's file."""
    return float(bool(prefix.path) and candidate.fragment.payload["path"] == prefix.path)


def near_file(prefix: CursorPrefix, candidate: CutCandidate) -> float:
    """The share of the folders, from the root, that the paths of buffer and fragment have in common."""
    if not prefix.path:
        return 0.0
    ours, theirs = _folders(prefix.path), _folders(str(candidate.fragment.payload["path"]))
    same = next((n for n, pair in enumerate(zip(ours, theirs, strict=False)) if pair[0] != pair[1]), None)
    shared = min(len(ours), len(theirs)) if same is None else same
    return (1 + shared) / (1 + max(len(ours), len(theirs)))


def same_language(prefix: CursorPrefix, candidate: CutCandidate) -> float:
    """1 if the fragment has the language of the buffer, or no language; 0 for a compatible language."""
    return float(language_of(candidate.fragment.payload) in ("", prefix.language))


def test_differs(prefix: CursorPrefix, candidate: CutCandidate) -> float:
    """1 if only one of the two files, the buffer's and the fragment's, is a test."""
    return float(bool(prefix.path) and bool(candidate.fragment.payload["is_test"]) != _tests(prefix.path))


def later_piece(prefix: CursorPrefix, candidate: CutCandidate) -> float:
    """1 if the fragment is not the first piece of its definition."""
    return float(int(candidate.fragment.payload["ordinal"]) > 0)


def loose(prefix: CursorPrefix, candidate: CutCandidate) -> float:
    """1 if the fragment is the head of a class, or code outside of definitions."""
    return float(candidate.fragment.payload["kind"] in ("block", "class"))


def alignment(prefix: CursorPrefix, candidate: CutCandidate) -> float:
    """The similarity of the code before the cut to the code before the cursor."""
    return candidate.cut.similarity


def last_line_alike(prefix: CursorPrefix, candidate: CutCandidate) -> float:
    """As `alignment`, but for the last line alone."""
    return candidate.cut.last


def cut_share(prefix: CursorPrefix, candidate: CutCandidate) -> float:
    """The share of the fragment that is before the cut."""
    return candidate.cut.at / max(1, len(candidate.source))


def uncut(prefix: CursorPrefix, candidate: CutCandidate) -> float:
    """1 if the fragment is used from its start."""
    return float(candidate.cut.at == 0)


def depth_differs(prefix: CursorPrefix, candidate: CutCandidate) -> float:
    """The number of levels by which the cut is deeper in its function than the cursor in its function."""
    return float(candidate.cut.levels)


_tests = functools.lru_cache(maxsize=16)(is_test)


@functools.lru_cache(maxsize=1 << 12)
def _folders(path: str) -> tuple[str, ...]:
    return PurePosixPath(path).parts[:-1]


FEATURES = each(
    same_file, near_file, same_language, test_differs, later_piece, loose, alignment, last_line_alike,
    cut_share, uncut, depth_differs,
)  # fmt: skip
