"""What is said of an answer in which nothing was found."""

from __future__ import annotations

from cornea.scope import emptied_in


def test_filters_are_blamed_only_by_a_whole_index() -> None:
    """While files are missing from it, that something is not there yet is nobody's fault."""
    assert emptied_in({"emptied": ["folder"]}) == ["folder"]
    assert emptied_in({"emptied": ["folder"], "indexing": {"done": 0, "total": 0}}) == ()
    assert emptied_in({}) == ()
