"""The role of a file, by its path: test, example, stub or legacy code."""

from __future__ import annotations

import re
from functools import lru_cache

from ..parsing import profiles

_WITH_TEST_NAMES = "|".join(sorted(profiles.words("extensions", test_names=True)))
_TEST = re.compile(
    r"(^|/)([Tt]ests?|testing|__tests__|[Ss]pecs?|e2e|testdata|fixtures|test[_-][^/]*|[^/]*\.Tests?)(/|$)"
    r"|(^|/)([^/]*[._-])?(tests?|specs)\.[^/]+$|[._-]spec\.[^/]+$|(^|/)conftest\.py$"
    rf"|(Test|Tests|TestCase|Spec|IT|/Test[A-Z][^/]*)\.({_WITH_TEST_NAMES})$"
    r"|(^|/)src/(androidTest|integrationTest|jvmTest|commonTest|nativeTest|jsTest)/",
)
_EXAMPLE = re.compile(
    r"(^|/)(examples?|samples?|demos?|docs?|docs_src|tutorials?|benchmarks?|bench)(/|$)", re.IGNORECASE
)
_STUB = re.compile(r"\.pyi$|\.d\.[mc]?ts$|(^|/)(mocks?|stubs?|__mocks__)(/|$)", re.IGNORECASE)
_LEGACY = re.compile(r"(^|/)(compat|_compat|legacy|deprecated|old|obsolete)(/|\.|$)", re.IGNORECASE)


@lru_cache(maxsize=4096)
def is_test(path: str) -> bool:
    """Whether a file is a test, a fixture or a test helper."""
    return _TEST.search(path) is not None


@lru_cache(maxsize=4096)
def is_example(path: str) -> bool:
    """Whether a file is an example, a demo, documentation or a benchmark."""
    return _EXAMPLE.search(path) is not None


@lru_cache(maxsize=4096)
def is_stub(path: str) -> bool:
    """Whether a file contains only declarations, stubs or mocks, and not the code itself."""
    return _STUB.search(path) is not None


@lru_cache(maxsize=4096)
def is_legacy(path: str) -> bool:
    """Whether a file contains legacy, deprecated or compatibility code."""
    return _LEGACY.search(path) is not None
