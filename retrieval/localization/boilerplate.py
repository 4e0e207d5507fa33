"""Recognises the boilerplate of issue forms: headings, and sentences of checklists."""

from __future__ import annotations

_HEADINGS = """
actual; actual behavior; actual behaviour; actual result; actual results; additional; additional context;
additional information; alternatives; anything else; anything else we need to know; are you willing to
submit a pr; bug; bug description; checklist; code example; code of conduct; code sample; complete verbose
output; component; context; current behavior; describe alternatives youve considered; describe the bug;
describe the solution youd like; description; details; documentation; dont modify this template;
environment; environment details; example; expected; expected behavior; expected behaviour; expected
result; expected results; feature request; help us help you; how to reproduce; information; is your
feature request related to a problem please describe; issue; logs; minimal example; minimal reproducible
example; motivation; no response; operating system; os; other information; possible solution;
prerequisites; problem; proposed solution; provide a description that is worded well enough; provide
verbose output that clearly demonstrates the problem; python version; question; read more; region; related
issues; relevant log output; reproducer; reproducible example; reproduction; screenshots; search before
asking; solution; steps to reproduce; suggested solution; summary; system info; system information; tasks;
to reproduce; ultralytics yolo component; use case; version; versions; what did you expect to happen; what
happened; what you expected to happen; who can help; your contribution
"""
_SENTENCES = """
_no response_; a clear and concise; add any other context; do not remove; don't remove; i agree to follow;
i am reporting; i have checked; i have confirmed; i have provided; i have read; i have searched; i have
verified; i understand that i will be; i would be willing; i'm reporting; i've checked; i've read; i've
searched; if applicable, add; no response; please fill; please make sure; please provide; thanks for
taking the time; yes i am willing
"""


def _listed(text: str) -> tuple[str, ...]:
    return tuple(" ".join(part.split()) for part in text.split(";"))


_KNOWN = frozenset(_listed(_HEADINGS))
_BEGINNINGS = _listed(_SENTENCES)


def says_nothing(line: str) -> bool:
    """Whether a line of prose is boilerplate of an issue form."""
    letters = "".join(c if c.isalpha() else " " for c in line.lower().replace("'", ""))
    return " ".join(letters.split()) in _KNOWN or line.lower().startswith(_BEGINNINGS)
