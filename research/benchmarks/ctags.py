"""Reads the tags of Universal Ctags, and selects the tags that are comparable with a grammar's definitions.

In each language two groups of ctags' kinds count: definitions (functions, methods, classes, types) and values
(constants, variables, fields, enumerators, aliases, macros). We leave out what we do not index on purpose:
- variables local to a function, and parameters: code elsewhere cannot refer to them;
- prototypes and `extern` in C and C++, which declare something that is defined elsewhere;
- namespaces, packages and imports, which are not definitions;
- names that ctags makes up for anonymous definitions (`__anon...`, `AnonymousFunction...`, `<lambda>`);
- properties of JavaScript's object literals, unless they are functions, which count as methods;
- modules that JavaScript loads (`const fs = require('fs')`);
- C#'s "typedefs", which are `using` aliases of one file;
- what ctags takes for a definition by mistake, recognised by the tag's line (`_NEEDED`): in JavaScript and
  TypeScript, locals of callbacks, keys of object literals, calls of a prototype's methods, and imported
  names; in JavaScript, the results of functions that are called at once; in C#, parameters, constraints and
  chained calls; in C++, variables in indented lines, most of which are local to a macro (`TEST_CASE("x") {`);
  in Kotlin, parameters of lambdas; in Lua, calls with a function as an argument;
- in C and C++, "functions" with names in capitals, which are uses of a macro (`DEFINE_IDLE(x) {`).
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple

from indexer.errors import Unsupported
from indexer.parsing.languages import HEAD, name_of
from indexer.parsing.source import Source

Group = Literal["definitions", "values"]
GROUPS: tuple[Group, ...] = ("definitions", "values")

# For each language, by our name: its name in ctags, the kinds of definitions, and the kinds of values.
LANGUAGES: dict[str, tuple[str, frozenset[str], frozenset[str]]] = {
    name: (theirs, frozenset(definitions.split()), frozenset(values.split()))
    for name, theirs, definitions, values in (
        ("python", "Python", "class function member", "variable"),
        (
            "javascript",
            "JavaScript",
            "function class method generator getter setter",
            "constant variable field",
        ),
        (
            "typescript",
            "TypeScript",
            "function class interface enum method generator",
            "alias enumerator property variable constant",
        ),
        ("go", "Go", "func type struct interface methodSpec", "const var member alias"),
        ("java", "Java", "annotation class enum interface method", "enumConstant field"),
        ("ruby", "Ruby", "class method module singletonMethod", "constant accessor"),
        ("php", "PHP", "class function interface trait", "define variable"),
        (
            "rust",
            "Rust",
            "struct interface implementation function enum macro method",
            "typedef variable field enumerator",
        ),
        ("c", "C", "function struct union enum", "macro enumerator member typedef variable"),
        ("cpp", "C++", "function class struct union enum", "macro enumerator member typedef variable"),
        ("csharp", "C#", "class interface struct enum method", "enumerator event field property"),
        ("kotlin", "Kotlin", "interface class object method", "typealias constant variable"),
        ("lua", "Lua", "function", ""),
        ("sql", "SQL", "function procedure table view trigger package", "field domain"),
    )
}

_SECONDS = 10.0
"""Maximum seconds per file, because ctags does not terminate on some SQL files."""

# The pattern that a tag's line must match, by language and kind. Other tags are uses, parameters or imports.
_VALUE = r"^/\^(?:export\s+|declare\s+)*(?:const|let|var)\s+{name}(?![\w$])"
_NEEDED = {
    **{(name, kind): _VALUE for name in ("javascript", "typescript") for kind in ("constant", "variable")},
    ("javascript", "field"): r"^/\^\s+[#\w]+\s*(?:=|;|\$/$)",
    ("javascript", "class"): r"\b(?:class|function)\s+{name}\b|\b{name}\s*=\s*(?:class|function)\b",
    ("javascript", "function"): r"^(?!.*=\s*\(function\b)",  # the result of a function called at once
    ("javascript", "method"): r"^(?!.*\.prototype\.\w+\.)(?=.*(?:\bfunction\b|\)\s*\{|=>))",
    ("typescript", "alias"): r"^/\^\s*(?:export\s+|declare\s+)*type\s",
    ("typescript", "property"): r"(?<![\w$]){name}['\"\]]?[?!]?\s*(?:[:;=]|\$/)",
    ("typescript", "method"): r"(?<![\w$]){name}['\"\]]?[?!]?\s*[(<:=]",
    ("csharp", "field"): r"^[^(]*\b{name}\b(?!.*\))",
    ("csharp", "property"): r"^(?!.*\bwhere\b)",
    ("csharp", "method"): r"^/\^\s*[\w\[]",
    ("csharp", "class"): r"\b(?:class|record)\s+{name}\b",
    ("cpp", "variable"): r"^/\^\S",
    ("kotlin", "method"): r"\bfun\b",
    ("sql", "field"): r"(?i)^(?!{name}$)|^(?!LIKE$|EXCLUDE$)",
    ("lua", "function"): r"\bfunction\s+[\w.:]+\s*\(|=\s*function\b",
}
_KEYWORDS = frozenset("if else for while switch return new this as const export Promise".split())
_INVENTED = re.compile(r"__anon|Anonymous|anonymous|<|[\[{\"]")
_LOCAL = frozenset(
    {"function", "method", "func", "member", "generator", "singletonMethod", "getter", "setter"}
)
_IMPORT = re.compile(r"=\s*(?:await\s+)?(?:require\b|import\s*\()")
_CAPITALS = re.compile(r"[A-Z][A-Z0-9_]+")


def language_of(source: Source) -> str:
    """The language of a file by our name, as in LANGUAGES; "" if it is not known."""
    name = source.file.language or name_of(source.file.path, source.text[:HEAD]) or ""
    return {"tsx": "typescript"}.get(name, name)


class Tag(NamedTuple):
    """A name that ctags found. `end` is the definition's last line, or 0 if ctags reports no such line."""

    name: str
    kind: str
    line: int
    end: int
    group: Group | None
    """None if the tag is not comparable."""
    scope: str = ""


