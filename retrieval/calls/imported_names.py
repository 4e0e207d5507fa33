"""Follows imports: finds what the names that they bind, and the names of modules, stand for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from indexer.analysis.file_calls import MODULE, Import

from .calling_file import CallingFile
from .entities import DEEPEST, OUTSIDE, Entities, Entity, Place, distinct
from .modules import EXTERNAL, Module, Modules


class NameLookup(Protocol):
    """Finds what names stand for in a file, in a class and among files that share names."""

    def in_scope(self, file: int, scope: int, symbol: str, name: str, depth: int) -> Entities:
        """What a name stands for that a function or the module itself binds."""

    def member(self, entity: Entity, name: str, depth: int = 0) -> Entities:
        """What a name stands for behind a module, a class, an instance or a function."""

    def of_unit(self, file: int, symbol: str) -> list[Place]:
        """The definitions with a qualified name in a file, or in those that share names with it."""

    def entities(self, places: Iterable[Place]) -> Entities:
        """The definitions at places."""


@dataclass(frozen=True, slots=True)
class ImportedNames:
    """What the imports of one state of a repository bind."""

    files: Mapping[int, CallingFile]
    modules: Modules
    names: NameLookup

    def of_import_paths(self, file: int, name: str) -> Entities:
        """What the first name of an imported module's own path stands for: `os` after `import os.path`."""
        one = self.files[file]
        way = one.profile.modules
        found: list[Entity] = []
        for imported in one.local_imports.get((MODULE, ""), ()):
            local = imported.module.replace("\\", "/").replace(".", "/" if way in ("python", "java") else ".")
            if way == "python" and local.partition("/")[0] == name:
                found.append(self._module(self.modules.resolve(one, name)))
            elif way == "java" and local.rpartition("/")[2] == name:
                found.extend(self._java_class(file, imported.module, name))
            elif way == "go" and _go_name(local) == name:
                found.append(self._module(self.modules.resolve(one, imported.module)))
        return distinct(found)

    def _java_class(self, file: int, path: str, name: str) -> Entities:
        module = self.modules.resolve(self.files[file], path)
        if isinstance(module, Module) and (found := self.of_module(module, name, 1)):
            return found
        outer, _, _ = path.rpartition(".")
        module = self.modules.resolve(self.files[file], outer) if outer else None
        if isinstance(module, Module):  # a member of a class: a static import, or an inner class
            outer_name = outer.rpartition(".")[2]
            classes = self.of_module(module, outer_name, 1)
            return distinct(one for entity in classes for one in self.names.member(entity, name)) or (
                OUTSIDE,
            )
        return (OUTSIDE,)

    @staticmethod
    def _module(found: Module | str | None) -> Entity:
        return Entity("module", module=found) if isinstance(found, Module) else OUTSIDE

    def bound(self, file: int, imported: Import, depth: int) -> Entities:
        """What an import binds."""
        one = self.files[file]
        if one.profile.modules == "rust":
            return self._rust_import(file, imported, depth)
        if (
            one.profile.modules == "python"
            and not imported.imported
            and imported.local not in ("", imported.module)
        ):
            return (self._module(self.modules.resolve(one, imported.module)),)
        module = self.modules.resolve(one, imported.module)
        if module is None:
            return ()
        if not isinstance(module, Module):
            return (OUTSIDE,)
        if not imported.imported:
            return (Entity("module", module=module),)
        found = self.of_module(module, imported.imported, depth + 1)
        if not found and imported.imported == "default":  # of a module in CommonJS
            return (Entity("module", module=module),)
        return found

    def _rust_import(self, file: int, imported: Import, depth: int) -> Entities:
        one = self.files[file]
        if not imported.module:
            module = self.modules.resolve(one, imported.imported)
            return (self._module(module),) if module is not None else ()
        module = self.modules.resolve(one, imported.module)
        if isinstance(module, Module):
            if found := self.of_module(module, imported.imported, depth + 1):
                return found
            child = self.modules.child(module, imported.imported)
            return (
                (Entity("module", module=child),)
                if child
                else self.names.entities(self.names.of_unit(file, imported.imported))
            )
        if module == EXTERNAL:
            return (OUTSIDE,)
        outer = imported.module.rpartition("::")[2]  # a variant or an associated function of a type
        around = self.names.entities(self.names.of_unit(file, outer))
        return distinct(
            one for entity in around for one in self.names.member(entity, imported.imported, depth + 1)
        )

    def of_module(self, module: Module, name: str, depth: int) -> Entities:
        """What a name of a module stands for: a definition, what the module itself imports, a module in
        it."""
        if depth > DEEPEST:
            return ()
        for file in module.files:
            if found := self.names.in_scope(file, MODULE, name, name, depth):
                return found
        if (child := self.modules.child(module, name)) is not None:
            return (Entity("module", module=child),)
        for file in module.files:
            for wildcard in self.files[file].wildcards:
                inner = self.modules.resolve(self.files[file], wildcard.module)
                if isinstance(inner, Module) and (found := self.of_module(inner, name, depth + 1)):
                    return found
        return ()


def _go_name(path: str) -> str:
    """The name of a package, by the path of its import."""
    *_, last = path.split("/")
    if last[:1] == "v" and last[1:].isdigit():
        last = path.split("/")[-2] if "/" in path else last
    return last.rpartition(".")[0] if last.rpartition(".")[2].startswith("v") else last.removeprefix("go-")
