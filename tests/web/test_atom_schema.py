"""Feeds hold to the schema of Atom and to what it cannot say, with the full text of each paper, in every language offered."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import feedparser
from lxml import etree

from newsletter.languages import LANGUAGES
from tests.web.conftest import HOSTILE, Site, paper, stored

SCHEMA = etree.RelaxNG(etree.parse(Path(__file__).with_name("atom.rng")))
ATOM = "{http://www.w3.org/2005/Atom}"


def check_feed(document: bytes) -> etree._Element:
    """Asserts what the schema says, and of its prose what a reader of feeds relies on; gives the root."""
    root = etree.fromstring(document)
    assert SCHEMA.validate(root), SCHEMA.error_log
    assert root.find(f"{ATOM}author") is not None, "an entry without an author has that of the feed"
    for holder in (root, *root.iter(f"{ATOM}entry")):
        alternates = [(link.get("type"), link.get("hreflang")) for link in holder.findall(f"{ATOM}link[@rel='alternate']")]
        assert len(alternates) == len(set(alternates)) == 1
    ids = [one.text for one in root.iter(f"{ATOM}id")]
    assert len(ids) == len(set(ids))
    assert all(one.strip() == one and ":" in one for one in ids)
    return root


def test_a_feed_is_valid_in_every_language_papers_are_read_in(small_site: Site) -> None:
    stored(small_site.services, [paper("2606.26150", title=HOSTILE, authors=(), comment="\x0b", links=())])
    for slug, language in product(("3dgs", "nerf"), [one.code for one in LANGUAGES]):
        answer = small_site.client().get(f"/feeds/{slug}.xml?language={language}")
        root = check_feed(answer.data)
        parsed = feedparser.parse(answer.data)
        assert not parsed.bozo
        assert len(parsed.entries) == len(root.findall(f"{ATOM}entry")) == (4 if slug == "3dgs" else 0)


def test_an_entry_holds_the_whole_abstract_and_its_translation(small_site: Site) -> None:
    root = check_feed(small_site.client().get("/feeds/3dgs.xml?language=zh-CN").data)
    [content] = [
        e.findtext(f"{ATOM}content") for e in root.iter(f"{ATOM}entry") if "2606.26101" in str(e.find(f"{ATOM}link").attrib)
    ]
    assert "We splat Gaussians. " * 29 in content
    assert "我们研究高斯泼溅。" in content
    assert "https://github.com/a/b" in content


def test_the_schema_refuses_a_feed_without_its_time(small_site: Site) -> None:
    document = small_site.client().get("/feeds/3dgs.xml").data
    for broken in (document.replace(b"updated>", b"changed>"), document.replace(b'rel="self"', b'relation="self"', 1)):
        assert broken != document
        assert not SCHEMA.validate(etree.fromstring(broken))
