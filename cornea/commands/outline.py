"""`cornea outline`: show the definitions and fragments of files."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import click

from retrieval.agent_text.tokens import DEFAULT_TOKENS

from ..codes import ERROR, NOTHING, OK
from ..options import AGENT, chosen_format, common, invocation, json_option, max_tokens_option
from ..presentation import output

if TYPE_CHECKING:
    from indexer.fragment import SourceFile

    from ..outlining import Failed

FORMATS = ("text", "json", AGENT)


@click.command("outline")
@click.argument("files", metavar="FILE...", nargs=-1, type=click.Path())
@click.option(
    "--files-from", "listed", metavar="FILE", help="Read file names from FILE (-: stdin), one per line."
)
@json_option
@click.option("--format", "output_format", type=click.Choice(FORMATS), help="Output format (default: text).")
@max_tokens_option
@common
@click.pass_context
def command(
    ctx: click.Context,
    files: tuple[str, ...],
    listed: str | None,
    as_json: bool,
    output_format: str | None,
    max_tokens: int | None,
) -> int:
    """Show the definitions of files, and the fragments into which an index would split the files.

    The command uses no index and no ignore rules; secrets are masked. Each file is shown as soon as it is
    read. If a file has no outline because it is binary, generated, too large or unreadable, its name and the
    reason are printed to stderr, and the other files are still shown.

    \b
    Examples:
      cornea outline src/server.py
      cornea outline --json src/*.ts
      git ls-files | cornea outline --json --files-from -
      cornea outline --max-tokens 500 src/*.py

    Exit code: 0 if something was found, 1 if nothing was found, 2 if a file has no outline.
    """
    if not files and listed is None:
        raise click.UsageError("missing FILE; name a file, or a list of files with --files-from", ctx)
    chosen = chosen_format(output_format, as_json=as_json, max_tokens=max_tokens, default="text")
    names = [*files, *(_names(listed) if listed is not None else ())]
    return _outline(names, chosen, DEFAULT_TOKENS if max_tokens is None else max_tokens)


def _names(file: str) -> Iterator[str]:
    """The names of files in a list that has one name per line. Names that git has quoted are unquoted.

    Raises UsageError if the list has NUL bytes.
    """
    from indexer.errors import UsageError
    from indexer.walk.git import unescaped

    from ..batch import lines_of

    with lines_of(file, "--files-from") as lines:
        for line in lines:
            if b"\0" in line:
                raise UsageError(
                    "--files-from: expected one name per line, not NUL bytes (leave out -z or -print0)"
                )
            name = line.rstrip(b"\r\n")
            if name[:1] == name[-1:] == b'"' and len(name) > 1 and not os.path.lexists(name):
                name = unescaped(name[1:-1])
            if name:
                yield os.fsdecode(name)


def _outline(names: list[str], output_format: str, max_tokens: int) -> int:
    from indexer.analysis.worker_pool import outlines
    from indexer.fragment import Skipped
    from indexer.skip_reason import SkipKind

    from ..context import load
    from ..inputs import code_hint
    from ..outlining import AsJson, AsText, ForAgent

    config = load().config
    shown: AsJson | AsText | ForAgent
    if output_format == "json":
        shown = AsJson()
    elif output_format == AGENT:
        shown = ForAgent(max_tokens)
    else:
        shown = AsText(output.wants_color(invocation().color, sys.stdout))
    found = False
    failed: list[Failed] = []
    failed += (_report_failure("", "empty name; name a file") for name in names if not name)
    for result in outlines([_file(name, config.home) for name in names if name], config):
        if isinstance(result, Skipped):
            vanished = result.why.kind is SkipKind.VANISHED
            reason = f"no such file; {code_hint(result.path)}" if vanished else result.reason
            failed.append(_report_failure(result.path, reason))
        else:
            if result.unparsed:
                failed.append(_report_failure(result.path, f"not parsed: it {result.unparsed}"))
            found = found or bool(result.fragments)
            output.write(shown.row(result), end="")
            output.flush()
    output.write(shown.end(failed), end="")
    if failed:
        return ERROR
    return OK if found else NOTHING


def _file(name: str, home: Path) -> SourceFile:
    """The file that a name stands for, with links resolved.

    The file's `path` is relative to the working directory. The .gitattributes of the repository around the
    file apply.
    """
    from indexer.paths import path_below, path_text, real_path
    from indexer.walk.walk import source_file

    from ..context import working_folder
    from ..inputs import code_path

    place = code_path(name)
    working_folder()  # raises UsageError if the working directory was deleted
    location = real_path(place)
    root = _root_around(location.parent, home)
    file = source_file(root, path_below(root, location) or location.name, location)
    return replace(file, path=path_text(Path(os.path.relpath(place))))


@lru_cache(maxsize=1024)
def _root_around(folder: Path, home: Path) -> Path:
    from ..context import find_root

    return find_root(folder, home) if folder.is_dir() else folder


def _report_failure(path: str, reason: str) -> Failed:
    """Print why a file has no outline, and return the file with the reason."""
    if path and Path(path).is_dir():
        reason = (
            "is a folder; name the files in it, for example: git ls-files DIR | cornea outline --files-from -"
        )
    shown = path or "''"
    output.error(f"{shown}: {reason}")
    return path, reason
