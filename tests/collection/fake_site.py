"""A web site on loopback with honest pages and traps; a path says what it does."""

from __future__ import annotations

import gzip
from contextlib import suppress
from dataclasses import dataclass, field

from tests.http_fake import Handler, HttpFake

HONEST = """<!doctype html><html><head><meta charset="utf-8"><title>Plain title</title>
<meta property="og:title" content="Splatting &amp; the world"><meta property="og:description" content="What  it
is about."><meta property="og:image" content="/picture.png"><meta property="article:published_time" content="2024-03-01T10:00:00Z">
</head><body><h1>x</h1></body></html>"""


class _Handler(Handler):
    fake: FakeSite

    def do_GET(self) -> None:
        self.fake.asked.append(self.path)
        name = self.path.lstrip("/").partition("?")[0]
        with suppress(OSError):
            if self.path in self.fake.pages:
                kind, body = self.fake.pages[self.path]
                return self.answer(200, body, kind)
            getattr(self, f"_{name.partition('/')[0].replace('-', '_')}", self._missing)()
        return None

    def _lead(self, where: str) -> None:
        self.answer(302, headers={"Location": where})

    def _missing(self) -> None:
        self.answer(404)

    def _honest(self) -> None:
        self.answer(200, HONEST.encode(), "text/html; charset=utf-8")

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
        self._dripping(b"<")

    def _drip_head(self) -> None:
        self._dripping(b"H")

    def _dripping(self, drop: bytes) -> None:
        """To an end, which nobody is to wait for."""
        for _ in range(600):
            self.wfile.write(drop)
            if self.fake.ended.wait(0.05):
                return
        self.fake.dripped = True

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
        self.answer(200, body, "text/html", {"Content-Encoding": "gzip"})


@dataclass
class FakeSite(HttpFake):
    """``pages`` by path: (content type, body); all else are traps above. ``asked`` keeps the paths, ``dripped`` is whether a trap dripped to its end."""

    handler = _Handler
    pages: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    dripped: bool = False
