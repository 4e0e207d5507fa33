"""Keeps a syntax error from costing more than the definition that it stands in.

A grammar's own recovery can lose the rest of a file, or the class around the error. So a text whose tree has
errors is cut, by its indentation, into units (a definition, a statement). Units that the tree has right are
done (`soundness.py`); others are parsed again, in groups. A group without an error is done, others are
divided, and a single unit that still has an error is opened: its first lines and its last one, without what
is between, give the definition itself; what is between is cut into units again, each parsed between those
first and last lines, as if it were the only member.
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
from .soundness import stretches
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
_BEFORE_BRACE = (b",", b"[", b"(", b"{", b"}", b";")
_OPENS_LINE = b"{[(,:=&|+-*/<>?\\"
_OPENS_LITERAL = (b"({", b"[{", b"([")
# What stands in these may begin where they begin.
_NOT_INDENTED = ("namespace_definition", "linkage_specification")
_DECLARATORS = ("pointer_declarator", "reference_declarator", "parenthesized_declarator")


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
        self._functions = frozenset(language.functions.split())
        self._semicolons = language.semicolons
        self._indented = language.docstrings
        self._remark = language.remark.encode()
        self._braces = language.remark == "//"
        self._preamble = _preamble(lines) if language.name == "php" else ()
        self._effort = max(MIN_EFFORT, MAX_EFFORT * len(self._text))
        self._bodies = frozenset(language.bodies.split())
        self._attached = frozenset(language.attached.split())
        self._inside: set[int] = set()
        self._indents = [-1] * len(lines)
        self._measured: list[LineRange] = []

    def parts(self) -> Iterator[Part]:
        """Trees that together tell of all lines. Raises OutOfTime."""
        yield from self._compared((0, len(self._lines)), _Context(self._preamble), 0, self._whole.root_node)

    def _compared(self, block: LineRange, context: _Context, depth: int, node: Node | None) -> Iterator[Part]:
        """The parts of a block of lines: what the whole tree has right stays, the rest is parsed again.

        `node` is the node of the whole tree whose children stand in these lines, if there is one.
        """
        known = stretches(node, *block, self._attached) if node is not None and not node.is_error else []
        if not known:
            yield from self._again(block, context, depth, None)
        for one in known:
            if one.sound:
                yield self._part(self._whole, one.first, one.end)
            else:
                yield from self._again((one.first, one.end), context, depth, one.node)

    def _again(self, block: LineRange, context: _Context, depth: int, node: Node | None) -> Iterator[Part]:
        """The parts of a block of lines that the whole tree has wrong; `node`, if it is one node's fault."""
        units = self._units(*block)
        if len(units) > MAX_UNITS:
            yield self._part(self._whole, *block, broken=True)
        elif len(units) == 1 and node is not None:
            yield from self._opened(units[0], context, depth, self._whole, node)
        elif node is not None and node.type in _NOT_INDENTED:
            yield from self._opened(block, context, depth, self._whole, node)
        elif units:
            yield from self._parts(units, context, depth)

    def _parts(self, units: list[LineRange], context: _Context, depth: int) -> Iterator[Part]:
        """The parts of units of which the whole tree tells nothing for sure."""
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
        """The parts of units that are known to have an error, in groups.

        The first is a group of its own: it is what swallowed the others, as likely as not.
        """
        yield from self._parts(units[:1], context, depth)
        size = math.isqrt(len(units))
        for at in range(1, len(units), size):
            yield from self._parts(units[at : at + size], context, depth)

    def _opened(
        self, unit: LineRange, context: _Context, depth: int, tree: Tree, node: Node | None = None
    ) -> Iterator[Part]:
        """The parts of a unit with an error; the unit as it is if it cannot be opened.

        `tree` has the unit, `node` is the whole tree's node for it, if it has one.
        """
        first, end = unit
        body, tail = self._body(first, end)
        if node is not None and node.type in _NOT_INDENTED and (block := node.child_by_field_name("body")):
            body, tail = block.start_point.row + 1, block.end_point.row
        if depth >= MAX_OPENED or body == first or not self._units(body, tail):
            yield self._part(tree, first, end, broken=True)
            return
        if (function := self._function(tree, unit, (body, tail))) is not None:
            yield Part(tree, self._lines.starts[first], function, self._lines.starts[end], broken=True)
            return
        head, foot = (first, body), ((tail, tail + 1),) if tail < end else ()
        inner = _Context((*context.before, head), (*foot, *context.after))
        skeleton = self._tree([*inner.before, *inner.after])
        broken = skeleton.root_node.has_error
        starts = self._lines.starts
        reach = starts[tail + 1 if foot else end]
        yield Part(skeleton, starts[first], starts[body], reach, skeleton=True, broken=broken)
        block = None if node is None or broken else self._block(node, body, tail)
        yield from self._compared((body, tail), context if broken else inner, depth + 1, block)
        if foot and (rest := self._units(tail + 1, end)):
            yield from self._parts(rest, context, depth)

    def _function(self, tree: Tree, unit: LineRange, inside: LineRange) -> int | None:
        """Where the body of the function that is a whole unit begins, if errors are in its body alone.

        Only in languages where functions hold no others that matter. None for anything else.
        """
        if not self._functions:
            return None
        starts = self._lines.starts
        node = tree.root_node.descendant_for_byte_range(starts[inside[0]], max(starts[inside[1]] - 1, 0))
        while node is not None and node.type not in self._functions and node.start_byte > starts[unit[0]]:
            node = node.parent
        body = node.child_by_field_name("body") if node is not None else None
        body = node if node is not None and node.type == "compound_statement" else body
        if node is None or body is None or node.type not in self._functions or _holds_functions(body):
            return None
        fits = starts[unit[0]] <= node.start_byte and node.end_byte <= starts[unit[1]]
        return body.start_byte if fits and has_sound_head(node, self._text) else None

    def _block(self, node: Node, body: int, tail: int) -> Node | None:
        """The innermost node around the lines of a definition's body."""
        start, end = self._lines.starts[body], self._lines.starts[tail]
        content = self._text[start:end]
        end -= len(content) - len(content.rstrip())
        start += len(content) - len(content.lstrip())
        block = node if node.type in self._bodies else None
        while node.has_error and not node.is_error:
            inner = next((one for one in node.children if one.end_byte >= end), None)
            if inner is None or inner.start_byte > start:
                return block
            node = inner
            block = node if node.type in self._bodies else block
        return block

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

    def _measure(self, first: int, end: int) -> None:
        """Find out how far lines are indented, and which begin in a comment or a string."""
        if any(start <= first and end <= stop for start, stop in self._measured):
            return
        self._measured.append((first, end))
        self._inside |= _lines_inside(self._whole.root_node, self._text, first, end)
        self._indents[first:end] = [self._indent(line) for line in range(first, end)]

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
        self._measure(first, end)
        code = [line for line in range(first, end) if self._indents[line] >= 0]
        starts = [line for line in self._placed(code) if self._starts(line)]
        if not starts:
            return []
        base = min(self._indents[line] for line in starts)
        cuts = [line for line in starts if self._indents[line] == base and not self._continues(line, first)]
        # What stands above the first statement belongs to it, if it is not the rest of another one.
        cuts = sorted({first, *(cuts if cuts and starts[0] < cuts[0] else cuts[1:])})
        return list(zip(cuts, [*cuts[1:], end], strict=True))

    def _placed(self, code: list[int]) -> list[int]:
        """Lines without those that somebody has put further to the left than what they stand in.

        Where braces or indentation make blocks, no comment, and no line that opens nothing, is between two
        that are indented deeper.
        """
        if not (self._braces or self._indented):
            return code
        comments = [self._line(line).lstrip().startswith(self._remark) for line in code]
        before = self._nearest(code, comments)
        after = self._nearest(code[::-1], comments[::-1])[::-1]
        return [
            line
            for at, line in enumerate(code)
            if not before[at] > self._indents[line] < after[at]
            or not (comments[at] or self._line(line).rstrip()[-1:] not in _OPENS_LINE)
        ]

    def _nearest(self, code: list[int], comments: list[bool]) -> list[int]:
        """For each line how far the last line before it that is no comment is indented; -1 for none."""
        indents, last = [], -1
        for line, comment in zip(code, comments, strict=True):
            indents.append(last)
            last = last if comment else self._indents[line]
        return indents

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
        if content[:1] == b"{" and not content[1:].strip():  # an object in a list, a block; else a body
            return self._line(line - 1).rstrip()[-1:] in _BEFORE_BRACE if line else True
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

    def _holds_literal(self, content: bytes, lines: list[int], line: int, base: int) -> bool:
        """Whether a line ends with a literal that is an argument: `call({`, which `})` closes."""
        if not content.rstrip().endswith(_OPENS_LITERAL):
            return False
        closing = next((one for one in lines if one > line and self._indents[one] <= base), None)
        return closing is not None and _CLOSES.match(self._line(closing).strip()) is not None

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
            if begins and (depth <= 0 or self._holds_literal(content, lines, line, base)):
                return line + 1
        return lines[0]


