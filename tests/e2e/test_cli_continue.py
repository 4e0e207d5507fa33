"""`cornea continue` from outside: what is printed, in which form, and how it ends."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support.schemas import validate
from tests.support.waiting import LIMIT

from ..repositories import write
from .cli import Cli

STORE = '''class {name}Store:
    """Keeps {name}s."""

    def find_{name}(self, key):
        """One by key."""
        if key not in self.table:
            raise KeyError(f"no {name} {{key}}")
        found = self.table[key]
        self.log.info("found %s", key)
        return found
'''
TYPED = """class ItemStore:
    def find_item(self, key):
        if key not in self.table:

"""
GO = """package shop

func (b *{name}) Total() int {{
	sum := 0
	for _, item := range b.items {{
		sum += item.Price
	}}
	return sum
}}
"""
FILES = {
    "src/user.py": STORE.format(name="user"),
    "src/order.py": STORE.format(name="order"),
    "src/item.py": TYPED,
}


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Cli:
    """A folder with three stores, of which one is being written."""
    place = tmp_path_factory.mktemp("stores")
    cli = Cli(place / "home", write(place / "stores", FILES))
    done = cli("index")
    assert done.code == 0, done.err
    return cli


def _results(out: str) -> list[dict[str, Any]]:
    return list(json.loads(out)["results"])


def test_a_suggestion_with_its_origin(stores: Cli) -> None:
    """The place of the suggested code, then the code as it would be inserted."""
    done = stores("continue", "--all", "-n", "1", "src/item.py:3")
    assert (done.code, done.err) == (0, "")
    head, first = done.out.split("\n")[:2]
    assert head.startswith("src/")
    assert ":7-" in head
    assert "(confidence 0." in head
    assert first.startswith('            raise KeyError(f"no ')


def test_json(stores: Cli) -> None:
    """With --explain and without."""
    for extra in ([], ["--explain"]):
        done = stores("continue", "--json", "--all", "src/item.py:3:34", *extra)
        assert done.code == 0, done.err
        answer = json.loads(done.out)
        assert answer["query"] == "src/item.py:3:34"
        assert ("why" in answer["results"][0]) == bool(extra)
    why, score = answer["results"][0]["why"], answer["results"][0]["score"]
    assert sum(why.values()) == pytest.approx(score, abs=0.01)
    sizes = [abs(added) for name, added in why.items() if name != "other features"]
    assert sizes == sorted(sizes, reverse=True)


def test_the_first_line_stands_as_deep_as_the_others(stores: Cli) -> None:
    """Also where the cursor's line has the white space already, which is not suggested again."""
    text = "def find_thing(self, key):\n    if key not in self.table:\n        "
    done = stores("continue", "--language", "py", "--all", "-n", "1", stdin=text)
    assert done.out.split("\n")[1].startswith("        raise KeyError")


def test_a_column_behind_the_line_is_its_end(stores: Cli) -> None:
    """As for editors."""
    end, behind = (stores("continue", "--all", f"src/item.py:3{column}") for column in ("", ":9999"))
    assert (behind.code, behind.out) == (0, end.out)


def test_code_on_stdin(stores: Cli) -> None:
    """The cursor is at its end."""
    text = "def find_thing(self, key):\n    if key not in self.table:\n        "
    done = stores("continue", "--language", "py", "--json", "--all", "--until", "statement", stdin=text)
    assert done.code == 0, done.err
    assert _results(done.out)[0]["suggestion"].startswith("raise KeyError(f")


def test_nothing_to_say_is_an_exit_code_of_1(stores: Cli) -> None:
    """And a language without a grammar is named."""
    empty = stores("continue", "--language", "python", "--json", stdin="")
    assert (empty.code, _results(empty.out)) == (1, [])
    assert empty.err == "cornea: nothing to suggest; --all also shows suggestions that are probably wrong\n"
    prose = stores("continue", "--language", "make", stdin="all:\n")
    assert prose.code == 1
    assert "no grammar for make" in prose.err
    script = stores("continue", "--language", "vue", stdin="<p>\n<script lang='ts'>\nconst unlike = \n")
    assert script.code == 1
    assert "no grammar" not in script.err


def test_batch(stores: Cli) -> None:
    """A line in, a line out; a bad one says so and the rest goes on."""
    rows = [
        {"id": 1, "path": "src/item.py", "line": 3},
        {
            "id": 2,
            "text": "def find_a(self, key):\n    if key not in self.table:\n        ",
            "language": "python",
        },
        {"id": 3, "path": "src/none.py", "line": 3},
        {"id": 4, "text": "x", "language": "klingon"},
        {"id": 5, "path": "src/item.py", "line": 99},
        {"id": 6, "path": "src/item.py", "line": "3"},
        {"path": "src/item.py", "line": 3},
    ]
    done = stores("continue", "--batch", "-", "--all", stdin="\n".join([*map(json.dumps, rows), "{"]) + "\n")
    answers = [json.loads(line) for line in done.out.splitlines()]
    assert done.code == 2
    assert [answer["id"] for answer in answers] == [1, 2, 3, 4, 5, 6, None, None]
    assert ["error" in answer for answer in answers] == [False, False, *[True] * 6]
    for answer in answers[:2]:
        assert answer["results"][0]["suggestion"].strip().startswith("raise KeyError")


