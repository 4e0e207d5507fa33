"""Layered settings: defaults < user file < project file < environment < flags, each value with where it came from.

A layer declares its settings as a table of `Setting`; `resolve` turns the tables and the sources into values. A project's
own files may set only what its author marked `harmless`: a cloned repository must not choose where code is sent or
which model is loaded.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import ConfigError


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: `section.name`, its default (whose type it must have), what it means, and who may set it."""

    key: str
    default: Any
    help: str
    harmless: bool = False
    """A project's own file may set it."""
    choices: tuple[str, ...] = ()
    minimum: int | float | None = None

    @property
    def variable(self) -> str:
        """The environment variable: CORNEA_STORE_URL for store.url."""
        return "CORNEA_" + self.key.replace(".", "_").upper()


@dataclass(frozen=True, slots=True)
class Source:
    """Where values come from: a name that people understand, and values by key."""

    name: str
    values: Mapping[str, Any]
    trusted: bool = True


@dataclass(frozen=True, slots=True)
class Resolved:
    """Values by key, the origin of each, and remarks about what was ignored."""

    values: Mapping[str, Any]
    origins: Mapping[str, str]
    warnings: tuple[str, ...] = ()


def resolve(settings: Iterable[Setting], sources: Sequence[Source]) -> Resolved:
    """The last source that names a key wins. Raises ConfigError for a value of the wrong type or range."""
    table = {setting.key: setting for setting in settings}
    values = {key: setting.default for key, setting in table.items()}
    origins = dict.fromkeys(table, "default")
    warnings: list[str] = []
    for source in sources:
        for key, value in source.values.items():
            setting = table.get(key)
            if setting is None:
                warnings.append(f"{source.name}: unknown setting {key}{_did_you_mean(key, table)}; ignored")
            elif not source.trusted and not setting.harmless:
                warnings.append(
                    f"{source.name}: a repository may not set {key}; ignored "
                    f"(set it in your own configuration or as {setting.variable})"
                )
            else:
                values[key] = _check(setting, value, source.name)
                origins[key] = source.name
    return Resolved(values, origins, tuple(warnings))


def project_sources(root: Path) -> list[Source]:
    """`[tool.cornea]` of pyproject.toml, then `.cornea.toml`, of a repository; neither is trusted."""
    found = []
    pyproject = _read(root / "pyproject.toml", lenient=True).get("tool", {})
    if isinstance(pyproject, dict) and isinstance(pyproject.get("cornea"), dict):
        found.append(Source("pyproject.toml", _flatten(pyproject["cornea"]), trusted=False))
    own = _read(root / ".cornea.toml")
    if own:
        found.append(Source(".cornea.toml", _flatten(own), trusted=False))
    return found


def user_source(folder: Path) -> Source:
    """The user's own `config.toml`."""
    path = folder / "config.toml"
    return Source(str(path), _flatten(_read(path)))


