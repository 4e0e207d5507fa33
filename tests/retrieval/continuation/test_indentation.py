"""The indentation of what is suggested into a file that has none yet."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from retrieval.continuation.continuer import Continuer, Suggestion
from retrieval.continuation.editorconfig import indentation_of
from retrieval.continuation.indentation import IndentStyle

from .cursor import typed

TABS, TWO, FOUR = IndentStyle(True, 4), IndentStyle(False, 2), IndentStyle(False, 4)
GO = "package basket\n\nfunc (b *Basket) Sum(rate float64) (float64, error) {‸\n}\n"
PYTHON = "def drop(self, number):‸\n"


def _first(continuer: Continuer, text: str, language: str, indentation: IndentStyle | None) -> Suggestion:
    buffer, line, column = typed(text, language)
    buffer = replace(buffer, indentation=indentation)
    return continuer.suggest(buffer, line, column, include_low_confidence=True, until="function", limit=1)[0]


def _indents(text: str) -> set[str]:
    return {line[: len(line) - len(line.lstrip())] for line in text.split("\n") if line.strip()}


def test_tabs_of_the_origin_stay_tabs(continuer: Continuer) -> None:
    """Nothing is known of the file: the code keeps the indentation that it has."""
    assert _indents(_first(continuer, GO, "go", None).text) >= {"\t", "\t\t"}
    assert _indents(_first(continuer, PYTHON, "python", None).text) >= {"    ", "        "}


@pytest.mark.parametrize(("wanted", "unit"), [(TABS, "\t"), (TWO, "  "), (FOUR, "    ")])
def test_the_settings_of_the_editor_count(continuer: Continuer, wanted: IndentStyle, unit: str) -> None:
    """Where the file itself tells nothing."""
    for text, language in ((GO, "go"), (PYTHON, "python")):
        found = _indents(_first(continuer, text, language, wanted).text)
        assert {unit, unit * 2} <= found
        assert all(indent.replace(unit, "") == "" for indent in found)


def test_the_files_own_lines_count_more(continuer: Continuer) -> None:
    """One indented line tells how the file is indented, be it the cursor's own white space."""
    text = "def first(self):\n  return 1\n\n\n" + PYTHON
    assert "  " in _indents(_first(continuer, text, "python", TABS).text)
    below = _first(continuer, PYTHON.replace("‸", "\n\t‸"), "python", None).text
    assert all(set(indent) <= {"\t"} for indent in _indents(below))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", None), ("a\nb\n", None), ("/*\n * A licence.\n */\nfunc f() {\n", None),
        ("func f() {\n\t", TABS), ("def f():\n  ", TWO), ("def f():\n  return\n\t", TWO), ("a\n\tb\n", TABS),
    ],
)  # fmt: skip
def test_what_a_text_tells(text: str, found: IndentStyle | None) -> None:
    """A star of a comment is no indentation."""
    assert IndentStyle.found(text) == found


CONFIG = """root = true
# a comment
[*]
indent_style = space
indent_size = 2

[*.{go,mk}]
indent_style=tab

[{Makefile,build/**.txt}]
indent_style = tab
[lib/*.js]
indent_size = 8
[docs/{a,b}{1..3}.rst]
indent_size = 3
[*.md]
indent_style = unset
"""


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("main.go", TABS), ("deep/er/main.go", TABS), ("a.py", TWO), ("Makefile", TABS),
        ("sub/Makefile", TWO),
        ("build/x/y.txt", TABS), ("x.txt", TWO), ("lib/a.js", IndentStyle(False, 8)), ("lib/sub/a.js", TWO),
        ("docs/b2.rst", IndentStyle(False, 3)), ("docs/b4.rst", TWO), ("x.md", None),
    ],
)  # fmt: skip
def test_editorconfig(tmp_path: Path, path: str, found: IndentStyle | None) -> None:
    """Sections by glob, later ones over earlier ones."""
    (tmp_path / ".editorconfig").write_text(CONFIG)
    assert indentation_of(tmp_path / path) == found


def test_editorconfig_of_several_folders(tmp_path: Path) -> None:
    """The nearest counts most; above `root = true` nothing counts."""
    (tmp_path / ".editorconfig").write_text("[*]\nindent_style = tab\ntab_width = 8\n")
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / ".editorconfig").write_bytes(b"\xef\xbb\xbf[*.py]\r\nindent_style = Space\r\n")
    assert indentation_of(inner / "a.py") == IndentStyle(False, 8)
    assert indentation_of(inner / "a.go") == TABS
    (inner / ".editorconfig").write_text("root = true\n[*.py]\nindent_style = space\n")
    assert indentation_of(inner / "a.py") == FOUR
    assert indentation_of(inner / "a.go") is None


def test_hostile_editorconfigs(tmp_path: Path) -> None:
    """A pipe is not waited for, and no glob takes long."""
    (tmp_path / "sub").mkdir()
    os.mkfifo(tmp_path / "sub" / ".editorconfig")
    name = "a" * 200
    bad = ["[" + "*a" * 40 + "b]", "[" + "{a,b}" * 60 + "]", "[{1..99999}{1..99999}]", "[" + "{" * 900 + "]"]
    bad += ["[**/" * 100 + "]", "[[[]", "no equals sign", "=", "[]", "indent_style = space" + "x" * 9_000]
    text = "\n".join(f"{section}\nindent_style = space" for section in bad)
    (tmp_path / ".editorconfig").write_text(f"root = true\n{text}\n[a*]\nindent_style = tab\n")
    started = time.process_time()
    assert indentation_of(tmp_path / "sub" / name) == TABS
    assert time.process_time() - started < 5
