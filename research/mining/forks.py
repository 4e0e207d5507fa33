"""Finds copies of excluded repositories by the project's name in README files and manifests.

A copy usually keeps this name, even if its folder and its remote have other names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

_HTML = re.compile(
    r"<img\b[^<>]*\balt=[\"']([^\"'<>]*)[\"'][^<>]*>|<[^<>]*>|!?\[([^\]]*)\]\([^)]*\)|!\[[^\]]*\]\[[^\]]*\]"
)
_TITLE = re.compile(
    r"^#\s+(.+?)\s*#*$|^(?!\s*[-=~*]{3})(\S.*)\n(?:=|-|~|\*){3,}\s*$|^=\s+(.+)$|<h1[^>]*>([\s\S]{0,500}?)</h1>",
    re.MULTILINE,
)
_LINES = (
    (r"pyproject\.toml|[Cc]argo\.toml|setup\.cfg", r"name\s*=\s*[\"']?([\w.-]+)"),
    (r"setup\.py", r".*\bname\s*=\s*[\"']([^\"']+)[\"']"),
    (r"(?:package|composer)\.json", r"(?:\s{0,4}|\{\s*)\"name\"\s*:\s*\"([^\"]+)\""),
    (r"go\.mod", r"module\s+(\S+)"),
    (r".+\.gemspec", r".*\.name\s*=\s*[\"']([^\"']+)[\"']"),
    (r"mix\.exs", r".*\bapp:\s*:(\w+)"),
    (r"pom\.xml", r"\s*<artifactId>([^<]+)<"),
)
"""Patterns for the file name of a manifest, and for the line in the manifest that names the project."""
_MANIFESTS = tuple((re.compile(file), re.compile(f"^{line}", re.MULTILINE)) for file, line in _LINES)
_PARENT = re.compile(r"<parent>.*?</parent>", re.DOTALL)
_VERSION = re.compile(r"/v\d+$")
_HEAD = 20_000


def is_telling(name: str) -> bool:
    """Whether a top-level file of this name holds the name of the project."""
    return name.lower().startswith("readme") or any(file.fullmatch(name) for file, _ in _MANIFESTS)


def names(files: Mapping[str, str]) -> dict[str, str]:
    """The names that top-level files give the project, each with the name of the file that gives the name.

    `files` maps file names to texts.
    """
    found: dict[str, str] = {}
    for name, text in sorted(files.items()):
        head = text[:_HEAD]
        if name.lower().startswith("readme"):
            title = _TITLE.search(head)
            if title is not None:
                said = next(group for group in title.groups() if group is not None)
                found.setdefault(_plain(_HTML.sub(lambda m: m[1] or m[2] or " ", said)), name)
        for file, pattern in _MANIFESTS:
            given = pattern.search(_PARENT.sub("", head)) if file.fullmatch(name) else None
            if given is not None:
                found.setdefault(_plain(_VERSION.sub("", given[1]).rpartition("/")[2]), name)
    found.pop("", None)
    return found


def claimed(files: Mapping[str, str], excluded: Sequence[str]) -> str | None:
    """The excluded repository that has the project's name, and the file with this name, in words.

    Returns None if no excluded repository has the project's name.
    """
    ours = names(files)
    for name in excluded:
        where = ours.get(_plain(name.rpartition("/")[2]))
        if where is not None:
            return f"{name}, judging by the name in {where}"
    return None


def _plain(name: str) -> str:
    """A name in lower case without punctuation, and without the digit of a major version at its end."""
    letters = re.sub(r"[^a-z0-9]", "", name.lower())
    return re.sub(r"(?<=[a-z]{3})\d$", "", letters)
