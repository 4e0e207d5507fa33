"""The text that shows callers and callees: definitions, and below each one the lines of its calls."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import TYPE_CHECKING

import click

from ..options import invocation
from . import output, plain

if TYPE_CHECKING:
    from retrieval.host.relation_answers import CallEdge, CallPlace, CallsAnswer, DefinitionCalls

_WIDTH = 100
"""Characters of a line of code that are shown."""
_NOUNS = {"callers": "caller", "callees": "callee", "impact": "caller, direct or indirect"}
_MODULE = "(module)"

Relative = Callable[[str], str]


def text(found: CallsAnswer, relative: Relative, direction: str) -> Iterator[str]:
    """The lines of an answer. A definition without edges is left out if another one has some."""
    before: DefinitionCalls | None = None
    for one in _worth_showing(found):
        if before is not None and (before.edges or one.edges):
            yield ""
        before = one
        yield _head(one.definition, relative)
        yield from _edges(one.edges, relative, direction, one.definition.path)
        if one.left_out:
            yield f"  {one.left_out:,} more; -n shows more"
    if found.shared:
        yield ""
        count = len(found.definitions)
        yield f"callers of one of the {count} definitions above, it is not known which"
        yield from _edges(found.shared, relative, direction, "", named=False)
        if found.shared_left_out:
            yield f"  {found.shared_left_out:,} more; -n shows more"


def vimgrep(found: CallsAnswer, relative: Relative, direction: str) -> Iterator[str]:
    """A line for each call: the path, line and column of the call, and the text of its line."""
    every = [(edge, one.definition.path) for one in found.definitions for edge in one.edges]
    every += [(edge, "") for edge in found.shared]
    for edge, path in every:
        where = plain.name(relative(path if direction == "callees" else edge.path))
        for call in edge.calls:
            yield f"{where}:{call.line}:{call.column}:{plain.code(call.text)}"


def _worth_showing(found: CallsAnswer) -> list[DefinitionCalls]:
    """The definitions with edges; all of them if several have callers in common."""
    return [one for one in found.definitions if one.edges or found.shared]


def _head(one: CallPlace, relative: Relative) -> str:
    line = f"{plain.name(relative(one.path))}:{one.line}  {plain.name(one.symbol)}{_unsaved(one)}"
    return _styled(line, "cyan")


def _styled(line: str, color: str) -> str:
    return click.style(line, fg=color) if output.wants_color(invocation().color, sys.stdout) else line


def _edges(
    edges: Iterable[CallEdge], relative: Relative, direction: str, path: str, *, named: bool = True
) -> Iterator[str]:
    """The edges in groups: by distance, those in tests apart, those by name apart.

    With `named`, an edge by name says how many definitions have the name.
    """
    for (distance, test, resolution), group in groupby(edges, lambda e: (e.distance, e.test, e.resolution)):
        title = [resolution]
        title += ["in tests"] if test else []
        title += [f"distance {distance}"] if direction == "impact" else []
        yield f"  {', '.join(title)}:"
        for edge in group:
            yield from _edge(edge, relative, direction, path, named=named)


def _edge(edge: CallEdge, relative: Relative, direction: str, path: str, *, named: bool) -> Iterator[str]:
    symbol = plain.name(edge.symbol) or _MODULE
    via = f" -> {plain.name(edge.via)}" if edge.via else ""
    doubt = f"  (1 of {edge.candidates})" if edge.candidates > 1 and named else ""
    doubt += _unsaved(edge)
    own = plain.name(relative(edge.path))
    if direction == "callees":
        yield f"    {own}:{edge.line}  {symbol}{doubt}"
        where = plain.name(relative(path))
        for call in edge.calls:
            yield f"      {where}:{call.line}: {_code(call.text)}"
        return
    for call in edge.calls:
        yield f"    {own}:{call.line}  {symbol}{via}{doubt}: {_code(call.text)}"


def _unsaved(one: CallPlace) -> str:
    """The mark of a place whose lines are those of an unsaved buffer."""
    return "  (unsaved)" if one.source == "buffer" else ""


def _code(line: str) -> str:
    shown = plain.code(line.strip())
    return shown if len(shown) <= _WIDTH else f"{shown[: _WIDTH - 3]}..."
