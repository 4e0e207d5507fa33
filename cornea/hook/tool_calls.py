"""Reads the event of a hook: which search an agent has made, and what it returned.

The shapes are those that each agent documents for the event after a tool call. An event of another shape, or
of a tool that does not search, is refused with the reason.
"""

from __future__ import annotations

import json
import os

from .commands import command_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    Event = Mapping[str, Any]

MAX_TEXT = 200_000
"""Number of characters of a tool's output that are read. What follows would not fit into the answer."""


class NothingToSay(Exception):
    """An event gets no answer, for example because its tool call is not a search. The text says why."""


class Search:
    """What an agent has searched for, and what it has found.

    `pattern` is "" for a search for files. If it is `fixed`, it is no regular expression. `folder` is the one
    that relative paths in `text` start from. `text` is the output, with a path on each line if it is a search
    for `files`. `file` is the only file that was searched, "" if there were others.
    """

    __slots__ = ("file", "files", "fixed", "folder", "pattern", "text")

    def __init__(
        self,
        folder: str,
        text: str,
        pattern: str = "",
        *,
        fixed: bool = False,
        files: bool = False,
        file: str = "",
    ) -> None:
        self.folder, self.text, self.pattern = folder, text[:MAX_TEXT], pattern
        self.fixed, self.files, self.file = fixed, files, file


def search_of(agent: str, event: Event) -> Search:
    """The search that an event of an agent reports. Raises NothingToSay."""
    if not isinstance(event, dict):
        raise NothingToSay("the event is not a JSON object")
    return _READERS[agent](event)


def _claude(event: Event) -> Search:
    _expect(event, "hook_event_name", "PostToolUse")
    if "cursor_version" in event or "CURSOR_VERSION" in os.environ:
        raise NothingToSay("Cursor runs the hooks of Claude Code, too, and has one of its own")
    tool, given, folder = _text(event, "tool_name"), _dict(event, "tool_input"), _text(event, "cwd")
    found = event.get("tool_response")
    if tool == "Bash":
        return _shell(_text(given, "command"), folder, _output(found, "stdout", "output"))
    names = found.get("filenames") if isinstance(found, dict) else None
    if tool == "Glob":
        return Search(folder, _lines(names) if names is not None else _output(found), files=True)
    if tool != "Grep":
        raise NothingToSay(f"the tool {tool!r} does not search")
    pattern, path = _text(given, "pattern"), given.get("path")
    file = path if isinstance(path, str) and os.path.isfile(os.path.join(folder, path)) else ""
    if isinstance(found, dict) and found.get("mode", "files_with_matches") == "files_with_matches":
        return Search(folder, _lines(names), pattern, files=True)
    return Search(folder, _output(found, "content"), pattern, file=file)


def _codex(event: Event) -> Search:
    _expect(event, "hook_event_name", "PostToolUse")
    tool, given = _text(event, "tool_name"), event.get("tool_input")
    if tool not in ("Bash", "shell", "local_shell", "exec_command"):
        raise NothingToSay(f"the tool {tool!r} does not search")
    command = given.get("command", given.get("cmd")) if isinstance(given, dict) else given
    if isinstance(command, list):  # an argument vector, usually a shell with -c or -lc
        command = command[-1] if command else ""
    if not isinstance(command, str):
        raise NothingToSay("'tool_input' has no command")
    return _shell(command, _text(event, "cwd"), _output(event.get("tool_response"), "output", "stdout"))


def _gemini(event: Event) -> Search:
    _expect(event, "hook_event_name", "AfterTool")
    tool, given, folder = _text(event, "tool_name"), _dict(event, "tool_input"), _text(event, "cwd")
    found = _dict(event, "tool_response")
    if found.get("error"):
        raise NothingToSay("the tool failed")
    content = found.get("llmContent")
    if isinstance(content, list):
        content = "\n".join(one["text"] for one in content if isinstance(one, dict) and "text" in one)
    text = _output(content)
    if tool == "run_shell_command":
        return _shell(_text(given, "command"), folder, text.partition("Output:")[2].lstrip() or text)
    if tool == "glob":
        return Search(folder, text, files=True)
    if tool not in ("search_file_content", "grep_search"):
        raise NothingToSay(f"the tool {tool!r} does not search")
    return Search(folder, _flattened(text), _text(given, "pattern"))


