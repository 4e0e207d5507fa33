"""What a question asks for: its words, the names in it, and what must occur literally."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from indexer.encoding import bm25
from indexer.errors import UsageError
from indexer.fragment import KINDS

_PHRASE = re.compile(r'"([^"]+)"')
_NAME = re.compile(r"[^\W\d][\w]*(?:(?:\.|::|#|->)[^\W\d][\w]*)*[?!]?")
_SEPARATOR = re.compile(r"::|#|->")
_NAMES = 20
_CASE = re.compile(r"[a-z0-9][A-Z]|_|[A-Z]{2,}[a-z]")

STOP_WORDS = frozenset(
    "a an and any are as at be been being by can could do does done for from get gets had has have how i "
    "if in into is it its let may me my of on or our should so some than that the their them then there "
    "these they this those to under up used uses using was we were what when where which while who why "
    "will with would you your".split()
)
"""Words of questions, not of code: rare in code, so that IDF alone would take them for important."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What is wanted: `languages`, path `globs` ("!" negates), `kinds`, and tests or not (None: both).

    `folder` is the only one to answer from, relative to the root, "" for all of it; `globs` begin there.
    """

    languages: tuple[str, ...] = ()
    globs: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    tests: bool | None = None
    folder: str = ""

    @property
    def prefix(self) -> str:
        """What every path in the folder begins with."""
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
    """A question about code.

    `weights` are its terms (hashed) for BM25, `names` the lower-cased definitions it may name, `words` its
    lower-case parts without stop words, `phrases` what must occur literally. `title` is set for a question
    that is itself code: its qualified name and path. `exclude` are ids that must not be answered.
    """

    text: str
    weights: Mapping[int, float]
    names: tuple[str, ...]
    words: tuple[str, ...]
    phrases: tuple[str, ...] = ()
    symbol: bool = False
    title: str = ""
    filters: Filters = field(default_factory=Filters)
    exclude: frozenset[str] = frozenset()


def understand(text: str, filters: Filters | None = None) -> Query:
    """Read a question typed by a person. Raises UsageError if there is no word in it."""
    plain = unicodedata.normalize("NFC", text.replace('"', " ")).strip()
    found = [word for word in bm25.words(plain) if bm25.terms(word)]
    if not found:
        raise UsageError(f"nothing to search for in {text[:80]!r}; name something that occurs in code")
    meaningful = [w for w in found if w.lower() not in STOP_WORDS] or found
    counts: Counter[int] = Counter()
    for word in meaningful:
        counts.update(bm25.terms(word))
    symbol = is_symbol(plain)
    return Query(
        text=plain,
        weights={t: float(n) for t, n in counts.items()},
        names=names(plain, symbol),
        words=tuple(dict.fromkeys(p for w in meaningful for p in bm25.parts(w))),
        phrases=tuple(_PHRASE.findall(text)),
        symbol=symbol,
        filters=filters or Filters(),
    )


def is_symbol(text: str) -> bool:
    """Whether the whole question is the name of something: `Mux`, `mux.Handle`, `get_user`, `Foo::bar()`."""
    return _NAME.fullmatch(text.removesuffix("()")) is not None


def names(text: str, symbol: bool) -> tuple[str, ...]:
    """Definitions that the question names, lower-cased, most specific first."""
    found: dict[str, None] = {}
    for match in _NAME.finditer(text):
        name = _SEPARATOR.sub(".", match.group())
        if symbol or _CASE.search(name) or "." in name or (name[0].isupper() and match.start() > 0):
            # A method of Ruby's, or the end of a sentence.
            for form in dict.fromkeys((name, name.rstrip("?!"))):
                tail = form.lower().split(".")
                found |= dict.fromkeys((".".join(tail), ".".join(tail[-2:]), tail[-1]))
    return tuple(found)[:_NAMES]
