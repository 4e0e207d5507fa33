"""Splits source text into lexemes. It needs no grammar, so incomplete code can be split.

A lexeme is a string: a name, a number, a literal, a comment, or an operator. A line end, together with the
white space at the beginning of the next line, is a lexeme, too. Other white space is dropped.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Sequence

from indexer.parsing import profiles
from indexer.parsing.profiles import LanguageProfile

_OPENERS = frozenset("([{")
_PAIRS = {")": "(", "]": "[", "}": "{"}

_OTHER = r"\d[\w.]*|->|=>|::|:=|\.\.\.?|[-+*/%&|^<>=!]=+|&&|\|\||<<|>>|\?\?|\+\+|--|\n[ \t]*|[^\s\w]"


@functools.cache
def _pattern(profile: LanguageProfile) -> re.Pattern[str]:
    strings = profile.strings
    parts = [rf"{quote}[\s\S]*?(?:{quote}|\Z)" for quote in strings if len(quote) == 3]
    ends = dict(profile.comment_pairs)
    for start in sorted(profile.comment_starts, key=len, reverse=True):
        rest = rf"[\s\S]*?(?:{re.escape(ends[start])}|\Z)" if start in ends else r"[^\n]*"
        line_start = "(?m:^)" if start.startswith("=") else ""  # elsewhere, Ruby's `=begin` is an assignment
        parts.append(line_start + re.escape(start) + rest)
    parts.append(r'"(?:\\[\s\S]|[^"\\\n])*"?')
    parts.append(r"'(?:\\[\s\S]|[^'\\\n])*'?" if "'" in strings else r"'(?:\\[^\n]{1,8}?|[^'\\\n])'")
    if "`" in strings:
        parts.append(r"`(?:\\[\s\S]|[^`\\])*`?")
    name = r"[$@]{0,2}[^\W\d][\w$]*"
    parts.append(f"{name}[{profile.name_ends}]?(?!=)|{name}" if profile.name_ends else name)
    return re.compile("|".join((*parts, _OTHER)))


def lexemes(text: str, language: str) -> list[str]:
    """The lexemes of a text, in order. Those of a text in an unknown language are like those of C."""
    return _pattern(profiles.of(language)).findall(text)


def without_comments(found: Iterable[str], language: str) -> Iterator[str]:
    """The lexemes that are no comments."""
    starts = profiles.of(language).comment_starts
    return (one for one in found if len(one) == 1 or not one.startswith(starts))


def is_name(lexeme: str) -> bool:
    """Whether a lexeme is a name or a keyword."""
    first = lexeme[0]
    return first.isalpha() or first in "_$@"


def is_comment(lexeme: str, language: str) -> bool:
    """Whether a lexeme is a line comment or a block comment."""
    return len(lexeme) > 1 and lexeme.startswith(profiles.of(language).comment_starts)


def is_literal(lexeme: str) -> bool:
    """Whether a lexeme is a string or character literal."""
    return lexeme[0] in "\"'`" and len(lexeme) > 1


def context_at_end(found: Sequence[str], language: str) -> str:
    """Whether the end of a text with these lexemes is in a "string", in a "comment", or in "code"."""
    if not found:
        return "code"
    last, profile = found[-1], profiles.of(language)
    for opening, closing in profile.comment_pairs:
        if last.startswith(opening):
            closed = last.endswith(closing) and len(last) >= len(opening) + len(closing)
            return "code" if closed else "comment"
    if last.startswith(profile.comment_starts):
        return "comment"
    if last[:3] in ('"""', "'''"):
        return "code" if len(last) > 5 and last.endswith(last[:3]) else "string"
    if last[0] in "\"'`" and not (last[0] == "'" and "'" not in profile.strings):
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
        if lexeme in _OPENERS:
            stack.append(lexeme)
        elif lexeme in _PAIRS and (not stack or stack.pop() != _PAIRS[lexeme]):
            wrong += 1
    return "".join(stack), wrong
