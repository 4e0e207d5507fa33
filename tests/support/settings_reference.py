"""Writes what is generated from the declarations of settings: `python -m tests.support.settings_reference`.

`make docs` runs it. The tables of `docs/configuration.md` and `docs/editors.md`, the JSON Schema of settings
files, and the settings in the manifest of the extension for VS Code are generated.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from cornea.context import SETTINGS
from indexer.settings import Setting, declared
from lsp.settings import EditorSettings

ROOT = Path(__file__).parents[2]
EDITOR_SETTINGS = tuple(declared(EditorSettings).values())
_TYPES = {bool: "boolean", int: "integer", float: "number", str: "string", tuple: "array"}
_BEGIN, _END = "<!-- make docs writes this table -->", "<!-- end -->"
_PROPERTIES = re.compile(r'(?<="properties": )\{\n.*?\n      \}(?=\n)', re.DOTALL)


def settings_table(settings: Iterable[Setting] = SETTINGS) -> str:
    """The table of all settings for people."""
    rows = (
        f"| `{one.key}` | {_code(one.default)} | {_values(one)} "
        f"| {'yes' if one.project_settable else 'no'} | {one.help} |"
        for one in settings
    )
    return "\n".join(("| setting | default | values | in repositories | |", "|---|---|---|---|---|", *rows))


def editors_table(settings: Iterable[Setting] = EDITOR_SETTINGS) -> str:
    """The table of the language server's settings for people."""
    rows = (f"| `{one.key}` | {_code(one.default)} | {one.help}{_restriction(one)} |" for one in settings)
    return "\n".join(("| setting | default | |", "|---|---|---|", *rows))


def schema(settings: Iterable[Setting] = SETTINGS) -> str:
    """The JSON Schema of `config.toml` and `.cornea.toml`."""
    sections: dict[str, Any] = {}
    for one in settings:
        section, _, name = one.key.partition(".")
        table = sections.setdefault(
            section, {"type": "object", "additionalProperties": False, "properties": {}}
        )
        table["properties"][name] = _property(one, one.help)
    whole = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Settings of Cornea",
        "type": "object",
        "additionalProperties": False,
        "properties": sections,
    }
    return json.dumps(whole, indent=2) + "\n"


def extension_manifest(text: str, settings: Iterable[Setting] = EDITOR_SETTINGS) -> str:
    """The extension's manifest with the language server's settings, between those of the extension itself."""
    properties = json.loads(text)["contributes"]["configuration"]["properties"]
    given = {f"cornea.{one.key}": _property(one, f"{one.help[0].upper()}{one.help[1:]}.") for one in settings}
    own = ["cornea.command", "cornea.trace.server"]
    rows = {own[0]: properties[own[0]], **given, own[1]: properties[own[1]]}
    shown = ",\n".join(f"        {json.dumps(name)}: {_object(row)}" for name, row in rows.items())
    return _PROPERTIES.sub(lambda _: f"{{\n{shown}\n      }}", text, count=1)


GENERATED: Mapping[str, Callable[[str], str]] = {
    "docs/configuration.md": lambda text: _with_table(text, settings_table()),
    "docs/editors.md": lambda text: _with_table(text, editors_table()),
    "docs/schemas/settings.json": lambda text: schema(),
    "editors/vscode/package.json": extension_manifest,
}
"""File -> what makes its new text of its present text."""


def _with_table(text: str, table: str) -> str:
    """A document with the table between the marks. Raises ValueError if the marks are missing."""
    head, rest = text.split(_BEGIN)
    return f"{head}{_BEGIN}\n\n{table}\n\n{_END}{rest.split(_END)[1]}"


def _property(one: Setting, description: str) -> dict[str, Any]:
    """A setting as a JSON Schema."""
    kind = _TYPES[type(one.default)]
    items = {"items": {"type": "string"}} if kind == "array" else {}
    choices = {"enum": list(one.choices)} if one.choices else {}
    limits = {"minimum": one.minimum, "maximum": one.maximum}
    return {
        "type": kind,
        **items,
        **choices,
        "default": one.default,
        **{name: limit for name, limit in limits.items() if limit is not None},
        "description": description,
    }


def _object(row: Mapping[str, Any]) -> str:
    """A property with one line per key, which the manifest is easier to read with."""
    spaced = {name: re.sub(r"^\{(.*)\}$", r"{ \1 }", json.dumps(value)) for name, value in row.items()}
    lines = ",\n".join(f"          {json.dumps(name)}: {value}" for name, value in spaced.items())
    return f"{{\n{lines}\n        }}"


def _code(default: Any) -> str:
    return f"`{json.dumps(default)}`"


def _values(one: Setting) -> str:
    if one.choices:
        return ", ".join(f"`{choice}`" for choice in one.choices)
    limits = {"at least": one.minimum, "at most": one.maximum}
    return ", ".join((one.kind, *(f"{word} {limit}" for word, limit in limits.items() if limit is not None)))


def _restriction(one: Setting) -> str:
    if one.choices:
        return f": {', '.join(one.choices)}"
    return f" ({one.minimum} to {one.maximum})" if one.maximum is not None else ""


def main() -> None:
    """Write all generated texts."""
    for name, generate in GENERATED.items():
        path = ROOT / name
        path.write_text(generate(path.read_text("utf-8") if path.exists() else ""), "utf-8")


if __name__ == "__main__":
    main()
