"""Writes the changes for agents into their files, and takes them back.

Each change leaves a record in the home folder of Cornea, so that taking it back restores the file byte for
byte if nobody else has changed it, and removes what was created. A file that is a link stays one: the file
that it names is written. A file is replaced in one step, so that nobody reads half of it.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct

from indexer.errors import CorneaError, UsageError

from . import jsonc, toml
from .hosts import Change, ConfigEntry, TextFile, is_our_hook

RECORDS = "agents.json"
_MOST_BYTES = 64 << 20
"""A larger file is no configuration."""


class ChangeRecord(Struct, kw_only=True, omit_defaults=True):
    """What `apply` did to a file. `path` is empty for a file of ours.

    `undo` and `lead` are what `jsonc` and `toml` need to restore the text, and `is_created` says that there
    was no file before.
    """

    agent: str
    file: str
    path: tuple[str, ...] = ()
    is_item: bool = False
    is_created: bool = False
    folders: tuple[str, ...] = ()
    undo: jsonc.Undo = msgspec.field(default_factory=jsonc.Undo)
    lead: str = ""


def load_records(home: Path) -> list[ChangeRecord]:
    """The records of all changes. Raises UsageError if the file of records is damaged."""
    file = home / RECORDS
    try:
        return msgspec.json.decode(file.read_bytes(), type=list[ChangeRecord])
    except FileNotFoundError:
        return []
    except msgspec.DecodeError as error:
        raise UsageError(f"{file}: damaged ({error}); delete it, then remove the entries by hand") from error


def save_records(home: Path, records: Iterable[ChangeRecord]) -> None:
    """Write the records of all changes."""
    found = list(records)
    file = home / RECORDS
    if found:
        home.mkdir(parents=True, exist_ok=True)
        _write(file, msgspec.json.encode(found))
    else:
        file.unlink(missing_ok=True)


class PlannedChange(NamedTuple):
    """A change that is ready to be written: the file after links, its new text, and the record."""

    file: Path
    text: str
    record: ChangeRecord


def plan(agent: str, change: Change, known: ChangeRecord | None) -> PlannedChange | None:
    """What `write` would do for a change. Returns None if the file has it already.

    `known` is the record of the same change by an earlier run. Raises CorneaError, which names the file.
    """
    file = _target(change.file)
    before = _read(file)
    old = before or ""
    if known is not None and isinstance(change, ConfigEntry):
        old = _undone(old, known, change.file)
    record = record_of(agent, change)
    if isinstance(change, TextFile):
        after = change.text
    else:
        after, record = _added(old, change, record)
    if after == before:
        return None
    if known is None and _is_foreign(before, change):
        what = ".".join(change.path) if isinstance(change, ConfigEntry) else "a file"
        raise UsageError(
            f"{change.file}: {what} is there already, and not as `cornea install` writes it; "
            "rename or remove it and run the command again"
        )
    record.is_created = known.is_created if known is not None else before is None
    record.folders = known.folders if known is not None else tuple(_missing_folders(file))
    return PlannedChange(file, after, record)


def is_made(change: Change) -> bool:
    """Whether a file has what a change writes. Raises CorneaError, which names the file."""
    before = _read(_target(change.file))
    if isinstance(change, TextFile):
        return before == change.text
    if before is None:
        return False
    found = _found(before, change)
    if change.is_item:
        return isinstance(found, list) and any(map(is_our_hook, found))
    return bool(found == change.value)


def _is_foreign(before: str | None, change: Change) -> bool:
    """Whether what a change would replace is there, and not as the change writes it."""
    if before is None:
        return False
    if isinstance(change, TextFile):
        return before != change.text
    found = None if change.is_item else _found(before, change)  # beside an item, there may be others
    return found is not None and found != change.value


def _found(text: str, change: ConfigEntry) -> Any:
    """The value under the path of a change. Returns None if there is none."""
    try:
        read = toml.value_at if change.file.suffix == ".toml" else jsonc.value_at
        return read(text, change.path)
    except UsageError as error:
        raise UsageError(f"{change.file}: {error}; the file was not changed") from error


def write(planned: PlannedChange) -> None:
    """Write a change. Raises CorneaError, which names the file, and then the file is as it was."""
    try:
        planned.file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CorneaError(f"{planned.file.parent}: {error.strerror}; correct that, then run again") from error
    _write(planned.file, planned.text.encode("utf-8"))


def record_of(agent: str, change: Change) -> ChangeRecord:
    """The record for a change of which nothing is known but that it may have been made.

    Raises CorneaError if the path of the file is not UTF-8, which a record cannot hold.
    """
    if not is_text(str(change.file)):
        raise CorneaError(f"{str(change.file)!r}: the path is not UTF-8; rename its folder and run again")
    if isinstance(change, ConfigEntry):
        return ChangeRecord(agent=agent, file=str(change.file), path=change.path, is_item=change.is_item)
    return ChangeRecord(agent=agent, file=str(change.file))


def is_text(path: str) -> bool:
    """Whether a path is UTF-8. Python writes the bytes of others as surrogates."""
    return not any("\ud800" <= char <= "\udfff" for char in path)


def revert(record: ChangeRecord) -> bool:
    """Take a change back. Returns False if there was nothing left of it. Raises CorneaError like `write`."""
    shown = Path(record.file)
    file = _target(shown)
    before = _read(file)
    if before is None:
        return False
    after = _undone(before, record, shown) if record.path else ""
    is_empty = after.strip() in ("", "{}")
    if is_empty and (record.is_created or not record.path):
        file.unlink()
        for folder in record.folders:  # those that hold something else by now stay
            try:
                Path(folder).rmdir()
            except OSError:
                break
        return True
    if after == before:
        return False
    _write(file, after.encode("utf-8"))
    return True


def _added(text: str, change: ConfigEntry, record: ChangeRecord) -> tuple[str, ChangeRecord]:
    try:
        if change.file.suffix == ".toml":
            after, lead = toml.with_table(text, change.path, change.value)
            return after, msgspec.structs.replace(record, path=change.path, lead=lead)
        if change.is_item:
            text = jsonc.without(text, change.path, jsonc.Undo(), is_our_hook)
            after, undo = jsonc.with_item(text, change.path, change.value)
        else:
            after, undo = jsonc.with_entry(text, change.path, change.value)
    except UsageError as error:
        raise UsageError(f"{change.file}: {error}; the file was not changed") from error
    return after, msgspec.structs.replace(record, path=change.path, is_item=change.is_item, undo=undo)


def _undone(text: str, record: ChangeRecord, shown: Path) -> str:
    try:
        if shown.suffix == ".toml":
            return toml.without_table(text, record.path, record.lead)
        return jsonc.without(text, record.path, record.undo, is_our_hook if record.is_item else None)
    except UsageError as error:
        raise UsageError(f"{shown}: {error}; the file was not changed") from error


def _target(file: Path) -> Path:
    """The file that a path names, after links. Raises CorneaError if it is no regular file."""
    try:
        found = file.resolve()
        if found.exists() and not found.is_file():
            raise UsageError(f"{file}: not a regular file; move it away and run the command again")
    except (OSError, RuntimeError) as error:
        raise CorneaError(f"{file}: {error}; correct that and run the command again") from error
    return found


def _read(file: Path) -> str | None:
    """The text of a file, or None if it does not exist."""
    try:
        if file.stat().st_size > _MOST_BYTES:
            raise UsageError(f"{file}: too large for a configuration; the file was not changed")
        return file.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        raise UsageError(f"{file}: not UTF-8; the file was not changed") from error
    except OSError as error:
        raise CorneaError(f"{file}: {error.strerror}; the file was not changed") from error


def _missing_folders(file: Path) -> Iterable[str]:
    """The folders that must be created for a file, the innermost first."""
    for folder in file.parents:
        if folder.exists():
            return
        yield str(folder)


def _write(file: Path, data: bytes) -> None:
    """Replace a file in one step, with its permissions."""
    temporary = ""
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        mode = file.stat().st_mode & 0o7777 if file.exists() else 0o600
        Path(temporary).chmod(mode)
        Path(temporary).replace(file)
    except OSError as error:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
        raise CorneaError(f"{file}: {error.strerror}; the file was not changed") from error
