"""The walk through the composed service: PostgreSQL, Redis, gunicorn, sender, worker and scheduler, each by its own command."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest

from tests.conftest import missing
from tests.papers.arxiv.fake_query_api import FakeArxiv
from tests.run.conftest import Composed
from tests.translation.engines.fake_engines import FakeEngines
from tests.walk import browser, journey, papers

pytestmark = [pytest.mark.browser, pytest.mark.postgres]


@pytest.fixture
def outside() -> Iterator[dict[str, str]]:
    engines = FakeEngines()
    engines.start()
    with FakeArxiv(papers.announced(dt.datetime.now(dt.UTC))) as arxiv_url:
        yield {"ARXIV_API_URL": arxiv_url, "LIBRETRANSLATE_URL": engines.libre_url, "TRANSLATORS": "libre"}
    engines.stop()


def test_the_composed_services_carry_a_reader_from_the_form_to_the_digest(composed: Composed) -> None:
    if browser.chromium() is None:
        missing("Chromium")
    reader = journey.Reader("reader@example.org", ("nerf", "3dgs", "llm"), "ja")
    with browser.launched() as chromium, browser.page_of(chromium) as page:
        journey.wait_for_papers(page, composed.base_url, 3)
        journey.sign_up(page, composed.base_url, reader)
        journey.confirm(page, composed.sink, reader, button=False)
        mail = journey.digest(composed.sink, reader, count=2)
    html = mail.message.get_body(("html",))
    assert html is not None
    words = html.get_content()
    assert 'lang="ja"' in words
    for ref in ("2606.00001", "2606.00002", "2606.00003"):
        assert words.count(f'href="https://arxiv.org/pdf/{ref}') == 1
