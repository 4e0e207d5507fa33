"""Detects the language of a file. Loads the parser and the queries of a language on first use."""

from __future__ import annotations

import difflib
import importlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Literal

from ..errors import ConfigError
from ..fragment import DeclarationKind, SourceFile
from .grammars import LANGUAGES, Language

if TYPE_CHECKING:  # The names of languages can be used without loading the parsers.
    from tree_sitter import Language as Grammar
    from tree_sitter import Parser, Query

HEAD = 4096
"""The number of bytes at the start of a file that are examined to detect the language of the file."""

BY_NAME: dict[str, Language] = {language.name: language for language in LANGUAGES}

# Text formats without a grammar. Texts in these formats are split into blocks of lines.
_TEXT_EXTENSIONS = {
    "json": "json jsonc json5 jsonl ndjson geojson webmanifest",
    "yaml": "yaml yml",
    "toml": "toml",
    "xml": "xml xsd xsl xslt svg plist csproj props targets xaml",
    "ini": "ini cfg conf properties editorconfig",
    "rst": "rst rest",
    "text": "txt text log",
    "make": "mk mak make",
    "dockerfile": "dockerfile",
    "cmake": "cmake",
    "scss": "scss sass less",
    "graphql": "graphql gql",
    "protobuf": "proto",
    "terraform": "tf tfvars hcl",
    "nix": "nix",
    "perl": "pl pm pod",
    "r": "r rmd",
    "matlab": "mat",
    "objective-c": "m mm",
    "clojure": "clj cljs cljc edn",
    "erlang": "erl hrl",
    "fsharp": "fs fsi fsx",
    "fortran": "f f90 f95 for",
    "assembly": "s asm",
    "vimscript": "vim",
    "emacs-lisp": "el",
    "lisp": "lisp lsp scm rkt",
    "powershell": "ps1 psm1 psd1",
    "batch": "bat cmd",
    "groovy": "groovy gradle",
    "tex": "tex sty cls bib",
    "asciidoc": "adoc asciidoc",
    "csv": "csv tsv",
    "diff": "diff patch",
}
_TEXT_FILENAMES = {
    "make": "Makefile makefile GNUmakefile",
    "dockerfile": "Dockerfile Containerfile",
    "cmake": "CMakeLists.txt",
    "text": "README LICENSE LICENCE COPYING AUTHORS NOTICE CHANGELOG CHANGES NEWS TODO INSTALL",
    "ini": ".editorconfig .gitconfig .gitmodules .npmrc",
    "json": ".babelrc .eslintrc .prettierrc",
    "groovy": "Jenkinsfile",
}

# Maps everyday names of languages, and GitHub's names of languages, to the names that are used here.
_ALIASES = {
    "c++": "cpp", "c#": "csharp", "f#": "fsharp", "golang": "go", "shell": "bash", "js": "javascript",
    "node": "javascript", "txt": "text", "docker": "dockerfile", "makefile": "make", "objc": "objective-c",
    "elisp": "emacs-lisp", "hcl": "terraform", "latex": "tex", "objective-c++": "objective-c",
    "vim-script": "vimscript", "viml": "vimscript", "vim": "vimscript", "plsql": "sql", "plpgsql": "sql",
    "tsql": "sql", "restructuredtext": "rst", "protocol-buffer": "protobuf", "protocol-buffers": "protobuf",
    "json-with-comments": "json", "jupyter-notebook": "json", "batchfile": "batch", "common-lisp": "lisp",
    "scheme": "lisp", "racket": "lisp", "unix-assembly": "assembly", "html+erb": "html", "html+php": "php",
    "plain-text": "text", "cuda": "cpp", "gradle": "groovy", "xs": "c",
}  # fmt: skip

# Matches the first line of a script. Group 1 is the program, without `env` and options of `env` before it.
_SHEBANG = re.compile(rb"#!\s*(?:\S*/env\s+(?:-\S+\s+|\w+=\S*\s+)*)?(?:\S*/)?([A-Za-z][A-Za-z+-]*)([\d.]*)")

# Matches code that only C++ has. A header file without such code is C.
_CPP_ONLY = re.compile(
    rb"^\s*(?:class\s+[\w:]+(?:\s+\w+)?\s*[:{;\n]|namespace\b|template\s*<|using\s+\w|"
    rb"(?:public|private|protected)\s*:|#\s*include\s*<\w+>)|\bstd::|\bconstexpr\b|\bnoexcept\b|\boperator\s*[=+(\[]",
    re.MULTILINE,
)


def _index(rows: dict[str, str]) -> dict[str, str]:
    return {word: name for name, words in rows.items() for word in words.split()}


_NAME_OF_EXTENSION = _index(_TEXT_EXTENSIONS)
_NAME_OF_FILENAME = _index(_TEXT_FILENAMES)
_BY_EXTENSION = {word: language for language in LANGUAGES for word in language.extensions.split()}
_BY_FILENAME = {word: language for language in LANGUAGES for word in language.filenames.split()}
_BY_INTERPRETER = {word: language for language in LANGUAGES for word in language.interpreters.split()}


