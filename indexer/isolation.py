"""Keeps a syntax error from costing more than the definition that it stands in.

A grammar's own recovery can lose the rest of a file, or the class around the error. So a text whose tree has
errors is cut, by its indentation, into units (a definition, a statement), and those are parsed in groups. A
group without an error is done, others are divided, and a single unit that still has an error is opened: its
first lines and its last one, without what is between, give the definition itself; what is between is cut into
units again, each parsed between those first and last lines, as if it were the only member.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from tree_sitter import Node, Tree

from .languages import Language
from .lines import Lines
from .trees import Trees

LineRange = tuple[int, int]

# A text with more units than this at one level is data.
MAX_UNITS = 4_000
# Deeper nesting of broken definitions is not opened.
MAX_OPENED = 6
# Parts may take the parser as many times the text's length in all; what is left then stays as it was found.
MAX_EFFORT = 6
MIN_EFFORT = 100_000

# Lines that go on with what the lines before began: closers, second parts of statements, labels, directives.
_GOES_ON = re.compile(
    rb"[)\]}>,.?|&+=]|\#[ \t]*(?:if|el|endif|pragma|define|include|undef|region|endregion)|:(?!:)|\{\s*$"
    rb"|(?:end|else|elif|elsif|elseif|except|finally|catch|rescue|ensure|then|fi|done|esac|do|in|until|where)"
    rb"\b"
)
_LABEL = re.compile(rb"(?:case\b[^?]*|\w+(?: \w+)?)\s*:\s*(?://.*)?$")
_CLOSES = re.compile(rb"(?:[)\]}]+[;,)]*|(?:end|fi|done|esac)\b[)\w ]*[;,]?)\s*(?:(?://|/\*|\#|--).*)?$")
_BEGINS_BODY = re.compile(rb".*[{(\[]\s*(?://.*|/\*.*\*/\s*)?$|.*\{[^{}]*$", re.DOTALL)
_ENDS = (b"", b";", b"{", b"}", b":", b",", b")", b"/")
_LONG_QUOTES = (b'"""', b"'''", b"`")
_LONG_STRING = re.compile(rb"[\w@$#]*(\"\"\"|'''|`|\[=*\[|(?<=[@#])\")")
_HEAD_END = re.compile(rb"[({]|[:=]\s*$", re.MULTILINE)
_TAB = 8


@dataclass(frozen=True, slots=True)
class Part:
    """A tree of some lines of a text, and which definitions it tells of.

    Those that start in the half-open byte range from `start` to `end`, and end at `reach` at most. A
    `skeleton` has the first and the last line of one definition only, which in truth ends at `reach`. A part
    that is `broken` has errors.
    """

    tree: Tree
    start: int
    end: int
    reach: int
    skeleton: bool = False
    broken: bool = False


@dataclass(frozen=True, slots=True)
class _Context:
    """The first and the last lines of the definitions around a unit, outer ones first and last."""

    before: tuple[LineRange, ...] = ()
    after: tuple[LineRange, ...] = ()


class Isolation:
    """Parses one text in parts."""

    def __init__(self, parsing: Trees, lines: Lines, whole: Tree, language: Language) -> None:
        self._parsing = parsing
        self._lines = lines
        self._whole = whole
        self._text = lines.text
        self._leads = (*(lead.encode() for lead in language.leads if lead), b"@", b"[")
        self._semicolons = language.semicolons
        self._braces = language.remark == "//"
        self._preamble = _preamble(lines) if language.name == "php" else ()
        self._effort = max(MIN_EFFORT, MAX_EFFORT * len(self._text))
        self._inside = _lines_inside(whole.root_node, lines)
        self._indents = [self._indent(line) for line in range(len(lines))]

    def parts(self, *, changed: bool) -> Iterator[Part]:
        """Trees that together tell of all lines. Raises OutOfTime.

        `changed` says that the text is not the one that the whole tree, which has errors, was parsed from.
        """
        units = self._units(0, len(self._lines))
        if 0 < len(units) <= MAX_UNITS:
            context = _Context(self._preamble)
            yield from (self._parts if changed else self._divided)(units, context, 0)

    def _parts(self, units: list[LineRange], context: _Context, depth: int) -> Iterator[Part]:
        first, end = units[0][0], units[-1][1]
        if self._effort <= 0:
            yield self._part(self._whole, first, end, broken=True)
            return
        if len(units) > 1:
            sound = self._parsing.sound(
                self._ranges([*context.before, (first, end), *context.after]), self._lines
            )
            if sound is None:
                yield from self._divided(units, context, depth)
            else:
                yield self._part(sound, first, end)
            return
        outermost = _Context(self._preamble)
        for around in (context, outermost) if context != outermost else (context,):
            tree = self._tree([*around.before, (first, end), *around.after])
            if not tree.root_node.has_error:
                yield self._part(tree, first, end)
                return
        yield from self._opened((first, end), context, depth, tree)

    def _divided(self, units: list[LineRange], context: _Context, depth: int) -> Iterator[Part]:
        """The parts of units that are known to have an error, in groups."""
        size = math.isqrt(len(units))
        for at in range(0, len(units), size):
            yield from self._parts(units[at : at + size], context, depth)

    def _opened(self, unit: LineRange, context: _Context, depth: int, tree: Tree) -> Iterator[Part]:
        """The parts of a unit with an error; the unit as it is if it cannot be opened."""
        first, end = unit
        body, tail = self._body(first, end)
        units = self._units(body, tail) if depth < MAX_OPENED else []
        if not units or body == first or len(units) > MAX_UNITS:
            yield self._part(tree, first, end, broken=True)
            return
        head, foot = (first, body), ((tail, tail + 1),) if tail < end else ()
        inner = _Context((*context.before, head), (*foot, *context.after))
        skeleton = self._tree([*inner.before, *inner.after])
        broken = skeleton.root_node.has_error
        starts = self._lines.starts
        reach = starts[tail + 1 if foot else end]
        yield Part(skeleton, starts[first], starts[body], reach, skeleton=True, broken=broken)
        yield from self._parts(units, context if broken else inner, depth + 1)
        if foot and (rest := self._units(tail + 1, end)):
            yield from self._parts(rest, context, depth)

    def _tree(self, parts: list[LineRange]) -> Tree:
        return self._parsing.of(self._ranges(parts), self._lines)

    def _ranges(self, parts: list[LineRange]) -> list[LineRange]:
        """Line ranges as the parser takes them; what two of them share counts once."""
        starts, disjoint, position = self._lines.starts, [], 0
        for first, end in parts:
            if max(first, position) < end:
                disjoint.append((max(first, position), end))
                position = end
        self._effort -= sum(starts[end] - starts[first] for first, end in disjoint)
        return disjoint

    def _part(self, tree: Tree, first: int, end: int, *, broken: bool = False) -> Part:
        """The tree of a line range."""
        start, stop = self._lines.starts[first], self._lines.starts[end]
        return Part(tree, start, stop, stop, broken=broken)

    def _line(self, line: int) -> bytes:
        return self._text[self._lines.starts[line] : self._lines.starts[line + 1]]

    def _indent(self, line: int) -> int:
        """The width of a line's leading white space; -1 for a blank line and for one inside a string."""
        content = self._line(line)
        stripped = content.lstrip()
        if not stripped or line in self._inside:
            return -1
        margin = content[: len(content) - len(stripped)]
        return len(margin.expandtabs(_TAB)) if b"\t" in margin else len(margin)

    def _units(self, first: int, end: int) -> list[LineRange]:
        """The line ranges of the statements of a block; together they are the block."""
        starts = [line for line in range(first, end) if self._indents[line] >= 0 and self._starts(line)]
        if not starts:
            return []
        base = min(self._indents[line] for line in starts)
        cuts = [line for line in starts if self._indents[line] == base and not self._continues(line, first)]
        cuts = sorted({first, *cuts[1:]})
        return list(zip(cuts, [*cuts[1:], end], strict=True))

    def _continues(self, line: int, first: int) -> bool:
        """Whether what stands above a line goes on in it: a comment, an annotation, half a statement."""
        above = line - 1
        while above >= first and not self._line(above).strip():
            above -= 1
        if above < first:
            return False
        if above in self._inside:  # the end of a comment, or of a string
            return line - above == 1 and self._line(above).rstrip().endswith((b"*/", b"-->", b"*)"))
        if self._indents[above] <= self._indents[line] and self._is_attached(above):
            return line - above == 1
        return self._semicolons and self._line(above).partition(b"//")[0].rstrip()[-1:] not in _ENDS

    def _starts(self, line: int) -> bool:
        content = self._line(line).lstrip()
        return not (_GOES_ON.match(content) or (self._braces and _LABEL.match(content)))

    def _is_attached(self, line: int) -> bool:
        content = self._line(line).strip()
        return content.startswith(self._leads) and not content.endswith((b"{", b";"))

    def _body(self, first: int, end: int) -> LineRange:
        """The lines of a unit between those that begin its definition and the one that ends it."""
        while end > first and self._indents[end - 1] < 0 and not self._line(end - 1).strip():
            end -= 1
        lines = [line for line in range(first, end) if self._indents[line] >= 0]
        while lines and self._is_attached(lines[0]):
            lines.pop(0)
        if not lines:
            return first, end
        base = self._indents[lines[0]]
        body = self._head_end(lines, base)
        for line in lines:
            if line >= body and self._indents[line] <= base and _CLOSES.match(self._line(line).strip()):
                return body, line
        return body, end

    def _head_end(self, lines: list[int], base: int) -> int:
        """The line behind those that begin a definition: up to the brace, or to where indentation grows.

        The first line itself where there is no such line.
        """
        depth = 0
        for line, following in pairwise(lines):
            content = self._line(line)
            depth += content.count(b"(") - content.count(b")")
            if self._braces:
                begins = _BEGINS_BODY.match(content.rstrip()) is not None
            else:
                begins = self._indents[following] > base
            if begins and depth <= 0:
                return line + 1
        return lines[0]


def _preamble(lines: Lines) -> tuple[LineRange, ...]:
    """The line that PHP begins in."""
    place = lines.text.find(b"<?")
    return ((lines.at(place), lines.at(place) + 1),) if place >= 0 else ()


def _lines_inside(root: Node, lines: Lines) -> set[int]:
    """The lines that begin inside a comment or a string of several lines: nothing starts in them."""
    inside: set[int] = set()
    unpaired = {quote for quote in _LONG_QUOTES if lines.text.count(quote) % 2}
    cursor = root.walk()
    while True:
        node = cursor.node
        if node is None:
            break
        first, last = lines.at(node.start_byte), lines.at(max(node.end_byte - 1, 0))
        prose = first < last and not node.has_error and _is_prose(node, lines.text, unpaired)
        if prose:
            inside.update(range(first + 1, last + 1))
        if first < last and not prose and cursor.goto_first_child():
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return inside
    return inside


def _is_prose(node: Node, text: bytes, unpaired: set[bytes]) -> bool:
    """Whether a node of several lines is a comment or a string that is meant to have several lines.

    An error can turn code between two strings into a string; that begins with a plain quote, or its quotes do
    not come in pairs.
    """
    if "comment" in node.type:
        return True
    if "heredoc" in node.type:
        return True
    opening = _LONG_STRING.match(text, node.start_byte)
    return "string" in node.type and opening is not None and opening[1] not in unpaired


def has_sound_head(node: Node, text: bytes) -> bool:
    """Whether nothing is wrong with a definition up to its parameters or its body."""
    if not node.has_error:
        return True
    head = _HEAD_END.search(text, node.start_byte, node.end_byte)
    return _first_error(node) >= (head.start() if head else node.end_byte)


def _first_error(node: Node) -> int:
    """The byte that the first error in a node starts at; the node's end if there is none."""
    end = node.end_byte
    while node.has_error and not (node.is_error or node.is_missing):
        inner = next((child for child in node.children if child.has_error or child.is_missing), None)
        if inner is None:
            return end
        node = inner
    return node.start_byte
