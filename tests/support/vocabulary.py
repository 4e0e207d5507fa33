"""Checks the words of this repository: `python -m tests.support.vocabulary`, which `make lint` runs.

One noun means one thing (docs/glossary.md), so no two classes of the runtime have one name; and some words of
our own are not used, because the field has others or readers stumble over them.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
RUNTIME = ("cornea", "lsp", "mcp_server", "retrieval", "indexer")
BANNED = {
    r"\b(?:Desk|Courtesy|lastwords|heed\w*|lull\w*)\b": "use the terms of docs/glossary.md",
    r"\banew\b": "write `again`, or `from nothing`",
    r"\bwho(?:ever)? asks\b": "say who: the user, the client, the caller",
    r"(?:^|[.;:#\"] )[Ss]o (?:long|many|often|much)\b(?! as)": "say what is limited, and in which unit",
    r"\b(?:goes|go) on with its life\b": "say what happens",
}
"""Pattern -> what to do. They are looked for in code, prose and names alike."""
_EXEMPT = ("tests/support/vocabulary.py", "docs/glossary.md", "CHANGELOG.md")


def main() -> int:
    """Print what is wrong; the exit code."""
    wrong = [*_banned_words(), *_classes_of_one_name()]
    for line in wrong:
        print(line)  # noqa: T201 - a command of the project's own
    return 1 if wrong else 0


def _files() -> list[str]:
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [name for name in done.stdout.split("\0") if name]


def _banned_words() -> Iterator[str]:
    for name in _files():
        if not name.endswith((".py", ".md", ".toml")) or name in _EXEMPT or _is_sample(name):
            continue
        for number, line in enumerate((ROOT / name).read_text("utf-8").splitlines(), 1):
            for pattern, advice in BANNED.items():
                if match := re.search(pattern, line):
                    yield f"{name}:{number}: {match[0].strip()!r}: {advice}"


def _classes_of_one_name() -> Iterator[str]:
    places: dict[str, list[str]] = defaultdict(list)
    for name in _files():
        if not name.endswith(".py") or name.split("/")[0] not in RUNTIME:
            continue
        for node in ast.walk(ast.parse((ROOT / name).read_text("utf-8"))):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(f"{name}:{node.lineno}")
    for name, found in sorted(places.items()):
        if len(found) > 1:
            yield f"{found[0]}: class {name} is also at {', '.join(found[1:])}: give each a name of its own"


def _is_sample(name: str) -> bool:
    return "/golden/" in name or "/broken/" in name or "/declared/" in name


if __name__ == "__main__":
    sys.exit(main())
