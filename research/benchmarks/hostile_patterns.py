"""Patterns that are made to take long: counts, alternations, nesting, sizes and states without end."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

_ATOMS = (
    ".", r"\w", r"\W", r"\d", r"\s", "a", "e", "[a-q]", "[^u-z]", r"\p{L}", r"\p{Lu}", r"[\w\s]", "(a|e)",
    "é",
)  # fmt: skip
_LOOKS = ("^", "$", r"\b", r"\B", r"\b{start}", r"\b{end-half}", r"\<", r"\>")


def hostile_patterns(count: int, seed: int) -> Iterator[str]:
    """`count` patterns. The same seed gives the same ones."""
    source = random.Random(seed)
    for number in range(count):
        yield _KINDS[number % len(_KINDS)](source)


def _counts(source: random.Random) -> str:
    first, second = (source.choice((10, 31, 100, 500, 1000, 1001, 99999)) for _ in range(2))
    return f"(?:{source.choice(_ATOMS)}{{{first}}}){{{second}}}"


def _ranges(source: random.Random) -> str:
    parts = (
        f"{source.choice(_ATOMS)}{{{source.randrange(20)},{source.choice((20, 100, 500, 1000))}}}"
        for _ in range(source.randint(1, 6))
    )
    return "".join(parts)


def _nested_stars(source: random.Random) -> str:
    pattern = source.choice(_ATOMS)
    for _ in range(source.randint(2, 60)):
        pattern = (
            f"({pattern}{source.choice(('*', '+', '?', '*?', '{1,3}'))}{source.choice(('', 'x', 'y'))})+"
        )
    return f"{pattern}zq"


def _deep(source: random.Random) -> str:
    depth = source.choice((50, 99, 101, 1000, 20_000))
    return "(" * depth + "a" + ")" * source.choice((depth, depth - 1))


def _many(source: random.Random) -> str:
    words = source.choice((100, 2_000, 12_000))
    return "|".join("".join(source.choices("abcdefgh_éX", k=7)) for _ in range(words))


def _many_with_looks(source: random.Random) -> str:
    return rf"\b(?:{_many(source)})\b{source.choice(_LOOKS)}"


def _long(source: random.Random) -> str:
    return source.choice((*_ATOMS, *_LOOKS)) * source.choice((1_000, 20_000, 100_000))


def _many_states(source: random.Random) -> str:
    size = source.choice((8, 13, 20, 200, 900))
    return f"{source.choice(('[a-q]', 'e', '[aeiou]', '(e|t)'))}[^u-z]{{{size}}}{source.choice('xzQ')}"


def _overlapping(source: random.Random) -> str:
    part = source.choice((".*", r"\w*", "(.*a|.*e)", "[^x]*"))
    return "".join(part + source.choice("aeiort") for _ in range(source.choice((5, 20, 60)))) + "$"


def _looks(source: random.Random) -> str:
    parts = (source.choice(_LOOKS) + source.choice(_ATOMS) + source.choice(("", "*", "+")) for _ in range(30))
    return "".join(parts)


def _classes(source: random.Random) -> str:
    parts = ("[" + "".join(chr(source.randrange(161, 0xD7FF)) for _ in range(40)) + "]" for _ in range(200))
    return source.choice(("", r"\b")) + "".join(parts)


def _nested_classes(source: random.Random) -> str:
    depth = source.choice((20, 60, 5_000))
    return "[a" * depth + "]" * depth


def _garbage(source: random.Random) -> str:
    return "".join(source.choices("()[]{}|*+?\\^$.-,&~aé1:=<>!#\n", k=source.choice((5, 50, 5_000))))


def _empty(source: random.Random) -> str:
    return source.choice(("", "(|a)*", "(?:){1000}", "(a*)*", "(a?){900}", r"\b*", "^*$*", "(|)*", "x{0}"))


_KINDS: tuple[Callable[[random.Random], str], ...] = (
    _counts, _ranges, _nested_stars, _deep, _many, _many_with_looks, _long, _many_states, _overlapping,
    _looks, _classes, _nested_classes, _garbage, _empty,
)  # fmt: skip
