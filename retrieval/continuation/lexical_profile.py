"""Computes the properties of code that the features use. The properties of a text are cached."""

from __future__ import annotations

import functools
from collections import Counter
from dataclasses import dataclass
from itertools import chain, pairwise

from indexer.encoding import bm25
from indexer.parsing import profiles

from . import lexemes

_KEYWORDS = frozenset(
    "abstract and as assert async await begin boolean break case catch char class const continue def "
    "default defer del delete do double elif else elsif end ensure enum except export extends false "
    "final finally float fn for foreach from func function global go goto if impl implements import in "
    "instanceof int interface is lambda let long loop match mod module mut namespace new nil none "
    "nonlocal not null or package pass private protected pub public raise range ref require rescue "
    "return select self static string struct super switch then this throw throws trait true try type "
    "typeof undefined unless until use var void volatile when where while with yield".split()
)
"""Words that no feature counts as names, in any language. The rankers were trained with these words. They are
not the keywords in the profiles of languages, because a new language must not change the features of others.
"""
_OPENS_END = frozenset(
    "def do class module begin case if unless while until for function quote let struct try".split()
)
_TAB = 4


@dataclass(frozen=True, slots=True)
class LexicalProfile:
    """The lexemes of a text, and values that are derived from the lexemes.

    `names` are the identifiers in the order of the text, without keywords; `known` is the set of `names`.
    `head` are the names in the first line that contains a name. `assigned` are the names of assigned
    variables. `free` are the names that look like variables: they are neither called nor accessed through
    another name. `parts` are the stemmed parts of all names. `nets` are, for each kind of bracket, the number
    of opening brackets minus the number of closing brackets. `ends` is the number of keywords that open a
    block minus the number of `end`, in languages with that keyword. `indents` are the columns of the lines
    that are not blank, from the second such line on. `marks` are the frequencies of style marks.
    """

    text: str
    lexemes: tuple[str, ...]
    names: tuple[str, ...]
    counts: Counter[str]
    known: frozenset[str]
    head: tuple[str, ...]
    assigned: frozenset[str]
    free: frozenset[str]
    parts: frozenset[str]
    bigrams: frozenset[tuple[str, str]]
    literals: frozenset[str]
    nets: tuple[int, int, int]
    ends: int
    indents: tuple[int, ...]
    tabs: bool
    lines: int
    marks: tuple[float, ...]


@functools.lru_cache(maxsize=1 << 10)
def read(text: str, language: str) -> LexicalProfile:
    """The profile of a text in a language."""
    found = tuple(lexemes.without_comments(lexemes.lexemes(text, language), language))
    names = tuple(filter(is_identifier, found))
    counts = Counter(found)
    solid = [one for one in found if one[0] != "\n"]
    lines = [line for line in text.split("\n") if line.strip()]
    assigned, free = _variables(solid)
    return LexicalProfile(
        text=text,
        lexemes=found,
        names=names,
        counts=counts,
        known=frozenset(names),
        head=_head(found),
        assigned=assigned,
        free=free,
        parts=frozenset(chain.from_iterable(map(_parts, set(names)))),
        bigrams=frozenset(pairwise(solid)),
        literals=frozenset(one for one in found if lexemes.is_literal(one)),
        nets=tuple(counts[a] - counts[b] for a, b in ("()", "[]", "{}")),  # type: ignore[arg-type]
        ends=_ends(found) if profiles.of(language).blocks == "end" else 0,
        indents=tuple(column(line) for line in lines[1:]),
        tabs=any(line[0] == "\t" for line in lines),
        lines=len(lines),
        marks=_marks(counts, len(solid)),
    )


def column(line: str) -> int:
    """The indentation of a line in columns."""
    white = len(line) - len(line.lstrip(" \t"))
    return white + (_TAB - 1) * line.count("\t", 0, white)


def is_keyword(name: str) -> bool:
    """Whether the word is a keyword of any language, without regard to case."""
    return name.lower() in _KEYWORDS


@functools.lru_cache(maxsize=1 << 16)
def is_identifier(lexeme: str) -> bool:
    """Whether a lexeme is a name and not a keyword."""
    return lexemes.is_name(lexeme) and lexeme.lower() not in _KEYWORDS


@functools.lru_cache(maxsize=1 << 16)
def _parts(name: str) -> tuple[str, ...]:
    return tuple(bm25.stem(part) for part in bm25.parts(name) if len(part) > 1)


def _head(found: tuple[str, ...]) -> tuple[str, ...]:
    names: list[str] = []
    for one in found:
        if one[0] == "\n":
            if names:
                break
        elif is_identifier(one):
            names.append(one)
    return tuple(names)


_ASSIGNS = frozenset("= := , in of : =>".split())
_DECLARES = frozenset("let var const val mut as for |".split())
_REACHES = frozenset((".", "->", "::", "?.", "new", "class"))
_CALLS = frozenset(("(", "::", ":", "{", "!", "<"))


def _variables(solid: list[str]) -> tuple[frozenset[str], frozenset[str]]:
    """Returns the assigned names, including loop variables and declared names.

    Also returns the names that look like variables.
    """
    assigned, free = set(), set()
    for before, one, after in zip(["", *solid], solid, [*solid[1:], ""], strict=False):
        if not is_identifier(one):
            continue
        if before != "." and (after in _ASSIGNS or before in _DECLARES):
            assigned.add(one)
        if after not in _CALLS and before not in _REACHES and not one.lstrip("$@")[:1].isupper():
            free.add(one)
    return frozenset(assigned), frozenset(free)


def _ends(found: tuple[str, ...]) -> int:
    """The number of keywords that open a block minus the number of `end`.

    A keyword such as `if` behind a statement opens no block.
    """
    depth, first, loop = 0, True, False
    for one in found:
        if one[0] == "\n" or one in (";", "="):
            first, loop = True, False
            continue
        if one == "end":
            depth -= 1
        elif one == "do":
            depth += not loop
        elif one in _OPENS_END and (first or one in ("def", "case", "function", "begin", "class")):
            depth += 1
            loop = one in ("while", "until", "for")
        first = False
    return depth


_MARKS = "; { : self this -> :: := end => @ let const var final '".split()


def _marks(counts: Counter[str], total: int) -> tuple[float, ...]:
    """The number of occurrences of each style mark, divided by the number of lexemes."""
    size = max(total, 1)
    return tuple(counts[mark] / size for mark in _MARKS)
