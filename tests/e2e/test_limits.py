"""Limits of the system: each is named with its remedy, and none is called damage."""

from __future__ import annotations

import errno
import os
import resource
import sys
from functools import partial
from pathlib import Path

import pytest

from indexer import limits
from indexer.errors import DiskFull, StoreDamaged, StoreError
from indexer.index import catalog
from indexer.index.catalog import read_info
from indexer.index.index import Index
from indexer.index.manifest import Manifest
from indexer.pipeline import ensure
from indexer.store import edge
from indexer.store.checked_store import translated
from tests.disks import run_on_disk
from tests.indexes import child, config, refresh
from tests.repositories import isolate, write
from tests.support.waiting import LIMIT

KILO, MEGA = 1 << 10, 1 << 20
FILES: dict[str, str | bytes] = {
    f"m{n:02}.py": "".join(f"def bake_{n}_{k}(loaf):\n    return loaf + {k}\n\n\n" for k in range(20))
    for n in range(30)
}
RUN = """
    import resource, sys
    from cornea.cli import run
    for part in sys.argv[1].split():
        name, _, number = part.partition("=")
        resource.setrlimit(getattr(resource, name), (int(number),) * 2)
    raise SystemExit(run(sys.argv[2:]))
"""
LIMITS = {
    "files of 4 kB": (f"RLIMIT_FSIZE={4 * KILO}", "ulimit -f"),
    "files of 100 kB": (f"RLIMIT_FSIZE={100 * KILO}", "ulimit -f"),
    "files of 2 MB": (f"RLIMIT_FSIZE={2 * MEGA}", "ulimit -f"),
    "10 open files": ("RLIMIT_NOFILE=10", "ulimit -n"),
    "20 open files": ("RLIMIT_NOFILE=20", "ulimit -n"),
    "400 MB of memory": (f"RLIMIT_AS={400 * MEGA}", "ulimit -v"),
}


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    isolate(monkeypatch, tmp_path / "user")
    monkeypatch.setenv("CORNEA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CORNEA_STORE_RESERVE_MB", "1")
    return write(tmp_path / "root", FILES)


def ran(root: Path, limit: str, *args: str) -> tuple[int, str]:
    """How a command ended under a limit, and what it said."""
    with child(RUN, limit, "-C", root, *args) as process:
        _, said = process.communicate(timeout=LIMIT)
    return process.returncode, said


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have other limits")
@pytest.mark.parametrize(("limit", "name"), LIMITS.values(), ids=LIMITS)
def test_a_limit_is_no_damage(root: Path, tmp_path: Path, limit: str, name: str) -> None:
    """A first index, an update and a search: done, or refused with the limit's name, and nothing is lost."""
    home = tmp_path / "home"

    def fits(*args: str) -> None:
        code, said = ran(root, limit, *args)
        assert code in (0, 2), said
        assert code == 0 or name in said, said
        for word in ("damaged", "delete", "bug in cornea", "Traceback", "rebuilt"):
            assert word not in said, said
        assert not list(home.glob("indexes/*/damaged"))

    fits("index")
    code, said = ran(root, "", "index")
    assert code == 0, said
    assert "rebuilt" not in said
    write(root, {f"new{n}.py": f"def new{n}():\n    return {n}\n" for n in range(30)})
    fits("index")
    fits("search", "--no-refresh", "bake loaf")
    with Index.open(root, config(home)) as index:
        report = ensure(index)
        assert report.remarks == ()
        assert report.added + report.unchanged == len(FILES) + 30


def test_the_reported_case(root: Path) -> None:
    code, said = ran(root, f"RLIMIT_FSIZE={100 * KILO}", "index")
    assert code == 2
    assert "the limit of a file's size (ulimit -f) is reached; raise it" in said


NUMBERS = (
    errno.EFBIG, errno.EDQUOT, errno.ENOSPC, errno.EROFS, errno.EMFILE, errno.ENFILE, errno.ENOMEM,
)  # fmt: skip
FORMS = ("{text} (os error {number})", 'Os {{ code: {number}, kind: X, message: "{text}" }}')


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("form", FORMS)
def test_what_the_engine_says_of_it(tmp_path: Path, number: int, form: str) -> None:
    """Within whatever words of its own, in opening and in writing, as an error or as a panic."""
    said = "Service runtime error: failed: " + form.format(text=os.strerror(number), number=number)
    for opening in (False, True):
        error_for = partial(edge._store_error, tmp_path, "write points to", opening=opening)
        with pytest.raises(StoreError) as caught, translated(error_for):
            raise Exception(said)
        assert not isinstance(caught.value, StoreDamaged)
        assert limits.remedy(number) in str(caught.value)
        assert isinstance(caught.value, DiskFull) == (number in (errno.ENOSPC, errno.EDQUOT))


@pytest.mark.parametrize("number", [errno.EDQUOT, errno.EROFS, errno.EMFILE, errno.EFBIG])
def test_while_the_index_is_opened(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """What says whose index it is cannot be read or written: it stays, and the limit is named."""
    home = tmp_path / "home"
    refresh(root, home)

    def fail(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(catalog, "read_regular", fail)
        with pytest.raises(StoreError, match=r"CORNEA_HOME|ulimit"):
            Index.open(root, config(home)).close()
    with Index.open(root, config(home)) as index:
        assert index.remarks == []
        assert read_info(index.folder) is not None


ON_SMALL_DISK = """
    import ctypes, os, sys
    from pathlib import Path
    from indexer.errors import CorneaError, StoreDamaged
    from tests.indexes import refresh
    root, disk = map(Path, sys.argv[1:])
    refresh(root, disk / "home")
    (root / "new.py").write_text("def new():\\n    return 1\\n")
    again = 32 | 1  # MS_REMOUNT, MS_RDONLY
    assert ctypes.CDLL(None).mount(b"none", os.fsencode(disk), b"tmpfs", again, None) == 0
    try:
        refresh(root, disk / "home")
        print("no failure")
    except CorneaError as error:
        print(isinstance(error, StoreDamaged), error)
    assert ctypes.CDLL(None).mount(b"none", os.fsencode(disk), b"tmpfs", 32, None) == 0
    print(refresh(root, disk / "home").remarks, refresh(root, disk / "home").unchanged)
"""


def test_a_file_system_that_became_read_only(root: Path, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    lines = run_on_disk(disk, 300, ON_SMALL_DISK, root, disk, timeout=LIMIT)
    assert lines[0].startswith("False ")
    assert "read-only" in lines[0].lower()
    assert lines[1] == f"() {len(FILES) + 1}"


def test_a_manifest_that_cannot_grow(tmp_path: Path) -> None:
    """SQLite says only `disk I/O error`; which limit it was is found out."""
    code = """
        import resource, sys
        from pathlib import Path
        from indexer.errors import StoreError
        from indexer.index.manifest import Manifest
        manifest = Manifest(Path(sys.argv[1]))
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
        try:
            manifest.mark_pending(f"{n}.py" for n in range(20_000))
        except StoreError as error:
            print(type(error).__name__, error)
    """
    with child(code, tmp_path / "manifest.sqlite3") as process:
        out, said = process.communicate(timeout=LIMIT)
    assert out.startswith("StoreError"), said
    assert "ulimit -f" in out
    manifest = Manifest(tmp_path / "manifest.sqlite3")
    assert manifest.check() == ""
    manifest.close()
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY
