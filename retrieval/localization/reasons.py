"""Explains in words why a function is an answer, for example because of a frame, a mention or a commit."""

from __future__ import annotations

from collections.abc import Iterator

from .evidence import IssueEvidence
from .issue import TITLE, WHOLE
from .mentions import MentionKind

_ALIKE = 0.25
"""Minimum similarity of a commit's message for the commit to be a reason."""
_SURE = 0.3
_WAYS = (
    (MentionKind.QUOTED, "in backticks"),
    (MentionKind.CALLED, "called"),
    (MentionKind.TITLE, "in the title"),
    (MentionKind.ERROR, "in the error"),
    (MentionKind.CODE, "in the code"),
    (MentionKind.IMPORTED, "imported"),
)


def of(evidence: IssueEvidence, row: int) -> list[str]:
    """The reasons for the function at this index of the corpus."""
    found = [*_traced(evidence, row), *_named(evidence, row), *_files(evidence, row), *_past(evidence, row)]
    return found or [_words(evidence, row)]


def _traced(evidence: IssueEvidence, row: int) -> Iterator[str]:
    function = evidence.corpus.functions[row]
    if evidence.named.traced[row] > 0:
        base = function.path.rpartition("/")[2]
        for frame in evidence.issue.frames:
            same = frame.path.replace("\\", "/").rpartition("/")[2] == base
            if same and frame.function in ("", function.name):
                above = (
                    f"{frame.depth} calls above the error" if frame.depth else "where the error was raised"
                )
                yield f"stack trace: {base}:{frame.line}, {above}"
                return
    if evidence.named.inside[row]:
        yield "the issue names a line of the function"


def _named(evidence: IssueEvidence, row: int) -> Iterator[str]:
    named, function = evidence.named, evidence.corpus.functions[row]
    if named.qualified[row]:
        yield f"the issue names {function.symbol}"
        return
    if named.confidence[row] >= _SURE:
        yield f"the issue names {function.name} ({_how(named.kinds[row])})"
    if named.owner[row] >= _SURE:
        owner = function.owner.rpartition(".")[2]
        yield f"the issue names the class {owner} ({_how(named.owner_kinds[row])})"


def _how(kinds: int) -> str:
    return ", ".join(words for one, words in _WAYS if one & kinds) or "by name"


def _files(evidence: IssueEvidence, row: int) -> Iterator[str]:
    named, file = evidence.named, evidence.corpus.file[row]
    if named.path[file]:
        yield "the issue names the file"
    elif named.module[file] >= _SURE:
        yield "the issue names the module"


def _past(evidence: IssueEvidence, row: int) -> Iterator[str]:
    for similarity, place, what in (
        (evidence.past_functions[WHOLE], row, "changed the function"),
        (evidence.past_files[WHOLE], evidence.corpus.file[row], "changed the file"),
    ):
        number = similarity.commit[place]
        if number >= 0 and evidence.messages[WHOLE][number] >= _ALIKE:
            commit = evidence.history.commits[number]
            yield f'commit {commit.id[:10]} {what}: "{commit.message.partition(chr(10))[0][:80]}"'
            return


def _words(evidence: IssueEvidence, row: int) -> str:
    title, whole = evidence.bm25[TITLE][row], evidence.bm25[WHOLE][row]
    if whole <= 0:
        return "similar in meaning"
    return "words of the title" if title >= whole else "words of the issue"
