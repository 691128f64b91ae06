"""Papers of journals and venues on their way: stored once, one paper with two links where arXiv has it too, in either order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

import pytest

from newsletter.bootstrap import Services
from newsletter.daily import fetch
from newsletter.daily.ingest import store_batch
from newsletter.papers.store import papers as papers_store
from newsletter.values.papers import LinkKind, Paper
from newsletter.web import create_app
from tests.http_fake import Handler, HttpFake
from tests.papers.arxiv.fake_query_api import FakeArxiv, some_paper
from tests.papers.paper_builder import paper

NOW = dt.datetime(2026, 11, 20, 8, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
ITEM = "<item><title>{}</title><link>https://j.example.org/{}</link><author>{}</author><pubDate>{}</pubDate><guid>doi:10.5555/{}</guid></item>"
TODAY, LONG_AGO = "Fri, 20 Nov 2026 06:00:00 GMT", "Mon, 02 Nov 2026 06:00:00 GMT"
NERF = "NeRF: neural radiance fields of lamps"


class _Feed(Handler):
    def do_GET(self) -> None:
        self.fake.asked += 1
        body = f"<rss><channel><title>Journal of Lamps</title>{''.join(self.fake.items)}</channel></rss>"
        self.answer(self.fake.status, body.encode(), "application/rss+xml")


class FakeJournal(HttpFake):
    """A journal with these items; ``status`` is what it answers with."""

    handler = _Feed

    def __init__(self, *items: str) -> None:
        self.items, self.status, self.asked = list(items), 200, 0


@pytest.fixture
def journal() -> Iterator[FakeJournal]:
    fake = FakeJournal(ITEM.format(NERF, 1, "Ada Byron", TODAY, 1), ITEM.format("Lamps of old", 2, "C. D.", LONG_AGO, 2))
    with fake:
        yield fake


@pytest.fixture
def services(make_services: Callable[..., Services], database_url: str, journal: FakeJournal) -> Iterator[Services]:
    arxiv = FakeArxiv([some_paper(1, title="Something else", submitted=NOW - 24 * HOUR)])
    with arxiv:
        yield make_services(database_url, ARXIV_API_URL=arxiv.url, VENUE_FEEDS=f"Lamps={journal.url}")


def run_fetch(services: Services, *, now: dt.datetime = NOW) -> fetch.FetchReport:
    return fetch.fetch(services, now=now, attempts=1, routine=True)


def stored(services: Services) -> dict[str, Paper]:
    with services.database.reading() as session:
        return {one.ref: one for one in papers_store.papers_after(session, -(10**15))}


def venue_links(one: Paper) -> list[str]:
    return [link.url for link in one.links if link.kind is LinkKind.VENUE]


def test_a_paper_of_a_journal_is_stored_once_with_its_topics_and_what_was_there_before_is_new_to_nobody(
    services: Services, journal: FakeJournal
) -> None:
    run_fetch(services)
    found = stored(services)
    one, old = found["doi:10.5555/1"], found["doi:10.5555/2"]
    assert (one.title, one.journal_ref, one.source, one.announced_on) == (NERF, "Lamps", "venue", NOW.date())
    assert venue_links(one) == ["https://doi.org/10.5555/1"]
    assert old.number < 0 < one.number
    with services.database.reading() as session:
        assert "nerf" in [match.topic for match in papers_store.matches_of(session, [one.id])[one.id]]
        assert papers_store.announcement_days(session, limit=3) == [(NOW.date(), 1)]  # arXiv's own
    journal.items.append(ITEM.format("Found late and dated long ago", 3, "E. F.", LONG_AGO, 3))
    run_fetch(services, now=NOW + HOUR)
    assert journal.asked == 1
    run_fetch(services, now=NOW + 7 * HOUR)
    assert journal.asked == 2 and set(stored(services)) - set(found) == {"doi:10.5555/3"}
    page = create_app(services).test_client().get("/papers/doi:10.5555/1")
    assert page.status_code == 200 and 'href="https://doi.org/10.5555/1"' in page.text


def test_a_paper_that_arxiv_had_first_gets_a_link_more(services: Services) -> None:
    store_batch(
        services,
        [paper(7, title=NERF.upper(), authors=("A. Byron", "Somebody Else"), announced_on=dt.date(2026, 11, 3))],
        now=NOW,
    )
    run_fetch(services)
    found = stored(services)
    assert "doi:10.5555/1" not in found
    assert venue_links(found["2606.00007"]) == ["https://doi.org/10.5555/1"]
    run_fetch(services, now=NOW + 7 * HOUR)
    assert set(stored(services)) == set(found)


def test_a_paper_that_the_journal_had_first_becomes_that_of_arxiv_and_its_address_leads_there(services: Services) -> None:
    run_fetch(services)
    before = stored(services)["doi:10.5555/1"]
    store_batch(services, [paper(7, title="Renamed", doi="10.5555/1", announced_on=NOW.date())], now=NOW)
    found = stored(services)
    after = found["2606.00007"]
    assert (after.id, after.number, after.title, after.source) == (before.id, before.number, "Renamed", "arxiv")
    assert venue_links(after) == ["https://doi.org/10.5555/1"] and "doi:10.5555/1" not in found
    answer = create_app(services).test_client().get("/papers/doi:10.5555/1")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/papers/2606.00007")
    run_fetch(services, now=NOW + 7 * HOUR)
    assert set(stored(services)) == set(found)


def test_a_feed_that_fails_is_told_and_the_fetch_goes_well(services: Services, journal: FakeJournal) -> None:
    journal.status = 404
    report = run_fetch(services)
    assert report.problem == "" and any("Lamps refuses the query with 404" in note for note in report.notes)
    journal.status = 200
    run_fetch(services, now=NOW + HOUR)
    assert "doi:10.5555/1" in stored(services)