def find() -> str:
    """The path of ctags. Raises Unsupported if Universal Ctags is missing."""
    program = shutil.which("ctags")
    if program is not None and b"Universal Ctags" in _answer([program, "--version"]):
        return program
    raise Unsupported(
        "Universal Ctags is not installed; install it (apt-get install universal-ctags, brew install "
        "universal-ctags), and see that `ctags --version` names it"
    )


def tags(program: str, path: Path, language: str) -> list[Tag] | None:
    """The tags of a file. Returns None if ctags times out."""
    command = [
        program, "-u", "--output-format=json", "--fields=+neKsS",
        f"--language-force={LANGUAGES[language][0]}",
        "--input-encoding=utf-8", "--output-encoding=utf-8", "-f", "-", str(path),
    ]  # fmt: skip
    try:
        return list(read(_answer(command), language))
    except subprocess.TimeoutExpired:
        return None


def read(answer: bytes, language: str) -> Iterator[Tag]:
    """The tags in the output of ctags, which has one JSON object per line."""
    for line in answer.splitlines():
        row = json.loads(line.decode("utf-8", "replace"))
        if row.get("_type") == "tag" and "line" in row:
            name, kind = row["name"], row["kind"]
            if kind == "accessor":
                name = name.removesuffix("=")  # ctags gives one `attr_accessor` two names
            yield Tag(name, kind, row["line"], row.get("end", 0), _group(row, language), row.get("scope", ""))


def _group(row: dict[str, Any], language: str) -> Group | None:
    name, kind, pattern = row["name"], row["kind"], row.get("pattern", "")
    _, definitions, values = LANGUAGES[language]
    if _INVENTED.match(name) or not _is_likely(name, kind, pattern, language):
        return None
    if kind in values:
        return None if row.get("scopeKind") in _LOCAL else "values"
    return "definitions" if kind in definitions else None


def _is_likely(name: str, kind: str, pattern: str, language: str) -> bool:
    """Whether a tag's line looks like a definition of its name."""
    if language in {"javascript", "typescript"} and (name in _KEYWORDS or _IMPORT.search(pattern)):
        return False
    if language in {"c", "cpp"} and kind == "function" and _CAPITALS.fullmatch(name):
        return False
    if (language == "csharp" and "." in name) or (language == "php" and name == "this"):
        return False
    needed = _NEEDED.get((language, kind))
    return needed is None or re.search(needed.replace("{name}", re.escape(name)), pattern) is not None


def _answer(command: list[str]) -> bytes:
    done = subprocess.run(
        command, check=False, capture_output=True, timeout=_SECONDS, stdin=subprocess.DEVNULL
    )
    return done.stdout
