"""An index that is there and up to date: what every command that asks something begins with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from indexer.errors import StoreDamaged, UsageError
from indexer.index import Index
from indexer.pipeline import Report, ensure, update

from . import output, progress
from .context import Context, is_too_wide

Allow = Callable[[int], bool]


@contextmanager
def fresh(
    context: Context, *, refresh: bool = True, yes: bool = False, color: bool = False
) -> Iterator[Index]:
    """The index, built or brought up to date first.

    Without `refresh` it is taken as it is; IndexMissing if there is none. One that had to be thrown away is
    built anew in any case: an empty index answers nothing.
    """
    if refresh:
        agree_to_root(context, yes)
    output.debug(f"index of {context.root}: {context.folder}")
    with Index.open(context.root, context.config, create=refresh, on_wait=output.say) as index:
        if not refresh:
            _ = index.store
        if refresh or index.generation:
            with progress.watching(color) as observe:
                report = ensure(index, observe, allow=asker(yes))
            tell(report)
            output.debug(progress.summary(report))
        try:
            yield index
        except StoreDamaged as error:  # found out only now: the next run builds it anew
            index.discard_damaged(error)
            raise StoreDamaged(f"{index.remarks[-1]}: run the same command again") from error


def refreshed(context: Context, *, rebuild: bool, yes: bool, color: bool) -> tuple[Report, str]:
    """Bring the index up to date and let go of it: the report, and the repository's name."""
    agree_to_root(context, yes)
    output.debug(f"index of {context.root}: {context.folder}")
    with Index.open(context.root, context.config, on_wait=output.say) as index:
        with progress.watching(color) as observe:
            report = update(index, observe, rebuild=rebuild, allow=asker(yes))
        return report, index.repo


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
