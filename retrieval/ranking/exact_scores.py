"""Completes the ranked lists of several legs, so that each candidate has its exact score on each leg."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import cast

from indexer.fragment import FragmentPayload
from indexer.store import Filter, HasId, Leg, Scored, Store

from ..result import Candidate

Scores = Mapping[str, Mapping[str, float]]
"""By leg, the scores of points by id."""


def complete(
    store: Store,
    lists: Mapping[str, Iterable[Scored]],
    legs: Mapping[str, Leg],
    exclude: Collection[str] = (),
    also: Iterable[str] = (),
) -> Scores:
    """By leg, the exact scores of all points in the lists of all legs and in `also`, without `exclude`.

    A point that is missing from the truncated list of a leg may still have a score on that leg, so this score
    is queried. `legs` has the leg of each list.
    """
    scores = {name: {s.id: s.score for s in found if s.id not in exclude} for name, found in lists.items()}
    union = list(dict.fromkeys([*ids(scores), *(one for one in also if one not in exclude)]))
    asked: dict[str, Leg] = {}
    for name, scored in scores.items():
        if missing := tuple(id for id in union if id not in scored):
            asked[name] = replace(legs[name], limit=len(missing), where=Filter((HasId(missing),)))
    answers = store.query(list(asked.values())) if asked else []
    for name, found in zip(asked, answers, strict=True):
        scores[name].update((s.id, s.score) for s in found)
    return scores


def ids(scores: Scores) -> list[str]:
    """The ids of all points that have a score, each once, in the order of the legs."""
    return list(dict.fromkeys(id for scored in scores.values() for id in scored))


def fetch(store: Store, chosen: Sequence[str], scores: Scores, fields: Sequence[str]) -> list[Candidate]:
    """The points with these ids as candidates, with the `fields` of their payloads and their scores."""
    return [
        Candidate(
            r.id,
            cast(FragmentPayload, r.payload),
            {name: scored[r.id] for name, scored in scores.items() if r.id in scored},
        )
        for r in store.fetch(chosen, fields)
    ]
