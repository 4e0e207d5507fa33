"""No byte of a planted secret is in the home folder or in any answer."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

from research.benchmarks.secret_kinds import made

from ..repositories import git, write
from .cli import Cli

VALUES = [made(form, Random(n)) for n, form in enumerate(("{A32}", "ghp_{A36}", "{h40}", "{A24}", "{A20}"))]
PASSWORD, TOKEN, KEY, MAIL, TOLD = VALUES
FILES = {
    "src/connect.py": f"""def connect_to_the_shop(host):
    password = "{PASSWORD}"
    client = Client(host, token="{TOKEN}")
    return client.login("shop", password)
""",
    "config/app.yml": f"mail:\n  api_key: {MAIL}\n  host: mail.internal\n",
    ".env": f"SHOP_KEY={KEY}\n",
    "server.pem": f"-----BEGIN PRIVATE KEY-----\n{KEY}\n-----END PRIVATE KEY-----\n",
}


def _holds(text: bytes) -> list[str]:
    return [value for value in VALUES if value[-12:].encode() in text or value[4:16].encode() in text]


def test_planted_bytes_are_nowhere(tmp_path: Path) -> None:
    """Search, similar, continue, locate with their reasons, status; index, caches, commits, logs."""
    root = write(tmp_path / "shop", FILES)
    git(root, "init", "-q")
    git(root, "add", "-A", "-f")
    git(root, "commit", "-q", "-m", f"Connect to the shop, password={TOLD}")
    cli = Cli(tmp_path / "home", root)
    asked = (
        ("index",),
        ("search", "connect to the shop password", "--json", "--explain"),
        ("search", "api_key mail"),
        ("search", "mail host", "-C", "3"),
        ("similar", "src/connect.py:2"),
        ("continue", "--all", "--json", "--explain", "src/connect.py:1"),
        ("locate", "--explain", "--text", f"connect fails with password={TOLD}"),
        ("status", "--skipped"),
        ("status", "--why", "src/connect.py"),
    )
    for words in asked:
        done = cli(*words)
        assert _holds((done.out + done.err).encode()) == [], words
    for place in (tmp_path / "home").rglob("*"):
        if place.is_file():
            assert _holds(place.read_bytes()) == [], place


def test_status_says_where(tmp_path: Path) -> None:
    """Kinds and lines, as text and in JSON, and key files with their reason."""
    root = write(tmp_path / "shop", FILES)
    cli = Cli(tmp_path / "home", root)
    assert cli("index").code == 0
    shown = cli("status", "--skipped").out
    assert "src/connect.py: redacted: password (line 2); GitHub token (line 3)" in shown
    assert "server.pem: key file: a private key" in shown
    data = json.loads(cli("status", "--skipped", "--json").out)
    assert {row["path"] for row in data["redacted"]} == {"src/connect.py", "config/app.yml"}
    assert "redacted: password (line 2)" in cli("status", "--why", "src/connect.py").out


def test_what_is_taken_back_is_redacted(tmp_path: Path) -> None:
    """A rule of the user's brings back a file, not its secrets."""
    root = write(tmp_path / "shop", FILES | {".cornea.toml": '[index]\ninclude = [".env", "*.pem"]\n'})
    cli = Cli(tmp_path / "home", root)
    done = cli("search", "SHOP_KEY")
    assert ".env" in done.out
    assert _holds(done.out.encode()) == []
