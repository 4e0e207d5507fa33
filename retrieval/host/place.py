"""What a client must know to find, or start, the host of an index."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

NOTE = "host.json"
"""The file in an index folder that tells where its host listens."""


@dataclass(frozen=True, slots=True)
class Place:
    """An index's root and folder, and who asks.

    `version` is the client's, `settings` the fingerprint of those that decide about answers, `seconds` how
    long to wait for a host to come or go.
    """

    root: Path
    folder: Path
    version: str
    settings: str = ""
    seconds: float = 15.0
