"""Small data sets, written by the tests that use them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from indexer.encoding import load
from indexer.encoding.types import Encoder

Rows = Sequence[Mapping[str, Any]]

_CODE = {
    "hash_password": "def hash_password(password, salt):\n    return scrypt(password, salt)\n",
    "retry_delay": "def retry_delay(attempt):\n    return 100 << attempt\n",
    "open_socket": "def open_socket(host, port):\n    return connect(host, port)\n",
    "parse_header": "def parse_header(line):\n    name, value = line.split(':')\n",
    "draw_circle": "def draw_circle(canvas, radius):\n    canvas.arc(radius)\n",
}
DOCUMENTS: Rows = tuple(
    {"_id": f"d{n}", "title": name, "text": text} for n, (name, text) in enumerate(_CODE.items(), 1)
)
QUERIES: Rows = (
    {"_id": "q1", "text": "hash a password with salt"},
    {"_id": "q2", "text": "delay before the next retry attempt"},
    {"_id": "q3", "text": "draw a circle of some radius on the canvas"},
)
QRELS = (("q1", "d1", 1), ("q2", "d2", 1), ("q3", "d5", 1))
HEAD = "query-id\tcorpus-id\tscore"


def write(
    folder: Path,
    documents: Rows = DOCUMENTS,
    queries: Rows = QUERIES,
    qrels: Sequence[tuple[str, str, int]] = QRELS,
) -> Path:
    """A data set in BEIR's layout."""
    (folder / "qrels").mkdir(parents=True)
    for name, rows in (("corpus", documents), ("queries", queries)):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    lines = [HEAD, *("\t".join(map(str, row)) for row in qrels)]
    (folder / "qrels" / "test.tsv").write_text("\n".join(lines) + "\n")
    return folder


def encoder() -> Encoder:
    """The bundled model."""
    return load()


def perfect(count: int) -> tuple[Rows, Rows, list[tuple[str, str, int]]]:
    """Documents with a word each that no other has, and a question for it: nothing can be confused."""
    words = [f"word{chr(97 + n // 26)}{chr(97 + n % 26)}q" for n in range(count)]
    documents = [{"_id": f"d{n}", "title": "", "text": f"the {word} thing"} for n, word in enumerate(words)]
    queries = [{"_id": f"q{n}", "text": f"which {word}"} for n, word in enumerate(words)]
    return documents, queries, [(f"q{n}", f"d{n}", 1) for n in range(count)]
