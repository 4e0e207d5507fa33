"""`cornea continue`: suggest the code that comes next."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from ..options import Languages, Number, common, invocation, yes_option

if TYPE_CHECKING:
    from ..continuing import Asked, Question

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
    from ..continuing import Asked, answer_batch

    asked = Asked(limit, until, everything, explain, refresh, yes, as_json)
    if batch is not None:
        return answer_batch(batch, asked, invocation())
    return _answer(place, language[0] if language else "", asked)


def _answer(place: str | None, language: str, asked: Asked) -> int:
    from .. import continuing, session
    from ..asking import asking
    from ..context import load
    from ..presentation import output

    context = load()
    session.warn(context)
    question: Question = (
        continuing.at_place(place, context) if place is not None else continuing.of_stdin(language)
    )
    color = output.wants_color(invocation().color, sys.stderr)
    with asking(context, refresh=asked.refresh, yes=asked.yes, color=color) as ask:
        found = continuing.found(ask, question, asked)
    return continuing.show(question, found, asked, context)
