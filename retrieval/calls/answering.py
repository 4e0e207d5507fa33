"""Answers the method `calls`: definitions, and for each one its callers, its callees, or all that depends on
it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from indexer.analysis.file_calls import MODULE, FileDefinition

from .. import filtering
from ..host.relation_answers import CallEdge, CallLine, CallPlace, CallsAnswer, DefinitionCalls
from ..host.requests import CallsParams
from .call_graph import RepositoryCalls
from .entities import Place
from .names import definitions_of, near_names, parts_of

MAX_DEFINITIONS = 50
"""Maximum definitions of one name in an answer."""
_MAX_DISTANCE = 8
_MAX_REACHED = 5_000
"""Maximum definitions that `impact` visits."""
_CLASS = ("class", "type")


@dataclass(slots=True)
class _Edge:
    """An edge of the answer. `calls` are those of the file `caller`."""

    place: Place
    caller: int
    resolved: bool
    distance: int = 1
    via: Place | None = None
    candidates: int = 1
    calls: list[int] = field(default_factory=list)

    @property
    def key(self) -> tuple[object, ...]:
        """What is the same for a call that may mean several definitions."""
        return self.place, frozenset(self.calls), self.resolved, self.distance


def answer(graph: RepositoryCalls, params: CallsParams) -> CallsAnswer:
    """The answer to a request, from a graph that is up to date."""
    places = _asked(graph, params)
    if not places:
        if not params.name:
            return CallsAnswer(definitions=[])
        return CallsAnswer(definitions=[], unknown=params.name, near=near_names(graph, params.name))
    shown = places[:MAX_DEFINITIONS]
    if params.direction == "definitions":
        return CallsAnswer(definitions=[DefinitionCalls(definition=_place(graph, one)) for one in shown])
    keeps = _filter(graph, params)
    edges = {one: list(_EDGES[params.direction](graph, one)) for one in shown}
    shared = _take_shared(edges) if params.direction != "callees" and len(shown) > 1 else []
    kept_shared = _sorted(graph, [one for one in shared if keeps(one)])
    return CallsAnswer(
        definitions=[_with_edges(graph, one, edges[one], keeps, params.limit) for one in shown],
        shared=[_shown(graph, one) for one in kept_shared[: params.limit]],
        shared_left_out=max(0, len(kept_shared) - params.limit),
    )


def _asked(graph: RepositoryCalls, params: CallsParams) -> list[Place]:
    """The definitions that a request names."""
    if not params.path or params.line is None:
        return definitions_of(graph, params.name)
    if (
        params.column is not None
        and (found := _at(graph, params.path, params.line, params.column)) is not None
    ):
        return found
    if params.name:
        return _meant(graph, params)
    around = graph.place(params.path, params.line)
    return [around] if around else []


def _at(graph: RepositoryCalls, path: str, line: int, column: int) -> list[Place] | None:
    """The definition whose name is at a place, or that a call there means. None if there is neither."""
    if (own := graph.definition_at(path, line, column)) is not None:
        return [own]
    calls = list(graph.calls_at(path, line, column))
    found: dict[Place, None] = {}
    for file, at in calls:
        target = graph.resolver.target(file, at)
        found |= dict.fromkeys(target.places or (() if target.outside else graph.candidates(file, at)))
    return list(found) if calls else None


def _meant(graph: RepositoryCalls, params: CallsParams) -> list[Place]:
    """What a name means at a line; if that is not known, all definitions of the name."""
    number = graph.number_of(params.path)
    if number is None:
        return []
    around = graph.place(params.path, params.line or 1)
    name = ".".join(parts_of(params.name))
    found = graph.resolver.evaluate(number, around[1] if around else MODULE, name)
    places = [(one.file, one.number) for one in found if one.number != MODULE]
    return places if found else definitions_of(graph, name.rpartition(".")[2])


def _callers(graph: RepositoryCalls, place: Place) -> Iterator[_Edge]:
    """The callers of a definition, each once as resolved and once by name at most."""
    found: dict[tuple[Place, bool], _Edge] = {}
    for file, at, resolved in graph.calls_of(place):
        caller = file, graph.files[file].owner(at)
        edge = found.setdefault((caller, resolved), _Edge(caller, file, resolved, via=place))
        edge.calls.append(at)
        if not resolved:
            edge.candidates = max(edge.candidates, len(graph.candidates(file, at)) or 1)
    yield from found.values()


def _callees(graph: RepositoryCalls, place: Place) -> Iterator[_Edge]:
    """What a definition calls."""
    found: dict[Place, _Edge] = {}
    file = place[0]
    for at in graph.calls_in(place):
        target = graph.resolver.target(file, at)
        by_name = [] if target.places or target.outside else graph.candidates(file, at)
        for callee in target.places or by_name:
            edge = found.setdefault(callee, _Edge(callee, file, bool(target.places)))
            edge.resolved = edge.resolved or bool(target.places)
            edge.calls.append(at)
            edge.candidates = max(edge.candidates, len(by_name) or 1)
    yield from found.values()


def _impact(graph: RepositoryCalls, place: Place) -> Iterator[_Edge]:
    """The callers of a definition, their callers, and so on.

    Beyond the first step, an edge by name is followed only if one definition alone has the name.
    """
    seen = {place}
    step = [place]
    for distance in range(1, _MAX_DISTANCE + 1):
        following: list[Place] = []
        for one in step:
            for edge in _callers(graph, one):
                if edge.place in seen or (distance > 1 and not edge.resolved and edge.candidates > 1):
                    continue
                seen.add(edge.place)
                edge.distance = distance
                yield edge
                if (edge.resolved or edge.candidates == 1) and edge.place[1] != MODULE:
                    following.append(edge.place)
                if len(seen) > _MAX_REACHED:
                    return
        step = following


_EDGES: dict[str, Callable[[RepositoryCalls, Place], Iterator[_Edge]]] = {
    "callers": _callers,
    "callees": _callees,
    "impact": _impact,
}


def _take_shared(edges: dict[Place, list[_Edge]]) -> list[_Edge]:
    """Remove the edges that several definitions have, such as overloads, and return each of them once."""
    times = Counter(edge.key for some in edges.values() for edge in some)
    shared: dict[tuple[object, ...], _Edge] = {}
    for definition, some in edges.items():
        for edge in some:
            if times[edge.key] > 1:
                shared.setdefault(edge.key, edge)
        edges[definition] = [edge for edge in some if times[edge.key] == 1]
    return list(shared.values())


def _filter(graph: RepositoryCalls, params: CallsParams) -> Callable[[_Edge], bool]:
    """Whether the filters of a request keep an edge."""
    paths: set[str] | None = None
    prefix = params.filters.prefix
    if params.globs:
        inside = (
            one.path.removeprefix(prefix) for one in graph.files.values() if one.path.startswith(prefix)
        )
        paths = {prefix + path for path in filtering.match(params.globs, inside)}

    def keeps(edge: _Edge) -> bool:
        one = graph.files[edge.place[0]]
        return (
            one.path.startswith(prefix)
            and (params.tests is None or one.is_test == params.tests)
            and (not params.languages or one.language in params.languages)
            and (paths is None or one.path in paths)
        )

    return keeps


def _with_edges(
    graph: RepositoryCalls, place: Place, edges: list[_Edge], keeps: Callable[[_Edge], bool], limit: int
) -> DefinitionCalls:
    kept = _sorted(graph, [one for one in edges if keeps(one)])
    return DefinitionCalls(
        definition=_place(graph, place),
        edges=[_shown(graph, one) for one in kept[:limit]],
        left_out=max(0, len(kept) - limit),
        filtered=len(edges) - len(kept),
    )


def _sorted(graph: RepositoryCalls, edges: Iterable[_Edge]) -> list[_Edge]:
    """Near edges first, tests after the code, and edges by name after resolved ones."""

    def key(one: _Edge) -> tuple[int, bool, bool, int, str, int]:
        file = graph.files[one.place[0]]
        line = graph.call(one.caller, one.calls[0]).line
        return one.distance, file.is_test, not one.resolved, one.candidates, file.path, line

    return sorted(edges, key=key)


def _place(graph: RepositoryCalls, place: Place) -> CallPlace:
    file, number = place
    one = graph.files[file]
    if number == MODULE:
        last = max(graph.lines(file), default=1)
        return CallPlace(
            path=one.path,
            symbol="",
            kind="module",
            language=one.language,
            start_line=1,
            end_line=last,
            line=1,
            column=1,
            test=one.is_test,
            text="",
        )
    found: FileDefinition = one.definitions[number]
    return CallPlace(
        path=one.path,
        symbol=found.symbol,
        kind=found.kind,
        language=one.language,
        start_line=found.start,
        end_line=found.end,
        line=found.line,
        column=found.column,
        test=one.is_test,
        text=graph.lines(file).get(found.line, ""),
    )


def _shown(graph: RepositoryCalls, edge: _Edge) -> CallEdge:
    lines = graph.lines(edge.caller)
    calls = sorted({(call.line, call.column) for at in edge.calls for call in [graph.call(edge.caller, at)]})
    place = _place(graph, edge.place)
    via = graph.files[edge.via[0]].definitions[edge.via[1]].symbol if edge.via and edge.distance > 1 else None
    found = CallEdge(
        **{name: getattr(place, name) for name in place.__struct_fields__},
        resolution="resolved" if edge.resolved else "by name",
        calls=[CallLine(line, column, lines.get(line, "")) for line, column in calls],
        distance=edge.distance,
        candidates=edge.candidates,
    )
    if via is not None:
        found.via = via
    return found
