"""Stack traces as terminals, trackers and log systems deliver them, read as in the plain text."""

from __future__ import annotations

import html
import json
import textwrap
from collections.abc import Callable, Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.localization.issue import parse_issue
from retrieval.localization.logs import cleaned

from .test_frames import TRACES
from .test_issue import ISSUE


def _prefixed(prefix: str) -> Callable[[str], str]:
    """Each line behind a prefix, in which `%d` is the number of the line."""
    return lambda text: "\n".join(
        prefix.replace("%d", str(n)) + x for n, x in enumerate(text.split("\n"), 10)
    )


def _json(text: str) -> str:
    record = {"level": "error", "time": 1732881600, "ctx": {"n": [1, 2]}, "exc_info": text, "logger": "app"}
    return '{"level": "info", "message": "started"}\n' + json.dumps(record)


def _line_by_line(text: str) -> str:
    return "\n".join(json.dumps({"log": f"{x}\n", "stream": "stderr"}) for x in text.split("\n"))


def _colored(text: str) -> str:
    lines = (f"\x1b[1;31m{line[:3]}\x1b[0m{line[3:]}\x1b[K" for line in text.split("\n"))
    return "\n".join(lines).replace(".py", "\x1b]8;;file:///a\x07.py\x1b]8;;\x1b\\")


def _interleaved(text: str) -> str:
    return "\n".join(
        f"web-1  | {line}\ndb-1   | checkpoint complete {n}" for n, line in enumerate(text.split("\n"))
    )


DELIVERED: Mapping[str, Callable[[str], str]] = {
    "docker compose": _prefixed("web-1  | "),
    "docker compose with others between": _interleaved,
    "kubectl logs --prefix": _prefixed("[pod/web-7d9f8-x2x/app] "),
    "containerd": _prefixed("2026-11-29T12:00:%d.123456789Z stderr F "),
    "journald": _prefixed("Nov 29 12:00:%d host unit[812]: "),
    "syslog": _prefixed("<11>1 2026-11-29T12:00:%dZ host app 812 - - "),
    "log4j": _prefixed("2026-11-29 12:00:%d,123 [main] ERROR org.port.Main - "),
    "python logging": _prefixed("ERROR:root:"),
    "github actions": _prefixed("2026-11-29T12:00:%d.1234567Z "),
    "pytest": _prefixed("E   "),
    "quoted mail": _prefixed("> > "),
    "box": _prefixed("│ "),
    "torchrun": _prefixed("[rank0]: "),
    "json": _json,
    "json behind a prefix": lambda text: _prefixed("web-1  | ")(_json(text)),
    "json in json": lambda text: json.dumps({"message": _json(text).split("\n")[1]}),
    "json, a line each": _line_by_line,
    "logfmt": lambda text: f"level=error msg={json.dumps(text)}",
    "repr": lambda text: f"RuntimeError({text!r})",
    "json of go": lambda text: _json(text).replace("<", r"\u003c").replace(">", r"\u003e"),
    "terminal": _colored,
    "colours without escapes": lambda text: "\n".join(f"[31m{line}[0m" for line in text.split("\n")),
    "colours as cat -v shows them": lambda text: "\n".join(f"^[[31m{line}^[[0m" for line in text.split("\n")),
    "html": html.escape,
    "html twice": lambda text: html.escape(html.escape(text)),
    "html with tags": lambda text: (
        "<pre>" + html.escape(text).replace("\n", "<br/>\n").replace(" ", "&nbsp;")
    ),
    "windows": lambda text: text.replace("\n", "\r\n"),
    "windows twice": lambda text: text.replace("\n", "\r\r\n"),
}


@pytest.mark.parametrize("language", TRACES)
@pytest.mark.parametrize("delivery", DELIVERED)
def test_the_frames_of_a_delivered_trace(language: str, delivery: str) -> None:
    """Fenced or not, with prose around it."""
    trace, expected = TRACES[language]
    for before, after in (("", ""), ("It fails\n\n```\n", "\n```\n\nWhat now?\n")):
        issue = parse_issue(before + DELIVERED[delivery](trace) + after)
        assert [(f.path, f.line, f.function, f.depth) for f in issue.frames] == expected


