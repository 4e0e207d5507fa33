"""Selects the functions of one repository that are worth learning from.

files -> texts -> functions -> functions that are not in excluded data -> at most `limit` functions
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from indexer.analysis.roles import is_example, is_test
from indexer.fragment import SourceFile
from indexer.parsing.budgeted_parser import OutOfTime
from indexer.parsing.languages import detect
from indexer.parsing.parse import unparsable_reason
from indexer.parsing.profiles import LanguageProfile
from indexer.parsing.source import refuse_text

from ..datasets import clones, question_texts
from ..datasets.functions import Function, in_text, order
from . import fingerprints, leaks, licences
from .drops import Drops
from .fingerprints import Print
from .leaks import Known
from .listing import InvalidListing
from .pairs import Mined

SHORTEST, LONGEST, FEWEST_LINES = 80, 8_000, 3
"""Minimum characters, maximum characters, minimum lines of a function. Longer functions are mostly data."""
SAME_NAME = 30
"""Maximum functions of one name in a repository. Functions such as getters resemble each other."""
_ASIDE = 64
"""How many of 256 functions in tests and examples are kept."""
_SECOND = 64
"""How many of 256 questions include the second paragraph of the documentation."""
_HEAD = 4096


@dataclass(frozen=True, slots=True)
class RepositoryRequest:
    """What to mine from a repository.

    If `languages` is empty, all languages are mined. If `limit` is 0, the number of functions is not limited.
    """

    languages: tuple[str, ...] = ()
    seed: int = 0
    limit: int = 0
    commits: int = 0
    excluded: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RepositoryInfo:
    """The chosen functions in file order, and the code and the print of each function."""

    functions: list[Mined]
    codes: list[str]
    prints: list[Print]


Watch = Callable[[str], None]
"""Called with the name of each file or blob before its text is parsed, and with "" afterwards."""


def functions(
    git_dir: Path, files: Sequence[SourceFile], wanted: RepositoryRequest, drops: Drops, watch: Watch
) -> Iterator[Mined]:
    """The functions that are worth learning from, in the order of `files`."""
    for file, read in sources(git_dir, files, wanted.languages, drops):
        watch(file.path)
        for one in of_text(file.path, *read, drops):
            mined = _mined(one, wanted.seed, drops)
            if mined is not None:
                yield mined
    watch("")


def sources(
    git_dir: Path, files: Sequence[SourceFile], languages: Collection[str], drops: Drops
) -> Iterator[tuple[SourceFile, tuple[bytes, LanguageProfile]]]:
    """The files in a language that has functions, each with its text in UTF-8 and its language."""
    for file, data in clones.contents(git_dir, [file for file in files if _may_hold_functions(file.path)]):
        if data is None:
            drops.add("file: missing from this clone", file.path)
        else:
            read = _source(file, data, languages, drops)
            if read is not None:
                yield file, read


def _may_hold_functions(path: str) -> bool:
    language = detect(path, b"")
    if language is None:  # the first line of a file without an extension may name a language
        return "." not in path.rpartition("/")[2].lstrip(".")
    return not language.textual


def _source(
    file: SourceFile, text: bytes, languages: Collection[str], drops: Drops
) -> tuple[bytes, LanguageProfile] | None:
    language = detect(file.path, text[:_HEAD])
    if language is None or language.textual or (languages and language.name not in languages):
        return None
    text, why = decoded(text)
    reason = why or refuse_text(file.path, text) or unparsable_reason(text)
    if reason is None and licences.refused_header(text[:_HEAD]):
        reason = "its header has another licence"
    if reason is not None:
        drops.add(f"file: {str(reason).partition(': ')[0]}", file.path)
        return None
    return text, language


def chosen(
    name: str, found: Sequence[Mined], known: Known, wanted: RepositoryRequest, drops: Drops
) -> RepositoryInfo:
    """The functions that are neither in excluded data, nor repeated, nor above the limits.

    Raises InvalidListing if too many functions are in excluded data.
    """
    codes = [fingerprints.code(one.text) for one in found]
    marks = [fingerprints.of(code) for code in codes]
    reasons = known.reasons(marks)
    hits = sum(map(bool, reasons))
    if leaks.is_copy(hits, len(found)):
        raise InvalidListing(f"held out: {hits:,} of {len(found):,} functions are in the excluded data")
    seen: set[int] = set()
    kept = []
    for number, (one, mark, reason) in enumerate(zip(found, marks, reasons, strict=True)):
        if reason:
            drops.add(f"function: in the excluded data ({reason})", _place(one))
        elif mark.whole in seen:
            drops.add("function: repeated in its repository", _place(one))
        else:
            seen.add(mark.whole)
            kept.append(number)
    kept = _capped(name, found, kept, wanted, drops)
    return RepositoryInfo([found[n] for n in kept], [codes[n] for n in kept], [marks[n] for n in kept])


def decoded(data: bytes) -> tuple[bytes, str | None]:
    if b"\0" in data:
        return data, "binary"
    text = data.removeprefix(b"\xef\xbb\xbf")
    try:
        text.decode()
    except UnicodeDecodeError:
        return text.decode("latin-1").encode(), None
    return text, None


def of_text(path: str, text: bytes, language: LanguageProfile, drops: Drops) -> list[Function]:
    try:
        return list(in_text(path, text, language))
    except OutOfTime:
        drops.add("file: takes too long to parse", path)
    except RecursionError:
        drops.add("file: nests too deep", path)
    return []


def _mined(one: Function, seed: int, drops: Drops) -> Mined | None:
    text = one.text.strip("\r\n").rstrip()
    place = f"{one.path} {one.symbol}"
    if len(text) < SHORTEST or text.count("\n") + 1 < FEWEST_LINES:
        drops.add("function: too short", place)
        return None
    if len(text) > LONGEST:
        drops.add("function: too long", place)
        return None
    aside = is_test(one.path) or is_example(one.path)
    if aside and order(seed, "aside", one.path, one.symbol)[0] >= _ASIDE:
        drops.add("function: of tests and examples", place)
        return None
    question = ""
    if not aside and one.docstring:
        question, reason = question_texts.of_documentation(
            one.docstring, order(seed, "second", one.path, one.symbol)[0] < _SECOND
        )
        if reason:
            drops.add(reason, f"{place}: {' '.join(one.docstring.split())[:80]}")
    stripped = len(one.text) - len(one.text.lstrip("\r\n"))
    return Mined(one.path, one.language, one.symbol, text, max(one.head - stripped, 0), question, aside)


def _capped(
    name: str, found: Sequence[Mined], kept: list[int], wanted: RepositoryRequest, drops: Drops
) -> list[int]:
    """The sorted numbers of at most SAME_NAME random functions per name, and at most `limit` in all."""

    def key(number: int) -> bytes:
        one = found[number]
        return order(wanted.seed, name, one.path, one.symbol, one.text)

    by_name: dict[str, list[int]] = defaultdict(list)
    for number in kept:
        by_name[found[number].symbol.rpartition(".")[2]].append(number)
    left = set()
    for numbers in by_name.values():
        left.update(numbers if len(numbers) <= SAME_NAME else sorted(numbers, key=key)[:SAME_NAME])
    for number in kept:
        if number not in left:
            drops.add("function: one of many with its name", _place(found[number]))
    if wanted.limit and len(left) > wanted.limit:
        some = set(sorted(left, key=key)[: wanted.limit])
        for number in sorted(left - some):
            drops.add("function: over --limit-per-repo", _place(found[number]))
        left = some
    return sorted(left)


def _place(one: Mined) -> str:
    return f"{one.path} {one.symbol}"
