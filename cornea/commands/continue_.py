"""`cornea continue`: suggest the next lines of code."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import click

from indexer import decoding
from indexer.errors import UsageError
from retrieval.config import DEFAULT_UNTIL, UNTIL

from .. import session
from ..asking import Ask, asking
from ..batch import answer_lines, lines_of
from ..buffers import file_buffer
from ..codes import NOTHING, OK
from ..context import Context
from ..options import Languages, Number, common, refresh_option, with_options, yes_option
from ..places import split_place
from ..presentation import output
from ..presentation.suggestions import indentation_before, say_why_none, show_text

if TYPE_CHECKING:  # --help does not need these modules; the first imports numpy, which takes 100 ms
    from retrieval.continuation.buffer import EditorBuffer
    from retrieval.host.answers import SuggestionsAnswer

    from ..presentation.json_answers import BatchAnswer, ContinueLine, SuggestionResult

_LARGEST = 1_000_000_000  # larger than the number of any line or column
_EXAMPLE = '{"id": ..., "path": ..., "line": ...} or {"id": ..., "text": ..., "language": ...}'
_MAX_TEXT = 1_000_000


_OPTIONS = (
    click.argument("place", metavar="FILE:LINE[:COL]", required=False),
    click.option("-t", "--language", type=Languages(), metavar="NAME",
                 help="Read code in this language from stdin; the cursor is at its end."),
    click.option("-n", "--limit", type=Number(1, 100), default=3, metavar="N",
                 help="Maximum number of suggestions (default: 3)."),
    click.option("--until", type=click.Choice(UNTIL), default=DEFAULT_UNTIL,
                 help="Where a suggestion ends: at the end of the statement, the block (the default) "
                      "or the function."),
    click.option("--all", "everything", is_flag=True,
                 help="Also show suggestions that are probably wrong."),
    click.option("--json", "as_json", is_flag=True, help="Print one JSON object."),
    click.option("--explain", is_flag=True, help="Show the parts of each score."),
    click.option("--batch", metavar="FILE",
                 help='Answer each JSON line of FILE ("-": stdin) with a JSON line.'),
    refresh_option,
    yes_option,
)  # fmt: skip


@click.command("continue")
@common
@with_options(_OPTIONS)
@click.pass_context
def command(
    ctx: click.Context, /, place: str | None, language: tuple[str, ...] | None, limit: int, until: str,
    everything: bool, as_json: bool, explain: bool, batch: str | None, refresh: bool, yes: bool,
) -> int:  # fmt: skip
    """Suggest the next lines of code, taken from this repository's own code.

    The command searches for code that is similar to the code before the cursor, and shows what follows in the
    best matches, indented like the file. LINE and COL count from 1; without COL, the cursor is at the end of
    the line. Suggestions that are probably wrong are not shown.

    \b
    Examples:
      cornea continue src/server.py:120
      cornea continue --until statement -n 1 src/server.py:120:9
      git show HEAD:a.py | head -40 | cornea continue --language python
      cornea continue --json --all main.go:40 | jq '.results[0].suggestion'
      cornea continue --batch places.jsonl > answers.jsonl

    Exit code: 0 if something was suggested, 1 if nothing was suggested, 2 after an error.
    """
    if place is None and language is None and batch is None:
        raise click.UsageError("missing FILE:LINE; or use --language with code on stdin, or --batch", ctx)
    if language is not None and (place or batch):
        raise click.UsageError(
            "--language is only for code on stdin; the language of a file follows from its name", ctx
        )
    if place is not None and batch is not None:
        raise click.UsageError(f"--batch contradicts {place}; use one of them", ctx)
    options = ContinueOptions(limit, until, everything, explain, refresh, yes, as_json)
    if batch is not None:
        return answer_batch(batch, options)
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
    """A buffer and a position in the buffer. `name` is the position as the user typed it.

    `is_file` says that the text is that of the buffer's file on disk.
    """

    name: str
    buffer: EditorBuffer
    line: int
    column: int | None
    is_file: bool = False


def answer(place: str | None, language: str, options: ContinueOptions) -> int:
    """Print the suggestions for one position, or for code on stdin. Returns the exit code."""
    context = session.load_context()
    position = at_place(place, context) if place is not None else of_stdin(language)
    with asking(context, refresh=options.refresh, yes=options.yes) as ask:
        response = suggest(ask, position, options)
    if response.text is not None:
        output.say(f"{position.buffer.path} is not saved; these lines continue the text in the editor")
        position = replace(position, buffer=replace(position.buffer, text=response.text))
    return show(position, response, options, context)


def at_place(place: str, context: Context) -> CursorPosition:
    """Parse FILE:LINE[:COL]. Raises UsageError if `place` does not name a file inside the root and a line."""
    parts = split_place(place)
    if parts is None or parts[2].startswith("-"):
        raise UsageError(
            f"{place}: no line number; write FILE:LINE or FILE:LINE:COLUMN, such as src/server.py:120"
        )
    file, line, rest = parts
    column = min(int(rest[1:]), _LARGEST) if rest else None
    return CursorPosition(place, file_buffer(file, context), min(line, _LARGEST), column, True)


def of_stdin(language: str) -> CursorPosition:
    """The code on stdin, with the cursor at its end. Raises UsageError if the code is too long."""
    from retrieval.continuation.buffer import EditorBuffer

    text = sys.stdin.buffer.read(_MAX_TEXT + 1)
    if len(text) > _MAX_TEXT:
        raise UsageError(f"stdin: more than {_MAX_TEXT:,} bytes; pass only the last lines before the cursor")
    buffer = EditorBuffer("", decoding.decode_replacing(text), language)
    return CursorPosition("-", buffer, buffer.lines, None)


def suggest(ask: Ask, position: CursorPosition, options: ContinueOptions) -> SuggestionsAnswer:
    """The answer to a request for suggestions at a position."""
    from retrieval.host.requests import ContinueParams

    buffer = position.buffer
    params = ContinueParams(
        path=buffer.path,
        text=buffer.text,
        saved=position.is_file,
        language=buffer.language,
        line=position.line,
        column=position.column,
        limit=options.limit,
        until=options.until,
        everything=options.everything,
        explain=options.explain,
    )
    return ask(params)


def answer_batch(file: str, options: ContinueOptions) -> int:
    """Print an answer to every line of `file`. Returns the exit code."""
    context = session.load_context()

    from ..presentation.json_answers import (
        BatchAnswer,
        ContinueLine,
        IndexedFiles,
        SuggestionResult,
        present,
    )

    def respond(line: ContinueLine) -> BatchAnswer[SuggestionResult]:
        try:
            position = _position(line, context)
        except (OSError, ValueError) as error:  # the line names an impossible path
            raise UsageError(f"{error}; correct this line") from error
        found = suggest(ask, position, options)
        rows = [SuggestionResult.of(one, explain=options.explain) for one in found.suggestions]
        indexing = IndexedFiles.of(found.indexing)
        return BatchAnswer(state=present(found.state), results=rows, indexing=indexing)

    with (
        lines_of(file) as lines,
        asking(context, refresh=options.refresh, yes=options.yes) as ask,
    ):
        return answer_lines(lines, ContinueLine, _EXAMPLE, respond)


def _position(given: ContinueLine, context: Context) -> CursorPosition:
    from retrieval.continuation.buffer import EditorBuffer

    path, line, column = given.path, given.line, given.column
    if given.text is not None:
        known = Languages().canonical(given.language) if given.language is not None else None
        if known is None:
            said = "is missing" if given.language is None else f"{given.language!r} is not known"
            raise UsageError(f'"language" {said}; example of a line: {_EXAMPLE}')
        buffer = EditorBuffer(path or "", given.text, known)
        return CursorPosition("-", buffer, buffer.lines if line is None else line, column)
    if path is None or line is None:
        raise UsageError(f'"path" and "line", or "text", are missing; example of a line: {_EXAMPLE}')
    buffer = file_buffer(str(context.root / path), context)
    return CursorPosition(f"{path}:{line}", buffer, line, column, True)


def show(
    position: CursorPosition, answer: SuggestionsAnswer, options: ContinueOptions, context: Context
) -> int:
    """Print the suggestions of an answer. Returns the exit code."""
    from ..presentation.json_answers import ContinueOutput, IndexedFiles, SuggestionResult, present

    found = answer.suggestions
    if options.as_json:
        rows = [SuggestionResult.of(one, explain=options.explain) for one in found]
        indexing = IndexedFiles.of(answer.indexing)
        state = present(answer.state)
        output.write_json(ContinueOutput(query=position.name, state=state, results=rows, indexing=indexing))
    else:
        before = indentation_before(position.buffer, position.line, position.column)
        show_text(found, before, context, explain=options.explain)
    if not found:
        say_why_none(position.buffer, position.line, position.column, everything=options.everything)
    return OK if found else NOTHING
