"""The Python API: its answers, its errors, several threads and tasks, and the same with a host."""

from __future__ import annotations

import asyncio
import dataclasses
import inspect
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import cornea
from indexer.errors import IndexMissing, UsageError
from retrieval.host.client import stop
from tests.e2e.cli import FILES
from tests.hosts import Site, site
from tests.repositories import git, isolate, repository, write
from tests.support.waiting import LIMIT, until


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[cornea.Repository]:
    """A repository with a history of three commits, open and up to date."""
    place = tmp_path_factory.mktemp("shop")
    with pytest.MonkeyPatch.context() as patch:
        isolate(patch, place / "user")
        patch.setenv("CORNEA_HOME", str(place / "home"))
        patch.setenv("CORNEA_STORE_RESERVE_MB", "1")
        root = repository(place / "root", FILES)
        for number in range(2):
            changed = FILES["src/auth.py"].replace("n=2**14", f"n=2**{15 + number}")
            write(
                root,
                {"src/auth.py": changed, "tests/test_auth.py": FILES["tests/test_auth.py"] + "\n" * number},
            )
            git(root, "commit", "-qam", f"Change {number}")
        with cornea.open(root) as opened:
            opened.update()
            yield opened


def test_answers(shop: cornea.Repository) -> None:
    """Each method, as sequences of frozen objects."""
    hits = shop.search("hash password", limit=2, tests=False, folder="src")
    assert (hits[0].path, hits[0].symbol, len(hits), hits.indexing) == (
        "src/auth.py",
        "hash_password",
        1,
        None,
    )
    assert [hit.path for hit in shop.search("hash password", folder="net")] == ["net/retry.go"]
    assert shop.search("hash", globs=["*.rs"]).emptied == ("globs",)
    assert isinstance(shop.similar("src/auth.py", 6), cornea.ResultSequence)
    (suggestion,) = shop.continue_(
        text="def verify(password):\n    ", language="py", everything=True, limit=1
    )
    assert suggestion.path == "src/auth.py"
    assert shop.continue_("src/auth.py", 8, everything=True).results
    located = shop.locate("hash_password is slow", limit=1)
    assert (located[0].symbol, located.files[0].symbol, located.missing) == ("hash_password", None, ())
    assert located[0].why
    outline = shop.outline("src/auth.py")
    assert [one.symbol for one in outline][:2] == ["hash_password", "verify_password"]
    assert (outline[0].start_line, outline[0].name_column, outline.language) == (6, 5, "python")
    assert [one.symbol for one in shop.outline("new.py", text="def late():\n    pass\n")] == ["late"]
    for frozen in (hits, hits[0], located, located[0], outline[0], suggestion):
        field = dataclasses.fields(frozen)[0].name
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(frozen, field, None)


def test_related(shop: cornea.Repository) -> None:
    """Similar code, and what changed in the same commits."""
    related = shop.related("src/auth.py", 7)
    assert (related.name, [hit.path for hit in related.similar][:1]) == ("hash_password", ["src/auth.py"])
    whole = shop.related(Path("src/auth.py"))
    assert (whole.name, len(whole.similar), whole.changes) == ("", 0, 3)
    assert [str(one) for one in whole.files] == ["tests/test_auth.py: 2 of the last 3 commits"]
    assert (whole.callers.results, whole.callees.results) == ((), ())


def test_callers_and_callees(shop: cornea.Repository) -> None:
    """Of the definition at a line and of a name; tests come last, and a name without definitions is told."""
    related = shop.related("src/auth.py", 7)
    caller = related.callers[0]
    assert (caller.path, caller.symbol, caller.resolution) == ("src/auth.py", "verify_password", "resolved")
    assert (caller.definition, caller.calls[0].line, caller.test) == ("hash_password", 13, False)
    assert related.callers[-1].test
    named = shop.related(name="verify_password")
    assert ("hash_password", "resolved") in {(one.symbol, one.resolution) for one in named.callees}
    assert (named.name, named.unknown) == ("verify_password", None)
    limited = shop.related(name="hash_password", limit=1).callers
    assert (len(limited), limited.remarks) == (1, ("1 more is left out; raise `limit`",))
    unknown = shop.related(name="hash_passwort")
    assert unknown.unknown is not None
    assert (unknown.unknown.name, unknown.unknown.nearest[0]) == ("hash_passwort", "hash_password")
    assert not unknown.callers


