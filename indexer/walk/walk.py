"""Walks a root: which files may be indexed, which files are left out, and why.

A walk does not yield files that the user's own rules exclude (.gitignore, .corneaignore, `index.exclude`);
`ignored` and `explain` report such files. A walk yields `Skipped` for a file that Cornea itself leaves out.
The rules in order of precedence, strongest first: `exclude`, `include`, `.corneaignore`, git's rules,
`.gitattributes`, Cornea's own tables.
"""

# Names are bytes in this module, and pathlib does not accept bytes.
# ruff: noqa: PTH110, PTH112, PTH114

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from ..errors import CorneaError, UsageError
from ..fragment import Skipped, SourceFile, stamp_of, storable
from ..paths import show
from ..skip_reason import SkipKind, SkipReason
from .attributes import GENERATED, NOTHING, VENDORED, Attributes, tree_on_disk
from .ignore import Chain, Rules, from_globs, load
from .listing import FileListing, FileState
from .skip_rules import reason_by_name, too_large, vendored
from .worktrees import WorkTrees

IGNORE_FILE = b".corneaignore"


@dataclass(frozen=True, slots=True)
class WalkOptions:
    """What a walk leaves out and includes. Globs use the syntax of .gitignore."""

    include: tuple[str, ...] = ()
    """Globs of files that are indexed even if a rule other than `exclude` leaves them out."""
    exclude: tuple[str, ...] = ()
    """Globs of files that are left out even if another rule includes them."""
    max_file_bytes: int = 1_000_000
    max_files: int | None = None
    """Number of files above which a walk refuses a root."""
    hidden: bool = False
    vendored: bool = False


def walk(root: Path, options: WalkOptions | None = None) -> Iterator[SourceFile | Skipped]:
    """Every file below `root` that may be indexed or that Cornea itself leaves out, sorted by path.

    Raises UsageError if `root` is not a folder, or if it has more than `max_files` files.
    """
    yield from _Walk(root, options or WalkOptions()).found()


def ignored(root: Path, options: WalkOptions | None = None) -> Iterator[Skipped]:
    """The files and folders below `root` that the user's rules exclude, each with the rule, sorted by path.

    The paths of folders end in a slash.
    """
    yield from _Walk(root, options or WalkOptions(), want_ignored=True).ignored()


def explain(root: Path, path: str, options: WalkOptions | None = None) -> str:
    """Why the file or folder `path`, relative to `root`, is indexed or not, in one line."""
    walked = _Walk(root, options or WalkOptions(), want_ignored=True)
    wanted = show(os.path.normpath(path.encode("utf-8", "surrogateescape")))
    inside = wanted + "/"
    found = list(walked.found())
    for item in (*found, *walked.ignored()):
        if isinstance(item, SourceFile) and item.path == wanted:
            return "eligible"
        if isinstance(item, Skipped) and inside.startswith(item.path.rstrip("/") + "/"):
            return f"{item.path}: {item.reason}" if item.path.rstrip("/") != wanted else item.reason
    files = sum(isinstance(item, SourceFile) and item.path.startswith(inside) for item in found)
    if files:
        return f"a folder with {files} eligible file{'s' * (files != 1)}"
    return walked.unlisted(wanted.encode())


@dataclass(frozen=True, slots=True)
class _Folder:
    """The decision about a folder. The folder is entered, or left out if there is a `reason`.

    The `reason` holds for the folder `at`, which is this folder or a folder above, and for all that is below
    `at`. `rules` are the rules of the .corneaignore files that apply in the folder.
    """

    rules: Chain
    at: bytes = b""
    reason: SkipReason | None = None
    included: bool = False

    @property
    def excluded(self) -> bool:
        """Whether `include` cannot re-include anything in the folder."""
        return self.reason is not None and self.reason.kind in (SkipKind.EXCLUDED, SkipKind.SYMLINK)


