"""Fake announcement feeds: a real HTTP server with RSS per category, ETags, and faults when told to.

feeds = FakeFeeds({"cs.CV": [an_item(1), an_item(2, type="cross")]})
with feeds as url: ...            # http://127.0.0.1:PORT/rss
feeds.faults["cs.CV"] = [503, "cut"]   # what the next requests for this category get, one each
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from html import escape

from tests.http_fake import ApiFake, Handler


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


class _Handler(Handler):
    fake: FakeFeeds

    def do_GET(self) -> None:
        category = self.path.rpartition("/")[2]
        self.fake.asked.append(category)
        self.fake.headers.append(self.asked_with)
        faults = self.fake.faults.get(category) or self.fake.faults.get("*") or []
        fault = faults.pop(0) if faults else None
        body = rss(category, self.fake.items.get(category, []))
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        if isinstance(fault, int):
            return self.answer(fault, b"Rate exceeded.", headers={"Retry-After": "2"})
        if fault is None and self.headers.get("If-None-Match") == etag:
            return self.answer(304, b"", headers={"ETag": etag})
        bodies = {
            "html": b"<!DOCTYPE html><html><body>arXiv is being mended</body></html>",
            "empty": b"",
            "cut": body[: len(body) // 2],
            "entities": body.replace(b"<rss", b'<!DOCTYPE rss [<!ENTITY a "b">]><rss', 1),
        }
        return self.answer(200, bodies.get(str(fault), body), headers={"ETag": etag})


@dataclass
class FakeFeeds(ApiFake):
    """Serves ``items`` by category; a fault is a status, or ``html``, ``empty``, ``cut``, ``entities``. ``asked`` keeps the categories."""

    handler = _Handler
    root = "/rss"
    items: dict[str, list[FakeItem]]
    faults: dict[str, list[int | str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)


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
