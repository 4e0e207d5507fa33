"""From a file to its points."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from indexer.analysis.fragment_points import FILE, fragments, lookup_name, payload, points, title, title_of
from indexer.encoding import bm25, load
from indexer.encoding.types import Vectors
from indexer.fragment import KINDS, Fragment, Skipped, SourceFile
from indexer.parsing.languages import name_of
from indexer.parsing.source import Source, read
from indexer.store import Point
from indexer.store.validate import check_points

PYTHON = '''"""Users."""
import os

LIMIT = 3


class UserStore(Base):
    """Keeps users."""

    def get_user(self, name):
        """One user by name."""
        return self.users[name]

    @property
    def size(self):
        return len(self.users)

    @size.setter
    def size(self, value):
        raise AttributeError(value)


def größe(x):
    return x
'''


class Recorder:
    """An encoder that remembers what it was asked; texts without a "z" have no vector."""

    dim, fingerprint, parallel = 2, "recorder", True

    def __init__(self) -> None:
        self.asked: list[tuple[list[str], list[str]]] = []

    def documents(self, texts: Sequence[str], titles: Sequence[str]) -> Vectors:
        self.asked.append((list(texts), list(titles)))
        return np.array([[1, 0] if "z" in text else [0, 0] for text in texts], np.float32)

    def query(self, text: str) -> Vectors:
        raise NotImplementedError


def source(tmp_path: Path, path: str, content: str | bytes) -> Source:
    location = tmp_path / path
    location.parent.mkdir(parents=True, exist_ok=True)
    location.write_bytes(content.encode() if isinstance(content, str) else content)
    status = location.stat()
    found = read(SourceFile(path, location, status.st_size, status.st_mtime_ns), 1_000_000)
    assert not isinstance(found, Skipped), found
    return found


def analysed(
    tmp_path: Path, path: str = "src/user_store.py", content: str | bytes = PYTHON
) -> tuple[list[Fragment], list[Point]]:
    file = source(tmp_path, path, content)
    language = name_of(path, file.text[:100])
    found = fragments(file, "repo", language)
    return found, points(file, "repo", language, found, load())


def terms(point: Point, vector: str = "lexical") -> set[int]:
    return set(point.sparse[vector].indices.tolist()) if vector in point.sparse else set()


def test_one_point_a_fragment_and_one_for_the_file(tmp_path: Path) -> None:
    """In order, with unique ids, accepted by the store."""
    found, made = analysed(tmp_path)
    assert [point.id for point in made[:-1]] == [fragment.id for fragment in found]
    assert [point.payload["kind"] for point in made].count(FILE) == 1
    assert made[-1].payload["kind"] == FILE
    assert FILE not in KINDS
    check_points(made, load().dim)


def test_ordinals_tell_namesakes_apart(tmp_path: Path) -> None:
    """A getter and its setter share path, kind and symbol, and still have ids of their own."""
    found, _ = analysed(tmp_path)
    sizes = [f.ordinal for f in found if f.symbol == "UserStore.size"]
    assert sizes == [0, 1]


def test_ids_are_the_same_everywhere(tmp_path: Path) -> None:
    """They depend on repository, path and symbol, not on the machine, the folder or the time."""
    first = [point.id for point in analysed(tmp_path / "a")[1]]
    assert first == [point.id for point in analysed(tmp_path / "b")[1]]
    assert not set(first) & {point.id for point in analysed(tmp_path, "src/other.py")[1]}


def test_the_payload_shows_a_hit_without_the_file(tmp_path: Path) -> None:
    """Text, place, names and role; nothing about this machine."""
    found, made = analysed(tmp_path)
    by_symbol = {point.payload["symbol"]: point.payload for point in made[:-1]}
    method = by_symbol["UserStore.get_user"]
    assert method["name"] == "get_user"
    assert method["text"].lstrip().startswith("def get_user")
    lines = PYTHON.splitlines()[method["start_line"] - 1 : method["end_line"]]
    assert lines == method["text"].rstrip().splitlines()
    assert PYTHON.encode()[method["start_byte"] : method["end_byte"]].decode() == method["text"]
    assert set(by_symbol["UserStore"]["members"]) == {"get_user", "size"}
    assert str(tmp_path) not in str([point.payload for point in made])
    assert payload(found[0]) == made[0].payload


def test_names_are_for_any_spelling() -> None:
    """Lower case, qualified and last part; decomposed letters composed."""
    assert lookup_name("") == ""
    assert lookup_name("Mux") == "mux"
    assert lookup_name("Mux.Handle") == "handle"
    assert lookup_name("a.b.C") == "c"
    assert lookup_name(unicodedata.normalize("NFD", "Größe")) == "größe"


def test_titles() -> None:
    """Name, members and path without its ending, whatever the path looks like."""
    assert title("A.b", (), "src/x.py") == "A.b src/x"
    assert title("A", ("m", "n"), "x.tar.gz") == "A m n x.tar"
    assert title("", (), ".gitignore").strip() == ".gitignore"
    assert title("", (), "dir.d/Makefile").strip() == "dir.d/Makefile"
    assert title("A", [f"m{i}" for i in range(99)], "x.py").count("m") == 40


def test_a_title_can_be_made_from_a_stored_point(tmp_path: Path) -> None:
    """Where vectors come later, they are the same as at once."""
    found, made = analysed(tmp_path)
    for fragment, point in zip(found, made, strict=False):
        assert title_of(point.payload) == title(fragment.symbol, fragment.members, fragment.path)


def test_the_lexical_vector_has_all_fields(tmp_path: Path) -> None:
    """Body, qualified name, members, path and docstring can each be found."""
    _, made = analysed(tmp_path)
    header = next(p for p in made if p.payload["symbol"] == "UserStore")
    for word in ("Base", "UserStore", "get_user", "size", "src", "user_store", "Keeps"):
        assert set(bm25.terms(word)) <= terms(header), word
    method = next(p for p in made if p.payload["symbol"] == "UserStore.get_user")
    assert set(bm25.terms("UserStore")) <= terms(method)
    assert bm25.term("base") not in terms(method)


def test_the_file_has_the_terms_of_all_its_fragments(tmp_path: Path) -> None:
    """One vector over the whole file and its path; the fragments' vectors are not on its point."""
    _, made = analysed(tmp_path)
    file = made[-1]
    assert file.sparse.keys() == {"file"}
    assert file.dense is None
    assert terms(file, "file") == set(bm25.count(PYTHON)) | set(bm25.count("src/user_store.py"))
    assert file.payload["symbols"] == ["UserStore", "UserStore.get_user", "UserStore.size", "größe"]
    assert file.payload["lines"] == PYTHON.count("\n")