class _Walk:
    """One walk: the listed files, the results for them, and a cached decision about each folder."""

    def __init__(self, root: Path, options: WalkOptions, *, want_ignored: bool = False) -> None:
        self.root = _real_folder(root)
        self.options = options
        self.include = from_globs(options.include, "index.include")
        self.exclude = from_globs(options.exclude, "index.exclude")
        # More than `max_files`, because listed files that are left out, like images, do not count there.
        limit = None if options.max_files is None else 4 * options.max_files
        reach = self.include.may_reach_into if options.include else None
        self.listing = FileListing(
            self.root, enter=self._should_enter, reach=reach, want_ignored=want_ignored, limit=limit
        )
        self.attributes = tree_on_disk(self.root)
        self.work_trees = WorkTrees(self.root)
        self.folders = {b"": _Folder(Chain().add(self._own_rules(b"")))}
        self.skipped: dict[str, Skipped] = {}
        self.ruled_out: dict[str, Skipped] = {}
        self.files: dict[str, SourceFile] = {}
        self._classify_all()

    def found(self) -> list[SourceFile | Skipped]:
        items: list[SourceFile | Skipped] = [*self.files.values(), *self.skipped.values()]
        return sorted(items, key=lambda item: item.path)

    def ignored(self) -> list[Skipped]:
        kept = {item.path: item for item in self.listing.ignored if item.path not in self.files}
        return sorted((kept | self.ruled_out).values(), key=lambda item: item.path)

    def unlisted(self, path: bytes) -> str:
        """Why the walk has no result for a path."""
        location = self.root + b"/" + path
        try:
            status = os.lstat(location)
        except OSError:
            return "no such file"
        if b".git" in path.split(b"/"):
            return "git's own; never indexed"
        if stat.S_ISDIR(status.st_mode):
            inside = show(path) + "/"
            count = sum(item.startswith(inside) for item in (*self.skipped, *self.ruled_out))
            return "a folder with no file to index" + (f" ({count} left out)" if count else "")
        # git lists neither pipes nor sockets.
        return str(self._unfit_reason(location, status) or "git does not list it")

    def _classify_all(self) -> None:
        self.listing.fill()
        self.skipped |= {item.path: item for item in self.listing.unreadable}
        for path, state in self.listing.files:
            try:
                self._file(path, state)
            except CorneaError:
                raise
            except Exception as error:  # noqa: BLE001 - one file must not end the run; its reason is shown
                self._skip(path, SkipReason.of_error(error))
        limit = self.options.max_files
        if limit is not None and (self.listing.stopped or len(self.files) > limit):
            raise UsageError(
                f"{show(self.root)} holds more than {limit:,} files: name a smaller folder, leave some "
                f"out in a .corneaignore, or raise index.max_files"
            )

    def _should_enter(self, path: bytes) -> bool:
        folder = self._folder(path)
        if folder.reason is None:
            return True
        self._report(folder)
        if self.attributes.has_unvendored and folder.reason.kind is SkipKind.VENDORED:
            return True
        return not folder.excluded and bool(self.options.include) and self.include.may_reach_into(path)

    def _report(self, folder: _Folder) -> None:
        assert folder.reason is not None
        self._skip(folder.at + b"/", folder.reason)

    def _skip(self, path: bytes, reason: SkipReason) -> None:
        shown = show(path)
        by_rule = reason.kind in (SkipKind.EXCLUDED, SkipKind.IGNORED)
        (self.ruled_out if by_rule else self.skipped)[shown] = Skipped(shown, reason)

    def _folder(self, path: bytes) -> _Folder:
        known = self.folders.get(path)
        if known is None:
            known = self.folders[path] = self._classify_folder(path, self._folder(path.rpartition(b"/")[0]))
        return known

    def _classify_folder(self, path: bytes, parent: _Folder) -> _Folder:
        if parent.excluded:
            return parent
        rule = self.exclude.match(path, True)
        if rule is not None and not rule.keeps:
            return _Folder(parent.rules, path, SkipReason(SkipKind.EXCLUDED, str(rule)))
        if os.path.islink(self.listing.place(path)):
            # A link has replaced a folder. git lists the link as a file, and also the folder's tracked files.
            return _Folder(parent.rules, path, SkipReason(SkipKind.SYMLINK))
        included = self._is_included(path, True, parent)
        if not included:
            if parent.reason:
                return parent
            rule = parent.rules.match(path, True)
            if rule is not None and not rule.keeps:
                return _Folder(parent.rules, path, SkipReason(SkipKind.IGNORED, str(rule)))
            reason = self._default_reason(path) if rule is None else None
            if reason:
                return _Folder(parent.rules, path, reason)
        return _Folder(parent.rules.add(self._own_rules(path), len(path) + 1), included=included)

    def _default_reason(self, folder: bytes) -> SkipReason | None:
        tracked = folder in self.listing.tracked_folders
        if not tracked and not self.options.hidden and folder.rpartition(b"/")[2].startswith(b"."):
            return SkipReason(SkipKind.HIDDEN)
        linked = self.work_trees.reason(self.listing.place(folder))
        return linked or (None if self.options.vendored else vendored(self.root, folder, tracked))

    def _is_included(self, path: bytes, is_folder: bool, parent: _Folder) -> bool:
        rule = self.include.match(path, is_folder) if self.options.include else None
        return parent.included if rule is None else not rule.keeps

    def _own_rules(self, folder: bytes) -> Rules | None:
        name = folder + b"/" + IGNORE_FILE if folder else IGNORE_FILE
        return load(self.listing.place(name), show(name))

    def _file(self, path: bytes, state: FileState) -> None:
        parent, _, name = path.rpartition(b"/")
        folder = self._folder(parent)
        if folder.excluded:
            return self._report(folder)
        rule = self.exclude.match(path, False)
        if rule is not None and not rule.keeps:
            return self._skip(path, SkipReason(SkipKind.EXCLUDED, str(rule)))
        told = self.attributes.of(path)
        if not self._is_included(path, False, folder):
            if folder.reason and not (told.vendored is False and folder.reason.kind is SkipKind.VENDORED):
                return self._report(folder)
            if state is FileState.IGNORED:
                return None
            rule = folder.rules.match(path, False)
            if rule is not None and not rule.keeps:
                return self._skip(path, SkipReason(SkipKind.IGNORED, str(rule)))
            if rule is None:
                hidden = name.startswith(b".") and state is not FileState.TRACKED and not self.options.hidden
                reason = SkipReason(SkipKind.HIDDEN) if hidden else reason_of_file(name, self.options, told)
                if reason:
                    return self._skip(path, reason)
        return self._stat_file(path, told)

    def _stat_file(self, path: bytes, told: Attributes) -> None:
        """Add a file that no rule leaves out, or skip it because of its size or type.

        A file that is gone is ignored.
        """
        location = self.root + b"/" + path
        try:
            status = os.lstat(location)
        except (FileNotFoundError, NotADirectoryError):
            return
        except OSError as error:
            self._skip(path, SkipReason(SkipKind.UNREADABLE, error.strerror or str(error)))
            return
        reason = self._unfit_reason(location, status)
        shown = show(path)
        if reason is None and shown in self.files:
            reason = SkipReason(SkipKind.SAME_NAME, repr(os.fsencode(self.files[shown].location)))
        if reason:
            self.skipped.setdefault(shown, Skipped(shown, reason))
        else:
            place = Path(os.fsdecode(location))
            size, changed = max(storable(status.st_size), 0), storable(status.st_mtime_ns)
            file = SourceFile(shown, place, size, changed, stamp=stamp_of(status))
            self.files[shown] = with_attributes(file, told)

    def _unfit_reason(self, location: bytes, status: os.stat_result) -> SkipReason | None:
        if stat.S_ISLNK(status.st_mode):
            return _link_reason(self.root, location)
        if not stat.S_ISREG(status.st_mode):
            return SkipReason(SkipKind.FOLDER if stat.S_ISDIR(status.st_mode) else SkipKind.NOT_REGULAR)
        return too_large(status.st_size, self.options.max_file_bytes)


