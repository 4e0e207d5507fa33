"""An index that is there and up to date: what every command that asks something begins with."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from indexer.errors import StoreBusy, StoreDamaged, UsageError
from indexer.store.lock import QUIET_SECONDS, read_owner
from indexer.walk import git
from retrieval.host.messages import HostGone, RequestRefused, is_leaving

from .context import Context, is_too_wide
from .hosting import HostedIndex, place_of, stop
from .presentation import output, progress
from .signals import terminable

if TYPE_CHECKING:  # who asks a host needs neither
    from indexer.index.index import Index
    from indexer.pipeline import Observer, Report

Allow = Callable[[int], bool]

_ATTEMPTS = 3
_LOOK_SECONDS = 0.25
"""Between two looks whether whoever holds the index has become a host."""


def acquire_index(context: Context, *, create: bool = True, hosted: bool = False) -> Index | HostedIndex:
    """The index, held by this process; with `hosted` rather its host, where there is one.

    Without `hosted` a host has to go: its clients start another one later. Raises StoreBusy where one and
    the same process holds it for too long, and what `Index.open` raises.
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
            index = Index.open(context.root, replace(context.config, wait_seconds=look), create=create)
        except StoreBusy as error:
            if holder is not None and error.pid not in (None, holder):
                started, waited = time.monotonic(), 0.0  # many wait, and it goes on: our turn will come
            elif waited >= patience:
                raise
            holder = error.pid or holder
            if not said and waited >= min(QUIET_SECONDS, patience / 2):
                said = True
                owner = read_owner(context.folder) or "another process"
                output.say(f"index is held by {owner}, waiting up to {patience:g} s")
        else:
            index.config = context.config
            return index


@contextmanager
def updated_index(
    index: Index, context: Context | None, *, refresh: bool, yes: bool, color: bool
) -> Iterator[Index]:
    """An open index, brought up to date, and closed at the end.

    Others are answered meanwhile; not without a `context`: the index of a commit is nobody else's. An index
    that had to be thrown away is rebuilt in any case: an empty one answers nothing.
    """
    from indexer.pipeline import ensure

    with index:
        if not refresh:
            _ = index.store
        if refresh or index.generation:
            with observed_update(index, context, color=color) as observe:
                report = ensure(index, observe, allow=asker(yes))
            tell(report)
            output.debug(progress.summary(report))
        try:
            yield index
        except StoreDamaged as error:  # found out only now: the next run builds it anew
            index.discard_damaged(error)
            raise StoreDamaged(f"{index.remarks[-1]}: run the same command again") from error


def refresh_index(context: Context, *, rebuild: bool, yes: bool, color: bool) -> tuple[Report, str]:
    """Bring the index up to date, or have its host do it: the report, and the repository's name."""
    agree_to_root(context, yes)
    for attempt in range(_ATTEMPTS):
        found = acquire_index(context, hosted=True)
        if not isinstance(found, HostedIndex):
            from indexer.pipeline import update

            with found as index, observed_update(index, context, color=color, rebuild=rebuild) as observe:
                return update(index, observe, rebuild=rebuild, allow=asker(yes)), index.repo
        try:
            with closing(found) as host, progress.watching(color) as observe:
                return host.reindex(observe, rebuild=rebuild, yes=yes)
        except (HostGone, RequestRefused) as error:  # it does no harm to begin again
            if not is_leaving(error) or attempt + 1 == _ATTEMPTS:
                raise
            output.debug(str(error))
    raise AssertionError("the last attempt raises")


@contextmanager
def observed_update(
    index: Index, context: Context | None, *, color: bool, rebuild: bool = False
) -> Iterator[Observer]:
    """The observer that an update of `index` needs: progress is shown, and others are answered meanwhile.

    Ctrl-C and SIGTERM end the update with what is done.
    """
    with terminable(), progress.watching(color) as observe:
        if context is None:
            yield observe
            return
        from retrieval.host.interim import serve_during_update

        with serve_during_update(
            index, context.search, place_of(context), observe, output.debug, rebuild=rebuild
        ) as told:
            yield told


def warn(context: Context) -> None:
    """What was wrong with the settings, and ignored."""
    for warning in context.resolved.warnings:
        output.say(f"warning: {warning}")


def tell(report: Report) -> None:
    """Remarks, and one line about what was done, if anything was."""
    for remark in report.remarks:
        output.say(remark)
    if report.touched:
        output.say(progress.summary(report))


def agree_to_root(context: Context, yes: bool) -> None:
    """Refuse a root that is most likely a slip, unless told otherwise. Raises UsageError."""
    if git.is_bare(context.root):
        raise UsageError(
            f"{context.root}: a bare clone has no files; go to a work tree, or ask `cornea locate --rev HEAD`"
        )
    if yes or context.indexed or not is_too_wide(context.root):
        return
    if output.can_ask() and output.ask(f"index all of {context.root}?"):
        return
    raise UsageError(
        f"{context.root}: not indexed without being told; name a repository or another folder, or pass --yes"
    )


def asker(yes: bool) -> Allow:
    """Whether to go on with very many files."""

    def allow(files: int) -> bool:
        return yes or (output.can_ask() and output.ask(f"{files:,} files to index; go on?"))

    return allow
