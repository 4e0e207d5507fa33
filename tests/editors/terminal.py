"""A terminal for editors: what is typed goes in, what a person would see comes out, as a picture, too."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from html import escape
from pathlib import Path

import pyte

from tests.support.waiting import LIMIT

ROWS, COLUMNS = 24, 92
_WIDTH, _HEIGHT = 8.4, 18
_COLORS = {
    "black": "#14161b", "red": "#e06c75", "green": "#98c379", "brown": "#e5c07b", "blue": "#61afef",
    "magenta": "#c678dd", "cyan": "#56b6c2", "white": "#d7dae0", "default": "",
}  # fmt: skip
_UNKNOWN = re.compile(rb"\x1b\[4:\d+m|\x1b\[\?\d*[nu]|\x1b\[[<>=][\d;]*[a-z]|\x1bP[^\x1b]*\x1b\\")
"""What pyte does not know, and would print: shapes of underlines, questions to the terminal."""
_FRONT, _BACK = "#d7dae0", "#16181d"


class Terminal:
    """A program in a terminal of ROWS x COLUMNS."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], folder: Path) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self.process = subprocess.Popen(
            command, stdin=slave, stdout=slave, stderr=slave, cwd=folder, start_new_session=True,
            env={**environment, "TERM": "xterm-256color", "COLORTERM": "truecolor"},
        )  # fmt: skip
        os.close(slave)
        self.screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.ByteStream(self.screen)

    def type(self, keys: str, slowly: float = 0.0) -> None:
        """Press keys, one after the other."""
        for key in keys if slowly else [keys]:
            os.write(self._master, key.encode())
            self.look(slowly)

    def look(self, seconds: float) -> str:
        """What is on the screen after a while."""
        until = time.monotonic() + seconds
        while True:
            left = max(0.0, until - time.monotonic())
            if select.select([self._master], [], [], left)[0]:
                try:
                    data = os.read(self._master, 65536)
                except OSError:  # the program has ended
                    time.sleep(0.1)
                    break
                self._stream.feed(_UNKNOWN.sub(b"", data))
            elif left <= 0:
                break
        return "\n".join(self.screen.display)

    def until(self, check: str | Callable[[str], bool]) -> str:
        """The screen, as soon as it shows something."""
        end = time.monotonic() + LIMIT
        while True:
            shown = self.look(0.1)
            if check in shown if isinstance(check, str) else check(shown):
                return shown
            assert time.monotonic() < end, f"not shown: {check}\n{shown}"

    def close(self) -> None:
        """End the program."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self._master)

    def picture(self, place: Path, rows: int = ROWS) -> None:
        """The screen as an SVG."""
        width, height = COLUMNS * _WIDTH + 20, rows * _HEIGHT + 20
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" '
            f'font-family="ui-monospace,Menlo,Consolas,monospace" font-size="14">',
            f'<rect width="100%" height="100%" rx="6" fill="{_BACK}"/>',
        ]
        for row in range(rows):
            parts += self._row(row)
        place.write_text("\n".join([*parts, "</svg>", ""]), encoding="utf-8")

    def _row(self, row: int) -> list[str]:
        cells = self.screen.buffer[row]
        parts, column = [], 0
        y = 10 + row * _HEIGHT
        while column < COLUMNS:
            end = column + 1
            look = _look(cells[column])
            while end < COLUMNS and _look(cells[end]) == look:
                end += 1
            text = "".join(cells[n].data for n in range(column, end))
            front, back, bold = look
            x, wide = 10 + column * _WIDTH, (end - column) * _WIDTH
            if back != _BACK:
                parts.append(
                    f'<rect x="{x:.1f}" y="{y}" width="{wide:.1f}" height="{_HEIGHT}" fill="{back}"/>'
                )
            if text.strip():
                weight = ' font-weight="bold"' if bold else ""
                parts.append(
                    f'<text x="{x:.1f}" y="{y + 14}" fill="{front}" xml:space="preserve" '
                    f'textLength="{wide:.1f}"{weight}>{escape(text)}</text>'
                )
            column = end
        return parts


def _look(cell: pyte.screens.Char) -> tuple[str, str, bool]:
    front, back = _color(cell.fg) or _FRONT, _color(cell.bg) or _BACK
    return (back, front, cell.bold) if cell.reverse else (front, back, cell.bold)


def _color(name: str) -> str:
    return _COLORS.get(name.removeprefix("bright"), f"#{name}" if len(name) == 6 else "")
