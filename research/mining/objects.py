"""Reads file contents from git's objects, many at once, because each call starts a git process."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from indexer.errors import UsageError
from indexer.fragment import SourceFile
from indexer.walk import git
from indexer.walk.git_objects import contents

_FILES, _BYTES = 200, 4_000_000
"""Maximum files and maximum bytes read per call. All of them are held in memory."""
_SECONDS = 300.0


def read(git_dir: Path, blobs: Sequence[str]) -> list[bytes | None]:
    """The content of each blob, or None for a blob that the clone lacks. Raises UsageError if git fails."""
    if not blobs:
        return []
    asked = "".join(f"{blob}\n" for blob in blobs).encode("ascii")
    done = git.run(git_dir, "cat-file", "--batch", stdin=asked, timeout=_SECONDS, bare=git.is_bare(git_dir))
    if isinstance(done, git.Refusal):
        raise UsageError(f"{git_dir}: {done.reason}; name a clone that git can read")
    found = list(contents(done.stdout))
    if len(found) != len(blobs):
        raise UsageError(f"{git_dir}: git cannot read the clone's objects; run git fsck")
    return found


def each(git_dir: Path, files: Sequence[SourceFile]) -> Iterator[tuple[SourceFile, bytes | None]]:
    """Each file and its content, in order."""
    batch: list[SourceFile] = []
    size = 0
    for file in files:
        batch.append(file)
        size += file.size
        if len(batch) == _FILES or size >= _BYTES:
            yield from zip(batch, read(git_dir, [one.blob for one in batch]), strict=True)
            batch, size = [], 0
    yield from zip(batch, read(git_dir, [one.blob for one in batch]), strict=True)
