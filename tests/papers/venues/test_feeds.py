"""Feeds of journals and venues in the forms that publishers write; what is none is refused in words."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from newsletter.errors import TemporaryError
from newsletter.papers.venues.feeds import VenuePaper, read_feed
from newsletter.text.venue_identifiers import doi_in, doi_url, is_venue_ref, venue_abs_url, venue_ref

RDF = b"""<?xml version="1.0" encoding="UTF-8"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/" xmlns:content="http://purl.org/rss/1.0/modules/content/">
<channel rdf:about="https://journal.example.org/rss"><title>Journal of Lights</title><link>https://journal.example.org</link></channel>
<item rdf:about="https://journal.example.org/articles/1"><title><![CDATA[Lamps that <i>Learn</i> to See]]></title>
<link>https://journal.example.org/articles/1</link><content:encoded><![CDATA[<p>Journal of Lights, Published online: 12 March 2026; <a href="https://x">doi:10.5555/Light.1</a></p>We teach lamps &amp; more.]]></content:encoded>
<dc:creator>Ada Byron</dc:creator><dc:creator>\xc3\x89milie du Ch\xc3\xa2telet</dc:creator><dc:identifier>doi:10.5555/Light.1</dc:identifier><dc:date>2026-03-12</dc:date>
<prism:doi>10.5555/Light.1</prism:doi></item>
<item rdf:about="https://journal.example.org/i"><title>Issue Information</title><link>https://journal.example.org/i</link></item>
</rdf:RDF>"""
RSS = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>Proceedings of Lamps</title><link>https://p.example.org</link>
<item><title>Lamps that Learn to See</title><link>https://p.example.org/v1/byron26a.html</link>
<description>&lt;b&gt;Abstract:&lt;/b&gt; We teach lamps.</description><author>Ada Byron, \xc3\x89milie du Ch\xc3\xa2telet and C. Darwin</author>
<pubDate>Thu, 12 Mar 2026 00:00:00 GMT</pubDate><guid>https://arxiv.org/abs/2603.00001v2</guid></item>
<item><title>No address</title></item></channel></rss>"""
ATOM = b"""<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Letters on Lamps</title>
<entry><id>tag:letters.example.org,2026:1</id><title type="html">Lamps that Learn &amp;lt; 3</title><link rel="self" href="https://letters.example.org/1.atom"/>
<link href="https://doi.org/10.5555/lamp(26)1"/><author><name>Ada Byron</name></author><updated>2026-03-12T00:00:00Z</updated><summary>We teach.</summary></entry></feed>"""
JSON = json.dumps({
    "version": "https://jsonfeed.org/version/1.1", "title": "Lamp Review", "items": [
        {"id": "1", "url": "https://review.example.org/1", "title": "Lamps that Learn", "content_html": "<p>We teach.</p>",
         "authors": [{"name": "Ada Byron"}], "date_published": "2026-03-12T08:00:00+02:00", "_doi": "10.5555/REV.1"}, "odd", {"id": "2"}],
}).encode()  # fmt: skip
DAY = dt.date(2026, 3, 12)
BOTH = ("Ada Byron", "Émilie du Châtelet")


def read(body: bytes, name: str = "") -> tuple[VenuePaper, ...]:
    return read_feed(body, name=name, host="journal.example.org")


def test_each_form_of_feed_is_read_with_doi_day_authors_and_abstract_as_text() -> None:
    assert read(RDF) == (
        VenuePaper(
            "Lamps that Learn to See",
            "https://journal.example.org/articles/1",
            "Journal of Lights",
            BOTH,
            "We teach lamps & more.",
            "10.5555/light.1",
            "",
            DAY,
        ),
    )
    assert read(RSS, "PMLR") == (
        VenuePaper(
            "Lamps that Learn to See",
            "https://p.example.org/v1/byron26a.html",
            "PMLR",
            (*BOTH, "C. Darwin"),
            "We teach lamps.",
            "",
            "2603.00001",
            DAY,
        ),
    )
    assert read(ATOM) == (
        VenuePaper(
            "Lamps that Learn < 3",
            "https://doi.org/10.5555/lamp(26)1",
            "Letters on Lamps",
            BOTH[:1],
            "We teach.",
            "10.5555/lamp(26)1",
            "",
            DAY,
        ),
    )
    assert read(JSON) == (
        VenuePaper(
            "Lamps that Learn", "https://review.example.org/1", "Lamp Review", BOTH[:1], "We teach.", "10.5555/rev.1", "", DAY
        ),
    )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><body>Please wait</body></html>",
        RSS[:400],
        b"{}",
        b'{"items": 3}',
        RSS.replace(b"<rss", b'<!DOCTYPE x [<!ENTITY a "b">]><rss', 1),
    ],
)
def test_what_is_no_whole_feed_is_refused(body: bytes) -> None:
    with pytest.raises(TemporaryError, match=r"journal\.example\.org"):
        read(body)


@pytest.mark.parametrize(
    ("text", "doi"),
    [
        ("doi:10.1038/S41586-026-1.", "10.1038/s41586-026-1"),
        ("https://www.nature.com/articles/s41586-026-01234-5", "10.1038/s41586-026-01234-5"),
        ("https://dl.acm.org/doi/abs/10.1145/3580305.3599256?af=R", "10.1145/3580305.3599256"),
        ("https://link.springer.com/article/10.1007/s11263-026-1.pdf", "10.1007/s11263-026-1"),
        ("https://www.pnas.org/doi/10.1073/pnas.2600000123/full", "10.1073/pnas.2600000123"),
        ("(see 10.1016/0370-2693(96)00001-2)", "10.1016/0370-2693(96)00001-2"),
        ("https://proceedings.mlr.press/v202/a23a.html", ""),
    ],
)
def test_a_doi_is_found_where_publishers_put_it(text: str, doi: str) -> None:
    assert doi_in(text) == doi


def test_a_paper_is_called_by_its_doi_else_by_its_address() -> None:
    ref = venue_ref("10.5555/lamp(26)1", "https://x.example.org")
    assert (ref, venue_abs_url(ref)) == ("doi:10.5555/lamp(26)1", doi_url("10.5555/lamp(26)1"))
    for long in (venue_ref("10.5555/" + "x" * 90, "https://x.example.org"), venue_ref("", "https://x.example.org")):
        assert is_venue_ref(long) and len(long) <= 64 and venue_abs_url(long) == ""
    assert not is_venue_ref("2606.00001") and not is_venue_ref("web:../../etc")
