"""The cache of what was computed: found again, bounded, and never in the way."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from indexer.analysis import cache as module
from indexer.analysis.cache import CACHE, CACHE_FILES, Cache, CacheEntry, fingerprint, verify
from indexer.analysis.packed_points import PackedBytes
from indexer.skip_reason import SkipKind, SkipReason
from tests import unprivileged
from tests.indexes import child, told

A, B = "a" * 40, "b" * 40
ENTRY = CacheEntry("python", 2, packed=PackedBytes(b'{"rows": []}', b"vectors"))
LIMIT = 50_000_000


def opened(home: Path, mark: str = "one", limit: int = LIMIT, *, write_only: bool = False) -> Cache:
    return Cache(home, mark, limit, write_only=write_only)


def filled(home: Path) -> None:
    with closing(opened(home)) as cache:
        cache.put("a.py", A, ENTRY)


def test_what_was_kept_is_found_by_path_content_and_fingerprint(tmp_path: Path) -> None:
    """And by nothing less; with or without its vectors, or as a reason to leave it out."""
    with closing(opened(tmp_path)) as cache:
        cache.put("a.py", A, ENTRY)
        cache.put("b.js", B, CacheEntry("", 0, SkipReason(SkipKind.MINIFIED)))
        assert cache.get("a.py", A) is None, "it waits for more"
        cache.flush()
        assert cache.get("a.py", A) == ENTRY
        assert cache.get("a.py", A, body=False) == CacheEntry(
            "python", 2, packed=PackedBytes(b'{"rows": []}', b"")
        )
        assert cache.get("b.js", B) == CacheEntry("", 0, SkipReason(SkipKind.MINIFIED))
        assert (cache.get("a.py", B), cache.get("b.js", A)) == (None, None)
        assert (cache.has_path("a.py"), cache.has_path("c.py")) == (True, False)
    with closing(opened(tmp_path, "two")) as other:
        assert (other.get("a.py", A), other.has_path("a.py")) == (None, False)
        assert other.get("a.py", A, "one") == ENTRY


def test_a_blind_one_only_keeps(tmp_path: Path) -> None:
    """A rebuild trusts nothing, and what it computes replaces what was there."""
    filled(tmp_path)
    with closing(opened(tmp_path, write_only=True)) as cache:
        assert not cache.has_path("a.py")
        cache.put("a.py", A, CacheEntry("go", 1, packed=ENTRY.packed))
    with closing(opened(tmp_path)) as cache:
        assert cache.get("a.py", A) == CacheEntry("go", 1, packed=ENTRY.packed)


def test_none_is_a_cache_too(tmp_path: Path) -> None:
    """A limit of nothing makes no file."""
    with closing(opened(tmp_path / "home", limit=0)) as cache:
        cache.put("a.py", A, ENTRY)
        cache.flush()
        assert cache.get("a.py", A) is None
    assert not (tmp_path / "home").exists()


def test_it_is_bounded_and_drops_what_was_not_used_for_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten times what fits: the newest stay, and the file does not grow on."""
    now = 1_000_000
    monkeypatch.setattr(module.time, "time", lambda: now)
    monkeypatch.setattr(module, "_DELETE_ROWS", 10)
    with closing(opened(tmp_path, limit=2_000_000)) as cache:
        for n in range(200):
            now += 10_000
            cache.put(f"{n}.py", A, CacheEntry("python", 1, packed=PackedBytes(b"{}", os.urandom(100_000))))
            cache.flush()
            assert cache.get("0.py", A) is not None, "used again and again"
            assert cache.size() <= 2_200_000
        assert [n for n in range(200) if cache.has_path(f"{n}.py")][1:] == list(
            range(200 - (sum(cache.has_path(f"{n}.py") for n in range(200)) - 1), 200)
        )
    assert (tmp_path / CACHE).stat().st_size < 3_000_000


