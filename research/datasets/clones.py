"""Finds local clones, bare or not, reads their blobs, and writes files of their newest commit to a folder.

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
from indexer.fragment import SourceFile
from indexer.walk import git, git_objects, remotes

from .reading import lines

_FILES, _BYTES = 200, 4_000_000
"""Maximum files and maximum bytes read per git process. All of them are held in memory."""
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
    return _git(clone, "rev-parse", "--verify", "HEAD^{commit}").decode("ascii").strip()


def has(clone: Clone, commit: str) -> bool:
    """Whether the clone has a commit."""
    done = git.run(clone.git_dir, "cat-file", "-e", f"{commit}^{{commit}}", timeout=_SECONDS)
    return not isinstance(done, git.Refusal) and done.returncode == 0


@contextmanager
def checkout(clone: Clone, commit: str = "HEAD") -> Iterator[Path]:
    """A context with a temporary folder that holds a commit's regular files of up to 1 MB.

    Raises UsageError if git cannot read the files.
    """
    with tempfile.TemporaryDirectory(prefix="cornea-bench-") as folder:
        listed = _git(clone, "ls-tree", "-r", "-z", "-l", "--full-tree", commit)
        wanted = [file for file in map(_file, listed.split(b"\0")[:-1]) if file is not None]
        for file, content in contents(clone.git_dir, wanted):
            if content is not None:
                place = Path(folder, file.path)
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(content)
        yield Path(folder)


def contents(git_dir: Path, files: Sequence[SourceFile]) -> Iterator[tuple[SourceFile, bytes | None]]:
    """Each file of a commit and its content, in order. The content is None if the clone lacks the file."""
    batch: list[SourceFile] = []
    size = 0
    for file in files:
        batch.append(file)
        size += file.size
        if len(batch) == _FILES or size >= _BYTES:
            yield from zip(batch, blobs(git_dir, [one.blob for one in batch]), strict=True)
            batch, size = [], 0
    yield from zip(batch, blobs(git_dir, [one.blob for one in batch]), strict=True)


def blobs(git_dir: Path, ids: Sequence[str]) -> list[bytes | None]:
    """The content of each blob, or None for a blob that the clone lacks. Raises UsageError if git fails."""
    if not ids:
        return []
    asked = "".join(f"{blob}\n" for blob in ids).encode("ascii")
    done = git.run(git_dir, "cat-file", "--batch", stdin=asked, timeout=_SECONDS)
    if isinstance(done, git.Refusal):
        raise UsageError(f"{git_dir}: {done.reason}; name a clone that git can read")
    found = list(git_objects.contents(done.stdout))
    if len(found) != len(ids):
        raise UsageError(f"{git_dir}: git cannot read the clone's objects; run git fsck")
    return found


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
    remote = remotes.remote_url(git_dir)
    address = remotes.normalise_remote(remote) if remote else ""
    return Clone(folder, git_dir, address.partition("/")[2] or _named(folder), address)


def _git_dir(folder: Path) -> Path | None:
    for place in (folder / ".git", folder):
        if (place / "HEAD").is_file() and (place / "objects").is_dir():
            return place
    return None


def _named(folder: Path) -> str:
    own = folder.parent if folder.name in _SELF else folder
    return own.name.removesuffix(".git").replace("+", "/").replace("__", "/")


def _git(clone: Clone, command: str, *args: str) -> bytes:
    done = git.run(clone.git_dir, command, *args, timeout=_SECONDS)
    if isinstance(done, git.Refusal):
        raise UsageError(f"{clone.folder}: {done.reason}; the data set needs git")
    if done.returncode != 0:
        first = (done.stderr.decode("utf-8", "replace").strip().splitlines() or ["no message"])[0]
        raise UsageError(f"{clone.folder}: git {command} failed ({first}); check that the clone has a commit")
    return done.stdout


def _file(record: bytes) -> SourceFile | None:
    """The file in a line of ls-tree. Returns None if the line names no file to write."""
    meta, _, path = record.partition(b"\t")
    mode, kind, blob, size = meta.split()
    # The size is not a number if a partial clone lacks the blob.
    if kind != b"blob" or mode not in _REGULAR or not size.isdigit() or int(size) > _MAX_BYTES:
        return None
    name = os.fsdecode(path)
    # A crafted tree can hold any name, even one that leads out of the folder.
    if any(part in ("", ".", "..") or part.lower() == ".git" for part in name.split("/")):
        return None
    return SourceFile(name, Path(name), int(size), 0, blob.decode("ascii"))


def allowed(paths: Sequence[Path], exclude: Path | None, remedy: str = "leave that clone out") -> list[Clone]:
    """The clones at these paths. Raises UsageError if the file `exclude` names a clone."""
    found, names = find(paths), excluded(exclude)
    for clone in found:
        if (name := held_out(clone, names)) is not None:
            raise UsageError(f"{clone.folder}: {name} is held out; {remedy}")
    return found


def held_out(clone: Clone, names: Sequence[str]) -> str | None:
    """The held-out name that matches a clone. Returns None if no name matches.

    Only the last parts of names are compared, because a fork has another owner, or a clone names no owner.
    """
    parts = [name for name in (clone.name, _named(clone.folder)) if name]
    ours = set(itertools.chain.from_iterable((name.lower(), last_part(name)) for name in parts))
    return next((name for name in names if name.lower() in ours or last_part(name) in ours), None)


def excluded(path: Path | None) -> list[str]:
    """The names in a file of held-out repositories. Each line has a name or remote, and comments follow #."""
    if path is None:
        return []
    rows = (line.partition("#")[0].strip() for _, line in lines(path))
    return [_normal(row) for row in rows if row]


def excluded_parts(path: Path | None) -> set[str]:
    """The last parts of the names in a file of held-out repositories."""
    return {last_part(name) for name in excluded(path)}


def _normal(name: str) -> str:
    remote = remotes.normalise_remote(name) if ":" in name else ""
    return remote.partition("/")[2] or name.removesuffix(".git").strip("/")


def last_part(name: str) -> str:
    """A name in lower case and without its owner, because some sources do not name owners."""
    return name.rpartition("/")[2].lower()
