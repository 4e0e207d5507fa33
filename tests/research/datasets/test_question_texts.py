"""Which documentation can be a question."""

from __future__ import annotations

import pytest

from research.datasets.question_texts import of_documentation


@pytest.mark.parametrize(
    ("docstring", "text"),
    [
        ("Parse the header.\n\n:param x: what", "Parse the header."),
        ("Parse a [Header](../header.html), see\n[`Other`][1].", "Parse a Header, see `Other`."),
        ("Parse {@code header} of [`Request`].", "Parse header of `Request`."),
        ("@return the header of it", ""),
        ("TODO: parse the header", ""),
        ("{@inheritDoc}", ""),
        ("See the other method of it", ""),
        ("Parse it", ""),
        ("解析请求的标头并返回它们", ""),
        ("Analysiert die Kopfzeilen und gibt das Ergebnis zurück an die Funktion", ""),
        ("Analiza las cabeceras que vienen en la respuesta para el cliente", ""),
        ("x = 1; y[2] = {3: 4}; z = (5 + 6) * 7", ""),
        ("", ""),
    ],
)
def test_what_asks_something(docstring: str, text: str) -> None:
    """Prose in English, without markup; neither a remark to oneself nor a few words."""
    found, reason = of_documentation(docstring)
    assert found == text
    assert bool(reason) is not bool(text)


def test_a_second_paragraph() -> None:
    """Only where it is asked for."""
    text = "Parse the header of it.\n\nIt may be folded.\n\nIt may be empty."
    assert of_documentation(text)[0] == "Parse the header of it."
    assert of_documentation(text, second=True)[0] == "Parse the header of it. It may be folded."
