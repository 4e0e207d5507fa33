"""Buffers with a cursor in them."""

from __future__ import annotations

from retrieval.continuation.buffer import EditorBuffer

CURSOR = "‸"


def typed(text: str, language: str = "python", path: str = "") -> tuple[EditorBuffer, int, int]:
    """A buffer, and the line and column of the cursor that is marked in it."""
    before, mark, after = text.partition(CURSOR)
    assert mark, "no cursor in the text"
    return (
        EditorBuffer(path, before + after, language),
        before.count("\n") + 1,
        len(before.rpartition("\n")[2]) + 1,
    )
