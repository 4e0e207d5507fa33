"""File events of a root, in batches: what an index must look at again, soon after it happened.

Every folder that is not left out is watched by itself, never a whole tree: a `node_modules` costs nothing.
The system tells of changes; where it cannot (limits, network drives), files are looked at every few seconds.
Only this module imports watchfiles.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from threading import Event
from typing import Protocol

from ..errors import UsageError
from ..fragment import Skipped
from .skip_rules import by_name
from .walk import WalkOptions, ignored, walk

STEP_MS = 50
"""Changes less than so far apart belong together. The system's events are looked for as often."""
GROUP_MS = 250
"""A file that never rests must not hold up the others: after so long a batch is closed."""
MANY = 50
"""So many changes are somebody's who changes everything: a branch switch, a formatter..."""
REST_MS = 300
"""...and are one batch, which ends when nothing has happened for so long..."""
LONGEST_SECONDS = 5.0
"""...or at the latest then. As long git may take to switch branches."""
POLL_SECONDS = 3.0
"""Between two looks at all files, where the system does not tell of changes."""

_ADDED = 1
_RULES = (".gitignore", ".gitattributes", ".corneaignore", ".cornea.toml", "pyproject.toml")
_OF_GIT = (".git/index", ".git/HEAD", ".git/info/exclude", ".git/info/attributes")
_ATTEMPTS = 5

Raw = set[tuple[int, str]]


class Notify(Protocol):
    """What we use of watchfiles' `RustNotify`."""

    def watch(self, debounce: int, step: int, timeout: int, stop_event: Event | None) -> Raw | str:
        """Changes as (kind, path); "timeout", "stop" or "signal" if there are none."""

    def close(self) -> None:
        """Stop watching."""


Open = Callable[[Collection[str]], Notify]
"""Watches folders, without what is below them. Raises OSError where the system refuses."""


class Watch:
    """The events of one root. `mode` says how they are found out, for whoever wonders: "events", or why not.

    `options` says what is left out; `open_` is for tests.
    """

    def __init__(self, root: Path, options: Callable[[], WalkOptions], open_: Open | None = None) -> None:
        self.mode = "not yet"
        self.folders: frozenset[str] = frozenset()
        self._root, self._options, self._open = Path(os.path.realpath(root)), options, open_ or _events
        self._polls = False

    def batches(self, stop: Event) -> Iterator[frozenset[str]]:
        """Paths relative to the root that changed, until `stop`; an empty batch first, as soon as it watches.

        A path may be a file, a folder, or gone; whoever gets a batch looks at what there is now. An empty
        batch says that anything may have changed.
        """
        notify = self._opened(stop)
        try:
            if notify is not None:
                yield frozenset()
            while notify is not None:
                raw = self._collected(notify, stop)
                if stop.is_set():
                    return
                if self._is_outdated(raw):
                    former, notify = notify, self._opened(stop)
                    former.close()
                paths = (self._relevant(path) for _, path in raw)
                batch = frozenset(path for path in paths if path)
                if batch:
                    yield batch
        finally:
            if notify is not None:
                notify.close()

    def _collected(self, notify: Notify, stop: Event) -> Raw:
        """Changes until things rest."""
        raw = _changes(notify.watch(GROUP_MS, STEP_MS, 0, stop))
        until = time.monotonic() + LONGEST_SECONDS
        while len(raw) > MANY and time.monotonic() < until:
            more = _changes(notify.watch(2 * REST_MS, STEP_MS, REST_MS, stop))
            if not more:
                break
            raw |= more
        while _is_fresh(self._root / ".git/index.lock") and time.monotonic() < until:
            stop.wait(STEP_MS / 1000)
        return raw

    def _opened(self, stop: Event) -> Notify | None:
        """What watches all folders; None if that was stopped. Waits for a root that is gone."""
        while not stop.is_set():
            try:
                return self._tried()
            except (UsageError, FileNotFoundError) as error:
                self.mode = f"waiting ({error})"
                stop.wait(POLL_SECONDS)
        return None

    def _tried(self) -> Notify:
        folders = folders_of(self._root, self._options())
        for _ in range(_ATTEMPTS):
            notify = self._watching(folders)
            again = folders_of(self._root, self._options())
            if again == folders:  # nothing was made, and missed, before it was watched
                break
            notify.close()
            folders = again
        else:
            notify = self._watching(folders)
        self.folders = folders
        return notify

    def _watching(self, folders: Collection[str]) -> Notify:
        places = [f"{self._root}/{folder}".rstrip("/") or "/" for folder in sorted(folders)]
        if not self._polls:
            try:
                notify = self._open([place for place in places if os.access(place, os.R_OK)])
            except FileNotFoundError:
                raise
            except (OSError, RuntimeError) as error:
                self.mode = _polling(error)
                self._polls = True
            else:
                self.mode = "events"
                return notify
        return Poller(places)

    def _is_outdated(self, raw: Raw) -> bool:
        """Whether other folders are to be watched: there is a new one, or a rule may have changed."""
        rules = len(raw) > MANY  # of very many events the system drops some
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
        """A path relative to the root, "" for the root itself."""
        return path[len(str(self._root).rstrip("/")) + 1 :]

    def _relevant(self, path: str) -> str:
        """A path relative to the root, "" where it changes nothing: git's own files, pictures, lock files."""
        shown = self._shown(path)
        if shown.startswith(".git/"):
            return shown if shown in _OF_GIT else ""
        options = self._options()
        by_rule = options.include or options.vendored
        return "" if not by_rule and by_name(os.fsencode(shown.rpartition("/")[2])) else shown


