"""What everybody may read comes compressed to who takes it; what holds a secret does not; an unchanged answer is not sent again."""

from __future__ import annotations

import gzip

from tests.web.conftest import DAY, Site

GZIP = {"Accept-Encoding": "br;q=0.9, gzip"}


PATHS = ("/feeds/3dgs.xml", f"/archive/{DAY}", "/papers/2606.26101", "/static/app.css", "/zones/ar", "/")


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
            assert "Accept-Encoding" in answer.headers["Vary"]
            assert ("Accept-Language" in answer.headers["Vary"]) is not path.startswith("/static/"), path
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


def test_a_page_with_a_secret_is_left_as_it_is(small_site: Site) -> None:
    """A proxy may compress it, who then answers for what the lengths tell."""
    client = small_site.client()
    for path in ("/?follow=guessed", f"/preferences/{small_site.reader}", "/admin/login", "/link", "/static/og.png"):
        assert "Content-Encoding" not in client.get(path, headers=GZIP, buffered=True).headers, path
