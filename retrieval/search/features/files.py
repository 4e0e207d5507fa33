"""What a file is for and how it is made, where it is, and what kind of question is asked."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping

import numpy as np

from indexer.analysis import roles
from indexer.fragment import language_of

from .. import naming
from ..evidence import FUSED, Evidence, Vector

TESTING = frozenset(("test", "tests", "testing", "spec", "fixture"))
EXAMPLES = frozenset(("example", "examples", "demo", "sample", "docs", "doc", "documentation", "benchmark"))
OLD = frozenset(("compat", "legacy", "deprecated"))
"""A question with one of these words is about such files, so that they lose nothing."""

PROSE = frozenset(
    ("markdown", "rst", "text", "json", "yaml", "toml", "xml", "ini", "csv", "make", "dockerfile")
)
"""Languages of notes, data and configuration."""

_ENTRY = re.compile(r"(^|/)(__init__\.py|(mod|lib)\.rs|index\.[cm]?[jt]sx?|main\.\w+|package\.scala)$")
_PRIVATE = re.compile(r"(^|/)(_[^/_]|internal|private|impl)", re.IGNORECASE)
_HEADERS = (".h", ".hh", ".hpp")

_DEEPEST, _LONGEST = 6, 60


def test(e: Evidence) -> Vector:
    """A test, where the question is not about tests."""
    return _each(e, roles.is_test, TESTING.isdisjoint(e.query.words))


def example(e: Evidence) -> Vector:
    """An example, a demo, documentation or a benchmark."""
    return _each(e, roles.is_example, EXAMPLES.isdisjoint(e.query.words))


def stub(e: Evidence) -> Vector:
    """Declarations or doubles."""
    return _each(e, roles.is_stub)


def legacy(e: Evidence) -> Vector:
    """Kept for compatibility."""
    return _each(e, roles.is_legacy, OLD.isdisjoint(e.query.words))


def prose(e: Evidence) -> Vector:
    """Text without code: notes, data, configuration."""
    return np.array([float(language_of(c.payload) in PROSE) for c in e.pool.first])


def entry(e: Evidence) -> Vector:
    """What a package or a program begins with: often only names what other files define."""
    return _each(e, lambda path: _ENTRY.search(path) is not None)


def private(e: Evidence) -> Vector:
    """Called or kept private."""
    return _each(e, lambda path: _PRIVATE.search(path) is not None)


def header(e: Evidence) -> Vector:
    """A header of C or C++."""
    return _each(e, lambda path: path.endswith(_HEADERS))


def language_share(e: Evidence) -> Vector:
    """The share of the files that are in this one's language."""
    languages = [language_of(c.payload) for c in e.pool.first]
    many = Counter(languages)
    return np.array([many[one] / len(languages) for one in languages])


def depth(e: Evidence) -> Vector:
    """How many folders the file is in, up to what is usual: a linear model would go on for ever."""
    return np.array([float(min(path.count("/"), _DEEPEST)) for path in e.pool.paths])


def path_length(e: Evidence) -> Vector:
    """Characters of the path, up to what is usual."""
    return np.array([float(min(len(path), _LONGEST)) for path in e.pool.paths])


def folder_files(e: Evidence) -> Vector:
    """The share of the files that are in the same folder."""
    folders = _folders(e)
    many = Counter(folders)
    return np.array([many[folder] / len(folders) for folder in folders])


def folder_fused(e: Evidence) -> Vector:
    """How well the files of the folder fit on average."""
    within: dict[str, list[float]] = defaultdict(list)
    folders = _folders(e)
    for folder, best in zip(folders, e.top[FUSED][:, 0].tolist(), strict=True):
        within[folder].append(best)
    average = {folder: sum(values) / len(values) for folder, values in within.items()}
    return np.array([average[folder] for folder in folders])


def size(e: Evidence) -> Vector:
    """How long the file is at least (log of the last line of its candidates)."""
    return np.log1p(e.pool.most(e.begins + e.lines - 1))


def best_lines(e: Evidence) -> Vector:
    """How long the best fragment is (log of the lines)."""
    return np.log1p(e.lines[e.pool.starts])


def best_class(e: Evidence) -> Vector:
    """The best fragment is the head of a class."""
    return e.classes[e.pool.starts]


def block_share(e: Evidence) -> Vector:
    """The share of the file's candidates that are outside of definitions."""
    return e.pool.total(e.blocks) / e.pool.counts


def is_symbol(e: Evidence) -> Vector:
    """The question is a name."""
    return _same(e, float(e.query.symbol))


def question_words(e: Evidence) -> Vector:
    """Words of the question."""
    return _same(e, len(e.query.words))


def question_names(e: Evidence) -> Vector:
    """Definitions that the question may name."""
    return _same(e, len(e.query.names))


def file_count(e: Evidence) -> Vector:
    """How many files have candidates."""
    return _same(e, len(e.pool.paths))


def _each(e: Evidence, holds: Callable[[str], bool], counts: bool = True) -> Vector:
    return np.array([float(counts and holds(path)) for path in e.pool.paths])


def _same(e: Evidence, value: float) -> Vector:
    return np.full(len(e.pool.paths), float(value))


def _folders(e: Evidence) -> list[str]:
    return [naming.folder(path) for path in e.pool.paths]


FEATURES: Mapping[str, Callable[[Evidence], Vector]] = {
    one.__name__: one
    for one in (
        test, example, stub, legacy, prose, entry, private, header, language_share,
        depth, path_length, folder_files, folder_fused, size, best_lines, best_class, block_share,
        is_symbol, question_words, question_names, file_count,
    )
}  # fmt: skip
