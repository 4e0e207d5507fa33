"""The list of tools is short, has no unions, and says what the types say."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from indexer.errors import UsageError
from mcp_server import answering, related
from mcp_server.arguments import LocateToolArguments, RelatedToolArguments, SearchToolArguments, arguments_of
from mcp_server.server import listed_tools
from mcp_server.tools import INSTRUCTIONS, TOOLS
from retrieval.agent_text.tokens import tokens

MOST_TOKENS = 900


def _listed() -> list[dict[str, Any]]:
    return [tool.model_dump(by_alias=True, mode="json", exclude_none=True) for tool in listed_tools()]


def _schemas(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for one in value.values():
            yield from _schemas(one)
    elif isinstance(value, list):
        for one in value:
            yield from _schemas(one)


def test_the_budget() -> None:
    """Names, descriptions and input schemas, as the agent's model reads them."""
    shown = [{name: tool[name] for name in ("name", "description", "inputSchema")} for tool in _listed()]
    assert [one["name"] for one in shown] == ["search", "locate", "related"]
    assert tokens(json.dumps(shown)) <= MOST_TOKENS
    assert tokens(INSTRUCTIONS) <= 200
    assert "grep" in INSTRUCTIONS


def test_no_unions_and_no_references() -> None:
    for tool in _listed():
        for schema in _schemas([tool["inputSchema"], tool["outputSchema"]]):
            assert not {"anyOf", "oneOf", "allOf", "$ref", "$defs"} & schema.keys()
            assert isinstance(schema.get("type", ""), str)
        assert tool["inputSchema"]["additionalProperties"] is False


def test_what_hosts_of_agents_are_told() -> None:
    """The tools only read, and are not to be deferred."""
    for tool in _listed():
        assert tool["annotations"]["readOnlyHint"] is True
        assert tool["title"]
        assert tool["_meta"] == {"anthropic/alwaysLoad": True}


def test_every_tool_has_its_function() -> None:
    assert TOOLS.keys() == answering.ANSWERS.keys()
    kinds = _listed()[2]["inputSchema"]["properties"]["kind"]["enum"]
    assert sorted(kinds) == sorted(related.RELATIONS)


@pytest.mark.parametrize(
    ("kind", "values", "says"),
    [
        (SearchToolArguments, {}, "'query' must be a string of at most 10,000 characters"),
        (SearchToolArguments, {"query": 5}, "'query' must be a string of at most 10,000 characters"),
        (
            SearchToolArguments,
            {"query": "x" * 1_000_000},
            "'query' must be a string of at most 10,000 characters",
        ),
        (SearchToolArguments, {"query": "a", "limit": 0}, "'limit' must be a whole number from 1 to 50"),
        (SearchToolArguments, {"query": "a", "limit": "7"}, "'limit' must be a whole number from 1 to 50"),
        (SearchToolArguments, {"query": "a", "tests": "some"}, "'tests' must be one of: any, no, only"),
        (SearchToolArguments, {"querry": "a"}, "no argument is called 'querry'; there are: "),
        (LocateToolArguments, {"text": None}, "'text' must be a string"),
        (RelatedToolArguments, {"kind": "friends", "of": "a"}, "'kind' must be one of: "),
    ],
)
def test_wrong_arguments(kind: Any, values: dict[str, Any], says: str) -> None:
    """The error names the argument and what it must be, so that an agent can correct it."""
    with pytest.raises(UsageError) as caught:
        arguments_of(kind, values)
    assert str(caught.value).startswith(says)


def test_null_is_a_missing_argument() -> None:
    """Some agents send all the arguments that they know."""
    given = arguments_of(SearchToolArguments, {"query": "a", "path": None, "limit": None})
    assert (given.path, given.limit) == ("", 30)
