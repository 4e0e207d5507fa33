"""Reads the state of an index for `cornea status`, without the index's lock and without a change."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from indexer.errors import StoreError, StoreOutdated
from indexer.fragment import GIT_FOLDER, Entry, Skipped
from indexer.index.catalog import MANIFEST, read_info, repo_of, why_unreadable
from indexer.index.manifest import Manifest
from indexer.pipeline import options
from indexer.quarantine import Quarantine
from indexer.skip_reason import SkipKind
from indexer.store.lock import read_owner
from indexer.store.shard_files import allocated_bytes
from indexer.store.storage import Storage
from indexer.walk.walk import attributes_of, explain, ignored, walk

from .context import SETTINGS, Context
from .hosting import progress_of
from .presentation.output import counted

_USER_INFO = re.compile(r"//[^/@]*@")
_MAX_NAMED = 3
"""Largest number of unreadable files that the warnings name."""
_DETAIL = re.compile(r"( \(|: ).*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Survey:
    """The state of a root's index.

    `languages` maps a language to its numbers of files, fragments and functions. `unfit` are the files that
    were read and left out. `updated` is the Unix time of the last change. `size` is the number of bytes on
    disk. `busy` names the process that holds the index. `indexing` is, if an update is running, the number of
    files that it has done and the number of all its files. `missing` is the number of new files of an update
    that was interrupted, some of which may be indexed. `trouble` says why the index could not be read.
    Without an index, only `root`, `repo`, `folder` and `store` are set, and `trouble` if the folder is not
    readable.
    """

    root: Path
    repo: str
    folder: Path
    store: str
    indexed: bool
    languages: dict[str, tuple[int, int, int]]
    unfit: tuple[Skipped, ...] = ()
    updated: float = 0.0
    size: int = 0
    busy: str = ""
    indexing: tuple[int, int] | None = None
    missing: int = 0
    trouble: str = ""


def survey(context: Context) -> Survey:
    """The state of the index of a context's root."""
    info = read_info(context.folder)
    repo = info.repo if info else repo_of(context.root, context.config)
    store = _USER_INFO.sub("//", Storage(context.config, context.folder).name)
    if info is None:
        closed = why_unreadable(context.folder)
        return Survey(context.root, repo, context.folder, store, False, {}, trouble=closed)
    path = context.folder / MANIFEST
    updated = max((p.stat().st_mtime for p in (path, Path(f"{path}-wal")) if p.exists()), default=0.0)
    languages, unfit, missing, trouble = _contents(path)
    busy = str(read_owner(context.folder) or "")
    return Survey(
        root=context.root,
        repo=repo,
        folder=context.folder,
        store=store,
        indexed=True,
        languages=languages,
        unfit=unfit,
        updated=updated,
        size=allocated_bytes(context.folder),
        busy=busy,
        indexing=progress_of(context),
        missing=0 if busy else missing,
        trouble=trouble,
    )


def _contents(path: Path) -> tuple[dict[str, tuple[int, int, int]], tuple[Skipped, ...], int, str]:
    """What a manifest says: `languages`, `unfit` and `missing`; and why it cannot be read."""
    if not path.is_file():
        return {}, (), 0, "its manifest is gone; the next `cornea index` rebuilds it"
    try:
        with closing(Manifest(path)) as manifest:
            return manifest.totals(), tuple(manifest.skipped()), manifest.get_number("missing"), ""
    except StoreError as error:
        return {}, (), 0, str(error)


def unreadable_files(context: Context) -> list[str]:
    """Lines about the files that the last update could not read. Such files are not in the index.

    Each line names one file. After _MAX_NAMED such lines, one line says how many more files there are.
    """
    _, unfit, *_ = _contents(context.folder / MANIFEST)
    closed = [item for item in unfit if item.why.kind is SkipKind.UNREADABLE]
    said = [f"{item.path}: {item.reason}; the file was skipped" for item in closed[:_MAX_NAMED]]
    more = len(closed) - _MAX_NAMED
    return said + ([f"{more:,} more unreadable file{'s' * (more != 1)} skipped"] if more > 0 else [])


