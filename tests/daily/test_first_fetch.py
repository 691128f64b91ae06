"""The very first fetch: the newest announcement comes first, and nobody is told of older papers as new."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from newsletter.bootstrap import Services
from newsletter.daily import fetch, plan
from newsletter.daily.welcome import plan_welcome
from newsletter.mail.store import ledger
from newsletter.papers.calendar import last_announcement
from newsletter.papers.store import papers as papers_store
from tests.factories import a_subscriber
from tests.papers.arxiv.fake_query_api import FakeArxiv, Fault, some_paper
from tests.walk.papers import ABSTRACTS, NEW, OLD, announced

# A Friday noon: the newest announcement is that of the evening before.
NOW = dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.UTC)
Make = Callable[..., Services]


def numbers(services: Services) -> dict[str, int]:
    with services.database.reading() as session:
        return {paper.title: paper.number for paper in papers_store.papers_after(session, -10_000)}


def test_the_newest_announcement_is_asked_for_first(sqlite_url: str, make_services: Make) -> None:
    arxiv = FakeArxiv(announced(NOW))
    with arxiv as url:
        services = make_services(sqlite_url, ARXIV_API_URL=url)
        fetch.fetch(services, now=NOW)
    windows = [query["search_query"].partition("submittedDate:[")[2][:8] for _, query, _ in arxiv.requests]
    assert windows[0] == "20261118", "the deadline before the announcement of the 20th was on the 18th"
    assert "20261106" in windows[1:], "then the fourteen days"


def test_older_papers_lie_under_every_cursor(database_url: str, make_services: Make) -> None:
    with FakeArxiv(announced(NOW)) as url:
        services = make_services(database_url, ARXIV_API_URL=url)
        report = fetch.fetch(services, now=NOW)
    found = numbers(services)
    assert report.problem == ""
    assert all(found[title] > 0 for title in NEW.values())
    with services.database.reading() as session:
        assert papers_store.newest_day(session) == last_announcement(NOW)
        old = next(paper for paper in papers_store.papers_after(session, -10_000) if paper.title == OLD)
    assert old.announced_on < last_announcement(NOW)


def test_a_reader_of_the_first_hour_gets_the_newest_announcement_and_later_only_what_is_new(
    database_url: str, make_services: Make
) -> None:
    papers = [
        *announced(NOW),
        some_paper(20, submitted=NOW - dt.timedelta(days=12), title="Old: " + NEW["nerf"], abstract=ABSTRACTS["nerf"]),
    ]
    arxiv = FakeArxiv(papers)
    with arxiv as url:
        services = make_services(database_url, ARXIV_API_URL=url)
        fetch.fetch(services, now=NOW)
        with services.database.transaction() as session:
            reader = a_subscriber(session, "nerf", "3dgs", "llm", hour=6, confirmed_at=NOW)
            plan_welcome(services, session, reader, now=NOW)
        with services.database.reading() as session:
            (welcome,) = ledger.deliveries(session)
            titles = {
                paper.title for paper in papers_store.papers_by_ids(session, [i for i, _ in welcome.contents["papers"]]).values()
            }
        assert titles == set(NEW.values())
        assert numbers(services)["Old: " + NEW["nerf"]] < 0


def test_a_first_fetch_that_reaches_nothing_brings_the_sample_day(sqlite_url: str, make_services: Make) -> None:
    services = make_services(sqlite_url)
    assert fetch.fetch(services, now=NOW, attempts=1).samples >= 40


def test_a_first_fetch_that_breaks_off_keeps_what_came_and_the_next_brings_the_rest(
    database_url: str, make_services: Make
) -> None:
    arxiv = FakeArxiv(announced(NOW), faults=[Fault.NONE, Fault.UNAVAILABLE])
    with arxiv as url:
        services = make_services(database_url, ARXIV_API_URL=url)
        broken = fetch.fetch(services, now=NOW, attempts=1)
        assert broken.problem
        assert set(NEW.values()) <= set(numbers(services))
        arxiv.faults.clear()
        assert fetch.fetch(services, now=NOW + dt.timedelta(minutes=30)).problem == ""
    assert OLD in numbers(services)


def test_where_the_newest_announcement_was_put_off_it_begins_with_the_one_before(database_url: str, make_services: Make) -> None:
    """The calendar cannot know of deferrals at short notice; whoever signs up meanwhile still gets a first digest."""
    later = NOW + dt.timedelta(days=3)
    assert last_announcement(later) > last_announcement(NOW)
    arxiv = FakeArxiv(announced(NOW))
    with arxiv as url:
        services = make_services(database_url, ARXIV_API_URL=url)
        report = fetch.fetch(services, now=later)
        with services.database.transaction() as session:
            reader = a_subscriber(session, *NEW, confirmed_at=later - dt.timedelta(hours=1), cursor=None)
        plan.plan(services, now=later)
    assert report.problem == ""
    found = numbers(services)
    assert all(found[title] > 0 for title in NEW.values())
    assert found[OLD] < 0
    with services.database.reading() as session:
        [digest] = ledger.deliveries(session, subscriber_id=reader)
    assert len(digest.contents["papers"]) == len(NEW)
