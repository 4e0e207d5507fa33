"""Where a host listens: in the index folder, elsewhere if that path is too long, and for this user alone."""

from __future__ import annotations

import os
import socket
import stat
from pathlib import Path

import pytest

from indexer.errors import StoreError
from retrieval.host import address
from retrieval.host.address import (
    Note,
    connect,
    erase_note,
    listen,
    new_token,
    path_outside_index,
    read_note,
    write_note,
)


def test_a_socket_in_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only its owner may connect; a stale one is replaced."""
    monkeypatch.setattr(address, "MAX_PATH", 107)
    for _ in range(2):
        token = new_token()
        with listen(tmp_path, token) as server:
            path = Path(server.getsockname())
            assert list(tmp_path.iterdir()) == [path]
            assert path.name == f"host-{token[:8]}.sock"
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
            connect(Note(1, "0", "", path=str(path)), 1.0).close()
    with pytest.raises(OSError, match="refused"):
        connect(Note(1, "0", "", path=str(path)), 1.0)


def test_a_long_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The socket goes into a private folder, and so does that of a file system without sockets."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", "")
    monkeypatch.setattr(address.tempfile, "gettempdir", lambda: str(tmp_path / "t"))
    (tmp_path / "t").mkdir()
    folder = tmp_path / ("long" * 30)
    folder.mkdir()
    with listen(folder, "abcdefgh") as server:
        path = Path(server.getsockname())
        assert path == path_outside_index(folder, "abcdefgh")
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        assert path != path_outside_index(tmp_path, "abcdefgh")
    path.unlink()


def test_a_folder_of_somebody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What others may write to, or a link, is not trusted."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    private = tmp_path / f"cornea-{os.getuid()}"
    private.mkdir(mode=0o700)
    private.chmod(0o777)
    with pytest.raises(StoreError, match="not a private folder"):
        path_outside_index(tmp_path, "x")
    private.rmdir()
    private.symlink_to(tmp_path)
    with pytest.raises(StoreError, match="not a private folder"):
        path_outside_index(tmp_path, "x")


def test_without_unix_sockets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A port of the loopback interface, and no other."""
    monkeypatch.delattr(socket, "AF_UNIX")
    with listen(tmp_path, new_token()) as server:
        host, port = server.getsockname()
        assert host == "127.0.0.1"
        monkeypatch.undo()
        connect(Note(1, "0", "", port=port), 1.0).close()


def test_notes(tmp_path: Path) -> None:
    """Only this user reads it; another host's is not erased; nonsense is no note."""
    note = Note(4711, "0.1.0", "secret", path=str(tmp_path / "host.sock"))
    write_note(tmp_path, note)
    assert stat.S_IMODE((tmp_path / "host.json").stat().st_mode) == 0o600
    assert read_note(tmp_path) == note
    erase_note(tmp_path, Note(1, "0.1.0", "secret", path=note.path))
    assert read_note(tmp_path) == note
    erase_note(tmp_path, note)
    assert not list(tmp_path.iterdir())
    for nonsense in ("", "[]", "{}", '{"pid": "x"}', "[" * 100_000):
        (tmp_path / "host.json").write_text(nonsense)
        assert read_note(tmp_path) is None
