"""What the fakes of outside services share: a real HTTP server on a free port of loopback, and a handler that keeps quiet.

class FakeThing(HttpFake):
    handler = _Handler      # a Handler, which finds the fake as ``self.fake``

with FakeThing() as fake:   # or fake.start(), fake.stop()
    fake.url
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, Self


class Handler(BaseHTTPRequestHandler):
    """One request to a fake; ``answer`` is the whole of an answer."""

    # Head and body leave as two packets: held back, the second waits 40 ms for the first to be acknowledged.
    disable_nagle_algorithm = True
    fake: Any

    def log_message(self, *_: object) -> None:
        pass

    def answer(
        self, status: int, body: bytes = b"", kind: str = "", headers: Mapping[str, str] | None = None, *, sent: int | None = None
    ) -> None:
        """``kind`` is the content type; of the body only the first ``sent`` bytes leave, where that is given."""
        self.send_response(status)
        if kind:
            self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body[:sent])

    @property
    def asked_with(self) -> dict[str, str]:
        """The headers of the request, their names in small letters."""
        return {name.lower(): value for name, value in self.headers.items()}


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A client that leaves without a word is nothing to tell."""


class HttpFake:
    """A server from ``start`` to ``stop``; ``url`` leads to it, with ``root`` behind the port."""

    handler: ClassVar[type[Handler]]
    root: ClassVar[str] = ""
    url = ""

    def start(self) -> Self:
        self.ended = threading.Event()
        self._server = _Server(("127.0.0.1", 0), type("Handler", (self.handler,), {"fake": self}))
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}{self.root}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        self.ended.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def hang(self) -> None:
        """Says nothing until the fake is stopped."""
        self.ended.wait()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


class ApiFake(HttpFake):
    """One of which its users want the address alone: ``with fake as url``."""

    def __enter__(self) -> str:  # type: ignore[override]
        return self.start().url
