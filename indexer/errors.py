"""The tree of exceptions. Every message says what happened, which file it concerns, and what to do next.

CorneaError
├── ConfigError        a setting is wrong                         (fix the setting)
├── UsageError         an argument is wrong                       (fix the argument)
├── IndexMissing       there is no index for this root            (run `cornea index`)
├── Unsupported        an optional part is not installed          (install the extra)
├── ModelError         weights are missing or damaged             (reinstall, or name another model)
├── StoreError         the engine refused or failed
│   ├── StoreBusy      another process holds the index            (wait, or stop that process)
│   ├── StoreDamaged   the index cannot be opened                 (it is rebuilt)
│   └── DiskFull       the reserve of free space is used up       (free space, run again)
└── InternalError      a bug in Cornea                            (report it)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def first_line(error: BaseException, most: int = 200) -> str:
    """The first line of an error's message, cut to `most` characters; its class without a message."""
    return (str(error).strip() or type(error).__name__).splitlines()[0][:most]


class Cancelled(BaseException):
    """The observer of an update raises this to end the update. What the update has written stays."""


class CorneaError(Exception):
    """The base class of all errors that are shown to the user. The message is one line."""

    @property
    def kind(self) -> str:
        """A word that tells errors apart in messages between processes, from KINDS."""
        return next(kind for base in type(self).__mro__ for kind, known in KINDS.items() if known is base)

    @property
    def fields(self) -> dict[str, Any]:
        """The attributes that the error also has in a process that receives it. They are plain values."""
        own = {name: one for name, one in vars(self).items() if name != "kind"}
        return {name: one for name, one in own.items() if isinstance(one, str | int | float | None)}


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
    """The store is damaged, is incomplete, or does not fit the index.

    `what` says what is wrong, `advice` what the user can do if Cornea does not rebuild the index, and
    `detail` what the engine says.
    """

    def __init__(self, what: str, advice: str = "", detail: str = "") -> None:
        super().__init__(what + (f": {advice}" if advice else "") + (f" ({detail})" if detail else ""))
        self.what, self.advice, self.detail = what, advice, detail


class StoreOutdated(StoreDamaged):
    """The index on disk is intact, but another version of Cornea wrote it."""


class DiskFull(StoreError):
    """There is too little free disk space for a write, which was not done."""


class InternalError(CorneaError):
    """A bug in Cornea.

    `version` is that of the process, and `log` is the file with the traceback. A command that answers while
    it indexes has no log: `log` is "", and the command prints the traceback if it runs with -v.
    """

    def __init__(self, cause: BaseException, version: str, log: str) -> None:
        where = log or "the output of the process that indexes, if it runs with -v"
        bug = f"{type(cause).__name__}: {first_line(cause)}"
        report = f"please report it with the traceback in {where}"
        super().__init__(f"this is a bug in cornea {version} ({bug}); {report}")
        self.version, self.log = version, log


KINDS: Mapping[str, type[CorneaError]] = {
    "Error": CorneaError,
    "Config": ConfigError,
    "Usage": UsageError,
    "IndexMissing": IndexMissing,
    "Unsupported": Unsupported,
    "Model": ModelError,
    "Store": StoreError,
    "StoreBusy": StoreBusy,
    "StoreDamaged": StoreDamaged,
    "StoreOutdated": StoreOutdated,
    "DiskFull": DiskFull,
    "Internal": InternalError,
}


def of_kind(kind: str, message: str, fields: Mapping[str, Any]) -> CorneaError | None:
    """The error that another process has sent. Returns None if no error is of this kind."""
    found = KINDS.get(kind)
    if found is None:
        return None
    error = found.__new__(found, message)  # the arguments of the constructor are not known here
    vars(error).update(fields)
    return error
