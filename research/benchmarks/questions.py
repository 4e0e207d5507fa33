"""Makes queries from the questions of data sets, for search and for the ranking of continue."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from indexer.encoding import bm25
from indexer.encoding.types import Encoder
from indexer.errors import UsageError
from indexer.parsing import profiles
from retrieval.continuation.features import CutCandidate
from retrieval.continuation.query import CursorPrefix
from retrieval.continuation.ranker import rank
from retrieval.query import Query, log_weights, parse_query
from retrieval.result import Hit

from ..datasets.corpus import REPO, Corpus
from ..datasets.dataset import UNKNOWN, DatasetQuestion
from ..datasets.guess import language_of
from .prefixes import pool, prefix_from_data
from .runs import DEPTH

Reader = Callable[[DatasetQuestion], Query | None]
"""A function that makes a query from a question. The function returns None for a question without words."""


def parsed(text: str) -> Query | None:
    """The query of a question in words. Returns None if the question has no words."""
    try:
        return parse_query(text)
    except UsageError:
        return None


def search(question: DatasetQuestion) -> Query | None:
    """A question in words. Quotes in it do not mark phrases."""
    return parsed(question.text.replace('"', " "))


def continuation(question: DatasetQuestion) -> Query | None:
    """The code before the cursor."""
    weights = log_weights(bm25.count(question.text))
    return Query(text=question.text, weights=weights, names=(), words=()) if weights else None


TASKS: Mapping[str, Reader] = {"search": search, "continue": continuation}


@dataclass(frozen=True, slots=True)
class PrefixQuery:
    """A question as code before a cursor, and the languages of documents that may answer.

    If `languages` is empty, all documents may answer.
    """

    prefix: CursorPrefix
    languages: tuple[str, ...]


def prefix(question: DatasetQuestion) -> PrefixQuery | None:
    """A question as code before a cursor. Returns None if the question has no words.

    If the question names no language, the code is read in a guessed language, and documents of every language
    may answer. Documents that name no language may answer every question.
    """
    said = question.language
    code = prefix_from_data(question.text, said or language_of(question.text))
    if not code.code.lexemes:
        return None
    return PrefixQuery(code, (*profiles.family(said), UNKNOWN) if said else ())


def answerer(indexed: Corpus, encoder: Encoder, profile: str) -> Callable[[PrefixQuery], list[Hit]]:
    """A function that returns the best documents for a question, by one of the ranker's profiles."""

    def answer(asked: PrefixQuery) -> list[Hit]:
        found = pool(indexed.store, encoder, REPO, asked.prefix, languages=asked.languages)
        ranked = rank(found, profile)
        pairs = zip(ranked.order[:DEPTH], ranked.scores, strict=False)
        return [hit(found.candidates[int(row)], float(score)) for row, score in pairs]

    return answer


def hit(option: CutCandidate, score: float = 0.0) -> Hit:
    """A candidate as an answer."""
    payload = option.fragment.payload
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
