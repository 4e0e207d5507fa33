"""The features of files for the learned reranker of search. The weights contain the features' names."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from indexer.analysis import roles
from indexer.fragment import language_of
from indexer.parsing import profiles
from indexer.store import DENSE

from ..ranking.features import FeatureRegistry, Features, for_each
from ..ranking.scaling import Vector, behind_max, reciprocal_ranks, relative_to_max
from . import naming
from .evidence import FUSED, LEARNED, LEXICAL, FileEvidence
from .naming import QueryWords

TESTING = frozenset(("test", "tests", "testing", "spec", "fixture"))
EXAMPLES = frozenset(("example", "examples", "demo", "sample", "docs", "doc", "documentation", "benchmark"))
OLD = frozenset(("compat", "legacy", "deprecated"))
"""Words of queries about tests, about examples, and about files that are kept for compatibility."""

_ENTRY = re.compile(r"(^|/)(__init__\.py|(mod|lib)\.rs|index\.[cm]?[jt]sx?|main\.\w+|package\.scala)$")
_PRIVATE = re.compile(r"(^|/)(_[^/_]|internal|private|impl)", re.IGNORECASE)
_HEADERS = (".h", ".hh", ".hpp")

_LEADING = 10
"""`leading` counts fragments that are among this number of best fragments of all files."""
_MAX_DEPTH, _MAX_LENGTH = 6, 60
"""Maximum values of the features `depth` and `path_length`. The linear model would give an extreme score to a
file with a very long path."""


def _each(tell: Callable[[str], float]) -> Callable[[FileEvidence], Vector]:
    """A feature, from a function that returns the value of a path."""
    return lambda e: np.array([float(tell(path)) for path in e.paths])


def _same(tell: Callable[[FileEvidence], float]) -> Callable[[FileEvidence], Vector]:
    """A feature with the same value for all files."""
    return lambda e: np.full(len(e.paths), float(tell(e)))


def _role(
    tell: Callable[[str], object], words: frozenset[str] = frozenset()
) -> Callable[[FileEvidence], Vector]:
    """1 for a file with a role, unless the query is about such files because it has one of the `words`.

    `tell` returns whether the file at a path has the role.
    """

    def has_role(e: FileEvidence) -> Vector:
        asked = not words.isdisjoint(e.query.words)
        return np.array([float(not asked and bool(tell(path))) for path in e.paths])

    return has_role


def _stem(tell: Callable[[QueryWords, tuple[str, ...]], float]) -> Callable[[FileEvidence], Vector]:
    """A feature, from a function of the query's words and the words of a file's name without extension."""
    return lambda e: np.array(
        [float(tell(e.words, naming.terms(naming.file_stem(path)))) for path in e.paths]
    )


def _shares(values: Sequence[str]) -> Vector:
    """For each value, the share of all values that are equal to it."""
    many = Counter(values)
    return np.array([many[value] / len(values) for value in values])


def _languages(e: FileEvidence) -> list[str]:
    return [language_of(e.fragments[first].payload) for first in e.starts.tolist()]


def _folders(e: FileEvidence) -> list[str]:
    return [naming.folder(path) for path in e.paths]


def leading(leg: str, e: FileEvidence) -> Vector:
    """How many of the ten best fragments of all files are in the file."""
    among = reciprocal_ranks(e.scores[leg]) >= 1 / _LEADING
    return e.sum_by_file(among.astype(np.float64))


def stem_place(query: QueryWords, stem: Sequence[str]) -> int:
    """The position of the first query word that is in the file's name.

    The value is the number of query words if the file's name contains none. The first words of a query
    usually state its topic.
    """
    at = query.positions
    return min((at[word] for word in stem if word in at), default=len(at))


def folder_covered(e: FileEvidence) -> Vector:
    """The share of the words of the innermost folder's name that are in the query."""
    innermost = (folder.rpartition("/")[2] for folder in _folders(e))
    return np.array([e.words.share(naming.terms(folder)) for folder in innermost])


def defines_case(e: FileEvidence) -> Vector:
    """1 if the query names a definition of the file with the same upper-case and lower-case letters."""
    text = e.query.text
    same = [float(c.symbol.rsplit(".", 1)[-1] in text) for c in e.fragments]
    return e.max_by_file(np.array(same) * e.defining)


