"""Prints the suggestions of `continue` for people."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from indexer.parsing.languages import BY_NAME
from indexer.parsing.scripts import place_in
from retrieval.continuation import line_ends

from ..options import invocation
from ..places import relative_to_cwd
from . import output, plain

if TYPE_CHECKING:
    from retrieval.continuation.buffer import EditorBuffer
    from retrieval.result import Suggestion

    from ..context import Context


def show_text(found: Sequence[Suggestion], indentation: str, context: Context, *, explain: bool) -> None:
    """Print suggestions. `indentation` is the white space before the cursor."""
    relative = relative_to_cwd(context)
    color = output.wants_color(invocation().color, sys.stdout)
    for number, one in enumerate(found):
        if number:
            output.write("")
        place = f"{plain.name(relative(one.path))}:{one.start_line}-{one.end_line}"
        about = f"(confidence {one.confidence:.2f})"
        head = (place, plain.name(one.symbol), about) if one.symbol else (place, about)
        output.write(click.style("  ".join(head), fg="cyan") if color else "  ".join(head))
        if explain:
            for line in _explanation(one):
                output.write(click.style(line, dim=True) if color else line)
        # Print the indentation that the cursor's line already has, too, so that all lines are aligned.
        text = line_ends.unified(one.text)
        for line in (text[1:] if text.startswith("\n") else indentation + text).split("\n"):
            output.write(plain.code(line))


def indentation_before(buffer: EditorBuffer, line: int, column: int | None) -> str:
    """The text before the cursor in its line if that text is only white space, else ""."""
    text = line_ends.unified(buffer.text).split("\n")[line - 1]
    before = text if column is None else text[: column - 1]
    return before if before.isspace() else ""


def _explanation(one: Suggestion) -> list[str]:
    lines = [f"  score {one.score:.3f}"]
    if one.names:
        pairs = ", ".join(f"{plain.name(a)} -> {plain.name(b)}" for a, b in one.names.items())
        lines.append(f"  adapted {pairs}")
    rows = [f"{name} {value:+.2f}" for name, value in one.why.items()]
    return [*lines, *([f"  {', '.join(rows)}"] if rows else [])]


def say_why_none(buffer: EditorBuffer, line: int, column: int | None, *, everything: bool) -> None:
    """Print to stderr why nothing is suggested."""
    whole = replace(buffer, text=line_ends.unified(buffer.text))
    offset = whole.offset(line, column)
    language, _, _ = place_in(whole.text, offset, whole.language)
    if language not in BY_NAME or BY_NAME[language].textual:
        output.say(f"nothing to suggest; there is no grammar for {language}, so only words were compared")
    elif everything:
        output.say("nothing to suggest")
    else:
        output.say("nothing to suggest; --all also shows suggestions that are probably wrong")
