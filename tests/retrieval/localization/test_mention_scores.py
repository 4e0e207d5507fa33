"""Which functions and files an issue names."""

from __future__ import annotations

import numpy as np
import pytest

from retrieval.localization.corpus import FunctionCorpus
from retrieval.localization.issue import parse_issue
from retrieval.localization.mention_scores import MentionScores, stem

from .texts import pieces


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> FunctionCorpus:
    more = {
        "port/__init__.py": "def opened():\n    return True\n",
        "lib/util.py": "def lower(text):\n    return text\n",
        "home/.bashrc": "greet() {\n    echo hello\n}\n",
        "src/util.py": "class Text:\n    def lower(self):\n        return self\n",
    }
    folder = tmp_path_factory.mktemp("named")
    return FunctionCorpus([*pieces(folder), *pieces(folder, more)])


def _named(issue: str, corpus: FunctionCorpus, column: str) -> dict[str, float]:
    values: np.ndarray = getattr(MentionScores(parse_issue(issue), corpus), column)
    names = (
        corpus.paths
        if len(values) == len(corpus.paths)
        else [f"{f.path}:{f.symbol}" for f in corpus.functions]
    )
    return {name: round(float(value), 2) for name, value in zip(names, values, strict=True) if value}


def test_a_qualified_name_is_exact(corpus: FunctionCorpus) -> None:
    """`Class.name` means that method, `module.name` that function, and nothing else of the name."""
    assert _named("Bug in Text.lower", corpus, "qualified") == {"src/util.py:Text.lower": 1.0}
    assert _named("Bug in boats.lower", corpus, "qualified") == {"port/boats.py:lower": 0.9}


def test_a_common_name_is_shared(corpus: FunctionCorpus) -> None:
    """The more functions have a name, the less each is meant; a named class tells them apart."""
    alone = _named("Call `prune()`", corpus, "function")
    shared = _named("Call `lower()`", corpus, "function")
    assert alone["garden/trees.py:prune"] > shared["lib/util.py:lower"] > 0
    of_class = _named("Call `lower()` of a `Text`", corpus, "function")
    assert of_class["src/util.py:Text.lower"] > of_class["lib/util.py:lower"]


def test_paths(corpus: FunctionCorpus) -> None:
    """A path with its folder is sure, a file's name is shared by those that have it; unknown files are
    nothing.
    """
    assert _named("see port/boats.py", corpus, "path") == {"port/boats.py": 1.0}
    assert _named("see /home/me/port/boats.py:3", corpus, "path") == {"port/boats.py": 1.0}
    both = _named("see util.py", corpus, "path")
    assert both.keys() == {"lib/util.py", "src/util.py"}
    assert max(both.values()) < 0.7
    assert _named("see elsewhere.py", corpus, "path") == {}


def test_modules(corpus: FunctionCorpus) -> None:
    """A dotted name leads to the module that it begins with."""
    found = _named("import port.boats.Harbour", corpus, "module")
    assert max(found, key=found.__getitem__) == "port/boats.py"
    assert "home/.bashrc" not in _named("Broken\n\nfrom .boat import harbours", corpus, "module")


def test_frames_fade(corpus: FunctionCorpus) -> None:
    """The deeper in the stack, the more."""
    trace = (
        'Title\n  File "a/port/customs.py", line 3, in inspect_cargo\n    x\n'
        '  File "a/port/boats.py", line 13, in anchor\n    y\n'
    )
    found = _named(trace, corpus, "traced")
    assert found == {"port/boats.py:Harbour.anchor": 1.0, "port/customs.py:inspect_cargo": 0.7}


def test_a_line_without_a_function(corpus: FunctionCorpus) -> None:
    """A named line lies in the function around it."""
    assert _named("Wrong: port/boats.py:14", corpus, "inside") == {"port/boats.py:Harbour.anchor": 1.0}


@pytest.mark.parametrize(
    ("path", "name"), [("a/b.py", "b"), ("a/__init__.py", "a"), ("b.d.ts", "b.d"), ("Makefile", "Makefile"),
    ("x/y/index.js", "y")]
)  # fmt: skip
def test_stem(path: str, name: str) -> None:
    """What a module is called."""
    assert stem(path) == name