class Poller:
    """Looks at all files of some folders every few seconds.

    Watchfiles has one too, which misses what changes twice in a second.
    """

    def __init__(self, places: Collection[str]) -> None:
        self._places = places
        self._known = self._look()

    def watch(self, debounce: int, step: int, timeout: int, stop_event: Event | None) -> Raw | str:
        """As of `Notify`; a `timeout` is over before the next look."""
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
        """There is nothing to let go of."""

    def _look(self) -> dict[str, tuple[int, int, int]]:
        return {path: seen for place in self._places for path, seen in _stamps(place)}


def folders_of(root: Path, options: WalkOptions) -> frozenset[str]:
    """The folders below `root` whose files may be indexed, and those of git that tell of other branches.

    Relative to the root, which is "". Raises UsageError without a root.
    """
    left_out = {
        item.path for item in (*walk(root, options), *ignored(root, options)) if isinstance(item, Skipped)
    }
    found = {""}
    stack = [""]
    while stack:
        folder = stack.pop()
        for name in _subfolders(f"{root}/{folder}"):
            path = f"{folder}/{name}" if folder else name
            if name != ".git" and f"{path}/" not in left_out:
                found.add(path)
                stack.append(path)
    return frozenset(found | {path for path in (".git", ".git/info") if Path(root, path).is_dir()})


def _subfolders(place: str) -> list[str]:
    try:
        with os.scandir(place) as entries:
            return [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
    except OSError:
        return []  # gone, or not ours to look into: the walk says so


def _stamps(place: str) -> Iterator[tuple[str, tuple[int, int, int]]]:
    """The entries of a folder, with what changes when they do; folders only by their being there."""
    try:
        with os.scandir(place) as entries:
            for entry in entries:
                status = entry.stat(follow_symlinks=False)
                folder = entry.is_dir(follow_symlinks=False)
                times = (0, 0) if folder else (status.st_mtime_ns, status.st_size)
                yield entry.path, (status.st_ino, *times)
    except OSError:
        return  # gone meanwhile: another look will tell


def _changes(answer: Raw | str) -> Raw:
    return answer if isinstance(answer, set) else set()


def _is_fresh(path: Path) -> bool:
    """Whether a lock of git's is there and not left over from a crash."""
    try:
        return time.time() - path.stat().st_mtime < 2 * LONGEST_SECONDS
    except OSError:
        return False


def _polling(error: Exception) -> str:
    limit = "fs.inotify.max_user_" + ("instances" if "Too many open files" in str(error) else "watches")
    why = " ".join(str(error).split())[:120]
    return f"every {POLL_SECONDS:g} s (the system refused events: {why}; raise {limit} with sysctl)"


def _events(places: Collection[str]) -> Notify:
    """The system's events. Permissions are not to be ignored: with them goes the error of a limit."""
    from watchfiles._rust_notify import RustNotify

    return RustNotify(list(places), False, False, 0, False, False)
