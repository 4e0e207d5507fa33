"""Turns a file's source into fragments, and fragments into points with vectors and payloads."""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

from ..encoding import bm25
from ..encoding.types import Encoder
from ..fragment import Fragment, FragmentPayload, point_id
from ..parsing.source import Source
from ..store import Point, SparseVector
from .fragments import fragments_of
from .roles import is_test

FILE = "file"
"""The kind of the point of a whole file."""

_POINTS_PER_CALL = 64
"""Points per call of the encoder. Ctrl-C takes effect between two calls."""
_MAX_SYMBOLS = 500  # largest number of symbols in the point of a file


def fragments(source: Source, repo: str, language: str) -> list[Fragment]:
    """The fragments of one file, in order."""
    # Queries import this module but need no parsers, so the parsers are imported here.
    from ..parsing.languages import BY_NAME
    from ..parsing.split import split

    return fragments_of(source, repo, language, split(source.text, BY_NAME.get(language)))


def points(
    source: Source, repo: str, language: str, found: Sequence[Fragment], encoder: Encoder | None
) -> list[Point]:
    """One point per fragment, then one for the file. Without an encoder, points have no dense vectors."""
    path, n = source.file.path, len(found)
    names = [" ".join((f.symbol, *f.members)) for f in found]
    bags = bm25.term_counts(
        [*(f.text for f in found), path, *names, *(f.docstring for f in found), *[path] * n]
    )
    body, name, doc, where = (bags.part(start, start + n) for start in (0, n + 1, 2 * n + 1, 3 * n + 1))
    sparse = bm25.documents({"body": body, "name": name, "path": where, "doc": doc})
    result = [
        Point(f.id, payload(f), None, {"lexical": vector} if len(vector) else {})
        for f, vector in zip(found, sparse, strict=True)
    ]
    result.append(_file_point(source, repo, language, found, bm25.whole_file(bags.part(0, n + 1))))
    return with_dense(result, encoder) if encoder else result


def payload(fragment: Fragment) -> FragmentPayload:
    """The payload of a fragment. It suffices to show a hit without the file, and has no absolute paths."""
    content: FragmentPayload = {
        "repo": fragment.repo,
        "path": fragment.path,
        "language": [fragment.language, fragment.page] if fragment.page else fragment.language,
        "kind": fragment.kind,
        "symbol": fragment.symbol,
        "name": lookup_name(fragment.symbol),
        "ordinal": fragment.ordinal,
        "start_line": fragment.span.start_line,
        "end_line": fragment.span.end_line,
        "start_byte": fragment.span.start_byte,
        "end_byte": fragment.span.end_byte,
        "text": fragment.text,
        "is_test": fragment.is_test,
    }
    if fragment.members:
        content["members"] = list(fragment.members)
    if fragment.defines:
        content["defines"] = list(fragment.defines)
    return content


def lookup_name(symbol: str) -> str:
    """The name by which queries find a definition: the last part of the symbol in NFC and lower case."""
    return unicodedata.normalize("NFC", symbol).lower().rsplit(".", 1)[-1]


def title(symbol: str, members: Sequence[str], path: str) -> str:
    """The title of a fragment for the encoder: its symbol, first members, and path without the ending."""
    return " ".join((symbol, *members[:40], _without_ending(path)))


@functools.lru_cache(maxsize=64)
def _without_ending(path: str) -> str:
    return str(PurePosixPath(path).with_suffix(""))


def title_of(payload: Mapping[str, Any]) -> str:
    """The title of a stored point."""
    return title(payload["symbol"], payload.get("members", ()), payload["path"])


def with_dense(points: Sequence[Point], encoder: Encoder) -> list[Point]:
    """The points, with the dense vectors that `encoder` computes for the fragments."""
    found: list[Point] = []
    for start in range(0, len(points), _POINTS_PER_CALL):
        part = points[start : start + _POINTS_PER_CALL]
        todo = [point for point in part if point.payload["kind"] != FILE]
        rows = encoder.documents([p.payload["text"] for p in todo], [title_of(p.payload) for p in todo])
        made = {p.id: row if row.any() else None for p, row in zip(todo, rows, strict=True)}
        found += (replace(point, dense=made.get(point.id)) for point in part)
    return found


def _file_point(
    source: Source, repo: str, language: str, found: Sequence[Fragment], words: SparseVector
) -> Point:
    path = source.file.path
    scripts = sorted({f.language for f in found if f.page})
    symbols = list(dict.fromkeys(f.symbol for f in found if f.kind != "block" and f.symbol))
    content = {
        "repo": repo,
        "path": path,
        "language": [language, *scripts] if scripts else language,
        "kind": FILE,
        "symbols": symbols[:_MAX_SYMBOLS],
        "lines": found[-1].span.end_line if found else 0,
        "is_test": is_test(path),
    }
    return Point(point_id(repo, path, FILE), content, None, {"file": words} if len(words) else {})
