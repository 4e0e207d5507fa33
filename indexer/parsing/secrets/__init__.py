"""Finds secrets in texts, and redacts them before any other part of the program reads the text.

The libraries on PyPI are a hundred times too slow for this; see docs/security.md.
"""

from .detection import Secret, find
from .redaction import is_doubtful, is_redacted, lines_of, redact, redact_text, star

__all__ = ["Secret", "find", "is_doubtful", "is_redacted", "lines_of", "redact", "redact_text", "star"]
