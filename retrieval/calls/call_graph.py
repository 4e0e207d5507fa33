"""The calls of a repository's files, and the questions that their edges answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from indexer.analysis.file_calls import MODULE, CallSite, FileCalls

from .calling_file import CallingFile
from .entities import Entity, Place
from .resolver import Resolver

_KEPT_LINES = 512
"""Number of files whose stored lines are kept in memory, because answers are often about the same files."""
_MOST_NAMES = 40
"""Maximum names by which a definition is looked for."""
Names = dict[str, dict[int, None]]
"""The files in which each name is used in some way. The files are keys, so that one is removed fast."""


class RepositoryCalls:
    """The call graph of the files that were put into it. After a change, `resolve` must be called.

    `stored_lines` returns the lines of a file that `put` was given without its lines.
    """

    def __init__(
        self, stored_lines: Callable[[str, str], Mapping[int, str]] = lambda path, digest: {}
    ) -> None:
        self._stored_lines = stored_lines
        self._lines: dict[str, Mapping[int, str]] = {}
        self._read_lines: dict[tuple[str, str], Mapping[int, str]] = {}
        self._numbers: dict[str, int] = {}
        self.files: dict[int, CallingFile] = {}
        self.calling: Names = {}
        """The files with calls of each name."""
        self.defining: Names = {}
        """The files with definitions of each name."""
        self.renaming: Names = {}
        """The files in which each name has another name, too."""
        self.resolver = Resolver.of({})
        self._candidates: dict[Place, list[Place]] = {}

    def put(self, facts: FileCalls) -> None:
        """Add a file, in the place of an earlier version of it."""
        self.remove(facts.path)
        number = self._numbers.setdefault(facts.path, len(self._numbers))
        one = self.files[number] = CallingFile(facts)
        if facts.lines:
            self._lines[facts.path] = facts.lines
        for table, names in self._tables(one):
            for name in names:
                table.setdefault(name, {})[number] = None

    def remove(self, path: str) -> None:
        """Remove a file, if there is one of this path."""
        number = self.number_of(path)
        if number is None:
            return
        self._lines.pop(path, None)
        for table, names in self._tables(self.files.pop(number)):
            for name in names:
                table.get(name, {}).pop(number, None)

    def resolve(self) -> None:
        """Forget what calls meant before the files changed."""
        self.resolver = Resolver.of(self.files)
        self._candidates.clear()

    def _tables(self, one: CallingFile) -> tuple[tuple[Names, set[str]], ...]:
        return (
            (self.calling, set(one.called)),
            (self.defining, set(one.names)),
            (self.renaming, set(one.renamed)),
        )

    def lines(self, file: int) -> Mapping[int, str]:
        """The text of the lines of a file that have a call or a definition."""
        one = self.files[file]
        if (known := self._lines.get(one.path)) is not None:
            return known
        key = one.path, one.digest
        if key not in self._read_lines:
            while len(self._read_lines) >= _KEPT_LINES:
                del self._read_lines[next(iter(self._read_lines))]
            self._read_lines[key] = self._stored_lines(*key)
        return self._read_lines[key]

    def number_of(self, path: str) -> int | None:
        """The number of a file. Returns None if the graph does not have it."""
        number = self._numbers.get(path)
        return number if number in self.files else None

    def place(self, path: str, line: int) -> Place | None:
        """The innermost definition at a line. Returns None if the file is not known, or has none there."""
        number = self.number_of(path)
        if number is None:
            return None
        inside = [
            (not one.declared, one.start, n)
            for n, one in enumerate(self.files[number].definitions)
            if one.start <= line <= one.end
        ]
        return (number, max(inside)[2]) if inside else None

    def definition_at(self, path: str, line: int, column: int) -> Place | None:
        """The definition whose name is at a place. Returns None if there is none."""
        number = self.number_of(path)
        for at, one in enumerate(self.files[number].definitions if number is not None else ()):
            name = one.symbol.rpartition(".")[2]
            if number is not None and one.line == line and one.column <= column <= one.column + len(name):
                return number, at
        return None

    def calls_at(self, path: str, line: int, column: int) -> Iterator[tuple[int, int]]:
        """The calls whose name is at a place."""
        number = self.number_of(path)
        if number is None:
            return
        one = self.files[number]
        for at in range(len(one.called)):
            call = one.call(at)
            if call.line == line and call.column <= column <= call.column + len(call.name):
                yield number, at

    def calls_of(self, place: Place) -> Iterator[tuple[int, int, bool]]:
        """The calls that may mean a definition: the file, the number of the call, and whether it is
        resolved."""
        file, number = place
        one = self.files[file]
        places = {place, *self._same(place)}
        names = [one.names[number]]
        owner, _, name = one.definitions[number].symbol.rpartition(".")
        if name in one.profile.constructors or name == owner.rpartition(".")[2]:
            places |= {(file, n) for n in one.by_symbol.get(owner, ()) if one.is_class(n)}
            names.append(owner.rpartition(".")[2])
        for own in names:
            for caller in self.calling.get(own, ()):
                for at in self.files[caller].calls_named(own):
                    yield from self._edge(caller, at, places, place)
        for other in self._other_names([*names, *(["default"] if one.exports_default(name) else [])]):
            for caller in self.calling.get(other, ()):
                for at in self.files[caller].calls_named(other):
                    if not places.isdisjoint(self.resolver.target(caller, at).places):
                        yield caller, at, True

    def _other_names(self, names: list[str]) -> list[str]:
        """The names that imports and variables give to what has one of these names."""
        found = dict.fromkeys(names)
        todo = list(names)
        while todo and len(found) < _MOST_NAMES:
            name = todo.pop()
            for file in self.renaming.get(name, ()):
                for other in self.files[file].renamed[name]:
                    if other not in found:
                        found[other] = None
                        todo.append(other)
        return [one for one in found if one not in names]

    def _same(self, place: Place) -> Iterator[Place]:
        """The declarations of a definition, and the other way round."""
        file, number = place
        one = self.files[file]
        for other in one.by_symbol.get(one.definitions[number].symbol, ()):
            if one.definitions[other].declared != one.definitions[number].declared:
                yield file, other

    def _edge(
        self, caller: int, at: int, places: set[Place], place: Place
    ) -> Iterator[tuple[int, int, bool]]:
        target = self.resolver.target(caller, at)
        if target.places:
            if not places.isdisjoint(target.places):
                yield caller, at, True
            elif any(self._overrides(place, one) for one in target.places):
                yield caller, at, False
        elif not target.outside and place in self.candidates(caller, at):
            yield caller, at, False

    def _overrides(self, place: Place, base: Place) -> bool:
        """Whether a method may run where another one is called: that of a base class or of an interface."""
        symbols = [self.files[file].definitions[number].symbol for file, number in (place, base)]
        owner, base_owner = (symbol.rpartition(".")[0] for symbol in symbols)
        if not owner or not base_owner:
            return False
        if self.files[base[0]].profile.modules == "go":
            return self.files[base[0]].definitions[base[1]].declared
        own, above = (self._class(file, symbol) for (file, _), symbol in ((place, owner), (base, base_owner)))
        return any(self.resolver.derives(one, other) for one in own for other in above)

    def _class(self, file: int, symbol: str) -> list[Entity]:
        """The class with a qualified name, or the object that has this name."""
        one = self.files[file]
        found = [Entity("class", file, symbol, n) for n in one.by_symbol.get(symbol, ()) if one.is_class(n)]
        return found or [Entity("class", file, symbol)]

    def candidates(self, caller: int, at: int) -> list[Place]:
        """The definitions that a call may mean by its name alone, because it is not resolved."""
        if (caller, at) not in self._candidates:
            self._candidates[caller, at] = self._found_by_name(caller, at)
        return self._candidates[caller, at]

    def _found_by_name(self, caller: int, at: int) -> list[Place]:
        one = self.files[caller]
        call = one.call(at)
        if not call.receiver and one.binds_names:
            return []
        group = one.profile.family or one.language
        found: list[Place] = []
        for file in self.defining.get(call.name, ()):
            other = self.files[file]
            if (other.profile.family or other.language) != group:
                continue
            for number in other.numbers_of(call.name):
                is_member = other.definitions[number].member
                if is_member != bool(call.receiver) and not (is_member and one.calls_members):
                    continue
                if call.receiver and other.is_class(number):
                    continue
                found.append((file, number))
        return [p for p in found if not self.files[p[0]].definitions[p[1]].declared] or found

    def calls_in(self, place: Place) -> Iterator[int]:
        """The calls in a definition and in those inside it."""
        file, number = place
        one = self.files[file]
        inside: dict[int, bool] = {MODULE: False}
        for at in range(len(one.called)):
            owner = one.owner(at)
            if owner not in inside:
                inside[owner] = number in one.scopes(owner)
            if inside[owner]:
                yield at

    def call(self, file: int, at: int) -> CallSite:
        """One of the calls of a file."""
        return self.files[file].call(at)
