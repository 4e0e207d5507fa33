"""The arguments of the tools, as types. The tools' input schemas are made from them.

No field is nullable and none has two types: agents handle such schemas badly, and they take more tokens.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar

from msgspec import Meta, structs

from indexer.errors import UsageError
from retrieval.agent_text.tokens import DEFAULT_TOKENS
from retrieval.typed_json import Parameters, decode

_SHOWN = 60

A = TypeVar("A", bound="ToolArguments")


class ToolArguments(Parameters, kw_only=True):
    """The arguments that all tools take."""

    limit: Annotated[int, Meta(ge=1, le=50)] = 30
    max_tokens: Annotated[int, Meta(ge=100, le=20_000)] = DEFAULT_TOKENS


Tests = Literal["any", "no", "only"]
"""Which code is found: any, only code that is no test, or only tests."""
TESTS: Mapping[Tests, bool | None] = {"any": None, "no": False, "only": True}
"""The values of `tests` as a host takes them."""


class SearchToolArguments(ToolArguments, kw_only=True):
    """Those of `search`."""

    query: Annotated[
        str, Meta(max_length=10_000, description='Words or a name. "Quoted" text must occur as it is.')
    ]
    path: Annotated[str, Meta(max_length=4_096, description="Only this folder, file or glob.")] = ""
    language: Annotated[str, Meta(max_length=40)] = ""
    tests: Tests = "any"


class LocateToolArguments(ToolArguments, kw_only=True):
    """Those of `locate`."""

    text: Annotated[
        str, Meta(max_length=100_000, description="The issue, error report or stack trace, unshortened.")
    ]


class RelatedToolArguments(ToolArguments, kw_only=True):
    """Those of `related`."""

    kind: Literal["callers", "callees", "impact", "similar", "co-changed"]
    of: Annotated[str, Meta(max_length=4_200, description="PATH:LINE, or PATH, or the name of a definition.")]
    tests: Tests = "any"


def arguments_of(kind: type[A], values: Mapping[str, Any]) -> A:
    """The arguments of a call. Raises UsageError, which names the argument and what it must be."""
    known = [one.name for one in structs.fields(kind)]
    for name in values:
        if name not in known:
            raise UsageError(f"no argument is called {name[:_SHOWN]!r}; there are: {', '.join(known)}")
    return decode(kind, values)
