"""Parses source text into a syntax tree, and finds the definitions with their names, kinds and extents."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass, field
from itertools import accumulate
from operator import attrgetter

from tree_sitter import Node, Tree

from .budgeted_parser import BudgetedParser
from .definitions import Definition, definitions_of
from .docs import leading_string, uncommented
from .extents import Surroundings
from .heads import BY_HEADS, heads
from .indentation import stray_lines
from .isolation import Isolation, Part
from .languages import parser
from .lines import Lines
from .masks import blank, branches, masked
from .matches import QueryMatch, matches
from .profiles import LanguageProfile
from .soundness import has_sound_head

# A text with a line of more than this number of bytes is not parsed. Such a line is minified code or data,
# and is slow to parse.
MAX_LINE = 20_000
# A text in which more than this number of brackets are nested in each other is not parsed, because the error
# recovery of the grammars would take quadratic time.
MAX_DEPTH = 1_000

_OPENERS, _CLOSERS = b"([{", b")]}"
_NO_BRACKETS = bytes(set(range(256)) - set(_OPENERS + _CLOSERS))
_CODE = re.compile(rb"\S")
_DEPTH = {**dict.fromkeys(_OPENERS, 1), **dict.fromkeys(_CLOSERS, -1)}


@dataclass(frozen=True, slots=True)
class AnonymousScope:
    """An anonymous function or object. The definitions inside a small scope get no pieces of their own."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Parsed:
    """The syntax tree of a text, and the definitions of the text (`symbols`) in file order.

    An outer definition precedes the definitions inside it. If a text with syntax errors was parsed in parts,
    `parts` holds these parts, which together cover all lines.
    """

    tree: Tree
    lines: Lines
    symbols: list[Definition]
    scopes: list[AnonymousScope]
    parts: list[Part] = field(default_factory=list)


def unparsable_reason(text: bytes) -> str | None:
    """The reason why a text must not be parsed. Returns None if the text may be parsed."""
    if b"\0" in text:
        return "holds NUL bytes"
    if len(text) > MAX_LINE and max(map(len, text.split(b"\n"))) > MAX_LINE:
        return f"has a line of more than {MAX_LINE:,} bytes"
    if sum(map(text.count, (b"(", b"[", b"{"))) > MAX_DEPTH and _depth(text) > MAX_DEPTH:
        return f"nests brackets more than {MAX_DEPTH:,} deep"
    return None


def _depth(text: bytes) -> int:
    """How deep brackets nest. Unmatched closing brackets, as in prose, are ignored.

    May return 0 if the brackets do not nest deeper than MAX_DEPTH.
    """
    steps = list(map(_DEPTH.__getitem__, text.translate(None, _NO_BRACKETS)))
    heights = list(accumulate(steps))
    lowest = min(heights)
    if max(heights) - min(lowest, 0) <= MAX_DEPTH:
        return 0
    depths: list[int] = list(accumulate(steps, lambda depth, step: max(depth + step, 0)))
    return max(depths)


def parse(text: bytes, language: LanguageProfile) -> Parsed:
    """The tree and the definitions of a UTF-8 text that has no `unparsable_reason`. Raises OutOfTime."""
    source = masked(text, language)
    # Kotlin's scanner never ends if the last line is an annotation without a line end.
    source = source if source.endswith(b"\n") else source + b"\n"
    lines = Lines(text)
    whole = BudgetedParser(parser(language), source).parse_all()
    around = Surroundings(lines, whole.root_node, language)
    found = matches(around)
    parts: list[Part] = []
    wrong = whole.root_node.has_error or _is_misread(whole.root_node, text, language)
    if wrong and language.name not in BY_HEADS:
        found, parts = _recover(source, whole, found, lines, language)
    found = _with_heads(found, around)
    scopes = [AnonymousScope(one.start, one.end) for one in found if one.role == "scope"]
    return Parsed(whole, lines, definitions_of(found, around, language), scopes, parts)


def _is_misread(root: Node, text: bytes, language: LanguageProfile) -> bool:
    """Whether a tree is wrong although the grammar found no error.

    A tree of Python is wrong if a statement at the top level is indented. Returns False for languages in
    which such a statement is no error.
    """
    return bool(language.block_opener) and any(
        child.start_point.column
        and text[child.start_byte - child.start_point.column : child.start_byte].isspace()
        for child in root.children
        if child.type != "comment"
    )


