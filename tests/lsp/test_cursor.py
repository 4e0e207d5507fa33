"""The language of a document is that of its file's name, or else the one that the client names."""

from __future__ import annotations

from pathlib import Path

import pytest

from lsp.cursor import is_code, is_prose, language_of
from lsp.documents import Document, lines_of


def document(name: str, language_id: str, text: str = "") -> Document:
    """An open document; one without a name was never saved."""
    uri = Path("/", name).as_uri() if name else "untitled:Untitled-1"
    return Document(uri, language_id, 1, lines_of(text), "utf-16")


@pytest.mark.parametrize(
    ("name", "language_id", "language"),
    [
        ("a.py", "plaintext", "python"),
        ("", "shellscript", "bash"),
        ("", "typescriptreact", "tsx"),
        ("", "javascriptreact", "javascript"),
        ("", "objective-c", "objective-c"),
        ("", "golang", "go"),
        ("", "viml", "vimscript"),
        ("", "plaintext", "text"),
        ("", "nobody-knows", "text"),
    ],
)
def test_language(name: str, language_id: str, language: str) -> None:
    """Clients have names of their own for some languages."""
    assert language_of(document(name, language_id)) == language


@pytest.mark.parametrize(
    ("name", "language_id", "prose"),
    [
        ("a.md", "markdown", True),
        ("a.rst", "restructuredtext", True),
        ("a.adoc", "asciidoc", True),
        ("", "gitcommit", True),
        ("a.py", "python", False),
        ("a.json", "json", False),
    ],
)
def test_prose(name: str, language_id: str, prose: bool) -> None:
    """Issues are written in prose, commit messages too."""
    assert is_prose(document(name, language_id)) is prose


@pytest.mark.parametrize(
    ("language_id", "text", "code"),
    [
        ("python", "x = 1  # no", False),
        ("python", "x = 1 // 2", True),
        ("ocaml", "let x = (* no", False),
        ("sql", "SELECT 1 /* no", False),
        ("css", "a { background: url(//host/a.png); color", True),
        ("lua", "--[[ no\nno ]] yes", True),
        ("ruby", "x ||=begin", True),
    ],
)
def test_code(language_id: str, text: str, code: bool) -> None:
    """Comments are those of the language, and no others."""
    lines = text.split("\n")
    assert is_code(document("", language_id, text), len(lines) - 1, len(lines[-1])) is code
