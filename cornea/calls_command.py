"""What `callers`, `callees` and `impact` share: options, the request, and the printing of the answer."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from .codes import NOTHING, OK
from .options import (
    AGENT,
    Number,
    Text,
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
from .presentation import output

if TYPE_CHECKING:
    from retrieval.host.relation_answers import CallsAnswer
    from retrieval.host.requests import CallsParams, Direction

    from .context import Context
    from .scope import SearchScope

FORMATS = ("text", "json", "vimgrep", AGENT)
_LIMIT = 50

_OPTIONS = (
    click.argument("what", metavar="NAME|FILE:LINE", type=Text()),
    click.option("-n", "--limit", type=Number(1, 10_000), default=_LIMIT, metavar="N",
                 help=f"Maximum results for each definition (default: {_LIMIT})."),
    language_option,
    glob_option,
    tests_option,
    all_option,
    json_option,
    click.option("--format", "output_format", type=click.Choice(FORMATS),
                 help="Output format (default: text)."),
    max_tokens_option,
    refresh_option,
    yes_option,
)  # fmt: skip

calls_options = with_options(_OPTIONS)
"""A decorator that adds the argument and the options of the three commands."""


def run(direction: Direction, what: str, options: Mapping[str, Any]) -> int:
    """Ask for the callers or callees of `what`, and print them. Returns the exit code."""
    output_format = chosen_format(
        options["output_format"],
        as_json=options["as_json"],
        max_tokens=options["max_tokens"],
        default="text",
    )
    from . import session
    from .asking import asking
    from .scope import SearchScope

    context = session.load_context()
    scope = SearchScope.of(context, whole=options["whole"])
    params = _params(direction, what, options, context, scope)
    for_agent = output_format == AGENT
    if not for_agent:
        scope.announce()
    with asking(context, refresh=options["refresh"], yes=options["yes"], print_remarks=not for_agent) as ask:
        found = ask(params)
    return _show(direction, what, found, output_format, options, context, scope)


def _params(
    direction: Direction, what: str, options: Mapping[str, Any], context: Context, scope: SearchScope
) -> CallsParams:
    from retrieval.host.requests import CallsParams

    from .places import parse_location, split_place

    if options["globs"]:
        from retrieval import filtering

        filtering.match(options["globs"], ())  # raises UsageError
    if not what.strip():
        raise click.UsageError("empty name; name a definition, or FILE:LINE", click.get_current_context())
    params = CallsParams(
        direction=direction,
        name=what,
        limit=options["limit"],
        languages=joined(options["language"]),
        globs=options["globs"],
        tests=options["tests"],
        folder=scope.folder,
    )
    parts = split_place(what)
    if parts is not None:
        params.name = ""
        location = parse_location(what, context)
        params.path, params.line = location.path, location.line
        if parts[2].startswith(":"):
            params.column = int(parts[2][1:])
    return params


def _show(
    direction: Direction,
    what: str,
    found: CallsAnswer,
    output_format: str,
    options: Mapping[str, Any],
    context: Context,
    scope: SearchScope,
) -> int:
    from .places import relative_to_cwd
    from .presentation import calls
    from .presentation.json_answers import CallsOutput

    relative = relative_to_cwd(context)
    some = bool(found.shared) or any(one.edges for one in found.definitions)
    if output_format == AGENT:
        from retrieval.agent_text.calls import calls_text
        from retrieval.agent_text.tokens import DEFAULT_TOKENS

        budget = options["max_tokens"] or DEFAULT_TOKENS
        output.write(calls_text(found, direction, budget, scope.notes, relative))
        return OK if some else NOTHING
    if output_format == "json":
        output.write_json(CallsOutput.of(direction, what, found, scope.shown))
    elif output_format == "vimgrep":
        _write(calls.vimgrep(found, relative, direction))
    elif some:
        _write(calls.text(found, relative, direction))
    if not some:
        for line in _nothing(direction, what, found, options):
            output.say(line)
    return OK if some else NOTHING


def _write(lines: Iterator[str]) -> None:
    for line in lines:
        output.write(line)


def _nothing(direction: str, what: str, found: CallsAnswer, options: Mapping[str, Any]) -> Iterator[str]:
    """Why there is no caller or callee."""
    if found.unknown:
        near = f"; similar names: {', '.join(found.near)}" if found.near else ""
        yield f"no definition named {found.unknown}{near}"
        return
    if not found.definitions:
        yield f"no definition at {what}"
        return
    noun = {"callees": "calls in", "impact": "callers of"}.get(direction, "callers of")
    filtered = sum(one.filtered for one in found.definitions)
    by_filter = f"; {output.counted(filtered, 'result')} left out by {_filters(options)}" if filtered else ""
    yield f"nothing found: no {noun} {_names(found)}{by_filter}"


def _names(found: CallsAnswer) -> str:
    first = found.definitions[0].definition
    more = len(found.definitions) - 1
    place = f"{first.symbol} ({first.path}:{first.line})"
    return place if not more else f"{place} and {output.counted(more, 'other definition')}"


def _filters(options: Mapping[str, Any]) -> str:
    tests = {True: "--tests", False: "--no-tests"}.get(options["tests"], "")
    languages = ",".join(joined(options["language"]))
    given: Sequence[str] = [
        f"-t {languages}" if languages else "",
        *(f"-g {shlex.quote(glob)}" for glob in options["globs"]),
        tests,
    ]
    return " ".join(filter(None, given)) or "the folder (--all searches everywhere)"
