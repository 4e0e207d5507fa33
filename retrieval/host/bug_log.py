"""The bugs in the log of a host."""

from __future__ import annotations

import traceback
from collections.abc import Callable

_TRACEBACK_LINES, _LINE_LENGTH = 400, 500
"""Maximum lines of a traceback in the log, and maximum characters of each. A message may quote a request."""


class BugLog:
    """Writes the tracebacks of bugs.

    Each bug is written once, because an editor may meet the same bug with each key, and a host may live for
    weeks.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        """`say` writes a line."""
        self._say = say
        self._written: set[tuple[type[Exception], tuple[object, ...]]] = set()
        """The types of the exceptions, and where they were raised."""

    def write(self, work: str, error: Exception) -> None:
        """Write the traceback of a bug in some work, unless the log has this bug already."""
        innermost = traceback.extract_tb(error.__traceback__)[-1:]
        bug = type(error), tuple((frame.filename, frame.lineno) for frame in innermost)
        if bug not in self._written:
            self._written.add(bug)
            self._say(f"bug in {work[:60]!r}:")
            for line in "".join(traceback.format_exception(error)).splitlines()[:_TRACEBACK_LINES]:
                self._say(line[:_LINE_LENGTH])
