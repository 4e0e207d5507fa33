"""Feature matrices of fixed questions, and the files that hold their expected values.

`python -m tests.retrieval.ranking.matrices` rewrites the files. Read their difference before you commit it:
each changed line is a feature whose values changed, and the weights were trained on the old values.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from indexer.encoding import load
from indexer.encoding.types import Encoder
from indexer.index.commits import Past
from indexer.store import Store, StoreConfig
from indexer.store.storage import open_store
from retrieval.continuation.continuer import Continuer
from retrieval.ranking.tree_ensemble import Matrix, TreeEnsemble, Vector
from retrieval.searcher import Searcher

from ..continuation.conftest import SHOP
from ..continuation.cursor import typed
from ..library import LIBRARY, fill
from ..localization.texts import commit, locator

HOME = Path(__file__).parent / "golden"

SEARCHES = ("one user by name", "UserStore.get_user", 'forget "results" that are old', "tests of users")
THING = "def find_thing(self, number):\n    if number not in self.table:\n        ‸\n"
COUNT = "func (c *Cart) Count() int {\n\tn := 0\n\tfor _, item := range c.items {‸\n"
CONTINUATIONS = ((THING, "python", "shop/things.py"), (COUNT, "go", ""))
ISSUES = (
    "A sailor who fell overboard stays in the water\n\nSee `Harbour.rescue` in port/boats.py:\n\n```python\n"
    "harbour.rescue(sailor)\n```\n",
    'Crash\n\n```\nTraceback (most recent call last):\n  File "/srv/port/boats.py", line 13, in anchor\n'
    '    raise ValueError("no boat")\nValueError: no boat to anchor\n```\n',
)
PAST = Past([
    commit(1, "Rescue sailors", ("port/boats.py", "Harbour.rescue")),
    commit(2, "Cut", ("garden/trees.py", "prune")),
])  # fmt: skip

Matrices = dict[str, dict[str, list[float]]]
"""By question and stage, the column of each feature."""


@contextmanager
def recorded(found: Matrices) -> Iterator[list[str]]:
    """A context in which the rows of each prediction are added to `found`.

    The last item of the list that it returns is the name of the current question.
    """
    predict, asked = TreeEnsemble.predict, [""]

    def recording(model: TreeEnsemble, rows: Matrix) -> Vector:
        stage = sum(name.startswith(f"{asked[-1]!r}, ") for name in found) + 1
        found[f"{asked[-1]!r}, stage {stage}"] = {
            name: column.tolist() for name, column in zip(model.names, rows.T, strict=True)
        }
        return predict(model, rows)

    TreeEnsemble.predict = recording  # type: ignore[method-assign]
    try:
        yield asked
    finally:
        TreeEnsemble.predict = predict  # type: ignore[method-assign]


def matrices(folder: Path, encoder: Encoder) -> Mapping[str, Matrices]:
    """The matrices of each task. `folder` is empty."""
    found: dict[str, Matrices] = {"search": {}, "continue": {}, "locate": {}}
    with recorded(found["search"]) as asked, _filled(folder / "library", LIBRARY, encoder) as store:
        for text in SEARCHES:
            asked.append(text)
            Searcher(store, encoder, "").search(text)
    with recorded(found["continue"]) as asked, _filled(folder / "shop", SHOP, encoder) as store:
        for text, language, path in CONTINUATIONS:
            asked.append(text)
            Continuer(store, encoder, "").suggest(*typed(text, language, path))
    with recorded(found["locate"]) as asked:
        harbour = locator(folder / "harbour", PAST)
        for text in ISSUES:
            asked.append(text)
            harbour.locate(text)
    return found


@contextmanager
def _filled(folder: Path, files: Mapping[str, str], encoder: Encoder) -> Iterator[Store]:
    folder.mkdir()
    store = open_store(StoreConfig(folder / "shard", encoder.dim, reserve_bytes=0))
    fill(store, "", files, encoder)
    yield store
    store.close()


def as_text(found: Matrices) -> str:
    """One line per feature: its name, and its values rounded to 6 decimals."""
    lines = []
    for question, columns in found.items():
        lines.append(f"# {question}")
        lines += [f"{name} {' '.join(map(_rounded, column))}" for name, column in columns.items()]
    return "".join(f"{line}\n" for line in lines)


def from_text(text: str) -> Matrices:
    """The matrices in a text that `as_text` made."""
    found: Matrices = {}
    for line in text.splitlines():
        if line.startswith("# "):
            found[line[2:]] = columns = {}
        else:
            name, *values = line.split(" ")
            columns[name] = list(map(float, values))
    return found


def differences(one: Matrices, other: Matrices) -> Sequence[str]:
    """The features whose values differ by more than processors and engines differ."""
    found = [f"question {name}" for name in one.keys() ^ other.keys()]
    for question in one.keys() & other.keys():
        for name in one[question].keys() | other[question].keys():
            a, b = (np.array(side[question].get(name, [])) for side in (one, other))
            if a.shape != b.shape or not np.allclose(a, b, rtol=1e-4, atol=2e-5):
                found.append(f"{name} of {question}: {a.tolist()} is now {b.tolist()}")
    return sorted(found)


def _rounded(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".") if round(value, 6) else "0"


if __name__ == "__main__":
    HOME.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        for task, made in matrices(Path(place), load()).items():
            (HOME / f"{task}.txt").write_text(as_text(made), encoding="utf-8")
