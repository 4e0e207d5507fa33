"""Features of the names that are in both the prefix and the suggestion, or only in one of them.

"Suggestion" means the code after a candidate's cut.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterator, Sequence

from indexer.encoding import bm25

from ...ranking.features import Column, Features
from ..lexical_profile import LexicalProfile
from ..query import CursorPrefix
from .cut_candidates import CutCandidate, CutCandidates, each, share

_NEAR = 14
"""Number of names before the join, and of names after the join, that are compared."""


def _weighted_share(
    names: Callable[[CursorPrefix, CutCandidate], tuple[frozenset[str], frozenset[str]]],
) -> Callable[[CutCandidates], Column]:
    """A feature: the share of the first set of names, weighted by IDF, that is in the second set."""

    def shares(pool: CutCandidates) -> Column:
        total = functools.cache(pool.idf_sum)
        pairs = (names(pool.prefix, candidate) for candidate in pool.candidates)
        return [pool.idf_sum(ours & theirs) / total(ours) if ours else 0.0 for ours, theirs in pairs]

    return shares


def _shared(pool: CutCandidates) -> Iterator[frozenset[str]]:
    """For each candidate, the names that are in both the prefix and the suggestion."""
    return (pool.prefix.code.known & candidate.code.known for candidate in pool.candidates)


def subsequence(prefix: CursorPrefix, candidate: CutCandidate) -> float:
    """The length of the longest common subsequence of the names before the join and the names after the join.

    It is divided by the length of the shorter sequence.
    """
    ours, theirs = prefix.tail_code.names[-_NEAR:], candidate.code.names[:_NEAR]
    shorter = min(len(ours), len(theirs))
    return _subsequence(ours, theirs) / shorter if shorter else 0.0


def name_parts(prefix: CursorPrefix, candidate: CutCandidate) -> float:
    """The Dice coefficient of the parts of the two functions' names."""
    ours, theirs = set(bm25.parts(prefix.name)), set(bm25.parts(_last(candidate)))
    return 2 * len(ours & theirs) / (len(ours) + len(theirs)) if ours and theirs else 0.0


def _subsequence(ours: Sequence[str], theirs: Sequence[str]) -> int:
    shared = set(ours) & set(theirs)
    ours = [name for name in ours if name in shared]
    theirs = [name for name in theirs if name in shared]
    row = [0] * (len(theirs) + 1)
    for one in ours:
        diagonal = 0
        for number, other in enumerate(theirs, 1):
            diagonal, row[number] = (
                row[number],
                (diagonal + 1 if one == other else max(row[number], row[number - 1])),
            )
    return row[-1]


def _fresh(ours: LexicalProfile) -> frozenset[str]:
    return frozenset(name for name in ours.assigned if ours.counts[name] == 1)


def _unused(prefix: CursorPrefix) -> frozenset[str]:
    """The parameters of the open function that are not used before the cursor."""
    return frozenset(name for name in prefix.parameters if prefix.code.counts[name] < 2)


def _undefined(prefix: CursorPrefix, candidate: CutCandidate) -> frozenset[str]:
    """The variables that the suggestion uses but does not assign, and that are not in the prefix.

    Names that look like variables count as variables.
    """
    return candidate.code.free - candidate.code.assigned - prefix.code.known


def _last(candidate: CutCandidate) -> str:
    return candidate.fragment.symbol.rsplit(".", 1)[-1]


def _plain(name: str) -> str:
    return name.lower().lstrip("$@_")


FUNCTIONS = each({
    # 1 if the fragment's function has the same name as the open function, for example as an override.
    "same_name": lambda p, c: bool(p.name) and _plain(_last(c)) == _plain(p.name),
    "name_parts": name_parts,
    # How many of the two functions have no name.
    "nameless": lambda p, c: (not p.name) + (not _last(c)),
    # The share of the open function's parameters that the suggestion uses, and the same for parameters that
    # are not used before the cursor; -1 without such parameters. Then the number of parameters that are used
    # in neither.
    "parameters_used": lambda p, c: share(p.parameters, c.code.known, -1.0),
    "parameters_left": lambda p, c: share(_unused(p), c.code.known, -1.0),
    "parameters_never": lambda p, c: len(_unused(p) - c.code.known),
})  # fmt: skip
"""Features that compare the name and head of the open function with those of the fragment."""

WORDS: Features[CutCandidates] = {
    # The share of the suggestion's names, weighted by IDF, that are in the prefix, and the reverse.
    "known_share": _weighted_share(lambda p, c: (c.code.known, p.code.known)),
    "covered_share": _weighted_share(lambda p, c: (p.code.known, c.code.known)),
    # The sum of the IDF of the names that are in both the prefix and the suggestion, and their highest IDF.
    "shared_weight": lambda pool: [pool.idf_sum(names) for names in _shared(pool)],
    "rarest_shared": lambda pool: [max(map(pool.idf.__getitem__, n), default=0.0) for n in _shared(pool)],
    # The same share of the prefix's last names that are at the suggestion's beginning, of the names in the
    # prefix's last lines that are in the suggestion, and of the names in the suggestion's first line that are
    # in the prefix.
    "tail_in_head": _weighted_share(
        lambda p, c: (frozenset(p.tail_code.names[-_NEAR:]), frozenset(c.code.names[:_NEAR]))
    ),
    "tail_covered": _weighted_share(lambda p, c: (p.tail_code.known, c.code.known)),
    "head_known": _weighted_share(lambda p, c: (frozenset(c.code.head), p.code.known)),
    **each({
        # The number of names in the suggestion's first line that are not in the prefix.
        "head_unknown": lambda p, c: len(set(c.code.head) - p.code.known),
        # The logarithm of the number of names in the suggestion that are not in the prefix.
        "unknown": lambda p, c: math.log1p(len(c.code.known - p.code.known)),
        # The number of undefined variables, and their share of the variables in the suggestion.
        "undefined": lambda p, c: len(_undefined(p, c)),
        "undefined_share": lambda p, c: len(_undefined(p, c)) / len(c.code.free) if c.code.free else 0.0,
        # The number of names that both the prefix and the suggestion assign to.
        "redefined": lambda p, c: len(c.code.assigned & p.code.assigned),
        # The share of the prefix's assigned variables that the suggestion uses, and the same for variables
        # that the prefix does not use; -1 without such variables. Then the number of those that neither uses.
        "locals_used": lambda p, c: share(p.code.assigned, c.code.known, -1.0),
        "locals_left": lambda p, c: share(_fresh(p.code), c.code.known, -1.0),
        "locals_never": lambda p, c: len(_fresh(p.code) - c.code.known),
        # The share of the parts of the suggestion's names that are in the prefix, and the reverse.
        "parts_known": lambda p, c: share(c.code.parts, p.code.parts),
        "parts_covered": lambda p, c: share(p.code.parts, c.code.parts),
        # The share of the suggestion's pairs of consecutive lexemes that are in the prefix.
        "bigrams_shared": lambda p, c: share(c.code.bigrams, p.code.bigrams),
        # The number of literals that are in both the prefix and the suggestion.
        "literals_shared": lambda p, c: len(c.code.literals & p.code.literals),
        "subsequence": subsequence,
    }),
}  # fmt: skip
