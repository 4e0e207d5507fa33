"""Start a host that outlives whoever starts it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import IO

from indexer import limits
from indexer.analysis import environment
from indexer.errors import StoreError

from .place import Place

LOG = "host.log"
MAX_LOG = 256_000
"""Bytes; a longer log is begun anew."""
_LAST = 2_000

_FRUGAL = {"MALLOC_ARENA_MAX": "1"}
"""One heap for all threads (of GNU's library): of several each keeps what it does not use."""

# -P keeps the working folder off the import path: it may be somebody else's repository.
_COMMAND = (sys.executable, "-P", "-m", "cornea", "host", "run", "--")


def spawn(place: Place) -> subprocess.Popen[bytes]:
    """A process that becomes the host of a place, or ends if there is one. What it says goes to a log.

    Raises StoreError where it cannot be started.
    """
    try:
        place.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open_log(place.folder) as log:
            process = subprocess.Popen(
                (*_COMMAND, str(place.root)),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env=_FRUGAL | environment.own(),
                start_new_session=True,
            )
    except OSError as error:
        if limited := limits.limit_error(error.errno or 0, f"{place.folder}: no host could be started"):
            raise limited from error
        raise StoreError(
            f"{place.folder}: no host could be started ({error.strerror or error}); check the folder's owner "
            f"and permissions, or set CORNEA_HOME to a folder that you may write"
        ) from error
    # Somebody must take note of its end, or it stays as a zombie.
    threading.Thread(target=process.wait, name="host's end", daemon=True).start()
    return process


def open_log(folder: Path) -> IO[bytes]:
    """The log of an index's host, to be written at its end; readable for this user alone."""
    path = folder / LOG
    with suppress(FileNotFoundError):
        if path.stat().st_size > MAX_LOG:
            path.unlink()
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")


def last_words(folder: Path) -> str:
    """The last line of the log, "" without one: why a host could not start."""
    try:
        with (folder / LOG).open("rb") as log:
            log.seek(0, os.SEEK_END)
            log.seek(max(0, log.tell() - _LAST))
            lines = log.read().decode("utf-8", "replace").split("\n")
    except OSError:
        return ""
    return next((line.strip() for line in reversed(lines) if line.strip()), "")
