"""Frames: whatever is packed comes out again, however the bytes arrive; what is none is refused at once."""

from __future__ import annotations

import json
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.host.frames import FrameError, Reader, pack

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.slow
@given(st.lists(st.dictionaries(st.text(), JSON, max_size=4), max_size=5), st.integers(1, 50))
def test_what_goes_in_comes_out(messages: list[dict[str, Any]], size: int) -> None:
    """In pieces of any size, also several messages in one."""
    data = b"".join(pack(message) for message in messages)
    reader = Reader(1_000_000)
    parts = [data[start : start + size] for start in range(0, len(data), size)]
    assert [message for part in parts for message in reader.feed(part)] == messages


@given(st.binary(max_size=400))
def test_anything_is_messages_or_refused(data: bytes) -> None:
    """No bytes make the reader fail in another way."""
    reader = Reader(300)
    try:
        assert all(isinstance(message, dict) for message in reader.feed(data))
    except FrameError as error:
        assert str(error)


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"1", b"{", b"\xff\xfe", b"[" * 100_000, b'{"a": ' + b"9" * 5_000 + b"}"]
)
def test_what_is_no_object_is_refused(body: bytes) -> None:
    """Also what a parser would choke on."""
    with pytest.raises(FrameError, match="not"):
        list(Reader(200_000).feed(struct.pack(">I", len(body)) + body))


def test_a_long_message_is_refused_by_its_length() -> None:
    """Before its bytes have come; and it is not sent in the first place."""
    with pytest.raises(FrameError, match=r"4,294,967,295 bytes, where 100"):
        list(Reader(100).feed(b"\xff\xff\xff\xff"))
    with pytest.raises(FrameError, match="where 100"):
        pack({"text": "x" * 100}, 100)


def test_half_a_surrogate_pair_survives() -> None:
    """Editors send such texts."""
    frame = pack({"text": "\ud83d"})
    assert json.loads(frame[4:]) == {"text": "\ud83d"}
