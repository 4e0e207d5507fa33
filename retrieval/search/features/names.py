"""What a file, its folders and its definitions are called, against the words of the question."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from .. import naming
from ..evidence import FUSED, Evidence, Vector, ranks


def stem_found(e: Evidence) -> Vector:
    """Share of the question found in the file's name."""
    return e.stem @ e.rarity


def folders_found(e: Evidence) -> Vector:
    """Share of the question found in the names of the folders."""
    return e.folders @ e.rarity


def symbols_found(e: Evidence) -> Vector:
    """Share of the question found in the names of the file's fragments."""
    return e.symbols @ e.rarity


def path_found(e: Evidence) -> Vector:
    """Share of the question found in the path."""
    return np.maximum(e.stem, e.folders) @ e.rarity


def named_found(e: Evidence) -> Vector:
    """Share of the question found in any of these names."""
    return np.maximum(np.maximum(e.stem, e.folders), e.symbols) @ e.rarity


def named_rank(e: Evidence) -> Vector:
    """1 / rank by that."""
    return ranks(np.round(named_found(e), 6))


def stem_covered(e: Evidence) -> Vector:
    """Share of the file's name that the question has."""
    return np.array([e.words.covered(sorted(set(naming.of_stem(path)))) for path in e.pool.paths])


def stem_phrase(e: Evidence) -> Vector:
    """Words of the file's name, where the question has them all in a row."""
    return np.array([e.words.phrase(naming.of_stem(path)) for path in e.pool.paths])


def stem_last(e: Evidence) -> Vector:
    """The question has the last word of the file's name, which says what kind of thing it is."""
    lasts = (naming.of_stem(path)[-1:] for path in e.pool.paths)
    return np.array([float(any(word in e.words.at for word in last)) for last in lasts])


def stem_place(e: Evidence) -> Vector:
    """How far into the question the first word of the file's name comes; what it is about comes early."""
    at, most = e.words.at, len(e.words.at)
    stems = (naming.of_stem(path) for path in e.pool.paths)
    return np.array([float(min((at[t] for t in stem if t in at), default=most)) for stem in stems])


def folder_covered(e: Evidence) -> Vector:
    """Share of the innermost folder's name that the question has."""
    folders = (naming.of_folder(path) for path in e.pool.paths)
    return np.array([len(folder & e.words.at.keys()) / max(1, len(folder)) for folder in folders])


def symbol_covered(e: Evidence) -> Vector:
    """Share of a definition's own name that the question has."""
    return e.pool.most(e.own_covered)


def class_covered(e: Evidence) -> Vector:
    """The same of classes."""
    return e.pool.most(e.own_covered * e.classes)


def symbol_share(e: Evidence) -> Vector:
    """Share of the question that is in one fragment's qualified name."""
    return e.pool.most(e.own_share)


def class_share(e: Evidence) -> Vector:
    """The same of classes."""
    return e.pool.most(e.own_share * e.classes)


def symbol_phrase(e: Evidence) -> Vector:
    """Words of a definition's own name, where the question has them all in a row."""
    return e.pool.most(e.phrases)


def class_phrase(e: Evidence) -> Vector:
    """The same of classes."""
    return e.pool.most(e.phrases * e.classes)


def defines(e: Evidence) -> Vector:
    """The file has a definition that the question names."""
    return e.pool.most(e.defines)


def defines_class(e: Evidence) -> Vector:
    """And it is a class or the like."""
    return e.pool.most(e.defines * e.classes)


def defines_case(e: Evidence) -> Vector:
    """And it is written as in the question, capitals and all."""
    text = e.query.text
    same = [float(c.symbol.rsplit(".", 1)[-1] in text) for c in e.pool.fragments]
    return e.pool.most(np.array(same) * e.defining)


def definers(e: Evidence) -> Vector:
    """How many such definitions there are in the file."""
    return e.pool.total(e.defining)


def definition_lines(e: Evidence) -> Vector:
    """The longest of them: declarations are short (log of the lines)."""
    return e.pool.most(np.log1p(e.lines) * e.defining)


def definition_fused(e: Evidence) -> Vector:
    """The best of them by its text."""
    return e.pool.most(e.pool.scores[FUSED] * e.defining)


def owners(e: Evidence) -> Vector:
    """How many fragments are members of what the question names."""
    names = frozenset(e.query.names)
    if not names:
        return np.zeros(len(e.pool.paths))
    own = [len(s) > 1 and s[-2] in names for s in (c.symbol.lower().split(".") for c in e.pool.fragments)]
    return e.pool.total(np.array(own, np.float64))


def stem_is_name(e: Evidence) -> Vector:
    """The file is called like a definition that the question names."""
    names = {_bare(name.rsplit(".", 1)[-1]) for name in e.query.names}
    if not names:
        return np.zeros(len(e.pool.paths))
    return np.array([float(_bare(naming.file_stem(path).lower()) in names) for path in e.pool.paths])


def _bare(name: str) -> str:
    return name.replace("_", "").replace("-", "")


FEATURES: Mapping[str, Callable[[Evidence], Vector]] = {
    one.__name__: one
    for one in (
        stem_found, folders_found, symbols_found, path_found, named_found, named_rank,
        stem_covered, stem_phrase, stem_last, stem_place, folder_covered,
        symbol_covered, class_covered, symbol_share, class_share, symbol_phrase, class_phrase,
        defines, defines_class, defines_case, definers, definition_lines, definition_fused, owners,
        stem_is_name,
    )
}  # fmt: skip
