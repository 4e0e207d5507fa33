"""The versions of agents whose events are known. An agent of another version gets no answer."""

from __future__ import annotations

import json
import os
import re
import stat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

_TAIL = 65_536
_KNOWN = {
    "claude": ((2, 0), (3,)),
    "codex": ((0, 114), (2,)),
    "cursor": ((2, 4), (4,)),
}
"""For each agent the first version that is known, and the first that is not."""
_DATED = ((2026, 5), (2028,))
"""The same for the builds of Cursor's command line, which are called by their dates."""


def unknown_version(agent: str, event: Mapping[str, Any]) -> str:
    """Why an agent's version is not one that is known; "" if it is.

    Gemini CLI and Copilot CLI do not tell their versions: the shape of their events has to do.
    """
    if agent not in _KNOWN:
        return ""
    if agent == "cursor":
        said = event.get("cursor_version")
    else:
        name = "version" if agent == "claude" else "cli_version"
        said = _in_transcript(event.get("transcript_path"), name)
    if not isinstance(said, str):
        return f"{agent} does not tell its version"
    found = tuple(int(part[:9]) for part in re.findall(r"\d+", said.partition("-")[0])[:3])
    first, beyond = _DATED if agent == "cursor" and found[:1] >= (2000,) else _KNOWN[agent]
    return "" if first <= found < beyond else f"the version {said[:40]!r} of {agent} is not known"


def _in_transcript(path: Any, name: str) -> str | None:
    """The version in a transcript, a file of JSON lines: in its last lines, or in its first ones."""
    if not isinstance(path, str) or not path or "\0" in path:
        return None
    try:
        handle = os.open(os.path.expanduser(path), os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            return None
        head = os.pread(handle, _TAIL, 0)
        tail = os.pread(handle, _TAIL, max(0, status.st_size - _TAIL))
    except OSError:
        return None
    finally:
        os.close(handle)
    for line in (*reversed(tail.splitlines()), *head.splitlines()):
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):  # the line is cut off
            continue
        for one in (row, row.get("payload")) if isinstance(row, dict) else ():
            if isinstance(one, dict) and isinstance(one.get(name), str):
                return str(one[name])
    return None
