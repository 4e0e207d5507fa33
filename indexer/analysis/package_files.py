"""What the file of a package says of its name, so that imports by this name can be followed."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from pathlib import PurePosixPath
from typing import Any

_GO_MODULE = re.compile(rb"^module\s+\"?([^\s\"]+)", re.MULTILINE)
_CRATE = re.compile(rb"^\[(?:package|lib)\][^\[]*?^name\s*=\s*\"([\w-]+)\"", re.MULTILINE)
_COMMENT = re.compile(rb"(\"(?:\\.|[^\"\\])*\")|//[^\n]*|/\*.*?\*/", re.DOTALL)
_TRAILING = re.compile(rb",(\s*[}\]])")
NAME, MAIN, ALIAS = "name", "main", "alias:"
"""The keys of facts: the package's name, its first module, and, behind ALIAS, each pattern of paths."""


def facts(path: str, text: bytes) -> dict[str, str]:
    """The facts of a package's file, {} for any other file and for one that is not valid."""
    name = PurePosixPath(path).name
    if name == "package.json":
        return _of_package(_object(text))
    if name.startswith(("tsconfig", "jsconfig")) and name.endswith(".json"):
        return _of_typescript(_object(_TRAILING.sub(rb"\1", _COMMENT.sub(rb"\1", text))))
    pattern = {"go.mod": _GO_MODULE, "Cargo.toml": _CRATE}.get(name)
    found = pattern.search(text) if pattern else None
    return (
        {NAME: found[1].decode("utf-8", "replace").replace("-", "_" if name == "Cargo.toml" else "-")}
        if found
        else {}
    )


def _object(text: bytes) -> dict[str, Any]:
    with suppress(ValueError, RecursionError):
        value = json.loads(text)
        if isinstance(value, dict):
            return value
    return {}


def _of_package(package: dict[str, Any]) -> dict[str, str]:
    found = {
        NAME: package.get("name"),
        MAIN: package.get("source") or package.get("module") or package.get("main"),
    }
    return {key: value for key, value in found.items() if isinstance(value, str)}


def _of_typescript(settings: dict[str, Any]) -> dict[str, str]:
    options = settings.get("compilerOptions")
    options = options if isinstance(options, dict) else {}
    base, paths = options.get("baseUrl"), options.get("paths")
    found = {}
    for pattern, targets in paths.items() if isinstance(paths, dict) else ():
        first = targets[0] if isinstance(targets, list) and targets else None
        if isinstance(first, str):
            found[ALIAS + pattern] = str(PurePosixPath(base if isinstance(base, str) else ".", first))
    return found
