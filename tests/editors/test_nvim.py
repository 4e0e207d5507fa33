"""Neovim, really typed in."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ..e2e.cli import Cli
from ..repositories import repository
from ..support.waiting import LIMIT, until
from .conftest import EDITORS, tool
from .terminal import Terminal

PLUGIN = EDITORS / "nvim"
ACCEPT = Path(__file__).with_name("accept.lua")
INIT = (
    f"vim.opt.rtp:prepend({str(PLUGIN)!r})\n"
    "vim.cmd.filetype({ args = { 'plugin', 'off' } })  -- parsers may be elsewhere\n"
    "vim.o.shiftwidth = 4\nvim.o.expandtab = true\nvim.o.swapfile = false\n"
    "vim.o.termguicolors = true\nvim.o.number = true\nvim.o.ruler = false\n"
    "vim.o.fillchars = 'eob: '\nvim.cmd('hi link markdownError Normal')\n"
)
PICTURES = os.environ.get("CORNEA_PICTURES", "")
"""A folder for pictures of what was seen."""


@pytest.fixture
def nvim(work: Cli) -> Iterator[Terminal]:
    """Neovim with the plugin, and nothing else of the user's."""
    init = work.folder.parent / "init.lua"
    init.write_text(INIT)
    command, environment = tool("nvim"), work.environment({"LANG": "C.UTF-8"})
    # Two processes: one that was fetched, and runs through its own loader, could not start its other half.
    place = str(work.folder.parent / "nvim.sock")
    editing = subprocess.Popen(
        [*command, "--headless", "--listen", place, "-n", "-i", "NONE", "-u", str(init), "src/item.py"],
        env=environment, cwd=work.folder, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    until(lambda: editing.poll() is not None or Path(place).exists())
    assert editing.poll() is None
    terminal = Terminal([*command, "--server", place, "--remote-ui"], environment, work.folder)
    yield terminal
    terminal.close()
    editing.kill()
    editing.wait()


def _picture(terminal: Terminal, name: str, rows: int) -> None:
    if PICTURES:
        terminal.picture(Path(PICTURES) / name, rows)


def _attached(nvim: Terminal, servers: int = 1) -> None:
    def served() -> bool:
        nvim.type(":echo 'served' len(v:lua.vim.lsp.get_clients())\r")
        return f"served {servers}" in nvim.look(0.5)

    until(served)


def _saved(nvim: Terminal, work: Cli) -> str:
    """The file, once it is written."""
    nvim.type("\x1b:w\r")
    nvim.until("written")
    return (work.folder / "src/item.py").read_text()


def test_ghost_text_is_shown_and_accepted(nvim: Terminal, work: Cli) -> None:
    """Code is typed, what comes next is shown behind it, Tab takes it, and the buffer has it."""
    nvim.until("find_item")
    _attached(nvim)
    nvim.type(":6,$d\r5Go")
    nvim.type("found = self.table[key]", slowly=0.02)
    nvim.until('self.log.info("found %s", key)')
    _picture(nvim, "nvim-ghost-text.svg", 10)
    assert "self.log.info" not in (work.folder / "src/item.py").read_text()
    nvim.type("\t")
    nvim.look(0.3)
    text = _saved(nvim, work)
    assert '        found = self.table[key]\n        self.log.info("found %s", key)\n' in text
    assert "        return found\n" in text


def test_an_item_of_several_lines_is_taken(nvim: Terminal, work: Cli) -> None:
    """Neovim's own completion, by hand: all lines of the item are inserted."""
    nvim.until("find_item")
    _attached(nvim)
    nvim.type(":lua vim.lsp.inline_completion.enable(false)\r:6,$d\r5Go")
    nvim.type("found = self.table[key]\r", slowly=0.02)
    nvim.type("sel", slowly=0.02)
    nvim.type("\x18\x0f")
    nvim.until("self.log.info")
    nvim.type("\x19")
    nvim.until("return found")
    text = _saved(nvim, work)
    assert '        self.log.info("found %s", key)\n        self.log.debug("the table' in text
    assert "        return found\n" in text


def test_the_server_of_the_buffer_is_asked(nvim: Terminal, work: Cli) -> None:
    """With two repositories open, each buffer's own server answers, also in the one that was opened last."""
    other = repository(
        work.folder.parent / "bakery", {"bread.py": "def bake_bread(flour):\n    return flour\n"}
    )
    nvim.until("find_item")
    _attached(nvim)
    nvim.type(f":edit {other / 'bread.py'}\r")
    nvim.until("def bake_bread")
    _attached(nvim, 2)
    nvim.type(":CorneaReindex\r")
    nvim.until("the index is up to date")
    nvim.type(":CorneaSearch bake_bread\r")
    nvim.until(lambda shown: "bake_bread" in shown and "[Quickfix List]" in shown and "bread.py|" in shown)
    Cli(work.home, other)("host", "stop")


def test_what_is_wrong_is_said(work: Cli) -> None:
    """No program, a buffer without a file, a server that is not there yet."""
    assert "cornea is not on your PATH" in _said(work, "CorneaSearch x", PATH="/nowhere")
    assert "this buffer has no file" in _said(work, "CorneaSimilar")
    assert "no server; open a file" in _said(work, "CorneaSearch x")
    assert "is starting" in _said(work, "edit src/item.py", "CorneaSearch x")


def _said(work: Cli, *commands: str, **environment: str) -> str:
    """What Neovim says to commands in an empty buffer, without a terminal."""
    command = tool("nvim")
    if environment:
        first = shutil.which(command[0])
        assert first
        command[0] = first
    steps = [option for command in commands for option in ("-c", command)]
    init = work.folder.parent / "init.lua"
    init.write_text(INIT)
    done = subprocess.run(
        [*command, "--headless", "-n", "-i", "NONE", "-u", str(init), *steps, "-c", "qa!"],
        env={**work.environment({"LANG": "C.UTF-8"}), **environment}, cwd=work.folder, timeout=LIMIT,
        capture_output=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    return done.stderr.decode()


def test_an_issue_fills_the_quickfix_list(nvim: Terminal) -> None:
    """:CorneaLocate on the issue's buffer; the first entry leads to the function."""
    nvim.until("find_item")
    _attached(nvim)
    nvim.type(":edit ISSUE.md\r")
    nvim.until("was just written")
    nvim.type(":CorneaLocate\r")
    shown = nvim.until(lambda shown: "order.py" in shown and "[Quickfix List]" in shown)
    assert "find_order" in shown
    _picture(nvim, "nvim-locate.svg", 24)
    nvim.type(":cfirst\r")
    nvim.until("class OrderStore")


def test_searching(nvim: Terminal) -> None:
    """:CorneaSearch and Neovim's own list of workspace symbols."""
    nvim.until("find_item")
    _attached(nvim)
    nvim.type(":CorneaSearch keeps users in a table\r")
    nvim.until("user.py")
    nvim.type(":cclose\r:lua vim.lsp.buf.workspace_symbol('find_order')\r")
    nvim.until(lambda shown: "order.py" in shown and "find_order" in shown)


def test_the_outline_of_a_file(nvim: Terminal, work: Cli) -> None:
    """Neovim's own list of symbols, of a text that was never saved; other languages by a setting."""
    nvim.until("find_item")
    _attached(nvim)
    nvim.type(":edit schema.sql | setlocal filetype=sql\r")
    nvim.type("iCREATE TABLE bakers (id int);\x1b:lua vim.lsp.buf.document_symbol()\r")
    nvim.until(lambda shown: "[Class] bakers" in shown and "[Field] id" in shown)
    nvim.type(":cclose\r:edit src/order.py\r")
    nvim.until("class OrderStore")
    settings = "{ cornea = { documentSymbols = { languages = { 'python' } } } }"
    notify = f"c:notify('workspace/didChangeConfiguration', {{ settings = {settings} }})"
    nvim.type(f":lua for _, c in ipairs(vim.lsp.get_clients()) do c.settings = {settings}; {notify} end\r")

    def listed() -> bool:
        nvim.type(":lua vim.lsp.buf.document_symbol()\r")
        return "[Method] find_order" in nvim.look(0.5)

    until(listed)


def test_the_key_does_what_it_did_where_nothing_is_shown(work: Cli, tmp_path: Path) -> None:
    """Mappings of any kind, of the buffer or global, older than ours or younger; and they are given back."""
    script, result, init = tmp_path / "script.vim", tmp_path / "result.json", tmp_path / "init.lua"
    script.write_text("function s:key()\n  return 'S'\nendfunction\ninoremap <expr> <Tab> <SID>key()\n")
    init.write_text(INIT)
    done = subprocess.run(
        [*tool("nvim"), "--headless", "-n", "-i", "NONE", "-u", str(init), "-S", str(ACCEPT)],
        env=work.environment({"LANG": "C.UTF-8", "RESULT": str(result), "SCRIPT": str(script)}),
        timeout=LIMIT, capture_output=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert result.exists(), done.stderr.decode()
    assert json.loads(result.read_text()) == {
        "none": ["a\tb\t"] * 2,
        "global_keys": ["aKbK"] * 2,
        "buffer_keys": ["aBbB"] * 2,
        "late": ["aLbL"] * 2,
        "expression": ["abEE"] * 2,
        "plug": ["aPbP"] * 2,
        "plug_or_tab": ["a\tbP"] * 2,
        "script": ["aSbS"] * 2,
        "itself": ["a\txb\tx"] * 2,
        "callback": ["aCbC"] * 2,
        "command": ["aDbD"] * 2,
        "ghost": ["aghost"],
    }


def test_line_ends_of_a_dos_file(nvim: Terminal, work: Cli) -> None:
    """What is accepted has the file's line ends once, not twice."""
    nvim.until("find_item")
    nvim.type(":set fileformat=dos | write | edit\r")
    nvim.until("[dos]")
    _attached(nvim)
    nvim.type(":6,$d\r5Go")
    nvim.type("found = self.table[key]", slowly=0.02)
    nvim.until('self.log.info("found %s", key)')
    nvim.type("\t")
    nvim.look(0.3)
    nvim.type("\x1b:w\r")
    nvim.until("written")
    data = (work.folder / "src/item.py").read_bytes()
    assert b'found = self.table[key]\r\n        self.log.info("found %s", key)\r\n' in data
    assert b"\r\r" not in data


def test_the_indentation_of_a_new_file_is_the_buffers(nvim: Terminal, work: Cli) -> None:
    """Where no line of it is indented, by its options."""
    nvim.until("find_item")
    _attached(nvim)
    nvim.type(":edit src/bare.py | setlocal shiftwidth=3 expandtab filetype=python\r")
    nvim.look(0.5)
    nvim.type('i"""The order of a key."""\rif key not in self.table:', slowly=0.02)
    nvim.until("raise KeyError(f")
    nvim.type("\t")
    nvim.look(0.3)
    nvim.type("\x1b:w\r")
    nvim.until("written")
    assert "self.table:\n   raise KeyError(f" in (work.folder / "src/bare.py").read_text()
