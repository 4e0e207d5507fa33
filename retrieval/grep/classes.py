"""Parses classes of characters: brackets, escapes and properties, in the syntax of Rust's regex crate."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from . import codepoints as cp
from .codepoints import CodePoints
from .engine import script

if TYPE_CHECKING:
    from indexer.errors import UsageError

_POSIX: Final[dict[str, CodePoints]] = {
    "alnum": ((48, 57), (65, 90), (97, 122)),
    "alpha": ((65, 90), (97, 122)),
    "ascii": ((0, 127),),
    "blank": ((9, 9), (32, 32)),
    "cntrl": ((0, 31), (127, 127)),
    "digit": ((48, 57),),
    "graph": ((33, 126),),
    "lower": ((97, 122),),
    "print": ((32, 126),),
    "punct": ((33, 47), (58, 64), (91, 96), (123, 126)),
    "space": ((9, 13), (32, 32)),
    "upper": ((65, 90),),
    "word": cp.ASCII_WORDS,
    "xdigit": ((48, 57), (65, 70), (97, 102)),
}
_POSIX_CLASS = re.compile(r"\[:(\^?)([a-z]+):\]")
_ASCII_CLASSES: Final[dict[str, CodePoints]] = {
    "d": ((48, 57),),
    "s": _POSIX["space"],
    "w": cp.ASCII_WORDS,
}
_CATEGORY_NAMES: Final = {
    "letter": "L", "casedletter": "LC", "uppercaseletter": "Lu", "lowercaseletter": "Ll",
    "titlecaseletter": "Lt", "modifierletter": "Lm", "otherletter": "Lo", "mark": "M", "combiningmark": "M",
    "nonspacingmark": "Mn", "spacingmark": "Mc", "enclosingmark": "Me", "number": "N", "decimalnumber": "Nd",
    "digit": "Nd", "letternumber": "Nl", "othernumber": "No", "punctuation": "P", "punct": "P",
    "connectorpunctuation": "Pc", "dashpunctuation": "Pd", "openpunctuation": "Ps", "closepunctuation": "Pe",
    "initialpunctuation": "Pi", "finalpunctuation": "Pf", "otherpunctuation": "Po", "symbol": "S",
    "mathsymbol": "Sm", "currencysymbol": "Sc", "modifiersymbol": "Sk", "othersymbol": "So",
    "separator": "Z", "spaceseparator": "Zs", "lineseparator": "Zl", "paragraphseparator": "Zp",
    "other": "C", "control": "Cc", "cntrl": "Cc", "format": "Cf", "privateuse": "Co", "unassigned": "Cn",
}  # fmt: skip
_HEX = re.compile(r"[0-9A-Fa-f]+")
_CONTROLS = {"a": 7, "f": 12, "t": 9, "n": 10, "r": 13, "v": 11}
_HEX_DIGITS = {"x": 2, "u": 4, "U": 8}
_UNSUPPORTED_ESCAPES = {
    "Z": "write \\z or $",
    "G": "leave it out",
    "K": "leave it out, and use -o to print only what matched",
    "Q": "use -F to search for text as it is",
    "E": "use -F to search for text as it is",
    "R": "each line is searched by itself; leave it out",
    "X": "write \\p{L}\\p{M}* for a letter with its marks",
    "h": "write [ \\t] for white space within a line",
    "k": "back-references are not supported; write the repeated text out",
    "g": "back-references are not supported; write the repeated text out",
    "N": "write .",
    "C": "write .",
    "e": "write \\x1b",
    "c": "write \\xNN",
}
_OPERATORS = ("&&", "--", "~~")
_MAX_NESTED: Final = 50
"""A class in which other classes are nested deeper is refused."""


@dataclass(frozen=True, slots=True)
class Flags:
    """The flags at a place of a pattern."""

    ignore_case: bool = False
    swap_greed: bool = False
    unicode: bool = True
    verbose: bool = False


@dataclass(slots=True)
class Case:
    """Whether a pattern has literal characters, and whether one of them is upper case."""

    literal: bool = False
    upper: bool = False

    def note(self, point: int) -> None:
        self.literal = True
        self.upper = self.upper or chr(point).isupper()

    @property
    def ignored(self) -> bool:
        """Whether a search with --smart-case ignores case."""
        return self.literal and not self.upper


class ClassParser:
    """The part of a parser that reads classes. The parser itself says where it is, and which flags hold."""

    pattern: str
    at: int
    flags: Flags
    case: Case

    def error(self, why: str, place: int | None = None) -> UsageError:
        raise NotImplementedError

    def skip_space(self) -> bool:
        raise NotImplementedError

    def folded(self, points: CodePoints) -> CodePoints:
        raise NotImplementedError

    def bracketed(self, depth: int = 0) -> CodePoints:
        """The set of a class in brackets, which begins here."""
        if depth > _MAX_NESTED:
            raise self.error(f"classes are nested more than {_MAX_NESTED} deep; make the pattern flatter")
        start, pattern = self.at, self.pattern
        self.at += 1
        self._skip()
        negated = pattern.startswith("^", self.at)
        self.at += negated
        items: list[CodePoints] = []
        left: CodePoints | None = None
        operator = ""
        self._skip()
        while pattern.startswith("-", self.at):
            self._point(items, "-")
        if not items and pattern.startswith("]", self.at):
            self._point(items, "]")
        while True:
            self._skip()
            char = pattern[self.at : self.at + 1]
            if not char:
                raise self.error("unclosed class; write \\[ for a bracket", start)
            if char == "]":
                self.at += 1
                break
            if (found := pattern[self.at : self.at + 2]) in _OPERATORS:
                left = self._combined(left, operator, items)
                operator, items = found, []
                self.at += 2
            elif char == "[":
                items.append(self._posix() or self.bracketed(depth + 1))
            else:
                items.append(self._item(start))
        points = self._combined(left, operator, items)
        if negated:
            self._need_unicode()
            points = cp.complement(points)
        return points

    def _skip(self) -> None:
        if self.flags.verbose:
            self.skip_space()

    def _need_unicode(self) -> None:
        if not self.flags.unicode:
            raise self.error("a negated class under (?-u) would match parts of characters; leave (?-u) out")

    def _point(self, items: list[CodePoints], char: str) -> None:
        self.case.note(ord(char))
        items.append(((ord(char), ord(char)),))
        self.at += 1
        self._skip()

    def _combined(self, left: CodePoints | None, operator: str, items: list[CodePoints]) -> CodePoints:
        right = self.folded(items[0] if len(items) == 1 else cp.union(*items))
        if left is None:
            return right
        if operator == "&&":
            return cp.intersection(left, right)
        if operator == "--":
            return cp.difference(left, right)
        return cp.difference(cp.union(left, right), cp.intersection(left, right))

    def _posix(self) -> CodePoints | None:
        """The set of a class such as `[:alpha:]`. Returns None if there is none here."""
        found = _POSIX_CLASS.match(self.pattern, self.at)
        if found is None or found[2] not in _POSIX:
            return None
        self.at = found.end()
        if not found[1]:
            return _POSIX[found[2]]
        self._need_unicode()
        return cp.complement(self.folded(_POSIX[found[2]]))

    def _item(self, start: int) -> CodePoints:
        """One character, one range or one class by an escape."""
        points, first = self._primitive()
        self._skip()
        after = self.pattern[self.at : self.at + 2]
        if not after.startswith("-") or after in ("-]", "--", "-"):
            return points
        self.at += 1
        self._skip()
        if self.at >= len(self.pattern):
            raise self.error("unclosed class; write \\[ for a bracket", start)
        _, last = self._primitive()
        if first is None or last is None:
            raise self.error("a range in a class goes from a character to a character", start)
        if first > last:
            raise self.error(f"the range {chr(first)}-{chr(last)} is in the wrong order", start)
        return cp.intersection(((first, last),), cp.EVERY)

    def _primitive(self) -> tuple[CodePoints, int | None]:
        """A character with its number, or the class of an escape, without a number."""
        start = self.at
        if self.pattern[start] == "\\":
            points = self.class_escape()
            if points is not None:
                return points, None
            point = self.escaped_character(start)
        else:
            self.at += 1
            point = ord(self.pattern[start])
        self.case.note(point)
        if not self.flags.unicode and point > 127:
            raise self.error("under (?-u), a class has only ASCII characters; leave (?-u) out", start)
        return ((point, point),), point

    def class_escape(self) -> CodePoints | None:
        """The set of an escape such as `\\d` or `\\p{Greek}`. Returns None if it is a single character."""
        char = self.pattern[self.at + 1 : self.at + 2]
        if not char or char not in "dDsSwWpP":
            return None
        start = self.at
        self.at += 2
        if char in "pP":
            points, inverse = self._property(start)
            points = self.folded(points)
            negated = inverse != (char == "P")
        else:
            points, negated = self._perl(char.lower()), char.isupper()
        if negated:
            self._need_unicode()
            points = cp.complement(points)
        return points

    def _perl(self, char: str) -> CodePoints:
        if not self.flags.unicode:
            return _ASCII_CLASSES[char]
        if char == "s":
            return cp.SPACES
        return cp.digits() if char == "d" else cp.words()

    def _property(self, start: int) -> tuple[CodePoints, bool]:
        """The set of a property, and whether it is negated by `^` or `!=`."""
        if not self.flags.unicode:
            raise self.error("properties are not supported under (?-u); leave (?-u) out", start)
        char = self.pattern[self.at : self.at + 1]
        if char == "{":
            end = self.pattern.find("}", self.at)
            if end < 0:
                raise self.error("unclosed property; write \\p{Greek} for example", start)
            name = self.pattern[self.at + 1 : end]
            self.at = end + 1
        else:
            name = char
            self.at += 1
        inverse = name.startswith("^")
        name = name.removeprefix("^")
        if "!=" in name:
            inverse, name = not inverse, name.replace("!=", "=", 1)
        points = property_named(name)
        if points is None:
            raise self.error(
                f"the property {name[:40]!r} is not supported; use a general category such as \\p{{Lu}}, "
                "or a script such as \\p{Greek}",
                start,
            )
        return points, inverse

    def escaped_character(self, start: int) -> int:
        """The number of the character that an escape stands for."""
        char = self.pattern[self.at + 1 : self.at + 2]
        if not char:
            raise self.error("a backslash at the end; write \\\\ for the backslash itself", start)
        self.at += 2
        if char in _CONTROLS:
            return _CONTROLS[char]
        if char in _HEX_DIGITS:
            return self._hex(_HEX_DIGITS[char], start)
        if char.isdecimal() and char.isascii():
            raise self.error(
                f"back-references such as \\{char} are not supported; write the repeated text out", start
            )
        if (char.isascii() and char.isalnum()) or not char.isascii() or char in "<>":
            advice = _UNSUPPORTED_ESCAPES.get(char, f"write {char} for the character itself")
            raise self.error(f"the escape \\{char} is not supported; {advice}", start)
        return ord(char)

    def _hex(self, digits: int, start: int) -> int:
        if self.pattern.startswith("{", self.at):
            end = self.pattern.find("}", self.at)
            text = self.pattern[self.at + 1 : end] if end >= 0 else ""
            self.at = end + 1
        else:
            text = self.pattern[self.at : self.at + digits]
            self.at += digits
            if len(text) < digits:
                text = ""
        if not _HEX.fullmatch(text) or len(text) > 8:
            raise self.error("not a hexadecimal number; write \\x41 or \\x{1F600}", start)
        point = int(text, 16)
        if point > cp.LAST or 0xD800 <= point <= 0xDFFF:
            raise self.error(f"there is no character with the number {text}", start)
        if not self.flags.unicode and point > 127:
            raise self.error("under (?-u), a byte is no character; leave (?-u) out", start)
        return point


@cache
def property_named(name: str) -> CodePoints | None:
    """The characters with a property. Returns None if it is unknown, or known only to Rust's regex crate."""
    kind, separator, value = name.partition("=") if "=" in name else name.partition(":")
    if not separator:
        kind, value = "", name
    plain = re.sub(r"[\s_-]", "", value).lower()
    kind = re.sub(r"[\s_-]", "", kind).lower()
    if kind in ("", "gc", "generalcategory"):
        if plain in ("any", "ascii", "assigned"):
            known = {"any": cp.EVERY, "ascii": cp.ASCII}
            return known[plain] if plain in known else cp.complement(cp.categories()["Cn"])
        found = _CATEGORY_NAMES.get(plain, plain[:1].upper() + plain[1:])
        found = "LC" if found == "Lc" else found
        if found in cp.categories():
            return cp.categories()[found]
    return _script(value) if kind in ("", "sc", "script") else None


def _script(name: str) -> CodePoints | None:
    """The characters of a script, as RE2 knows them. Returns None if it knows none of this name."""
    if not re.fullmatch(r"[A-Za-z][A-Za-z _-]*", name):
        return None
    found = script("_".join(part.capitalize() for part in re.split(r"[ _-]+", name)))
    return None if found is None else cp.union(found)
