"""Texts as vectors: BM25's sparse ones, and dense ones of the bundled model or of fastembed's."""
