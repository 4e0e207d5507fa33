"""Which names the code of a root defines: says of a question that is a name whether anything defines it.

A name is known if a fragment has it, if a fragment declares it (constants, fields, types, ...), or if a
function that is too small for fragments of its own inner functions defines it inside.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath
from typing import Any

import numpy as np

from indexer.encoding import bm25
from indexer.fragment import KINDS
from indexer.index.index import Index
from indexer.store import Filter, Leg, Match, Store

from ..candidates import LEXICAL, repository_filter
from ..names import parts_of
from ..query import Query
from . import inner_definitions
from .answers import UnknownName
from .current_texts import CurrentTexts
from .unsaved import fragments_of_text

_NAMES = ("path", "symbol", "defines", "members")
_FIELDS = (*_NAMES, "text", "language")
_USES = 400
"""Maximum number of fragments that contain a name in which its definition is looked for."""
_NEAREST = 3
_COMPARED = 120
"""Number of names, those with the most letter triples in common, that are compared letter by letter."""
_MAX_NAMES = 200_000
_BITS = 1021
"""Number of bits of the set of a name's triples. Triples that share a bit only cost a comparison."""
_QUALIFIER = (
    r"\b(?:namespace|package|module|mod|library|defmodule|object|class|impl)\s+(?:[\w.:\\]*[.:\\])?{}\b"
)


