"""JSON Schemas of the tools, made from the types of their arguments and results.

They are as short as possible, because an agent pays for each token of them: without references, titles, the
dialect, and without descriptions that are for people who read this code.
"""

from __future__ import annotations

from typing import Any

import msgspec

_LEFT_OUT = ("title", "additionalProperties")
_PREFIX = "#/$defs/"


def input_schema(kind: type[msgspec.Struct]) -> dict[str, Any]:
    """The schema of a tool's arguments. Other arguments than those are refused."""
    return {**_schema(kind), "additionalProperties": False}


def output_schema(kind: type[msgspec.Struct]) -> dict[str, Any]:
    """The schema of a tool's result, to which later versions may add fields."""
    return _schema(kind)


def _schema(kind: type[msgspec.Struct]) -> dict[str, Any]:
    (root,), components = msgspec.json.schema_components((kind,), ref_template=_PREFIX + "{name}")
    found = _inlined(root, components)
    assert isinstance(found, dict)
    return found


def _inlined(value: Any, components: dict[str, Any]) -> Any:
    """A schema with each reference replaced by what it refers to."""
    if isinstance(value, list):
        return [_inlined(one, components) for one in value]
    if not isinstance(value, dict):
        return value
    if "$ref" in value:
        return _inlined(components[value["$ref"].removeprefix(_PREFIX)], components)
    if "properties" not in value:
        found = {name: _inlined(one, components) for name, one in value.items() if name not in _LEFT_OUT}
        return {"type": "string", **found} if "enum" in found else found  # some agents want the type
    members = {name: _inlined(one, components) for name, one in value["properties"].items()}
    required = value.get("required", [])
    ordered = {name: members[name] for name in (*required, *members)}
    return {"type": "object", "properties": ordered, **({"required": required} if required else {})}
