"""Guesses the language of code without a file name, by counting characteristic expressions."""

from __future__ import annotations

import re
from collections.abc import Mapping

UNKNOWN = "text"
_ENOUGH = 2
_MOST = 3
"""Maximum number of counted occurrences of one sign."""

_SIGNS: Mapping[str, tuple[str, ...]] = {
    "python": (
        r"^\s*(?:async )?def \w+\(.*", r":\s*$", r"\bself\.", r"\belif\b|\bNone\b",
        r"^\s*(?:from [\w.]+ )?import ",
    ),
    "php": (
        r"\$\w+", r"\$this->", r"\bfunction \w+\(.*\$", r"<\?php", r"\w->\w+\(", r"\bfunction \w*\(",
        r"\b(?:public|private|protected|static) function \w+",
    ),
    # Each of these three grammars parses nearly all code of the grammar below it, which must lose a tie.
    "tsx": (
        r"(?:^|[\s(])<[A-Za-z][\w.]*(?:[\s/>]|$)", r"</[\w.]*>|/>\s*$", r"\bclassName=|\b[a-z]\w+=\{",
        r"\buse[A-Z]\w*\(", r"=>",
    ),
    "typescript": (
        r"\w\??: (?:string|number|boolean|void|any|unknown|[A-Z]\w*)\b",
        r"\b(?:readonly|interface|implements) ",
        r"\b(?:const|let) \w+(?:: \w+)? =", r"=>", r"\bfunction\b\s*\w*\(", r"[!=]==", r"\bundefined\b",
    ),
    "javascript": (
        r"\bfunction\b\s*\w*\s*\(", r"=>", r"\b(?:const|let|var) \w+ =", r"[!=]==",
        r"\brequire\(|\bundefined\b",
    ),
    "go": (
        r"^func\b", r":=", r"\berr != nil\b", r"\bnil\b", r"\b(?:chan|map\[\w+\]|\[\]\w+|struct) ?",
        r"^func \(\w+ \*?\w+\) \w+\(", r"\*\w+\.[A-Z]\w+|\w+ \*[A-Z]\w+[,)]",
    ),
    "csharp": (
        r"\b(?:public|private|internal) (?:async |static |override )*[\w<>?]+ [A-Z]\w*\(", r"\busing \w+",
        r"\b(?:string|var) \w+ =", r"\bnamespace \w", r"\bget;|\bset;|\bget =>", r"\bawait \w",
        r"\b(?:string|bool|object)\??(?:\[\])? \w+[,)]", r"\b(?:sealed|readonly|internal|partial) ",
    ),
    "java": (
        r"\b(?:public|private|protected) (?:static |final |abstract )*[\w<>\[\], ]+ \w+\(", r"^\s*@[A-Z]\w+",
        r"\bthrows \w+", r"\bnew \w+(?:<.*>)?\(", r"\b(?:String|Integer|List<)", r"\b(?:final|boolean|void) ",
        r"[(,] ?(?:final )?[A-Z]\w*(?:<.*>)?(?:\[\])? [a-z]\w*[,)]",
    ),
    "ruby": (
        r"^\s*def [\w.]+[?!]?(?:\(|\s*$)", r"^\s*end\s*$", r"\bdo \|", r"\bunless\b|\bnil\b|\belsif\b",
        r"(?<![\w@])@\w+", r"\.(?:each|new|freeze)\b",
        r"^\s*(?:class|module) [A-Z][\w:]*(?: < [A-Z][\w:]*)?\s*$",
    ),
    "rust": (
        r"\bfn \w+", r"\blet mut\b|&mut\b", r"\bimpl\b|\bmatch \w+ \{", r"\w::\w+\(",
        r"->\s*(?:Self|Result|Option|&|bool|[iu]\d)", r"&self\b", r"\bpub (?:fn|struct|enum)\b", r"#\[\w+",
    ),
    "cpp": (
        r"\bstd::", r"^\s*#include\b", r"\btemplate\s*<", r"\w+::~?\w+\(", r"\bconst [\w:]+[&*]|\w& \w+[,)]",
        r"\b(?:virtual|override|nullptr|static_cast|constexpr|noexcept)\b", r"\w->\w",
        r"^\s*(?:public|private|protected):\s*$", r"^(?:[\w:]+[*&]? )+\w+\(",
    ),
    "c": (
        r"^\s*#(?:include|define|ifdef)\b", r"\b(?:struct \w+ \*|char \*|size_t )", r"\w->\w", r"\bNULL\b",
        r"[(,] ?(?:const )?\w+ \*+\w+[,)]", r"^(?:static |const )*\w+ \*?\w+\(",
    ),
    "kotlin": (r"\bfun [\w.<>]+\(", r"\bval \w+", r"\bwhen \("),
    "swift": (
        r"\bfunc \w+\(.*->", r"\bguard let\b|\bif let\b", r"\bself\.\w+", r"\bfunc \w+\(_? ?\w+:",
        r"\blet \w+ = |\bvar \w+: ", r"\b(?:struct|extension|protocol) [A-Z]\w*.*\{",
    ),
    "bash": (
        r"^#!.*\bsh\b|^#!.*bash", r"\bfi\s*$|\bthen\s*$", r"\becho \"?\$", r"\$\{?\w+", r"\"\$",
        r"^\s*[\w-]+ ?\(\)\s*\{", r"^\s*(?:el)?if \[|\bwhile \[", r";;\s*$|\besac\b",
        r"^\s*(?:local|export|echo|exit|cd) ",
    ),
}  # fmt: skip
_COMPILED = {name: tuple(re.compile(sign, re.MULTILINE) for sign in signs) for name, signs in _SIGNS.items()}


def language_of(text: str) -> str:
    """The language with the most signs in the text. Returns `text` if there are few signs.

    In a tie, the language that comes first in the table wins.
    """
    best, most = UNKNOWN, _ENOUGH - 1
    for name, signs in _COMPILED.items():
        found = [min(len(sign.findall(text[:4000])), _MOST) for sign in signs]
        # One sign alone is not enough, however often it occurs.
        score = sum(found) if sum(map(bool, found)) > 1 else 0
        if score > most:
            best, most = name, score
    return best
