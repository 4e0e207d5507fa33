"""A repository that tries to run a program or to send code elsewhere: nothing runs, nothing leaves."""

from __future__ import annotations

import json
import os
import socket
import stat
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.indexes import PYTHON, child, told
from tests.repositories import git, isolate, repository, write
from tests.support.waiting import LIMIT

WATCH = '''\
"""Loaded by every Python process of a run: notes whoever opens a connection or starts a program."""
import os, socket, sys

def note(event, args):
    if event in ("socket.connect", "socket.bind", "socket.sendto"):
        if args[0].family == getattr(socket, "AF_UNIX", None):
            return  # a command that indexes for a second answers others over it; nothing leaves the machine
        line = event
    elif event in ("socket.getaddrinfo", "urllib.Request"):
        line = event
    elif event in ("subprocess.Popen", "os.exec", "os.posix_spawn", "os.system"):
        line = os.path.basename(os.fsdecode(args[0] if event != "os.system" else "sh"))
    else:
        return
    with open(os.environ["WATCHED"], "a") as stream:
        print(line, file=stream)

sys.addaudithook(note)
'''

COMMAND = """
    import os, sys
    import psutil
    from cornea.cli import run
    code = run(sys.argv[1:])
    assert psutil.Process().net_connections() == []
    sys.exit(code)
"""

NOSY = "import socket\nsocket.socket().connect_ex(('127.0.0.1', 1))\n"


class Trap:
    """A repository full of traps, and the marker that each of its programs makes."""

    def __init__(self, folder: Path, port: int) -> None:
        self.marker = folder / "marker"
        self.watched = folder / "watched"
        self.home = folder / "index"
        self.root = repository(folder / "root", {"bakery.py": PYTHON, "a/b.py": "b = 1\n", "c.secret": "c\n"})
        self.port = port
        write(folder / "watch", {"sitecustomize.py": WATCH})
        self.environment = {
            "CORNEA_HOME": str(self.home),
            "WATCHED": str(self.watched),
            "HOME": str(folder / "user"),
            # An empty part of it would be the working folder.
            "PYTHONPATH": os.pathsep.join(
                filter(None, (str(folder / "watch"), os.environ.get("PYTHONPATH")))
            ),
            "PYTHONSAFEPATH": "1",  # `python -c` would look here; the installed command does not
        }

    def program(self, name: str) -> str:
        """A program that makes the marker if anybody runs it."""
        place = write(self.root, {name: f"#!/bin/sh\necho {name} >> '{self.marker}'\n"}) / name
        place.chmod(place.stat().st_mode | stat.S_IXUSR)
        return str(place)

    def run(self, *arguments: str) -> tuple[str, str]:
        """What the command prints and says; it is started inside the repository."""
        with child(COMMAND, *arguments, env=self.environment, cwd=self.root) as process:
            out, err = process.communicate(timeout=LIMIT)
        assert process.returncode == 0, err
        return out, err

    def programs(self) -> set[str]:
        """The names of what was started, and of calls that connect."""
        return set(self.watched.read_text().splitlines()) if self.watched.exists() else set()