def test_a_batch_survives_every_line(stores: Cli) -> None:
    """Paths that no system has, languages as people call them, and a text that belongs to a file."""
    own = FILES["src/user.py"].partition("        found =")[0]
    rows: list[dict[str, Any]] = [
        {"id": 1, "path": "a\0b", "line": 1},
        {"id": 2, "path": "x/" * 3000, "line": 1},
        {
            "id": 3,
            "text": "def find_a(self, key):\n    if key not in self.table:\n        ",
            "language": "py",
        },
        {"id": 4, "text": own, "path": "src/user.py", "language": "python"},
    ]
    done = stores("continue", "--batch", "-", "--all", stdin="\n".join(map(json.dumps, rows)) + "\n")
    first, second, third, fourth = (json.loads(line) for line in done.out.splitlines())
    assert "error" in first
    assert "error" in second
    assert third["results"][0]["suggestion"].startswith("raise KeyError")
    assert fourth["results"]
    own_text = ("src/user.py", "UserStore.find_user")
    assert own_text not in {(one["path"], one["symbol"]) for one in fourth["results"]}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "missing FILE:LINE"),
        (("src/item.py:3", "--language", "python"), "--language is only for code on stdin"),
        (("src/item.py:3", "--batch", "-"), "--batch contradicts src/item.py:3"),
        (("src/item.py",), "write FILE:LINE"),
        (("src/none.py:3",), "no such file"),
        (("src/item.py:40",), "name one of them"),
        ((f"src/item.py:{10**30}",), "name one of them"),
        (("src/item.py:0",), "count from 1"),
        (("--until", "page", "src/item.py:3"), "page"),
        (("-n", "0", "src/item.py:3"), "whole number"),
        (("--language", "klingon"), "unknown language"),
        (("--batch", "none.jsonl"), "no such file"),
    ],
)
def test_wrong_use(stores: Cli, arguments: tuple[str, ...], said: str) -> None:
    """One line that says what is wrong."""
    done = stores("continue", *arguments)
    assert done.code == 2
    assert done.out == ""
    assert said in done.err.splitlines()[-1]


def test_outside_of_the_root(stores: Cli, tmp_path: Path) -> None:
    """A file elsewhere is not continued from here."""
    other = tmp_path / "a.py"
    other.write_text("x = 1\n")
    done = stores("continue", f"{other}:1")
    assert done.code == 2
    assert "outside the root" in done.err


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_code_of_files_with_crlf(tmp_path: Path, end: str) -> None:
    """A terminal gets lines without "\\r", a program those of the document."""
    files = {path: text.replace("\n", "\r\n") for path, text in FILES.items()}
    files["src/item.py"] = FILES["src/item.py"].replace("\n", end)
    cli = Cli(tmp_path / "home", tmp_path / "stores")
    for path, text in files.items():
        place = cli.folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text.encode())
    shown = cli("continue", "--all", "-n", "1", "--until", "function", "src/item.py:3")
    assert shown.code == 0
    lines = shown.out.split("\n")
    assert "\r" not in shown.out
    assert lines[1].startswith('            raise KeyError(f"no ')
    assert "        return found" in lines
    (first, *_) = _results(cli("continue", "--json", "--all", "--until", "function", "src/item.py:3").out)
    assert "return found" in first["suggestion"]
    assert first["suggestion"].replace(end, "").count("\r") == 0
    assert first["suggestion"].count("\n") == first["suggestion"].count(end)


def test_the_indentation_of_a_new_file(tmp_path: Path) -> None:
    """As .editorconfig says, else as in the file that the code comes from."""
    files = {"src/one.go": GO.format(name="Basket"), "src/new.go": "func (c *Cart) Total() int {\n\n}\n"}
    cli = Cli(tmp_path / "home", write(tmp_path / "shop", files))
    ask = ("continue", "--json", "--all", "--until", "function", "-n", "1", "src/new.go:1")
    assert "\n\t\tsum += item.Price" in _results(cli(*ask).out)[0]["suggestion"]
    write(cli.folder, {".editorconfig": "[*.go]\nindent_style = space\nindent_size = 3\n"})
    assert "\n      sum += item.Price" in _results(cli(*ask).out)[0]["suggestion"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_code_on_stdin_in_other_encodings(stores: Cli, encoding: str) -> None:
    """A byte order mark says which; it is no part of the code."""
    code = TYPED.rstrip().replace("item", "größe")
    data = ("\ufeff" if encoding == "utf-16-le" else "").encode(encoding) + code.encode(encoding)
    done = subprocess.run(
        stores.command("continue", "--language", "python", "--all", "--json"),
        env=stores.environment(), cwd=stores.folder, input=data, capture_output=True, timeout=LIMIT,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    validate("commands/continue", json.loads(done.stdout))
    assert any("raise KeyError" in one["suggestion"] for one in _results(done.stdout.decode()))
