"""Finds local clones, bare or not, and writes the files of their newest commit to a temporary folder.

git runs no filter, hook or transport here (see `indexer.walk.git`): `cat-file` prints blobs as stored.
"""

from __future__ import annotations

import itertools
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from indexer.errors import UsageError
from indexer.walk import git
from indexer.walk.git_objects import contents

_BLOBS = 400
"""Number of blobs read per call. All of them are held in memory."""
_MAX_BYTES = 1_000_000
_SECONDS = 300.0
_REGULAR = (b"100644", b"100755")
_SELF = ("repo", "repo.git", ".git", "git", "bare")
"""Names of folders of clones. The parent of such a folder has the name of the repository."""


@dataclass(frozen=True, slots=True)
class Clone:
    """A local clone. `name` is `owner/name` if the remote is known, and else the folder's name.

    `remote` is `host/owner/name` without credentials, or "" if the remote is not known.
    """

    folder: Path
    git_dir: Path
    name: str
    remote: str = ""


def find(paths: Sequence[Path]) -> list[Clone]:
    """The clones at these paths, sorted by name. A path is a clone or a folder of clones.

    Raises UsageError for a path that is neither.
    """
    found: dict[Path, Clone] = {}
    for path in paths:
        if not path.is_dir():
            raise UsageError(f"{path}: not a folder; name a clone, or a folder of clones")
        clones = search(path)
        if not clones:
            raise UsageError(f"{path}: neither a git clone nor a folder of clones; name another folder")
        found.update((clone.git_dir, clone) for clone in clones)
    return sorted(found.values(), key=lambda clone: (clone.name, str(clone.git_dir)))


def search(path: Path) -> list[Clone]:
    """The folder itself if the folder is a clone, and else the clones in the folder."""
    return [clone for place in _places(path.resolve()) if (clone := _clone(place))]


def head(clone: Clone) -> str:
    """The id of the commit at HEAD. Raises UsageError if the clone has no commit."""
    with _door(clone.git_dir) as door:
        return _git(door, clone, "rev-parse", "--verify", "HEAD^{commit}").decode("ascii").strip()


def has(clone: Clone, commit: str) -> bool:
    """Whether the clone has a commit."""
    with _door(clone.git_dir) as door:
        done = git.run(door, "cat-file", "-e", f"{commit}^{{commit}}", timeout=_SECONDS)
    return not isinstance(done, git.Refusal) and done.returncode == 0


@contextmanager
def checkout(clone: Clone) -> Iterator[Path]:
    """A context with a temporary folder that holds HEAD's regular files of up to 1 MB.

    Raises UsageError if git cannot read the files.
    """
    with tempfile.TemporaryDirectory(prefix="cornea-bench-") as folder, _door(clone.git_dir) as door:
        listed = _git(door, clone, "ls-tree", "-r", "-z", "-l", "--full-tree", "HEAD")
        wanted = [row for row in map(_row, listed.split(b"\0")[:-1]) if row is not None]
        for start in range(0, len(wanted), _BLOBS):
            _write(Path(folder), wanted[start : start + _BLOBS], door, clone)
        yield Path(folder)


def _places(path: Path) -> Iterator[Path]:
    yield path
    if not _git_dir(path):
        for child in sorted(path.iterdir()):
            if child.is_dir():
                yield child
                yield child / "repo"


def _clone(folder: Path) -> Clone | None:
    git_dir = _git_dir(folder)
    if git_dir is None:
        return None
    with _door(git_dir) as door:
        remote = git.remote_url(door)
    address = git.normalise_remote(remote) if remote else ""
    return Clone(folder, git_dir, address.partition("/")[2] or _named(folder), address)


def _git_dir(folder: Path) -> Path | None:
    for place in (folder / ".git", folder):
        if (place / "HEAD").is_file() and (place / "objects").is_dir():
            return place
    return None


def _named(folder: Path) -> str:
    own = folder.parent if folder.name in _SELF else folder
    return own.name.removesuffix(".git").replace("+", "/").replace("__", "/")


@contextmanager
def _door(git_dir: Path) -> Iterator[Path]:
    """A context with a temporary folder whose `.git` file names `git_dir`.

    git runs in this folder, because `indexer.walk.git` keeps git from discovering bare repositories.
    """
    with tempfile.TemporaryDirectory(prefix="cornea-bench-") as folder:
        Path(folder, ".git").write_bytes(b"gitdir: " + os.fsencode(git_dir) + b"\n")
        yield Path(folder)


def _git(door: Path, clone: Clone, command: str, *args: str, stdin: bytes | None = None) -> bytes:
    done = git.run(door, command, *args, stdin=stdin, timeout=_SECONDS)
    if isinstance(done, git.Refusal):
        raise UsageError(f"{clone.folder}: {done.reason}; the data set needs git")
    if done.returncode != 0:
        first = (done.stderr.decode("utf-8", "replace").strip().splitlines() or ["no message"])[0]
        raise UsageError(f"{clone.folder}: git {command} failed ({first}); check that the clone has a commit")
    return done.stdout


def _row(record: bytes) -> tuple[bytes, str] | None:
    """The blob and the path in a line of ls-tree. Returns None if the line names no file to write."""
    meta, _, path = record.partition(b"\t")
    mode, kind, blob, size = meta.split()
    # The size is not a number if a partial clone lacks the blob.
    if kind != b"blob" or mode not in _REGULAR or not size.isdigit() or int(size) > _MAX_BYTES:
        return None
    name = os.fsdecode(path)
    # A crafted tree can hold any name, even one that leads out of the folder.
    if any(part in ("", ".", "..") or part.lower() == ".git" for part in name.split("/")):
        return None
    return blob, name


def _write(folder: Path, rows: Sequence[tuple[bytes, str]], door: Path, clone: Clone) -> None:
    asked = b"".join(blob + b"\n" for blob, _ in rows)
    answer = _git(door, clone, "cat-file", "--batch", stdin=asked)
    found = list(contents(answer))
    if len(found) != len(rows):
        raise UsageError(f"{clone.folder}: git cannot read the clone's objects; run git fsck")
    for (_, name), content in zip(rows, found, strict=True):
        if content is not None:
            place = folder / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)


def held_out(clone: Clone, names: Sequence[str]) -> str | None:
    """The held-out name that matches a clone. Returns None if no name matches.

    Only the last parts of names are compared, because a fork has another owner, or a clone names no owner.
    """
    parts = [name for name in (clone.name, _named(clone.folder)) if name]
    ours = set(itertools.chain.from_iterable((name.lower(), _last(name)) for name in parts))
    return next((name for name in names if name.lower() in ours or _last(name) in ours), None)


def excluded(path: Path | None) -> list[str]:
    """The names in a file of held-out repositories. Each line has a name or remote, and comments follow #."""
    if path is None:
        return []
    from .reading import lines

    rows = (line.partition("#")[0].strip() for _, line in lines(path))
    return [_normal(row) for row in rows if row]


def _normal(name: str) -> str:
    remote = git.normalise_remote(name) if ":" in name else ""
    return remote.partition("/")[2] or name.removesuffix(".git").strip("/")


def _last(name: str) -> str:
    return name.rpartition("/")[2].lower()
