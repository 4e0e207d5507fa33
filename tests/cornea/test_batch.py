"""What becomes of a batch of which one line fails."""

from __future__ import annotations

import json

import pytest

from cornea.batch import answer_lines
from cornea.codes import ERROR
from cornea.presentation.json_answers import BatchAnswer, SearchLine
from indexer.errors import CorneaError, InternalError, StoreError, UsageError
from retrieval.host.answers import Location

LINES = [b'{"id": 1, "query": "a"}\n', b'{"id": 2, "query": "bad"}\n', b'{"id": 3, "query": "c"}\n']


def _answer_all(error: CorneaError) -> int:
    def respond(line: SearchLine) -> BatchAnswer[Location]:
        if line.query == "bad":
            raise error
        return BatchAnswer(results=[])

    return answer_lines(LINES, SearchLine, "{}", respond)


@pytest.mark.parametrize("error", [UsageError("wrong"), InternalError(KeyError("x"), "1.2", "/host.log")])
def test_an_error_of_one_line(capsys: pytest.CaptureFixture[str], error: CorneaError) -> None:
    """It may be a bug that only this line meets. The others are answered."""
    assert _answer_all(error) == ERROR
    first, second, third = map(json.loads, capsys.readouterr().out.splitlines())
    assert second == {"id": 2, "error": str(error)}
    assert (first, third) == ({"id": 1, "results": []}, {"id": 3, "results": []})


def test_an_error_of_the_index(capsys: pytest.CaptureFixture[str]) -> None:
    """It ends the batch."""
    with pytest.raises(StoreError):
        _answer_all(StoreError("gone"))
    assert len(capsys.readouterr().out.splitlines()) == 1
