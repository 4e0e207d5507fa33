"""Finds definitions of a name in the text of a fragment, without a parser.

Functions that are too small to be split have no fragments of what they define inside: inner functions, and
the methods of objects and of local classes.
"""

from __future__ import annotations

import re
from functools import lru_cache

_KEYWORDS = (
    r"def|class|function|func|fn|fun|sub|proc|macro|struct|enum|union|interface|trait|type|typedef|module|mod|"
    r"namespace|package|object|record|protocol|extension|impl|let|var|val|const|static|final|#\s*define"
)
_SCRIPTS = frozenset({"javascript", "typescript", "tsx", "vue", "svelte", "astro"})
_BRACED = _SCRIPTS | {"java", "csharp", "cpp", "c", "dart"}
"""Languages in which a method may have no keyword before its name, and no call stands before a brace."""
_WORD = r"(?!(?:return|new|else|await|throw|case|yield|typeof|delete|do)\b)[\w$<>\[\],.:?~]{1,200}[ \t*&]+"
"""A word before a method's name: a modifier or a type. Its halves share no character, which would be slow."""
_BODY = re.compile(r"\s*(?:(?::|->)[^;]{0,200}?|[\w\s]{0,80})\{")
"""What follows the parameters of a method: its type or a few words, and a brace."""
_ARROW = re.compile(r"\s*(?::[^;=]{0,200})?=>")
_PARAMETERS = 4_000
"""Maximum length of a list of parameters."""


def has(text: str, name: str, language: str) -> bool:
    """Whether a text in a language defines a name, which is in lower case."""
    if name not in text.lower():
        return False
    if _keyword_before(name).search(text):
        return True
    if language not in _BRACED:
        return False
    if any(_follows(_BODY, text, found.end()) for found in _method(name).finditer(text)):
        return True
    if language not in _SCRIPTS:
        return False
    return any(
        found["opened"] is None or _follows(_ARROW, text, found.end())
        for found in _property(name).finditer(text)
    )


def _follows(pattern: re.Pattern[str], text: str, start: int) -> bool:
    """Whether a pattern matches after the bracket that closes the one before `start`."""
    depth = 1
    for at in range(start, min(len(text), start + _PARAMETERS)):
        depth += {"(": 1, ")": -1}.get(text[at], 0)
        if not depth:
            return pattern.match(text, at + 1) is not None
    return False


@lru_cache(maxsize=256)
def _keyword_before(name: str) -> re.Pattern[str]:
    """Matches a keyword that begins a definition, and the name."""
    return re.compile(
        rf"(?:\b|(?=#))(?:{_KEYWORDS})\b[\s*&]+(?:[\w.:]+(?:[.:]|::))?{re.escape(name)}(?!\w)", re.I
    )


@lru_cache(maxsize=256)
def _method(name: str) -> re.Pattern[str]:
    """Matches the beginning of a method up to the bracket that opens its parameters."""
    return re.compile(
        rf"(?:^|[{{,;])[ \t]*(?:{_WORD}|\*[ \t]*){{0,6}}#?[\"']?{re.escape(name)}[\"']?"
        rf"\s*(?:<[^()]{{0,200}}>)?\(",
        re.I | re.M,
    )


@lru_cache(maxsize=256)
def _property(name: str) -> re.Pattern[str]:
    """Matches a property or variable up to its function, or to the bracket of the parameters."""
    return re.compile(
        rf"(?<![\w$]){re.escape(name)}[\"']?\s*[:=]\s*(?:async\b\s*)?"
        rf"(?:function\b|class\b|[\w$]+\s*=>|(?P<opened>(?:<[^()]{{0,200}}>)?\())",
        re.I,
    )
