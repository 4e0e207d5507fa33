"""A client that says anything at all: bytes in, messages out."""

from __future__ import annotations

import json
import queue
import subprocess
from collections.abc import Sequence
from pathlib import Path
from threading import Thread
from typing import Any

from tests.support.waiting import LIMIT

from ..e2e.cli import Cli
from .editor import COMMAND


class Wire:
    """A server process, and its answers as they come."""

    def __init__(self, cli: Cli, command: Sequence[str] = COMMAND) -> None:
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=cli.environment(), cwd=cli.folder.parent,
        )  # fmt: skip
        self.messages: queue.Queue[dict[str, Any]] = queue.Queue()
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()

    def raw(self, data: bytes) -> None:
        """Say exactly this."""
        assert self.process.stdin is not None
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def body(self, data: bytes) -> None:
        """Say this as a message."""
        self.raw(b"Content-Length: %d\r\n\r\n" % len(data) + data)

    def say(self, message: Any) -> None:
        """Say this as JSON."""
        self.body(json.dumps(message).encode())

    def request(self, number: int, method: str, params: Any = None) -> None:
        self.say({"jsonrpc": "2.0", "id": number, "method": method, "params": params})

    def notify(self, method: str, params: Any = None) -> None:
        self.say({"jsonrpc": "2.0", "method": method, "params": params})

    def answer(self, number: int | None, seconds: float = LIMIT) -> dict[str, Any]:
        """The answer to a request; what comes before it is passed over."""
        while True:
            message = self.messages.get(timeout=seconds)
            if "method" not in message and message.get("id") == number:
                return message

    def initialize(self, *folders: Path) -> dict[str, Any]:
        """The first two messages, and the answer."""
        opened = [{"uri": folder.as_uri(), "name": folder.name} for folder in folders]
        self.request(0, "initialize", {"processId": None, "capabilities": {}, "workspaceFolders": opened})
        answer = self.answer(0)
        self.notify("initialized", {})
        return answer

    def leave(self) -> int:
        """End in an orderly way: the exit code."""
        self.request(-1, "shutdown")
        self.answer(-1)
        self.notify("exit")
        return self.ended()

    def ended(self, seconds: float = LIMIT) -> int:
        """The exit code, once it has ended."""
        try:
            return self.process.wait(seconds)
        finally:
            self.close()

    def close(self) -> None:
        """Let go of the process, whatever it does."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self._reader.join()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream is not None:
                try:
                    stream.close()
                except BrokenPipeError:
                    continue

    def _read(self) -> None:
        out = self.process.stdout
        assert out is not None
        while header := out.readline():
            if header.lower().startswith(b"content-length:"):
                length = int(header.split(b":")[1])
                while out.readline().strip():
                    pass
                self.messages.put(json.loads(out.read(length)))
