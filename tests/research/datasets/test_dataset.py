"""Reading data sets: what is there, and one line for whatever is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.errors import UsageError
from research.datasets.dataset import load

from ..benchmarks.sets import DOCUMENTS, HEAD, QUERIES, write


def test_a_data_set(tmp_path: Path) -> None:
    """Documents, questions with answers, judgements."""
    extra = {"_id": "q9", "text": "nobody knows"}
    data = load(write(tmp_path / "set", queries=(*QUERIES, extra)))
    assert data.name == "set"
    assert [row.id for row in data.documents] == ["d1", "d2", "d3", "d4", "d5"]
    assert [row.id for row in data.questions] == ["q1", "q2", "q3"]
    assert data.relevant == {"q1": {"d1": 1}, "q2": {"d2": 1}, "q3": {"d5": 1}}
    assert data.documents[0].title == "hash_password"


def test_the_language(tmp_path: Path) -> None:
    """The metadata's where given, by the indexer's name for it, else none: a guess is often wrong."""
    rows = [
        {"_id": "a", "text": "x", "metadata": {"language": "Go"}},
        {"_id": "b", "text": "x", "language": "java"},
        {"_id": "c", "text": "def f(self):\n    if self.x is None:\n        return 1\n"},
        {"_id": "d", "text": "Plain words about something."},
        {"_id": "e", "text": "x", "language": "C++"},
        {"_id": "f", "text": "x", "language": "klingon"},
        {"_id": "g", "text": "x", "language": None},
    ]
    data = load(write(tmp_path / "set", rows, [{"_id": "q", "text": "x"}], [("q", "a", 1)]))
    assert [row.language for row in data.documents] == ["go", "java", "", "", "cpp", "klingon", ""]


def test_numbers_as_ids_and_odd_text(tmp_path: Path) -> None:
    """Ids may be numbers, a title may be null, half a surrogate is replaced."""
    rows = [{"_id": 7, "title": None, "text": "x \ud800"}]
    data = load(write(tmp_path / "set", rows, [{"_id": 1, "text": "x"}], [("1", "7", 1)]))
    assert data.documents[0].id == "7"
    assert data.documents[0].title == ""
    assert data.documents[0].text == "x ?"


def test_zero_is_not_relevant(tmp_path: Path) -> None:
    """A judgement of 0 is none; a question with only such is left out."""
    folder = write(tmp_path / "set", qrels=[("q1", "d1", 1), ("q1", "d2", 0), ("q2", "d2", 0)])
    data = load(folder)
    assert data.relevant == {"q1": {"d1": 1}}
    assert [row.id for row in data.questions] == ["q1"]


def test_splits(tmp_path: Path) -> None:
    """The test split by default; the only one where there is one; another by name."""
    folder = write(tmp_path / "set")
    test = folder / "qrels" / "test.tsv"
    test.rename(folder / "qrels" / "dev.tsv")
    assert len(load(folder).questions) == 3
    test.write_text(f"{HEAD}\nq1\td1\t1\n")
    assert len(load(folder).questions) == 1
    assert len(load(folder, "dev").questions) == 3
    with pytest.raises(UsageError, match=r"train\.tsv: no such file; the splits there are: dev, test"):
        load(folder, "train")


def test_judgements_without_a_head(tmp_path: Path) -> None:
    """The first line counts when its third cell is a number."""
    folder = write(tmp_path / "set")
    (folder / "qrels" / "test.tsv").write_text("q1\td1\t1\n")
    assert load(folder).relevant == {"q1": {"d1": 1}}


def _spoilt(folder: Path, name: str, line: int, text: str) -> Path:
    path = folder / name
    rows = path.read_text().splitlines()
    rows[line - 1 :] = [text, *rows[line:]]
    path.write_text("\n".join(rows) + "\n")
    return folder


@pytest.mark.parametrize(
    ("name", "line", "text", "message"),
    [
        ("corpus.jsonl", 2, "{oops", r"corpus\.jsonl:2: not JSON"),
        ("corpus.jsonl", 3, "[1]", r"corpus\.jsonl:3: a JSON list; every line must be an object"),
        ("corpus.jsonl", 2, '{"_id": "d2"}', r"corpus\.jsonl:2: no 'text'"),
        ("corpus.jsonl", 2, '{"text": "x"}', r"corpus\.jsonl:2: no '_id'"),
        ("corpus.jsonl", 4, '{"_id": "d2", "text": "x"}', r"corpus\.jsonl:4: id 'd2' is on line 2 too"),
        ("queries.jsonl", 2, '{"_id": "q1", "text": "x"}', r"queries\.jsonl:2: id 'q1' is on line 1 too"),
        ("queries.jsonl", 1, "nothing", r"queries\.jsonl:1: not JSON"),
        ("qrels/test.tsv", 3, "q1\td9\t1", r"test\.tsv:3: unknown document id 'd9'"),
        ("qrels/test.tsv", 3, "q8\td1\t1", r"test\.tsv:3: unknown query id 'q8'"),
        ("qrels/test.tsv", 3, "q1 d1 1", r"test\.tsv:3: not 'query id, document id, number'"),
        ("qrels/test.tsv", 3, "q1\td1\tmuch", r"test\.tsv:3: not 'query id, document id, number'"),
        ("qrels/test.tsv", 3, "q1\td1\t2", r"test\.tsv:3: 'q1', 'd1' has two judgements"),
    ],
)
def test_bad_lines(tmp_path: Path, name: str, line: int, text: str, message: str) -> None:
    """One line that names the file and the line."""
    folder = _spoilt(write(tmp_path / "set"), name, line, text)
    with pytest.raises(UsageError, match=message) as caught:
        load(folder)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["corpus.jsonl", "queries.jsonl", "qrels/test.tsv"])
def test_missing_files(tmp_path: Path, name: str) -> None:
    """Each is named."""
    folder = write(tmp_path / "set")
    (folder / name).unlink()
    with pytest.raises(UsageError, match=f"{name}: no such file"):
        load(folder)


def test_nothing_to_search(tmp_path: Path) -> None:
    """An empty corpus, a folder that is none, judgements that find nothing relevant."""
    with pytest.raises(UsageError, match=r"corpus\.jsonl: no documents"):
        load(write(tmp_path / "empty", documents=(), qrels=()))
    with pytest.raises(UsageError, match="nowhere: not a folder"):
        load(tmp_path / "nowhere")
    with pytest.raises(UsageError, match="no question has a relevant document"):
        load(write(tmp_path / "none", qrels=()))


def test_bytes_that_are_not_utf8(tmp_path: Path) -> None:
    """The line is named."""
    folder = write(tmp_path / "set", DOCUMENTS)
    with (folder / "corpus.jsonl").open("ab") as file:
        file.write(b'{"_id": "d9", "text": "\xff"}\n')
    with pytest.raises(UsageError, match=r"corpus\.jsonl:6: not UTF-8"):
        load(folder)
