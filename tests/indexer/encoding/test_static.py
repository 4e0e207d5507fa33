"""The static embedding: the bundled model, a toy one by hand, and damaged ones."""

from __future__ import annotations

import hashlib
import json
import math
import os
import shutil
import subprocess
import sys
import time
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import indexer
from indexer.encoding import BUNDLED, load
from indexer.encoding.static import BytePairs, StaticEncoder
from indexer.encoding.types import normalise
from indexer.errors import ModelError

from .weights import ALPHABET, MERGES, ROWS, SCALES, write

FOLDER = Path(indexer.__file__).parent / "encoding" / "weights" / BUNDLED
TEXTS = [
    "def get_user_name(user):\n    return user.name",
    "class HTTPServer:\n    def serve_forever(self): ...",
    "имяПользователя = 日本語(テスト)",
    "",
    "}});\n\n",
]
ANY = st.text(st.characters(exclude_categories=()), max_size=80)


@pytest.fixture(scope="module")
def bundled() -> StaticEncoder:
    encoder = load()
    assert isinstance(encoder, StaticEncoder)
    return encoder


@pytest.fixture
def toy(tmp_path: Path) -> StaticEncoder:
    return StaticEncoder(write(tmp_path / "toy"))


def unit(*values: float) -> Any:
    return pytest.approx(np.array(values) / np.linalg.norm(values), abs=1e-6)


def pieces(word: str, max_pieces: int = 9) -> tuple[int, ...] | None:
    return BytePairs(ALPHABET, np.array(MERGES, np.uint16), max_chars=6, max_pieces=max_pieces).split(word)


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("a", (1,)),
        ("b", (2,)),
        ("ab", (6,)),
        ("abc", (7,)),
        ("ba", (2, 3)),
        ("bab", (2, 8)),
        ("abab", (6, 8)),
        ("aab", (1, 8)),
        ("abcc", (7, 5)),
        ("abcabc", (7, 8, 5)),
        ("abcabcbbbb", (7, 8, 5)),  # six characters are read
        ("c", None),
        ("ca", None),
        ("abd", None),
        ("é", None),
        ("", ()),
    ],
)
def test_byte_pairs_by_hand(word: str, expected: tuple[int, ...] | None) -> None:
    """The earliest learned merge first; a letter outside the alphabet means the word cannot be spelled."""
    assert pieces(word) == expected


def test_the_number_of_pieces_is_limited() -> None:
    """A word is at most so many pieces, counted from its start."""
    assert pieces("abcabc", max_pieces=2) == (7, 8)


def test_rows_are_added_by_hand(toy: StaticEncoder) -> None:
    """Row times scale, weighted by 1 + ln(count), then normalised."""
    assert toy.query("ab") == unit(3, 4)
    assert toy.query("b a") == unit(1, 1)
    damped = 1 + math.log(2)
    assert toy.query("ab ab b") == unit(1.5 * damped, 2 * damped + 1)
    # camelCase: "ab" and "abc".
    assert toy.query("abAbc") == unit(1.5 - 4, 2 + 3)
    # "bab" is b + ##ab; with "b" the piece b counts twice, across words.
    assert toy.query("bab b") == unit(10, damped)


def test_titles_count_by_their_weight(toy: StaticEncoder) -> None:
    """A fragment is its text and half its title, both normalised before."""
    (both,) = toy.documents(["b"], ["ab"])
    assert both == unit(0.5 * 0.6, 1 + 0.5 * 0.8)
    assert toy.documents(["", "b"], ["ab", ""]) == pytest.approx(np.array([[0.6, 0.8], [0, 1]]), abs=1e-6)


def test_only_the_first_words_are_read(toy: StaticEncoder) -> None:
    """A long text is its first four different words, each with all its occurrences."""
    head = "a b ab ba "
    assert toy.query(head + "abc abc") == pytest.approx(toy.query(head))
    assert toy.query(head + "abc a a") == pytest.approx(toy.query(head + "a a"))


def test_foreign_words_match_themselves_alone(bundled: StaticEncoder) -> None:
    """A word that the alphabet cannot spell has a direction of its own, the same everywhere."""
    vectors = {word: bundled.query(word) for word in ("пользователь", "имя", "日本", "größe", "user", "size")}
    for one, a in vectors.items():
        for other, b in vectors.items():
            expected = 1.0 if one == other else 0.0
            assert float(a @ b) == pytest.approx(expected, abs=1e-6 if one == other else 0.25)
    assert bundled.query("имя Имя") == pytest.approx(vectors["имя"], abs=1e-6)
    assert float(bundled.query("получить имя user") @ vectors["имя"]) > 0.3


def test_composed_and_decomposed_are_one(bundled: StaticEncoder) -> None:
    """The dense front end normalises like the lexical one."""
    text = "größe = naïveBayes(tiếng_Việt) # हिन्दी"
    forms = [bundled.query(unicodedata.normalize(form, text)) for form in ("NFC", "NFD")]
    assert (forms[0] == forms[1]).all()


