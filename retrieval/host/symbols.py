"""The method `symbols`: what is around matches of another search tool, and where its names are defined."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from indexer.analysis.fragment_points import lookup_name
from indexer.encoding import bm25
from indexer.fragment import KINDS
from indexer.store import Filter, Leg, Match

from ..result import TextSource
from .present_fragments import Payload, PresentFragments
from .relation_answers import DefinitionPlace, EnclosingSymbol, FileSymbols, SymbolsAnswer, UserPlace

if TYPE_CHECKING:
    from indexer.index.index import Index
    from indexer.store import Store

    from ..calls.known_callers import Caller
    from .current_texts import CurrentTexts
    from .requests import MatchPlace, SymbolsParams

LEXICAL = "lexical"
MAX_DEFINITIONS = 4
"""Maximum definitions of one name in an answer."""
_COMMON = 20
"""Number of definitions of a name above which none is answered, because they would say little."""
MAX_USERS = 8
_DEFINITIONS = ("function", "method", "class")
_FIELDS = ("path", "symbol", "kind", "start_line", "end_line", "is_test")
_SCANNED = 60
"""Number of fragments with a name's words in which uses of the name are searched."""
_SIGNATURE_CHARACTERS = 160
_FILE_SYMBOLS = 8
_COMMENTS = ("#", "//", "*", "/*", "--", '"""', "@")
"""What begins a line of a comment, or of what is written above a definition, in most languages."""
_MACRO = re.compile(r"#\s*define\b")


def answer(
    index: Index,
    store: Store,
    params: SymbolsParams,
    texts: CurrentTexts,
    callers: Callable[[Sequence[tuple[str, str]]], list[Caller] | None],
) -> SymbolsAnswer:
    """The symbols around places, the definitions and users of names, and the main symbols of files.

    `texts` are the present texts of files. `callers` returns the callers of definitions, if they are known.
    """
    lookup = _Lookup(index, store, texts)
    enclosing = lookup.enclosing(params.places, params.literal)
    names = [*dict.fromkeys(params.names)]
    definitions = lookup.definitions(names) or lookup.declarations(names, {one.path for one in params.places})
    users: list[UserPlace] = []
    if definitions:
        name = _last_part(definitions[0].symbol)
        known = {(one.path, one.symbol) for one in definitions}
        known |= {(one.path, one.symbol) for one in enclosing}
        same = [(one.path, one.symbol) for one in definitions if _last_part(one.symbol) == name]
        users = lookup.callers(callers(same) or [], name, known) or lookup.users(name, known)
    return SymbolsAnswer(
        enclosing=enclosing,
        definitions=definitions,
        users=users,
        files=lookup.files(params.files),
    )


