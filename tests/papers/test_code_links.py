"""Looking up code links: what is taken from a record, when it ends, and whom the claims let ask."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest

from newsletter.db import Database
from newsletter.papers.code_links import HUGGING_FACE, PAPERS_WITH_CODE, CodeLinks, hugging_face_links, papers_with_code_links
from newsletter.papers.store import link_lookups as lookups
from newsletter.papers.store import papers as papers_store
from newsletter.values.papers import LinkKind, Paper, PaperLink
from tests.papers.fake_hub import FakeHub
from tests.papers.paper_builder import paper, sample
from tests.waiting import PATIENCE

NOW = dt.datetime(2026, 6, 25, 6, 0, tzinfo=dt.UTC)
WINDOW = dt.timedelta(minutes=5)
REPOSITORY = PaperLink(LinkKind.CODE, "https://github.com/a/digit", "huggingface")
PAGE = PaperLink(LinkKind.PROJECT, "https://a.github.io/digit", "huggingface")


@pytest.mark.parametrize(
    ("record", "links"),
    [
        ({"githubRepo": "https://github.com/a/digit", "projectPage": "https://a.github.io/digit"}, (REPOSITORY, PAGE)),
        ({"githubRepo": "https://github.com/a/digit.git"}, (REPOSITORY,)),
        ({"githubRepo": None, "projectPage": ""}, ()),
        ({"githubRepo": "https://github.com.evil.example/a/b"}, ()),
        ({"githubRepo": "https://evil.example/github.com/a/b"}, ()),
        ({"githubRepo": "https://github.com@evil.example/a/b"}, ()),
        ({"githubRepo": "javascript:alert(1)//github.com/a/b"}, ()),
        ({"githubRepo": "https://github.com/a"}, ()),
        ({"githubRepo": ["https://github.com/a/b"]}, ()),
        ({"githubRepo": "https://github.com/a/" + "b" * 600}, ()),
        ({"projectPage": "https://github.com/a/digit"}, ()),
    ],
)
def test_only_addresses_of_known_hosts_are_taken(record: object, links: tuple[PaperLink, ...]) -> None:
    assert hugging_face_links(record, "2606.00001") == links


MINE = {"url": "https://github.com/a/digit", "is_official": True}
OTHER = {"url": "https://github.com/other/digit", "is_official": False}


@pytest.mark.parametrize(
    ("record", "urls"),
    [
        ({"repositories": [OTHER, MINE]}, ["https://github.com/a/digit"]),
        ({"repositories": [OTHER]}, []),
        ({"repositories": [{"url": "https://github.com/a/digit"}]}, []),
        ({"repositories": [MINE], "arxiv_id": "2606.00002"}, []),
        ({"repositories": [MINE], "arxiv_id": "2606.00001v3"}, ["https://github.com/a/digit"]),
        ({"repositories": [MINE], "arxiv_id": None}, []),
        ({"repositories": MINE, "project_pages": None, "hf_datasets": 7}, []),
        (
            {
                "project_pages": ["https://a.github.io/digit"],
                "hf_datasets": [{"url": "https://huggingface.co/datasets/a/digits"}],
            },
            ["https://a.github.io/digit", "https://huggingface.co/datasets/a/digits"],
        ),
        ({"project_pages": ["https://evil.example/"], "hf_datasets": ["https://huggingface.co/a/model"]}, []),
        ({"repositories": [{"url": "https://github.com.evil.example/a/b", "is_official": True}, None, "x"]}, []),
    ],
)
def test_papers_with_code_gives_the_authors_repository_of_this_paper(record: dict[str, object], urls: list[str]) -> None:
    found = papers_with_code_links({"arxiv_id": "2606.00001", **record}, "2606.00001")
    assert [link.url for link in found] == urls
    assert {link.source for link in found} <= {"paperswithcode"}


@pytest.fixture
def hub() -> Iterator[FakeHub]:
    fake = FakeHub({"2606.00001": {"githubRepo": "https://github.com/a/digit"}, "hep-th/9901001": {}})
    with fake:
        yield fake


def test_each_paper_is_asked_for_once_and_one_without_a_record_has_no_links(hub: FakeHub) -> None:
    found = CodeLinks(HUGGING_FACE, hub.url, "ann@example.org").look_up(
        ["2606.00001", "2606.00002", "hep-th/9901001"], seconds=PATIENCE
    )
    assert found.links == {"2606.00001": (REPOSITORY,), "2606.00002": (), "hep-th/9901001": ()}
    assert found.problem == ""
    assert hub.asked == ["2606.00001", "2606.00002", "hep-th/9901001"]


@pytest.mark.parametrize("record", ["[]", "null", "7"])
def test_a_record_of_another_shape_has_no_links(hub: FakeHub, record: str) -> None:
    hub.faults = [record, record]
    for catalogue in (HUGGING_FACE, PAPERS_WITH_CODE):
        assert CodeLinks(catalogue, hub.url, "").look_up(["2606.00001"], seconds=PATIENCE).links == {"2606.00001": ()}


@pytest.mark.parametrize("fault", [429, 503, 401, "<html>", "[1", "[" * 100_000])
def test_the_first_failure_ends_it_and_keeps_what_came_before(hub: FakeHub, fault: int | str) -> None:
    source = CodeLinks(HUGGING_FACE, hub.url, "")
    assert source.look_up(["2606.00001"], seconds=PATIENCE).links
    hub.faults = [fault]
    found = source.look_up(["2606.00002", "2606.00001"], seconds=PATIENCE)
    assert found.links == {}
    assert "Hugging Face" in found.problem
    assert len(hub.asked) == 2


def test_a_service_that_is_not_there_is_asked_once() -> None:
    fake = FakeHub({})
    with fake:
        pass
    found = CodeLinks(HUGGING_FACE, fake.url, "").look_up(["2606.00001", "2606.00002"], seconds=PATIENCE)
    assert found.links == {}
    assert "cannot be reached" in found.problem


def test_it_ends_when_its_time_is_over(hub: FakeHub) -> None:
    ticks = iter([0.0, 1.0, 6.0, 11.0, 12.0])
    found = CodeLinks(HUGGING_FACE, hub.url, "").look_up(
        ["2606.00001", "2606.00002", "2606.00003"], seconds=10, clock=lambda: next(ticks)
    )
    assert list(found.links) == ["2606.00001", "2606.00002"]
    assert found.problem == ""


def put(database: Database, *papers: Paper) -> list[int]:
    with database.transaction() as session:
        papers_store.store_papers(session, [(one, []) for one in papers], now=NOW)
        found = papers_store.papers_by_refs(session, [one.ref for one in papers])
    return [found[one.ref].id for one in papers]


def claim(database: Database, wanted: list[int], *, now: dt.datetime = NOW, most: int = 400) -> list[str]:
    with database.transaction() as session:
        return list(lookups.claim(session, wanted, most=most, window=WINDOW, now=now))


def test_papers_with_code_old_papers_and_samples_are_not_looked_up(database: Database) -> None:
    code = PaperLink(LinkKind.CODE, "https://github.com/a/b", "comment")
    page = PaperLink(LinkKind.PROJECT, "https://a.github.io", "comment")
    old = NOW.date() - dt.timedelta(days=8)
    ids = put(database, paper(1, links=(code,)), paper(2, links=(page,)), paper(3, announced_on=old))
    assert claim(database, ids) == ["2606.00002"]


def test_samples_are_not_looked_up(database: Database) -> None:
    assert claim(database, put(database, sample(1))) == []


def test_a_paper_is_looked_up_once_a_day_for_a_week_also_when_nobody_expects_it_any_more(database: Database) -> None:
    ids = put(database, paper(1), paper(2))
    assert claim(database, ids[:1]) == ["2606.00001"]
    assert claim(database, ids[:1], now=NOW + dt.timedelta(hours=12)) == []
    for day in range(1, 8):
        assert claim(database, [], now=NOW + dt.timedelta(days=day)) == ["2606.00001"]
    assert claim(database, ids, now=NOW + dt.timedelta(days=8)) == []


def test_what_was_not_asked_in_the_end_is_wanted_as_before(database: Database) -> None:
    ids = put(database, paper(1), paper(2))
    claim(database, ids)
    with database.transaction() as session:
        lookups.release(session, ids[1:])
    assert claim(database, ids) == ["2606.00002"]


def test_all_machines_together_stay_under_the_limit_of_a_window(database: Database) -> None:
    ids = put(database, *(paper(number) for number in range(1, 8)))
    assert claim(database, ids, most=5) == [f"2606.0000{number}" for number in range(1, 6)]
    assert claim(database, ids, most=5, now=NOW + dt.timedelta(minutes=4)) == []
    assert claim(database, ids, most=5, now=NOW + dt.timedelta(minutes=6)) == ["2606.00006", "2606.00007"]


def test_links_are_added_beside_those_of_the_text_and_outlive_a_new_version(database: Database) -> None:
    page = PaperLink(LinkKind.PROJECT, "https://A.github.io/digit", "comment")
    (paper_id,) = put(database, paper(1, links=(page,)))
    with database.transaction() as session:
        assert lookups.add_links(session, {paper_id: (REPOSITORY, PAGE), 99: (REPOSITORY,)}) == 1
        assert lookups.add_links(session, {paper_id: (REPOSITORY,)}) == 0
        assert lookups.add_links(session, {}) == 0
    put(database, paper(1, version=2))
    with database.reading() as session:
        stored = papers_store.paper_by_ref(session, "2606.00001")
    assert stored is not None
    assert stored.links == (REPOSITORY,)
