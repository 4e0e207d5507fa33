"""Features that compare the names of a file, its folders and its definitions with the query."""

from __future__ import annotations

import numpy as np

from ...ranking.features import Features, named
from ...ranking.scaling import Vector, reciprocal_ranks
from .. import naming
from ..evidence import FUSED, FileEvidence


def named_rank(e: FileEvidence) -> Vector:
    """1 / rank of the file by `named_found`."""
    return reciprocal_ranks(e.named @ e.idf_weight, 6)


def stem_covered(e: FileEvidence) -> Vector:
    """The share of the words of the file's name that are in the query."""
    return np.array([e.words.coverage(sorted(set(naming.file_stem_terms(path)))) for path in e.paths])


def stem_phrase(e: FileEvidence) -> Vector:
    """The number of words of the file's name if the query contains these words consecutively, else 0."""
    return np.array([e.words.phrase(naming.file_stem_terms(path)) for path in e.paths])


def stem_last(e: FileEvidence) -> Vector:
    """1 if the query contains the last word of the file's name.

    The last word usually says what kind of thing the file defines.
    """
    lasts = (naming.file_stem_terms(path)[-1:] for path in e.paths)
    return np.array([float(any(word in e.words.positions for word in last)) for last in lasts])


def stem_place(e: FileEvidence) -> Vector:
    """The position of the first query word that is in the file's name.

    The value is the number of query words if the file's name contains none. The first words of a query
    usually state its topic.
    """
    at, most = e.words.positions, len(e.words.positions)
    stems = (naming.file_stem_terms(path) for path in e.paths)
    return np.array([float(min((at[t] for t in stem if t in at), default=most)) for stem in stems])


def folder_covered(e: FileEvidence) -> Vector:
    """The share of the words of the innermost folder's name that are in the query."""
    folders = (naming.innermost_folder_terms(path) for path in e.paths)
    return np.array([len(folder & e.words.positions.keys()) / max(1, len(folder)) for folder in folders])


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
    if not names:
        return np.zeros(len(e.paths))
    return np.array([float(_bare(naming.file_stem(path).lower()) in names) for path in e.paths])


def _bare(name: str) -> str:
    return name.replace("_", "").replace("-", "")


FEATURES: Features[FileEvidence] = {
    # The share of the query's words, weighted by IDF, that are in the file's name, in the names of its
    # folders, in the names of its fragments, in its path, and in any of these names.
    "stem_found": lambda e: e.stem @ e.idf_weight,
    "folders_found": lambda e: e.folders @ e.idf_weight,
    "symbols_found": lambda e: e.symbols @ e.idf_weight,
    "path_found": lambda e: np.maximum(e.stem, e.folders) @ e.idf_weight,
    "named_found": lambda e: e.named @ e.idf_weight,
    **named(named_rank, stem_covered, stem_phrase, stem_last, stem_place, folder_covered),
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
    **named(owners, stem_is_name),
}