@contextmanager
def listening() -> Iterator[tuple[int, list[bytes]]]:
    """A port on this machine, and what anybody sent there."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def listen() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    heard.append(connection.recv(1000))

        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        yield server.getsockname()[1], heard
        server.shutdown(socket.SHUT_RDWR)
    thread.join()


@pytest.fixture
def trap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Trap]:
    """A trap; after the test nothing has run and nobody has connected."""
    isolate(monkeypatch, tmp_path / "user")
    with listening() as (port, heard):
        trap = Trap(tmp_path, port)
        yield trap
        assert not trap.marker.exists(), trap.marker.read_text()
        assert heard == []
        assert trap.programs() <= {"git", Path(sys.executable).name}


def _answered(trap: Trap) -> None:
    """Index and search, as the user would, inside the repository."""
    trap.run("index")
    found = json.loads(trap.run("search", "fold the dough again", "--json")[0])
    assert found["results"][0]["path"] == "bakery.py"
    trap.run("status")
    write(trap.root, {"bakery.py": PYTHON + "changed = True\n"})
    trap.run("search", "fold the dough again")


def test_the_watch_works(trap: Trap) -> None:
    """What this file relies on: programs and connections of any process are noted, and traps go off."""
    code = "import os, subprocess, sys\n" + NOSY
    told(child(code + f"subprocess.run([sys.executable, '-P', '-c', {NOSY!r}])", env=trap.environment))
    noted = trap.watched.read_text().splitlines()
    assert noted.count("socket.connect") == 2
    assert Path(sys.executable).name in noted
    trap.watched.unlink()
    git(trap.root, "config", "core.fsmonitor", trap.program(".git/evil"))
    git(trap.root, "status")
    assert trap.marker.read_text() != ""
    trap.marker.unlink()


def test_git_configuration_runs_nothing(trap: Trap) -> None:
    """Every key of a repository's configuration that names a program, and every hook."""
    for key in (
        *("core.fsmonitor", "core.pager", "core.editor", "core.sshCommand", "core.askPass", "core.gitProxy"),
        *("diff.external", "diff.evil.textconv", "diff.evil.command", "merge.evil.driver", "gpg.program"),
        *("filter.evil.clean", "filter.evil.smudge", "filter.evil.process", "credential.helper"),
        *(
            "sequence.editor",
            "interactive.diffFilter",
            "uploadpack.packObjectsHook",
            "core.alternateRefsCommand",
        ),
    ):
        git(trap.root, "config", key, trap.program(".git/evil/" + key))
    for name in ("ls-files", "config", "rev-parse", "remote", "check-ignore", "status", "version"):
        git(trap.root, "config", f"alias.{name}", "!" + trap.program(f".git/evil/alias-{name}"))
    git(trap.root, "config", "core.hooksPath", str(trap.root / ".git" / "evil-hooks"))
    for hook in ("post-index-change", "fsmonitor-watchman", "query-watchman", "post-checkout", "pre-auto-gc"):
        trap.program(f".git/evil-hooks/{hook}")
        trap.program(f".git/hooks/{hook}")
    git(trap.root, "config", "include.path", str(write(trap.root, {".git/more": _more(trap)}) / ".git/more"))
    git(trap.root, "config", "filter.evil.required", "true")
    git(trap.root, "config", "remote.origin.url", f"ext::sh -c 'touch {trap.marker}'")
    git(trap.root, "config", "remote.origin.promisor", "true")
    git(trap.root, "config", "extensions.partialClone", "origin")
    write(trap.root, {".gitattributes": "* filter=evil diff=evil merge=evil\n*.secret textconv=evil\n"})
    _answered(trap)


def _more(trap: Trap) -> str:
    return f"[core]\n\tfsmonitor = {trap.program('.git/evil/included')}\n\tuntrackedCache = true\n"


def test_a_remote_is_only_read(trap: Trap) -> None:
    """Its address names the repository; nobody calls there."""
    git(trap.root, "remote", "add", "origin", f"http://127.0.0.1:{trap.port}/team/code.git")
    git(trap.root, "config", "remote.origin.promisor", "true")
    git(trap.root, "config", "remote.origin.partialCloneFilter", "blob:none")
    _answered(trap)
    assert "127.0.0.1/team/code" in trap.run("status")[0]


def test_own_settings_send_nothing_elsewhere(trap: Trap) -> None:
    """A repository names a server, a key and a model: all ignored with a word, in both of its files."""
    model = (
        write(trap.root, {"model/model.json": "{}", "model/evil.py": "", "model/config.json": "{}"}) / "model"
    )
    settings = (
        f'[{{0}}store]\nurl = "http://127.0.0.1:{trap.port}"\napi_key = "k"\n'
        f'[{{0}}embedding]\nmodel = "{model}"\ndownload = true\n'
    )
    write(trap.root, {".cornea.toml": settings.format(""), "pyproject.toml": settings.format("tool.cornea.")})
    _answered(trap)
    said = trap.run("status")[1]
    for key in ("store.url", "store.api_key", "embedding.model", "embedding.download"):
        assert f"a repository may not set {key}; ignored" in said


def test_modules_in_the_repository_are_not_imported(trap: Trap) -> None:
    """Names of our own modules, of libraries and of the start-up of Python itself."""
    for name in ("numpy", "indexer", "qdrant_edge", "tree_sitter", "sitecustomize", "usercustomize", "click"):
        write(trap.root, {f"{name}.py": f"open({str(trap.marker)!r}, 'w').write({name!r})\n"})
    write(trap.root, {"pyvenv.cfg": "home = /evil\n", ".env": "PYTHONPATH=.\n", "tests/conftest.py": "1/0\n"})
    _answered(trap)


def test_programs_in_the_repository_are_not_found(trap: Trap) -> None:
    """A `git` beside the code is not git, even for someone with a relative folder on the search path."""
    trap.program("git")
    trap.program("python")
    trap.environment["PATH"] = os.pathsep.join((".", "", os.environ["PATH"]))
    _answered(trap)


def test_a_nested_repository_is_no_better(trap: Trap) -> None:
    """Repositories inside the root, and bare ones that look like folders, bring their own traps."""
    for name in ("inner", "sub"):
        inner = repository(trap.root / name, {"x.py": "x = 1\n"})
        git(inner, "config", "core.fsmonitor", trap.program(f"{name}-evil"))
        git(inner, "config", "core.worktree", "/")
    bare = trap.root / "bare"
    git(trap.root, "init", "-q", "--bare", str(bare))
    git(bare, "config", "core.fsmonitor", trap.program("bare-evil"))
    _answered(trap)
