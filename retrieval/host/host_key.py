"""What a client must know to find or start the host of an index."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

NOTE = "host.json"
"""The name of the file in an index folder that says where the host of the index listens."""


@dataclass(frozen=True, slots=True)
class HostKey:
    """The root and folder of an index, and what a client requires of the host.

    `version` is the client's version. `settings` is the fingerprint of the settings that affect answers.
    `seconds` is the maximum time that the client waits for a host to start or stop.
    """

    root: Path
    folder: Path
    version: str
    settings: str = ""
    seconds: float = 15.0
