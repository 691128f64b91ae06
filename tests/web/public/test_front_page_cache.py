"""The front page is rendered once for all who would see the same; each visitor has a token of their own in it."""

from __future__ import annotations

import gzip
import re

from newsletter.db import Database
from newsletter.errors import TemporaryError
from newsletter.web.cached_counts import Remembered
from newsletter.web.public.front_page_cache import KEPT_SECONDS, MOST, FrontPages
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


def test_a_page_is_rendered_anew_after_a_while_and_no_more_than_some_are_kept() -> None:
    time, rendered = [0.0], []
    pages = FrontPages(timer=lambda: time[0])

    def show(key: str) -> str:
        page = pages.shown(key, token="T", render=lambda: rendered.append(key) or "a T b")  # type: ignore[func-returns-value]
        assert gzip.decompress(page.gzipped("U")) == page.plain("U") == b"a U b"
        return page.plain("T").decode()

    assert [show("en"), show("en")] == ["a T b"] * 2
    assert rendered == ["en"]
    time[0] += KEPT_SECONDS
    show("en")
    assert rendered == ["en", "en"]
    for number in range(MOST):
        show(str(number))
    show("en")
    assert rendered.count("en") == 3


def test_a_figure_is_read_once_in_a_while_and_stays_while_the_database_is_away(database: Database) -> None:
    time, answers = [0.0], iter([1, TemporaryError("away"), 3])

    def read(_: object) -> int:
        answer = next(answers)
        if isinstance(answer, TemporaryError):
            raise answer
        return answer

    figure = Remembered(read, 0, seconds=60, timer=lambda: time[0])
    assert [figure.value(database), figure.value(database)] == [1, 1]
    time[0] += 60
    assert [figure.value(database), figure.value(database)] == [1, 1], "the second look failed"
    figure.forget()
    assert figure.value(database) == 3
