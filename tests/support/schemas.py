"""Validates what commands, hosts and the language server say against docs/schemas."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import jsonschema

SCHEMAS = Path(__file__).parents[2] / "docs" / "schemas"

JSONL = {"search": "search-jsonl", "similar": "search-jsonl", "locate": "locate-jsonl"}
"""What a command prints as lines of JSON with `--format jsonl`."""
SAME = {"similar": "search", "uninstall": "install", "callees": "callers", "impact": "callers"}
"""Commands that print what another command does."""
STREAMS = ("watch",)
"""Commands that print an object per line."""
GROUPS = ("bench", "train", "host")
"""Commands with commands of their own."""
INDENTED = ("bench", "train")
"""Commands that print one object on several lines."""


@lru_cache(maxsize=128)
def _validator(name: str) -> jsonschema.Draft202012Validator:
    schema = json.loads((SCHEMAS / f"{name}.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def validate(name: str, value: Any) -> None:
    """Fails if a value does not conform to the schema with this path below docs/schemas."""
    error = jsonschema.exceptions.best_match(_validator(name).iter_errors(value))
    assert error is None, f"{name}: {error.json_path}: {error.message[:500]}" if error else ""


def validate_output(args: Sequence[str], out: str) -> int:
    """Validates what a command printed to stdout. Returns the number of values that have a schema."""
    words = [word for word in args if not word.startswith("-")]
    command = next((word for word in words if word in COMMANDS), "")
    if not command or "--help" in args:
        return 0
    form = args[args.index("--format") + 1] if "--format" in args[:-1] else ""
    name = _schema_of(command, args, words, form)
    lines = out.splitlines() if command not in INDENTED else [out] if out else []
    if not name:
        return 0
    for line in lines:
        validate(f"commands/{name}", json.loads(line))
    return len(lines)


def validate_command(command: str, arguments: Sequence[Any], result: Any) -> None:
    """Validates the arguments and the result of a command of the language server."""
    name = command.removeprefix("cornea.")
    if arguments and isinstance(arguments[0], dict):
        validate(f"lsp/{name}-arguments", arguments[0])
    validate(f"lsp/{name}-result", result)


def _schema_of(command: str, args: Sequence[str], words: Sequence[str], form: str) -> str:
    """The name of the schema of each line that a command prints. Returns "" if it prints no JSON."""
    if "--batch" in args:
        return f"{SAME.get(command, command)}-batch"
    if form == "jsonl":
        return JSONL[command]
    if "--json" not in args and form != "json":
        return ""
    if command in GROUPS:
        return f"{command}-{words[words.index(command) + 1]}"
    if command == "status" and ("--skipped" in args or "--why" in args):
        return "status-skipped" if "--skipped" in args else "status-why"
    return SAME.get(command, command)


COMMANDS = frozenset(
    "bench callees callers clear completion continue doctor host impact index install locate lsp outline "
    "search similar status train uninstall watch".split()
)