def left_out(context: Context, unfit: tuple[Skipped, ...], *, rules: bool) -> list[Skipped]:
    """The files and folders that are not indexed, sorted by path.

    They are left out because of their content, by Cornea's own rules, such as those for vendored files, or
    because they crashed a process; these may also be buffers and commits.
    With `rules`, the files and folders that ignore rules exclude are included.
    """
    config = options(context.config)
    found = {skipped.path: skipped for skipped in (*Quarantine(context.folder).left_out(), *unfit)}
    found |= {item.path: item for item in walk(context.root, config) if isinstance(item, Skipped)}
    if rules:
        found |= {item.path: item for item in ignored(context.root, config)}
    return [found[path] for path in sorted(found)]


def refused(skipped: list[Skipped]) -> list[str]:
    """A line for each repository whose files git did not list: its path below the root, and the reason."""
    found = [item for item in skipped if item.why.kind is SkipKind.REFUSED]
    return [f"{item.path.removesuffix(GIT_FOLDER)}: {item.reason}".removeprefix(": ") for item in found]


def reasons(skipped: list[Skipped]) -> list[tuple[str, int]]:
    """How many paths were skipped for each reason, with the most frequent reason first.

    The reasons are given without their details.
    """
    counts = Counter(_DETAIL.sub("", item.reason) for item in skipped)
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


NO_FILES = "the root has no files to index; `cornea status --skipped` lists what was skipped"


def why(context: Context, path: str) -> str:
    """One line that says why `path`, relative to the root, is indexed or not."""
    entry = _entry(context, path)
    verdict = explain(context.root, path, options(context.config))
    if verdict != "eligible":
        return (
            f"{verdict} (still indexed; the next update removes it)"
            if entry and not entry.reason
            else verdict
        )
    if entry is None:
        return (
            "will be indexed by the next update" if context.indexed else "would be indexed by `cornea index`"
        )
    if entry.reason:
        return entry.reason
    counts = f"{counted(entry.fragments, 'fragment')}, {counted(entry.functions, 'function')}"
    hidden = f"; redacted: {places(json.loads(entry.redacted))}" if entry.redacted else ""
    rules = map(str, attributes_of(context.root, path).rules.values())
    said = "".join(f"; {rule}" for rule in dict.fromkeys(rules))
    return f"indexed ({entry.language}; {counts}){hidden}{said}"


def redacted(context: Context) -> list[tuple[str, dict[str, list[int]]]]:
    """The paths of indexed files with secrets, as of the last update, with line numbers by kind of secret."""
    manifest = _manifest(context)
    if manifest is None:
        return []
    with closing(manifest):
        return list(manifest.redacted())


def places(lines: Mapping[str, Sequence[int]]) -> str:
    """The kinds of secrets in a file, each with its line numbers, as text."""
    return "; ".join(
        f"{kind} (line{'s' * (len(numbers) != 1)} {', '.join(map(str, numbers))})"
        for kind, numbers in lines.items()
    )


def _entry(context: Context, path: str) -> Entry | None:
    manifest = _manifest(context)
    if manifest is None:
        return None
    with closing(manifest):
        return manifest.entry(path)


def _manifest(context: Context) -> Manifest | None:
    """The manifest.

    Returns None if it is missing or another version wrote it: the next update replaces it.
    """
    path = context.folder / MANIFEST
    if not context.indexed or not path.is_file():
        return None
    try:
        return Manifest(path)
    except StoreOutdated:
        return None


def settings(context: Context) -> Iterator[tuple[str, Any, str]]:
    """The key, the current value and the source of every setting. The values of secrets are not shown."""
    for setting in SETTINGS:
        value = context.resolved.values[setting.key]
        if setting.secret and value:
            value = "(set)"
        elif isinstance(value, str):
            value = _USER_INFO.sub("//", value)
        yield setting.key, value, context.resolved.origins[setting.key]
