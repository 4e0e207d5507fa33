"""Parses a query: its words, the names in it, and quoted phrases."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from indexer.encoding import bm25
from indexer.errors import UsageError
from indexer.fragment import KINDS

from .names import parts_of
from .stop_words import STOP_WORDS

_PHRASE = re.compile(r'"([^"]+)"')
_NAME = re.compile(r"[^\W\d][\w]*(?:(?:\.|::|#|->)[^\W\d][\w]*)*[?!]?")
_QUESTION_WORDS = frozenset("how what when where which who why".split())
_NAMES = 20
_CASE = re.compile(r"[a-z0-9][A-Z]|_|[A-Z]{2,}[a-z]")


@dataclass(frozen=True, slots=True)
class Filters:
    """Restricts the answers to some languages, paths and kinds, and to tests or to other code.

    A field with its default value does not restrict. A glob that begins with "!" excludes paths. `globs` are
    relative to `folder`, and `folder` is relative to the root. `tests` is True for tests alone, and False for
    all other code. `ids` are those of fragments.
    """

    languages: tuple[str, ...] = ()
    globs: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    tests: bool | None = None
    folder: str = ""
    ids: tuple[str, ...] = ()

    @property
    def prefix(self) -> str:
        """The prefix of all paths in the folder."""
        return f"{self.folder}/" if self.folder else ""

    def check(self, languages: tuple[str, ...]) -> None:
        """Raise UsageError for a language or kind that does not exist."""
        for name in self.languages:
            if name not in languages:
                raise UsageError(f"unknown language {name!r}; one of: {', '.join(sorted(languages))}")
        for kind in self.kinds:
            if kind not in KINDS:
                raise UsageError(f"unknown kind {kind!r}; one of: {', '.join(KINDS)}")


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query.

    `weights` maps the query's hashed BM25 terms to their weights. `names` are the lower-cased names of the
    definitions that the query may mean. `words` are the lower-case parts of the query's words, without stop
    words. `phrases` are texts that every answer must contain literally. `symbol` is true if the whole query
    is a name. `literal` maps the terms of all words, stop words too, to their weights, if there are several
    words; it is empty for a name, and for a question, which hardly stands in code. If the query is code,
    `title` contains the qualified name and the path of that code; otherwise, `title` is empty. `exclude` are
    the ids of fragments that must not be returned.
    """

    text: str
    weights: Mapping[int, float]
    names: tuple[str, ...]
    words: tuple[str, ...]
    phrases: tuple[str, ...] = ()
    symbol: bool = False
    literal: Mapping[int, float] = field(default_factory=dict)
    title: str = ""
    filters: Filters = field(default_factory=Filters)
    exclude: frozenset[str] = frozenset()


def parse_query(text: str, filters: Filters | None = None) -> Query:
    """Parse the text of a query. Raises UsageError if the text contains no word."""
    plain = unicodedata.normalize("NFC", text.replace('"', " ")).strip()
    found = [word for word in bm25.words(plain) if bm25.terms(word)]
    if not found:
        raise UsageError(f"nothing to search for in {text[:80]!r}; name something that occurs in code")
    meaningful = [w for w in found if w.lower() not in STOP_WORDS] or found
    counts: Counter[int] = Counter()
    for word in meaningful:
        counts.update(bm25.terms(word))
    symbol = is_symbol(plain)
    is_question = found[0].lower() in _QUESTION_WORDS
    literal = {} if symbol or is_question or len(found) < 2 else bm25.count(plain)
    return Query(
        text=plain,
        weights={t: float(n) for t, n in counts.items()},
        names=names(plain, symbol),
        words=tuple(dict.fromkeys(p for w in meaningful for p in bm25.parts(w))),
        phrases=tuple(_PHRASE.findall(text)),
        symbol=symbol,
        literal={t: float(n) for t, n in literal.items()},
        filters=filters or Filters(),
    )


def log_weights(counts: Mapping[int, int]) -> dict[int, float]:
    """The weights of the terms of a long text, such as code, as a query: 1 + the logarithm of the frequency.

    A loop variable that occurs 20 times is not 20 times as relevant.
    """
    return {term: 1.0 + math.log(n) for term, n in counts.items()}


def is_symbol(text: str) -> bool:
    """Whether the whole query is a name, such as `Mux`, `mux.Handle`, `get_user` or `Foo::bar()`."""
    return _NAME.fullmatch(text.removesuffix("()")) is not None


def names(text: str, symbol: bool) -> tuple[str, ...]:
    """The lower-cased names of the definitions that the query may mean.

    Each qualified name is followed by its last two parts and by its last part.
    """
    found: dict[str, None] = {}
    for match in _NAME.finditer(text):
        name = ".".join(parts_of(match.group()))
        if symbol or _CASE.search(name) or "." in name or (name[0].isupper() and match.start() > 0):
            # A `?` or `!` may belong to a Ruby method's name or end a sentence, so keep both forms.
            for form in dict.fromkeys((name, name.rstrip("?!"))):
                tail = form.lower().split(".")
                found |= dict.fromkeys((".".join(tail), ".".join(tail[-2:]), tail[-1]))
    return tuple(found)[:_NAMES]
