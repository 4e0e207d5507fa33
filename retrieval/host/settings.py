"""The settings of a host, and the key with which clients find it.

Also says which settings identify an index, and which settings affect answers.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

from indexer.config import Config
from indexer.settings import setting

from ..config import SearchConfig

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


@dataclass(frozen=True, slots=True)
class HostSettings:
    """The current settings of indexing, of search, and of the host itself in [host]."""

    config: Config
    search: SearchConfig
    idle_seconds: float = setting(
        "host", 600.0, "seconds without a client after which a host ends", minimum=1.0
    )
    start_by_hook: bool = setting(
        "host", False, "whether an agent's hook starts a host for an indexed root if none runs"
    )


def identity(config: Config) -> tuple[object, ...]:
    """The settings that must not change while an index is open: those of its name, model and store."""
    return (
        config.home, config.name, config.model, config.download,
        config.store_url, config.store_api_key, config.store_collection,
    )  # fmt: skip


def fingerprint(config: Config, search: SearchConfig) -> str:
    """A digest of the settings that affect answers, except settings that each request contains."""
    plain = Config(config.home)
    indexing = replace(
        config,
        max_files=plain.max_files, workers=plain.workers, parse_seconds=plain.parse_seconds,
        reserve_mb=plain.reserve_mb, wait_seconds=plain.wait_seconds,
    )  # fmt: skip
    ranking = replace(search, limit=1, per_file=1, profile="", lines=1)
    return hashlib.blake2b(repr((indexing, ranking)).encode(), digest_size=16).hexdigest()
