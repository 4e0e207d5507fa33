"""Makes the text to insert at the cursor: the lines after a cut, indented like the buffer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from indexer.parsing import profiles

from . import lexemes
from .alignment import CutPoint, cursor_column
from .indentation import IndentStyle, reindent
from .lexical_profile import column
from .query import CursorPrefix

_CLOSERS = (")", "]", "}")


@dataclass(frozen=True, slots=True)
class SuggestedLines:
    """The lines after a cut, in the buffer's indentation. The first line is not indented.

    `lead` is the white space to insert between the cursor and the first line. `base` is the column at which
    the first line is inserted. `numbers` are the numbers of the lines in the fragment, counted from 0.
    """

    lead: str
    lines: tuple[str, ...]
    base: int
    numbers: tuple[int, ...]

    @property
    def text(self) -> str:
        """The lines as one text, without the lead."""
        return "\n".join(self.lines)

    def first(self, count: int) -> SuggestedLines:
        """The first `count` lines."""
        return replace(self, lines=self.lines[:count], numbers=self.numbers[:count])


def lines_after_cut(prefix: CursorPrefix, text: str, cut: CutPoint, source: IndentStyle) -> SuggestedLines:
    """The lines after a cut of a fragment whose text is `text` and whose indentation style is `source`."""
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
    # The text before the cursor may already end in the white space that the fragment continues with.
    typed = cut.inside and not prefix.line[-1:].isspace()
    first = lines[0] if typed else lines[0].strip(" \t")
    numbers = tuple(range(cut.line + skipped, cut.line + skipped + len(lines)))
    return SuggestedLines(_lead(prefix, cut, at), (first.rstrip(), *moved), at, numbers)


def _lead(prefix: CursorPrefix, cut: CutPoint, at: int) -> str:
    """The white space to insert between the cursor and the first line."""
    if cut.inside:
        return ""
    if prefix.line.strip():
        return "\n" + prefix.indentation.white(at)
    return prefix.indentation.white(max(at - column(prefix.line), 0))


def truncate(rest: SuggestedLines, until: str, language: str) -> SuggestedLines:
    """The lines up to the end of the first statement, of this statement's block, or of the function."""
    ends = {"statement": _statement, "block": _block}
    count = ends[until](rest, language) if until in ends else len(rest.lines)
    while count and not rest.lines[count - 1]:
        count -= 1
    return rest.first(count)


def _statement(rest: SuggestedLines, language: str) -> int:
    """The number of lines of the first statement, including the statement's body."""
    closers = (*_CLOSERS, "end") if profiles.of(language).blocks == "end" else _CLOSERS
    count, opened = 1, lexemes.unclosed(lexemes.lexemes(rest.lines[0], language))[0]
    while count < len(rest.lines):
        line = rest.lines[count]
        indent = column(line)
        inner = not line or indent > rest.base or bool(opened and opened[-1] in "([")
        closes = indent == rest.base and line.lstrip().startswith(closers) and count > 1
        if not inner and not closes and not (opened and indent >= rest.base):
            break
        opened = lexemes.unclosed(lexemes.lexemes(line, language), opened)[0]
        count += 1
        if closes and not opened:
            break
    return count


def _block(rest: SuggestedLines, language: str) -> int:
    """The number of lines before the first line that is less indented than `base`."""
    return next(
        (n for n, line in enumerate(rest.lines) if n and line and column(line) < rest.base), len(rest.lines)
    )


def without_following_lines(rest: SuggestedLines, after: str) -> SuggestedLines:
    """The lines, without the lines at the end that already follow the cursor."""
    following = [line.strip() for line in after.split("\n") if line.strip()][: len(rest.lines)]
    for count in range(min(len(rest.lines) - 1, len(following)), 0, -1):
        if [line.strip() for line in rest.lines[-count:]] == following[:count]:
            return rest.first(len(rest.lines) - count)
    return rest


def fit_before_rest(rest: SuggestedLines, behind: str) -> SuggestedLines | None:
    """The suggestion for a cursor in front of `behind`, the rest of the cursor's line.

    Returns all lines if `behind` is blank. If the first line ends with `behind`, returns only the first line,
    without `behind`. Returns None otherwise.
    """
    end = behind.strip()
    if not end:
        return rest
    first = rest.lines[0].rstrip() if rest.lines else ""
    head = first.removesuffix(end)
    if not head.strip() or head == first:
        return None
    return replace(rest.first(1), lines=(head,))


def already_present(rest: SuggestedLines, following: str) -> bool:
    """Whether the suggested lines already follow the cursor."""
    ours, theirs = bare("".join(rest.lines)), bare(following)
    first = bare(rest.lines[0]) if rest.lines else ""
    return bool(theirs) and (theirs.startswith(ours) or (len(first) > 3 and theirs.startswith(first)))


def repeats(rest: SuggestedLines, before: str) -> bool:
    """Whether the first line repeats the line before the cursor."""
    last = before.rstrip().rpartition("\n")[2]
    return bool(rest.lines) and bare(rest.lines[0]) == bare(last)


def bare(text: str) -> str:
    """The text without white space."""
    return "".join(text.split())


def has_content(lines: Sequence[str]) -> bool:
    """Whether the lines contain a letter or digit and are not just `end`, `pass` or `...`."""
    return any(char.isalnum() for line in lines for char in line) and [
        line.strip().rstrip(";") for line in lines
    ] not in (["end"], ["pass"], ["..."])
