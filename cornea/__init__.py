"""Cornea: local code retrieval."""

__version__ = "0.1.0"
