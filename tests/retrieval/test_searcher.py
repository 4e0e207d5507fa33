"""From a question to ranked code, on a small index."""

from __future__ import annotations

import os
import subprocess
import sys
import unicodedata
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from indexer.encoding.types import Encoder
from indexer.errors import UsageError
from indexer.store import Store, StoreConfig
from indexer.store.storage import open_store
from retrieval.config import DEFAULT_PROFILE
from retrieval.query import Filters
from retrieval.result import Hit
from retrieval.searcher import PROFILE_WEIGHTS, Searcher

from .conftest import REPO
from .library import LIBRARY, fill
from .samples import asked

QUESTIONS = [
    "get_user",
    "Mux",
    "Mux.Handle",
    "one user by name",
    "how is a circle's area computed",
    "größe",
    "検索",
]


def places(hits: list[Hit]) -> list[tuple[str, int]]:
    return [(hit.path, hit.start_line) for hit in hits]


@pytest.mark.parametrize(
    ("question", "path", "symbol"),
    [
        ("get_user", "src/users.py", "UserStore.get_user"),
        ("UserStore", "src/users.py", "UserStore"),
        ("userstore", "src/users.py", "UserStore"),
        ("Mux", "src/http/mux.go", "Mux"),
        ("Mux.Handle", "src/http/mux.go", "Mux.Handle"),
        ("Mux::Find()", "src/http/mux.go", "Mux.Find"),
        ("register a handler for a pattern", "src/http/mux.go", "Mux.Handle"),
        ("forget old results of a function after some seconds", "src/cache.py", "remember"),
        ("how is the area of a circle computed", "src/geometry.py", "area"),
        ("größe", "src/größe.py", "größe"),
        (unicodedata.normalize("NFD", "größe"), "src/größe.py", "größe"),
        ("検索", "src/größe.py", "größe"),
    ],
)
def test_the_best_answer(searcher: Searcher, question: str, path: str, symbol: str) -> None:
    """By name, by words, by meaning, in other scripts: what a person would point at."""
    best = searcher.search(question)[0]
    assert (best.path, best.symbol) == (path, symbol)


def test_a_hit_is_complete(searcher: Searcher) -> None:
    """It shows the code and where it is, with the reasons for its place."""
    hit = searcher.search("get_user")[0]
    lines = LIBRARY[hit.path].splitlines()[hit.start_line - 1 : hit.end_line]
    assert hit.text.rstrip().splitlines() == lines
    assert (hit.kind, hit.language) == ("method", "python")
    assert {"lexical score", "dense score", "other features"} <= hit.why.keys()
    assert len(hit.why) > 6
    signals = [value for name, value in hit.why.items() if not name.endswith(" score")]
    assert hit.score == pytest.approx(sum(signals))


def test_hits_are_in_order(searcher: Searcher) -> None:
    """Best first, whatever the profile; and the order is the same every time."""
    for profile in PROFILE_WEIGHTS:
        for question in QUESTIONS:
            hits = searcher.search(question, profile=profile, limit=50, per_file=50)
            assert hits == sorted(hits, key=lambda h: (-round(h.score, 6), h.path, h.start_line))
            assert hits == searcher.search(question, profile=profile, limit=50, per_file=50)


def test_one_answer_a_file_by_default(searcher: Searcher) -> None:
    """`per_file` asks for more of each."""
    ones = Counter(hit.path for hit in searcher.search("user by name", limit=50))
    assert set(ones.values()) == {1}
    twos = Counter(hit.path for hit in searcher.search("user by name", limit=50, per_file=2))
    assert max(twos.values()) == 2
    everything = searcher.search("user by name", limit=50, per_file=50)
    assert len(set(places(everything))) == len(everything) > sum(twos.values())


