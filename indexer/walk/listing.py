"""Lists the files of a root with git. Where git cannot be used, a walk applies the same rules.

Paths are bytes relative to the root, as the file system has them. Submodules and nested repositories belong
to the root. Each of these repositories is listed with its own rules.
"""

# Names are bytes in this module, and pathlib does not accept bytes.
# ruff: noqa: PTH118

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from enum import Enum

from ..fragment import Skipped
from ..paths import show
from ..skip_reason import SkipKind, SkipReason
from . import git, git_index
from .ignore import Chain, load
from .worktrees import is_top, top_around


class FileState(Enum):
    """The state of a file according to git, or according to git's rules where git cannot be used."""

    TRACKED = "tracked"
    UNTRACKED = "untracked"
    IGNORED = "ignored"


NO_REPOSITORY = "there is a .git, but git sees no repository here; git status in this folder may say why"

FolderPredicate = Callable[[bytes], bool]


class FileListing:
    """The files below a root, in no particular order.

    `enter` decides whether a folder is entered. `reach` decides whether an ignored folder is entered because
    the user may have included a file in the folder. If `reach` is None, no ignored folder is entered. With
    `want_ignored`, ignored paths are collected, too. A walk without git stops above `limit` files.
    """

    def __init__(
        self,
        root: bytes,
        *,
        enter: FolderPredicate = lambda folder: True,
        reach: FolderPredicate | None = None,
        want_ignored: bool = False,
        limit: int | None = None,
    ) -> None:
        self._root, self._enter, self._reach = root, enter, reach
        self._want_ignored, self._limit = want_ignored, limit
        self.files: list[tuple[bytes, FileState]] = []
        self.tracked_folders: set[bytes] = set()
        self._tracked: set[bytes] = set()
        """Tracked files of repositories that git refused; they come from the repository's index file."""
        self.ignored: list[Skipped] = []
        """Ignored paths, each with its rule. The paths of folders end in a slash."""
        self.unreadable: list[Skipped] = []
        """Folders that could not be listed, each with the reason. The paths end in a slash."""
        self.stopped = False
        """Whether there are more files than the limit."""

    def fill(self) -> None:
        """List all files below the root."""
        self._repository(b"")

    def place(self, path: bytes) -> bytes:
        """The absolute path of `path`."""
        return b"%s/%s" % (self._root.rstrip(b"/"), path) if path else self._root

    def _repository(self, folder: bytes) -> None:
        """List a folder that may be a work tree or inside a work tree."""
        place, prefix = self.place(folder), _prefix(folder)
        found = git.list_files(place)
        if isinstance(found, git.Refusal):
            if found.repository or is_top(place):
                self._without_git(folder, found)
            self._plain(folder, outer_rules(place))
        elif not folder and not found.tracked and _is_ignored(place):
            # The repository around the root ignores the root, for example if a home folder is kept in git.
            self._plain(folder, Chain())
        else:
            self._from_git(prefix, found)

    def _from_git(self, prefix: bytes, found: git.GitListing) -> None:
        self._add_tracked(prefix, found.tracked, found.submodules)
        self.files.extend((prefix + path, FileState.UNTRACKED) for path in found.untracked)
        for path, why in found.unreadable:
            self._add_unreadable(prefix + path + b"/", why)
        if self._want_ignored or self._reach is not None:
            self._ignored_by_git(prefix)
        for folder in (prefix + path for path in (*found.submodules, *found.nested)):
            if not self._enter(folder):
                continue
            if is_top(self.place(folder)):
                self._repository(folder)
            else:  # a submodule that is not checked out, or that copied files have replaced
                self._plain(folder, Chain())

    def _without_git(self, folder: bytes, refusal: git.Refusal) -> None:
        """Note that git refused a repository, and list its tracked files from the index file."""
        place, prefix = self.place(folder), _prefix(folder)
        reason = refusal.reason if refusal.repository or refusal is git.MISSING else NO_REPOSITORY
        top = top_around(place)
        try:
            files, submodules = git_index.tracked(top) if top is not None else ([], [])
        except git_index.Unreadable:
            reason += "; tracked files are left out if an ignore rule matches them"
            files = submodules = []
        self._add_unreadable(prefix + b".git/", reason, SkipKind.REFUSED)
        inside = _prefix(os.path.relpath(place, top)) if top not in (None, place) else b""
        files, submodules = (
            [path.removeprefix(inside) for path in paths if path.startswith(inside)]
            for paths in (files, submodules)
        )
        self._add_tracked(prefix, files, submodules)
        self._tracked.update(prefix + path for path in files)

    def _add_tracked(self, prefix: bytes, files: Sequence[bytes], submodules: Sequence[bytes]) -> None:
        self.files.extend((prefix + path, FileState.TRACKED) for path in files)
        for path in (*files, *map(_prefix, submodules)):
            folder = (prefix + path).rpartition(b"/")[0]
            while folder and folder not in self.tracked_folders:
                self.tracked_folders.add(folder)
                folder = folder.rpartition(b"/")[0]

    def _ignored_by_git(self, prefix: bytes) -> None:
        root = self.place(prefix.rstrip(b"/"))
        paths = git.list_ignored(root)
        rules = git.check_ignore(root, paths) if self._want_ignored else {}
        for path in paths:
            self._leave_out(prefix + path, rules.get(path, "git's rules"))

    def _leave_out(self, shown: bytes, rule: str) -> None:
        """Note an ignored path. List the path, or the files below it, if the user may have included them."""
        if self._want_ignored:
            self.ignored.append(Skipped(show(shown), SkipReason(SkipKind.IGNORED, rule)))
        if self._reach is None:
            return
        if not shown.endswith(b"/"):
            self.files.append((shown, FileState.IGNORED))
        elif self._reach(shown[:-1]) and self._enter(shown[:-1]):
            self._plain(shown[:-1], None)

    def _plain(self, start: bytes, outer: Chain | None) -> None:
        """Walk a folder without git. If `outer` is None, `start` and all files in it are ignored by git."""
        stack = [(start, outer)]
        while stack and not self.stopped:
            self.stopped = self._limit is not None and len(self.files) > self._limit
            folder, chain = stack.pop()
            prefix = _prefix(folder)
            if chain is not None:
                ignore_file = prefix + b".gitignore"
                chain = chain.add(load(self.place(ignore_file), show(ignore_file)), _cut(self.place(folder)))
            for name, is_folder in self._entries(folder):
                path = prefix + name
                rule = chain.match(self.place(path), is_folder) if chain is not None else None
                if path in self._tracked:
                    continue
                if rule is not None and not rule.keeps:
                    self._leave_out(path + b"/" * is_folder, str(rule))
                elif not is_folder:
                    self.files.append((path, FileState.IGNORED if chain is None else FileState.UNTRACKED))
                elif not self._enter(path):
                    continue
                elif chain is not None and is_top(self.place(path)):
                    self._repository(path)
                elif chain is not None or self._reach is None or self._reach(path):
                    stack.append((path, chain))

    def _entries(self, folder: bytes) -> Iterator[tuple[bytes, bool]]:
        """The names in a folder, each with whether it is a folder. A link does not count as a folder."""
        try:
            with os.scandir(self.place(folder)) as entries:
                for entry in entries:
                    if entry.name != b".git":
                        yield entry.name, entry.is_dir(follow_symlinks=False)
        except FileNotFoundError:
            return
        except OSError as error:
            self._add_unreadable(_prefix(folder) or b"./", error.strerror or str(error))

    def _add_unreadable(self, path: bytes, why: str, kind: SkipKind = SkipKind.UNREADABLE) -> None:
        self.unreadable.append(Skipped(show(path), SkipReason(kind, why)))


