"""A file's calls in memory, in little space, with the tables by which names in it are looked up."""

from __future__ import annotations

from array import array
from collections.abc import Hashable, Iterable, Iterator, Sequence
from functools import cached_property
from sys import intern
from typing import TypeVar

from indexer.analysis.file_calls import ALL, MODULE, Binding, CallSite, FileCalls, FileDefinition, Import
from indexer.analysis.roles import is_test
from indexer.parsing import profiles

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

_CLASSES = ("class", "type")


class CallingFile:
    """One version of a file. Definitions have their number in the file, calls theirs."""

    def __init__(self, facts: FileCalls) -> None:
        self.path, self.language, self.digest = facts.path, intern(facts.language), facts.digest
        self.profile = profiles.of(facts.language)
        self.is_test = is_test(facts.path)
        self.definitions: Sequence[FileDefinition] = [
            one._replace(symbol=intern(one.symbol), kind=intern(one.kind)) for one in facts.definitions
        ]
        self.names = [intern(one.symbol.rpartition(".")[2]) for one in self.definitions]
        self.called = [intern(one.name) for one in facts.calls]
        self.receivers = [intern(one.receiver) for one in facts.calls]
        self._places = array("i", (number for one in facts.calls for number in one[2:]))
        self.imports: Sequence[Import] = facts.imports
        self._bindings: Sequence[Binding] = facts.bindings
        self._bases, self._returns, self.facts = facts.bases, facts.returns, facts.facts

    def call(self, number: int) -> CallSite:
        """One of the calls."""
        line, column, owner = self._places[3 * number : 3 * number + 3]
        return CallSite(self.called[number], self.receivers[number], line, column, owner)

    def calls_named(self, name: str) -> list[int]:
        """The calls of a name."""
        return [number for number, called in enumerate(self.called) if called == name]

    def numbers_of(self, name: str) -> list[int]:
        """The definitions with a name."""
        return [number for number, own in enumerate(self.names) if own == name]

    def owner(self, number: int) -> int:
        """The definition around a call."""
        return self._places[3 * number + 2]

    @cached_property
    def by_symbol(self) -> dict[str, list[int]]:
        """The definitions with each qualified name; those with a body come first."""
        return _grouped((one.symbol, number) for number, one in self._with_bodies_first())

    @cached_property
    def members(self) -> dict[str, dict[str, list[int]]]:
        """The definitions directly in each class, object or function, by its qualified name and their
        name."""
        found: dict[str, dict[str, list[int]]] = {}
        for number, one in self._with_bodies_first():
            owner, _, name = one.symbol.rpartition(".")
            found.setdefault(owner, {}).setdefault(name, []).append(number)
        return found

    def _with_bodies_first(self) -> list[tuple[int, FileDefinition]]:
        return sorted(enumerate(self.definitions), key=lambda one: one[1].declared)

    @cached_property
    def local_imports(self) -> dict[tuple[int, str], list[Import]]:
        """The imports by the definition they are in and their local name."""
        return _grouped(((one.owner, one.local), one) for one in self.imports)

    @cached_property
    def renamed(self) -> dict[str, list[str]]:
        """The other names that imports and bindings give to a name."""
        pairs = [(one.imported, one.local) for one in self.imports if one.imported not in ("", ALL)]
        pairs += [
            (one.value.rpartition(".")[2], one.name) for one in self._bindings if one.value[-1:] not in "'?)"
        ]
        return _grouped(dict.fromkeys(pair for pair in pairs if pair[0] != pair[1] and pair[0][:1] != ":"))

    def exports_default(self, name: str) -> bool:
        """Whether a name is what other files import without a name."""
        return any(one.value == name for one in self.bindings.get((MODULE, "default"), ()))

    @property
    def calls_members(self) -> bool:
        """Whether a call without a receiver may be that of a method."""
        return self.profile.members_in_scope or not self.profile.modules

    @property
    def binds_names(self) -> bool:
        """Whether each bare name of the file is defined, imported or bound in it, or is the language's
        own."""
        way = self.profile.modules
        return way in ("python", "go", "rust") or (way == "ecma" and bool(self.imports))

    @cached_property
    def wildcards(self) -> list[Import]:
        """The imports of all names."""
        return [one for one in self.imports if one.imported == ALL]

    @cached_property
    def bindings(self) -> dict[tuple[int, str], list[Binding]]:
        """The bindings by the definition they are in and their name."""
        return _grouped(((one.owner, one.name), one) for one in self._bindings)

    @cached_property
    def bases(self) -> dict[int, list[str]]:
        """The paths of each class's base classes."""
        return _grouped(self._bases)

    @cached_property
    def returns(self) -> dict[int, list[str]]:
        """The paths of what each function returns: of its declared type if it has one."""
        found = _grouped(self._returns)
        return {number: [one for one in paths if one[0] == ":"] or paths for number, paths in found.items()}

    @cached_property
    def outer(self) -> list[int]:
        """For each definition, the innermost definition around it, or MODULE."""
        return [self._around(one, number) for number, one in enumerate(self.definitions)]

    def _around(self, one: FileDefinition, number: int) -> int:
        owner = one.symbol.rpartition(".")[0]
        while owner:
            inside = [
                other
                for other in self.by_symbol.get(owner, ())
                if other != number
                and self.definitions[other].start <= one.start
                and one.end <= self.definitions[other].end
            ]
            if inside:
                return inside[-1]
            owner = owner.rpartition(".")[0]
        return MODULE

    def scopes(self, owner: int) -> Iterator[int]:
        """A definition and those around it, from the inside out."""
        while owner != MODULE:
            yield owner
            owner = self.outer[owner]

    def is_class(self, number: int) -> bool:
        return self.definitions[number].kind in _CLASSES


def _grouped(pairs: Iterable[tuple[K, V]]) -> dict[K, list[V]]:
    """The values of each key."""
    found: dict[K, list[V]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return found
