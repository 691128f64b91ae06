"""After an installation was down: all that was announced meanwhile comes, in order, and the next digest covers it."""

from __future__ import annotations

import datetime as dt

import pytest

from newsletter.daily import plan
from newsletter.daily.fetch_schedule import fetch_is_due
from newsletter.papers.calendar import announced_at, announcement_day, announces_on
from newsletter.papers.store import papers as papers_store
from newsletter.subscribers import preferences
from newsletter.subscribers.choices import Choices
from newsletter.tables.subscribers import SubscriberRow
from newsletter.values.mail import DeliveryState
from newsletter.values.saved_queries import Kind, SavedQuery
from tests.daily.ledgers import add, rows, settle
from tests.daily.test_arxiv import FRIDAY, HOUR, MONDAY, Outside, on, outside
from tests.papers.arxiv.fake_query_api import FakePaper, Fault

__all__ = ["outside"]
DAY = dt.timedelta(days=1)
START = dt.date(2026, 6, 9)
MATHS = SavedQuery(Kind.QUERY, "cat:math.AG AND paper")


def announcing(first: dt.date, days: int) -> list[dt.date]:
    return [day for day in (first + n * DAY for n in range(days)) if announces_on(day)]


def a_reader(outside: Outside) -> int:
    return add(outside.services, "things", cursor=0, max_papers=100, confirmed_at=announced_at(START) - DAY)


def morning(outside: Outside, at: dt.datetime) -> None:
    plan.plan(outside.services, now=at)
    settle(outside.services, DeliveryState.SENT, now=at)


def held_by(outside: Outside, reader: int) -> list[list[str]]:
    """The refs of the papers in each digest that left, in the order in which the digests left."""
    digests = [row.contents["papers"] for row in rows(outside.services, reader) if row.state is DeliveryState.SENT]
    with outside.services.database.reading() as session:
        named = papers_store.papers_by_ids(session, [paper_id for pairs in digests for paper_id, _ in pairs])
    return [[named[paper_id].ref for paper_id, _ in pairs] for pairs in digests]


def change(outside: Outside, reader: int, *wanted: SavedQuery | str) -> None:
    """Gives the reader topics and queries beside the topic of all."""
    own = tuple(one for one in wanted if isinstance(one, SavedQuery))
    topics = ("things", *(one for one in wanted if isinstance(one, str)))
    chosen = Choices(topics, "en", "UTC", 6, 50, own)
    preferences.change(outside.services, reader, chosen, pause_until=None, now=announced_at(START))


@pytest.mark.parametrize("down", [1, 5, 30])
def test_what_was_announced_meanwhile_comes_in_order_under_its_day_and_in_one_digest(outside: Outside, down: int) -> None:
    before, missed = on(START, 1), [on(day, 10 + n) for n, day in enumerate(announcing(START + DAY, down))]
    outside.announce(before)
    outside.fetch(START)
    reader = a_reader(outside)
    morning(outside, announced_at(START) + 8 * HOUR)
    outside.arxiv.papers += missed[:-1]
    last = announcement_day(missed[-1].submitted)
    outside.announce(missed[-1])
    report = outside.fetch(last)
    assert (report.problem, report.new) == ("", len(missed))
    stored = [outside.stored(paper.ref) for paper in missed]
    assert [(one.announced_on, one.announced_estimated) for one in stored if one] == [
        (announcement_day(paper.submitted), paper is not missed[-1]) for paper in missed
    ]
    numbers = [one.number for one in stored if one]
    assert numbers == sorted(numbers)
    morning(outside, announced_at(last) + 8 * HOUR)
    morning(outside, announced_at(last) + 32 * HOUR)
    digests = held_by(outside, reader)
    assert [set(refs) for refs in digests] == [{before.ref}, {paper.ref for paper in missed}]


def test_a_long_downtime_is_told(outside: Outside) -> None:
    outside.announce(on(START, 1))
    outside.fetch(START)
    outside.announce(on(START + 28 * DAY, 2))
    report = outside.fetch(START + 28 * DAY)
    assert report.since == START - 14 * DAY
    assert f"arXiv was last read to its end on {START}" in report.notes[0]


def test_a_fetch_that_breaks_off_after_a_downtime_is_made_up_for(outside: Outside) -> None:
    missed = [on(day, 10 + n) for n, day in enumerate(announcing(START + DAY, 30))]
    outside.announce(on(START, 1))
    outside.fetch(START)
    outside.arxiv.papers += missed
    outside.arxiv.faults = [Fault.UNAVAILABLE]
    last = announcement_day(missed[-1].submitted)
    assert outside.fetch(last).problem
    report = outside.fetch(last, 2)
    assert (report.problem, report.new) == ("", len(missed))


