"""The announcement feeds and the query API together: one store, exact days, and nothing lost when a road fails."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from newsletter.bootstrap import Services
from newsletter.daily import fetch
from newsletter.papers.calendar import announced_at, deadline_of
from newsletter.papers.store import papers as papers_store
from newsletter.values.papers import Paper
from tests.papers.arxiv.fake_feeds import FakeFeeds, FakeItem
from tests.papers.arxiv.fake_query_api import FakeArxiv, FakePaper, Fault, some_paper
from tests.services import give_catalogue

CATEGORIES = ("cs.CV", "cs.LG", "cs.RO", "cs.SD")
WEDNESDAY, THURSDAY, FRIDAY, MONDAY = (dt.date(2026, 6, day) for day in (24, 25, 26, 29))
HOUR = dt.timedelta(hours=1)
CATALOGUE = """
- slug: things
  names: {en: Things, zh-CN: 物, zh-TW: 物, ja: 物}
  means: All papers of these tests.
  categories: [cs.CV, cs.LG, cs.RO, cs.SD]
  strong: [paper number]
"""


def on(day: dt.date, number: int, *, held: dt.timedelta = dt.timedelta(), **fields: object) -> FakePaper:
    """A paper of the announcement ``day``, submitted ``held`` before its deadline's last hour."""
    return some_paper(number, submitted=deadline_of(day) - HOUR / 2 - held, **{"categories": ("cs.CV", "cs.LG"), **fields})


def as_item(paper: FakePaper, kind: str = "new") -> FakeItem:
    return FakeItem(paper.ref, paper.version, kind, paper.title, paper.abstract, ", ".join(paper.authors), paper.categories)


class Outside:
    """Both roads and the service between them."""

    def __init__(self, arxiv: FakeArxiv, feeds: FakeFeeds, services: Services) -> None:
        self.arxiv, self.feeds, self.services = arxiv, feeds, services

    def announce(self, *papers: FakePaper, in_api: bool = True, others: tuple[FakeItem, ...] = ()) -> None:
        """The feeds turn to these papers and other items; the API has the papers too, unless it trails."""
        for category in CATEGORIES:
            new = [as_item(paper) for paper in papers if paper.categories[0] == category]
            cross = [as_item(paper, "cross") for paper in papers if category in paper.categories[1:]]
            self.feeds.items[category] = [*new, *cross, *(item for item in others if category in item.categories)]
        if in_api:
            self.arxiv.papers += papers

    def fetch(self, at: dt.date, hours: float = 1, **options: object) -> fetch.FetchReport:
        self.feeds.asked.clear()
        self.arxiv.requests.clear()
        return fetch.fetch(self.services, now=announced_at(at) + hours * HOUR, attempts=1, **options)  # type: ignore[arg-type]

    def stored(self, ref: str) -> Paper | None:
        with self.services.database.reading() as session:
            return papers_store.paper_by_ref(session, ref)

    def days(self) -> dict[str, tuple[dt.date, bool]]:
        """Announcement day and whether it is exact, by ref."""
        with self.services.database.reading() as session:
            return {
                paper.ref: (paper.announced_on, not paper.announced_estimated)
                for paper in papers_store.papers_after(session, -(10**9))
            }


@pytest.fixture
def outside(sqlite_url: str, make_services: Callable[..., Services]) -> Iterator[Outside]:
    arxiv, feeds = FakeArxiv([]), FakeFeeds({})
    with arxiv as api_url, feeds as feed_url:
        services = make_services(sqlite_url, ARXIV_API_URL=api_url, ARXIV_FEED_URL=feed_url)
        give_catalogue(services, CATALOGUE)
        yield Outside(arxiv, feeds, services)


def test_a_paper_held_by_moderation_stands_under_the_day_that_its_feed_names(outside: Outside) -> None:
    held = on(FRIDAY, 1, held=dt.timedelta(days=2))
    outside.announce(held, on(FRIDAY, 2))
    told: list[tuple[str, int, int]] = []
    report = outside.fetch(FRIDAY, tell=lambda *step: told.append(step))
    assert outside.days() == {held.ref: (FRIDAY, True), "2606.00002": (FRIDAY, True)}
    assert (report.new, report.problem) == (2, "")
    assert [step for step in told if step[0] == "asking the feeds"] == [("asking the feeds", n, 4) for n in range(4)]
    assert ("reading arXiv", 1, 1) in told


def test_the_api_s_full_record_is_stored_where_both_roads_name_a_paper(outside: Outside) -> None:
    outside.announce(on(FRIDAY, 1, comment="8 pages"))
    outside.fetch(FRIDAY)
    stored = outside.stored("2606.00001")
    assert stored is not None
    assert stored.comment == "8 pages"


def test_a_paper_that_the_api_does_not_have_yet_comes_by_its_feed_and_is_completed_later(outside: Outside) -> None:
    trailing = on(FRIDAY, 1, comment="8 pages, https://github.com/a/b", authors=("Ada Byron",))
    outside.announce(trailing, in_api=False)
    report = outside.fetch(FRIDAY)
    stored = outside.stored(trailing.ref)
    assert stored is not None
    assert (stored.announced_on, stored.announced_estimated, stored.authors) == (FRIDAY, False, ("Ada Byron",))
    assert any("1 of them unknown to the query API" in note for note in report.notes)
    outside.arxiv.papers.append(trailing)
    assert (outside.fetch(FRIDAY, 5).new, outside.fetch(FRIDAY, 6).updated) == (0, 0)
    completed = outside.stored(trailing.ref)
    assert completed is not None
    assert (completed.comment, completed.submitted) == ("8 pages, https://github.com/a/b", trailing.submitted)
    assert [link.url for link in completed.links] == ["https://github.com/a/b"]
    assert (completed.number, completed.announced_on, completed.announced_estimated) == (stored.number, FRIDAY, False)


