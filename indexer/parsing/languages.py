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
from . import profiles
from .profiles import UNKNOWN, LanguageProfile

if TYPE_CHECKING:  # The names of languages can be used without loading the parsers.
    from tree_sitter import Language as Grammar
    from tree_sitter import Parser, Query

HEAD = 4096
"""The number of bytes at the start of a file that are examined to detect the language of the file."""

LANGUAGES = tuple(one for one in profiles.every() if one.bodies or one.headings or one.scripts)
"""The languages that are not just split into blocks of lines."""
BY_NAME: dict[str, LanguageProfile] = {language.name: language for language in LANGUAGES}

# Matches the first line of a script. Group 1 is the program, without `env` and options of `env` before it.
_SHEBANG = re.compile(rb"#!\s*(?:\S*/env\s+(?:-\S+\s+|\w+=\S*\s+)*)?(?:\S*/)?([A-Za-z][A-Za-z+-]*)([\d.]*)")

# Matches code that only C++ has. A header file without such code is C.
_CPP_ONLY = re.compile(
    rb"^\s*(?:class\s+[\w:]+(?:\s+\w+)?\s*[:{;\n]|namespace\b|template\s*<|using\s+\w|"
    rb"(?:public|private|protected)\s*:|#\s*include\s*<\w+>)|\bstd::|\bconstexpr\b|\bnoexcept\b|\boperator\s*[=+(\[]",
    re.MULTILINE,
)


def _by(field: str) -> dict[str, LanguageProfile]:
    return {word: one for one in profiles.every() for word in getattr(one, field)}


_ALIASES = _by("aliases")
_BY_EXTENSION = _by("extensions")
_BY_FILENAME = _by("filenames")
_BY_INTERPRETER = _by("interpreters")


def detect(path: str, head: bytes) -> LanguageProfile | None:
    """The language of the file at `path` whose content begins with `head`.

    Returns None if files of the language are just split into blocks of lines.
    """
    return BY_NAME.get(name_of(path, head))


def name_of(path: str, head: bytes) -> str:
    """The name of a file's language, for display and filters. Returns "text" for an unknown language."""
    return profile_of(path, head).name


def profile_of(path: str, head: bytes = b"") -> LanguageProfile:
    """The profile of a file's language. Returns that of plain text for an unknown language."""
    place = PurePosixPath(path)
    name, extension = place.name, place.suffix[1:].lower()
    # Translations for Qt have the extension of TypeScript.
    if extension == "ts" and head.lstrip().startswith((b"<?xml", b"<!DOCTYPE")):
        extension = "xml"
    if extension == "h":
        return profiles.of("cpp" if _CPP_ONLY.search(head) else "c")
    return (
        _BY_FILENAME.get(name)
        or _BY_EXTENSION.get(extension)
        or _by_shebang(head)
        or _by_stem(name)
        or profiles.of(UNKNOWN)
    )


def _by_stem(name: str) -> LanguageProfile | None:
    """The language of a file whose name has a known part before the first dot, such as `Makefile.am`."""
    found = _BY_FILENAME.get(name.partition(".")[0])
    return found if found and found.textual else None  # `Gemfile.lock` is not Ruby


def known_names() -> frozenset[str]:
    """Every name that `name_of` can return."""
    return profiles.NAMES


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
    word = word.removeprefix(".")
    if word in _ALIASES:
        return _ALIASES[word].name
    found = word if word in profiles.NAMES else name_of(f"x.{word}", b"")
    return found if found == word or found != "text" else None


def _by_shebang(head: bytes) -> LanguageProfile | None:
    match = _SHEBANG.match(head.partition(b"\n")[0]) if head.startswith(b"#!") else None
    return _BY_INTERPRETER.get(match[1].decode("ascii")) if match else None


@cache
def _grammar(language: LanguageProfile) -> Grammar:
    from tree_sitter import Language as Grammar

    module = importlib.import_module(language.package or f"tree_sitter_{language.name}")
    return Grammar(getattr(module, language.loader)())


@cache
def parser(language: LanguageProfile) -> Parser:
    """The parser of a language. A process has one parser for each language."""
    from tree_sitter import Parser

    return Parser(_grammar(language))


@cache
def query(language: LanguageProfile) -> Query:
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
def patterns(language: LanguageProfile) -> Patterns | None:
    """The patterns of a language's declarations. Returns None if the language has no such patterns."""
    compiled = _query(language, "queries/declarations")
    if compiled is None:
        return None
    rows = [compiled.pattern_settings(index) for index in range(compiled.pattern_count)]
    return Patterns(compiled, [(_words(row.get("among")), _words(row.get("except"))) for row in rows])


@dataclass(frozen=True, slots=True)
class CallsQuery:
    """The compiled query of a language's calls, and for each pattern its `#set!` values."""

    query: Query
    settings: list[dict[str, str | None]]


@cache
def calls_query(language: LanguageProfile) -> CallsQuery | None:
    """The query of calls, imports and bindings. Returns None if the language has no such query."""
    compiled = _query(language, "queries/calls")
    if compiled is None:
        return None
    return CallsQuery(compiled, [compiled.pattern_settings(at) for at in range(compiled.pattern_count)])


def _words(text: str | None) -> frozenset[str]:
    return frozenset((text or "").split())


def _query(language: LanguageProfile, folder: str) -> Query | None:
    from tree_sitter import Query

    files = [
        resources.files(__package__).joinpath(folder, f"{name}.scm")
        for name in language.queries or (language.name,)
    ]
    sources = [file.read_text(encoding="utf-8") for file in files if file.is_file()]
    return Query(_grammar(language), "\n".join(sources)) if sources else None


@cache
def pattern_settings(language: LanguageProfile) -> list[dict[str, str | None]]:
    """For each pattern of a language's query, its `#set!` values: a fixed `name`, or a `prefix` of names."""
    compiled = query(language)
    return [compiled.pattern_settings(index) for index in range(compiled.pattern_count)]
