"""Converts reports of updates to JSON and back, and reports the status of an index."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from indexer.index.writer import Report

from . import memory
from .frames import Message

if TYPE_CHECKING:
    from indexer.index.index import Index
    from indexer.pipeline import Progress

_COUNTS = ("added", "changed", "renamed", "removed", "unchanged", "fragments", "functions", "seconds")


def as_json(report: Report) -> Message:
    """What an update did. The skipped files are left out; `cornea status --skipped` lists them."""
    return {name: getattr(report, name) for name in _COUNTS} | {"remarks": list(report.remarks)}


def report_of(answer: Message) -> Report:
    """The report of the update that an answer contains."""
    row = answer["report"]
    return Report(**{name: row[name] for name in _COUNTS}, remarks=tuple(row["remarks"]))


def status(index: Index, progress: Progress | None) -> Message:
    """The contents of an index, and the progress of a running update.

    Fields whose values only a host knows are empty.
    """
    totals = index.manifest.totals()
    return {
        "root": str(index.root),
        "folder": str(index.folder),
        "repo": index.repo,
        "files": sum(counts[0] for counts in totals.values()),
        "fragments": sum(counts[1] for counts in totals.values()),
        "updated": 0.0,
        "indexing": asdict(progress) if progress else None,
        "watches": "no watcher",
        "folders": 0,
        "trouble": "",
        "memory": memory.resident(),
    }