def owners(e: FileEvidence) -> Vector:
    """The number of fragments that are members of a class that the query names."""
    names = frozenset(e.query.names)
    if not names:
        return np.zeros(len(e.paths))
    own = [len(s) > 1 and s[-2] in names for s in (c.symbol.lower().split(".") for c in e.fragments)]
    return e.sum_by_file(np.array(own, np.float64))


def stem_is_name(e: FileEvidence) -> Vector:
    """1 if the query names a definition whose name is the file's name, without regard to `_` and `-`."""
    names = {_bare(name.rsplit(".", 1)[-1]) for name in e.query.names}
    return np.array([float(_bare(naming.file_stem(path).lower()) in names) for path in e.paths])


def _bare(name: str) -> str:
    return name.replace("_", "").replace("-", "")


def folder_fused(e: FileEvidence) -> Vector:
    """The mean of the best scaled fused scores of the files in this file's folder."""
    within: dict[str, list[float]] = defaultdict(list)
    folders = _folders(e)
    for folder, best in zip(folders, e.top[FUSED][:, 0].tolist(), strict=True):
        within[folder].append(best)
    average = {folder: sum(values) / len(values) for folder, values in within.items()}
    return np.array([average[folder] for folder in folders])


_LEGS = {LEXICAL: "words", DENSE: "meaning", FUSED: "fused", LEARNED: "learned"}
_OF_LEG: Mapping[str, Callable[[str, FileEvidence], Vector]] = {
    # The scaled scores of the file's best, second best and third best fragment.
    "best": lambda leg, e: e.top[leg][:, 0],
    "second": lambda leg, e: e.top[leg][:, 1],
    "third": lambda leg, e: e.top[leg][:, 2],
    # The unscaled score of the file's best fragment minus that of the best fragment of all files.
    "gap": lambda leg, e: behind_max(e.max_by_file(e.scores[leg])),
    # 1 / rank of the file by the score of its best fragment.
    "rank": lambda leg, e: reciprocal_ranks(e.top[leg][:, 0]),
    # The sum of the scaled scores of the file's fragments.
    "total": lambda leg, e: e.sum_by_file(e.minmax[leg]),
    "leading": leading,
    # The scaled score of the file's first fragment, which contains the leading comment and the imports.
    "head": lambda leg, e: e.max_by_file((e.start_lines == 1) * e.minmax[leg]),
    # The best scaled score of a class head, and of a function or method in the file.
    "of_class": lambda leg, e: e.max_by_file(e.classes * e.minmax[leg]),
    "of_function": lambda leg, e: e.max_by_file((1 - e.classes) * (1 - e.blocks) * e.minmax[leg]),
}

_SCORES: Features[FileEvidence] = {
    **for_each(_LEGS, _OF_LEG),
    # The lower of the scaled BM25 score and the scaled dense score of a fragment, at most in the file.
    "both": lambda e: e.max_by_file(np.minimum(e.minmax[LEXICAL], e.minmax[DENSE])),
    # The BM25 score of the whole file: divided by that of the best file; 1 / rank by it, or 0 if it is 0; and
    # minus that of the best file.
    "whole": lambda e: relative_to_max(e.file_scores),
    "whole_rank": lambda e: reciprocal_ranks(e.file_scores, positive=True),
    "whole_gap": lambda e: behind_max(e.file_scores),
    # The number of candidates in the file, and their share of all candidates.
    "hits": lambda e: e.counts.astype(np.float64),
    "hits_share": lambda e: e.counts / e.counts.sum(),
}
"""Features of the scores of a file's fragments on each leg."""

