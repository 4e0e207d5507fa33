"""A host that is killed, put to sleep and woken up again: its clients go on."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cornea.context import load
from cornea.doctor.index import host
from retrieval.host import connection
from retrieval.host.messages import HostGone
from tests.e2e.cli import FILES
from tests.hosts import Raw, Site, site, until
from tests.repositories import write
from tests.support.waiting import LIMIT


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    with site(tmp_path, FILES, monkeypatch) as made:
        yield made


def test_killed_again_and_again(
    shop: Site, scale: Callable[[int, int], int], measured: Callable[[str], object], soak: bool
) -> None:
    """The next question is answered by another host, within a second on a quiet machine."""
    waits = []
    with shop.client() as client:
        client.request("reindex")
        for number in range(scale(3, 50)):
            write(shop.cli.folder, {"src/quokka.py": f"def quokka{number}(): pass\n"})
            process = shop.process()
            process.kill()
            process.wait(LIMIT)
            started = time.monotonic()
            assert shop.finds(client, "RetryDelay") == ["net/retry.go"]
            waits.append(time.monotonic() - started)
            until(lambda n=number: shop.finds(client, f"def quokka{n}("))
    middle = sorted(waits)[len(waits) // 2]
    measured(f"the next answer after {middle:.3f} s at the median, {max(waits):.3f} s at most")
    assert not soak or max(waits) < 1.0


def test_asleep_and_awake(shop: Site, scale: Callable[[int, int], int]) -> None:
    """A question that was on its way is answered afterwards, and what changed meanwhile is found."""
    with shop.client() as client:
        client.request("reindex")
        process = shop.process()
        process.send_signal(signal.SIGSTOP)
        asked = client.submit("search", {"query": "RetryDelay"})[2]
        write(shop.cli.folder, {"src/quokka.py": "def quokka(): pass\n"})
        time.sleep(scale(1, 30))
        assert not asked.done()
        process.send_signal(signal.SIGCONT)
        assert asked.result(LIMIT)["hits"]
        until(lambda: shop.finds(client, "def quokka("))
        assert shop.note.pid == process.pid


def test_one_that_does_not_answer(shop: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who comes while it sleeps is told so in the end; the doctor finds it, and gets rid of it."""
    monkeypatch.setattr(connection, "CONNECT_SECONDS", 0.5)
    with shop.client() as client:
        client.request("reindex")
        process = shop.process()
        process.send_signal(signal.SIGSTOP)
        with pytest.raises(HostGone, match=f"process {process.pid}.* does not answer"):
            shop.client()
        (finding,) = host(load(shop.cli.folder))
        assert f"process {process.pid}" in finding.what
        assert finding.fix is not None
        finding.fix()
        process.wait(LIMIT)
        assert shop.is_free()
        assert shop.finds(client, "RetryDelay") == ["net/retry.go"]


def test_a_client_that_sleeps(shop: Site, scale: Callable[[int, int], int]) -> None:
    """Who takes no events and no answers hinders nobody else."""
    with shop.client() as client:
        client.request("reindex")
        with Raw(shop.note) as sleeper:
            sleeper.hello(events=True)
            for number in range(1, 30):
                sleeper.send(
                    {"id": number, "method": "search", "params": {"query": "password", "explain": True}}
                )
            for number in range(scale(5, 200)):
                write(shop.cli.folder, {"src/quokka.py": f"def quokka{number}(): pass\n"})
                until(lambda n=number: shop.finds(client, f"def quokka{n}("))
