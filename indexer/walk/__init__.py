"""Decides which files are indexed, and reads what git knows about them. Nothing here parses code."""