def reason_of_file(name: bytes, options: WalkOptions, told: Attributes) -> SkipReason | None:
    """Why a file is left out because of its attributes or its name. Returns None if both allow it."""
    if told.vendored and not options.vendored:
        return SkipReason(SkipKind.VENDORED, str(told.rules[VENDORED]))
    if told.generated:
        return SkipReason(SkipKind.GENERATED, str(told.rules[GENERATED]))
    return reason_by_name(name, written=told.generated is False)


def with_attributes(file: SourceFile, told: Attributes) -> SourceFile:
    """The file, with those of its attributes that decide how it is read."""
    if told == NOTHING:
        return file
    encoding = "" if file.blob else told.encoding  # the attribute is for files on disk; git stores UTF-8
    return replace(file, language=told.language, encoding=encoding, written=told.generated is False)


def attributes_of(root: Path, path: str) -> Attributes:
    """The attributes of the file at `path`, relative to `root`."""
    return tree_on_disk(os.path.realpath(os.fsencode(root))).of(path.encode("utf-8", "surrogateescape"))


def source_file(root: Path, path: str, location: Path) -> SourceFile:
    """A file to read, as a walk would return it, but without size and times."""
    return with_attributes(SourceFile(path, location, 0, 0), attributes_of(root, path))


def _link_reason(root: bytes, location: bytes) -> SkipReason:
    target = os.path.realpath(location)
    if target != root and not target.startswith(root.rstrip(b"/") + b"/"):
        return SkipReason(SkipKind.FOREIGN_SYMLINK)
    return SkipReason(SkipKind.SYMLINK if os.path.exists(target) else SkipKind.BROKEN_SYMLINK)


def _real_folder(root: Path) -> bytes:
    try:
        real = os.path.realpath(os.fsencode(root), strict=True)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise UsageError(f"{show(os.fsencode(root))}: {why}; name an existing folder") from error
    if not os.path.isdir(real):
        raise UsageError(f"{show(os.fsencode(root))} is not a folder; name the folder that it is in")
    return real
