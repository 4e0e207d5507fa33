"""The plan of a training run, read from a TOML file: the repositories, and the settings of every stage."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

from indexer.errors import UsageError

from .consistency import Limits
from .embedder import Recipe
from .negatives import Choice
from .tokens import TokenOptions

T = TypeVar("T")

ENCODER, RANKERS = "encoder", "rankers"
"""The models that may learn from a repository."""


@dataclass(frozen=True, slots=True)
class PlannedRepository:
    """A repository to learn from, its commit, and the kind of model that learns from it.

    If `commit` is empty, the newest commit is used. Rankers weigh the encoder's scores, which are better on
    the encoder's training data than on a user's code. Rankers must therefore learn from other repositories.
    """

    name: str
    commit: str = ""
    use: str = ENCODER


@dataclass(frozen=True, slots=True)
class Mining:
    """The maximum numbers of functions and commits per repository."""

    limit: int = 8_000
    commits: int = 400
    seed: int = 0


@dataclass(frozen=True, slots=True)
class EncoderPlan:
    """All settings that determine the weights.

    `warm` is the recipe for training without hard negatives, and `hard` the recipe for training with them.
    """

    name: str
    repositories: tuple[PlannedRepository, ...] = ()
    mine: Mining = field(default_factory=Mining)
    tokens: TokenOptions = field(default_factory=TokenOptions)
    filter: Limits = field(default_factory=Limits)
    negatives: Choice = field(default_factory=Choice)
    warm: Recipe = field(default_factory=Recipe)
    hard: Recipe = field(default_factory=Recipe)

    @property
    def for_rankers(self) -> frozenset[str]:
        """The names of the repositories that the encoder does not learn from."""
        return frozenset(source.name for source in self.repositories if source.use == RANKERS)


_SECTIONS: Mapping[str, type[Any]] = {
    "mine": Mining,
    "tokens": TokenOptions,
    "filter": Limits,
    "negatives": Choice,
    "warm": Recipe,
    "hard": Recipe,
}


def read(path: Path) -> EncoderPlan:
    """The plan in a file. Raises UsageError if the file cannot be read, or if a key or value is wrong."""
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: cannot be read ({error}); name a training configuration") from error
    unknown = sorted(data.keys() - _SECTIONS.keys() - {"name", "repositories"})
    if unknown:
        raise UsageError(f"{path}: unknown section {unknown[0]!r}; known are: {', '.join(_SECTIONS)}")
    name = data.get("name")
    if not isinstance(name, str) or not name:
        raise UsageError(f'{path}: no name; begin the file with: name = "my-model"')
    rows = data.get("repositories", [])
    sources = tuple(_made(PlannedRepository, row, f"{path}: [[repositories]]") for row in rows)
    for source in sources:
        if source.use not in (ENCODER, RANKERS):
            raise UsageError(
                f"{path}: {source.name}: use must be {ENCODER!r} or {RANKERS!r}, not {source.use!r}"
            )
    settings = {
        section: _made(kind, data[section], f"{path}: [{section}]")
        for section, kind in _SECTIONS.items()
        if section in data
    }
    return EncoderPlan(name, sources, **settings)


def _made(kind: type[T], row: Any, where: str) -> T:
    """A dataclass from a TOML table. Raises UsageError if a key or the type of a value is wrong."""
    if not isinstance(row, dict):
        raise UsageError(f"{where}: is not a table; write one key = value per line")
    known = {one.name: one for one in fields(kind)}  # type: ignore[arg-type]
    values = {}
    for key, value in row.items():
        if key not in known:
            raise UsageError(f"{where}: unknown key {key!r}; known are: {', '.join(known)}")
        wanted = str(known[key].type)
        fits = {
            "int": type(value) is int,
            "float": type(value) in (int, float),
            "str": type(value) is str,
        }.get(wanted, isinstance(value, list) and all(type(one) in (int, float) for one in value))
        if not fits:
            raise UsageError(f"{where}: {key} = {value!r} is not of type {wanted}; correct it")
        values[key] = tuple(map(float, value)) if isinstance(value, list) else value
    try:
        return kind(**values)
    except TypeError as error:
        raise UsageError(f"{where}: {error}; add what is missing") from error
