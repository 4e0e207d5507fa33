"""Features that compare the names of a file, its folders and its definitions with the query."""

from __future__ import annotations

import numpy as np

from ...ranking.features import named
from ...ranking.scaling import Vector, reciprocal_ranks
from .. import naming
from ..evidence import FUSED, FileEvidence


def stem_found(e: FileEvidence) -> Vector:
    """The weighted share of the query's words that are in the file's name."""
    return e.stem @ e.idf_weight


def folders_found(e: FileEvidence) -> Vector:
    """The weighted share of the query's words that are in the names of the file's folders."""
    return e.folders @ e.idf_weight


def symbols_found(e: FileEvidence) -> Vector:
    """The weighted share of the query's words that are in the names of the file's fragments."""
    return e.symbols @ e.idf_weight


def path_found(e: FileEvidence) -> Vector:
    """The weighted share of the query's words that are in the path."""
    return np.maximum(e.stem, e.folders) @ e.idf_weight


def named_found(e: FileEvidence) -> Vector:
    """The weighted share of the query's words that are in the path or in names of the file's fragments."""
    return np.maximum(np.maximum(e.stem, e.folders), e.symbols) @ e.idf_weight


def named_rank(e: FileEvidence) -> Vector:
    """1 / rank of the file by `named_found`."""
    return reciprocal_ranks(named_found(e), 6)


def stem_covered(e: FileEvidence) -> Vector:
    """The share of the words of the file's name that are in the query."""
    return np.array(
        [e.words.coverage(sorted(set(naming.file_stem_terms(path)))) for path in e.candidates.paths]
    )


def stem_phrase(e: FileEvidence) -> Vector:
    """The number of words of the file's name if the query contains these words consecutively, else 0."""
    return np.array([e.words.phrase(naming.file_stem_terms(path)) for path in e.candidates.paths])


def stem_last(e: FileEvidence) -> Vector:
    """1 if the query contains the last word of the file's name.

    The last word usually says what kind of thing the file defines.
    """
    lasts = (naming.file_stem_terms(path)[-1:] for path in e.candidates.paths)
    return np.array([float(any(word in e.words.positions for word in last)) for last in lasts])


def stem_place(e: FileEvidence) -> Vector:
    """The position of the first query word that is in the file's name.

    The value is the number of query words if the file's name contains none. The first words of a query
    usually state its topic.
    """
    at, most = e.words.positions, len(e.words.positions)
    stems = (naming.file_stem_terms(path) for path in e.candidates.paths)
    return np.array([float(min((at[t] for t in stem if t in at), default=most)) for stem in stems])


def folder_covered(e: FileEvidence) -> Vector:
    """The share of the words of the innermost folder's name that are in the query."""
    folders = (naming.innermost_folder_terms(path) for path in e.candidates.paths)
    return np.array([len(folder & e.words.positions.keys()) / max(1, len(folder)) for folder in folders])


def symbol_covered(e: FileEvidence) -> Vector:
    """The share of the words of a definition's own name that are in the query.

    The value is the maximum over the file's definitions.
    """
    return e.candidates.max_by_file(e.own_name_coverage)


def class_covered(e: FileEvidence) -> Vector:
    """As `symbol_covered`, but only for classes."""
    return e.candidates.max_by_file(e.own_name_coverage * e.classes)


def symbol_share(e: FileEvidence) -> Vector:
    """The share of the query's words that are in the qualified name of a fragment.

    The value is the maximum over the file's fragments.
    """
    return e.candidates.max_by_file(e.query_share)


def class_share(e: FileEvidence) -> Vector:
    """As `symbol_share`, but only for classes."""
    return e.candidates.max_by_file(e.query_share * e.classes)


def symbol_phrase(e: FileEvidence) -> Vector:
    """The number of words of a definition's own name if the query contains these words consecutively.

    The value is the maximum over the file's definitions, or 0 if there is no such definition.
    """
    return e.candidates.max_by_file(e.own_phrases)


def class_phrase(e: FileEvidence) -> Vector:
    """As `symbol_phrase`, but only for classes."""
    return e.candidates.max_by_file(e.own_phrases * e.classes)


def defines(e: FileEvidence) -> Vector:
    """1 if the query names a definition of the file in full, less if only by the last part of the name."""
    return e.candidates.max_by_file(e.defines)


def defines_class(e: FileEvidence) -> Vector:
    """As `defines`, but only for classes."""
    return e.candidates.max_by_file(e.defines * e.classes)


def defines_case(e: FileEvidence) -> Vector:
    """1 if the query names a definition of the file with the same upper-case and lower-case letters."""
    text = e.query.text
    same = [float(c.symbol.rsplit(".", 1)[-1] in text) for c in e.candidates.fragments]
    return e.candidates.max_by_file(np.array(same) * e.defining)


def definers(e: FileEvidence) -> Vector:
    """The number of the file's definitions that the query names."""
    return e.candidates.sum_by_file(e.defining)


def definition_lines(e: FileEvidence) -> Vector:
    """The logarithm of the number of lines of the longest definition that the query names.

    A definition that only declares something is short.
    """
    return e.candidates.max_by_file(np.log1p(e.lines) * e.defining)


def definition_fused(e: FileEvidence) -> Vector:
    """The best fused score of a definition of the file that the query names."""
    return e.candidates.max_by_file(e.candidates.scores[FUSED] * e.defining)


def owners(e: FileEvidence) -> Vector:
    """The number of fragments that are members of a class that the query names."""
    names = frozenset(e.query.names)
    if not names:
        return np.zeros(len(e.candidates.paths))
    own = [
        len(s) > 1 and s[-2] in names for s in (c.symbol.lower().split(".") for c in e.candidates.fragments)
    ]
    return e.candidates.sum_by_file(np.array(own, np.float64))


def stem_is_name(e: FileEvidence) -> Vector:
    """1 if the query names a definition whose name is the file's name, without regard to `_` and `-`."""
    names = {_bare(name.rsplit(".", 1)[-1]) for name in e.query.names}
    if not names:
        return np.zeros(len(e.candidates.paths))
    return np.array([float(_bare(naming.file_stem(path).lower()) in names) for path in e.candidates.paths])


def _bare(name: str) -> str:
    return name.replace("_", "").replace("-", "")


FEATURES = named(
    stem_found, folders_found, symbols_found, path_found, named_found, named_rank,
    stem_covered, stem_phrase, stem_last, stem_place, folder_covered,
    symbol_covered, class_covered, symbol_share, class_share, symbol_phrase, class_phrase,
    defines, defines_class, defines_case, definers, definition_lines, definition_fused, owners,
    stem_is_name,
)  # fmt: skip
