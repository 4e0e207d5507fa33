"""The registry of a task's features, and the columns that the features compute.

A feature is a function that returns a column: one value for each candidate. Its argument is the evidence,
which has the candidates. To add a feature, write its function and add it to the table of its module.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]
Column = NDArray[Any] | Sequence[float]
E = TypeVar("E")
K = TypeVar("K")
F = TypeVar("F", bound=Callable[..., Any])
Features = Mapping[str, Callable[[E], Column]]
"""A table of features of the evidence E, by name."""


def named(*functions: F) -> dict[str, F]:
    """A table of these functions, by the names of the functions."""
    return {one.__name__: one for one in functions}


def for_each(
    values: Iterable[K] | Mapping[K, str], table: Mapping[str, Callable[[K, E], Column]]
) -> Features[E]:
    """A table with each function for each value of its first parameter, under a name such as "title_gap".

    A mapping gives the values the names by which they appear in the names of the features.
    """
    pairs = values.items() if isinstance(values, Mapping) else ((value, value) for value in values)
    return {
        f"{name}_{feature}": partial(one, value) for value, name in pairs for feature, one in table.items()
    }


class FeatureRegistry(Mapping[str, Callable[[E], Column]]):
    """The features of a task, by name, in groups. Their order is the order of the columns.

    Features of the groups in `costly` come last, and are computed only for the best candidates. With
    `qualified`, the name of each feature begins with the name of its group and a dot.
    """

    def __init__(
        self, groups: Mapping[str, Features[E]], *, costly: Collection[str] = (), qualified: bool = False
    ) -> None:
        self.groups = {
            group: {f"{group}.{name}" if qualified else name: one for name, one in features.items()}
            for group, features in groups.items()
        }
        self._features = {name: one for features in self.groups.values() for name, one in features.items()}
        self.costly = tuple(name for group in costly for name in self.groups[group])
        self.cheap = tuple(name for name in self._features if name not in self.costly)
        self.names = (*self.cheap, *self.costly)
        if len(self.names) < sum(map(len, self.groups.values())):
            raise ValueError("two features have the same name")

    def __getitem__(self, name: str) -> Callable[[E], Column]:
        return self._features[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self._features)

    def matrix(self, evidence: E, names: Sequence[str] | None = None) -> Matrix:
        """The columns of the features with these names, or of all features [candidates, features].

        All values are finite: 0 replaces NaN and infinite values.
        """
        columns = [self._features[name](evidence) for name in (self.names if names is None else names)]
        rows = np.ascontiguousarray(np.stack(columns, axis=1), np.float32)
        return np.nan_to_num(rows, copy=False, posinf=0.0, neginf=0.0)
