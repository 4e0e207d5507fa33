"""Escapes text of unknown origin, so that a terminal does not obey control characters in the text."""

from __future__ import annotations

from retrieval.escaping import code, name

__all__ = ["code", "name"]
