"""A first fill by OAI-PMH: all of it, once, resumable, and new to nobody."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

import pytest

from newsletter.bootstrap import Services
from newsletter.daily.backfill import Told, backfill
from newsletter.daily.ingest import set_first_announcement, store_batch
from newsletter.errors import InputError, TemporaryError
from newsletter.operating import state
from newsletter.papers.arxiv.oai import sets_of
from newsletter.papers.store import papers as papers_store
from newsletter.values.papers import Paper
from tests.papers.arxiv.fake_oai import FakeOai
from tests.papers.arxiv.fake_query_api import some_paper
from tests.papers.paper_builder import paper

NOW = dt.datetime(2026, 11, 20, 8, tzinfo=dt.UTC)
SINCE = dt.date(2026, 9, 1)
DAY = dt.timedelta(days=1)


def at(*date: int) -> dt.datetime:
    return dt.datetime(*date, 15, tzinfo=dt.UTC)  # type: ignore[arg-type, misc]


PAPERS = [
    some_paper(1, title="NeRF: neural radiance fields", submitted=at(2026, 9, 2), comment="code: https://github.com/a/b"),
    some_paper(2, submitted=at(2026, 9, 3), updated=at(2026, 11, 1), version=3),
    some_paper(3, submitted=at(2026, 10, 20)),
    some_paper(4, submitted=at(2026, 10, 21), categories=("cs.DB",)),
    some_paper(5, submitted=at(2026, 8, 31), updated=at(2026, 9, 9), version=2),
    some_paper(6, submitted=at(2026, 11, 19)),
]


@pytest.fixture
def oai() -> Iterator[FakeOai]:
    fake = FakeOai(PAPERS, page_size=1, deleted=1)
    with fake:
        yield fake


@pytest.fixture
def services(database_url: str, make_services: Callable[..., Services], oai: FakeOai) -> Services:
    return make_services(database_url, ARXIV_OAI_URL=oai.url, ARXIV_API_URL=oai.url, ARXIV_DELAY_SECONDS="0")


def fill(services: Services, **changes: object) -> tuple[int, list[Told]]:
    told: list[Told] = []
    order: dict[str, object] = {
        "since": SINCE,
        "until": None,
        "categories": ["cs.CV"],
        "now": NOW,
        "tell": told.append,
        **changes,
    }
    return backfill(services, **order).new, told  # type: ignore[arg-type]


def stored(services: Services) -> dict[str, Paper]:
    with services.database.reading() as session:
        return {one.ref: one for one in papers_store.papers_after(session, -(10**15))}


def test_all_papers_of_the_days_and_categories_come_once_and_are_new_to_nobody(services: Services, oai: FakeOai) -> None:
    with services.database.transaction() as session:
        state.FIRST_OF_CATEGORY.write(session, {"cs.CV": dt.date(2026, 11, 1)}, now=NOW)
    set_first_announcement(services, dt.date(2026, 11, 1), now=NOW)
    known = paper(3, ref="2606.00003", title="As it was here", announced_on=dt.date(2026, 10, 22))
    store_batch(services, [known], now=NOW)
    new, told = fill(services)
    found = stored(services)
    assert new == 2 and set(found) == {"2606.00001", "2606.00002", "2606.00003"}
    assert max(one.number for one in found.values()) < 0
    one, two = found["2606.00001"], found["2606.00002"]
    assert (one.authors, one.categories, one.announced_on) == (
        ("Ada Byron", "Alan M. Turing"),
        ("cs.CV", "cs.LG"),
        dt.date(2026, 9, 3),
    )
    assert [link.url for link in one.links] == ["https://github.com/a/b"]
    assert (two.version, two.submitted.date(), two.updated.date()) == (3, dt.date(2026, 9, 3), dt.date(2026, 11, 1))
    assert found["2606.00003"].title == "As it was here"
    with services.database.reading() as session:
        assert "nerf" in [match.topic for match in papers_store.matches_of(session, [one.id])[one.id]]
        assert papers_store.highest_number(session) == 0
        assert state.BACKFILL.read(session) is None
    assert told[-1].done == told[-1].steps == 3 and [one.of for one in told if one.of] != []
    assert fill(services)[0] == 0 and set(stored(services)) == set(found)


def test_what_was_interrupted_goes_on_at_the_page_where_it_was(services: Services, oai: FakeOai) -> None:
    def stop(told: Told) -> None:
        if len(oai.requests) == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fill(services, tell=stop)
    fill(services)
    assert ["resumptionToken" in query for query in oai.requests[:2]] == [False, True]
    assert {"2606.00001", "2606.00002", "2606.00003"} <= set(stored(services))


def test_pauses_and_broken_answers_are_waited_for_and_an_old_token_begins_its_list_anew(services: Services, oai: FakeOai) -> None:
    oai.faults += ["503", "cut", "", "token"]
    fill(services)
    assert {"2606.00001", "2606.00002", "2606.00003"} <= set(stored(services))
    assert sum("set" in query for query in oai.requests) == 3 + 2 + 1


def test_where_arxiv_fails_for_long_the_next_call_goes_on(services: Services, oai: FakeOai) -> None:
    oai.faults += ["", *["503"] * 6]
    with pytest.raises(TemporaryError, match="503"):
        fill(services)
    assert "2606.00001" in stored(services) or "2606.00005" not in stored(services)
    assert fill(services)[0] >= 2


def test_what_can_be_no_order_is_refused(services: Services) -> None:
    with pytest.raises(InputError, match=r"no category 'cs\.XX'"):
        fill(services, categories=["cs.XX"])
    with pytest.raises(InputError, match="exchange them"):
        fill(services, since=NOW.date() + DAY)
    assert sets_of(["cs.CV", "hep-th", "astro-ph.CO", "math.AG", "physics.optics"]) == ("cs", "math", "physics")
