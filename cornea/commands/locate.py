"""`cornea locate`: find the functions that must change for an issue."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

import click

from indexer import decoding
from indexer.errors import UsageError
from indexer.walk import git
from retrieval.agent_text.tokens import DEFAULT_TOKENS

from .. import session
from ..asking import Ask, asking, of_index
from ..batch import answer_lines, lines_of
from ..codes import NOTHING, OK
from ..context import Context
from ..inputs import outside_hint, outside_path
from ..options import (
    AGENT,
    Number,
    Text,
    all_option,
    chosen_format,
    common,
    invocation,
    json_option,
    max_tokens_option,
    refresh_option,
    with_options,
    yes_option,
)
from ..places import relative_to_cwd
from ..presentation import output, plain
from ..scope import SearchScope, emptied_in, nothing_found, say_nothing, why_empty

if TYPE_CHECKING:
    from retrieval.host.answers import Location, LocationsAnswer

    from ..presentation.json_answers import BatchAnswer

FORMATS = ("text", "json", "jsonl", "vimgrep", "markdown", AGENT)
LEVELS = ("function", "file")
_LIMIT, _FOR_AGENT = 10, 30
"""How many results are shown, and how many are requested for an answer to a budget."""
_COUNTS = {2: "two", 3: "three"}
_MAX_BYTES = 10_000_000
"""Size in bytes of the largest accepted issue."""
_SHOWN = 60
"""Number of characters of a missing file's name that an error shows. The name may be a whole issue."""
_EXAMPLE = '{"id": ..., "text": "..."}'

_OPTIONS = (
    click.argument("file", metavar="ISSUE", required=False),
    click.option("--text", type=Text(), metavar="TEXT", help="The text of the issue, instead of a file."),
    click.option("-n", "--limit", type=Number(1, 1000), metavar="N",
                 help="Maximum number of results (default: 10)."),
    click.option("--level", type=click.Choice(LEVELS), default="function",
                 help="Find functions (the default) or files."),
    all_option,
    json_option,
    click.option("--format", "output_format", type=click.Choice(FORMATS),
                 help="Output format (default: text)."),
    max_tokens_option,
    click.option("--explain", is_flag=True,
                 help="Show the reasons: a stack frame, a mention, a commit."),
    click.option("--rev", metavar="COMMIT",
                 help="Search the files of this commit instead; -C may then name a bare clone."),
    click.option("--batch", metavar="FILE",
                 help='Answer each {"id", "text"} line of FILE ("-": stdin) with a JSON line.'),
    refresh_option,
    yes_option,
)  # fmt: skip


@click.command("locate")
@common
@with_options(_OPTIONS)
@click.pass_context
def command(
    ctx: click.Context, /, file: str | None, text: str | None, batch: str | None, as_json: bool,
    output_format: str | None, max_tokens: int | None, limit: int | None, **options: Any,
) -> int:  # fmt: skip
    """Find the functions that must change for an issue: a bug report, a feature request, a stack trace.

    ISSUE is a file with the text of the issue, title first, in Markdown or plain text; - reads the text from
    stdin. ISSUE is relative to the folder in which the command is started, even with -C. The ranking uses
    words, names, stack traces and past commits, all offline. In a subfolder, only the functions in that
    folder are searched; --all searches the whole repository.

    \b
    Examples:
      cornea locate issue.md
      gh issue view 1234 | cornea locate -
      cornea locate --text "Crash when the config file is empty" --explain
      cornea locate --level file -n 3 issue.md
      cornea locate --max-tokens 1000 issue.md
      cornea -C clone.git locate --rev v2.1 issue.md --json
      cornea locate --batch issues.jsonl > answers.jsonl

    Exit code: 0 if something was found, 1 if nothing was found, 2 after an error.
    """
    given = {"--text": text, "--batch": batch, "a file": file}
    named = [name for name, value in given.items() if value is not None]
    if len(named) > 1:
        what = f"{' and '.join(named)} are {_COUNTS[len(named)]} issues"
        raise click.UsageError(f"{what}; use one of them", ctx)
    if not named:
        raise click.UsageError("missing ISSUE; name a file, or use - for stdin, --text, or --batch", ctx)
    chosen = chosen_format(output_format, as_json=as_json, max_tokens=max_tokens, default="text")
    if options["explain"] and chosen in ("vimgrep", AGENT):
        raise click.UsageError(
            f"--explain does not work with --format {chosen}; use text, json, jsonl or markdown", ctx
        )
    if options["rev"] is not None and not options["refresh"]:
        raise click.UsageError("--no-refresh does not apply to --rev; leave --no-refresh out", ctx)
    if batch is not None and chosen not in ("text", "json", "jsonl"):
        typed = "--max-tokens" if output_format is None else "--format"
        raise click.UsageError(f"--batch prints JSON lines, not {chosen}; leave {typed} out", ctx)
    parsed = LocateOptions(
        limit=limit or (_FOR_AGENT if chosen == AGENT else _LIMIT),
        output_format=chosen,
        max_tokens=DEFAULT_TOKENS if max_tokens is None else max_tokens,
        **options,
    )
    if batch is not None:
        return answer_batch(batch, parsed)
    issue = text if text is not None else read_issue(file or "-")
    return answer(issue, parsed)


