"""Who may talk to a host: its own user, through files that are closed to others; nobody over a network."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests import unprivileged
from tests.e2e.cli import FILES, Cli
from tests.hosts import Site, site
from tests.mcp_server.sessions import HELLO
from tests.repositories import isolate, repository
from tests.support.waiting import LIMIT

from . import denied

IMPORT = "import json, socket, struct, sys"
TRY = """
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(10)
    try:
        s.connect(sys.argv[1])
        params = {"protocol": 1, "version": "9", "token": sys.argv[2]}
        body = json.dumps({"id": 0, "method": "hello", "params": params})
        s.sendall(struct.pack(">I", len(body)) + body.encode())
        print(s.recv(100))
    except OSError as error:
        print(type(error).__name__)
"""


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
def test_other_users(monkeypatch: pytest.MonkeyPatch) -> None:
    """They cannot connect; where somebody opened the doors they are hung up on, even with the token."""
    with unprivileged.folder() as folder, site(folder, FILES, monkeypatch) as place, place.client():
        note = place.note
        for each in (folder, *(folder / "home").rglob("*"), folder / "home"):
            if each.is_dir():
                each.chmod(0o755)
        assert unprivileged.run(TRY, note.path, note.token, before=IMPORT).strip() == "PermissionError"
        Path(note.path).chmod(0o777)
        assert unprivileged.run(TRY, note.path, note.token, before=IMPORT).strip() in (
            "b''",
            "ConnectionResetError",
            "BrokenPipeError",
        )
        Path(note.path).chmod(0o600)


def test_only_for_this_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The socket, the note with its token and the log are closed to others."""
    with site(tmp_path, FILES, monkeypatch) as place, place.client():
        folder = place.key.folder
        for each in (Path(place.note.path), folder / "host.json", folder / "host.log"):
            assert stat.S_IMODE(each.stat().st_mode) == 0o600
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_no_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A host at work has no socket but its own local one, its workers have none at all."""
    with site(tmp_path, FILES, monkeypatch) as place, place.client() as client:
        client.request("reindex")
        client.request("search", {"query": "password"})
        process = place.process()
        assert process.net_connections("inet") == []
        for child in process.children(recursive=True):
            assert isinstance(child, psutil.Process)
            assert child.net_connections() == []


@pytest.mark.skipif(not denied.SUPPORTED, reason="the filter is for Linux on x86-64 and ARM")
def test_where_the_kernel_denies_sockets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who asks for a network socket dies of it, native code and git too: every command and the host live."""
    asks = subprocess.run([*DENIED, sys.executable, "-c", "import socket; socket.socket()"])
    assert asks.returncode == -signal.SIGSYS
    isolate(monkeypatch, tmp_path / "user")
    repository(tmp_path / "root", FILES)
    with site(tmp_path, {}, monkeypatch) as place:
        for words in COMMANDS:
            done = run_denied(place.cli, *words)
            assert done.returncode in (0, 1), (words, done.stderr)
        assert answered_denied(place.cli)
        watch = subprocess.Popen(
            [*DENIED, *place.cli.command("watch", "--json")], cwd=place.cli.folder,
            env=place.cli.environment(), stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        with watch:
            assert watch.stdout is not None
            assert '"event": "watching"' in watch.stdout.readline()
            work(place)
            watch.terminate()


DENIED = (sys.executable, denied.__file__)
COMMANDS = (
    ("index",), ("search", "password"), ("similar", "src/auth.py:6"), ("continue", "src/auth.py:8", "--all"),
    ("locate", "--text", "RetryDelay waits too long"), ("status", "--skipped"), ("doctor",),
    ("callers", "hash_password"), ("callees", "verify_password"), ("impact", "hash_password"),
    ("index", "--rebuild"),
)  # fmt: skip


def run_denied(cli: Cli, *words: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*DENIED, *cli.command(*words)],
        cwd=cli.folder,
        env=cli.environment(),
        capture_output=True,
        timeout=LIMIT,
    )


def answered_denied(cli: Cli) -> bool:
    """Whether the MCP server answers a call under the filter."""
    messages = [
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": HELLO},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {
            "jsonrpc": "2.0",
            "id": 2,
            "method": "tools/call",
            "params": {"name": "search", "arguments": {"query": "password"}},
        },
    ]
    done = subprocess.run(
        [*DENIED, *cli.command("mcp")],
        cwd=cli.folder,
        env=cli.environment(),
        input="".join(f"{json.dumps(one)}\n" for one in messages).encode(),
        capture_output=True,
        timeout=LIMIT,
    )
    answers = {one["id"]: one for one in map(json.loads, done.stdout.splitlines())}
    return done.returncode == 0 and bool(answers[2]["result"]["structuredContent"]["results"])


def work(place: Site) -> None:
    """Have the host that was started under the filter do all that it can; it is the one all the time."""
    filtered = Path(f"/proc/{place.note.pid}/status").read_text()
    assert "Seccomp:\t2" in filtered
    with place.client() as client:
        pid = client.greeting["pid"]
        client.request("search", {"query": "password", "refresh": True})
        client.request("similar", {"path": "src/auth.py", "line": 6})
        client.request("continue", {"path": "src/auth.py", "text": FILES["src/auth.py"], "line": 8})
        client.request("locate", {"text": "RetryDelay waits too long"})
        client.request("reindex", {"rebuild": True})
        assert client.request("status")["pid"] == pid
