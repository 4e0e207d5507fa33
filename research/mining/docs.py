"""Makes questions from documentation, and rejects documentation that is unsuitable as a question."""

from __future__ import annotations

import re

from ..benchmarks.build import prose

_WORDS = (3, 100)
_LETTER = re.compile(r"[^\W\d_]")
_ASCII = re.compile(r"[A-Za-z]")
_EMPTY = re.compile(
    r"(?:todo|fixme|xxx|hack|see\b|inherit|\{?@?inheritdoc|\(?non-javadoc|created by|deprecated"
    r"|auto-?generated|generated (?:by|from)|automatically generated"
    r"|this (?:method|function|file) (?:was|is) (?:auto|generated)"
    r"|default constructor|constructor\b.{0,12}$|getter\b|setter\b|same as|alias (?:of|for|to)\b"
    r"|copyright|licen[cs]e|not implemented|no documentation|undocumented|missing documentation"
    r"|\{@link|https?://\S+$|@\w+|\.\.\. ?$|-{3}|={3}|\*{3})",
    re.IGNORECASE,
)
_LINK = re.compile(r"\[([^\[\]]+)\](?:\([^()]*\)|\[[^\[\]]*\])|\[(?=`[^`]+`\])|(?<=`)\](?![(\[])")
"""Markdown's links: `[text](place)` and [`name`]."""
_ENGLISH = frozenset(
    "the of to is and for with that this from by be are an it if not when or as at which will into all "
    "a in on has they were can should we you but then than only does".split()
)
_FOREIGN = frozenset(
    "der die das und nicht für ein eine wird les des une pour dans est que los las una para con che di del "
    "il questo não uma em är och att för het een van".split()
)
_LONG = 10
"""A text with at least this many words is rejected if it has no word in _ENGLISH."""


def question(docstring: str, second: bool = False) -> tuple[str, str]:
    """A question of one line and an empty reason, or an empty question and the reason why there is none.

    The question is the first paragraph of the documentation, followed by the second paragraph if `second`.
    """
    paragraphs = prose(docstring, 2)
    if not paragraphs:
        return "", "doc: none, or markup only"
    first = paragraphs[0]
    if _EMPTY.match(first):
        return "", "doc: says nothing"
    text = _LINK.sub(r"\1", " ".join(paragraphs[: 2 if second else 1]))
    words = text.split()
    if len(words) < _WORDS[0]:
        return "", "doc: too short"
    reason = foreign(text)
    return ("", f"doc: {reason}") if reason else (" ".join(words[: _WORDS[1]]), "")


def foreign(text: str) -> str:
    """The reason why a text is not English prose. Returns "" if the text is English prose."""
    letters = _LETTER.findall(text)
    if len(letters) < 0.5 * len(text.replace(" ", "")):
        return "more signs than letters"
    if len(_ASCII.findall(text)) < 0.95 * len(letters):
        return "not in Latin letters"
    words = [word.strip(".,;:()'\"`").lower() for word in text.split()]
    english = sum(word in _ENGLISH for word in words)
    other = sum(word in _FOREIGN for word in words)
    if other >= 2 and other > english:
        return "not English"
    return "not English" if len(words) >= _LONG and not english else ""
