"""Gathers the fragments that may continue the code: the union of several legs, with exact scores per leg."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from indexer.encoding import bm25
from indexer.fragment import FragmentPayload, point_id
from indexer.store import DENSE, Filter, HasId, Leg, Match, Scored, SparseVector, Store

from ..candidates import LEXICAL, Vector, repository_filter
from . import line_ends
from .query import CursorPrefix

if TYPE_CHECKING:
    from indexer.encoding.types import Encoder

FIELDS = (
    "repo", "path", "language", "kind", "symbol", "ordinal", "start_line", "end_line", "end_byte", "is_test",
    "text",
)  # fmt: skip
WHOLE, TAIL, HEAD, MEANING = "whole", "tail", "head", "meaning"
LEGS = (WHOLE, TAIL, HEAD, MEANING)
"""The legs. WHOLE, TAIL and HEAD score by BM25: WHOLE is queried with the open function, TAIL with the
function's last lines, and HEAD with the function's name and head. MEANING scores by the dense vector of the
open function."""

DEPTH, DATA_DEPTH = 60, 250
"""Maximum candidates per leg. DEPTH is for editors, and DATA_DEPTH for data sets, where time matters less."""
_NAMED = 60
"""Maximum number of functions that are candidates because they have the name of the open function."""
_MAX_TEXT = 8_000
"""Maximum characters of a fragment that are used. Pieces of functions are much shorter."""
MAX_CANDIDATES = 64
"""Maximum candidates that are cut and ranked for an editor. Other candidates rarely give the right code."""
_PIECES = 3
"""Maximum pieces of a long function that are fetched in addition to the piece that was found."""
_FAMILIES = (("javascript", "typescript", "tsx"), ("c", "cpp"), ("scss", "css"))


@dataclass(slots=True)
class ContinuationCandidate:
    """A fragment that may continue the code, with its payload and exact scores by leg."""

    id: str
    payload: FragmentPayload
    scores: dict[str, float] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The fragment's code with unified line ends. The long code of some data sets is cut off."""
        return line_ends.unified(self.payload["text"][:_MAX_TEXT])

    @property
    def sort_key(self) -> tuple[str, int]:
        """A key that orders candidates of equal score, by path and first line."""
        return self.payload["path"], self.payload["start_line"]


def gather(
    store: Store,
    encoder: Encoder,
    repo: str,
    prefix: CursorPrefix,
    *,
    depth: int,
    languages: Sequence[str] | None = None,
) -> list[ContinuationCandidate]:
    """Gather the best `depth` fragments of each leg, and functions with the name of the open function.

    The candidates have exact scores, and are in one of `languages`. () means all languages, and None means
    the languages that are compatible with the prefix's language.
    """
    ours = repository_filter(repo)
    # In a store of one repository, use the engine's document frequencies, although these include deleted
    # points: to compute exact frequencies would take as long as the leg itself.
    corpus = ours if repo else None
    # Use no condition on kinds: only fragments have these vectors, and each condition takes time.
    if languages is None:
        languages = () if prefix.language == "text" else family(prefix.language)
    where = ours & Filter((Match("language", tuple(languages)),)) if languages else ours
    words = {
        WHOLE: _log_weighted(prefix.text),
        TAIL: _log_weighted(prefix.tail),
        HEAD: _log_weighted(f"{prefix.name} {prefix.signature}"),
    }
    vector = encoder.query(prefix.text)
    legs = [Leg(words[name], LEXICAL, depth, where, corpus=corpus) for name in (WHOLE, TAIL, HEAD)]
    legs.append(Leg(vector, DENSE, depth, where))
    if prefix.name:
        named = where & Filter((Match("name", (prefix.name.lower(),)),))
        legs.append(Leg(words[WHOLE], LEXICAL, _NAMED, named, corpus=corpus))
    lists = store.query(legs)
    scores: dict[str, dict[str, float]] = {
        name: {s.id: s.score for s in found} for name, found in zip(LEGS, lists, strict=False)
    }
    if prefix.name:
        scores[WHOLE].update((s.id, s.score) for s in lists[-1])
    return _with_exact_scores(
        store,
        scores,
        words,
        vector,
        corpus,
        MAX_CANDIDATES if prefix.exact_whitespace else len(LEGS) * depth + _NAMED,
    )


def with_next_pieces(store: Store, found: ContinuationCandidate) -> str:
    """The text of a fragment and of the next pieces of its function, up to the first missing piece."""
    piece = found.payload
    ids = [
        point_id(piece["repo"], piece["path"], piece["kind"], piece["symbol"], str(piece["ordinal"] + n))
        for n in range(1, _PIECES + 1)
    ]
    text, end = piece["text"], piece["end_byte"]
    for record in store.fetch(ids, ("start_byte", "end_byte", "text")):
        if record.payload["start_byte"] != end:
            break
        text, end = text + str(record.payload["text"]), record.payload["end_byte"]
    return line_ends.unified(text[:_MAX_TEXT])


def family(language: str) -> tuple[str, ...]:
    """The languages that are compatible with a language, including the language itself."""
    return next((names for names in _FAMILIES if language in names), (language,))


def _log_weighted(text: str) -> SparseVector:
    """The terms of a text, weighted by the logarithm of their frequency."""
    return bm25.query({term: 1.0 + math.log(n) for term, n in bm25.count(text).items()})


def _with_exact_scores(
    store: Store,
    scores: dict[str, dict[str, float]],
    words: Mapping[str, SparseVector],
    vector: Vector,
    corpus: Filter | None,
    keep: int,
) -> list[ContinuationCandidate]:
    """The best `keep` candidates of the union of the legs, each with its exact score on every leg.

    A candidate that is missing from the truncated list of a leg may still have a score on that leg.
    """
    union = list(dict.fromkeys(id for scored in scores.values() for id in scored))
    legs, asked = [], []
    for name, scored in scores.items():
        ids = tuple(id for id in union if id not in scored)
        if ids:
            asked.append(name)
            only = Filter((HasId(ids),))
            legs.append(
                Leg(vector, DENSE, len(ids), only)
                if name == MEANING
                else Leg(words[name], LEXICAL, len(ids), only, corpus=corpus)
            )
    answers: Sequence[Sequence[Scored]] = store.query(legs) if legs else []
    for name, found in zip(asked, answers, strict=True):
        scores[name].update((s.id, s.score) for s in found)
    records = store.fetch(_most_promising(union, scores, keep), FIELDS)
    return [
        ContinuationCandidate(
            r.id,
            cast(FragmentPayload, r.payload),
            {name: scored[r.id] for name, scored in scores.items() if r.id in scored},
        )
        for r in records
    ]


def _most_promising(union: Sequence[str], scores: Mapping[str, Mapping[str, float]], count: int) -> list[str]:
    """The `count` ids with the highest sums of the scores on three legs, each scaled to [0, 1].

    Candidates with equal sums are ordered by id.
    """
    if len(union) <= count:
        return list(union)
    total = dict.fromkeys(union, 0.0)
    for leg in (WHOLE, TAIL, MEANING):
        known = scores[leg].values()
        low, high = min(known, default=0.0), max(known, default=0.0)
        for id in union:
            total[id] += (scores[leg].get(id, low) - low) / ((high - low) or 1.0)
    return sorted(union, key=lambda id: (-round(total[id], 6), id))[:count]
