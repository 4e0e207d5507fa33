"""Follows the names of modules in imports to files, in the way of each language."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from indexer.analysis.package_files import ALIAS, MAIN, NAME

from .calling_file import CallingFile

EXTERNAL = "external"
"""Said of a module that is not in the repository."""
_ECMA = (".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".d.ts", ".vue", ".svelte", ".astro")
_COMPILED = {
    ".js": (".ts", ".tsx", ".js"),
    ".jsx": (".tsx", ".jsx"),
    ".mjs": (".mts", ".mjs"),
    ".cjs": (".cts", ".cjs"),
}
_SOURCE_FOLDERS = ("", "src", "lib", "python", "source")
_RUST_LIBRARY = ("std", "core", "alloc")
_MAINS = ("src/index", "index", "src/main", "lib/index", "main")


@dataclass(frozen=True, slots=True)
class Module:
    """The files whose names a module has, and its path in the notation of its language or as a folder."""

    files: tuple[int, ...]
    path: str = ""


@dataclass(slots=True)
class Modules:
    """Where the modules of a repository are."""

    files: Mapping[int, CallingFile]
    by_path: dict[str, int] = field(default_factory=dict)
    folders: dict[str, list[int]] = field(default_factory=dict)
    by_ending: dict[str, list[int]] = field(default_factory=dict)
    """The files of Python and of the JVM by each ending of their path, without suffix, with dots."""
    packages: dict[str, str] = field(default_factory=dict)
    """The folders of packages by name."""
    aliases: list[tuple[str, str, str]] = field(default_factory=list)
    """(folder, beginning of an import, beginning of a path) of the aliases that projects of TypeScript
    declare."""
    _known: dict[tuple[str, str, str], Module | str | None] = field(default_factory=dict)
    """What modules were resolved to, by the way of the language, the place that counts, and the name."""

    @classmethod
    def of(cls, files: Mapping[int, CallingFile]) -> Modules:
        made = cls(files)
        for number, one in files.items():
            made.by_path[one.path] = number
            folder = posixpath.dirname(one.path)
            made.folders.setdefault(folder, []).append(number)
            if one.profile.modules in ("python", "java"):
                stem = one.path.rpartition(".")[0].removesuffix("/__init__")
                parts = stem.split("/")
                for at in range(len(parts)):
                    made.by_ending.setdefault(".".join(parts[at:]), []).append(number)
            made._read_facts(folder, one.facts)
        return made

    def _read_facts(self, folder: str, facts: Mapping[str, str]) -> None:
        if NAME in facts:
            self.packages.setdefault(facts[NAME], folder)
        for key, target in facts.items():
            if key.startswith(ALIAS):
                pattern = key.removeprefix(ALIAS).removesuffix("*")
                self.aliases.append((folder, pattern, target.removesuffix("*")))

    def resolve(self, file: CallingFile, module: str) -> Module | str | None:
        """The module that a file names. Returns EXTERNAL, or None if that is not known."""
        name = file.profile.modules
        way = _WAYS.get(name)
        if way is None:
            return None
        place = file.path if name == "rust" else posixpath.dirname(file.path)
        key = name, place, module
        if key not in self._known:
            self._known[key] = way(self, file, module)
        return self._known[key]

    def child(self, module: Module, name: str) -> Module | None:
        """The module `name` in a package of Python or a module of Rust."""
        for number in module.files:
            path = self.files[number].path
            if path.endswith("/__init__.py") or path == "__init__.py":
                return self._python_file(posixpath.join(posixpath.dirname(path), name))
            if path.endswith(".rs"):
                return self._rust_child(path, name)
        if module.path and not module.files:  # a folder without __init__.py
            return self._python_file(f"{module.path}/{name}")
        return None

    def _python_file(self, path: str) -> Module | None:
        for ending in (".py", "/__init__.py", ".pyi", "/__init__.pyi"):
            if (number := self.by_path.get(path + ending)) is not None:
                return Module((number,), path)
        return Module((), path) if path in self.folders else None

    def _python(self, file: CallingFile, module: str) -> Module | str | None:
        folder = posixpath.dirname(file.path)
        if module.startswith("."):
            name = module.lstrip(".")
            for _ in range(len(module) - len(name) - 1):
                folder = posixpath.dirname(folder)
            return (
                self._python_file("/".join(filter(None, (folder, *name.split(".")))) or "")
                if name
                else (self._python_package(folder))
            )
        best: tuple[float, Module] | None = None
        for number in self.by_ending.get(module, ()):
            stem = self.files[number].path.rpartition(".")[0].removesuffix("/__init__")
            above = stem.removesuffix(module.replace(".", "/")).rstrip("/")
            if self.files[number].profile.modules != "python" or self._is_package(above):
                continue
            near = above == folder or f"{folder}/".startswith(f"{above}/")
            if above not in _SOURCE_FOLDERS and not near and "." not in module and not self._is_package(stem):
                continue
            rank = (above not in _SOURCE_FOLDERS) + 2 * (not near) + len(above) / 1000
            if best is None or rank < best[0]:
                best = rank, Module((number,), stem)
        if best:
            return best[1]
        place = module.replace(".", "/")
        return (
            Module((), place)
            if any(one.startswith(f"{place}/") or one == place for one in self.folders)
            else EXTERNAL
        )

    def _python_package(self, folder: str) -> Module:
        number = self.by_path.get(f"{folder}/__init__.py" if folder else "__init__.py")
        return Module(() if number is None else (number,), folder)

    def _is_package(self, folder: str) -> bool:
        return bool(folder) and f"{folder}/__init__.py" in self.by_path

    def _ecma(self, file: CallingFile, module: str) -> Module | str | None:
        folder = posixpath.dirname(file.path)
        if module.startswith("."):
            return self._ecma_file(posixpath.normpath(posixpath.join(folder, module)))
        for place, pattern, target in self.aliases:
            inside = not place or f"{folder}/".startswith(f"{place}/")
            if inside and (module.startswith(pattern) if pattern.endswith("/") else module == pattern):
                path = posixpath.normpath(posixpath.join(place, target + module.removeprefix(pattern)))
                if found := self._ecma_file(path):
                    return found
        name = next((one for one in _beginnings(module) if one in self.packages), None)
        if name is not None:
            return self._ecma_package(self.packages[name], module.removeprefix(name).strip("/"))
        return None if module.startswith(("#", "~", "@/", "/")) else EXTERNAL

    def _ecma_file(self, path: str) -> Module | None:
        path = path.partition("?")[0]
        stem, ending = posixpath.splitext(path)
        tries = [stem + one for one in _COMPILED.get(ending, ())]
        tries += [path, *(path + one for one in _ECMA), *(f"{path}/index{one}" for one in _ECMA)]
        number = next((self.by_path[one] for one in tries if one in self.by_path), None)
        return None if number is None else Module((number,), path)

    def _ecma_package(self, folder: str, below: str) -> Module | None:
        number = self.by_path.get(posixpath.join(folder, "package.json"))
        main = self.files[number].facts.get(MAIN, "") if number is not None else ""
        tries = [below, f"src/{below}", f"src/node/{below}"] if below else [main, *_MAINS, "src/node/index"]
        found = (self._ecma_file(posixpath.normpath(posixpath.join(folder, one))) for one in tries if one)
        return next(filter(None, found), None)

    def _go(self, file: CallingFile, module: str) -> Module | str | None:
        name = next((one for one in _beginnings(module) if one in self.packages), None)
        if name is None:
            return EXTERNAL
        folder = posixpath.join(self.packages[name], module.removeprefix(name).strip("/")).strip("/")
        files = [n for n in self.folders.get(folder, ()) if self.files[n].language == "go"]
        return (
            Module(tuple(n for n in files if not self.files[n].path.endswith("_test.go")), folder)
            if files
            else EXTERNAL
        )

    def _java(self, file: CallingFile, module: str) -> Module | str | None:
        found = self.by_ending.get(module.replace("/", "."))
        if found:
            return Module(tuple(found), module)
        ending = "/" + module.replace(".", "/")
        files = [n for folder, some in self.folders.items() if f"/{folder}".endswith(ending) for n in some]
        return Module(tuple(files), module) if files else EXTERNAL

    def _rust(self, file: CallingFile, module: str) -> Module | str | None:
        first, *rest = module.split("::")
        start: str | None
        if first == "crate":
            start = self._crate(file.path)
        elif first == "self":
            start = file.path
        elif first == "super":
            start = self._rust_parent(file.path)
        elif first in _RUST_LIBRARY:
            return EXTERNAL
        elif (child := self._rust_child(file.path, first)) is not None:
            start = self.files[child.files[0]].path
        elif first in self.packages:
            start = next(
                (
                    p
                    for one in ("src/lib.rs", "src/main.rs")
                    if (p := posixpath.join(self.packages[first], one)) in self.by_path
                ),
                None,
            )
        else:
            return EXTERNAL if first and not first[0].isupper() else None
        for part in rest:
            if start is None:
                return None
            if part == "super":
                start = self._rust_parent(start)
                continue
            below = self._rust_child(start, part)
            start = self.files[below.files[0]].path if below else None
        return None if start is None else Module((self.by_path[start],), module)

    def _crate(self, path: str) -> str | None:
        while path:
            path = posixpath.dirname(path)
            for one in ("lib.rs", "main.rs", "src/lib.rs", "src/main.rs"):
                if (place := posixpath.join(path, one)) in self.by_path:
                    return place
        return None

    def _rust_child(self, path: str, name: str) -> Module | None:
        folder, base = posixpath.split(path)
        own = (
            folder
            if base in ("lib.rs", "main.rs", "mod.rs")
            else posixpath.join(folder, base.removesuffix(".rs"))
        )
        for place in (posixpath.join(own, f"{name}.rs"), posixpath.join(own, name, "mod.rs")):
            if (number := self.by_path.get(place)) is not None:
                return Module((number,), place)
        return None

    def _rust_parent(self, path: str) -> str | None:
        folder, base = posixpath.split(path)
        above = posixpath.dirname(folder) if base == "mod.rs" else folder
        tries = [posixpath.join(above, one) for one in ("mod.rs", "lib.rs", "main.rs")] + [f"{above}.rs"]
        return next((one for one in tries if one in self.by_path and one != path), None)


def _beginnings(module: str) -> Iterable[str]:
    """The path and those of its folders, the longest first."""
    while module:
        yield module
        module = module.rpartition("/")[0]


_WAYS = {
    "python": Modules._python,
    "ecma": Modules._ecma,
    "go": Modules._go,
    "java": Modules._java,
    "rust": Modules._rust,
}