def test_meaning_orders(bundled: StaticEncoder) -> None:
    """The bundled model knows which function answers a question better, by words it does not contain."""
    code = bundled.documents(
        ["def fetch(url):\n    return urlopen(url).read()", "def area(r):\n    return math.pi * r ** 2"],
        ["fetch net", "area geometry"],
    )
    scores = code @ bundled.query("download a web page over http")
    assert scores[0] > scores[1] + 0.1


def test_vectors_have_length_one(bundled: StaticEncoder) -> None:
    """Unit length for text with words, zeros for text without; of the promised type and shape."""
    vectors = bundled.documents(TEXTS, [""] * len(TEXTS))
    assert vectors.dtype == np.float32
    assert vectors.shape == (len(TEXTS), bundled.dim)
    norms = np.linalg.norm(vectors, axis=1)
    assert norms == pytest.approx([1, 1, 1, 0, 0], abs=1e-6)
    assert bundled.documents([], []).shape == (0, bundled.dim)
    assert bundled.query("x").shape == (bundled.dim,)


@pytest.mark.slow
@given(st.lists(st.tuples(ANY, ANY), max_size=4))
def test_no_text_gives_nan(texts: list[tuple[str, str]]) -> None:
    """Whatever is written, rows are finite and of length one or zero."""
    vectors = load().documents([text for text, _ in texts], [title for _, title in texts])
    assert np.isfinite(vectors).all()
    norms = np.linalg.norm(vectors, axis=1)
    assert (np.isclose(norms, 1, atol=1e-5) | (norms == 0)).all()


def test_texts_do_not_influence_each_other(bundled: StaticEncoder) -> None:
    """A batch gives, bit for bit, what the texts give alone: an incremental index equals a fresh one."""
    together = bundled.documents(TEXTS, TEXTS[::-1])
    for i, (text, title) in enumerate(zip(TEXTS, TEXTS[::-1], strict=True)):
        assert (bundled.documents([text], [title])[0] == together[i]).all()


def test_texts_and_titles_come_in_pairs(bundled: StaticEncoder) -> None:
    """A missing title is a mistake of the caller, not a shorter answer."""
    with pytest.raises(ValueError, match=r"shape|broadcast"):
        bundled.documents(["a", "b"], ["a", "b", "c"])


def test_the_same_in_another_process(bundled: StaticEncoder) -> None:
    """Bit for bit, whatever the hash seed and however many threads numpy may use."""
    code = (
        "import json, sys; from indexer.encoding import load\n"
        "texts = json.loads(sys.argv[1]); e = load()\n"
        "print(e.fingerprint, e.documents(texts, texts).tobytes().hex())"
    )
    expected = f"{bundled.fingerprint} {bundled.documents(TEXTS, TEXTS).tobytes().hex()}\n"
    for seed, threads in (("1", "1"), ("2", "4")):
        env = {**os.environ, "PYTHONHASHSEED": seed, "OPENBLAS_NUM_THREADS": threads}
        command = [sys.executable, "-c", code, json.dumps(TEXTS)]
        assert subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout == expected


def test_loading_is_fast() -> None:
    """The table is mapped, not read: every command pays for this. It takes some hundredths of a second."""
    loaded = load(BUNDLED)
    assert isinstance(loaded, StaticEncoder)
    assert isinstance(loaded._table.base, np.memmap)
    times = []
    for _ in range(5):
        start = time.process_time()
        load().query("get user name")
        times.append(time.process_time() - start)
    assert min(times) < 0.5


def test_the_checksums_are_those_of_the_files() -> None:
    """model.json vouches for the arrays beside it; it is not checked at every start."""
    meta = json.loads((FOLDER / "model.json").read_text("utf-8"))
    assert meta["name"] == BUNDLED
    assert set(meta["sha256"]) == {path.name for path in FOLDER.glob("*.npy")}
    for name, digest in meta["sha256"].items():
        assert hashlib.sha256((FOLDER / name).read_bytes()).hexdigest() == digest
    assert "## Sources" in (FOLDER / "card.md").read_text("utf-8")


def test_names_and_folders(tmp_path: Path) -> None:
    """ "" and the name mean the bundled model; a folder with model.json is a static model."""
    write(tmp_path / "toy")
    assert load("").fingerprint == load(BUNDLED).fingerprint
    assert load("").parallel
    assert load(str(tmp_path / "toy")).dim == 2


def test_the_fingerprint_follows_whatever_matters(tmp_path: Path) -> None:
    """Another table, another weight of titles: other vectors, so another fingerprint. A copy has the same."""
    base = StaticEncoder(write(tmp_path / "a")).fingerprint
    assert StaticEncoder(write(tmp_path / "b")).fingerprint == base
    assert StaticEncoder(write(tmp_path / "c", title_weight=0.4)).fingerprint != base
    sums = {"table.npy": _digest(write(tmp_path / "d") / "table.npy")}
    assert StaticEncoder(write(tmp_path / "d", sha256=sums)).fingerprint != base
    odd = StaticEncoder(write(tmp_path / "e", name="../my model/é")).fingerprint
    assert "/" not in odd
    assert " " not in odd


