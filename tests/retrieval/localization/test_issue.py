"""What an issue's text is taken for: parts, names, files, stack traces, errors."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.errors import UsageError
from retrieval.localization.issue import CODE, ERROR, PROSE, TITLE, WHOLE, parse_issue
from retrieval.localization.markdown import MAX_CHARACTERS, segments, without_comments
from retrieval.localization.mentions import MentionKind, MentionSite, sites
from tests.support.waiting import processor_time_below

ISSUE = """# Anchor is never dropped <!-- a title says what is wrong -->

### Describe the bug
<!-- A clear and concise description
of what the bug is. -->
- [x] I have searched the existing issues
Calling `Harbour.anchor` on a boat does nothing, see [the
code](https://a.org/o/yard/blob/main/port/boats.py#L12).
![screenshot](https://host.org/image.png)

### To Reproduce
```python
from port.boats import Harbour
Harbour(3).anchor(boat)
```

```
Traceback (most recent call last):
  File "/home/a/port/boats.py", line 12, in anchor
    return lower(boat.chain)
AttributeError: 'NoneType' object has no attribute 'chain'
```
"""


def test_parts() -> None:
    """Title, prose, code and error text are told apart; forms, comments and pictures are gone."""
    issue = parse_issue(ISSUE)
    assert issue.title == issue.parts[TITLE] == "Anchor is never dropped"
    assert "does nothing" in issue.parts[PROSE]
    assert "Harbour(3).anchor(boat)" in issue.parts[CODE]
    assert "NoneType" in issue.parts[ERROR]
    for noise in ("concise", "searched", "Describe", "Reproduce", "image.png", "host.org", "says what"):
        assert noise not in issue.parts[WHOLE]


def test_mentions() -> None:
    """Names are known with the ways in which they are named."""
    found = parse_issue(ISSUE).mentions
    assert (
        MentionKind.QUOTED | MentionKind.ATTRIBUTE | MentionKind.CODE | MentionKind.CALLED | MentionKind.ERROR
        in found.kinds["anchor"]
    )
    assert MentionKind.IMPORTED in found.kinds["Harbour"]
    assert MentionKind.SHAPED in found.kinds["NoneType"]
    assert found.kinds["nothing"] == MentionKind.BARE
    assert {"Harbour.anchor", "port.boats.Harbour", "boat.chain"} <= found.dotted.keys()
    assert MentionSite("port/boats.py", 12) in found.sites


@pytest.mark.parametrize("line", ["import harbour as `h` fails", "import harbour"])
def test_an_import_in_prose(line: str) -> None:
    """What is imported is known, although the alias is no name."""
    assert MentionKind.IMPORTED in parse_issue(f"Title\n\n{line}\n").mentions.kinds["harbour"]


def test_error() -> None:
    """Exceptions, and what they say with what stands in quotes."""
    issue = parse_issue(ISSUE)
    assert issue.exceptions == {"AttributeError"}
    assert issue.messages == ["'NoneType' object has no attribute 'chain'", "NoneType", "chain"]
    assert [(f.path, f.line, f.function) for f in issue.frames] == [("/home/a/port/boats.py", 12, "anchor")]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("in src/port/boats.py:7 it fails", MentionSite("src/port/boats.py", 7)),
        (r"see C\port\boats.py", MentionSite("C/port/boats.py")),
        ("https://github.com/o/n/blob/abc123/lib/a_b.go#L5-L9", MentionSite("lib/a_b.go", 5)),
        ("open boats.rs, please", MentionSite("boats.rs")),
    ],
)
def test_places(text: str, place: MentionSite) -> None:
    """Files with folders or without, with either slash, with lines, in links."""
    assert place in list(sites(text))


def test_no_places() -> None:
    """Versions, hosts and sentences are no files."""
    assert list(sites("Since 1.2.3 on a.org it fails.Then https://a.org/a.py not, e.g. that")) == []


@pytest.mark.parametrize(
    "text", ["", " \n\t", "![](https://a.b/c.png)", "<!-- only a comment -->", "???", "https://a.b/c.png"]
)
def test_nothing_said(text: str) -> None:
    """An empty issue, or a screenshot alone, is an error that says what to do."""
    with pytest.raises(UsageError, match="has no words; describe"):
        parse_issue(text)


def test_open_comment_and_fence() -> None:
    """A comment that never ends hides nothing; a fence that never ends is code to the end."""
    assert without_comments("a <!-- b") == "a <!-- b"
    assert [s.kind for s in segments("Title\n```\nx = 1\n\ny = 2")] == ["title", "code"]


def test_other_languages() -> None:
    """Prose in any script has words, and names of code in it are found."""
    issue = parse_issue("船が沈む: anchor_boat() が例外を投げる")
    assert MentionKind.CALLED in issue.mentions.kinds["anchor_boat"]
    assert issue.terms[TITLE]


@given(st.text(alphabet=st.sampled_from("ab.`<>!-[]()#:/\\\"'~ \n\té船\r*@F"), max_size=400))
@settings(max_examples=150, deadline=None)
def test_any_text(text: str) -> None:
    """Nothing that somebody can write is more than an error; a part is never longer than what was written."""
    try:
        issue = parse_issue(text)
    except UsageError:
        return
    assert len(issue.parts[TITLE]) <= len(text)
    assert issue.sentences
    assert all(weight >= 1 for weight in issue.terms[WHOLE].values())


@pytest.mark.slow
@pytest.mark.parametrize(
    "unit",
    ["a", "at a (b\n", "a.b(c)\n", "at " + "a." * 240 + "(\n", '  File "x', "[", "`", "<a ", "a/",
     "E x Error: '",
     "a.", "\r", "from a import b,", "1: a::b\n", "<!--", "https://a/b/c/blob/",
     "thread 'a' panicked at "],
)  # fmt: skip
def test_a_megabyte(unit: str) -> None:
    """What makes patterns go back again and again takes no time to speak of."""
    text = "Slow\n" + unit * (1_000_000 // len(unit))
    with processor_time_below(20.0):
        assert parse_issue(text).title == "Slow"
    assert len(parse_issue(text).parts[WHOLE]) <= MAX_CHARACTERS