def test_more_than_a_year_is_asked_for_by_hand(outside: Outside) -> None:
    outside.announce(on(START, 1))
    outside.fetch(START)
    report = outside.fetch(START + 800 * DAY)
    assert report.since == report.until - 366 * DAY
    assert any("newsletter fetch --since 2026-05-2" in note for note in report.notes), report.notes


def test_a_paper_dated_in_the_future_is_left_out_and_told(outside: Outside) -> None:
    early, soon = (on(FRIDAY, number, dated=announced_at(FRIDAY) + hours * HOUR) for number, hours in ((1, 27), (2, 20)))
    outside.arxiv.papers += [early, soon]
    report = outside.fetch(FRIDAY)
    assert (outside.stored(early.ref), outside.stored(soon.ref) is None) == (None, False)
    assert "1 papers that arXiv dates in the future are left out" in report.notes


# ---------------------------------------------------------------- categories that only readers and their queries ask for


def maths(day: dt.date, number: int) -> FakePaper:
    return on(day, number, categories=("math.AG",))


@pytest.mark.parametrize("wanted", [MATHS, "math.AG", "math"])
def test_a_category_that_a_reader_asks_for_is_fetched_from_its_last_announcement_on(
    outside: Outside, wanted: SavedQuery | str
) -> None:
    old, new, next_one = maths(FRIDAY - 7 * DAY, 1), maths(FRIDAY, 2), maths(MONDAY, 3)
    outside.arxiv.papers += [old, new]
    outside.announce(on(FRIDAY, 4))
    outside.fetch(FRIDAY)
    assert outside.stored(new.ref) is None, "nobody asked"
    reader, other = a_reader(outside), a_reader(outside)
    assert not fetch_is_due(outside.services, now=announced_at(FRIDAY) + HOUR)
    change(outside, reader, wanted)
    assert fetch_is_due(outside.services, now=announced_at(FRIDAY) + HOUR) is isinstance(wanted, str), "somebody may wait"
    outside.fetch(FRIDAY, 2)
    assert "math.AG" in outside.feeds.asked or wanted == "math", "of many new feeds three are asked first"
    assert not fetch_is_due(outside.services, now=announced_at(FRIDAY) + 2 * HOUR)
    morning(outside, announced_at(FRIDAY) + 8 * HOUR)
    assert outside.stored(old.ref) is not None
    outside.arxiv.papers.append(next_one)
    outside.fetch(MONDAY)
    morning(outside, announced_at(MONDAY) + 8 * HOUR)
    assert [set(refs) for refs in held_by(outside, reader)] == [{"2606.00004", new.ref}, {next_one.ref}], (
        "an old one of a category is new to nobody"
    )
    assert [set(refs) for refs in held_by(outside, other)] == [{"2606.00004"}], "what one reader asks for comes to no other"


def test_a_category_is_asked_no_more_when_nobody_wants_it(outside: Outside) -> None:
    reader = a_reader(outside)
    change(outside, reader, MATHS, "math.GT")
    outside.announce(on(FRIDAY, 1))
    outside.fetch(FRIDAY)
    assert {"math.AG", "math.GT"} <= set(outside.feeds.asked)
    change(outside, reader)
    outside.announce(on(MONDAY, 2))
    outside.fetch(MONDAY)
    assert "cs.LG" in outside.feeds.asked
    assert not any(category.startswith("math") for category in outside.feeds.asked)


@pytest.mark.parametrize(
    ("own", "state"),
    [
        (SavedQuery(Kind.EXCLUDE, "cat:math.AG"), "confirmed"),
        (SavedQuery(Kind.QUERY, "paper AND NOT cat:math.AG"), "confirmed"),
        (SavedQuery(Kind.QUERY, "cat:no.SUCH"), "confirmed"),
        (MATHS, "pending"),
        (MATHS, "unsubscribed"),
        ("math.AG", "pending"),
        ("gave-up.XX", "confirmed"),
        ("biorxiv", "confirmed"),
    ],
)
def test_no_category_is_asked_for_that_no_reader_asks_of(outside: Outside, own: SavedQuery | str, state: str) -> None:
    reader = a_reader(outside)
    change(outside, reader, own)
    with outside.services.database.transaction() as session:
        found = session.get(SubscriberRow, reader)
        assert found is not None
        found.state = state
    outside.announce(on(FRIDAY, 1))
    outside.fetch(FRIDAY)
    assert set(outside.feeds.asked) == {"cs.CV", "cs.LG", "cs.RO", "cs.SD"}
