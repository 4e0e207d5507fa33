"""Finds the definitions that a call means: it follows names, imports, receivers, classes and returned values.

What an expression stands for is a list of entities, because a name may be bound several times. Each step
returns at most MOST of them, and none if it is not known. An entity of another repository, or of the
language itself, is OUTSIDE.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from indexer.analysis.file_calls import MODULE, NAMESPACE, FileDefinition
from indexer.parsing.expressions import BUILT_IN, TYPED, UNKNOWN

from .calling_file import CallingFile
from .entities import DEEPEST, MOST, OUTSIDE, Entities, Entity, Place, Target, distinct
from .imported_names import ImportedNames
from .modules import Module, Modules

_SCATTERED = ("rust", "linker", "go")
"""The ways of languages in which the parts of a class may be in several places."""
_SELF_TYPES = (":Self", ":static", ":this", ":self", ":typing.Self")


@dataclass(slots=True)
class Resolver:
    """Resolves the calls of one state of a repository."""

    files: Mapping[int, CallingFile]
    modules: Modules
    units: dict[object, dict[str, dict[str, list[Place]]]] = field(default_factory=dict)
    """The definitions of each group of files that share names, by the name of their owner and by their
    own."""
    namespaces: set[str] = field(default_factory=set)
    _units_of: dict[int, object] = field(default_factory=dict)
    _known: dict[Place, Target] = field(default_factory=dict)
    _names: dict[tuple[int, int, str], Entities] = field(default_factory=dict)
    _open: set[tuple[int, int, str]] = field(default_factory=set)
    """The names that are being followed now."""
    _unsure: set[tuple[int, int, str]] = field(default_factory=set)
    """The names whose meaning depends on a name that was still open, or was found too deep to go on."""
    _cuts: int = 0
    """How often following a name has ended at an open one, or too deep."""
    imports: ImportedNames = field(init=False)

    def __post_init__(self) -> None:
        self.imports = ImportedNames(self.files, self.modules, self)

    @classmethod
    def of(cls, files: Mapping[int, CallingFile]) -> Resolver:
        made = cls(files, Modules.of(files))
        for number, one in files.items():
            for fact in one.facts:
                if fact.startswith(NAMESPACE):
                    made.namespaces.update(fact.removeprefix(NAMESPACE).replace("::", ".").split("."))
            unit = _unit(one)
            if unit is None:
                continue
            made._units_of[number] = unit
            table = made.units.setdefault(unit, {})
            for owner, members in one.members.items():
                for name, numbers in members.items():
                    table.setdefault(owner, {}).setdefault(name, []).extend((number, n) for n in numbers)
        return made

    def target(self, file: int, number: int) -> Target:
        """What a call means."""
        if (file, number) not in self._known:
            self._known[file, number] = self._target(file, number)
        return self._known[file, number]

    def _target(self, file: int, number: int) -> Target:
        call = self.files[file].call(number)
        if not call.receiver:
            found = self.named(file, call.owner, call.name)
        elif call.receiver == UNKNOWN:
            return Target()
        elif call.receiver == BUILT_IN:
            return Target(outside=True)
        else:
            receiver = self._without_namespaces(file, f"{call.receiver}.").rstrip(".")
            if not receiver:
                return self._placed(file, self.named(file, call.owner, call.name))
            around = self.evaluate(file, call.owner, receiver)
            found = distinct(one for entity in around for one in self.member(entity, call.name))
        return self._placed(file, found)

    def _placed(self, file: int, found: Entities) -> Target:
        """The definitions among what a call in a file stands for."""
        places = [
            (one.file, one.number)
            for one in found
            if one.kind in ("function", "class") and one.number != MODULE
        ]
        if places:
            return Target(tuple(self._best(dict.fromkeys(places), file)))
        return Target(outside=bool(found) and all(one.kind == "outside" for one in found))

    def _best(self, places: Iterable[Place], file: int) -> list[Place]:
        """The definitions with a body, or else all; and of several files, those that are nearest to the
        call."""
        every = list(places)
        every = [one for one in every if not self._definition(one).declared] or every
        if len({one[0] for one in every}) > 1 and self.files[file].profile.modules in ("linker", "rust"):
            near = max(_nearness(self.files[one[0]].path, self.files[file].path) for one in every)
            every = [
                one for one in every if _nearness(self.files[one[0]].path, self.files[file].path) == near
            ]
        names = list(dict.fromkeys((one[0], self._definition(one).symbol) for one in every))[:MOST]
        return [one for one in every if (one[0], self._definition(one).symbol) in names]

    def _definition(self, place: Place) -> FileDefinition:
        return self.files[place[0]].definitions[place[1]]

    def evaluate(self, file: int, owner: int, path: str, depth: int = 0) -> Entities:
        """What a path of names stands for in a definition of a file."""
        if depth > DEEPEST or path == UNKNOWN:
            return ()
        if path == BUILT_IN:
            return (OUTSIDE,)
        typed = path.startswith(TYPED)
        if typed and path in _SELF_TYPES:
            return self._instances(self._own_class(file, owner))
        first, *rest = self._without_namespaces(file, path[1:] if typed else path).split(".")
        name = first.removesuffix("()")
        found = self._first(file, owner, name, depth)
        found = self._called(found, depth) if name != first else found
        for part in rest:
            name = part.removesuffix("()")
            found = distinct(one for entity in found for one in self.member(entity, name, depth + 1))
            found = self._called(found, depth) if name != part else found
            if not found:
                return ()
        return self._instances(found) if typed else found

    def _without_namespaces(self, file: int, path: str) -> str:
        """A path without the namespaces at its beginning."""
        while self.files[file].profile.modules == "linker" and path.partition(".")[0] in self.namespaces:
            _, dot, rest = path.partition(".")
            if not dot:
                break
            path = rest
        return path

    def _first(self, file: int, owner: int, name: str, depth: int) -> Entities:
        profile = self.files[file].profile
        if owner != MODULE and name in profile.receivers:
            classes = self._own_class(file, owner)
            return classes if name[0].isupper() or name in ("static", "cls") else self._instances(classes)
        if owner != MODULE and any(name == one.removesuffix("()") for one in profile.parents):
            return distinct(base for one in self._own_class(file, owner) for base in self._bases(one, depth))
        return self.named(file, owner, name, depth)

    def _own_class(self, file: int, owner: int) -> Entities:
        """The class around a definition."""
        one = self.files[file]
        for number in one.scopes(owner):
            if one.is_class(number):
                return (Entity("class", file, one.definitions[number].symbol, number),)
        if owner == MODULE:
            return ()
        symbol = one.definitions[owner].symbol.rpartition(".")[0]
        return self._class_named(file, symbol) if symbol else ()

    def _class_named(self, file: int, symbol: str) -> Entities:
        """The class with a qualified name that the file, or a file that shares names with it, defines."""
        found = [
            Entity("class", place[0], symbol, place[1])
            for place in self.of_unit(file, symbol)
            if self.files[place[0]].is_class(place[1])
        ]
        here = [one for one in found if one.file == file]
        return (here or found or [Entity("class", file, symbol)])[:MOST]

    def of_unit(self, file: int, symbol: str) -> list[Place]:
        """The definitions with a qualified name in a file, or else in those that share names with it."""
        owner, _, name = symbol.rpartition(".")
        own = [(file, number) for number in self.files[file].by_symbol.get(symbol, ())]
        unit = self._units_of.get(file)
        return own or (self.units[unit].get(owner, {}).get(name, []) if unit is not None else [])

    def named(self, file: int, owner: int, name: str, depth: int = 0) -> Entities:
        """What a name stands for in a definition of a file."""
        key = file, owner, name
        if key in self._names:
            self._cuts += key in self._open or key in self._unsure
            return self._names[key]
        if depth > DEEPEST:
            self._cuts += 1
            return ()
        cuts, is_first = self._cuts, not self._open
        self._open.add(key)
        self._names[key] = ()  # a name that is bound to itself
        found = self._names[key] = self._named(file, owner, name, depth)
        self._open.discard(key)
        if self._cuts != cuts:
            self._unsure.add(key)
        if is_first:  # the others may mean more if they are asked about first
            for one in self._unsure - {key}:
                self._names.pop(one, None)
            self._unsure.clear()
        return found

    def _named(self, file: int, owner: int, name: str, depth: int) -> Entities:
        one = self.files[file]
        for scope in one.scopes(owner):
            symbol = one.definitions[scope].symbol
            if one.is_class(scope):
                if one.profile.members_in_scope:
                    found = self.member(Entity("class", file, symbol, scope), name, depth + 1)
                    if found and found[0] != OUTSIDE:
                        return found
                if symbol.rpartition(".")[2] == name and one.profile.modules != "python":
                    return (Entity("class", file, symbol, scope),)
                continue
            if found := self.in_scope(file, scope, f"{symbol}.{name}", name, depth):
                return found
            owner_symbol = symbol.rpartition(".")[0]
            if owner_symbol and one.profile.members_in_scope and one.outer[scope] == MODULE:
                for around in self._class_named(file, owner_symbol):
                    if found := self.member(around, name, depth + 1):
                        return found
        if found := self.in_scope(file, MODULE, name, name, depth):
            return found
        if found := self.entities(self.of_unit(file, name)):
            return found
        for wildcard in one.wildcards:
            module = self.modules.resolve(one, wildcard.module)
            if isinstance(module, Module) and (found := self.imports.of_module(module, name, depth + 1)):
                return found
        return ()

    def in_scope(self, file: int, scope: int, symbol: str, name: str, depth: int) -> Entities:
        """What a name stands for that a function or the module itself binds."""
        one = self.files[file]
        found = list(self.entities([(file, number) for number in one.by_symbol.get(symbol, ())]))
        if not found and symbol in one.members:
            found.append(Entity("class", file, symbol))
        for imported in one.local_imports.get((scope, name), ()):
            found.extend(self.imports.bound(file, imported, depth))
        if scope == MODULE and not found:
            found.extend(self.imports.of_import_paths(file, name))
        if not found:
            for binding in one.bindings.get((scope, name), ())[:MOST]:
                if binding.value != name:
                    found.extend(self.evaluate(file, binding.scope, binding.value, depth + 1))
            if len(found) > 1:
                found = [entity for entity in found if entity != OUTSIDE] or found
        return distinct(found)

    def entities(self, places: Iterable[Place]) -> Entities:
        """The classes and functions at places."""
        return [
            Entity(
                "class" if self.files[file].is_class(number) else "function",
                file,
                self.files[file].definitions[number].symbol,
                number,
            )
            for file, number in places
        ]

    def member(self, entity: Entity, name: str, depth: int = 0) -> Entities:
        """What a name stands for behind a module, a class, an instance or a function."""
        if depth > DEEPEST:
            return ()
        if entity.kind == "outside":
            return (OUTSIDE,)
        if entity.kind == "module":
            assert entity.module is not None
            return self.imports.of_module(entity.module, name, depth + 1)
        if entity.kind == "function":  # a property, or what is defined on a function
            inner = self.files[entity.file].by_symbol.get(f"{entity.symbol}.{name}")
            if inner:
                return self.entities((entity.file, one) for one in inner)
            returned = self._returned(entity, depth + 1)
            return distinct(
                one for value in returned if value != entity for one in self.member(value, name, depth + 2)
            )
        return self._of_class(entity, name, depth, set())

    def _of_class(self, entity: Entity, name: str, depth: int, seen: set[tuple[int, str]]) -> Entities:
        if (entity.file, entity.symbol) in seen or depth > DEEPEST:
            return ()
        seen.add((entity.file, entity.symbol))
        if found := self.entities(self.of_unit(entity.file, f"{entity.symbol}.{name}")):
            return found
        values: list[Entity] = []
        for file, number in self._parts(entity):
            for binding in self.files[file].bindings.get((number, name), ())[:MOST]:
                values.extend(self.evaluate(file, binding.scope, binding.value, depth + 1))
        if values:
            return distinct([value for value in values if value != OUTSIDE] or values)
        for base in self._bases(entity, depth):
            found = () if base == OUTSIDE else self._of_class(base, name, depth + 1, seen)
            if found and found[0] != OUTSIDE:
                return found
        return ()

    def _parts(self, entity: Entity) -> list[Place]:
        """The class, and parts of it in other places, such as those that implement it in Rust."""
        found = [(entity.file, entity.number)] if entity.number != MODULE else []
        if self.files[entity.file].profile.modules in _SCATTERED:
            found += [one for one in self.of_unit(entity.file, entity.symbol) if one not in found]
        return found

    def _bases(self, entity: Entity, depth: int) -> Entities:
        """The base classes of a class, and of the parts of a class that are in other places."""
        found: list[Entity] = []
        if entity.number == MODULE:  # an object, whose type may be declared
            owner, _, name = entity.symbol.rpartition(".")
            one = self.files[entity.file]
            for scope in one.by_symbol.get(owner, ()) if owner else (MODULE,):
                for binding in one.bindings.get((scope, name), ()):
                    if binding.value.startswith(TYPED):
                        found.extend(self.evaluate(entity.file, scope, binding.value, depth + 1))
        for file, number in self._parts(entity):
            outer = self.files[file].outer[number]
            for path in self.files[file].bases.get(number, ()):
                found.extend(self.evaluate(file, outer, path, depth + 1))
        return distinct(one for one in found if one.kind in ("class", "instance", "outside"))

    def derives(self, entity: Entity, base: Entity, depth: int = 0) -> bool:
        """Whether a class has another one among its base classes."""
        return depth < DEEPEST and any(
            (one.file, one.symbol) == (base.file, base.symbol)
            or (one != OUTSIDE and self.derives(one, base, depth + 1))
            for one in self._bases(entity, depth)
        )

    def _called(self, entities: Entities, depth: int) -> Entities:
        """What calls of these return."""
        found: list[Entity] = []
        for one in entities:
            if one.kind == "class":
                found.append(one._replace(kind="instance"))
            elif one.kind == "function":
                found.extend(self._returned(one, depth + 1))
            elif one.kind in ("instance", "outside"):
                found.append(OUTSIDE) if one == OUTSIDE else None
        return distinct(found)

    def _returned(self, entity: Entity, depth: int) -> Entities:
        """What a function returns."""
        if depth > DEEPEST:
            return ()
        one = self.files[entity.file]
        found: list[Entity] = []
        for path in one.returns.get(entity.number, ())[:MOST]:
            found.extend(self.evaluate(entity.file, entity.number, path, depth + 1))
        if entity.symbol.rpartition(".")[2] in one.profile.constructors and not found:
            found.extend(self._own_class(entity.file, entity.number))
        return distinct(found)

    @staticmethod
    def _instances(entities: Entities) -> Entities:
        return distinct(one._replace(kind="instance") if one.kind == "class" else one for one in entities)


def _unit(file: CallingFile) -> object:
    """What the files share that a file shares names with; None if it shares them with no other."""
    way = file.profile.modules
    if way in ("go", "java"):
        return way, posixpath.dirname(file.path)
    if way in ("linker", "rust"):
        return way, file.profile.family or file.language
    return None


def _nearness(path: str, other: str) -> int:
    """How many folders two paths share; more for the same file."""
    if path == other:
        return 1_000
    return (
        len(posixpath.commonpath([path, other]).split("/"))
        if path.split("/", maxsplit=1)[0] == other.split("/", maxsplit=1)[0]
        else 0
    )
