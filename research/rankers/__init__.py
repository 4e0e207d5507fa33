"""Trains the rankers of search, continue and locate."""
