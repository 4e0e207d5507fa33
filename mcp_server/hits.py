"""Hits of several folders as one answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import chain, zip_longest
from typing import TypeVar

from retrieval.agent_text.answers import hits_text
from retrieval.host.answers import HitsAnswer, UnknownName
from retrieval.result import Excerpt, Hit

from .answer_forms import fitted_answer
from .arguments import ToolArguments
from .folders import ServedFolder
from .results import FoundCode, ToolAnswer

T = TypeVar("T")

_FILTERS = {"languages": "language", "globs": "path", "folder": "path", "tests": "tests"}
"""The argument of `search` that each filter of a host comes from."""

_FEWEST = 200
"""The budget of an answer about an unknown name is a third of what the call says, but at least this."""


def hits_found(
    answers: Sequence[tuple[ServedFolder, HitsAnswer]],
    notes: list[str],
    given: ToolArguments,
    question: str,
    filters: Sequence[str] = (),
) -> ToolAnswer:
    """The hits of several folders. `filters` are the arguments that restrict the search."""
    pairs = interleaved([_shown_hits(*one) for one in answers])[: given.limit]
    if not pairs and not notes:  # otherwise the notes say why
        emptied = dict.fromkeys(_FILTERS.get(name, "") for _, answer in answers for name in answer.emptied)
        notes = [f"nothing found: nothing in the index matches {one!r}" for one in emptied if one in filters]
    whole = HitsAnswer(
        hits=[hit for hit, _ in pairs],
        definitions=[excerpt for _, excerpt in pairs],
        emptied=tuple(dict.fromkeys(name for _, answer in answers for name in answer.emptied)),
        unknown=_unknown([answer for _, answer in answers]),
    )
    # What resembles a name that does not exist is seldom what was meant.
    tokens = given.max_tokens if whole.unknown_name is None else max(_FEWEST, given.max_tokens // 3)
    found = {(one.path, one.start_line): one for one in reversed([_found_hit(*pair) for pair in pairs])}
    return fitted_answer(
        list(reversed(found.values())),
        min(tokens, given.max_tokens),
        lambda budget: hits_text(whole, question, budget, notes),
    )


def interleaved(rows: Iterable[Sequence[T]]) -> list[T]:
    """The best of each folder, then the second of each, and so on: scores of two indexes do not compare."""
    missing = object()
    return [one for one in chain(*zip_longest(*rows, fillvalue=missing)) if one is not missing]  # type: ignore[misc]


def _shown_hits(folder: ServedFolder, answer: HitsAnswer) -> list[tuple[Hit, Excerpt]]:
    """The hits of a folder, and the function around each of them."""
    excerpts = answer.definitions or [Excerpt(hit.start_line, hit.text) for hit in answer.hits]
    hits = [replace(hit, path=folder.shown(hit.path)) for hit in answer.hits]
    return list(zip(hits, excerpts, strict=True))


def _unknown(answers: Sequence[HitsAnswer]) -> UnknownName | None:
    """The name that was asked for, if it is defined in none of the folders."""
    found = [answer.unknown for answer in answers]
    known = [one for one in found if one is not None]
    if not known or len(known) < len(found):
        return None
    return UnknownName(known[0].name, tuple(dict.fromkeys(name for one in known for name in one.nearest)))


def _found_hit(hit: Hit, excerpt: Excerpt) -> FoundCode:
    last = excerpt.start_line + excerpt.text.rstrip().count("\n")
    return FoundCode(
        path=hit.path, start_line=excerpt.start_line, end_line=last, symbol=hit.symbol, source=hit.source
    )