class _Lookup:
    """Looks up fragments of one repository."""

    def __init__(self, index: Index, store: Store, texts: CurrentTexts) -> None:
        self._ours, self._store = index.tenant_filter, store
        self._present = PresentFragments(index, store, texts)

    def enclosing(self, places: Sequence[MatchPlace], literal: str) -> list[EnclosingSymbol]:
        """The symbols around the places, in the order of the first place of each, those of tests last."""
        if not places:
            return []
        unknown = any(not place.line for place in places)
        paths = {one.path for one in places}
        records = self._present.of_paths(paths, (*_FIELDS, "text") if unknown else _FIELDS)
        found: dict[tuple[str, str], set[int]] = defaultdict(set)
        for place in places:
            fragments = records.get(place.path, ())
            wanted = place.text.strip() or literal
            if place.line:
                lines = [self._present.line_now(place.path, place.line, code=place.text)]
            else:
                lines = [*_lines_with(wanted, fragments)]
            for line in lines:
                if line is not None and (symbol := _symbol_at(fragments, line)):
                    found[place.path, symbol].add(line)
        rows = [
            EnclosingSymbol(path, symbol, kind, first, last, sorted(lines), _source(records[path][0]))
            for (path, symbol), lines in found.items()
            for kind, first, last in [_extent(records[path], symbol, min(lines))]
        ]
        return sorted(rows, key=lambda row: bool(records[row.path][0].get("is_test")))

    def definitions(self, names: Sequence[str]) -> list[DefinitionPlace]:
        """The definitions of names, those outside of tests first.

        If a definition's qualified name has several of the names, the others are left out: in the pattern
        `Status DBImpl::Write`, `DBImpl.Write` is meant. A name with very many definitions has none.
        """
        wanted = {lookup_name(name) for name in names}
        by_name = [self._named(name) for name in names]
        shared = max((_parts_in(one, wanted) for rows in by_name for one in rows), default=0)
        chosen: dict[tuple[str, str], Payload] = {}
        for rows in by_name:
            named = [one for one in rows if shared <= 1 or _parts_in(one, wanted) == shared]
            if len(named) <= _COMMON:
                for one in sorted(named, key=lambda one: bool(one.get("is_test")))[:MAX_DEFINITIONS]:
                    chosen.setdefault((one["path"], one["symbol"]), one)
        ids = [one["id"] for one in chosen.values() if "text" not in one]
        texts = {one.id: one.payload["text"] for one in self._store.fetch(ids, ("text",))} if ids else {}
        known = (
            one if "text" in one else {**one, "text": texts.get(one["id"], "")} for one in chosen.values()
        )
        return [_definition(one, one["symbol"]) for one in known]

    def declarations(self, names: Sequence[str], paths: set[str]) -> list[DefinitionPlace]:
        """The declarations of constants, fields and other names without a fragment of their own, in files."""
        if not names or not paths:
            return []
        found = []
        for fragments in self._present.of_paths(paths, (*_FIELDS, "text", "defines")).values():
            for one in fragments:
                for symbol in one.get("defines", ()):
                    if _last_part(symbol) in names:
                        found.append(_definition(one, symbol))
        return found[:MAX_DEFINITIONS]

    def _named(self, name: str) -> list[Payload]:
        """The first fragment of each definition of a name, by path and line, with the spelling if possible.

        If there is a class of this name, its constructors are left out.
        """
        lookup = lookup_name(name)
        where = Filter((Match("name", (lookup,)), Match("kind", _DEFINITIONS)))
        present = self._present.present(self._store.scroll(self._ours & where, _FIELDS), name)
        found = [
            one for one in present if one["kind"] in _DEFINITIONS and lookup_name(one["symbol"]) == lookup
        ]
        exact = [one for one in found if _last_part(one["symbol"]) == name]
        found = exact or found
        if any(one["kind"] == "class" for one in found):
            found = [one for one in found if not _is_constructor(one["symbol"])]
        rows: dict[tuple[str, str], Payload] = {}
        for one in sorted(found, key=lambda one: (one["path"], one["start_line"])):
            rows.setdefault((one["path"], one["symbol"]), one)
        return list(rows.values())

    def callers(self, found: Iterable[Caller], name: str, known: set[tuple[str, str]]) -> list[UserPlace]:
        """The callers of a definition, at the lines where they are now, without those in `known`."""
        rows = []
        for one in found:
            line = self._present.line_now(one.path, one.line, word=name)
            if (one.path, one.symbol) not in known and line is not None:
                rows.append(UserPlace(one.path, one.symbol, line, "resolved" if one.resolved else "by name"))
        return rows[:MAX_USERS]

    def users(self, name: str, known: set[tuple[str, str]]) -> list[UserPlace]:
        """Code that mentions a name, calls first. It is found by name: it may mean another definition.

        `known` are the definitions in which uses are left out.
        """
        words = bm25.query(dict.fromkeys(bm25.terms(name), 1.0))
        where = self._ours & Filter((Match("kind", KINDS),))
        (scored,) = self._store.query([Leg(words, LEXICAL, _SCANNED, where, corpus=self._ours)])
        records = self._store.fetch([one.id for one in scored], (*_FIELDS, "text"))
        call = re.compile(rf"(?<!\w){re.escape(name)}(?:\s*\(|\b)")
        rows: dict[tuple[str, str], tuple[tuple[bool, ...], UserPlace]] = {}
        for one in self._present.present(records, name):
            key = one["path"], one["symbol"]
            match = call.search(one["text"])
            defines = _last_part(one["symbol"]) == name
            if match is None or defines or key in known or key in rows:
                continue
            line = one["start_line"] + one["text"].count("\n", 0, match.start())
            is_test, is_call = bool(one.get("is_test")), match.group().endswith("(")
            order = is_test, not one["symbol"], not is_call
            rows[key] = order, UserPlace(*key, line)
        ordered = sorted(rows.values(), key=lambda row: row[0])
        return [place for _, place in ordered[:MAX_USERS]]

    def files(self, paths: Sequence[str]) -> list[FileSymbols]:
        """The first outermost definitions of files. Files without definitions are left out."""
        if not paths:
            return []
        records = self._present.of_paths(paths, _FIELDS)
        found = []
        for path in dict.fromkeys(paths):
            symbols = dict.fromkeys(
                one["symbol"]
                for one in records.get(path, ())
                if one["kind"] in _DEFINITIONS and "." not in one["symbol"]
            )
            if symbols:
                shown = [*symbols][:_FILE_SYMBOLS]
                found.append(FileSymbols(path, shown, len(symbols) - len(shown)))
        return found


