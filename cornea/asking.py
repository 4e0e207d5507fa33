"""Sends requests about a root to its host. If no host runs, this process opens the index and answers.

The host and this process support the same methods: see `retrieval.host.methods`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Protocol, TypeVar

from retrieval.host.messages import HostGone, RequestRefused, is_leaving

from . import session
from .context import Context
from .hosting import HostedIndex
from .presentation import output, progress

if TYPE_CHECKING:
    from indexer.index.index import Index
    from retrieval.config import SearchConfig
    from retrieval.host.answers import QueryAnswer
    from retrieval.host.requests import UpdateParams

Q = TypeVar("Q", bound="QueryAnswer")


class Ask(Protocol):
    """Answers requests."""

    def __call__(self, params: UpdateParams[Q], /) -> Q:
        """The answer. Raises CorneaError."""


_ATTEMPTS = 3


@contextmanager
def asking(context: Context, *, refresh: bool, yes: bool, print_remarks: bool = True) -> Iterator[Ask]:
    """A context with a function that answers requests about the index of `context`.

    With `refresh`, the index is first built or brought up to date. Without `refresh`, a missing index raises
    IndexMissing. Without `print_remarks`, the caller shows the remarks of the answers.
    """
    if refresh:
        session.agree_to_root(context, yes)
    with ExitStack() as stack:
        yield _Asker(context, stack, refresh=refresh, yes=yes, print_remarks=print_remarks)


def of_index(index: Index, search: SearchConfig, stack: ExitStack | None = None) -> Ask:
    """A function that answers requests. It uses an index that this process holds.

    `stack` ends at its exit what the queries have started.
    """
    from retrieval.host.methods import QueryContext, respond

    context = QueryContext(index, search, say=output.say)
    if stack is not None:
        stack.callback(context.close)
    return lambda params: respond(context, params)


class _Asker:
    """Answers requests.

    It connects to the host or opens the index on creation, and again if a host leaves.
    """

    def __init__(
        self, context: Context, stack: ExitStack, *, refresh: bool, yes: bool, print_remarks: bool
    ) -> None:
        self._context, self._stack, self._prints = context, stack, print_remarks
        self._refresh, self._yes = refresh, yes
        self._said_incomplete = False
        self._ask = self._connect()

    def __call__(self, params: UpdateParams[Q], /) -> Q:
        for attempt in range(_ATTEMPTS):
            try:
                answer = self._ask(params)
            except (HostGone, RequestRefused) as error:
                if not is_leaving(error) or attempt + 1 == _ATTEMPTS:
                    raise
                output.debug(str(error))
                self._ask = self._connect()
            else:
                if self._prints:
                    self._print_remarks(answer)
                return answer
        raise AssertionError("the last attempt raises")

    def _print_remarks(self, answer: QueryAnswer) -> None:
        """Print an answer's remarks. If the index is incomplete or stale, also say that, once per run."""
        for remark in answer.remarks:
            output.say(remark)
        state = answer.state.line if answer.state is not None else ""
        line = answer.indexing.line if answer.indexing is not None else state
        if line and not self._said_incomplete:
            self._said_incomplete = True
            output.say(line)

    def _connect(self) -> Ask:
        found = session.acquire_index(self._context, create=self._refresh, hosted=True)
        if isinstance(found, HostedIndex):
            self._stack.callback(found.close)
            return self._of_host(found)
        return self._of_index(found)

    def _of_index(self, index: Index) -> Ask:
        self._stack.enter_context(
            session.updated_index(index, self._context, refresh=self._refresh, yes=self._yes)
        )
        return of_index(index, self._context.search, self._stack)

    def _of_host(self, host: HostedIndex) -> Ask:
        def ask(params: UpdateParams[Q]) -> Q:
            if not self._refresh:
                return host.ask(params)
            params.refresh, params.yes = True, self._yes
            with progress.progress_bar() as observe:
                host.observe = observe
                answer = host.ask(params)
                host.observe = None
            if answer.report is not None:  # there is none while an update for another client is running
                self._refresh = params.refresh = False  # one update per run is enough
                session.print_report(answer.report.report)
            return answer

        return ask
