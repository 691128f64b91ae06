"""What follows from feeds: a new announcement or the same, which day it is, and what is new in it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import pytest

from newsletter.papers.announcements import (
    AnnounceType,
    Batch,
    Decision,
    Item,
    Shown,
    decide,
    has_turned,
    new_version_of,
    paper_of,
    pending,
)
from newsletter.papers.calendar import announcement_day, deadline_of
from tests.papers.paper_builder import paper

FRIDAY = dt.date(2026, 6, 26)
THURSDAY = dt.date(2026, 6, 25)
NOW = dt.datetime(2026, 6, 26, 3, 0, tzinfo=dt.UTC)
BEFORE = {f"2606.{number:05d}": deadline_of(THURSDAY) for number in range(100)}
TODAY = {ref: deadline_of(FRIDAY) for ref in BEFORE}


def item(number: int, type: str = "new", version: int = 1) -> Item:
    return Item(f"2606.{number:05d}", version, AnnounceType(type), f"Paper {number}", "Text.", ("Ada Byron",), ("cs.CV",))


def batch(items: Iterable[Item], day: dt.date = THURSDAY, category: str = "cs.CV") -> Batch:
    return Batch(category, day, frozenset(one.key for one in items))


def decided(items: Iterable[Item], *last: Batch, submitted: dict[str, dt.datetime] | None = None) -> Decision:
    return decide({"cs.CV": Shown(tuple(items))}, {one.category: one for one in last}, submitted=submitted or {}, now=NOW)


def test_the_first_feed_ever_seen_is_the_newest_announcement() -> None:
    decision = decided([item(1), item(2, "cross"), item(3, "replace", 2)])
    assert {ref: listed.day for ref, listed in decision.listed.items()} == {"2606.00001": FRIDAY, "2606.00002": FRIDAY}
    assert list(decision.replaced) == ["2606.00003"]
    assert decision.batches == (batch([item(1), item(2, "cross"), item(3, "replace", 2)], FRIDAY),)


def test_a_feed_that_shows_the_same_again_brings_nothing() -> None:
    items = [item(1), item(2)]
    decision = decided(items, batch(items))
    assert (decision.listed, decision.replaced) == ({}, {})
    assert decision.batches[0].day == THURSDAY


def test_a_stale_feed_with_an_item_more_brings_only_that_one_under_its_own_day() -> None:
    items = [item(1), item(2)]
    decision = decided([*items, item(3)], batch(items))
    assert {ref: listed.day for ref, listed in decision.listed.items()} == {"2606.00003": THURSDAY}
    assert decision.batches[0] == batch([*items, item(3)], THURSDAY)
    assert pending({"cs.CV": decision.batches[0]}, ["cs.CV"], now=NOW) == ["cs.CV"]


def test_an_empty_feed_forgets_nothing() -> None:
    last = batch([item(1)])
    assert not has_turned(last, [])
    assert decided([], last).batches == (last,)


def test_a_late_feed_whose_batch_was_missed_stands_under_the_day_of_its_submissions() -> None:
    """Fetched right after an announcement, before the feed shows it, by a service that was down the day before."""
    items = [item(number) for number in range(1, 9)]
    decision = decided(items, submitted=BEFORE)
    assert {listed.day for listed in decision.listed.values()} == {THURSDAY}
    assert pending({"cs.CV": decision.batches[0]}, ["cs.CV"], now=NOW) == ["cs.CV"]


def test_one_paper_of_the_last_hours_shows_that_a_batch_is_the_newest() -> None:
    items = [item(number) for number in range(1, 9)]
    decision = decided(items, submitted=BEFORE | {"2606.00008": TODAY["2606.00008"]})
    assert {listed.day for listed in decision.listed.values()} == {FRIDAY}


def test_a_few_papers_held_back_by_moderation_do_not_move_a_batch() -> None:
    assert {listed.day for listed in decided([item(1), item(2)], submitted=BEFORE).listed.values()} == {FRIDAY}


def test_old_papers_that_are_cross_listed_do_not_move_a_batch() -> None:
    items = [item(number, "cross") for number in range(1, 9)]
    assert {listed.day for listed in decided(items, submitted=BEFORE).listed.values()} == {FRIDAY}


@pytest.mark.parametrize("order", [("cs.CV", "cs.LG"), ("cs.LG", "cs.CV")])
def test_a_paper_that_one_category_calls_new_is_new(order: tuple[str, str]) -> None:
    feeds = {"cs.CV": Shown((item(1),)), "cs.LG": Shown((item(1, "cross"),))}
    decision = decide({category: feeds[category] for category in order}, {}, submitted={}, now=NOW)
    assert decision.listed["2606.00001"].item.type is AnnounceType.NEW


def test_the_highest_version_of_a_replacement_counts() -> None:
    decision = decided([item(1, "replace", 3), item(1, "replace-cross", 2)])
    assert decision.replaced["2606.00001"].version == 3


def test_categories_wait_until_they_have_the_newest_announcement_the_busiest_first() -> None:
    seen = [batch([item(1)]), batch([item(1), item(2)], category="cs.LG"), batch([item(1)], FRIDAY, "cs.RO")]
    assert pending({one.category: one for one in seen}, ["cs.AI", "cs.CV", "cs.LG", "cs.RO"], now=NOW) == [
        "cs.LG",
        "cs.CV",
        "cs.AI",
    ]


def test_a_paper_of_a_feed_stands_under_its_exact_day() -> None:
    made = paper_of(decided([item(1)]).listed["2606.00001"])
    assert (made.announced_on, made.announced_estimated) == (FRIDAY, False)
    assert announcement_day(made.submitted) == FRIDAY


def test_a_replacement_changes_the_text_and_never_the_day() -> None:
    known = paper(1, comment="8 pages")
    newer = new_version_of(known, item(1, "replace", 2), now=NOW)
    assert newer is not None
    assert (newer.version, newer.title, newer.comment) == (2, "Paper 1", "8 pages")
    assert (newer.announced_on, newer.submitted, newer.updated) == (known.announced_on, known.submitted, NOW)
    assert new_version_of(newer, item(1, "replace", 2), now=NOW) is None


def test_a_category_with_too_few_papers_to_tell_goes_by_the_others() -> None:
    """A small feed that is as late as the large one must not make a day of its own."""
    large, small = Shown(tuple(item(number) for number in range(1, 8))), Shown((item(8),))
    decision = decide({"cs.RO": small, "cs.CV": large}, {}, submitted=BEFORE, now=NOW)
    assert {listed.day for listed in decision.listed.values()} == {THURSDAY}
    assert pending({one.category: one for one in decision.batches}, ["cs.CV", "cs.RO"], now=NOW) == ["cs.CV", "cs.RO"]


def test_one_young_paper_of_a_small_category_is_enough_against_the_others() -> None:
    large, small = Shown(tuple(item(number) for number in range(1, 8))), Shown((item(8),))
    decision = decide({"cs.RO": small, "cs.CV": large}, {}, submitted=BEFORE | {"2606.00008": TODAY["2606.00008"]}, now=NOW)
    assert decision.listed["2606.00008"].day == FRIDAY
    assert decision.listed["2606.00001"].day == THURSDAY
