"""Prints the answers of `search` and `similar` in the format that the options name."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..codes import NOTHING, OK
from ..options import invocation
from . import output

if TYPE_CHECKING:
    from retrieval.host.answers import HitsAnswer
    from retrieval.result import Hit

    from ..context import Context
    from ..scope import SearchScope
    from ..search_options import SearchOptions


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a question, and the scope of the question.

    `words` says whether the question consists of words, which are highlighted in hits. It is False for a
    place in code.
    """

    question: str
    found: HitsAnswer
    scope: SearchScope
    words: bool


def show(answer: Answer, options: SearchOptions, context: Context) -> int:
    """Print an answer and return the exit code."""
    from ..scope import emptied_in, say_nothing, why_empty
    from . import render

    hits = answer.found.hits
    if options.for_agent:
        return _show_to_agent(answer, options, context)
    if (unknown := answer.found.unknown_name) is not None:
        output.say(unknown.line)
    if options.output_format in ("json", "jsonl"):
        _write_json(answer, options)
    elif options.output_format == "vimgrep":
        for line in render.vimgrep(_relative_to_cwd(hits, context), answer.question if answer.words else ""):
            output.write(line)
    else:
        _show_text(answer, options, context)
    if not hits:
        emptied = emptied_in(answer.found)
        why = why_empty(answer.scope, emptied, context)
        say_nothing(answer.scope, emptied, options.filters_as_typed(), why)
    return OK if hits else NOTHING


def _show_to_agent(answer: Answer, options: SearchOptions, context: Context) -> int:
    from msgspec import structs

    from retrieval.agent_text.answers import hits_text

    from ..scope import emptied_in, nothing_found, why_empty

    found, notes = answer.found, list(answer.scope.notes)
    if not found.hits:
        emptied = emptied_in(found)
        why = why_empty(answer.scope, emptied, context)
        notes = [nothing_found(answer.scope, emptied, options.filters_as_typed(), why)]
    shown = structs.replace(found, hits=list(_relative_to_cwd(found.hits, context)))
    question = answer.question if answer.words else ""
    output.write(hits_text(shown, question, options.max_tokens, notes))
    return OK if found.hits else NOTHING


def _write_json(answer: Answer, options: SearchOptions) -> None:
    from msgspec import UNSET

    from .json_answers import IndexedFiles, Result, SearchOutput, present

    rows = [Result.of(hit, explain=options.explain) for hit in answer.found.hits]
    if options.output_format == "jsonl":
        for row in rows:
            output.write_json(row)
        return
    found = answer.found
    output.write_json(
        SearchOutput(
            query=answer.question,
            scope=answer.scope.shown,
            unknown=present(found.unknown),
            left_out=found.left_out or UNSET,
            state=present(found.state),
            indexing=IndexedFiles.of(found.indexing),
            results=rows,
        )
    )


def _relative_to_cwd(hits: Sequence[Hit], context: Context) -> Sequence[Hit]:
    """The hits, with paths relative to the working directory. JSON has paths relative to the root instead."""
    from ..places import relative_to_cwd

    relative = relative_to_cwd(context)
    return [replace(hit, path=relative(hit.path)) for hit in hits]


def _show_text(answer: Answer, options: SearchOptions, context: Context) -> None:
    from . import highlight, render

    terminal = output.is_terminal(sys.stdout)
    style = render.Style(
        color=output.wants_color(invocation().color, sys.stdout),
        width=shutil.get_terminal_size().columns if terminal else None,
        lines=context.search.lines if terminal else 0,
        explain=options.explain,
    )
    matching = highlight.of_question(answer.question) if style.color and answer.words else highlight.nothing
    found = answer.found
    for line in render.text(_relative_to_cwd(found.hits, context), style, matching, found.excerpts):
        output.write(line)