def _holds_functions(body: Node) -> bool:
    """Whether the body of a function is in truth that of a class or a namespace behind an unknown macro."""
    outer = body.parent
    declarator = outer.child_by_field_name("declarator") if outer is not None else None
    while declarator is not None and declarator.type in _DECLARATORS:
        declarator = declarator.child_by_field_name("declarator") or next(
            iter(declarator.named_children), None
        )
    if declarator is not None and declarator.type != "function_declarator":
        return True
    return any(child.type in ("function_definition", "class_specifier") for child in body.children)


def _preamble(lines: Lines) -> tuple[LineRange, ...]:
    """The line that PHP begins in."""
    place = lines.text.find(b"<?")
    return ((lines.at(place), lines.at(place) + 1),) if place >= 0 else ()


def _lines_inside(root: Node, text: bytes, start: int, end: int) -> set[int]:
    """The lines of a range that begin in a comment or a string of several lines: nothing starts in them."""
    inside: set[int] = set()
    unpaired = {quote for quote in _LONG_QUOTES if text.count(quote) % 2}
    cursor = root.walk()
    while True:
        node = cursor.node
        if node is None:
            break
        first, last = node.start_point.row, node.end_point.row
        several = first < last and first < end and last >= start
        prose = several and not node.has_error and _is_prose(node, text, unpaired)
        if prose:
            inside.update(range(first + 1, last + (node.end_point.column > 0)))
        if several and not prose and cursor.goto_first_child():
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return inside
    return inside


def _is_prose(node: Node, text: bytes, unpaired: set[bytes]) -> bool:
    """Whether a node of several lines is a comment or a string that is meant to have several lines.

    An error can turn code between two strings into a string: its quotes do not come in pairs, or those before
    and behind it in their lines do not.
    """
    if "comment" in node.type:
        return True
    if "heredoc" in node.type:
        return True
    if "string" not in node.type:
        return False
    opening = _LONG_STRING.match(text, node.start_byte)
    if opening is not None:
        return opening[1] not in unpaired
    if text[node.start_byte : node.start_byte + 1] not in (b'"', b"'"):
        return False
    before = text[text.rfind(b"\n", 0, node.start_byte) + 1 : node.start_byte]
    line_end = text.find(b"\n", node.end_byte)
    after = text[node.end_byte : line_end if line_end >= 0 else len(text)]
    return before.count(b'"') % 2 == 0 and after.count(b'"') % 2 == 0


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
