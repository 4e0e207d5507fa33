"""A small library of source files, and stores filled with it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from indexer.analysis import fragment_points
from indexer.encoding.types import Encoder
from indexer.fragment import SourceFile
from indexer.parsing.languages import name_of
from indexer.parsing.source import Source
from indexer.store import Store

LIBRARY: Mapping[str, str] = {
    "src/users.py": '''"""Accounts of people."""

class UserStore:
    """Keeps users in a table."""

    def get_user(self, name):
        """One user by name."""
        return self.table[name]

    def delete_user(self, name):
        del self.table[name]
''',
    "src/http/mux.go": """package http

// Mux routes requests to handlers.
type Mux struct {
	routes map[string]Handler
}

// Handle registers a handler for a pattern.
func (m *Mux) Handle(pattern string, handler Handler) {
	m.routes[pattern] = handler
}

func (m *Mux) Find(path string) Handler {
	return m.routes[path]
}
""",
    "src/cache.py": '''import time


def remember(function, seconds):
    """Keep a function's results for some seconds and forget the oldest."""
    known = {}

    def wrapped(*args):
        now = time.monotonic()
        if args not in known or known[args][0] < now:
            known[args] = now + seconds, function(*args)
        return known[args][1]

    return wrapped


def clear(cache):
    """Not found: nothing to clear."""
    raise KeyError("HTTP 404: not found")
''',
    "src/geometry.py": """def area(radius):
    return 3.14159 * radius ** 2


def perimeter(radius):
    return 2 * 3.14159 * radius
""",
    "tests/test_users.py": '''from src.users import UserStore


def test_get_user():
    """One user by name."""
    store = UserStore()
    assert store.get_user("a") == store.get_user("a")
''',
    "docs/users.md": "# Users\n\nA UserStore keeps users; get_user gives one user by name.\n",
    "src/größe.py": "def größe(wert):\n    return wert  # 全文検索エンジン\n",
}


def fill(store: Store, repo: str, files: Mapping[str, str], encoder: Encoder) -> None:
    """What indexing a folder with these files would store."""
    for path, text in files.items():
        data = text.encode()
        digest = hashlib.blake2b(data, digest_size=16).hexdigest()
        file = SourceFile(path, Path(path), len(data), 0)
        source = Source(file, data, data, "utf-8", digest, len(data), 0)
        language = name_of(path, data)
        found = fragment_points.fragments(source, repo, language)
        store.upsert(fragment_points.points(source, repo, language, found, encoder))
