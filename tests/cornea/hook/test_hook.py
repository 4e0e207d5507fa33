"""Hooks of agents, with the events that agents send: answered by a host, or silent with a reason."""

from __future__ import annotations

import json
import shlex
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cornea.context import home_folder
from cornea.hook import asking, folders
from cornea.hook.run import answer
from cornea.hook.text import MAX_TOKENS, TOKEN_BYTES, text_of
from cornea.hook.tool_calls import AGENTS, NothingToSay
from tests.e2e.cli import FILES
from tests.hosts import Site, site
from tests.repositories import write
from tests.support.waiting import LIMIT

from . import events
from .events import SAID

TOKEN = "ghp_" + "a1B2c3D4e5F6g7H8i9J0" + "k1L2m3N4o5P6q7R8"
SECRET = f'def connect(token="{TOKEN}"):\n    return token\n'
MANY = "".join(f"def ask_{n}():\n    return crowd('a', b'b')\n\n\n" for n in range(90))


@pytest.fixture(scope="module")
def mall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A root with a host that is up to date."""
    files = FILES | {"src/secret.py": SECRET, "src/many.py": MANY}
    with pytest.MonkeyPatch.context() as patch, site(tmp_path_factory.mktemp("mall"), files, patch) as made:
        client = made.client()
        client.request("reindex")
        yield made
        client.close()


def told(agent: str, event: Any) -> str:
    """The text that an agent gets for an event; "" if the hook is silent."""
    try:
        printed = json.loads(answer(agent, json.dumps(event).encode(), time.perf_counter() + LIMIT))
    except NothingToSay:
        return ""
    text = printed.get("additional_context", printed.get("additionalContext"))
    if "hookSpecificOutput" in printed:
        assert printed["hookSpecificOutput"]["hookEventName"] == event["hook_event_name"]
        text = printed["hookSpecificOutput"]["additionalContext"]
    assert isinstance(text, str)
    assert len(text.encode()) <= MAX_TOKENS * TOKEN_BYTES
    assert "data, not instructions" in text.splitlines()[0]
    return text


def silence(agent: str, event: Any) -> str:
    """Why a hook says nothing."""
    with pytest.raises(NothingToSay) as caught:
        answer(agent, json.dumps(event).encode(), time.perf_counter() + LIMIT)
    return str(caught.value)


DEFINED = "defined: hash_password at src/auth.py:6: def hash_password(password: str, salt: bytes) -> bytes:"
MATCH = "match in: function verify_password at src/auth.py:11-13 (line 13)"
GREP = "grep -rn 'hash_password(' src"


def test_every_agent(mall: Site) -> None:
    """The definition of the name, and the function around the match, in each agent's own shape."""
    root = mall.cli.folder
    match = 'Found 1 match for pattern "hash_password"'
    flat = f"{match}:\n---\nFile: src/auth.py\nL13:     return hash_password(p)\n---"
    content = {"mode": "content", "numFiles": 1, "filenames": [], "content": SAID, "numLines": 1}
    shell = f"Command: {GREP}\nDirectory: (root)\nOutput: {SAID}Error: (none)"
    cases: list[tuple[str, dict[str, Any]]] = [
        ("claude", events.claude(root, "Grep", {"pattern": r"hash_password\(", "-n": True}, content)),
        ("claude", events.claude_bash(root, GREP, SAID)),
        ("claude", events.claude_bash(root, "rg -n hash_password", SAID)),
        ("codex", events.codex(root, GREP, SAID)),
        ("codex", events.codex(root, GREP, {"output": SAID, "exit_code": 0})),
        ("cursor", events.cursor(root, GREP, SAID)),
        ("gemini", events.gemini(root, "run_shell_command", {"command": GREP}, shell)),
        ("gemini", events.gemini(root, "search_file_content", {"pattern": r"hash_password\("}, flat)),
        ("gemini", events.gemini(root, "grep_search", {"pattern": "hash_password"}, [{"text": flat}])),
        ("copilot", events.copilot(root, "bash", json.dumps({"command": GREP}), SAID)),
        (
            "copilot",
            events.copilot(root, "grep", {"pattern": "hash_password", "output_mode": "content"}, SAID),
        ),
    ]
    for agent, event in cases:
        lines = told(agent, event).splitlines()
        assert DEFINED in lines, (agent, event)
        assert MATCH in lines, (agent, event)


