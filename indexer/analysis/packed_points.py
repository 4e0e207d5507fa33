"""The points of one file, packed: how workers hand them over, and how the cache keeps them.

What is packed does not hold the repository, the path or the text, which follow from where the file is found
and from its bytes. So a branch switched back to, a second work tree and a clone can use what was computed
before. The head is JSON, to be compared without looking at a vector; the body holds the vectors.
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
from ..store import Point, SparseVector
from .fragment_points import FILE

_APART = ("repo", "path", "text")
"""Fields of a payload that are not packed."""

_MARK_BYTES = 9
"""Of a digest of a point's text and vectors: two of one file collide once in 2**72."""

Text = Callable[[Mapping[str, Any]], str]
"""The text of a fragment, by its packed payload."""

Key = tuple[Any, ...]
"""What tells the points of a file apart, and their ids from other files'."""


@dataclass(frozen=True, slots=True)
class Packed:
    """Points [n] as bytes: `head` is JSON, `body` their dense vectors in float16 and their sparse ones."""

    head: bytes
    body: bytes


def pack(points: Sequence[Point]) -> Packed:
    """Pack the points of one file. Dense vectors are rounded to float16, as every store keeps them."""
    dense = [None if point.dense is None else point.dense.astype("<f2").tobytes() for point in points]
    names = [list(point.sparse) for point in points]
    vectors = [point.sparse[name] for point, own in zip(points, names, strict=True) for name in own]
    sparse = [(v.indices.astype("<u4").tobytes(), v.values.astype("<f4").tobytes()) for v in vectors]
    parts = iter(sparse)
    marks = []
    for point, row, own in zip(points, dense, names, strict=True):
        mark = hashlib.blake2b(row or b"", digest_size=_MARK_BYTES)
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
    return Packed(json.dumps(head, separators=(",", ":")).encode(), b"".join(body))


def _without(payload: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in payload.items() if key not in _APART}


@dataclass(frozen=True, slots=True)
class Analysed:
    """A file's row for the manifest and its points; a `Bundle` of them once it was sent to another process.

    `kept` says that it came out of the cache.
    """

    entry: Entry
    points: Sequence[Point]
    kept: bool = False

    def __reduce__(self) -> tuple[object, ...]:
        # Pickled as a few large arrays: one by one, the vectors would cost more than the parsing.
        payloads = [point.payload for point in self.points]
        texts = {payload["start_byte"]: payload["text"] for payload in payloads if "text" in payload}
        repo = payloads[0]["repo"] if payloads else ""
        ids = [point.id for point in self.points]
        return _arrived, (self.entry, pack(self.points), repo, texts, ids)


def _arrived(
    entry: Entry, packed: Packed, repo: str, texts: Mapping[int, str], ids: Sequence[str]
) -> Analysed:
    return Analysed(entry, Bundle(packed, repo, entry.path, lambda row: texts[row["start_byte"]], ids))


class Bundle(Sequence[Point]):
    """The packed points of a file, each unpacked when it is asked for.

    `text` gives a fragment's text, `ids` are the points' where they are known. Raises ValueError, at once or
    when a point is asked for, if the bytes are no points.
    """

    def __init__(
        self, packed: Packed, repo: str, path: str, text: Text, ids: Sequence[str] | None = None
    ) -> None:
        self.packed, self._repo, self._path, self._text, self._ids = packed, repo, path, text, ids
        head = json.loads(packed.head)
        self.rows: list[dict[str, Any]] = head["rows"]
        self.marks: list[str] = head["marks"]
        """Of each point: a digest of its text and vectors."""
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
        """What each point is told apart by."""
        return [_key(row) for row in self.rows]

    def ids(self, numbers: Iterable[int]) -> list[str]:
        """The ids of some of the points."""
        return [self._id(i) for i in numbers]

    def payload(self, i: int) -> dict[str, Any]:
        """What is stored beside the vectors of a point."""
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
    """The vectors in a body: rows of equal length for `dense`, then all indices, then all values."""
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
