"""Makes questions from documentation and commit messages, and rejects texts that are unsuitable."""

from __future__ import annotations

import re

_MARKUP = re.compile(
    r"^\s*(?:[@\\:]\w|Args:|Arguments:|Parameters|Returns?:|Raises:|Examples?:|#|>>>|```|---)"
)
_INLINE = re.compile(r"\{@\w+ ([^}]*)\}|<[^<>]+>|:\w+:`~?([^`]*)`")
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
_SUBJECT, _MESSAGE = 4, 120
"""Minimum words of a message's first line, and maximum words of a question from a message."""
_ROUTINE = re.compile(
    r"(?:merge|revert|bump|release|prepar\w+ (?:for )?(?:the )?(?:next|release|v?\d)|version|changelog|wip\b"
    r"|updat\w+ (?:the )?(?:changelog|version|dependenc|deps|readme|docs|copyright|licen[cs]e|submodule"
    r"|translation)|initial commit|first commit|back to development|apply fixes|style ?ci|cs fix|code style"
    r"|lint|fix lint|reformat|run (?:black|prettier|gofmt|rustfmt|clang-format|rubocop)|\[?automated"
    r"|auto-?(?:generated|format)|(?:chore|docs?|ci|style|build|release|test)s?(?:\([^)]*\))?!?:|backport"
    r"|cherry.pick|upgrade \S+ (?:to|from)|\[?(?:maven-release-plugin|ci skip|skip ci)|pep ?8|whitespace)",
    re.IGNORECASE,
)
_ANYWHERE = re.compile(
    r"\btypos?\b|\bbump(?:s|ed)?\b.*\d|\bversion bump|\bspelling\b|\bfix(?:es|ed)? lint", re.IGNORECASE
)
_BOT = re.compile(
    r"\[bot\]|dependabot|renovate|greenkeeper|github-actions|-bot@|\bbot@|transifex|weblate", re.IGNORECASE
)
_TRAILER = re.compile(
    r"^(?:[A-Z][A-Za-z-]+-(?:by|Id|on|Url|Upstream):.*|\(cherry picked .*\)|git-svn-id:.*"
    r"|(?:PR|Pull Request)[ -].*|(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?|refs?|see|bug|issue|related)"
    r"(?: to)?:?\s+(?:\S*#\d+|https?://\S+|\S+/\d+)[\s,.;]*.*)$",
    re.MULTILINE | re.IGNORECASE,
)
_STEP = re.compile(r"^\s*[*-] .*$", re.MULTILINE)
"""An item of a list. Most items are messages of squashed commits, such as "fix tests"."""
_NUMBER = re.compile(r"\s*[\(\[](?:[\w./-]*#\d+|GH-\d+)(?:,\s*#\d+)*[\)\]]|\s#\d+\b|https?://\S+")


def of_documentation(docstring: str, second: bool = False) -> tuple[str, str]:
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


def of_message(message: str, author: str) -> tuple[str, str]:
    """A question of one line and an empty reason, or an empty question and the reason why there is none."""
    if _BOT.search(author):
        return "", "commit: by a machine"
    subject, _, rest = message.strip().partition("\n")
    subject = _NUMBER.sub("", subject).strip()
    if _ROUTINE.match(subject) or _ANYWHERE.search(subject):
        return "", "commit: routine"
    if len(subject.split()) < _SUBJECT:
        return "", "commit: message too short"
    body = _NUMBER.sub("", _TRAILER.sub("", _STEP.sub("", rest)))
    words = f"{subject} {body}".split()[:_MESSAGE]
    text = " ".join(words)
    reason = foreign(text)
    return ("", f"commit: message {reason}") if reason else (text, "")


def prose(docstring: str, most: int) -> list[str]:
    """The first `most` paragraphs of a docstring, up to its first markup, each in one line."""
    found: list[list[str]] = [[]]
    for line in docstring.strip().splitlines():
        if _MARKUP.match(line):
            break
        if line.strip():
            found[-1].append(_INLINE.sub(lambda m: m[1] or m[2] or " ", line))
        elif len(found) == most:
            break
        elif found[-1]:
            found.append([])
    texts = (" ".join(" ".join(lines).split()) for lines in found)
    return [text for text in texts if text]


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
