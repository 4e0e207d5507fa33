"""Patterns: which lines and places they match, and which are refused, by name."""

from __future__ import annotations

import re
import shutil
import subprocess
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.errors import UsageError
from retrieval.grep import codepoints as cp
from retrieval.grep.matcher import Clock, Matcher, PatternOptions
from tests.support.waiting import processor_time_below


def lines(text: str, *patterns: str, **options: bool) -> list[str]:
    """The lines of a text that match."""
    data = text.encode()
    matcher = Matcher(patterns, PatternOptions(**options))
    return [data[one[0] : one[1]].decode() for one in matcher.lines(data, Clock(len(data)))]


def matches(line: str, *patterns: str, **options: bool) -> list[str]:
    """What matches in a line."""
    data = line.encode() + b"\n"
    matcher = Matcher(patterns, PatternOptions(**options))
    found = matcher.lines(data, Clock(len(data)))
    return [line.encode()[a:b].decode() for one in found for a, b in matcher.spans(data, one)]


def test_words_digits_and_spaces_are_those_of_unicode() -> None:
    """`\\w`, `\\d` and `\\s` match more than ASCII, as they do in ripgrep, and RE2's own do not."""
    assert matches("Größe_1 中文 → Ⓐ", r"\w+") == ["Größe_1", "中文", "Ⓐ"]
    assert matches("1٢٣ x", r"\d+") == ["1٢٣"]
    assert lines("a\u00a0b\nab\n", r"a\sb") == ["a\u00a0b"]
    assert matches("Größe", r"(?-u:\w+)") == ["Gr", "e"]


def test_boundaries_of_words_are_those_of_unicode() -> None:
    """A letter outside of ASCII belongs to a word: in the middle, at its begin and at its end."""
    text = "naïve\nna ve\nna-ï\nïna\nna\n"
    assert lines(text, r"\bna\b") == ["na ve", "na-ï", "na"]
    assert lines(text, r"\bna\B") == ["naïve"]
    assert lines(text, r"\Bna") == ["ïna"]
    assert lines(text, "na", word=True) == ["na ve", "na-ï", "na"]
    assert matches("éa éb, b", r"\<\w") == ["é", "é", "b"]
    assert matches("aé bé", r".\>") == ["é", "é"]
    assert matches("é(é", r"\b{start-half}\(|\b{start}é") == ["é", "é"]
    assert matches("->next", "->", word=True) == []
    assert matches("a -> b", "->", word=True) == ["->"]


def test_case_is_ignored_as_in_unicode() -> None:
    """The Kelvin sign is a k, the long s is an s, but a sharp s is not two."""
    assert lines("K\nk\n\u212a\nſ\n", "k", ignore_case=True) == ["K", "k", "\u212a"]
    assert lines("ÉCOLE\nß\nss\n", "école", ignore_case=True) == ["ÉCOLE"]
    assert lines("ẞ\nss\n", "ß", ignore_case=True) == ["ẞ"]
    assert lines("Ab\nab\n", "ab", smart_case=True) == ["Ab", "ab"]
    assert lines("Ab\nab\n", "Ab", smart_case=True) == ["Ab"]
    assert lines("Ab\nab\n", r"\Sb", smart_case=True) == ["Ab", "ab"]


def test_anchors_are_those_of_lines_and_a_carriage_return_is_a_character() -> None:
    assert lines("a\r\nb\n\nab\n", "b$") == ["b", "ab"]
    assert lines("a\r\nb\n", "a$") == []
    assert lines("a\r\nb\n", r"a\r$") == ["a\r"]
    assert lines("a\n\nb\n", "^$") == [""]
    assert lines("a\nb\n", r"\Ab\z") == ["b"]
    assert lines("ab\na\n", "a", whole_line=True) == ["a"]


def test_flags_classes_and_verbose_patterns() -> None:
    assert matches("abC", "(?i:c)|b") == ["b", "C"]
    assert matches("a b", "(?x) a \\  b # a comment") == ["a b"]
    assert matches("xyz-é", "[a-z&&[^y]]") == ["x", "z"]
    assert matches("xyz", "[x-z--y]") == ["x", "z"]
    assert matches("a]b", "[]a]") == ["a", "]"]
    assert matches("aΩb", r"\p{Greek}|\pN") == ["Ω"]
    assert matches("aXb", r"\p{Lu}|[[:digit:]]") == ["X"]
    assert matches("a.b+c", "a.b+", fixed_strings=True) == ["a.b+"]
    assert lines("-x\ny\nz\n", "-x", "y") == ["-x", "y"]


@pytest.mark.parametrize(
    ("pattern", "named"),
    [
        ("a(?=b)", "look-ahead"),
        ("a(?!b)", "look-ahead"),
        ("(?<=a)b", "look-behind"),
        ("(?<!a)b", "look-behind"),
        (r"(a)\1", "back-references"),
        ("(?P=name)", "back-references"),
        (r"\k<a>", "back-references"),
        ("(?>a)", "atomic"),
        (r"a\nb", "line end"),
        (r"\Qa\E", "-F"),
        ("(?R)a", "CRLF"),
        (r"\p{Emoji}", "Emoji"),
        ("(?-u:.)", "(?-u)"),
        ("x{1000}{1000}", "1,000"),
        ("x{2,1}", "order"),
        ("(a", "unclosed"),
        ("a)", "unopened"),
        ("[a", "unclosed"),
        ("*a", "repeat"),
        ("a{,2}", "repetition"),
        ("(" * 200 + ")" * 200, "deep"),
        ("a" + "?" * 300, "deep"),
        ("a" * 300_000, "characters"),
    ],
)
def test_what_is_not_supported_is_refused_by_name(pattern: str, named: str) -> None:
    with pytest.raises(UsageError) as refused:
        lines("abc\n", pattern)
    assert named in str(refused.value)
    assert len(str(refused.value)) < 400


