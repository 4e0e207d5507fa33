"""`cornea search`: find code by a question in words or by a name."""

from __future__ import annotations

import sys

import click

from ..options import Text, common, invocation
from ..searching import Wanted, answer_options, answered, params, show, wanted


@click.command("search")
@click.argument("words", metavar="QUERY...", nargs=-1, type=Text())
@answer_options
@click.option(
    "--batch", metavar="FILE", help='Answer the {"id", "query"} lines of FILE ("-": stdin), a JSON line each.'
)
@common
@click.pass_context
def command(ctx: click.Context, /, words: tuple[str, ...], batch: str | None, **options: object) -> int:
    """Find code by a question in words or by a name.

    The best fragment of each file is shown, with its path from the working directory; paths in JSON are
    relative to the root. In a subfolder only that one is searched, and -g globs begin there; --all searches
    the whole repository. What stands in double quotes must occur literally (quote it for the shell too). A
    folder without an index is indexed first; one that changed is brought up to date.

    \b
    Examples:
      cornea search where is the retry delay computed
      cornea search Mux.Handle
      cornea search -t py,go -g 'src/**' -g '!vendor/' parse header
      cornea search '"Content-Length"' --no-tests --explain
      cornea -C src search --all parse header
      cornea search --json -n 20 open a socket | jq '.results[].path'
      cornea search --batch questions.jsonl > answers.jsonl

    Exit code: 0 if something was found, 1 if nothing, 2 after an error.
    """
    if batch is not None:
        return _batch(ctx, words, batch, wanted(options, "json"))
    if not words:
        raise click.UsageError("what to search for? write cornea search QUERY", ctx)
    return _search(" ".join(words), wanted(options))


def _batch(ctx: click.Context, words: tuple[str, ...], file: str, asked: Wanted) -> int:
    if words:
        raise click.UsageError("--batch brings its own questions; leave QUERY out", ctx)
    if asked.form not in ("json", "jsonl"):
        raise click.UsageError(f"--batch answers in JSON lines, not in {asked.form}; leave --format out", ctx)
    from ..batch import run

    return run(file, asked, invocation())


def _search(question: str, asked: Wanted) -> int:
    from .. import session
    from ..asking import asking
    from ..context import load
    from ..presentation import output
    from ..scope import Scope

    context = load(flags=asked.flags)
    session.warn(context)
    profile = context.search.profile
    scope = Scope.of(context, whole=asked.whole)
    wants = params(asked, context, profile, scope)
    scope.tell()
    color = output.wants_color(invocation().color, sys.stderr)
    with asking(context, refresh=asked.refresh, yes=asked.yes, color=color) as ask:
        found = ask("search", {"query": question, **wants})
    output.debug(f"{len(found['hits'])} answers by {profile}")
    return show(answered(question, found, scope, words=True), asked, context)
