"""Reports of updates as JSON, and back."""

from __future__ import annotations

from indexer.writer import Report

from .frames import Message

_COUNTS = ("added", "changed", "renamed", "removed", "unchanged", "fragments", "functions", "seconds")


def as_json(report: Report) -> Message:
    """What an update did, without the files that it skipped: `cornea status --skipped` lists these."""
    return {name: getattr(report, name) for name in _COUNTS} | {"remarks": list(report.remarks)}


def report_of(answer: Message) -> Report:
    """The report of an answer that has one."""
    row = answer["report"]
    return Report(**{name: row[name] for name in _COUNTS}, remarks=tuple(row["remarks"]))
