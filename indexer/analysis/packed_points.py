"""Packs the points of one file into bytes, which workers send and the cache stores.

Packed points leave out the repository, the path and the text, because the process that unpacks them knows the
file. So a file with the same content in another branch, work tree or clone has the same packed points. The
head is JSON and can be compared without unpacking the vectors, which are in the body.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..fragment import Entry, point_id
from ..parsing.source import Source
from ..store import Point, SparseVector
from .fragment_points import FILE

_DERIVED_FIELDS = ("repo", "path", "text")
"""Payload fields that are not packed."""

_HASH_BYTES = 9
"""Size of a content hash, in bytes."""

Text = Callable[[Mapping[str, Any]], str]
"""A function that returns a fragment's text, given the packed payload."""


@dataclass(frozen=True, slots=True)
class PackedBytes:
    """Points as bytes. `head` is JSON.

    `body` holds the dense vectors in float16, then the indices of all sparse vectors, then their values.
    """

    head: bytes
    body: bytes


def pack(points: Sequence[Point]) -> PackedBytes:
    """Pack the points of one file. Dense vectors are rounded to float16, the precision of every store."""
    head: dict[str, list[Any]] = {"rows": [], "marks": [], "dense": [], "sparse": []}
    dense, indices, values = [], [], []
    for i, point in enumerate(points):
        content = hashlib.blake2b(digest_size=_HASH_BYTES)
        if point.dense is not None:
            dense.append(point.dense.astype("<f2").tobytes())
            content.update(dense[-1])
            head["dense"].append(i)
        content.update(str(point.payload.get("text", "")).encode("utf-8", "surrogatepass"))
        for name, vector in point.sparse.items():
            indices.append(vector.indices.astype("<u4").tobytes())
            values.append(vector.values.astype("<f4").tobytes())
            content.update(name.encode() + indices[-1] + values[-1])
            head["sparse"].append([i, name, len(vector)])
        head["rows"].append({key: v for key, v in point.payload.items() if key not in _DERIVED_FIELDS})
        head["marks"].append(content.hexdigest())
    body = b"".join([*dense, *indices, *values])
    return PackedBytes(json.dumps(head, separators=(",", ":")).encode(), body)


@dataclass(frozen=True, slots=True)
class FileAnalysis:
    """A file's manifest row and its points. Pickling turns the points into `PackedPoints`."""

    entry: Entry
    points: Sequence[Point]
    from_cache: bool = False

    def __reduce__(self) -> tuple[object, ...]:
        # Pickle a few large byte strings: pickling each vector would take longer than parsing the file.
        repo = self.points[0].payload["repo"] if self.points else ""
        ids = [point.id for point in self.points]
        return _unpickled, (self.entry, pack(self.points), repo, texts_of(self.points), ids)


def file_analysis(
    source: Source, seen_ns: int, language: str, functions: int, points: Sequence[Point], *, from_cache: bool
) -> FileAnalysis:
    """The analysis of a source that was read after the time `seen_ns`.

    The last of `points` must be the point of the file.
    """
    entry = Entry(
        path=source.file.path,
        size=source.size,
        mtime_ns=source.mtime_ns,
        seen_ns=seen_ns,
        digest=source.digest,
        language=language,
        fragments=len(points) - 1,
        functions=functions,
        stamp=source.stamp,
        redacted=json.dumps(source.redacted) if source.redacted else "",
    )
    return FileAnalysis(entry, points, from_cache)


def texts_of(points: Sequence[Point]) -> dict[int, str]:
    """The texts of a file's fragments, by the number of the fragment's first byte."""
    return {p.payload["start_byte"]: p.payload["text"] for p in points if "text" in p.payload}


def _unpickled(
    entry: Entry, packed: PackedBytes, repo: str, texts: Mapping[int, str], ids: Sequence[str]
) -> FileAnalysis:
    return FileAnalysis(
        entry, PackedPoints(packed, repo, entry.path, lambda row: texts[row["start_byte"]], ids)
    )


@dataclass(slots=True)
class Delta:
    """Changes to a store: points to upsert, payload fields to set (`amend`: id and fields), ids to delete.

    An edit usually changes one fragment and moves the fragments below. The payloads of moved fragments
    change, but their vectors stay the same.
    """

    upsert: list[Point] = field(default_factory=list)
    amend: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    delete: list[str] = field(default_factory=list)


class PackedPoints(Sequence[Point]):
    """A sequence of a file's points that are packed until they are accessed.

    `text` returns a fragment's text. `ids` are the points' ids; without them, ids are computed. Raises
    ValueError, on creation or on access, if the bytes are malformed.
    """

    def __init__(
        self, packed: PackedBytes, repo: str, path: str, text: Text, ids: Sequence[str] | None = None
    ) -> None:
        self.packed, self._repo, self._path, self._text, self._ids = packed, repo, path, text, ids
        head = json.loads(packed.head)
        self.rows: list[dict[str, Any]] = head["rows"]
        self._hashes: list[str] = head["marks"]  # one per point, of its text and vectors
        self._dense: list[int] = head["dense"]
        self._sparse: list[tuple[int, str, int]] = head["sparse"]

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, i: Any) -> Any:
        return [self._point(k) for k in range(len(self))[i]] if isinstance(i, slice) else self._point(i)

    def __iter__(self) -> Iterator[Point]:
        return map(self._point, range(len(self)))

    def delta(self, old: PackedPoints) -> Delta:
        """The changes that turn the `old` points of the file into these points."""
        found = Delta()
        known = {_key(row): i for i, row in enumerate(old.rows)}
        for i, row in enumerate(self.rows):
            before = known.pop(_key(row), None)
            if before is not None and old._hashes[before] == self._hashes[i]:
                was = old.rows[before]
                if was == row:
                    continue
                if was.keys() <= row.keys():
                    changed = {name: v for name, v in row.items() if name not in was or was[name] != v}
                    found.amend.append((self._id(i), changed))
                    continue
            found.upsert.append(self[i])
        found.delete = [old._id(i) for i in known.values()]
        return found

    def _id(self, i: int) -> str:
        if self._ids is not None:
            return self._ids[i]
        return point_id(self._repo, self._path, *map(str, _key(self.rows[i])))

    def _point(self, i: int) -> Point:
        row, (dense, sparse) = self.rows[i], self._vectors
        payload = {"repo": self._repo, "path": self._path, **row}
        if row["kind"] != FILE:
            payload["text"] = self._text(row)
        return Point(self._id(i), payload, dense.get(i), sparse[i])

    @cached_property
    def _vectors(self) -> tuple[dict[int, NDArray[np.float32]], list[dict[str, SparseVector]]]:
        """The dense vectors by the numbers of their points, and the sparse vectors of each point."""
        body, total = self.packed.body, sum(length for _, _, length in self._sparse)
        matrix = np.frombuffer(body[: len(body) - 8 * total], "<f2").astype(np.float32)
        rows = matrix.reshape(len(self._dense), -1) if self._dense else matrix
        end = len(body) - 4 * total
        indices = np.frombuffer(body[end - 4 * total : end], "<u4")
        values = np.frombuffer(body[end:], "<f4")
        found: list[dict[str, SparseVector]] = [{} for _ in self.rows]
        start = 0
        for i, name, length in self._sparse:
            found[i][name] = SparseVector(indices[start : start + length], values[start : start + length])
            start += length
        return dict(zip(self._dense, rows, strict=bool(self._dense))), found


def _key(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """Identifies a point within its file."""
    return (FILE,) if row["kind"] == FILE else (row["kind"], row["symbol"], row["ordinal"])
