"""What can go wrong with an index on this machine: second processes, kills, damaged files, a full disk."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import qdrant_edge

from indexer import limits
from indexer.errors import DiskFull, StoreBusy, StoreDamaged, StoreError
from indexer.store import EVERYTHING, Point, SparseVector, StoreConfig, edge
from indexer.store.edge import ENGINE_BYTES, UPSERT_BATCH, EdgeStore
from indexer.store.storage import open_store

from .samples import DIM, ask, dense, numbers, only, point, sparse, uid

ROOT = Path(__file__).parents[3]


def config(folder: Path, reserve: int = 0) -> StoreConfig:
    return StoreConfig(folder, DIM, reserve_bytes=reserve)


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    """The folder of a closed shard with 100 points."""
    folder = tmp_path / "shard"
    store = open_store(config(folder))
    store.upsert(
        [Point(uid(n), {"name": "r"}, dense(n, 1), {"lexical": sparse([n, 200])}) for n in range(100)]
    )
    store.close()
    return folder


def start(folder: Path, body: str) -> subprocess.Popen[str]:
    """A process of its own that runs `body` with an open `store` on `folder`."""
    program = "\n".join(
        (
            "import sys; from pathlib import Path; import numpy as np",
            "from indexer.store import *",
            "from indexer.store.storage import open_store",
            "from tests.indexer.store.samples import *",
            f"store = open_store(StoreConfig(Path({str(folder)!r}), DIM, reserve_bytes=0))",
            textwrap.dedent(body),
        )
    )
    return subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )


def said(process: subprocess.Popen[str]) -> str:
    """The next line that the process prints."""
    assert process.stdout is not None
    return process.stdout.readline().strip()


def kill(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


def test_a_closed_store_opens_again_with_everything(filled: Path) -> None:
    """Points, vectors and payload indexes survive closing; the engine's memory does not matter."""
    store = open_store(config(filled))
    assert store.count() == 100
    assert numbers(ask(store, sparse([7]))) == [7]
    assert store.facet("name") == {"r": 100}
    store.close()


def test_an_empty_folder_becomes_a_store(tmp_path: Path) -> None:
    """A folder that somebody made beforehand is as good as none; parents are created."""
    (tmp_path / "made").mkdir()
    for folder in (tmp_path / "made", tmp_path / "deep" / "er"):
        open_store(config(folder)).close()
        assert (folder / "edge_config.json").exists()


def test_missing_payload_indexes_are_made_up_for(tmp_path: Path) -> None:
    """A process killed right after creating the shard left no payload index; the next opening adds them."""
    shard = qdrant_edge.EdgeShard.create(str(tmp_path), edge._schema(DIM))
    shard.close()
    store = open_store(config(tmp_path))
    store.upsert([point(1, kind="function")])
    assert store.facet("kind") == {"function": 1}
    store.close()


def test_a_vector_that_would_brick_the_shard_never_reaches_it(filled: Path) -> None:
    """The engine accepts unequal lengths, panics, and then never opens again; here it stays whole."""
    bad = SparseVector(np.array([1, 2, 3], np.uint32), np.ones(1, np.float32))
    store = open_store(config(filled))
    with pytest.raises(StoreError, match="3 indices and 1 values"):
        store.upsert([Point(uid(500), {}, None, {"lexical": bad})])
    store.close()
    store = open_store(config(filled))
    assert store.count() == 100
    store.close()


