"""Unsaved texts that a host holds: whose counts, how many, and what every client then finds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from retrieval.host import buffers, given_texts
from retrieval.host.buffers import Buffers
from retrieval.host.given_texts import GivenTexts
from tests.hosts import Site
from tests.support.waiting import until

WOMBAT = "def dig_burrow(wombat):\n    return wombat.dig()\n"


def test_the_newest_change_counts() -> None:
    """Of two editors with one file; when one closes it or leaves, the other's text counts again."""
    held = Buffers()
    assert held.change("a", {"x.py": "a1", "y.py": "a2"}).held == 2
    held.change("b", {"x.py": "b1"})
    assert held.texts == {"x.py": "b1", "y.py": "a2"}
    assert list(held.texts) == ["x.py", "y.py"]
    held.change("a", {"x.py": "a3"})
    assert held.texts["x.py"] == "a3"
    held.forget("a")
    assert held.texts == {"x.py": "b1"}
    held.change("b", {"x.py": None, "never.py": None})
    held.forget("nobody")
    assert held.texts == {}


def test_room(monkeypatch: pytest.MonkeyPatch) -> None:
    """A text without room is left out, and so is what it replaces, which is no longer true."""
    monkeypatch.setattr(buffers, "MAX_CLIENT_BYTES", 10)
    monkeypatch.setattr(buffers, "MAX_BYTES", 14)
    monkeypatch.setattr(buffers, "MAX_BUFFERS", 2)
    held = Buffers()
    answer = held.change("a", {"x": "12345", "y": "123456", "z": "1234"})
    assert (answer.held, answer.left_out) == (2, ("y",))
    assert held.change("a", {"x": "1234567890"}).left_out == ("x",)
    assert held.texts == {"z": "1234"}
    assert held.change("a", {"x": "1", "y": "2"}).left_out == ("y",)
    assert held.change("b", {"y": "1234567890"}).left_out == ("y",)
    assert held.change("b", {"y": "123456789"}).left_out == ()


def test_texts_for_the_next_host(monkeypatch: pytest.MonkeyPatch) -> None:
    """All that are held, in small requests; none if hosts crash again and again."""
    monkeypatch.setattr(given_texts, "RESEND_BYTES", 10)
    given = GivenTexts()
    assert list(given.again(crashed=True)) == []
    given.note({"texts": {"x": "1234", "y": "1234", "z": "5"}})
    given.note({"texts": {"y": None}})
    given.note({"texts": "wrong"})
    assert list(given.again(crashed=True)) == [{"texts": {"x": "1234", "z": "5"}}]
    given.note({"texts": {"y": "1234"}})
    both = [{"texts": {"x": "1234", "z": "5"}}, {"texts": {"y": "1234"}}]
    assert list(given.again(crashed=False)) == list(given.again(crashed=False)) == both
    assert list(given.again(crashed=True)) == []
    assert list(given.again(crashed=False)) == []


def _found(answer: dict[str, Any]) -> list[tuple[str, int, str, str]]:
    return [(hit["path"], hit["start_line"], hit["symbol"], hit["source"]) for hit in answer["hits"]]


