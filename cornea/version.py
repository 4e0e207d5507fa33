"""The version of the program. This module imports nothing, because pyproject.toml reads it."""

__version__ = "0.2.0"