@dataclass(frozen=True, slots=True)
class LocateOptions:
    """The options of `locate`."""

    limit: int
    level: str
    output_format: str
    max_tokens: int
    explain: bool
    rev: str | None
    whole: bool
    refresh: bool
    yes: bool


def read_issue(file: str) -> str:
    """The text of an issue in a file; "-" is stdin.

    Raises UsageError if the file cannot be read, is too large or is binary.
    """
    if file == "-":
        return _text(_read_limited(sys.stdin.buffer), "stdin")
    try:
        with open(outside_path(file), "rb") as stream:  # noqa: PTH123 - `file` is what was typed
            return _text(_read_limited(stream), file)
    except (OSError, ValueError) as error:
        why = (getattr(error, "strerror", None) or "not a path").lower()
        if isinstance(error, IsADirectoryError | PermissionError) or not file.split()[1:]:
            where = outside_hint(file) if isinstance(error, FileNotFoundError) else ""
            raise UsageError(f"{file}: {why}{where}; name a file with the text of the issue, or -") from error
        said = " ".join(file.split())
        raise UsageError(
            f"{said if len(said) <= _SHOWN else said[:_SHOWN] + '...'}: {why}; "
            "to pass the text of the issue itself, use --text"
        ) from error


def _read_limited(stream: IO[bytes]) -> bytes:
    return stream.read(_MAX_BYTES + 1)


def _text(content: bytes, name: str) -> str:
    if len(content) > _MAX_BYTES:
        raise UsageError(f"{name}: more than {_MAX_BYTES:,} bytes; pass the issue without its logs")
    return decoding.decoded(content, name)


def answer(issue: str, options: LocateOptions) -> int:
    """Print the answer for one issue. Returns the exit code."""
    from retrieval.localization.issue import parse_issue

    title = parse_issue(issue).title  # raises UsageError for an empty issue, before the index is opened
    context = session.load_context()
    scope = SearchScope.of(context, whole=options.whole)
    if options.output_format == AGENT:
        with _open_requests(context, options) as ask:
            found = _locate(issue, ask, options, scope)
        return _show_to_agent(issue, found, options, context, scope)
    scope.announce()
    with _open_requests(context, options) as ask:
        found = _locate(issue, ask, options, scope)
    for line in found.missing:
        output.say(f"missing: {line}")
    return _show(title, found, options, context, scope)


def answer_batch(file: str, options: LocateOptions) -> int:
    """Print an answer to every line of `file`. Returns the exit code."""
    context = session.load_context()
    scope = SearchScope.of(context, whole=options.whole)
    scope.announce()

    from ..presentation.json_answers import BatchAnswer, IndexedFiles, LocateLine, present

    def respond(line: LocateLine) -> BatchAnswer[Location]:
        found = _locate(line.text, ask, options, scope)
        return BatchAnswer(
            scope=scope.shown,
            state=present(found.state),
            results=_rows(found, options),
            missing=found.missing,
            indexing=IndexedFiles.of(found.indexing),
        )

    with lines_of(file) as lines, _open_requests(context, options) as ask:
        return answer_lines(lines, LocateLine, _EXAMPLE, respond)


