"""Stack traces of six languages."""

from __future__ import annotations

import pytest

from retrieval.localization.frames import frames

TRACES = {
    "python": (
        'Traceback (most recent call last):\n  File "/srv/app/main.py", line 5, in <module>\n    run()\n'
        '  File "/srv/app/run.py", line 9, in run\n    step()\n    ~~~~^^\nValueError: bad',
        [("/srv/app/run.py", 9, "run", 0), ("/srv/app/main.py", 5, "", 1)],
    ),
    "ipython": (
        "----> 1 df.plot()\n\n~/lib/frame.py in plot(self, kind)\n     41     x\n---> 42     draw(kind)\n\n"
        "File ~/lib/draw.py:7, in draw(kind)\n      6 a\n",
        [("~/lib/draw.py", 7, "draw", 0), ("~/lib/frame.py", 0, "plot", 1)],
    ),
    "pytest": ("app/boats.py:12: in anchor\n    lower()\napp/boats.py:30: KeyError",
               [("app/boats.py", 30, "", 0), ("app/boats.py", 12, "anchor", 1)]),
    "java": (
        'Exception in thread "main" java.lang.IllegalStateException: no boat\n'
        "\tat org.port.Harbour.anchor(Harbour.java:42)\n\tat java.base/org.port.Main.main(Main.java:7)",
        [("org/port/Harbour.java", 42, "anchor", 0), ("org/port/Main.java", 7, "main", 1)],
    ),
    "javascript": (
        "TypeError: x is undefined\n    at Harbour.anchor (/srv/port/harbour.js:12:9)\n"
        "    at async main (file:///srv/index.mjs:3:1)\n    at /srv/other.js:1:2",
        [("/srv/port/harbour.js", 12, "anchor", 0), ("/srv/index.mjs", 3, "main", 1),
         ("/srv/other.js", 1, "", 2)],
    ),
    "go": (
        "panic: no boat\n\ngoroutine 1 [running]:\nexample.com/port.(*Harbour).Anchor(0x0)\n"
        "\t/src/port/harbour.go:12 +0x1d\nmain.main()\n\t/src/main.go:7 +0x20",
        [("/src/port/harbour.go", 12, "Anchor", 0), ("/src/main.go", 7, "main", 1)],
    ),
    "rust": (
        "thread 'main' panicked at 'no boat', src/port.rs:12:5\nstack backtrace:\n"
        "   3: port::Harbour::anchor\n             at ./src/port.rs:12:5\n"
        "   4: port::main\n             at ./src/main.rs:4:9",
        [("src/port.rs", 12, "", 0), ("./src/port.rs", 12, "anchor", 0), ("./src/main.rs", 4, "main", 1)],
    ),
    "ruby": (
        "port/harbour.rb:12:in `anchor': no boat (RuntimeError)\n\tfrom port/main.rb:3:in 'Object#start'",
        [("port/harbour.rb", 12, "anchor", 0), ("port/main.rb", 3, "start", 1)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("language", TRACES)
def test_trace(language: str) -> None:
    """File, line, function, and how far each is from where the error was raised."""
    text, expected = TRACES[language]
    found = frames(text.splitlines())
    assert [(f.path, f.line, f.function, f.depth) for f in found] == expected


def test_prose_has_no_frames() -> None:
    """A sentence that speaks of files is no stack trace."""
    assert frames(["I looked at the file a.py (line 3) at noon.", "File a bug", "at least: 3"]) == []


def test_many_frames() -> None:
    """Endless recursion is read up to a limit."""
    assert 100 < len(frames(['  File "a.py", line 1, in f', "    f()"] * 10_000)) <= 200