def test_roles_and_languages_are_noted(tmp_path: Path) -> None:
    """A test file's fragments and its point say so."""
    _, made = analysed(tmp_path, "tests/test_users.py", "def test_it():\n    assert 1\n")
    assert {point.payload["is_test"] for point in made} == {True}
    assert {point.payload["language"] for point in made} == {"python"}
    assert {point.payload["is_test"] for point in analysed(tmp_path)[1]} == {False}


@pytest.mark.parametrize("content", ["", "\n\n \n"])
def test_a_file_without_text(tmp_path: Path, content: str) -> None:
    """No fragments, but the file is known, by its path."""
    found, made = analysed(tmp_path, "src/__init__.py", content)
    assert found == []
    assert len(made) == 1
    assert made[0].payload["lines"] == 0
    assert bm25.term("src") in terms(made[0], "file")


def test_a_text_without_words_has_no_vectors(tmp_path: Path) -> None:
    """Punctuation is stored and shown; there is nothing to find it by but its path."""
    _, made = analysed(tmp_path, "日.txt", "}}}\n;;;\n")
    assert made[0].payload["text"].startswith("}}}")
    check_points(made, load().dim)
    assert terms(made[0]) == set(bm25.count("日.txt"))


def test_other_encodings_and_line_ends(tmp_path: Path) -> None:
    """A UTF-16 file with CRLF: text decoded, offsets those of the file on disk."""
    content = "def naïve():\r\n    return 'ß'\r\n"
    found, made = analysed(tmp_path, "a.py", content.encode("utf-16"))
    assert found[0].symbol == "naïve"
    assert made[0].payload["text"].rstrip() == content.rstrip()
    assert found[0].span.start_byte == 2
    assert set(bm25.terms("naïve")) <= terms(made[0])


def test_encoding_in_batches(tmp_path: Path) -> None:
    """Every fragment is encoded once, in order, a few at a time; rows of zeros become no vector."""
    file = source(
        tmp_path, "a.py", "".join(f"def {'z' if i % 2 else 'x'}{i}():\n    pass\n\n" for i in range(150))
    )
    found = fragments(file, "repo", "python")
    recorder = Recorder()
    made = points(file, "repo", "python", found, recorder)
    assert [text for texts, _ in recorder.asked for text in texts] == [f.text for f in found]
    assert max(len(texts) for texts, _ in recorder.asked) <= 64
    for fragment, point in zip(found, made, strict=False):
        assert (point.dense is not None) == ("z" in fragment.text)


def test_without_an_encoder_vectors_come_later(tmp_path: Path) -> None:
    """A shared model encodes elsewhere; everything else is there."""
    file = source(tmp_path, "a.py", PYTHON)
    found = fragments(file, "repo", "python")
    made = points(file, "repo", "python", found, None)
    assert all(point.dense is None for point in made)
    assert all(terms(point) for point in made[:-1])


def test_an_incremental_index_equals_a_fresh_one(tmp_path: Path) -> None:
    """Points depend on their file alone: the same again, whatever was analysed in between."""
    first = analysed(tmp_path)[1]
    analysed(tmp_path, "other.py", "def f(): return get_user\n" * 50)
    for one, other in zip(first, analysed(tmp_path)[1], strict=True):
        assert (one.id, one.payload) == (other.id, other.payload)
        assert one.dense is other.dense is None or (one.dense == other.dense).all()  # type: ignore[union-attr]
        assert Counter(terms(one)) == Counter(terms(other))
