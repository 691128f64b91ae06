"""Imported papers are on the archive's pages, marked, and found by the search of the site."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from newsletter.bootstrap import Services
from newsletter.web import create_app
from tests.archive.bringing import bring
from tests.archive.list_pages import README, TLDR


@pytest.fixture
def client(quick: Services) -> FlaskClient:
    bring(quick, README, "mine")
    bring(quick, TLDR, "notes")
    return create_app(quick).test_client()


def page(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.get_data(as_text=True)


def test_an_imported_paper_stands_on_the_page_of_its_day_and_of_its_topic(client: FlaskClient) -> None:
    assert "Fields of Light" in page(client, "/archive/2026-06-22?language=zh-CN")
    assert "/archive/2026-06-22" in page(client, "/archive")
    assert "A Second Light" in page(client, "/topics/nerf")


def test_a_translation_that_was_taken_over_is_shown_and_marked(client: FlaskClient) -> None:
    text = page(client, "/papers/2606.10001?language=zh-CN")
    assert "我们提出一种新的辐射场方法" in text
    assert "taken over from a published list" in text
    assert "not translated yet" not in text
    assert "taken over" not in page(client, "/papers/2404.00001?language=en")


def test_an_abstract_that_nobody_knows_in_the_original_is_said_to_be_missing(client: FlaskClient) -> None:
    assert "The original abstract is not known here" in page(client, "/papers/2606.10001?language=en")
    assert "We say how grids learn." in page(client, "/papers/2404.00001?language=en")


def test_the_search_of_the_site_finds_imported_words(client: FlaskClient) -> None:
    assert "2606.10001" in page(client, "/search?q=辐射场")
    assert "2404.00001" in page(client, "/search?q=grids")
