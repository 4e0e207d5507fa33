"""The functions that answer the tools, by asking the hosts of the served folders."""

from __future__ import annotations

import posixpath
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain, zip_longest
from typing import Any, TypeVar

from msgspec import structs

from indexer.errors import UsageError
from retrieval.host.answers import HitsAnswer, Location, LocationsAnswer
from retrieval.host.requests import CochangeParams, LocateParams, SearchParams, SimilarParams
from retrieval.result import Hit

from . import rendering
from .arguments import LocateToolArguments, RelatedToolArguments, SearchToolArguments, ToolArguments
from .asking import Call
from .folders import Place, ServedFolder
from .results import FoundCode, ToolAnswer, ToolResult

T = TypeVar("T")

_TESTS = {"any": None, "no": False, "only": True}
_GLOB = frozenset("*?[")
_FILTERS = {"languages": "language", "globs": "path", "folder": "path", "tests": "tests"}
"""The argument of `search` that each filter of a host comes from."""
_NEAREST = 5
_CANDIDATES = 20
"""Hits among which a definition with a name is looked for."""


async def search(call: Call, given: SearchToolArguments) -> ToolAnswer:
    """The code that a query describes or names, in all folders or in one."""
    languages = (_language(given.language),) if given.language else ()
    common = SearchParams(
        query=given.query, limit=given.limit, languages=languages, tests=_TESTS[given.tests]
    )
    if given.path and not _GLOB & set(given.path):
        place = call.folders.find(given.path)
        answer, notes = await call.ask(place.folder, _within(common, place))
        answers = [(place.folder, answer)]
    else:
        globs = (given.path,) if given.path else ()
        answers, notes = await call.ask_all(
            lambda one: structs.replace(common, folder=one.scope, globs=_globs(one, globs))
        )
    filters = [name for name in ("path", "language") if getattr(given, name)]
    filters += ["tests"] if given.tests != "any" else []
    return _hits_found(answers, notes, given, given.query, filters)


async def locate(call: Call, given: LocateToolArguments) -> ToolAnswer:
    """The functions and files that must probably change for an issue."""
    answers, notes = await call.ask_all(
        lambda one: LocateParams(text=given.text, limit=given.limit, explain=True, folder=one.scope)
    )
    functions = _interleaved([[_shown_location(f, one) for one in a.functions] for f, a in answers])
    files = _interleaved([[_shown_location(f, one) for one in a.files] for f, a in answers])
    missing = [folder.prefix + one for folder, answer in answers for one in answer.missing]
    notes += [f"not available: {one}" for one in missing]
    whole = LocationsAnswer(functions=functions[: given.limit], files=files[: given.limit], missing=missing)
    text = rendering.of_locations(whole, given.max_tokens)
    found = [_found_location(one) for one in (*whole.functions, *whole.files)]
    return _answer(found, notes, text)


async def related(call: Call, given: RelatedToolArguments) -> ToolAnswer:
    """What is related to some code in the way that `kind` says."""
    place, symbol = await _target(call, given.of)
    return await RELATIONS[given.kind](call, given, place, symbol)


async def _similar(call: Call, given: RelatedToolArguments, place: Place, symbol: str) -> ToolAnswer:
    if not place.line:
        raise UsageError(f"{given.of[:200]!r} names no line; similar code needs PATH:LINE, or a name")
    scope = place.folder.scope
    params = SimilarParams(path=place.path, line=place.line, limit=given.limit, folder=scope)
    answer, notes = await call.ask(place.folder, params)
    return _hits_found([(place.folder, answer)], notes, given, given.of)


async def _cochanged(call: Call, given: RelatedToolArguments, place: Place, symbol: str) -> ToolAnswer:
    folder = place.folder
    params = CochangeParams(path=place.path, name=symbol, limit=given.limit, folder=folder.scope)
    answer, notes = await call.ask(folder, params)
    notes += [f"not available: {one}" for one in answer.missing]
    files = [structs.replace(one, path=folder.shown(one.path)) for one in answer.files]
    whole = structs.replace(answer, files=files)
    found = [FoundCode(path=one.path, why=[f"in {one.line}: {one.subject}"]) for one in files]
    return _answer(found, notes, rendering.of_cochanges(whole, given.of, given.max_tokens))


RELATIONS = {"similar": _similar, "co-changed": _cochanged}
"""The functions that answer `related`, by the `kind` of the call."""

