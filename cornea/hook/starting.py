"""Starts a host for later hooks, if the user has chosen that, without waiting for it.

Whether the setting is on is not known without reading all settings, which takes too long for a hook. So the
hook looks only whether it is named anywhere, and the process that it starts ends if it is off.
"""

from __future__ import annotations

import os
import time

from ..version import __version__
from .folders import user_folder

NAME = "start_by_hook"
VARIABLE = "CORNEA_HOST_START_BY_HOOK"
_PAUSE_SECONDS = 10.0
"""Seconds after the start of a host, or the last line of its log, in which no other one is started."""
_MAX_FILE = 1_000_000


def start(root: str, index: str) -> str:
    """Start a process that becomes the host of an index. Returns what was done, for a message.

    Raises CorneaError if the process cannot be started.
    """
    if not _is_named():
        return f"to have a hook start one, set host.{NAME} to true"
    log = os.path.join(index, "host.log")
    try:
        if 0 <= time.time() - os.stat(log).st_mtime < _PAUSE_SECONDS:
            return "one was started a moment ago"
    except OSError:  # no host has ever run
        pass
    from pathlib import Path

    from retrieval.host.launch import spawn
    from retrieval.host.settings import HostKey

    spawn(HostKey(Path(root), Path(index), __version__), "--by-hook")
    os.utime(log)
    return f"one is being started if host.{NAME} is true"


def _is_named() -> bool:
    """Whether the environment or the user's file names the setting. Projects' files may not set it."""
    if os.environ.get(VARIABLE):
        return True
    try:
        with open(os.path.join(user_folder(), "config.toml"), "rb") as file:
            return NAME.encode() in file.read(_MAX_FILE)
    except OSError:
        return False
