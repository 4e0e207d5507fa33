"""What a project calls itself."""

from __future__ import annotations

import pytest

from research.mining.forks import claimed


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("README.md", "[![CI](x.svg)](y)\n\n# Project\n\nText"),
        ("README.rst", "Project\n=======\n"),
        ("readme.adoc", "= Project\n"),
        ("README.md", '<p><h1 align="center">Project</h1></p>'),
        ("README.md", '<h1>\n  <a href="x"><img src="y" alt="Project"></a>\n</h1>'),
        ("pyproject.toml", '[project]\nname = "project"\n'),
        ("setup.cfg", "[metadata]\nname = project\n"),
        ("setup.py", "setup(name='Project', version='1')"),
        ("package.json", '{\n  "name": "@them/project",\n  "version": "1"\n}'),
        ("composer.json", '{\n    "name": "them/project"\n}'),
        ("Cargo.toml", '[package]\nname = "project"\n'),
        ("go.mod", "module example.org/them/project/v2\n"),
        ("project.gemspec", 'Gem::Specification.new do |s|\n  s.name = "project"\n'),
        ("mix.exs", "  def project do\n    [\n      app: :project,\n"),
        ("pom.xml", "<parent><artifactId>x</artifactId></parent>\n<artifactId>project3</artifactId>"),
    ],
)
def test_a_copy_keeps_its_name(name: str, text: str) -> None:
    """In the title of its manual or in its package's name."""
    assert claimed({name: text}, ["owner/project"]) == f"owner/project, judging by the name in {name}"
    assert claimed({name: text}, ["owner/projects", "a/other"]) is None


def test_other_names() -> None:
    """A name inside of another one is another one."""
    files = {"README.md": "# A plugin for project\n", "package.json": '{\n  "name": "project-plugin"\n}'}
    assert claimed(files, ["owner/project"]) is None
    assert claimed({}, ["owner/project"]) is None
