"""A local server that speaks OpenAI's chat protocol, and says what it is told to say."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = Callable[[dict[str, Any]], str]
"""From a request's body to the answer's text."""


@dataclass
class Chat:
    """What was asked of the server, and how it answers."""

    url: str = ""
    answer: Answer = lambda body: ""
    status: int = 200
    raw: bytes | None = None
    location: str = ""
    answers: threading.Event = field(default_factory=threading.Event)
    """While it is not set, the server does not answer."""
    bodies: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)


@contextmanager
def serving() -> Iterator[Chat]:
    """A server on a port of its own, gone afterwards."""
    chat = Chat()
    chat.answers.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            chat.bodies.append(body)
            chat.headers.append(dict(self.headers))
            assert self.path == "/v1/chat/completions"
            chat.answers.wait()
            content = {"choices": [{"message": {"role": "assistant", "content": chat.answer(body)}}]}
            data = json.dumps(content).encode() if chat.raw is None else chat.raw
            try:
                self.send_response(chat.status)
                if chat.location:
                    self.send_header("Location", chat.location)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)
            except OSError:
                pass  # the client has gone

        def do_GET(self) -> None:
            raise AssertionError("a redirect was followed")

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    chat.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    try:
        yield chat
    finally:
        chat.answers.set()
        server.shutdown()
        server.server_close()
        thread.join()
