"""Subword pieces, and pairs as bags of them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from indexer.errors import UsageError
from research.encoder import bags, tokenizer
from research.encoder.bags import Encoded
from research.encoder.tokenizer import Pieces
from research.mining import pairs
from research.mining.pairs import Pair

pytest.importorskip("tokenizers")
pytest.importorskip("scipy")

WORDS = Counter({"retry": 90, "retries": 40, "delay": 80, "relay": 30, "attempt": 50, "temper": 20})


def pair(function: int, query: str, text: str, *, kind: str = "doc", language: str = "python") -> Pair:
    """A pair whose title is `name`."""
    return Pair(function, kind, language, "a.py", "name", query, text, "name")


@pytest.fixture(scope="module")
def pieces() -> Pieces:
    """Learned from a few words."""
    return tokenizer.learn(WORDS, 200)


def test_frequent_words_become_one_piece(pieces: Pieces) -> None:
    """Whole words where there is room; what was never seen is spelled by letters."""
    split = pieces.pairs().split
    texts = pieces.texts()
    for word in WORDS:
        assert [texts[piece] for piece in split(word) or ()] == [word]
    spelled = split("zq9") or ()
    assert "".join(texts[piece].removeprefix("##") for piece in spelled) == "zq9"
    assert split("ж") is None
    assert pieces.size == len(texts) <= 200


def test_pieces_depend_on_the_counts_alone(pieces: Pieces) -> None:
    """Not on the order in which words were met."""
    again = tokenizer.learn(Counter(dict(reversed(WORDS.items()))), 200)
    assert again.alphabet == pieces.alphabet
    assert (again.merges == pieces.merges).all()


def test_pieces_survive_their_file(tmp_path: Path, pieces: Pieces) -> None:
    """And a file that is none is named."""
    pieces.save(tmp_path / "t.json")
    read = Pieces.load(tmp_path / "t.json")
    assert read.alphabet == pieces.alphabet
    assert (read.merges == pieces.merges).all()
    (tmp_path / "t.json").write_text("{}")
    with pytest.raises(UsageError, match=r"t\.json"):
        Pieces.load(tmp_path / "t.json")


def test_words_are_counted_in_parts() -> None:
    """As the encoder cuts them; other scripts do not decide about the pieces."""
    assert tokenizer.count(["retryDelay retry", "попытка"]) == Counter({"retry": 2, "delay": 1})


def test_pairs_become_bags(tmp_path: Path, pieces: Pieces) -> None:
    """Every part of every pair, in order, with how often each piece occurs; the same after a file."""
    path = tmp_path / "x.jsonl.gz"
    pairs.write(
        path, [pair(0, "retry delay", "retry(retry)"), pair(3, "", "дела", kind="name", language="go")]
    )
    made = bags.encode(path, bags.TermCounter(pieces))
    made.save(tmp_path / "x.npz")
    read = Encoded.load(tmp_path / "x.npz")
    split = pieces.pairs().split
    for found in (made, read):
        assert found.kind.tolist() == [pairs.KINDS.index("doc"), pairs.KINDS.index("name")]
        assert found.function.tolist() == [0, 3]
        assert found.language.tolist() == [0, 1]
        weights = found.text.matrix(np.array([1, 0, 0]), pieces.size).toarray()
        assert weights[0].sum() == 0
        (retry,) = split("retry") or ()
        assert weights[1, retry] == pytest.approx(1 + np.log(2))
        assert (weights[1] == weights[2]).all()
        assert found.query.starts[-1] == 2
    both = bags.joined([made, read])
    assert len(both) == 4
    assert (both.text.matrix(np.array([2]), pieces.size).toarray() == weights[1]).all()


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    """With what to do."""
    (tmp_path / "x.npz").write_bytes(b"PK")
    with pytest.raises(UsageError, match=r"x\.npz.*cornea train tokens"):
        Encoded.load(tmp_path / "x.npz")
