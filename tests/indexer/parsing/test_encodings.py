"""In which encoding a file is: by its mark, by what it declares, by its bytes."""

from __future__ import annotations

import codecs
import itertools
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.fragment import SourceFile
from indexer.parsing.encodings import _USED, identify, text_of
from indexer.parsing.source import Source, read

CHINESE, JAPANESE, RUSSIAN = "检查 = '价格'", "検査 = 'テスト'", "проверка = 'цена'"


def source(folder: Path, data: bytes, path: str = "x.py", encoding: str = "") -> Source:
    place = folder / path
    place.write_bytes(data)
    found = read(SourceFile(path, place, len(data), 0, encoding=encoding))
    assert isinstance(found, Source), found
    return found


@pytest.mark.parametrize(
    ("declared", "used", "text"),
    [
        ("gbk", "gb18030", CHINESE),
        ("gb2312", "gb18030", CHINESE),
        ("GB18030", "gb18030", CHINESE + "😀"),
        ("big5", "cp950", "檢查 = '價格'"),
        ("shift_jis", "cp932", JAPANESE),
        ("Shift-JIS", "cp932", JAPANESE + "ｱ"),
        ("cp932", "cp932", JAPANESE + "①"),
        ("euc-jp", "euc_jp", JAPANESE),
        ("euc-kr", "cp949", "검사 = '가격'"),
        ("koi8-r", "koi8_r", RUSSIAN),
        ("cp1251", "cp1251", RUSSIAN),
        ("iso-8859-5", "iso8859_5", RUSSIAN),
        ("iso-8859-15", "iso8859_15", "größe = '€'"),
        ("latin-1", "latin-1", "größe = 'é'"),
        ("iso8859-1-unix", "latin-1", "größe = 'é'"),
    ],
)
def test_what_a_cookie_declares(tmp_path: Path, declared: str, used: str, text: str) -> None:
    """PEP 263, in the first line or in the second behind a comment, as Emacs and Vim write it, and others."""
    codec = declared.removesuffix("-unix")
    for first in (
        f"# -*- coding: {declared} -*-\n",
        f"#!/usr/bin/python\n# vim: set fileencoding={declared} :\n",
        f"# encoding: {declared}\r\n",
        f"// -*- mode: c++; coding: {declared}; -*-\n",
        f"/* vim: fenc={declared} */\n",
        f"<?xml version='1.0' encoding='{declared}'?>\n",
        f'<!DOCTYPE html>\n<html><head><meta charset="{declared}">\n',
        f'<html>\n<meta http-equiv="Content-Type" content="text/html; charset={declared}">\n',
        f'@charset "{declared}";\n',
        f'" Vim\n\n" Maintainer: A\nscriptencoding {declared}\n',
        f'#\n#\n#\nmsgid ""\n"Content-Type: text/plain; charset={declared}\\n"\n',
    ):
        data = (first + text + "\nend\n").encode(codec)
        found = source(tmp_path, data)
        assert (found.encoding, found.text.decode(), found.data) == (used, first + text + "\nend\n", data)
        start = found.text.index(b"end")
        span = found.span(start, start + 3, 1, 1)
        assert data[span.start_byte : span.end_byte] == b"end"


@pytest.mark.parametrize(
    "name",
    ["rot13", "zlib", "hex", "idna", "punycode", "unicode_escape", "raw_unicode_escape", "utf-7", "undefined",
     "base64", "bz2", "uu", "mbcs", "cp037", "hz", "iso2022_jp", "utf-16", "utf_32_le", "klingon", "../x",
     "x" * 5_000, "os", "utf-8", "ascii"],
)  # fmt: skip
def test_a_cookie_that_is_not_believed(tmp_path: Path, name: str) -> None:
    """No text encoding, none in which ASCII is ASCII, none at all: as without it, and nothing is imported."""
    text = f"# coding: {name}\n检查 = '+AGE- =41'\n"
    assert source(tmp_path, text.encode()).text == text.encode()
    western = f"# coding: {name}\nname = 'é'\n"
    assert source(tmp_path, western.encode("latin-1")).text == western.encode()


def test_where_no_cookie_is(tmp_path: Path) -> None:
    """In code, in the third line, or in a second one behind code, nothing is declared."""
    for lead in ("x = 'coding: koi8-r'\n", "#\n#\n# coding: koi8-r\n", "import x\n# coding: koi8-r\n"):
        assert source(tmp_path, (lead + "'é'\n").encode("latin-1")).encoding == "latin-1"