ANSWERS: Mapping[str, Callable[[Call, Any], Awaitable[ToolAnswer]]] = {
    "search": search,
    "locate": locate,
    "related": related,
}
"""The functions that answer the tools, by the names of the tools."""


async def _target(call: Call, text: str) -> tuple[Place, str]:
    """The place that a text names, and the symbol if the text is the name of a definition."""
    if "/" in text or call.folders.names_file(text):
        return call.folders.find(text), ""
    name = text.strip().removesuffix("()")
    params = SearchParams(query=name, limit=_CANDIDATES, per_file=_NEAREST)
    answers, notes = await call.ask_all(lambda one: structs.replace(params, folder=one.scope))
    hits = [(folder, hit) for folder, answer in answers for hit in answer.hits if hit.symbol]
    for folder, hit in hits:
        if hit.symbol == name or hit.symbol.endswith(f".{name}"):
            return Place(folder, hit.path, hit.start_line), hit.symbol
    nearest = ", ".join(dict.fromkeys(hit.symbol for _, hit in hits[:_NEAREST]))
    raise UsageError(
        f"no file and no definition named {name[:200]!r}"
        + (f"; the nearest names: {nearest}" if nearest else "; write PATH:LINE")
        + (f" ({notes[0]})" if notes else "")
    )


def _language(word: str) -> str:
    """The language that has this name, alias or extension. A word without a language is left to the host."""
    from indexer.parsing.languages import named

    return named(word.lower()) or word


def _within(params: SearchParams, place: Place) -> SearchParams:
    """A search in the folder or file at a place."""
    location = place.folder.host.root / place.path
    if not place.path or location.is_dir():
        return structs.replace(params, folder=place.path)
    folder, name = posixpath.split(place.path)
    if not location.exists():
        raise UsageError(f"{place.folder.shown(place.path)[:200]!r}: there is no such file or folder")
    return structs.replace(params, folder=folder, globs=(_literal(f"/{name}"),), per_file=params.limit)


def _literal(path: str) -> str:
    """A glob that matches only this path."""
    return "".join(f"\\{one}" if one in "*?[]\\" else one for one in path)


def _globs(folder: ServedFolder, globs: Sequence[str]) -> tuple[str, ...]:
    return tuple(one.removeprefix(folder.prefix) for one in globs)


def _hits_found(
    answers: Sequence[tuple[ServedFolder, HitsAnswer]],
    notes: list[str],
    given: ToolArguments,
    query: str,
    filters: Sequence[str] = (),
) -> ToolAnswer:
    """The hits of several folders. `filters` are the arguments that restrict the search."""
    hits = _interleaved(
        [[replace(hit, path=folder.shown(hit.path)) for hit in answer.hits] for folder, answer in answers]
    )[: given.limit]
    if not hits and not notes:  # otherwise the notes say why
        emptied = dict.fromkeys(_FILTERS.get(name, "") for _, answer in answers for name in answer.emptied)
        notes += [f"nothing in the index matches {one!r}" for one in emptied if one in filters]
    whole = HitsAnswer(hits=hits)
    texts = rendering.shown_texts(hits, given.max_tokens)
    found = [_found_hit(hit, text) for hit, text in zip(hits, texts, strict=True)]
    return _answer(found, notes, rendering.of_hits(whole, query, given.max_tokens))


def _interleaved(rows: Iterable[Sequence[T]]) -> list[T]:
    """The best of each folder, then the second of each, and so on: scores of two indexes do not compare."""
    missing = object()
    return [one for one in chain(*zip_longest(*rows, fillvalue=missing)) if one is not missing]  # type: ignore[misc]


def _found_hit(hit: Hit, text: str) -> FoundCode:
    return FoundCode(
        path=hit.path, start_line=hit.start_line, end_line=hit.end_line, symbol=hit.symbol, text=text
    )


def _shown_location(folder: ServedFolder, one: Location) -> Location:
    return structs.replace(one, path=folder.shown(one.path))


def _found_location(one: Location) -> FoundCode:
    return FoundCode(
        path=one.path,
        start_line=one.start_line or 0,
        end_line=one.end_line or 0,
        symbol=one.symbol or "",
        why=one.why or [],
    )


def _answer(found: list[FoundCode], notes: list[str], text: str) -> ToolAnswer:
    """The answer; the notes come first, because agents read the beginning."""
    notes = list(dict.fromkeys(notes))
    return ToolAnswer(
        ToolResult(results=found, notes=notes), "\n".join([*(f"Note: {one}" for one in notes), text])
    )
