"""A web site on loopback with honest pages and traps; a path says what it does."""

from __future__ import annotations

import gzip
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

HONEST = """<!doctype html><html><head><meta charset="utf-8"><title>Plain title</title>
<meta property="og:title" content="Splatting &amp; the world"><meta property="og:description" content="What  it
is about."><meta property="og:image" content="/picture.png"><meta property="article:published_time" content="2024-03-01T10:00:00Z">
</head><body><h1>x</h1></body></html>"""


@dataclass
class FakeSite:
    """``pages`` by path: (content type, body); all else are traps below. ``asked`` keeps the paths."""

    pages: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    url: str = ""

    def __enter__(self) -> FakeSite:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"fake": self}))
        self._server.daemon_threads = True
        self.ended = threading.Event()
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.ended.set()
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    fake: FakeSite

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self.fake.asked.append(self.path)
        name = self.path.lstrip("/").partition("?")[0]
        with suppress(OSError):
            if self.path in self.fake.pages:
                return self._answer(*self.fake.pages[self.path])
            getattr(self, f"_{name.partition('/')[0].replace('-', '_')}", self._missing)()
        return None

    def _answer(self, kind: str, body: bytes, **headers: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for key, value in headers.items():
            self.send_header(key.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def _lead(self, where: str) -> None:
        self.send_response(302)
        self.send_header("Location", where)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _missing(self) -> None:
        self.send_response(404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _honest(self) -> None:
        self._answer("text/html; charset=utf-8", HONEST.encode())

    def _to_metadata(self) -> None:
        self._lead("http://169.254.169.254/latest/meta-data/")

    def _to_file(self) -> None:
        self._lead("file:///etc/passwd")

    def _to_honest(self) -> None:
        self._lead("/honest")

    def _round(self) -> None:
        self._lead("/round")

    def _drip(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        while not self.fake.ended.is_set():
            self.wfile.write(b"<")
            time.sleep(0.05)

    def _drip_head(self) -> None:
        while not self.fake.ended.is_set():
            self.wfile.write(b"H")
            time.sleep(0.05)

    def _huge(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(50_000_000))
        self.end_headers()
        self.wfile.write(b"<title>Huge</title>")
        for _ in range(50):
            self.wfile.write(b" " * 1_000_000)

    def _bomb(self) -> None:
        body = gzip.compress(b"<title>Bomb</title>" + b" " * 50_000_000, 9)
        self._answer("text/html", body, Content_Encoding="gzip")
