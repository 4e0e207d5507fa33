"""Secrets in texts: found by rules of our own, and covered before anything else sees the text.

What is installable from PyPI reads a hundredth of what is needed a second; see docs/security.md.
"""

from .detection import Secret, find
from .redaction import is_doubtful, is_redacted, lines_of, redact, redact_text, star

__all__ = ["Secret", "find", "is_doubtful", "is_redacted", "lines_of", "redact", "redact_text", "star"]