class DefinedNames:
    """The names that an index defines. Keeps a table of them for finding similar names."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._table: tuple[int, list[str], list[int]] | None = None
        """The number of writes to the index, the names in lower case, and the set of triples of each name."""
        self._declarations: tuple[int, frozenset[str]] | None = None

    def unknown(self, store: Store, query: Query, texts: CurrentTexts) -> UnknownName | None:
        """The name that a query consists of, if nothing defines it, with similar names.

        Returns None if something defines the name, and if the query is not a name.
        """
        if not query.symbol or query.title:
            return None
        name = query.text.removesuffix("()")
        parts = _parts(name)
        if not all(parts) or self._is_known(store, parts, texts):
            return None
        return UnknownName(name, tuple(self._nearest(store, ".".join(parts), texts)))

    def _is_known(self, store: Store, parts: list[str], texts: CurrentTexts) -> bool:
        """Whether something defines the name with these parts, in lower case."""
        wanted, last = ".".join(parts), parts[-1]
        forms = tuple(dict.fromkeys((last, last.rstrip("?!"))))
        ours = repository_filter(self._index.tenant) & Filter((Match("kind", KINDS),))
        named = ours & Filter((Match("name", forms),))
        if len(parts) == 1 and not texts.differ and store.count(named):
            return True  # the usual case, which must not take long: thousands may have the name
        alike = (record.payload for record in store.scroll(named, _NAMES))  # thousands may have the name
        if self._defines(_present(alike, texts), parts) or _is_file(wanted, self._index):
            return True
        unsaved = [
            {"path": one.path, "symbol": one.symbol, "defines": one.defines, "members": one.members}
            for text in texts.with_new_code()
            for one in fragments_of_text(text.path, text.text or "", self._index.repo)
        ]
        if self._defines(unsaved, parts):
            return True
        using = self._using(store, ours, last)
        if using is None or self._defines(using := list(_present(using, texts)), parts):
            return True
        if any(_defines_inside(row, parts) for row in using):
            return True
        # Very many fragments may contain the last part of a name, while few are named like the others.
        around = tuple(dict.fromkeys(parts[:-1]))
        rows = [record.payload for record in store.scroll(ours & Filter((Match("name", around),)), _FIELDS)]
        return any(_defines_inside(row, parts) for row in _present(rows, texts))

    def _using(self, store: Store, ours: Filter, last: str) -> list[dict[str, Any]] | None:
        """Payloads of fragments that contain a word. Returns None if very many do, and one declares it."""
        term = bm25.terms(last.rstrip("?!"))[-1:]
        if not term:
            return []
        leg = Leg(bm25.query({term[0]: 1.0}), LEXICAL, _USES + 1, ours)
        found = store.query([leg])[0]
        if len(found) > _USES and last in self._declared(store, ours):
            return None
        return [record.payload for record in store.fetch([one.id for one in found], _FIELDS)]

    def _declared(self, store: Store, ours: Filter) -> frozenset[str]:
        """The last parts of all declared names, in lower case. They are read again after changes."""
        writes = self._index.manifest.changes
        if self._declarations is None or self._declarations[0] != writes:
            rows = (record.payload for record in store.scroll(ours, ("symbol", "defines", "members")))
            names = frozenset(_parts(symbol)[-1] for row in rows for symbol in _symbols(row))
            self._declarations = writes, names
        return self._declarations[1]

    def _defines(self, rows: Iterable[Any], parts: list[str]) -> bool:
        """Whether one of these fragments defines a name with these parts."""
        files: dict[str, None] = {}
        for row in rows:
            for symbol in _symbols(row):
                known = _parts(symbol)
                if known[-1].rstrip("?!") != parts[-1].rstrip("?!"):
                    continue
                short = min(len(known), len(parts))
                if known[-short:-1] == parts[-short:-1]:
                    if len(parts) <= len(known):
                        return True
                    if self._is_around(row, parts[: len(parts) - len(known)]):
                        return True
                    files[row["path"]] = None
        return False

    def _is_around(self, row: Any, outer: list[str]) -> bool:
        """Whether a fragment is inside of what the first parts of a name say: a module or a namespace."""
        path = PurePosixPath(row["path"])
        around = {part.lower() for part in (*path.parts[:-1], path.name.split(".")[0], self._index.root.name)}
        if outer[-1] in around:
            return True
        pattern = re.compile(_QUALIFIER.format(re.escape(outer[-1])), re.I)
        where = Filter(
            (Match("repo", (self._index.repo,)), Match("path", (row["path"],)), Match("kind", KINDS))
        )
        store = self._index.store_if_open
        return store is not None and any(
            pattern.search(str(one.payload["text"])) for one in store.scroll(where, ("text",))
        )

    def _nearest(self, store: Store, wanted: str, texts: CurrentTexts) -> list[str]:
        """The names of definitions that are most similar to `wanted`, as they are written."""
        last = wanted.rpartition(".")[2]
        symbols = self._similar_symbols(store, last)
        for text in texts.with_new_code():
            rows = fragments_of_text(text.path, text.text or "", self._index.repo)
            symbols.update(dict.fromkeys(one.symbol for one in rows if one.symbol))
        matcher = difflib.SequenceMatcher(b=last, autojunk=False)

        def order(symbol: str) -> tuple[float, int, str]:
            matcher.set_seq1(_parts(symbol)[-1])
            return -round(matcher.ratio(), 4), len(symbol), symbol

        best: dict[str, str] = {}  # of symbols with the same last part, only the shortest
        for symbol in sorted(symbols, key=order):
            if symbol.lower() != wanted:
                best.setdefault(_parts(symbol)[-1], symbol)
        return list(best.values())[:_NEAREST]

    def _similar_symbols(self, store: Store, last: str) -> dict[str, None]:
        """The qualified names whose last part has letters in common with `last`, or words."""
        names, sets = self._names(store)
        ours = repository_filter(self._index.tenant) & Filter((Match("kind", KINDS),))
        own = _triples(last)
        overlaps = np.fromiter(((own & one).bit_count() for one in sets), np.int32, len(sets))
        sizes = np.fromiter((one.bit_count() for one in sets), np.int32, len(sets))
        dice = 2 * overlaps / np.maximum(1, sizes + own.bit_count())
        best = tuple(names[n] for n in np.argsort(-dice, kind="stable")[:_COMPARED].tolist() if overlaps[n])
        found: dict[str, None] = {}
        if best:
            rows = store.scroll(ours & Filter((Match("name", best),)), ("symbol",))
            found.update(dict.fromkeys(str(row.payload["symbol"]) for row in rows))
        if terms := dict.fromkeys(bm25.terms(last), 1.0):  # names of constants, fields and types
            leg = Leg(bm25.query(terms), LEXICAL, _COMPARED, ours)
            records = store.fetch([one.id for one in store.query([leg])[0]], ("symbol", "defines", "members"))
            found.update(dict.fromkeys(symbol for row in records for symbol in _symbols(row.payload)))
        return found

    def _names(self, store: Store) -> tuple[list[str], list[int]]:
        """The names of all definitions, and their sets of triples. They are computed again after changes."""
        writes = self._index.manifest.changes
        if self._table is None or self._table[0] != writes:
            names = sorted(
                name for name in store.facet("name", repository_filter(self._index.tenant)) if name
            )
            names = names[:_MAX_NAMES]
            self._table = writes, names, [_triples(name) for name in names]
        return self._table[1], self._table[2]


def _parts(name: str) -> list[str]:
    """The parts of a qualified name in lower case."""
    return [part.lower() for part in parts_of(name)]


def _present(rows: Iterable[Any], texts: CurrentTexts) -> Iterator[Any]:
    """The fragments of files whose present text is that of the index."""
    return (row for row in rows if texts.if_different(row["path"]) is None)


def _symbols(row: Any) -> Iterator[str]:
    """The qualified names that a fragment defines."""
    if row["symbol"]:
        yield row["symbol"]
    yield from row.get("defines") or ()
    for member in row.get("members") or ():
        yield f"{row['symbol']}.{member}"


def _defines_inside(row: Any, parts: list[str]) -> bool:
    """Whether a fragment's text defines a name inside of what the first parts of the name say."""
    text, language = str(row["text"]), str(row["language"])
    if not inner_definitions.has(text, parts[-1], language):
        return False
    around = _parts(row["symbol"])
    return (
        len(parts) == 1
        or any(around[-n:] == parts[:n] for n in range(1, len(parts)))
        or inner_definitions.has(text, parts[-2], language)
    )


def _is_file(wanted: str, index: Index) -> bool:
    """Whether a name, as `app.base` or `base.py`, is that of an indexed file, or of a folder of some."""
    as_path = wanted.replace(".", "/")
    for path in index.manifest.paths():
        lower = path.lower()
        stem = lower.rpartition(".")[0] or lower
        if (
            f"/{lower}".endswith(f"/{wanted}")
            or f"/{stem}".endswith(f"/{as_path}")
            or f"/{as_path}/" in f"/{lower}"
        ):
            return True
    return False


def _triples(name: str) -> int:
    """The set of a name's triples of letters, and of its ends, as the bits of a number."""
    padded = f"\x02{name}\x03".replace("_", "")
    found = 0
    for at in range(len(padded) - 2):
        found |= 1 << (hash_of(padded[at : at + 3]) % _BITS)
    return found


def hash_of(triple: str) -> int:
    """A number for three letters that is the same in every process."""
    return (ord(triple[0]) * 65_599 + ord(triple[1])) * 65_599 + ord(triple[2])
