"""Reads the frames of stack traces of Python, Java, JavaScript, Go, Rust and Ruby."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from indexer.parsing import profiles

MAX_FRAMES = 200
_LONGEST = 500
"""Maximum characters of a line that may be a frame."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame of a stack trace.

    `path` is the path of the file as in the trace. `line` is 0 if the line is unknown. `function` is the bare
    name of the function, or "" if the name is unknown. `depth` is 0 for the frame that raised the error, and
    increases towards the outermost caller.
    """

    path: str
    line: int
    function: str
    depth: int = 0


_PYTHON = re.compile(r'\s*(?:\S{1,3} )?File "?([^"\n]{1,300}?)"?(?:, line |:)(\d{1,7})(?:, in (.{1,120}))?$')
_IPYTHON = re.compile(
    r"\s*(?:File )?([~/\w<][^\s:]{0,300}\.pyx?)(?::(\d{1,7}),)? in ([\w.<>]{1,100})(?:\(|$)"
)
_PYTEST = re.compile(r"\s*([\w./~-]{1,300}\.py):(\d{1,7}): (?:in ([\w.<>]{1,100})|[A-Z]\w*)?")
_JVM_EXTENSIONS = "|".join(sorted(profiles.words("extensions", trace="jvm")))
_JAVA = re.compile(
    r"\s*at (?:[\w.@-]{0,80}/)?([\w$.<>]{1,300})\(([\w$]{1,100}\."
    rf"(?:{_JVM_EXTENSIONS})):(\d{{1,7}})\)"
)
_ECMA = re.compile(
    r"\s*at (?:(?:async |new )?([\w$.<>#\[\] ]{1,150}?) \()?(?:file://)?([^\s()]{1,300}?):(\d{1,7})(?::\d{1,7})?\)?$"
)
_GO = re.compile(r"\s*(/?[\w./@~+-]{1,300}\.go):(\d{1,7})(?: \+0x[0-9a-f]{1,16})?$")
_GO_CALL = re.compile(
    r"([\w./~-]{1,250}\.)?(?:\(\*?\w{1,80}\)\.)?(\w{1,100})(?:\.func\d[\d.]{0,20})?\(.{0,300}\)$"
)
_RUST = re.compile(r"\s*at ([\w./~<>-]{1,300}\.rs):(\d{1,7})(?::\d{1,7})?$")
_RUST_CALL = re.compile(r"\s*\d{1,4}: (?:0x[0-9a-f]{1,16} - )?([\w:<>{}$, ]{1,300})$")
_PANIC = re.compile(
    r"thread '[^']{0,100}' panicked at (?:.{0,300}, )?([\w./~-]{1,300}\.rs):(\d{1,7}):\d{1,7}"
)
_RUBY = re.compile(r"\s*(?:from )?([\w./~-]{1,300}\.rb):(\d{1,7}):in [`']([^`'\n]{1,150})'")


def frames(lines: Iterable[str]) -> list[Frame]:
    """The frames in the lines, with their depths. The frames of one stack trace follow each other."""
    found: list[Frame] = []
    trace: list[Frame] = []
    deepest_last = False
    before = ""
    for line in lines:
        if len(line) > _LONGEST or len(found) + len(trace) >= MAX_FRAMES:
            before = ""
            continue
        frame, last = _frame(line, before)
        if trace and (_ends(line) if frame is None else last != deepest_last):
            found += _deep(trace, deepest_last)
            trace = []
        if frame is not None:
            deepest_last = last
            trace.append(frame)
        before = line
    return found + _deep(trace, deepest_last)


def is_frame(line: str) -> bool:
    """Whether a line by itself is a frame."""
    return len(line) <= _LONGEST and _frame(line, "")[0] is not None


def _frame(line: str, before: str) -> tuple[Frame | None, bool]:
    """Returns the frame in a line, or None if the line is no frame. `before` is the line above.

    Also returns whether stack traces of this kind end with the deepest frame.
    """
    if match := _PYTHON.match(line) or _IPYTHON.match(line):
        return Frame(match[1], int(match[2] or 0), _bare(match[3])), True
    if match := _JAVA.match(line):
        package, _, name = match[1].rpartition(".")
        folder = "/".join(package.split(".")[:-1])
        return Frame(f"{folder}/{match[2]}" if folder else match[2], int(match[3]), name), False
    if match := _RUST.match(line):
        call = _RUST_CALL.match(before)
        return Frame(match[1], int(match[2]), _bare(call[1]) if call else ""), False
    if match := _ECMA.match(line):
        return Frame(match[2], int(match[3]), _bare(match[1])), False
    if match := _GO.match(line):
        call = _GO_CALL.match(before.strip())
        return Frame(match[1], int(match[2]), call[2] if call else ""), False
    if match := _RUBY.match(line):
        return Frame(match[1], int(match[2]), _bare(match[3].rpartition("#")[2])), False
    if match := _PANIC.match(line):
        return Frame(match[1], int(match[2]), ""), False
    if match := _PYTEST.match(line):
        return Frame(match[1], int(match[2]), _bare(match[3])), True
    return None, False


def _bare(name: str | None) -> str:
    """Returns the last name in a text like `Class.method(...)` or `a::b::c<T>`. Returns "" without a name."""
    text = (name or "").partition("(")[0].partition("<")[0].replace("::", ".").strip()
    last = text.rpartition(".")[2].rpartition(" ")[2]
    return last if last.isidentifier() else ""


def _ends(line: str) -> bool:
    """Whether a line that is not a frame ends the stack trace.

    Indented lines, which may be the code of a frame, and calls, which precede a frame in Go, do not end it.
    """
    call = line.endswith(")") and "(" in line
    return bool(line.strip()) and not line[0].isspace() and not call and not line.startswith(("-->", "|"))


def _deep(trace: list[Frame], deepest_last: bool) -> list[Frame]:
    ordered = trace[::-1] if deepest_last else trace
    return [replace(frame, depth=depth) for depth, frame in enumerate(ordered)]
