"""Finding what evaluation data holds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from indexer.errors import UsageError
from research.datasets.functions import cut
from research.mining import excluded, fingerprints, leaks

from ...repositories import isolate, repository, write
from .clones import MIT, function, module


@pytest.fixture(autouse=True)
def _isolated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    isolate(monkeypatch, tmp_path / "home")


def _reason(known: leaks.Known, text: str) -> str:
    return known.reasons([fingerprints.of(fingerprints.code(text))])[0]


def _dataset(folder: Path, documents: dict[str, str], queries: dict[str, str], qrels: str) -> Path:
    def rows(texts: dict[str, str]) -> str:
        return "".join(json.dumps({"_id": id, "text": text}) + "\n" for id, text in texts.items())

    files = {"corpus.jsonl": rows(documents), "queries.jsonl": rows(queries), "qrels/test.tsv": qrels}
    return write(folder, files)


def _collect(*paths: Path) -> leaks.Known:
    return excluded.collect(paths, 1, 60.0, lambda line: None)


def test_a_whole_function(tmp_path: Path) -> None:
    """Also with other white space, other comments, and other signs between the same names."""
    known = _collect(
        _dataset(tmp_path / "nl", {"d": function("alpha", document=False)}, {"q": "What is it?"}, "")
    )
    alpha = function("alpha", document=False)
    assert _reason(known, alpha) == "same text"
    assert _reason(known, alpha.replace("    ", "\t").replace("\n", "  # why\n")) == "same text"
    assert _reason(known, alpha.replace(", ", " , ").replace(" = ", ' = """no""" ')) == "same text"
    assert _reason(known, alpha.replace("(argument)", "(argument,)")) == "same identifiers"
    assert _reason(known, function("beta", document=False)) == ""


def test_a_function_in_two_parts(tmp_path: Path) -> None:
    """The question is its beginning and the document its end; a joined pair is known as a whole, too."""
    parts = cut(function("alpha", document=False), 0)
    assert parts is not None
    rows = {"d": parts[1], "e": "return x"}, {"q": parts[0], "r": "def f(x):"}
    known = _collect(_dataset(tmp_path / "ccr", *rows, "query-id\tcorpus-id\tscore\nq\td\t1\n"))
    assert _reason(known, function("alpha", document=False)) == "same text"
    assert _reason(known, parts[0] + "\n    something_else()\n") == "begins with a question"
    assert _reason(known, "def other(argument):\n    different()\n" + parts[1]) == "ends with an answer"
    assert _reason(known, "def f(x):\n    y = call(x)\n    return x\n") == ""


def test_source_trees_clones_and_hashes(tmp_path: Path) -> None:
    """All are read; the hashes of all of them are the same data again."""
    write(tmp_path / "trees" / "one", {"a.py": function("alpha")})
    repository(tmp_path / "clones" / "two", {"LICENSE": MIT, "b.py": module("beta")})
    known = _collect(tmp_path / "trees", tmp_path / "clones")
    assert len(known.roots) == 1
    leaks.save(known, tmp_path / "all.hashes")
    again = _collect(tmp_path / "all.hashes")
    leaks.save(again, tmp_path / "again.hashes")
    assert (tmp_path / "all.hashes").read_bytes() == (tmp_path / "again.hashes").read_bytes()
    for one in (known, again):
        assert [_reason(one, function(name)) for name in ("alpha", "beta", "gamma")] == ["same text"] * 2 + [
            ""
        ]


def test_what_is_no_data(tmp_path: Path) -> None:
    """One line, with the file and what to name instead."""
    (tmp_path / "bad.hashes").write_text("nothing")
    (tmp_path / "empty").mkdir()
    for path, words in (
        (tmp_path / "bad.hashes", "not a file of hashes"),
        (tmp_path / "gone.hashes", "not a file of hashes"),
        (tmp_path / "gone", "not a folder"),
        (tmp_path / "empty", "nothing in it to leave out"),
    ):
        with pytest.raises(UsageError, match=words):
            _collect(path)


def test_a_clone_is_known_by_its_functions(tmp_path: Path) -> None:
    """Twenty of them, and a fifth of all."""
    assert [leaks.is_copy(*pair) for pair in ((19, 19), (20, 100), (20, 101), (0, 0))] == [
        False,
        True,
        False,
        False,
    ]
