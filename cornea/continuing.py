"""What `continue` is asked, by place, on stdin or line by line, and how its suggestions are shown."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click

from indexer import decoding
from indexer.errors import StoreError, UsageError
from indexer.fragment import Skipped
from indexer.parsing.languages import BY_NAME, language_of
from indexer.parsing.scripts import place_in
from indexer.parsing.source import read
from indexer.walk.walk import source_file
from retrieval.continuation import line_ends
from retrieval.continuation.continuer import EditorBuffer, Suggestion
from retrieval.host import incomplete
from retrieval.host.answers import suggestions

from . import session
from .asking import Ask, asking
from .batch import identified, lines_of, parse
from .codes import NOTHING, OK
from .context import Context, load
from .inputs import code_path
from .options import Invocation, Languages, invocation
from .places import as_seen, spot_of
from .presentation import output, plain
from .presentation.render import dumps

_PLACE = re.compile(r"(.+?):(\d{1,99})(?::(\d{1,99}))?", re.DOTALL)
_HEAD = 4096
_LARGEST = 1_000_000_000
_EXAMPLE = '{"id": ..., "path": ..., "line": ...} or {"id": ..., "text": ..., "language": ...}'
_MAX_TEXT = 1_000_000


@dataclass(frozen=True, slots=True)
class Asked:
    """The options."""

    limit: int
    until: str
    everything: bool
    explain: bool
    refresh: bool
    yes: bool
    as_json: bool


@dataclass(frozen=True, slots=True)
class Question:
    """A buffer and a place in it; `name` is how it was written."""

    name: str
    buffer: EditorBuffer
    line: int
    column: int | None


def at_place(place: str, context: Context) -> Question:
    """FILE:LINE[:COL]. Raises UsageError where it means nothing inside the root."""
    match = _PLACE.fullmatch(place)
    if match is not None and match[3] and Path(code_path(f"{match[1]}:{match[2]}")).is_file():
        return Question(place, _buffer(f"{match[1]}:{match[2]}", context), _number(match[3]), None)
    if match is None:
        raise UsageError(f"{place}: no line; write FILE:LINE or FILE:LINE:COLUMN, as src/server.py:120")
    column = _number(match[3]) if match[3] else None
    return Question(place, _buffer(match[1], context), _number(match[2]), column)


def _number(digits: str) -> int:
    """A line or a column; one that no file has, however large, is taken as the largest that can be asked."""
    return min(int(digits), _LARGEST)


def of_stdin(language: str) -> Question:
    """All of stdin, with the cursor at its end."""
    text = sys.stdin.buffer.read(_MAX_TEXT + 1)
    if len(text) > _MAX_TEXT:
        raise UsageError(f"stdin: more than {_MAX_TEXT:,} bytes; give the last lines before the cursor")
    buffer = EditorBuffer("", decoding.forgiving(text), language)
    return Question("-", buffer, buffer.lines, None)


def found(ask: Ask, question: Question, asked: Asked) -> dict[str, Any]:
    """The answer to a question: its suggestions, and how far the index is if it is not whole."""
    buffer = question.buffer
    params = {
        "path": buffer.path,
        "text": buffer.text,
        "language": buffer.language,
        "line": question.line,
        "column": question.column,
        "limit": asked.limit,
        "until": asked.until,
        "everything": asked.everything,
        "explain": asked.explain,
    }
    return ask("continue", params)


def show(question: Question, answer: dict[str, Any], asked: Asked, context: Context) -> int:
    """Print the suggestions; the exit code."""
    found = suggestions(answer)
    if asked.as_json:
        output.write(dumps({"query": question.name, **_results(answer, asked)}))
    else:
        _show_text(question, found, asked, context)
    if not found:
        _say_why(question, asked)
    return OK if found else NOTHING


def _results(answer: dict[str, Any], asked: Asked) -> dict[str, Any]:
    """An answer, for programs."""
    results = [one.as_json(asked.explain) for one in suggestions(answer)]
    return {"results": results, **incomplete.counts(answer)}


def answer_batch(file: str, asked: Asked, state: Invocation) -> int:
    """Answer every line of `file`; 2 if one of them was bad, else 0 if anything was suggested, else 1."""
    context = load()
    session.warn(context)
    any_ = bad = False
    color = output.wants_color(state.color, sys.stderr)
    with (
        lines_of(file) as lines,
        asking(context, refresh=asked.refresh, yes=asked.yes, color=color) as ask,
    ):
        for line in lines:
            if not line.strip():
                continue
            answer = _answered(line, ask, context, asked)
            any_ = any_ or bool(answer.get("results"))
            bad = bad or "error" in answer
            output.write(dumps(answer))
            output.flush()
    return 2 if bad else int(not any_)


def _answered(line: bytes, ask: Ask, context: Context, asked: Asked) -> dict[str, Any]:
    identity: Any = None
    try:
        row = parse(line, _EXAMPLE)
        identity = identified(row, _EXAMPLE)
        answer = found(ask, _question(row, context), asked)
    except StoreError:
        raise  # the store's trouble is not this line's
    except UsageError as error:
        return {"id": identity, "error": str(error)}
    except (OSError, ValueError) as error:  # a path that no system can have
        return {"id": identity, "error": f"{error}; correct this line"}
    return {"id": identity, **_results(answer, asked)}


def _question(row: Mapping[str, Any], context: Context) -> Question:
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
        return Question("-", buffer, buffer.lines if line is None else line, column)
    if not isinstance(path, str) or line is None:
        raise UsageError(f'"path" and "line", or "text", are missing; a line is {_EXAMPLE}')
    return Question(f"{path}:{line}", _buffer(str(context.root / path), context), line, column)


def _buffer(file: str, context: Context) -> EditorBuffer:
    """A file of the root as it is on disk. Raises UsageError."""
    spot = spot_of(file, 1, context)
    source = read(source_file(context.root, spot.path, spot.location), context.config.max_file_bytes)
    if isinstance(source, Skipped):
        raise UsageError(f"{spot.path}: cannot be continued ({source.reason}); name another file")
    text = source.as_written()
    language = language_of(source.file, source.text[:_HEAD])
    return EditorBuffer(spot.path, text, language)


def _show_text(question: Question, found: Sequence[Suggestion], asked: Asked, context: Context) -> None:
    seen = as_seen(context)
    typed = _indentation(question)
    color = output.wants_color(invocation().color, sys.stdout)
    for number, one in enumerate(found):
        if number:
            output.write("")
        place = f"{plain.name(seen(one.path))}:{one.start_line}-{one.end_line}"
        about = f"(confidence {one.confidence:.2f})"
        head = (place, plain.name(one.symbol), about) if one.symbol else (place, about)
        output.write(click.style("  ".join(head), fg="cyan") if color else "  ".join(head))
        if asked.explain:
            for line in _explained(one):
                output.write(click.style(line, dim=True) if color else line)
        # What the cursor's line has already is shown, too, or the first line would stand out.
        text = line_ends.unified(one.text)
        for line in (text[1:] if text.startswith("\n") else typed + text).split("\n"):
            output.write(plain.code(line))


def _indentation(question: Question) -> str:
    """The white space before the cursor, where there is nothing else in its line."""
    line = line_ends.unified(question.buffer.text).split("\n")[question.line - 1]
    before = line if question.column is None else line[: question.column - 1]
    return before if before.isspace() else ""


def _explained(one: Suggestion) -> list[str]:
    lines = [f"  score {one.score:.3f}"]
    if one.names:
        pairs = ", ".join(f"{plain.name(a)} -> {plain.name(b)}" for a, b in one.names.items())
        lines.append(f"  adapted {pairs}")
    rows = [f"{name} {value:+.2f}" for name, value in one.why.items()]
    return [*lines, *([f"  {', '.join(rows)}"] if rows else [])]


def _say_why(question: Question, asked: Asked) -> None:
    whole = replace(question.buffer, text=line_ends.unified(question.buffer.text))
    offset = whole.offset(question.line, question.column)
    language, _, _ = place_in(whole.text, offset, whole.language)
    if language not in BY_NAME or BY_NAME[language].textual:
        output.say(
            f"nothing to suggest; there is no grammar for {language}, so that only words were compared"
        )
    elif asked.everything:
        output.say("nothing to suggest")
    else:
        output.say("nothing to suggest; --all shows what is probably wrong")
