"""Files as clients name them, and what a client may name that is no file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from lsprotocol.types import TextDocumentItem

from lsp.documents import Documents
from lsp.files import file_of, notebook_of, read_text

from ..e2e.cli import Cli
from .wire import Wire


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file:///tmp/a.py", "/tmp/a.py"),
        ("file://localhost/tmp/a.py", "/tmp/a.py"),
        ("FILE://LocalHost/tmp/a.py", "/tmp/a.py"),
        ("file:/tmp/a.py", "/tmp/a.py"),
        ("file:////tmp//a.py", "/tmp/a.py"),
        ("file:///tmp/a%20b%C3%A9%c3%a9.py", "/tmp/a béé.py"),
        ("file:///tmp/a%FFb.py", os.fsdecode(b"/tmp/a\xffb.py")),
        ("file:///tmp/größe.py", "/tmp/größe.py"),
        ("file:///tmp/a;b&c=1.py", "/tmp/a;b&c=1.py"),
        ("file:///tmp/a%23b%3Fc.py?x=1#L3", "/tmp/a#b?c.py"),
        ("file:///tmp/a\nb.py", "/tmp/a\nb.py"),
        ("file:///tmp/" + "a" * 5000, None),
        ("file:///tmp/a%00b.py", None),
        ("file:///tmp/\ud800.py", None),
        ("file://server/share/a.py", None),
        ("file://[x/a.py", None),
        ("file:relative.py", None),
        ("file://", None),
        ("file:", None),
        ("", None),
        ("/tmp/a.py", None),
        ("untitled:Untitled-1", None),
        ("git:/tmp/a.py?{}", None),
        ("vscode-notebook-cell:/tmp/a.ipynb#W0", None),
        ("http://localhost/tmp/a.py", None),
    ],
)  # fmt: skip
def test_paths_of_uris(uri: str, path: str | None) -> None:
    """A file of this machine, however it is written; all else is none."""
    assert file_of(uri) == (None if path is None else Path(path))


def test_the_notebook_of_a_cell() -> None:
    """It tells which repository a cell is of."""
    assert notebook_of("vscode-notebook-cell:/tmp/a.ipynb#W0") == Path("/tmp/a.ipynb")
    assert notebook_of("file:///tmp/a.ipynb") is None


def test_reading_what_is_no_file(tmp_path: Path) -> None:
    """An error at once, whatever it is; a link to a file is read."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "large").write_bytes(b"x" * 101)
    (tmp_path / "text").write_bytes(b"\xef\xbb\xbfgr\xc3\xbcn\n")
    (tmp_path / "link").symlink_to("text")
    for name in ("pipe", "large", "", "missing", "text/below", "/dev/zero", "/dev/stdin", "/proc/self/mem/x"):
        with pytest.raises(OSError):
            read_text(tmp_path / name, 100)
    assert read_text(tmp_path / "link", 100) == "grün\n"


def test_a_document_in_another_encoding(tmp_path: Path) -> None:
    """It is saved if the editor has the text as the file declares it, or as UTF-8 with U+FFFD."""
    place = tmp_path / "a.py"
    place.write_bytes("# coding: gbk\n检查 = 1\n".encode("gbk"))

    def is_saved(text: str) -> bool:
        return Documents().open(TextDocumentItem(place.as_uri(), "python", 1, text)).saved

    assert read_text(place, 100) == "# coding: gbk\n检查 = 1\n"
    assert is_saved("# coding: gbk\n检查 = 1\n")
    assert is_saved(place.read_bytes().decode("utf-8", "replace"))
    assert not is_saved("# coding: gbk\n检查 = 2\n")


def test_a_client_that_names_pipes_and_devices(own: Cli) -> None:
    """Each is open as a document and asked about; the server answers, before and after, and ends well."""
    pipe = own.folder / "src" / "pipe.py"
    os.mkfifo(pipe)
    outside = own.home.parent / "pipe"
    os.mkfifo(outside)
    wire = Wire(own)
    try:
        wire.initialize(own.folder)
        for path in (pipe, outside, Path("/dev/stdin"), Path("/dev/zero"), Path("/dev/tty"), own.folder):
            uri = path.as_uri()
            wire.open(uri, "def knead_dough(flour):\n    return flour\n")
            wire.notify("textDocument/didSave", {"textDocument": {"uri": uri}})
            change = {"textDocument": {"uri": uri, "version": 2}, "contentChanges": [{"text": "x = 1\n"}]}
            wire.notify("textDocument/didChange", change)
            for command, argument in (
                ("cornea.similar", {"uri": uri, "position": {"line": 0, "character": 0}}),
                ("cornea.reindex", {"uri": uri}),
            ):
                wire.request(7, "workspace/executeCommand", {"command": command, "arguments": [argument]})
                wire.answer(7)
            wire.ghost(uri, 0, 1)
            wire.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
            wire.request(
                8, "workspace/executeCommand", {"command": "cornea.locate", "arguments": [{"uri": uri}]}
            )
            assert "cannot be read" in wire.answer(8)["error"]["message"]
        assert any(name.endswith("find_order") for _, name in wire.symbols("find_order"))
        assert wire.leave() == 0
    finally:
        wire.close()
