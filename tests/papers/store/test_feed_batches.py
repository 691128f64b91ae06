"""The memory of the feeds, and days made exact."""

from __future__ import annotations

import datetime as dt

from newsletter.db import Database
from newsletter.papers.announcements import Batch
from newsletter.papers.store import feed_batches as announced
from newsletter.papers.store import papers as papers_store
from tests.papers.paper_builder import paper

NOW = dt.datetime(2026, 6, 25, 1, 0, tzinfo=dt.UTC)
THURSDAY, FRIDAY = dt.date(2026, 6, 25), dt.date(2026, 6, 26)


def test_the_last_batch_of_a_category_takes_the_place_of_the_one_before(database: Database) -> None:
    first = Batch("cs.CV", THURSDAY, frozenset({"2606.00001v1 new"}), '"a"')
    second, other = Batch("cs.CV", FRIDAY, frozenset({"2606.00002v1 new"})), Batch("cs.LG", THURSDAY)
    with database.transaction() as session:
        assert announced.batches(session) == {}
        announced.remember(session, [first, other])
        announced.remember(session, [second])
    with database.reading() as session:
        assert announced.batches(session) == {"cs.CV": second, "cs.LG": other}


def test_only_estimated_days_are_put_right_and_counted_where_they_were_wrong(database: Database) -> None:
    papers = [paper(1), paper(2), paper(3, announced_estimated=False), paper(4)]
    with database.transaction() as session:
        papers_store.store_papers(session, [(one, []) for one in papers], now=NOW)
        assert announced.count_estimated(session, THURSDAY) == 3
        days = {"2606.00001": FRIDAY, "2606.00002": THURSDAY, "2606.00003": FRIDAY, "2606.99999": FRIDAY}
        assert announced.make_exact(session, days) == 1
        assert announced.count_estimated(session, THURSDAY) == 1
        found = papers_store.papers_by_refs(session, [one.ref for one in papers])
    assert [found[one.ref].announced_on for one in papers] == [FRIDAY, THURSDAY, THURSDAY, THURSDAY]
    assert [found[one.ref].announced_estimated for one in papers] == [False, False, False, True]


def test_the_day_of_a_paper_that_was_stored_before_stays_where_only_young_ones_are_meant(database: Database) -> None:
    with database.transaction() as session:
        papers_store.store_papers(session, [(paper(1), [])], now=NOW)
        papers_store.store_papers(session, [(paper(2), [])], now=NOW + dt.timedelta(hours=1))
        days = {"2606.00001": FRIDAY, "2606.00002": FRIDAY}
        assert announced.make_exact(session, days, stored_since=NOW + dt.timedelta(hours=1)) == 1
        assert announced.count_estimated(session, THURSDAY) == 1
