"""The settings of the indexer: a table of all settings, and the class that holds their values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .settings import Setting

MEGABYTE = 1_000_000

SETTINGS = (
    Setting(
        "index.name",
        "",
        "name of the repository in the store (default: its remote, else a hash of its path)",
        # Not project-settable: on a shared server, a repository could take over another repository's points.
    ),
    Setting(
        "index.include",
        (),
        "globs (as in .gitignore) of files to index even if a rule excludes them",
        project_settable=True,
    ),
    Setting("index.exclude", (), "globs (as in .gitignore) of files to leave out", project_settable=True),
    Setting("index.languages", (), "index only these languages (default: all)", project_settable=True),
    Setting("index.hidden", False, "index hidden files and folders too", project_settable=True),
    Setting(
        "index.vendored",
        False,
        "index vendored folders (node_modules, third_party, ...) too",
        project_settable=True,
    ),
    Setting("index.max_file_bytes", 1_000_000, "larger files are skipped", project_settable=True, minimum=1),
    Setting("index.max_files", 50_000, "a first index of more files must be confirmed", minimum=1),
    Setting("index.workers", 0, "processes that parse (default: one per core, at most 8)", minimum=0),
    Setting("index.parse_seconds", 10.0, "a file that takes longer to parse is skipped", minimum=0.1),
    Setting("index.worker_mb", 1_000, "memory in MB that parsing one file may take (0: no limit)", minimum=0),
    Setting("index.cache_mb", 512, "size in MB of the cache of all roots (0: no cache)", minimum=0),
    Setting("embedding.model", "", "a folder, or a name that fastembed knows (default: the bundled model)"),
    Setting("embedding.download", False, "allow fastembed to download a model that it does not have"),
    Setting("store.url", "", "a Qdrant server instead of the embedded engine"),
    Setting("store.api_key", "", "the server's API key"),
    Setting("store.collection", "cornea", "prefix of the collection's name on the server"),
    Setting("store.reserve_mb", 256, "free disk space that is never used up, in MB", minimum=0),
    Setting("store.wait_seconds", 60.0, "seconds to wait for an index that another process holds", minimum=0),
)


@dataclass(frozen=True, slots=True)
class Config:
    """The values of the indexer's settings. Each field is a setting, which SETTINGS explains."""

    home: Path
    """The folder of all indexes: CORNEA_HOME, else the user's cache folder."""
    name: str = ""
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    hidden: bool = False
    vendored: bool = False
    max_file_bytes: int = MEGABYTE
    max_files: int = 50_000
    workers: int = 0
    parse_seconds: float = 10.0
    worker_mb: int = 1_000
    cache_mb: int = 512
    model: str = ""
    download: bool = False
    store_url: str = ""
    store_api_key: str = ""
    store_collection: str = "cornea"
    reserve_mb: int = 256
    wait_seconds: float = 60.0

    @property
    def reserve_bytes(self) -> int:
        return self.reserve_mb * MEGABYTE

    @staticmethod
    def build(home: Path, values: Mapping[str, Any]) -> Config:
        """The configuration from the resolved values by key. `languages` is not checked here."""
        fields = {_FIELDS.get(key, key.split(".", 1)[1]): values[key] for key in (s.key for s in SETTINGS)}
        return Config(home=home, **fields)


_FIELDS = {
    "store.url": "store_url",
    "store.api_key": "store_api_key",
    "store.collection": "store_collection",
}