def test_a_wrong_cookie(tmp_path: Path) -> None:
    """The file is what its bytes are: UTF-8 with several characters is no accident in any other encoding."""
    for declared in ("gbk", "latin-1", "koi8-r", "shift_jis", "ascii"):
        text = f"# coding: {declared}\n{CHINESE}\n"
        assert source(tmp_path, text.encode()).text.decode() == text
    assert source(tmp_path, b"# coding: gbk\n# Ren\xe9\n").text.decode() == "# coding: gbk\n# René\n"
    mixed = b"# coding: gbk\n" + (CHINESE * 9).encode("gbk") + b"\xff\n"
    assert source(tmp_path, mixed).text.decode() == f"# coding: gbk\n{CHINESE * 9}\ufffd\n"


def test_a_few_wrong_bytes_in_utf_8(tmp_path: Path) -> None:
    """Names stay as they are; each wrong byte is one U+FFFD, and what follows keeps its place on disk."""
    data = (
        "def größe_prüfen(检查):\n".encode()
        + b"    return 'caf\xe9 \xe6\xa3'\n"
        + "# ende, größer\n".encode()
    )
    found = source(tmp_path, data)
    assert found.encoding == "utf-8"
    assert (
        found.text.decode()
        == "def größe_prüfen(检查):\n    return 'caf\ufffd \ufffd\ufffd'\n# ende, größer\n"
    )
    assert found.data == data
    for word in ("größe_prüfen", "检查", "# ende", "größer"):
        start = found.text.index(word.encode())
        span = found.span(start, start + len(word.encode()), 1, 1)
        assert data[span.start_byte : span.end_byte].decode() == word
        assert found.slice(span) == word
    assert found.slice(found.span(0, len(found.text), 1, 3)) == found.text.decode()


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        ("# Ein Kommentar über Größe\nx = 'naïve'\n", "latin-1"),
        ("# „Anführung“ – und €\n", "cp1252"),
        ("# René\n", "latin-1"),
    ],
)
def test_western_text_without_a_word(tmp_path: Path, text: str, codec: str) -> None:
    """What has hardly a character in UTF-8 is Windows-1252, or Latin-1."""
    found = source(tmp_path, text.encode(codec))
    assert (found.encoding, found.text.decode()) == (codec, text)


def test_what_is_told_of_a_file(tmp_path: Path) -> None:
    """`working-tree-encoding`: also UTF-16 without a mark; a mark in the file counts more."""
    text = f"{CHINESE}\n"
    assert source(tmp_path, text.encode("utf-16-le"), encoding="UTF-16LE").text.decode() == text
    assert source(tmp_path, text.encode("utf-16-be"), encoding="UTF-16BE").text.decode() == text
    assert source(tmp_path, text.encode("utf-16"), encoding="UTF-16").text.decode() == text
    assert source(tmp_path, text.encode("gbk"), encoding="GBK").text.decode() == text
    assert source(tmp_path, codecs.BOM_UTF8 + text.encode(), encoding="gbk").text.decode() == text
    assert source(tmp_path, text.encode(), encoding="klingon").text.decode() == text


LETTERS = st.text(st.sampled_from("ab \n检ЖéßアｱｶÜ검檢─“€\u3000"), max_size=40)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted({*_USED.values()} - {"utf-8"}))
@given(text=LETTERS, wrong=st.lists(st.tuples(st.integers(0, 39), st.integers(128, 255)), max_size=3))
@settings(max_examples=25, deadline=None)
def test_places_in_every_encoding(
    name: str, text: str, wrong: list[tuple[int, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whatever the encoding, and with wrong bytes: what is between two places is the same on disk."""
    body = bytearray(f"# coding: {name}\n{text}\n".encode(name, "replace") * 200)
    for place, byte in wrong:
        body.insert(min(len(body), place * 97), byte)
    found = source(tmp_path_factory.getbasetemp(), bytes(body))
    shown = found.text.decode()
    places = [0, *(n for n, letter in enumerate(shown) if letter == "\n"), len(shown)]
    for first, last in itertools.pairwise(places):
        start, end = len(shown[:first].encode()), len(shown[:last].encode())
        assert found.slice(found.span(start, end, 1, 1)) == shown[first:last]
    assert found._offset(len(found.text)) == len(body)


@given(data=st.binary(max_size=300), name=st.sampled_from(sorted({*_USED, "utf_16_le", "x"})))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_text(data: bytes, name: str) -> None:
    """No bytes and no declaration make decoding fail."""
    for content in (data, b"# coding: " + name.encode() + b"\n" + data):
        encoding, mark = identify(content, name)
        assert encoding
        assert mark <= 4
        text_of(content, name).encode()
