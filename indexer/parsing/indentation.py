"""Finds the statements of a text by its indentation, for texts whose syntax tree has errors.

A statement begins at a line that has the indentation of its block and does not continue the line above. The
body of a statement consists of the deeper lines between the head and the line that closes the statement.
"""

from __future__ import annotations

import re
from itertools import pairwise

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


class LineIndentation:
    """The indentation of the lines of one text, and the statements and bodies that the indentation shows.

    Lines count from 0, and line ranges are half-open. The syntax tree `tree` tells which lines begin in a
    comment or a string. Only the nodes of the tree that are in the requested lines are read.
    """

    def __init__(self, lines: Lines, tree: Tree, language: LanguageProfile) -> None:
        self._lines = lines
        self._text = lines.text
        self._tree = tree
        self._leads = (*filter(None, language.leads), b"@", b"[")
        self._semicolons = language.semicolons
        self._indented = bool(language.block_opener)
        self._remark = language.remark
        self._braces = language.blocks == "braces"
        self._inside: set[int] = set()
        self._indents = [-1] * len(lines)
        self._comments = [False] * len(lines)
        self._opens = [False] * len(lines)
        self._begins: list[bool | None] = [None] * len(lines)
        self._measured: list[LineRange] = []

    def units(self, first: int, end: int) -> list[LineRange]:
        """The line ranges of the statements of a block. Together, the ranges cover the block.

        Returns an empty list if the block has no statement.
        """
        self._measure(first, end)
        code = [line for line in range(first, end) if self._indents[line] >= 0]
        starts = [line for line in self._placed(code) if self._starts(line)]
        if not starts:
            return []
        base = min(self._indents[line] for line in starts)
        cuts = [line for line in starts if self._indents[line] == base and not self._continues(line, first)]
        # Lines above the first statement at the base indentation belong to that statement. If a statement at
        # another indentation begins among these lines, the lines are a range of their own.
        cuts = sorted({first, *(cuts if cuts and starts[0] < cuts[0] else cuts[1:])})
        return list(zip(cuts, [*cuts[1:], end], strict=True))

    def body(self, first: int, end: int) -> LineRange:
        """The range of the lines of a unit between the head and the line that closes the unit.

        If no line closes the unit, the range ends with the last line of the unit that is not blank. If no
        head is found, the range begins with the first line of code.
        """
        while end > first and self._indents[end - 1] < 0 and not self._lines.line(end - 1).strip():
            end -= 1
        lines = [line for line in range(first, end) if self._indents[line] >= 0]
        while lines and self._is_attached(lines[0]):
            lines.pop(0)
        if not lines:
            return first, end
        base = self._indents[lines[0]]
        body = self._head_end(lines, base)
        for line in lines:
            if line >= body and self._indents[line] <= base and _CLOSES.match(self._lines.line(line).strip()):
                return body, line
        return body, end

    def _measure(self, first: int, end: int) -> None:
        """Measure the indentation of lines, and find the lines that begin in a comment or a string."""
        if any(start <= first and end <= stop for start, stop in self._measured):
            return
        self._measured.append((first, end))
        self._inside |= _lines_inside(self._tree.root_node, self._text, first, end)
        for line in range(first, end):
            self._look_at(line)

    def _look_at(self, line: int) -> None:
        """Note the indentation of a line, whether the line is a comment, and whether it opens a block.

        The indentation is -1 if the line is blank or begins in a comment or a string.
        """
        content = self._lines.line(line)
        stripped = content.strip()
        if not stripped or line in self._inside:
            self._indents[line] = -1
            return
        margin = content[: content.index(stripped[:1])]
        self._indents[line] = len(margin.expandtabs(_TAB)) if b"\t" in margin else len(margin)
        self._comments[line] = stripped.startswith(self._remark)
        self._opens[line] = stripped[-1] in _OPENS_LINE

    def _placed(self, code: list[int]) -> list[int]:
        """The lines of `code` without stray lines.

        A stray line is less indented than the lines before and after it, and either is a comment or opens no
        block. Only languages with braces or indented blocks have stray lines; for other languages, `code` is
        returned unchanged.
        """
        if not (self._braces or self._indented):
            return code
        before = self._nearest(code)
        after = self._nearest(code[::-1])[::-1]
        indents, comments, opens = self._indents, self._comments, self._opens
        return [
            line
            for line, above, below in zip(code, before, after, strict=True)
            if not above > indents[line] < below or (opens[line] and not comments[line])
        ]

    def _nearest(self, code: list[int]) -> list[int]:
        """For each line of `code`, the indentation of the last line before that line that is not a comment.

        The indentation is -1 if every line before that line is a comment.
        """
        indents, last = [], -1
        for line in code:
            indents.append(last)
            last = last if self._comments[line] else self._indents[line]
        return indents

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
        if self._indents[above] <= self._indents[line] and self._is_attached(above):
            return line - above == 1
        return self._semicolons and self._lines.line(above).partition(b"//")[0].rstrip()[-1:] not in _ENDS

    def _starts(self, line: int) -> bool:
        begins = self._begins[line]
        if begins is None:
            begins = self._begins[line] = self._begins_statement(line)
        return begins

    def _begins_statement(self, line: int) -> bool:
        content = self._lines.line(line).lstrip()
        # A line with nothing but `{` begins an object in a list, or a block, unless the brace opens the body
        # of the statement on the line above.
        if content[:1] == b"{" and not content[1:].strip():
            return self._lines.line(line - 1).rstrip()[-1:] in _BEFORE_BRACE if line else True
        return not (_GOES_ON.match(content) or (self._braces and _LABEL.match(content)))

    def _is_attached(self, line: int) -> bool:
        content = self._lines.line(line).strip()
        return content.startswith(self._leads) and not content.endswith((b"{", b";"))

    def _holds_literal(self, content: bytes, lines: list[int], line: int, base: int) -> bool:
        """Whether a line ends by opening a literal argument, as in `call({`, and a later line closes it.

        The closing line begins with a closing bracket, as in `})`, and has at most the indentation `base`.
        """
        if not content.rstrip().endswith(_OPENS_LITERAL):
            return False
        closing = next((one for one in lines if one > line and self._indents[one] <= base), None)
        return closing is not None and _CLOSES.match(self._lines.line(closing).strip()) is not None

    def _head_end(self, lines: list[int], base: int) -> int:
        """The line after the head of a definition. Returns the first of `lines` if no head is found.

        In a language with braces, a head ends with the line that opens the body. In other languages, a head
        ends before the first deeper line.
        """
        depth = 0
        for line, following in pairwise(lines):
            content = self._lines.line(line)
            depth += content.count(b"(") - content.count(b")")
            if self._braces:
                begins = _BEGINS_BODY.match(content.rstrip()) is not None
            else:
                begins = self._indents[following] > base
            if begins and (depth <= 0 or self._holds_literal(content, lines, line, base)):
                return line + 1
        return lines[0]


def _lines_inside(root: Node, text: bytes, start: int, end: int) -> set[int]:
    """The lines that begin inside a comment or a string of several lines.

    Only nodes with a line in the range [start, end) are read.
    """
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
    """Whether a node of several lines is a comment, or a string that was meant to have several lines.

    A syntax error can make the code between two strings look like a string. A false string in long quotes can
    be recognised because this kind of quote occurs an odd number of times in the text. A false string in
    plain quotes can be recognised because the number of double quotes is odd before the string on its first
    line, or after the string on its last line.
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