def _cursor(event: Event) -> Search:
    _expect(event, "hook_event_name", "postToolUse")
    tool, given = _text(event, "tool_name"), event.get("tool_input")
    if isinstance(given, str):
        given = _parsed(given)
    if not isinstance(given, dict):
        raise NothingToSay("'tool_input' is not an object")
    found = event.get("tool_output")
    if isinstance(found, str):
        found = _parsed(found, found)
    roots = event.get("workspace_roots")
    root = roots[0] if isinstance(roots, list) and roots and isinstance(roots[0], str) else ""
    folder = next(
        (one for one in (given.get("cwd"), given.get("working_directory"), event.get("cwd"), root) if one), ""
    )
    if not isinstance(folder, str) or not folder:
        raise NothingToSay("the event names no folder")
    if tool == "Shell":
        return _shell(_text(given, "command"), folder, _output(found, "output", "stdout"))
    if tool == "Grep":
        return Search(folder, _output(found, "output", "content"), _text(given, "pattern"))
    raise NothingToSay(f"the tool {tool!r} does not search")


def _copilot(event: Event) -> Search:
    tool, folder, given = _text(event, "toolName"), _text(event, "cwd"), event.get("toolArgs")
    if isinstance(given, str):
        given = _parsed(given)
    found = _dict(event, "toolResult")
    if not isinstance(given, dict):
        raise NothingToSay("'toolArgs' is not an object")
    if found.get("resultType", "success") != "success":
        raise NothingToSay("the tool failed")
    text = _text(found, "textResultForLlm")
    if tool in ("bash", "shell"):
        return _shell(_text(given, "command"), folder, text)
    if tool == "glob":
        return Search(folder, text, files=True)
    if tool in ("grep", "rg"):
        mode = given.get("output_mode", "files_with_matches")
        return Search(folder, text, _text(given, "pattern"), files=mode == "files_with_matches")
    raise NothingToSay(f"the tool {tool!r} does not search")


_READERS: Mapping[str, Callable[[Event], Search]] = {
    "claude": _claude,
    "codex": _codex,
    "cursor": _cursor,
    "gemini": _gemini,
    "copilot": _copilot,
}
AGENTS = tuple(_READERS)


def _shell(command: str, folder: str, text: str) -> Search:
    found = command_of(command, folder)
    if found is None:
        raise NothingToSay("the command does not search")
    return Search(found.folder, text, found.pattern, fixed=found.fixed, files=found.files, file=found.file)


def _flattened(text: str) -> str:
    """Gemini's groups of matches, `File: PATH` with lines `L12: TEXT`, as lines `PATH:12:TEXT`."""
    lines, path = [], ""
    for line in text.splitlines():
        if line.startswith("File: "):
            path = line[len("File: ") :].strip()
        elif path and line[:1] == "L" and ":" in line:
            number, _, rest = line[1:].partition(":")
            if number.isdecimal():
                lines.append(f"{path}:{number}:{rest}")
    return "\n".join(lines)


def _expect(event: Event, name: str, value: str) -> None:
    if event.get(name) != value:
        raise NothingToSay(f"{name!r} is not {value!r}")


def _text(values: Event, name: str) -> str:
    found = values.get(name)
    if not isinstance(found, str):
        raise NothingToSay(f"{name!r} is not a string")
    return found


def _dict(values: Event, name: str) -> Event:
    found = values.get(name)
    if not isinstance(found, dict):
        raise NothingToSay(f"{name!r} is not an object")
    return found


def _lines(names: Any) -> str:
    if not isinstance(names, list) or not all(isinstance(one, str) for one in names):
        raise NothingToSay("'filenames' is not a list of strings")
    return "\n".join(names)


def _output(found: Any, *names: str) -> str:
    """A tool's output: a string, or an object that has it under one of the names."""
    if isinstance(found, dict):
        found = next((found[name] for name in names if isinstance(found.get(name), str)), None)
    if not isinstance(found, str):
        raise NothingToSay("the event has no output of the tool")
    return found


def _parsed(text: str, default: Any = None) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return default
