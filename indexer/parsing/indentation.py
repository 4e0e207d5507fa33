"""Finds the statements of a text by its indentation, for texts whose syntax tree has errors.

A statement begins at a line that has the indentation of its block and does not continue the line above. The
body of a statement consists of the deeper lines between the head and the line that closes the statement.
"""

from __future__ import annotations

import re
from itertools import accumulate, pairwise
from typing import NamedTuple

from tree_sitter import Node, Tree

from .lines import Lines
from .profiles import LanguageProfile

LineRange = tuple[int, int]

# Matches a line that continues the statement above. Such a line begins with a closing bracket, an operator, a
# word such as `else`, or a directive.
_GOES_ON = re.compile(
    rb"[)\]}>,.?|&+=]|\#[ \t]*(?:if|el|endif|pragma|define|include|undef|region|endregion)|:(?!:)|\{\s*$"
    rb"|(?:end|else|elif|elsif|elseif|except|finally|catch|rescue|ensure|then|fi|done|esac|do|in|until|where)"
    rb"\b"
)
_LABEL = re.compile(rb"(?:case\b[^?]*|\w+(?: \w+)?)\s*:\s*(?://.*)?$")
_CLOSES = re.compile(rb"(?:[)\]}]+[;,)]*|(?:end|fi|done|esac)\b[)\w ]*[;,]?)\s*(?:(?://|/\*|\#|--).*)?$")
_BEGINS_BODY = re.compile(rb".*[{(\[]\s*(?://.*|/\*.*\*/\s*)?$|.*\{[^{}]*$", re.DOTALL)
_ENDS = (b"", b";", b"{", b"}", b":", b",", b")", b"/")
_TRIPLE_QUOTES = (b'"""', b"'''")
_LONG_QUOTES = (*_TRIPLE_QUOTES, b"`")
_LONG_STRING = re.compile(rb"[\w@$#]*(\"\"\"|'''|`|\[=*\[|(?<=[@#])\")")
_CODE_LINE = re.compile(rb"^([ \t]*)([^ \t\r\n#][^\n]*)", re.MULTILINE)
_TAB = 8  # columns
_BEFORE_BRACE = (b",", b"[", b"(", b"{", b"}", b";")
_OPENS_LINE = b"{[(,:=&|+-*/<>?\\"
_OPENS_LITERAL = (b"({", b"[{", b"([")


class _CodeLine(NamedTuple):
    """A line that is not blank and does not begin in a comment or a string.

    `content` has no white space around it. `begins` says that a statement may begin here.
    """

    content: bytes
    indent: int
    is_comment: bool
    begins: bool


