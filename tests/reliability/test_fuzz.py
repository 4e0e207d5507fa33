"""Any bytes as a file, any text as an issue, any damage to a manifest: a result or one of our errors."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import strategies as st

from indexer.analysis import fragment_points
from indexer.analysis.packed_points import PackedPoints, pack
from indexer.errors import StoreError, UsageError
from indexer.fragment import Entry, Skipped, SourceFile
from indexer.index.manifest import Manifest
from indexer.parsing.languages import LANGUAGES
from indexer.parsing.source import read
from retrieval.localization.issue import PARTS, parse_issue

from .fuzzing import FULL, fuzzed

ENDINGS = sorted({language.extensions[0] for language in LANGUAGES if language.extensions})
# fmt: off
PIECES = (
    "def f(", "):", "class A", "{", "}", "(", ")", "[", "]", "<", ">", "'", '"', '"""', "/*", "*/", "//", "#",
    "\n", "\r\n", "    ", "\t", "fn ", "func ", "function ", "=>", "end", "begin", ";", ",", "\0", "\x1b[2J",
    "@decorated", "return x", "template<", "#if 0\n", "#endif\n", "<<EOF\n", "EOF\n", "do |x|", "\ufeff",
)
MARKS = (
    "# ", "## Steps\n", "```", "```py\n", "~~~\n", "`", "``", "<!--", "-->", "<details>", "</details>",
    "- [x] ", "> ", "    ", "\t", "\n", "\n\n", "\r\n",  "![", "](", "@user", "'", '"', ".", ":", "(",
    "Traceback (most recent call last):\n", '  File "a/b.py", line 3, in f\n', "ValueError: 'no such key'",
    "goroutine 1 [running]:\n", "main.f(0x1)\n", "\t/a/b.go:12 +0x1d\n", "    at f (/a/b.js:1:2)\n",
    "at a.b.C.d(C.java:7)\n", "a.rb:3:in `f'\n", "thread 'main' panicked at src/a.rs:1:2\n", "E   ",
    "from a.b import C\n", "import a.b\n", "Foo.bar()", "foo_bar", "src/a.py:12", "C:\\a\\b.py",
    "https://x.y/z#L1-L2", "[a](b)", "panic: x", "\0", "\x1b[2J", "\u202e", "\ud800", "\ufeff",
)
# fmt: on
CODE = st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=60).map("".join).map(str.encode)
TEXT = CODE | st.binary(max_size=300) | CODE.map(lambda code: code.replace(b"\n", b"\r"))
ISSUE = st.lists(
    st.sampled_from(MARKS)
    | st.text(max_size=12)
    # Of the same thing again and again an expression may make work that grows with its square.
    | st.tuples(st.sampled_from(MARKS) | st.text(max_size=3), st.integers(1, 400)).map(
        lambda one: one[0] * one[1]
    ),
    max_size=40,
).map("".join)
ISSUE_SECONDS = 5.0
"""Of CPU, for some thousand characters: a hundred times what the worst of them takes."""


@pytest.fixture
def fuzz(scale: Callable[[int, int], int], measured: Callable[[str], object]) -> Callable[..., None]:
    """Tries a check with seeds and with any input, and says how often."""
    return lambda check, inputs, *seeds: measured(fuzzed(check, inputs, seeds, scale(100, FULL)))


def test_any_bytes_are_a_file(tmp_path: Path, fuzz: Callable[..., None]) -> None:
    """Every line that is not blank is in a fragment, in order, and all survives being packed."""
    fuzz(
        lambda file: check_file(tmp_path, *file),
        st.tuples(TEXT, st.sampled_from(ENDINGS)),
        (b"", "py"),
        (b"\xff\xfea\x00", "py"),
        (b"\xef\xbb\xbfdef f():\r\n  pass", "py"),
        (b"(" * 3_000, "js"),
        # A scanner that reads beyond its table: of so many it dies surely, wherever that lies in memory.
        ("".join(f"{{{chr(0x10FFFF - 4_096 * n)}\n" for n in range(200)).encode(), "sh"),
    )


def check_file(folder: Path, content: bytes, ending: str) -> None:
    place = folder / f"a.{ending}"  # the newest of these is to blame where the process dies
    place.write_bytes(content)
    source = read(SourceFile(place.name, place, len(content), 0))
    if isinstance(source, Skipped):
        assert source.reason
        return
    language = next(one.name for one in LANGUAGES if ending in one.extensions)
    found = fragment_points.fragments(source, "r", language)
    spans = [(f.span.start_byte, f.span.end_byte) for f in found]
    assert all(a < b for a, b in spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    assert all(source.slice(f.span) == f.text for f in found)
    kept = "".join(f.text for f in found).split()
    assert kept == source.text.decode().split()
    points = fragment_points.points(source, "r", language, found, None)
    texts = {f.span.start_byte: f.text for f in found}
    again = PackedPoints(pack(points), "r", place.name, lambda row: texts[row["start_byte"]])
    assert [(p.id, p.payload) for p in again] == [(p.id, p.payload) for p in points]


def test_any_text_is_an_issue(fuzz: Callable[..., None]) -> None:
    """It is read soon, or refused for having no words; what it is taken for can be counted on."""
    fuzz(check_issue, ISSUE, "", "\0", "<!--", "```", "# ", "<details>" * 400, '"' * 4_000 + "Error: x")


def check_issue(text: str) -> None:
    started = time.process_time()
    try:
        issue = parse_issue(text)
    except UsageError:
        return
    finally:
        assert time.process_time() - started < ISSUE_SECONDS
    assert set(issue.parts) == set(PARTS) == set(issue.terms)
    assert issue.sentences
    assert all(weight >= 1 for terms in issue.terms.values() for weight in terms.values())
    assert all(frame.line >= 0 and frame.depth >= 0 for frame in issue.frames)
    assert all(issue.mentions.counts[name] > 0 for name in issue.mentions.kinds)


def whole() -> bytes:
    """A manifest as it lies on disk."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "m"
        manifest = Manifest(place)
        manifest.record(list(ROWS.values()))
        manifest.close()
        return place.read_bytes()


HARM = st.lists(st.tuples(st.integers(0, 40_000), st.binary(min_size=1, max_size=64)), min_size=1, max_size=4)
Harm = list[tuple[int, bytes]]


def test_any_damage_to_a_manifest_is_found_or_harmless(tmp_path: Path, fuzz: Callable[..., None]) -> None:
    """Either it says so, or every row that it still tells is as it was written."""
    content = whole()
    fuzz(
        lambda harm: check_manifest(tmp_path, content, harm),
        HARM,
        [(0, b"SQLite format 3\0" + b"\xff" * 48)],
    )


def check_manifest(folder: Path, right: bytes, harm: Harm) -> None:
    content = bytearray(right)
    for at, piece in harm:
        start = at % len(content)
        content[start : start + len(piece)] = piece
    place = folder / "m"
    for leftover in ("", "-wal", "-shm"):
        (folder / f"m{leftover}").unlink(missing_ok=True)
    place.write_bytes(content[: len(right)])
    try:
        manifest = Manifest(place)
    except StoreError:
        return
    try:
        rows = manifest.entries()
        assert all(row == ROWS[path] for path, row in rows.items())
        assert manifest.points() >= 0
        assert {one.path for one in manifest.skipped()} <= set(rows)
    except StoreError:
        return
    finally:
        manifest.close()


ROWS = {
    f"src/f{n}.py": Entry(f"src/f{n}.py", n, 10**18 + n, 10**18 + 2 * n, f"{n:040x}", "python", n, n // 2)
    for n in range(150)
}
