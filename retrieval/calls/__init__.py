"""The call graph of a repository: who calls a definition, and what a definition calls."""
