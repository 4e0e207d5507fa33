"""Line ends of any kind, where code comes from and where it goes: they change nothing but themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from indexer.encoding.types import Encoder
from indexer.store import StoreConfig
from indexer.store.storage import open_store
from retrieval.continuation import line_ends
from retrieval.continuation.continuer import Continuer, Suggestion

from ..library import fill
from .conftest import REPO, SHOP
from .cursor import typed

DELETE = '''class CustomerStore:
    def delete_customer(self, number):
        """Remove a customer."""
        if number not in self.table:
            raise KeyError(f"no customer {number}")
        for item in self.table[number].items:
            ‸
'''
ENDS = ("\n", "\r\n", "\r")


@pytest.fixture(scope="module")
def windows(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Iterator[Continuer]:
    """Suggests out of the shop, all files of which have CRLF."""
    folder = tmp_path_factory.mktemp("windows") / "shard"
    store = open_store(StoreConfig(folder, encoder.dim, reserve_bytes=0))
    fill(store, REPO, {path: text.replace("\n", "\r\n") for path, text in SHOP.items()}, encoder)
    yield Continuer(store, encoder, REPO)
    store.close()


def _ask(continuer: Continuer, text: str, end: str) -> list[Suggestion]:
    buffer, line, column = typed(text)
    buffer = replace(buffer, text=buffer.text.replace("\n", end))
    return continuer.suggest(buffer, line, column, include_low_confidence=True, until="function")


@pytest.mark.parametrize("end", ENDS)
def test_code_of_a_crlf_file_has_the_line_ends_of_the_document(
    windows: Continuer, continuer: Continuer, end: str
) -> None:
    """The same suggestions as from a file with LF; no "\\r" is left inside a line, none is doubled."""
    expected = _ask(continuer, DELETE, "\n")
    found = _ask(windows, DELETE, end)
    assert any(one.text.count("\n") > 2 for one in expected)
    assert [one.text for one in found] == [one.text.replace("\n", end) for one in expected]
    assert [(one.path, one.start_line, one.end_line) for one in found] == [
        (one.path, one.start_line, one.end_line) for one in expected
    ]


def test_the_pieces_of_a_long_function_are_put_together(windows: Continuer) -> None:
    """What goes on in the next piece has no "\\r" either."""
    text = (
        "class Book:\n    def print_book(self):\n"
        '        self.open()\n        self.write("line", 1)\n        ‸\n'
    )
    best = _ask(windows, text, "\n")[0]
    assert best.text.count("\n") >= 30
    assert "\r" not in best.text


@pytest.mark.parametrize("end", ENDS)
def test_what_follows_the_cursor_is_not_suggested(windows: Continuer, end: str) -> None:
    """Whatever the line ends on either side."""
    text = (
        "def find(self, number):\n    if number not in self.table:\n        ‸\n"
        '        raise KeyError(f"no order {number}")\n'
    )
    assert all("no order" not in one.text for one in _ask(windows, text, end))


@pytest.mark.parametrize("end", ENDS)
def test_names_are_adapted(windows: Continuer, continuer: Continuer, end: str) -> None:
    """The names of the lines before the cursor are compared without their line ends."""
    text = (
        "class PetStore:\n    def find_pet(self, tag):\n        if tag not in self.table:\n"
        '            raise KeyError(f"no order {number}")\n        pet = self.table[tag]\n        ‸\n'
    )
    expected = [dict(one.names) for one in _ask(continuer, text, "\n")]
    assert [dict(one.names) for one in _ask(windows, text, end)] == expected
    assert any(expected)


def test_characters_that_only_look_like_line_ends() -> None:
    """NEL, U+2028, form feed and vertical tab stay within their lines; each kind of line end becomes one."""
    assert line_ends.unified("a\x85b\u2028c\x0cd\x0be") == "a\x85b\u2028c\x0cd\x0be"
    assert line_ends.unified("a\r\nb\rc\nd\n\r\n") == "a\nb\nc\nd\n\n"


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("", "\n"),
        ("a", "\n"),
        ("a\r\nb", "\r\n"),
        ("a\rb", "\r"),
        ("a\r\nb\nc\nd", "\n"),
        ("a\nb\r\nc\r\nd", "\r\n"),
    ],
)
def test_the_line_end_of_a_text(text: str, end: str) -> None:
    """That of most lines."""
    assert line_ends.of(text) == end
