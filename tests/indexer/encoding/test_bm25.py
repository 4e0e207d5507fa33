"""Words, parts, terms and BM25 weights."""

from __future__ import annotations

import os
import subprocess
import sys
import unicodedata
from collections import Counter
from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.encoding import bm25
from indexer.encoding.bm25 import FIELDS, FILE_AVERAGE, K1, MIN_LENGTH_SHARE, B, count, parts, term, words
from indexer.encoding.term_counts import TermCounts
from indexer.store import SparseVector
from indexer.store.validate import check_sparse


def bag(counts: Mapping[int, int]) -> TermCounts:
    """One text whose terms were counted by hand."""
    keys = sorted(counts)
    times = np.array([counts[key] for key in keys], np.int64)
    return TermCounts(1, np.zeros(len(keys), np.int64), np.array(keys, np.int64), times)


def document(fields: Mapping[str, Mapping[int, int]]) -> SparseVector:
    """The vector of one fragment."""
    (vector,) = bm25.documents({name: bag(counts) for name, counts in fields.items()})
    return vector


PARTS = [
    ("getUserName", "get user name"),
    ("get_user_name", "get user name"),
    ("GetUserName", "get user name"),
    ("GET_USER_NAME", "get user name"),
    ("__init__", "init"),
    ("HTTPServer", "http server"),
    ("parseHTTP", "parse http"),
    ("parseHTTPResponse2xx", "parse http response 2 xx"),
    ("utf8", "utf 8"),
    ("x86_64", "x 86 64"),
    ("iOS", "i os"),
    ("A", "a"),
    ("a1B2", "a 1 b 2"),
    ("_", ""),
    ("___", ""),
    ("42", "42"),
    ("получитьИмяПользователя", "получить имя пользователя"),
    ("ИМЯФайла", "имя файла"),
    ("HTTPСервер", "http сервер"),
    ("имя_файла2", "имя файла 2"),
    ("getXMLÉlément", "get xml élément"),
    ("größeBerechnen", "größe berechnen"),
    ("ÄÖÜ", "äöü"),
    ("名前", "名前"),
    ("日本語", "日本 本語"),
    ("get日本語Name", "get 日本 本語 name"),
    ("人々", "人々"),
    ("사용자이름", "사용 용자 자이 이름"),
    ("हिन्दी", "हिन्दी"),
    ("ภาษาไทย", "ภาษาไทย"),
    ("tiếngViệt", "tiếng việt"),
]

WORDS = [
    ("", []),
    (" \t\r\n\0", []),
    ("a.b(c)", ["a", "b", "c"]),
    ("self.x+=1;//é", ["self", "x", "1", "é"]),
    ("naïve-café", ["naïve", "café"]),
    ("हिन्दी में", ["हिन्दी", "में"]),
    ("𑄌𑄋𑄴𑄟𑄳𑄦", ["𑄌𑄋𑄴𑄟𑄳𑄦"]),  # Chakma: marks outside the basic plane
    ("❤️ \u0301 👍🏽", []),
    ("a\ud800b", ["a", "b"]),
    ("x\x1cy\x85z", ["x", "y", "z"]),
]

CODE = st.text(st.sampled_from("aBc_1 .(é\u0301ЯжÉ日本々ह\u094d\n\ud800İßǅﬁ𑄴"), max_size=40)
ANY = st.one_of(st.text(st.characters(exclude_categories=()), max_size=60), CODE)


def pairs(vector: SparseVector) -> dict[int, float]:
    return dict(zip(vector.indices.tolist(), vector.values.tolist(), strict=True))


@pytest.mark.parametrize(("word", "expected"), PARTS)
def test_parts(word: str, expected: str) -> None:
    """Identifiers fall apart where people see words, in every script."""
    assert parts(unicodedata.normalize("NFC", word)) == unicodedata.normalize("NFC", expected).split()


