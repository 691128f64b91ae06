"""What everybody may read comes compressed to who takes it; what holds a secret does not; an unchanged answer is not sent again."""

from __future__ import annotations

import gzip

import pytest

from tests.web.conftest import DAY, Site

GZIP = {"Accept-Encoding": "br;q=0.9, gzip"}


@pytest.mark.parametrize("path", ["/feeds/3dgs.xml", f"/archive/{DAY}", "/papers/2606.26101", "/static/app.css", "/zones/ar"])
def test_a_public_answer_is_the_same_compressed(small_site: Site, path: str) -> None:
    client = small_site.client()
    plain, packed = client.get(path, buffered=True), client.get(path, headers=GZIP, buffered=True)
    assert (plain.headers.get("Content-Encoding"), packed.headers["Content-Encoding"]) == (None, "gzip")
    assert gzip.decompress(packed.data) == plain.data and len(packed.data) < len(plain.data) / 2
    assert int(packed.headers["Content-Length"]) == len(packed.data)
    for answer in (plain, packed):
        assert "Accept-Encoding" in answer.headers["Vary"]
    assert client.head(path, headers=GZIP, buffered=True).headers["Content-Encoding"] == "gzip"
    if mark := packed.headers.get("ETag"):
        assert mark == f"W/{plain.headers['ETag']}"
        assert client.get(path, headers={**GZIP, "If-None-Match": mark}, buffered=True).status_code == 304
    assert client.get(path, headers={"Accept-Encoding": "gzip;q=0, identity"}, buffered=True).data == plain.data


def test_the_front_page_is_compressed_as_everybody_finds_it(small_site: Site) -> None:
    packed = small_site.client().get("/", headers=GZIP)
    assert packed.headers["Content-Encoding"] == "gzip" and b"<form" in gzip.decompress(packed.data)


def test_a_page_with_a_secret_is_left_as_it_is(small_site: Site) -> None:
    """A proxy may compress it, who then answers for what the lengths tell."""
    client = small_site.client()
    for path in ("/?follow=guessed", f"/preferences/{small_site.reader}", "/admin/login", "/link", "/static/og.png"):
        assert "Content-Encoding" not in client.get(path, headers=GZIP, buffered=True).headers, path
