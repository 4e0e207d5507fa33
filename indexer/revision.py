"""The files of a commit, out of git's objects: no work tree is needed, and none is touched."""

from __future__ import annotations

import functools
import subprocess
from pathlib import Path
from types import TracebackType

from . import git
from .errors import UsageError
from .files import WalkOptions, too_large
from .fragment import Skipped, SourceFile
from .ignore import Rules, from_globs, show
from .vendored import ALWAYS_VENDORED, by_name

_REGULAR = (b"100644", b"100755")


class Revision:
    """One commit of a repository, bare or not. Raises UsageError where git does not know it."""

    def __init__(self, repository: Path, name: str = "HEAD") -> None:
        self.repository = repository
        self._bare = git.is_bare(repository)
        done = self._git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        if isinstance(done, git.Refusal):
            raise UsageError(f"{repository}: {done.reason}; name a clone that git can read")
        if done.returncode != 0:
            raise UsageError(f"{repository}: no commit {name!r}; fetch it, or name another")
        self.commit = done.stdout.decode("ascii").strip()

    def files(self, options: WalkOptions) -> list[SourceFile | Skipped]:
        """Its files, sorted by path; the ones left out by name, size or the user's globs are Skipped."""
        done = self._git("ls-tree", "-r", "-z", "--long", "--full-tree", self.commit)
        if isinstance(done, git.Refusal) or done.returncode != 0:
            raise UsageError(
                f"{self.repository}: git cannot list the files of {self.commit[:12]}; run git fsck"
            )
        include = from_globs(options.include, "index.include")
        exclude = from_globs(options.exclude, "index.exclude")
        found: list[SourceFile | Skipped] = []
        for record in done.stdout.split(b"\0")[:-1]:
            meta, _, path = record.partition(b"\t")
            mode, _kind, blob, size = meta.split()
            if mode not in _REGULAR or _named(exclude, path):
                continue
            reason = None if _named(include, path) else _reason(path, options)
            length = int(size) if size.isdigit() else 0  # of what a partial clone lacks, the size is unknown
            reason = reason or too_large(length, options.max_file_bytes)
            name = show(path)
            found.append(
                Skipped(name, reason)
                if reason
                else SourceFile(name, self.repository, length, 0, blob.decode("ascii"))
            )
        return sorted(found, key=lambda item: item.path)

    def _git(self, command: str, *args: str) -> subprocess.CompletedProcess[bytes] | git.Refusal:
        return git.run(self.repository, command, *args, bare=self._bare)


def _named(rules: Rules, path: bytes) -> bool:
    """Whether globs name a file or a folder that it is in."""
    parts = path.split(b"/")
    for depth in range(1, len(parts) + 1):
        rule = rules.match(b"/".join(parts[:depth]), depth < len(parts))
        if rule is not None and (not rule.keeps or depth == len(parts)):
            return not rule.keeps
    return False


def _reason(path: bytes, options: WalkOptions) -> str | None:
    """Why a committed file is left out by its name or its folders' names, or None."""
    *folders, name = path.split(b"/")
    if not options.vendored:
        for folder in folders:
            if folder.lower() in ALWAYS_VENDORED:
                return f"vendored: {show(folder)}"
    return by_name(name)


class Blobs:
    """Reads contents by their object ids, from one `git cat-file` process."""

    def __init__(self, repository: Path) -> None:
        self._process = git.start(repository, "cat-file", "--batch", bare=git.is_bare(repository))

    def read(self, blob: str) -> bytes | None:
        """The content, or None if the clone does not have it (a partial or shallow one)."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(blob.encode("ascii") + b"\n")
        self._process.stdin.flush()
        header = self._process.stdout.readline().split()
        if len(header) != 3 or header[1] != b"blob":
            return None
        size = int(header[2])
        return self._process.stdout.read(size + 1)[:size]

    def close(self) -> None:
        """End the process."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._process.wait()

    def __enter__(self) -> Blobs:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


@functools.lru_cache(maxsize=4)
def blobs(repository: Path) -> Blobs:
    """The reader of a repository, shared by all files of a process; it ends with the process."""
    return Blobs(repository)
