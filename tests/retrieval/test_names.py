"""Qualified names, and texts that are quoted."""

from __future__ import annotations

import unicodedata

import pytest

from retrieval.names import parts_of, without_signs


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("a.b", ["a", "b"]),
        ("A::b()", ["A", "b"]),
        ("A#b", ["A", "b"]),
        ("p->q", ["p", "q"]),
        ("x", ["x"]),
        (unicodedata.normalize("NFD", "größe"), ["größe"]),
    ],
)
def test_parts_of_names(name: str, parts: list[str]) -> None:
    assert parts_of(name) == parts


@pytest.mark.parametrize(
    ("text", "plain"),
    [("--keep-time", "keep-time"), ('"open  failed."', "open failed"), (" a\tb ", "a b"), ("!!", "")],
)
def test_signs_around_a_text(text: str, plain: str) -> None:
    assert without_signs(text) == plain
