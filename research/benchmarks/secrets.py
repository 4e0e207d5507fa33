"""Measures whether made-up secrets that are planted in copies of repositories enter the index of a copy.

Recall is the share of planted secrets of which nothing is stored. The report lists what is redacted before
anything is planted, so that a person can find the false alarms.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from msgspec import Struct

from indexer.config import Config
from indexer.fragment import Skipped, SourceFile
from indexer.index.index import Index
from indexer.parsing.secrets import find
from indexer.parsing.source import decode, load, refuse_text
from indexer.pipeline import update
from indexer.walk.walk import walk
from retrieval.config import SearchConfig
from retrieval.host.answers import QueryAnswer
from retrieval.host.methods import QueryContext, continue_, locate, search, similar
from retrieval.host.requests import ContinueParams, LocateParams, SearchParams, SimilarParams
from retrieval.typed_json import encode

from .secret_kinds import FORMS, LAST, fixed, made

KINDS = {**FORMS, **LAST}
_WINDOW = 12
"""Minimum consecutive characters of a secret that count as a leak."""
_ASKED = 60
_LOCATED = 5
_SCRIPTS, _SETTINGS = (
    ("sh", "bash", "env"),
    ("yml", "yaml", "ini", "cfg", "conf", "properties", "toml", "md", "rst", "txt"),
)

SYNTAXES = {
    "shell": ("{NAME}={value}", _SCRIPTS),
    "shell export": ('export {NAME}="{value}"', _SCRIPTS),
    "yaml": ("password: {value}", _SETTINGS),
    "yaml nested": ("    {name}_token: '{value}'", _SETTINGS),
    "properties": ("app.{name}.secret={value}", _SETTINGS),
    "header": ('"Authorization": "Bearer {value}",', ()),
    "header in curl": (
        "curl -H 'Authorization: Bearer {value}' https://api.internal/v1",
        (*_SCRIPTS, *_SETTINGS),
    ),
    "pair": ('get(url, auth=("user", "{value}"))', ()),
    "web hook": ('"https://chat.internal/hooks/{value}"', ()),
    "query": ('fetch("https://api.internal/v1/items?key={value}&page=2")', ()),
    "environment with default": ('os.environ.get("{NAME}_SECRET", "{value}")', ()),
    "assignment": ('{name}_api_key = "{value}"', ()),
    "json": ('{{"{name}Secret": "{value}"}}', ()),
    "user in an address": ('"postgres://app:{value}@db.internal:5432/shop"', ()),
    "connection string": ('"Server=db;User Id=app;Password={value};"', ()),
    "default argument": ('def connect(host, password="{value}"):', ()),
    "flag": ('"--token={value}"', ()),
}
"""For each syntax, a line that holds a secret, and the extensions of files in which the line is planted.
Without extensions, the line is planted in any file."""

_OWN = {
    "slack-webhook-url": '"https://hooks.slack.com/services/{value}"',
    "curl-auth-user": "curl -u admin:{value} https://api.internal/v1",
}
"""The lines of kinds that have a syntax of their own."""


@dataclass(frozen=True, slots=True)
class Planted:
    """A made-up secret: its kind, the syntax of its line, and its file."""

    kind: str
    syntax: str
    path: str
    value: str

    def left_in(self, text: str) -> bool:
        """Whether a part of the secret, not counting its issuer's prefix, is in a text."""
        secret = self.value.rpartition("/")[2] if self.kind in _OWN else self.value[fixed(KINDS[self.kind]) :]
        size = min(_WINDOW, len(secret))
        return any(secret[n : n + size] in text for n in range(len(secret) - size + 1))


@dataclass(slots=True)
class SecretsOutcome:
    """The result for one repository: planted secrets, stored secrets, and other places that hold a secret.

    `before` lists what was redacted before anything was planted.
    """

    files: int = 0
    planted: list[Planted] = field(default_factory=list)
    stored: list[Planted] = field(default_factory=list)
    leaks: list[str] = field(default_factory=list)
    before: list[str] = field(default_factory=list)


class RepositorySecrets(Struct, kw_only=True):
    """The secrets planted in a copy of a repository.

    `missed` were stored, `leaks` are the places where one was found, and `redacted_before` what was redacted
    before anything was planted.
    """

    repository: str
    files: int
    planted: int
    missed: Sequence[str]
    leaks: Sequence[str]
    redacted_before: Sequence[str]


class SecretsFigures(Struct):
    """The answer of `bench secrets --json`. `recall` is the share of secrets of which nothing is stored."""

    recall: float
    planted: int
    repositories: Sequence[RepositorySecrets]


