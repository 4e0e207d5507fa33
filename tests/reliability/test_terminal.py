"""Escape sequences in names, code, issues, commits, settings and arguments: shown to a person, never done."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.cli import Cli
from tests.hosts import Site, site
from tests.repositories import git, isolate, repository, write
from tests.support.waiting import LIMIT

EVIL = "\x1b[2J\x1b]0;owned\x07\x9b31m\r\b\u202e\u2028"
"""Clears the screen, names the window, colours, goes back, turns the text round, breaks the line."""
UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
COLOR = re.compile("\x1b\\[[0-9;]*m")

PYTHON = f'''def unmistakable(dough):
    """Fold {EVIL} the dough."""
    text = "{EVIL.replace(chr(13), "")}"
    return dough + text
'''
KOTLIN = (
    "class Oven {\n    fun `bake\x1b[2J\x9b31m loaf`(dough: Int): Int {\n        return dough + 1\n    }\n}\n"
)
FILES = {
    f"a/un{EVIL}.py": PYTHON,
    "a/new\nline\ttab.py": PYTHON.replace("unmistakable", "unmistakable2"),
    "Oven.kt": KOTLIN,
    f"a/bi\x1b[2Jnary{EVIL}.py": b"\0\x1b[2J" * 50,
}
ISSUE = f"unmistakable{EVIL} fails\n\nThe dough{EVIL} is not folded by `bake\x1b[2J loaf`: {EVIL}Error: no"

COMMANDS: dict[str, tuple[str, ...]] = {
    **{
        form: ("search", "fold the dough", "--explain", "--format", form)
        for form in ("text", "json", "jsonl")
    },
    "vimgrep": ("search", "fold the dough", "--format", "vimgrep"),
    "colours": ("search", "--color", "always", "bake loaf"),
    "symbol": ("search", "bake loaf", "-n", "9", "--per-file", "3"),
    "verbose": ("-v", "search", f"dough{EVIL}"),
    "similar": ("similar", f"a/un{EVIL}.py:2"),
    "continue": ("continue", f"a/un{EVIL}.py:1", "--all", "--explain"),
    "locate": ("locate", "--explain", "--text", ISSUE),
    "locate files": ("locate", "--level", "file", "--text", ISSUE),
    "locate markdown": ("locate", "--explain", "--format", "markdown", "--text", ISSUE),
    "locate vimgrep": ("locate", "--format", "vimgrep", "--text", ISSUE),
    "callers": ("callers", "bake_loaf"),
    "callees": ("callees", f"a/un{EVIL}.py:2"),
    "impact": ("impact", f"bake{EVIL}"),
    "calls vimgrep": ("callers", "bake_loaf", "--format", "vimgrep"),
    "index": ("index", "--rebuild"),
    "status": ("status",),
    "skipped": ("status", "--skipped"),
    "why": ("status", "--why", f"a/bi\x1b[2Jnary{EVIL}.py"),
    "doctor": ("doctor",),
    "unknown agent": ("install", "--agent", f"none{EVIL}"),
    "no root": ("mcp", "--root", f"none{EVIL}"),
    "no file": ("similar", f"none{EVIL}.py:1"),
    "no folder": ("-C", f"none{EVIL}", "status"),
    "no issue": ("locate", f"none{EVIL}.md"),
    "no batch": ("search", "--batch", f"none{EVIL}.jsonl"),
    "no command": (f"none{EVIL}",),
    "no option": ("search", f"--none{EVIL}", "x"),
    "no language": ("search", "-t", f"none{EVIL}", "x"),
    "no format": ("search", "--format", f"none{EVIL}", "x"),
    "no number": ("search", "-n", f"none{EVIL}", "x"),
    "no place": ("continue", f"a/un{EVIL}.py:{EVIL}"),
    "no model": ("search", "--profile", f"none{EVIL}", "x"),
}


@pytest.fixture(scope="module")
def trap(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cli]:
    """A folder with such a name, full of them; indexed."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("trap")
        isolate(patch, folder / "user")
        root = repository(folder / f"ro{EVIL}ot", FILES)
        git(root, "commit", "-q", "--amend", "-m", f"Fold{EVIL} the dough of unmistakable{EVIL}")
        write(root, {".cornea.toml": '[index]\n"wrong\\u001b[2J" = "\\u001b[2J"\nhidden = false\n'})
        cli = Cli(folder / "home", root, {"CORNEA_STORE_RESERVE_MB": "1"})
        assert cli("index").code == 0
        yield cli


def harmless(text: str) -> bool:
    """Whether a terminal does nothing but show it; colours of our own are no harm."""
    return UNSAFE.search(COLOR.sub("", text)) is None


@pytest.mark.parametrize("name", COMMANDS)
def test_what_a_person_reads(trap: Cli, name: str) -> None:
    """No character that a terminal obeys is printed, whatever is asked and whether it is found."""
    done = trap(*COMMANDS[name])
    assert done.code == 2 if name.startswith("no ") else done.code in (0, 1), done.err
    assert harmless(done.out), repr(done.out)
    assert harmless(done.err), repr(done.err)
    assert "\x1b[31m" not in done.out + done.err
    if name in ("text", "symbol", "locate", "skipped", "index"):
        assert "\\x1b[2J" in done.out + done.err, "the test has nothing to see"


def test_what_a_host_tells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its status, its log, and what a watcher prints of a file that is left out, of trouble, of the end."""
    isolate(monkeypatch, tmp_path / "user")
    folder = tmp_path / f"x{EVIL}y"
    folder.mkdir()
    with site(folder, FILES, monkeypatch) as place, place.client() as client:
        client.request("reindex")
        assert harmless(place.cli("host", "status").out)
        shown = watched(place)
        assert "wrong" in shown
        assert harmless(shown), repr(shown)
        assert harmless(place.cli("host", "stop").err)
        assert harmless((place.key.folder / "host.log").read_text())
        shutil.rmtree(place.cli.folder / "a")
        assert harmless(place.cli("clear", "--yes").err)


def watched(place: Site) -> str:
    """What `cornea watch` says on both streams while a settings file goes wrong."""
    process = subprocess.Popen(
        place.cli.command("watch"), cwd=place.cli.folder, env=place.cli.environment(),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        said = process.stdout.readline()
        write(place.cli.folder, {".cornea.toml": f"wrong = '{EVIL}"})
        while "wrong" not in said and "TOML" not in said:
            said += process.stdout.readline()
        said += "wrong"
        (place.cli.folder / ".cornea.toml").unlink()
        process.send_signal(signal.SIGINT)
        return said + process.communicate(timeout=LIMIT)[0]
    finally:
        process.kill()
        process.wait()
