"""What to insert at the cursor: what follows a fragment's cut, indented as the buffer is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from . import lexemes
from .alignment import Cut, cursor_column
from .code import column
from .indentation import Indentation, reindent
from .query import Prefix

UNTIL = ("statement", "block", "function")
"""How far a suggestion may go: to the end of the first statement, of its block, of the function."""

_CLOSERS = (")", "]", "}", "end")


@dataclass(frozen=True, slots=True)
class Rest:
    """What follows a cut, line by line in the buffer's indentation; the first line has none.

    `lead` is what goes between the cursor and the first line. `base` is the first line's indentation.
    `numbers` are the fragment's lines, counted from 0.
    """

    lead: str
    lines: tuple[str, ...]
    base: int
    numbers: tuple[int, ...]

    @property
    def text(self) -> str:
        """The lines without the lead."""
        return "\n".join(self.lines)


def rest(prefix: Prefix, text: str, cut: Cut, source: Indentation) -> Rest:
    """What follows a cut of a fragment whose indentation is `source`."""
    if not prefix.typed:
        return Rest("", tuple(text.split("\n")), 0, ())
    if not prefix.indented:
        prefix = replace(prefix, indentation=source)
    tail = text[cut.at :].rstrip()
    lines = tail.split("\n")
    skipped = 0 if cut.inside else next((n for n, line in enumerate(lines) if line.strip()), 0)
    lines = lines[skipped:]
    whole = text[text.rfind("\n", 0, cut.at) + 1 :].partition("\n")[0] if cut.inside else lines[0]
    base = column(whole)
    at = column(prefix.line) if cut.inside else cursor_column(prefix)
    moved = reindent(lines[1:], source, prefix.indentation, base, at)
    # What was typed so far may end in the very white space that the fragment goes on with.
    typed = cut.inside and not prefix.line[-1:].isspace()
    first = lines[0] if typed else lines[0].strip(" \t")
    numbers = tuple(range(cut.line + skipped, cut.line + skipped + len(lines)))
    return Rest(_lead(prefix, cut, at), (first.rstrip(), *moved), at, numbers)


def _lead(prefix: Prefix, cut: Cut, at: int) -> str:
    """The white space that the first line still needs."""
    if cut.inside:
        return ""
    if prefix.line.strip():
        return "\n" + prefix.indentation.white(at)
    return prefix.indentation.white(max(at - column(prefix.line), 0))


def upto(rest: Rest, until: str, language: str) -> Rest:
    """The rest up to the end of its first statement, of its block, or all of it."""
    ends = {"statement": _statement, "block": _block}
    count = ends[until](rest, language) if until in ends else len(rest.lines)
    lines = rest.lines[:count]
    while lines and not lines[-1]:
        lines = lines[:-1]
    return Rest(rest.lead, lines, rest.base, rest.numbers[: len(lines)])


def _statement(rest: Rest, language: str) -> int:
    """How many lines the first statement has, what it contains included."""
    count, opened = 1, lexemes.unclosed(lexemes.lexemes(rest.lines[0], language))[0]
    while count < len(rest.lines):
        line = rest.lines[count]
        indent = column(line)
        inner = not line or indent > rest.base or bool(opened and opened[-1] in "([")
        closes = indent == rest.base and line.lstrip().startswith(_CLOSERS) and count > 1
        if not inner and not closes and not (opened and indent >= rest.base):
            break
        opened = lexemes.unclosed(lexemes.lexemes(line, language), opened)[0]
        count += 1
        if closes and not opened:
            break
    return count


def _block(rest: Rest, language: str) -> int:
    """How many lines come before one that is less indented than the first."""
    return next(
        (n for n, line in enumerate(rest.lines) if n and line and column(line) < rest.base), len(rest.lines)
    )


def trimmed(rest: Rest, after: str) -> Rest:
    """The rest without last lines that already follow the cursor."""
    following = [line.strip() for line in after.split("\n") if line.strip()][: len(rest.lines)]
    for count in range(min(len(rest.lines) - 1, len(following)), 0, -1):
        if [line.strip() for line in rest.lines[-count:]] == following[:count]:
            kept = len(rest.lines) - count
            return Rest(rest.lead, rest.lines[:kept], rest.base, rest.numbers[:kept])
    return rest


def leading_to(rest: Rest, behind: str) -> Rest | None:
    """What fits in front of code that stands behind the cursor in its line; None if it does not lead there.

    That is one line that ends as the cursor's line does, less that end.
    """
    end = behind.strip()
    if not end:
        return rest
    first = rest.lines[0].rstrip() if rest.lines else ""
    head = first.removesuffix(end)
    if not head.strip() or head == first:
        return None
    return Rest(rest.lead, (head,), rest.base, rest.numbers[:1])


def is_there(rest: Rest, following: str) -> bool:
    """Whether what is suggested follows the cursor already."""
    ours, theirs = _bare("".join(rest.lines)), _bare(following)
    first = _bare(rest.lines[0]) if rest.lines else ""
    return bool(theirs) and (theirs.startswith(ours) or (len(first) > 3 and theirs.startswith(first)))


def repeats(rest: Rest, before: str) -> bool:
    """Whether the first line is the one right before the cursor once more."""
    last = before.rstrip().rpartition("\n")[2]
    return bool(rest.lines) and _bare(rest.lines[0]) == _bare(last)


def _bare(text: str) -> str:
    return "".join(text.split())


def says_something(lines: Sequence[str]) -> bool:
    """Whether there is a word in it that is not only the end of something."""
    return any(char.isalnum() for line in lines for char in line) and [
        line.strip().rstrip(";") for line in lines
    ] not in (["end"], ["pass"], ["..."])
