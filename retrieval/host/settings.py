"""The settings of a host, and what they decide: the answers, or even which index it is."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from indexer.config import Config
from indexer.settings import Setting

from ..config import SearchConfig

SETTINGS = (
    Setting(
        "host.idle_seconds", 600.0, "a host that nobody is connected to leaves after so long", minimum=1.0
    ),
)


def identity(config: Config) -> tuple[object, ...]:
    """What must not change under an open index: the name, the model and the store."""
    return (
        config.home, config.name, config.model, config.download,
        config.store_url, config.store_api_key, config.store_collection,
    )  # fmt: skip


def fingerprint(config: Config, search: SearchConfig) -> str:
    """A digest of the settings that answers depend on; those that come with each request are left out."""
    plain = Config(config.home)
    indexing = replace(
        config,
        max_files=plain.max_files, workers=plain.workers, parse_seconds=plain.parse_seconds,
        reserve_mb=plain.reserve_mb, wait_seconds=plain.wait_seconds,
    )  # fmt: skip
    ranking = replace(search, limit=1, per_file=1, profile="", lines=1)
    return hashlib.blake2b(repr((indexing, ranking)).encode(), digest_size=16).hexdigest()
