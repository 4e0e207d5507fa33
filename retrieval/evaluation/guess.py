"""Which language a piece of code without a file name is in: telling turns of phrase, counted."""

from __future__ import annotations

import re
from collections.abc import Mapping

UNKNOWN = "text"
_ENOUGH = 2
_MOST = 3
"""A sign that occurs more often than this says no more."""

_SIGNS: Mapping[str, tuple[str, ...]] = {
    "python": (
        r"^\s*(?:async )?def \w+\(.*", r":\s*$", r"\bself\.", r"\belif\b|\bNone\b",
        r"^\s*(?:from [\w.]+ )?import ",
    ),
    "javascript": (
        r"\bfunction\b\s*\w*\(", r"=>", r"\b(?:const|let|var) \w+ =", r"[!=]==",
        r"\brequire\(|\bundefined\b",
    ),
    "typescript": (
        r"\w\??: (?:string|number|boolean|void|any|unknown)\b", r"\b(?:readonly|interface|implements) ",
        r"\b(?:const|let) \w+(?:: \w+)? =", r"=>",
    ),
    "go": (
        r"^func\b", r":=", r"\berr != nil\b", r"\bnil\b", r"\b(?:chan|map\[\w+\]|\[\]\w+|struct) ?",
    ),
    "java": (
        r"\b(?:public|private|protected) (?:static |final |abstract )*[\w<>\[\], ]+ \w+\(", r"@Override\b",
        r"\bthrows \w+", r"\bnew \w+(?:<.*>)?\(.*;\s*$", r"\b(?:String|Integer|List<)",
    ),
    "csharp": (
        r"\b(?:public|private|internal) (?:async |static |override )*[\w<>?]+ [A-Z]\w*\(", r"\busing \w+",
        r"\b(?:string|var) \w+ =", r"\bnamespace \w",
    ),
    "ruby": (
        r"^\s*def [\w.]+[?!]?(?:\(|\s*$)", r"^\s*end\s*$", r"\bdo \|", r"\bunless\b|\bnil\b|\belsif\b",
        r"@\w+ =",
    ),
    "php": (r"\$\w+", r"\$this->", r"\bfunction \w+\(.*\$", r"<\?php"),
    "rust": (
        r"\bfn \w+", r"\blet mut\b|&mut\b", r"\bimpl\b|\bmatch \w+ \{", r"\w::\w+\(",
        r"->\s*(?:Self|Result|Option|&)",
    ),
    "cpp": (r"\bstd::", r"^\s*#include\b", r"\btemplate\s*<", r"\w+::\w+\(.*\{"),
    "c": (
        r"^\s*#(?:include|define|ifdef)\b", r"\b(?:struct \w+ \*|char \*|size_t )", r"\w->\w", r"\bNULL\b",
    ),
    "kotlin": (r"\bfun [\w.<>]+\(", r"\bval \w+", r"\bwhen \("),
    "swift": (r"\bfunc \w+\(.*->", r"\bguard let\b|\bif let\b", r"\bself\.\w+"),
    "bash": (r"^#!.*\bsh\b|^#!.*bash", r"\bfi\s*$|\bthen\s*$", r"\becho \"?\$", r"\$\{\w+"),
}  # fmt: skip
_COMPILED = {name: tuple(re.compile(sign, re.MULTILINE) for sign in signs) for name, signs in _SIGNS.items()}


def language_of(text: str) -> str:
    """The language with the most signs, of equals the first in the table; `text` where there are few."""
    best, most = UNKNOWN, _ENOUGH - 1
    for name, signs in _COMPILED.items():
        found = [min(len(sign.findall(text[:4000])), _MOST) for sign in signs]
        # Different signs say more than one sign often.
        score = sum(found) if sum(map(bool, found)) > 1 else 0
        if score > most:
            best, most = name, score
    return best
