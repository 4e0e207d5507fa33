"""Parses the code before a cursor: the open function, its head and last lines, and the open brackets."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from indexer.parsing.scripts import place_in

from . import lexemes, lexical_profile, line_ends
from .buffer import EditorBuffer
from .functions import FunctionHead, enclosing
from .indentation import IndentStyle
from .lexical_profile import LexicalProfile

MAX_PREFIX = 12_000
"""Maximum characters before the cursor that are used. Earlier text helps little and takes time."""
_BLOCK = 30
"""Maximum lines before the cursor that are used if the cursor is not in a function."""
_AFTER = 2_000
"""Maximum characters after the cursor that are used."""
_TAIL_LINES, _TAIL_CHARS = 4, 400
_NAME = re.compile(r"[$@]?[^\W\d]\w*")


@dataclass(frozen=True, slots=True)
class CursorPrefix:
    """The code before a cursor.

    `text` is the open function up to the cursor, or the last lines before the cursor if no function is open.
    `name` is the name of the open function, `signature` its head, and `parameters` the names in the head.
    `tail_code` has the last lines of `text`. `line` is the part of the cursor's line before the cursor, and
    `rest` the part after the cursor. `after` is the text after that line. `open` are the open brackets,
    outermost first. `context` says what the cursor is in: "code", "string" or "comment". If `indented` is
    false, the buffer's indentation is unknown, and a suggestion keeps the indentation of its fragment.
    `last_line` is the number of the cursor's line in the buffer, counted from 1.
    """

    path: str
    language: str
    text: str
    name: str
    signature: str
    parameters: frozenset[str]
    line: str
    rest: str
    after: str
    open: str
    context: str
    code: LexicalProfile
    tail_code: LexicalProfile
    indentation: IndentStyle
    indented: bool
    last_line: int

    @property
    def depth(self) -> int:
        """The indentation of the function's head, in columns."""
        return lexical_profile.column(self.text)

    @property
    def last_text(self) -> str:
        """The last line of `text` that is not blank, without white space at its end."""
        return self.text.rstrip().rpartition("\n")[2]


def parse_prefix(buffer: EditorBuffer, line: int, column: int | None = None) -> CursorPrefix:
    """The prefix at a position of a buffer. Raises UsageError if the buffer has no such line.

    If the position is in a script of a page (HTML, Vue and the like), the prefix contains only text of that
    script.
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
    indentation = (
        IndentStyle.found(buffer.text[: 8 * MAX_PREFIX])
        or IndentStyle.found(whole.text[: 8 * MAX_PREFIX])
        or buffer.indentation
    )
    return prefix_of(buffer, text, head, (rest, below), line, indentation)


def prefix_of(
    buffer: EditorBuffer,
    text: str,
    head: FunctionHead | None,
    behind: tuple[str, str],
    last_line: int,
    indentation: IndentStyle | None,
) -> CursorPrefix:
    """The prefix that ends with `text`, the code of a function with the head `head`.

    `behind` are the rest of the cursor's line and the text after this line. `last_line` is the number of the
    cursor's line.
    """
    found = lexemes.lexemes(text, buffer.language)
    opened, _ = lexemes.unclosed(found)
    signature = _signature(text, buffer.language) if head else ""
    return CursorPrefix(
        path=buffer.path,
        language=buffer.language,
        text=text,
        name=head.name if head else "",
        signature=signature,
        parameters=_parameters(signature, head.name if head else ""),
        line=text.rpartition("\n")[2],
        rest=behind[0],
        after=behind[1],
        open=opened,
        context=lexemes.context_at_end(found, buffer.language),
        code=lexical_profile.read(text, buffer.language),
        tail_code=lexical_profile.read(_tail_of(text), buffer.language),
        indentation=indentation or IndentStyle(),
        indented=indentation is not None,
        last_line=last_line,
    )


def _tail_of(text: str) -> str:
    """The last lines of a text that are not blank."""
    lines = [line for line in text.split("\n") if line.strip()]
    return "\n".join(lines[-_TAIL_LINES:])[-_TAIL_CHARS:]


def _signature(text: str, language: str) -> str:
    """The head of a function: the first line, and the next lines up to the end of the parameters."""
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
        if not lexical_profile.is_keyword(one) and one != name and not one.lstrip("$@_")[:1].isupper()
    )
