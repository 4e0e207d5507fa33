"""Languages are told by name, by shebang, and for headers by content."""

from __future__ import annotations

import subprocess
import sys

import pytest

from indexer.errors import ConfigError
from indexer.fragment import DECLARATION_KINDS
from indexer.parsing.languages import BY_NAME, check_names, detect, known_names, name_of, named, parser, query


@pytest.mark.parametrize(
    ("path", "head", "name"),
    [
        ("a/b.py", b"", "python"),
        ("A.PY", b"", "python"),
        ("types.pyi", b"", "python"),
        ("x.mjs", b"", "javascript"),
        ("x.d.ts", b"", "typescript"),
        ("x.tsx", b"", "tsx"),
        ("Rakefile", b"", "ruby"),
        ("sub/Gemfile", b"", "ruby"),
        (".bashrc", b"", "bash"),
        ("x.kts", b"", "kotlin"),
        ("x.mli", b"", "ocaml_interface"),
        ("script", b"#!/usr/bin/env python3\n", "python"),
        ("script", b"#!/usr/bin/env -S python3.11 -u\n", "python"),
        ("script", b"#! /usr/bin/ruby -w\n", "ruby"),
        ("script", b"#!/bin/sh\n", "bash"),
        ("script", b"#!/usr/bin/env FOO=1 node\n", "javascript"),
        ("tool.lua5", b"#!/usr/bin/luajit\n", "lua"),
        ("a.h", b"struct x { int y; };\nint f(void);\n", "c"),
        ("a.h", b"#include <vector>\n", "cpp"),
        ("a.h", b"#pragma once\nnamespace a {\n", "cpp"),
        ("a.h", b"class Foo : public Bar {\n", "cpp"),
        ("a.h", b"  template <typename T>\n", "cpp"),
        ("a.h", b"/* a class of things */\nint f(int new);\n", "c"),
        ("a.hpp", b"int f(void);\n", "cpp"),
        ("README.md", b"", "markdown"),
        ("app.vue", b"<template>", "vue"),
    ],
)
def test_detect(path: str, head: bytes, name: str) -> None:
    """Grammars are found."""
    language = detect(path, head)
    assert language is not None
    assert language.name == name == name_of(path, head)


@pytest.mark.parametrize(
    ("path", "head", "name"),
    [
        ("x.json", b"", "json"),
        ("de.ts", b'<?xml version="1.0"?>\n<!DOCTYPE TS>\n', "xml"),
        ("x.yml", b"", "yaml"),
        ("Makefile", b"", "make"),
        ("Makefile.am", b"", "make"),
        ("docker/Dockerfile.dev", b"", "dockerfile"),
        ("CMakeLists.txt", b"", "cmake"),
        ("x.rst", b"", "rst"),
        ("LICENSE", b"", "text"),
        ("x.unknown", b"", "text"),
        ("noext", b"plain words", "text"),
        ("script", b"#!/usr/bin/perl\n", "text"),
        ("script", b"#!", "text"),
        ("x.txt", b"#!/bin/sh\n", "text"),
        ("", b"", "text"),
    ],
)
def test_names_without_grammar(path: str, head: bytes, name: str) -> None:
    """Everything else has a name all the same."""
    assert detect(path, head) is None
    assert name_of(path, head) == name
    assert name in known_names()


@pytest.mark.parametrize("name", sorted(name for name, language in BY_NAME.items() if not language.textual))
def test_grammar_loads(name: str) -> None:
    """Each grammar's wheel fits the bindings, its query compiles, and its node types exist."""
    language = BY_NAME[name]
    grammar = parser(language).language
    assert grammar is not None
    assert query(language).pattern_count >= 0
    known = {grammar.node_kind_for_id(kind) for kind in range(grammar.node_kind_count)}
    assert (language.bodies | language.wrappers | language.attached | language.functions) - known == set()
    assert set(language.kinds[::2]) - known == set()
    assert set(language.kinds[1::2]) - set(DECLARATION_KINDS) == set()


def test_extensions_are_unique() -> None:
    """No two grammars claim the same ending, file name or interpreter."""
    for field in ("extensions", "filenames", "interpreters"):
        words = [word for language in BY_NAME.values() for word in getattr(language, field)]
        assert len(words) == len(set(words))


def test_grammars_load_one_at_a_time() -> None:
    """Splitting Python loads Python's grammar and no other."""
    code = (
        "import sys; from indexer.parsing.languages import BY_NAME; from indexer.parsing.split import split\n"
        "assert not [m for m in sys.modules if m.startswith('tree_sitter_')]\n"
        "split(b'def f(): pass', BY_NAME['python'])\n"
        "print(*[m for m in sys.modules if m.startswith('tree_sitter_') and '.' not in m])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["tree_sitter_python"]


@pytest.mark.parametrize(
    ("word", "name"),
    [("html+php", "php"), ("html+erb", "html"), (".py", "python"), ("c++", "cpp"), ("nonsense", None)],
)
def test_other_names(word: str, name: str | None) -> None:
    """Those that GitHub and editors have for languages, and extensions."""
    assert named(word) == name


def test_names_in_settings_are_checked() -> None:
    """A language nobody knows would silently index nothing."""
    check_names(["python", "go"], "index.languages")
    with pytest.raises(ConfigError, match=r"a\.toml: index\.languages: unknown language 'pyhton'.*'python'"):
        check_names(["go", "pyhton"], "a.toml: index.languages")
    with pytest.raises(ConfigError, match="unknown language ''"):
        check_names([""], "index.languages")
    assert {"python", "markdown", "text"} <= known_names()
