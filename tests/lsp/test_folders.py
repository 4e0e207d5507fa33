"""Which root a file belongs to, and how many there are, whatever they are called."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..e2e.cli import Cli
from ..repositories import repository, write
from .conftest import FILES, STORE, TYPED
from .test_inline import END, LINE, NEXT
from .wire import Wire

BAKERY = STORE.replace("found", "bread").format(name="loaf", Name="Loaf")


@contextmanager
def _server(cli: Cli, *folders: Path, **more: Any) -> Iterator[Wire]:
    """A server with folders open, which ends well."""
    wire = Wire(cli)
    try:
        opened = [{"uri": folder.as_uri(), "name": folder.name} for folder in folders]
        first = {"processId": None, "capabilities": {}, "workspaceFolders": opened or None}
        wire.request(0, "initialize", first | more)
        assert "result" in wire.answer(0)
        wire.notify("initialized", {})
        yield wire
        assert wire.leave() == 0
    finally:
        wire.close()


def _roots(wire: Wire) -> list[str]:
    return [
        root["folder"] for root in wire.ask("workspace/executeCommand", {"command": "cornea.status"})["roots"]
    ]


def _stop(cli: Cli, *folders: Path) -> None:
    for folder in folders:
        cli("-C", str(folder), "host", "stop")


def test_each_file_is_of_its_own_repository(own: Cli, tmp_path: Path) -> None:
    """No folder is open: each repository answers in its own files, a nested one in its own, too."""
    repository(own.folder)
    bakery = repository(tmp_path / "bakery", {"oven.py": BAKERY, "new.py": "class A:\n    pass\n"})
    parcel = "def send_parcel(x):\n    return x\n"
    nested = repository(own.folder / "vendor" / "post", {"mail.py": parcel})
    try:
        with _server(own) as wire:
            mine, theirs = (own.folder / "src/item.py").as_uri(), (bakery / "src/item.py").as_uri()
            wire.open(mine, TYPED)
            wire.open(theirs, TYPED)
            wire.open((nested / "mail.py").as_uri(), parcel)
            for root in (own.folder, bakery, nested):
                file = next(root.rglob("*.py")) if root is not own.folder else root / "src/item.py"
                wire.command("cornea.reindex", {"uri": file.as_uri()})
            assert set(_roots(wire)) == {str(nested), str(own.folder), str(bakery)}
            (text, *_) = wire.ghost(mine, LINE, END)
            assert text.startswith("\n" + NEXT)
            assert all(NEXT not in text for text in wire.ghost(theirs, LINE, END))
            found = wire.command("cornea.search", "find_loaf")
            assert found[0]["uri"] == (bakery / "oven.py").as_uri()
            found = [one for one in wire.command("cornea.search", parcel) if one["symbol"] == "send_parcel"]
            assert [one["uri"] for one in found] == [(nested / "mail.py").as_uri()]
    finally:
        _stop(own, bakery, nested)


def test_a_file_outside_of_all_folders(own: Cli, tmp_path: Path) -> None:
    """What is suggested in it is of its own repository; in a file of none nothing is."""
    bakery = repository(tmp_path / "bakery", {"oven.py": BAKERY})
    loose = write(tmp_path / "loose", {"item.py": TYPED})
    try:
        with _server(own, own.folder) as wire:
            wire.command("cornea.reindex", {})
            uri, none = (bakery / "item.py").as_uri(), (loose / "item.py").as_uri()
            wire.open(uri, TYPED)
            wire.open(none, TYPED)
            assert _roots(wire) == [str(own.folder)]
            assert wire.ghost(none, LINE, END) == []
            assert _roots(wire) == [str(own.folder)]
            assert all(NEXT not in text for text in wire.ghost(uri, LINE, END))
            assert set(_roots(wire)) == {str(own.folder), str(bakery)}
    finally:
        _stop(own, bakery)


def test_a_folder_that_cannot_be_served(own: Cli, tmp_path: Path) -> None:
    """Neither one that is missing nor one that is refused stops the others; each error is told once."""
    missing = tmp_path / "missing"
    with _server(own, missing, own.folder, Path("/")) as wire:
        wire.command("cornea.reindex", {})
        for _ in range(2):
            assert any(
                one["symbol"].endswith("find_order") for one in wire.command("cornea.search", "find_order")
            )
            assert wire.command("cornea.locate", "find_order raises KeyError")
            assert wire.symbols("find_order")
            reports = wire.command("cornea.reindex", {})
            assert sorted("trouble" in report for report in reports) == [False, True, True]
        wire.open("untitled:Untitled-1", "def knead_dough(flour):\n    return flour\n")
        uri, name = wire.symbols("knead_dough")[0]
        assert uri == "untitled:Untitled-1"
        assert "knead_dough" in name
        assert len([one for one in wire.shown if "missing" in one]) == 1
        assert len([one for one in wire.shown if "refusing to index" in one]) == 1
        wire.request(5, "workspace/executeCommand", {"command": "cornea.search", "arguments": [""]})
        assert "nothing to search for" in wire.answer(5)["error"]["message"]


def test_all_folders_missing(own: Cli, tmp_path: Path) -> None:
    """Then that is the answer."""
    with _server(own, tmp_path / "one", tmp_path / "two") as wire:
        wire.request(5, "workspace/executeCommand", {"command": "cornea.search", "arguments": ["find"]})
        said = wire.answer(5)["error"]["message"]
        assert "one: no such file" in said
        assert "two: no such file" in said
        assert wire.symbols("find_order") == []


def test_one_folder_by_many_names(own: Cli, tmp_path: Path) -> None:
    """Nested folders and other spellings of a folder: each place is found once, each root is served once."""
    link = tmp_path / "link"
    link.symlink_to(own.folder)
    plain = own.folder.as_uri()
    names = [plain, f"{plain}/", plain.replace("stores", "%73tores"), f"{plain}/src/..", link.as_uri(),
             f"{plain}/src", f"{link.as_uri()}/src", plain.replace("//", "//localhost", 1)]  # fmt: skip
    folders = [{"uri": uri, "name": "x"} for uri in names]
    try:
        with _server(own, workspaceFolders=folders) as wire:
            wire.command("cornea.reindex", {})
            assert _roots(wire) == [str(own.folder / "src"), str(own.folder)]
            for found in (
                wire.command("cornea.search", "find_order"),
                wire.command("cornea.locate", "find_order raises KeyError"),
            ):
                places = [(one["uri"], one["line"]) for one in found]
                assert len(places) == len(set(places)) > 1
            found = wire.symbols("find_order")
            assert len(found) == len(set(found))
            _change(wire, removed=[names[0], "file:///never/there", names[3], "nonsense:"])
            assert len(_roots(wire)) == 2
            _change(wire, removed=[names[5], names[6]])
            assert _roots(wire) == [str(own.folder)]
            _change(wire, removed=names)
            assert _roots(wire) == []
    finally:
        _stop(own, own.folder / "src")


def _change(wire: Wire, removed: list[str]) -> None:
    event = {"added": [], "removed": [{"uri": uri, "name": "x"} for uri in removed]}
    wire.notify("workspace/didChangeWorkspaceFolders", {"event": event})


def test_a_file_opened_through_a_link_in_the_root(own: Cli) -> None:
    """It is the file of the index: similar code is found, what was typed once, its own code not suggested."""
    (own.folder / "linked").symlink_to("src")
    uri = f"{own.folder.as_uri()}/linked/user.py"
    text = FILES["src/user.py"]
    with _server(own, own.folder) as wire:
        wire.command("cornea.reindex", {})
        wire.open(uri, text)
        found = wire.command("cornea.similar", {"uri": uri, "position": {"line": 9, "character": 0}})
        assert found[0]["path"] == "src/order.py"
        typed = text.replace("found = self.table[key]", "found = self.table[key] or 0")
        typed += "\n    def forget_user(self, key):\n        del self.table[key]\n"
        change = {"textDocument": {"uri": uri, "version": 2}, "contentChanges": [{"text": typed}]}
        wire.notify("textDocument/didChange", change)
        assert wire.symbols("forget_user")[0] == (uri, "UserStore.forget_user")
        named = [one for one in wire.symbols("find_user") if one[1] == "UserStore.find_user"]
        assert named == [(uri, "UserStore.find_user")]
        begun = typed[: typed.index("        self.log.debug")].rstrip()
        change = {"textDocument": {"uri": uri, "version": 3}, "contentChanges": [{"text": begun}]}
        wire.notify("textDocument/didChange", change)
        lines = begun.split("\n")
        wire.ghost(uri, len(lines) - 1, len(lines[-1]))
        items = wire.ask(
            "textDocument/completion",
            {"textDocument": {"uri": uri}, "position": {"line": len(lines) - 1, "character": len(lines[-1])}},
        )
        assert all("user.py" not in item["detail"] for item in items["items"])


def test_clients_that_name_the_root_in_other_ways(own: Cli) -> None:
    """By a path alone, and by a URI with this machine as the host; another machine is refused in words."""
    for more in (
        {"rootPath": str(own.folder)},
        {"rootUri": own.folder.as_uri().replace("file://", "file://localhost")},
        {"rootUri": own.folder.as_uri(), "rootPath": "/nowhere"},
    ):
        with _server(own, **more) as wire:
            wire.command("cornea.reindex", {})
            assert any(name.endswith("find_order") for _, name in wire.symbols("find_order"))
    with _server(
        own, workspaceFolders=[{"uri": uri, "name": "x"} for uri in ("file://[x/y", "git:/a", "")]
    ) as wire:
        assert [one for one in wire.shown if "not a folder on this machine" in one]
        assert wire.symbols("find_order") == []
    with _server(own, rootPath="//") as wire:
        assert wire.symbols("find_order") == []
