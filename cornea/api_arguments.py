"""Checks the arguments of the Python API. The errors are those of the command line for the same mistake."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from indexer.errors import UsageError
from retrieval.config import MAX_LIMIT, UNTIL
from retrieval.host.requests import ContinueParams
from retrieval.typed_json import decode

from .buffers import file_buffer
from .context import SETTINGS, Context, load
from .options import Kinds, Languages, NameList
from .places import CodeLocation, location_of, relative_to_root

StrPath = str | os.PathLike[str]


def context_of(path: StrPath, settings: Mapping[str, object]) -> Context:
    """The root and its settings. Raises UsageError for a wrong path, or an unknown setting."""
    flags = {name.replace("__", ".", 1): value for name, value in settings.items()}
    known = [setting.key for setting in SETTINGS]
    for key in flags:
        if key not in known:
            import difflib

            close = difflib.get_close_matches(key, known, 1)
            hint = f"did you mean {close[0].replace('.', '__')}?" if close else "`cornea status` lists them"
            raise UsageError(f"{key.replace('.', '__')}: no such setting; {hint}")
    try:
        folder = Path(path).expanduser()
    except TypeError as error:
        raise UsageError(f"{path!r} is not a path; pass a string or a Path") from error
    except RuntimeError as error:  # the path begins with ~USER, and there is no such user
        raise UsageError(f"{path}: {error}; write the folder's whole path") from error
    return load(folder, flags)


def hits_params(
    context: Context,
    limit: int | None,
    per_file: int | None,
    languages: Sequence[str],
    globs: Sequence[str],
    kinds: Sequence[str],
    tests: bool | None,
    folder: StrPath,
) -> dict[str, Any]:
    """The fields that all search requests have. Raises UsageError for a wrong argument."""
    settings = context.search
    patterns = texts("globs", globs)
    if patterns:
        from retrieval import filtering

        filtering.match(patterns, ())  # raises UsageError
    return {
        "limit": count("limit", settings.limit if limit is None else limit),
        "per_file": count("per_file", settings.per_file if per_file is None else per_file),
        "languages": names("languages", Languages(), languages),
        "globs": patterns,
        "kinds": names("kinds", Kinds(), kinds),
        "tests": tests,
        "folder": folder_in_root(folder, context),
        "explain": True,
    }


def continue_params(
    context: Context,
    path: StrPath,
    line: int | None,
    column: int | None,
    text: str | None,
    language: str,
    limit: int,
    until: str,
    everything: bool,
) -> ContinueParams:
    """A request for suggestions in a file, or in `text` if there is one. Raises UsageError."""
    if until not in UNTIL:
        raise UsageError(f"until: {until!r} is not one of: {', '.join(UNTIL)}")
    if text is None:
        if line is None:
            raise UsageError("line: missing; without `text`, a file and a line are needed")
        buffer = file_buffer(in_root(path, context), context)
        path, text, language = buffer.path, buffer.text, language or buffer.language
    elif path:
        path = relative_to_root(in_root(path, context), context)
    return decode(
        ContinueParams,
        {
            "path": os.fspath(path),
            "text": text,
            "language": language_name(language),
            "line": line,
            "column": column,
            "limit": count("limit", limit),
            "until": until,
            "everything": everything,
            "explain": True,
        },
    )


def place(context: Context, path: StrPath, line: int) -> CodeLocation:
    """The line of a file. Raises UsageError if the root has no such file, or the file no such line."""
    if isinstance(line, bool) or not isinstance(line, int):
        raise UsageError(f"line: {line!r} is not a whole number")
    return location_of(in_root(path, context), line, context)


def in_root(path: StrPath, context: Context) -> str:
    """The absolute path of a file that is given relative to the root. Raises UsageError if it is no path."""
    try:
        name = os.fspath(path)
    except TypeError as error:
        raise UsageError(f"path: {path!r} is not a path; pass a string or a Path") from error
    if not isinstance(name, str) or not name or "\0" in name:
        raise UsageError(f"path: {name!r} is not a path; name a file inside the root, such as src/server.py")
    return str(context.root / name)


def folder_in_root(folder: StrPath, context: Context) -> str:
    """The path of a folder relative to the root; "" is the root. Raises UsageError if it is outside."""
    if folder == "":
        return ""
    found = Path(in_root(folder, context))
    if os.path.realpath(found) == str(context.root):
        return ""
    return relative_to_root(str(found), context)


def language_name(word: str) -> str:
    """The name of a language, by its name, an extension or an alias; "" stays. Raises UsageError."""
    return names("language", Languages(), [word])[0] if word else ""


def text_of(name: str, value: str) -> str:
    """`value` if it is a text. Raises UsageError, which names the argument, otherwise."""
    if not isinstance(value, str):
        raise UsageError(f"{name!r} must be a string")
    return value


def count(name: str, value: int) -> int:
    """`value` if it is a valid number of answers. Raises UsageError, with the text of the options' error."""
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MAX_LIMIT:
        raise UsageError(f"{name}: {value!r} is not a whole number from 1 to {MAX_LIMIT}")
    return value


def names(name: str, kind: NameList, words: Sequence[str]) -> tuple[str, ...]:
    """The names of `words`, each once. Raises UsageError, which names the argument, for an unknown one."""
    return tuple(dict.fromkeys(kind.checked(word) for word in texts(name, words)))


def texts(name: str, words: Sequence[str]) -> tuple[str, ...]:
    """A list of strings. Raises UsageError, which names the argument, for anything else."""
    if isinstance(words, str):
        raise UsageError(f"{name}: {words!r} is one string; pass a list of strings: [{words!r}]")
    try:
        found = tuple(words)
    except TypeError as error:
        raise UsageError(f"{name}: {words!r} is not a list of strings") from error
    if not all(isinstance(word, str) for word in found):
        raise UsageError(f"{name}: {words!r} is not a list of strings")
    return found
