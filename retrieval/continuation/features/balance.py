"""Features of the brackets and blocks that prefix and suggestion open and close, and of their parsed join.

"Suggestion" means the code after a candidate's cut. Only the joins with the best candidates are parsed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np

from ...ranking.features import Column, Features, named
from .. import lexemes
from ..joining import JoinParse
from ..query import CursorPrefix
from .cut_candidates import CutCandidate, CutCandidates, each

_OF_JOIN: Mapping[str, Callable[[JoinParse], float]] = {
    # The number of ERROR nodes, the number of MISSING nodes, and the share of bytes in ERROR nodes.
    "join_errors": lambda join: join.errors,
    "join_missing": lambda join: join.missing,
    "join_broken": lambda join: join.broken,
    # 1 if there are no errors; the number of top-level items; 1 if there are no errors and one item.
    "join_clean": lambda join: join.clean,
    "join_items": lambda join: min(join.items, 9),
    "join_whole": lambda join: join.clean and join.items == 1,
}


def join_worse(pool: CutCandidates) -> Column:
    """The number of ERROR and MISSING nodes minus that of the join with the fewest such nodes."""
    wrong = np.array(_of_joins(lambda join: join.errors + join.missing, pool), np.float64)
    return np.asarray(wrong - wrong.min(initial=np.inf), np.float64)


def _of_joins(tell: Callable[[JoinParse], float], pool: CutCandidates) -> Column:
    """The values of all joins; zeros if the joins cannot be parsed."""
    return [float(tell(join)) for join in pool.joins] or [0.0] * len(pool.candidates)


def _nets(prefix: CursorPrefix, candidate: CutCandidate) -> tuple[int, ...]:
    """The numbers of parentheses, brackets, braces and `end` blocks that are open after the suggestion.

    They are negative if too many are closed.
    """
    pairs = zip(prefix.code.nets, candidate.code.nets, strict=True)
    return *(ours + theirs for ours, theirs in pairs), prefix.code.ends + candidate.code.ends


FEATURES = each({
    "net_parentheses": lambda p, c: _nets(p, c)[0],
    "net_brackets": lambda p, c: _nets(p, c)[1],
    "net_braces": lambda p, c: _nets(p, c)[2],
    "net_ends": lambda p, c: _nets(p, c)[3],
    # 1 if the four features above are all 0.
    "balanced": lambda p, c: not any(_nets(p, c)),
    # The number of closing brackets that match no open bracket, or an open bracket of another kind.
    "mismatched": lambda p, c: lexemes.unclosed(c.code.lexemes, p.open)[1],
    # The number of brackets that are open after the suggestion, and at the cursor.
    "left_open": lambda p, c: len(lexemes.unclosed(c.code.lexemes, p.open)[0]),
    "opened_before": lambda p, c: len(p.open),
})  # fmt: skip
PARSED: Features[CutCandidates] = {
    **{name: partial(_of_joins, tell) for name, tell in _OF_JOIN.items()},
    **named(join_worse),
}