def detect(path: str, head: bytes) -> Language | None:
    """The language of the file at `path` whose content begins with `head`.

    Returns None if there is no grammar for the language.
    """
    name = PurePosixPath(path).name
    if found := _BY_FILENAME.get(name):
        return found
    extension = _extension(name)
    if _is_translation(extension, head):
        return None
    if extension == "h":
        return BY_NAME["cpp" if "cpp" in BY_NAME and _CPP_ONLY.search(head) else "c"]
    if found := _BY_EXTENSION.get(extension):
        return found
    if extension in _NAME_OF_EXTENSION or name in _NAME_OF_FILENAME:
        return None
    return _by_shebang(head)


def _is_translation(extension: str, head: bytes) -> bool:
    """Whether a file contains translations for Qt. The extension of such files is that of TypeScript."""
    return extension == "ts" and head.lstrip().startswith((b"<?xml", b"<!DOCTYPE"))


def name_of(path: str, head: bytes) -> str:
    """The name of a file's language, for display and filters.

    If there is no grammar for the language, returns the name of a well-known text format, or `text`.
    """
    if language := detect(path, head):
        return language.name
    name = PurePosixPath(path).name
    if _is_translation(_extension(name), head):
        return "xml"
    return _NAME_OF_FILENAME.get(name) or _NAME_OF_EXTENSION.get(_extension(name)) or _stem_name(name)


def known_names() -> frozenset[str]:
    """Every name that `name_of` can return."""
    return frozenset(BY_NAME) | frozenset(_TEXT_EXTENSIONS) | frozenset(_TEXT_FILENAMES)


def check_names(names: Iterable[str], where: str) -> None:
    """Raise ConfigError if one of `names` is not a known language. `where` is the setting with the names."""
    known = sorted(known_names())
    for name in names:
        if name not in known:
            close = difflib.get_close_matches(name, known, 1) or known
            raise ConfigError(f"{where}: unknown language {name!r}; write for example {close[0]!r}")


def language_of(file: SourceFile, text: bytes) -> str:
    """The name of a file's language. A known language in the file's attributes overrides `name_of`."""
    return (named(file.language.lower()) if file.language else None) or name_of(file.path, text[:HEAD])


def named(word: str) -> str | None:
    """The name of the language whose name, extension or alias is `word`.

    Returns None if there is no such language.
    """
    known = known_names()
    word = _ALIASES.get(word, word.removeprefix("."))
    if word in known:
        return word
    found = name_of(f"x.{word}", b"") if word else "text"
    return found if found != "text" and found in known else None


def _stem_name(name: str) -> str:
    """The language of a file whose name has a known part before the first dot, such as `Makefile.am`.

    Returns "text" for other files.
    """
    return _NAME_OF_FILENAME.get(name.partition(".")[0], "text")


def _extension(name: str) -> str:
    stem, dot, extension = name.rpartition(".")
    return extension.lower() if dot and stem else ""


def _by_shebang(head: bytes) -> Language | None:
    if not head.startswith(b"#!"):
        return None
    match = _SHEBANG.match(head.partition(b"\n")[0])
    return _BY_INTERPRETER.get(match[1].decode("ascii")) if match else None


@cache
def _grammar(language: Language) -> Grammar:
    from tree_sitter import Language as Grammar

    module = importlib.import_module(language.package or f"tree_sitter_{language.name}")
    return Grammar(getattr(module, language.loader)())


@cache
def parser(language: Language) -> Parser:
    """The parser of a language. A process has one parser for each language."""
    from tree_sitter import Parser

    return Parser(_grammar(language))


@cache
def query(language: Language) -> Query:
    """The query that captures the definitions of a language. A process compiles each query once."""
    compiled = _query(language, "queries")
    assert compiled is not None, language.name
    return compiled


INSIDE: Literal["inside"] = "inside"
Role = Literal["inside"] | DeclarationKind
"""What a pattern captures: a body that may contain declarations (INSIDE), or a declaration of some kind."""


@dataclass(frozen=True, slots=True)
class Patterns:
    """The compiled query of a language's declarations: constants, variables, fields and the like.

    For each pattern, `words` has the words that are allowed as `@word`, and the words that are excluded as
    `@word`. The predicates of the query engine would be slower, because they read the source again for every
    match. `roles` is a cache that the caller fills. It maps the number of a pattern to the role that the
    pattern captures.
    """

    query: Query
    words: list[tuple[frozenset[str], frozenset[str]]]
    roles: dict[int, Role] = field(default_factory=dict)


@cache
def patterns(language: Language) -> Patterns | None:
    """The patterns of a language's declarations. Returns None if the language has no such patterns."""
    compiled = _query(language, "queries/declarations")
    if compiled is None:
        return None
    rows = [compiled.pattern_settings(index) for index in range(compiled.pattern_count)]
    return Patterns(compiled, [(_words(row.get("among")), _words(row.get("except"))) for row in rows])


def _words(text: str | None) -> frozenset[str]:
    return frozenset((text or "").split())


def _query(language: Language, folder: str) -> Query | None:
    from tree_sitter import Query

    files = [
        resources.files(__package__).joinpath(folder, f"{name}.scm")
        for name in (language.queries or language.name).split()
    ]
    sources = [file.read_text(encoding="utf-8") for file in files if file.is_file()]
    return Query(_grammar(language), "\n".join(sources)) if sources else None


@cache
def pattern_settings(language: Language) -> list[dict[str, str | None]]:
    """For each pattern of a language's query, its `#set!` values: a fixed `name`, or a `prefix` of names."""
    compiled = query(language)
    return [compiled.pattern_settings(index) for index in range(compiled.pattern_count)]
