"""An agent for tests: it solves a task if it finds the word of its prompt in a file, and reports what it did.

usage: scripted_agent.py FORM PROMPT [--mcp]
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path


def main(form: str, prompt: str, *extra: str) -> int:
    arm = os.environ["CORNEA_BENCH_ARM"]
    assert ("--mcp" in extra) == (arm == "with")
    assert Path("notes.txt").exists() == (arm == "with")  # what --prepare has made
    if prompt == "-":
        prompt = sys.stdin.read()
    if prompt == "fail":
        sys.stderr.write("no such model\n")
        return 3
    tools = ["mcp__cornea__search"] if arm == "with" else ["Grep", "Read", "Read"]
    if arm == "with" or prompt == "easy":
        Path("answer.txt").write_text(prompt)
    report(form, tools, 0.01 * len(tools))
    return 0


def report(form: str, tools: list[str], cost: float) -> None:
    """Print what agents print in this form; each tool has returned a hundred bytes."""
    if form == "claude":
        rows = [{"type": "system", "subtype": "init", "session_id": "1"}]
        for number, tool in enumerate(tools):
            use = {"type": "tool_use", "id": f"t{number}", "name": tool, "input": {}}
            result = {
                "type": "tool_result",
                "tool_use_id": f"t{number}",
                "content": [{"type": "text", "text": "x" * 100}],
            }
            rows += [
                {"type": "assistant", "message": {"content": [use]}},
                {"type": "user", "message": {"content": [result]}},
            ]
        usage = {"input_tokens": 10, "cache_read_input_tokens": 90, "output_tokens": 5}
        rows += [
            {"type": "result", "is_error": False, "total_cost_usd": cost, "usage": usage, "session_id": "1"}
        ]
    elif form == "codex":
        rows = [{"type": "thread.started", "thread_id": "1"}]
        for tool in tools:
            item = {"type": "command_execution", "command": "rg x", "aggregated_output": "x" * 100}
            if tool.startswith("mcp"):
                item = {
                    "type": "mcp_tool_call",
                    "server": "cornea",
                    "tool": "cornea_search",
                    "result": {"content": [{"type": "text", "text": "x" * 100}]},
                }
            rows.append({"type": "item.completed", "item": item})
        rows += [
            {"type": "item.completed", "item": {"type": "agent_message", "text": "done"}},
            {
                "type": "turn.completed",
                "usage": {"input_tokens": 100, "cached_input_tokens": 90, "output_tokens": 5},
            },
        ]
    else:
        rows = [
            {
                "calls": {tool: tools.count(tool) for tool in tools},
                "bytes_read": 100 * len(tools),
                "cost_usd": cost,
            }
        ]
    sys.stdout.write("some text of the agent\n" + "".join(json.dumps(row) + "\n" for row in rows))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
