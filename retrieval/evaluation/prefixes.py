"""A data set's prefixes through the ranking of continue: a document is the continuation from its start on."""

from __future__ import annotations

from collections.abc import Callable

from indexer.embedding import Encoder

from ..continuation.continuer import Continuer
from ..continuation.features import Option
from ..continuation.query import Prefix, of_data
from ..continuation.ranker import rank
from ..result import Hit
from .corpus import REPO, Corpus
from .dataset import Question
from .runs import DEPTH


def read(question: Question) -> Prefix | None:
    """A question as code before a cursor; None where there is no word in it."""
    prefix = of_data(question.text, question.language)
    return prefix if prefix.code.lexemes else None


def answerer(indexed: Corpus, encoder: Encoder, profile: str) -> Callable[[Prefix], list[Hit]]:
    """The best documents for a prefix by one of the ranker's profiles."""
    continuer = Continuer(indexed.store, encoder, REPO)

    def answer(prefix: Prefix) -> list[Hit]:
        pool = continuer.pool(prefix)
        ranked = rank(pool, profile)
        pairs = zip(ranked.order[:DEPTH], ranked.scores, strict=False)
        return [hit(pool.options[int(row)], float(score)) for row, score in pairs]

    return answer


def hit(option: Option, score: float = 0.0) -> Hit:
    """A candidate as an answer."""
    payload = option.found.payload
    return Hit(
        path=str(payload["path"]),
        start_line=int(payload["start_line"]),
        end_line=int(payload["end_line"]),
        symbol=str(payload["symbol"]),
        kind=str(payload["kind"]),
        language=str(payload["language"]),
        score=score,
        text=option.text,
    )