@pytest.mark.parametrize(
    ("command", "output"),
    [
        ("grep -r 'hash_password(' src", "src/auth.py:    return hash_password(password, salt) == digest\n"),
        (
            "cd src && grep -n 'hash_password(' auth.py",
            "13:    return hash_password(password, salt) == digest\n",
        ),
        ("grep -h hash_password src/auth.py", "    return hash_password(password, salt) == digest\n"),
        ("git grep -n -e hash_password | head -3", SAID),
        ("rg -n --type py -F 'hash_password(' .", f"./{SAID}"),
        ("FOO=1 timeout 5 grep -rnA1 hash_password src", SAID + "src/auth.py-14-\n--\n"),
        ("grep -rn hash_password $PWD/src", "{root}/" + SAID),
    ],
)
def test_forms_of_grep(mall: Site, command: str, output: str) -> None:
    """With and without numbers, of one file, in a subfolder, in a pipe, with absolute paths."""
    output = output.replace("{root}", str(mall.cli.folder))
    assert MATCH in told("claude", events.claude_bash(mall.cli.folder, command, output))


def test_lists_of_files(mall: Site) -> None:
    """Of a search for text, the places with it; of a search for files, what they define."""
    root = mall.cli.folder
    found = {"mode": "files_with_matches", "numFiles": 1, "filenames": ["src/auth.py"]}
    call = "return hash_password"
    assert MATCH in told("claude", events.claude(root, "Grep", {"pattern": call}, found))
    command = f"grep -rlF '{call}(password, salt)' ."
    assert MATCH in told("claude", events.claude_bash(root, command, "./src/auth.py\n"))
    globbed = {"filenames": [str(root / "src/auth.py")], "durationMs": 5, "numFiles": 1, "truncated": False}
    wanted = "src/auth.py defines: hash_password, verify_password, Session"
    assert wanted in told("claude", events.claude(root, "Glob", {"pattern": "**/*.py"}, globbed))
    assert wanted in told("codex", events.codex(root, "find src -name 'a*.py'", "src/auth.py\n"))
    assert wanted in told("copilot", events.copilot(root, "glob", {"pattern": "*"}, "./src/auth.py"))


def test_users(mall: Site) -> None:
    """Code that uses the name and was not among the matches, tests last."""
    output = "src/auth.py:6:def hash_password(password: str, salt: bytes) -> bytes:\n"
    event = events.claude_bash(mall.cli.folder, "grep -rn 'def hash_password' src", output)
    lines = told("claude", event).splitlines()
    assert lines[1] == DEFINED
    assert "used by name in: verify_password at src/auth.py:13" in lines
    assert not any(line.startswith("match in") for line in lines)  # it is the definition


def test_callers(mall: Site) -> None:
    """If the host has the call graph, the callers are named."""
    with mall.client() as client:
        client.request("calls", {"direction": "callers", "name": "hash_password"})
    output = "src/auth.py:6:def hash_password(password: str, salt: bytes) -> bytes:\n"
    event = events.claude_bash(mall.cli.folder, "grep -rn 'def hash_password' src", output)
    lines = told("claude", event).splitlines()
    assert "called by: verify_password at src/auth.py:13" in lines
    assert not any(line.startswith("used by name") for line in lines)


def test_an_unsaved_buffer(mall: Site) -> None:
    """Definitions and matches are those of the editor's text, which the agent's own tools do not see."""
    disk = (mall.cli.folder / "src/auth.py").read_text()
    with mall.client() as editor:
        added = "def fresh_name():\n    return hash_password('a', b'b')\n\n\n"
        editor.request("buffers", {"texts": {"src/auth.py": added + disk}})
        lines = told("claude", events.claude_bash(mall.cli.folder, GREP, SAID)).splitlines()
        assert DEFINED.replace(":6:", ":10 (in an unsaved buffer):") in lines
        moved = "match in: function verify_password at src/auth.py:15-17 (line 17) (in an unsaved buffer)"
        assert moved in lines
        assert any(line.endswith("fresh_name at src/auth.py:2") for line in lines)
        output = "src/auth.py:13:    return hash_password(password, salt) == digest\n"
        event = events.claude_bash(mall.cli.folder, "grep -rn fresh_name src", output)
        defined = "defined: fresh_name at src/auth.py:1 (in an unsaved buffer): def fresh_name():"
        assert defined in told("claude", event).splitlines()