LONG = "/opt/hostedtoolcache/Python/3.11.9/x64/lib/python3.11/site-packages/"
WIDE = {
    "python": f'Traceback:\n  File "{LONG}port/boats.py", line 12, in anchor\n    lower()\nKeyError: 3',
    "java": f"E\n    at org.{'harbour.' * 9}Boat.anchor(Boat.java:42)\n    at org.port.Main.main(M.java:7)",
    "javascript": f"TypeError: x\n    at Harbour.anchor ({LONG}harbour.js:12:9)\n    at /srv/other.js:1:2",
}  # fmt: skip


@pytest.mark.parametrize("language", WIDE)
@pytest.mark.parametrize("prefix", ["", "> "])
def test_a_trace_that_was_wrapped(language: str, prefix: str) -> None:
    """A terminal cuts anywhere, a mail program at a space."""
    plain = [(f.path, f.line, f.function) for f in parse_issue(WIDE[language]).frames]
    hard = "\n".join(line[n : n + 80] for line in WIDE[language].split("\n") for n in range(0, len(line), 80))
    soft = "\n".join(
        "\n".join(textwrap.wrap(line, 76, break_long_words=False, break_on_hyphens=False,
                                initial_indent=line[: len(line) - len(line.lstrip())]) or [""])
        for line in WIDE[language].split("\n")
    )  # fmt: skip
    for wrapped in (hard, soft):
        text = "\n".join(prefix + line for line in wrapped.split("\n"))
        assert [(f.path, f.line, f.function) for f in parse_issue(text).frames] == plain


def test_structured_frames() -> None:
    """As structlog and error trackers write them."""
    frames = [{"filename": "/srv/main.py", "lineno": 5, "name": "main"},
              {"filename": "/srv/run.py", "lineno": 9, "name": "run"}]  # fmt: skip
    issue = parse_issue(
        json.dumps({"event": "failed", "exception": [{"exc_type": "KeyError", "frames": frames}]})
    )
    assert [(f.path, f.line, f.function) for f in issue.frames] == [
        ("/srv/run.py", 9, "run"), ("/srv/main.py", 5, "main"),
    ]  # fmt: skip


def test_what_errors_say_is_read_behind_a_prefix() -> None:
    """Title, messages and kinds of error are those of the plain text."""
    trace, _ = TRACES["python"]
    for delivery in ("journald", "json", "html", "terminal"):
        issue = parse_issue("It fails\n\n```\n" + DELIVERED[delivery](trace) + "\n```\n")
        assert issue.messages == ["bad"]
        assert issue.exceptions == {"ValueError"}


@pytest.mark.parametrize(
    "text",
    [
        ISSUE,
        "Escaping fails\n\n`&lt;b&gt;` becomes `<b>`, and `\\n` a line; see src/a.py:12: there\n",
        'Config\n\n```json\n{"message": "a\\nb", "file": "x.py"}\n{"message": "c"}\n```\n',
        "- src/a.py:12: first\n- src/b.py:13: second\n1. src/a.py:12: first\n2. src/b.py:13: second\n",
        "| file | what |\n|---|---|\n| src/a.py:12: x | y |\n| src/b.py:13: x | y |\n",
        "12:30 at the office at 12:31\n12:32 from home\n",
        'print("\\033[31mred\\033[0m")\nprint("[0m")\n',
        "NEL \x85 and \u2028 stay\n",
    ],
)
def test_ordinary_text_stays(text: str) -> None:
    """Where no more frames are read, nothing is undone."""
    assert cleaned(text) == text


@given(st.text(st.sampled_from('aE:|>[]{}"\\n\n\r\t &;<\x1b1 .pyat/m'), max_size=300))
@settings(max_examples=200, deadline=None)
def test_any_text(text: str) -> None:
    """Nothing that somebody can write fails, or grows."""
    assert len(cleaned(text)) <= len(text)
