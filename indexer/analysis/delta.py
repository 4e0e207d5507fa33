"""Finds the fewest upserts, payload changes and deletions that turn a file's old points into its new points.

An edit usually changes one fragment and moves the fragments below. The payloads of moved fragments change,
but their vectors stay the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..store import Point
from .packed_points import PackedPoints


@dataclass(slots=True)
class Delta:
    """Changes to a store: points to upsert, payload fields to set (`amend`: id and fields), ids to delete."""

    upsert: list[Point] = field(default_factory=list)
    amend: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    delete: list[str] = field(default_factory=list)


def delta(old: PackedPoints, new: PackedPoints) -> Delta:
    """The changes that turn the `old` points of a file into the `new` points."""
    found = Delta()
    known = {key: i for i, key in enumerate(old.keys())}
    for i, (key, row) in enumerate(zip(new.keys(), new.rows, strict=True)):
        before = known.pop(key, None)
        if before is not None and old.content_hashes[before] == new.content_hashes[i]:
            was = old.rows[before]
            if was == row:
                continue
            if was.keys() <= row.keys():
                found.amend.append((new.ids([i])[0], _changed(was, row)))
                continue
        found.upsert.append(new[i])
    found.delete = old.ids(known.values())
    return found


def _changed(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of `new` that differ from `old`."""
    return {name: value for name, value in new.items() if name not in old or old[name] != value}