def test_a_panic_of_the_engine_is_an_error_of_ours(filled: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Past our checks that vector makes the engine panic, with no `Exception`: it arrives as StoreDamaged.

    So it does on the next opening, which replays the log; the process survives both.
    """
    store = open_store(config(filled))
    assert isinstance(store, EdgeStore)
    bad = qdrant_edge.Point(uid(500), {"lexical": qdrant_edge.SparseVector([1, 2, 3], [1.0])}, {})
    with pytest.raises(StoreDamaged, match=str(filled)) as caught, store._call("write points to"):
        store._shard.update(qdrant_edge.UpdateOperation.upsert_points([bad]))
    assert not isinstance(caught.value.__cause__, Exception)
    store.close()
    with pytest.raises(StoreDamaged, match="delete that folder and run `cornea index`"):
        open_store(config(filled))
    assert "panicked" in capfd.readouterr().err


@pytest.mark.parametrize("passing", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_interrupts_are_not_swallowed(filled: Path, passing: type[BaseException]) -> None:
    """Ctrl-C during a call of the engine stays Ctrl-C."""
    store = open_store(config(filled))
    assert isinstance(store, EdgeStore)
    with pytest.raises(passing), store._call("search"):
        raise passing
    store.close()


def test_a_second_process_is_told_who_holds_the_index(filled: Path) -> None:
    """Two writers would destroy each other's work: the second gets StoreBusy with the first one's pid."""
    holder = start(filled, "print('open', flush=True); sys.stdin.read()")
    assert said(holder) == "open"
    with pytest.raises(
        StoreBusy, match=f"held by process {holder.pid}.*wait until it is done or stop it"
    ) as caught:
        open_store(config(filled))
    assert caught.value.pid == holder.pid
    kill(holder)
    open_store(config(filled)).close()


def test_the_same_process_cannot_open_twice(filled: Path) -> None:
    """Not even one process may open a shard twice at a time; after closing it can."""
    store = open_store(config(filled))
    with pytest.raises(StoreBusy, match="this process") as caught:
        open_store(config(filled))
    assert caught.value.pid == os.getpid()
    store.close()
    open_store(config(filled)).close()


def test_a_killed_writer_loses_nothing_that_was_flushed(tmp_path: Path) -> None:
    """kill -9 in the middle of writing: the lock is gone, the shard opens, all flushed points are there."""
    writer = start(
        tmp_path / "shard",
        """
        for start in range(0, 10**6, 200):
            vectors = {n: {"lexical": sparse([n])} for n in range(start, start + 200)}
            store.upsert([Point(uid(n), {"repo": "r"}, dense(1, n), vectors[n]) for n in vectors])
            if start < 1000:
                store.flush()
                print(start + 200, flush=True)
        """,
    )
    while (flushed := int(said(writer))) < 1000:
        pass
    writer.send_signal(signal.SIGKILL)
    writer.communicate()
    store = open_store(config(tmp_path / "shard"))
    ids = [record.id for record in store.scroll(EVERYTHING, [])]
    assert ids[:flushed] == [uid(n) for n in range(flushed)]
    assert len(ids) == store.count() >= flushed
    assert numbers(ask(store, sparse([999]))) == [999]
    store.upsert([point(10**7)])
    store.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_forked_child_gets_an_error_instead_of_hanging(filled: Path) -> None:
    """The engine's threads do not survive a fork, so that any call would hang; closing there is harmless."""
    store = open_store(config(filled))
    child = os.fork()
    if child == 0:
        try:
            store.close()
            store.count()
        except StoreError as error:
            os._exit(7 if "forked" in str(error) else 8)
        os._exit(9)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    assert store.count() == 100
    store.close()


def files_of(folder: Path, name: str) -> list[Path]:
    found = [path for path in folder.rglob(name) if path.is_file()]
    assert found, f"the engine's layout changed: no {name}"
    return found


@pytest.mark.parametrize("name", ["segment.json", "config.json", "edge_config.json", "first-index"])
def test_truncated_files_are_reported(filled: Path, name: str) -> None:
    """A shard that lost the contents of a file is StoreDamaged, with what to do, and the process lives."""
    for path in files_of(filled, name):
        os.truncate(path, 3)
    with pytest.raises(StoreDamaged, match="delete that folder and run `cornea index`"):
        open_store(config(filled))


def test_lost_payloads_are_reported(filled: Path) -> None:
    """Payloads are read when the engine needs them: what is lost shows on opening or on reading."""
    for path in files_of(filled, "page_0.dat"):
        os.truncate(path, 0)
    with pytest.raises(StoreDamaged, match="cornea index"), closing(open_store(config(filled))) as store:
        list(store.scroll(EVERYTHING))


def foreign(folder: Path) -> None:
    folder.mkdir()
    (folder / "notes.txt").write_text("mine")


def noise(folder: Path) -> None:
    (folder / "segments" / "one").mkdir(parents=True)
    for name in ("edge_config.json", "segments/one/segment.json", "segments/one/version.info"):
        (folder / name).write_bytes(bytes(range(256)) * 40)


def a_file(folder: Path) -> None:
    folder.write_text("not a folder")


@pytest.mark.parametrize("make", [foreign, noise, a_file])
def test_what_is_no_index_is_left_alone(tmp_path: Path, make: Callable[[Path], None]) -> None:
    """Somebody else's folder, random bytes or a file: StoreDamaged, and not a byte of it is changed."""
    folder = tmp_path / "place"
    make(folder)
    before = contents(folder)
    with pytest.raises(StoreDamaged, match=str(folder)):
        open_store(config(folder))
    assert contents(folder) == before


def contents(place: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in [place, *place.rglob("*")] if path.is_file()}


def test_an_index_of_another_dimension_is_not_opened(filled: Path) -> None:
    """An index made with another embedding model is StoreDamaged, and remains readable with its own."""
    with pytest.raises(StoreDamaged, match="another version"):
        open_store(StoreConfig(filled, DIM + 1, reserve_bytes=0))
    store = open_store(config(filled))
    assert store.count() == 100
    store.close()


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="permissions do not hold root back")
def test_a_folder_without_permission_is_said_so(tmp_path: Path) -> None:
    """A folder that may not be written to is an error that names permissions, not a damaged index."""
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(StoreError, match="permissions") as caught:
            open_store(config(tmp_path / "shard"))
        assert not isinstance(caught.value, StoreDamaged)
    finally:
        tmp_path.chmod(0o700)


