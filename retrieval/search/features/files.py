"""Features of the file's purpose, location and size, and of the query as a whole."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np

from indexer.analysis import roles
from indexer.fragment import language_of
from indexer.parsing import profiles

from ...ranking.features import Features
from ...ranking.scaling import Vector
from .. import naming
from ..evidence import FUSED, FileEvidence

TESTING = frozenset(("test", "tests", "testing", "spec", "fixture"))
EXAMPLES = frozenset(("example", "examples", "demo", "sample", "docs", "doc", "documentation", "benchmark"))
OLD = frozenset(("compat", "legacy", "deprecated"))
"""Words of queries about tests, about examples, and about files that are kept for compatibility."""

_ENTRY = re.compile(r"(^|/)(__init__\.py|(mod|lib)\.rs|index\.[cm]?[jt]sx?|main\.\w+|package\.scala)$")
_PRIVATE = re.compile(r"(^|/)(_[^/_]|internal|private|impl)", re.IGNORECASE)
_HEADERS = (".h", ".hh", ".hpp")

_MAX_DEPTH, _MAX_LENGTH = 6, 60
"""Maximum values of the features `depth` and `path_length`. The linear model would give an extreme score to a
file with a very long path."""


_ROLES: Mapping[str, tuple[Callable[[str], object], frozenset[str]]] = {
    "test": (roles.is_test, TESTING),
    # An example, a demo, documentation or a benchmark.
    "example": (roles.is_example, EXAMPLES),
    # A file of declarations or test doubles.
    "stub": (roles.is_stub, frozenset()),
    # A file that is kept for compatibility.
    "legacy": (roles.is_legacy, OLD),
    # The entry point of a package or program, which often only refers to other files.
    "entry": (_ENTRY.search, frozenset()),
    # A file that is private by its name or folder.
    "private": (_PRIVATE.search, frozenset()),
    # A header of C or C++.
    "header": (lambda path: path.endswith(_HEADERS), frozenset()),
}
"""For each role of a file, a function that tells by the path whether a file has the role. The last item are
the words of queries about such files."""


def has_role(role: str, e: FileEvidence) -> Vector:
    """1 for a file with this role, unless the query is about such files."""
    tell, words = _ROLES[role]
    if not words.isdisjoint(e.query.words):
        return np.zeros(len(e.paths))
    return _each(e, lambda path: bool(tell(path)))


def folder_fused(e: FileEvidence) -> Vector:
    """The mean of the best scaled fused scores of the files in this file's folder."""
    within: dict[str, list[float]] = defaultdict(list)
    folders = _folders(e)
    for folder, best in zip(folders, e.top[FUSED][:, 0].tolist(), strict=True):
        within[folder].append(best)
    average = {folder: sum(values) / len(values) for folder, values in within.items()}
    return np.array([average[folder] for folder in folders])


def block_share(e: FileEvidence) -> Vector:
    """The share of the file's candidates that are outside of definitions."""
    return e.sum_by_file(e.blocks) / e.counts


def _each(e: FileEvidence, tell: Callable[[str], float]) -> Vector:
    return np.array([float(tell(path)) for path in e.paths])


def _same(tell: Callable[[FileEvidence], float]) -> Callable[[FileEvidence], Vector]:
    """A feature with the same value for all files."""
    return lambda e: np.full(len(e.paths), float(tell(e)))


def _shares(values: Sequence[str]) -> Vector:
    """For each value, the share of all values that are equal to it."""
    many = Counter(values)
    return np.array([many[value] / len(values) for value in values])


def _languages(e: FileEvidence) -> list[str]:
    return [language_of(c.payload) for c in e.best_fragments]


def _folders(e: FileEvidence) -> list[str]:
    return [naming.folder(path) for path in e.paths]


FEATURES: Features[FileEvidence] = {
    **{role: partial(has_role, role) for role in ("test", "example", "stub", "legacy")},
    # 1 for a file of text, data or configuration instead of code.
    "prose": lambda e: np.array([float(profiles.of(language).role != "code") for language in _languages(e)]),
    **{role: partial(has_role, role) for role in ("entry", "private", "header")},
    # The share of the files with candidates that are in this file's language.
    "language_share": lambda e: _shares(_languages(e)),
    # The number of folders above the file, and the length of the path in characters; both are capped.
    "depth": lambda e: _each(e, lambda path: min(path.count("/"), _MAX_DEPTH)),
    "path_length": lambda e: _each(e, lambda path: min(len(path), _MAX_LENGTH)),
    # The share of the files with candidates that are in this file's folder.
    "folder_files": lambda e: _shares(_folders(e)),
    "folder_fused": folder_fused,
    # The logarithm of the last line of the file's candidates, a lower bound of the file's length.
    "size": lambda e: np.log1p(e.max_by_file(e.start_lines + e.lines - 1)),
    # Of the file's best fragment, the logarithm of the number of lines, and 1 if it is the head of a class.
    "best_lines": lambda e: np.log1p(e.lines[e.starts]),
    "best_class": lambda e: e.classes[e.starts],
    "block_share": block_share,
    # 1 if the whole query is a name; the number of words of the query; the number of definitions that the
    # query may name; the number of files that have candidates.
    "is_symbol": _same(lambda e: e.query.symbol),
    "question_words": _same(lambda e: len(e.query.words)),
    "question_names": _same(lambda e: len(e.query.names)),
    "file_count": _same(lambda e: len(e.paths)),
}
