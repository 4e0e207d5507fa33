"""A retrieval data set: documents, questions, and which documents answer which question.

The layout is that of BEIR (Thakur et al., 2021) and CoIR (Li et al., 2024): `corpus.jsonl` with `_id`,
`title`, `text`; `queries.jsonl` with `_id`, `text`; `qrels/*.tsv` with query id, document id and relevance.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from indexer.errors import UsageError
from indexer.parsing.languages import named

from .reading import lines, objects, text_of

SPLIT = "test"
UNKNOWN = ""
"""The language of items for which the data set names none. A wrong guess could exclude right answers."""
_PLACES = ("metadata", "meta_information")


@dataclass(frozen=True, slots=True)
class DatasetDocument:
    """A document to search. `title` is a function's name or "".

    `language` is the name that the indexer uses, or UNKNOWN.
    """

    id: str
    title: str
    text: str
    language: str


@dataclass(frozen=True, slots=True)
class DatasetQuestion:
    """A question. `language` is the name that the indexer uses, or UNKNOWN."""

    id: str
    text: str
    language: str


@dataclass(frozen=True, slots=True)
class Dataset:
    """Documents, the questions that have answers, and the relevance of each question's relevant documents."""

    name: str
    documents: tuple[DatasetDocument, ...]
    questions: tuple[DatasetQuestion, ...]
    relevant: Mapping[str, Mapping[str, int]]

    @property
    def nameless(self) -> tuple[int, int]:
        """The numbers of documents and of questions without a language."""
        documents = sum(row.language == UNKNOWN for row in self.documents)
        return documents, sum(row.language == UNKNOWN for row in self.questions)


def load(folder: Path, split: str = SPLIT) -> Dataset:
    """Read a data set. Questions without a relevant document in this split are left out.

    Raises UsageError if a file is missing, or a row is malformed, is repeated or has an unknown id.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder}: not a folder; name a folder with corpus.jsonl, queries.jsonl and qrels/")
    documents = {row.id: row for row in _documents(folder / "corpus.jsonl")}
    if not documents:
        raise UsageError(f"{folder / 'corpus.jsonl'}: no documents in it; there is nothing to search")
    questions = {row.id: row for row in _questions(folder / "queries.jsonl")}
    judged = _judgements(_qrels(folder, split), documents, questions)
    asked = tuple(question for id, question in questions.items() if id in judged)
    if not asked:
        raise UsageError(
            f"{folder}: no question has a relevant document in split {split!r}; name another split"
        )
    return Dataset(folder.name, tuple(documents.values()), asked, judged)


def _documents(path: Path) -> Iterator[DatasetDocument]:
    for id, row in _rows(path):
        yield DatasetDocument(id, text_of(row.get("title") or ""), text_of(row["text"]), _language(row))


def _questions(path: Path) -> Iterator[DatasetQuestion]:
    for id, row in _rows(path):
        yield DatasetQuestion(id, text_of(row["text"]), _language(row))


def _rows(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """The rows, each with a unique id and a text."""
    seen: dict[str, int] = {}
    for number, row in objects(path):
        for field in ("_id", "text"):
            if not isinstance(row.get(field), str | int):
                raise UsageError(f"{path}:{number}: no {field!r}; every line needs _id and text")
        id = text_of(row["_id"])
        if id in seen:
            raise UsageError(f"{path}:{number}: id {id!r} is on line {seen[id]} too; ids must differ")
        seen[id] = number
        yield id, row


def _language(row: Mapping[str, Any]) -> str:
    """The language in the metadata, or UNKNOWN."""
    for place in (row, *(row.get(name) for name in _PLACES)):
        if isinstance(place, Mapping) and isinstance(place.get("language"), str):
            return _canonical(str(place["language"]).strip().lower())
    return UNKNOWN


def _canonical(name: str) -> str:
    """The indexer's name of a language. Data sets use several names for one language."""
    return named(name) or name


def _qrels(folder: Path, split: str) -> Path:
    """The file of a split. If the default split has no file but there is only one file, returns this file."""
    found = sorted((folder / "qrels").glob("*.tsv"))
    named = folder / "qrels" / f"{split}.tsv"
    if named in found:
        return named
    if len(found) == 1 and split == SPLIT:
        return found[0]
    names = ", ".join(path.stem for path in found) or "none at all"
    raise UsageError(f"{named}: no such file; the splits there are: {names}")


def _judgements(
    path: Path, documents: Mapping[str, DatasetDocument], questions: Mapping[str, DatasetQuestion]
) -> dict[str, dict[str, int]]:
    judged: dict[str, dict[str, int]] = {}
    for number, line in lines(path):
        cells = [cell.strip() for cell in line.split("\t")]
        if number == 1 and len(cells) == 3 and not _is_number(cells[2]):
            continue  # the header
        if len(cells) != 3 or not _is_number(cells[2]):
            raise UsageError(f"{path}:{number}: not 'query id, document id, number' with tabs between")
        question, document, relevance = cells[0], cells[1], int(cells[2])
        for id, known, what in ((question, questions, "query"), (document, documents, "document")):
            if id not in known:
                raise UsageError(f"{path}:{number}: unknown {what} id {id!r}; no {what} line has this id")
        row = judged.setdefault(question, {})
        if row.setdefault(document, relevance) != relevance:
            raise UsageError(f"{path}:{number}: {question!r}, {document!r} has two judgements; keep one")
    positive = {id: {d: r for d, r in row.items() if r > 0} for id, row in judged.items()}
    return {id: row for id, row in positive.items() if row}


def _is_number(text: str) -> bool:
    return text.lstrip("-").isdecimal() and text.isascii()