def test_a_pattern_with_many_states_ends_soon() -> None:
    """It is answered, or refused because it takes too long; a quarter of a megabyte takes no minutes."""
    text = "the quick brown fox jumps over the lazy dog; " * 5 + "\n"
    with processor_time_below(20):
        for pattern in (r"(?:[aeiou].{200,900}){1}zq", r"[a-q][^u-z]{900}x", r"(?:\w+\s+)+\d\b\w{400}é"):
            try:
                assert lines(text * 1000, pattern) is not None
            except UsageError as error:
                assert "too long" in str(error) or "RE2" in str(error)


@pytest.mark.parametrize("part", [r"\p{L}", "é", r"\W", r"[^\w]", r"[a-z&&\p{Greek}]", r"\P{Lu}", "[é-ü]"])
def test_a_long_pattern_is_read_soon(part: str) -> None:
    """Sets of characters that it repeats thousands of times are computed once."""
    with processor_time_below(10):
        try:
            assert lines("é\n", part * (50_000 // len(part)), ignore_case=True) == []
        except UsageError as error:
            assert "too large" in str(error)


def test_sets_of_characters_agree_with_python() -> None:
    """Word characters and categories, for each code point of the first plane."""
    words, letters = cp.words(), cp.categories()["L"]
    for point in range(0x10000):
        if 0xD800 <= point < 0xE000:
            continue
        category = unicodedata.category(chr(point))
        assert cp.contains(letters, point) == category.startswith("L")
        if category[0] in "LM" or category in ("Nd", "Nl", "Pc"):
            assert cp.contains(words, point)
    assert not cp.contains(words, ord("→"))
    assert cp.complement(cp.complement(words)) == cp.intersection(words, cp.EVERY)


ALPHABET = "ab_ 1-é中K\u212a\r"
ATOMS = st.sampled_from(["a", "b", "_", " ", "é", "k", r"\w", r"\W", r"\d", r"\s", ".", "[a-b]", "[^a]", "-"])
LOOKS = st.sampled_from(["^", "$"])
PATTERNS = st.recursive(
    ATOMS | LOOKS,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map(lambda pair: f"(?:{pair[0]}|{pair[1]})"),
        st.tuples(inner, st.sampled_from(["*", "+", "?", "*?", "{2}", "{1,2}"])).map(
            lambda pair: f"(?:{pair[0]}){pair[1]}"
        ),
    ),
    max_leaves=6,
)
LINES = st.lists(st.text(alphabet=ALPHABET, max_size=6), min_size=1, max_size=12)


@settings(max_examples=150, deadline=None)
@given(pattern=PATTERNS, text=LINES)
def test_the_lines_are_those_of_pythons_engine(pattern: str, text: list[str]) -> None:
    """Python's `re` has the same meaning for this part of the syntax; it is another engine."""
    theirs = re.compile(pattern.replace("$", r"\Z"))
    expected = [line for line in text if theirs.search(line)]
    assert lines("".join(f"{line}\n" for line in text), pattern) == expected


@settings(max_examples=150, deadline=None)
@given(pattern=PATTERNS, text=LINES, look=st.sampled_from([r"\b", r"\B"]))
def test_boundaries_agree_with_pythons_engine(pattern: str, text: list[str], look: str) -> None:
    """Unicode's boundaries, through the alphabet of codes and without it."""
    theirs = re.compile(f"{look}(?:{pattern.replace('$', chr(92) + 'Z')}){look}")
    # Before Python 3.14, `\\B` does not match in an empty text.
    text = [line or "a" for line in text]
    expected = [line for line in text if theirs.search(line)]
    assert lines("".join(f"{line}\n" for line in text), f"{look}(?:{pattern}){look}") == expected


@pytest.mark.skipif(shutil.which("rg") is None, reason="ripgrep is not installed")
@pytest.mark.parametrize(
    "pattern", [r"\w+é", r"\bna", "(?i)K", r"^\s*$", r"\p{Lu}+", "[^a-z]+", r"x*", r"\Bb", "a|b"]
)
def test_the_places_are_those_of_ripgrep(tmp_path: Path, pattern: str) -> None:
    text = "naïve É\nab K \u212a\n\n  \nXÄx ba\n"
    (tmp_path / "text").write_text(text, encoding="utf-8")
    done = subprocess.run(
        ["rg", "--no-config", "-on", "--column", "-e", pattern, "text"], cwd=tmp_path, capture_output=True
    )
    theirs = [line.split(":", 2) for line in done.stdout.decode().splitlines()]
    data, ours = text.encode(), []
    matcher = Matcher((pattern,), PatternOptions())
    for one in matcher.lines(data, Clock(len(data))):
        number = data.count(b"\n", 0, one[0]) + 1
        for start, end in matcher.spans(data, one):
            if end > start:
                ours.append([str(number), str(start + 1), data[one[0] + start : one[0] + end].decode()])
    assert ours == [one for one in theirs if one[2]]
