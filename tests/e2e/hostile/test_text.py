"""Encodings, and names and code in other scripts."""

from __future__ import annotations

import pytest

from indexer.index.index import Index
from retrieval.searcher import Searcher
from tests.indexes import PYTHON, answers, config

from .place import Place

ENCODED = {
    "invalid UTF-8": PYTHON.encode() + b"# caf\xe9 \xff\xfe\xc3\x28\n",
    "UTF-16, little end first": b"\xff\xfe" + PYTHON.replace("def knead", "def kneten_ü").encode("utf-16-le"),
    "UTF-16, big end first": b"\xfe\xff" + PYTHON.encode("utf-16-be"),
    "UTF-16, torn": b"\xff\xfe" + PYTHON.encode("utf-16-le") + b"\x00\xd8x",
    "UTF-8 with a mark": b"\xef\xbb\xbf" + PYTHON.encode(),
    "lone surrogates": PYTHON.encode() + b"# \xed\xa0\x80\n",
}


@pytest.mark.parametrize("name", ENCODED)
def test_encodings(place: Place, name: str) -> None:
    """The code is found, at the right line, whatever its bytes."""
    place.put("bakery.py", ENCODED[name])
    report = place.index()
    assert report.skipped == ()
    hit = answers(place.root, place.home, "fold the dough again and again")[0][0]
    assert hit[:2] == ("bakery.py", 13)


SCRIPTS = {
    "зима.py": (
        "def посчитать_снежинки(небо):\n    return len(небо)\n",
        "посчитать снежинки",
        "посчитать_снежинки",
    ),
    "日本.py": (
        "def 雪を数える(空):\n    '''雪の結晶を数えて返す'''\n    return len(空)\n",
        "雪の結晶を数えて返す",
        "雪を数える",
    ),
    "中文.js": (
        "function 计算雪花(天空) {\n  // 返回雪花的数量\n  return 天空.length;\n}\n",
        "雪花的数量",
        "计算雪花",
    ),
    "ελ.go": (
        "package a\n\n// Μέτρηση μετρά τις νιφάδες.\nfunc Μέτρηση() int { return 1 }\n",
        "μετρά τις νιφάδες",
        "Μέτρηση",
    ),
    "accent.py": (
        "def re\u0301sume\u0301_des_flocons():\n    return 1\n",
        "r\u00e9sum\u00e9 des flocons",
        "",
    ),
    "عربي.py": ("def عد_الثلوج(سماء):\n    return len(سماء)\n", "عد الثلوج", "عد_الثلوج"),
}


def test_scripts(place: Place) -> None:
    """Names, comments and questions in other scripts meet, also where accents are written in another way."""
    for name, (code, _, _) in SCRIPTS.items():
        place.put(name, code)
    assert place.index().skipped == ()
    with Index.open(place.root, config(place.home)) as index:
        searcher = Searcher(index.store, index.encoder, index.repo)
        for name, (_, question, symbol) in SCRIPTS.items():
            best = searcher.search(question)[0]
            assert best.path == name, question
            assert symbol in ("", best.symbol)
            if symbol:
                assert searcher.search(symbol)[0].path == name
