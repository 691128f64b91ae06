"""The page of search: a form that works without a script, results in the reader's language, nothing active in a query."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from newsletter.search.store import index_new
from tests.web.conftest import DAY, HOSTILE, Site, paper, stored


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


def test_the_words_found_are_marked_in_the_language_in_which_they_stand(site: Site) -> None:
    index_new(site.services.database)
    page = site.client().get("/search", query_string={"q": "高斯泼溅", "lang": "en"}).text
    assert "<mark>高斯泼溅</mark>" in page
    assert page.count("<mark>") == 2, "once in the title, once in the abstract"
    assert 'lang="zh-CN" dir="ltr"' in page
    assert "<mark>Splatting</mark>" in site.client().get("/search?lang=en&q=splatting").text


def test_titles_come_first_or_the_newest_and_a_search_is_narrowed(site: Site) -> None:
    told = {"abstract": "Nothing of it.", "links": ()}
    day = dt.date(2026, 6, 1)
    stored(
        site.services,
        [
            paper("2606.26501", title="Octopus arms", announced_on=day, **told),
            paper(
                "2606.26502", title="Arms", announced_on=DAY, **{**told, "abstract": "We see an octopus."}, categories=("cs.RO",)
            ),
        ],
    )
    index_new(site.services.database)
    client = site.client()

    def found(query: str) -> list[str]:
        return re.findall(r'<h2[^>]*><a href="/papers/([^?"]+)', client.get(f"/search?lang=en&{query}").text)

    assert found("q=octopus") == ["2606.26501", "2606.26502"]
    assert found("q=octopus&sort=date") == ["2606.26502", "2606.26501"]
    assert found("q=octopus&category=cs.RO") == ["2606.26502"]
    assert found("q=octopus&code=1") == found("q=octopus&topic=llm") == []
    assert "2 papers" in client.get("/search?lang=en&q=octopus").text
    assert "Look without the filters" in client.get("/search?lang=en&q=octopus&code=1").text
    assert client.get("/search?q=octopus&topic=nowhere").status_code == 404
    assert client.get("/search?q=octopus&page=99999999999999999999&sort=nothing").status_code == 200


def test_a_slip_is_told_with_what_was_meant(small_site: Site) -> None:
    stored(small_site.services, [paper(f"2606.2650{n}", abstract="We diffuse with diffusion.") for n in range(4)])
    index_new(small_site.services.database)
    client = small_site.client()
    page = client.get("/search?lang=en&q=splatting+difusion").text
    assert 'Did you mean: <a href="/search?language=en&amp;q=splatting%20diffusion">' in page
    many = "difusion+spltting+gausian+diffuze+splaat"  # nobody knows what was meant, and each word costs
    for query in ("diffusion", "xylophone", "of", "R", "C%2B%2B", "扩散", many):
        assert "Did you mean" not in client.get(f"/search?lang=en&q={query}").text, query


def test_the_name_r_is_not_found_in_r_cnn(small_site: Site) -> None:
    stored(
        small_site.services,
        [paper("2606.26501", abstract="We write it in R."), paper("2606.26502", abstract="We train an R-CNN in $R^3$.")],
    )
    index_new(small_site.services.database)
    page = small_site.client().get("/search?lang=en&q=R").text
    assert "/papers/2606.26501" in page and "/papers/2606.26502" not in page


def test_who_finds_nothing_reads_what_to_try(site: Site) -> None:
    page = site.client().get("/search?lang=en&q=splatting+xylophone").text
    assert "Take a word out" in page
    assert 'href="/topics/3dgs' in page, "a topic of that name is a way on"
    assert "Take a word out" not in site.client().get("/search?lang=en").text


def test_results_come_in_pages(small_site: Site) -> None:
    stored(small_site.services, [paper(f"2606.3{number:04d}") for number in range(30)])
    index_new(small_site.services.database)
    client = small_site.client()
    first, second = (client.get(f"/search?lang=en&q=splatting&page={number}").text for number in (1, 2))
    assert (first.count('class="paper"'), second.count('class="paper"')) == (20, 12)
    assert 'rel="next"' in first and 'rel="next"' not in second
    assert 'rel="prev"' in second and "Page 2" in second


def test_a_translation_stays_where_the_words_stand_in_the_original_beside_it(small_site: Site) -> None:
    index_new(small_site.services.database)
    page = small_site.client().get("/search?lang=zh-CN&q=splat").text
    shown = next(part for part in page.split('<li class="paper">') if "/papers/2606.26101" in part)
    assert "高斯泼溅" in shown
    assert "<mark>splat</mark>" in shown
    assert '<p class="gist" lang="en" dir="ltr">' in shown