def test_a_file_that_was_changed_is_refused(tmp_path: Path) -> None:
    """One flipped bit in a table would only make answers worse, and nobody would know."""
    folder = write(tmp_path / "m")
    sums = {name: _digest(folder / name) for name in ("table.npy", "scales.npy", "merges.npy")}
    write(folder, sha256=sums)
    StaticEncoder(folder)
    content = bytearray((folder / "table.npy").read_bytes())
    content[-1] ^= 1
    (folder / "table.npy").write_bytes(content)
    with pytest.raises(ModelError, match=r"table\.npy does not have the checksum in model\.json"):
        StaticEncoder(folder)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _cut(name: str, size: int) -> Callable[[Path], object]:
    return lambda folder: os.truncate(folder / name, size)


def _put(name: str, content: bytes) -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_bytes(content)


def _with(**changes: Any) -> Callable[[Path], object]:
    return lambda folder: write(folder, **changes)


BAD_SCALES = np.where(np.arange(len(SCALES)) == 3, np.float32("nan"), SCALES)
DAMAGES: dict[str, Callable[[Path], object]] = {
    "no table": lambda folder: (folder / "table.npy").unlink(),
    "no scales": lambda folder: (folder / "scales.npy").unlink(),
    "no merges": lambda folder: (folder / "merges.npy").unlink(),
    "empty table": _cut("table.npy", 0),
    "cut table": _cut("table.npy", 130),
    "cut header": _cut("table.npy", 40),
    "empty scales": _cut("scales.npy", 0),
    "cut scales": _cut("scales.npy", 140),
    "cut merges": _cut("merges.npy", 130),
    "a zip": _put("scales.npy", b"PK\x03\x04 and so on"),
    "a pickle": lambda folder: np.save(folder / "scales.npy", np.array([{}]), allow_pickle=True),
    "no json": _put("model.json", b"{"),
    "json of another kind": _put("model.json", b"[]"),
    "json that is no text": _put("model.json", b"\xff\xfe"),
    "deep json": _put("model.json", b"[" * 100_000),
    "nothing said": _put("model.json", b"{}"),
    "a later format": _with(format=2),
    "a text for a number": _with(dim="two"),
    "another dim": _with(dim=3),
    "no alphabet": _with(alphabet=None),
    "a number for a name": _with(name=3),
    "endless titles": _with(title_weight=float("inf")),
    "no number for titles": _with(title_weight=float("nan")),
    "fewer rows": _with(table=ROWS[:-1], scales=SCALES[:-1]),
    "floats in the table": _with(table=ROWS.astype(np.float32)),
    "nan in the scales": _with(scales=BAD_SCALES),
    "flat merges": _with(merges=np.array([1, 4, 6, 5], np.uint16)),
    "a merge of what comes later": _with(merges=np.array([(1, 4), (8, 5), (3, 4)], np.uint16)),
    "a merge of nothing": _with(merges=np.array([(0, 4)], np.uint16)),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_damaged_models_are_refused(tmp_path: Path, damage: Callable[[Path], object]) -> None:
    """When it is loaded, in one line that names the folder and says what to do; never while encoding."""
    damage(write(tmp_path / "toy"))
    with pytest.raises(ModelError) as caught:
        load(str(tmp_path / "toy"))
    message = str(caught.value)
    assert message.startswith(f"{tmp_path / 'toy'}: not a usable static model (")
    assert "reinstall cornea or name another model" in message
    assert "\n" not in message


def test_a_missing_bundle_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package without its weights says so."""
    monkeypatch.setattr("indexer.encoding._WEIGHTS", tmp_path)
    with pytest.raises(ModelError, match=r"No such file.*reinstall cornea"):
        load()


def test_an_unknown_home_is_explained() -> None:
    """`~nobody/model` cannot be expanded."""
    with pytest.raises(ModelError, match="whole path"):
        load("~no-such-user-here/model")


def test_weights_may_be_read_only(tmp_path: Path) -> None:
    """An installed package often is."""
    folder = shutil.copytree(FOLDER, tmp_path / "copy")
    for file in folder.iterdir():
        file.chmod(0o444)
    assert StaticEncoder(folder).query("x").any()


def test_normalise_knows_no_overflow() -> None:
    """Huge and tiny rows have length one, too; zeros stay."""
    rows = np.array([[3e30, 4e30], [3e-30, 4e-30], [0, 0], [1e-45, 0]], np.float32)
    assert normalise(rows) == pytest.approx(np.array([[0.6, 0.8], [0.6, 0.8], [0, 0], [1, 0]]), abs=1e-6)
    assert normalise(rows).dtype == np.float32