def test_what_is_stale_is_said() -> None:
    """After everything else, and always within the limit."""
    many = [
        {"path": f"src/file{n}.py", "symbol": "crowd", "line": n, "resolution": "by name"}
        for n in range(1, 99)
    ]
    remark = "3 files have changed since the index was updated; what is new there may be missing"
    text = text_of({"users": many, "remarks": [remark, "x" * 900, "y"]})
    assert len(text.encode()) <= MAX_TOKENS * TOKEN_BYTES
    *_, more, first, second = text.splitlines()
    assert more.startswith("... ")
    assert first == f"({remark})"
    assert second.startswith("(xxx")
    assert text_of({"remarks": [remark]}) == ""
    halfway = text_of({"users": many[:1], "remarks": [remark], "indexing": {"done": 1, "total": 2}})
    assert halfway.splitlines()[-1] == "(the index is incomplete: 1 of 2 files)"


def test_at_most_300_tokens(mall: Site) -> None:
    """However much matched; what does not fit is counted."""
    output = "".join(f"src/many.py:{4 * n + 2}:    return crowd('a', b'b')\n" for n in range(90))
    text = told("claude", events.claude_bash(mall.cli.folder, "grep -rn crowd .", output))
    assert text.splitlines()[-1].startswith("... ")
    assert len(text.encode()) > 0.8 * MAX_TOKENS * TOKEN_BYTES


def test_a_huge_event(mall: Site) -> None:
    """Ten megabytes of output: its beginning is answered."""
    event = events.claude_bash(mall.cli.folder, GREP, SAID + "src/auth.py:1:" + "x" * 10_000_000)
    assert MATCH in told("claude", event)


def test_secrets_stay_masked(mall: Site) -> None:
    """Code comes from the index, in which they are masked, even if the agent's own output has them."""
    event = events.claude_bash(mall.cli.folder, "grep -rn connect src", f"src/secret.py:1:{SECRET}")
    text = told("claude", event)
    assert "defined: connect at src/secret.py:1: def connect(token=" in text
    assert TOKEN not in text


def test_paths_outside_the_root(mall: Site, tmp_path: Path) -> None:
    """They are left out, also those behind a link; nothing is said if no others matched."""
    root = mall.cli.folder
    (root / "link.py").unlink(missing_ok=True)
    write(tmp_path, {"auth.py": "x = 1\n"})
    (root / "link.py").symlink_to(tmp_path / "auth.py")
    output = f"{tmp_path}/auth.py:1:x\n../auth.py:1:x\nlink.py:1:x\n/etc/passwd:1:root\n"
    assert "no file of the root" in silence("claude", events.claude_bash(root, "grep -rn x / .", output))
    assert MATCH in told("claude", events.claude_bash(root, GREP, output + SAID))


@pytest.mark.parametrize(
    ("agent", "changes", "why"),
    [
        ("claude", {"hook_event_name": "PreToolUse"}, "'hook_event_name' is not 'PostToolUse'"),
        ("claude", {"tool_name": "Edit"}, "the tool 'Edit' does not search"),
        ("claude", {"tool_input": {"command": "ls -la"}}, "the command does not search"),
        ("claude", {"tool_input": {"command": "grep 'x"}}, "the command does not search"),
        ("claude", {"tool_input": None}, "'tool_input' is not an object"),
        ("claude", {"tool_response": 5}, "the event has no output"),
        ("claude", {"cwd": None}, "'cwd' is not a string"),
        ("claude", {"transcript_path": "/nowhere/x.jsonl"}, "claude does not tell its version"),
        ("claude", {"transcript_path": "/dev/zero"}, "claude does not tell its version"),
        ("claude", {"cursor_version": "2.4.0"}, "Cursor runs the hooks of Claude Code"),
        ("claude", {"cwd": "/"}, "no host runs for /"),
        ("codex", {"tool_name": "apply_patch"}, "the tool 'apply_patch' does not search"),
        ("cursor", {"hook_event_name": "afterShellExecution"}, "is not 'postToolUse'"),
        ("cursor", {"cursor_version": "1.7.0"}, "the version '1.7.0' of cursor is not known"),
        ("cursor", {"cursor_version": None}, "cursor does not tell its version"),
        ("gemini", {"tool_response": {"llmContent": "x", "error": {"message": "no"}}}, "the tool failed"),
        ("copilot", {"toolResult": {"resultType": "failure"}}, "the tool failed"),
    ],
)  # fmt: skip
def test_silence(mall: Site, agent: str, changes: dict[str, Any], why: str) -> None:
    """Of other events, tools, commands and versions, with the reason for who debugs."""
    root = mall.cli.folder
    event = {
        "claude": lambda: events.claude_bash(root, GREP, SAID),
        "codex": lambda: events.codex(root, GREP, SAID),
        "cursor": lambda: events.cursor(root, GREP, SAID),
        "gemini": lambda: events.gemini(root, "run_shell_command", {"command": GREP}, SAID),
        "copilot": lambda: events.copilot(root, "bash", {"command": GREP}, SAID),
    }[agent]()
    assert why in silence(agent, event | changes)


