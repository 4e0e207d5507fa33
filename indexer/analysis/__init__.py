"""Computes a file's points in worker processes, or takes them from the cache."""
