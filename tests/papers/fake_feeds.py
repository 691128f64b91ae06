"""Fake announcement feeds: a real HTTP server with RSS per category, ETags, and faults when told to.

feeds = FakeFeeds({"cs.CV": [an_item(1), an_item(2, type="cross")]})
with feeds as url: ...            # http://127.0.0.1:PORT/rss
feeds.faults["cs.CV"] = [503, "cut"]   # what the next requests for this category get, one each
"""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass, field
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType


@dataclass(frozen=True)
class FakeItem:
    """One item as a feed would show it."""

    ref: str
    version: int = 1
    type: str = "new"
    title: str = ""
    abstract: str = "An abstract."
    creator: str = "Ada Byron, Alan M. Turing"
    categories: tuple[str, ...] = ("cs.CV",)


def an_item(number: int, **fields: object) -> FakeItem:
    """The item of paper 2606.NNNNN."""
    values: dict[str, object] = {"ref": f"2606.{number:05d}", "title": f"Paper number {number}"}
    return FakeItem(**(values | fields))  # type: ignore[arg-type]


@dataclass
class FakeFeeds:
    """Serves ``items`` by category; a fault is a status, or ``html``, ``empty``, ``cut``, ``entities``. ``asked`` keeps the categories."""

    items: dict[str, list[FakeItem]]
    faults: dict[str, list[int | str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    url: str = ""

    def start(self) -> str:
        handler = type("Handler", (_Handler,), {"fake": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/rss"
        return self.url

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> str:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()


class _Handler(BaseHTTPRequestHandler):
    fake: FakeFeeds

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        category = self.path.rpartition("/")[2]
        self.fake.asked.append(category)
        self.fake.headers.append({name.lower(): value for name, value in self.headers.items()})
        faults = self.fake.faults.get(category) or self.fake.faults.get("*") or []
        fault = faults.pop(0) if faults else None
        body = rss(category, self.fake.items.get(category, []))
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        if isinstance(fault, int):
            return self._answer(fault, b"Rate exceeded.", {"Retry-After": "2"})
        if fault is None and self.headers.get("If-None-Match") == etag:
            return self._answer(304, b"", {"ETag": etag})
        bodies = {
            "html": b"<!DOCTYPE html><html><body>arXiv is being mended</body></html>",
            "empty": b"",
            "cut": body[: len(body) // 2],
            "entities": body.replace(b"<rss", b'<!DOCTYPE rss [<!ENTITY a "b">]><rss', 1),
        }
        return self._answer(200, bodies.get(str(fault), body), {"ETag": etag})

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True


def rss(category: str, items: list[FakeItem]) -> bytes:
    """The feed of a category as arXiv writes it, dated today whatever it holds."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss xmlns:arxiv="http://arxiv.org/schemas/atom" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" version="2.0"><channel>'
        f"<title>{category} updates on arXiv.org</title><link>http://rss.arxiv.org/rss/{category}</link>"
        f"<skipDays><day>Sunday</day><day>Saturday</day></skipDays>{''.join(map(_entry, items))}</channel></rss>"
    ).encode()


def _entry(item: FakeItem) -> str:
    name = f"{item.ref}v{item.version}"
    return (
        f"<item><title>{escape(item.title)}</title><link>https://arxiv.org/abs/{item.ref}</link>"
        f"<description>arXiv:{name} Announce Type: {item.type} \nAbstract: {escape(item.abstract)}</description>"
        f'<guid isPermaLink="false">oai:arXiv.org:{name}</guid>'
        + "".join(f"<category>{category}</category>" for category in item.categories)
        + f"<arxiv:announce_type>{item.type}</arxiv:announce_type><dc:creator>{escape(item.creator)}</dc:creator></item>"
    )
