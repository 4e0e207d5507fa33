"""Mines training pairs from the code and the history of local repositories."""
