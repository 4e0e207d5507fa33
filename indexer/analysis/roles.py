"""The role of a file, by its path: test, example, stub or legacy code."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from ..parsing import profiles

_WITH_TEST_NAMES = "|".join(sorted(profiles.words("extensions", test_names=True)))
_TEST = re.compile(
    r"(^|/)([Tt]ests?|testing|__tests__|[Ss]pecs?|e2e|testdata|fixtures|test[_-][^/]*|[^/]*[._-][Tt]ests?)(/|$)"
    r"|(^|/)([^/]*[._-])?(unit)?(tests?|specs)\.[^/]+$|[._-]spec\.[^/]+$|(^|/)conftest\.py$"
    rf"|(Test|Tests|TestCase|Spec|IT|/Test[A-Z][^/]*)\.({_WITH_TEST_NAMES})$"
    r"|(^|/)src/(androidTest|integrationTest|jvmTest|commonTest|nativeTest|jsTest)/",
)
_EXAMPLE = re.compile(
    r"(^|/)(examples?|samples?|demos?|playgrounds?|docs?|docs_src|tutorials?|benchmarks?|bench)(/|$)",
    re.IGNORECASE,
)
_STUB = re.compile(r"\.pyi$|\.d\.[mc]?ts$|(^|/)(mocks?|stubs?|__mocks__)(/|$)", re.IGNORECASE)
_LEGACY = re.compile(r"(^|/)(compat|_compat|legacy|deprecated|old|obsolete)(/|\.|$)", re.IGNORECASE)


def _role(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    """A function that says whether a path has the role of this pattern, and caches its results."""
    return lru_cache(maxsize=4096)(lambda path: pattern.search(path) is not None)


is_test = _role(_TEST)
"""Whether a file is a test, a fixture or a test helper."""
is_example = _role(_EXAMPLE)
"""Whether a file is an example, a demo, documentation or a benchmark."""
is_stub = _role(_STUB)
"""Whether a file contains only declarations, stubs or mocks, and not the code itself."""
is_legacy = _role(_LEGACY)
"""Whether a file contains legacy, deprecated or compatibility code."""
