"""Reads git objects with `git cat-file --batch`.

git announces the length of each object, so no content can be mistaken for a header.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..fragment import storable
from . import git

_BATCH = 250
"""Number of commits per git process."""
_FIELD = re.compile(rb"^(parent|author|committer|encoding) (.*)$", re.MULTILINE)
"""Matches a header line. It cannot match lines of a signature, because these begin with a space."""
_MAX_NAME_BYTES = 40
"""Number of bytes that are read of an encoding's name or of a time."""
_MAX_CHAR_BYTES = 8
"""Largest number of bytes that a character takes in any encoding."""
_NO_ENCODINGS = frozenset({"idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape"})
"""Python codecs that are not tried: no commit uses them, some are slow, and some warn."""


@dataclass(frozen=True, slots=True)
class CommitObject:
    """A stored commit. `time` is the committer's Unix time, or 0 if the time cannot be read."""

    id: str
    parents: tuple[str, ...]
    by: bytes
    time: int
    encoding: str
    body: bytes

    @property
    def author(self) -> str:
        """The author's name and address."""
        return decoded(self.by.rpartition(b">")[0] + b">", self.encoding)

    def message(self, most: int | None = None) -> str:
        """The message, cut to `most` characters. Bytes that cannot be decoded become U+FFFD."""
        body = self.body.partition(b"\0")[0].strip()  # git, too, shows a message only up to a NUL
        part = body if most is None else body[: _MAX_CHAR_BYTES * most]
        return decoded(part, self.encoding).strip()[:most]


def contents(answer: bytes) -> Iterator[bytes | None]:
    """The objects in the output of `git cat-file --batch`. Yields None for an object that the clone lacks.

    Ends early if the output is incomplete, for example because of a damaged object.
    """
    at = 0
    while (end := answer.find(b"\n", at)) >= 0:
        head = answer[at:end].split()
        at = end + 1
        if head[-1:] == [b"missing"]:
            yield None
            continue
        if len(head) != 3 or not head[2].isdigit() or at + int(head[2]) >= len(answer):
            return
        yield answer[at : at + int(head[2])]
        at += int(head[2]) + 1


def commits(repository: Path, ids: Sequence[str]) -> Iterator[CommitObject]:
    """The commits with these ids, in the order of the ids. Commits that git cannot read are left out."""
    while ids:
        part = ids[:_BATCH]
        asked = "".join(f"{id}\n" for id in part).encode("ascii")
        done = git.run(repository, "cat-file", "--batch", stdin=asked)
        if isinstance(done, git.Refusal):
            ids = ids[_BATCH:]
            continue
        answered = list(contents(done.stdout))
        for id, data in zip(part, answered, strict=False):
            if data is not None:
                yield commit(id, data)
        ids = ids[min(len(answered) + 1, _BATCH) :]  # git exits at the first damaged object, so skip it


def unreadable(repository: Path, ids: Sequence[str]) -> list[str]:
    """Those of the commits at which git fails, but none about which git could not be asked."""
    asked = ((id, git.run(repository, "cat-file", "commit", id)) for id in ids)
    return [id for id, done in asked if not isinstance(done, git.Refusal) and done.returncode > 0]


def commit(id: str, data: bytes) -> CommitObject:
    """The commit in `data`, the bytes of a commit object. Missing fields are empty."""
    head, _, body = data.partition(b"\n\n")
    parents: list[str] = []
    first: dict[bytes, bytes] = {}
    for key, value in _FIELD.findall(head):
        if key == b"parent":
            parents.append(value.decode("ascii", "replace"))
        else:
            first.setdefault(key, value)
    encoding = first.get(b"encoding", b"")[:_MAX_NAME_BYTES].decode("ascii", "replace")
    time = _seconds(first.get(b"committer", b""))
    return CommitObject(id, tuple(parents), first.get(b"author", b""), time, encoding, body)


def _seconds(committer: bytes) -> int:
    words = committer.rpartition(b">")[2].split()
    text = words[0][:_MAX_NAME_BYTES] if words else b""
    return storable(int(text)) if text.removeprefix(b"-").isdigit() else 0


def decoded(text: bytes, encoding: str) -> str:
    """`text`, decoded from the encoding that a commit names, or from UTF-8 if Python lacks that encoding."""
    if encoding and encoding.lower().replace("-", "_") not in _NO_ENCODINGS:
        try:
            return text.decode(encoding, "replace")
        except (LookupError, ValueError):
            pass
    return text.decode("utf-8", "replace")
