"""Makes questions from commit messages, and rejects messages that do not say what was to be done."""

from __future__ import annotations

import re

from .docs import foreign

_FEWEST, _MOST = 4, 120
"""Minimum words of a message's first line, and maximum words of a question."""
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


def question(message: str, author: str) -> tuple[str, str]:
    """A question of one line and an empty reason, or an empty question and the reason why there is none."""
    if _BOT.search(author):
        return "", "commit: by a machine"
    subject, _, rest = message.strip().partition("\n")
    subject = _NUMBER.sub("", subject).strip()
    if _ROUTINE.match(subject) or _ANYWHERE.search(subject):
        return "", "commit: routine"
    if len(subject.split()) < _FEWEST:
        return "", "commit: message too short"
    body = _NUMBER.sub("", _TRAILER.sub("", _STEP.sub("", rest)))
    words = f"{subject} {body}".split()[:_MOST]
    text = " ".join(words)
    reason = foreign(text)
    return ("", f"commit: message {reason}") if reason else (text, "")
