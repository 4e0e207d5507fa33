"""Files that changed since they were indexed: answers have their present text and say what may be missing."""

from __future__ import annotations

import os
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from threading import Thread
from typing import Any

from indexer.index.index import Index
from indexer.pipeline import ensure
from indexer.walk.walk import WalkOptions
from indexer.walk.watch import FolderWatch
from retrieval.config import SearchConfig
from retrieval.host.freshness import WatchedFreshness
from retrieval.host.methods import QueryContext, respond
from retrieval.host.requests import ContinueParams, LocateParams, SearchParams
from retrieval.host.service import Service
from tests.indexer.pipeline.runs import age
from tests.indexes import PYTHON, config
from tests.repositories import write

FILES = {"bread.py": PYTHON, "mail.py": "def post(letter):\n    return letter.send()\n"}


def _context(tmp_path: Path, **changes: Any) -> tuple[Index, QueryContext]:
    root = age(write(tmp_path / "root", FILES))
    hour_ago = time.time() - 3600
    for folder in (root, *filter(Path.is_dir, root.rglob("*"))):  # not just changed
        os.utime(folder, (hour_ago, hour_ago))
    index = Index.open(root, config(tmp_path / "home", **changes))
    ensure(index)
    return index, QueryContext(index, SearchConfig(profile="hybrid"))


def _later(place: Path, text: str) -> None:
    """Write a file with a time that no index has seen."""
    place.write_text(text)
    os.utime(place, (time.time() + 5, time.time() + 5))


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    """Moved code has its present lines, changed code its present text, and deleted code is no hit."""
    index, context = _context(tmp_path)
    with index:
        state = respond(context, SearchParams(query="knead")).state
        assert state is not None
        assert (state.files, state.changed, state.whole, state.line) == (2, 0, True, "")
        assert time.time() - state.updated < 600
        os.utime(index.folder / "updated", (1, 1))
        changed = "import flour\n\n" + PYTHON.replace("dough + dough", "dough * 3  # folded")
        _later(index.root / "bread.py", changed)
        context = QueryContext(index, SearchConfig(profile="hybrid"))  # which has not looked yet
        answer = respond(context, SearchParams(query="knead", per_file=9))
        lines = changed.split("\n")
        assert answer.hits
        for hit in (one for one in answer.hits if one.path == "bread.py"):
            assert hit.text.rstrip("\n") == "\n".join(lines[hit.start_line - 1 : hit.end_line]).rstrip("\n")
        assert any("# folded" in hit.text for hit in answer.hits)
        assert answer.state is not None
        assert answer.state.changed == 1
        assert answer.state.line.startswith("1 file has changed")
        found = respond(context, LocateParams(text="knead folds too often")).functions
        assert next(one.start_line for one in found if one.symbol == "knead") == 15
        (index.root / "bread.py").write_text("\n")
        assert all(hit.path != "bread.py" for hit in respond(context, SearchParams(query="knead")).hits)


def test_a_deleted_file_is_no_hit(tmp_path: Path) -> None:
    """And it is said; what a suggestion comes from is there."""
    index, context = _context(tmp_path)
    with index:
        (index.root / "mail.py").unlink()
        answer = respond(context, SearchParams(query="post letter send"))
        assert all(hit.path != "mail.py" for hit in answer.hits)
        assert answer.remarks == ("mail.py is gone; its hits are left out",)
        text = "def post(parcel):\n    return"
        suggested = respond(context, ContinueParams(text=text, path="new.py", everything=True))
        assert all(one.path != "mail.py" for one in suggested.suggestions)
        located = respond(context, LocateParams(text="post does not send the letter"))
        assert all(one.path != "mail.py" for one in (*located.functions, *located.files))


def test_secrets_of_a_changed_file_are_masked(tmp_path: Path) -> None:
    """As they are in the index."""
    index, context = _context(tmp_path)
    secret = "q7Rz81Lmx" + "9vT"
    with index:
        _later(
            index.root / "mail.py",
            FILES["mail.py"] + f'\n\ndef stamp():\n    password = "{secret}"\n    return password\n',
        )
        answer = respond(context, SearchParams(query="post", around=20))
        assert any(hit.path == "mail.py" for hit in answer.hits)
        assert answer.excerpts is not None
        assert any("stamp" in one.text for one in answer.excerpts)
        assert secret not in str(answer)


