"""The tree of exceptions. Every message says what happened, which file it concerns, and what to do next.

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
    """The first line of an error's message, cut to `most` characters; its class without a message."""
    return (str(error).strip() or type(error).__name__).splitlines()[0][:most]


class Cancelled(BaseException):
    """The observer of an update raises this to end the update. What the update has written stays."""


class CorneaError(Exception):
    """The base class of all errors that are shown to the user. The message is one line."""


class ConfigError(CorneaError):
    """A configuration value is missing, of the wrong type or out of range."""


class UsageError(CorneaError):
    """An argument of a command or of the API is invalid."""


class IndexMissing(CorneaError):
    """There is no index for the root."""


class Unsupported(CorneaError):
    """An optional library is not installed, or a server is too old. The message says what to do."""


class ModelError(CorneaError):
    """A model cannot be loaded or does not run."""


class StoreError(CorneaError):
    """The store refused an operation, or an operation failed."""


class StoreBusy(StoreError):
    """Another process holds the index. `pid` is the id of that process, or None if it is unknown."""

    def __init__(self, message: str, pid: int | None = None) -> None:
        super().__init__(message)
        self.pid = pid


class StoreDamaged(StoreError):
    """The store is damaged, is incomplete, or does not fit the index."""


class StoreOutdated(StoreDamaged):
    """The index on disk is intact, but another version of Cornea wrote it."""


class DiskFull(StoreError):
    """There is too little free disk space for a write, which was not done."""
