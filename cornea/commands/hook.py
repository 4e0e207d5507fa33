"""`cornea hook`: tell an agent more about what its own search has found."""

from __future__ import annotations

import click

from ..options import common


@click.command("hook")
@click.argument("agent", metavar="AGENT")
@click.option("--debug", is_flag=True, help="Say on stderr why there is no answer (also: CORNEA_LOG=1).")
@click.option("--seconds", type=click.FloatRange(0.01, 60), default=0.2, metavar="S",
              help="Say nothing if the answer takes longer (default: 0.2).")  # fmt: skip
@common
def command(agent: str, debug: bool, seconds: float) -> int:
    """Answer the event of an agent's hook, after the agent has searched with its own tools.

    AGENT is claude, codex, cursor, gemini or copilot. The event is read from stdin, as the
    agent's hooks get it after a tool call. If the call was a search (a grep or glob tool, or grep, rg, git
    grep or find in a shell), the definitions around the matches, the definition of the name and its users are
    printed in at most 300 tokens (4 bytes each), in the shape that the agent documents. There is no answer if
    no host runs for the root, if the agent's version or the shape of the event is not known, or if it would
    take too long. With [host] start_by_hook, a host is then started in the background for the next hooks.

    \b
    Examples:
      cornea hook claude < event.json
      cornea hook --debug cursor < event.json
      CORNEA_LOG=1 cornea hook codex < event.json

    Exit code: always 0 (2 if the command line is wrong), because agents take other codes for errors.
    """
    from ..hook.run import run

    return run(agent, debug=debug, seconds=seconds)
