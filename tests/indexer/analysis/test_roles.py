"""What a path says about a file's purpose."""

from __future__ import annotations

import pytest

from indexer.analysis.roles import is_example, is_legacy, is_stub, is_test

TESTS = """
tests/a.py test/a.py src/tests/deep/a.py pkg/testing/tool.py web/__tests__/a.js spec/models/user_spec.rb
test_a.py pkg/test_a.py pkg/a_test.go pkg/a_tests.rs a.test.ts src/a.spec.tsx conftest.py pkg/conftest.py
app/tests.py app/test.js src/test/java/org/FooTest.java src/main/FooTests.kt src/FooIT.java src/FooSpec.scala
Tests/AppTests/AppTests.swift Acme.Tests/Thing.cs Acme.Test/Thing.cs src/androidTest/kotlin/A.kt e2e/login.ts
testdata/x.json pkg/testdata/x.go tests/fixtures/a.json test_project/a.py test-utils/a.js test-http.js
src/integrationTest/java/A.java src/TestFoo.java pkg/foo-test.js FooTestCase.php lib/foo_spec.rb a.specs.ts
db/skiplist_unittest.cc unit_tests/pool.cc src/api-tests/a.ts pkg/pool_test/a.go
"""
NO_TESTS = """
src/a.py latest.py contest.py pkg/attest.go src/testimony.py src/greatest/a.py protest/a.py a/fastest.rs
src/specification.py special/a.py inspect.py src/Contest.java src/Latest.java src/detest.cs respect.rb
src/testable.py src/tester.go manifest.json SPECS.md src/Testament.java
"""
ROLES = [
    (
        is_example,
        "examples/a.py doc/a.rst docs/conf.py Samples/A.cs benchmarks/b.py docs_src/a.py bench/x.rs "
        "playground/ssr/a.js",
        1,
    ),
    (is_example, "src/example.py sample.py src/document/a.py workbench/a.js src/docstring.py", 0),
    (is_stub, "a.pyi types/a.d.ts a.d.mts mocks/a.go src/__mocks__/a.js stubs/x.py", 1),
    (is_stub, "a.py a.ts src/stubborn.py mockup/a.js id.ts src/and.ts", 0),
    (is_legacy, "src/compat.py pkg/_compat/a.py legacy/a.js deprecated.go old/a.c", 1),
    (is_legacy, "src/compatible.py bold/a.py gold.py src/threshold.py older/a.py", 0),
]


@pytest.mark.parametrize("path", TESTS.split())
def test_tests_are_recognised(path: str) -> None:
    """The conventions of a dozen ecosystems."""
    assert is_test(path)


@pytest.mark.parametrize("path", NO_TESTS.split())
def test_words_that_contain_test_are_not_tests(path: str) -> None:
    """Only whole words count."""
    assert not is_test(path)


@pytest.mark.parametrize(("role", "paths", "expected"), ROLES)
def test_other_roles(role: object, paths: str, expected: int) -> None:
    """Examples, stubs and legacy code, and what only looks like them."""
    assert callable(role)
    assert {path: bool(role(path)) for path in paths.split()} == dict.fromkeys(paths.split(), bool(expected))


def test_odd_paths_have_no_role() -> None:
    """Newlines, other scripts, escapes and endless names decide nothing and take no time."""
    for path in (
        "a\nb.py",
        "é/日本.py",
        "\\xff.py",
        "a" * 10_000,
        "/".join("t" * 2_000),
        "-" * 10_000,
        "_." * 5_000,
    ):
        assert not (is_test(path) or is_example(path) or is_stub(path) or is_legacy(path))