def test_grep(shop: cornea.Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    """All lines on all pages, definitions first, with their symbols."""
    found = shop.grep("hash_password")
    assert (found[0].path, found[0].line, found[0].role, found[0].symbol) == (
        "src/auth.py",
        6,
        "definition",
        "hash_password",
    )
    assert (found[0].source, found.files_searched, found.gone) == ("disk", 3, 0)
    assert {one.path for one in found.files} == {one.path for one in found}
    monkeypatch.setattr("retrieval.grep.search._PAGE_BYTES", 1)
    assert shop.grep("hash_password") == found
    assert {one.path for one in shop.grep(["RetryDelay", "hash"], paths=[Path("net")])} == {"net/retry.go"}
    around = shop.grep("def hash_password", fixed_strings=True, before=1, by_path=True)
    assert [one.role for one in around] == [None, "definition"]
    listed = shop.grep("password", files_only=True, languages=["py"])
    assert (len(listed), listed.files[0].source) == (0, "disk")
    assert len(shop.grep("no such text")) == 0


def test_state(shop: cornea.Repository) -> None:
    """Answers say what they were made from, and whether nothing defines the name that was asked for."""
    hits = shop.search("hash_passwort")
    assert hits.unknown is not None
    assert (hits.unknown.name, hits.unknown.nearest[0]) == ("hash_passwort", "hash_password")
    assert shop.search("hash_password").unknown is None
    related = shop.related("src/auth.py", 7)
    for answer in (
        hits,
        related.callers,
        related.similar,
        related.files,
        shop.grep("x"),
        shop.locate("slow"),
    ):
        state = answer.state
        assert state is not None
        assert (state.files, state.buffers, state.whole, state.line) == (3, 0, True, "")
    with pytest.raises(AttributeError):
        hits.state.whole = False  # type: ignore[misc, union-attr]
    file = shop.root / "src/auth.py"
    written = file.read_text()
    file.write_text(written + "\n\ndef late_addition():\n    return 1\n")
    until(lambda: (state := shop.search("late_addition").state) is not None and state.changed == 1)
    file.write_text(written)


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        (lambda r: r.search(5), "'query' must be a string"),
        (lambda r: r.search(" "), "nothing to search for"),
        (lambda r: r.search("x", languages="py"), "languages: 'py' is one string; pass a list"),
        (lambda r: r.search("x", languages=["klingon"]), "unknown language 'klingon'"),
        (lambda r: r.search("x", kinds=[1]), "kinds: .* is not a list of strings"),
        (lambda r: r.search("x", globs=["[z-a]"]), "bad glob"),
        (lambda r: r.search("x", profile="best"), "unknown profile 'best'"),
        (lambda r: r.search("x", tests=1), "'tests' must be true or false"),
        (lambda r: r.search("x", folder="../other"), "outside the root"),
        (lambda r: r.similar("a\0b", 1), "is not a path"),
        (lambda r: r.similar(5, 1), "is not a path"),
        (lambda r: r.similar("src/auth.py", "1"), "line: '1' is not a whole number"),
        (lambda r: r.similar("src/auth.py", 0), "lines count from 1"),
        (lambda r: r.similar("src/auth.py", 99), "the file has only 24 lines"),
        (lambda r: r.similar("../auth.py", 1), "outside the root"),
        (lambda r: r.continue_("src/auth.py"), "line: missing"),
        (lambda r: r.continue_("src/auth.py", 99), "there are 25 lines"),
        (lambda r: r.continue_(text="x", until="file"), "until: 'file' is not one of: statement"),
        (lambda r: r.continue_(text="x", limit=0), "limit: 0 is not a whole number from 1 to 1000"),
        (lambda r: r.locate(""), "the issue has no words"),
        (lambda r: r.locate(None), "'issue' must be a string"),
        (lambda r: r.related("gone.py"), "no such file"),
        (lambda r: r.related("src/auth.py", 7, name="x"), "name: contradicts"),
        (lambda r: r.related(), "path: '' is not a path"),
        (lambda r: r.grep("(?=a)"), "look"),
        (lambda r: r.grep([]), "pattern"),
        (lambda r: r.grep(5), "pattern: 5 is not a list of strings"),
        (lambda r: r.grep("a", paths="src"), "paths: 'src' is one string"),
        (lambda r: r.grep("a", paths=["../x"]), "outside the root"),
        (lambda r: r.grep("a", languages=["klingon"]), "unknown language"),
        (lambda r: r.grep("a", before=-1), "before"),
        (lambda r: r.outline("src"), "not a file"),
        (lambda r: cornea.open(r.root, serch__limit=5), "no such setting; did you mean search__limit"),
        (lambda r: cornea.open(5), "is not a path"),
    ],
)
def test_wrong_arguments(shop: cornea.Repository, ask: Callable[[Any], object], says: str) -> None:
    """A UsageError that says which argument, and what it must be."""
    with pytest.raises(UsageError, match=says):
        ask(shop)