@pytest.mark.parametrize(("text", "expected"), WORDS)
def test_words(text: str, expected: list[str]) -> None:
    """Letters, digits, underscores and marks that follow them; nothing else is a word."""
    assert words(text) == expected


@pytest.mark.parametrize("word", [word for word, _ in PARTS] + ["J\u030cahr", "naïveBayes", "Ệ", "Ǆungla"])
def test_composed_and_decomposed_are_one(word: str) -> None:
    """macOS and some editors write letters and marks apart."""
    forms = [unicodedata.normalize(form, f"x = {word}(1)  # {word}") for form in ("NFC", "NFD")]
    assert count(forms[0]) == count(forms[1])


def test_capitals_without_composed_form() -> None:
    """`ǰ` has a code point of its own, its capital has none: they are one word all the same."""
    assert count("J\u030cA") == count("\u01f0a") == count("j\u030ca")


def test_spellings_of_a_name_agree() -> None:
    """camelCase, snake_case and the rest have the same terms: the parts, stemmed, and the whole."""
    expected = {term(t): 1 for t in ("get", "user", "names", "getusernames")}
    for name in ("getUserNames", "get_user_names", "GetUserNames", "GET_USER_NAMES"):
        assert count(name) == expected
    assert term("names") == term("name")


def test_a_word_of_one_part_counts_once() -> None:
    """`query` has no whole beside its part."""
    assert count("query") == {term("query"): 1}
    assert count("__init__") == {term("init"): 1}
    assert count("queries query Query") == {term("query"): 3}


def test_cjk_is_found_by_pairs() -> None:
    """A question of two characters meets a sentence without spaces."""
    assert count("検索").keys() <= count("全文検索エンジン").keys()


def test_long_words_are_cut() -> None:
    """A megabyte of base64 is one word, cut short; ASCII or not."""
    for letter in ("a", "é", "日"):
        (word,) = words(letter * 1_000_000)
        assert len(word) == 200
    assert sum(count("aB" * 500_000).values()) < 500
    assert count("x" * 200) == count("x" * 201)


def test_ascii_and_unicode_cut_alike() -> None:
    """A comment in Russian must not change how the rest of the text is cut."""
    text = "parseHTTPResponse2(x86_64, __init__) iOS GETUrl aB1c2D URLs"
    with_russian = count(text + " ж")
    with_russian.subtract(count("ж"))
    assert +with_russian == count(text)


@given(st.text(st.sampled_from("aAbB1_"), max_size=12))
def test_both_cutters_agree_on_ascii(word: str) -> None:
    """The regular expression and the walk over characters are the same function."""
    assert bm25._unicode_parts(word) == parts(word)


@given(ANY)
def test_counts_of_any_text(text: str) -> None:
    """Terms are uint32, counts positive, words non-empty and never longer than the limit."""
    counts = count(text)
    assert all(0 <= t < 2**32 and n > 0 for t, n in counts.items())
    assert all(0 < len(word) <= 200 for word in words(text))
    assert all(part for word in words(text) for part in parts(word))


@given(ANY)
def test_any_text_normalises(text: str) -> None:
    """Composed, decomposed, or upper-case ASCII: the same terms."""
    assert count(unicodedata.normalize("NFD", text)) == count(unicodedata.normalize("NFC", text))


@given(ANY, ANY)
def test_any_text_gives_a_valid_vector(body: str, name: str) -> None:
    """Sorted unique uint32 with finite positive values: what the engine insists on."""
    vector = document({"body": count(body), "name": count(name), "path": Counter(), "doc": count(body)})
    for made in (vector, bm25.whole_file(bm25.term_counts([body])), bm25.query(dict(count(body)))):
        check_sparse(made)
        assert (made.values > 0).all()
    assert set(pairs(vector)) == set(count(body)) | set(count(name))