def test_the_limit(searcher: Searcher) -> None:
    """A prefix of the longer answer; larger than the index is no error."""
    everything = searcher.search("user", limit=10_000, per_file=10_000)
    assert 5 < len(everything) < 100
    for limit in (1, 3):
        assert places(searcher.search("user", limit=limit, per_file=10_000)) == places(everything)[:limit]


def test_an_unknown_profile(searcher: Searcher) -> None:
    """The message lists those there are."""
    with pytest.raises(UsageError, match=f"unknown profile 'magic'; one of: {', '.join(PROFILE_WEIGHTS)}"):
        searcher.search("x", profile="magic")
    assert DEFAULT_PROFILE in PROFILE_WEIGHTS


@pytest.mark.parametrize("numbers", [{"limit": 0}, {"limit": -1}, {"per_file": 0}])
def test_fewer_answers_than_one(searcher: Searcher, numbers: dict[str, int]) -> None:
    """Nobody asks for none: a slip is said, not answered."""
    with pytest.raises(UsageError, match="at least 1"):
        searcher.search("x", **numbers)  # type: ignore[arg-type]


def test_profiles_differ(searcher: Searcher) -> None:
    """BM25 finds no synonym, the dense leg does."""
    question = "compute circle surface"
    assert "src/geometry.py" not in {hit.path for hit in searcher.search(question, profile="bm25")[:1]}
    assert searcher.search(question, profile="dense")[0].path == "src/geometry.py"
    assert "fused" in searcher.search("get_user", profile="bm25")[0].why


def test_phrases_must_occur(searcher: Searcher) -> None:
    """Literally, all of them, with their case and punctuation."""
    (hit,) = searcher.search('"HTTP 404: not found"', per_file=9)
    assert hit.symbol == "clear"
    assert searcher.search('"http 404: Not Found"') == []
    assert searcher.search('"HTTP 404" "no such text"') == []
    assert {hit.path for hit in searcher.search('user "self.table"')} == {"src/users.py"}


def test_filters(searcher: Searcher) -> None:
    """By language, path, kind and role; each alone and together."""

    def paths(question: str, filters: Filters) -> set[str]:
        return {hit.path for hit in searcher.search(question, limit=50, per_file=50, filters=filters)}

    python = paths("user", Filters(languages=("python",)))
    assert python
    assert all(path.endswith(".py") for path in python)
    assert paths("user", Filters(languages=("go", "markdown"))) == {"src/http/mux.go", "docs/users.md"}
    assert paths("user", Filters(globs=("src/",))) == {p for p in LIBRARY if p.startswith("src/")}
    assert "docs/users.md" not in paths("user", Filters(globs=("!docs/",)))
    assert paths("user", Filters(globs=("*.rs",))) == set()
    assert paths("user", Filters(tests=True)) == {"tests/test_users.py"}
    assert "tests/test_users.py" not in paths("user", Filters(tests=False))
    assert paths("user", Filters(("python",), ("src/",), ("class",), tests=False)) == {"src/users.py"}
    classes = searcher.search("user", limit=50, filters=Filters(kinds=("class",)))
    assert {hit.kind for hit in classes} == {"class"}
    with pytest.raises(UsageError, match="bad glob"):
        searcher.search("user", filters=Filters(globs=("[",)))


def test_tests_come_after_the_code(searcher: Searcher) -> None:
    """A test that says the same in the same words is not the answer."""
    found = [hit.path for hit in searcher.search("one user by name")]
    assert found.index("src/users.py") < found.index("tests/test_users.py")


def test_code_as_a_question(searcher: Searcher) -> None:
    """With a title the question is encoded as code, and what it excludes is not answered."""
    code = LIBRARY["src/geometry.py"].split("\n\n\n")[0]
    query = replace(asked(code), title="area src/geometry", symbol=False)
    best, *_ = searcher.rank(query, "hybrid", 100)
    assert best.symbol == "area"
    again = searcher.answer(replace(query, exclude=frozenset({best.id})), profile="hybrid", per_file=9)
    assert "area" not in {hit.symbol for hit in again}


