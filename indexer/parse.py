"""Source text -> syntax tree -> definitions with their names, kinds and extents."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import accumulate

from tree_sitter import Node, QueryCursor, Tree

from .docs import leading_string, uncommented
from .extents import Surroundings
from .fragment import Kind
from .languages import Language, parser, query
from .lines import Lines
from .names import declared, plain, receiver, text_of

# Longer lines are minified or data, and parse slowly for nothing.
MAX_LINE = 20_000
# Deeper nesting of brackets makes the grammars' recovery quadratic.
MAX_DEPTH = 1_000

_OPENERS, _CLOSERS = b"([{", b")]}"
_NO_BRACKETS = bytes(set(range(256)) - set(_OPENERS + _CLOSERS))
_DEPTH = {**dict.fromkeys(_OPENERS, 1), **dict.fromkeys(_CLOSERS, -1)}


@dataclass(slots=True, eq=False)
class Definition:
    """A function, method or class, and everything that travels with it.

    `name` is qualified. `start` and `end` are byte offsets that include decorators, the doc comment, export
    statements and, where no other definition shares it, the rest of the first and last line. `nodes` are the
    syntax nodes (several for the clauses of one function). `parent` is the definition around it.
    """

    name: str
    kind: Kind
    start: int
    end: int
    nodes: list[Node]
    docstring: str = ""
    parent: Definition | None = None
    members: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Scope:
    """An anonymous function or object: when it is small, the definitions in it are not worth pulling out."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Parsed:
    """A syntax tree and its definitions, outer before inner, in file order."""

    tree: Tree
    lines: Lines
    symbols: list[Definition]
    scopes: list[Scope]


@dataclass(slots=True, eq=False)
class _Found:
    """One match of the query: a definition before it has a place among the others."""

    role: str
    start: int
    end: int
    node: Node
    name: str
    owner: str = ""
    docstring: str = ""
    definition: Definition | None = None  # its own, or the one around it
    merged: bool = False
    arity: int = 0


def refusal(text: bytes) -> str | None:
    """Why this text must not be given to a parser, or None."""
    if b"\0" in text:
        return "holds NUL bytes"
    if len(text) > MAX_LINE and max(map(len, text.split(b"\n"))) > MAX_LINE:
        return f"has a line of more than {MAX_LINE:,} bytes"
    if sum(map(text.count, (b"(", b"[", b"{"))) > MAX_DEPTH and _depth(text) > MAX_DEPTH:
        return f"nests brackets more than {MAX_DEPTH:,} deep"
    return None


def _depth(text: bytes) -> int:
    """The deepest nesting of brackets; closers too many, as in prose, count for nothing."""
    steps = map(_DEPTH.__getitem__, text.translate(None, _NO_BRACKETS))
    return max(accumulate(steps, lambda depth, step: max(depth + step, 0)), default=0)


def parse(text: bytes, language: Language) -> Parsed:
    """The tree and the definitions of UTF-8 text; the caller has asked `refusal` first."""
    tree = parser(language).parse(text)
    lines = Lines(text)
    around = Surroundings.of(lines, tree.root_node, language)
    found = sorted(_found(tree.root_node, language, around), key=lambda one: (one.start, -one.end))
    scopes = [Scope(one.start, one.end) for one in found if one.role == "scope"]
    definitions = _definitions(found, around, language)
    _align(definitions, around)
    return Parsed(tree, lines, definitions, scopes)


_DEFINING = frozenset({"definition.class", "definition.method", "definition.function"})
_ROLES = ("definition.class", "definition.method", "definition.function", "signature", "owner", "scope")


