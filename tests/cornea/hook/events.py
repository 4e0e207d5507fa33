"""Events of agents' hooks after a tool call, in the shapes that their documentation shows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

SAID = "src/auth.py:13:    return hash_password(password, salt) == digest\n"
"""What `grep -rn` prints for a call of the function."""


def transcript(folder: Path, agent: str, *rows: dict[str, Any]) -> str:
    """The path of an agent's transcript, with these rows."""
    path = folder / f"{agent}.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(path)


def claude(root: Path, tool: str, given: Any, response: Any, version: str = "2.1.9") -> dict[str, Any]:
    rows = [{"type": "summary", "summary": "x"}, {"type": "user", "version": version, "message": {}}]
    return {
        "session_id": "00893aaf-19fa-41d2-8238-13269b9b3ca0",
        "transcript_path": transcript(root.parent, "claude", *rows),
        "cwd": str(root),
        "permission_mode": "default",
        "hook_event_name": "PostToolUse",
        "tool_name": tool,
        "tool_input": given,
        "tool_response": response,
        "tool_use_id": "toolu_01ABC123",
    }


def claude_bash(root: Path, command: str, stdout: str) -> dict[str, Any]:
    response = {"stdout": stdout, "stderr": "", "interrupted": False, "isImage": False}
    return claude(root, "Bash", {"command": command, "description": "Search"}, response)


def codex(root: Path, command: str, output: Any, version: str = "0.120.0") -> dict[str, Any]:
    meta = {"timestamp": "2026-09-01T00:00:00Z", "type": "session_meta", "payload": {"cli_version": version}}
    return {
        "session_id": "0199a213-81c0-7800-8aa1-bbab2a035a53",
        "turn_id": "1",
        "transcript_path": transcript(root.parent, "codex", meta, {"type": "event_msg", "payload": {}}),
        "cwd": str(root),
        "hook_event_name": "PostToolUse",
        "model": "gpt-5-codex",
        "permission_mode": "default",
        "tool_name": "Bash",
        "tool_input": {"command": command},
        "tool_response": output,
        "tool_use_id": "call_1",
    }


def cursor(root: Path, command: str, output: str, version: str = "2026.09.18-9a7762b") -> dict[str, Any]:
    return {
        "conversation_id": "5b0d6c1e",
        "generation_id": "f2a9c0d4",
        "model": "composer-2.5",
        "tool_name": "Shell",
        "tool_input": {"command": command, "cwd": str(root)},
        "tool_output": json.dumps({"output": output, "exitCode": 0}),
        "duration": 48,
        "tool_use_id": "call_9Qx\nctc_71b",
        "cwd": str(root),
        "session_id": "5b0d6c1e",
        "hook_event_name": "postToolUse",
        "cursor_version": version,
        "workspace_roots": [str(root)],
        "user_email": "me@example.com",
        "transcript_path": None,
    }


def gemini(root: Path, tool: str, given: dict[str, Any], content: Any) -> dict[str, Any]:
    return {
        "session_id": "1",
        "transcript_path": str(root.parent / "chat.json"),
        "cwd": str(root),
        "hook_event_name": "AfterTool",
        "timestamp": "2026-09-01T00:00:00Z",
        "tool_name": tool,
        "tool_input": given,
        "tool_response": {"llmContent": content, "returnDisplay": "Found 1 match"},
    }


def copilot(root: Path, tool: str, given: Any, text: str) -> dict[str, Any]:
    return {
        "timestamp": 1704614700000,
        "cwd": str(root),
        "toolName": tool,
        "toolArgs": given,
        "toolResult": {"resultType": "success", "textResultForLlm": text},
    }
