"""The functions that answer the tool `related`, one for each kind of relation."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence

from msgspec import structs

from indexer.errors import UsageError
from retrieval.agent_text.calls import calls_text
from retrieval.agent_text.cochanges import cochanges_text
from retrieval.config import AGENT_COUNTS
from retrieval.host.relation_answers import CallEdge, CallsAnswer, DefinitionCalls
from retrieval.host.requests import CallsParams, CochangeParams, Direction, SearchParams, SimilarParams

from .answer_forms import fitted_answer
from .arguments import TESTS, RelatedToolArguments
from .asking import Call
from .folders import Place, ServedFolder
from .hits import hits_found
from .results import FoundCode, ToolAnswer

_NEAREST = 5
_CANDIDATES = 20
"""Hits among which a definition with a name is looked for."""
_SHOWN = 200
_LINE = re.compile(r"[^:]:\d+([-:]\d+)*$")
"""The end of a place with a line."""


async def related(call: Call, given: RelatedToolArguments) -> ToolAnswer:
    """What is related to some code in the way that `kind` says."""
    return await RELATIONS[given.kind](call, given)


async def _similar(call: Call, given: RelatedToolArguments) -> ToolAnswer:
    place, _ = await _target(call, given.of)
    _check_line(place, given)
    params = SimilarParams(
        path=place.path,
        line=place.line,
        limit=given.limit,
        per_file=min(given.limit, AGENT_COUNTS["per_file"]),
        folder=place.folder.scope,
        tests=TESTS[given.tests],
        definitions=True,
    )
    answer, notes = await call.ask(place.folder, params)
    return hits_found([(place.folder, answer)], notes, given, "")


async def _cochanged(call: Call, given: RelatedToolArguments) -> ToolAnswer:
    if given.tests != "any":
        raise UsageError("the kind 'co-changed' takes no 'tests'; leave it out")
    place, symbol = await _target(call, given.of)  # a name is more exact than a line, where both are known
    folder = place.folder
    line = place.line or None
    params = CochangeParams(
        path=place.path, line=None if symbol else line, name=symbol, limit=given.limit, folder=folder.scope
    )
    answer, notes = await call.ask(folder, params)
    whole = structs.replace(answer, remarks=(), indexing=None, state=None)  # the notes have these
    found = [
        FoundCode(
            path=folder.shown(one.path),
            start_line=one.start_line or 0,
            symbol=one.symbol or "",
            why=[one.line],
        )
        for one in (*answer.functions, *answer.files)
    ]
    return fitted_answer(
        found,
        given.max_tokens,
        lambda budget: cochanges_text(whole, given.of.strip(), budget, notes, folder.shown),
    )


async def _calls(call: Call, given: RelatedToolArguments, direction: Direction) -> ToolAnswer:
    """The callers, the callees, or all that depends on a definition."""
    params = CallsParams(
        direction=direction, name=_name(given.of), limit=given.limit, tests=TESTS[given.tests]
    )
    if _LINE.search(given.of) or call.folders.names_file(given.of):  # a qualified name may contain "/"
        place = call.folders.find(given.of)
        _check_line(place, given)
        params = structs.replace(params, name="", path=place.path, line=place.line, folder=place.folder.scope)
        answer, notes = await call.ask(place.folder, params)
        answers = [(place.folder, answer)]
    else:
        answers, notes = await call.ask_all(lambda one: structs.replace(params, folder=one.scope))
    whole = _all_calls(answers)
    edges = [edge for one in whole.definitions for edge in one.edges] + whole.shared
    return fitted_answer(
        [_found_edge(one) for one in edges],
        given.max_tokens,
        lambda budget: calls_text(whole, direction, budget, notes),
    )


async def _callers(call: Call, given: RelatedToolArguments) -> ToolAnswer:
    return await _calls(call, given, "callers")


async def _callees(call: Call, given: RelatedToolArguments) -> ToolAnswer:
    return await _calls(call, given, "callees")


async def _impact(call: Call, given: RelatedToolArguments) -> ToolAnswer:
    return await _calls(call, given, "impact")


RELATIONS: Mapping[str, Callable[[Call, RelatedToolArguments], Awaitable[ToolAnswer]]] = {
    "callers": _callers,
    "callees": _callees,
    "impact": _impact,
    "similar": _similar,
    "co-changed": _cochanged,
}
"""The functions that answer `related`, by the `kind` of the call."""


async def _target(call: Call, text: str) -> tuple[Place, str]:
    """The place that a text names, and the symbol if the text is the name of a definition."""
    if _is_place(call, text):
        return call.folders.find(text), ""
    name = _name(text)
    params = SearchParams(query=name, limit=_CANDIDATES, per_file=_NEAREST)
    answers, notes = await call.ask_all(lambda one: structs.replace(params, folder=one.scope))
    hits = [(folder, hit) for folder, answer in answers for hit in answer.hits if hit.symbol]
    for folder, hit in hits:
        if hit.symbol == name or hit.symbol.endswith(f".{name}"):
            return Place(folder, hit.path, hit.start_line), hit.symbol
    nearest = ", ".join(dict.fromkeys(hit.symbol for _, hit in hits[:_NEAREST]))
    raise UsageError(
        f"no file and no definition named {name[:_SHOWN]!r}"
        + (f"; the nearest names: {nearest}" if nearest else "; write PATH:LINE")
        + (f" ({notes[0]})" if notes else "")
    )


def _is_place(call: Call, text: str) -> bool:
    return "/" in text or call.folders.names_file(text)


def _name(text: str) -> str:
    """The name of a definition, as agents write it."""
    return text.strip().removesuffix("()")


def _check_line(place: Place, given: RelatedToolArguments) -> None:
    """Raises UsageError if a place has no line."""
    if not place.line:
        raise UsageError(
            f"{given.of[:_SHOWN]!r} names no line; the kind {given.kind!r} needs PATH:LINE, or a name"
        )


def _all_calls(answers: Sequence[tuple[ServedFolder, CallsAnswer]]) -> CallsAnswer:
    """The answers of several folders as one, with the paths that the agent sees."""
    found = [_shown_calls(*one) for one in answers]
    unknown = [one.unknown for one in found]
    return CallsAnswer(
        definitions=[definition for one in found for definition in one.definitions],
        shared=[edge for one in found for edge in one.shared],
        shared_left_out=sum(one.shared_left_out for one in found),
        unknown=unknown[0] if all(unknown) else "",
        near=list(dict.fromkeys(name for one in found for name in one.near)),
    )


def _shown_calls(folder: ServedFolder, answer: CallsAnswer) -> CallsAnswer:
    def edges(some: Sequence[CallEdge]) -> list[CallEdge]:
        return [structs.replace(one, path=folder.shown(one.path)) for one in some]

    definitions = [
        DefinitionCalls(
            definition=structs.replace(one.definition, path=folder.shown(one.definition.path)),
            edges=edges(one.edges),
            left_out=one.left_out,
            filtered=one.filtered,
        )
        for one in answer.definitions
    ]
    return structs.replace(answer, definitions=definitions, shared=edges(answer.shared))


def _found_edge(one: CallEdge) -> FoundCode:
    return FoundCode(
        path=one.path,
        start_line=one.start_line,
        end_line=one.end_line,
        symbol=one.symbol,
        resolution=one.resolution,
        calls=list(dict.fromkeys(line.line for line in one.calls)),
        test=one.test,
    )
