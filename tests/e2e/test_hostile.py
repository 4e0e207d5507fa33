"""Input that nobody would write, and that somebody will point the command at.

Each test indexes it beside an ordinary file, which must be found, and notes its seconds as a property.
"""

from __future__ import annotations

import os
import random
import socket
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from indexer import workers
from indexer.fragment import Skipped
from indexer.index import Index
from indexer.pipeline import ensure
from indexer.writer import Report
from retrieval.searcher import Searcher
from tests.indexes import PYTHON, answers, child, config, is_as_fresh, paths, refresh, told
from tests.repositories import isolate, write

MEGABYTE = 1_000_000
BOUND = 60.0
"""Seconds that no input may take, on a machine that does other things too; the figures are a tenth of it."""


@dataclass
class Place:
    """A root with an ordinary file in it, and its index."""

    root: Path
    home: Path
    note: Callable[[str, object], None]

    def index(self, **changes: object) -> Report:
        """Bring the index up to date within bounds; what is indexed and found besides stays so."""
        started = time.perf_counter()
        report = refresh(self.root, self.home, **changes)
        self.note("seconds", round(time.perf_counter() - started, 2))
        assert report.seconds < BOUND
        assert self.found("fold the dough again") == "bakery.py"
        assert psutil.Process().children() == []
        return report

    def found(self, question: str) -> str:
        """The path of the best answer, "" if there is none."""
        hits = answers(self.root, self.home, question)[0]
        return hits[0][0] if hits else ""

    def put(self, name: str, content: str | bytes) -> Path:
        write(self.root, {name: content})
        return self.root / name


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Place:
    isolate(monkeypatch, tmp_path / "user")
    root = write(tmp_path / "root", {"bakery.py": PYTHON})
    return Place(root, tmp_path / "home", lambda *figure: request.node.user_properties.append(figure))


def noise(size: int, without: bytes = b"") -> bytes:
    return random.Random(7).randbytes(size).translate(None, without)