def _found(root: Node, language: Language, around: Surroundings) -> Iterable[_Found]:
    """The query's matches, each node once, in the role that ranks highest."""
    best: dict[int, _Found] = {}
    for _, captures in QueryCursor(query(language)).matches(root):
        role = next((role for role in _ROLES if role in captures), None)
        if role is None:
            continue
        node = captures[role][0]
        known = best.get(node.id)
        if known is not None and _ROLES.index(known.role) <= _ROLES.index(role):
            continue
        if role == "scope":
            best[node.id] = _Found(role, node.start_byte, node.end_byte, node, "")
        elif name := _name(captures, language):
            best[node.id] = _placed(role, node, name, captures, around)
    return best.values()


def _name(captures: dict[str, list[Node]], language: Language) -> str:
    if "declarator" in captures:
        return plain(declared(captures["declarator"][0]), language.name)
    return plain(text_of(captures["name"][0]), language.name) if "name" in captures else ""


def _placed(
    role: str, node: Node, name: str, captures: dict[str, list[Node]], around: Surroundings
) -> _Found:
    """A named match with its extent and its documentation."""
    if role == "owner":
        return _Found(role, node.start_byte, node.end_byte, node, name)
    outer = around.wrapped(node)
    start, comments = around.above(outer.start_byte)
    text = around.lines.text
    docstring = "\n".join(filter(None, (uncommented(text[a:b]) for a, b in comments)))
    if "body" in captures:
        docstring = leading_string(text, captures["body"][0].start_byte) or docstring
    owner = receiver(captures["receiver"][0]) if "receiver" in captures else ""
    return _Found(role, start, outer.end_byte, outer, name, owner, docstring)


def _definitions(found: list[_Found], around: Surroundings, language: Language) -> list[Definition]:
    """Nests and names what was found, and joins what is one function."""
    definitions: list[Definition] = []
    stack: list[_Found] = []
    last: dict[int, _Found] = {}
    for one in found:
        if one.role == "scope":
            continue
        while stack and stack[-1].end <= one.start:
            stack.pop()
        owner = stack[-1] if stack else None
        one.name = ".".join(filter(None, (owner.name if owner else "", one.owner, one.name)))
        one.definition = owner.definition if owner else None
        before = last.get(id(owner))
        if before is not None and _adjacent(before, one, around.lines.text):
            if before.role == "signature":
                one.start, one.docstring = before.start, before.docstring or one.docstring
            elif language.merges and one.role != "signature":
                _merge(before, one)
        if one.role in _DEFINING and not one.merged:
            one.definition = _definition(one, owner)
            definitions.append(one.definition)
        if not one.merged:
            last[id(owner)] = one
        stack.append(one)
    return definitions


def _adjacent(before: _Found, one: _Found, text: bytes) -> bool:
    """Whether two siblings have one name and nothing between them."""
    same = before.name == one.name and before.arity == one.arity
    return same and not text[before.end : one.start].strip()


def _merge(before: _Found, one: _Found) -> None:
    """Makes `one`, a further clause, a part of the function that `before` began."""
    definition = before.definition
    assert definition is not None  # only signatures and owners lack one of their own
    definition.nodes.append(one.node)
    definition.end = before.end = one.end
    one.definition, one.merged = definition, True


def _definition(one: _Found, owner: _Found | None) -> Definition:
    around = one.definition
    in_class = owner is not None and owner.role == "definition.class"
    kind: Kind = "function"
    if one.role == "definition.class":
        kind = "class"
    elif in_class or one.owner or one.role == "definition.method":
        kind = "method"
    if in_class and around is not None:
        around.members.append(one.name.rpartition(".")[2])
    return Definition(one.name, kind, one.start, one.end, [one.node], one.docstring, around)


def _align(definitions: list[Definition], around: Surroundings) -> None:
    """Gives each definition the whole of its first and last line, where no other definition shares them."""
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
    text = around.lines.text
    end = definition.end
    while end > definition.start and text[end - 1 : end].isspace():
        end -= 1
    line_end = around.lines.end(end - 1)
    following = bisect_left(starts, end)
    if following < len(starts) and starts[following] < line_end:
        return end
    outer = definition.parent
    if outer is not None and outer.end <= line_end and not around.closes(end, line_end):
        return end
    return line_end
