"""What everybody may read comes compressed to who takes it; what holds a secret does not; an unchanged answer is not sent again."""

from __future__ import annotations

import datetime as dt
import gzip
import random

import time_machine
from hypothesis import given
from hypothesis import strategies as st

from newsletter.papers.store import papers as papers_store
from newsletter.text.gzip_pieces import compressed, joined
from newsletter.web.compression import Compressed
from newsletter.web.public.signup import FORM_GOOD_FOR
from tests.web.conftest import DAY, NOW, Site, paper

GZIP = {"Accept-Encoding": "br;q=0.9, gzip"}


# The same for everybody: caches need keep but one of them.
EVERYBODYS = ("/feeds/3dgs.xml?language=ja", "/static/app.css", "/sitemap.xml", "/zones/ar")
PATHS = (*EVERYBODYS, "/feeds/3dgs.xml", f"/archive/{DAY}", "/papers/2606.26101", "/")


def test_a_public_answer_is_the_same_compressed(small_site: Site) -> None:
    client = small_site.client()
    for path in PATHS:
        plain, packed = client.get(path, buffered=True), client.get(path, headers=GZIP, buffered=True)
        assert (plain.headers.get("Content-Encoding"), packed.headers["Content-Encoding"]) == (None, "gzip"), path
        data = gzip.decompress(packed.data)
        assert data[:200] == plain.data[:200] and len(packed.data) < len(data) / 2, path
        assert data == plain.data or path == "/", "the token of a form is signed with its time"
        assert int(packed.headers["Content-Length"]) == len(packed.data)
        for answer in (plain, packed):
            assert "Accept-Encoding" in answer.vary, path
            assert ("Accept-Language" in answer.vary, "Cookie" in answer.vary) == (path not in EVERYBODYS,) * 2, path
        assert client.head(path, headers=GZIP, buffered=True).headers["Content-Encoding"] == "gzip"
        refused = client.get(path, headers={"Accept-Encoding": "gzip;q=0, identity"}, buffered=True)
        assert "Content-Encoding" not in refused.headers


def test_an_answer_that_has_not_changed_is_not_sent_again_in_either_form(small_site: Site) -> None:
    client = small_site.client()
    for path in ("/feeds/3dgs.xml", "/static/app.css"):
        plain, packed = (client.get(path, headers=headers, buffered=True).headers["ETag"] for headers in ({}, GZIP))
        assert packed == f"W/{plain}"
        for mark in (plain, packed):
            assert client.get(path, headers={**GZIP, "If-None-Match": mark}, buffered=True).status_code == 304


def test_a_page_that_a_browser_has_is_not_sent_again_until_it_changes(small_site: Site) -> None:
    """The front page neither: its form has a token, which is good as long as the cookie of the browser is the same."""
    client, other = small_site.client(), small_site.client()
    for path in (f"/archive/{DAY}", "/"):
        client.get(path)  # the browser gets its cookie
        mark = {**GZIP, "If-None-Match": client.get(path, headers=GZIP).headers["ETag"]}
        again = client.get(path, headers=mark)
        assert (again.status_code, again.data, "Accept-Encoding" in again.vary, "Cookie" in again.vary) == (304, b"", True, True)
        assert client.get(path, headers={**mark, "Accept-Language": "ja"}).status_code == 200, path
        assert (other.get(path, headers=mark).status_code == 200) is (path == "/"), path
        plain = client.get(path).headers["ETag"]
        assert client.get(path, headers={"If-None-Match": plain}).status_code == 304, path
    with time_machine.travel(dt.datetime.now(dt.UTC) + FORM_GOOD_FOR):
        assert client.get("/", headers=mark).status_code == 200, "its form would be refused as too old"
    with small_site.services.database.transaction() as session:
        papers_store.store_papers(session, [(paper("2606.26109"), [])], now=NOW)
    assert client.get(f"/archive/{DAY}", headers=mark).status_code == 200


def test_what_was_compressed_last_is_kept_and_the_same_again_is_not_compressed_again() -> None:
    kept = Compressed(most=100)
    pages = {bytes([letter]): bytes([letter]) * 5000 for letter in b"abcd"}
    first = kept.of(pages[b"a"], b"a")
    assert gzip.decompress(first) == pages[b"a"] and kept.of(b"", b"a") is first
    for name, page in pages.items():
        assert gzip.decompress(kept.of(page, name)) == page
    assert gzip.decompress(kept.of(b"", b"a")) == b"", "it made room for others"
    large = random.Random(1).randbytes(900)
    assert [gzip.decompress(kept.of(large, b"large")) for _ in range(2)] == [large] * 2, "what fits nowhere is not kept"


@given(st.lists(st.binary(max_size=3000), min_size=1, max_size=4), st.binary(max_size=300))
def test_pieces_compressed_beforehand_make_one_file_around_what_is_put_in(pieces: list[bytes], between: bytes) -> None:
    made = joined(pieces, [compressed(piece) for piece in pieces], between)
    assert gzip.decompress(made) == between.join(pieces)


def test_a_page_with_a_secret_is_left_as_it_is(small_site: Site) -> None:
    """A proxy may compress it, who then answers for what the lengths tell."""
    client = small_site.client()
    for path in ("/?follow=guessed", f"/preferences/{small_site.reader}", "/admin/login", "/link", "/static/og.png"):
        assert "Content-Encoding" not in client.get(path, headers=GZIP, buffered=True).headers, path
