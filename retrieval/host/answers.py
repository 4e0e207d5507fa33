"""Converts hits, suggestions and reports to JSON and back, and reports the status of an index.

Clients can import this module quickly.
"""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import TYPE_CHECKING

from ..result import Hit
from .frames import Message

if TYPE_CHECKING:
    from indexer.index.index import Index
    from indexer.index.writer import Report
    from indexer.pipeline import Progress

    from ..continuation.continuer import Suggestion

_COUNTS = ("added", "changed", "renamed", "removed", "unchanged", "fragments", "functions", "seconds")


def hits(answer: Message) -> list[Hit]:
    """The hits of an answer to `search` or `similar`."""
    return [Hit(**row) for row in answer["hits"]]


def suggestions(answer: Message) -> list[Suggestion]:
    """The suggestions of an answer to `continue`."""
    from ..continuation.continuer import Suggestion

    return [Suggestion(**row) for row in answer["suggestions"]]


def row(found: Hit | Suggestion, *, why: bool) -> Message:
    """All fields of a hit or suggestion. The field `why` is empty unless the parameter `why` is true."""
    values = {field.name: getattr(found, field.name) for field in fields(found)}
    values["score"] = float(values["score"])
    values["why"] = {name: float(value) for name, value in found.why.items()} if why else {}
    return values


def report_row(report: Report) -> Message:
    """What an update did. The skipped files are left out; `cornea status --skipped` lists them."""
    return {name: getattr(report, name) for name in _COUNTS} | {"remarks": list(report.remarks)}


def report_of(answer: Message) -> Report:
    """The report of the update that an answer contains."""
    from indexer.index.writer import Report

    report = answer["report"]
    return Report(**{name: report[name] for name in _COUNTS}, remarks=tuple(report["remarks"]))


def status(index: Index, progress: Progress | None) -> Message:
    """The contents of an index, and the progress of a running update.

    Fields whose values only a host knows are empty.
    """
    from indexer.store import memory

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
