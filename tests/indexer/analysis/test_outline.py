"""An outline names what a file defines, with kinds that say what each is."""

from __future__ import annotations

from pathlib import Path

import pytest

from indexer.analysis.outline import outline
from indexer.fragment import SourceFile
from indexer.parsing.source import Source, read

KINDS = {
    "a.ts": (
        "export type A = 1;\ndeclare type B = 2;\ninterface C { x: number }\n",
        "type:A type:B class:C field:C.x",
    ),
    "a.go": (
        "package a\n\ntype A = B\n\n// C is cold.\ntype C float64\n\nfunc (c C) F() {}\n\n"
        "type (\n\tD struct{ x int }\n\tE = int\n)\n\ntype G[T any] interface{}\n",
        "type:A type:C method:C.F class:D field:D.x type:E class:G",
    ),
    "a.rs": ("#[macro_export]\nmacro_rules! a {\n    () => {};\n}\ntype B = u8;\n", "macro:a type:B"),
    "a.jl": ('"About it."\nmacro a(x)\n    return x\nend\nb(x) = 1\n', "macro:a function:b"),
    "a.ex": (
        'defmodule A do\n  @doc "b"\n  defmacro b(x) do\n    x\n  end\n  def c(x), do: x\nend\n',
        "class:A macro:A.b method:A.c",
    ),
}


@pytest.mark.parametrize("path", KINDS)
def test_kinds(tmp_path: Path, path: str) -> None:
    """Types and macros are called so, though they are cut like classes and functions."""
    text, wanted = KINDS[path]
    place = tmp_path / path
    place.write_text(text, encoding="utf-8")
    status = place.lstat()
    source = read(SourceFile(path, place, status.st_size, status.st_mtime_ns))
    assert isinstance(source, Source)
    assert [f"{one.kind}:{one.name}" for one in outline(source).definitions] == wanted.split()
