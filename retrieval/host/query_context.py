"""What the queries of one index share: the index, models and caches, and what is known of changed files."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from indexer.errors import StoreError
from indexer.index.index import Index
from indexer.store import Store

from ..config import SearchConfig
from ..ranking.reranker import Reranker
from ..rerankers import build
from ..searcher import Searcher
from . import unsaved
from .answers import IndexState
from .buffers import Buffers
from .current_texts import CurrentTexts
from .defined_names import DefinedNames
from .freshness import CheckedFreshness, Freshness, KnownState

if TYPE_CHECKING:
    from indexer.config import Config
    from indexer.index.commits import Past

    from ..calls.indexed_calls import IndexedCalls
    from ..calls.known_callers import Caller, Definition
    from ..grep.search import Grep
    from ..localization.locator import Locator
    from .outlines import Outlines


_RESTRICTING = {"index.include": "include", "index.exclude": "exclude", "index.languages": "languages"}
"""The settings that restrict which files are indexed, with the fields of the Config."""


class QueryContext:
    """An index, and the models and caches that queries need. They are loaded on first use and kept.

    If `opens_store` is set, the index opens the store when a query needs the store. Otherwise the store must
    be open already. `index_config` are the settings for parsing buffers: by default those of the index, which
    in a host change only between updates. `remarks` are lines for the user about the current query. `say`
    tells the user that slow work begins; if `say` is None, the text is added to `remarks`. `buffers` are the
    unsaved texts of a host's clients, and `freshness` knows whether files have changed since they were
    indexed.
    """

    def __init__(
        self,
        index: Index,
        search: SearchConfig,
        *,
        index_config: Config | None = None,
        opens_store: bool = True,
        say: Callable[[str], None] | None = None,
        buffers: Buffers | None = None,
        freshness: Freshness | None = None,
    ) -> None:
        self.index, self.config = index, search
        self.index_config = index.config if index_config is None else index_config
        self._query = threading.local()
        """What belongs to the query that a thread answers."""
        self._say = say or self._add_remark
        self._opens_store = opens_store
        self._reranker: Reranker | None = None
        self._locator: tuple[str, Locator] | None = None
        self._buffers = buffers or Buffers()
        self._freshness = freshness or CheckedFreshness(index)
        self._counts: tuple[int, tuple[int, int]] | None = None
        """The number of writes to the manifest, and the numbers of files after them."""
        self.new_code = unsaved.NewCode(index)
        self.names = DefinedNames(index)

    @property
    def remarks(self) -> list[str]:
        """The remarks about this thread's query."""
        if not hasattr(self._query, "remarks"):
            self._query.remarks = []
        found: list[str] = self._query.remarks
        return found

    def _add_remark(self, text: str) -> None:
        self.remarks.append(text)

    def begin_query(self, *, look: bool) -> None:
        """Note what is known of the index at the beginning of a query of this thread."""
        self._query.known = self._freshness.now(look=look)
        self._query.buffers = self._buffers.texts

    @property
    def known(self) -> KnownState:
        """What was known of the index at the beginning of this thread's query."""
        if not hasattr(self._query, "known"):
            self.begin_query(look=False)
        known: KnownState = self._query.known
        return known

    def current_texts(self, documents: Mapping[str, str] | None = None) -> CurrentTexts:
        """The present texts of files at the beginning of this thread's query: of buffers, else on disk.

        Every method that shows code or lines of a file asks this object. `documents` are further unsaved
        texts, which come before those of the host.
        """
        known = self.known
        texts = dict(documents or {})
        for path, text in self._query.buffers.items():
            texts.setdefault(path, text)
        return CurrentTexts(self.index, self.index_config, texts, known.changed or frozenset())

    def state(self) -> IndexState:
        """The state of the index at the beginning of this thread's query."""
        known, writes = self.known, self.index.manifest.changes
        if self._counts is None or self._counts[0] != writes:
            self._counts = writes, self.index.manifest.counts()
        files, skipped = self._counts[1]
        return IndexState(
            updated=known.updated,
            files=files,
            changed=None if known.changed is None else len(known.changed),
            buffers=len(self._query.buffers),
            whole=known.whole,
            skipped=skipped,
            restricted=tuple(key for key, name in _RESTRICTING.items() if getattr(self.index.config, name)),
        )

    @property
    def store(self) -> Store:
        """The current store. Raises StoreError if the store must be open already and is not."""
        store = self.index.store if self._opens_store else self.index.store_if_open
        if store is None:
            raise StoreError("the index is being rebuilt; try again")
        return store

    def searcher(self, profile: str) -> Searcher:
        """A searcher for the current store. Raises CorneaError if the configured reranker cannot run."""
        if profile == "rerank" and self._reranker is None:
            self._reranker = build(self.config, self._add_remark)
        return Searcher(self.store, self.index.encoder, self.index.tenant, self._reranker)

    def take_remarks(self) -> tuple[str, ...]:
        """The remarks about the current query. The next query begins without remarks."""
        remarks = tuple(self.remarks)
        self.remarks.clear()
        return remarks

    def release(self) -> None:
        """Release what takes much memory and can be computed or read again."""
        self._locator = None
        if "grep" in vars(self):
            self.grep.release()

    def close(self) -> None:
        """End the parser processes of `outlines` and of the call graph, if there are any."""
        for name in ("outlines", "indexed_calls"):
            if name in vars(self):
                vars(self)[name].close()

    def close_grep(self) -> None:
        """Remove the texts that `grep` has kept. The thread that answers `grep` calls this method."""
        if "grep" in vars(self):
            self.grep.close()

    @cached_property
    def grep(self) -> Grep:
        """The implementation of the method `grep`, which keeps the texts of all files in a host."""
        from ..grep.search import Grep

        return Grep(self.index, keep=not self._opens_store)

    @cached_property
    def outlines(self) -> Outlines:
        """The implementation of the method `outline`. It is imported on first use."""
        from .outlines import Outlines

        return Outlines()

    @cached_property
    def indexed_calls(self) -> IndexedCalls:
        """The call graph of the index. It is imported and made on first use."""
        from ..calls.indexed_calls import IndexedCalls

        return IndexedCalls(self.index, self._say)

    def known_callers(self, texts: CurrentTexts) -> Callable[[Sequence[Definition]], list[Caller] | None]:
        """A function that returns the callers of definitions, or None if that would take time.

        It never makes a call graph, and never waits for one.
        """

        def callers(definitions: Sequence[Definition]) -> list[Caller] | None:
            if "indexed_calls" not in vars(self):
                return None
            from ..calls.known_callers import known_callers

            return known_callers(self.indexed_calls, definitions, texts.buffers)

        return callers

    def past(self) -> Past:
        """The known commits up to the indexed one. Those that are new are read first."""
        from indexer.index.commits import past

        index = self.index
        commit = index.revision.commit if index.revision else "HEAD"
        return past(index.root, index.folder, commit, notify=self._say)

    def locator(self) -> Locator:
        """A locator for the current functions and commits. It is rebuilt only if these have changed."""
        from ..localization.locator import Locator

        index = self.index
        state = index.manifest.contents_digest()
        known = self.past()
        if self._locator is None or self._locator[0] != state:
            self._locator = None  # free the old locator before building a new locator
            made = Locator.of_store(self.store, index.tenant, known, index.encoder)
        elif self._locator[1].past != known:
            made = self._locator[1].before(known)
        else:
            return self._locator[1]
        self._locator = state, made
        return made
