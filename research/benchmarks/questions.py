"""Makes a `Query` from the text of a question, for each task."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from indexer.encoding import bm25
from indexer.errors import UsageError
from retrieval.query import Query, parse_query

from ..datasets.dataset import DatasetQuestion

Reader = Callable[[DatasetQuestion], Query | None]
"""A function that makes a query from a question. The function returns None for a question without words."""


def search(question: DatasetQuestion) -> Query | None:
    """A question in words. Quotes in it do not mark phrases."""
    try:
        return parse_query(question.text.replace('"', " "))
    except UsageError:
        return None


def continuation(question: DatasetQuestion) -> Query | None:
    """The code before the cursor."""
    counts = bm25.count(question.text)
    if not counts:
        return None
    # Counts are logarithmic, as in `similar`: a loop variable that occurs 20 times does not count 20 times.
    weights = {term: 1.0 + math.log(n) for term, n in counts.items()}
    return Query(text=question.text, weights=weights, names=(), words=())


TASKS: Mapping[str, Reader] = {"search": search, "continue": continuation}
