"""Secrets in files: encodings, wrong bytes, and files that are left out because of their secrets."""

from __future__ import annotations

import codecs
from pathlib import Path
from random import Random

import pytest

from indexer.fragment import Skipped, SourceFile
from indexer.parsing.secrets import is_redacted
from indexer.parsing.source import Source, read
from indexer.skip_reason import SkipKind, SkipReason
from indexer.walk.skip_rules import reason_by_name
from research.benchmarks.secret_kinds import made

VALUE = made("{A32}", Random(5))


def read_back(folder: Path, data: bytes, name: str = "settings.py") -> Source | Skipped:
    place = folder / name
    place.write_bytes(data)
    return read(SourceFile(name, place, len(data), 0))


@pytest.mark.parametrize(
    ("encoding", "letters"),
    [
        *((name, "üéß") for name in ("utf-8", "utf-8-sig", "utf-16-le", "utf-16-be", "utf-32-le", "latin-1")),
        *(("gbk", "检查é"), ("gb18030", "检😀é"), ("cp932", "検ｱж"), ("euc_jp", "検ｱж"), ("big5", "檢查")),
        *(("euc_kr", "검사"), ("koi8_r", "жё─"), ("cp1251", "жё"), ("cp1252", "“é”")),
    ],
)
def test_every_encoding_keeps_its_places(tmp_path: Path, encoding: str, letters: str) -> None:
    """What follows a secret with letters of several bytes is read where it is on disk."""
    text = f'# coding: {encoding}, {letters}\npassword = "g{letters}n{VALUE}{letters}"\nlast = "{letters}"\n'
    boms = {"utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}
    data = (boms | {"utf-32-le": codecs.BOM_UTF32_LE}).get(encoding, b"") + text.encode(encoding)
    source = read_back(tmp_path, data)
    assert isinstance(source, Source)
    assert (
        VALUE not in source.text.decode() and VALUE.encode(encoding.removesuffix("-sig")) not in source.data
    )
    assert dict(source.redacted) == {"password": [2]}
    assert (len(source.data), source.size) == (len(data), len(data))
    start = source.text.index(b"last")
    last = f'last = "{letters}"'
    span = source.span(start, start + len(last.encode()), 3, 3)
    assert source.slice(span) == last


def test_wrong_bytes_keep_their_places(tmp_path: Path) -> None:
    """Also those in a secret, and what follows them."""
    data = b'# gr\xc3\xb6\xff\npassword = "gr\xfe\xc3\xbc' + VALUE.encode() + b'"\nlast = "\xfd\xc3\xa9"\n'
    source = read_back(tmp_path, data)
    assert isinstance(source, Source)
    assert (VALUE.encode() in source.text, VALUE.encode() in source.data) == (False, False)
    assert len(source.data) == len(data)
    start = source.text.index(b"last")
    assert source.slice(source.span(start, len(source.text) - 1, 3, 3)) == 'last = "\ufffdé"'


def test_a_key_alone_is_left_out(tmp_path: Path) -> None:
    """By its content, whatever its name; a certificate is not."""
    key = f"-----BEGIN EC PRIVATE KEY-----\n{VALUE}\n-----END EC PRIVATE KEY-----\n"
    assert read_back(tmp_path, key.encode(), "server.txt") == Skipped(
        "server.txt", SkipReason(SkipKind.KEY, "a private key")
    )
    assert isinstance(
        read_back(tmp_path, key.replace("PRIVATE KEY", "CERTIFICATE").encode(), "a.pem"), Source
    )


@pytest.mark.parametrize(
    ("name", "held"),
    [
        (".env", True), (".env.production", True), ("prod.env", True), (".env.example", False),
        (".env.sample", False),
        ("id_rsa", True), ("id_ed25519.pub", False), (".netrc", True), (".npmrc", True), (".pypirc", True),
        ("secrets.yml", True), ("vault.kdbx", True), ("store.p12", True), ("environment.py", False),
        ("secrets.py", False), ("credentials.py", False), ("client_secret_1.json", True), ("env.ts", False),
    ],
)  # fmt: skip
def test_files_that_hold_secrets_by_name(name: str, held: bool) -> None:
    """With a reason that says so; examples and code of such a name are indexed."""
    assert bool(reason_by_name(name.encode())) == held


def test_redacted_lines_are_told_from_frames() -> None:
    """So that a suggestion ends before them."""
    assert is_redacted('password = "********"')
    assert is_redacted("PASSWORD=****************")
    assert not is_redacted("/****************")
    assert not is_redacted(" * text *")
    assert not is_redacted("# ********* #")
