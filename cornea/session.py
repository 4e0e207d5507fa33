"""Opens the index of a root and brings it up to date: the first step of every command that searches."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from indexer.errors import StoreBusy, StoreDamaged, UsageError
from indexer.store.lock import QUIET_SECONDS, read_owner
from indexer.walk import git
from retrieval.host.messages import HostGone, RequestRefused, is_leaving

from .context import Context, is_too_wide, load
from .hosting import HostedIndex, place_of, stop
from .presentation import output, progress
from .signals import terminable

if TYPE_CHECKING:  # a client of a host needs neither module
    from indexer.index.index import Index
    from indexer.pipeline import Observer, Report

Allow = Callable[[int], bool]

_ATTEMPTS = 3
_LOOK_SECONDS = 0.25
"""Seconds between two checks of whether the process that holds the index has become a host."""


def acquire_index(context: Context, *, create: bool = True, hosted: bool = False) -> Index | HostedIndex:
    """Open the index in this process, or connect to the host of the index.

    With `hosted`, connects to the host if a host runs. Without `hosted`, stops a running host, whose clients
    start another host later. Raises StoreBusy if one other process holds the index for longer than
    `wait_seconds`. Also raises the errors of `Index.open`.
    """
    output.debug(f"index of {context.root}: {context.folder}")
    patience = context.config.wait_seconds
    started = time.monotonic()
    holder: int | None = None
    said = False
    while True:
        if hosted:
            host = HostedIndex.connect_if_running(context)
            if host is not None:
                return host
        else:
            stop(context, "this command needs the index itself")
        from indexer.index.index import Index

        waited = time.monotonic() - started
        look = max(min(_LOOK_SECONDS, patience - waited), 0.0)
        try:
            return Index.open(context.root, context.config, create=create, wait_seconds=look)
        except StoreBusy as error:
            if holder is not None and error.pid not in (None, holder):
                started, waited = time.monotonic(), 0.0  # another process took the index: wait for it, too
            elif waited >= patience:
                raise
            holder = error.pid or holder
            if not said and waited >= min(QUIET_SECONDS, patience / 2):
                said = True
                owner = read_owner(context.folder) or "another process"
                output.say(f"index is held by {owner}, waiting up to {patience:g} s")


@contextmanager
def updated_index(index: Index, context: Context | None, *, refresh: bool, yes: bool) -> Iterator[Index]:
    """A context with an open index, which is first brought up to date if `refresh` is set.

    The index is closed at the end. During the update, this process answers other processes, unless `context`
    is None. `context` is None for the index of a revision, which no other process uses. An index that was
    damaged and therefore discarded is rebuilt even without `refresh`.
    """
    from indexer.pipeline import ensure

    with index:
        if not refresh:
            _ = index.store
            if missing := index.manifest.get_number("missing"):
                output.say(interrupted(missing))
        if refresh or index.generation:
            with observed_update(index, context) as observe:
                report = ensure(index, observe, allow=asker(yes))
            print_report(report)
            output.debug(progress.summary(report))
        try:
            yield index
        except StoreDamaged as error:  # the damage showed only during use: the next run rebuilds the index
            index.discard_damaged(error)
            raise StoreDamaged(index.remarks[-1], "run the same command again") from error


def interrupted(missing: int) -> str:
    """A line about an update that ended before it had indexed `missing` new files, or some of them."""
    return (
        f"the last update was interrupted; up to {missing:,} new file{'s' * (missing != 1)} "
        f"{'are' if missing != 1 else 'is'} not indexed; `cornea index` continues it"
    )


def refresh_index(context: Context, *, rebuild: bool, yes: bool) -> tuple[Report, str]:
    """Bring the index up to date, or have the index's host do that.

    Returns the report and the repository's name.
    """
    agree_to_root(context, yes)
    for attempt in range(_ATTEMPTS):
        found = acquire_index(context, hosted=True)
        if not isinstance(found, HostedIndex):
            from indexer.pipeline import update

            with found as index, observed_update(index, context, rebuild=rebuild) as observe:
                return update(index, observe, rebuild=rebuild, allow=asker(yes)), index.repo
        try:
            with closing(found) as host, progress.progress_bar() as observe:
                return host.reindex(observe, rebuild=rebuild, yes=yes)
        except (HostGone, RequestRefused) as error:  # the update can safely be repeated
            if not is_leaving(error) or attempt + 1 == _ATTEMPTS:
                raise
            output.debug(str(error))
    raise AssertionError("the last attempt raises")


@contextmanager
def observed_update(index: Index, context: Context | None, *, rebuild: bool = False) -> Iterator[Observer]:
    """A context for an update of `index`, with an observer that shows the update's progress.

    During the update, this process answers other processes, unless `context` is None. Ctrl-C and SIGTERM end
    the update and keep what is done.
    """
    with terminable(), progress.progress_bar() as observe:
        if context is None:
            yield observe
            return
        from retrieval.host.interim import serve_during_update

        with serve_during_update(
            index, context.search, place_of(context), observe, output.debug, rebuild=rebuild
        ) as observer:
            yield observer


def load_context(folder: Path | None = None, flags: Mapping[str, Any] | None = None) -> Context:
    """Load a context as `context.load` does, and print the warnings about settings that were ignored."""
    context = load(folder, flags)
    warn(context)
    return context


def warn(context: Context) -> None:
    """Print the warnings about settings that were ignored."""
    for warning in context.resolved.warnings:
        output.say(f"warning: {warning}")


def print_report(report: Report) -> None:
    """Print the remarks of an update, and a summary if the update changed anything."""
    for remark in report.remarks:
        output.say(remark)
    if report.touched:
        output.say(progress.summary(report))


def agree_to_root(context: Context, yes: bool) -> None:
    """Raise UsageError for a bare clone, and for a root that is probably a mistake.

    The user may confirm a root that is probably a mistake, by `yes` or by answering a question.
    """
    if git.is_bare(context.root):
        raise UsageError(
            f"{context.root}: a bare clone has no files; use a work tree, or `cornea locate --rev HEAD`"
        )
    if yes or context.indexed or not is_too_wide(context.root):
        return
    if output.can_ask() and output.ask(f"index all of {context.root}?"):
        return
    raise UsageError(
        f"{context.root}: too broad to be indexed unless you confirm it; name a repository or another "
        f"folder, or pass --yes"
    )


def asker(yes: bool) -> Allow:
    """A function that decides whether very many files are indexed. It asks the user unless `yes` is set."""

    def allow(files: int) -> bool:
        return yes or (output.can_ask() and output.ask(f"{files:,} files to index; continue?"))

    return allow
