"""What can be asked of an index: a table of methods, the same in a host and in a command that has none.

Each takes a desk and a request's parameters and gives a JSON object. Another method is another line of
METHODS.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from indexer.errors import UsageError
from indexer.index.index import Index
from indexer.parsing.languages import known_names, name_of
from indexer.store import Store

from ..config import MAX_LIMIT, SIMILAR_PROFILE, SearchConfig
from ..narrowing import emptied
from ..query import Filters, Query, understand
from ..ranking.reranker import Reranker
from ..rerankers import build
from ..searcher import Searcher
from ..similar import question_at
from ..surroundings import around
from . import documents
from .answers import row
from .frames import Message
from .params import Params

if TYPE_CHECKING:
    from ..continuation.indentation import Indentation
    from ..localization.locator import Locator
    from .outlines import Outlines

_AROUND = 1_000
_WIDEST = 16
"""Columns of a level of indentation."""
_SLOW = ("cross-encoder", "llm")
"""Rerankers that take seconds."""
_HEAD = 4096
"""Characters that tell a language where its name does not."""


class Desk:
    """An index, ready to answer: what answering takes is loaded once and kept.

    `opened` gives its store, by default opening it. `remarks` are lines for whoever asked last; `say` takes
    what is said before something that takes long, by default it is a remark.
    """

    def __init__(
        self,
        index: Index,
        search: SearchConfig,
        opened: Callable[[], Store] | None = None,
        say: Callable[[str], None] | None = None,
    ) -> None:
        self.index, self.config = index, search
        self.remarks: list[str] = []
        self._outlines: Outlines | None = None
        self._say = say or self.remarks.append
        self._opened = opened
        self._reranker: Reranker | None = None
        self._locator: tuple[str, Locator] | None = None

    @property
    def store(self) -> Store:
        """The points as they are now."""
        return self._opened() if self._opened else self.index.store

    def searcher(self, profile: str) -> Searcher:
        """Of the store as it is now. Raises CorneaError where the settings' reranker cannot run."""
        if profile == "rerank" and self._reranker is None:
            self._reranker = build(self.config, self.remarks.append)
        return Searcher(self.store, self.index.encoder, self.index.tenant, self._reranker)

    def rest(self) -> None:
        """Let go of what is large and can be made again."""
        self._locator = None

    def close(self) -> None:
        """End the process that parses for `outlines`, if there is one."""
        if self._outlines is not None:
            self._outlines.close()

    def outlines(self) -> Outlines:
        """What answers `outline`; its libraries are loaded when that is first asked."""
        from .outlines import Outlines

        if self._outlines is None:
            self._outlines = Outlines()
        return self._outlines

    def locator(self) -> Locator:
        """Of the functions and the past as they are now; made anew only where either became another."""
        from indexer.index.commits import past

        from ..localization.locator import Locator

        index = self.index
        commit = index.revision.commit if index.revision else "HEAD"
        state = index.manifest.contents_digest()
        known = past(index.root, index.folder, commit, notify=self._say)
        if self._locator is None or self._locator[0] != state:
            self._locator = None  # the old one goes before the new one comes
            made = Locator.of_store(self.store, index.tenant, known, index.encoder)
        elif self._locator[1].past != known:
            made = self._locator[1].before(known)
        else:
            return self._locator[1]
        self._locator = state, made
        return made


def search(desk: Desk, params: Params) -> Message:
    """Code for a question in words or by a name."""
    query = understand(params.text("query"), _filters(params))
    return _answered(desk, params, desk.config.profile, query)


def similar(desk: Desk, params: Params) -> Message:
    """Code like that at a line of an indexed file."""
    query = question_at(
        desk.index, desk.store, params.path("path"), params.number("line", 1), _filters(params)
    )
    return _answered(desk, params, SIMILAR_PROFILE, query)


def continue_(desk: Desk, params: Params) -> Message:
    """The code that comes next at a place of a buffer, whose text comes along."""
    from ..continuation.continuer import LIMIT, Buffer, Continuer

    path = params.path("path", "")
    text = params.text("text", params.documents().get(path))
    language = params.text("language", "") or name_of(path, text[:_HEAD].encode("utf-8", "replace"))
    continuer = Continuer(desk.store, desk.index.encoder, desk.index.tenant)
    buffer = Buffer(path, text, language, _indentation(desk, params, path))
    line = params.number("line", buffer.lines)
    safe = replace(buffer, text=documents.without_secrets(path, buffer.text, line))
    found = continuer.suggest(
        safe,
        line,
        params.optional("column"),
        limit=params.number("limit", LIMIT, MAX_LIMIT),
        until=params.text("until", "block"),
        everything=params.flag("everything"),
        explain=params.flag("explain"),
    )
    return {"suggestions": [row(one, why=params.flag("explain")) for one in found]}


