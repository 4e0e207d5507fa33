"""`cornea status`: show what is indexed, what is skipped and why, and the current settings."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..options import common, invocation
from ..presentation import output

if TYPE_CHECKING:
    from ..context import Context
    from ..presentation.json_reports import StatusOutput
    from ..survey import Survey


@click.command("status")
@click.argument("path", required=False, type=click.Path(path_type=Path))
@click.option(
    "--skipped",
    is_flag=True,
    help="List every skipped path with the reason, and the lines of redacted secrets.",
)
@click.option("--why", metavar="FILE", help="Show why a file or folder is indexed or not.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@common
@click.pass_context
def command(ctx: click.Context, path: Path | None, skipped: bool, why: str | None, as_json: bool) -> int:
    """Show what is indexed, what is skipped and why, and the current settings with their sources.

    The command reports on the root that contains PATH, by default the working directory. It does not build or
    update the index, and does not wait while another process holds the index.

    \b
    Examples:
      cornea status
      cornea status ~/src/django --json
      cornea status --skipped | grep minified
      cornea status --why build/output.js

    Exit code: 0 if there is an index, 1 if there is none, 2 after an error. With --why, the exit code is 0 if
    the file exists, and 1 if it does not.
    """
    from .. import session
    from ..context import root_around
    from ..nesting import print_root

    if skipped and why is not None:
        raise click.UsageError("--skipped contradicts --why; use one of them", ctx)
    context = session.load_context(root_around(path))
    if skipped or why is not None:
        print_root(context, path)
    if why is not None:
        return _why(context, why, as_json)
    return _skipped(context, as_json) if skipped else _overview(context, as_json)


def _why(context: Context, path: str, as_json: bool) -> int:
    from .. import survey
    from ..inputs import code_path
    from ..places import relative_to_root
    from ..presentation import plain

    name = relative_to_root(path, context)
    reason = survey.why(context, name)
    if as_json:
        from ..presentation.json_reports import WhyOutput

        output.write_json(WhyOutput(name, reason))
    else:
        output.write(f"{plain.name(name)}: {plain.name(reason)}")
    return 0 if os.path.lexists(code_path(path)) else 1


def _skipped(context: Context, as_json: bool) -> int:
    from .. import survey
    from ..presentation import plain

    seen = survey.survey(context)
    found = survey.left_out(context, seen.unfit, rules=True)
    redacted = survey.redacted(context)
    if seen.trouble:
        output.say(f"the files left out because of their content are not listed: {seen.trouble}")
    if as_json:
        from msgspec import UNSET

        from ..presentation.json_reports import RedactedFile, SkippedOutput, SkippedPath

        rows = [SkippedPath(item.path, item.reason) for item in found]
        hidden = [RedactedFile(name, lines) for name, lines in redacted]
        output.write_json(SkippedOutput(str(context.root), rows, hidden, seen.trouble or UNSET))
        return 0
    color = output.wants_color(invocation().color, sys.stdout)
    shown = [(item.path, item.reason) for item in found]
    shown += [(name, f"redacted: {survey.places(lines)}") for name, lines in redacted]
    for name, why in sorted(shown):
        reason = plain.name(why)
        output.write(f"{plain.name(name)}: {click.style(reason, dim=True) if color else reason}")
    return 0


def _overview(context: Context, as_json: bool) -> int:
    from .. import survey

    seen = survey.survey(context)
    # Without an index, the folder may be / or hold many projects: to list it could take minutes.
    left_out = survey.left_out(context, seen.unfit, rules=False) if seen.indexed else []
    reasons, refused = survey.reasons(left_out), survey.refused(left_out)
    settings = list(survey.settings(context))
    if as_json:
        output.write_json(_json_output(seen, reasons, refused, settings))
    else:
        color = output.wants_color(invocation().color, sys.stdout)
        for line in _text(seen, reasons, refused, settings, color):
            output.write(line)
    return 0 if seen.indexed else 1


def _json_output(
    seen: Survey,
    reasons: list[tuple[str, int]],
    refused: list[str],
    settings: list[tuple[str, Any, str]],
) -> StatusOutput:
    from ..presentation.json_answers import IndexedFiles
    from ..presentation.json_reports import LanguageCounts, SettingValue, StatusOutput

    return StatusOutput(
        root=str(seen.root),
        repo=seen.repo,
        index=str(seen.folder),
        store=seen.store,
        indexed=seen.indexed,
        busy=seen.busy or None,
        indexing=IndexedFiles(*seen.indexing) if seen.indexing else None,
        interrupted=seen.missing or None,
        trouble=seen.trouble or None,
        updated=round(seen.updated, 3) or None,
        bytes=seen.size,
        languages={language: LanguageCounts(*counts) for language, counts in seen.languages.items()},
        skipped=dict(reasons),
        settings={key: SettingValue(value, origin) for key, value, origin in settings},
        git=refused,
    )


def _text(
    seen: Survey,
    reasons: list[tuple[str, int]],
    refused: list[str],
    settings: list[tuple[str, object, str]],
    color: bool,
) -> Iterator[str]:
    from ..context import user_file
    from ..presentation import plain
    from ..presentation.tables import pairs, size, table
    from ..session import interrupted

    facts = [("root", str(seen.root)), ("repository", seen.repo), ("store", seen.store)]
    if seen.indexed:
        facts.append(("index", f"{seen.folder} ({size(seen.size)})"))
        facts.append(("updated", _ago(seen.updated)))
    elif seen.trouble:
        facts.append(("index", "unknown"))
    else:
        facts.append(("index", "none yet; run `cornea index` or a search"))
    own = user_file()
    there = os.path.exists(own)  # noqa: PTH110 - pathlib raises if permissions hide it
    facts.append(("config", str(own) if there else f"{own} (does not exist)"))
    if seen.busy:
        facts.append(
            ("busy", f"held by {seen.busy}; the figures are as of the last batch that it has written")
        )
    if seen.indexing:
        done, total = seen.indexing
        facts.append(("indexing", f"{done:,} of {total:,} files; searches work meanwhile"))
    if seen.missing:
        facts.append(("interrupted", interrupted(seen.missing)))
    if seen.trouble:
        facts.append(("trouble", seen.trouble))
    facts += [("git", plain.name(reason)) for reason in refused]
    yield from pairs(facts, color=color)
    if seen.languages:
        yield ""
        rows = [(language, *counts) for language, counts in seen.languages.items()]
        totals = [sum(row[i] for row in seen.languages.values()) for i in range(3)]
        yield from table(
            ("language", "files", "fragments", "functions"), rows, color=color, foot=("all", *totals)
        )
    if reasons:
        yield ""
        yield from table(("skipped because", "paths"), reasons, color=color)
        yield "(not counting paths excluded by ignore rules; `cornea status --skipped` lists every path)"
    yield ""
    shown = [(key, _value(value), origin) for key, value, origin in settings]
    yield from table(("setting", "value", "from"), shown, color=color, faint="default")


def _value(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ", ".join(value) or "-"
    return str(value) if value != "" else "-"


def _ago(moment: float) -> str:
    seconds = max(time.time() - moment, 0)
    try:
        stamp = time.strftime("%Y-%m-%d %H:%M", time.localtime(moment))
    except (OverflowError, ValueError, OSError):  # a file system may return any number
        return f"at an invalid time ({moment:g})"
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= length:
            count = int(seconds // length)
            return f"{stamp} ({count} {unit}{'s' * (count != 1)} ago)"
    return f"{stamp} (just now)"
