"""Declarations of settings. `cornea/setting_sources.py` reads their values.

A package declares each of its settings once, as a field of a dataclass, with the function `setting`.
`arguments` makes the arguments of the dataclass from the values. A project's own files may only set
`project_settable` settings, because a cloned repository must not choose where code is sent or which model is
loaded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, TypeVar

_KINDS = {
    str: "a string",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    tuple: "a list of strings",
}
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its key `section.name`, its default value, its help text, and which values are allowed.

    The type of the default is the type of the setting.
    """

    key: str
    default: Any
    help: str
    project_settable: bool = False
    """Whether a project's own file may set it."""
    secret: bool = False
    """Whether its value must not be shown."""
    choices: tuple[str, ...] = ()
    minimum: int | float | None = None
    maximum: int | None = None

    @property
    def variable(self) -> str:
        """The name of the setting's environment variable, for example CORNEA_STORE_URL for store.url."""
        return "CORNEA_" + self.key.replace(".", "_").upper()

    @property
    def kind(self) -> str:
        """What a value must be, for messages, for example "a whole number"."""
        return _KINDS[type(self.default)]

    def typed(self, value: Any) -> Any:
        """The value in the setting's type. Returns None if it has another type; true is not a number."""
        kind = type(self.default)
        if kind is tuple:
            texts = isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)
            return tuple(value) if texts else None
        if kind is float and type(value) is int:
            return float(value)
        return value if type(value) is kind else None


def setting(section: str, default: _T, help: str, *, name: str = "", **rules: Any) -> _T:
    """A field of a dataclass that declares the setting `section.name`. `rules` are other fields of `Setting`.

    Without a `name`, it is that of the field, of which a prefix `section_` is left out.
    """
    return field(default=default, metadata={"section": section, "name": name, "help": help, "rules": rules})


def declared(holder: type) -> dict[str, Setting]:
    """The settings that the fields of a dataclass declare, by the name of the field."""
    found = {}
    for one in fields(holder):
        if facts := one.metadata:
            name = facts["name"] or one.name.removeprefix(f"{facts['section']}_")
            key = f"{facts['section']}.{name}"
            found[one.name] = Setting(key, one.default, facts["help"], **facts["rules"])
    return found


def arguments(holder: type, values: Mapping[str, Any]) -> dict[str, Any]:
    """The resolved values of the settings that a dataclass declares, by the name of the field."""
    return {name: values[one.key] for name, one in declared(holder).items()}
