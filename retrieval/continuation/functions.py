"""Finds the function around a cursor by indentation and by patterns of function heads.

It uses no grammar, because unfinished code rarely parses.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from indexer.parsing import profiles
from indexer.parsing.profiles import LanguageProfile

from . import lexemes
from .lexical_profile import column

LOOK_BACK = 300
"""Maximum number of lines before the cursor in which the head of the function is looked for."""

_WORDS = frozenset("def defp defmacro func function fn fun sub method macro".split())
"""Words that begin a function in any language. The rankers were trained on functions found by these."""
_DECLARED = re.compile(
    r"^\s*(?:export\s+)?(?:default\s+)?(?:const|let|var)\s+([\w$]+)\s*(?::[^=]+)?="
    r"\s*(?:$|async\b|<|\(|[\w$]+\s*=>|.*\bfunction\b)"
)
_ASSIGNED = re.compile(
    r"^\s*(?:(?:public|private|protected|static|readonly)\s+)*\$?([\w$.]+)\s*(?::[^=]+)?[:=]\s*"
    r"(?:[\w$.]+\s*=\s*)*(?:async\s*)?(?:function\b|\([^()]*\)\s*(?::[^=]*)?=>|[\w$]+\s*=>)"
)
_TYPED = re.compile(r"^\s*(?:[\w$<>\[\],.?&*:~@]+\s+)*?[*&]*([\w$~:]+)\s*\(")
_CONTROL = frozenset(
    "if else elif for foreach while until switch match case catch try with when return await throw new "
    "do select unless synchronized using lock super this sizeof assert print echo yield raise and or "
    "not in is".split()
)
_STATEMENT = re.compile(r"^\s*(?:return|throw|await|new|yield|else|raise|import|from|using|package)\b")


@functools.cache
def _with_word(language: LanguageProfile) -> re.Pattern[str]:
    """Matches the head of a function that a word begins. Group 1 is the function's name."""
    words = "|".join(sorted(_WORDS | set(language.function_words)))
    return re.compile(
        rf"^\s*(?:[\w@:<>()\[\]*&'\"\s]*?\b)?(?:{words})\b"
        r"\s*(?:\([^)]*\)\s*)?\*?\s*((?:[\w$]+[.:])*[\w$?!=]*)"
    )


@dataclass(frozen=True, slots=True)
class FunctionHead:
    """The first line of a function: the line's index, and the function's name, or "" without a name."""

    line: int
    name: str


def named(line: str, language: str) -> str | None:
    """Returns the name of the function that begins in a line; "" for a function without a name.

    Returns None if no function begins in the line.
    """
    profile = profiles.of(language)
    if profile.family == "ecma" and (match := _DECLARED.match(line)):
        return match[1]
    if match := _ASSIGNED.match(line):
        return match[1].rpartition(".")[2]
    if match := _with_word(profile).match(line):
        before = line[: match.start(1)]
        if '"' not in before and "=" not in before and ";" not in before:
            return re.split(r"[.:]", match[1])[-1]
    if profile.function_words or _STATEMENT.match(line) or line.rstrip().endswith(";"):
        return None
    if match := _TYPED.match(line):
        name = match[1].rpartition(":")[2]
        return None if name in _CONTROL or "=" in line[: match.end()] else name
    return None


def enclosing(lines: Sequence[str], language: str) -> FunctionHead | None:
    """Returns the outermost function that begins in the last LOOK_BACK lines and is open after the last line.

    Returns None if there is no such function.
    """
    limit = _limit(lines)
    found: FunctionHead | None = None
    for number in range(len(lines) - 1, max(-1, len(lines) - 1 - LOOK_BACK), -1):
        line = lines[number]
        if not line.strip():
            continue
        indent = column(line)
        first = number == len(lines) - 1
        if indent < limit or first or (indent == limit and found is None):
            name = named(line, language)
            if name is not None and _is_open(lines[number:], language):
                found, limit = FunctionHead(number, name), indent
                continue
            if name is not None and indent < limit:
                continue
        # A closing line such as `):` or `}` belongs to a head above this line, at the same depth.
        if line.lstrip()[0] not in ")]}" and indent < limit:
            limit = indent
        if limit == 0 and indent == 0 and line[0] not in ")]}" and found is not None:
            break
    return found


def _limit(lines: Sequence[str]) -> int:
    """The column before which the head of the open function must begin.

    It depends on the indentation of the last line, or of the last line with text if the last line is empty.
    """
    if not lines:
        return 0
    last = lines[-1]
    if last.strip():
        return column(last)
    if column(last):
        return column(last) + 1
    above = next((line for line in reversed(lines) if line.strip()), "")
    return column(above) + 1 if above else 0


def _is_open(lines: Sequence[str], language: str) -> bool:
    """Whether the function that begins in the first line is open after the last line."""
    blocks = profiles.of(language).blocks
    if blocks == "indentation" or len(lines) == 1:
        return True
    text = "\n".join(lines)
    found = lexemes.lexemes(text, language)
    if "{" not in found:
        head = column(lines[0])
        return blocks != "end" or not any(
            line.strip() == "end" and column(line) == head for line in lines[1:]
        )
    opened, _ = lexemes.unclosed(found)
    return bool(opened)
