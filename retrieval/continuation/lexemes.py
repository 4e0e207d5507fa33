"""Source text to lexemes, without a grammar: it works on half a line as well as on a file.

Lexemes are strings in the order of the text: names, numbers, literals, comments, operators, and for every
line end one lexeme of "\\n" and the white space that begins the next line. Nothing else of the white space
remains.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence

OPENERS, CLOSERS = "([{", ")]}"
_PAIRS = dict(zip(CLOSERS, OPENERS, strict=True))

_HASH = frozenset("python ruby bash php elixir julia yaml toml r perl make nix dockerfile".split())
_DASHES = frozenset("lua haskell sql".split())
_NO_SLASHES = _HASH - {"php"} | _DASHES
_CHARACTERS = frozenset("rust c cpp java csharp go kotlin swift scala haskell ocaml zig julia".split())
"""Where a single quote holds one character, or is no quote at all."""
_BACKTICKS = frozenset("javascript typescript tsx go php bash ruby".split())

_OTHER = r"\d[\w.]*|->|=>|::|:=|\.\.\.?|[-+*/%&|^<>=!]=+|&&|\|\||<<|>>|\?\?|\+\+|--|\n[ \t]*|[^\s\w]"


@functools.cache
def _pattern(language: str) -> re.Pattern[str]:
    parts = []
    if language == "python":
        parts += [r'"""[\s\S]*?(?:"""|\Z)', r"'''[\s\S]*?(?:'''|\Z)"]
    parts.append(r'"(?:\\[\s\S]|[^"\\\n])*"?')
    parts.append(r"'(?:\\[^\n]{1,8}?|[^'\\\n])'" if language in _CHARACTERS else r"'(?:\\[\s\S]|[^'\\\n])*'?")
    if language in _BACKTICKS:
        parts.append(r"`(?:\\[\s\S]|[^`\\])*`?")
    if language not in _NO_SLASHES:
        parts += [r"//[^\n]*", r"/\*[\s\S]*?(?:\*/|\Z)"]
    if language in _HASH:
        parts.append(r"#[^\n]*")
    if language in _DASHES:
        parts.append(r"--[^\n]*")
    name = r"[$@]{0,2}[^\W\d][\w$]*"
    parts.append(name + "[?!]?(?!=)|" + name if language in ("ruby", "elixir") else name)
    return re.compile("|".join((*parts, _OTHER)))


def lexemes(text: str, language: str) -> list[str]:
    """The lexemes of a text in a language; of an unknown one as if it were C."""
    return _pattern(language).findall(text)


def is_name(lexeme: str) -> bool:
    """A name, or a keyword: no grammar tells them apart here."""
    first = lexeme[0]
    return first.isalpha() or first in "_$@"


def is_comment(lexeme: str, language: str) -> bool:
    """A comment, of either kind."""
    return (
        lexeme[:2] in ("//", "/*")
        or (lexeme[0] == "#" and language in _HASH and len(lexeme) > 1)
        or (lexeme[:2] == "--" and language in _DASHES)
    )


def is_literal(lexeme: str) -> bool:
    """A string or a character."""
    return lexeme[0] in "\"'`" and len(lexeme) > 1


def place(found: Sequence[str], language: str) -> str:
    """Whether the end of a text is in a "string", a "comment" or "code", by its lexemes."""
    if not found:
        return "code"
    last = found[-1]
    if last[:2] == "/*" and language not in _NO_SLASHES:
        return "code" if last.endswith("*/") and len(last) > 3 else "comment"
    if is_comment(last, language) or (last == "#" and language in _HASH):
        return "comment"
    if last[:3] in ('"""', "'''"):
        return "code" if len(last) > 5 and last.endswith(last[:3]) else "string"
    if last[0] in "\"'`" and not (last[0] == "'" and language in _CHARACTERS):
        return "code" if len(last) > 1 and _closed(last) else "string"
    return "code"


def _closed(literal: str) -> bool:
    body = literal[:-1]
    return literal[-1] == literal[0] and (len(body) - len(body.rstrip("\\"))) % 2 == 0


def unclosed(found: Sequence[str], before: str = "") -> tuple[str, int]:
    """The brackets still open at the end, outermost first, and how many closers matched nothing.

    `before` are brackets that were open at the beginning. A closer of another kind than the innermost open
    bracket closes it all the same, and counts as one that matched nothing.
    """
    stack, wrong = list(before), 0
    for lexeme in found:
        if lexeme in _OPEN:
            stack.append(lexeme)
        elif lexeme in _PAIRS and (not stack or stack.pop() != _PAIRS[lexeme]):
            wrong += 1
    return "".join(stack), wrong


_OPEN = frozenset(OPENERS)
