"""The settings of the indexer, as one immutable value."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from .limits import MEGABYTE
from .settings import setting

_index, _embedding, _store = (partial(setting, section) for section in ("index", "embedding", "store"))


@dataclass(frozen=True, slots=True)
class Config:
    """The values of the settings in [index], [embedding] and [store]."""

    home: Path
    """The folder of all indexes: CORNEA_HOME, else the user's cache folder."""
    # Not project-settable: on a shared server, a repository could take over another repository's points.
    name: str = _index(
        "", "name of the repository in the store (default: its remote, else a hash of its path)"
    )
    include: tuple[str, ...] = _index(
        (), "globs (as in .gitignore) of files to index even if a rule excludes them", project_settable=True
    )
    exclude: tuple[str, ...] = _index(
        (), "globs (as in .gitignore) of files to leave out", project_settable=True
    )
    languages: tuple[str, ...] = _index(
        (), "index only these languages (default: all)", project_settable=True
    )
    """Names that are not checked here."""
    hidden: bool = _index(False, "index hidden files and folders too", project_settable=True)
    vendored: bool = _index(
        False, "index vendored folders (node_modules, third_party, ...) too", project_settable=True
    )
    max_file_bytes: int = _index(MEGABYTE, "larger files are skipped", project_settable=True, minimum=1)
    max_files: int = _index(50_000, "a first index of more files must be confirmed", minimum=1)
    workers: int = _index(0, "processes that parse (default: one per core, at most 8)", minimum=0)
    parse_seconds: float = _index(10.0, "a file that takes longer to parse is skipped", minimum=0.1)
    worker_mb: int = _index(1_000, "memory in MB that parsing one file may take (0: no limit)", minimum=0)
    cache_mb: int = _index(512, "size in MB of the cache of all roots (0: no cache)", minimum=0)
    model: str = _embedding("", "a folder, or a name that fastembed knows (default: the bundled model)")
    download: bool = _embedding(False, "allow fastembed to download a model that it does not have")
    store_url: str = _store("", "a Qdrant server instead of the embedded engine")
    store_api_key: str = _store("", "the server's API key", secret=True)
    store_collection: str = _store("cornea", "prefix of the collection's name on the server")
    reserve_mb: int = _store(256, "free disk space that is never used up, in MB", minimum=0)
    wait_seconds: float = _store(60.0, "seconds to wait for an index that another process holds", minimum=0)

    @property
    def reserve_bytes(self) -> int:
        return self.reserve_mb * MEGABYTE
