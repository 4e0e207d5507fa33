"""Counting the keys of words in many texts at once."""

from __future__ import annotations

import uuid
import zlib
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.encoding import term_counts
from indexer.encoding.term_counts import TermCounts, WordCounter
from indexer.fragment import NAMESPACE, point_id

WORDS = st.text("abc", max_size=3)


def spell(word: str) -> list[int]:
    """A key for each letter, the greatest there may be among them."""
    return [{"a": 7, "b": 2**32 - 1, "c": 0}[letter] for letter in word]


def as_counters(bags: TermCounts) -> list[Counter[int]]:
    """Each text's counts."""
    keys, times = bags.term_ids.tolist(), bags.tf.tolist()
    return [Counter(dict(zip(keys[a:b], times[a:b], strict=True))) for a, b in pairwise(bags.bounds())]


@given(st.lists(st.lists(WORDS, max_size=6), max_size=6))
def test_it_counts_as_a_counter_does(texts: list[list[str]]) -> None:
    """Also for texts and words without any key, and for no texts."""
    bags = WordCounter(spell).count(texts)
    assert as_counters(bags) == [Counter(key for word in text for key in spell(word)) for text in texts]


@given(st.lists(st.lists(WORDS, max_size=3), max_size=6), st.integers(0, 6), st.integers(0, 6))
def test_a_part_is_what_its_texts_alone_give(texts: list[list[str]], start: int, end: int) -> None:
    """Cutting commutes with counting."""
    start, end = sorted((min(start, len(texts)), min(end, len(texts))))
    counts = WordCounter(spell)
    assert as_counters(counts.count(texts).part(start, end)) == as_counters(counts.count(texts[start:end]))


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forgetting changes no count."""
    monkeypatch.setattr(term_counts, "_MAX_WORDS", 3)
    counts = WordCounter(lambda word: [zlib.crc32(word.encode())])
    for n in range(20):
        (found,) = as_counters(counts.count([[f"word{n}", "same"]]))
        assert found == Counter([zlib.crc32(f"word{n}".encode()), zlib.crc32(b"same")])
        assert len(counts._vocabulary) <= 5


def test_threads_count_the_same() -> None:
    """New words from several threads at once get one number each."""
    counts = WordCounter(spell)
    texts = [[["abc" * (n % 7 + 1), "c" * (n % 50)]] for n in range(400)]
    with ThreadPoolExecutor(4) as pool:
        found = [as_counters(bags)[0] for bags in pool.map(counts.count, texts)]
    assert found == [Counter(key for word in text for key in spell(word)) for (text,) in texts]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=5), min_size=1, max_size=4))
def test_ids_are_the_standard_ones(parts: list[str]) -> None:
    """The quick way gives what the library gives."""
    assert point_id(*parts) == str(uuid.uuid5(NAMESPACE, "\0".join(parts)))
