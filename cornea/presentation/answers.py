"""Prints the answers of `search` and `similar` in the format that the options name."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ..codes import NOTHING, OK
from ..options import invocation
from . import output

if TYPE_CHECKING:
    from retrieval.result import Excerpt, Hit

    from ..context import Context
    from ..scope import SearchScope
    from ..search_options import SearchOptions


@dataclass(frozen=True, slots=True)
class Answer:
    """Hits, and all that is needed to print the hits after the index is closed."""

    question: str
    hits: Sequence[Hit]
    words: bool
    """Whether the question consists of words, which are highlighted in hits. False if it is a place in
    code."""
    excerpts: Sequence[Excerpt] | None
    scope: SearchScope
    indexing: Mapping[str, Any] = field(default_factory=dict)
    """The fields of JSON that say how complete the index is. There are none if the index is complete."""
    emptied: Sequence[str] = ()
    """The names of the filters that matched nothing."""


def answer_of(question: str, found: dict[str, Any], scope: SearchScope, *, words: bool) -> Answer:
    """The answer in a host's response to `search` or `similar`."""
    from retrieval.host import incomplete
    from retrieval.host.answers import hits
    from retrieval.result import Excerpt

    from ..scope import emptied_in

    excerpts = [Excerpt(*row) for row in found["excerpts"]] if "excerpts" in found else None
    emptied = emptied_in(found)
    return Answer(question, hits(found), words, excerpts, scope, incomplete.counts(found), emptied)


def show(answer: Answer, options: SearchOptions, context: Context) -> int:
    """Print an answer and return the exit code."""
    from ..scope import say_nothing, why_empty
    from . import render

    if options.output_format == "json":
        more = {**answer.scope.as_json, **answer.indexing}
        output.write(render.document(answer.question, answer.hits, more, explain=options.explain))
    elif options.output_format == "jsonl":
        for hit in answer.hits:
            output.write(json.dumps(hit.as_json(options.explain)))
    elif options.output_format == "vimgrep":
        for line in render.vimgrep(_relative_to_cwd(answer.hits, context)):
            output.write(line)
    else:
        _show_text(answer, options, context)
    if not answer.hits:
        why = why_empty(answer.scope, answer.emptied, context)
        say_nothing(answer.scope, answer.emptied, options.filters_as_typed(), why)
    return OK if answer.hits else NOTHING


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
    for line in render.text(_relative_to_cwd(answer.hits, context), style, matching, answer.excerpts):
        output.write(line)
