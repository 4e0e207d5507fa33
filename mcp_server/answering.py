"""The functions that answer the tools, by asking the hosts of the served folders."""

from __future__ import annotations

import posixpath
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from msgspec import structs

from indexer.errors import UsageError
from retrieval.agent_text.answers import locations_text
from retrieval.config import AGENT_COUNTS
from retrieval.host.answers import Location, LocationsAnswer
from retrieval.host.requests import LocateParams, SearchParams

from .answer_forms import fitted_answer
from .arguments import TESTS, LocateToolArguments, SearchToolArguments
from .asking import Call
from .folders import Place, ServedFolder
from .hits import hits_found, interleaved
from .related import related
from .results import FoundCode, ToolAnswer

_GLOB = frozenset("*?[")


async def search(call: Call, given: SearchToolArguments) -> ToolAnswer:
    """The code that a query describes or names, in all folders or in one."""
    languages = (_language(given.language),) if given.language else ()
    common = SearchParams(
        query=given.query,
        limit=given.limit,
        per_file=min(given.limit, AGENT_COUNTS["per_file"]),
        languages=languages,
        tests=TESTS[given.tests],
        definitions=True,
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
    return hits_found(answers, notes, given, given.query, filters)


async def locate(call: Call, given: LocateToolArguments) -> ToolAnswer:
    """The functions and files that must probably change for an issue."""
    answers, notes = await call.ask_all(
        lambda one: LocateParams(text=given.text, limit=given.limit, code=True, folder=one.scope)
    )
    functions = interleaved([[_shown_location(f, one) for one in a.functions] for f, a in answers])
    files = interleaved([[_shown_location(f, one) for one in a.files] for f, a in answers])
    missing = [folder.prefix + one for folder, answer in answers for one in answer.missing]
    whole = LocationsAnswer(functions=functions[: given.limit], files=files[: given.limit], missing=missing)
    is_files = not whole.functions
    found = [_found_location(one) for one in (whole.files if is_files else whole.functions)]
    return fitted_answer(
        found,
        given.max_tokens,
        lambda budget: locations_text(whole, given.text, budget, notes, files=is_files),
    )


ANSWERS: Mapping[str, Callable[[Call, Any], Awaitable[ToolAnswer]]] = {
    "search": search,
    "locate": locate,
    "related": related,
}
"""The functions that answer the tools, by the names of the tools."""


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


def _shown_location(folder: ServedFolder, one: Location) -> Location:
    return structs.replace(one, path=folder.shown(one.path))


def _found_location(one: Location) -> FoundCode:
    return FoundCode(
        path=one.path,
        start_line=one.start_line or 0,
        end_line=one.end_line or 0,
        symbol=one.symbol or "",
        source=one.source,
    )
