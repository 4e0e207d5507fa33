"""Watches a root for changed files, and yields their paths in batches for updates of the index.

Each folder that is not left out is watched by itself, so that a folder like `node_modules` costs nothing. If
the system refuses events, because of a limit or on a network drive, the files are polled every few seconds.
Only this module imports watchfiles.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from threading import Event, Lock
from typing import Protocol

from ..errors import UsageError
from ..fragment import Skipped
from .skip_rules import reason_by_name
from .walk import WalkOptions, ignored, walk

STEP_MS = 50
"""Milliseconds without a change after which a batch ends. The system's events are read at this interval."""
GROUP_MS = 250
"""Longest duration of a batch in milliseconds: a file that keeps changing must not delay other files."""
BURST_CHANGES = 50
"""Number of changes above which a batch is a burst, as after a branch switch, and is collected for longer."""
BURST_QUIET_MS = 300
"""Milliseconds without a change after which a burst ends."""
MAX_BURST_SECONDS = 5.0
"""Longest duration of a burst in seconds, including the wait while git switches branches."""
POLL_SECONDS = 3.0
"""Seconds between two polls."""

DRAIN_MS = 1
"""Interval and longest wait, in milliseconds, of one read of the changes that the system has told so far."""
SYNC_SECONDS = 0.3
"""Maximum seconds in which the system must tell the changes before a query. It usually takes milliseconds."""
MISSED_SYNCS, SILENT_SECONDS = 5, 60.0
"""After this number of events in a row that did not come in time, none is awaited for these seconds."""

_ADDED = 1  # watchfiles' number for a new file or folder
_RULES = (".gitignore", ".gitattributes", ".corneaignore", ".cornea.toml", "pyproject.toml")
_OF_GIT = (".git/index", ".git/HEAD", ".git/info/exclude", ".git/info/attributes")
_ATTEMPTS = 5  # attempts to watch all folders without a new folder appearing meanwhile

RawChanges = set[tuple[int, str]]


class Notifier(Protocol):
    """The methods of watchfiles' `RustNotify` that this module calls."""

    def watch(self, debounce: int, step: int, timeout: int, stop_event: Event | None) -> RawChanges | str:
        """The changes as (kind, path). Without changes, returns "timeout", "stop" or "signal"."""

    def close(self) -> None:
        """Stop watching."""


OpenNotifier = Callable[[Collection[str]], Notifier]
"""Opens a notifier for folders, but not for their subfolders. Raises OSError if the system refuses."""