def _recover(
    source: bytes, whole: Tree, found: list[QueryMatch], lines: Lines, language: LanguageProfile
) -> tuple[list[QueryMatch], list[Part]]:
    """The matches of a text with syntax errors, found by parsing the text in parts, and the parts.

    If the parts give fewer than half as many definitions as `found` contains, returns `found` and no parts.
    """
    parts: list[Part] = []
    text, dropped = branches(source, first=True) if language.directives else (source, [])
    if language.block_opener:
        text = blank(source, stray_lines(source))
    best = _isolated(text, found, lines, language, whole if text == source else None, parts)
    if any(b"{" in source[start:end] for start, end in dropped):
        other, _ = branches(source, first=False)
        known = {(one.name, one.end) for one in best}
        for one in _isolated(other, [], lines, language, None, parts, dropped):
            if (one.name, one.end) in known:  # This is another head of a known definition.
                continue
            if any(start <= one.node.start_byte < end for start, end in dropped):
                best.append(one)
    best.sort(key=lambda one: (one.start, -one.end))
    return (best, parts) if 2 * _count(best) >= _count(found) else (found, [])


def _with_heads(found: list[QueryMatch], around: Surroundings) -> list[QueryMatch]:
    """The matches `found`, and a match for each definition that is recognised only by its first words."""
    text, language = around.lines.text, around.language.name
    known: dict[str, list[QueryMatch]] = {}
    for one in found:
        if one.kind is not None:
            known.setdefault(one.name.rpartition(".")[2], []).append(one)
    added = []
    for head in heads(text, language):
        same = [
            one for one in known.get(head.name.rpartition(".")[2], ()) if head.start <= one.head < head.end
        ]
        if same:
            for one in same if language in BY_HEADS else ():
                one.end = min(
                    one.end, head.end
                )  # In a tree with errors, a match may include later statements.
            continue
        start, comments = around.above(head.start)
        docstring = "\n".join(filter(None, (uncommented(text[a:b], language) for a, b in comments)))
        role = f"definition.{head.kind}"
        added.append(QueryMatch(role, start, head.end, around.root, head.name, docstring, head=head.start))
    return sorted([*found, *added], key=lambda one: (one.start, -one.end)) if added else found


def _count(found: list[QueryMatch]) -> int:
    return sum(one.kind is not None for one in found)


_PLACE = attrgetter("node.start_byte")


def _isolated(
    text: bytes,
    found: list[QueryMatch],
    lines: Lines,
    language: LanguageProfile,
    whole: Tree | None,
    parts: list[Part],
    wanted: list[tuple[int, int]] | None = None,
) -> list[QueryMatch]:
    """The matches in the parts of a text, and the matches of `found` that are in broken parts.

    Adds the parts to `parts`. `whole` is the tree of `text` if `found` comes from this tree, and None if
    `found` comes from another text. If `wanted` is given, only errors inside these byte ranges are isolated.
    """
    trees = BudgetedParser(parser(language), text)
    in_whole = found
    if whole is None:
        whole = trees.parse_all()
        in_whole = matches(Surroundings(lines, whole.root_node, language))
        if not whole.root_node.has_error:
            parts.append(Part(whole, 0, len(text), len(text)))
            return in_whole
    in_tree = {id(whole): sorted(in_whole, key=_PLACE)}
    best: dict[tuple[int, str, str], QueryMatch] = {}
    for part in Isolation(trees, lines, whole, language, wanted).parts():
        parts.append(part)  # The list keeps the tree alive, so that the id of the tree stays unique.
        if id(part.tree) not in in_tree:
            inner = matches(Surroundings(lines, part.tree.root_node, language))
            in_tree[id(part.tree)] = sorted(inner, key=_PLACE)
        ordered = in_tree[id(part.tree)]
        first, end = (bisect_left(ordered, place, key=_PLACE) for place in (part.start, part.end))
        here = ordered[first:end]
        for one in here + (found if part.broken else []):
            key = one.node.start_byte, one.role, one.name
            if not part.start <= key[0] < part.end or key in best:
                continue
            if one.name in language.keywords or (part.broken and not has_sound_head(one.node, text)):
                continue
            # A skeleton is a part with the head of a definition and without its body. The definition that
            # ends in the last line of the part is the one without its body, and really ends at `reach`.
            if one.kind is not None and part.skeleton and one.node.end_byte > lines.start(part.end - 1):
                one.end = part.reach
                if language.docstrings and (code := _CODE.search(lines.text, part.end)):
                    one.docstring = leading_string(lines.text, code.start()) or one.docstring
            else:
                one.end = min(one.end, part.reach)
            best[key] = one
    return list(best.values())