def test_too_little_space_is_refused_before_anything_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message has the place, what is free, what is needed and what to do; nothing is left behind."""
    monkeypatch.setattr(limits, "free_bytes", lambda folder: 100 * 2**20)
    with pytest.raises(
        DiskFull, match=r"shard: 100 MB free, 300 MB needed; free some.*run the command again"
    ):
        open_store(config(tmp_path / "shard", reserve=300 * 2**20))
    assert not (tmp_path / "shard").exists()


def test_writing_stops_at_the_reserve_and_reading_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Space is looked at before every part of a batch: what was written stays, and can still be searched."""
    store = open_store(config(tmp_path / "shard", reserve=200 * 2**20))
    free = iter([2**40, 2**40, 150 * 2**20])
    monkeypatch.setattr(limits, "free_bytes", lambda folder: next(free))
    with pytest.raises(DiskFull, match="150 MB free, 200 MB needed"):
        store.upsert([point(number, [1]) for number in range(3 * UPSERT_BATCH)])
    assert store.count() == 2 * UPSERT_BATCH
    assert len(ask(store, sparse([1]), limit=5)) == 5
    monkeypatch.setattr(limits, "free_bytes", lambda folder: 150 * 2**20)
    store.delete(only("path", "src/1.py"))
    store.close()
    open_store(config(tmp_path / "shard", reserve=200 * 2**20)).close()


def test_even_without_a_reserve_the_engine_gets_what_it_takes_at_once(
    filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Opening makes the engine lay out its log: without room for that the system would kill the process."""
    monkeypatch.setattr(limits, "free_bytes", lambda folder: ENGINE_BYTES - 1)
    with pytest.raises(DiskFull, match="64 MB needed"):
        open_store(config(filled))


FILL = """
import sys; from pathlib import Path; import numpy as np
from indexer import limits
from indexer.errors import DiskFull
from indexer.store import *
from indexer.store.storage import open_store
from tests.indexer.store.samples import *
rng = np.random.default_rng(0)
store = open_store(StoreConfig(Path(sys.argv[1]), DIM, reserve_bytes=0))
number = 0
try:
    while True:
        store.upsert([Point(uid(number + n), {"text": rng.bytes(2000).hex()}) for n in range(512)])
        number += 512
except DiskFull as error:
    print(error)
print(number, store.count())
store.close()
"""


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[list[str]]:
    """A command prefix that gives its command a file system of 160 MB at `tmp_path/disk`."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = f'mount -t tmpfs -o size=160m tmpfs {disk} && exec "$@"'
    prefix = ["unshare", "-rm", "sh", "-c", mount, "sh"]
    if (
        shutil.which("unshare") is None
        or subprocess.run([*prefix, sys.executable, "-c", ""], capture_output=True).returncode
    ):
        pytest.skip("this machine lets no ordinary process mount a small file system")
    yield prefix


def test_a_full_disk_is_an_error_and_not_a_killed_process(small_disk: list[str], tmp_path: Path) -> None:
    """On a really small disk: writing ends with DiskFull, what was accepted is there, the process lives."""
    command = [*small_disk, sys.executable, "-c", FILL, str(tmp_path / "disk" / "shard")]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    message, counts = result.stdout.splitlines()
    assert "not enough disk space" in message
    written, found = map(int, counts.split())
    assert written == found > 0