def test_weights_by_hand() -> None:
    """BM25 with k1, b and the field's average, for a document of three terms in one field."""
    counts = Counter({1: 3, 2: 1, 3: 96})
    weights = pairs(document({"body": counts}))
    norm = K1 * (1 - B + B * 100 / FIELDS["body"].average)
    for t, n in counts.items():
        expected = FIELDS["body"].weight * n * (K1 + 1) / (n + norm)
        assert weights[t] == pytest.approx(expected, rel=1e-6)


def test_fields_add_up() -> None:
    """A term's weight is the sum over its fields, each saturated and weighted by itself."""
    one = Counter({7: 1})
    alone = {name: pairs(document({name: one}))[7] for name in FIELDS}
    assert pairs(document(dict.fromkeys(FIELDS, one)))[7] == pytest.approx(sum(alone.values()), rel=1e-6)
    assert pairs(document({"body": one, "name": Counter({8: 1})})).keys() == {7, 8}


def test_a_tiny_field_counts_as_a_short_one() -> None:
    """Below the floor the length no longer matters: a lone `end` does not win for "end"."""
    average = FIELDS["body"].average
    floor = int(MIN_LENGTH_SHARE * average)
    tiny = pairs(document({"body": Counter({1: 1})}))[1]
    short = pairs(document({"body": Counter({1: 1, 2: floor - 1})}))[1]
    longer = pairs(document({"body": Counter({1: 1, 2: 3 * floor})}))[1]
    assert tiny == pytest.approx(short)
    assert longer < tiny


def test_a_whole_file_by_hand() -> None:
    """The same saturation with the average of a whole file."""
    length = int(FILE_AVERAGE)
    vector = pairs(bm25.whole_file(bag({5: 2, 6: length - 2})))
    norm = K1 * (1 - B + B * length / FILE_AVERAGE)
    assert vector[5] == pytest.approx(2 * (K1 + 1) / (2 + norm), rel=1e-6)


def test_weights_saturate_and_grow() -> None:
    """More occurrences weigh more, and never more than k1 + 1."""
    weights = [pairs(document({"body": Counter({1: n, 2: 1000 - n})}))[1] for n in (1, 2, 10, 100, 999)]
    assert weights == sorted(weights)
    assert len(set(weights)) == 5
    assert weights[-1] < (K1 + 1) * FIELDS["body"].weight


def test_nothing_gives_nothing() -> None:
    """An empty text has an empty vector of the right types."""
    for vector in (document({"body": {}}), bm25.whole_file(bm25.term_counts([])), bm25.query({})):
        check_sparse(vector)
        assert len(vector) == 0


def test_a_query_keeps_its_weights() -> None:
    """The question's side is as it was counted."""
    vector = bm25.query({9: 2.0, 3: 0.5, 2**32 - 1: 1.0})
    assert vector.indices.tolist() == [3, 9, 2**32 - 1]
    assert vector.values.tolist() == [0.5, 2.0, 1.0]
    assert vector.indices.dtype == np.uint32


def test_terms_do_not_depend_on_the_process() -> None:
    """An index written today is read tomorrow: no per-process hashing, no order of sets."""
    text = "getUserName пользователя 日本語 naïve HTTPServer x86_64 " * 2
    code = (
        "from indexer.encoding import bm25; import sys\n"
        "v, = bm25.documents({'body': bm25.term_counts([sys.argv[1]]), 'name': bm25.term_counts(['aB'])})\n"
        "print(v.indices.tolist(), v.values.tolist())"
    )
    answers = {
        subprocess.run(
            [sys.executable, "-c", code, text],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    vector = document({"body": count(text), "name": count("aB")})
    assert answers == {f"{vector.indices.tolist()} {vector.values.tolist()}\n"}


def test_terms_are_what_they_were() -> None:
    """Hash and stems are part of the schema: these numbers change only with its version."""
    assert [term(t) for t in ("get", "gets", "日本")] == [4248514160, 4248514160, 3350711756]
