"""Arguments of commands: whatever a client sends is taken, or refused with what is wrong."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lsprotocol import types

from indexer.errors import UsageError
from lsp.command_types import (
    Arguments,
    LocateArguments,
    ReindexArguments,
    SearchArguments,
    SimilarArguments,
    StatusArguments,
    arguments_of,
)

KINDS: tuple[type[Arguments], ...] = (
    SearchArguments, SimilarArguments, LocateArguments, ReindexArguments, StatusArguments,
)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(("query", "uri", "position", "limit", "show", "text", "range", "rebuild", "other"))
NUMBERS = st.integers(-3, 2**80)
POSITION = st.fixed_dictionaries({}, optional={"line": NUMBERS | JSON, "character": NUMBERS | JSON})
RANGE = st.fixed_dictionaries({}, optional={"start": POSITION | JSON, "end": POSITION | JSON})


@given(
    st.sampled_from(KINDS),
    st.lists(st.dictionaries(NAMES, POSITION | RANGE | JSON, max_size=5) | JSON, max_size=2),
)
@example(SearchArguments, [{"query": "\ud800", "limit": float("nan")}])
def test_any_arguments(kind: type[Arguments], values: list[Any]) -> None:
    """A UsageError names the field, or says that it is no object."""
    try:
        assert isinstance(arguments_of(kind, tuple(values)), kind)
    except UsageError as error:
        assert re.match(r"expected one object as the argument|'\w+' must (be|have) ", str(error))


def test_a_text_alone() -> None:
    """It stands for the query or the issue, where there is one."""
    assert arguments_of(SearchArguments, ("x",)).query == "x"
    assert arguments_of(LocateArguments, ("x",)).text == "x"
    assert arguments_of(StatusArguments, ()) == StatusArguments()
    with pytest.raises(UsageError, match=r"as the argument$"):
        arguments_of(SimilarArguments, ("x",))
    with pytest.raises(UsageError, match=r"or a string$"):
        arguments_of(SearchArguments, ("x", "y"))


def test_numbers_above_those_of_the_protocol() -> None:
    """They are the largest that it has: a client means the end."""
    given_range = {"start": {"line": 0, "character": 2**40}, "end": {"line": 2**70, "character": 0}}
    found = arguments_of(LocateArguments, ({"uri": "file:///a", "range": given_range},)).range
    assert found is not None
    most = 2**31 - 1
    assert found.protocol == types.Range(types.Position(0, most), types.Position(most, 0))
