"""Features of the fragment's location and of its cut."""

from __future__ import annotations

import functools
from pathlib import PurePosixPath

from indexer.analysis.roles import is_test
from indexer.fragment import language_of

from ..query import CursorPrefix
from .cut_candidates import CutCandidate, each


def near_file(prefix: CursorPrefix, candidate: CutCandidate) -> float:
    """The share of the folders, from the root, that the paths of buffer and fragment have in common."""
    if not prefix.path:
        return 0.0
    ours, theirs = _folders(prefix.path), _folders(candidate.fragment.path)
    same = next((n for n, pair in enumerate(zip(ours, theirs, strict=False)) if pair[0] != pair[1]), None)
    shared = min(len(ours), len(theirs)) if same is None else same
    return (1 + shared) / (1 + max(len(ours), len(theirs)))


_tests = functools.lru_cache(maxsize=16)(is_test)


@functools.lru_cache(maxsize=1 << 12)
def _folders(path: str) -> tuple[str, ...]:
    return PurePosixPath(path).parts[:-1]


FEATURES = each({
    # 1 if the fragment is in the buffer's file.
    "same_file": lambda p, c: bool(p.path) and c.fragment.path == p.path,
    "near_file": near_file,
    # 1 if the fragment has the language of the buffer, or no language; 0 for a compatible language.
    "same_language": lambda p, c: language_of(c.fragment.payload) in ("", p.language),
    # 1 if only one of the two files, the buffer's and the fragment's, is a test.
    "test_differs": lambda p, c: bool(p.path) and bool(c.fragment.payload["is_test"]) != _tests(p.path),
    # 1 if the fragment is not the first piece of its definition.
    "later_piece": lambda p, c: int(c.fragment.payload["ordinal"]) > 0,
    # 1 if the fragment is the head of a class, or code outside of definitions.
    "loose": lambda p, c: c.fragment.payload["kind"] in ("block", "class"),
    # The similarity of the code before the cut to the code before the cursor, and that of the last lines.
    "alignment": lambda p, c: c.cut.similarity,
    "last_line_alike": lambda p, c: c.cut.last,
    # The share of the fragment that is before the cut, and 1 if the fragment is used from its start.
    "cut_share": lambda p, c: c.cut.at / max(1, len(c.source)),
    "uncut": lambda p, c: c.cut.at == 0,
    # The number of levels by which the cut is deeper in its function than the cursor in its function.
    "depth_differs": lambda p, c: c.cut.levels,
})  # fmt: skip
