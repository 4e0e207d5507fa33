"""A query's candidates with what their features share."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..alignment import Cut
from ..code import Code
from ..gathering import Found
from ..query import Prefix
from ..suggestion import Rest

Matrix = NDArray[np.float32]
Column = NDArray[np.float32] | Sequence[float]


@dataclass(frozen=True, slots=True)
class Option:
    """A fragment cut where it may follow the cursor, and the code behind the cut."""

    found: Found
    cut: Cut
    code: Code
    rest: Rest | None = None

    @property
    def text(self) -> str:
        """What follows the cut."""
        return self.code.text

    @property
    def lead(self) -> str:
        """The white space that goes before it."""
        return self.rest.lead if self.rest else ""


@dataclass(slots=True)
class Pool:
    """All options of a query. `rarity` is ln of how many candidates there are for one that has a name."""

    prefix: Prefix
    options: Sequence[Option]
    rarity: dict[str, float] = field(default_factory=dict)
    common: float = 0.0

    def __post_init__(self) -> None:
        count: Counter[str] = Counter()
        for option in self.options:
            count.update(option.code.known)
        size = len(self.options) + 1
        self.rarity = {name: math.log((size + 1) / (n + 0.5)) for name, n in count.items()}
        self.common = math.log((size + 1) / 0.5)

    def weight(self, names: Iterable[str]) -> float:
        """The summed rarity of names."""
        return math.fsum(self.rarity.get(name, self.common) for name in names)

    def weigh(self, names: Sequence[str]) -> Matrix:
        """The rarity [n] of names, in their order."""
        return np.array([self.rarity.get(name, self.common) for name in names], np.float32)


@dataclass(frozen=True, slots=True)
class Feature:
    """A column by name."""

    name: str
    values: Callable[[Pool], Column]


def each(function: Callable[[Prefix, Option], float]) -> Feature:
    """A feature that looks at a candidate at a time, under the function's name."""
    return Feature(function.__name__, lambda pool: [function(pool.prefix, option) for option in pool.options])


def whole(function: Callable[[Pool], Column]) -> Feature:
    """A feature that compares the candidates, under the function's name."""
    return Feature(function.__name__, function)
