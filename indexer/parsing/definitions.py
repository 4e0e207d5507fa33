"""Nests the matches of a query: definitions with qualified names, parents, members and whole lines."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from typing import NamedTuple

from tree_sitter import Node

from ..fragment import DeclarationKind, Kind
from .extents import Surroundings
from .matches import QueryMatch
from .profiles import LanguageProfile


@dataclass(slots=True, eq=False)
class Definition:
    """A function, method or class.

    `name` is qualified. The half-open byte range from `start` to `end` includes decorators, the doc comment
    and export statements. The range also includes the whole first line and the whole last line, except for a
    line that another definition shares. `nodes` are the syntax nodes of the definition; a function with
    several clauses has one node for each clause. `parent` is the definition around this definition.
    """

    name: str
    kind: Kind
    start: int
    end: int
    nodes: list[Node]
    docstring: str = ""
    parent: Definition | None = None
    members: list[str] = field(default_factory=list)


class Declaration(NamedTuple):
    """A qualified name, the kind of the declaration, and the half-open byte range of the declaration."""

    name: str
    kind: DeclarationKind
    start: int
    end: int


def definitions_of(
    found: list[QueryMatch], around: Surroundings, language: LanguageProfile
) -> list[Definition]:
    """The definitions among a text's matches, in file order. Outer definitions precede inner definitions."""
    definitions = _nested(found, around, language)
    _add_outside_members(definitions)
    _extend_to_whole_lines(definitions, around)
    return definitions


@dataclass(slots=True, eq=False)
class _OpenMatch:
    """A match that contains the current position. The outermost stands for the whole file.

    `name` is the qualified name of the match. `definition` is the definition of the match; if the match is
    not a definition, it is the definition around the match. `latest` is the last match directly inside this
    match.
    """

    found: QueryMatch
    name: str = ""
    definition: Definition | None = None
    latest: _OpenMatch | None = None

    def end_before(self, start: int) -> None:
        """End the match at `start`, where the next match begins.

        Without this, an indented body could include the comment of the next match.
        """
        if self.found.end > start:
            self.found.end = start
            if self.definition is not None and self.found.kind is not None:
                self.definition.end = start


def _nested(found: list[QueryMatch], around: Surroundings, language: LanguageProfile) -> list[Definition]:
    """The definitions among the matches, with qualified names and parents.

    The clauses of one function are merged into one definition.
    """
    text = around.lines.text
    definitions: list[Definition] = []
    stack = [_OpenMatch(QueryMatch("", 0, len(text) + 1, around.root))]
    for one in found:
        while stack[-1].found.end <= one.head:
            stack.pop().end_before(one.start)
        outer = stack[-1]
        if one.node.type == "constructor_declaration" and one.name != outer.name.rpartition(".")[2]:
            continue  # The grammar takes a call or a macro among the members of a class for a constructor.
        opened = _OpenMatch(one, _qualified(outer.name, one.name), outer.definition)
        stack.append(opened)
        kind = one.kind
        before, outer.latest = outer.latest, opened
        if before is not None and _adjacent(before, opened, text):
            if before.found.role == "signature":
                one.start, one.docstring = before.found.start, before.found.docstring or one.docstring
            elif language.merges and kind is not None and before.definition is not None:
                opened.definition = before.definition
                before.definition.nodes.append(one.node)
                before.definition.end = before.found.end = one.end
                outer.latest = before
                continue
        if kind is not None:
            if outer.found.is_class:
                kind = "class" if kind == "class" else "method"
                if outer.definition is not None and outer.found.kind == "class":
                    outer.definition.members.append(one.name)
            opened.definition = Definition(
                opened.name, kind, one.start, one.end, [one.node], one.docstring, outer.definition
            )
            definitions.append(opened.definition)
    return definitions


def _qualified(outer: str, name: str) -> str:
    """`name`, qualified by `outer`.

    If `name` begins with the last name of `outer`, as Dart's `Shape.named` in `Shape` does, this last name is
    not repeated.
    """
    if not outer or not name:
        return outer or name
    return f"{outer}.{name.removeprefix(outer.rpartition('.')[2] + '.') or name}"


def _adjacent(before: _OpenMatch, after: _OpenMatch, text: bytes) -> bool:
    """Whether two siblings have the same name and arity, and only white space between them."""
    same = before.name == after.name and before.found.arity == after.found.arity
    return same and not text[before.found.end : after.found.start].strip()


def _add_outside_members(definitions: list[Definition]) -> None:
    """Add methods that are defined outside their type (Go, C++) to the members of the type."""
    types = {one.name: one for one in definitions if one.kind == "class"}
    for one in definitions:
        owner, _, name = one.name.rpartition(".")
        known = types.get(owner) if one.kind == "method" else None
        if known is not None and one.parent is known.parent and name not in known.members:
            known.members.append(name)


def _extend_to_whole_lines(definitions: list[Definition], around: Surroundings) -> None:
    """Extend each definition to its whole first and last line, unless another definition shares the line."""
    starts = [definition.start for definition in definitions]
    for definition in reversed(definitions):
        definition.end = _line_end(definition, starts, around)
    ends = sorted(definition.end for definition in definitions)
    before = -1
    for definition in definitions:
        line = around.lines.start(definition.start)
        edge = bisect_right(ends, line)
        if before < line and (edge == len(ends) or ends[edge] > definition.start):
            definition.start = line
        before = definition.start


def _line_end(definition: Definition, starts: list[int], around: Surroundings) -> int:
    end = definition.start + len(around.lines.text[definition.start : definition.end].rstrip())
    line_end = around.lines.end(end - 1)
    following = bisect_left(starts, end)
    if following < len(starts) and starts[following] < line_end:
        return end
    outer = definition.parent
    if outer is not None and outer.end <= line_end and not around.closes(end, line_end):
        return end
    return line_end