def test_repositories_do_not_see_each_other(tmp_path: Path, encoder: Encoder) -> None:
    """Two in one store: each gets its own answers, with the scores it would have alone."""
    files = {"src/users.py": LIBRARY["src/users.py"], "a.py": "def only_here(): return get_user\n"}
    answers = []
    for number, repos in enumerate((["one"], ["one", "two"])):
        store = open_store(StoreConfig(tmp_path / str(number), encoder.dim, reserve_bytes=0))
        fill(store, "one", LIBRARY, encoder)
        for repo in repos[1:]:
            fill(store, repo, files, encoder)
            assert {h.path for h in Searcher(store, encoder, repo).search("user", limit=99)} == files.keys()
            assert Searcher(store, encoder, repo).search("Mux")[0].symbol != "Mux"
        searcher = Searcher(store, encoder, "one")
        answers.append([searcher.search(q, limit=99, per_file=99) for q in QUESTIONS])
        assert Searcher(store, encoder, "three").search("user") == []
        store.close()
    alone, shared = answers
    assert [places(hits) for hits in shared] == [places(hits) for hits in alone]
    for hits, same in zip(alone, shared, strict=True):
        assert [hit.score for hit in same] == pytest.approx([hit.score for hit in hits], abs=1e-5)


def test_an_empty_index(tmp_path: Path, encoder: Encoder) -> None:
    """No answers, no errors, with filters too."""
    store = open_store(StoreConfig(tmp_path / "shard", encoder.dim, reserve_bytes=0))
    searcher = Searcher(store, encoder, REPO)
    assert searcher.search("user") == []
    assert searcher.search('"user"', filters=Filters(globs=("!x",))) == []
    store.close()


def test_embedded_and_server_answer_alike(searcher: Searcher, tmp_path: Path, encoder: Encoder) -> None:
    """The same places in the same order, with the same scores up to the precision of the engines."""
    pytest.importorskip("qdrant_client")
    server = open_store(StoreConfig(tmp_path, encoder.dim, url=":memory:"))
    fill(server, REPO, LIBRARY, encoder)
    other = Searcher(server, encoder, REPO)
    for profile in PROFILE_WEIGHTS:
        for question in [*QUESTIONS, 'user "self.table"']:
            here = searcher.search(question, profile=profile, limit=5, per_file=2)
            there = other.search(question, profile=profile, limit=5, per_file=2)
            assert [hit.score for hit in there] == pytest.approx([h.score for h in here], abs=2e-3)
            assert _agree(here, there), (profile, question)
    server.close()


def _agree(here: list[Hit], there: list[Hit]) -> bool:
    """The same order, where scores are further apart than the engines' precision."""
    scores = {(h.path, h.start_line): h.score for h in here}
    return all(
        one == other or abs(scores[one] - scores.get(other, scores[one])) < 2e-3
        for one, other in zip(places(here), places(there), strict=True)
    )


def test_the_same_in_another_process(tmp_path: Path, encoder: Encoder) -> None:
    """Hash seeds change neither order nor scores."""
    store: Store = open_store(StoreConfig(tmp_path / "shard", encoder.dim, reserve_bytes=0))
    fill(store, REPO, LIBRARY, encoder)
    store.close()
    code = (
        "import sys; from pathlib import Path; from indexer.encoding import load\n"
        "from indexer.store import StoreConfig; from indexer.store.storage import open_store\n"
        "from retrieval.searcher import Searcher\n"
        "e = load(); s = open_store(StoreConfig(Path(sys.argv[1]), e.dim, reserve_bytes=0))\n"
        "for q in sys.argv[3:]: print(Searcher(s, e, sys.argv[2]).search(q))\n"
        "s.close()"
    )
    answers = {
        subprocess.run(
            [sys.executable, "-c", code, str(tmp_path / "shard"), REPO, *QUESTIONS],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(answers) == 1
    assert "get_user" in answers.pop()
