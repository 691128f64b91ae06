"""Storing papers, on SQLite and on PostgreSQL: what a second fetch may change, and what it never may."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Sequence
from dataclasses import replace

import pytest
from sqlalchemy import event

from newsletter.db import Database
from newsletter.errors import PermanentError
from newsletter.papers.store import papers as papers_store
from newsletter.papers.store.days import ids_of_topic
from newsletter.values.papers import LinkKind, Paper, PaperLink
from newsletter.values.topics import Match
from tests.papers.paper_builder import match, paper, sample

NOW = dt.datetime(2026, 6, 25, 1, 0, tzinfo=dt.UTC)
CODE = PaperLink(LinkKind.CODE, "https://github.com/a/b", "abstract")
FOUND = PaperLink(LinkKind.CODE, "https://github.com/a/found", "huggingface")


def put(database: Database, *papers: Paper, matches: Sequence[Match] = ()) -> papers_store.StoreCount:
    with database.transaction() as session:
        return papers_store.store_papers(session, [(p, [m for m in matches if m.ref == p.ref]) for p in papers], now=NOW)


def get(database: Database, ref: str) -> Paper:
    with database.reading() as session:
        found = papers_store.paper_by_ref(session, ref)
    assert found is not None
    return found


def test_a_paper_comes_back_as_it_was_stored_with_its_place_in_the_order(database: Database) -> None:
    given = paper(1, comment="8 pages", doi="10.1/x", journal_ref="J. 1", withdrawn=True, links=(CODE,))
    assert put(database, given) == papers_store.StoreCount(new=1)
    stored = get(database, given.ref)
    assert replace(stored, id=0, number=0) == given
    assert stored.number == 1


def test_the_same_paper_again_is_unchanged(database: Database) -> None:
    put(database, paper(1), paper(2))
    assert put(database, paper(1), paper(2)) == papers_store.StoreCount(unchanged=2)


def test_a_newer_version_updates_in_place_and_keeps_number_and_announcement_day(database: Database) -> None:
    first = paper(1, links=(CODE,))
    put(database, first, paper(2), matches=[match(first, "nerf")])
    before = get(database, first.ref)
    second = replace(
        first,
        version=2,
        title="Better",
        abstract="Anew.",
        updated=NOW,
        announced_on=dt.date(2026, 7, 1),
        links=(PaperLink(LinkKind.PROJECT, "https://a.github.io/b", "abstract"),),
    )
    assert put(database, second, matches=[match(second, "slam")]) == papers_store.StoreCount(updated=1)
    after = get(database, first.ref)
    assert after == replace(second, id=before.id, number=before.number, announced_on=before.announced_on)
    with database.reading() as session:
        assert [m.topic for m in papers_store.matches_of(session, [after.id])[after.id]] == ["slam"]


def test_a_changed_comment_or_category_of_the_same_version_is_stored(database: Database) -> None:
    put(database, paper(1))
    assert put(database, paper(1, comment="Accepted at CVPR", categories=("cs.CV", "cs.RO"))).updated == 1
    assert get(database, paper(1).ref).comment == "Accepted at CVPR"
    assert get(database, paper(1).ref).categories == ("cs.CV", "cs.RO")


def test_an_older_version_never_overwrites_a_newer_one(database: Database) -> None:
    put(database, paper(1, version=3, title="Third"))
    assert put(database, paper(1, version=2, title="Second")) == papers_store.StoreCount(unchanged=1)
    assert get(database, paper(1).ref).title == "Third"


def test_an_update_keeps_links_that_an_outside_service_found(database: Database) -> None:
    put(database, paper(1, links=(CODE, FOUND)))
    put(database, paper(1, version=2))
    assert get(database, paper(1).ref).links == (FOUND,)


def test_a_paper_given_twice_counts_once_by_its_newest_version(database: Database) -> None:
    assert put(database, paper(1), paper(1, version=2, title="Second"), paper(1)) == papers_store.StoreCount(new=1)
    assert get(database, paper(1).ref).title == "Second"


def test_the_same_link_or_match_twice_is_stored_once(database: Database) -> None:
    given = paper(1, links=(CODE, CODE))
    put(database, given, matches=[match(given), match(given)])
    assert get(database, given.ref).links == (CODE,)


def test_storing_nothing_is_nothing(database: Database) -> None:
    assert put(database) == papers_store.StoreCount()


def test_samples_and_real_papers_never_mix(database: Database) -> None:
    with pytest.raises(PermanentError, match="sample"):
        put(database, paper(1), sample(1))
    put(database, paper(1))
    with pytest.raises(PermanentError, match="sample"):
        put(database, sample(1))


def test_real_papers_are_refused_while_samples_stand_and_taken_once_these_are_removed(database: Database) -> None:
    put(database, sample(1), sample(2), matches=[match(sample(1))])
    with pytest.raises(PermanentError, match="remove the samples"):
        put(database, paper(1))
    with database.transaction() as session:
        assert papers_store.remove_samples(session) == 2
        papers_store.store_papers(session, [(paper(1), [])], now=NOW)
    with database.reading() as session:
        assert papers_store.has_papers(session, sample=False)
        assert not papers_store.has_papers(session, sample=True)


def test_the_id_of_a_removed_sample_is_never_given_again(database: Database) -> None:
    put(database, sample(1))
    old = get(database, "sample-01").id
    with database.transaction() as session:
        papers_store.remove_samples(session)
        papers_store.store_papers(session, [(paper(1), [])], now=NOW)
    assert get(database, paper(1).ref).id > old


def test_a_failed_transaction_leaves_neither_papers_nor_a_gap(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.transaction() as session:
        papers_store.store_papers(session, [(paper(1), [])], now=NOW)
        raise ZeroDivisionError
    put(database, paper(2))
    assert get(database, paper(2).ref).number == 1


def test_two_processes_that_store_the_same_papers_first_at_once_store_each_once(database: Database) -> None:
    counts: list[papers_store.StoreCount] = []
    barrier = threading.Barrier(2)

    def run() -> None:
        barrier.wait()
        counts.append(put(database, *(paper(n) for n in range(1, 30))))

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted((count.new, count.unchanged) for count in counts) == [(0, 29), (29, 0)]


def test_two_thousand_papers_take_few_statements_new_and_again(database: Database) -> None:
    papers = [(paper(n, links=(CODE,)), [match(paper(n))]) for n in range(1, 2001)]
    again = [(replace(p, version=2), m) for p, m in papers]
    statements: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    with database.transaction() as session:
        assert papers_store.store_papers(session, papers, now=NOW).new == 2000
    with database.transaction() as session:
        assert papers_store.store_papers(session, again, now=NOW).updated == 2000
    assert len(statements) < 100


def test_the_reading_functions_of_an_empty_store_say_so(database: Database) -> None:
    with database.reading() as session:
        assert papers_store.highest_number(session) == 0
        assert papers_store.newest_day(session) is None
        assert papers_store.announcement_days(session, limit=5) == []
        assert papers_store.number_before(session, dt.date(2026, 6, 25)) == 0
        assert papers_store.papers_after(session, 0) == []
        assert papers_store.papers_by_ids(session, [1]) == {}
        assert papers_store.paper_by_ref(session, "2606.00001") is None
        assert papers_store.last_fetch(session) is None
        assert not papers_store.has_papers(session, sample=False)


def test_a_cursor_before_a_day_shows_all_papers_of_that_day_however_late_one_came(database: Database) -> None:
    day, later = dt.date(2026, 6, 25), dt.date(2026, 6, 26)
    put(database, paper(1, announced_on=day), paper(2, announced_on=later), paper(3, announced_on=day))
    with database.reading() as session:
        assert papers_store.number_before(session, later) == 1
        assert papers_store.number_before(session, day) == 0
        assert papers_store.number_before(session, dt.date(2026, 6, 29)) == 3
        assert papers_store.newest_day(session) == later
        assert papers_store.announcement_days(session, limit=5) == [(later, 1), (day, 2)]
        assert papers_store.announcement_days(session, limit=1) == [(later, 1)]
        assert [p.ref for p in papers_store.papers_after(session, 1)] == ["2606.00002", "2606.00003"]


def test_papers_of_a_day_come_by_number_and_those_of_a_topic_best_first(database: Database) -> None:
    put(database, *(papers := [paper(n) for n in (1, 2, 3)]), matches=[match(papers[0]), match(papers[2], score=2.0)])
    with database.reading() as session:
        day = papers[0].announced_on
        assert [p.ref for p in papers_store.papers_announced(session, day)] == [p.ref for p in papers]
        stored = {number: get(database, paper(number).ref).id for number in (1, 3)}
        assert ids_of_topic(session, "nerf", most=2) == [stored[3], stored[1]]
        assert ids_of_topic(session, "nerf", most=1) == [stored[3]]
        assert ids_of_topic(session, "none", most=2) == []


def test_matches_are_replaced_whole_and_an_empty_list_takes_all_away(database: Database) -> None:
    put(database, paper(1), matches=[match(paper(1), "nerf"), match(paper(1), "slam", 3.0)])
    stored = get(database, paper(1).ref)
    with database.transaction() as session:
        assert [m.topic for m in papers_store.matches_of(session, [stored.id])[stored.id]] == ["slam", "nerf"]
        papers_store.replace_matches(session, {stored.id: [match(stored, "rag")]})
        assert [m.topic for m in papers_store.matches_of(session, [stored.id])[stored.id]] == ["rag"]
        papers_store.replace_matches(session, {stored.id: []})
        assert papers_store.matches_of(session, [stored.id]) == {}


def test_the_last_fetch_is_the_one_that_started_last(database: Database) -> None:
    def record(hour: int, error: str = "") -> papers_store.FetchRecord:
        at = dt.datetime(2026, 6, 25, hour, tzinfo=dt.UTC)
        return papers_store.FetchRecord("arxiv", at, at, dt.date(2026, 6, 11), dt.date(2026, 6, 25), 5, 3, 1, error)

    with database.transaction() as session:
        for one in (record(2), record(4, "no answer"), record(3)):
            papers_store.record_fetch(session, one)
    with database.reading() as session:
        assert papers_store.last_fetch(session) == record(4, "no answer")


def test_papers_from_before_the_beginning_lie_under_every_cursor(database: Database) -> None:
    put(database, paper(1), paper(2))
    with database.transaction() as session:
        covered = papers_store.highest_number(session)
        old = [(paper(number), ()) for number in (3, 4, 5)]
        assert papers_store.store_papers(session, old, now=NOW, new_to_readers=False).new == 3
        papers_store.store_papers(session, [(paper(6), ())], now=NOW, new_to_readers=False)
    put(database, paper(7))
    with database.reading() as session:
        assert [p.ref for p in papers_store.papers_after(session, covered)] == [paper(7).ref]
        assert len(papers_store.papers_after(session, -100)) == 7
