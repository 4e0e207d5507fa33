"""Starts a host as a process that outlives its parent."""

from __future__ import annotations

import os
import subprocess
import threading
from contextlib import suppress
from pathlib import Path
from typing import IO

from indexer import limits
from indexer.child_process import environment, last_line, python
from indexer.errors import StoreError

from .settings import HostKey

LOG = "host.log"
MAX_LOG = 256_000
"""A log with more bytes is deleted, and a new log begins."""

_FRUGAL = {"MALLOC_ARENA_MAX": "1"}
"""Makes glibc use one heap for all threads, because every heap keeps some freed memory."""


def spawn(key: HostKey, *options: str) -> subprocess.Popen[bytes]:
    """Start a process that becomes the host of an index, or that ends if the index already has a host.

    `options` are those of the hidden command `cornea host run`.

    The output of the process goes to the log. Raises StoreError if the process cannot be started.
    """
    try:
        key.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open_log(key.folder) as log:
            process = subprocess.Popen(
                python("-m", "cornea", "host", "run", *options, "--", str(key.root)),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env=_FRUGAL | environment(),
                start_new_session=True,
            )
    except OSError as error:
        if limited := limits.limit_error(error.errno or 0, f"{key.folder}: no host could be started"):
            raise limited from error
        raise StoreError(
            f"{key.folder}: no host could be started ({error.strerror or error}); check the folder's owner "
            f"and permissions, or set CORNEA_HOME to a writable folder"
        ) from error
    # Wait for the end of the process, which would otherwise become a zombie.
    threading.Thread(target=process.wait, name="host's end", daemon=True).start()
    return process


def open_log(folder: Path) -> IO[bytes]:
    """The log of the host of an index, open for appending. Only this user can read it."""
    path = folder / LOG
    with suppress(FileNotFoundError):
        if path.stat().st_size > MAX_LOG:
            path.unlink()
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")


def last_log_line(folder: Path) -> str:
    """Returns the last line of the log, which says why a host could not start.

    Returns "" if the log has no line.
    """
    try:
        with (folder / LOG).open("rb") as log:
            return last_line(log)
    except OSError:
        return ""
