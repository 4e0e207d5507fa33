"""Reads the URL of a repository's remote, and makes a name of it that is the same on every machine."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

from ..paths import show
from . import git

_FETCHED = re.compile(rb"^(.+)\t(.*) \(fetch\)", re.MULTILINE)
"""Matches the name of a remote and the URL that git fetches from."""
_SCP = re.compile(
    r"(?:[^/@\[\]]*@)?"
    r"(?:\[(?:[^/@\]]*@)?(?P<bracketed>[^/:@\]]+)(?::\d+)?\]|(?P<host>\[[^/@\]]+\]|[^/:@\[\]]{2,}))"
    r":(?!:)(?P<path>.*)"
)
"""Matches user@host:path, [user@host:port]:path and user@[address]:path, but no drive letter as the host."""


def remote_url(path: Path) -> str | None:
    """The URL of the remote `origin`, else of the alphabetically first remote. Returns None without a remote.

    The URL may contain credentials.
    """
    done = git.answer(path, "remote", "--verbose")
    urls = {} if isinstance(done, git.Refusal) else dict(_FETCHED.findall(done))
    return show(urls.get(b"origin") or urls[min(urls)]) if urls else None


def normalise_remote(url: str) -> str:
    """A remote's URL as `host/owner/name`, without credentials. All notations of a URL give the same result.

    Returns "" for local paths and remote helpers (`ext::...`), which mean nothing on other machines.
    """
    text = re.sub(r"[\x00-\x20\x7f]", "", url)
    scheme, mark, rest = text.partition("://")
    if mark:
        if scheme.lower() == "file" or "::" in scheme:
            return ""
        authority, _, path = rest.partition("/")
        path = re.split(r"[?#]", path, maxsplit=1)[0]
        host = re.sub(r":\d*$", "", authority.rpartition("@")[2])
        path = unquote(path)
    else:  # user@host:path, as scp writes it
        found = _SCP.fullmatch(text)
        if found is None:
            return ""
        host, path = found["bracketed"] or found["host"], found["path"]
    parts = [part for part in path.split("/") if part and part != "."]
    if not host or not parts:
        return ""
    return "/".join([host.lower().rstrip("."), *parts]).removesuffix(".git")
