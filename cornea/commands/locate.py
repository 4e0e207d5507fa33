"""`cornea locate`: find the functions that must change for an issue."""

from __future__ import annotations

from typing import Any

import click

from ..options import Number, Text, all_option, common, invocation, yes_option

FORMATS = ("text", "json", "jsonl", "vimgrep", "markdown")
_COUNTS = {2: "two", 3: "three"}
LEVELS = ("function", "file")

_OPTIONS = (
    click.argument("file", metavar="ISSUE", required=False),
    click.option("--text", type=Text(), metavar="TEXT", help="The issue itself, instead of a file."),
    click.option("-n", "--limit", type=Number(1, 1000), default=10, metavar="N",
                 help="How many answers (default: 10)."),
    click.option("--level", type=click.Choice(LEVELS), default="function",
                 help="Answer functions (the default) or files."),
    all_option,
    click.option("--json", "as_json", is_flag=True, help="Print one JSON object; short for --format json."),
    click.option("--format", "form", type=click.Choice(FORMATS), help="How to print (default: text)."),
    click.option("--explain", is_flag=True,
                 help="Say why: the stack trace's frame, the mention, the commit."),
    click.option("--rev", metavar="COMMIT",
                 help="In the files of this commit, out of git; -C may then name a bare clone."),
    click.option("--batch", metavar="FILE",
                 help='Answer the {"id", "text"} lines of FILE ("-": stdin), a JSON line each.'),
    click.option("--refresh/--no-refresh", "refresh", default=True,
                 help="Bring the index up to date first (the default), or take it as it is."),
    yes_option,
)  # fmt: skip


def _options(command: click.decorators.FC) -> click.decorators.FC:
    for option in reversed(_OPTIONS):
        command = option(command)
    return common(command)


@click.command("locate")
@_options
@click.pass_context
def command(
    ctx: click.Context, /, file: str | None, text: str | None, batch: str | None, as_json: bool,
    form: str | None, **options: Any,
) -> int:  # fmt: skip
    """Find the functions that must change for an issue: a bug report, a feature request, a stack trace.

    ISSUE is a file with the issue's text, title first, in Markdown or plain; - reads it from stdin. It is
    looked up where you are, also with -C. Words, names, stack traces and past commits count, all of it
    offline. In a subfolder only its functions are answered; with --all those of the whole repository.

    \b
    Examples:
      cornea locate issue.md
      gh issue view 1234 | cornea locate -
      cornea locate --text "Crash when the config file is empty" --explain
      cornea locate --level file -n 3 issue.md
      cornea -C clone.git locate --rev v2.1 issue.md --json
      cornea locate --batch issues.jsonl > answers.jsonl

    Exit code: 0 if something was found, 1 if nothing, 2 after an error.
    """
    given = {"--text": text, "--batch": batch, "a file": file}
    named = [name for name, value in given.items() if value is not None]
    if len(named) > 1:
        what = f"{' and '.join(named)} are {_COUNTS[len(named)]} issues"
        raise click.UsageError(f"{what}; give one of them", ctx)
    if not named:
        raise click.UsageError("which issue? give a file, or - for stdin, or --text, or --batch", ctx)
    if as_json and form not in (None, "json"):
        raise click.UsageError(f"--json contradicts --format {form}; give one of them", ctx)
    if options["explain"] and form == "vimgrep":
        raise click.UsageError("--explain has no place in vimgrep; use text, json, jsonl or markdown", ctx)
    if options["rev"] is not None and not options["refresh"]:
        raise click.UsageError("--rev reads the commit itself; leave --no-refresh out", ctx)
    if batch is not None and form not in (None, "json", "jsonl"):
        raise click.UsageError(f"--batch answers in JSON lines, not in {form}; leave --format out", ctx)
    from .. import locating

    asked = locating.Asked(form="json" if as_json else form or "text", **options)
    if batch is not None:
        return locating.answer_batch(batch, asked, invocation())
    issue = text if text is not None else locating.read(file or "-")
    return locating.answer(issue, asked, invocation())
