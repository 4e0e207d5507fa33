"""Splits source text into lexemes. It needs no grammar, so incomplete code can be split.

A lexeme is a string: a name, a number, a literal, a comment, or an operator. A line end, together with the
white space at the beginning of the next line, is a lexeme, too. Other white space is dropped.
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
"""Languages in which single quotes enclose only one character, or do not enclose a literal."""
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
    """The lexemes of a text, in order. Comments in unknown languages are those of C."""
    return _pattern(language).findall(text)


def is_name(lexeme: str) -> bool:
    """Whether a lexeme is a name or a keyword."""
    first = lexeme[0]
    return first.isalpha() or first in "_$@"


def is_comment(lexeme: str, language: str) -> bool:
    """Whether a lexeme is a line comment or a block comment."""
    return (
        lexeme[:2] in ("//", "/*")
        or (lexeme[0] == "#" and language in _HASH and len(lexeme) > 1)
        or (lexeme[:2] == "--" and language in _DASHES)
    )


def is_literal(lexeme: str) -> bool:
    """Whether a lexeme is a string or character literal."""
    return lexeme[0] in "\"'`" and len(lexeme) > 1


def context_at_end(found: Sequence[str], language: str) -> str:
    """Whether the end of a text with these lexemes is in a "string", in a "comment", or in "code"."""
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
    """Returns the brackets that are open at the end, outermost first, and the number of mismatched closers.

    `before` are the brackets that are open at the beginning. A closing bracket of the wrong kind counts as
    mismatched, but closes the innermost open bracket.
    """
    stack, wrong = list(before), 0
    for lexeme in found:
        if lexeme in _OPEN:
            stack.append(lexeme)
        elif lexeme in _PAIRS and (not stack or stack.pop() != _PAIRS[lexeme]):
            wrong += 1
    return "".join(stack), wrong


_OPEN = frozenset(OPENERS)