def test_what_filters_and_settings_leave_out(tmp_path: Path) -> None:
    """Is said: of filters the number of fragments, of settings the names."""
    index, context = _context(tmp_path, exclude=("*.txt",))
    with index:
        answer = respond(context, SearchParams(query="letter", globs=("mail.py",), kinds=("class",)))
        assert answer.hits == []
        assert answer.left_out["globs"] >= 3
        assert answer.left_out["kinds"] >= 2
        assert answer.state is not None
        assert answer.state.restricted == ("index.exclude",)


def test_changes_are_known_before_they_are_indexed(
    run: Callable[[Callable[[Service], Awaitable[Any]]], Any],
) -> None:
    """A question right after an edit says that a file has changed, and finds what is new in it."""

    async def job(made: Service) -> None:
        await made._updates.refresh()
        assert (await made.answer("search", {"query": "password"}))["state"]["changed"] in (0, None)
        for number in range(5):
            place = made.index.root / "src/auth.py"
            place.write_text(place.read_text() + f"\n\ndef numbat{number}(ant):\n    return ant\n")
            answer = await made.answer("search", {"query": f"numbat{number}"})
            found = [hit["symbol"] for hit in answer["hits"]]
            assert f"numbat{number}" in found or answer["state"]["changed"] != 0
            await made._updates.refresh()
            answer = await made.answer("search", {"query": f"numbat{number}"})
            assert answer["hits"][0]["symbol"] == f"numbat{number}"

    run(job)


def test_an_update_that_fails_covers_nothing(tmp_path: Path) -> None:
    """What had changed is still known to have changed; what git does is no change of a file."""
    index, _ = _context(tmp_path)
    with index:
        known = WatchedFreshness(index)
        known.watches = lambda: True
        assert known.now(look=False).changed is None  # nobody has looked yet
        known.begin()
        known.end(done=True)
        known.add(frozenset({"a.py", ".git/index"}))
        known.begin()
        known.add(frozenset({"b.py"}))
        assert known.now(look=False).changed == {"a.py", "b.py"}
        known.end(done=False)
        assert known.now(look=False).changed == {"a.py", "b.py"}
        known.begin()
        known.end(done=True)
        assert known.now(look=False).changed == frozenset()
        before = known.now(look=False).updated
        ensure(index)
        known.end(done=True)
        assert known.now(look=False).updated == before  # nothing had changed
        assert known.now(look=True).changed is None  # there is nobody to look


def test_a_new_file_may_be_missing(tmp_path: Path) -> None:
    """If nobody watches, a folder that got a new file is told from its time, and an answer says so."""
    index, _ = _context(tmp_path)
    with index:
        os.utime(index.folder / "updated", (time.time() - 3, time.time() - 3))
        for place in (index.root, *index.root.iterdir()):
            os.utime(place, (1, 1))
        ensure(index)
        os.utime(index.folder / "updated", (time.time() - 3, time.time() - 3))
        state = respond(QueryContext(index, SearchConfig()), SearchParams(query="knead")).state
        assert state is not None
        assert (state.changed, state.line) == (0, "")
        (index.root / "new.py").write_text("def numbat(): pass\n")
        state = respond(QueryContext(index, SearchConfig()), SearchParams(query="numbat")).state
        assert state is not None
        assert state.changed is None
        assert state.line.startswith("it is not known whether")


def test_a_discarded_index_is_not_whole(tmp_path: Path) -> None:
    """Until it is built again: that an earlier update ended says nothing about it."""
    index, _ = _context(tmp_path)
    with index:
        assert WatchedFreshness(index).now(look=False).whole
        index.discard()
        assert not WatchedFreshness(index).now(look=False).whole
        ensure(index)
        assert WatchedFreshness(index).now(look=False).whole


def test_without_events_nothing_is_drained(tmp_path: Path) -> None:
    """A watch that has not begun does not know what has changed."""
    assert not FolderWatch(tmp_path, WalkOptions, sync_folder=tmp_path / "sync").drain()


def test_remarks_belong_to_the_query_of_a_thread(tmp_path: Path) -> None:
    """A fast query does not take those of a slow one that runs at the same time."""
    index, context = _context(tmp_path)
    taken = []
    with index:
        context.remarks.append("reading the history")
        other = Thread(target=lambda: taken.append(context.take_remarks()))
        other.start()
        other.join()
        assert taken == [()]
        assert context.take_remarks() == ("reading the history",)
