"""An import is taken back whole: what is left is what would be there if the page had never come."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from newsletter.archive.importing import KEPT_PAGES
from newsletter.archive.store import imports as imports_store
from newsletter.archive.undoing import UndoReport, undo_import
from newsletter.bootstrap import Services
from newsletter.db import Database
from newsletter.errors import InputError
from newsletter.papers.store import papers as papers_store
from newsletter.search.store import index_new
from newsletter.tables.base import Base
from newsletter.tables.lists import ListImportRow
from newsletter.tables.papers import PaperRow
from newsletter.tables.subscribers import FeedbackRow
from tests.archive.bringing import NOW, bring
from tests.archive.list_pages import README, STORE, TLDR
from tests.factories import a_subscriber
from tests.papers.paper_builder import paper

LATER = NOW + dt.timedelta(days=1)
TABLES = ("papers", "matches", "paper_links", "translations", "search_texts", "lists", "list_topics", "list_blocks")
# Numbers are given once, and times of import differ.
OURS = {"id", "number", "stored_at", "made_at", "imported_at", "list_id", "vector", "upto"}
OTHER = (
    README.replace("NeRF", "SLAM").replace("Fields of Light: $|x|$ Matters", "Fields, as others call them").replace("新", "好")
)


def contents(services: Services) -> set[tuple[Any, ...]]:
    """All of papers and lists but for our own numbers, papers by their refs and lists by their names."""
    found: set[tuple[Any, ...]] = set()
    with services.database.reading() as session:
        refs = dict(session.execute(select(PaperRow.id, PaperRow.ref)).all())
        for name in TABLES:
            for row in session.execute(select(Base.metadata.tables[name])).mappings():
                values = {key: value for key, value in row.items() if key not in OURS}
                if "paper_id" in values:
                    values["paper_id"] = refs.get(values["paper_id"])
                found.add((name, *sorted((key, str(value)) for key, value in values.items())))
    return found


def undo(services: Services, number: int) -> UndoReport:
    return undo_import(services, number, now=LATER)


@pytest.mark.parametrize("text", [README, TLDR, STORE], ids=["tables", "notes", "store"])
def test_what_an_import_stored_goes_and_nothing_else(services: Services, text: str) -> None:
    known = paper(1, ref="2606.10001", title="The True Title", abstract="What it says.")
    with services.database.transaction() as session:
        papers_store.store_papers(session, [(known, [])], now=NOW)
    index_new(services.database)
    before = contents(services)
    number = bring(services, text).number
    assert contents(services) > before
    assert undo(services, number).again == ()
    assert contents(services) == before
    with services.database.reading() as session:
        assert [(one.id, one.papers, one.undone_at) for one in imports_store.imports(session)] == [(number, 0, LATER)]
    with pytest.raises(InputError, match="taken back before"):
        undo(services, number)
    assert bring(services, text).number > number


def test_what_another_page_said_too_stays_as_that_one_says_it(services: Services) -> None:
    bring(services, OTHER, "other")
    alone = contents(services)
    undo(services, 1)
    first = bring(services, README, "first").number
    bring(services, OTHER, "other")
    assert undo(services, first).again == ("other",)
    assert contents(services) == alone


def test_the_page_that_an_import_took_the_place_of_stands_again(quick: Services) -> None:
    bring(quick, README, "mine")
    before = contents(quick)
    second = bring(quick, OTHER + "\n- [A last one](https://arxiv.org/abs/2606.10009)\n", "mine", replace=True).number
    assert undo(quick, second).again == ("mine",)
    assert contents(quick) == before


def test_a_page_that_was_replaced_is_taken_back_under_the_one_that_stands(quick: Services) -> None:
    bring(quick, OTHER, "mine")
    alone = contents(quick)
    undo(quick, 1)
    first = bring(quick, README, "mine").number
    bring(quick, OTHER, "mine", replace=True)
    undo(quick, first)
    assert contents(quick) == alone


def test_what_a_second_import_of_the_same_page_added_goes_alone(quick: Services) -> None:
    bring(quick, README, "mine")
    before = contents(quick)
    second = bring(quick, README, "mine", topics=("Our own things=robotics",)).number
    assert second and contents(quick) != before
    undo(quick, second)
    assert contents(quick) == before


def test_a_paper_that_a_source_has_brought_since_stays_and_is_under_its_own_topics(quick: Services) -> None:
    number = bring(quick, README, "mine").number
    brought = paper(1, ref="2606.10001", version=2, title="Neural radiance fields for all", abstract="A neural radiance field.")
    with quick.database.transaction() as session:
        papers_store.store_papers(session, [(brought, [])], now=NOW)
    report = undo(quick, number)
    with quick.database.reading() as session:
        found = papers_store.papers_by_refs(session, ["2606.10001", "2606.10002"])
        assert list(found) == ["2606.10001"]
        matches = papers_store.matches_of(session, [found["2606.10001"].id])[found["2606.10001"].id]
    assert ("nerf", False) in [(one.topic, one.reason.startswith("list: ")) for one in matches]
    assert not found["2606.10001"].links and report.stay == ()


def judge(session: Session) -> None:
    one = papers_store.paper_by_ref(session, "2606.10003")
    assert one is not None
    session.add(FeedbackRow(subscriber_id=a_subscriber(session, "nerf"), paper_id=one.id, value=1, at=NOW))


def test_a_paper_that_somebody_judged_stays_and_is_told(quick: Services) -> None:
    number = bring(quick, README, "mine").number
    with quick.database.transaction() as session:
        judge(session)
    assert undo(quick, number).stay == ("2606.10003",)
    with quick.database.reading() as session:
        assert papers_store.paper_by_ref(session, "2606.10003") is not None


@dataclass(frozen=True)
class Hurried(Database):
    """A database in which something happens just before the next transaction."""

    first: Callable[[Session], None]

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        with super().transaction() as session:
            self.first(session)
        with super().transaction() as session:
            yield session


def test_an_opinion_that_comes_while_an_import_is_taken_back_is_kept(services: Services) -> None:
    number = bring(services, README, "mine").number
    hurried = replace(services, database=Hurried(services.database.engine, judge))
    with pytest.raises(InputError, match="changed meanwhile"):
        undo(hurried, number)
    with services.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(FeedbackRow)) == 1
    assert undo(services, number).stay == ("2606.10003",)


def forget_imports(services: Services) -> None:
    with services.database.transaction() as session:
        session.execute(delete(ListImportRow))


def test_a_list_from_before_imports_were_noted_stays_when_a_later_import_of_its_page_goes(quick: Services) -> None:
    bring(quick, README, "mine", topics=("NeRF=slam",))
    forget_imports(quick)
    before = contents(quick)
    second = bring(quick, README, "mine", topics=("Our own things=robotics",)).number
    assert contents(quick) != before
    undo(quick, second)
    assert contents(quick) == before


def test_a_list_whose_page_nobody_kept_is_not_lost_with_the_one_in_its_place(quick: Services) -> None:
    bring(quick, README, "mine")
    forget_imports(quick)
    second = bring(quick, OTHER, "mine", replace=True).number
    before = contents(quick)
    with pytest.raises(InputError, match=rf"import {second} cannot be taken back: the page before it, import 1, is not kept"):
        undo(quick, second)
    assert contents(quick) == before


def test_the_last_pages_of_a_name_are_kept_and_no_more(quick: Services) -> None:
    bring(quick, STORE, "another")
    numbers = [bring(quick, f"{README}\nNote {n}.\n", "mine", replace=True).number for n in range(KEPT_PAGES + 1)]
    with quick.database.reading() as session:
        assert [bool(imports_store.page_of(session, number)) for number in (1, *numbers)] == [True, False, *[True] * KEPT_PAGES]
    undo(quick, 1)
    for number in numbers[:1:-1]:
        undo(quick, number)
    with pytest.raises(InputError, match="is not kept"):
        undo(quick, numbers[1])


def test_an_import_that_is_none_is_named(quick: Services) -> None:
    with pytest.raises(InputError, match="no import 7"):
        undo(quick, 7)
