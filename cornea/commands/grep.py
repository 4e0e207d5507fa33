"""`cornea grep`: search the text of all indexed files for a regular expression, as ripgrep does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ..codes import NOTHING, OK
from ..options import (
    Languages,
    Number,
    Text,
    all_option,
    color_option,
    glob_option,
    joined,
    refresh_option,
    with_options,
    yes_option,
)

if TYPE_CHECKING:
    from retrieval.host.requests import GrepParams

    from ..context import Context

_LINES = Number(0, 1000)

_OPTIONS = (
    click.option("-e", "--regexp", "patterns", type=Text(), multiple=True, metavar="PATTERN",
                 help="A pattern to search for; may be repeated, and may begin with a dash."),
    click.option("-F", "--fixed-strings", is_flag=True, help="Search for PATTERN as it is written."),
    click.option("-i", "--ignore-case", "case", flag_value="ignore", help="Ignore upper and lower case."),
    click.option("-S", "--smart-case", "case", flag_value="smart",
                 help="Ignore it if the pattern is all lower case."),
    click.option("-s", "--case-sensitive", "case", flag_value="sensitive", default="sensitive",
                 help="Do not ignore it (the default). The last of -i, -S and -s holds."),
    click.option("-w", "--word-regexp", is_flag=True, help="Match whole words only."),
    click.option("-x", "--line-regexp", is_flag=True, help="Match whole lines only."),
    click.option("-v", "--invert-match", is_flag=True, help="Find the lines that do not match."),
    click.option("-l", "--files-with-matches", is_flag=True, help="Print only the paths of files."),
    click.option("-c", "--count", is_flag=True, help="Print the number of matching lines of each file."),
    click.option("-q", "--quiet", is_flag=True, help="Print nothing; only the exit code says the result."),
    click.option("-r", "-R", "--recursive", "-E", "--extended-regexp", is_flag=True, expose_value=False,
                 help="Nothing: folders are always searched, in this syntax. For the habit of grep."),
    click.option("-o", "--only-matching", is_flag=True, help="Print only what matched."),
    click.option("-A", "--after-context", type=_LINES, metavar="N", help="Print N lines after each match."),
    click.option("-B", "--before-context", type=_LINES, metavar="N", help="Print N lines before each match."),
    click.option("-C", "--context", type=_LINES, metavar="N", help="Print N lines on both sides."),
    glob_option,
    click.option("--include", "included", multiple=True, type=Text(), hidden=True),
    click.option("-t", "--type", "language", type=Languages(), multiple=True, metavar="NAME",
                 help="Only these languages, by name or extension: python,ts."),
    all_option,
    click.option("-n/-N", "--line-number/--no-line-number", "numbers", default=True,
                 help="Print line numbers (the default), or not."),
    click.option("-H/-I", "--with-filename/--no-filename", "names", default=None,
                 help="Print paths (the default, unless PATH is one file), or not."),
    click.option("--heading/--no-heading", "heading", default=None,
                 help="Print path and symbol above the lines (the default on a terminal)."),
    click.option("--sort", type=click.Choice(("relevance", "path")), default="relevance",
                 help="Definitions, then uses, then the rest (the default), or by path and line."),
    click.option("--json", "as_json", is_flag=True, help="Print ripgrep's JSON lines, with symbol and role."),
    click.option("--verbose", count=True, is_eager=True, expose_value=False, hidden=True,
                 callback=lambda ctx, param, value: _set_verbosity(value)),
    refresh_option,
    yes_option,
)  # fmt: skip


def _set_verbosity(value: int) -> None:
    from ..presentation import output

    if value:
        output.set_verbosity(value)


@click.command("grep")
@click.argument("words", metavar="PATTERN [PATH]...", nargs=-1, type=click.Path())
@with_options(_OPTIONS)
@color_option
@click.pass_context
def command(ctx: click.Context, /, words: tuple[str, ...], **options: Any) -> int:
    """Find all lines that match a regular expression, definitions first.

    Finds the same lines as ripgrep in the indexed files, as they are on disk now, in another order: the
    definitions of what matched, then its uses in code, then tests, comments, documentation and data. On a
    terminal, lines are shown below their file and the symbol around them; in a pipe, as path:line:text.
    Secrets are masked with * before the search. The index is built or updated first; files that are not
    indexed are not searched.

    The syntax is that of ripgrep. Look-around and back-references are refused, and so is a pattern that would
    take too long. In a subfolder, only that folder is searched; --all searches the whole repository.

    \b
    Examples:
      cornea grep parse_config
      cornea grep -w -t py 'Retry|Backoff' src tests
      cornea grep -F -e '->next' -e '->prev'
      cornea grep -i -C 2 'todo.*encoding'
      cornea grep -l 'def test_\\w+timeout' -g '!vendor/'
      cornea grep --json 'class \\w+Error' | jq -r 'select(.type == "match").data.symbol'

    Exit code: 0 if something was found, 1 if nothing was found, 2 after an error.
    """
    patterns = tuple(options["patterns"])
    if not patterns:
        if not words:
            raise click.UsageError("missing PATTERN", ctx)
        text = Text()
        patterns, words = (text.convert(words[0], None, ctx),), words[1:]
    return _grep(ctx, patterns, words, options)


def _grep(
    ctx: click.Context, patterns: tuple[str, ...], paths: tuple[str, ...], options: dict[str, Any]
) -> int:
    from .. import session
    from ..asking import asking
    from ..presentation import matches, output

    style = _style(ctx, paths, options)
    context = session.load_context()
    params, names = _params(patterns, paths, options, context)
    with asking(context, refresh=options["refresh"], yes=options["yes"]) as ask:
        answer = ask(params)
        if options["quiet"]:
            return OK if answer.files else NOTHING
        printer = matches.printer(style, names, answer)
        printer.page(answer)
        page = answer
        while page.next_page:
            params.page = page.next_page
            page = ask(params)
            printer.page(page)
        printer.end(answer)
    unsaved = sum(one.source == "buffer" for one in answer.files)
    output.say(searched(answer.files_searched, answer.gone, unsaved, refreshed=options["refresh"]))
    return OK if answer.files else NOTHING


def searched(files: int, gone: int, unsaved: int = 0, *, refreshed: bool) -> str:
    """A line that says how many files were searched, and which were not.

    `unsaved` is the number of files with matches in unsaved text.
    """
    from ..presentation.output import counted

    text = f"{counted(files, 'file')} searched"
    if unsaved:
        text += f"; the matches in {counted(unsaved, 'file')} are in an editor's unsaved text"
    if gone:
        text += f"; {counted(gone, 'indexed file')} not, because deleted or not to be indexed any more"
    if not refreshed:
        text += "; files that are new since the last update were not"
    return text


def _style(ctx: click.Context, paths: tuple[str, ...], options: dict[str, Any]) -> Any:
    """How to print. Raises click.UsageError if two options contradict each other."""
    import sys
    from pathlib import Path

    from ..inputs import code_path
    from ..options import invocation
    from ..presentation import output
    from ..presentation.matches import GrepStyle

    forms = {"--json": "as_json", "-l": "files_with_matches", "-c": "count", "-o": "only_matching"}
    chosen = [name for name, key in forms.items() if options[key]]
    if len(chosen) > 1 and chosen != ["-l", "-c"]:
        raise click.UsageError(f"{chosen[0]} contradicts {chosen[1]}; use one of them", ctx)
    if options["only_matching"] and options["invert_match"]:
        raise click.UsageError(
            "-o contradicts -v: lines that do not match have no match; use one of them", ctx
        )
    terminal = output.is_terminal(sys.stdout)
    heading = terminal if options["heading"] is None else options["heading"]
    names = options["names"]
    if names is None:
        names = not (len(paths) == 1 and Path(code_path(paths[0])).is_file())
    return GrepStyle(
        form="json" if options["as_json"] else "files" if options["files_with_matches"]
        else "counts" if options["count"] else "lines",
        heading=heading,
        names=names,
        numbers=options["numbers"],
        only_matching=options["only_matching"],
        color=output.wants_color(invocation().color, sys.stdout),
        escape=terminal,
    )  # fmt: skip


def _params(
    patterns: tuple[str, ...], paths: tuple[str, ...], options: dict[str, Any], context: Context
) -> tuple[GrepParams, Any]:
    """The request, and a function that turns paths of the index into those to print."""
    from retrieval.host.requests import GrepParams

    from ..places import relative_to_cwd
    from ..scope import SearchScope

    scope = SearchScope.of(context, whole=options["whole"] or bool(paths))
    inside = tuple(path for word in paths if (path := _path(word, context)))
    if not paths:
        scope.announce()
        inside = (scope.folder,) if scope.folder else ()
    elif len(inside) < len(paths):  # one of them is the root itself
        inside = ()
    around = options["context"] or 0
    before = options["before_context"] if options["before_context"] is not None else around
    after = options["after_context"] if options["after_context"] is not None else around
    params = GrepParams(
        patterns=patterns,
        fixed_strings=options["fixed_strings"],
        ignore_case=options["case"] == "ignore",
        smart_case=options["case"] == "smart",
        word=options["word_regexp"],
        whole_line=options["line_regexp"],
        invert=options["invert_match"],
        before=before,
        after=after,
        paths=inside,
        languages=joined(options["language"]),
        globs=(*options["globs"], *options["included"]),
        by_path=options["sort"] == "path",
        files_only=options["files_with_matches"] or options["count"] or options["quiet"],
    )
    return params, relative_to_cwd(context)


def _path(word: str, context: Context) -> str:
    """The path in the index of a file or folder. Returns "" for the root.

    Raises UsageError if there is none.
    """
    import os
    from pathlib import Path

    from indexer.errors import UsageError
    from indexer.paths import real_path

    from ..inputs import code_hint, code_path
    from ..places import relative_to_root

    place = Path(code_path(word)) if word else Path()
    if not word or not os.path.lexists(place):
        raise UsageError(f"{word or repr(word)}: no such file or folder; {code_hint(word)}")
    return "" if real_path(place) == context.root else relative_to_root(word, context)