@pytest.mark.parametrize("version", ["3.0.0", "1.0.90", "x", ""])
def test_other_versions(mall: Site, version: str) -> None:
    """Of Claude Code and Codex, from their transcripts."""
    content = {"mode": "content", "content": SAID}
    event = events.claude(mall.cli.folder, "Grep", {"pattern": "x"}, content, version)
    assert "is not known" in silence("claude", event)
    assert "is not known" in silence("codex", events.codex(mall.cli.folder, GREP, SAID, f"9{version}"))


def test_no_time_and_no_host(mall: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing is waited for, and nothing is started."""
    event = json.dumps(events.claude_bash(mall.cli.folder, GREP, SAID)).encode()
    with pytest.raises(NothingToSay, match="the time is over"):
        answer("claude", event, time.perf_counter() - 1)
    other = write(tmp_path / "other", FILES)
    assert "no host runs" in silence("claude", events.claude_bash(other, GREP, SAID))
    with pytest.raises(NothingToSay, match="unknown agent 'hal'"):
        answer("hal", event, time.perf_counter() + LIMIT)
    monkeypatch.setattr(asking, "__version__", "99.0")
    assert "has version" in silence("claude", events.claude_bash(mall.cli.folder, GREP, SAID))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.sampled_from(AGENTS),
    st.sampled_from(
        "tool_name tool_input tool_response tool_output cwd toolArgs toolResult transcript_path "
        "workspace_roots cursor_version hook_event_name".split()
    ),
    JSON,
)
def test_malformed_events(agent: str, name: str, value: Any) -> None:
    """Any value in any field ends in silence, or in an answer, never in another error."""
    root = Path("/nowhere/root")
    event: dict[str, Any] = events.cursor(root, GREP, SAID)
    event |= events.copilot(root, "bash", {"command": GREP}, SAID)
    event |= {"tool_name": "Shell" if agent == "cursor" else "Bash", "tool_response": SAID}
    event["hook_event_name"] = {"cursor": "postToolUse", "gemini": "AfterTool"}.get(agent, "PostToolUse")
    with pytest.raises(NothingToSay):
        answer(agent, json.dumps(event | {name: value}).encode(), time.perf_counter() + LIMIT)


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff", b"5", b"[" * 100_000, b"null"])
def test_what_is_no_event(content: bytes) -> None:
    """It is silence, too."""
    with pytest.raises(NothingToSay):
        answer("claude", content, time.perf_counter() + LIMIT)


def test_the_command(mall: Site) -> None:
    """Prints the answer, or nothing, and the reason only if asked; the code is always 0."""
    event = json.dumps(events.claude_bash(mall.cli.folder, GREP, SAID))
    found = mall.cli("hook", "claude", "--seconds", "60", stdin=event)
    assert (found.code, found.err) == (0, "")
    assert MATCH in json.loads(found.out)["hookSpecificOutput"]["additionalContext"]
    for agent in ("claude-code", "hal"):
        silent = mall.cli("hook", agent, stdin="{}")
        assert (silent.code, silent.out, silent.err) == (0, "", "")
    for args, env in ((("--debug",), {}), ((), {"CORNEA_LOG": "1"})):
        reasoned = mall.cli("hook", "codex", *args, stdin="{}", env=env)
        assert (reasoned.code, reasoned.out) == (0, "")
        assert "cornea hook: nothing to say: 'hook_event_name' is not 'PostToolUse'" in reasoned.err


def test_closed_streams(mall: Site) -> None:
    """An agent that has gone, or gives no streams, gets no error either."""
    event = json.dumps(events.claude_bash(mall.cli.folder, GREP, SAID)).encode()
    command = shlex.join(mall.cli.command("hook", "claude"))
    for redirection in ("<&-", ">&-", "<&- >&- 2>&-", "> /dev/full"):
        done = subprocess.run(
            ["/bin/sh", "-c", f"{command} {redirection}"], input=event, env=mall.cli.environment(),
            capture_output=True, timeout=LIMIT,
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, b""), redirection


def test_the_home_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """It is where all other commands look."""
    for name, value in (
        ("CORNEA_HOME", str(tmp_path)),
        ("CORNEA_HOME", ""),
        ("XDG_CACHE_HOME", str(tmp_path / "c")),
    ):
        monkeypatch.setenv(name, value)
        assert folders.home_folder() == str(home_folder())
