"""Telling copies."""

from __future__ import annotations

import numpy as np

from research.mining import fingerprints
from research.mining.dedupe import FingerprintTable, duplicates, repeated
from tests.support.waiting import processor_time_below

from .clones import function


def _table(*texts: str, documented: bool = False) -> FingerprintTable:
    codes = [fingerprints.code(text) for text in texts]
    bands, low = fingerprints.signatures(codes)
    whole = np.array([fingerprints.of(code).whole for code in codes], np.uint64)
    return FingerprintTable(whole, bands, low, np.full(len(codes), documented))


def test_equal_and_similar_texts() -> None:
    """The first is kept; other texts are not touched."""
    long = function("alpha", lines=60)
    near = long.replace("argument", "argument, other", 1)
    one = _table(long, function("beta"))
    two = _table(function("gamma"), long.replace("    ", "  "), near)
    first, second = duplicates([one, two])
    assert first.kept.tolist() == [True, True]
    assert second.equal.tolist() == [False, True, False]
    assert second.similar.tolist() == [False, False, True]


def test_the_documented_copy_is_kept() -> None:
    """Wherever it is."""
    one, two = _table(function("alpha")), _table(function("alpha"), documented=True)
    assert [verdict.kept.tolist() for verdict in duplicates([one, two])] == [[False], [True]]


def test_nothing_at_all() -> None:
    """No tables, and tables without rows."""
    assert duplicates([]) == []
    empty, one = _table(), _table(function("alpha"))
    assert [len(verdict.kept) for verdict in duplicates([empty, one, empty])] == [0, 1, 0]
    assert repeated(np.array([], np.uint64)).tolist() == []
    assert repeated(np.array([3, 1, 3, 3], np.uint64)).tolist() == [False, False, True, True]


def test_signatures_estimate_the_similarity() -> None:
    """The share of equal minima grows with what two texts share, and is 1 for equal ones."""
    words = [f"w{n}" for n in range(400)]
    base, near, far = " ".join(words), " ".join([*words[:380], *"abcdefgh"]), " ".join(words[200:])
    _, low = fingerprints.signatures([base, near, far, base, ""])
    shares = (low == low[0]).mean(axis=1)
    assert shares[3] == 1
    assert shares[1] > 0.85
    assert 0.3 < shares[2] < 0.7
    assert shares[4] < 0.1


def test_texts_in_any_batch_have_the_same_signature() -> None:
    """What stands beside a text does not matter."""
    texts = [function(f"name{n}") for n in range(300)]
    _, together = fingerprints.signatures(texts)
    _, alone = fingerprints.signatures(texts[280:])
    assert (together[280:] == alone).all()


def test_many_copies_take_no_long_time() -> None:
    """Ten thousand texts of which nine in ten are copies."""
    table = _table(*(function(f"name{n}") for n in range(1000)))
    with processor_time_below(10):
        verdicts = duplicates([table] * 10)
    assert sum(int(verdict.kept.sum()) for verdict in verdicts) <= 1000
