"""Code links for the papers that readers are about to get."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from newsletter.bootstrap import Services
from newsletter.daily import enrich
from newsletter.papers.store import papers as papers_store
from newsletter.values.papers import Paper
from newsletter.values.topics import Match
from tests.factories import a_subscriber
from tests.papers.fake_hub import FakeHub
from tests.papers.paper_builder import paper

Make = Callable[..., Services]
NOW = dt.datetime(2026, 6, 25, 6, 0, tzinfo=dt.UTC)
RECORD = {"githubRepo": "https://github.com/a/digit"}


def prepare(services: Services, *topics: str, language: str = "en") -> None:
    """Two papers, one on nerf and one on slam, and a reader of these topics."""
    papers = [(paper(1), [Match(paper(1).ref, "nerf", 2.0, "title")]), (paper(2), [Match(paper(2).ref, "slam", 2.0, "title")])]
    with services.database.transaction() as session:
        papers_store.store_papers(session, papers, now=NOW)
        a_subscriber(session, *topics, language=language)


def stored(services: Services, number: int) -> Paper:
    with services.database.reading() as session:
        found = papers_store.paper_by_ref(session, paper(number).ref)
    assert found is not None
    return found


def test_papers_that_somebody_will_get_are_looked_up_whatever_the_language(sqlite_url: str, make_services: Make) -> None:
    hub = FakeHub({"2606.00001": RECORD})
    with hub:
        services = make_services(sqlite_url, HUGGINGFACE_URL=hub.url)
        prepare(services, "nerf")
        assert enrich.enrich(services, now=NOW) == 1
        assert enrich.enrich(services, now=NOW) == 0
    assert hub.asked == ["2606.00001"]
    assert [(link.url, link.source) for link in stored(services, 1).links] == [("https://github.com/a/digit", "huggingface")]


def test_a_service_that_fails_costs_nobody_a_look_up(sqlite_url: str, make_services: Make) -> None:
    hub = FakeHub({"2606.00001": RECORD, "2606.00002": RECORD}, faults=[429])
    with hub:
        services = make_services(sqlite_url, HUGGINGFACE_URL=hub.url)
        prepare(services, "nerf", "slam", language="zh-CN")
        assert enrich.enrich(services, now=NOW) == 0
        assert len(hub.asked) == 1
        assert enrich.enrich(services, now=NOW + dt.timedelta(hours=1)) == 2


def test_nobody_is_asked_where_look_ups_are_off(sqlite_url: str, make_services: Make) -> None:
    services = make_services(sqlite_url)
    prepare(services, "nerf")
    assert services.settings.huggingface_url == ""
    assert enrich.enrich(services, now=NOW) == 0


def test_no_request_is_made_where_no_reader_expects_a_paper(sqlite_url: str, make_services: Make) -> None:
    hub = FakeHub({"2606.00001": RECORD})
    with hub:
        services = make_services(sqlite_url, HUGGINGFACE_URL=hub.url)
        prepare(services, "rag")
        assert enrich.enrich(services, now=NOW) == 0
    assert hub.asked == []


OFFICIAL = {"arxiv_id": "2606.00001", "repositories": [{"url": "https://github.com/b/digit", "is_official": True}]}


def test_papers_with_code_is_asked_where_hugging_face_knows_no_code(sqlite_url: str, make_services: Make) -> None:
    hub = FakeHub({"2606.00001": {"projectPage": "https://a.github.io/digit"}, "2606.00002": RECORD})
    catalogue = FakeHub({"2606.00001": {**OFFICIAL, "project_pages": ["https://b.github.io/digit"]}})
    with hub, catalogue:
        services = make_services(sqlite_url, HUGGINGFACE_URL=hub.url, PAPERSWITHCODE_URL=catalogue.url)
        prepare(services, "nerf", "slam")
        assert enrich.enrich(services, now=NOW) == 3
    assert catalogue.asked == ["2606.00001"]
    assert {(link.url, link.source) for link in stored(services, 1).links} == {
        ("https://a.github.io/digit", "huggingface"),
        ("https://github.com/b/digit", "paperswithcode"),
    }


def test_papers_with_code_alone_is_asked_and_again_the_next_day(sqlite_url: str, make_services: Make) -> None:
    catalogue = FakeHub({})
    with catalogue:
        services = make_services(sqlite_url, PAPERSWITHCODE_URL=catalogue.url)
        prepare(services, "nerf")
        assert enrich.enrich(services, now=NOW) == 0
        catalogue.records["2606.00001"] = OFFICIAL
        assert enrich.enrich(services, now=NOW + dt.timedelta(hours=2)) == 0
        assert enrich.enrich(services, now=NOW + dt.timedelta(hours=22)) == 1
    assert catalogue.asked == ["2606.00001"] * 2


def test_a_second_catalogue_that_fails_takes_nothing_from_the_first(sqlite_url: str, make_services: Make) -> None:
    hub, catalogue = FakeHub({"2606.00001": RECORD}), FakeHub({}, faults=[503])
    with hub, catalogue:
        services = make_services(sqlite_url, HUGGINGFACE_URL=hub.url, PAPERSWITHCODE_URL=catalogue.url)
        prepare(services, "nerf", "slam")
        assert enrich.enrich(services, now=NOW) == 1
    assert catalogue.asked == ["2606.00002"]
