"""Answers the method `calls` from the present texts of files: of unsaved buffers, else on disk."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from indexer.errors import UsageError

from ..host.current_texts import CurrentText, CurrentTexts
from ..host.relation_answers import CallEdge, CallPlace, CallsAnswer
from ..host.requests import CallsParams
from .answering import answer
from .indexed_calls import IndexedCalls

if TYPE_CHECKING:
    from indexer.config import Config

_ROUNDS = 3
"""An answer from changed files may lead to further ones, so files are looked at as often as this."""
_NAMED = 3
"""Maximum number of files that are named in remarks."""


def present_answer(
    calls: IndexedCalls, config: Config, texts: CurrentTexts, params: CallsParams
) -> CallsAnswer:
    """The answer to a request, whose lines are those of the present texts.

    Files that have changed since they were indexed are read again. What is in files that are gone is left
    out, which a remark says. Raises UsageError for a path that names no file, and CorneaError if no process
    can be started that parses files.
    """
    known = {one.path: one for one in texts.with_new_code()}
    if params.path:
        known |= texts.different([params.path])
        asked = known.get(params.path)
        if asked is not None and asked.text is None and not calls.has_file(params.path):
            raise UsageError(f"{params.path}: no such file; name one of the repository, relative to its root")
    for _ in range(_ROUNDS):
        with calls.refreshed(config, {path: one.text for path, one in known.items()}) as graph:
            found = answer(graph, params)
        changed = texts.different(dict.fromkeys(place.path for place in _places(found)))
        more = {path: one for path, one in changed.items() if path not in known}
        if not more:
            break
        known |= more
    else:
        _leave_out(found, more)
    for place in _places(found):
        if place.path in known:
            place.source = known[place.path].source
    found.remarks = (*found.remarks, *_remarks([one for one in known.values() if one.text is None]))
    return found


def _places(found: CallsAnswer) -> Iterator[CallPlace]:
    for one in found.definitions:
        yield one.definition
        yield from one.edges
    yield from found.shared


def _leave_out(found: CallsAnswer, changed: dict[str, CurrentText]) -> None:
    """Leave out what is in files that changed again and again while the answer was made."""

    def kept(edges: list[CallEdge]) -> list[CallEdge]:
        return [edge for edge in edges if edge.path not in changed]

    found.definitions = [one for one in found.definitions if one.definition.path not in changed]
    for one in found.definitions:
        one.edges = kept(one.edges)
    found.shared = kept(found.shared)
    found.remarks = (
        *found.remarks,
        f"{len(changed):,} files are changing; what is in them is left out; try again",
    )


def _remarks(gone: list[CurrentText]) -> list[str]:
    """Lines about files that are gone, or may no longer be indexed."""
    lines = [f"{one.path} {one.why}; its calls are left out" for one in gone[:_NAMED]]
    more = len(gone) - _NAMED
    return [*lines, *([f"the calls of {more} more files are left out"] if more > 0 else [])]