_NAMES: Features[FileEvidence] = {
    # The share of the query's words, weighted by IDF, that are in the file's name, in the names of its
    # folders, in the names of its fragments, in its path, and in any of these names.
    "stem_found": lambda e: e.stem @ e.idf_weight,
    "folders_found": lambda e: e.folders @ e.idf_weight,
    "symbols_found": lambda e: e.symbols @ e.idf_weight,
    "path_found": lambda e: np.maximum(e.stem, e.folders) @ e.idf_weight,
    "named_found": lambda e: e.named @ e.idf_weight,
    # 1 / rank of the file by `named_found`.
    "named_rank": lambda e: reciprocal_ranks(e.named @ e.idf_weight, 6),
    # The share of the words of the file's name that are in the query.
    "stem_covered": _stem(lambda query, stem: query.coverage(stem)),
    # The number of words of the file's name if the query contains these words consecutively, else 0.
    "stem_phrase": _stem(lambda query, stem: query.phrase(stem)),
    # 1 if the query contains the last word of the file's name. This word usually says what kind of thing the
    # file defines.
    "stem_last": _stem(lambda query, stem: bool(stem) and stem[-1] in query.positions),
    "stem_place": _stem(stem_place),
    "folder_covered": folder_covered,
    # The following features are the maximum over the file's fragments, or over the heads of its classes.
    # First, the share of the words of the own name that are in the query.
    "symbol_covered": lambda e: e.max_by_file(e.own_name_coverage),
    "class_covered": lambda e: e.max_by_file(e.own_name_coverage * e.classes),
    # The share of the query's words that are in the qualified name.
    "symbol_share": lambda e: e.max_by_file(e.query_share),
    "class_share": lambda e: e.max_by_file(e.query_share * e.classes),
    # The number of words of the own name if the query contains these words consecutively, else 0.
    "symbol_phrase": lambda e: e.max_by_file(e.own_phrases),
    "class_phrase": lambda e: e.max_by_file(e.own_phrases * e.classes),
    # 1 if the query names the definition in full, less if only by the last part of the name.
    "defines": lambda e: e.max_by_file(e.defines),
    "defines_class": lambda e: e.max_by_file(e.defines * e.classes),
    "defines_case": defines_case,
    # The number of the file's definitions that the query names; of these, the logarithm of the number of
    # lines of the longest, because a mere declaration is short, and the best fused score.
    "definers": lambda e: e.sum_by_file(e.defining),
    "definition_lines": lambda e: e.max_by_file(np.log1p(e.lines) * e.defining),
    "definition_fused": lambda e: e.max_by_file(e.scores[FUSED] * e.defining),
    "owners": owners,
    "stem_is_name": stem_is_name,
}
"""Features that compare the names of a file, its folders and its definitions with the query."""

_FILES: Features[FileEvidence] = {
    # 1 for a file with a role. First, a test.
    "test": _role(roles.is_test, TESTING),
    # An example, a demo, documentation or a benchmark.
    "example": _role(roles.is_example, EXAMPLES),
    # A file of declarations or test doubles.
    "stub": _role(roles.is_stub),
    # A file that is kept for compatibility.
    "legacy": _role(roles.is_legacy, OLD),
    # 1 for a file of text, data or configuration instead of code.
    "prose": lambda e: np.array([float(profiles.of(language).role != "code") for language in _languages(e)]),
    # The entry point of a package or program, which often only refers to other files.
    "entry": _role(_ENTRY.search),
    # A file that is private by its name or folder.
    "private": _role(_PRIVATE.search),
    # A header of C or C++.
    "header": _role(lambda path: path.endswith(_HEADERS)),
    # The share of the files with candidates that are in this file's language.
    "language_share": lambda e: _shares(_languages(e)),
    # The number of folders above the file, and the length of the path in characters; both are capped.
    "depth": _each(lambda path: min(path.count("/"), _MAX_DEPTH)),
    "path_length": _each(lambda path: min(len(path), _MAX_LENGTH)),
    # The share of the files with candidates that are in this file's folder.
    "folder_files": lambda e: _shares(_folders(e)),
    "folder_fused": folder_fused,
    # The logarithm of the last line of the file's candidates, a lower bound of the file's length.
    "size": lambda e: np.log1p(e.max_by_file(e.start_lines + e.lines - 1)),
    # Of the file's best fragment, the logarithm of the number of lines, and 1 if it is the head of a class.
    "best_lines": lambda e: np.log1p(e.lines[e.starts]),
    "best_class": lambda e: e.classes[e.starts],
    # The share of the file's candidates that are outside of definitions.
    "block_share": lambda e: e.sum_by_file(e.blocks) / e.counts,
    # 1 if the whole query is a name; the number of words of the query; the number of definitions that the
    # query may name; the number of files that have candidates.
    "is_symbol": _same(lambda e: e.query.symbol),
    "question_words": _same(lambda e: len(e.query.words)),
    "question_names": _same(lambda e: len(e.query.names)),
    "file_count": _same(lambda e: len(e.paths)),
}
"""Features of the file's purpose, location and size, and of the query as a whole."""

FEATURES: FeatureRegistry[FileEvidence] = FeatureRegistry(
    {"scores": _SCORES, "names": _NAMES, "files": _FILES}
)
