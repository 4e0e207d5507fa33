"""Names of the ways to rank continuations; `ranker.PROFILES` says what each does. Imports nothing heavy."""

PROFILES = ("bm25", "dense", "hybrid", "balance", "join", "learned")
DEFAULT = "learned"
