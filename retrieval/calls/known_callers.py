"""The callers of definitions for a question that must not wait: only from a call graph that is current."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from indexer.analysis.file_calls import MODULE

from .call_graph import RepositoryCalls
from .entities import Place
from .indexed_calls import IndexedCalls
from .names import definitions_of

_MOST_CALLS = 2_000
"""If there are more calls of a name, to look at each of them would take too long."""


Definition = tuple[str, str]
"""The path and the qualified name of a definition."""


class Caller(NamedTuple):
    """Code that calls a definition, at the first line that does. `symbol` is "" outside of definitions."""

    path: str
    symbol: str
    line: int
    resolved: bool
    test: bool


def known_callers(
    indexed: IndexedCalls, definitions: Iterable[Definition], documents: Mapping[str, str]
) -> list[Caller] | None:
    """The callers of definitions. Tests come last, and resolved ones first.

    Returns None if the graph is not in the state of the index and of the unsaved `documents`, if another
    thread uses it, or if a name has very many calls.
    """
    with indexed.current(documents) as graph:
        if graph is None:
            return None
        found: dict[tuple[str, str], Caller] = {}
        for path, symbol in definitions:
            name = symbol.rpartition(".")[2]
            calls = sum(len(graph.files[file].calls_named(name)) for file in graph.calling.get(name, ()))
            if calls > _MOST_CALLS:
                return None
            for place in definitions_of(graph, name):
                file = graph.files[place[0]]
                if (file.path, file.definitions[place[1]].symbol) == (path, symbol):
                    _add_callers(graph, place, found)
    return sorted(found.values(), key=lambda one: (one.test, not one.resolved, not one.symbol))


def _add_callers(graph: RepositoryCalls, place: Place, found: dict[tuple[str, str], Caller]) -> None:
    for file, at, resolved in graph.calls_of(place):
        one = graph.files[file]
        owner = one.owner(at)
        symbol = "" if owner == MODULE else one.definitions[owner].symbol
        caller = Caller(one.path, symbol, graph.call(file, at).line, resolved, one.is_test)
        known = found.get((one.path, symbol))
        if known is None or (not known.resolved, known.line) > (not resolved, caller.line):
            found[one.path, symbol] = caller
