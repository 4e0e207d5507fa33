"""`cornea train all` from toy clones to an encoder, as people run it."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest

from indexer.encoding.static import StaticEncoder
from indexer.errors import UsageError
from research.encoder import plan

from ...e2e.cli import Cli
from ...repositories import isolate, repository
from ..mining.clones import MIT

pytest.importorskip("tokenizers")
pytest.importorskip("scipy")

CONFIG = """
name = "toy-v1"

[tokens]
size = 600

[filter]
top = 40
cosine = -1.0

[warm]
dim = 24
draws = 9000
batch = 64
rate = 0.05

[hard]
draws = 1500
batch = 64
rate = 0.01
"""

SPOKEN = (
    "discount invoice courier orchard lantern voyage harvest saddle bottle carpet meadow pencil "
    "guitar anchor castle dragon engine feather garden hammer island jacket kettle ladder"
).split()


def _coded(word: str) -> str:
    """What code calls it: no letters that could give it away."""
    drawn = random.Random(word)
    return "".join(drawn.choice("bcdfgkmprstvz") + drawn.choice("aeiou") for _ in range(3))


def _function(chosen: list[str], number: int) -> str:
    a, b, c = map(_coded, chosen)
    return (
        f"def f{number}(value, other):\n"
        f'    """Take the {chosen[0]} and the {chosen[1]} of a value to the {chosen[2]}."""\n'
        f"    {a} = value.{a}\n    {b} = other.{b}({a})\n    return {c}({a}, {b})\n"
    )


def _repository(folder: Path, count: int = 160) -> Path:
    drawn = random.Random(folder.name)
    functions = [_function(drawn.sample(SPOKEN, 3), number) for number in range(count)]
    files = {f"src/part{n}.py": "\n\n".join(functions[n::4]) for n in range(4)}
    return repository(folder, {"LICENSE": MIT, **files})


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """The command beside three clones and a configuration."""
    isolate(monkeypatch, tmp_path / "user")
    work = tmp_path / "work"
    for name in ("owner+one", "owner+two", "owner+three"):
        _repository(work / "clones" / name)
    (work / "toy.toml").write_text(CONFIG)
    return Cli(tmp_path / "home", work)


def _reciprocal_rank(encoder: StaticEncoder) -> float:
    """Of the right function for questions that were never asked: concepts in new combinations."""
    drawn = random.Random("unseen")
    chosen = [drawn.sample(SPOKEN, 3) for _ in range(60)]
    code = ["\n".join(_function(row, 0).splitlines()[2:]) for row in chosen]
    documents = encoder.documents(code, ["" for _ in code])
    ranks = []
    for number, row in enumerate(chosen):
        scores = documents @ encoder.query(f"Take the {row[0]} and the {row[1]} of a value to the {row[2]}.")
        ranks.append(1 / (scores >= scores[number]).sum())
    return float(np.mean(ranks))


def test_from_clones_to_an_encoder(cli: Cli) -> None:
    """It beats the table that training began with; its card names sources; a second run does nothing."""
    command = ("train", "all", "--config", "toy.toml", "--repos", "clones", "--out", "run", "--jobs", "2")
    done = cli(*command)
    assert done.code == 0, done.err
    folder = cli.folder / done.out.strip()
    assert folder.name == "toy-v1"
    encoder = StaticEncoder(folder)
    random_table = np.load(cli.folder / "run" / "tables" / "initial.npy")
    trained = _reciprocal_rank(encoder)
    encoder._table, encoder._scales = _as_int8(random_table)
    assert _reciprocal_rank(encoder) < 0.5 < trained
    card = (folder / "card.md").read_text()
    assert "| owner/one | MIT | " in card
    assert "9,000 pairs drawn" in card
    stages = sorted(path.stem for path in (cli.folder / "run" / "stages").iterdir())
    assert stages == ["filter", "hard", "initial", "negatives", "tokens", "warm"]
    before = {path: path.stat().st_mtime_ns for path in (cli.folder / "run" / "tables").iterdir()}
    again = cli(*command)
    assert again.out == done.out
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert "training" not in again.err


def _as_int8(table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    scales = (np.abs(table).max(axis=1) / 127).astype(np.float32)
    return np.rint(table / scales[:, None]).astype(np.int8), scales


def test_a_stage_at_a_time(cli: Cli) -> None:
    """The same stages as commands of their own, and an encoder that searching can use."""
    assert cli("train", "mine", "--repos", "clones", "--out", "run/mined").code == 0
    done = cli("train", "tokens", "--out", "run", "--config", "toy.toml")
    assert done.code == 0, done.err
    done = cli("train", "filter", "--out", "run", "--config", "toy.toml")
    assert done.code == 0, done.err
    assert "kept" in done.err
    done = cli("train", "embedder", "--out", "run", "--config", "toy.toml")
    assert done.code == 0, done.err
    model = cli.folder / done.out.strip()
    assert json.loads((model / "model.json").read_text())["dim"] == 24
    again = cli("train", "negatives", "--out", "run", "--config", "toy.toml")
    assert "negatives for" in again.err


def test_rankers_learn_from_what_the_encoder_has_not_seen(cli: Cli) -> None:
    """What is kept for rankers is mined like the rest; only they are asked about it."""
    kept = [f'\n[[repositories]]\nname = "owner/{name}"\nuse = "rankers"\n' for name in ("two", "three")]
    (cli.folder / "kept.toml").write_text(CONFIG + "".join(kept))
    assert cli("train", "mine", "--repos", "clones", "--out", "run/mined").code == 0
    done = cli("train", "tokens", "--out", "run", "--config", "kept.toml")
    assert done.code == 0, done.err
    assert sorted(path.stem for path in (cli.folder / "run" / "bags").iterdir()) == ["owner+one"]
    done = cli("train", "reranker", "--pairs", "run/mined", "--config", "kept.toml", "--json")
    assert done.code == 0, done.err
    assert json.loads(done.out)["repositories"] == ["owner/three", "owner/two"]


def test_what_each_part_is_worth(cli: Cli) -> None:
    """Every variant on every data set; training is worth something."""
    drawn = random.Random("unseen")
    chosen = [drawn.sample(SPOKEN, 3) for _ in range(40)]
    documents = [
        {"_id": f"d{n}", "title": "", "text": "\n".join(_function(row, 0).splitlines()[2:])}
        for n, row in enumerate(chosen)
    ]
    questions = [
        {"_id": f"q{n}", "text": f"Take the {a} and the {b} of a value to the {c}."}
        for n, (a, b, c) in enumerate(chosen)
    ]
    folder = cli.folder / "nl"
    (folder / "qrels").mkdir(parents=True)
    for name, rows in (("corpus", documents), ("queries", questions)):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    relevant = "".join(f"q{n}\td{n}\t1\n" for n in range(40))
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\n" + relevant)
    assert cli("train", "all", "--config", "toy.toml", "--repos", "clones", "--out", "run").code == 0
    done = cli("train", "ablations", "--out", "run", "--config", "toy.toml", "--nl", "nl", "--json")
    assert done.code == 0, done.err
    scores = json.loads(done.out)["scores"]
    assert list(scores) == [
        "before training", "random start, no hard negatives", "no filter, no hard negatives",
        "no hard negatives", "as long, no hard negatives", "all of it",
    ]  # fmt: skip
    assert scores["all of it"]["nl"]["dense"]["mean"] > scores["before training"]["nl"]["dense"]["mean"] + 0.2


@pytest.mark.parametrize(
    "arguments, says",
    [
        (("all", "--repos", "clones", "--out", "x", "--config", "none.toml"), "none.toml: cannot be read"),
        (("tokens", "--out", "nothing"), "cornea train mine"),
        (("filter", "--out", "nothing"), "cornea train tokens"),
        (("ablations", "--out", "nothing"), "use --nl or --ccr"),
        (("all", "--repos", "nowhere", "--out", "x"), "nowhere"),
    ],
)
def test_wrong_use(cli: Cli, arguments: tuple[str, ...], says: str) -> None:
    """One line, what to do, exit code 2."""
    done = cli("train", *arguments)
    assert done.code == 2
    assert says in done.err
    assert done.err.count("error:") == 1


@pytest.mark.parametrize(
    "text, says",
    [
        ("", "no name"),
        ("name = 'x'\n[wram]\n", "unknown section 'wram'"),
        ("name = 'x'\n[warm]\nrat = 1.0\n", "unknown key 'rat'"),
        ("name = 'x'\n[warm]\nrate = 'high'\n", "rate = 'high' is not of type float"),
        ("name = 'x'\n[warm]\ndraws = 1.5\n", "draws = 1.5 is not of type int"),
        ("name = 'x'\n[[repositories]]\ncommit = 'abc'\n", "add what is missing"),
        ("name = 'x'\n[[repositories]]\nname = 'a/b'\nuse = 'all'\n", "a/b: use must be 'encoder' or"),
        ("name = ", "cannot be read"),
    ],
)
def test_a_configuration_is_checked(tmp_path: Path, text: str, says: str) -> None:
    """Before hours of work begin, with the file and the place."""
    path = tmp_path / "plan.toml"
    path.write_text(text)
    with pytest.raises(UsageError, match=says) as caught:
        plan.read(path)
    assert "plan.toml" in str(caught.value)


def test_the_bundled_configuration_can_be_read() -> None:
    """And names where each repository stands."""
    found = plan.read(Path(__file__).parents[3] / "configs" / "default.toml")
    assert len(found.repositories) >= 200
    assert all(len(source.commit) == 40 for source in found.repositories)
