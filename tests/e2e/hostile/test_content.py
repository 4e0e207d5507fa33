"""Content that is meant to hang, crash or fill up whoever reads it."""

from __future__ import annotations

import os
import random
import sys
import time
from pathlib import Path

import pytest

from indexer.analysis import worker_pool
from indexer.fragment import Skipped
from indexer.skip_reason import SkipKind, SkipReason

from .place import Place

MEGABYTE = 1_000_000


def noise(size: int, without: bytes = b"") -> bytes:
    return random.Random(7).randbytes(size).translate(None, without)


BLOCKS = {
    "unclosed brackets on one line": ("x.py", "(" * MEGABYTE),
    "unclosed brackets on 200,000 lines": ("x.js", "[\n" * 200_000),
    "unclosed brackets of every kind": ("x.c", "([{\n" * (MEGABYTE // 4)),
    "50,000 lists in each other": ("x.py", "x = " + "[" * 50_000 + "]" * 50_000),
    "50,000 functions in each other": ("x.js", "function f() {\n" * 50_000 + "}\n" * 50_000),
    "tags in each other": ("x.html", "<b>\n" * 10_000 + "</b>\n" * 10_000),
    "50,000 blocks by indentation": ("x.py", "".join(" " * n + "if x:\n" for n in range(1_300))),
    "statements without end": ("x.py", ";\n" * (MEGABYTE // 5)),
    "one endless string": ("x.py", '"""\n' + "words\n" * (MEGABYTE // 6 - 1)),
    "quotes": ("x.rb", '"\n' * (MEGABYTE // 5)),
    "white space": ("x.py", " \n\t\n" * (MEGABYTE // 4)),
    "one empty line": ("x.py", "\n"),
    "nothing": ("x.py", ""),
    "random bytes without zeros": ("x.py", noise(MEGABYTE // 5, b"\0")),
    "carriage returns": ("x.py", "x = 1\r" * 100_000),
    "marks of byte order": ("x.py", "\ufeff" * 100_000),
}


@pytest.mark.parametrize("name", BLOCKS)
def test_text_that_stops_parsers(place: Place, name: str) -> None:
    """It is indexed, at worst in blocks of lines, and takes seconds."""
    place.put(*BLOCKS[name])
    report = place.index()
    assert (report.added, report.skipped) == (2, ())


def test_a_file_of_too_many_pieces(place: Place) -> None:
    """Half a million lines of brackets are nobody's functions: left out, with that reason."""
    place.put("x.js", "[\n" * (MEGABYTE // 2))
    report = place.index()
    assert report.added == 1
    assert "10,000" in report.skipped[0].reason


SKIPPED = {
    "ten megabytes in one line": ("x.json", "[" + "1," * (5 * MEGABYTE) + "1]", "larger than 1 MB"),
    "random bytes": ("x.py", noise(MEGABYTE), "binary"),
    "zeros": ("x.py", b"x = 1\n\0\0\0\n", "binary"),
    "only zeros": ("x.c", bytes(MEGABYTE), "binary"),
}


@pytest.mark.parametrize("name", SKIPPED)
def test_what_is_no_code_is_left_out(place: Place, name: str) -> None:
    """With a reason, by the walk or by whoever read it."""
    path, content, reason = SKIPPED[name]
    place.put(path, content)
    report = place.index()
    assert report.added == 1
    found = [item for item in _walked(place.root) if item.path == path]
    assert (found or list(report.skipped))[0].reason.startswith(reason)


def _walked(root: Path) -> list[Skipped]:
    from indexer.walk.walk import walk

    return [item for item in walk(root) if isinstance(item, Skipped)]


def test_ten_megabytes_in_one_line_if_they_are_wanted(place: Place) -> None:
    """Who raises the limit gets them as one block of lines."""
    place.put("x.js", "let x = [" + "1," * (5 * MEGABYTE))
    place.put("x.json", "[" + "1," * (5 * MEGABYTE))
    report = place.index(max_file_bytes=20 * MEGABYTE)
    assert [(s.path, s.reason) for s in report.skipped] == [("x.js", "minified")]
    assert report.added == 2


STALLING = {
    "a comment that never ends": ("x.go", "/*\n" * 300_000),
    "a comment of another language": ("x.py", "/*\n" * 300_000),
    "what might be a lambda": ("x.java", "a=>\n" * 200_000),
    "minus signs": ("x.py", ("-" * 500 + "\n") * 1_900),
}


@pytest.mark.parametrize("name", STALLING)
def test_text_that_a_parser_chews_for_minutes(place: Place, name: str) -> None:
    """It is given up with the reason, if it is not done in time; the rest goes on."""
    path, content = STALLING[name]
    place.put(path, content)
    report = place.index(parse_seconds=0.5)
    assert report.skipped in ((), (Skipped(path, SkipReason(SkipKind.SLOW, "0.5")),))
    place.put(path, "proof of the pudding\n")
    place.index(parse_seconds=0.5)
    assert place.found("proof of the pudding") == path


BUGGY = """
import os, re
from indexer.analysis import worker
real = worker.analyse
def analyse(file, *rest):
    if file.path.startswith("crash"):
        os.abort()
    if file.path.startswith("stall"):
        re.match("(a+)+$", "a" * 60 + "b")
    return real(file, *rest)
worker.analyse = analyse
worker.main()
"""


def test_a_parser_that_crashes_or_never_ends(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug in a grammar takes a process with it, not the run: all other files are there.

    What it cost is remembered with the reason, and not tried again until the file changes.
    """
    monkeypatch.setattr(worker_pool, "_COMMAND", (sys.executable, "-P", "-c", BUGGY))
    odd = {0: "crash", 50: "stall", 100: "crash"}
    for n in range(150):
        place.put(f"{odd.get(n, 'f')}{n}.py", f"def f{n}():\n    return {n}\n")
    then = time.time() - 60
    for name in place.root.iterdir():
        os.utime(name, (then, then))
    report = place.index(parse_seconds=1.0)
    assert report.added == 148
    assert {(s.path, s.reason) for s in report.skipped} == {
        ("crash0.py", "killed its parser (signal 6)"),
        ("stall50.py", "took longer than 1 s"),
        ("crash100.py", "killed its parser (signal 6)"),
    }
    again = place.index(parse_seconds=1.0)
    assert (again.skipped, again.unchanged) == ((), 151)
    place.put("crash0.py", "changed = True\n")
    assert [s.path for s in place.index(parse_seconds=1.0).skipped] == ["crash0.py"]
