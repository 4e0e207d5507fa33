"""Child processes: messages go both ways, every end has its reason, and nothing is left behind."""

from __future__ import annotations

import errno
import os
import select
import signal
from collections.abc import Iterator
from typing import IO

import psutil
import pytest

from indexer import child_process
from indexer.child_process import ChildDied, ChildProcess, environment, main_of, python
from indexer.errors import CorneaError
from tests.support.waiting import LIMIT, until

ECHO = """
import os
from indexer.parent_process import ParentPipes
parent = ParentPipes(noise=2)
print("noise", flush=True)
while True:
    message = parent.receive()
    exec(message) if isinstance(message, str) else parent.send(message)
"""
SLEEPS = "import time; time.sleep(3_600)"
STAYS = f"print('here', flush=True); {SLEEPS}"


@pytest.fixture(autouse=True)
def nothing_left() -> Iterator[None]:
    """No process or pipe outlives a test."""
    me = psutil.Process()
    handles = me.num_fds()
    yield
    assert me.children(recursive=True) == []
    assert me.num_fds() <= handles


def started(code: str) -> ChildProcess:
    return ChildProcess("a test", python("-c", code), captures_stderr=True)


def test_messages_go_both_ways() -> None:
    """In order, whatever is printed meanwhile; the end of the pipe ends the process."""
    child = started(ECHO)
    for message in (1, {"two": [2]}):
        child.send(message)
    assert (child.receive(), child.receive(), child.alive) == (1, {"two": [2]}, True)
    assert child.end().code == -signal.SIGKILL
    assert child.end().code == -signal.SIGKILL, "a second call does nothing"


@pytest.mark.parametrize(
    ("last", "reason"),
    [
        ("os.kill(os.getpid(), 11)", "signal 11"),
        ("os._exit(3)", "exit code 3"),
        ("raise SystemExit('bad luck')", "exit code 1 bad luck"),
        ("raise ValueError('seven')", "exit code 1 ValueError: seven"),
    ],
)
def test_a_death_has_its_reason(last: str, reason: str) -> None:
    """The signal or the exit code, and the last words, without what was printed before."""
    child = started(ECHO)
    child.send(last)
    with pytest.raises(ChildDied) as caught:
        child.receive()
    assert caught.value.exit.reason.removesuffix(" noise") == reason
    assert not caught.value.exit.timed_out
    child.send("nobody hears this")


def test_an_answer_that_is_late() -> None:
    """The process is killed, and so is what it has started."""
    child = started(f"import subprocess, sys; subprocess.run([sys.executable, '-c', {SLEEPS!r}])")
    until(lambda: psutil.Process(child.pid).children())
    with pytest.raises(ChildDied) as caught:
        child.receive(0.01)
    assert (caught.value.exit.late, caught.value.exit.timed_out) == (True, True)


def test_messages_that_arrive_together() -> None:
    """The second is not late, although nothing more comes through the pipe."""
    child = started(
        "import os, pickle, time\nos.write(1, pickle.dumps(1) + pickle.dumps(2)); time.sleep(3_600)"
    )
    assert select.select([child._from], [], [], LIMIT)[0]
    assert [child.receive(LIMIT), child.receive(0.1)] == [1, 2]
    with pytest.raises(ChildDied) as caught:
        child.receive(0.1)
    assert caught.value.exit.late


def test_output_and_end() -> None:
    """All of the output; of a process that is killed, what it has written so far."""
    output, end = started("print('x' * 200_000)").read(LIMIT)
    assert (len(output), end.code, end.late) == (200_001, 0, False)
    child = started(STAYS + "; print('never')")
    assert select.select([child._from], [], [], LIMIT)[0]
    output, end = child.read(0.1)
    assert (output, end.late, end.timed_out) == (b"here\n", True, True)


def test_a_limit_of_cpu_time() -> None:
    """It ends native code that never gives up the interpreter."""
    loop = "import re\nfrom indexer.parent_process import time_limit\nwith time_limit(0.2, 1_000):\n"
    _, end = started(loop + "    re.match('(a+)+$', 'a' * 60 + 'b')").read(LIMIT)
    assert (end.code, end.late, end.timed_out) == (-signal.SIGPROF, False, True)


def test_a_process_ends_with_its_parent() -> None:
    """Also one that expects no messages; one that ends by itself does so in silence."""
    prefix = "from indexer.parent_process import exit_with_parent; exit_with_parent(); "
    child = started(prefix + STAYS)
    assert child._from.readline() == b"here\n"
    child._to.close()  # as the system does when we are killed
    assert child.end(LIMIT).code == 1
    assert started(prefix + "print(1)").read(LIMIT)[1].reason == "exit code 0"


def test_a_program_that_is_missing() -> None:
    with pytest.raises(CorneaError, match=r"cannot start a test: .*No such file"):
        ChildProcess("a test", ("/nowhere/python",), captures_stderr=True)


def test_no_room_for_what_it_writes_to_stderr(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error is one of ours, as when the process itself cannot be started."""

    def full() -> IO[bytes]:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(child_process, "_temporary_file", full)
    with pytest.raises(CorneaError, match=r"cannot start a test: .*No space left"):
        started(STAYS)


def test_a_less_urgent_process() -> None:
    """Niceness is added to ours; variables are added to our environment."""
    child = ChildProcess("a test", python("-c", STAYS), nice=3, variables={"CORNEA_EXTRA": "1"})
    process = psutil.Process(child.pid)
    assert process.nice() == min(psutil.Process().nice() + 3, 19)
    # The kernel shows the environment only a moment after the parent has continued.
    until(lambda: process.environ().get("CORNEA_EXTRA") == "1")
    assert process.environ()["PYTHONPATH"] == environment()["PYTHONPATH"]
    child.end()


def test_the_command_of_a_module() -> None:
    """The working folder is not on the import path."""
    assert "-P" in main_of("indexer.analysis.worker")
