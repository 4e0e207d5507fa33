"""The threads that answer queries of an index.

There is one for fast queries, one for slow ones, and one for `grep`. `grep` is usually fast, but a hard
pattern may take a second. Only its thread uses the texts that `grep` keeps.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from typing import TypeVar

from indexer.config import Config
from indexer.index.index import Index

from ..config import SearchConfig
from .buffers import Buffers
from .frames import Message
from .freshness import Freshness
from .methods import GREP, QueryContext, is_slow, method_named

T = TypeVar("T")


class QueryThreads:
    """Runs queries in three threads. The event loop that creates an object calls all its methods.

    Each query runs with the context that was current when the query began. A context is never changed by
    new settings: it is replaced, and closed when its last query is done.
    """

    def __init__(
        self,
        index: Index,
        search: SearchConfig,
        busy: Callable[[], AbstractContextManager[None]],
        buffers: Buffers,
        freshness: Freshness,
    ) -> None:
        """`busy` is a context in which a query waits and runs."""
        self._index, self._busy = index, busy
        self._buffers, self._freshness = buffers, freshness
        # Only the event loop sets these attributes.
        self._context = self._made_context(search)
        self._fast, self._slow = ThreadPoolExecutor(1, "questions"), ThreadPoolExecutor(1, "slow")
        self._scans = ThreadPoolExecutor(1, "scans")

    def _made_context(self, search: SearchConfig, config: Config | None = None) -> QueryContext:
        return QueryContext(
            self._index,
            search,
            index_config=config,
            opens_store=False,
            buffers=self._buffers,
            freshness=self._freshness,
        )

    @property
    def settings(self) -> SearchConfig:
        """The settings that the next query runs with."""
        return self._context.config

    def reconfigure(self, search: SearchConfig, config: Config) -> None:
        """Run the following queries with other settings. `config` are those of the index, for `outline`."""
        former = self._context
        if (search, config) != (former.config, former.index_config):
            self._context = self._made_context(search, config)
            # Only slow queries use what is closed, and those that are waiting run before.
            self._slow.submit(former.close)
            self._scans.submit(former.close_grep)

    def query(self, method: str, params: Message) -> Callable[[], Awaitable[Message]]:
        """A function that returns the answer to a query. Raises UsageError if there is no such method."""
        answer, slow = method_named(method), is_slow(method, self.settings)
        scans = method == GREP or bool(params.get("patterns"))
        pool = self._scans if scans else self._slow if slow else self._fast
        return lambda: self._run(lambda context: answer(context, params), pool, slow=slow)

    async def run(self, query: Callable[[QueryContext], T], *, slow: bool = False) -> T:
        """The result of a query. Updates yield to a query that is not slow."""
        return await self._run(query, self._slow if slow else self._fast, slow=slow)

    async def read(self, job: Callable[[], T]) -> T:
        """The result of a job that needs no store. Updates do not yield to it."""
        return await self._submit(job, self._fast)

    async def _run(self, query: Callable[[QueryContext], T], pool: ThreadPoolExecutor, *, slow: bool) -> T:
        context, priority = self._context, self._index.query_priority

        def job() -> T:
            with nullcontext() if slow else priority.query():
                return query(context)

        return await self._submit(job, pool)

    async def _submit(self, job: Callable[[], T], pool: ThreadPoolExecutor) -> T:
        with self._busy():
            return await asyncio.get_running_loop().run_in_executor(pool, job)

    def release(self) -> None:
        """Release memory that can be computed again. Call this method only while no query runs."""
        self._context.release()

    async def close(self, *, wait: bool = True) -> None:
        """End the threads, after the running queries are done, or without waiting for these queries."""
        for pool in (self._fast, self._slow, self._scans):
            await asyncio.to_thread(pool.shutdown, wait, cancel_futures=True)
        self._context.close()
        self._context.close_grep()