class LineIndentation:
    """The indentation of the lines of one text, and the statements and bodies that the indentation shows.

    Lines count from 0, and line ranges are half-open. The syntax tree `tree` tells which lines begin in a
    comment or a string. Only the nodes of the tree that are in the requested lines are read.
    """

    def __init__(self, lines: Lines, tree: Tree, language: LanguageProfile) -> None:
        self._lines = lines
        self._tree = tree
        self._leads = (*filter(None, language.leads), b"@", b"[")
        self._semicolons = language.semicolons
        self._indented = bool(language.block_opener)
        self._remark = language.remark
        self._braces = language.blocks == "braces"
        self._inside: set[int] = set()
        self._code: dict[int, _CodeLine] = {}
        self._measured: list[LineRange] = []

    def units(self, first: int, end: int) -> list[LineRange]:
        """The line ranges of the statements of a block. Together, the ranges cover the block.

        Returns an empty list if the block has no statement.
        """
        self._measure(first, end)
        code = self._code
        starts = [line for line in self._placed(first, end) if code[line].begins]
        if not starts:
            return []
        base = min(code[line].indent for line in starts)
        cuts = [line for line in starts if code[line].indent == base and not self._continues(line, first)]
        # Lines above the first statement at the base indentation belong to that statement. If a statement at
        # another indentation begins among these lines, the lines are a range of their own.
        cuts = sorted({first, *(cuts if cuts and starts[0] < cuts[0] else cuts[1:])})
        return list(pairwise([*cuts, end]))

    def body(self, first: int, end: int) -> LineRange:
        """The range of the lines of a unit between the head and the line that closes the unit.

        If no line closes the unit, the range ends with the last line of the unit that is not blank. If no
        head is found, the range begins with the first line of code.
        """
        while end > first and not self._lines.line(end - 1).strip():
            end -= 1
        lines = [line for line in range(first, end) if line in self._code]
        while lines and self._is_attached(lines[0]):
            lines.pop(0)
        if not lines:
            return first, end
        base = self._code[lines[0]].indent
        body = self._head_end(lines, base)
        closing = (line for line in lines if line >= body and self._closes(line, base))
        return body, next(closing, end)

    def _measure(self, first: int, end: int) -> None:
        """Find the lines of code, and the lines that begin in a comment or a string."""
        if any(start <= first and end <= stop for start, stop in self._measured):
            return
        self._measured.append((first, end))
        self._inside |= _lines_inside(self._tree.root_node, self._lines.text, first, end)
        for line in range(first, end):
            whole = self._lines.line(line)
            content = whole.strip()
            if content and line not in self._inside:
                margin = whole[: whole.index(content[:1])]
                indent = len(margin.expandtabs(_TAB)) if b"\t" in margin else len(margin)
                is_comment = content.startswith(self._remark)
                self._code[line] = _CodeLine(content, indent, is_comment, self._begins(line, content))

    def _begins(self, line: int, content: bytes) -> bool:
        # A line with nothing but `{` begins an object in a list, or a block, unless the brace opens the body
        # of the statement on the line above.
        if content == b"{":
            return self._lines.line(line - 1).rstrip()[-1:] in _BEFORE_BRACE if line else True
        return not (_GOES_ON.match(content) or (self._braces and _LABEL.match(content)))

    def _placed(self, first: int, end: int) -> list[int]:
        """The lines of code in a block without stray lines.

        A stray line is less indented than the lines before and after it, and either is a comment or opens no
        block. Only languages with braces or indented blocks have stray lines.
        """
        lines = [line for line in range(first, end) if line in self._code]
        if not (self._braces or self._indented):
            return lines
        code = [self._code[line] for line in lines]
        before, after = _nearest(code), _nearest(code[::-1])[::-1]
        return [
            line
            for line, own, above, below in zip(lines, code, before, after, strict=True)
            if not above > own.indent < below or (own.content[-1] in _OPENS_LINE and not own.is_comment)
        ]

    def _continues(self, line: int, first: int) -> bool:
        """Whether a line belongs to the comment, annotation or unfinished statement on the line above.

        Lines above `first` do not count.
        """
        above = line - 1
        while above >= first and not self._lines.line(above).strip():
            above -= 1
        if above < first:
            return False
        if above in self._inside:  # A comment or a string ends on the line above.
            return line - above == 1 and self._lines.line(above).rstrip().endswith((b"*/", b"-->", b"*)"))
        code = self._code[above]
        if code.indent <= self._code[line].indent and self._is_attached(above):
            return line - above == 1
        return self._semicolons and code.content.partition(b"//")[0].rstrip()[-1:] not in _ENDS

    def _is_attached(self, line: int) -> bool:
        content = self._code[line].content
        return content.startswith(self._leads) and not content.endswith((b"{", b";"))

    def _closes(self, line: int, base: int) -> bool:
        """Whether a line of at most the indentation `base` begins with what closes a block."""
        return self._code[line].indent <= base and _CLOSES.match(self._code[line].content) is not None

    def _holds_literal(self, content: bytes, lines: list[int], line: int, base: int) -> bool:
        """Whether a line ends by opening a literal argument, as in `call({`, and a later line closes it.

        The closing line begins with a closing bracket, as in `})`, and has at most the indentation `base`.
        """
        if not content.endswith(_OPENS_LITERAL):
            return False
        outside = next((one for one in lines if one > line and self._code[one].indent <= base), None)
        return outside is not None and self._closes(outside, base)

    def _head_end(self, lines: list[int], base: int) -> int:
        """The line after the head of a definition. Returns the first of `lines` if no head is found.

        In a language with braces, a head ends with the line that opens the body. In other languages, a head
        ends before the first deeper line.
        """
        depth = 0
        for line, following in pairwise(lines):
            content = self._code[line].content
            depth += content.count(b"(") - content.count(b")")
            if self._braces:
                begins = _BEGINS_BODY.match(content) is not None
            else:
                begins = self._code[following].indent > base
            if begins and (depth <= 0 or self._holds_literal(content, lines, line, base)):
                return line + 1
        return lines[0]


def _nearest(code: list[_CodeLine]) -> list[int]:
    """For each line, the indentation of the last line before it that is not a comment; -1 without one."""
    return [*accumulate(code, lambda last, line: last if line.is_comment else line.indent, initial=-1)][:-1]


def _lines_inside(root: Node, text: bytes, start: int, end: int) -> set[int]:
    """The lines that begin inside a comment or a string of several lines.

    Only nodes with a line in the range [start, end) are read.
    """
    inside: set[int] = set()
    unpaired = {quote for quote in _LONG_QUOTES if text.count(quote) % 2}
    stack = [root]
    while stack:
        node = stack.pop()
        first, last = node.start_point.row, node.end_point.row
        if first == last or first >= end or last < start:
            continue
        if not node.has_error and _is_prose(node, text, unpaired):
            inside.update(range(first + 1, last + (node.end_point.column > 0)))
        else:
            stack += node.children
    return inside


def _is_prose(node: Node, text: bytes, unpaired: set[bytes]) -> bool:
    """Whether a node of several lines is a comment, or a string that was meant to have several lines.

    A syntax error can make the code between two strings look like a string. A false string in long quotes can
    be recognised because this kind of quote occurs an odd number of times in the text. A false string in
    plain quotes can be recognised because the number of double quotes is odd before the string on its first
    line, or after the string on its last line.
    """
    if "comment" in node.type or "heredoc" in node.type:
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


def stray_lines(text: bytes) -> list[tuple[int, int]]:
    """The ranges of Python lines that open no block but stand between two deeper lines.

    Such a line is a syntax error.
    """
    lines = [(len(one[1].expandtabs()), one) for one in _CODE_LINE.finditer(text)]
    return [
        line.span(2)
        for (before, _), (own, line), (after, _) in zip(lines, lines[1:], lines[2:], strict=False)
        if before > own < after
        and (line[2].rstrip()[-1:] not in _OPENS_LINE or line[2].startswith(b"======="))
        and not any(quote in line[2] for quote in _TRIPLE_QUOTES)
    ]