def test_every_client_is_answered_from_buffers(mall: Site) -> None:
    """New, moved, changed and deleted code; by every method; as long as the editor is there."""
    disk = (mall.cli.folder / "src/auth.py").read_text()
    first = disk.index("def ")
    name = disk[first + 4 : disk.index("(", first)]
    with mall.client() as agent:
        with mall.client() as editor:
            texts: dict[str, Any] = {"src/auth.py": WOMBAT + "\n\n" + disk}
            assert editor.request("buffers", {"texts": texts}) == {"held": 1, "left_out": []}
            answer = agent.request(
                "search", {"query": "dig_burrow", "kinds": ["function"], "globs": ["*.py"]}
            )
            assert _found(answer)[0] == ("src/auth.py", 1, "dig_burrow", "buffer")
            assert answer["state"]["buffers"] == 1
            assert "unknown" not in answer
            moved = next(one for one in _found(agent.request("search", {"query": name})) if one[2] == name)
            assert moved[1] == disk[:first].count("\n") + 1 + 4
            excerpt = agent.request("search", {"query": "dig_burrow", "around": 1})["excerpts"][0]
            assert excerpt["text"].startswith(WOMBAT)
            assert agent.request("similar", {"path": "src/auth.py", "line": 1})["state"]["buffers"] == 1
            located = agent.request("locate", {"text": "dig_burrow fails for a wombat", "explain": True})
            place = located["functions"][0]
            assert (place["path"], place["start_line"], place["source"]) == ("src/auth.py", 1, "buffer")
            outlined = agent.request("outline", {"path": "src/auth.py"})
            assert outlined["definitions"][0]["symbol"] == "dig_burrow"
            agent.request("continue", {"path": "src/auth.py", "line": 1})
            editor.request("buffers", {"texts": {"src/auth.py": "\n"}})
            gone = agent.request("search", {"query": name, "per_file": 9})
            assert all(one[0] != "src/auth.py" for one in _found(gone))
            assert gone["unknown"]["name"] == name
            assert agent.request("status")["buffers"] == 1
        until(lambda: agent.request("status")["buffers"] == 0)
        assert next(one for one in _found(agent.request("search", {"query": name})) if one[2] == name)


def test_a_command_continues_what_is_in_an_editor(mall: Site) -> None:
    """FILE:LINE is a line of the unsaved text, which may have more lines than the file on disk."""
    path = "src/auth.py"
    saved = (mall.cli.folder / path).read_text()
    unsaved = "\n" * 40 + saved + "\n\ndef hash_twice(password, salt):\n    "
    last = unsaved.count("\n") + 1
    with mall.client() as editor:
        assert mall.cli("continue", "--all", f"{path}:{last}").code == 2
        editor.request("buffers", {"texts": {path: unsaved}})
        shown = mall.cli("continue", "--all", f"{path}:{last}")
        assert shown.out
        assert f"{path} is not saved" in shown.err
        answer = editor.request("continue", {"path": path, "text": saved, "saved": True, "line": last})
        assert answer["text"] == unsaved
        assert "text" not in editor.request("continue", {"path": path, "text": saved})


def test_what_an_index_leaves_out_is_in_no_answer(mall: Site) -> None:
    """Secrets are masked, also in what is new; a buffer of an excluded file is not searched."""
    secret = "q7Rz81Lmx" + "9vT"
    with mall.client() as editor, mall.client() as agent:
        texts = {
            "src/new.py": f'def dig_burrow():\n    password = "{secret}"\n    return password\n',
            ".env.local": "dig_burrow=1\n",
            "src/.hidden/x.py": WOMBAT,
            "image.png": WOMBAT,
        }
        editor.request("buffers", {"texts": texts})
        answer = agent.request("search", {"query": "dig_burrow", "per_file": 9})
        assert [one for one in _found(answer) if one[3] == "buffer"] == [
            ("src/new.py", 1, "dig_burrow", "buffer")
        ]
        assert secret not in str(answer)
        assert secret not in str(agent.request("locate", {"text": "dig_burrow is wrong"}))


def test_the_next_host_gets_the_buffers(shop: Site, tmp_path: Path) -> None:
    """When a host is killed, and when it leaves."""
    with shop.client() as editor:
        editor.request("reindex")
        editor.request("buffers", {"texts": {"src/new.py": WOMBAT}})
        shop.process().kill()
        answer = editor.request("search", {"query": "dig_burrow"})
        assert ("src/new.py", 1, "dig_burrow", "buffer") in _found(answer)
        editor.request("leave")
        assert ("src/new.py", 1, "dig_burrow", "buffer") in _found(
            editor.request("search", {"query": "dig_burrow"})
        )