BLOCKS = {
    "unclosed brackets on one line": ("x.py", "(" * MEGABYTE),
    "unclosed brackets on half a million lines": ("x.js", "[\n" * (MEGABYTE // 2)),
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
    from indexer.files import walk

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
    assert report.skipped in ((), (Skipped(path, "took longer than 0.5 s"),))
    place.put(path, "proof of the pudding\n")
    place.index(parse_seconds=0.5)
    assert place.found("proof of the pudding") == path


BUGGY = """
import os, re
from indexer import worker
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
    monkeypatch.setattr(workers, "_COMMAND", (sys.executable, "-P", "-c", BUGGY))
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


ENCODED = {
    "invalid UTF-8": PYTHON.encode() + b"# caf\xe9 \xff\xfe\xc3\x28\n",
    "UTF-16, little end first": b"\xff\xfe" + PYTHON.replace("def knead", "def kneten_ü").encode("utf-16-le"),
    "UTF-16, big end first": b"\xfe\xff" + PYTHON.encode("utf-16-be"),
    "UTF-16, torn": b"\xff\xfe" + PYTHON.encode("utf-16-le") + b"\x00\xd8x",
    "UTF-8 with a mark": b"\xef\xbb\xbf" + PYTHON.encode(),
    "lone surrogates": PYTHON.encode() + b"# \xed\xa0\x80\n",
}


@pytest.mark.parametrize("name", ENCODED)
def test_encodings(place: Place, name: str) -> None:
    """The code is found, at the right line, whatever its bytes."""
    place.put("bakery.py", ENCODED[name])
    report = place.index()
    assert report.skipped == ()
    hit = answers(place.root, place.home, "fold the dough again and again")[0][0]
    assert hit[:2] == ("bakery.py", 13)


def test_what_is_no_file(place: Place) -> None:
    """Pipes that nobody fills, sockets, links in circles, out of the root, to nowhere: nothing waits."""
    secret = write(
        place.root.parent / "outside", {"secret.py": "def secret_of_the_neighbour():\n    return 1\n"}
    )
    os.mkfifo(place.root / "pipe.py")
    (place.root / "self.py").symlink_to("self.py")
    (place.root / "a").symlink_to("b")
    (place.root / "b").symlink_to("a")
    (place.root / "up").symlink_to("..")
    (place.root / "here").symlink_to(".")
    (place.root / "folder").symlink_to(secret)
    (place.root / "file.py").symlink_to(secret / "secret.py")
    (place.root / "nowhere.py").symlink_to("/nonexistent/x.py")
    (place.root / "zero.py").symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as listener:
        here = Path.cwd()
        os.chdir(place.root)  # a socket's path may not be long
        try:
            listener.bind("socket.py")
        finally:
            os.chdir(here)
        report = place.index()
    assert report.added == 1
    assert place.found("secret_of_the_neighbour") in ("", "bakery.py")
    assert paths(place.root, place.home) == {"bakery.py"}


def test_a_file_that_turns_into_a_pipe_before_it_is_read(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The walk saw a file; the worker does not wait for a pipe."""
    run = workers.Pool.run
    victim = place.put("x.py", "x = 1\n")

    def late(pool: workers.Pool, files: object) -> object:
        victim.unlink()
        os.mkfifo(victim)
        return run(pool, files)  # type: ignore[arg-type]

    monkeypatch.setattr(workers.Pool, "run", late)
    assert place.index().skipped == (Skipped("x.py", "not a regular file"),)


def test_what_may_not_be_read(place: Place) -> None:
    """A file and a folder without rights are left out with the reason, and indexed once they have them."""
    code = """
        import sys
        from pathlib import Path
        from tests.indexes import config
        from indexer.index import Index
        from indexer.pipeline import ensure
        root, home = map(Path, sys.argv[1:])
        def run():
            with Index.open(root, config(home)) as index:
                report = ensure(index)
                print(report.added, [s.reason for s in report.skipped], index.manifest.paths())
        run()
        run()
        (root / "secret.py").chmod(0o644)
        (root / "closed").chmod(0o755)
        run()
    """
    place.put("secret.py", "b = 2\n").chmod(0)
    place.put("closed/c.py", "c = 3\n").parent.chmod(0)
    try:
        first, second, third = told(child(code, place.root, place.home, powerless=True)).splitlines()
    finally:
        (place.root / "closed").chmod(0o755)
    assert first == "1 ['unreadable: Permission denied'] ['bakery.py']"
    assert second == "0 [] ['bakery.py']"
    assert third == "2 [] ['bakery.py', 'closed/c.py', 'secret.py']"


NAMES = (
    *(
        "with space.py",
        "new\nline.py",
        "tab\tand\rreturn.py",
        "quote'\".py",
        "back\\slash.py",
        "\x1b[31mred.py",
    ),
    *("-rf.py", "--help.py", "#.py", "~.py", "con.py", "%s%n.py", "a*b?[c].py"),
    *("$(touch ran).py", "`touch ran`.py", ";touch ran;.py"),
    *("\U0001f950 croissant.py", "日本語.py", "зима.py", "cafe\u0301.py", "caf\u00e9.py"),
    *("\u202egnp.py", "a\u200bb.py", "ﬁle.py", "é" * 120 + ".py", "deep/" * 60 + "x.py"),
)


def test_names(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is indexed, found by what is in it, changed and deleted under its own name; none is run."""
    monkeypatch.chdir(place.root)
    for n, name in enumerate(NAMES):
        place.put(name, f"def unmistakable{n}():\n    return {n}\n")
    assert place.index().added == len(NAMES) + 1
    questions = [f"unmistakable{n}" for n in range(len(NAMES))]
    assert [hits[0][0] for hits in answers(place.root, place.home, *questions)] == list(NAMES)
    assert not list(place.root.rglob("ran"))
    for name in NAMES[::2]:
        (place.root / name).unlink()
    for name in NAMES[1::2]:
        place.put(name, "changed = True\n")
    report = place.index()
    assert (report.removed, report.changed) == (len(NAMES[::2]), len(NAMES[1::2]))
    assert is_as_fresh(place.root, place.home, place.home / "fresh")


SCRIPTS = {
    "зима.py": (
        "def посчитать_снежинки(небо):\n    return len(небо)\n",
        "посчитать снежинки",
        "посчитать_снежинки",
    ),
    "日本.py": (
        "def 雪を数える(空):\n    '''雪の結晶を数えて返す'''\n    return len(空)\n",
        "雪の結晶を数えて返す",
        "雪を数える",
    ),
    "中文.js": (
        "function 计算雪花(天空) {\n  // 返回雪花的数量\n  return 天空.length;\n}\n",
        "雪花的数量",
        "计算雪花",
    ),
    "ελ.go": (
        "package a\n\n// Μέτρηση μετρά τις νιφάδες.\nfunc Μέτρηση() int { return 1 }\n",
        "μετρά τις νιφάδες",
        "Μέτρηση",
    ),
    "accent.py": (
        "def re\u0301sume\u0301_des_flocons():\n    return 1\n",
        "r\u00e9sum\u00e9 des flocons",
        "",
    ),
    "عربي.py": ("def عد_الثلوج(سماء):\n    return len(سماء)\n", "عد الثلوج", "عد_الثلوج"),
}


def test_scripts(place: Place) -> None:
    """Names, comments and questions in other scripts meet, also where accents are written in another way."""
    for name, (code, _, _) in SCRIPTS.items():
        place.put(name, code)
    assert place.index().skipped == ()
    with Index.open(place.root, config(place.home)) as index:
        searcher = Searcher(index.store, index.encoder, index.repo)
        for name, (_, question, symbol) in SCRIPTS.items():
            best = searcher.search(question)[0]
            assert best.path == name, question
            assert symbol in ("", best.symbol)
            if symbol:
                assert searcher.search(symbol)[0].path == name


def test_twenty_thousand_files(place: Place) -> None:
    """In one folder: a first index in seconds, and a run with nothing to do in much less."""
    for n in range(20_000):
        (place.root / f"f{n}.py").write_text(f"def f{n}():\n    return {n}\n")
    report = place.index()
    assert report.added == 20_001
    again = refresh(place.root, place.home)
    assert again.unchanged == 20_001
    place.note("again", round(again.seconds, 2))
    assert again.seconds < report.seconds


def test_a_folder_that_never_rests(place: Place) -> None:
    """Files come, change and go while they are indexed; once they rest, the index is right."""
    stop = threading.Event()

    def churn() -> None:
        dice = random.Random(3)
        while not stop.is_set():
            file = place.root / f"d{dice.randrange(4)}" / f"f{dice.randrange(30)}.py"
            if dice.random() < 0.4:
                file.unlink(missing_ok=True)
            else:
                file.parent.mkdir(exist_ok=True)
                file.write_text("def f():\n    return 1\n" * dice.randrange(1, 50))

    thread = threading.Thread(target=churn)
    thread.start()
    try:
        with Index.open(place.root, config(place.home)) as index:
            for _ in range(4):
                ensure(index)
    finally:
        stop.set()
        thread.join()
    place.index()
    assert is_as_fresh(place.root, place.home, place.home / "fresh")
