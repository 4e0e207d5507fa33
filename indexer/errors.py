"""The exception tree. Every message says what happened, to which file, and what to do next.

CorneaError
├── ConfigError        a setting is wrong                         (fix the setting)
├── UsageError         an argument is wrong                       (fix the argument)
├── IndexMissing       there is no index for this root            (run `cornea index`)
├── Unsupported        an optional part is not installed          (install the extra)
├── ModelError         weights are missing or damaged             (reinstall, or name another model)
└── StoreError         the engine refused or failed
    ├── StoreBusy      another process holds the index            (wait, or stop that process)
    ├── StoreDamaged   the index cannot be opened                 (it is rebuilt)
    └── DiskFull       the reserve of free space is used up       (free space, run again)
"""

from __future__ import annotations


def first_line(error: BaseException, most: int = 200) -> str:
    """The first line of an error's message, at most `most` characters; its class if it has no message."""
    return (str(error).strip() or type(error).__name__).splitlines()[0][:most]


class CorneaError(Exception):
    """Base of all errors for the user; the message is one line that says what to do next."""


class ConfigError(CorneaError):
    """A configuration value is missing, of the wrong type or out of range."""


class UsageError(CorneaError):
    """An argument of a command or of the API is invalid."""


class IndexMissing(CorneaError):
    """There is no index for the root."""


class Unsupported(CorneaError):
    """An optional part is not installed; the message has the command that installs it."""


class ModelError(CorneaError):
    """An embedding model cannot be loaded."""


class StoreError(CorneaError):
    """The store refused an operation or failed in one."""


class StoreBusy(StoreError):
    """Another process holds the index.

    `pid` is that process's id, or None if unknown.
    """

    def __init__(self, message: str, pid: int | None = None) -> None:
        super().__init__(message)
        self.pid = pid


class StoreDamaged(StoreError):
    """The store on disk cannot be opened by this version."""


class StoreOutdated(StoreDamaged):
    """The store on disk is intact, but was written by another version of Cornea."""


class DiskFull(StoreError):
    """Free space fell below the reserve; nothing was written."""
