"""Who may talk to a host: its own user, through files that are closed to others; nobody over a network."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import psutil
import pytest

from tests import unprivileged
from tests.e2e.cli import FILES
from tests.hosts import site

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
        folder = place.place.folder
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
