"""Source text -> syntax tree -> definitions with their names, kinds and extents."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from itertools import accumulate

from tree_sitter import Node, Tree

from ..fragment import Kind
from .budgeted_parser import Trees
from .docs import leading_string, uncommented
from .extents import Surroundings
from .heads import BY_HEADS, heads
from .isolation import Isolation, Part
from .languages import Language, parser
from .lines import Lines
from .masks import blank, branches, has_branches, masked, stray_lines
from .matches import Found, matches
from .names import RESERVED
from .soundness import has_sound_head

# Longer lines are minified or data, and parse slowly for nothing.
MAX_LINE = 20_000
# Deeper nesting of brackets makes the grammars' recovery quadratic.
MAX_DEPTH = 1_000

_OPENERS, _CLOSERS = b"([{", b")]}"
_NO_BRACKETS = bytes(set(range(256)) - set(_OPENERS + _CLOSERS))
_CODE = re.compile(rb"\S")
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
    """A text's tree, or its stretches' trees, and its definitions, outer before inner, in file order.

    A text with errors was read in `parts`, which together have all lines.
    """

    trees: list[Tree]
    lines: Lines
    symbols: list[Definition]
    scopes: list[Scope]
    parts: list[Part] = field(default_factory=list)


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
    """How deep brackets nest, if that is too deep; closers too many, as in prose, count for nothing."""
    steps = list(map(_DEPTH.__getitem__, text.translate(None, _NO_BRACKETS)))
    heights = list(accumulate(steps))
    lowest = min(heights)
    if max(heights) - min(lowest, 0) <= MAX_DEPTH:
        return 0  # whatever it is exactly
    depths: list[int] = list(accumulate(steps, lambda depth, step: max(depth + step, 0)))
    return max(depths)


def parse(text: bytes, language: Language) -> Parsed:
    """The tree and the definitions of UTF-8 text; the caller has asked `refusal` first. Raises OutOfTime."""
    source = masked(text, language)
    # Kotlin's scanner looks for the end of an annotation's line, and never finds the end of the text.
    source = source if source.endswith(b"\n") else source + b"\n"
    lines = Lines(text)
    whole = Trees(parser(language), source).whole()
    around = Surroundings.of(lines, whole.root_node, language)
    found = matches(whole.root_node, language, around)
    parts: list[Part] = []
    wrong = whole.root_node.has_error or _is_misread(whole.root_node, text, language)
    if wrong and language.name not in BY_HEADS:
        found = _recovered(source, whole, found, lines, language, parts)
    found = _with_heads(found, text, whole, lines, language)
    scopes = [Scope(one.start, one.end) for one in found if one.role == "scope"]
    definitions = _definitions(found, text, language)
    _adopt(definitions)
    _align(definitions, around)
    return Parsed([whole], lines, definitions, scopes, parts)


def _found(root: Node, lines: Lines, language: Language) -> list[Found]:
    return matches(root, language, Surroundings.of(lines, root, language))


def _is_misread(root: Node, text: bytes, language: Language) -> bool:
    """Whether a tree without errors has indented statements outside of every block, as no Python text has."""
    return language.name == "python" and any(
        child.start_point.column
        and text[child.start_byte - child.start_point.column : child.start_byte].isspace()
        for child in root.children
        if child.type != "comment"
    )


def _recovered(
    source: bytes, whole: Tree, found: list[Found], lines: Lines, language: Language, parts: list[Part]
) -> list[Found]:
    """What a text with syntax errors defines: read in `parts`, unless that tells of much less."""
    conditional = has_branches(source, language)
    text, dropped = branches(source, first=True) if conditional else (source, [])
    if language.name == "python" and (stray := stray_lines(source)):
        text = blank(source, stray)
    best = _isolated(text, found, lines, language, whole if text is source else None, parts)
    if any(b"{" in source[start:end] for start, end in dropped):
        other, _ = branches(source, first=False)
        known = {(one.name, one.end) for one in best}
        for one in _isolated(other, [], lines, language, None, parts, dropped):
            if (one.name, one.end) in known:  # the same definition with another head
                continue
            if any(start <= one.node.start_byte < end for start, end in dropped):
                best.append(one)
    best.sort(key=lambda one: (one.start, -one.end))
    if 2 * _count(best) >= _count(found):
        return best
    parts.clear()
    return found


def _with_heads(
    found: list[Found], text: bytes, whole: Tree, lines: Lines, language: Language
) -> list[Found]:
    """What was found, and what only the first words of a definition tell of."""
    known: dict[str, list[Found]] = {}
    for one in found:
        if one.kind is not None:
            known.setdefault(one.name.rpartition(".")[2], []).append(one)
    missing = []
    for head in heads(text, language.name):
        same = [
            one for one in known.get(head.name.rpartition(".")[2], ()) if head.start <= one.head < head.end
        ]
        if not same:
            missing.append(head)
        elif language.name in BY_HEADS:
            for one in same:  # a tree with errors can give it the statements behind it
                one.end = min(one.end, head.end)
    if not missing:
        return found
    around = Surroundings.of(lines, whole.root_node, language)
    for head in missing:
        start, comments = around.above(head.start)
        docstring = "\n".join(filter(None, (uncommented(text[a:b]) for a, b in comments)))
        role = f"definition.{head.kind}"
        found.append(Found(role, start, head.end, whole.root_node, head.name, docstring, head=head.start))
    return sorted(found, key=lambda one: (one.start, -one.end))


def _count(found: list[Found]) -> int:
    return sum(one.kind is not None for one in found)


def _isolated(
    text: bytes,
    found: list[Found],
    lines: Lines,
    language: Language,
    whole: Tree | None,
    parts: list[Part],
    wanted: list[tuple[int, int]] | None = None,
) -> list[Found]:
    """What the parts of a text define; of parts with errors also what was `found`. They are added to `parts`.

    `whole` is the text's tree, in which that was found; None where the text is another one. With `wanted`,
    errors outside of these byte ranges are not looked into.
    """
    reserved = RESERVED.get(language.name, frozenset())
    trees = Trees(parser(language), text)
    in_whole = found
    if whole is None:
        whole = trees.whole()
        in_whole = _found(whole.root_node, lines, language)
        if not whole.root_node.has_error:
            parts.append(Part(whole, 0, len(text), len(text)))
            return in_whole
    in_tree = {id(whole): _by_place(in_whole)}
    best: dict[tuple[int, str, str], Found] = {}
    for part in Isolation(trees, lines, whole, language, wanted).parts():
        parts.append(part)  # which keeps its tree, and so its id
        if id(part.tree) not in in_tree:
            in_tree[id(part.tree)] = _by_place(_found(part.tree.root_node, lines, language))
        places, ordered = in_tree[id(part.tree)]
        here = ordered[bisect_left(places, part.start) : bisect_left(places, part.end)]
        for one in here + (found if part.broken else []):
            key = one.node.start_byte, one.role, one.name
            if not part.start <= key[0] < part.end or key in best:
                continue
            if one.name in reserved or (part.broken and not has_sound_head(one.node, text)):
                continue
            # What ends before the last line of the skeleton's beginning is not what is cut short.
            if one.kind is not None and part.skeleton and one.node.end_byte > lines.start(part.end - 1):
                one.end = part.reach
                if language.docstrings:
                    one.docstring = _leading_string(lines.text, part.end) or one.docstring
            else:
                one.end = min(one.end, part.reach)
            best[key] = one
    return list(best.values())


def _by_place(found: list[Found]) -> tuple[list[int], list[Found]]:
    """Matches in the order of their nodes, and where these start."""
    ordered = sorted(found, key=lambda one: one.node.start_byte)
    return [one.node.start_byte for one in ordered], ordered


def _leading_string(text: bytes, start: int) -> str:
    """The docstring of a body that begins at or behind `start`."""
    found = _CODE.search(text, start)
    return leading_string(text, found.start()) if found else ""


@dataclass(slots=True, eq=False)
class _Open:
    """A match that the walk below is in: its qualified name, and its definition or the one around it.

    `latest` is the last match found right inside it. The file itself has no match of its own.
    """

    found: Found | None = None
    name: str = ""
    definition: Definition | None = None
    latest: _Open | None = None

    def give_way(self, start: int) -> None:
        """Leaves the next definition its comment: indented bodies may reach down to the next statement."""
        if self.found is not None and self.found.end > start:
            self.found.end = start
            if self.definition is not None and self.found.kind is not None:
                self.definition.end = start


def _definitions(found: list[Found], text: bytes, language: Language) -> list[Definition]:
    """Nests and names what was found, and joins what is one function."""
    definitions: list[Definition] = []
    stack = [_Open()]
    for one in found:
        while (top := stack[-1].found) is not None and top.end <= one.head:
            stack.pop().give_way(one.start)
        outer = stack[-1]
        if one.node.type == "constructor_declaration" and one.name != outer.name.rpartition(".")[2]:
            continue  # a call, or a macro, that stands where only members can
        opened = _Open(one, _qualified(outer.name, one.name), outer.definition)
        stack.append(opened)
        before, outer.latest = outer.latest, opened
        if before is not None and before.found is not None and _adjacent(before, opened, text):
            if before.found.role == "signature":
                one.start, one.docstring = before.found.start, before.found.docstring or one.docstring
            elif language.merges and one.kind is not None:
                _merge(before, opened)
                outer.latest = before
                continue
        if one.kind is not None:
            opened.definition = _definition(one, opened, outer)
            definitions.append(opened.definition)
    return definitions


def _qualified(outer: str, name: str) -> str:
    """`name` inside `outer`, which it may repeat (Dart's `Shape.named` in `Shape`)."""
    if not outer or not name:
        return outer or name
    return f"{outer}.{name.removeprefix(outer.rpartition('.')[2] + '.') or name}"


def _adjacent(before: _Open, after: _Open, text: bytes) -> bool:
    """Whether two siblings have one name and nothing between them."""
    if before.name != after.name or before.found is None or after.found is None:
        return False
    return before.found.arity == after.found.arity and not text[before.found.end : after.found.start].strip()


def _merge(before: _Open, after: _Open) -> None:
    """Makes a further clause a part of the function that `before` began."""
    definition = after.definition = before.definition
    if definition is not None and before.found is not None and after.found is not None:
        definition.nodes.append(after.found.node)
        definition.end = before.found.end = after.found.end


def _definition(one: Found, opened: _Open, outer: _Open) -> Definition:
    kind = one.kind or "function"
    around = outer.definition
    if outer.found is not None and outer.found.is_class:
        kind = "class" if kind == "class" else "method"
        if around is not None and outer.found.kind == "class":
            around.members.append(one.name)
    return Definition(opened.name, kind, one.start, one.end, [one.node], one.docstring, around)


def _adopt(definitions: list[Definition]) -> None:
    """Lists methods that stand outside their type (Go, C++) among its members."""
    types = {one.name: one for one in definitions if one.kind == "class"}
    for one in definitions:
        owner, dot, name = one.name.rpartition(".")
        if not dot or one.kind != "method" or owner not in types:
            continue
        outside = one.parent is types[owner].parent
        if outside and name not in types[owner].members:
            types[owner].members.append(name)


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
