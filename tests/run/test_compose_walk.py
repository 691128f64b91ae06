"""The walk through the composed service: PostgreSQL, Redis, gunicorn, sender, worker and scheduler, each by its own command."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from newsletter.daily import ingest
from newsletter.db import connect
from newsletter.operating.migrate import migrate, pending
from newsletter.subscribers import import_export
from tests.conftest import missing
from tests.papers.arxiv.fake_query_api import FakeArxiv
from tests.run.conftest import OURS, Composed
from tests.services import services_over
from tests.translation.engines.fake_engines import FakeEngines
from tests.waiting import wait_until
from tests.walk import browser, journey, papers

pytestmark = [pytest.mark.browser, pytest.mark.postgres]


@pytest.fixture
def outside() -> Iterator[dict[str, str]]:
    engines = FakeEngines()
    engines.start()
    with FakeArxiv(papers.announced(dt.datetime.now(dt.UTC))) as arxiv_url:
        yield {"ARXIV_API_URL": arxiv_url, "LIBRETRANSLATE_URL": engines.libre_url, "TRANSLATORS": "libre"}
    engines.stop()


# The form of the database that the upgrade begins with.
BEFORE = "0031"


@pytest.fixture
def before_start(postgres_url: str, tmp_path: Path) -> None:
    """An installation of the version before: papers, and a reader whose hour has come."""
    services = services_over(postgres_url, tmp_path / "before")
    now = dt.datetime.now(dt.UTC)
    ingest.load_samples(services, now=now)
    lines = ["email,topics,language,timezone,hour,status\n", "reader@example.org,3d;llm,en,UTC,0,confirmed\n"]
    import_export.import_csv(services, lines, consent="asked", known=services.catalogue.by_slug.keys(), now=now)
    migrate(services.database, revision=BEFORE)
    services.database.close()


def test_the_services_bring_an_older_database_to_its_new_form_and_carry_a_reader_to_the_digest(composed: Composed) -> None:
    """One composed service for the upgrade and for the walk, because each start takes ten seconds of a processor."""
    database = connect(composed.database_url)
    assert not pending(database)
    database.close()
    wait_until(lambda: composed.sink.to("reader@example.org"))
    assert composed.sink.to("reader@example.org"), "who was there before gets a digest"
    a_new_reader_walks(composed)
    for name in OURS[1:-1]:
        assert composed.processes[name].poll() is None, composed.log_of(name)
    assert len(composed.sink.to("reader@example.org")) == 1


def a_new_reader_walks(composed: Composed) -> None:
    if browser.chromium() is None:
        missing("Chromium")
    reader = journey.Reader("walker@example.org", ("nerf", "3dgs", "llm"), "ja")
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
