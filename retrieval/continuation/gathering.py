"""Gathers the fragments that may continue the code: the union of several legs, with exact scores per leg."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from indexer.encoding import bm25
from indexer.fragment import point_id
from indexer.parsing import profiles
from indexer.store import DENSE, Filter, Leg, Match, Store

from ..candidates import LEXICAL, repository_filter
from ..query import log_weights
from ..ranking import exact_scores
from ..ranking.exact_scores import Scores
from ..ranking.scaling import minmax
from ..result import Candidate
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

DEPTH = 60
"""Maximum candidates per leg."""
_NAMED = 60
"""Maximum number of functions that are candidates because they have the name of the open function."""
_MAX_TEXT = 8_000
"""Maximum characters of a fragment that are used. Pieces of functions are much shorter."""
MAX_CANDIDATES = 64
"""Maximum candidates that are cut and ranked. Other candidates rarely give the right code."""
_PIECES = 3
"""Maximum pieces of a long function that are fetched in addition to the piece that was found."""


def gather(
    store: Store,
    encoder: Encoder,
    repo: str,
    prefix: CursorPrefix,
    *,
    depth: int = DEPTH,
    most: int = MAX_CANDIDATES,
    languages: Sequence[str] | None = None,
) -> list[Candidate]:
    """Gather the best `depth` fragments of each leg, and functions with the name of the open function.

    Returns the `most` most promising of these, with exact scores. They are in one of `languages`. () means
    all languages, and None means the languages that are compatible with the prefix's language.
    """
    ours = repository_filter(repo)
    # In a store of one repository, use the engine's document frequencies, although these include deleted
    # points: to compute exact frequencies would take as long as the leg itself.
    corpus = ours if repo else None
    # Use no condition on kinds: only fragments have these vectors, and each condition takes time.
    if languages is None:
        languages = () if prefix.language == "text" else profiles.family(prefix.language)
    where = ours & Filter((Match("language", tuple(languages)),)) if languages else ours
    head = f"{prefix.name} {prefix.signature}"
    texts = {WHOLE: prefix.text, TAIL: prefix.tail_code.text, HEAD: head}
    words = {name: bm25.query(log_weights(bm25.count(text))) for name, text in texts.items()}
    legs = {
        **{name: Leg(terms, LEXICAL, depth, where, corpus=corpus) for name, terms in words.items()},
        MEANING: Leg(encoder.query(prefix.text), DENSE, depth, where),
    }
    definers = where & Filter((Match("name", (prefix.name.lower(),)),))
    named = [Leg(words[WHOLE], LEXICAL, _NAMED, definers, corpus=corpus)] if prefix.name else []
    found = store.query([*legs.values(), *named])
    lists = dict(zip(legs, found, strict=False))
    if named:
        lists[WHOLE] = [*lists[WHOLE], *found[-1]]
    scores = exact_scores.complete(store, lists, legs)
    return exact_scores.fetch(store, _most_promising(exact_scores.ids(scores), scores, most), scores, FIELDS)


def code_of(candidate: Candidate) -> str:
    """The fragment's code with unified line ends. The long code of some data sets is cut off."""
    return line_ends.unified(str(candidate.payload["text"])[:_MAX_TEXT])


def with_next_pieces(store: Store, found: Candidate) -> str:
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


def _most_promising(ids: Sequence[str], scores: Scores, count: int) -> Sequence[str]:
    """The `count` ids with the highest sums of the scores on three legs, each scaled to [0, 1].

    Candidates with equal sums are ordered by id.
    """
    if len(ids) <= count:
        return ids
    total = np.zeros(len(ids))
    for leg in (WHOLE, TAIL, MEANING):
        column = np.array([scores[leg].get(id, np.nan) for id in ids])
        total += np.nan_to_num(minmax(column, constant=0.0))
    best = sorted(zip(np.round(-total, 6).tolist(), ids, strict=True))
    return [id for _, id in best[:count]]
