"""Requests, answers and errors: what is wrong is said, and no path leads out of the root."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import field

from indexer.errors import DiskFull, InternalError, StoreBusy, StoreError, UsageError
from retrieval.host.messages import RequestRefused, exception_from, failure, is_newer
from retrieval.host.requests import (
    REQUESTS,
    ContinueParams,
    Number,
    SearchParams,
    SimilarParams,
    answer_to,
    message_of,
)
from retrieval.host.unsaved import relocated
from retrieval.result import Hit
from retrieval.typed_json import Parameters, decode, encode

ANY = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.lists(st.text())
    | st.dictionaries(st.text(), st.text())
)


class Everything(Parameters, kw_only=True):
    """A field of each type that parameters have."""

    text: str = ""
    number: Number = 3
    optional: Number | None = None
    flag: bool = False
    texts: tuple[str, ...] = ()
    documents: dict[str, str] = field(default_factory=dict)


@given(st.sampled_from(("text", "number", "optional", "flag", "texts", "documents")), ANY)
def test_any_value_is_taken_or_refused(name: str, value: Any) -> None:
    """With a UsageError that names the parameter."""
    try:
        decode(Everything, {name: value})
    except UsageError as error:
        assert str(error).startswith(f"'{name}' must be ")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "'query' must be a string"),
        ({"query": "\ud800", "limit": 2**70}, "'limit' must be a whole number from 0 to 1000"),
        ({"query": "x", "limit": True}, "'limit' must be a whole number from 0 to 1000"),
        ({"query": "x", "limit": float("nan")}, "'limit' must be a whole number from 0 to 1000"),
        ({"query": "x", "around": -1}, "'around' must be a whole number from 0 to 1000"),
        ({"query": "x", "tests": 1}, "'tests' must be true or false"),
        ({"query": "x", "kinds": "class"}, "'kinds' must be a list of strings"),
        ({"query": "x", "documents": {"a.py": 1}}, "'documents' must be an object with paths as keys and"),
        ({"query": "x", "folder": [[[[]]]]}, "'folder' must be a string"),
    ],
)
def test_what_is_wrong_is_said(values: dict[str, Any], said: str) -> None:
    """The field, and what it must be."""
    with pytest.raises(UsageError, match=re.escape(said)):
        decode(SearchParams, values)


PARAMS = st.dictionaries(
    st.sampled_from(
        "query path line column text language limit per_file profile globs tests folder around documents "
        "until tabs width explain refresh yes rebuild other".split()
    ),
    ANY | st.integers(-2, 30) | st.sampled_from(("a.py", "../x", "block")),
    max_size=6,
)


@given(st.sampled_from(sorted(REQUESTS)), PARAMS)
def test_any_parameters(method: str, values: dict[str, Any]) -> None:
    """Of every method. What is taken is the same after it was sent."""
    kind = REQUESTS[method].params
    try:
        params = decode(kind, values)
    except UsageError as error:
        assert re.match(r"'\w+'( must |: .* is outside of the root)", str(error), re.DOTALL)
        return
    assert decode(kind, encode(params)) == params


def test_null_is_missing_and_what_is_unknown_is_ignored() -> None:
    """Other versions of a client send other fields. Lone surrogates are kept."""
    wanted = SearchParams(query="\ud800", tests=False)
    assert decode(SearchParams, {"query": "\ud800", "tests": False, "limit": None, "new": [1]}) == wanted
    assert message_of(wanted) == ("search", {"query": "\ud800", "tests": False})


@pytest.mark.parametrize("path", ["/etc/passwd", "../x", "a/../../x", "", ".", "a\0b", "//x", ".."])
def test_a_path_stays_inside(path: str) -> None:
    """Absolute, climbing and empty ones are refused, in `documents` too."""
    with pytest.raises(UsageError, match="outside of the root"):
        decode(SimilarParams, {"path": path})
    with pytest.raises(UsageError, match="outside of the root"):
        decode(SearchParams, {"query": "x", "documents": {path: "text"}})
    assert decode(SimilarParams, {"path": "./a//b.py"}).path == "a/b.py"
    assert decode(ContinueParams, {"text": ""}).path == ""


def test_errors_travel_by_kind() -> None:
    """The class, the text and the attributes come out at the other end; an unknown kind is told apart."""
    busy, bug = StoreBusy("held by process 7", 7), InternalError(KeyError("x"), "1.2", "/home/host.log")
    for error in (UsageError("wrong"), busy, bug, DiskFull("full"), RequestRefused("Busy", "later")):
        back = exception_from(failure(1, error)["error"])
        assert (type(back), str(back), vars(back)) == (type(error), str(error), vars(error))
    assert "please report it with the traceback in /home/host.log" in str(bug)
    strange = exception_from({"kind": "annotations", "message": "?"})
    assert isinstance(strange, RequestRefused)
    assert isinstance(exception_from(None), RequestRefused)


def test_a_bug_is_told_in_one_short_line() -> None:
    """Its message may quote a file or a request."""
    text = str(InternalError(ValueError("bad\n" + "x" * 10_000), "1.2", "/home/host.log"))
    assert "(ValueError: bad)" in text
    assert "\n" not in text
    assert len(str(InternalError(ValueError("x" * 10_000), "1.2", ""))) < 400


def test_an_error_that_only_one_process_knows() -> None:
    """It is received as the nearest class that both know; values that are no plain JSON stay behind."""

    class Special(StoreBusy):
        def __init__(self) -> None:
            super().__init__("special", 3)
            self.path, self.retried, self.cause = "/x", True, KeyError()

    back = exception_from(failure(1, Special())["error"])
    assert (type(back), vars(back)) == (StoreBusy, {"pid": 3, "path": "/x", "retried": True})


@pytest.mark.parametrize("fields", [None, 7, [], {"pids": [1, 2]}])
def test_an_error_whose_fields_are_not_valid(fields: object) -> None:
    """Another version may send them. The class and the text are kept."""
    back = exception_from({"kind": "StoreBusy", "message": "held", "fields": fields})
    assert (type(back), str(back)) == (StoreBusy, "held")
    assert isinstance(exception_from({"kind": 1, "message": "held", "fields": fields}), RequestRefused)


def test_an_answer_of_another_type() -> None:
    """What to do is said."""
    with pytest.raises(StoreError, match=r"the host's answer is not valid .*hits.*cornea host stop"):
        answer_to(SearchParams(query="x"), {"suggestions": []})


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