def _indentation(desk: Desk, params: Params, path: str) -> Indentation | None:
    """How the asker's editor indents a file, else how its .editorconfig does; None if neither says."""
    from ..continuation import editorconfig
    from ..continuation.indentation import Indentation

    tabs = params.either("tabs")
    if tabs is not None:
        return Indentation.of_editor(tabs=tabs, width=params.number("width", 0, _WIDEST))
    return editorconfig.indentation_of(desk.index.root / path) if path else None


def locate(desk: Desk, params: Params) -> Message:
    """The functions and files that must change for an issue, with reasons if `explain` asks for them."""
    from indexer.parsing.secrets import redact_text

    from . import memory

    text = redact_text(params.text("text"))
    limit = params.number("limit", desk.config.limit, MAX_LIMIT)
    explain, folder = params.flag("explain"), params.path("folder", "")
    found = desk.locator().locate(text, limit=limit, folder=folder)
    memory.give_back(desk.index.folder)  # all texts may have been read: 5 ms for 200 MB
    answer: Message = {
        "functions": [one.as_json(explain=explain) for one in found.functions],
        "files": [one.as_json(explain=explain) for one in found.files],
        "missing": list(found.missing),
    }
    if not found.functions:
        answer["emptied"] = emptied(desk.store, desk.index.tenant, Filters(folder=folder))
    return _with_remarks(desk, answer)


def outline(desk: Desk, params: Params) -> Message:
    """The definitions of a buffer, whose text comes along."""
    path = params.path("path", "")
    text = params.text("text", params.documents().get(path))
    return desk.outlines().of(path, text, params.text("language", ""), desk.index.config)


METHODS: Mapping[str, Callable[[Desk, Params], Message]] = {
    "search": search,
    "similar": similar,
    "continue": continue_,
    "locate": locate,
    "outline": outline,
}


def is_slow(method: str, config: SearchConfig) -> bool:
    """Whether a method takes seconds: others must not wait for it."""
    return method in ("locate", "outline") or (method == "search" and config.reranker in _SLOW)


def _answered(desk: Desk, params: Params, profile: str, query: Query) -> Message:
    config = desk.config
    profile = params.text("profile", profile)
    limit = params.number("limit", config.limit, MAX_LIMIT)
    per_file = params.number("per_file", config.per_file, MAX_LIMIT)
    found = desk.searcher(profile).answer(query, limit=limit, per_file=per_file, profile=profile)
    if texts := params.documents():
        from . import unsaved

        texts = {path: documents.redacted(path, text) for path, text in texts.items()}
        found = documents.current(found, texts)
        found = unsaved.answers(query, found, texts, desk.index.encoder, limit, per_file)
    answer: Message = {"hits": [row(hit, why=params.flag("explain")) for hit in found]}
    if not found:
        answer["emptied"] = emptied(desk.store, desk.index.tenant, query.filters)
    lines = params.optional("around", _AROUND)
    if lines is not None:
        excerpts = (around(desk.index, hit, lines) for hit in found)
        answer["excerpts"] = [[excerpt.start_line, excerpt.text] for excerpt in excerpts]
    return _with_remarks(desk, answer)


def _with_remarks(desk: Desk, answer: Message) -> Message:
    if desk.remarks:
        answer["remarks"], desk.remarks[:] = list(desk.remarks), []
    return answer


def _filters(params: Params) -> Filters:
    filters = Filters(
        params.texts("languages"),
        params.texts("globs"),
        params.texts("kinds"),
        params.either("tests"),
        params.path("folder", ""),
    )
    filters.check(tuple(sorted(known_names())))
    return filters


def warm(desk: Desk) -> Message:
    """Load what answering takes, before anybody asks."""
    from . import memory

    code = Params({"path": "a.py", "text": "def warm(desk):\n    store = desk.store\n"})
    answer = continue_(desk, code)
    memory.settled()
    return answer


def checked(method: str) -> Callable[[Desk, Params], Message]:
    """The method of a name. Raises UsageError."""
    found = METHODS.get(method)
    if found is None:
        raise UsageError(f"no method {method[:60]!r}; one of: {', '.join(METHODS)}")
    return found
