"""`Repository.related`: what it asks, and its answer."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol, TypeVar

from indexer.errors import UsageError
from retrieval.host.answers import QueryAnswer, UnknownName
from retrieval.host.relation_answers import CallLine, CallsAnswer, CochangeAnswer, Resolution
from retrieval.host.requests import CallsParams, CochangeParams, Direction, UpdateParams
from retrieval.result import Hit

from . import api_arguments as arguments
from .api_answers import ChangedTogether, ResultSequence, changes_of, indexing_of
from .places import relative_to_root

if TYPE_CHECKING:
    from retrieval.host import relation_answers as relation

    from .api_arguments import StrPath
    from .context import Context

Q = TypeVar("Q", bound=QueryAnswer)


@dataclass(frozen=True, slots=True)
class CallRelation:
    """A caller or a callee: a function, method, class or macro, or the code outside of definitions of a file.

    `symbol` is "" outside of definitions. `calls` are the lines of the calls, which are in the caller.
    `resolution` says whether imports, receivers and classes lead from the calls to the definition, or only
    the name does: then the calls may mean one of `candidates` definitions. `definition` is the qualified name
    of the definition that was asked about, and "" if the calls may mean several of those.
    """

    path: str
    symbol: str
    kind: str
    language: str
    start_line: int
    end_line: int
    line: int
    test: bool
    resolution: Resolution
    calls: tuple[CallLine, ...]
    candidates: int
    definition: str


@dataclass(frozen=True, slots=True)
class Related:
    """What is related to a file, to the definition at one of its lines, or to the definitions of a name.

    `name` is the last part of the name of that definition, "" for a whole file. `callers` and `callees` have
    resolved ones first, and those in tests last. `similar` is code that is similar to the definition.
    `functions` and `files` changed in the same commits as the target, of which the history has `changes`.
    `missing` is evidence that was not available. `unknown` is the name that was asked about, if nothing
    defines it.
    """

    name: str
    changes: int
    similar: ResultSequence[Hit]
    functions: ResultSequence[ChangedTogether]
    files: ResultSequence[ChangedTogether]
    missing: tuple[str, ...] = ()
    callers: ResultSequence[CallRelation] = field(default_factory=lambda: ResultSequence(()))
    callees: ResultSequence[CallRelation] = field(default_factory=lambda: ResultSequence(()))
    unknown: UnknownName | None = None


_DIRECTIONS: tuple[Direction, Direction] = ("callers", "callees")


class _Ask(Protocol):
    def __call__(self, params: UpdateParams[Q]) -> Q: ...


class _Similar(Protocol):
    def __call__(self, path: StrPath, line: int, *, limit: int | None) -> ResultSequence[Hit]: ...


def related(
    context: Context,
    ask: _Ask,
    similar: _Similar,
    path: StrPath,
    line: int | None,
    name: str,
    limit: int | None,
) -> Related:
    """What is related to a file, a line or a name. Raises UsageError for a wrong argument."""
    most = arguments.count("limit", context.search.limit if limit is None else limit)
    name = arguments.text_of("name", name).strip()
    if not name and line is None:
        file = relative_to_root(arguments.in_root(path, context), context)
        return _changed(ask(CochangeParams(path=file, limit=most)), ResultSequence(()))
    if not name:
        assert line is not None
        path = arguments.place(context, path, line).path
        callers, callees = (
            ask(CallsParams(direction=one, path=path, line=line, limit=most)) for one in _DIRECTIONS
        )
    elif path or line is not None:
        raise UsageError("name: contradicts `path` and `line`; pass a name alone, or a path and a line")
    else:
        callers, callees = (ask(CallsParams(direction=one, name=name, limit=most)) for one in _DIRECTIONS)
        if not callers.definitions:
            none = CochangeAnswer(name="", changes=0, files=[], functions=[], missing=[])
            return replace(_changed(none, ResultSequence(())), unknown=UnknownName(name, tuple(callers.near)))
        first = callers.definitions[0].definition
        path, line = first.path, first.line
    changed = ask(CochangeParams(path=os.fspath(path), line=line, limit=most))
    found = _changed(changed, similar(path, line, limit=most))
    return replace(found, callers=_edges(callers), callees=_edges(callees))


def _changed(answer: CochangeAnswer, similar: ResultSequence[Hit]) -> Related:
    functions, files = (changes_of(answer, rows) for rows in (answer.functions, answer.files))
    return Related(answer.name, answer.changes, similar, functions, files, tuple(answer.missing))


def _edges(answer: CallsAnswer) -> ResultSequence[CallRelation]:
    """The callers or callees of all definitions, those outside of tests first, then resolved ones."""
    edges = [_edge(one, of.definition.symbol) for of in answer.definitions for one in of.edges]
    edges += [_edge(one, "") for one in answer.shared]
    edges.sort(key=lambda one: (one.test, one.resolution != "resolved"))
    left_out = answer.shared_left_out + sum(one.left_out for one in answer.definitions)
    verb = "is" if left_out == 1 else "are"
    more = (f"{left_out:,} more {verb} left out; raise `limit`",) if left_out else ()
    return ResultSequence(tuple(edges), (*answer.remarks, *more), indexing_of(answer), state=answer.state)


def _edge(one: relation.CallEdge, definition: str) -> CallRelation:
    return CallRelation(
        one.path, one.symbol, one.kind, one.language, one.start_line, one.end_line, one.line, one.test,
        one.resolution, tuple(one.calls), one.candidates, definition,
    )  # fmt: skip
