"""What is read of an issue that is too long."""

from __future__ import annotations

import pytest

from retrieval.localization.issue import parse_issue
from retrieval.localization.markdown import MAX_CHARACTERS, ShortenedIssue, shorten

TRACE = 'Traceback (most recent call last):\n  File "/srv/run.py", line 9, in run\nValueError: too short\n'


def test_a_short_issue_is_read_whole() -> None:
    """Nothing is said then."""
    assert shorten("a" * MAX_CHARACTERS) == ShortenedIssue("a" * MAX_CHARACTERS)


@pytest.mark.slow
@pytest.mark.parametrize("filler", ["INFO nothing to see here\n", "x"])
def test_the_end_of_a_long_log_is_read(filler: str) -> None:
    """That is where the error is; the beginning says what it is about."""
    text = "Anchor is never dropped\n" + filler * (2_000_000 // len(filler)) + "\n" + TRACE
    part = shorten(text)
    assert len(part.text) <= MAX_CHARACTERS
    assert part.text.startswith("Anchor is never dropped\n")
    assert part.text.endswith(TRACE)
    assert f"of the issue's {len(text):,} were not read" in part.remark
    issue = parse_issue(text)
    assert issue.title == "Anchor is never dropped"
    assert [(f.path, f.line) for f in issue.frames] == [("/srv/run.py", 9)]
    assert "too short" in issue.messages


def test_an_excerpt_is_an_excerpt() -> None:
    """Who asks a host sends it; nothing more is left out there."""
    text = shorten("a b\n" * MAX_CHARACTERS).text
    assert shorten(text).text == text