def test_a_root_that_was_never_indexed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A question is an error, not an empty answer; an outline needs no index."""
    monkeypatch.setenv("CORNEA_HOME", str(tmp_path / "home"))
    with cornea.open(write(tmp_path / "root", FILES)) as opened:
        with pytest.raises(IndexMissing, match=r"call update\(\) first"):
            opened.search("password")
        assert opened.outline("src/auth.py").results


def test_threads(shop: cornea.Repository) -> None:
    """Several use one object, and get the answers that they get one after the other."""
    words = ["hash password", "RetryDelay", "expire session"] * 4
    alone = [shop.search(word) for word in words]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(shop.search, words)) == alone


def test_tasks(shop: cornea.Repository) -> None:
    """The asynchronous methods are those of the other class, with the same parameters and answers."""
    names = [name for name, _ in inspect.getmembers(cornea.Repository, inspect.isfunction) if name[0] != "_"]
    for name in names:
        mine, theirs = getattr(cornea.AsyncRepository, name), getattr(cornea.Repository, name)
        assert inspect.iscoroutinefunction(mine)
        assert inspect.signature(mine) == inspect.signature(theirs)

    async def ask() -> None:
        repository = cornea.AsyncRepository(shop)
        assert repository.root == shop.root
        found = await asyncio.gather(repository.search("hash password"), repository.locate("slow hash"))
        assert found == [shop.search("hash password"), shop.locate("slow hash")]
        with pytest.raises(UsageError):
            await repository.similar("gone.py", 1)

    asyncio.run(ask())


def test_opening_for_tasks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By `async with` or by `await`; at the end it is closed."""
    monkeypatch.setenv("CORNEA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CORNEA_STORE_RESERVE_MB", "1")
    root = write(tmp_path / "root", FILES)

    async def ask() -> None:
        async with cornea.open_async(root, search__limit=1) as opened:
            assert (await opened.update()).added == 3
            assert len(await opened.search("password")) == 1
        with pytest.raises(UsageError, match="is closed"):
            await opened.search("password")
        opened = await cornea.open_async(root)
        assert (await opened.search("RetryDelay"))[0].path == "net/retry.go"
        await opened.close()

    asyncio.run(ask())


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    with site(tmp_path, FILES, monkeypatch) as made:
        yield made


def test_with_a_host(host: Site) -> None:
    """It is started, answers as this process does, is started again when it was stopped, and stays."""
    with cornea.open(host.cli.folder) as opened:
        opened.update()
        alone = opened.search("hash password"), opened.locate("slow hash"), opened.related("src/auth.py", 7)
    with cornea.open(host.cli.folder, host=True) as opened:
        opened.update()
        first = host.note.pid
        assert (
            opened.search("hash password"),
            opened.locate("slow hash"),
            opened.related("src/auth.py", 7),
        ) == alone
        assert opened.outline("src/auth.py").results
        with host.client() as editor:
            editor.request("buffers", {"texts": {"src/auth.py": "def fresh_name():\n    pass\n"}})
            found, (hit,) = opened.grep("fresh_name"), opened.search("fresh_name", limit=1)
            assert (found[0].source, found.files[0].source, hit.source) == ("buffer", "buffer", "buffer")
            assert found.state is not None
            assert found.state.buffers == 1
        assert stop(host.key) == first
        assert opened.search("hash password").results
        assert host.note.pid != first
        with ThreadPoolExecutor(3) as pool:
            found = [pool.submit(opened.search, word) for word in ("salt", "digest", "attempt")]
            assert all(one.result(LIMIT).results for one in found)
    assert host.process().is_running()
    with pytest.raises(UsageError, match="has other settings"):
        cornea.open(host.cli.folder, host=True, index__hidden=True)
