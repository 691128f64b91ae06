"""The front page is rendered once for all who would see the same; each visitor has a token of their own in it."""

from __future__ import annotations

import re

from newsletter.web.front_pages import MOST, FrontPages
from tests.web.conftest import Site

TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


def token_of(page: str) -> str:
    found = TOKEN.search(page)
    assert found, page[:2000]
    return found.group(1)


def test_two_visitors_see_the_same_page_with_tokens_of_their_own(small_site: Site) -> None:
    pages = [small_site.client().get("/").text for _ in range(2)]
    tokens = [token_of(page) for page in pages]
    assert tokens[0] != tokens[1]
    assert pages[0].replace(tokens[0], "") == pages[1].replace(tokens[1], "")


def test_the_token_of_a_kept_page_is_good_for_the_visitor_who_got_it_and_for_nobody_else(small_site: Site) -> None:
    small_site.client().get("/")
    visitor, other = small_site.client(), small_site.client()
    token = token_of(visitor.get("/").text)
    other.get("/")
    form = {"csrf_token": token, "email": "new@example.org", "topics": "nerf", "language": "en", "hour": "7", "timezone": "UTC"}
    assert other.post("/subscribe", data=form).status_code == 400
    assert visitor.post("/subscribe", data=form).status_code == 303


def test_each_language_of_page_and_of_browser_has_its_own(small_site: Site) -> None:
    client = small_site.client()
    german = client.get("/", headers={"Accept-Language": "de"}).text
    english = client.get("/", headers={"Accept-Language": "en"}).text
    japanese = client.get("/", headers={"Accept-Language": "ja"}).text
    assert re.search(r'<option[^>]*value="de"[^>]* selected', german) and not re.search(r'value="de"[^>]* selected', english)
    assert '<html lang="en"' in english and '<html lang="ja"' in japanese


def test_a_page_is_rendered_anew_once_the_figures_are_and_no_more_than_some_are_kept() -> None:
    pages, rendered = FrontPages(), []

    def show(key: str, counts: dict[str, int]) -> None:
        pages.shown(key, counts, token="T", render=lambda: rendered.append(key) or "a T b")  # type: ignore[func-returns-value]

    first, second = {"nerf": 1}, {"nerf": 1}
    for counts in (first, first, second, second):
        show("en", counts)
    assert rendered == ["en", "en"]
    for number in range(MOST):
        show(str(number), second)
    show("en", second)
    assert rendered.count("en") == 3
