"""Helix, really typed in."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from ..e2e.cli import Cli
from ..support.waiting import until
from .conftest import EDITORS, tool
from .terminal import Terminal


@pytest.fixture
def helix(work: Cli) -> Iterator[Terminal]:
    """Helix with Cornea alone, set up by the first lines of our configuration."""
    ours = (EDITORS / "helix" / "languages.toml").read_text()
    server = ours[ours.index("[language-server.cornea]") : ours.index("[[language]]")]
    place = Path(os.environ["XDG_CONFIG_HOME"]) / "helix"
    place.mkdir(parents=True)
    (place / "languages.toml").write_text(
        f'{server}\n[[language]]\nname = "python"\nlanguage-servers = ["cornea"]\n'
    )
    terminal = Terminal([*tool("hx"), "src/item.py"], work.environment({"LANG": "C.UTF-8"}), work.folder)
    yield terminal
    terminal.close()


def _leave(helix: Terminal) -> None:
    """Escape, and a pause: keys that follow at once would be taken for Alt and a key."""
    helix.look(0.3)
    helix.type("\x1b")
    helix.until("NOR")
    helix.look(0.3)


def _symbols(helix: Terminal) -> str:
    """What the picker of workspace symbols lists for a name, as soon as the server is there."""
    helix.until("find_item")

    def listed() -> str:
        helix.type(" Sfind_order", slowly=0.05)
        shown = helix.look(2.0)
        _leave(helix)
        return shown if "order.py" in shown else ""

    return str(until(listed))


def test_an_item_of_several_lines_is_taken(helix: Terminal, work: Cli) -> None:
    """The list shows it below the word that is typed, and the buffer has it, indented as it is there."""
    _symbols(helix)
    helix.type("6ggA\r")
    helix.type("sel", slowly=0.1)
    helix.until("self.log.info")
    helix.type("\x0e\r")
    _leave(helix)
    helix.type(":w\r")
    helix.until("written")
    text = (work.folder / "src/item.py").read_text()
    assert '        self.log.info("found %s", key)\n        self.log.debug("the table' in text
    assert "\n        return found\n" in text


def test_workspace_symbols(helix: Terminal) -> None:
    """The picker lists what a search finds."""
    assert "OrderStore.find_order" in _symbols(helix)


def test_similar_code_to_choose_from(helix: Terminal) -> None:
    """The names of what was found are shown, and the chosen one is opened."""
    _symbols(helix)
    helix.type("2gg a", slowly=0.05)
    helix.until("Find similar code")
    helix.type("\r")
    helix.until(lambda shown: "open which?" in shown and "OrderStore.find_order" in shown)
    helix.type("\r")
    helix.until("Keeps ")
