"""Filter, negatives and training on pairs that were made up: concepts that are called differently in code."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from research.encoder import bags, consistency, embedder, negatives, tokenizer
from research.encoder.bags import Encoded
from research.encoder.consistency import Limits
from research.encoder.contrast import Floats
from research.encoder.embedder import Recipe
from research.encoder.negatives import Choice, Negatives
from research.encoder.pools import bm25, rank_of
from research.mining import pairs

from .test_tokens import pair

pytest.importorskip("tokenizers")
pytest.importorskip("scipy")

CONCEPTS = 30
RECIPE = Recipe(dim=16, draws=12_000, batch=64, rate=0.05, shares=(1.0, 1.0, 1.0, 1.0))


def _concept(number: int, spoken: bool) -> str:
    """What people call it, or what code does: no letters in common."""
    letters = "abcdefghij" if spoken else "klmnopqrst"
    return "".join(letters[int(digit)] for digit in f"{number * 37 + 100}")


def _made(seed: int, count: int) -> list[pairs.Pair]:
    rng = np.random.default_rng(seed)
    found = []
    for number in range(count):
        chosen = rng.choice(CONCEPTS, 3, replace=False)
        query, text = (" ".join(_concept(int(c), spoken) for c in chosen) for spoken in (True, False))
        found.append(pair(number, query, text))
    return found


class World:
    """Pairs of a repository to learn from and of one to test with, and a random table."""

    def __init__(self, folder: Path) -> None:
        known, other = _made(1, 600), _made(2, 120)
        counts = tokenizer.count(f"{row.query} {row.text}" for row in known)
        self.pieces = tokenizer.learn(counts, 1_000)
        counter = bags.TermCounter(self.pieces)
        self.known, self.other = (self._encoded(folder, rows, counter) for rows in (known, other))
        keys = [self.known.text.keys, self.known.query.keys]
        self.idf = embedder.idf(keys, len(self.known), self.pieces.size)
        self.table = embedder.initial(self.idf, RECIPE.dim, 0)

    @staticmethod
    def _encoded(folder: Path, rows: list[pairs.Pair], counter: bags.TermCounter) -> Encoded:
        pairs.write(folder / "rows.jsonl.gz", rows)
        return bags.encode(folder / "rows.jsonl.gz", counter)

    def rank(self, table: Floats, which: Encoded | None = None) -> float:
        """The mean reciprocal rank of the answers among all of the unseen pairs."""
        rows = which or self.other
        everyone = np.arange(len(rows))
        scores = (
            embedder.vectors(rows.query.matrix(everyone, len(table)), table)
            @ embedder.documents(rows, everyone, table).T
        )
        return float((1 / rank_of(scores, everyone)).mean())


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Made once."""
    return World(tmp_path_factory.mktemp("world"))


def test_training_beats_a_random_table(world: World) -> None:
    """Words that share no letter are found to mean the same, on pairs that were not seen."""
    before = world.rank(world.table)
    learned, curve = embedder.train(world.known, world.table, RECIPE)
    assert curve[-1] < curve[0] / 2
    assert before < 0.2
    assert world.rank(learned) > 0.7


def test_the_same_seed_gives_the_same_table(world: World) -> None:
    """Bit by bit; another seed does not."""
    brief = Recipe(dim=16, draws=640, batch=64)
    first, again = (embedder.train(world.known, world.table, brief)[0] for _ in range(2))
    other, _ = embedder.train(world.known, world.table, Recipe(dim=16, draws=640, batch=64, seed=1))
    assert (first == again).all()
    assert (first != other).any()


def test_only_kept_pairs_are_learned(world: World) -> None:
    """Pieces that occur in dropped pairs alone stay where they were."""
    kept = np.zeros(len(world.known), bool)
    kept[:5] = True
    learned, _ = embedder.train(world.known, world.table, Recipe(dim=16, draws=10, batch=5), kept=kept)
    touched = set(world.known.text.keys[: world.known.text.starts[5]].tolist())
    touched |= set(world.known.query.keys[: world.known.query.starts[5]].tolist())
    moved = np.flatnonzero((learned != world.table).any(axis=1))
    assert set(moved.tolist()) - touched <= set(world.known.title.keys.tolist())
    assert len(moved)


