"""Text that comes as bytes: what its mark says, and what is no text."""

from __future__ import annotations

import pytest

from indexer.decoding import decode_replacing, decoded
from indexer.errors import UsageError

TEXT = "größe 検索\r\nb"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_encodings(encoding: str) -> None:
    """Those that editors and shells write."""
    assert decoded(TEXT.encode(encoding), "a") == decode_replacing(TEXT.encode(encoding)) == TEXT


@pytest.mark.parametrize("order", ["le", "be"])
def test_byte_orders(order: str) -> None:
    """By the mark."""
    for bits in (16, 32):
        data = "\ufeff".encode(f"utf-{bits}-{order}") + TEXT.encode(f"utf-{bits}-{order}")
        assert decoded(data, "a") == TEXT


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"a\0b", "a: binary, not text"),
        (TEXT.encode("utf-16-le"), "UTF-16 needs a byte order mark"),
        (b"abc\xff", r"not UTF-8 \(byte 3\)"),
        (b"\xff\xfea", r"not UTF-16-LE \(byte 2\)"),
    ],
)
def test_no_text(data: bytes, message: str) -> None:
    """Who asks is told what it is."""
    with pytest.raises(UsageError, match=message):
        decoded(data, "a")
    assert decode_replacing(data)
