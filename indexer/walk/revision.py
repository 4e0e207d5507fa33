"""Reads the files of a commit from git's objects, without a work tree."""

from __future__ import annotations

import errno
import functools
import re
import selectors
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from ..errors import UsageError
from ..fragment import Skipped, SourceFile, storable
from ..paths import show
from ..skip_reason import SkipKind, SkipReason
from . import git
from .attributes import ATTRIBUTES, Attributes, AttributeTree
from .ignore import Rules, from_globs
from .patterns import MAX_BYTES
from .skip_rules import ALWAYS_VENDORED, too_large
from .walk import WalkOptions, reason_of_file, with_attributes

_REGULAR = (b"100644", b"100755")
_ENTRY = re.compile(rb"(\d{6}) [a-z]+ ([0-9a-f]{40,64})(?: +(\d+|-|BAD))?\t(.+)", re.DOTALL)


class Revision:
    """One commit of a repository, which may be bare. Raises UsageError if git does not know the commit."""

    def __init__(self, repository: Path, name: str = "HEAD") -> None:
        self.repository = repository
        words = ("--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        done = git.run(repository, "rev-parse", *words)
        if isinstance(done, git.Refusal):
            raise UsageError(f"{repository}: {done.reason}; name a clone that git can read")
        commit = done.stdout.removesuffix(b"\n")
        if done.returncode != 0:
            unknown = done.returncode > 0 and b"fatal: " not in done.stderr
            said = f"no commit {name!r}" if unknown else git.why(done, repository).reason
            raise UsageError(f"{repository}: {said}; fetch it, or name another")
        if not git.is_id(commit):
            raise UsageError(f"{repository}: {git.INVALID_OUTPUT.reason}")
        self.commit = commit.decode("ascii")

    def files(self, options: WalkOptions) -> list[SourceFile | Skipped]:
        """The commit's files, sorted by path.

        A file is Skipped if it is left out because of its attributes, name or size.
        """
        include = from_globs(options.include, "index.include")
        exclude = from_globs(options.exclude, "index.exclude")
        found: list[SourceFile | Skipped] = []
        entries = self._entries()
        with Blobs(self.repository) as contents:
            tree = _attribute_tree(entries, contents)
            for blob, size, path in entries:
                if _matches_globs(exclude, path):
                    continue
                told = tree.of(path)
                reason = None if _matches_globs(include, path) else _skip_reason(path, options, told)
                missing = SkipReason(SkipKind.MISSING) if size is None else None
                reason = reason or missing or too_large(size or 0, options.max_file_bytes)
                name = show(path)
                file = SourceFile(name, self.repository, storable(size or 0), 0, blob)
                found.append(Skipped(name, reason) if reason else with_attributes(file, told))
        return sorted(found, key=lambda item: item.path)

    def _entries(self) -> list[tuple[str, int | None, bytes]]:
        """The blob, size and path of each regular file. The size is None for a blob that the clone lacks.

        Raises UsageError if git cannot list the files.
        """
        listed, sizes = self._listed("--long"), None
        if isinstance(listed, git.Refusal):  # a partial clone lacks objects, and may not fetch them
            refusal, listed, sizes = listed, self._listed(), self._sizes()
            if isinstance(listed, git.Refusal) or sizes is None:
                raise UsageError(
                    f"{self.repository}: git cannot list the files of {self.commit[:12]} ({refusal.reason}); "
                    "run git fsck, or in a partial clone git fetch --refetch --no-filter"
                )
        found = []
        *records, end = listed.split(b"\0")
        for record in records:
            entry = _ENTRY.fullmatch(record)
            if entry is None or end:
                raise UsageError(f"{self.repository}: {git.INVALID_OUTPUT.reason}")
            mode, blob, size, path = entry.groups()
            if mode in _REGULAR:
                known = sizes.get(blob) if sizes is not None else int(size) if size.isdigit() else None
                found.append((blob.decode("ascii"), known, path))
        return found

    def _listed(self, *words: str) -> bytes | git.Refusal:
        words = ("-r", "-z", *words, "--full-tree", self.commit)
        return git.answer(self.repository, "ls-tree", *words)

    def _sizes(self) -> dict[bytes, int] | None:
        """The sizes of the commit's objects in the clone, by the objects' ids. Returns None if git fails."""
        words = ("--objects", "--no-object-names", "--missing=print", "--no-walk", self.commit)
        listed = git.answer(self.repository, "rev-list", *words)
        if isinstance(listed, git.Refusal):
            return None
        there = b"".join(line + b"\n" for line in listed.split(b"\n") if git.is_id(line))
        form = "--batch-check=%(objectname) %(objectsize)"
        done = git.answer(self.repository, "cat-file", form, stdin=there)
        if isinstance(done, git.Refusal):
            return None
        rows = (line.split() for line in done.splitlines())
        return {row[0]: int(row[1]) for row in rows if len(row) == 2 and row[1].isdigit()}


def _matches_globs(rules: Rules, path: bytes) -> bool:
    """Whether the globs match a file or one of the folders that contain the file."""
    parts = path.split(b"/")
    for depth in range(1, len(parts) + 1):
        rule = rules.match(b"/".join(parts[:depth]), depth < len(parts))
        if rule is not None and (not rule.keeps or depth == len(parts)):
            return not rule.keeps
    return False


def _attribute_tree(entries: Sequence[tuple[str, int | None, bytes]], contents: Blobs) -> AttributeTree:
    """The attributes of the commit's files, from the attributes files in the commit."""
    files = {
        b"/" + path: blob
        for blob, size, path in entries
        if path.endswith(ATTRIBUTES) and size is not None and size <= MAX_BYTES
    }

    def read(path: bytes) -> bytes | None:
        with suppress(OSError):  # the error is reported when the file itself is read
            return contents.read(files[path]) if path in files else None
        return None

    return AttributeTree(read, lambda folder: False)


def _skip_reason(path: bytes, options: WalkOptions, told: Attributes) -> SkipReason | None:
    """Why a file is left out because of its attributes, its name or its folders' names, or None."""
    *folders, name = path.split(b"/")
    if not options.vendored and told.vendored is not False:
        for folder in folders:
            if folder.lower() in ALWAYS_VENDORED:
                return SkipReason(SkipKind.VENDORED, show(folder))
    return reason_of_file(name, options, told)


class Blobs:
    """Reads blobs by id from a `git cat-file` process, which is restarted if it dies."""

    def __init__(self, repository: Path) -> None:
        self._repository = repository
        self._process: subprocess.Popen[bytes] | None = None

    def read(self, blob: str) -> bytes | None:
        """The content of a blob.

        Returns None if the clone lacks it; raises OSError if git fails or stalls.
        """
        fresh = self._process is None
        try:
            return self._request(blob)
        except BrokenPipeError:
            self.close()
            if not fresh:  # an earlier object may have ended the process
                return self.read(blob)
            raise OSError(errno.EIO, f"git cannot read the object {blob[:12]}; run git fsck") from None

    def _request(self, blob: str) -> bytes | None:
        if self._process is None:
            self._process = git.start(self._repository, "cat-file", "--batch")
        asked, answered = self._process.stdin, self._process.stdout
        assert asked is not None
        assert answered is not None
        asked.write(blob.encode("ascii") + b"\n")
        asked.flush()
        with selectors.DefaultSelector() as selector:
            selector.register(answered, selectors.EVENT_READ)
            ready = selector.select(git.TIMEOUT)
        if not ready:
            self.close()
            raise OSError(errno.ETIMEDOUT, f"git did not answer within {git.TIMEOUT:g} s")
        header = answered.readline().split()
        if header == [blob.encode("ascii"), b"missing"]:
            return None
        if len(header) != 3 or header[0] != blob.encode("ascii") or not header[2].isdigit():
            raise BrokenPipeError
        size = int(header[2])
        data = answered.read(size + 1)
        if len(data) != size + 1:
            raise BrokenPipeError
        return data[:size] if header[1] == b"blob" else None

    def close(self) -> None:
        """End the process. A second call does nothing."""
        process, self._process = self._process, None
        if process is not None:
            git.stop(process)

    def __enter__(self) -> Blobs:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


@functools.lru_cache(maxsize=4)
def blobs(repository: Path) -> Blobs:
    """The reader of a repository's blobs, which the whole process shares and never closes."""
    return Blobs(repository)
