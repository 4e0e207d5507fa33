"""`cornea doctor`: check the installation and the index, report problems, repair what can be repaired."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..options import common, invocation
from ..presentation import output

if TYPE_CHECKING:
    from ..doctor import Check, Finding
    from ..presentation.json_reports import CheckName


@click.command("doctor")
@click.argument("path", required=False, type=click.Path(path_type=Path))
@click.option("--fix", is_flag=True, help="Repair what can be repaired.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@common
def command(path: Path | None, fix: bool, as_json: bool) -> int:
    """Check the installation, the machine, and the index of the root that contains PATH.

    The command checks the settings, grammars, weights, git, file watches and disk space; the index's folder,
    manifest and store, and whether they agree; files that crashed a parser; what dead processes left behind;
    and the cache. Each finding names the place, the problem and the remedy. Your files are never touched.

    \b
    Examples:
      cornea doctor
      cornea doctor --fix
      cornea doctor ~/src/django --json

    Exit code: 0 if no problem is found or left, 1 if a problem is left, 2 after an error.
    """
    from .. import session
    from ..context import load_valid, root_around
    from ..doctor import index, installation
    from ..nesting import print_root
    from ..presentation.json_reports import DoctorOutput

    context, errors = load_valid(root_around(path))
    session.warn(context)
    print_root(context, path)
    checks: dict[CheckName, Check] = {
        "settings": lambda: installation.settings(errors),
        **installation.checks(context),
        **index.checks(context),
    }
    rows, wrong = [], 0
    for name, check in checks.items():
        for finding in _findings(name, check):
            fixed = fix and _repair(finding, check)
            wrong += not fixed
            rows.append(finding.row(fixed))
            if not as_json:
                _show(finding, fixed)
    if as_json:
        output.write_json(DoctorOutput(str(context.root), list(checks), rows))
    elif not rows:
        output.write(f"no problems found: {', '.join(checks)}")
    return 1 if wrong else 0


def _findings(name: CheckName, check: Check) -> Iterator[Finding]:
    """The findings of a check. If the check itself fails, the failure is a finding."""
    from indexer.errors import CorneaError

    from ..doctor import Finding

    try:
        yield from check()
    except (CorneaError, OSError) as error:
        yield Finding(name, "this check", f"failed: {error}", "correct that and run cornea doctor again")


def _repair(finding: Finding, check: Check) -> bool:
    """Repair a finding. Returns whether the finding is gone in a second run of its check."""
    from indexer.errors import CorneaError

    if finding.fix is None:
        return False
    try:
        finding.fix()
    except (CorneaError, OSError) as error:
        output.say(f"{finding.check}: could not be repaired: {error}")
        return False
    return all(left.where != finding.where for left in _findings(finding.check, check))


def _show(finding: Finding, fixed: bool) -> None:
    from ..presentation import plain

    color = output.wants_color(invocation().color, sys.stdout)
    head = plain.name(f"{finding.check}: {finding.where}")
    output.write(f"{click.style(head, bold=True) if color else head}: {plain.name(finding.what)}")
    done = "repaired" if fixed else plain.name(finding.remedy)
    fixable = "" if fixed or finding.fix is None else " (or cornea doctor --fix)"
    output.write(f"  {done}{fixable}")
