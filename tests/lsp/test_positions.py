"""Positions in every encoding, and documents that change: what clients and we count is the same text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lsprotocol import types

from lsp import positions
from lsp.documents import Document, clean, lines_of

ENCODINGS = (positions.UTF8, positions.UTF16, positions.UTF32)
_BYTES = {positions.UTF8: 1, positions.UTF16: 2, positions.UTF32: 4}
_CODEC = {positions.UTF8: "utf-8", positions.UTF16: "utf-16-le", positions.UTF32: "utf-32-le"}

texts = st.text(st.sampled_from("aé世😀\t\n\r\f\u2028"), max_size=30)
lines = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"), max_size=20)


def _units(text: str, encoding: str) -> int:
    """What Python's own codec says."""
    return len(text.encode(_CODEC[encoding])) // _BYTES[encoding]


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(line=lines)
def test_there_and_back(encoding: str, line: str) -> None:
    """Every place of a line has a position that leads to it again."""
    for column in range(len(line) + 1):
        counted = positions.units(line[:column], encoding)
        assert counted == _units(line[:column], encoding)
        assert positions.index(line, counted, encoding) == column


@pytest.mark.parametrize(("encoding", "character"), [("utf-8", 5), ("utf-16", 3), ("utf-32", 2)])
def test_an_emoji_before_the_cursor(encoding: str, character: int) -> None:
    """The place behind `😀x` has another number in each encoding."""
    assert positions.units("😀x", encoding) == character
    assert positions.index("😀xy", character, encoding) == 2


def test_within_a_character() -> None:
    """A position between the halves of a pair is that of the pair; one behind the line is its end."""
    assert positions.index("a😀b", 2, positions.UTF16) == 1
    assert positions.index("é", 1, positions.UTF8) == 0
    assert positions.index("a😀b", 99, positions.UTF16) == 3
    assert positions.index("ab", -1, positions.UTF16) == 0


@given(texts)
def test_lines_are_the_protocols(text: str) -> None:
    """Only line feeds, returns and both together end a line; nothing is lost."""
    found = lines_of(text)
    assert "".join(found) == text
    assert len(found) == len(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))


def _offset(text: str, line: int, column: int) -> int:
    """Where a place is in a whole text."""
    before = lines_of(text)[:line]
    return sum(map(len, before)) + column


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(text=texts, new=texts, data=st.data())
def test_a_change_of_a_range_is_one_of_the_text(
    encoding: str, text: str, new: str, data: st.DataObject
) -> None:
    """Replacing a range line by line gives what replacing it in the whole text gives."""
    document = Document("untitled:a", "python", 1, lines_of(text), encoding)
    places = []
    for _ in range(2):
        line = data.draw(st.integers(0, len(document.lines) - 1))
        column = data.draw(st.integers(0, len(document.line(line))))
        places.append((line, column))
    start, end = sorted(places)
    wanted = types.Range(document.position(*start), document.position(*end))
    expected = text[: _offset(text, *start)] + new + text[_offset(text, *end) :]
    assert document.between(wanted) == text[_offset(text, *start) : _offset(text, *end)]
    document.change(wanted, new)
    assert "".join(document.lines) == expected
    assert document.lines == lines_of(expected)


@given(texts)
def test_helpers_count_the_same_lines(text: str) -> None:
    """What is handed on has a line feed in each end of a line, and as many characters."""
    document = Document("untitled:a", "python", 1, lines_of(text))
    assert len(document.text) == len(text)
    assert document.text.count("\n") + 1 == len(document.lines)


def test_half_a_pair_is_replaced() -> None:
    """No encoding can hold it; no position moves."""
    assert clean("a\ud83d b") == "a\ufffd b"
    assert clean("a😀") == "a😀"


def test_positions_behind_the_text_are_its_end() -> None:
    """Clients that are a change behind get an answer all the same."""
    document = Document("untitled:a", "python", 1, lines_of("ab\ncd"))
    assert document.place(types.Position(9, 9)) == (1, 2)
    assert document.place(types.Position(0, 99)) == (0, 2)
    document.change(types.Range(types.Position(1, 50), types.Position(70, 0)), "e")
    assert document.text == "ab\ncde"