def test_a_paper_stored_with_an_estimated_day_gets_the_exact_one(outside: Outside) -> None:
    early = on(THURSDAY, 1)
    outside.arxiv.papers.append(early)
    outside.fetch(THURSDAY)
    assert outside.days() == {early.ref: (THURSDAY, False)}
    outside.arxiv.papers.clear()
    outside.announce(early, *(on(FRIDAY, number) for number in range(2, 8)))
    report = outside.fetch(FRIDAY)
    assert outside.days()[early.ref] == (FRIDAY, True)
    assert any("1 estimated days put right" in note for note in report.notes), report.notes


def test_cross_lists_and_replacements_never_make_a_stored_paper_new(outside: Outside) -> None:
    known = on(WEDNESDAY, 1)
    outside.announce(known)
    outside.fetch(WEDNESDAY)
    before = outside.stored(known.ref)
    second = replace(as_item(known, "replace"), version=2, title="Paper number 1, revised")
    crossed = replace(as_item(known, "cross"), categories=("cs.RO",))
    unknown = FakeItem("1905.00001", 3, "replace", "Old", categories=("cs.CV",))
    outside.announce(on(THURSDAY, 2), others=(second, crossed, unknown))
    assert outside.fetch(THURSDAY).new == 1
    after = outside.stored(known.ref)
    assert before is not None
    assert after is not None
    assert (after.version, after.title) == (2, "Paper number 1, revised")
    assert (after.number, after.announced_on) == (before.number, before.announced_on)
    assert outside.stored("1905.00001") is None


def test_a_paper_cross_listed_into_our_categories_is_new_to_us(outside: Outside) -> None:
    outside.announce(
        on(FRIDAY, 1), others=(FakeItem("2605.00009", 1, "cross", "Paper number 9", categories=("math.OC", "cs.CV")),)
    )
    assert outside.fetch(FRIDAY).new == 2
    assert outside.days()["2605.00009"] == (FRIDAY, True)


def test_where_the_feeds_fail_the_api_alone_brings_the_papers_and_the_other_way_round(outside: Outside) -> None:
    outside.announce(on(FRIDAY, 1))
    outside.feeds.faults["*"] = [503] * 20
    report = outside.fetch(FRIDAY)
    assert outside.days() == {"2606.00001": (FRIDAY, False)}
    assert "feed of" in report.problem
    outside.feeds.faults.clear()
    outside.arxiv.faults = [Fault.UNAVAILABLE] * 20
    outside.announce(on(MONDAY, 2), in_api=False)
    report = outside.fetch(MONDAY)
    assert outside.days()["2606.00002"] == (MONDAY, True)
    assert "503" in report.problem
    assert report.samples == 0


def test_a_back_fill_asks_the_api_alone(outside: Outside) -> None:
    outside.announce(on(FRIDAY, 1))
    outside.fetch(MONDAY, since=THURSDAY, until=FRIDAY)
    assert outside.feeds.asked == []
    assert outside.days() == {"2606.00001": (FRIDAY, False)}


def test_until_the_newest_batch_is_out_a_routine_fetch_asks_three_feeds_and_nothing_else(outside: Outside) -> None:
    outside.announce(*(on(THURSDAY, number, categories=("cs.CV", "cs.LG", "cs.RO", "cs.SD")) for number in range(1, 4)))
    outside.fetch(THURSDAY, routine=True)
    assert sorted(outside.feeds.asked) == sorted(CATEGORIES)
    report = outside.fetch(FRIDAY, 0.5, routine=True)
    assert (len(outside.feeds.asked), len(outside.arxiv.requests)) == (3, 0)
    assert any(f"announcement of {FRIDAY} has brought nothing yet" in note for note in report.notes)
    outside.announce(on(FRIDAY, 9))
    assert outside.fetch(FRIDAY, 1, routine=True).new == 1
    assert outside.days()["2606.00009"] == (FRIDAY, True)


def test_the_api_is_asked_too_where_the_feeds_stay_behind_for_hours(outside: Outside) -> None:
    outside.announce(on(THURSDAY, 1))
    outside.fetch(THURSDAY)
    outside.arxiv.papers.append(on(FRIDAY, 2))
    outside.fetch(FRIDAY, 4, routine=True)
    assert outside.days()["2606.00002"] == (FRIDAY, False)


def test_once_all_is_in_a_routine_fetch_asks_nothing(outside: Outside) -> None:
    outside.announce(on(FRIDAY, 1, categories=CATEGORIES))
    outside.fetch(FRIDAY, routine=True)
    assert len(outside.feeds.asked) + len(outside.arxiv.requests) <= len(CATEGORIES) + 10
    report = outside.fetch(FRIDAY, 30, routine=True)
    assert outside.feeds.asked == outside.arxiv.requests == []
    assert report.notes == ("arXiv announced nothing today (weekend or holiday)",)


def test_an_announcement_far_smaller_than_usual_is_told(outside: Outside) -> None:
    for place, day in enumerate((dt.date(2026, 6, 22), dt.date(2026, 6, 23), WEDNESDAY, THURSDAY)):
        outside.announce(*(on(day, 100 * place + number) for number in range(1, 13)))
        assert not any("less than usual" in note for note in outside.fetch(day).notes)
    outside.announce(on(FRIDAY, 900))
    assert any("far less than usual" in note for note in outside.fetch(FRIDAY).notes)
