"""Features of the names that are in both the prefix and the suggestion, or only in one of them.

"Suggestion" means the code after a candidate's cut.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from ...ranking.features import Column, named
from ..lexical_profile import LexicalProfile
from ..query import CursorPrefix
from .cut_candidates import CutCandidate, CutCandidates, each, share

_NEAR = 14
"""Number of names before the join, and of names after the join, that are compared."""


def known_share(pool: CutCandidates) -> Column:
    """The share of the suggestion's names, weighted by IDF, that are in the prefix."""
    return [_ratio(pool, candidate.code.known, pool.prefix.code) for candidate in pool.candidates]


def covered_share(pool: CutCandidates) -> Column:
    """The share of the prefix's names, weighted by IDF, that are in the suggestion."""
    return _covered(pool, pool.prefix.code.known, lambda code: code.known)


def shared_weight(pool: CutCandidates) -> Column:
    """The sum of the IDF of all names that are in both the prefix and the suggestion."""
    return [pool.idf_sum(pool.prefix.code.known & candidate.code.known) for candidate in pool.candidates]


def rarest_shared(pool: CutCandidates) -> Column:
    """The highest IDF of a name that is in both the prefix and the suggestion."""
    ours = pool.prefix.code.known
    return [
        max((pool.idf.get(name, pool.unseen_idf) for name in ours & candidate.code.known), default=0.0)
        for candidate in pool.candidates
    ]


def tail_in_head(pool: CutCandidates) -> Column:
    """The share of the prefix's last names, weighted by IDF, that are at the suggestion's beginning."""
    ours = frozenset(pool.prefix.tail_code.names[-_NEAR:])
    return _covered(pool, ours, lambda code: frozenset(code.names[:_NEAR]))


def tail_covered(pool: CutCandidates) -> Column:
    """The share of the names in the prefix's last lines, weighted by IDF, that are in the suggestion."""
    return _covered(pool, pool.prefix.tail_code.known, lambda code: code.known)


def head_known(pool: CutCandidates) -> Column:
    """The share of the names in the suggestion's first line, weighted by IDF, that are in the prefix."""
    return [_ratio(pool, frozenset(candidate.code.head), pool.prefix.code) for candidate in pool.candidates]


def head_unknown(prefix: CursorPrefix, candidate: CutCandidate) -> float:
    """The number of names in the suggestion's first line that are not in the prefix."""
    return float(len(set(candidate.code.head) - prefix.code.known))


def unknown(prefix: CursorPrefix, candidate: CutCandidate) -> float:
    """The logarithm of the number of names in the suggestion that are not in the prefix."""
    return math.log1p(len(candidate.code.known - prefix.code.known))


def undefined(prefix: CursorPrefix, candidate: CutCandidate) -> float:
    """The number of variables that the suggestion uses but does not assign, and that are not in the prefix.

    Names that look like variables count as variables.
    """
    return float(len(candidate.code.free - candidate.code.assigned - prefix.code.known))


def undefined_share(prefix: CursorPrefix, candidate: CutCandidate) -> float:
    """The value of `undefined`, divided by the number of variables in the suggestion."""
    free = candidate.code.free
    return len(free - candidate.code.assigned - prefix.code.known) / len(free) if free else 0.0


def redefined(prefix: CursorPrefix, candidate: CutCandidate) -> float:
    """The number of names that both the prefix and the suggestion assign to."""
    return float(len(candidate.code.assigned & prefix.code.assigned))


def locals_used(prefix: CursorPrefix, candidate: CutCandidate) -> float:
    """The share of the prefix's assigned variables that the suggestion uses; -1 without such variables."""
    return share(prefix.code.assigned, candidate.code.known, -1.0)


def locals_left(prefix: CursorPrefix, candidate: CutCandidate) -> float:
    """As `locals_used`, but only for variables that the prefix assigns and does not use."""
    return share(_fresh(prefix.code), candidate.code.known, -1.0)


def locals_never(prefix: CursorPrefix, candidate: CutCandidate) -> float:
    """The number of variables that the prefix assigns, and that neither prefix nor suggestion uses."""
    return float(len(_fresh(prefix.code) - candidate.code.known))


def parts_known(prefix: CursorPrefix, candidate: CutCandidate) -> float:
    """The share of the parts of the suggestion's names that are in the prefix."""
    return share(candidate.code.parts, prefix.code.parts)


def parts_covered(prefix: CursorPrefix, candidate: CutCandidate) -> float:
    """The share of the parts of the prefix's names that are in the suggestion."""
    return share(prefix.code.parts, candidate.code.parts)


def bigrams_shared(prefix: CursorPrefix, candidate: CutCandidate) -> float:
    """The share of the suggestion's pairs of consecutive lexemes that are in the prefix."""
    return share(candidate.code.bigrams, prefix.code.bigrams)


def literals_shared(prefix: CursorPrefix, candidate: CutCandidate) -> float:
    """The number of literals that are in both the prefix and the suggestion."""
    return float(len(candidate.code.literals & prefix.code.literals))


def subsequence(prefix: CursorPrefix, candidate: CutCandidate) -> float:
    """The length of the longest common subsequence of the names before the join and the names after the join.

    It is divided by the length of the shorter sequence.
    """
    ours, theirs = prefix.tail_code.names[-_NEAR:], candidate.code.names[:_NEAR]
    shorter = min(len(ours), len(theirs))
    return _subsequence(ours, theirs) / shorter if shorter else 0.0


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


def _covered(
    pool: CutCandidates, ours: frozenset[str], theirs: Callable[[LexicalProfile], frozenset[str]]
) -> Column:
    """The share of the names `ours`, weighted by IDF, that are among the names `theirs` of each candidate."""
    total = pool.idf_sum(ours)
    return [pool.idf_sum(ours & theirs(one.code)) / total if total else 0.0 for one in pool.candidates]


def _ratio(pool: CutCandidates, names: frozenset[str], ours: LexicalProfile) -> float:
    total = pool.idf_sum(names)
    return pool.idf_sum(names & ours.known) / total if total else 0.0


def _fresh(ours: LexicalProfile) -> frozenset[str]:
    return frozenset(name for name in ours.assigned if ours.counts[name] == 1)


FEATURES = {
    **named(
        known_share, covered_share, shared_weight, rarest_shared, tail_in_head, tail_covered, head_known,
    ),
    **each(
        head_unknown, unknown, undefined, undefined_share, redefined, locals_used, locals_left, locals_never,
        parts_known, parts_covered, bigrams_shared, literals_shared, subsequence,
    ),
}  # fmt: skip
