"""A fake Hugging Face or Papers with Code: a real HTTP server that knows the records it is given and 404s for the rest."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType


@dataclass
class FakeHub:
    """``records`` by ref; ``faults`` are statuses, or bodies as text, that the next requests get, one each."""

    records: dict[str, object]
    faults: list[int | str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    url: str = ""

    def __enter__(self) -> str:
        handler = type("Handler", (_Handler,), {"fake": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        return self.url

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    fake: FakeHub

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        ref = self.path.partition("?")[0].partition("/papers/")[2].replace("%2F", "/")
        self.fake.asked.append(ref)
        fault = self.fake.faults.pop(0) if self.fake.faults else None
        status, body = (200, json.dumps(self.fake.records.get(ref)).encode()) if ref in self.fake.records else (404, b"{}")
        if isinstance(fault, int):
            status, body = fault, b"Too many requests"
        elif fault is not None:
            status, body = 200, fault.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