def _locate(text: str, ask: Ask, options: LocateOptions, scope: SearchScope) -> LocationsAnswer:
    """The answer for an issue. Its `missing` also says which part of a long issue was not read."""
    from retrieval.host.requests import LocateParams
    from retrieval.localization import markdown

    part = markdown.shorten(text)
    found = ask(
        LocateParams(
            text=part.text,
            limit=options.limit,
            explain=options.explain,
            folder=scope.folder,
            code=options.output_format == AGENT,
        )
    )
    found.missing[:0] = [part.remark] if part.remark else []
    return found


@contextmanager
def _open_requests(context: Context, options: LocateOptions) -> Iterator[Ask]:
    """A context with a function that answers requests about the work tree, or about the commit of `--rev`."""
    if options.rev is None:
        if git.is_bare(context.root):
            raise UsageError(f"{context.root}: a bare clone has no work tree; name a commit: --rev HEAD")
        prints = options.output_format != AGENT
        with asking(context, refresh=options.refresh, yes=options.yes, print_remarks=prints) as ask:
            yield ask
        return
    from indexer.index.index import Index
    from indexer.walk.revision import Revision

    revision = Revision(context.root, options.rev)
    found = Index.open(context.root, context.config, revision=revision, on_wait=output.say)
    with session.updated_index(found, None, refresh=True, yes=options.yes) as index:
        yield of_index(index, context.search)


def _rows(found: LocationsAnswer, options: LocateOptions) -> list[Location]:
    return found.files if options.level == "file" else found.functions


def _show_to_agent(
    issue: str, found: LocationsAnswer, options: LocateOptions, context: Context, scope: SearchScope
) -> int:
    from msgspec import structs

    from retrieval.agent_text.answers import locations_text

    rows, notes = _rows(found, options), list(scope.notes)
    if not rows:
        emptied = emptied_in(found)
        why = why_empty(scope, emptied, context) if options.rev is None else ""
        notes = [nothing_found(scope, emptied, {}, why)]
    relative = relative_to_cwd(context)
    shown = structs.replace(
        found,
        functions=[structs.replace(one, path=relative(one.path)) for one in found.functions],
        files=[structs.replace(one, path=relative(one.path)) for one in found.files],
    )
    files = options.level == "file"
    output.write(locations_text(shown, issue, options.max_tokens, notes, files=files))
    return OK if rows else NOTHING


def _show(
    title: str, found: LocationsAnswer, options: LocateOptions, context: Context, scope: SearchScope
) -> int:
    from ..presentation.json_answers import IndexedFiles, LocateOutput, present

    rows = _rows(found, options)
    if options.output_format == "json":
        shown, indexing = scope.shown, IndexedFiles.of(found.indexing)
        output.write_json(
            LocateOutput(
                query=title,
                scope=shown,
                state=present(found.state),
                results=rows,
                missing=found.missing,
                indexing=indexing,
            )
        )
    elif options.output_format == "jsonl":
        for row in rows:
            output.write_json(row)
    else:
        relative = relative_to_cwd(context)
        for number, row in enumerate(rows, 1):
            for line in _lines(number, relative(row.path), row, options.output_format):
                output.write(line)
    if not rows:
        emptied = emptied_in(found)
        why = why_empty(scope, emptied, context) if options.rev is None else ""
        say_nothing(scope, emptied, {}, why)
    return OK if rows else NOTHING


def _lines(number: int, path: str, row: Location, output_format: str) -> Iterator[str]:
    """The lines that show one result: a function with its lines and its name, or a file."""
    path, symbol = plain.name(path), plain.name(row.symbol or "")
    if output_format == "vimgrep":
        yield f"{path}:{row.start_line or 1}:1:{symbol}"
        return
    place = f"{path}:{row.start_line}-{row.end_line}" if row.start_line else path
    why = [plain.code(reason) for reason in row.why or ()]
    if output_format == "markdown":
        head = " ".join(f"`{part}`" for part in (place, symbol) if part)
        yield f"{number}. {head}" + (f": {'; '.join(why)}" if why else "")
        return
    head = "  ".join(part for part in (place, symbol) if part)
    color = output.wants_color(invocation().color, sys.stdout)
    unsaved = ", unsaved" if row.source == "buffer" else ""
    yield f"{click.style(head, fg='cyan') if color else head}  ({row.score:.2f}{unsaved})"
    yield from (f"  {reason}" for reason in why)
