"""Packs the points of one file into bytes, which workers send and the cache stores.

Packed points leave out the repository, the path and the text, because the process that unpacks them knows the
file. So a file with the same content in another branch, work tree or clone has the same packed points. The
head is JSON and can be compared without unpacking the vectors, which are in the body.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
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

Key = tuple[Any, ...]
"""Identifies a point within its file."""


@dataclass(frozen=True, slots=True)
class PackedBytes:
    """Points as bytes. `head` is JSON; `body` holds the dense vectors in float16, then the sparse vectors."""

    head: bytes
    body: bytes


def pack(points: Sequence[Point]) -> PackedBytes:
    """Pack the points of one file. Dense vectors are rounded to float16, the precision of every store."""
    dense = [None if point.dense is None else point.dense.astype("<f2").tobytes() for point in points]
    names = [list(point.sparse) for point in points]
    vectors = [point.sparse[name] for point, own in zip(points, names, strict=True) for name in own]
    sparse = [(v.indices.astype("<u4").tobytes(), v.values.astype("<f4").tobytes()) for v in vectors]
    parts = iter(sparse)
    marks = []
    for point, row, own in zip(points, dense, names, strict=True):
        mark = hashlib.blake2b(row or b"", digest_size=_HASH_BYTES)
        mark.update(str(point.payload.get("text", "")).encode("utf-8", "surrogatepass"))
        for name in own:
            mark.update(name.encode())
            mark.update(b"".join(next(parts)))
        marks.append(mark.hexdigest())
    head = {
        "rows": [_without(point.payload) for point in points],
        "marks": marks,
        "dense": [i for i, row in enumerate(dense) if row is not None],
        "sparse": [[i, name, len(points[i].sparse[name])] for i, own in enumerate(names) for name in own],
    }
    body = [*filter(None, dense), *(indices for indices, _ in sparse), *(values for _, values in sparse)]
    return PackedBytes(json.dumps(head, separators=(",", ":")).encode(), b"".join(body))


def _without(payload: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in payload.items() if key not in _DERIVED_FIELDS}


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
        self.content_hashes: list[str] = head["marks"]
        """One hash per point, of the point's text and vectors."""
        self._dense: list[int] = head["dense"]
        self._sparse: list[tuple[int, str, int]] = head["sparse"]
        self._vectors: _Vectors | None = None

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, i: Any) -> Any:
        return [self._point(k) for k in range(len(self))[i]] if isinstance(i, slice) else self._point(i)

    def __iter__(self) -> Iterator[Point]:
        return map(self._point, range(len(self)))

    def keys(self) -> list[Key]:
        """The key of each point, in order."""
        return [_key(row) for row in self.rows]

    def ids(self, numbers: Iterable[int]) -> list[str]:
        """The ids of the points with these numbers."""
        return [self._id(i) for i in numbers]

    def payload(self, i: int) -> dict[str, Any]:
        """The payload of a point."""
        row = self.rows[i]
        payload = {"repo": self._repo, "path": self._path, **row}
        if row["kind"] != FILE:
            payload["text"] = self._text(row)
        return payload

    def _id(self, i: int) -> str:
        if self._ids is not None:
            return self._ids[i]
        return point_id(self._repo, self._path, *map(str, _key(self.rows[i])))

    def _point(self, i: int) -> Point:
        if self._vectors is None:
            self._vectors = _unpacked(self.packed.body, len(self.rows), self._dense, self._sparse)
        return Point(self._id(i), self.payload(i), self._vectors.dense.get(i), self._vectors.sparse[i])


@dataclass(frozen=True, slots=True)
class _Vectors:
    dense: dict[int, NDArray[np.float32]]
    sparse: list[dict[str, SparseVector]]


def _key(row: Mapping[str, Any]) -> Key:
    return (FILE,) if row["kind"] == FILE else (row["kind"], row["symbol"], row["ordinal"])


def _unpacked(
    body: bytes, points: int, dense: Sequence[int], sparse: Sequence[tuple[int, str, int]]
) -> _Vectors:
    """The vectors in a body.

    The body holds the dense vectors of the points in `dense`, then the indices of all sparse vectors, then
    the values of all sparse vectors.
    """
    total = sum(length for _, _, length in sparse)
    matrix = np.frombuffer(body[: len(body) - 8 * total], "<f2").astype(np.float32)
    rows = matrix.reshape(len(dense), -1) if dense else matrix
    end = len(body) - 4 * total
    indices = np.frombuffer(body[end - 4 * total : end], "<u4")
    values = np.frombuffer(body[end:], "<f4")
    found: list[dict[str, SparseVector]] = [{} for _ in range(points)]
    start = 0
    for i, name, length in sparse:
        found[i][name] = SparseVector(indices[start : start + length], values[start : start + length])
        start += length
    return _Vectors(dict(zip(dense, rows, strict=bool(dense))), found)
