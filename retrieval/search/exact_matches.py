"""Puts exact matches first: what defines the name that a query is, and what contains its words as they stand.

The learned ranker orders candidates by many features, none of which decides alone. That suits questions. A
user who types a name or pastes an error message wants the code that has exactly this name or text. So each
candidate gets a tier, which depends only on the query and the candidate, and the tier comes before the score.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from indexer.analysis.roles import is_example, is_legacy, is_stub, is_test
from indexer.encoding import bm25
from indexer.fragment import language_of
from indexer.parsing import profiles
from indexer.store import Store

from ..names import parts_of, without_signs
from ..query import Query
from ..ranking.reranker import CandidateSet, Ranking, Why
from ..result import Candidate
from ..signature import named_line
from .naming import file_stem

DECLARED: Final = ("defines", "members")
"""The payload fields of a fragment that name what is declared in it."""
MATCH: Final = "exact match"
"""The term of a score that says how exactly a candidate matches."""
USES: Final = 400
"""Maximum number of fragments that contain a name in which its declaration is looked for."""
DEFINITION, FOLDED_DEFINITION, USE = 3.0, 2.0, 1.0
"""Tiers of a query that is a name: what defines it in this case, what defines it in another, what uses it."""
ASIDE: Final = 0.5
"""What is subtracted from the tier of tests, examples, stubs and old versions."""
_OWN: Final = 0.25
"""What is added to the tier of a definition of its own, before a declaration among others."""
_OWN_FILE: Final = 0.2
"""What is added to the tier of a definition in a file of its name. Others may only open a class again."""
_BEHIND: Final = 0.05
"""What is subtracted from the tier of a constructor, which has the name of its class."""
_SHORTEST: Final = 3
"""Words that must follow each other as in the query."""
_LEAST_SHARE, _LEAST_ASIDE = 0.3, 0.6
"""Minimum share of the query's runs of words that a text contains; of tests and prose, the second."""
_STRING = re.compile(r"\"(?:[^\"\\\n]|\\.)+\"|'(?:[^'\\\n]|\\.)+'|`(?:[^`\\]|\\.)+`")


def whole_term(query: Query) -> int | None:
    """The term of the last part of the name that a query is; None if it has none."""
    return next(iter(bm25.terms(parts_of(query.text)[-1].rstrip("?!"))[-1:]), None)


def has_definition(candidates: Iterable[Candidate], query: Query) -> bool:
    """Whether one of the candidates is the definition of the name that a query is, in its case."""
    wanted = parts_of(query.text)
    return any(_definition_tier(one.payload, wanted) > DEFINITION for one in candidates)


def declaring(store: Store, ids: Sequence[str], query: Query) -> list[str]:
    """Those of some fragments that declare the name that a query is, in any case."""
    wanted = parts_of(query.text)
    return [
        one.id
        for one in store.fetch(ids, ("path", "symbol", "kind", "ordinal", *DECLARED))
        if _definition_tier(one.payload, wanted)
    ]


def containing(store: Store, ids: Sequence[str], query: Query) -> list[str]:
    """Those of some fragments that contain the words of a query as they follow each other."""
    runs, plain = _runs(query.text), without_signs(query.text)
    rows = store.fetch(ids, ("path", "language", "text")) if runs else ()
    return [one.id for one in rows if _literal_tier(runs, plain, one.payload, str(one.payload["text"]))]


def tiers(query: Query, candidate_set: CandidateSet) -> dict[str, float]:
    """The tiers of the candidates that match a query exactly, by id. None match a question."""
    candidates = candidate_set.candidates
    if query.title or not candidates or not (query.symbol or query.literal):
        return {}
    if query.symbol:
        found = _tiers_of_name(parts_of(query.text), candidate_set)
    else:
        runs, plain = _runs(query.text), without_signs(query.text)
        read = list({one.id: one for one in (*candidate_set.read, *candidate_set.literal)}.values())
        texts = candidate_set.texts([one.id for one in read])
        candidates = read
        found = [_literal_tier(runs, plain, one.payload, texts.get(one.id, "")) for one in read]
    return {one.id: tier for one, tier in zip(candidates, found, strict=True) if tier > 0}


def _tiers_of_name(wanted: Sequence[str], candidate_set: CandidateSet) -> list[float]:
    candidates = candidate_set.candidates
    word = re.compile(rf"(?<!\w){re.escape(wanted[-1])}(?!\w)")
    named = [one for one in candidates if _folded(one.own_name) == _folded(wanted[-1])]
    read = {one.id for one in (*candidate_set.read, *named)}
    texts = candidate_set.texts([one.id for one in candidates if one.id in read])
    heads = _heads(named, texts)
    found = []
    for one in candidates:
        tier = _definition_tier(one.payload, wanted, is_head=one.id in heads)
        tier = tier or USE * bool(word.search(texts.get(one.id, "")))
        found.append(tier - ASIDE * (tier > 0 and is_aside(one.path)))
    return found


