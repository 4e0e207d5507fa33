"""The minimal upserts, payload changes and deletes that turn a file's stored points into the new ones.

An edit usually changes one fragment. Those below it only move: their payloads change, not their vectors.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..store import Point
from .packed_points import PackedPoints


@dataclass(slots=True)
class Delta:
    """Points to upsert, fields of payloads to set by id, and ids to delete."""

    upsert: list[Point] = field(default_factory=list)
    amend: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    delete: list[str] = field(default_factory=list)


def delta(old: PackedPoints, new: PackedPoints) -> Delta:
    """The changes that turn the points of one version of a file into those of another."""
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
