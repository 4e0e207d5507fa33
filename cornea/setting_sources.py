"""Layered sources of settings: defaults < user file < project file < environment < flags.

`resolve` takes the declarations (`indexer/settings.py`) and the sources of values, and returns the values
with their origins. A project's own files are not trusted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from indexer.errors import ConfigError
from indexer.safe_read import read_regular
from indexer.settings import Setting

_MAX_BYTES = 1_000_000  # largest size of a settings file
_MAX_TEXT = 300  # largest length in characters of an error message that quotes a value
_MAX_NUMBER = 1_000_000_000
"""Largest number that a setting without a maximum accepts. An infinite time-out would overflow."""
_BOOLEANS = {
    **dict.fromkeys(("1", "true", "yes", "on"), True),
    **dict.fromkeys(("0", "false", "no", "off"), False),
}


@dataclass(frozen=True, slots=True)
class SettingSource:
    """A source of values: its name for messages, its values by key, and whether the user trusts it."""

    name: str
    values: Mapping[str, Any]
    trusted: bool = True


@dataclass(frozen=True, slots=True)
class Resolved:
    """The values by key, the origin of each value, and warnings about ignored settings."""

    values: Mapping[str, Any]
    origins: Mapping[str, str]
    warnings: tuple[str, ...] = ()


def resolve(settings: Iterable[Setting], sources: Sequence[SettingSource]) -> Resolved:
    """The values from `sources`, of which a later one overrides an earlier one. Raises ConfigError."""
    table = {setting.key: setting for setting in settings}
    values = {key: setting.default for key, setting in table.items()}
    origins = dict.fromkeys(table, "default")
    warnings: list[str] = []
    for source in sources:
        for key, value in source.values.items():
            setting = table.get(key)
            if setting is None:
                hint = _did_you_mean(key, table)
                warnings.append(f"{source.name}: unknown setting {_shown(key)}{hint}; ignored")
            elif not source.trusted and not setting.project_settable:
                warnings.append(
                    f"{source.name}: a repository may not set {key}; ignored "
                    f"(set it in your own configuration or as {setting.variable})"
                )
            else:
                values[key] = _check(setting, value, source.name)
                origins[key] = source.name
    return Resolved(values, origins, tuple(warnings))


def project_sources(root: Path) -> list[SettingSource]:
    """A repository's own, untrusted settings: [tool.cornea] of pyproject.toml, then `.cornea.toml`."""
    found = []
    pyproject = _read(root / "pyproject.toml", lenient=True).get("tool", {})
    if isinstance(pyproject, dict) and isinstance(pyproject.get("cornea"), dict):
        found.append(SettingSource("pyproject.toml", _flatten(pyproject["cornea"]), trusted=False))
    own = _read(root / ".cornea.toml")
    if own:
        found.append(SettingSource(".cornea.toml", _flatten(own), trusted=False))
    return found


def user_source(folder: Path) -> SettingSource:
    """The settings in the user's `config.toml`. Raises ConfigError if the file is invalid or unreadable."""
    path = folder / "config.toml"
    try:
        path.lstat()
    except PermissionError as error:
        raise ConfigError(
            f"{folder}: cannot be read ({error.strerror}); correct its owner and permissions, or set "
            f"CORNEA_HOME to a writable folder"
        ) from error
    except OSError:  # there is no file
        return SettingSource(str(path), {})
    return SettingSource(str(path), _flatten(_read(path)))


def environment_source(settings: Iterable[Setting], environment: Mapping[str, str]) -> SettingSource:
    """The values of the settings' environment variables. An empty variable counts as not set."""
    values = {s.key: _parse(s, environment[s.variable]) for s in settings if environment.get(s.variable)}
    return SettingSource("environment", values)


def _read(path: Path, *, lenient: bool = False) -> dict[str, Any]:
    """The content of a TOML file. Returns {} if the file does not exist.

    Raises ConfigError if the file is invalid or unreadable; with `lenient`, returns {} instead.
    """
    try:
        data, _ = read_regular(path, _MAX_BYTES + 1, follow_links=True)
        if len(data) > _MAX_BYTES:
            raise ValueError("not a regular file of at most 1 MB")
        import tomllib  # imported here, because most folders have no such file

        return tomllib.loads(data.decode("utf-8-sig"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, ValueError, RecursionError) as error:
        if lenient:
            return {}
        if isinstance(error, OSError):
            raise ConfigError(f"{path}: cannot be read ({error.strerror}); correct or remove it") from error
        raise ConfigError(f"{path}: not valid TOML ({error}); correct or remove it") from error


def _flatten(tables: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a TOML document, by `section.name`."""
    flat: dict[str, Any] = {}
    for section, table in tables.items():
        if isinstance(table, Mapping):
            flat.update({f"{section}.{name}": value for name, value in table.items()})
        else:
            flat[section] = table
    return flat


def _did_you_mean(key: str, table: Iterable[str]) -> str:
    import difflib

    close = difflib.get_close_matches(key, list(table), 1)
    return f" (did you mean {close[0]}?)" if close else ""


def _shown(key: str) -> str:
    """A key from an untrusted file, in a form that is safe to print."""
    return (key if key.isprintable() else ascii(key))[:80]


def _parse(setting: Setting, text: str) -> Any:
    """The value of an environment variable in the setting's type; invalid text as it is, for `_check`."""
    kind = type(setting.default)
    if kind is tuple:
        return tuple(part.strip() for part in text.split(",") if part.strip())
    if kind is bool:
        return _BOOLEANS.get(text.strip().lower(), text)
    if kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            return text
    return text


def _check(setting: Setting, value: Any, source: str) -> Any:
    """The value, converted to the setting's type. Raises ConfigError if it is not allowed."""
    where = setting.variable if source == "environment" else f"{source}: {setting.key}"
    is_number = type(setting.default) in (int, float) and type(value) in (int, float)
    most = _MAX_NUMBER if setting.maximum is None else setting.maximum
    if is_number and not -_MAX_NUMBER <= value <= most:  # the condition also refuses NaN
        raise ConfigError(f"{where} must be at most {most}, not {value!r}"[:_MAX_TEXT])
    typed = setting.typed(value)
    if typed is None:
        raise ConfigError(f"{where} must be {setting.kind}, not {value!r}"[:_MAX_TEXT])
    if setting.choices and typed not in setting.choices:
        raise ConfigError(f"{where} must be one of {', '.join(setting.choices)}, not {value!r}")
    if setting.minimum is not None and typed < setting.minimum:
        raise ConfigError(f"{where} must be at least {setting.minimum}, not {typed!r}")
    return typed
