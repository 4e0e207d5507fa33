"""A client that says anything at all: bytes in, messages out."""

from __future__ import annotations

import json
import queue
import subprocess
from collections.abc import Sequence
from pathlib import Path
from threading import Thread
from typing import Any

from tests.support.schemas import validate_command
from tests.support.waiting import LIMIT

from ..e2e.cli import Cli
from .editor import COMMAND


class Wire:
    """A server process, and its answers as they come. `stderr` grows, unless it is left to the caller."""

    def __init__(self, cli: Cli, command: Sequence[str] = COMMAND, *, read_stderr: bool = True) -> None:
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=cli.environment(), cwd=cli.folder.parent,
        )  # fmt: skip
        self.messages: queue.Queue[dict[str, Any]] = queue.Queue()
        self.shown: list[str] = []
        """What the person was shown, as it came."""
        self.logged: list[str] = []
        self.stderr = bytearray()
        self._number = 1_000_000_000
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()
        self._log = Thread(target=self._read_stderr, daemon=True)
        if read_stderr:
            self._log.start()

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

    def ask(self, method: str, params: Any = None) -> Any:
        """The result of a request, which must be no error."""
        self._number += 1
        self.request(self._number, method, params)
        answer = self.answer(self._number)
        assert "error" not in answer, answer
        if method == "workspace/executeCommand":
            validate_command(params["command"], params.get("arguments") or (), answer["result"])
        return answer["result"]

    def command(self, name: str, argument: Any) -> Any:
        """The result of one of our commands."""
        return self.ask("workspace/executeCommand", {"command": name, "arguments": [argument]})

    def symbols(self, query: str) -> list[tuple[str, str]]:
        """URI and name of what a search for symbols finds."""
        found = self.ask("workspace/symbol", {"query": query})
        return [(one["location"]["uri"], one["name"]) for one in found]

    def ghost(self, uri: str, line: int, character: int) -> list[str]:
        """The texts that are suggested at a place."""
        place = {"textDocument": {"uri": uri}, "position": {"line": line, "character": character}}
        found = self.ask("textDocument/inlineCompletion", {**place, "context": {"triggerKind": 1}})
        return [one["insertText"] for one in found["items"]]

    def open(self, uri: str, text: str, language: str = "python") -> None:
        item = {"uri": uri, "languageId": language, "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": item})

    def answer(self, number: int | None, seconds: float = LIMIT) -> dict[str, Any]:
        """The answer to a request; what comes before it is passed over."""
        while True:
            message = self.messages.get(timeout=seconds)
            if "method" not in message and message.get("id") == number:
                return message

    def initialize(self, *folders: Path, options: Any = None) -> dict[str, Any]:
        """The first two messages, and the answer."""
        opened = [{"uri": folder.as_uri(), "name": folder.name} for folder in folders]
        first = {"processId": None, "capabilities": {}, "workspaceFolders": opened}
        self.request(0, "initialize", {**first, "initializationOptions": options})
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
        if self._log.is_alive():
            self._log.join()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream is not None:
                try:
                    stream.close()
                except BrokenPipeError:
                    continue

    def _read_stderr(self) -> None:
        log = self.process.stderr
        assert log is not None
        while data := log.read1(65_536):  # type: ignore[attr-defined]
            self.stderr += data

    def _read(self) -> None:
        out = self.process.stdout
        assert out is not None
        while header := out.readline():
            if header.lower().startswith(b"content-length:"):
                length = int(header.split(b":")[1])
                while out.readline().strip():
                    pass
                message = json.loads(out.read(length))
                if message.get("method") == "window/showMessage":
                    self.shown.append(message["params"]["message"])
                if message.get("method") == "window/logMessage":
                    self.logged.append(message["params"]["message"])
                self.messages.put(message)
