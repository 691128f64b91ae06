"""Arabic lines that begin with a Latin name are still read from right to left."""

from __future__ import annotations

from tests.directions import read_from_the_left
from tests.web.conftest import DAY, Site


def test_an_arabic_page_is_read_from_right_to_left_where_a_reason_begins_with_a_latin_word(site: Site) -> None:
    for path in (f"/archive/{DAY}?lang=ar", "/topics/3dgs?lang=ar", "/papers/2606.26101?lang=ar", "/search?q=splat&lang=ar"):
        page = site.client().get(path)
        assert page.status_code == 200
        assert "في العنوان" in page.text or "search" in path
        assert read_from_the_left(page.text) == []
