"""Parameters of requests: what is wrong is said, and no path leads out of the root."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.errors import UsageError
from retrieval.host.documents import relocated
from retrieval.host.messages import RequestRefused, exception_from, failure, is_newer
from retrieval.host.params import Params
from retrieval.result import Hit

ANY = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.lists(st.text())
    | st.dictionaries(st.text(), st.text())
)
ASK: tuple[Callable[[Params], object], ...] = (
    lambda p: p.text("x"),
    lambda p: p.number("x", 3),
    lambda p: p.optional("x"),
    lambda p: p.flag("x"),
    lambda p: p.either("x"),
    lambda p: p.texts("x"),
    lambda p: p.path("x"),
    lambda p: p.documents("x"),
)


@given(ANY)
def test_any_value_is_taken_or_refused(value: Any) -> None:
    """With a UsageError that names the parameter."""
    for ask in ASK:
        try:
            ask(Params({"x": value}))
        except UsageError as error:
            assert "'x'" in str(error)


@pytest.mark.parametrize("path", ["/etc/passwd", "../x", "a/../../x", "", ".", "a\0b", "//x", ".."])
def test_a_path_stays_inside(path: str) -> None:
    """Absolute, climbing and empty ones are refused, in `documents` too."""
    with pytest.raises(UsageError, match="outside of the root"):
        Params({"path": path}).path("path")
    with pytest.raises(UsageError, match="outside of the root"):
        Params({"documents": {path: "text"}}).documents()
    assert Params({"path": "./a//b.py"}).path("path") == "a/b.py"
    assert Params({}).path("path", "") == ""


def test_errors_travel_by_name() -> None:
    """The class and the text come out at the other end; an unknown one is told apart."""
    for error in (UsageError("wrong"), RequestRefused("Busy", "later")):
        back = exception_from(failure(1, error)["error"])
        assert (type(back), str(back)) == (type(error), str(error))
    strange = exception_from({"kind": "annotations", "message": "?"})
    assert isinstance(strange, RequestRefused)
    assert isinstance(exception_from(None), RequestRefused)


@pytest.mark.parametrize(
    ("version", "than", "newer"),
    [
        ("0.2.0", "0.1.0", True),
        ("0.10", "0.9", True),
        ("0.1.0", "0.1.0", False),
        ("1", "x", True),
        ("x", "1", False),
    ],
)
def test_which_version_is_newer(version: str, than: str, newer: bool) -> None:
    """By numbers, not letters."""
    assert is_newer(version, than) is newer


def hit(path: str, start: int, text: str) -> Hit:
    return Hit(path, start, start + text.rstrip("\n").count("\n"), "f", "function", "python", 1.0, text)


def test_hits_move_with_unsaved_text() -> None:
    """To where their code is now, the nearest of several; they go with it; other files stay as they are."""
    moved, gone, other = (
        hit("a.py", 1, "def f():\n    pass\n"),
        hit("a.py", 5, "def g(): pass"),
        hit("b.py", 1, "x"),
    )
    unsaved = {"a.py": "import os\r\n\r\ndef f():\r\n    pass\r\n\r\ndef f():\r\n    pass\r\n"}
    found = relocated([moved, gone, other], unsaved)
    assert [(one.path, one.start_line, one.end_line) for one in found] == [("a.py", 3, 4), ("b.py", 1, 1)]
