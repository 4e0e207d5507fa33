"""Every profile is complete, and agrees with what the grammar of its language makes of code."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import get_args

import pytest
from tree_sitter import Node

from indexer.parsing import profiles
from indexer.parsing.languages import LANGUAGES, parser
from indexer.parsing.profiles import Blocks, LanguageProfile, Role, Trace
from retrieval.continuation import functions, lexemes
from tests.golden.regenerate import samples

FOLDER = Path(profiles.__file__).parent
SAMPLES = {sample.parent.name: sample.read_text("utf-8") for sample in samples()}
WITH_GRAMMAR = [one for one in LANGUAGES if not one.textual]
grammars = pytest.mark.parametrize("language", WITH_GRAMMAR, ids=lambda one: one.name)

NEEDED = "extensions mentioned strings blocks function_words keywords expressions trace test_names".split()
"""What the profile of a language with a grammar says even if it is empty or false."""
_PREFIX = re.compile(r"[\w@$#~%&\\]*")
"""What may stand before the quote of a string: `r"`, `@"`, `~s"`."""
_NO_QUOTES = re.compile(r"<|\[=*\[|%[wWiIqQ]?[\W]|~[a-zA-Z]|\\\\|\{\w*\||:|[\w.-]+$")
"""Strings without quotes: here documents, headers, long brackets, Ruby's and Elixir's forms, Zig's lines."""


_TYPES = set("void int char long short float double bool boolean".split())
"""Keywords that a grammar may have as one kind of node."""


def table(name: str) -> dict[str, object]:
    """The keys of a profile's file, and of the profile that it is like."""
    own = tomllib.loads((FOLDER / f"{name}.toml").read_text("utf-8"))
    return {**table(str(own["like"])), **own} if "like" in own else own


def nodes(text: str, language: LanguageProfile, part: str) -> Iterator[tuple[Node, str]]:
    """The outermost nodes of a text with `part` in their type, each with its text."""
    data = text.encode()
    stack = [parser(language).parse(data).root_node]
    while stack:
        node = stack.pop()
        if part in node.type and node.is_named:
            yield node, data[node.start_byte : node.end_byte].decode("utf-8")
        else:
            stack += reversed(node.children)


def errors(text: str, language: LanguageProfile) -> int:
    """The number of nodes with an error in a text."""
    stack, count = [parser(language).parse(text.encode()).root_node], 0
    while stack:
        node = stack.pop()
        count += node.is_error or node.is_missing
        stack += [child for child in node.children if child.has_error or child.is_missing]
    return count


@pytest.mark.parametrize("name", sorted(file.stem for file in FOLDER.glob("*.toml")))
def test_fields(name: str) -> None:
    """Each has the type that the class declares; an unknown field would not load at all."""
    one = profiles.of(name)
    assert one.name == name
    for field in fields(one):
        default = "" if field.name == "name" else field.default
        assert type(getattr(one, field.name)) is type(default), field.name
    assert one.blocks in get_args(Blocks)
    assert one.role in get_args(Role)
    assert one.trace in get_args(Trace)
    assert len(one.block_comments) % 2 == 0


@pytest.mark.parametrize("field", ["extensions", "filenames", "interpreters", "aliases"])
def test_no_two_languages_have_the_same(field: str) -> None:
    """A word that two profiles claim would name one of them by chance."""
    words = Counter(word for one in profiles.every() for word in getattr(one, field))
    assert [word for word, count in words.items() if count > 1] == []


def test_aliases_are_no_names() -> None:
    """An alias that is the name of a language would hide that language."""
    assert profiles.words("aliases").isdisjoint(one.name for one in profiles.every())


@grammars
def test_nothing_is_missing(language: LanguageProfile) -> None:
    """What a language has none of is declared as empty, so that a newcomer forgets no field."""
    assert [key for key in NEEDED if key not in table(language.name)] == []
    assert language.comment_starts
    assert set(language.mentioned) & set(language.extensions)


@grammars
def test_comments(language: LanguageProfile) -> None:
    """Comments in the sample begin with a declared token, and each token begins a comment."""
    text = SAMPLES[language.name]
    found = [comment.lstrip() for _, comment in nodes(text, language, "comment")]
    assert [one for one in found if not one.startswith(language.comment_starts)] == []
    lines = [f"{token} note" for token in language.line_comments]
    blocks = [f"{opening}\nnote\n{closing}" for opening, closing in language.comment_pairs]
    for comment in (*lines, *blocks):
        place = len(f"{text}\n".encode())
        root = parser(language).parse(f"{text}\n{comment}\n".encode()).root_node
        node = root.descendant_for_byte_range(place, place + 1)
        while node is not None and node.type not in language.attached:
            node = node.parent
        assert node is not None, comment


@grammars
def test_strings(language: LanguageProfile) -> None:
    """Strings in the sample begin with a declared quote, and each quote encloses a string."""
    text, quotes = SAMPLES[language.name], language.strings
    found = [(node, string) for node, string in nodes(text, language, "string")]
    bare = [_PREFIX.sub("", string, count=1) for _, string in found if not _NO_QUOTES.match(string)]
    assert [one for one in bare if not one.startswith(quotes)] == []
    plain = next((node for node, string in found if re.fullmatch(r'"[^"\n]*"', string)), None)
    if plain is not None:
        data = text.encode()
        for quote in set(quotes) - {"`"}:
            inside = "\nx\n" if len(quote) == 3 else "x"
            string = f"{quote}{inside}{quote}".encode()
            changed = data[: plain.start_byte] + string + data[plain.end_byte :]
            assert errors(changed.decode(), language) <= errors(text, language), quote


@grammars
def test_keywords(language: LanguageProfile) -> None:
    """They are tokens of the grammar, or of a grammar whose code is easily taken for this language."""
    tokens, kinds = set[str](), set[str]()
    for one in WITH_GRAMMAR:
        if one.name in profiles.family(language.name):
            grammar = parser(one).language
            assert grammar is not None
            for number in range(grammar.node_kind_count):
                known = kinds if grammar.node_kind_is_named(number) else tokens
                known.add(grammar.node_kind_for_id(number) or "")
    words = {part for kind in kinds for part in kind.split("_")}  # of `break_statement`
    known = tokens | words | (_TYPES if kinds & {"primitive_type", "predefined_type"} else set())
    assert [word for word in language.keywords if word not in known] == []
    needed = {"braces": "{", "end": "end"}.get(language.blocks)
    assert needed is None or needed in tokens


@grammars
def test_functions_are_found_without_the_grammar(language: LanguageProfile) -> None:
    """Each word that begins a function shows the function's name, in code that does not parse."""
    for word in language.function_words:
        assert functions.named(f"{word} area(", language.name) == "area"


@pytest.mark.parametrize("language", profiles.every(), ids=lambda one: one.name)
def test_comments_are_found_without_the_grammar(language: LanguageProfile) -> None:
    """An open comment before a cursor is known as one, and a closed one is left."""
    for token in language.comment_starts:
        found = lexemes.lexemes(f"area\n{token} note", language.name)
        assert lexemes.context_at_end(found, language.name) == "comment"
        assert list(lexemes.without_comments(found, language.name)) == ["area", "\n"]
    for opening, closing in language.comment_pairs:
        found = lexemes.lexemes(f"area\n{opening}\nnote\n{closing}\narea", language.name)
        assert lexemes.context_at_end(found, language.name) == "code"
        assert found.count("area") == 2
        assert "note" not in found