class FolderWatch:
    """Watches one root. `mode` tells the user how the root is watched: "events", or why there are no events.

    `options` returns the options of the walk, which decide what is left out. `on_change` is called with the
    paths of changes as soon as they are known, long before the batch that will have them; any thread may call
    it. `sync_folder` is a folder outside of what is indexed in which `drain` writes. `open_` is for tests.
    """

    def __init__(
        self,
        root: Path,
        options: Callable[[], WalkOptions],
        open_: OpenNotifier | None = None,
        on_change: Callable[[frozenset[str]], None] = lambda _: None,
        sync_folder: Path | None = None,
    ) -> None:
        self.mode = "not yet"
        self.folders: frozenset[str] = frozenset()
        self._root, self._options, self._open = Path(os.path.realpath(root)), options, open_ or _events
        self._polls = False
        self._on_change = on_change
        self._notifier: Notifier | None = None
        """The notifier in use. The thread of `batches` sets this attribute."""
        self._sync_folder = sync_folder
        self._number = self._missed = 0
        self._silent_until = 0.0
        """Until this time, `drain` does not wait for the system."""
        self._mark: Path | None = None
        """The file whose event `drain` awaits. Whichever thread reads the event sets it to None."""
        self._drained: RawChanges = set()
        """Changes that `drain` has read, and that the next batch must have. Guarded by `_draining`."""
        self._draining = Lock()
        self._told_all = Event()
        """Cleared while the thread of `batches` tells changes that it has taken from the notifier."""
        self._told_all.set()

    def drain(self) -> bool:
        """Read the changes that were made before this call, and pass them to `on_change`.

        Usually takes a millisecond or two, and does not wait for the end of a batch. The system tells
        events in order, so a file is written to `sync_folder`, and its event awaited. Returns False if the
        event does not come in SYNC_SECONDS, if files are polled, and before the watch has begun. Any thread
        may call this method while another iterates over `batches`.
        """
        with self._draining:
            notify = self._notifier
            if notify is None or self.mode != "events" or self._sync_folder is None:
                return False
            if time.monotonic() < self._silent_until:
                return False
            self._number += 1
            mark = self._mark = self._sync_folder / str(self._number)
            until = time.monotonic() + SYNC_SECONDS
            try:
                mark.write_bytes(b"")
                while self._mark is not None and time.monotonic() < until:
                    self._drained |= self._told(notify.watch(DRAIN_MS, DRAIN_MS, DRAIN_MS, None))
                mark.unlink()
            except (RuntimeError, OSError):  # the notifier was closed meanwhile, or the disk is full
                return False
            self._missed = 0 if self._mark is None else self._missed + 1
            if (
                self._missed >= MISSED_SYNCS
            ):  # such a file system may never tell this, so do not wait each time
                self._missed, self._silent_until = 0, time.monotonic() + SILENT_SECONDS
            told = self._told_all.wait(max(0.0, until - time.monotonic()))
            return told and self._mark is None

    def _told(self, answer: RawChanges | str) -> RawChanges:
        """The changes in a notifier's answer, which are passed to `on_change`."""
        raw = _changes(answer)
        own = {change for change in raw if self._is_own(change[1])}
        if self._mark is not None and any(path == str(self._mark) for _, path in own):
            raw -= own
            self._tell(raw)  # first, because `drain` returns as soon as the mark is gone
            self._mark = None
            return raw
        self._tell(raw - own)
        return raw - own

    def _is_own(self, path: str) -> bool:
        return self._sync_folder is not None and path.startswith(str(self._sync_folder))

    def _tell(self, raw: RawChanges) -> None:
        if paths := self._relevant_paths(raw):
            self._on_change(paths)

    def _relevant_paths(self, raw: RawChanges) -> frozenset[str]:
        options = self._options()  # once, because it looks at the disk
        by_name = not (options.include or options.vendored)
        return frozenset(path for _, changed in raw if (path := self._relevant(changed, by_name)))

    def _read(self, notify: Notifier, debounce: int, timeout: int, stop: Event) -> RawChanges:
        """The next changes, and those that `drain` has read. Empty after `timeout` ms without a change."""
        answer = notify.watch(debounce, STEP_MS, timeout, stop)
        self._told_all.clear()
        try:
            raw = self._told(answer)
        finally:
            self._told_all.set()
        if self._drained:
            with self._draining:
                raw |= self._drained
                self._drained = set()
        return raw

    def batches(self, stop: Event) -> Iterator[frozenset[str]]:
        """Batches of changed paths, relative to the root, until `stop` is set.

        A path may name a file or a folder, or a file or folder that is gone. The first batch comes when the
        watch has begun and is empty, which means that any file may have changed.
        """
        notify = self._opened(stop)
        try:
            if notify is not None:
                yield frozenset()
            while notify is not None:
                raw = self._collect(notify, stop)
                if stop.is_set():
                    return
                if self._is_outdated(raw):
                    former, notify = notify, self._opened(stop)
                    former.close()
                batch = self._relevant_paths(raw)
                if batch:
                    yield batch
        finally:
            self._notifier = None
            if notify is not None:
                notify.close()

    def _collect(self, notify: Notifier, stop: Event) -> RawChanges:
        """The changes of one batch."""
        raw: RawChanges = set()
        while not raw and not stop.is_set():  # what `drain` has read does not end the wait of the notifier
            raw = self._read(notify, GROUP_MS, 0 if self._polls else STEP_MS, stop)
        until = time.monotonic() + MAX_BURST_SECONDS
        while len(raw) > BURST_CHANGES and time.monotonic() < until:
            more = self._read(notify, 2 * BURST_QUIET_MS, BURST_QUIET_MS, stop)
            if not more:
                break
            raw |= more
        while _is_fresh(self._root / ".git/index.lock") and time.monotonic() < until:
            stop.wait(STEP_MS / 1000)
        return raw

    def _opened(self, stop: Event) -> Notifier | None:
        """A notifier for all folders. Waits while the root does not exist. Returns None if `stop` is set."""
        while not stop.is_set():
            try:
                return self._try_open()
            except (UsageError, FileNotFoundError) as error:
                self.mode = f"waiting ({error})"
                stop.wait(POLL_SECONDS)
        return None

    def _try_open(self) -> Notifier:
        self.folders = folders_of(self._root, self._options())
        notify = self._watch_folders()
        for _ in range(_ATTEMPTS):
            folders = folders_of(self._root, self._options())
            if folders == self.folders:  # no folder was created before the watch of its parent began
                break
            notify.close()
            self.folders = folders
            notify = self._watch_folders()
        self._notifier = notify
        return notify

    def _watch_folders(self) -> Notifier:
        places = [f"{self._root}/{folder}".rstrip("/") or "/" for folder in sorted(self.folders)]
        if not self._polls:
            try:
                own = [str(self._sync_folder)] if self._made_sync_folder() else []
                notify = self._open([*(place for place in places if os.access(place, os.R_OK)), *own])
                self.mode = "events"
                return notify
            except FileNotFoundError:
                raise
            except (OSError, RuntimeError) as error:
                self.mode = _polling(error)
                self._polls = True
        return Poller(places)

    def _made_sync_folder(self) -> bool:
        if self._sync_folder is not None:
            try:
                self._sync_folder.mkdir(mode=0o700, exist_ok=True)
                self._sync_folder = Path(os.path.realpath(self._sync_folder))
            except OSError:  # the disk is full: queries then do not know whether files have just changed
                self._sync_folder = None
        return self._sync_folder is not None

    def _is_outdated(self, raw: RawChanges) -> bool:
        """Whether the set of folders to watch may have changed, because of a new folder or a changed rule."""
        rules = len(raw) > BURST_CHANGES  # in a burst, the system may drop the event of a changed rule
        for kind, path in raw:
            if kind == _ADDED and os.path.isdir(path) and not os.path.islink(path):  # noqa: PTH112, PTH114
                return True
            shown = self._shown(path)
            if not shown:
                return True
            rules = rules or shown in _OF_GIT or shown.rpartition("/")[2] in _RULES
        try:
            return rules and folders_of(self._root, self._options()) != self.folders
        except UsageError:  # the root is gone
            return True

    def _shown(self, path: str) -> str:
        """`path` relative to the root. Returns "" for the root itself."""
        return path[len(str(self._root).rstrip("/")) + 1 :]

    def _relevant(self, path: str, by_name: bool) -> str:
        """`path` relative to the root. Returns "" for a file that cannot change the index.

        If `by_name` is set, these include files whose name says that they are left out, like an image.
        """
        shown = self._shown(path)
        if shown.startswith(".git/"):
            return shown if shown in _OF_GIT else ""
        return "" if by_name and reason_by_name(os.fsencode(shown.rpartition("/")[2])) else shown


