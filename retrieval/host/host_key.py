"""What a client must know to find or start the host of an index."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

NOTE = "host.json"
"""The file in an index folder that says where its host listens."""


@dataclass(frozen=True, slots=True)
class HostKey:
    """The root and folder of an index, and the client's requirements of its host.

    `version` is the client's version. `settings` is the fingerprint of the settings that answers depend on.
    `seconds` is how long to wait for a host to start or stop.
    """

    root: Path
    folder: Path
    version: str
    settings: str = ""
    seconds: float = 15.0