def test_consistency_keeps_what_is_found(world: World) -> None:
    """By a scorer that knows the concepts nearly all stay; by a random one, few; limits bound what stays."""
    learned, _ = embedder.train(world.known, world.table, RECIPE)
    good = consistency.judge(world.other, learned, world.idf, Limits(top=5))
    poor = consistency.judge(world.other, world.table, world.idf, Limits(top=5))
    assert good.kept.mean() > 0.9
    assert poor.kept.mean() < 0.4
    assert good.dropped["doc"]["kept"] == good.kept.sum()
    strict = consistency.judge(world.other, learned, world.idf, Limits(top=5, cosine=2.0))
    assert not strict.kept.any()
    assert strict.dropped["doc"]["cosine"] + strict.dropped["doc"]["rank"] == len(world.other)


def test_words_alone_are_enough_to_stay(tmp_path: Path) -> None:
    """BM25 is a scorer of its own: shared words keep a pair whatever the dense scorer says."""
    rows = [
        pair(n, f"unusual{chr(97 + n)}{chr(98 + n)}", f"unusual{chr(97 + n)}{chr(98 + n)}") for n in range(8)
    ]
    pieces = tokenizer.learn(tokenizer.count(f"{row.query} {row.text}" for row in rows * 5), 500)
    encoded = World._encoded(tmp_path, rows, bags.TermCounter(pieces))
    idf = embedder.idf([encoded.text.keys], len(encoded), pieces.size)
    verdict = consistency.judge(
        encoded, np.zeros((pieces.size, 4), np.float32), idf, Limits(top=1, cosine=-1)
    )
    assert verdict.words.tolist() == [1] * 8
    assert verdict.kept.all()


def test_negatives_are_near_but_no_answers(world: World) -> None:
    """Of the same language, of other functions, not too like the answer; harder ones are drawn later."""
    learned, _ = embedder.train(world.known, world.table, RECIPE)
    choice = Choice(skip=1, deepest=20, most=4, alike=0.95)
    found = negatives.mine(world.other, np.ones(len(world.other), bool), learned, choice)
    everyone = np.arange(len(world.other))
    code = embedder.documents(world.other, everyone, learned)
    have = found.scores[:, 0] >= 0
    assert have.mean() > 0.9
    for row in np.flatnonzero(have):
        chosen = found.found[row][found.scores[row] >= 0]
        assert row not in chosen
        assert (code[chosen] @ code[row]).max() < choice.alike
        assert (np.diff(found.scores[row][found.scores[row] >= 0]) <= 1e-6).all()
    drawn = [np.take_along_axis(found.scores, _places(found, p), 1).mean() for p in (0.0, 1.0)]
    assert drawn[0] < drawn[1]
    learned_on, _ = embedder.train(world.known, learned, RECIPE, draw_negatives=_of(world, learned).draw)
    assert world.rank(learned_on) > 0.7


def _places(found: Negatives, progress: float) -> np.ndarray:
    everyone = np.arange(len(found.found))
    drawn = found.draw(everyone, progress, np.random.default_rng(0))
    return (found.found == drawn[:, None]).argmax(axis=1)[:, None]


def _of(world: World, table: Floats) -> Negatives:
    return negatives.mine(
        world.known, np.ones(len(world.known), bool), table, Choice(skip=1, deepest=20, most=4)
    )


def test_pairs_of_repositories_keep_their_own_negatives(world: World) -> None:
    """Numbers move with the repositories in front."""
    first = Negatives(np.array([[1], [0]], np.int32), np.ones((2, 1), np.float32))
    joined = negatives.joined([first, first])
    assert joined.found.tolist() == [[1], [0], [3], [2]]


def test_bm25_prefers_rare_and_repeated(world: World) -> None:
    """As the formula says, on bags that hold 1 + ln(times)."""
    from scipy.sparse import csr_matrix

    bag = csr_matrix(np.array([[1 + np.log(2), 1.0], [0.0, 1.0]], np.float32))
    idf = np.array([2.0, 0.5], np.float32)
    weights = bm25(bag, idf, k1=1.5, b=0.0).toarray()
    assert weights[0, 0] == pytest.approx(2 * 2.5 / 3.5 * 2, rel=1e-5)
    assert weights[1, 1] == pytest.approx(1 * 2.5 / 2.5 * 0.5, rel=1e-5)


def test_ranks_count_ties_against_the_answer() -> None:
    """A scorer that gives everybody the same is no good."""
    scores = np.array([[1.0, 1.0, 1.0], [0.1, 0.9, 0.5]], np.float32)
    assert rank_of(scores, np.array([0, 2])).tolist() == [3, 2]