def _foreign(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE thesis (chapter TEXT)")
        db.execute("PRAGMA user_version = 7")


DAMAGES = {
    "no database": lambda path: path.write_bytes(os.urandom(50_000)),
    "half of it": lambda path: os.truncate(path, path.stat().st_size // 2),
    "a flipped byte": lambda path: path.write_bytes(path.read_bytes().replace(b"vectors", b"vectorz")),
    "another program's": _foreign,
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_is_damaged_is_begun_anew(tmp_path: Path, damage: str) -> None:
    """Nothing wrong is ever given back; the run goes on, and the next has a cache again."""
    filled(tmp_path)
    DAMAGES[damage](tmp_path / CACHE)
    with closing(opened(tmp_path)) as cache:
        assert cache.get("a.py", A) is None
        assert "was deleted" in cache.last_error
        cache.put("a.py", A, ENTRY)
    filled(tmp_path)
    with closing(opened(tmp_path)) as cache:
        assert (cache.get("a.py", A), cache.last_error) == (ENTRY, "")
    assert verify(tmp_path) == (1, 0, "")


def test_who_is_busy_or_may_not_write_is_done_without() -> None:
    """Another writer, a folder that is locked: no error, no wait of seconds."""
    with unprivileged.folder() as place:
        filled(place)
        with closing(sqlite3.connect(place / CACHE)) as db:
            db.execute("BEGIN IMMEDIATE")
            with closing(opened(place)) as cache:
                cache.put("b.py", B, ENTRY)
                cache.flush()
                assert cache.get("a.py", A) == ENTRY
        for name in CACHE_FILES:
            if (place / name).exists():
                (place / name).chmod(0)
        seen = unprivileged.run(
            "cache = Cache(Path(sys.argv[1]), 'one', 10**6)\n"
            "cache.put('b.py', 'b' * 40, CacheEntry('', 0))\n"
            "cache.close()\n"
            "print(cache.get('a.py', 'a' * 40), bool(cache.last_error))",
            place,
            before=(
                "import sys; from pathlib import Path; from indexer.analysis.cache import Cache, CacheEntry"
            ),
        )
    assert seen == "None True\n"


def test_others_may_not_read_it(tmp_path: Path) -> None:
    """Names of functions and words of the code are in there."""
    filled(tmp_path)
    assert (tmp_path / CACHE).stat().st_mode & 0o077 == 0


def test_many_processes_use_it(tmp_path: Path) -> None:
    """All at once, and all that they kept is there, whole.

    On a busy machine, one may hold the table for longer than a command would wait for it.
    """
    code = """
        import sys
        from pathlib import Path
        from indexer.analysis import cache as waiting
        from indexer.analysis.packed_points import PackedBytes
        from indexer.analysis.cache import Cache, CacheEntry
        waiting._WAIT_SECONDS = 600.0
        cache = Cache(Path(sys.argv[1]), "one", 10**8)
        for n in range(40):
            entry = CacheEntry("x", 1, packed=PackedBytes(b"{}", bytes(20_000)))
            cache.put(f"{sys.argv[2]}-{n}", "a" * 40, entry)
            cache.flush()
        cache.close()
        print(cache.last_error)
    """
    running = [child(code, tmp_path, str(n)) for n in range(3)]
    assert [told(process) for process in running] == ["\n"] * 3
    assert verify(tmp_path) == (120, 0, "")


def test_the_fingerprint_is_of_encoder_and_code(tmp_path: Path) -> None:
    """The same for the same; the encoder's own is in it."""
    assert fingerprint("m") == fingerprint("m") != fingerprint("n")


_READS_OR_REPORTS = {
    "indexer", "indexer.analysis", "indexer.analysis.outline", "indexer.errors",
    "indexer.extras", "indexer.limits", "indexer.parent_process", "indexer.safe_read", "indexer.store",
    "indexer.store.query_priority",
    "indexer.store.shard_files", "indexer.store.storage",
}  # fmt: skip
"""Modules that a computation goes through, and that decide nothing about its result; and the walk's."""


def test_all_that_a_computation_imports_is_in_the_fingerprint(tmp_path: Path) -> None:
    """A module that joins must be named among those that decide, or here."""
    (tmp_path / "a.vue").write_text("<script>\nfunction open() { return 1 }\n</script>\n", encoding="utf-8")
    program = (
        "import sys; from pathlib import Path; from indexer.analysis.worker import Setup, analyse\n"
        "from indexer.encoding import load; from indexer.fragment import SourceFile\n"
        f"file = SourceFile('a.vue', Path({str(tmp_path / 'a.vue')!r}), 1, 1)\n"
        "found = analyse(file, Setup('r', '', 1000, 5.0, ()), load())\n"
        "assert found.points\n"
        "print(*(f'{name} {module.__file__}' for name, module in sys.modules.items()"
        " if name.partition('.')[0] == 'indexer'), sep='\\n')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    imported = dict(line.split(" ", 1) for line in done.stdout.splitlines())
    assert "indexer.parsing.split" in imported
    listed = {str(source) for source in module.computing_sources()}
    left = {name for name, file in imported.items() if file not in listed}
    assert {name for name in left if not name.startswith("indexer.walk")} <= _READS_OR_REPORTS


@pytest.mark.parametrize("part", ["parsing/split.py", "parsing/secrets/names.py", "parsing/queries/c.scm"])
def test_the_fingerprint_is_of_all_that_cuts(
    part: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every module and every query: what was computed with another one is not used."""
    copy = tmp_path / "indexer"
    shutil.copytree(Path(module.__file__).parents[1], copy, ignore=shutil.ignore_patterns("weights"))
    monkeypatch.setattr(module, "__file__", str(copy / "analysis" / "cache.py"))
    before = fingerprint("m")
    (copy / part).write_text((copy / part).read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert fingerprint("m") != before