def outer_rules(place: bytes) -> Chain:
    """The ignore rules that apply in a folder: those of the user, the repository and the parent folders.

    If these rules ignore the folder itself, returns an empty chain, because the user has named the folder.
    """
    location, top = git.excludes_file(), top_around(place)
    chain = Chain()
    if location is not None:  # resolve links, because users often link their ignore file to another place
        chain = chain.add(load(os.path.realpath(os.fsencode(location)), str(location)), _cut(top or place))
    if top is None:
        return chain
    chain = chain.add(load(os.path.join(top, b".git/info/exclude"), ".git/info/exclude"), _cut(top))
    folder = top
    for part in os.path.relpath(place, top).split(b"/") if place != top else ():
        ignore_file = os.path.join(folder, b".gitignore")
        chain = chain.add(load(ignore_file, show(ignore_file)), _cut(folder))
        folder = os.path.join(folder, part)
        rule = chain.match(folder, True)
        if rule is not None and not rule.keeps:
            return Chain()
    return chain


def _cut(folder: bytes) -> int:
    """The number of bytes before the relative part of a path in `folder`."""
    return len(os.path.join(folder, b""))


def _is_ignored(place: bytes) -> bool:
    if is_top(place):
        return False
    done = git.run(place, "check-ignore", "-q", ".")
    return not isinstance(done, git.Refusal) and done.returncode == 0


def _prefix(folder: bytes) -> bytes:
    return folder + b"/" if folder else b""
