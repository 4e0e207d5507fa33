"""`cornea search`: find code by a description or by a name."""

from __future__ import annotations

import click

from ..options import Text, common
from ..search_options import SearchOptions, answer_options, parse_options, request_params

_EXAMPLE = '{"id": ..., "query": "..."}'


@click.command("search")
@click.argument("words", metavar="QUERY...", nargs=-1, type=Text())
@click.option(
    "-e",
    "--regexp",
    "patterns",
    type=Text(),
    multiple=True,
    metavar="PATTERN",
    help="Only fragments with a line that matches, as with `cornea grep`; QUERY ranks them.",
)
@answer_options
@click.option(
    "--batch", metavar="FILE", help='Answer each {"id", "query"} line of FILE ("-": stdin) with a JSON line.'
)
@common
@click.pass_context
def command(
    ctx: click.Context,
    /,
    words: tuple[str, ...],
    patterns: tuple[str, ...],
    batch: str | None,
    **options: object,
) -> int:
    """Find code by a description or by a name.

    Shows the best fragment of each file. Paths are relative to the working directory; in JSON, they are
    relative to the root. In a subfolder, only that folder is searched, and -g globs are relative to that
    folder; --all searches the whole repository. A phrase in double quotes must occur literally (quote the
    phrase for the shell, too). The index is built or updated first.

    \b
    Examples:
      cornea search where is the retry delay computed
      cornea search Mux.Handle
      cornea search -t py,go -g 'src/**' -g '!vendor/' parse header
      cornea search '"Content-Length"' --no-tests --explain
      cornea -C src search --all parse header
      cornea search -e 'timeout\\s*=' retry with backoff
      cornea search --json -n 20 open a socket | jq '.results[].path'
      cornea search --max-tokens 1000 open a socket
      cornea search --batch questions.jsonl > answers.jsonl

    Exit code: 0 if something was found, 1 if nothing was found, 2 after an error.
    """
    if batch is not None:
        if patterns:
            raise click.UsageError("--batch contradicts -e; use one of them", ctx)
        return _batch(ctx, words, batch, parse_options(options, "json"))
    if not words and not patterns:
        raise click.UsageError("missing QUERY", ctx)
    return _search(" ".join(words), patterns, parse_options(options))


def _search(question: str, patterns: tuple[str, ...], options: SearchOptions) -> int:
    from retrieval.host.requests import SearchParams

    from .. import session
    from ..asking import asking
    from ..presentation import output
    from ..presentation.answers import Answer, show
    from ..scope import SearchScope

    context = session.load_context(flags=options.flags)
    profile = context.search.profile
    scope = SearchScope.of(context, whole=options.whole)
    params = request_params(options, context, profile, scope)
    if not options.for_agent:
        scope.announce()
    with asking(
        context, refresh=options.refresh, yes=options.yes, print_remarks=not options.for_agent
    ) as ask:
        found = ask(SearchParams(query=question, patterns=patterns, **params))
    output.debug(f"{len(found.hits)} results with profile {profile}")
    return show(Answer(question, found, scope, words=True), options, context)


def _batch(ctx: click.Context, words: tuple[str, ...], file: str, options: SearchOptions) -> int:
    if words:
        raise click.UsageError("--batch reads queries from its file; leave QUERY out", ctx)
    if options.output_format not in ("json", "jsonl"):
        raise click.UsageError(
            f"--batch prints JSON lines, not {options.output_format}; leave --format and --max-tokens out",
            ctx,
        )
    from msgspec import UNSET

    from retrieval.host.requests import SearchParams

    from .. import session
    from ..asking import asking
    from ..batch import answer_lines, lines_of
    from ..presentation.json_answers import BatchAnswer, IndexedFiles, Result, SearchLine, present
    from ..scope import SearchScope, emptied_in, say_nothing, why_empty

    context = session.load_context(flags=options.flags)
    scope = SearchScope.of(context, whole=options.whole)
    params = request_params(options, context, context.search.profile, scope)
    scope.announce()
    emptied: list[str] = []
    any_found = False

    def respond(line: SearchLine) -> BatchAnswer[Result]:
        nonlocal any_found
        found = ask(SearchParams(query=line.query, **params))
        emptied[:] = emptied_in(found)
        any_found = any_found or bool(found.hits)
        rows = [Result.of(hit, explain=options.explain) for hit in found.hits]
        return BatchAnswer(
            unknown=present(found.unknown),
            scope=scope.shown,
            left_out=found.left_out or UNSET,
            state=present(found.state),
            results=rows,
            indexing=IndexedFiles.of(found.indexing),
        )

    with (
        lines_of(file) as lines,
        asking(context, refresh=options.refresh, yes=options.yes) as ask,
    ):
        code = answer_lines(lines, SearchLine, _EXAMPLE, respond)
    if emptied and not any_found:
        say_nothing(scope, emptied, options.filters_as_typed(), why_empty(scope, emptied, context))
    return code
