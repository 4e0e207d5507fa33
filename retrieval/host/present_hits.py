"""The answer of `search` and `similar`: hits that agree with the present texts of their files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from indexer.analysis.fragment_points import title
from indexer.encoding import bm25
from indexer.index.index import Index

from ..definitions import definitions_around
from ..excerpts import excerpt_around
from ..filtering import emptying_filters, left_out
from ..query import Filters, Query, log_weights, parse_query
from ..ranking.reranker import limit_per_file
from ..result import Excerpt, Hit, Suggestion
from . import unsaved
from .answers import HitsAnswer
from .current_texts import CurrentText, CurrentTexts
from .query_context import QueryContext
from .requests import HitsParams, SearchParams
from .unsaved import NewFragment

_SPARE = 20
"""Number of hits that are requested in addition if texts have changed, because some may be left out."""
_NAMED = 3
"""Maximum number of files that are named in remarks about left-out hits."""

Result = TypeVar("Result", Hit, Suggestion)


def hits_answer(
    context: QueryContext,
    params: HitsParams,
    profile: str,
    query: Query,
    texts: CurrentTexts,
    new: Sequence[NewFragment] | None = None,
) -> HitsAnswer:
    """The hits for a query. Each shows the present text of its file: of a buffer, else on disk.

    `new` are the fragments that the index lacks, by default all of them.
    """
    config, store = context.config, context.store
    limit = config.limit if params.limit is None else params.limit
    per_file = config.per_file if params.per_file is None else params.per_file
    profile = profile if params.profile is None else params.profile
    if new is None:
        new = context.new_code.of(store, texts.with_new_code())
    searcher = context.searcher(profile)
    spare = _SPARE if new and limit else 0
    found = searcher.answer(query, limit=limit + spare, per_file=per_file, profile=profile)
    present = texts.different(hit.path for hit in found)
    if present:
        found = unsaved.relocated(found, present)
    if new:
        found = unsaved.merge_unsaved(query, found, new, context.index.encoder, limit, per_file)
    elif present:
        found = limit_per_file(found, limit, per_file)
    answer = HitsAnswer(hits=[plain(hit, explain=params.explain) for hit in found])
    if not found:
        answer.emptied = tuple(emptying_filters(store, context.index.tenant, query.filters))
    if len(found) < limit:
        answer.left_out = left_out(store, context.index.tenant, query.filters)
    if params.around is not None:
        answer.excerpts = [_excerpt(context.index, hit, params.around, texts) for hit in found]
    if params.definitions:
        answer.definitions = definitions_around(store, context.index.tenant_filter, found, present)
    answer.remarks = (*_left_out_remarks(present), *context.take_remarks())
    return answer


def matching_hits(context: QueryContext, params: SearchParams, filters: Filters) -> HitsAnswer:
    """The fragments with a line that a pattern matches, ranked by the words of the query if it has any."""
    from ..grep.fragments import hits_of, matching_fragments

    store, config = context.store, context.config
    texts = context.current_texts(params.documents)
    matching = matching_fragments(context.grep, params.patterns, texts, filters, store)
    if not matching:
        return HitsAnswer(hits=[], remarks=context.take_remarks())
    limit = config.limit if params.limit is None else params.limit
    per_file = config.per_file if params.per_file is None else params.per_file
    answer, every = HitsAnswer(hits=[]), hits_of(matching, store)
    if params.query.strip():
        ids = tuple(one for one in matching if isinstance(one, str))
        new = [one for one in matching if not isinstance(one, str)]
        query = parse_query(params.query, replace(filters, ids=ids))
        if ids:
            answer = hits_answer(context, params, config.profile, query, texts, new)
        else:
            answer.hits = unsaved.merge_unsaved(query, [], new, context.index.encoder, limit, per_file)
    # The ranker has seen a limited number of candidates. The other fragments match as well.
    there = {(hit.path, hit.start_line) for hit in answer.hits}
    rest = [replace(hit, score=0.0) for hit in every if (hit.path, hit.start_line) not in there]
    added = limit_per_file([*answer.hits, *rest], limit, per_file)[len(answer.hits) :]
    answer.hits += added
    if params.around is not None:
        answer.excerpts = [_excerpt(context.index, hit, params.around, texts) for hit in answer.hits]
    if params.definitions:
        present = texts.different(hit.path for hit in answer.hits)
        answer.definitions = definitions_around(store, context.index.tenant_filter, answer.hits, present)
    return answer


def _left_out_remarks(present: dict[str, CurrentText]) -> list[str]:
    """Lines about files whose hits are left out, because they are gone or may no longer be indexed."""
    gone = [one for one in present.values() if one.text is None]
    lines = [f"{one.path} {one.why}; its hits are left out" for one in gone[:_NAMED]]
    return [
        *lines,
        *([f"hits of {len(gone) - _NAMED} more files are left out"] if len(gone) > _NAMED else []),
    ]


def plain(found: Result, *, explain: bool) -> Result:
    """A hit or suggestion with numbers of Python's types. `why` is empty unless `explain` is true."""
    why = {name: float(value) for name, value in found.why.items()} if explain else {}
    return replace(found, score=float(found.score), why=why)


def query_for_text(index: Index, present: CurrentText | None, line: int, filters: Filters) -> Query | None:
    """The fragment at a line of a text that differs from the index, as a query.

    Returns None if there is no such text, or if it has no fragments.
    """
    if present is None or present.text is None:
        return None
    fragments = unsaved.fragments_of_text(present.path, present.text, index.repo)
    if not fragments:
        return None

    def distance(number: int) -> tuple[int, bool, int, int]:
        first, last = fragments[number].span.start_line, fragments[number].span.end_line
        return max(first - line, line - last, 0), last < line, last - first, -first

    chosen = fragments[min(range(len(fragments)), key=distance)]
    same = [one for one in fragments if one is chosen or (one.symbol and one.symbol == chosen.symbol)]
    return Query(
        text=chosen.text,
        weights=log_weights(bm25.count(chosen.text)),
        names=(),
        words=(),
        title=title(chosen.symbol, chosen.members, chosen.path),
        filters=filters,
        exclude=frozenset(one.id for one in same),
    )


def _excerpt(index: Index, hit: Hit, lines: int, texts: CurrentTexts) -> Excerpt:
    """The hit's text with `lines` lines before and after it, from the text in which its lines count."""
    present = texts.if_different(hit.path)
    if present is None or present.text is None or not lines:
        return excerpt_around(index, hit, lines)
    all_lines = present.text.removesuffix("\n").split("\n")
    first = max(hit.start_line - lines, 1)
    return Excerpt(first, "\n".join(all_lines[first - 1 : hit.end_line + lines]))
