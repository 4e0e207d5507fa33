"""Call graphs of texts, read as the worker processes read files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

from indexer.analysis.file_calls import MODULE, FileCalls, file_calls
from indexer.fragment import UnsavedFile
from indexer.parsing.source import Source, read
from retrieval.calls.call_graph import RepositoryCalls
from retrieval.calls.names import definitions_of


def facts_of(path: str, text: str) -> FileCalls:
    """What a text says about calls."""
    content = dedent(text).encode()
    source = read(UnsavedFile(path, Path(path), len(content), 0, written=True, content=content))
    assert isinstance(source, Source), source
    return file_calls(source)


def graph_of(files: Mapping[str, str]) -> RepositoryCalls:
    """The graph of texts by path."""
    graph = RepositoryCalls()
    for path, text in files.items():
        graph.put(facts_of(path, text))
    graph.resolve()
    return graph


def callers(graph: RepositoryCalls, name: str) -> list[str]:
    """The callers of the definitions of a name: "path symbol", with "?" behind those that are only by
    name."""
    found = set()
    for place in definitions_of(graph, name):
        for file, at, resolved in graph.calls_of(place):
            one, owner = graph.files[file], graph.files[file].owner(at)
            symbol = "" if owner == MODULE else one.definitions[owner].symbol
            found.add(f"{one.path} {symbol}".rstrip() + "?" * (not resolved))
    return sorted(found)
