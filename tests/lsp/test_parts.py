"""Parts that need no process: where lines went, which work is given up, and errors of several hosts."""

from __future__ import annotations

import asyncio
import os
import types
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.errors import CorneaError, InternalError, StoreBusy, StoreError, UsageError
from indexer.paths import path_below
from lsp.asking import ask_all
from lsp.documents import shifted
from lsp.latest import LatestOnly
from lsp.roots import Closed
from retrieval.host.messages import BUSY, RequestRefused
from retrieval.host.requests import StatusParams

words = st.lists(st.text("ab", max_size=2), max_size=8)


def test_a_line_that_has_moved() -> None:
    """Above a change it is where it was, below it has moved, within it is near."""
    disk = ["a", "b", "c", "d"]
    ours = ["a", "b", "new", "new", "c", "d"]
    assert [shifted(ours, disk, line) for line in range(1, 7)] == [1, 2, 2, 2, 3, 4]


@given(words, words)
def test_a_line_is_always_one_of_the_file(ours: list[str], theirs: list[str]) -> None:
    """Whatever was changed; and without a change it is the same."""
    for line in range(1, len(ours) + 1):
        assert shifted(ours, ours, line) == line
        if theirs:
            found = shifted(ours, theirs, line)
            assert 1 <= found <= len(theirs)


def test_work_that_is_overtaken_never_begins() -> None:
    """What comes together is seen together: only the last of each key is done."""
    begun: list[int] = []

    async def work(number: int) -> int:
        begun.append(number)
        await asyncio.sleep(0)
        return number

    async def scenario() -> list[int | None]:
        latest = LatestOnly()
        asked = [latest.run(n % 2, lambda n=n: work(n)) for n in range(6)]  # type: ignore[misc]
        return list(await asyncio.gather(*asked))

    assert asyncio.run(scenario()) == [None, None, None, None, 4, 5]
    assert begun == [4, 5]


def test_cancelling_a_request_ends_its_work() -> None:
    """And is not taken for having been overtaken."""
    ended: list[str] = []

    async def work() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.append("ended")

    async def scenario() -> None:
        latest = LatestOnly()
        task = asyncio.create_task(latest.run("a", work))
        await asyncio.sleep(0.01)
        task.cancel()
        result = (await asyncio.gather(task, return_exceptions=True))[0]
        assert isinstance(result, asyncio.CancelledError)
        await asyncio.sleep(0.01)

    asyncio.run(scenario())
    assert ended == ["ended"]


def test_paths_below_a_folder(tmp_path: Path) -> None:
    """A real path below a real folder; the folder itself is not below it."""
    root = tmp_path / "real"
    assert path_below(root, root / "src" / "a.py") == "src/a.py"
    assert path_below(root, tmp_path / "a.py") == path_below(root, root) == ""
    assert path_below(root, root / os.fsdecode(b"caf\xe9.py")) == "caf\\xe9.py"


@pytest.mark.parametrize(
    ("errors", "kind"),
    [
        ([InternalError(KeyError("x"), "1", log) for log in ("/a/host.log", "/b/host.log")], InternalError),
        ([RequestRefused(BUSY, text) for text in ("32 requests are pending", "busy")], StoreError),
        ([StoreBusy("process 7 has it", 7), StoreBusy("process 8 has it", 8)], StoreBusy),
        ([Closed(Path("/a")), Closed(Path("/b"))], UsageError),
    ],
)
def test_several_hosts_fail(errors: list[CorneaError], kind: type[CorneaError]) -> None:
    """One error has the texts of all, whatever the constructors of their classes take."""

    def failing(error: CorneaError) -> types.SimpleNamespace:
        async def ask(params: object) -> None:
            raise error

        return types.SimpleNamespace(ask=ask)

    async def send(_: object) -> None:
        """There is nothing unsaved."""

    roots = [failing(error) for error in errors]
    session = types.SimpleNamespace(roots=roots, unsaved=types.SimpleNamespace(send=send))
    with pytest.raises(CorneaError) as caught:
        asyncio.run(ask_all(session, lambda root: StatusParams()))  # type: ignore[arg-type, type-var]
    assert type(caught.value) is kind
    assert str(caught.value) == "; ".join(map(str, errors))
