"""Splits source text into lexemes without a grammar, so that incomplete code can be split, too.

Lexemes are strings in the order of the text: names, numbers, literals, comments and operators. Each line end
is a lexeme of "\\n" and the white space at the beginning of the next line. Other white space is dropped.
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
"""Languages in which single quotes enclose one character, or are not quotes."""
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
    """The lexemes of a text. Unknown languages are read like C."""
    return _pattern(language).findall(text)


def is_name(lexeme: str) -> bool:
    """Whether it is a name or a keyword, which cannot be told apart without a grammar."""
    first = lexeme[0]
    return first.isalpha() or first in "_$@"


def is_comment(lexeme: str, language: str) -> bool:
    """Whether it is a line or block comment."""
    return (
        lexeme[:2] in ("//", "/*")
        or (lexeme[0] == "#" and language in _HASH and len(lexeme) > 1)
        or (lexeme[:2] == "--" and language in _DASHES)
    )


def is_literal(lexeme: str) -> bool:
    """Whether it is a string or a character."""
    return lexeme[0] in "\"'`" and len(lexeme) > 1


def context_at_end(found: Sequence[str], language: str) -> str:
    """What a text with these lexemes ends in: "string", "comment" or "code"."""
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
    """The brackets still open at the end, outermost first, and the number of mismatched closers.

    `before` are the brackets that are open at the beginning. A closer of the wrong kind also closes the
    innermost open bracket, but counts as mismatched.
    """
    stack, wrong = list(before), 0
    for lexeme in found:
        if lexeme in _OPEN:
            stack.append(lexeme)
        elif lexeme in _PAIRS and (not stack or stack.pop() != _PAIRS[lexeme]):
            wrong += 1
    return "".join(stack), wrong


_OPEN = frozenset(OPENERS)
