"""Runs a hook: reads an event on stdin, asks the host, and prints what the agent is told."""

from __future__ import annotations

import json
import os
import sys
import time

from .tool_calls import AGENTS, NothingToSay, search_of
from .version import unknown_version

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

SECONDS = 0.2
"""Seconds that a hook may take: the processor time of its start, and then the time for the host's answer."""
MAX_EVENT = 64_000_000
"""Bytes of the largest event that is read."""
ALIASES = {"claude-code": "claude", "gemini-cli": "gemini", "copilot-cli": "copilot"}


def run(agent: str, *, debug: bool = False, seconds: float = SECONDS) -> int:
    """Answer the event on stdin. Returns 0, whatever happens: an agent takes other codes for errors.

    The reason of an empty answer is printed to stderr if `debug` is true or CORNEA_LOG is set.
    """
    # While a busy machine runs other processes, this one's start takes longer, but that is not its own time.
    deadline = time.perf_counter() + seconds - time.process_time()
    said = debug or bool(os.environ.get("CORNEA_LOG"))
    try:
        output = answer(ALIASES.get(agent, agent), sys.stdin.buffer.read(MAX_EVENT + 1), deadline)
        sys.stdout.write(output + "\n")
        sys.stdout.flush()
    except NothingToSay as reason:
        if said:
            from .text import plain

            sys.stderr.write(f"cornea hook: nothing to say: {plain(str(reason))}\n")
    except Exception as error:  # noqa: BLE001 - neither a closed stream nor a bug of ours must stop an agent
        if said and sys.stderr is not None:
            import traceback

            sys.stderr.write(f"cornea hook: failed ({type(error).__name__})\n{traceback.format_exc()}")
    return 0


def answer(agent: str, content: bytes, deadline: float) -> str:
    """What the hook prints, as JSON in the agent's shape. Raises NothingToSay if there is nothing to say."""
    if agent not in AGENTS:
        raise NothingToSay(f"unknown agent {agent!r}; one of: {', '.join(AGENTS)}")
    event = _event(content)
    search = search_of(agent, event)
    unknown = unknown_version(agent, event)
    if unknown:
        raise NothingToSay(unknown)
    from .asking import HostMissing, HostSilent, ask, host_of
    from .matches import request_for
    from .text import text_of

    try:
        root, note = host_of(search.folder)
        params = request_for(search, root)
        if not params:
            raise NothingToSay("no file of the root matched")
        text = text_of(ask(note, "symbols", params, deadline))
    except HostMissing as reason:
        from .starting import start

        raise NothingToSay(f"{reason}; {start(reason.root, reason.index)}") from reason
    except HostSilent as reason:
        raise NothingToSay(str(reason)) from reason
    if not text:
        raise NothingToSay("the index knows nothing about the matches")
    return json.dumps(_output(agent, event, text))


def _event(content: bytes) -> Mapping[str, Any]:
    if len(content) > MAX_EVENT:
        raise NothingToSay(f"the event has more than {MAX_EVENT:,} bytes")
    try:
        found: Mapping[str, Any] = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise NothingToSay(f"the event is not JSON ({type(error).__name__})") from error
    return found


def _output(agent: str, event: Mapping[str, Any], text: str) -> dict[str, Any]:
    """The answer in the shape that the agent documents."""
    if agent == "cursor":
        return {"additional_context": text}
    if agent == "copilot":
        return {"additionalContext": text}
    name = event["hook_event_name"]
    return {"hookSpecificOutput": {"hookEventName": name, "additionalContext": text}}