def _definition(one: Payload, symbol: str) -> DefinitionPlace:
    text, line = _line_with(one, _last_part(symbol))
    return DefinitionPlace(one["path"], symbol, line, text, _source(one))


def _source(one: Payload) -> TextSource:
    """Where the lines of a fragment are counted."""
    source: TextSource = one.get("source", "disk")
    return source


def _parts_in(one: Payload, names: set[str]) -> int:
    """How many of some names the qualified name of a definition has."""
    return len(names.intersection(lookup_name(part) for part in one["symbol"].split(".")))


def _is_constructor(symbol: str) -> bool:
    """Whether a definition has the name of its class, as constructors of C++ and Java do."""
    owner, _, name = symbol.rpartition(".")
    return _last_part(owner) == name


def _symbol_at(fragments: Sequence[Payload], line: int) -> str:
    """The symbol of the shortest fragment around a line; "" for code outside of definitions."""
    around = [one for one in fragments if one["start_line"] <= line <= one["end_line"]]
    inside = [one for one in around if one["kind"] in _DEFINITIONS]
    if not inside:
        return ""
    return str(min(inside, key=lambda one: one["end_line"] - one["start_line"])["symbol"])


def _extent(fragments: Sequence[Payload], symbol: str, line: int) -> tuple[str, int, int]:
    """The kind, the first and the last line of the definition around a line.

    The definition is joined from its fragments and those of the definitions inside it, which are neighbours.
    """

    def belongs(one: Payload) -> bool:
        return f"{one['symbol']}.".startswith(f"{symbol}.")

    at = next(
        n
        for n, one in enumerate(fragments)
        if one["symbol"] == symbol and one["start_line"] <= line <= one["end_line"]
    )
    first = last = at
    while first > 0 and belongs(fragments[first - 1]):
        first -= 1
    while last + 1 < len(fragments) and belongs(fragments[last + 1]):
        last += 1
    end = max(int(one["end_line"]) for one in fragments[first : last + 1])
    return str(fragments[at]["kind"]), int(fragments[first]["start_line"]), end


def _lines_with(text: str, fragments: Sequence[Payload]) -> Iterator[int]:
    """The lines of a file on which a text begins; at most the first of each fragment."""
    if not text:
        return
    for one in fragments:
        at = str(one["text"]).find(text)
        if at >= 0:
            yield int(one["start_line"]) + str(one["text"]).count("\n", 0, at)


def _line_with(payload: Payload, name: str) -> tuple[str, int]:
    """The first line with a name in a fragment, without indentation, and its number. No comment counts."""
    lines = str(payload["text"]).split("\n")
    word = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
    for number, line in enumerate(lines):
        bare = line.strip()
        if word.search(line) and (_MACRO.match(bare) or not bare.startswith(_COMMENTS)):
            return bare[:_SIGNATURE_CHARACTERS], int(payload["start_line"]) + number
    return "", int(payload["start_line"])


def _last_part(symbol: str) -> str:
    return symbol.rpartition(".")[2]
