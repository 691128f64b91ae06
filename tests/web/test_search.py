"""The page of search: a form that works without a script, results in the reader's language, nothing active in a query."""

from __future__ import annotations

import pytest

from newsletter.searching.store import index_new
from tests.web.conftest import HOSTILE, Site


def test_papers_are_found_by_their_words(site: Site) -> None:
    index_new(site.services.database)
    page = site.client().get("/search?lang=en&q=splatting")
    assert page.status_code == 200
    assert page.headers["X-Robots-Tag"] == "noindex"
    assert 'href="/papers/2606.26101' in page.text


@pytest.mark.parametrize("query", ["", "nothing-like-it", HOSTILE, '"' * 50, "%00", "a" * 5000])
def test_any_query_is_a_page_and_nothing_in_it_is_active(site: Site, query: str) -> None:
    page = site.client().get("/search", query_string={"q": query, "page": "-3"})
    assert page.status_code == 200
    assert "<script>alert" not in page.text
