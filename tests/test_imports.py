"""No module of the runtime or of research/ imports itself in a circle, however late the import runs."""

from __future__ import annotations

import graphlib

import grimp

PACKAGES = ("cornea", "indexer", "lsp", "mcp_server", "research", "retrieval")


def test_no_circles() -> None:
    """Imports inside functions and under TYPE_CHECKING count, too."""
    graph = grimp.build_graph(*PACKAGES, cache_dir=None)
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    assert "indexer.walk.revision" in imports["indexer.parsing.source"]  # inside a function
    assert "lsp.session" in imports["lsp.hover"]  # for types alone
    order = list(graphlib.TopologicalSorter(imports).static_order())  # raises CycleError with the circle
    assert len(order) == len(imports)
