"""Requests about a root: answered by its host if one runs, else by this process with the index open.

Both support the same methods, see `retrieval.host.methods`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from retrieval.host import incomplete
from retrieval.host.messages import HostGone, RequestRefused, is_leaving

from . import session
from .context import Context
from .hosting import HostedIndex
from .presentation import output, progress

if TYPE_CHECKING:
    from indexer.index.index import Index
    from retrieval.config import SearchConfig

Ask = Callable[[str, dict[str, Any]], dict[str, Any]]
"""Takes a method and its parameters and returns the answer. Raises CorneaError."""

_ATTEMPTS = 3


@contextmanager
def asking(
    context: Context, *, refresh: bool = True, yes: bool = False, color: bool = False
) -> Iterator[Ask]:
    """A function that answers requests about the index of `context`.

    With `refresh` the index is first built or brought up to date; without it a missing index raises
    IndexMissing.
    """
    if refresh:
        session.agree_to_root(context, yes)
    with ExitStack() as stack:
        yield _Asker(context, stack, refresh=refresh, yes=yes, color=color)


def of_index(index: Index, search: SearchConfig) -> Ask:
    """A function that answers requests from an index that this process holds."""
    from retrieval.host.methods import QueryContext, method_named
    from retrieval.host.params import Params

    context = QueryContext(index, search, say=output.say)
    return lambda method, params: method_named(method)(context, Params(params))


class _Asker:
    """Connects to the host or opens the index at the start, and again when a host leaves."""

    def __init__(self, context: Context, stack: ExitStack, *, refresh: bool, yes: bool, color: bool) -> None:
        self._context, self._stack = context, stack
        self._refresh, self._yes, self._color = refresh, yes, color
        self._said_incomplete = False
        self._ask = self._connect()

    def __call__(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        for attempt in range(_ATTEMPTS):
            try:
                answer = self._ask(method, params)
            except (HostGone, RequestRefused) as error:
                if not is_leaving(error) or attempt + 1 == _ATTEMPTS:
                    raise
                output.debug(str(error))
                self._ask = self._connect()
            else:
                self._print_remarks(answer)
                return answer
        raise AssertionError("the last attempt raises")

    def _print_remarks(self, answer: dict[str, Any]) -> None:
        """Print an answer's remarks, and once per run that the index is incomplete."""
        for remark in answer.get("remarks", ()):
            output.say(remark)
        line = incomplete.line(answer)
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
            session.updated_index(
                index, self._context, refresh=self._refresh, yes=self._yes, color=self._color
            )
        )
        return of_index(index, self._context.search)

    def _of_host(self, host: HostedIndex) -> Ask:
        from retrieval.host.answers import report_of

        def ask(method: str, params: dict[str, Any]) -> dict[str, Any]:
            if not self._refresh:
                return host.request(method, params)
            with progress.progress_bar(self._color) as observe:
                host.observe = observe
                answer = host.request(method, {**params, "refresh": True, "yes": self._yes})
                host.observe = None
            if "report" in answer:  # absent while another client's update is running
                self._refresh = False  # once in a run is enough
                session.print_report(report_of(answer))
            return answer

        return ask
