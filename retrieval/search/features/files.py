"""Features of the file's purpose, location and size, and of the query as a whole."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable

import numpy as np

from indexer.analysis import roles
from indexer.fragment import language_of
from indexer.parsing import profiles

from ...ranking.features import named
from .. import naming
from ..evidence import FUSED, FileEvidence, Vector

TESTING = frozenset(("test", "tests", "testing", "spec", "fixture"))
EXAMPLES = frozenset(("example", "examples", "demo", "sample", "docs", "doc", "documentation", "benchmark"))
OLD = frozenset(("compat", "legacy", "deprecated"))
"""If the query contains a word of TESTING, EXAMPLES or OLD, the query is about such files, and the feature
`test`, `example` or `legacy` is 0."""

_ENTRY = re.compile(r"(^|/)(__init__\.py|(mod|lib)\.rs|index\.[cm]?[jt]sx?|main\.\w+|package\.scala)$")
_PRIVATE = re.compile(r"(^|/)(_[^/_]|internal|private|impl)", re.IGNORECASE)
_HEADERS = (".h", ".hh", ".hpp")

_MAX_DEPTH, _MAX_LENGTH = 6, 60
"""Maximum values of the features `depth` and `path_length`. The linear model would give an extreme score to a
file with a very long path."""


def test(e: FileEvidence) -> Vector:
    """1 for a test, unless the query is about tests."""
    return _each(e, roles.is_test, TESTING.isdisjoint(e.query.words))


def example(e: FileEvidence) -> Vector:
    """1 for an example, a demo, documentation or a benchmark, unless the query is about such files."""
    return _each(e, roles.is_example, EXAMPLES.isdisjoint(e.query.words))


def stub(e: FileEvidence) -> Vector:
    """1 for a file of declarations or test doubles."""
    return _each(e, roles.is_stub)


def legacy(e: FileEvidence) -> Vector:
    """1 for a file that is kept for compatibility, unless the query is about such files."""
    return _each(e, roles.is_legacy, OLD.isdisjoint(e.query.words))


def prose(e: FileEvidence) -> Vector:
    """1 for a file of text, data or configuration instead of code."""
    return np.array(
        [float(profiles.of(language_of(c.payload)).role != "code") for c in e.candidates.best_fragments]
    )


def entry(e: FileEvidence) -> Vector:
    """1 for the entry point of a package or program, which often only refers to other files."""
    return _each(e, lambda path: _ENTRY.search(path) is not None)


def private(e: FileEvidence) -> Vector:
    """1 for a file that is private by its name or folder."""
    return _each(e, lambda path: _PRIVATE.search(path) is not None)


def header(e: FileEvidence) -> Vector:
    """1 for a header of C or C++."""
    return _each(e, lambda path: path.endswith(_HEADERS))


def language_share(e: FileEvidence) -> Vector:
    """The share of the files with candidates that are in this file's language."""
    languages = [language_of(c.payload) for c in e.candidates.best_fragments]
    many = Counter(languages)
    return np.array([many[one] / len(languages) for one in languages])


def depth(e: FileEvidence) -> Vector:
    """The number of folders above the file, capped."""
    return np.array([float(min(path.count("/"), _MAX_DEPTH)) for path in e.candidates.paths])


def path_length(e: FileEvidence) -> Vector:
    """The length of the path in characters, capped."""
    return np.array([float(min(len(path), _MAX_LENGTH)) for path in e.candidates.paths])


def folder_files(e: FileEvidence) -> Vector:
    """The share of the files with candidates that are in this file's folder."""
    folders = _folders(e)
    many = Counter(folders)
    return np.array([many[folder] / len(folders) for folder in folders])


def folder_fused(e: FileEvidence) -> Vector:
    """The mean of the best scaled fused scores of the files in this file's folder."""
    within: dict[str, list[float]] = defaultdict(list)
    folders = _folders(e)
    for folder, best in zip(folders, e.top[FUSED][:, 0].tolist(), strict=True):
        within[folder].append(best)
    average = {folder: sum(values) / len(values) for folder, values in within.items()}
    return np.array([average[folder] for folder in folders])


def size(e: FileEvidence) -> Vector:
    """The logarithm of the last line of the file's candidates, a lower bound of the file's length."""
    return np.log1p(e.candidates.max_by_file(e.start_lines + e.lines - 1))


def best_lines(e: FileEvidence) -> Vector:
    """The logarithm of the number of lines of the file's best fragment."""
    return np.log1p(e.lines[e.candidates.starts])


def best_class(e: FileEvidence) -> Vector:
    """1 if the file's best fragment is the head of a class."""
    return e.classes[e.candidates.starts]


def block_share(e: FileEvidence) -> Vector:
    """The share of the file's candidates that are outside of definitions."""
    return e.candidates.sum_by_file(e.blocks) / e.candidates.counts


def is_symbol(e: FileEvidence) -> Vector:
    """1 if the whole query is a name."""
    return _same(e, float(e.query.symbol))


def question_words(e: FileEvidence) -> Vector:
    """The number of words of the query."""
    return _same(e, len(e.query.words))


def question_names(e: FileEvidence) -> Vector:
    """The number of definitions that the query may name."""
    return _same(e, len(e.query.names))


def file_count(e: FileEvidence) -> Vector:
    """The number of files that have candidates."""
    return _same(e, len(e.candidates.paths))


def _each(e: FileEvidence, holds: Callable[[str], bool], counts: bool = True) -> Vector:
    return np.array([float(counts and holds(path)) for path in e.candidates.paths])


def _same(e: FileEvidence, value: float) -> Vector:
    return np.full(len(e.candidates.paths), float(value))


def _folders(e: FileEvidence) -> list[str]:
    return [naming.folder(path) for path in e.candidates.paths]


FEATURES = named(
    test, example, stub, legacy, prose, entry, private, header, language_share,
    depth, path_length, folder_files, folder_fused, size, best_lines, best_class, block_share,
    is_symbol, question_words, question_names, file_count,
)  # fmt: skip
