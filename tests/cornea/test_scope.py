"""What is said of an answer in which nothing was found."""

from __future__ import annotations

from cornea.scope import emptied_in
from retrieval.host.answers import HitsAnswer, RunningUpdate


def test_filters_are_blamed_only_by_a_whole_index() -> None:
    """While files are missing from it, that something is not there yet is nobody's fault."""
    emptied = ("folder",)
    assert emptied_in(HitsAnswer(hits=[], emptied=emptied)) == emptied
    assert emptied_in(HitsAnswer(hits=[], emptied=emptied, indexing=RunningUpdate(0, 0))) == ()
    assert emptied_in(HitsAnswer(hits=[])) == ()
