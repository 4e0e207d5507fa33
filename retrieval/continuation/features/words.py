"""Names that the code before the cursor and the suggestion share, or lack."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..code import Code
from ..query import Prefix
from .pool import Column, Option, Pool, each, whole

_NEAR = 14
"""Names on either side of the join."""


def known_share(pool: Pool) -> Column:
    """Share of the suggestion's names, by rarity, that the code before the cursor has."""
    return [_ratio(pool, option.code.known, pool.prefix.code) for option in pool.options]


def covered_share(pool: Pool) -> Column:
    """Share of the names before the cursor, by rarity, that the suggestion has."""
    ours = pool.prefix.code.known
    total = pool.weight(ours)
    return [pool.weight(ours & option.code.known) / total if total else 0.0 for option in pool.options]


def shared_weight(pool: Pool) -> Column:
    """The rarity of all names shared."""
    return [pool.weight(pool.prefix.code.known & option.code.known) for option in pool.options]


def rarest_shared(pool: Pool) -> Column:
    """The rarity of the rarest name shared."""
    ours = pool.prefix.code.known
    return [
        max((pool.rarity.get(name, pool.common) for name in ours & option.code.known), default=0.0)
        for option in pool.options
    ]


def tail_in_head(pool: Pool) -> Column:
    """Share of the last statements' names, by rarity, that the suggestion's beginning has."""
    ours = frozenset(pool.prefix.tail_code.names[-_NEAR:])
    total = pool.weight(ours)
    return [
        pool.weight(ours & frozenset(option.code.names[:_NEAR])) / total if total else 0.0
        for option in pool.options
    ]


def tail_covered(pool: Pool) -> Column:
    """Share of the last statements' names, by rarity, that the suggestion has anywhere."""
    ours = pool.prefix.tail_code.known
    total = pool.weight(ours)
    return [pool.weight(ours & option.code.known) / total if total else 0.0 for option in pool.options]


def head_known(pool: Pool) -> Column:
    """Share of the first line's names, by rarity, that the code before the cursor has."""
    return [_ratio(pool, frozenset(option.code.head), pool.prefix.code) for option in pool.options]


def head_unknown(prefix: Prefix, option: Option) -> float:
    """Names of the first line that are new."""
    return float(len(set(option.code.head) - prefix.code.known))


def unknown(prefix: Prefix, option: Option) -> float:
    """ln of how many names are new."""
    return math.log1p(len(option.code.known - prefix.code.known))


def undefined(prefix: Prefix, option: Option) -> float:
    """Variables, by the look of them, that nothing before or in the suggestion defines."""
    return float(len(option.code.free - option.code.assigned - prefix.code.known))


def undefined_share(prefix: Prefix, option: Option) -> float:
    """The same as a share of the suggestion's variables."""
    free = option.code.free
    return len(free - option.code.assigned - prefix.code.known) / len(free) if free else 0.0


def redefined(prefix: Prefix, option: Option) -> float:
    """Names that the suggestion assigns to although the code before the cursor already did."""
    return float(len(option.code.assigned & prefix.code.assigned))


def locals_used(prefix: Prefix, option: Option) -> float:
    """Share of the variables assigned before the cursor that the suggestion uses."""
    ours = prefix.code.assigned
    return len(ours & option.code.known) / len(ours) if ours else -1.0


def locals_left(prefix: Prefix, option: Option) -> float:
    """Share of those assigned before the cursor but not yet used that the suggestion uses."""
    ours = _fresh(prefix.code)
    return len(ours & option.code.known) / len(ours) if ours else -1.0


def locals_never(prefix: Prefix, option: Option) -> float:
    """Variables that would stay unused."""
    return float(len(_fresh(prefix.code) - option.code.known))


def parts_known(prefix: Prefix, option: Option) -> float:
    """Share of the parts of the suggestion's names that the code before the cursor has."""
    return len(option.code.parts & prefix.code.parts) / len(option.code.parts) if option.code.parts else 0.0


def parts_covered(prefix: Prefix, option: Option) -> float:
    """Share of the parts of the names before the cursor that the suggestion has."""
    return len(option.code.parts & prefix.code.parts) / len(prefix.code.parts) if prefix.code.parts else 0.0


def bigrams_shared(prefix: Prefix, option: Option) -> float:
    """Share of the suggestion's pairs of lexemes that the code before the cursor has."""
    theirs = option.code.bigrams
    return len(theirs & prefix.code.bigrams) / len(theirs) if theirs else 0.0


def literals_shared(prefix: Prefix, option: Option) -> float:
    """Literals in both."""
    return float(len(option.code.literals & prefix.code.literals))


def subsequence(prefix: Prefix, option: Option) -> float:
    """Longest common subsequence of the names before and behind the join, as a share of the shorter."""
    ours, theirs = prefix.tail_code.names[-_NEAR:], option.code.names[:_NEAR]
    shorter = min(len(ours), len(theirs))
    return _subsequence(ours, theirs) / shorter if shorter else 0.0


def _subsequence(ours: Sequence[str], theirs: Sequence[str]) -> int:
    common = set(ours) & set(theirs)
    ours = [name for name in ours if name in common]
    theirs = [name for name in theirs if name in common]
    row = [0] * (len(theirs) + 1)
    for one in ours:
        diagonal = 0
        for number, other in enumerate(theirs, 1):
            diagonal, row[number] = (
                row[number],
                (diagonal + 1 if one == other else max(row[number], row[number - 1])),
            )
    return row[-1]


def _ratio(pool: Pool, names: frozenset[str], ours: Code) -> float:
    total = pool.weight(names)
    return pool.weight(names & ours.known) / total if total else 0.0


def _fresh(ours: Code) -> frozenset[str]:
    return frozenset(name for name in ours.assigned if ours.counts[name] == 1)


FEATURES = (
    *map(whole, (
        known_share, covered_share, shared_weight, rarest_shared, tail_in_head, tail_covered, head_known,
    )),
    *map(each, (
        head_unknown, unknown, undefined, undefined_share, redefined, locals_used, locals_left, locals_never,
        parts_known, parts_covered, bigrams_shared, literals_shared, subsequence,
    )),
)  # fmt: skip