def _heads(candidates: Sequence[Candidate], texts: Mapping[str, str]) -> set[str]:
    """The ids of the pieces with the head of their definition. A long comment may be a piece of its own."""
    heads: dict[tuple[str, str], Candidate] = {}
    for one in sorted(candidates, key=lambda one: one.payload.get("ordinal", 0), reverse=True):
        lines = texts.get(one.id, "").split("\n")
        if one.own_name and named_line(lines, one.symbol, language_of(one.payload)) is not None:
            heads[one.path, one.symbol] = one
    return {one.id for one in heads.values()}


def promoted(ranking: Ranking, found: Mapping[str, float], step: float) -> Ranking:
    """A ranking in which `step` times its tier is added to the score of each candidate.

    `found` has the tiers by id, without those that are 0.
    """
    if not found:
        return ranking
    for one in ranking.candidates:
        one.score += step * found.get(one.id, 0.0)

    def explain(chosen: Sequence[Candidate]) -> list[Why]:
        terms = zip(chosen, ranking.explain(chosen), strict=True)
        return [{**why, MATCH: step * found[one.id]} if one.id in found else dict(why) for one, why in terms]

    return Ranking(sorted(ranking.candidates, key=lambda one: one.sort_key), explain)


def is_aside(path: str) -> bool:
    """Whether a file is a test, an example, a stub or an old version."""
    return is_test(path) or is_example(path) or is_stub(path) or is_legacy(path)


def _definition_tier(payload: Mapping[str, Any], wanted: Sequence[str], *, is_head: bool = True) -> float:
    """The tier of a fragment that defines a name with these parts; 0 if it does not.

    `is_head` says whether the fragment has the head of its definition, and not only a piece of it.
    """
    best = 0.0
    if payload["kind"] != "block":
        best = _likeness(payload["symbol"], payload["path"], wanted)
    if best and (is_head or not payload.get("ordinal")):
        is_constructor = parts_of(payload["symbol"])[-2:-1] == parts_of(payload["symbol"])[-1:]
        own_file = _letters(file_stem(payload["path"])) == _letters(wanted[-1])
        return best + _OWN * is_head + _OWN_FILE * own_file - _BEHIND * is_constructor
    declared: Iterable[str] = (*payload.get("defines", ()), *payload.get("members", ()))
    best = max((_likeness(symbol, payload["path"], wanted) for symbol in declared), default=0.0)
    if best or len(wanted) < 2 or payload.get("ordinal"):
        return best
    name = payload["path"].rpartition("/")[2]
    return DEFINITION if name == ".".join(wanted) else 0.0


def _likeness(symbol: str, path: str, wanted: Sequence[str]) -> float:
    known = parts_of(symbol)
    if not _ends_with(tuple(map(_folded, known)), tuple(map(_folded, wanted)), path):
        return 0.0
    return DEFINITION if known[-1] == wanted[-1] else FOLDED_DEFINITION


def _ends_with(known: Sequence[str], wanted: Sequence[str], path: str) -> bool:
    """Whether a qualified name ends with these parts. The outer ones may be names of the file or folders."""
    short = min(len(known), len(wanted))
    if known[-short:] != wanted[-short:]:
        return False
    outer = wanted[: len(wanted) - short]
    return not outer or short > 1 or outer[-1] in [_folded(part.split(".")[0]) for part in path.split("/")]


def _folded(name: str) -> str:
    return name.lower().rstrip("?!")


def _letters(name: str) -> str:
    return "".join(filter(str.isalnum, name)).lower()


def _literal_tier(
    runs: frozenset[tuple[str, ...]], plain: str, payload: Mapping[str, Any], text: str
) -> float:
    """1 plus the share of a query's runs of words that a text contains; 0 if it contains few of them."""
    if not runs or not text or not _may_have(runs, text):
        return 0.0
    aside = is_aside(payload["path"]) or _is_prose(payload["language"])
    share = len(runs & _runs(text)) / len(runs)
    if 0 < share < 1.0:  # a string with placeholders, or a sentence that says something alike
        share = len(runs & _runs("\n.\n".join(_STRING.findall(text)))) / len(runs)
    if share < (_LEAST_ASIDE if aside else _LEAST_SHARE) or (share < 1.0 and share * len(runs) < 2):
        return 0.0
    is_whole = plain in text or plain in " ".join(text.split())
    return 1.0 + share + 0.5 * is_whole - ASIDE * aside


def _may_have(runs: frozenset[tuple[str, ...]], text: str) -> bool:
    """Whether a text has the words of as many runs as it needs. This is faster than cutting it into words."""
    lower = text.lower()
    known: dict[str, bool] = {}
    found = 0
    for run in runs:
        for word in run:
            if word not in known:
                known[word] = word in lower
            if not known[word]:
                break
        else:
            found += 1
            if found == min(2, len(runs)):
                return True
    return False


def _is_prose(language: str | list[str]) -> bool:
    name = language[0] if isinstance(language, list) else language
    return profiles.of(name).textual


def _runs(text: str) -> frozenset[tuple[str, ...]]:
    """The runs of _SHORTEST words, or all words if there are fewer, but at least two."""
    words = [word.lower() for word in bm25.words(text)]
    if len(words) < 2:
        return frozenset()
    length = min(_SHORTEST, len(words))
    return frozenset(tuple(words[n : n + length]) for n in range(len(words) - length + 1))