def measure(
    root: Path, work: Path, kinds: Sequence[str], places: int, seed: int, *, whole: bool = True
) -> SecretsOutcome:
    """Copy a repository to the empty folder `work`, plant `places` secrets in the copy, and look for them.

    Without `whole`, nothing is indexed, and only the detector is tested.
    """
    outcome = SecretsOutcome(before=[])
    copy = work / "copy"
    shutil.copytree(root, copy, symlinks=True, ignore=shutil.ignore_patterns(".git"))
    subprocess.run(["git", "init", "-q", str(copy)], check=True)
    files = [one for one in walk(copy) if isinstance(one, SourceFile)]
    outcome.before = list(_before(files))
    outcome.files = len(files)
    outcome.planted = _plant(files, kinds, places, Random(seed))
    if whole:
        _index(copy, work / "home", outcome)
    else:
        texts = {one.path: _read(copy / one.path, one.path) for one in outcome.planted}
        outcome.stored = [one for one in outcome.planted if one.left_in(texts[one.path])]
    return outcome


def _before(files: Sequence[SourceFile]) -> Iterator[str]:
    """A line for each value that is redacted in the unchanged files."""
    for file in files:
        raw = load(file, 1_000_000)
        if isinstance(raw, Skipped) or refuse_text(file.path, raw.data) is not None:
            continue
        for one in find(raw.data, file.path):
            line = raw.data.count(b"\n", 0, one.start) + 1
            value = raw.data[one.start : one.end][:60].decode("utf-8", "replace")
            yield f"{file.path}:{line}: {one.kind}: {value}"


def _plant(files: Sequence[SourceFile], kinds: Sequence[str], places: int, random: Random) -> list[Planted]:
    fit = [
        one
        for one in files
        if refuse_text(one.path, one.location.read_bytes()) is None and one.size < 500_000
    ]
    planted = []
    for number in range(places):
        kind = kinds[number % len(kinds)]
        syntax, (form, endings) = random.choice(list(SYNTAXES.items()))
        if kind in _OWN:
            syntax, form, endings = "its own", _OWN[kind], ()
        where = [one for one in fit if not endings or one.path.rpartition(".")[2] in endings] or fit
        file = random.choice(where)
        name = random.choice(("shop", "billing", "mail", "db", "search"))
        value = made(KINDS[kind], random)
        _insert(file.location, form.format(NAME=f"{name.upper()}_PASSWORD", name=name, value=value), random)
        planted.append(Planted(kind, syntax, file.path, value))
    return planted


def _insert(place: Path, line: str, random: Random) -> None:
    lines = place.read_bytes().split(b"\n")
    at = random.randint(min(3, len(lines)), len(lines))
    indent = lines[at - 1][: len(lines[at - 1]) - len(lines[at - 1].lstrip())] if at else b""
    lines.insert(at, indent + line.encode())
    place.write_bytes(b"\n".join(lines))


def _read(place: Path, path: str) -> str:
    raw = load(SourceFile(path, place, 0, 0), 2_000_000)
    return "" if isinstance(raw, Skipped) else decode(raw).text.decode()


def _index(root: Path, home: Path, outcome: SecretsOutcome) -> None:
    index = Index.open(root, Config(home=home))
    with index:
        update(index)
        texts: dict[str, list[str]] = {}
        for record in index.store.scroll(index.tenant_filter, ("path", "text")):
            texts.setdefault(str(record.payload["path"]), []).append(str(record.payload.get("text", "")))
        whole = {path: "\n".join(parts) for path, parts in texts.items()}
        outcome.stored = [one for one in outcome.planted if one.left_in(whole.get(one.path, ""))]
        outcome.leaks += _in_answers(index, outcome)
    outcome.leaks += _in_files(home, outcome)


def _in_answers(index: Index, outcome: SecretsOutcome) -> Iterator[str]:
    """The requests whose answers show a planted secret. The requests are about the files with secrets."""
    context = QueryContext(index, SearchConfig())
    for number, one in enumerate(outcome.planted[:_ASKED]):
        asked: dict[str, QueryAnswer] = {
            "search": search(context, SearchParams(query=f"{one.path} password token secret", limit=20)),
            "similar": similar(context, SimilarParams(path=one.path, limit=20)),
        }
        if number < _LOCATED:
            issue = f"the password in {one.path} is wrong"
            asked["locate"] = locate(context, LocateParams(text=issue, explain=True))
        line = _line_of(index.root / one.path, one)
        head = line[: line.find(one.value)]
        code = ContinueParams(path="new.py", text=f"def f():\n    pass\n{head}", everything=True)
        asked["continue"] = continue_(context, code)
        for name, answer in asked.items():
            if any(other.left_in(str(encode(answer))) for other in outcome.planted):
                yield f"{name} about {one.path}"


def _line_of(place: Path, one: Planted) -> str:
    lines = place.read_text("utf-8", "replace").split("\n")
    return next((line for line in lines if one.value in line), "")


def _in_files(home: Path, outcome: SecretsOutcome) -> Iterator[str]:
    """Files of indexes, caches and logs whose bytes hold a planted secret."""
    for place in sorted(home.rglob("*")):
        if place.is_file():
            content = place.read_bytes()
            for one in outcome.planted:
                if one.value[-_WINDOW:].encode() in content:
                    yield f"{place.relative_to(home)} ({one.kind}, {one.syntax})"
