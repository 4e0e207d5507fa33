"""The root that a command works on, and the settings for the root.

Settings come from these sources, of which a later source overrides an earlier source: defaults, the user's
`config.toml`, the root's `pyproject.toml` and `.cornea.toml` (harmless keys only), the environment, flags. If
CORNEA_HOME is set, that folder holds `config.toml` and `indexes/`; otherwise, they are in the platform's
folders for configuration and caches.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from indexer.config import Config
from indexer.errors import ConfigError, UsageError
from indexer.index.catalog import folder_of, read_info
from indexer.settings import Setting, arguments, declared
from retrieval.config import SearchConfig
from retrieval.host.settings import HostSettings

from .setting_sources import (
    Resolved,
    SettingSource,
    environment_source,
    project_sources,
    resolve,
    user_source,
)

SETTINGS: tuple[Setting, ...] = tuple(
    setting for holder in (Config, SearchConfig, HostSettings) for setting in declared(holder).values()
)
"""The settings of all packages."""


@dataclass(frozen=True, slots=True)
class Context:
    """A root and its current settings."""

    root: Path
    config: Config
    search: SearchConfig
    resolved: Resolved

    @property
    def folder(self) -> Path:
        """The folder of the root's index. It need not exist."""
        return folder_of(self.root, self.config.home)

    @property
    def indexed(self) -> bool:
        """Whether the root has an index."""
        return read_info(self.folder) is not None


def load(folder: Path | None = None, flags: Mapping[str, Any] | None = None) -> Context:
    """The context of the root `folder`; without `folder`, of the root that contains the working directory.

    Raises UsageError if `folder` is not a folder, and ConfigError for an invalid setting.
    """
    home = home_folder()
    root = real_folder(folder) if folder is not None else find_root(working_folder(), home)
    sources = [source for read in _readers(root) for source in read()]
    return _context(root, home, [*sources, SettingSource("flag", flags or {})])


def load_valid(folder: Path | None = None) -> tuple[Context, list[str]]:
    """Like `load`, but ignores the sources of settings that have an error. Also returns these errors.

    Commands that diagnose problems call this function. Raises UsageError if `folder` is not a folder.
    """
    home = home_folder()
    root = real_folder(folder) if folder is not None else find_root(working_folder(), home)
    sources: list[SettingSource] = []
    errors: list[str] = []
    for read in _readers(root):
        try:
            found = read()
            _context(root, home, [*sources, *found])
        except ConfigError as error:
            errors.append(str(error))
        else:
            sources += found
    return _context(root, home, sources), errors


def _readers(root: Path) -> tuple[Callable[[], list[SettingSource]], ...]:
    """Functions that read the sources of settings. A later source overrides an earlier source."""
    return (
        lambda: [user_source(user_folder())],
        lambda: project_sources(root),
        lambda: [environment_source(SETTINGS, os.environ)],
    )


def _context(root: Path, home: Path, sources: list[SettingSource]) -> Context:
    resolved = resolve(SETTINGS, sources)
    config = Config(home, **arguments(Config, resolved.values))
    if config.languages:
        from indexer.parsing.languages import check_names

        check_names(config.languages, f"{resolved.origins['index.languages']}: index.languages")
    return Context(root, config, SearchConfig.build(resolved.values), resolved)


def find_root(start: Path, home: Path) -> Path:
    """The first of `start` and its parents that has an index or a git repository; `start` if none has."""
    start = start.resolve()
    for folder in (start, *start.parents):
        if read_info(folder_of(folder, home)) is not None or os.path.exists(folder / ".git"):  # noqa: PTH110
            return folder
    return start


def root_around(folder: Path | None) -> Path | None:
    """The root that a command in `folder` would use, or None if `folder` is None.

    Raises UsageError if `folder` does not exist.
    """
    return None if folder is None else find_root(real_folder(folder), home_folder())


def home_folder() -> Path:
    """The folder of all indexes."""
    own = os.environ.get("CORNEA_HOME")
    if own:
        return _absolute(own)
    from platformdirs import user_cache_path

    try:
        return _checked(user_cache_path("cornea"))
    except RuntimeError as error:
        raise ConfigError(
            f"no folder for the indexes: HOME is not an absolute path and user {os.getuid()} has no home "
            f"folder; set CORNEA_HOME to a writable folder"
        ) from error


def user_folder() -> Path:
    """The folder of the user's `config.toml`. If the user has no home, it is the folder of all indexes."""
    own = os.environ.get("CORNEA_HOME")
    if own:
        return _absolute(own)
    from platformdirs import user_config_path

    try:
        return _checked(user_config_path("cornea"))
    except RuntimeError:
        return home_folder()


def user_file() -> Path:
    """The path of the user's `config.toml`, which need not exist."""
    return user_folder() / "config.toml"


def working_folder() -> Path:
    """The working directory. Raises UsageError if it was deleted."""
    try:
        return Path.cwd()
    except OSError as error:
        raise UsageError("the working directory is gone; change to another one") from error


def real_folder(path: Path) -> Path:
    """The path of an existing folder, with symlinks and dots resolved.

    Raises UsageError if `path` is not an existing folder.
    """
    if not path.is_absolute():
        working_folder()  # raises UsageError if the working directory was deleted
    try:
        real = path.resolve(strict=True)
    except (OSError, ValueError, RuntimeError) as error:
        why = getattr(error, "strerror", None) or "not a path"
        raise UsageError(f"{path}: {str(why).lower()}; name an existing folder") from error
    if not real.is_dir():
        raise UsageError(f"{path}: not a directory; name the folder that it is in")
    return real


def is_too_wide(root: Path) -> bool:
    """Whether a root is probably a mistake: `/`, the home folder, or a folder above the home folder."""
    if root == Path(root.anchor):
        return True
    named = os.path.expanduser("~")  # noqa: PTH111 - Path.home raises an error if the user has no home
    if not os.path.isabs(named):  # noqa: PTH117 - without a home, `named` is not a path
        return False
    home = Path(named).resolve()
    return root == home or root in home.parents


def _checked(path: Path) -> Path:
    """A folder that platformdirs chose.

    Raises RuntimeError if it is relative, as for a user without a home.
    """
    if not path.is_absolute():
        raise RuntimeError(f"{path}: not an absolute path")
    return path


def _absolute(path: str) -> Path:
    try:
        return Path(path).expanduser().absolute()
    except (RuntimeError, OSError) as error:
        raise UsageError(f"CORNEA_HOME: {path!r} is not a valid path ({error})") from error
