"""Reads what agents print about a run: their tool calls, the bytes that these returned, tokens and cost."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

AUTO = "auto"


class ReportedUse(Struct, kw_only=True):
    """What an agent reports of a run. None means that it does not report this.

    `calls` are the calls of tools, by the tool's name. `bytes_read` are the bytes of UTF-8 that tools
    returned. `input_tokens` include those that were read from a cache. `failed` says that the agent itself
    reports an error.
    """

    calls: dict[str, int] | None = None
    bytes_read: int | None = None
    cost_usd: float | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    failed: bool = False


def reported(text: str, form: str = AUTO) -> ReportedUse:
    """What an agent reports in its output. `form` is one of FORMS, or AUTO to tell by the output."""
    rows = list(_objects(text))
    if form == AUTO:
        form = _form_of(rows)
    return FORMS[form](rows)


def _claude(rows: Sequence[Mapping[str, Any]]) -> ReportedUse:
    """Claude Code with `--output-format stream-json --verbose`; with `json`, there are no calls."""
    found = ReportedUse()
    messages = [row for row in rows if row.get("type") in ("assistant", "user")]
    if messages:
        parts = [*enumerate(part for row in messages for part in _parts(row.get("message")))]
        used = {p.get("id", n): p.get("name") for n, p in parts if p.get("type") == "tool_use"}
        found.calls = dict(Counter(str(name) for name in used.values()))
        results = {
            p.get("tool_use_id", n): p.get("content") for n, p in parts if p.get("type") == "tool_result"
        }
        found.bytes_read = sum(map(_size, results.values()))
    for row in rows:
        if row.get("type") == "result":
            found.failed = bool(row.get("is_error"))
            found.cost_usd = _number(row.get("total_cost_usd"))
            usage = row.get("usage")
            if isinstance(usage, dict):
                found.input_tokens = _sum(
                    usage, "input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens"
                )
                found.output_tokens = _sum(usage, "output_tokens")
    return found


def _codex(rows: Sequence[Mapping[str, Any]]) -> ReportedUse:
    """Codex with `exec --json`. It reports no cost, and its cached tokens are among the input tokens."""
    found = ReportedUse(calls={}, bytes_read=0)
    assert found.calls is not None
    for row in rows:
        item = row.get("item")
        if row.get("type") == "item.completed" and isinstance(item, dict):
            kind = str(item.get("type"))
            if kind in ("agent_message", "reasoning", "todo_list", "error"):
                continue
            name = str(item.get("tool")) if kind == "mcp_tool_call" else kind
            found.calls[name] = found.calls.get(name, 0) + 1
            found.bytes_read = (found.bytes_read or 0) + _size(
                item.get("aggregated_output", item.get("result"))
            )
        elif row.get("type") == "turn.completed" and isinstance(row.get("usage"), dict):
            found.input_tokens = (found.input_tokens or 0) + (_sum(row["usage"], "input_tokens") or 0)
            found.output_tokens = (found.output_tokens or 0) + (_sum(row["usage"], "output_tokens") or 0)
        elif row.get("type") in ("turn.failed", "error"):
            found.failed = True
    return found


def _generic(rows: Sequence[Mapping[str, Any]]) -> ReportedUse:
    """Any agent whose last JSON line has some of the fields of ReportedUse; `calls` may be a number."""
    for row in reversed(rows):
        calls = row.get("calls")
        use = ReportedUse(
            bytes_read=_whole(row.get("bytes_read")),
            cost_usd=_number(row.get("cost_usd")),
            input_tokens=_whole(row.get("input_tokens")),
            output_tokens=_whole(row.get("output_tokens")),
            failed=row.get("failed") is True,
        )
        if isinstance(calls, dict):
            use.calls = {str(name): n for name, one in calls.items() if (n := _whole(one)) is not None}
        elif (number := _whole(calls)) is not None:
            use.calls = {"tool": number}
        if use != ReportedUse():
            return use
    return ReportedUse()


FORMS: Mapping[str, Callable[[Sequence[Mapping[str, Any]]], ReportedUse]] = {
    "claude": _claude,
    "codex": _codex,
    "generic": _generic,
}
"""The forms of output that are known."""


def _form_of(rows: Sequence[Mapping[str, Any]]) -> str:
    kinds = {row.get("type") for row in rows}
    if kinds & {"thread.started", "turn.started", "turn.completed", "item.completed"}:
        return "codex"
    if "result" in kinds and any("total_cost_usd" in row or "session_id" in row for row in rows):
        return "claude"
    return "generic"


def _objects(text: str) -> Iterator[Mapping[str, Any]]:
    """The JSON objects of a text: one on each line, or a single object or list of objects."""
    for line in map(str.strip, text.splitlines()):
        if line[:1] in ("{", "["):
            yield from _flat(_parsed(line))
    if text.lstrip()[:1] in ("{", "[") and "\n" in text.strip():
        yield from _flat(_parsed(text))


def _flat(value: Any) -> Iterator[Mapping[str, Any]]:
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict):
            yield one


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):  # a line of ordinary text, or one that was cut off
        return None


def _parts(message: Any) -> list[Mapping[str, Any]]:
    content = message.get("content") if isinstance(message, dict) else None
    return [part for part in content if isinstance(part, dict)] if isinstance(content, list) else []


def _size(content: Any) -> int:
    """The bytes of a tool's result: a text, or parts that have texts."""
    if isinstance(content, str):
        return len(content.encode("utf-8", "replace"))
    if isinstance(content, list):
        return sum(map(_size, content))
    if isinstance(content, dict):
        return _size(content.get("text", content.get("content")))
    return 0


def _sum(values: Mapping[str, Any], *names: str) -> int | None:
    found = [n for name in names if (n := _whole(values.get(name))) is not None]
    return sum(found) if found else None


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