class Poller:
    """Polls the files in folders. (watchfiles' own poller misses a file's second change within a second.)"""

    def __init__(self, places: Collection[str]) -> None:
        self._places = places
        self._known = self._look()

    def watch(self, debounce: int, step: int, timeout: int, stop_event: Event | None) -> RawChanges | str:
        """Like `Notifier.watch`. With a `timeout`, returns "timeout" at once, because a poll takes longer."""
        assert stop_event is not None
        if timeout:
            return "timeout"
        while not stop_event.wait(POLL_SECONDS):
            known, self._known = self._known, self._look()
            changed = {path for path, _ in known.items() ^ self._known.items()}
            if changed:
                return {(_ADDED if path not in known else 0, path) for path in changed}
        return "stop"

    def close(self) -> None:
        """Do nothing, because a poller holds no resources."""

    def _look(self) -> dict[str, tuple[int, int, int]]:
        return {entry.path: _stamp(entry) for place in self._places for entry in _entries(place)}


def folders_of(root: Path, options: WalkOptions) -> frozenset[str]:
    """The folders to watch, relative to `root`, which is "" itself.

    These are all folders that are not left out, and the folders of git whose files change with the branch and
    the rules. Raises UsageError if the root does not exist.
    """
    left_out = {
        item.path for item in (*walk(root, options), *ignored(root, options)) if isinstance(item, Skipped)
    }
    found = {""}
    stack = [""]
    while stack:
        folder = stack.pop()
        for entry in _entries(f"{root}/{folder}"):
            path = f"{folder}/{entry.name}" if folder else entry.name
            if entry.name != ".git" and f"{path}/" not in left_out and _is_folder(entry):
                found.add(path)
                stack.append(path)
    return frozenset(found | {path for path in (".git", ".git/info") if Path(root, path).is_dir()})


def _entries(place: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(place) as entries:
            return list(entries)
    except OSError:
        return []  # the folder is gone or unreadable, which the walk reports


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False  # some file systems do not say what an entry is, and this one may not be asked


def _stamp(entry: os.DirEntry[str]) -> tuple[int, int, int]:
    """Numbers that change when the file changes. For a folder, only its inode counts."""
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError:
        return (0, 0, 0)  # the file is gone
    folder = stat.S_ISDIR(status.st_mode)
    return (status.st_ino, 0, 0) if folder else (status.st_ino, status.st_mtime_ns, status.st_size)


def _changes(answer: RawChanges | str) -> RawChanges:
    return answer if isinstance(answer, set) else set()


def _is_fresh(path: Path) -> bool:
    """Whether git's lock file exists and is so recent that it is not left over from a crash."""
    try:
        return time.time() - path.stat().st_mtime < 2 * MAX_BURST_SECONDS
    except OSError:
        return False


def _polling(error: Exception) -> str:
    limit = "fs.inotify.max_user_" + ("instances" if "Too many open files" in str(error) else "watches")
    why = " ".join(str(error).split())[:120]
    return f"every {POLL_SECONDS:g} s (the system refused events: {why}; raise {limit} with sysctl)"


def _events(places: Collection[str]) -> Notifier:
    """A notifier of the system's events.

    Raises permission errors; ignoring them would hide limit errors, too.
    """
    from watchfiles._rust_notify import RustNotify

    return RustNotify(list(places), False, False, 0, False, False)
