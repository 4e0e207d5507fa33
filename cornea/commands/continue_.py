"""`cornea continue`: suggest the code that comes next."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from indexer import decoding
from indexer.errors import UsageError
from indexer.fragment import Skipped
from indexer.parsing.languages import language_of
from indexer.parsing.source import read
from indexer.walk.walk import source_file
from retrieval.host import incomplete

from .. import session
from ..asking import Ask, asking
from ..batch import answer_line, answer_lines, lines_of
from ..codes import NOTHING, OK
from ..context import Context, load
from ..inputs import code_path
from ..options import Invocation, Languages, Number, common, invocation, yes_option
from ..places import location_of
from ..presentation import output
from ..presentation.render import dumps
from ..presentation.suggestions import indentation_before, say_why_none, show_text

if TYPE_CHECKING:  # numpy takes 100 ms to import, and --help needs none
    from retrieval.continuation.buffer import EditorBuffer

_PLACE = re.compile(r"(.+?):(\d{1,99})(?::(\d{1,99}))?", re.DOTALL)
_HEAD = 4096
_LARGEST = 1_000_000_000
_EXAMPLE = '{"id": ..., "path": ..., "line": ...} or {"id": ..., "text": ..., "language": ...}'
_MAX_TEXT = 1_000_000

UNTIL = ("statement", "block", "function")

_OPTIONS = (
    click.argument("place", metavar="FILE:LINE[:COL]", required=False),
    click.option("-t", "--language", type=Languages(), metavar="NAME",
                 help="The code is on stdin, in this language; the cursor is at its end."),
    click.option("-n", "--limit", type=Number(1, 100), default=3, metavar="N",
                 help="How many suggestions (default: 3)."),
    click.option("--until", type=click.Choice(UNTIL), default="block",
                 help="Suggest up to the end of the statement, the block (the default) or the function."),
    click.option("--all", "everything", is_flag=True,
                 help="Show suggestions that are probably wrong, too."),
    click.option("--json", "as_json", is_flag=True, help="Print one JSON object."),
    click.option("--explain", is_flag=True, help="Show what each suggestion was judged by."),
    click.option("--batch", metavar="FILE",
                 help='Answer the JSON lines of FILE ("-": stdin), a JSON line each.'),
    click.option("--refresh/--no-refresh", "refresh", default=True,
                 help="Bring the index up to date first (the default), or take it as it is."),
    yes_option,
)  # fmt: skip


def _options(command: click.decorators.FC) -> click.decorators.FC:
    for option in reversed(_OPTIONS):
        command = option(command)
    return common(command)


@click.command("continue")
@_options
@click.pass_context
def command(
    ctx: click.Context, /, place: str | None, language: tuple[str, ...] | None, limit: int, until: str,
    everything: bool, as_json: bool, explain: bool, batch: str | None, refresh: bool, yes: bool,
) -> int:  # fmt: skip
    """Suggest the code that comes next, out of this repository's own code.

    The code before the cursor is looked up, the best fragments are cut where they fit and indented as the
    file is. LINE and COL count from 1; without COL, and with one behind it, the cursor is at the end of the
    line. What is unlikely to be right is not shown.

    \b
    Examples:
      cornea continue src/server.py:120
      cornea continue --until statement -n 1 src/server.py:120:9
      git show HEAD:a.py | head -40 | cornea continue --language python
      cornea continue --json --all main.go:40 | jq '.results[0].suggestion'
      cornea continue --batch places.jsonl > answers.jsonl

    Exit code: 0 if something was suggested, 1 if nothing, 2 after an error.
    """
    if place is None and language is None and batch is None:
        raise click.UsageError(
            "where to continue? give FILE:LINE, or --language and code on stdin, or --batch", ctx
        )
    if language is not None and (place or batch):
        raise click.UsageError(
            "--language is for code on stdin; the language of a file is known by its name, leave it out", ctx
        )
    if place is not None and batch is not None:
        raise click.UsageError(f"--batch contradicts {place}; give one of them", ctx)
    options = ContinueOptions(limit, until, everything, explain, refresh, yes, as_json)
    if batch is not None:
        return answer_batch(batch, options, invocation())
    return answer(place, language[0] if language else "", options)


@dataclass(frozen=True, slots=True)
class ContinueOptions:
    """The options of `continue`."""

    limit: int
    until: str
    everything: bool
    explain: bool
    refresh: bool
    yes: bool
    as_json: bool


@dataclass(frozen=True, slots=True)
class CursorPosition:
    """A buffer and a place in it; `name` is the place as it was typed."""

    name: str
    buffer: EditorBuffer
    line: int
    column: int | None


def answer(place: str | None, language: str, options: ContinueOptions) -> int:
    """Answer for one place, or for code on stdin; the exit code."""
    context = load()
    session.warn(context)
    position = at_place(place, context) if place is not None else of_stdin(language)
    color = output.wants_color(invocation().color, sys.stderr)
    with asking(context, refresh=options.refresh, yes=options.yes, color=color) as ask:
        response = found(ask, position, options)
    return show(position, response, options, context)


def at_place(place: str, context: Context) -> CursorPosition:
    """FILE:LINE[:COL]. Raises UsageError where it means nothing inside the root."""
    match = _PLACE.fullmatch(place)
    if match is not None and match[3] and Path(code_path(f"{match[1]}:{match[2]}")).is_file():
        return CursorPosition(place, _buffer(f"{match[1]}:{match[2]}", context), _number(match[3]), None)
    if match is None:
        raise UsageError(f"{place}: no line; write FILE:LINE or FILE:LINE:COLUMN, as src/server.py:120")
    column = _number(match[3]) if match[3] else None
    return CursorPosition(place, _buffer(match[1], context), _number(match[2]), column)


def _number(digits: str) -> int:
    """A line or a column; one that no file has, however large, counts as the largest."""
    return min(int(digits), _LARGEST)


def of_stdin(language: str) -> CursorPosition:
    """All of stdin, with the cursor at its end."""
    from retrieval.continuation.buffer import EditorBuffer

    text = sys.stdin.buffer.read(_MAX_TEXT + 1)
    if len(text) > _MAX_TEXT:
        raise UsageError(f"stdin: more than {_MAX_TEXT:,} bytes; give the last lines before the cursor")
    buffer = EditorBuffer("", decoding.decode_replacing(text), language)
    return CursorPosition("-", buffer, buffer.lines, None)


def found(ask: Ask, position: CursorPosition, options: ContinueOptions) -> dict[str, Any]:
    """The answer to a question: its suggestions, and how far the index is if it is not whole."""
    buffer = position.buffer
    params = {
        "path": buffer.path,
        "text": buffer.text,
        "language": buffer.language,
        "line": position.line,
        "column": position.column,
        "limit": options.limit,
        "until": options.until,
        "everything": options.everything,
        "explain": options.explain,
    }
    return ask("continue", params)


def _results(answer: dict[str, Any], options: ContinueOptions) -> dict[str, Any]:
    """An answer, for programs."""
    from retrieval.host.answers import suggestions

    results = [one.as_json(options.explain) for one in suggestions(answer)]
    return {"results": results, **incomplete.counts(answer)}


def answer_batch(file: str, options: ContinueOptions, state: Invocation) -> int:
    """Answer every line of `file`; the exit code."""
    context = load()
    session.warn(context)

    def respond(row: dict[str, Any]) -> dict[str, Any]:
        try:
            position = _position(row, context)
        except (OSError, ValueError) as error:  # a path that no system can have
            raise UsageError(f"{error}; correct this line") from error
        return _results(found(ask, position, options), options)

    color = output.wants_color(state.color, sys.stderr)
    with (
        lines_of(file) as lines,
        asking(context, refresh=options.refresh, yes=options.yes, color=color) as ask,
    ):
        return answer_lines(lines, lambda line: answer_line(line, _EXAMPLE, respond))


def _position(row: Mapping[str, Any], context: Context) -> CursorPosition:
    from retrieval.continuation.buffer import EditorBuffer

    path, text, language = (row.get(key) for key in ("path", "text", "language"))
    place = [row.get(key) for key in ("line", "column")]
    if any(value is not None and (not isinstance(value, int) or isinstance(value, bool)) for value in place):
        raise UsageError(f'"line" and "column" are whole numbers; a line is {_EXAMPLE}')
    line, column = place
    if isinstance(text, str):
        known = Languages().canonical(language) if isinstance(language, str) else None
        if known is None:
            said = "is missing" if language is None else f"{language!r} is not known"
            raise UsageError(f'"language" {said}; a line is {_EXAMPLE}')
        buffer = EditorBuffer(path if isinstance(path, str) else "", text, known)
        return CursorPosition("-", buffer, buffer.lines if line is None else line, column)
    if not isinstance(path, str) or line is None:
        raise UsageError(f'"path" and "line", or "text", are missing; a line is {_EXAMPLE}')
    return CursorPosition(f"{path}:{line}", _buffer(str(context.root / path), context), line, column)


def _buffer(file: str, context: Context) -> EditorBuffer:
    """A file of the root as it is on disk. Raises UsageError."""
    from retrieval.continuation.buffer import EditorBuffer

    spot = location_of(file, 1, context)
    source = read(source_file(context.root, spot.path, spot.location), context.config.max_file_bytes)
    if isinstance(source, Skipped):
        raise UsageError(f"{spot.path}: cannot be continued ({source.reason}); name another file")
    text = source.as_written()
    language = language_of(source.file, source.text[:_HEAD])
    return EditorBuffer(spot.path, text, language)


def show(position: CursorPosition, answer: dict[str, Any], options: ContinueOptions, context: Context) -> int:
    """Print the suggestions; the exit code."""
    from retrieval.host.answers import suggestions

    found = suggestions(answer)
    if options.as_json:
        output.write(dumps({"query": position.name, **_results(answer, options)}))
    else:
        before = indentation_before(position.buffer, position.line, position.column)
        show_text(found, before, context, explain=options.explain)
    if not found:
        say_why_none(position.buffer, position.line, position.column, everything=options.everything)
    return OK if found else NOTHING
