"""What expressions stand for, and the definitions that calls mean."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from indexer.analysis.file_calls import MODULE

from .modules import Module

Place = tuple[int, int]
"""A file and the number of a definition in it."""

MOST = 6
"""Maximum number of names that an expression stands for. Overloads have one name."""
DEEPEST = 12
"""Steps from a name to what it stands for. Names may be bound in a circle."""


class Entity(NamedTuple):
    """What an expression stands for.

    A "class" is a class, an object with functions, or a type; an "instance" is a value of a class. Both have
    the file and the qualified name (`symbol`). A "function" has the file and its number.
    """

    kind: Literal["module", "class", "instance", "function", "outside"]
    file: int = -1
    symbol: str = ""
    number: int = MODULE
    module: Module | None = None


OUTSIDE = Entity("outside")
Entities = Sequence[Entity]


class Target(NamedTuple):
    """The definitions that a call means.

    If there are none, `outside` says whether it leaves the repository.
    """

    places: tuple[Place, ...] = ()
    outside: bool = False


def distinct(entities: Iterable[Entity]) -> Entities:
    """The entities, each once, of at most MOST names."""
    found = list(dict.fromkeys(entities))
    if len(found) <= MOST:
        return found
    names = set(list(dict.fromkeys((one.file, one.symbol, one.module) for one in found))[:MOST])
    return [one for one in found if (one.file, one.symbol, one.module) in names]
