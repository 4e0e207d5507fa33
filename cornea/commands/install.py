"""`cornea install` and `cornea uninstall`: add Cornea to coding agents, and remove it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import click

from ..codes import ERROR, INTERRUPTED, OK
from ..options import common
from ..presentation import output

if TYPE_CHECKING:
    from ..agents.hosts import UserEnvironment
    from ..agents.installation import AgentOutcome

_NOTHING = 1

agent_option = click.option(
    "--agent", "agents", metavar="NAME", multiple=True,
    help="claude, codex, cursor, vscode, opencode, gemini, zed or copilot; may be repeated "
         "(default: all that are found).",
)  # fmt: skip
yes_option = click.option("-y", "--yes", is_flag=True, help="Do not ask.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print what was done as one JSON object.")


@click.command("install")
@agent_option
@yes_option
@click.option("--print-config", is_flag=True, help="Print what would be added and where; change nothing.")
@json_option
@common
def install(agents: tuple[str, ...], yes: bool, print_config: bool, as_json: bool) -> int:
    """Make coding agents use Cornea.

    Adds the MCP server to each agent's configuration; for Claude Code, it also adds a hook that completes
    the results of its own searches, and an agent that searches. Comments and formatting of the files are
    kept, and `cornea uninstall` restores them. For an agent that Cornea does not know, the command prints a
    configuration to paste.

    \b
    Examples:
      cornea install
      cornea install --agent claude --agent zed --yes
      cornea install --agent codex --print-config
    """
    from ..agents import installation

    around = installation.surroundings()
    known, unknown = _split(agents)
    if unknown:
        _print_unknown(unknown, around)
    names = known if agents else installation.present(around)
    if print_config:
        return _print_config(names, around)
    if not names:
        if not agents:
            output.say("no coding agent was found; name one with --agent, or see --print-config")
        return OK if unknown else _NOTHING
    _remark_on_extra()
    return _run(names, "add Cornea to", yes, as_json)


@click.command("uninstall")
@agent_option
@yes_option
@json_option
@common
def uninstall(agents: tuple[str, ...], yes: bool, as_json: bool) -> int:
    """Remove Cornea from coding agents.

    Files that nobody else has changed are as they were before `cornea install`; files that the installation
    created are deleted.

    \b
    Examples:
      cornea uninstall
      cornea uninstall --agent cursor --yes
      cornea uninstall --agent claude --agent codex --yes --json
    """
    from ..agents import files, installation
    from ..agents.hosts import HOSTS
    from ..context import user_folder

    known, unknown = _split(agents)
    if unknown:
        raise click.UsageError(f"--agent {unknown[0]}: not known; one of: {', '.join(HOSTS)}")
    recorded = {record.agent for record in files.load_records(user_folder())}
    present = installation.present(installation.surroundings())
    names = known or [name for name in HOSTS if name in recorded or name in present]
    if not names:
        output.say("nothing to remove")
        return _NOTHING
    return _run(names, "remove Cornea from", yes, as_json)


def _run(names: Sequence[str], what: str, yes: bool, as_json: bool) -> int:
    """Ask, then install or uninstall, and report each agent as soon as it is done."""
    from indexer.errors import UsageError

    from ..agents import installation
    from ..agents.hosts import HOSTS
    from ..context import user_folder

    titles = ", ".join(HOSTS[name].title for name in names)
    if not yes:
        if not output.can_ask():
            raise UsageError(f"this would {what} {titles}; pass --yes to do it")
        try:
            if not output.ask(f"{what} {titles}?"):
                output.say("nothing was changed")
                return _NOTHING
        except click.Abort:
            output.say("nothing was changed")
            return INTERRUPTED
    action = installation.install if what.startswith("add") else installation.uninstall
    outcomes = []
    for outcome in action(names, installation.surroundings(), user_folder()):
        outcomes.append(outcome)
        _report(outcome)
    if as_json:
        from ..presentation.json_reports import InstallOutput

        output.write_json(InstallOutput(outcomes))
    if any(outcome.error for outcome in outcomes):
        return ERROR
    return OK if any(outcome.files for outcome in outcomes) else _NOTHING


def _report(outcome: AgentOutcome) -> None:
    for file in outcome.files:
        output.say(f"{outcome.title}: changed {file}")
    if outcome.error:
        output.error(f"{outcome.title}: {outcome.error}")
    elif not outcome.files:
        output.say(f"{outcome.title}: nothing to change")


def _split(agents: Iterable[str]) -> tuple[list[str], list[str]]:
    """The names that are known, and the others."""
    from ..agents.hosts import HOSTS

    chosen = list(dict.fromkeys(agents))
    return [name for name in chosen if name in HOSTS], [name for name in chosen if name not in HOSTS]


def _print_unknown(names: Sequence[str], around: UserEnvironment) -> None:
    import json

    from ..agents.hosts import printed

    output.say(f"{', '.join(names)}: not known; paste this into the configuration of its MCP servers")
    output.write(json.dumps(printed(around), indent=2))


def _print_config(names: Sequence[str], around: UserEnvironment) -> int:
    """Print each file and what would be added to it."""
    import json

    from ..agents.hosts import HOSTS, ConfigEntry

    for name in names:
        for change in HOSTS[name].changes(around):
            output.write(f"# {HOSTS[name].title}: {change.file}")
            if not isinstance(change, ConfigEntry):
                output.write(change.text)
            elif change.file.suffix == ".toml":
                from ..agents.toml import with_table

                output.write(with_table("", change.path, change.value)[0])
            else:
                value = [change.value] if change.is_item else change.value
                for key in reversed(change.path):
                    value = {key: value}
                output.write(json.dumps(value, indent=2) + "\n")
    return OK if names else _NOTHING


def _remark_on_extra() -> None:
    """Say how to install the library of the MCP server if it is missing."""
    import importlib.util

    if importlib.util.find_spec("mcp_types") is None:
        from indexer.extras import install_command

        output.say(f"`cornea mcp` needs a library that is not installed; run: {install_command('mcp')}")
