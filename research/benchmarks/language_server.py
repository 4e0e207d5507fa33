"""A client of other language servers, which benchmarks compare with. It sends one request at a time."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from queue import Empty, Queue
from types import TracebackType
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from indexer.errors import UsageError

_START_SECONDS = 120.0
_ANSWER_SECONDS = 180.0
_LANGUAGES = {"c": "c", "cpp": "cpp", "tsx": "typescriptreact"}
"""The names of languages in the protocol, where they differ."""
_SETTLE_SECONDS, _PAUSE = 180.0, 8.0
_LARGEST = 64_000_000


class Location(NamedTuple):
    """A place in a file of the workspace. Line and column count from 0, columns in UTF-16 units."""

    path: str
    line: int
    column: int


class LanguageServer:
    """A running server for one workspace.

    Raises UsageError if it cannot be started, ends, or does not answer.
    """

    def __init__(self, command: Sequence[str], root: Path) -> None:
        self._root, self._command = root, list(command)
        try:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=root
            )
        except OSError as error:
            raise UsageError(
                f"--server {' '.join(command)}: {error.strerror}; install it, or name its path"
            ) from error
        self._answers: Queue[Mapping[str, Any] | None] = Queue()
        self._number = 0
        self._progress: set[str | int] = set()
        self._lock = threading.Lock()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        try:
            self._initialize()
        except BaseException:
            self._end()
            raise

    def __enter__(self) -> LanguageServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def _end(self) -> None:
        self._process.kill()
        self._process.wait()
        self._reader.join()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):  # what was not written yet is lost
                pipe.close() if pipe is not None else None

    def settle(self, path: str, line: int, column: int) -> None:
        """Wait until the server has loaded the workspace: until it reports no progress and repeats an
        answer."""
        end, before = time.monotonic() + _SETTLE_SECONDS, None
        while time.monotonic() < end:
            found = self.references(path, line, column)
            if found == before and not self._progress:
                return
            before = found
            time.sleep(_PAUSE)

    def open(self, path: str, language: str) -> None:
        """Open a file of the workspace."""
        document = {
            "uri": (self._root / path).as_uri(),
            "languageId": _LANGUAGES.get(language, language),
            "version": 1,
            "text": (self._root / path).read_text("utf-8", "replace"),
        }
        self._notify("textDocument/didOpen", {"textDocument": document})

    def close_file(self, path: str) -> None:
        """Close a file that was opened."""
        self._notify("textDocument/didClose", {"textDocument": {"uri": (self._root / path).as_uri()}})

    def references(self, path: str, line: int, column: int) -> list[Location]:
        """The references to the name at a place, without its declaration, in files of the workspace."""
        params = {
            "textDocument": {"uri": (self._root / path).as_uri()},
            "position": {"line": line, "character": column},
            "context": {"includeDeclaration": False},
        }
        found = self._request("textDocument/references", params, _ANSWER_SECONDS) or []
        return [place for one in found if (place := self._location(one))]

    def _location(self, one: Mapping[str, Any]) -> Location | None:
        parts = urlsplit(str(one["uri"]))
        with suppress(ValueError):
            if parts.scheme == "file":
                file, start = Path(unquote(parts.path)), one["range"]["start"]
                return Location(
                    file.resolve().relative_to(self._root).as_posix(), start["line"], start["character"]
                )
        return None

    def _initialize(self) -> None:
        folder = {"uri": self._root.as_uri(), "name": self._root.name}
        capabilities = {
            "workspace": {"configuration": True, "workspaceFolders": True},
            "textDocument": {"references": {}, "synchronization": {}},
            "window": {"workDoneProgress": True},
        }
        self._request(
            "initialize",
            {
                "processId": None,
                "rootUri": folder["uri"],
                "rootPath": str(self._root),
                "workspaceFolders": [folder],
                "capabilities": capabilities,
            },
            _START_SECONDS,
        )
        self._notify("initialized", {})

    def _request(self, method: str, params: Mapping[str, Any], seconds: float) -> Any:
        self._number += 1
        self._send({"jsonrpc": "2.0", "id": self._number, "method": method, "params": params})
        end = time.monotonic() + seconds
        while True:
            try:
                answer = self._answers.get(timeout=max(0.0, end - time.monotonic()))
            except Empty:
                raise UsageError(f"{self._command[0]}: no answer to {method} in {seconds:g} s") from None
            if answer is None:
                raise UsageError(
                    f"{self._command[0]}: ended before it answered {method}; run it by itself to see why"
                )
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise UsageError(
                        f"{self._command[0]}: {method}: {answer['error'].get('message', '')[:200]}"
                    )
                return answer.get("result")

    def _notify(self, method: str, params: Mapping[str, Any]) -> None:
        self._send({"jsonrpc": "2.0", "method": method, "params": params})

    def _send(self, message: Mapping[str, Any]) -> None:
        body = json.dumps(message).encode()
        assert self._process.stdin is not None
        try:
            with self._lock:
                self._process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
                self._process.stdin.flush()
        except OSError as error:
            raise UsageError(f"{self._command[0]}: ended; run it by itself to see why") from error

    def _follow(self, params: Mapping[str, Any]) -> None:
        """Note which work the server says that it has begun and ended."""
        kind = params.get("value", {}).get("kind")
        if kind == "begin":
            self._progress.add(params["token"])
        elif kind == "end":
            self._progress.discard(params["token"])

    def _read(self) -> None:
        """Put answers into the queue, and answer what the server asks. This method runs in a thread."""
        assert self._process.stdout is not None
        with suppress(OSError, ValueError, UsageError):
            while True:
                size = 0
                while line := self._process.stdout.readline().strip():
                    name, _, value = line.partition(b":")
                    size = int(value) if name.lower() == b"content-length" else size
                if not 0 < size < _LARGEST:
                    break
                message = json.loads(self._process.stdout.read(size))
                if message.get("method") == "$/progress":
                    self._follow(message["params"])
                if "method" not in message:
                    self._answers.put(message)
                elif "id" in message:
                    self._send({"jsonrpc": "2.0", "id": message["id"], "result": _reply(message)})
        self._answers.put(None)


def _reply(message: Mapping[str, Any]) -> Any:
    """The answer to a request of the server: no settings for each section that it asks for."""
    if message["method"] == "workspace/configuration":
        return [None for _ in message["params"]["items"]]
    return None
