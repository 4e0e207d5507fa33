"""The words that a question leaves out. This module imports nothing, so that a client may use it."""

from __future__ import annotations

STOP_WORDS = frozenset(
    "a an and any are as at be been being by can could do does done for from get gets had has have how i "
    "if in into is it its let may me my of on or our should so some than that the their them then there "
    "these they this those to under up used uses using was we were what when where which while who why "
    "will with would you your".split()
)
"""Words that say little in a question but are rare in code, so that their IDF would be too high. A query
leaves these words out, unless it has no other words."""
