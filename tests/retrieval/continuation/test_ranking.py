"""Features, joins, stages, adaptation and confidence."""

from __future__ import annotations

import numpy as np
import pytest

from indexer.encoding.types import Encoder
from indexer.store import Store
from research.benchmarks.prefixes import best_join, pool, prefix_from_data
from retrieval.config import CONTINUE_PROFILES
from retrieval.continuation import ranker
from retrieval.continuation.adaptation import substitution
from retrieval.continuation.alignment import Aligner, CutPoint
from retrieval.continuation.confidence import chances
from retrieval.continuation.continuer import Continuer
from retrieval.continuation.features import FEATURES
from retrieval.continuation.joining import Joiner
from retrieval.continuation.query import parse_prefix
from retrieval.ranking import stages

from .conftest import REPO
from .cursor import typed

TEXT = "def find_thing(self, number):\n    if number not in self.table:\n        ‸\n"


def test_names_are_the_columns(continuer: Continuer) -> None:
    """Each once; all numbers finite."""
    pool = continuer.pool(parse_prefix(*typed(TEXT)))
    cheap = FEATURES.matrix(pool, FEATURES.cheap)
    assert cheap.shape == (len(pool.candidates), len(FEATURES.cheap))
    full = stages.with_costly(FEATURES, cheap[:2], pool.only([0, 1]))
    assert full.shape == (2, len(FEATURES))
    assert full.dtype == np.float32
    assert np.isfinite(full).all()


@pytest.mark.parametrize("profile", CONTINUE_PROFILES)
def test_every_profile_ranks_everything_once(continuer: Continuer, profile: str) -> None:
    """Best first."""
    pool = continuer.pool(parse_prefix(*typed(TEXT)))
    ranked = ranker.rank(pool, profile)
    assert sorted(ranked.order) == list(range(len(pool.candidates)))
    assert (np.diff(ranked.scores) <= 1e-5).all()
    assert len(chances(pool, ranked)) == len(ranked.order)


def test_weights_of_both_stages_fit_the_features() -> None:
    """They are in the package."""
    for stage in (ranker.FIRST_STAGE, ranker.SECOND_STAGE):
        assert stage.model.names == stage.names


def test_a_data_sets_prefix_is_joined_with_the_start_of_documents(shop: Store, encoder: Encoder) -> None:
    """Nothing is cut."""
    prefix = prefix_from_data("def find_order(self, number):\n    if number", "python")
    assert {option.cut.at for option in pool(shop, encoder, REPO, prefix).candidates} == {0}


@pytest.mark.parametrize(
    ("prefix", "language", "right", "wrong"),
    [
        ("func f(a int) int {\n\tif a > 0 {", "go", "return a\n\t}\n\treturn 0\n}", "return a\n}"),
        (
            "    public int f(int a) {\n        if (a > 0) {", "java",
            "return a;\n        }\n    }", "return a;\n    }",
        ),
        ("    private function f($a)\n    {", "php", "return $a;\n    }", "return $a);\n    }"),
        ("  render(a) {\n    return (", "javascript", "a);\n  }", "a]);\n  }"),
        ("def f(a):\n    if a:", "python", "return a\n    return None", "return a)\n    return None"),
        ("def f(a):\n    return [", "python", "a]", "a)"),
        ("    def f(a)\n      if a", "ruby", "a\n      end\n    end", "a\n    end"),
        (
            "    pub fn f(&self) -> u32 {\n        match self", "rust",
            "{\n            _ => 1,\n        }\n    }", "=> 1\n    }",
        ),
    ],
)  # fmt: skip
def test_the_right_continuation_parses(prefix: str, language: str, right: str, wrong: str) -> None:
    """Members of classes too, and where the white space between the two was lost."""
    read = prefix_from_data(prefix, language)
    joiner = Joiner(read)
    good, bad = (best_join(joiner, read, text, [4]) for text in (right, wrong))
    assert good.clean
    assert good.order < bad.order


def test_nothing_is_parsed_without_a_grammar() -> None:
    """Nor where there is nothing."""
    assert not Joiner(prefix_from_data("sub f {", "perl")).usable
    assert not Joiner(prefix_from_data("", "python")).usable


def test_a_fragment_is_cut_where_its_lines_look_like_those_before_the_cursor() -> None:
    """Behind the same statement, at the same depth."""
    text = "def g(a):\n    x = load(a)\n    y = x.size\n    return y\n"
    cut = Aligner(parse_prefix(*typed("def f(b):\n    x = load(b)\n    ‸"))).cut(text, start=False)
    assert cut is not None
    assert text[cut.at :].lstrip().startswith("y = x.size")
    assert not cut.inside


def test_names_are_replaced_only_where_everything_else_agrees() -> None:
    """And one for one."""
    text = "def g(a):\n    x = load(a)\n    return x\n"
    at = text.index("    return")

    def names(buffer: str) -> dict[str, str]:
        return substitution(parse_prefix(*typed(buffer)), text, CutPoint(at))

    assert names("def f(b):\n    z = load(b)\n    ‸") == {"x": "z", "a": "b", "g": "f"}
    assert names("def f(b):\n    z = load(b, 1)\n    ‸") == {}
    assert names("def f(z):\n    z = load(z)\n    ‸") == {}
    assert names("def g(a):\n    x = load(a)\n    ‸") == {}
