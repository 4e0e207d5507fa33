"""What a cursor asks for: the open function before it and what can be read off it, parsed or not."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from indexer.parsing.scripts import place_in

from . import code, lexemes, line_ends
from .buffer import Buffer
from .code import Code
from .functions import Head, enclosing, named
from .indentation import Indentation

MAX_PREFIX = 12_000
"""Characters before the cursor that count at most: what is further away says little and costs time."""
_BLOCK = 30
"""Lines before the cursor that are asked with where there is no function around it."""
_AFTER = 2_000
_TAIL_LINES, _TAIL_CHARS = 4, 400
_NAME = re.compile(r"[$@]?[^\W\d]\w*")
_COMMENT_LINE = ("#", "//", "/*", "*", "--", '"""', "@")


@dataclass(frozen=True, slots=True)
class Prefix:
    """The code before a cursor.

    `text` is the open function up to the cursor, or some lines where there is none; `name` that function's
    name, `signature` its head, `doc` the comment above it, `parameters` what its head names. `tail` are the
    last statements, `line` what stands before the cursor in its line, `rest` what follows it in that line,
    `after` the text behind that. `open` are the brackets not closed, outermost first. `place` is "code",
    "string" or "comment". `indented` says that `indentation` is known: if not, a suggestion keeps that of the
    file that it comes from. `typed` says that the white space at the end is as somebody typed it: in a data
    set's prefix it is lost. `first_line` and `last_line` are lines of the buffer, counted from 1.
    """

    path: str
    language: str
    text: str
    name: str
    signature: str
    doc: str
    parameters: frozenset[str]
    tail: str
    line: str
    rest: str
    after: str
    open: str
    place: str
    code: Code
    tail_code: Code
    indentation: Indentation
    indented: bool
    typed: bool
    first_line: int
    last_line: int

    @property
    def depth(self) -> int:
        """The columns by which the function's head is indented."""
        return code.column(self.text)


def parse_prefix(buffer: Buffer, line: int, column: int | None = None) -> Prefix:
    """The query at a place of a buffer. Raises UsageError for a line that is not there.

    In a page's script, all that counts is the script.
    """
    whole = replace(buffer, text=line_ends.unified(buffer.text))
    offset = whole.offset(line, column)
    language, begin, end = place_in(whole.text, offset, buffer.language)
    buffer = replace(whole, text=whole.text[begin:end], language=language)
    offset -= begin
    window = buffer.text[max(0, offset - 4 * MAX_PREFIX) : offset]
    after = buffer.text[offset : offset + _AFTER]
    lines = window.split("\n")
    head = enclosing(lines, buffer.language)
    first = head.line if head else max(0, len(lines) - _BLOCK)
    text = "\n".join(lines[first:])[-MAX_PREFIX:]
    rest, _, below = after.partition("\n")
    doc = _doc(lines, first) if head else ""
    span = (line - (len(lines) - 1 - first), line)
    indentation = (
        Indentation.found(buffer.text[: 8 * MAX_PREFIX])
        or Indentation.found(whole.text[: 8 * MAX_PREFIX])
        or buffer.indentation
    )
    return _prefix(buffer, text, head, doc, (rest, below), span, indentation, typed=True)


def of_data(text: str, language: str) -> Prefix:
    """A data set's prefix: a function up to somewhere, without the white space at its end."""
    whole = text[-MAX_PREFIX:]
    lines = whole.split("\n")
    head = next(
        (Head(n, name) for n, line in enumerate(lines[:12]) if (name := named(line, language))), Head(0, "")
    )
    count = len(lines)
    buffer = Buffer("", text, language)
    return _prefix(buffer, whole, head, "", ("", ""), (1, count), Indentation.of(whole), typed=False)


def _prefix(
    buffer: Buffer,
    text: str,
    head: Head | None,
    doc: str,
    behind: tuple[str, str],
    span: tuple[int, int],
    indentation: Indentation | None,
    *,
    typed: bool,
) -> Prefix:
    found = lexemes.lexemes(text, buffer.language)
    opened, _ = lexemes.unclosed(found)
    signature = _signature(text, buffer.language) if head else ""
    tail = tail_of(text)
    return Prefix(
        path=buffer.path,
        language=buffer.language,
        text=text,
        name=head.name if head else "",
        signature=signature,
        doc=doc,
        parameters=_parameters(signature, head.name if head else ""),
        tail=tail,
        line=text.rpartition("\n")[2],
        rest=behind[0],
        after=behind[1],
        open=opened,
        place=lexemes.place(found, buffer.language),
        code=code.read(text, buffer.language),
        tail_code=code.read(tail, buffer.language),
        indentation=indentation or Indentation(),
        indented=indentation is not None,
        typed=typed,
        first_line=span[0],
        last_line=span[1],
    )


def tail_of(text: str) -> str:
    """The last lines that are not blank."""
    lines = [line for line in text.split("\n") if line.strip()]
    return "\n".join(lines[-_TAIL_LINES:])[-_TAIL_CHARS:]


def _signature(text: str, language: str) -> str:
    """A function's head: its first line, and more as long as its parentheses are open."""
    lines = text.split("\n")[:20]
    for count in range(1, len(lines) + 1):
        head = "\n".join(lines[:count])
        opened, _ = lexemes.unclosed(lexemes.lexemes(head, language))
        if "(" in head and "(" not in opened and "[" not in opened:
            return head
    return lines[0] if lines else ""


def _parameters(signature: str, name: str) -> frozenset[str]:
    inside = signature[signature.find("(") + 1 :] if "(" in signature else ""
    found = (match.group() for match in _NAME.finditer(inside))
    return frozenset(
        one
        for one in found
        if not code.is_keyword(one) and one != name and not one.lstrip("$@_")[:1].isupper()
    )


def _doc(lines: list[str], first: int) -> str:
    """The comment lines right above a function's head."""
    start = first
    while start > 0 and start > first - 20 and lines[start - 1].lstrip().startswith(_COMMENT_LINE):
        start -= 1
    return "\n".join(lines[start:first])
