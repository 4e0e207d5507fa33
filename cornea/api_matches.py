"""`Repository.grep`: its request, and its answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from indexer.errors import UsageError
from retrieval.grep.roles import Role
from retrieval.host.requests import GrepParams
from retrieval.result import TextSource
from retrieval.typed_json import decode

from . import api_arguments as arguments
from .api_answers import ResultSequence, indexing_of
from .options import Languages

if TYPE_CHECKING:
    from retrieval.host.grep_answers import GrepAnswer, GrepGroup

    from .api_arguments import StrPath
    from .context import Context

_ATTEMPTS = 3
"""How often a question with several pages is asked: another question may end the pages of its answer."""


@dataclass(frozen=True, slots=True)
class MatchedLine:
    """A line that matches, or a line around one.

    `spans` are the ranges of the matches in the line, in bytes of UTF-8; a line that was found because it
    does not match has none. `symbol` is the definition around the line, and "" outside of definitions. `role`
    is None for a line around a match. `source` says where the line is: in the file on disk, or in an editor's
    unsaved buffer.
    """

    path: str
    line: int
    text: str
    symbol: str
    role: Role | None
    spans: tuple[tuple[int, int], ...]
    source: TextSource


@dataclass(frozen=True, slots=True)
class MatchedFile:
    """How many lines of a file match, and the number of matches in them, which is 0 with `files_only`."""

    path: str
    lines: int
    matches: int
    source: TextSource


@dataclass(frozen=True, slots=True)
class GrepMatches(ResultSequence[MatchedLine]):
    """All lines that match, definitions first, and the lines around them.

    `files` are the files with matches, in the order of their first lines. `files_searched` are the files that
    were indexed and still exist; `gone` are those that are deleted, or are not to be indexed any more.
    """

    files: tuple[MatchedFile, ...] = ()
    files_searched: int = 0
    gone: int = 0


def grep_params(
    context: Context,
    pattern: str | Sequence[str],
    paths: Sequence[StrPath],
    languages: Sequence[str],
    globs: Sequence[str],
    **options: Any,
) -> GrepParams:
    """The request. Raises UsageError for a wrong argument."""
    if isinstance(paths, str):
        raise UsageError(f"paths: {paths!r} is one string; pass a list of strings: [{paths!r}]")
    folders = tuple(arguments.folder_in_root(path, context) for path in paths)
    return decode(
        GrepParams,
        {
            "patterns": (pattern,) if isinstance(pattern, str) else arguments.texts("pattern", pattern),
            "paths": () if "" in folders else folders,
            "languages": arguments.names("languages", Languages(), languages),
            "globs": arguments.texts("globs", globs),
            **options,
        },
    )


def all_matches(ask: Callable[[GrepParams], GrepAnswer], params: GrepParams) -> GrepMatches:
    """The whole answer to a request, with all its pages. Raises UsageError for a pattern that is refused."""
    for attempt in range(_ATTEMPTS):
        params.page = ""
        first = answer = ask(params)
        groups = list(first.groups)
        try:
            while answer.next_page:
                params.page = answer.next_page
                answer = ask(params)
                groups += answer.groups
        except UsageError:  # the pages of this answer are not kept any more
            if attempt + 1 == _ATTEMPTS:
                raise
            continue
        break
    sources = {one.path: one.source for one in first.files}
    return GrepMatches(
        tuple(_lines(groups, sources)),
        first.remarks,
        indexing_of(first),
        state=first.state,
        files=tuple(MatchedFile(one.path, one.lines, one.matches, one.source) for one in first.files),
        files_searched=first.files_searched,
        gone=first.gone,
    )


def _lines(groups: Iterable[GrepGroup], sources: Mapping[str, TextSource]) -> Iterable[MatchedLine]:
    for group in groups:
        for one in group.lines:
            source = sources[group.path]
            yield MatchedLine(group.path, one.line, one.text, one.symbol, one.role, one.spans, source)
