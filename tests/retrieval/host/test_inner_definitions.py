"""What a fragment defines inside is told from what it only uses."""

from __future__ import annotations

import pytest

from retrieval.host import inner_definitions
from tests.support.waiting import processor_time_below

PLUGIN = """
export function plug(): Plugin {
  const outer = {
    name: 'svg',
    async resolveId(id, { a = f(1) }): Promise<{ a: b }> {
      return fetched(id)
    },
    get size() { return summed(1) },
    load: async (id) => { called(id) },
    handler: function () {},
    limit: value(3),
    *walk() {},
    'quoted'() {},
    short: id => 1,
    init<T>(a: T) { if (checked(a)) { return new Thing(a) } else again(a) },
  }
  invoked(outer)
  window.onpopstate = () => {}
  while (waited(outer)) {}
  described('a', () => {
  })
}
"""
LOCAL = """
void run() {
  struct Visitor : Base {
    bool visit(const Node& node) override {
      return used(node);
    }
  };
  call(1);
}
"""


@pytest.mark.parametrize(
    ("text", "language", "defined", "used"),
    [
        (PLUGIN, "typescript", "outer resolveid size load handler walk quoted short init onpopstate",
         "name fetched summed called limit value invoked waited described checked thing again"),
        (LOCAL, "cpp", "visitor visit", "used call base"),
        ("list = new Bag() {\n  public int size() {\n    return 1;\n  }\n}", "java", "size", "bag"),
        ("def f\n  each_row(x) { |y| y }\nend\n", "ruby", "f", "each_row"),
        ("def f():\n    def inner():\n        pass\n    called()\n", "python", "inner", "called"),
    ],
)  # fmt: skip
def test_inner_definitions(text: str, language: str, defined: str, used: str) -> None:
    """By keyword in every language; in some also methods, which have none."""
    for name in defined.split():
        assert inner_definitions.has(text, name, language), name
    for name in used.split():
        assert not inner_definitions.has(text, name, language), name


@pytest.mark.parametrize("unit", ["a ", "*", "a*", "<", "(", "a: ", "{", "a(", "\t", "a\n"])
def test_long_lines_take_no_long_time(unit: str) -> None:
    """Nothing is found in them, after a time that grows with their length only."""
    assert not inner_definitions.has(unit * 20_000 + "x", "x", "cpp")


def test_a_long_list_takes_no_long_time() -> None:
    """Its commas may begin a method, and belong to a type."""
    with processor_time_below(60):
        assert not inner_definitions.has("{foo_bar:[" + "1," * 40_000 + "1]}", "foo_bar", "javascript")
