"""Reading one file: every encoding keeps its places, and what is not code is refused with a reason."""

from __future__ import annotations

import codecs
import hashlib
import os
import re
import socket
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.fragment import Skipped, SourceFile, Span
from indexer.parsing.source import Source, digest_of, read
from indexer.skip_reason import SkipKind, SkipReason
from tests import unprivileged

BOMS = {"utf-8-sig": b"", "utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}


def file_at(place: Path, path: str = "x.py") -> SourceFile:
    status = place.lstat()
    return SourceFile(path, place, status.st_size, status.st_mtime_ns)


def reading(folder: Path, data: bytes, path: str = "x.py", **options: int) -> Source | Skipped:
    place = folder / path
    place.write_bytes(data)
    return read(file_at(place, path), **options)


def source(folder: Path, data: bytes, path: str = "x.py") -> Source:
    found = reading(folder, data, path)
    assert isinstance(found, Source), found
    return found


def refused(folder: Path, data: bytes, path: str = "x.py", **options: int) -> str:
    found = reading(folder, data, path, **options)
    assert isinstance(found, Skipped), found
    assert found.path == path
    return found.reason


def test_an_ordinary_file(tmp_path: Path) -> None:
    """UTF-8 passes through as it is, with the digest, size and time of this very content."""
    found = source(tmp_path, "é = 1\r\nx\n".encode())
    assert found.data == found.text == b"\xc3\xa9 = 1\r\nx\n"
    assert (found.encoding, found.lines, found.size) == ("utf-8", 3, 10)
    assert found.mtime_ns == (tmp_path / "x.py").stat().st_mtime_ns
    assert found.digest == digest_of(found.file) == hashlib.sha1(b"blob 10\0" + found.data).hexdigest()
    assert found.span(2, 5, 1, 1) == Span(2, 5, 1, 1)


def test_an_empty_file_is_a_source(tmp_path: Path) -> None:
    """Nothing in it, but nothing wrong with it."""
    found = source(tmp_path, b"")
    assert (found.text, found.lines, found.slice(found.span(0, 0, 1, 1))) == (b"", 1, "")


@pytest.mark.parametrize(
    ("data", "encoding", "text"),
    [
        (codecs.BOM_UTF8 + "é".encode(), "utf-8", "é"),
        (codecs.BOM_UTF8, "utf-8", ""),
        (codecs.BOM_UTF16_LE + "é😀\n".encode("utf-16-le"), "utf-16-le", "é😀\n"),
        (codecs.BOM_UTF16_BE + "é😀\n".encode("utf-16-be"), "utf-16-be", "é😀\n"),
        (codecs.BOM_UTF16_LE + "ab\n".encode("utf-16-le") + b"x", "utf-16-le", "ab\n"),
        (codecs.BOM_UTF16_LE + b"a\0\x00\xd8b\0c\0", "utf-16-le", "a\ufffdbc"),
        ("naïve".encode("latin-1"), "latin-1", "naïve"),
        ("“naïve”".encode("cp1252"), "cp1252", "“naïve”"),
        (b"na\xefve \x81\x93", "latin-1", "naïve \x81\x93"),
        ("é".encode() + b"\xff", "utf-8", "é\ufffd"),
        (codecs.BOM_UTF8 + b"a\xff\xfe", "utf-8", "a\ufffd\ufffd"),
        (codecs.BOM_UTF32_LE + "é😀\n".encode("utf-32-le"), "utf-32-le", "é😀\n"),
        (codecs.BOM_UTF32_BE + "é😀\n".encode("utf-32-be") + b"x", "utf-32-be", "é😀\n"),
    ],
)
def test_decoding(tmp_path: Path, data: bytes, encoding: str, text: str) -> None:
    """A byte order mark decides; a few wrong bytes in UTF-8 are replaced; what is not UTF-8 is Western."""
    found = source(tmp_path, data)
    assert (found.encoding, found.text.decode(), found.data) == (encoding, text, data)
    assert found.slice(found.span(0, len(found.text), 1, found.lines)) == text


TEXT = st.text(st.sampled_from("ab \r\n\tλé漢😀\u2028\x85"), max_size=60)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16-le", "utf-16-be", "latin-1"])
@given(body=TEXT, factor=st.sampled_from([1, 7, 400]), places=st.tuples(st.integers(0), st.integers(0)))
@settings(max_examples=60, deadline=None)
def test_a_span_on_disk_holds_the_same_text(
    encoding: str, body: str, factor: int, places: tuple[int, int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """For any text and any two places in it: what is between them on disk is the text between them."""
    if encoding == "latin-1":
        body = "a\xff" + body.replace("\x85", "").encode("latin-1", "replace").decode("latin-1")
    text = body * factor
    folder = tmp_path_factory.getbasetemp()
    found = source(folder, BOMS.get(encoding, b"") + text.encode(encoding))
    plain = encoding.removesuffix("-sig")
    assert found.encoding == plain
    assert found.text.decode() == re.sub(r"\r(?!\n)", "\n", text)
    first, last = sorted(place % (len(text) + 1) for place in places)
    start, end = len(text[:first].encode()), len(text[:last].encode())
    span = found.span(start, end, 1, 1)
    said = text[first:last]
    assert found.slice(span) == (re.sub(r"\r(?!\n)", "\n", said) if found.lone_returns else said)
    assert found.data[span.start_byte : span.end_byte] == text[first:last].encode(plain)


def test_a_place_inside_a_character(tmp_path: Path) -> None:
    """Counts as the place before the character, whatever the encoding."""
    found = source(tmp_path, BOMS["utf-16-le"] + "aé漢b".encode("utf-16-le"))
    inside = [found.span(place, place, 1, 1).start_byte for place in range(len(found.text) + 1)]
    assert inside == [2, 4, 4, 6, 6, 6, 8, 10]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16-le", "latin-1"])
def test_every_line_end_counts(tmp_path: Path, encoding: str) -> None:
    """CR alone ends a line as LF and CRLF do; the text has LF for it, and every place is where it was."""
    written = "a = 'ü'\rb = 2\r\rc = 'é'\r\nd = 4\ne = 5\r\r\nf"
    found = source(tmp_path, BOMS.get(encoding, b"") + written.encode(encoding))
    assert found.text.decode() == "a = 'ü'\nb = 2\n\nc = 'é'\r\nd = 4\ne = 5\n\r\nf"
    plain = encoding.removesuffix("-sig")
    assert (found.lines, found.encoding, found.as_written()) == (8, plain, written)
    for word in ("b = 2", "d = 4", "f"):
        start = found.text.index(word.encode())
        span = found.span(start, start + len(word), 1, 1)
        assert found.data[span.start_byte : span.end_byte] == word.encode(plain)
    assert found.slice(found.span(0, len(found.text), 1, 8)) == found.text.decode()


def test_crlf_stays_as_it_is(tmp_path: Path) -> None:
    """Also in a piece that ends between its two bytes."""
    found = source(tmp_path, b"a\r\nb\r\n")
    assert (found.text, found.lines, found.lone_returns) == (b"a\r\nb\r\n", 3, False)
    assert found.slice(found.span(0, 2, 1, 1)) == "a\r"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "latin-1"])
def test_secrets_in_lines_that_end_in_cr(tmp_path: Path, encoding: str) -> None:
    """They are told with their lines, and covered in the file's own line ends."""
    secret = "xK9mPq2vRt7wYz4b" * 2
    written = f"# größe\rpassword = '{secret}'\rlast = 'é'\r\n"
    found = source(tmp_path, BOMS.get(encoding, b"") + written.encode(encoding))
    assert list(found.redacted.values()) == [[2]]
    assert found.as_written() == written.replace(secret, "*" * len(secret))
    start = found.text.index(b"last")
    assert found.slice(found.span(start, len(found.text), 3, 3)) == "last = 'é'\r\n"


def test_many_spans_of_a_large_file_in_utf_16_are_quick(tmp_path: Path) -> None:
    """Each conversion looks at a few kilobytes, wherever it is in the file."""
    text = "x = '漢😀'\n" * 40_000
    place = tmp_path / "x.py"
    place.write_bytes(codecs.BOM_UTF16_LE + text.encode("utf-16-le"))
    found = read(file_at(place), 10_000_000)
    assert isinstance(found, Source)
    line = len("x = '漢😀'\n".encode())
    for index in range(0, 40_000, 10):
        span = found.span(index * line, index * line + 5, index + 1, index + 1)
        assert found.slice(span) == "x = '"


def test_a_language_whose_files_are_not_minified(tmp_path: Path) -> None:
    """Long lines in them are written by people, or data."""
    assert isinstance(reading(tmp_path, b"x" * 5000, "x.tsx"), Source)


@pytest.mark.parametrize(
    ("data", "path", "reason"),
    [
        (b"abc\0def", "x.py", "binary"),
        (bytes(range(1, 9)) * 50 + b"a" * 400, "x", "binary"),
        (codecs.BOM_UTF16_LE + b"\x01\0" * 100, "x.py", "binary"),
        (b"\xff\xfe\0\0\0\0\0\0", "x.py", "binary"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n", "x.bin", "Git LFS pointer"),
        (b"x" * 5000, "x.js", "minified"),
        (b"a{b:c}" * 5000 + b"\n", "x.CSS", "minified"),
        (
            b"// Code generated by x. DO NOT EDIT.\npackage x\n",
            "x.go",
            "generated: // Code generated by x. DO NOT EDIT.",
        ),
        (
            b"/*\n" + b" * licence\n" * 15 + b" */\n\n// Code generated by x. DO NOT EDIT.\r\n",
            "x.go",
            "generated: ",
        ),
        (
            b"# Generated by the protocol buffer compiler.  DO NOT EDIT!\n",
            "x.py",
            "generated: # Generated by",
        ),
        (b"/**\n * @generated SignedSource<<x>>\n */\n", "x.js", "generated: * @generated"),
        (b"<?php\n\n// This file was automatically generated by x\n", "x.php", "generated: "),
        (b"# This file is auto-generated from the database\n", "x.rb", "generated: "),
        (b"# This code was auto generated\n", "x.rb", "generated: "),
    ],
)
def test_what_is_not_code_somebody_wrote(tmp_path: Path, data: bytes, path: str, reason: str) -> None:
    """Binary, generated and minified content is told by what is in it, whatever the name says."""
    assert refused(tmp_path, data, path).startswith(reason)


@pytest.mark.parametrize(
    ("data", "path"),
    [
        (b"\x1b[31mred\x1b[0m\f\tx\n", "x.py"),
        (b'MARK = "@generated"\n', "x.py"),
        (b"import x\n\n\n\n\n\n# a line about @generated files\n", "x.py"),
        (b'const head = "Code generated by x. DO NOT EDIT."\n', "x.go"),
        (b"def generate():\n    # the file is generated here\n", "x.py"),
        (b"x" * 5000, "x.txt"),
        (b"x" * 1000, "x.js"),
        (b"const a = 1;\n" * 1000, "x.js"),
        ("п = 1\n".encode() * 100, "x.py"),
        ("п = 1\n".encode("koi8-r") * 100, "x.py"),
    ],
)
def test_what_only_looks_like_it_is_kept(tmp_path: Path, data: bytes, path: str) -> None:
    """Colours, a word in a string, a long line of prose, other scripts: people write all of this."""
    assert source(tmp_path, data, path).data == data


def test_our_own_sources_are_not_taken_for_generated() -> None:
    """The module that knows these marks is itself written by people."""
    for place in Path(__file__).parents[3].glob("indexer/**/*.py"):
        assert isinstance(read(file_at(place)), Source), place


def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    """The limit counts for what is really there now, not for what the walk saw."""
    assert refused(tmp_path, b"x" * 101, max_bytes=100) == "larger than 100 bytes (101 bytes)"
    place = tmp_path / "grown.py"
    place.write_bytes(b"x")
    seen = file_at(place)
    place.write_bytes(b"x" * 2_000_000)
    assert read(seen) == Skipped("x.py", SkipReason(SkipKind.LARGE, "1 MB (2,000,000 bytes)"))
    assert digest_of(seen) == ""


def test_an_endless_file_is_read_up_to_the_limit() -> None:
    """Files of /proc say that they are empty and go on and on."""
    place = Path("/proc/self/pagemap")
    if not place.exists():
        pytest.skip("needs Linux")
    assert isinstance(read(SourceFile("x", place, 0, 0), 1000), Skipped)


def test_what_became_something_else_is_not_waited_for(tmp_path: Path) -> None:
    """Between walk and read a file may turn into a pipe, a link, a folder, a socket, or nothing."""
    (tmp_path / "real.py").write_text("x")
    (tmp_path / "link").symlink_to("real.py")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    with socket.socket(socket.AF_UNIX) as listener:
        here = Path.cwd()
        os.chdir(tmp_path)  # the address of a socket is short
        try:
            listener.bind("socket")
        finally:
            os.chdir(here)
        expected = dict.fromkeys(("pipe", "folder", "socket"), SkipKind.NOT_REGULAR)
        expected |= {"link": SkipKind.SYMLINK, "gone": SkipKind.VANISHED, "real.py/x": SkipKind.VANISHED}
        for name, reason in expected.items():
            seen = SourceFile(name, tmp_path / name, 1, 0)
            assert read(seen) == Skipped(name, SkipReason(reason))
            assert digest_of(seen) == ""


def test_no_handles_are_left_open(tmp_path: Path) -> None:
    """A repository full of odd files must not use up what a process may open."""
    if not Path("/proc/self/fd").exists():
        pytest.skip("needs Linux")
    (tmp_path / "folder").mkdir()
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(20):
        read(SourceFile("x", tmp_path / "folder", 1, 0))
        source(tmp_path, b"x")
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_file_that_may_not_be_read() -> None:
    """Another user's secrets are a reason, not an error."""
    with unprivileged.folder() as place:
        (place / "x.py").write_text("secret")
        (place / "x.py").chmod(0)
        seen = unprivileged.run(
            "print(read(SourceFile('x.py', Path(sys.argv[1]), 6, 0)).reason)",
            place / "x.py",
            before="import sys; from pathlib import Path\n"
            "from indexer.fragment import SourceFile; from indexer.parsing.source import read",
        )
    assert seen == "unreadable: Permission denied\n"
