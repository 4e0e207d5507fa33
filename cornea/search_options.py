"""The options that `search` and `similar` share."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from retrieval.agent_text.tokens import DEFAULT_TOKENS
from retrieval.config import AGENT_COUNTS, MAX_LIMIT, PROFILES

from .options import (
    AGENT,
    Kinds,
    Number,
    all_option,
    chosen_format,
    glob_option,
    joined,
    json_option,
    language_option,
    max_tokens_option,
    refresh_option,
    tests_option,
    with_options,
    yes_option,
)

if TYPE_CHECKING:
    from .context import Context
    from .scope import SearchScope

FORMATS = ("text", "json", "jsonl", "vimgrep", AGENT)

_COUNT = Number(1, MAX_LIMIT)

_OPTIONS = (
    click.option("-n", "--limit", type=_COUNT, metavar="N", help="Maximum number of results (default: 10)."),
    click.option("--per-file", type=_COUNT, metavar="N", help="Maximum results per file (default: 1)."),
    click.option("--profile", type=click.Choice(PROFILES), help="The ranking to use."),
    language_option,
    glob_option,
    click.option("--kind", "kinds", type=Kinds(), multiple=True, metavar="KIND",
                 help="Only these kinds: function, method, class, block."),
    tests_option,
    all_option,
    json_option,
    click.option("--format", "output_format", type=click.Choice(FORMATS),
                 help="Output format (default: text)."),
    max_tokens_option,
    click.option("--explain", is_flag=True, help="Show the parts of each score."),
    click.option("--context", "around", type=Number(0, 1000), metavar="N",
                 help="Show whole fragments, with N lines before and after."),
    refresh_option,
    yes_option,
)  # fmt: skip


answer_options = with_options(_OPTIONS)
"""A decorator that adds the options of `search` and `similar` to a command."""


@dataclass(frozen=True, slots=True)
class SearchOptions:
    """The options of a search.

    `flags` has the limits and the profile that the user typed, as settings that override other sources.
    `max_tokens` is the budget of the format `agent`.
    """

    flags: Mapping[str, Any]
    languages: tuple[str, ...]
    globs: tuple[str, ...]
    kinds: tuple[str, ...]
    tests: bool | None
    whole: bool
    output_format: str
    explain: bool
    around: int | None
    refresh: bool
    yes: bool
    max_tokens: int = DEFAULT_TOKENS

    @property
    def for_agent(self) -> bool:
        """Whether the output is for an agent."""
        return self.output_format == AGENT

    def filters_as_typed(self) -> dict[str, str]:
        """The filters as the user typed them, by the names of the fields of `retrieval.query.Filters`."""
        return {
            "languages": f"-t {','.join(self.languages)}",
            "globs": " ".join(f"-g {shlex.quote(glob)}" for glob in self.globs),
            "kinds": " ".join(f"--kind {kind}" for kind in self.kinds),
            "tests": "--tests" if self.tests else "--no-tests",
        }


def parse_options(options: Mapping[str, Any], default_format: str = "text") -> SearchOptions:
    """The search options, from the values that click parsed.

    Raises click.UsageError if two options contradict each other.
    """
    output_format = chosen_format(
        options["output_format"],
        as_json=options["as_json"],
        max_tokens=options["max_tokens"],
        default=default_format,
    )
    if options["around"] is not None and output_format != "text":
        raise _conflict(
            f"--context works only with --format text, not {output_format}; leave one of them out"
        )
    if options["explain"] and output_format in ("vimgrep", AGENT):
        raise _conflict(f"--explain does not work with --format {output_format}; use text, json or jsonl")
    named = {"limit": options["limit"], "per_file": options["per_file"], "profile": options["profile"]}
    return SearchOptions(
        flags={f"search.{key}": value for key, value in named.items() if value is not None},
        languages=joined(options["language"]),
        globs=options["globs"],
        kinds=joined(options["kinds"]),
        tests=options["tests"],
        whole=options["whole"],
        output_format=output_format,
        explain=options["explain"],
        around=options["around"],
        refresh=options["refresh"],
        yes=options["yes"],
        max_tokens=DEFAULT_TOKENS if options["max_tokens"] is None else options["max_tokens"],
    )


def _conflict(message: str) -> click.UsageError:
    return click.UsageError(message, click.get_current_context())


def request_params(
    options: SearchOptions, context: Context, profile: str, scope: SearchScope
) -> dict[str, Any]:
    """The fields that all search requests have. Raises UsageError for an invalid glob."""
    if options.globs:
        from retrieval import filtering

        filtering.match(options.globs, ())  # raises UsageError
    counts = {"limit": context.search.limit, "per_file": context.search.per_file}
    if options.for_agent:  # the budget limits the answer, unless the user typed a number of results
        counts |= {name: n for name, n in AGENT_COUNTS.items() if f"search.{name}" not in options.flags}
    return {
        **counts,
        "profile": profile,
        "languages": options.languages,
        "globs": options.globs,
        "kinds": options.kinds,
        "tests": options.tests,
        "folder": scope.folder,
        "explain": options.explain,
        "around": options.around,
        "definitions": options.for_agent,
    }
