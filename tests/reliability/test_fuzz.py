"""Any bytes as a file, and any bytes as a manifest: a result or one of our errors, never a crash."""

from __future__ import annotations

import functools
import os
import tempfile
from itertools import pairwise
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from indexer import represent
from indexer.bundle import Bundle, pack
from indexer.errors import StoreError
from indexer.fragment import Skipped, SourceFile
from indexer.grammars import LANGUAGES
from indexer.manifest import Entry, Manifest
from indexer.source import read

EXAMPLES = 100_000 if os.environ.get("CORNEA_SOAK") else 100
ENDINGS = sorted({language.extensions.split()[0] for language in LANGUAGES if language.extensions})
PIECES = (
    *(
        "def f(",
        "):",
        "class A",
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        "<",
        ">",
        "'",
        '"',
        '"""',
        "/*",
        "*/",
        "//",
        "#",
    ),
    *(
        "\n",
        "\r\n",
        "    ",
        "\t",
        "fn ",
        "func ",
        "function ",
        "=>",
        "end",
        "begin",
        ";",
        ",",
        "\0",
        "\x1b[2J",
    ),
    *("@decorated", "return x", "template<", "#if 0\n", "#endif\n", "<<EOF\n", "EOF\n", "do |x|", "\ufeff"),
)
CODE = st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=60).map("".join).map(str.encode)
TEXT = CODE | st.binary(max_size=300) | CODE.map(lambda code: code.replace(b"\n", b"\r"))
USUAL = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@USUAL
@given(content=TEXT, ending=st.sampled_from(ENDINGS))
@example(content=b"", ending="py")
@example(content=b"\xff\xfea\x00", ending="py")
@example(content=b"\xef\xbb\xbfdef f():\r\n  pass", ending="py")
@example(content=b"(" * 3_000, ending="js")
def test_any_bytes_are_a_file(tmp_path: Path, content: bytes, ending: str) -> None:
    """Every line that is not blank is in a fragment, in order, and all survives being packed."""
    place = tmp_path / f"a.{ending}"
    place.write_bytes(content)
    source = read(SourceFile(place.name, place, len(content), 0))
    if isinstance(source, Skipped):
        assert source.reason
        return
    language = next(one.name for one in LANGUAGES if ending in one.extensions.split())
    found = represent.fragments(source, "r", language)
    spans = [(f.span.start_byte, f.span.end_byte) for f in found]
    assert all(a < b for a, b in spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    assert all(source.slice(f.span) == f.text for f in found)
    kept = "".join(f.text for f in found).split()
    assert kept == source.text.decode().split()
    points = represent.points(source, "r", language, found, None)
    texts = {f.span.start_byte: f.text for f in found}
    again = Bundle(pack(points), "r", place.name, lambda row: texts[row["start_byte"]])
    assert [(p.id, p.payload) for p in again] == [(p.id, p.payload) for p in points]


@functools.cache
def whole() -> bytes:
    """A manifest as it lies on disk."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "m"
        manifest = Manifest(place)
        manifest.record(list(ROWS.values()))
        manifest.close()
        return place.read_bytes()


HARM = st.lists(st.tuples(st.integers(0, 40_000), st.binary(min_size=1, max_size=64)), min_size=1, max_size=4)


@USUAL
@given(harm=HARM)
@example(harm=[(0, b"SQLite format 3\0" + b"\xff" * 48)])
def test_any_damage_to_a_manifest_is_found_or_harmless(tmp_path: Path, harm: list[tuple[int, bytes]]) -> None:
    """Either it says so, or every row that it still tells is as it was written."""
    content = bytearray(whole())
    for at, piece in harm:
        start = at % len(content)
        content[start : start + len(piece)] = piece
    place = tmp_path / "m"
    for leftover in ("", "-wal", "-shm"):
        (tmp_path / f"m{leftover}").unlink(missing_ok=True)
    place.write_bytes(content[: len(whole())])
    try:
        manifest = Manifest(place)
    except StoreError:
        return
    try:
        rows = manifest.entries()
        assert all(row == ROWS[path] for path, row in rows.items())
        assert manifest.points() >= 0
        assert set(dict(manifest.skipped())) <= set(rows)
    except StoreError:
        return
    finally:
        manifest.close()


ROWS = {
    f"src/f{n}.py": Entry(f"src/f{n}.py", n, 10**18 + n, 10**18 + 2 * n, f"{n:040x}", "python", n, n // 2)
    for n in range(150)
}
