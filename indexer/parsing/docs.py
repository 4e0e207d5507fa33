"""Extracts the prose of doc comments and docstrings."""

from __future__ import annotations

import re
from functools import cache

from . import profiles

MAX_DOCSTRING = 2_000
"""A docstring with more characters is cut to this length."""

# Patterns of the signs of documentation at the start of a comment line (`/**`, ` * `, `///`, `//!`, `##`,
# `{-|`, `--[[`, `(**`, `@doc """`) and at its end. The tokens in a language's profile are added to these.
_OPENING = (
    r"/\*+!?|\*+(?!/)|//+[/!]?|#+[!:]?|\{-\s*[|^]?|--\[=*\[|--+\s*[|^]?|;+|\(\*+"
    r'|@(?:module|type)?doc\s+(?:~[sS])?"{1,3}|"""|=end'
)
_CLOSING = r'\*+/|\*+\)|\]=*\]|"""'
# Matches a comment line that addresses a tool, not a reader.
_DIRECTIVE = re.compile(
    r"go:|nolint|noqa|type: ignore|pylint:|pragma:|eslint-|@ts-|prettier-|clang-format|rubocop:"
)
# Matches the markup of documentation generators. Other words in angle brackets are code.
_TAG = re.compile(
    r"</?(?:summary|remarks|returns?|value|exception|example|inheritdoc|para|param|paramref|typeparam|typeparamref"
    r"|see|seealso|code|pre|tt|em|strong|ul|ol|li|br|p|b|i|c)\b[^<>\n]*>"
)
_STRING = re.compile(rb"[rRuUbBfF]{0,2}(\"\"\"|'''|\"|')")


@cache
def _signs(language: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Patterns of the sign at the start and at the end of a line of a doc comment."""
    tokens = [[re.escape(pair[end]) for pair in profiles.of(language).comment_pairs] for end in (0, 1)]
    alone = [rf"{closing}\s*$" for closing in tokens[1]]
    opening, closing = "|".join([*alone, _OPENING, *tokens[0]]), "|".join([_CLOSING, *tokens[1]])
    return re.compile(rf"^\s*(?:{opening})\s?"), re.compile(rf"\s*(?:{closing})\s*$")


def uncommented(comment: bytes, language: str) -> str:
    """The prose of a doc comment, without its markers."""
    opening, closing = _signs(language)
    if comment.startswith((b'"', b"@")):  # a string, as in Julia and Elixir
        comment = comment.rstrip(b'"').lstrip(b'"')
    lines = comment[: 2 * MAX_DOCSTRING].decode("utf-8", "replace").splitlines()
    prose = [closing.sub("", opening.sub("", line, count=1)).rstrip() for line in lines]
    text = "\n".join(line for line in prose if not _DIRECTIVE.match(line))
    return _TAG.sub("", text).strip()[:MAX_DOCSTRING]


def leading_string(text: bytes, start: int) -> str:
    """The docstring of a body that begins at `start`. Returns "" if the body has no docstring.

    A docstring is a string that is a whole statement.
    """
    opening = _STRING.match(text, start, start + 8)
    if opening is None:
        return ""
    quote = opening[1]
    end = text.find(quote, opening.end())
    rest = text[end + len(quote) : end + len(quote) + 80].partition(b"\n")[0].strip()
    if end < 0 or (rest and rest[:1] not in b"#;"):
        return ""
    prose = text[opening.end() : min(end, opening.end() + 2 * MAX_DOCSTRING)].decode("utf-8", "replace")
    return "\n".join(line.strip() for line in prose.splitlines()).strip()[:MAX_DOCSTRING]
