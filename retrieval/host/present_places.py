"""Suggestions and locations that agree with the present texts of their files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from msgspec import UNSET

from indexer.encoding import bm25
from indexer.fragment import KINDS
from indexer.store import Filter, Match, Store

from ..result import Suggestion
from .answers import Location, LocationsAnswer
from .current_texts import CurrentText, CurrentTexts
from .requests import LocateParams
from .unsaved import NewCode, fragments_of_text, line_of

if TYPE_CHECKING:
    from ..localization.functions import SourceFunction
    from ..localization.locator import FileResult, FunctionResult, LocateResult

_FUNCTIONS = ("function", "method")
_SHORTEST_NAME = 4
"""A new function is an answer if the issue has its name, and the name has at least this many letters."""
_NEW = "named in the issue; the index does not have it yet"


def suggestions(
    store: Store, repo: str, texts: CurrentTexts, found: Sequence[Suggestion]
) -> list[Suggestion]:
    """The suggestions, with the lines that their code has in the present text of its file.

    Suggestions whose code is no longer there are left out.
    """
    present = texts.different(one.path for one in found)
    if not present:
        return list(found)
    indexed = {path: _indexed_lines(store, repo, path) for path in present}
    moved = (
        _moved(one, present[one.path], indexed[one.path]) if one.path in present else one for one in found
    )
    return [one for one in moved if one is not None]


def _moved(one: Suggestion, present: CurrentText, indexed: Mapping[int, str]) -> Suggestion | None:
    code = [indexed.get(line) for line in range(one.start_line, one.end_line + 1)]
    if present.text is None or None in code:
        return None
    start = line_of("\n".join(line for line in code if line is not None), present.text, one.start_line)
    if start is None:
        return None
    end = start + one.end_line - one.start_line
    return replace(one, start_line=start, end_line=end, source=present.source)


def _indexed_lines(store: Store, repo: str, path: str) -> dict[int, str]:
    """The lines of a file as the index has them, by number."""
    where = Filter((Match("repo", (repo,)), Match("path", (path,)), Match("kind", KINDS)))
    lines: dict[int, str] = {}
    for record in store.scroll(where, ("start_line", "text")):
        for number, line in enumerate(record.payload["text"].split("\n"), record.payload["start_line"]):
            lines.setdefault(number, line)
    return lines


def locations(
    found: LocateResult,
    params: LocateParams,
    texts: CurrentTexts,
    new_code: NewCode,
    store: Store,
    limit: int,
) -> LocationsAnswer:
    """The functions and files of an answer, as they are in the present texts.

    A function that was changed keeps its place; functions and files that are gone are left out. New functions
    that the issue names come first.
    """
    present = texts.different(
        [*(one.function.path for one in found.functions), *(f.path for f in found.files)]
    )
    functions = [_function(one, params, present.get(one.function.path)) for one in found.functions]
    kept = [one for one in functions if one is not None]
    files = [one for one in found.files if one.path not in present or present[one.path].text is not None]
    named = _named(params, texts, new_code, store, kept)
    gone = [one for one in present.values() if one.text is None]
    return LocationsAnswer(
        functions=[*named, *kept][:limit],
        files=[_location(one, one.path, params) for one in files],
        missing=list(found.missing),
        remarks=tuple(f"{one.path} {one.why}; its functions are left out" for one in gone[:3]),
    )


def _function(one: FunctionResult, params: LocateParams, present: CurrentText | None) -> Location | None:
    place = one.function
    lines: tuple[int, int] | None = (place.start, place.end)
    if present is not None:
        lines = _lines_in(place, present)
    if lines is None:
        return None
    source = "disk" if present is None else present.source
    code: dict[str, Any] = {}
    if params.code:
        code = {"text": _code(place, present, lines), "language": place.language}
    return _location(
        one,
        place.path,
        params,
        start_line=lines[0],
        end_line=lines[1],
        symbol=place.symbol,
        source=source,
        **code,
    )


def _code(function: SourceFunction, present: CurrentText | None, lines: tuple[int, int]) -> str:
    """The code of a function, from the text in which its lines count."""
    if present is None or present.text is None:
        return function.text
    return "\n".join(present.text.split("\n")[lines[0] - 1 : lines[1]])


def _lines_in(function: SourceFunction, present: CurrentText) -> tuple[int, int] | None:
    """The first and the last line of a function in a text. Returns None if it is no longer there."""
    if present.text is None:
        return None
    start = line_of(function.text, present.text, function.start)
    if start is not None:
        return start, start + function.end - function.start
    same = [one for one in fragments_of_text(function.path, present.text) if one.symbol == function.symbol]
    if not same:
        return None
    at = min(range(len(same)), key=lambda n: abs(same[n].span.start_line - function.start))
    end = same[at].span.end_line
    for piece in same[at + 1 :]:  # the further pieces of a long function
        if piece.span.start_line > end + 1:
            break
        end = piece.span.end_line
    return same[at].span.start_line, end


def _named(
    params: LocateParams, texts: CurrentTexts, new_code: NewCode, store: Store, known: Sequence[Location]
) -> list[Location]:
    """The functions that only present texts have, and that the issue names."""
    new = new_code.of(store, texts.with_new_code())
    if not new:
        return []
    words = set(bm25.words(params.text))
    places = {(one.path, one.symbol) for one in known}
    score = max((one.score for one in known), default=1.0)
    found: dict[tuple[str, str], Location] = {}
    for one in new:
        fragment, key = one.fragment, (one.fragment.path, one.fragment.symbol)
        inside = not params.folder or fragment.path.startswith(f"{params.folder}/")
        wanted = fragment.kind in _FUNCTIONS and len(fragment.name) >= _SHORTEST_NAME
        if not (inside and wanted and fragment.name in words and key not in places):
            continue
        start, end = fragment.span.start_line, fragment.span.end_line
        if key in found:  # a further piece of a long function
            found[key].end_line = end
        else:
            why = [_NEW] if params.explain else UNSET
            found[key] = Location(
                path=key[0], symbol=key[1], start_line=start, end_line=end, score=score, why=why,
                source=one.source,
            )  # fmt: skip
    return list(found.values())


def _location(one: FunctionResult | FileResult, path: str, params: LocateParams, **place: Any) -> Location:
    why = list(one.why) if params.explain else UNSET
    return Location(path=path, score=round(one.score, 6), why=why, **place)
