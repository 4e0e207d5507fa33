"""What a question asks for."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.encoding import bm25
from indexer.errors import UsageError
from retrieval.query import Filters, parse_query
from retrieval.stop_words import STOP_WORDS

SYMBOLS = [
    ("Mux", ("mux",)),
    ("get_user", ("get_user",)),
    ("mux.Handle", ("mux.handle", "handle")),
    ("Foo::bar()", ("foo.bar", "bar")),
    ("Foo#bar", ("foo.bar", "bar")),
    ("ptr->next", ("ptr.next", "next")),
    ("a.b.C.d", ("a.b.c.d", "c.d", "d")),
    ("empty?", ("empty?", "empty")),
    ("save!", ("save!", "save")),
    ("  Mux  ", ("mux",)),
    ('"Mux"', ("mux",)),
    ("größe", ("größe",)),
    ("_private", ("_private",)),
    ("日本語", ("日本語",)),
]
IN_WORDS = [
    ("where is getUserName used", ("getusername",)),
    ("How does Mux route requests", ("mux",)),
    ("What is HttpServer?", ("httpserver?", "httpserver")),
    ("Where is parse_query called!", ("parse_query",)),
    ("why does Foo::bar fail", ("foo.bar", "bar")),
    ("the method user.save! of models", ("user.save!", "save!", "user.save", "save")),
    ("read a file", ()),
    ("Read a file", ()),
    ("HTTPServer shutdown", ("httpserver",)),
]


@pytest.mark.parametrize(("text", "names"), SYMBOLS)
def test_a_symbol_is_recognised(text: str, names: tuple[str, ...]) -> None:
    """The whole question is a name, in the notations of several languages; most specific first."""
    query = parse_query(text)
    assert query.symbol
    assert query.names == names


@pytest.mark.parametrize(("text", "names"), IN_WORDS)
def test_names_in_a_sentence(text: str, names: tuple[str, ...]) -> None:
    """What looks like an identifier is a name, also before a question mark; a first capital is grammar."""
    query = parse_query(text)
    assert not query.symbol
    assert query.names == names


@pytest.mark.parametrize("text", ["a b", "x = 1", "f(x)", "2fa", "a.", ".a", "a..b", "a-b", "C++ templates"])
def test_what_is_no_symbol(text: str) -> None:
    """Expressions and sentences are words."""
    assert not parse_query(text).symbol


def test_decomposed_questions_are_composed() -> None:
    """A name typed on macOS is the name in the code."""
    composed = parse_query("naïveBayes größe")
    decomposed = parse_query(unicodedata.normalize("NFD", "naïveBayes größe"))
    assert composed == decomposed
    assert parse_query(unicodedata.normalize("NFD", "größe")).symbol


def test_stop_words_do_not_count() -> None:
    """They would be rare in code, hence important."""
    query = parse_query("how do I read the configuration from a file")
    assert query.words == ("read", "configuration", "file")
    assert query.weights.keys() == {bm25.term(w) for w in query.words}


def test_a_question_of_stop_words_alone_keeps_them() -> None:
    """`for` or "to do" is what it says."""
    assert parse_query("for").words == ("for",)
    assert parse_query("what is this").words == ("what", "is", "this")
    assert {word.lower() for word in STOP_WORDS} == STOP_WORDS


def test_words_are_parts_and_terms_are_counted() -> None:
    """An identifier gives its parts once each; BM25 knows how often, and the whole too."""
    query = parse_query("parseQuery parse Query")
    assert query.words == ("parse", "query")
    assert query.weights == {
        bm25.term("parse"): 2,
        bm25.term("query"): 2,
        bm25.term("parsequery"): 1,
    }


def test_phrases_are_literal() -> None:
    """What stands between quotes, and its words too; an unpaired quote is nothing."""
    query = parse_query('find "not found:" and "HTTP 404"')
    assert query.phrases == ("not found:", "HTTP 404")
    assert {"find", "not", "found", "http", "404"} <= set(query.words)
    assert '"' not in query.text
    assert parse_query('a "b').phrases == ()
    assert parse_query('a "" b').phrases == ()


@pytest.mark.parametrize(
    "text", ["", "   ", "\n", "?!", "=>", '"', '""', '"=>"', "___", "❤️", "\ud800", "\u0301"]
)
def test_without_a_word_there_is_nothing_to_search(text: str) -> None:
    """Said at once, instead of an empty answer."""
    with pytest.raises(UsageError, match="nothing to search for"):
        parse_query(text)


def test_a_hopeless_question_is_not_repeated_in_full() -> None:
    """The message stays one short line."""
    with pytest.raises(UsageError) as caught:
        parse_query("(" * 100_000)
    assert len(str(caught.value)) < 200


def test_long_questions_have_limits() -> None:
    """A pasted file is a question, too; the names it may mean are few."""
    query = parse_query(" ".join(f"module{i}.functionName{i}" for i in range(5_000)))
    assert len(query.names) == 20


@given(st.text(st.characters(exclude_categories=()), max_size=60))
def test_any_text_is_understood_or_refused(text: str) -> None:
    """No other exception; weights, words and names are well-formed."""
    try:
        query = parse_query(text)
    except UsageError:
        return
    assert query.weights
    assert query.words
    assert all(weight > 0 for weight in query.weights.values())
    assert all(name == name.lower() and name for name in query.names)
    assert all(query.phrases)


def test_filters_are_checked() -> None:
    """A language or kind that does not exist would silently find nothing."""
    known = ("go", "python")
    Filters().check(known)
    Filters(("python",), ("*",), ("class", "function"), True).check(known)
    with pytest.raises(UsageError, match="unknown language 'pyhton'; one of: go, python"):
        Filters(("pyhton",)).check(known)
    with pytest.raises(UsageError, match="unknown kind 'file'; one of: function, method, class, block"):
        Filters(kinds=("file",)).check(known)
