"""Reads data files strictly, and writes files whole.

Any error in a data file becomes a UsageError with the file and the line number.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from indexer.errors import UsageError


def lines(path: Path) -> Iterator[tuple[int, str]]:
    """The non-blank lines of a UTF-8 file, numbered from 1. Raises UsageError."""
    try:
        with path.open("rb") as file:
            for number, raw in enumerate(file, 1):
                line = _decoded(path, number, raw).strip()
                if line:
                    yield number, line
    except OSError as error:
        raise UsageError(f"{path}: {_why(error)}; name a folder that holds this file") from error


def objects(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The line number and the JSON object of each line of a file. Raises UsageError."""
    for number, line in lines(path):
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise UsageError(f"{path}:{number}: not JSON ({error}); every line must be an object") from error
        if not isinstance(value, dict):
            raise UsageError(f"{path}:{number}: a JSON {type(value).__name__}; every line must be an object")
        yield number, value


def document(path: Path) -> Any:
    """The JSON value in a file. Raises UsageError."""
    try:
        return json.loads(path.read_bytes())
    except OSError as error:
        raise UsageError(f"{path}: {_why(error)}; name a folder that holds this file") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path}: not JSON ({error}); correct the file") from error


def write_json(path: Path, data: Any) -> None:
    """Write a JSON value, completely or not at all."""
    write_whole(path, (json.dumps(data, indent=1) + "\n").encode("utf-8"))


def write_whole(path: Path, content: bytes) -> None:
    """Write a file completely or not at all. The folder is created if it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_name(f".{path.name}")
    half.write_bytes(content)
    half.replace(path)


def text_of(value: Any) -> str:
    """The value as text, with lone surrogates replaced: JSON allows them, but the store does not."""
    return str(value).encode("utf-8", "replace").decode("utf-8")


def _decoded(path: Path, number: int, raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}:{number}: not UTF-8 ({error.reason}); convert the file") from error


def _why(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
